//! The applications of the stage on which every route has its sample. What never lives here: a request.

use recepisse::domain::applications::File;
use recepisse::domain::party::Role;
use recepisse::domain::text::Label;
use recepisse::dossiers::{Address, Dossier, Owner};

use crate::harness::{Person, World};

/// Applications 1 and 3 wait for a decision (3 lacks something, and so does 4 of the platform), 5 is accepted, 2 is accepted too and mailed with booklet 12 of CMD-4.
pub(super) fn stage(world: &World) {
    let admin = world.region_admin();
    admin.does(world.order("CMD-4", 2));
    admin.does(world.delivery("CMD-4", 12..=13));
    world.region_finance().does(world.activation("CMD-4"));
    for (number, proofs) in [(101, true), (102, true), (103, false)] {
        let mut person = Person::senior(world, number);
        // 103 may be 101.
        person.likenesses.current.extend((number != 102).then_some([9; 32]));
        if !proofs {
            person.situation.proofs.clear();
        }
        world.prescriber("MAUB").does(with_dossier(world, "MAUB", &person));
    }
    let mut person = Person::senior(world, 104);
    person.situation.proofs.clear();
    world.hand("AIDES", Role::Platform).does(with_dossier(world, "AIDES", &person));
    world.prescriber("MAUB").does(world.application("MAUB", &Person::senior(world, 105), 10));
    admin.does(world.acceptance_of(5));
    admin.does(world.acceptance_of(2));
    admin.does(world.mailing("CMD-4", [2]));
}

/// An application with name and address, closed.
fn with_dossier(world: &World, office: &str, person: &Person) -> File {
    let file = world.application(office, person, 10);
    let nonce = [6; 32];
    let owner =
        Owner { programme: &world.programme.code, office: &file.office, reference: &file.reference, nonce: &nonce };
    let dossier = dossier(person).close(&world.keys, &*world.entropy, owner).unwrap();
    File { dossier, nonce: Some(nonce), ..file }
}

/// Name and address of somebody.
fn dossier(person: &Person) -> Dossier {
    let label = |text: &str| Label::parse(text).unwrap();
    let address = Address {
        lines: vec![label("3 rue des Tilleuls")],
        postal_code: "59600".to_owned(),
        locality: label("Maubeuge"),
    };
    Dossier {
        family_name: "Lambert".to_owned(),
        given_name: "Ana".to_owned(),
        birth: person.situation.birth,
        commune: person.situation.commune,
        neighbourhood: None,
        address,
        statuses: Vec::new(),
        proofs: person.situation.proofs.clone(),
        salt: "00".repeat(16),
        orientation: None,
    }
}
