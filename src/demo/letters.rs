//! The second channel in the pilot: a desk applies for people who cannot wait for a booklet there, the Region decides, and
//! booklets leave by letter; one comes back and leaves again. What never lives here: the first channel.

use std::collections::{BTreeMap, BTreeSet};

use super::DemoError;
use super::people::{Ground, Person};
use super::stage::Stage;
use super::story::{Owner, Story};
use crate::clock::Entropy as _;
use crate::domain::applications::{Decide, Decision, File, RefusalReason};
use crate::domain::identity::Identity;
use crate::domain::mailing::{Fate, Mail, ReportLetters, ReturnCause};
use crate::domain::people_key::FIRST;
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Label, Reference};
use crate::domain::time::Day;
use crate::dossiers::{Address, Dossier, Owner as Applicant};
use crate::people;

/// The days, by number.
const FILED: usize = 54;
const DECIDED: usize = 56;
const MAILED: usize = 57;
const REPORTED: usize = 62;
const MAILED_AGAIN: usize = 64;

/// Family name, given name, birth, street; the last shows nothing.
const APPLICANTS: [(&str, &str, &str, &str); 4] = [
    ("Wattrelot", "Odile", "1949-02-11", "4 rue du Moulin"),
    ("Delcourt", "Roger", "1944-07-30", "18 place d'Armes"),
    ("Ferrari", "Lucia", "1953-12-05", "2 impasse des Forges"),
    ("Brohette", "Yvon", "1951-09-19", "7 chemin du Halage"),
];

/// What happens on this day, if anything.
pub(super) fn live(stage: &mut Stage, story: &mut Story, index: usize) -> Result<(), DemoError> {
    let admin = story.admin.clone();
    match index {
        FILED => file(stage, story),
        DECIDED => {
            for application in 1..=3 {
                stage.grant(&admin, Decide { application, decision: Decision::Accept })?;
                stage.later(120);
            }
            let decision = Decision::Refuse(RefusalReason::Incomplete);
            stage.grant(&admin, Decide { application: 4, decision }).map(|_| ())
        }
        MAILED => mail(stage, story, &[1, 2, 3]),
        REPORTED => {
            let day = stage.today();
            let came = [(1, Fate::Delivered(day)), (2, Fate::Delivered(day))];
            let back = (3, Fate::Returned(ReturnCause::UnknownAtAddress));
            let letters: BTreeMap<i64, Fate> = came.into_iter().chain([back]).collect();
            let receipt = stage.grant(&admin, ReportLetters { letters })?;
            let booklets = stage.booklets(&receipt, Some("circulation"));
            for (booklet, applicant) in booklets.into_iter().zip(&APPLICANTS) {
                let person = invent(applicant)?.0;
                story.owns(stage, index, Owner { person, desk: 0, booklet });
            }
            Ok(())
        }
        MAILED_AGAIN => mail(stage, story, &[3]),
        _ => Ok(()),
    }
}

fn mail(stage: &mut Stage, story: &Story, applications: &[i64]) -> Result<(), DemoError> {
    let applications: BTreeSet<i64> = applications.iter().copied().collect();
    let carrier_reference = Some(Reference::parse(&format!("BD-{}", applications.len()))?);
    let order = story.order.clone();
    let act = Mail { applications, are_all_who_wait: false, order, carrier_reference };
    stage.grant(&story.admin.clone(), act).map(|_| ())
}

fn invent((family, given, birth, street): &(&str, &str, &str, &str)) -> Result<(Person, Address), DemoError> {
    let (birth, commune) = (Day::parse(birth)?, CommuneCode::parse("59392")?);
    let identity = Identity::new(family, given, birth)?;
    let lines = vec![Label::parse(street)?];
    let address = Address { lines, postal_code: "59600".to_owned(), locality: Label::parse("Maubeuge")? };
    Ok((Person { identity, birth, commune, ground: Ground::Senior, sex: None }, address))
}

fn file(stage: &mut Stage, story: &Story) -> Result<(), DemoError> {
    let desk = story.desk(0)?.body.clone();
    let (programme, today) = (story.programme.code.clone(), stage.today());
    for (number, applicant) in APPLICANTS.iter().enumerate() {
        let (person, address) = invent(applicant)?;
        let mut situation = person.situation(today);
        if number + 1 == APPLICANTS.len() {
            situation.proofs.clear();
        }
        let reference = Reference::parse(&format!("DOS-{}-{:04}", today.year(), number + 1))?;
        let mut nonce = [0; 32];
        stage.entropy.fill(&mut nonce);
        let committed = people::commitment(&stage.keys, &programme, &nonce, &person.identity);
        let fingerprint = people::fingerprint(stage.keys.people(), FIRST, &programme, &person.identity);
        let dossier = Dossier {
            family_name: applicant.0.to_owned(),
            given_name: applicant.1.to_owned(),
            birth: person.birth,
            commune: person.commune,
            neighbourhood: None,
            address,
            statuses: Vec::new(),
            proofs: situation.proofs.clone(),
            salt: committed.salt,
            orientation: None,
        };
        let office = desk.organisation.code.clone();
        let owner = Applicant { programme: &programme, office: &office, reference: &reference, nonce: &nonce };
        let closed = dossier.close(&stage.keys, stage.entropy.as_ref(), owner);
        let act = File {
            office,
            reference,
            content: fingerprint,
            fingerprint,
            likenesses: people::likenesses(stage.keys.people(), FIRST, &programme, &person.identity),
            commitment: committed.commitment,
            nonce: Some(nonce),
            situation,
            sex: person.sex,
            ground: None,
            passes: Some(u32::from(story.size)),
            dossier: closed.map_err(|_| DemoError::Unexpected("dossier"))?,
            follow_up: None,
            sponsor: story.programme.sponsor,
        };
        stage.grant(&desk.caller, act)?;
        stage.later(300);
    }
    Ok(())
}
