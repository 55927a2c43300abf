//! Who gives, who receives, and how much of it a person signs for. What never lives here: how a side is laid out.

use super::*;

fn parties() -> crate::documents::Surroundings {
    let mut around = specimen::surroundings();
    let names = [("CAFE", "Café numérique"), ("FOURM", "CCAS de Fourmies"), ("MAUB", "CCAS de Maubeuge")];
    around.parties.extend(names.map(|(code, name)| (code.to_owned(), Party::named(name))));
    around
}

fn view(kind: Kind) -> ReceiptView {
    ReceiptView::new(&specimen::sealed(specimen::body(kind)), &parties())
}

/// Label, name and details of a side, each as one text.
fn side(view: &ReceiptView, which: usize) -> String {
    let side = &view.sides[which];
    let details = side.details.join(" | ");
    format!("{} : {} | {details}", side.label, side.name).replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn a_mailing_is_received_by_the_carrier() {
    let view = view(Kind::Mailing);
    assert!(side(&view, 0).starts_with("Remis par : Région Hauts-de-France"));
    assert_eq!(
        side(&view, 1),
        "Reçu par : Le transporteur, envoi n° 9 | à distribuer aux personnes dont la demande est acceptée"
    );
}

#[test]
fn a_report_of_letters_says_how_many_reached_people_and_how_many_came_back() {
    let view = view(Kind::LetterReport);
    assert_eq!(side(&view, 0), "Remis par : Le transporteur, envoi n° 9 | ");
    assert_eq!(
        side(&view, 1),
        "Reçu par : Selon les lettres | Bénéficiaires, lettres distribuées : 1 carnet | Région Hauts-de-France, lettres revenues : 1 carnet"
    );
    let mut body = specimen::body(Kind::LetterReport);
    body.lines.truncate(1);
    let all_there = ReceiptView::new(&specimen::sealed(body), &parties());
    assert_eq!(side(&all_there, 1), "Reçu par : Bénéficiaires, lettres distribuées : 1 carnet | ");
}

#[test]
fn an_allocation_names_the_prescribers_it_is_for() {
    let view = view(Kind::Allocation);
    assert!(side(&view, 0).starts_with("Remis par : Région Hauts-de-France"), "{}", side(&view, 0));
    assert_eq!(
        side(&view, 1),
        "Destiné à : 2 prescripteurs | CCAS de Maubeuge : 1 carnet | CCAS de Fourmies : 1 carnet"
    );
}

#[test]
fn a_reallocation_names_its_giver_and_the_one_it_is_for() {
    let mut body = specimen::body(Kind::Allocation);
    body.mentions.insert("sendings".into(), Mention::Text("9 prescriber:MAUB prescriber:FOURM 1".into()));
    body.lines.truncate(1);
    body.lines[0].from = "prescriber:MAUB".into();
    let view = ReceiptView::new(&specimen::sealed(body), &parties());
    assert!(side(&view, 0).starts_with("Remis par : CCAS de Maubeuge"), "{}", side(&view, 0));
    assert!(side(&view, 1).starts_with("Destiné à : CCAS de Fourmies"), "{}", side(&view, 1));
}

#[test]
fn many_prescribers_are_counted_and_named_below() {
    let mut body = specimen::body(Kind::Allocation);
    let sendings: Vec<String> = (1..=24).map(|n| format!("{n} store prescriber:P{n} 1")).collect();
    body.mentions.insert("sendings".into(), Mention::Text(sendings.join("; ")));
    let view = ReceiptView::new(&specimen::sealed(body), &parties());
    assert_eq!(side(&view, 1), "Destiné à : 24 prescripteurs | nommés plus bas, envoi par envoi");
}

#[test]
fn who_gets_a_replacement_signs_for_the_booklet_they_get() {
    let view = view(Kind::Replacement);
    assert!(
        side(&view, 0).starts_with("Remis par : Centre communal d'action sociale de Maubeuge"),
        "{}",
        side(&view, 0)
    );
    assert!(
        side(&view, 1).starts_with("Reçu par : Le bénéficiaire | Nom et prénom, à la main :"),
        "{}",
        side(&view, 1)
    );
    let amount = view.amount.unwrap();
    assert_eq!((amount.quantity.as_str(), amount.total.as_str()), ("1 carnet, 7 pass", "70,00\u{a0}€"));
    assert_eq!(amount.words, "Arrêté à la somme de soixante-dix euros.");
}

#[test]
fn what_only_changes_its_state_has_no_giver() {
    let expiry = view(Kind::Expiry);
    assert_eq!(
        side(&expiry, 0),
        "Avant : Entre les mains des bénéficiaires, 13 pass | Stock du commanditaire, 200 pass"
    );
    assert_eq!(side(&expiry, 1), "Après : Pass périmés | ");
    let stated = view(Kind::IssuerStatement);
    assert_eq!(side(&stated, 0), "Avant : Pass utilisés : Café numérique | ");
    assert_eq!(side(&stated, 1), "Après : Remboursé : Café numérique | ");
    let mut many = specimen::body(Kind::IssuerStatement);
    let line =
        |number: u32| specimen::line(&format!("provider:P{number}"), &format!("paid:P{number}"), (0, 2), Vec::new());
    many.lines = (1..=30).map(line).collect();
    let view = ReceiptView::new(&specimen::sealed(many), &parties());
    assert_eq!(side(&view, 0), "Avant : Pass utilisés, 60 pass | 30 détenteurs en tout, nommés plus bas");
    assert_eq!(side(&view, 1), "Après : Remboursé, 60 pass | 30 détenteurs en tout, nommés plus bas");
}
