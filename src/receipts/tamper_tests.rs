//! What somebody could do to a receipt or to a journal file, and that it is found.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use proptest::prelude::*;

use super::canonical::NotCanonical;
use super::journal_file::{Summary, Verifier, verify_lines};
use super::{Agent, Body, Holding, Line, Mention, Office, Total, canonical, chain, sample, seal};

const VECTORS: &str = include_str!("../../tests/vectors/receipt-v1.json");
const JOURNAL: &str = include_str!("../../tests/vectors/journal-v1.jsonl");

fn verdict(lines: &[String]) -> Result<Summary, (i64, &'static str)> {
    verify_lines(lines.iter().cloned()).map_err(|found| (found.position, found.code))
}

#[test]
fn a_sound_journal_file_is_accepted() {
    let summary = verdict(&sample::file()).unwrap();
    assert_eq!((summary.receipts, summary.seals, summary.programme.as_str()), (13, 3, "HDF21"));
    assert_eq!(summary.keys[0].id, seal::key_id(&sample::key().verifying_key()));
    assert_eq!(summary.use_account["circulation"], 19);
    let empty = sample::lines(&sample::key(), &[], &[]);
    assert_eq!(verdict(&empty).unwrap().receipts, 0);
}

#[test]
fn the_journal_of_the_vectors_is_the_sample_byte_for_byte() {
    assert_eq!(JOURNAL, sample::file().join("\n") + "\n");
}

#[test]
fn every_byte_of_a_receipt_inside_a_chain_counts() {
    let file = sample::file();
    // The hand-out: lines 1 is the header, two seals come before.
    let place = file.iter().position(|line| line.contains("\"kind\":\"hand_out\"")).unwrap();
    for at in 0..file[place].len() {
        for flip in [1_u8, 0x20] {
            let mut bytes = file[place].clone().into_bytes();
            bytes[at] ^= flip;
            // Bytes that are no text never reach the verifier.
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let mut file = file.clone();
            file[place] = text;
            assert!(verdict(&file).is_err(), "byte {at}");
        }
    }
}

#[test]
fn lines_dropped_swapped_doubled_or_cut_off_are_found() {
    let file = sample::file();
    for at in 0..file.len() {
        let mut dropped = file.clone();
        let line = dropped.remove(at);
        // A seal in between may be missing: the next one vouches for all receipts before it.
        if !(line.starts_with("{\"seal\"") && at < file.len() - 2) {
            assert!(verdict(&dropped).is_err(), "dropped {at}");
        }
        let mut doubled = file.clone();
        doubled.insert(at, file[at].clone());
        assert!(verdict(&doubled).is_err() || file[at].starts_with("{\"seal\""), "doubled {at}");
        assert!(verdict(&file[..at]).is_err(), "cut at {at}");
        if at > 0 {
            let mut swapped = file.clone();
            swapped.swap(at - 1, at);
            assert!(verdict(&swapped).is_err(), "swapped {at}");
        }
    }
}

#[test]
fn each_break_of_a_journal_file_has_its_code() {
    let file = sample::file();
    let last = file.len() - 1;
    let with = |at: usize, from: &str, to: &str| {
        let mut file = file.clone();
        assert!(file[at].contains(from));
        file[at] = file[at].replacen(from, to, 1);
        verdict(&file).unwrap_err()
    };
    assert_eq!(verdict(&[]).unwrap_err(), (0, "header_malformed"));
    assert_eq!(with(0, "journal-1", "journal-2"), (0, "header_malformed"));
    assert_eq!(with(0, ",", ", "), (0, "header_malformed"));
    assert_eq!(with(0, "\"id\":\"", "\"id\":\"0"), (0, "key_id"));
    assert_eq!(with(0, "HDF21", "HDF22"), (1, "programme"));
    assert_eq!(with(1, "\"v\":1", "\"v\":2"), (1, "version_unknown"));
    assert_eq!(with(1, ",", ", "), (1, "not_canonical"));
    assert_eq!(with(2, ",", ", "), (1, "seal_malformed"));
    assert_eq!(with(2, "\"position\":1", "\"position\":2"), (1, "seal_position"));
    assert_eq!(with(2, "\"hash\":\"", "\"hash\":\"0"), (1, "seal_hash"));
    assert_eq!(with(2, "\"key\":\"", "\"key\":\"0"), (1, "seal_key"));
    assert_eq!(with(2, "\"signature\":\"", "\"signature\":\"0"), (1, "seal_signature"));
    assert_eq!(with(last, ",", ", "), (13, "end_malformed"));
    assert_eq!(with(last, "13", "14"), (13, "end_differs"));
    assert_eq!(verdict(&file[..last]).unwrap_err(), (13, "end_missing"));
    let unsealed = sample::lines(&sample::key(), &sample::journal(), &[1, 4]);
    assert_eq!(verdict(&unsealed).unwrap_err(), (5, "unsealed_tail"));
    let mut more = file.clone();
    more.push(String::new());
    assert_eq!(verdict(&more).unwrap_err(), (13, "after_end"));
}

#[test]
fn a_journal_sealed_again_with_another_key_is_found_by_whoever_knows_the_key() {
    let forged = sample::lines(&SigningKey::from_bytes(&[9; 32]), &sample::journal(), &[13]);
    assert!(verdict(&forged).is_ok(), "the file alone cannot tell");
    let mut verifier = Verifier::trusting(vec![sample::key().verifying_key()]);
    assert_eq!(verifier.line(&forged[0]).map_err(|found| found.code), Err("key_untrusted"));
    let mut verifier = Verifier::trusting(vec![sample::key().verifying_key()]);
    for line in sample::file() {
        verifier.line(&line).unwrap();
    }
    assert!(verifier.replay().is_some());
    assert_eq!(verifier.finish().unwrap().seals, 3);
}

#[test]
fn the_vectors_hold() {
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut seed = [0; 32];
    hex::decode_to_slice(text(&vectors["key"]["seed"]), &mut seed).unwrap();
    let key = SigningKey::from_bytes(&seed);
    assert_eq!(seal::write_key(&key.verifying_key()), text(&vectors["key"]["public"]));
    assert_eq!(seal::key_id(&key.verifying_key()), text(&vectors["key"]["id"]));
    for genesis in vectors["genesis"].as_array().unwrap() {
        assert_eq!(chain::genesis(&text(&genesis["programme"])), text(&genesis["hash"]));
    }
    for vector in vectors["receipts"].as_array().unwrap() {
        let body: Body = serde_json::from_value(vector["body"].clone()).unwrap();
        let receipt = chain::seal_receipt(body.clone()).unwrap();
        assert_eq!(receipt.bytes(), text(&vector["bytes"]), "{}", vector["name"]);
        assert_eq!(receipt.hash(), text(&vector["hash"]), "{}", vector["name"]);
        let signature = seal::sign(&key, &body.programme, 1, body.position, receipt.hash());
        assert_eq!(signature, text(&vector["signature"]), "{}", vector["name"]);
        assert_eq!(seal::text(&body.programme, 1, body.position, receipt.hash()), text(&vector["sealed_text"]));
        assert_eq!(canonical::read(receipt.bytes()), Ok(body));
    }
    for refused in vectors["refused"].as_array().unwrap() {
        let found = canonical::read(&text(&refused["bytes"])).map_err(|found| found.code);
        assert_eq!(found.err(), refused["code"].as_str(), "{}", refused["name"]);
    }
}

#[test]
fn what_has_no_canonical_form_is_not_written() {
    let refused = |change: &dyn Fn(&mut Body)| {
        let mut body = sample::journal()[6].body().clone();
        change(&mut body);
        canonical::write(&body).unwrap_err()
    };
    assert_eq!(refused(&|body| body.v = 2), NotCanonical::Version(2));
    assert_eq!(refused(&|body| body.office.name.push('\n')), NotCanonical::Text("name"));
    assert_eq!(refused(&|body| body.office.name.push('\u{85}')), NotCanonical::Text("name"));
    assert_eq!(refused(&|body| body.office.name = "e\u{301}".into()), NotCanonical::Text("name"));
    assert_eq!(refused(&|body| body.face_cents = i64::MAX), NotCanonical::Integer("face_cents"));
    assert_eq!(
        refused(&|body| drop(body.mentions.insert("Âge".into(), Mention::Number(1)))),
        NotCanonical::Name("Âge".into())
    );
    let long = |body: &mut Body| body.lines[0].items = vec!["x".repeat(canonical::LONGEST)];
    assert_eq!(refused(&long), NotCanonical::TooLong);
}

#[test]
fn a_decomposed_text_in_a_receipt_is_refused_and_a_composed_one_kept() {
    let mut body = sample::journal()[6].body().clone();
    body.office.name = "Éts « Ça \u{1F9D1}\u{200D}\u{1F4BB} \"marche\" \\o/ » œuvre".into();
    let bytes = canonical::write(&body).unwrap();
    assert_eq!(canonical::read(&bytes), Ok(body));
    let decomposed = bytes.replace('É', "E\u{301}");
    assert_eq!(canonical::read(&decomposed).map_err(|found| found.code), Err("not_canonical"));
}

fn some_text() -> impl Strategy<Value = String> {
    // Composed letters, both escapes, what could be taken for JSON, and beyond the basic plane.
    proptest::collection::vec(prop::sample::select(vec!['a', 'é', '"', '\\', '{', ',', ':', ' ', '😀', 'ﬁ', '0']), 0..6)
        .prop_map(|letters| letters.into_iter().collect())
}

fn some_number() -> impl Strategy<Value = i64> {
    prop_oneof![-3..3_i64, -canonical::LARGEST_INTEGER..=canonical::LARGEST_INTEGER]
}

fn some_line() -> impl Strategy<Value = Line> {
    let texts = [some_text(), some_text(), some_text()];
    let numbers = [some_number(), some_number(), some_number()];
    (texts, numbers, proptest::collection::vec(some_text(), 0..3)).prop_map(
        |([batch, from, to], [booklets, passes, cents], items)| Line {
            batch,
            from,
            to,
            booklets,
            passes,
            cents,
            items,
        },
    )
}

fn some_mention() -> impl Strategy<Value = Mention> {
    prop_oneof![some_text().prop_map(Mention::Text), some_number().prop_map(Mention::Number)]
}

prop_compose! {
    fn some_body()(
        texts in proptest::array::uniform12(some_text()),
        numbers in proptest::array::uniform5(some_number()),
        lines in proptest::collection::vec(some_line(), 0..3),
        holdings in proptest::collection::vec((some_text(), some_number(), some_number()), 0..3),
        mentions in proptest::collection::btree_map("[a-z][a-z0-9_]{0,2}", some_mention(), 0..3),
        corrects in proptest::option::of(some_text()),
    ) -> Body {
        let [programme, number, kind, at, day, code, name, registration, commune, pseudonym, role, prev] = texts;
        let [position, face_cents, booklets, passes, cents] = numbers;
        let holding = |(holder, before, after)| Holding { holder, before, after };
        let mentions: BTreeMap<String, Mention> = mentions;
        Body {
            v: 1,
            programme,
            position,
            number,
            kind,
            at,
            day,
            office: Office { code, name, registration, commune },
            agent: Agent { pseudonym, role },
            face_cents,
            lines,
            total: Total { booklets, passes, cents },
            holdings: holdings.into_iter().map(holding).collect(),
            mentions,
            corrects,
            prev,
        }
    }
}

proptest! {
    #[test]
    fn a_body_has_one_text_and_a_text_one_body(body in some_body(), other in some_body()) {
        let bytes = canonical::write(&body).unwrap();
        prop_assert_eq!(canonical::read(&bytes), Ok(body.clone()));
        prop_assert_eq!(body == other, bytes == canonical::write(&other).unwrap());
    }
}

const FORMAT: &str = include_str!("../../docs/RECEIPT-FORMAT.md");

#[test]
fn the_format_document_shows_the_first_vector() {
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let first = &vectors["receipts"][0];
    for shown in
        [&first["bytes"], &first["hash"], &first["signature"], &vectors["key"]["public"], &vectors["key"]["id"]]
    {
        assert!(FORMAT.contains(shown.as_str().unwrap()), "{shown}");
    }
}

#[test]
fn the_format_document_lists_every_break() {
    let sources = [
        include_str!("canonical.rs"),
        include_str!("chain.rs"),
        include_str!("journal_file.rs"),
        include_str!("replay.rs"),
        include_str!("replay/kinds.rs"),
        include_str!("replay/lines.rs"),
        include_str!("replay/records.rs"),
        include_str!("replay/stock.rs"),
    ];
    let mut listed = 0;
    for call in sources.iter().flat_map(|source| source.split("Break::new(").skip(1)) {
        let Some(code) = call.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
        assert!(FORMAT.contains(&format!("`{code}`")), "{code}");
        listed += 1;
    }
    assert!(listed > 50, "{listed}");
}
