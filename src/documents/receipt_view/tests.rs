//! What a document says, kind by kind.

mod hands;
mod words;

use super::*;
use crate::documents::Party;
use crate::documents::specimen::{self, serial};
use crate::domain::identity::Identity;
use crate::people;

fn value<'v>(view: &'v ReceiptView, label: &str) -> &'v str {
    view.rows.iter().find(|row| row.label == label).map_or("", |row| row.value.as_str())
}

#[test]
fn every_kind_is_titled_numbered_dated_and_signed() {
    for kind in Kind::ALL {
        let view = specimen::view(*kind);
        assert_eq!(view.title, kind.title());
        assert!(view.moment.starts_with("02/06/2021 à 11:06 (heure de Paris), "), "{}", view.moment);
        assert!(!view.signatures.is_empty() && view.signatures.len() <= 2, "{kind}");
        assert!(value(&view, "Établi par").starts_with(&view.office));
        assert_eq!(view.qr_text, format!("{}.{}", view.number, &view.hash[..16]));
    }
}

#[test]
fn a_dispatch_names_both_sides_the_runs_and_the_total_in_figures_and_words() {
    let view = specimen::view(Kind::Dispatch);
    let [giver, receiver] = view.sides.as_slice() else { panic!("two sides") };
    assert_eq!(
        (giver.name.as_str(), receiver.name.as_str()),
        ("Région Hauts-de-France", "Centre communal d'action sociale de Maubeuge")
    );
    assert_eq!(receiver.details, ["SIRET\u{a0}215\u{a0}903\u{a0}923\u{a0}00019, en dépôt"]);
    let amount = view.amount.clone().unwrap();
    assert_eq!(amount.quantity, "43 carnets, 430 pass");
    assert_eq!(amount.total, "4\u{202f}300,00\u{a0}€");
    assert_eq!(amount.words, "Arrêté à la somme de quatre mille trois cents euros.");
    let [lot] = view.lots.as_slice() else { panic!("one lot") };
    assert_eq!(lot.serials[0], format!("{} à {} (20 carnets)", serial(101), serial(120)));
    assert_eq!(lot.serials[1], serial(122));
    assert!(view.caveat.ends_with("Titre de détention : convention de mandat n° 2021-14."));
    let order = "CMD-2021-0042, mandat de paiement n° 2021-M-0815\u{a0}; financement\u{a0}: État 100,00 %";
    assert_eq!(value(&view, "Commande"), order);
    assert_eq!(value(&view, "Fin de validité"), "31/12/2023 (fin du délai de grâce : 30/03/2024)");
}

#[test]
fn a_hand_out_says_why_by_which_rule_and_until_when() {
    let view = specimen::view(Kind::HandOut);
    assert_eq!(value(&view, "Motif d'éligibilité"), "60 ans ou plus (règle hdf-2021-1)");
    assert_eq!(value(&view, "Justificatif vu, sans copie"), "une pièce d'identité");
    assert_eq!(view.gist.clone().unwrap().until.unwrap(), "À utiliser jusqu'au 31/12/2023 inclus");
    assert_eq!(view.sides[1].name, "Zoé Lefèvre-Dubois");
    assert!(view.signatures[1].person && !view.signatures[0].person);
}

#[test]
fn the_recipe_on_the_paper_gives_the_commitment() {
    let paper = specimen::paper();
    let person = paper.beneficiary.clone().unwrap();
    let identity = Identity::new(&person.family_name, &person.given_name, person.birth).unwrap();
    let commitment = people::commit(&paper.salt, &identity);
    let recipe = specimen::view(Kind::HandOut).handed.unwrap().recipe;
    assert_eq!(<[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(recipe.join("\n"))), commitment);
}

#[test]
fn without_the_paper_there_is_no_salt_and_no_name() {
    let view = ReceiptView::new(&specimen::sealed(specimen::body(Kind::HandOut)), &specimen::surroundings());
    let handed = view.handed.clone().unwrap();
    assert_eq!((handed.salt, handed.recipe.len()), (None, 0));
    assert_eq!(view.sides[1].name, "Le bénéficiaire");
}

#[test]
fn a_redemption_shows_place_service_and_day() {
    let view = specimen::view(Kind::Redemption);
    assert_eq!(value(&view, "Lieu de la prestation"), "Café numérique, 3 place Verte, Hautmont");
    assert_eq!(value(&view, "Service rendu"), "Aide aux démarches administratives");
    assert_eq!(value(&view, "Prestation du"), "02/06/2021");
    assert_eq!(view.amount.clone().unwrap().quantity, "3 pass");
    assert_eq!(view.lots[0].serials.len(), 3);
}

#[test]
fn a_delivery_names_what_is_missing_and_sets_damaged_booklets_aside() {
    let view = specimen::view(Kind::Delivery);
    assert_eq!(value(&view, "Carnets manquants"), format!("1 : {}", serial(500)));
    assert_eq!(value(&view, "Endommagés (bloqués)"), "1");
    assert_eq!(view.sides[1].name, "Région Hauts-de-France");
    assert!(view.lots[1].label.contains("vers Pass bloqués"));
    assert_eq!(view.amount.unwrap().quantity, "499 carnets, 4\u{202f}990 pass");
}

#[test]
fn a_reversal_names_what_it_undoes() {
    assert_eq!(value(&specimen::view(Kind::Reversal), "Récépissé annulé"), "HDF21-CAFE-2021-000041");
}

#[test]
fn an_order_counts_what_it_reserves_and_moves_nothing() {
    let view = specimen::view(Kind::Order);
    assert_eq!(view.amount.clone().unwrap().total, "50\u{202f}000,00\u{a0}€");
    assert_eq!(view.lots[0].serials, [format!("{} à {} (500 carnets)", serial(1), serial(500))]);
    assert!(view.balances.is_empty() && view.caveat.contains("ne fait changer aucun pass de mains"));
}

#[test]
fn a_movement_never_claims_that_a_regie_is_not_needed() {
    for kind in Kind::ALL.iter().filter(|kind| !specimen::body(**kind).lines.is_empty()) {
        let caveat = specimen::view(*kind).caveat;
        assert!(caveat.contains("ne dit pas, à lui seul, qu'une régie n'est pas nécessaire"));
        assert!(caveat.contains("Titre de détention : "), "{kind}");
    }
}

#[test]
fn balances_stand_before_and_after_for_each_holder() {
    let view = specimen::view(Kind::HandOut);
    let balances: Vec<_> = view
        .balances
        .iter()
        .map(|balance| (balance.holder.as_str(), balance.before.as_str(), balance.after.as_str()))
        .collect();
    let prescriber = "Stock confié : Centre communal d'action sociale de Maubeuge";
    assert_eq!(balances, [("Entre les mains des bénéficiaires", "430", "440"), (prescriber, "430", "420")]);
}

#[test]
fn everything_sealed_is_shown_even_when_unknown() {
    let mut body = specimen::body(Kind::Return);
    body.kind = "gift".to_owned();
    body.mentions.insert("new_word".to_owned(), Mention::Text("valeur".to_owned()));
    let view = ReceiptView::new(&specimen::sealed(body), &specimen::surroundings());
    assert_eq!((view.title.as_str(), value(&view, "new word")), ("gift", "valeur"));
}

#[test]
fn with_nothing_but_names_around_it_a_receipt_still_reads() {
    for kind in Kind::ALL {
        let around = Surroundings::new("Pass numérique", Party::named("Région"));
        let view = ReceiptView::new(&specimen::sealed(specimen::body(*kind)), &around);
        assert!(view.sides.iter().all(|side| !side.name.is_empty()), "{kind}");
        assert!(view.seal.contains("non jointe"));
    }
}
