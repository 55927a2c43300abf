//! What is sealed as a code word is read as French on paper. What never lives here: which mentions an act writes.

use super::*;
use crate::documents::surroundings::Surroundings;

const SPACE: char = '\u{a0}';

fn surroundings() -> Surroundings {
    let mut around = specimen::surroundings();
    let names = [("CAFE", "Café numérique"), ("FOURM", "CCAS de Fourmies"), ("MAUB", "CCAS de Maubeuge")];
    around.parties.extend(names.map(|(code, name)| (code.to_owned(), Party::named(name))));
    around
}

/// A receipt of this kind with these mentions instead of its own of the same names.
fn with(kind: Kind, mentions: &[(&str, &str)]) -> ReceiptView {
    let mut body = specimen::body(kind);
    for (name, text) in mentions {
        let value = text.parse().map_or_else(|_| Mention::Text((*text).to_owned()), Mention::Number);
        body.mentions.insert((*name).to_owned(), value);
    }
    ReceiptView::new(&specimen::sealed(body), &surroundings())
}

/// What a row says, no-break spaces as plain ones.
fn said(view: &ReceiptView, label: &str) -> String {
    value(view, label).replace([SPACE, '\u{202f}'], " ")
}

/// `unknown_at_address`, `prescriber:MAUB`, `2021-06-01`, `HDF21-…..HDF21-…`, or a list without the French spacing.
fn looks_like_code(text: &str) -> bool {
    let snake = |word: &str| word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let holder = |word: &str| {
        word.split_once(':').is_some_and(|(kind, code)| {
            !code.is_empty() && !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase())
        })
    };
    let day = |word: &str| Day::parse(word).is_ok();
    let word = |word: &str| snake(word) || holder(word) || day(word) || word.contains("..");
    text.split([' ', ',', ';', '(', ')']).any(word)
        || text.match_indices(';').any(|(at, _)| !text[..at].ends_with(SPACE))
}

#[test]
fn no_paper_of_any_kind_shows_a_word_of_the_code() {
    for kind in Kind::ALL {
        let view = ReceiptView::new(&specimen::sealed(specimen::body(*kind)), &surroundings());
        for Row { label, value } in &view.rows {
            // Who established it stands before the agent.
            let text = if label == "Établi par" { "" } else { value.as_str() };
            assert!(!looks_like_code(text), "{kind}: {label} : {value}");
        }
        for side in &view.sides {
            assert!(!looks_like_code(&side.name), "{kind}: {}", side.name);
        }
    }
}

#[test]
fn a_destruction_says_why_in_french() {
    for (reason, words) in [
        ("end_of_validity", "fin de validité passée"),
        ("damaged", "papier inutilisable"),
        ("returned", "carnets revenus, à ne plus remettre"),
        ("misprinted", "erreur d'impression (codes ou numéros)"),
    ] {
        for kind in [Kind::DestructionProposal, Kind::Destruction] {
            assert_eq!(said(&with(kind, &[("reason", reason)]), "Motif"), words);
        }
    }
    assert_eq!(said(&with(Kind::Suspension, &[("reason", "end_of_validity")]), "Motif"), "fin de validité proche");
}

#[test]
fn a_report_of_letters_says_what_became_of_each_in_french() {
    let view = specimen::view(Kind::LetterReport);
    let (one, two) = (serial(122), serial(123));
    assert_eq!(said(&view, "Lettres distribuées"), format!("demande n° 12, carnet {one}, le 01/06/2021"));
    let back = format!("demande n° 13, carnet {two} : destinataire inconnu à l'adresse (NPAI)");
    assert_eq!(said(&view, "Lettres revenues"), back);
    let sent = format!("demande n° 12, carnet {one} ; demande n° 13, carnet {two}");
    assert_eq!(said(&specimen::view(Kind::Mailing), "Lettres"), sent);
}

#[test]
fn an_application_says_what_is_missing_in_words_and_yes_or_no() {
    let lacks = [("complete", "0"), ("conditions_missing", "residence age job_seeker job_search insertion_path")];
    let view = with(Kind::Application, &lacks);
    assert_eq!(said(&view, "Demande complète"), "non");
    assert_eq!(
        said(&view, "Conditions non justifiées"),
        "lieu de résidence ; âge ; être inscrit comme demandeur d'emploi à Pôle emploi ; être en recherche d'emploi ; \
         suivre un parcours d'insertion"
    );
    assert_eq!(said(&specimen::view(Kind::Application), "Demande complète"), "oui");
    assert_eq!(said(&specimen::view(Kind::Payee), "Premier compte de la structure"), "oui");
    let more = with(Kind::Expiry, &[("more", "1")]);
    assert_eq!(said(&more, "Reste à traiter par un prochain acte"), "oui");
    assert_eq!(said(&with(Kind::Claim, &[("more_to_claim", "1")]), "D'autres pass restent à demander"), "oui");
    assert_eq!(said(&with(Kind::CreditNote, &[("part", "1")]), "Avoir sur une partie des pass périmés"), "oui");
    assert_eq!(said(&with(Kind::Acceptance, &[("recall", "1")]), "Envoi repris par son expéditeur"), "oui");
}

#[test]
fn a_count_names_its_holder_and_the_serials_in_excess() {
    let surplus = format!("{} ; {}..{}", serial(160), serial(170), serial(172));
    let view = with(Kind::StockTake, &[("surplus", surplus.as_str()), ("expected_passes", "4100")]);
    let name = "Stock confié : Centre communal d'action sociale de Maubeuge";
    assert_eq!(said(&view, "Détenteur inventorié"), name);
    let runs = format!("{} ; {} à {} (3 carnets)", serial(160), serial(170), serial(172));
    assert_eq!(said(&view, "Numéros en trop"), runs);
    assert_eq!(said(&view, "Pass attendus"), "4 100");
}

#[test]
fn differences_of_an_issuer_say_what_differs_in_words_and_amounts_in_euros() {
    let [one, two, three] = [1, 2, 3].map(|rank| format!("{}/{rank:02}", serial(62)));
    let list = format!("4 amount_differs {one} 900 CAFE; 5 not_redeemed {two} 1000 -; 6 absent {three} 0 CAFE");
    let corrected = [("differences", list.as_str()), ("corrected", "3/5; 3/6"), ("statement_lines", "1500")];
    let view = with(Kind::IssuerStatement, &corrected);
    let told = format!(
        "n° 4, pass {one}, Café numérique : montant différent (9,00 € dit l'émetteur, 10,00 € au registre) ; \
         n° 5, pass {two} : payé, non utilisé au registre (10,00 € dit l'émetteur) ; \
         n° 6, pass {three}, Café numérique : utilisé, absent de l'état"
    );
    assert_eq!(said(&view, "Écarts"), told);
    assert_eq!(said(&view, "Lignes corrigées"), "état n° 3, ligne 5 ; état n° 3, ligne 6");
    assert_eq!(said(&view, "Lignes de l'état"), "1 500");
    assert_eq!(said(&view, "Mois"), "mai 2021");
    let disputed = format!("n° 6, pass {}/01, Le Café numérique d'Hautmont : contesté par le lieu", serial(122));
    assert_eq!(said(&specimen::view(Kind::IssuerDispute), "Écarts"), disputed);
    assert_eq!(said(&with(Kind::IssuerResolution, &[("resolved", "6 7")]), "Écarts résolus"), "n° 6, n° 7");
}

#[test]
fn a_contradictory_statement_says_states_in_words_and_groups_its_counts() {
    let gaps = format!(
        "spent_here used unused {0}/01 {0}/02; unlisted expired - {1}..{2}",
        serial(122),
        serial(200),
        serial(219)
    );
    let view = with(
        Kind::ContradictoryStatement,
        &[("gaps", gaps.as_str()), ("ledger_paid", "28700"), ("listed_passes", "5000")],
    );
    let told = format!(
        "utilisé au registre seul (au registre : utilisé, chez l'émetteur : non utilisé) : {0}/01, {0}/02 ; \
         absent de la liste de l'émetteur (au registre : périmé ou détruit) : {1} à {2} (20 carnets)",
        serial(122),
        serial(200),
        serial(219)
    );
    assert_eq!(said(&view, "Écarts avec l'émetteur"), told);
    assert!(said(&view, "Au registre").contains("payé : 28 700"), "{}", said(&view, "Au registre"));
    assert_eq!(said(&view, "Pass de la liste de l'émetteur"), "5 000");
}

#[test]
fn an_allocation_says_who_sends_what_to_whom_and_the_weights() {
    let view =
        with(Kind::Allocation, &[("sendings", "9 store prescriber:MAUB 1; 10 prescriber:MAUB prescriber:FOURM 3")]);
    let told = "envoi n° 9, de Région Hauts-de-France à CCAS de Maubeuge, 1 carnet ; \
                envoi n° 10, de CCAS de Maubeuge à CCAS de Fourmies, 3 carnets";
    assert_eq!(said(&view, "Envois"), told);
    assert_eq!(said(&view, "Poids"), "CCAS de Maubeuge : 30 000 ; CCAS de Fourmies : 12 000");
    assert_eq!(said(&view, "Clé de la part variable"), "population légale des communes desservies");
}

#[test]
fn what_is_taken_off_payments_is_said_in_euros() {
    assert_eq!(said(&with(Kind::Payment, &[]), "Retenu sur les virements"), "demande n° 12, Café numérique : 10,00 €");
    let told = [("netting_undone", "13 CAFE 1000; 14 CAFE 250000"), ("overpayments_returned", "CAFE 3000")];
    let view = with(Kind::BankReturn, &told);
    let undone = "demande n° 13, Café numérique : 10,00 € ; demande n° 14, Café numérique : 2 500,00 €";
    assert_eq!(said(&view, "Retenues annulées"), undone);
    assert_eq!(said(&view, "Trop-perçus revenus"), "Café numérique : 30,00 €");
    assert_eq!(said(&view, "Format du fichier"), "relevé de compte (camt.053)");
    let several = with(Kind::BankReturn, &[("claims_executed", "12 15 18")]);
    assert_eq!(said(&several, "Demandes payées par la banque"), "n° 12, n° 15, n° 18");
}

#[test]
fn what_was_noted_offline_says_when_in_paris_time() {
    let view = with(Kind::Redemption, &[("scanned_at", "2021-06-02T08:15:00.000Z"), ("device", "bus-1")]);
    assert_eq!(said(&view, "Noté par l'appareil le"), "02/06/2021 à 10:15");
}

/// The mentions whose value is one of a fixed list of words, a yes or no, or several things in one text, as the acts write them.
fn coded_in(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let calls = source.split(".mention(\"").chain(source.split(".mention_some(\"")).skip(1);
    calls.filter_map(|call| {
        let (name, rest) = call.split_once("\", ")?;
        let value = rest.lines().next()?;
        let coded =
            ["as_str()", "as_str)", "join(", "then_some(1_i64)", "then_some(ERASED)", "said(", "listed(", "taken_off("];
        let holder = ["dispatch.to.", "dispatch.from.", "holder.to_string"];
        coded.iter().chain(&holder).any(|sign| value.contains(sign)).then_some((name, value))
    })
}

fn sources(folder: &std::path::Path, take: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, take);
        } else {
            take(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn no_mention_that_holds_a_word_of_the_code_is_shown_as_it_is_sealed() {
    let domain = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    let mut found = 0;
    sources(&domain, &mut |source| {
        for (name, written) in coded_in(source) {
            // Numbers of orders are typed by people, and stand beside each other.
            if name == "order_numbers" || name.len() > 40 {
                continue;
            }
            found += 1;
            let form = MENTIONS.iter().find(|(known, ..)| *known == name).map(|(.., form)| *form);
            assert!(form.is_some_and(|form| form != Form::Plain), "{name}: {written}");
        }
    });
    assert!(found > 30, "{found}");
}

#[test]
fn every_mention_that_an_act_writes_has_a_french_name() {
    let domain = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    sources(&domain, &mut |source| {
        for call in [".mention(\"", ".mention_some(\""] {
            for (name, _) in source.split(call).skip(1).filter_map(|rest| rest.split_once("\", ")) {
                let listed = MENTIONS.iter().any(|(known, ..)| *known == name);
                assert!(listed || name.contains(|c: char| !c.is_ascii_lowercase() && c != '_'), "{name}");
            }
        }
    });
}

#[test]
fn nothing_that_is_sealed_is_hidden() {
    // Identifiers whose words are shown.
    let in_words = ["destination", "sender", "ground", "venue", "order", "venue_commune", "receiver_registration"];
    for kind in Kind::ALL {
        let body = specimen::body(*kind);
        let view = ReceiptView::new(&specimen::sealed(body.clone()), &surroundings());
        let shown = format!("{view:?}").replace("\\u{a0}", " ").replace("\\u{202f}", "");
        for (name, .., form) in MENTIONS {
            let Some(Mention::Text(text)) = body.mentions.get(*name) else { continue };
            if matches!(form, Form::Elsewhere) && !in_words.contains(name) && Day::parse(text).is_err() {
                assert!(shown.contains(text.as_str()), "{kind}: {name} {text}");
            }
        }
    }
}

#[test]
fn the_order_of_a_payment_says_its_number_and_that_of_a_mandate_what_it_pays() {
    assert_eq!(said(&specimen::view(Kind::Payment), "Mandat de paiement"), "2021-MP-4711");
    let paid = [("booklets", "500"), ("passes", "5000"), ("value_cents", "5000000")];
    let view = with(Kind::Activation, &paid);
    assert_eq!(said(&view, "Carnets commandés"), "500");
    assert_eq!(said(&view, "Pass de la commande"), "5 000");
    assert_eq!(said(&view, "Valeur faciale de la commande"), "50 000,00 €");
    let refused = with(Kind::ApplicationDecision, &[("decision", "refused"), ("reason", "not_eligible")]);
    assert_eq!(said(&refused, "Motif"), "conditions non remplies");
}
