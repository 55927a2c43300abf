//! From an issuer's words to acts of the domain. What never lives here: what ought to come of them.

use recepisse::domain::act::Act;
use recepisse::domain::ids::{BookletId, PassId};
use recepisse::domain::money::Cents;
use recepisse::domain::statements::{
    self, Dispute, DisputeReason, ImportStatement, ResolutionReason, Resolve, Told, VenueReference,
};
use recepisse::domain::time::Day;
use recepisse::payment_file;

use super::super::script::Pass;
use super::{IssuerFile, Said, StatementWish};
use crate::harness::World;

/// The act that is asked for.
pub(in crate::simulation) fn act(world: &World, wish: &StatementWish) -> Box<dyn Act> {
    match wish {
        StatementWish::Import(file) => Box::new(import(world, file)),
        StatementWish::Dispute { statement, passes } => Box::new(Dispute {
            statement: *statement,
            passes: passes.iter().map(|pass| pass_id(world, *pass)).collect(),
            reason: DisputeReason::NotReceived,
            reference: None,
        }),
        StatementWish::Resolve { statement, differences, resolution } => Box::new(Resolve {
            statement: *statement,
            differences: differences.clone(),
            resolution: *resolution,
            reason: ResolutionReason::EvidenceSeen,
            reference: None,
        }),
    }
}

fn pass_id(world: &World, (booklet, rank): Pass) -> PassId {
    BookletId::new(world.programme.no, booklet).pass(rank)
}

fn import(world: &World, file: &IssuerFile) -> ImportStatement {
    let told = |(number, (pass, said)): (i64, &(Pass, Said))| Told {
        number,
        pass: pass_id(world, *pass),
        said: statements::Said {
            venue: VenueReference::parse(said.provider).unwrap(),
            redeemed_on: said.on,
            paid_on: Day::new(2021, 11, 5).unwrap(),
            amount: Cents::new(said.cents),
        },
    };
    let lines: Vec<Told> = (2..).zip(&file.lines).map(told).collect();
    let text: String = lines.iter().map(|told| told.text(&told.pass.item().printed(&world.programme.code))).collect();
    ImportStatement {
        issuer: world.organisation("APTIC"),
        month: file.month,
        corrects: file.corrects,
        file_hash: format!("{:064x}", file.mark),
        lines_hash: payment_file::hash(text.as_bytes()),
        lines,
    }
}
