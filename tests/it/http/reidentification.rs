//! A full copy of the database and the exported journal, in the hands of somebody who has a list of names and no key: nothing
//! that can be computed from the names is found in them. With the keys the same search finds the person, so that it would
//! have seen it. What never lives here: what the keys protect against somebody who has them too.

use std::collections::HashSet;

use hmac::{Hmac, KeyInit as _, Mac as _};
use recepisse::audit;
use recepisse::domain::identity::Identity;
use recepisse::domain::people_key::FIRST;
use recepisse::domain::time::Day;
use recepisse::keys::Purpose;
use recepisse::people::{commit, fingerprint, likenesses};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::requests::{proofs, stage};
use crate::harness::{Engine, Http, Raw, over_every_engine};

/// Bytes of a digest that are looked for: enough to be no chance, few enough to find a digest that was cut.
const PREFIX: usize = 8;
const URI: &str = "/api/v1/programmes/HDF21/hand-outs";

/// Everything that is stored, as bytes, and the journal as it leaves.
fn dump(http: &Http<'_>) -> Vec<u8> {
    let world = http.world;
    let mut all = Vec::new();
    let key = world.keys.seal_key().verifying_key();
    audit::write_journal(&world.store, &[key], &world.programme, &mut all, &mut |_, _| {}).unwrap();
    if world.place.engine == Engine::Sqlite {
        let file = world.place.url.trim_start_matches("sqlite:");
        for suffix in ["", "-wal"] {
            all.extend(std::fs::read(format!("{file}{suffix}")).unwrap_or_default());
        }
        return all;
    }
    let mut raw = Raw::on(&world.place);
    let tables = raw.texts("SELECT CAST(tablename AS TEXT) AS answer FROM pg_tables WHERE schemaname = 'public'");
    for table in tables.into_iter().flatten() {
        for row in raw.texts(&format!("SELECT CAST(t AS TEXT) AS answer FROM {table} t")).into_iter().flatten() {
            all.extend(row.into_bytes());
            all.push(b'\n');
        }
    }
    all
}

/// A dump, ready to be searched many times.
struct Searched {
    /// Every eight bytes in a row.
    bytes: HashSet<[u8; PREFIX]>,
    /// Every eight bytes that sixteen hexadecimal digits in a row may stand for.
    digits: HashSet<[u8; PREFIX]>,
    text: String,
    salts: Vec<String>,
}

impl Searched {
    fn new(dump: &[u8]) -> Self {
        let mut digits = HashSet::new();
        for run in dump.split(|byte| !byte.is_ascii_hexdigit()) {
            let decode = |digits: &[u8]| <[u8; PREFIX]>::try_from(hex::decode(digits).ok()?).ok();
            let decoded = run.windows(2 * PREFIX).filter_map(decode);
            digits.extend(decoded);
        }
        Self {
            bytes: dump.windows(PREFIX).filter_map(|bytes| bytes.try_into().ok()).collect(),
            digits,
            text: String::from_utf8_lossy(dump).to_lowercase(),
            salts: salts(dump),
        }
    }

    /// Whether the beginning of a digest is there, as bytes or as digits.
    fn has(&self, digest: &[u8]) -> bool {
        let start: [u8; PREFIX] = digest[..PREFIX].try_into().unwrap();
        self.bytes.contains(&start) || self.digits.contains(&start)
    }
}

/// Runs of at least 32 hexadecimal digits, each cut to 32: whatever was stored may have been a salt.
fn salts(dump: &[u8]) -> Vec<String> {
    let runs = dump.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 32);
    let mut salts: Vec<String> = runs.map(|run| String::from_utf8_lossy(&run[..32]).into_owned()).collect();
    salts.extend([String::new(), "0".repeat(32)]);
    salts.sort_unstable();
    salts.dedup();
    salts
}

/// What the counter sends for this person.
fn body(http: &Http<'_>, family: &str, given: &str, birth: &str) -> Value {
    let beneficiary = json!({ "family_name": family, "given_name": given, "birth_date": birth, "commune": "59392" });
    json!({ "beneficiary": beneficiary, "proofs": proofs(), "booklets": [http.world.serial(3)] })
}

/// The digest of a request as a client could make it up: each part behind its length.
fn request_digest(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// Whether anything is found that can be computed from an identity, from what is public and from what was stored.
fn is_recognised(http: &Http<'_>, dump: &Searched, (family, given, birth): (&str, &str, &str)) -> bool {
    let identity = Identity::new(family, given, Day::parse(birth).unwrap()).unwrap();
    let normalised = identity.fingerprint_text();
    let sent = serde_json::to_vec(&body(http, family, given, birth)).unwrap();
    let request = request_digest(&[b"POST", URI.as_bytes(), &Sha256::digest(&sent)]);
    let likenesses = identity.likeness_texts();
    let texts = [
        normalised.clone(),
        format!("{family} {given} {birth}"),
        format!("{family}|{given}|{birth}"),
        format!("HDF21|{normalised}"),
        String::from_utf8(sent).unwrap(),
    ];
    let public_key = http.world.keys.seal_key().verifying_key();
    let keys: [&[u8]; 5] = [b"", b"HDF21", b"recepisse", b"identity", public_key.as_bytes()];
    let mut digests = vec![request];
    for text in texts.iter().chain(&likenesses) {
        digests.extend([Sha256::digest(text).to_vec(), Sha512::digest(text).to_vec()]);
        for key in keys {
            let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text);
            digests.push(mac.finalize().into_bytes().to_vec());
        }
    }
    digests.extend(dump.salts.iter().map(|salt| commit(salt, &identity).to_vec()));
    let written = [family, given, &normalised].iter().any(|name| dump.text.contains(&name.to_lowercase()));
    written || digests.iter().any(|digest| dump.has(digest))
}

#[test]
fn a_full_dump_and_a_list_of_names_recognise_nobody_without_the_keys() {
    over_every_engine(stage, async |http| {
        let somebody = ("Vanderkanarie", "Théodoxie", "1955-03-14");
        let strangers = [("Vanderkanarie", "Hippolyte", "1955-03-14"), ("Quatresous", "Théodoxie", "1955-03-14")];
        let (family, given, birth) = somebody;
        let answer =
            http.prescriber("MAUB").post("/programmes/HDF21/hand-outs", body(http, family, given, birth)).await;
        let salt = answer.done()["paper"]["salt"].as_str().unwrap().to_owned();
        let dump = Searched::new(&dump(http));
        for person in [somebody].into_iter().chain(strangers) {
            assert!(!is_recognised(http, &dump, person), "{} {person:?}", http.world.engine());
        }
        // The control: the same search, with what is not in the dump, finds the one who was there and nobody else.
        let keys = &http.world.keys;
        let found = |(family, given, birth): (&str, &str, &str)| {
            let identity = Identity::new(family, given, Day::parse(birth).unwrap()).unwrap();
            let sent = serde_json::to_vec(&body(http, family, given, birth)).unwrap();
            let request = keys.mac(Purpose::Commitment, &[b"request", b"POST", URI.as_bytes(), &Sha256::digest(&sent)]);
            let print = fingerprint(keys.people(), FIRST, &http.world.programme.code, &identity);
            let looks = likenesses(keys.people(), FIRST, &http.world.programme.code, &identity);
            let alike = looks.current.iter().any(|likeness| dump.has(likeness));
            [dump.has(&print), dump.has(&commit(&salt, &identity)), dump.has(&request), alike]
        };
        assert_eq!(found(somebody), [true; 4], "{}", http.world.engine());
        assert_eq!(strangers.map(found), [[false; 4]; 2]);
    });
}
