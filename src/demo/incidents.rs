//! What happens to booklets besides being given and spent: one is blocked for a while, one is lost and replaced, a count finds
//! one too few. What never lives here: a refusal; those are in `troubles`.

use super::DemoError;
use super::pilot::take;
use super::stage::Stage;
use super::story::{Owner, Story};
use crate::domain::ids::BookletId;
use crate::domain::incidents::{Block, BlockReason, BringBack, DeclareLoss, LossReason, ReleaseReason};
use crate::domain::items::Named;
use crate::domain::movement::Kind;
use crate::domain::people_key::FIRST;
use crate::domain::replacement::{Replace, ReplacementReason};
use crate::domain::stock_take::TakeStock;
use crate::domain::text::ReceiptNumber;
use crate::people;

fn whole(booklet: BookletId) -> Named {
    Named { booklets: vec![booklet], passes: Vec::new() }
}

/// A booklet is blocked on a suspicion, which somebody else clears up the same day.
pub(super) fn suspicion(stage: &mut Stage, scene: &Story) -> Result<(), DemoError> {
    let booklet = scene.untouched().ok_or(DemoError::Unexpected("carnet"))?.booklet;
    let block = Block { items: whole(booklet), reason: BlockReason::SuspectedFraud };
    let blocked = stage.grant(&scene.admin, block)?;
    stage.later(900);
    let number = ReceiptNumber::parse(&blocked.body().number)?;
    let items = Named::default();
    let release = BringBack { kind: Kind::Unblock, number, items, reason: ReleaseReason::ClearedUp };
    stage.grant(&scene.finance, release).map(|_| ())
}

/// Somebody loses a booklet and gets another from the same desk.
pub(super) fn replacement(stage: &mut Stage, scene: &mut Story, index: usize) -> Result<(), DemoError> {
    let stocked = |owner: &&Owner| scene.desk(owner.desk).is_ok_and(|desk| !desk.custody.is_empty());
    let owner = scene.untouched_owners().find(stocked).cloned().ok_or(DemoError::Unexpected("bénéficiaire"))?;
    let caller = scene.desk(owner.desk)?.body.caller.clone();
    let (reason, noticed_on) = (LossReason::Lost, stage.today());
    let items = whole(owner.booklet);
    stage.grant(&caller, DeclareLoss { items, reason, noticed_on, complaint: None, stock_take: None })?;
    stage.later(300);
    let replacement = take(scene, owner.desk, 1).pop().ok_or(DemoError::Unexpected("carnet"))?;
    let code = &scene.programme.code;
    let request = replacement.0.to_be_bytes();
    let act = Replace {
        original: owner.booklet,
        replacement,
        fingerprint: people::fingerprint(stage.keys.people(), FIRST, code, &owner.person.identity),
        commitment: people::commitment(&stage.keys, code, &request, &owner.person.identity).commitment,
        nonce: None,
        reason: ReplacementReason::Lost,
    };
    stage.grant(&caller, act)?;
    scene.forget(owner.booklet);
    scene.owns(stage, index, Owner { booklet: replacement, ..owner });
    Ok(())
}

/// A desk counts its booklets, misses one and declares it lost; it was in a drawer, and the Region takes it back into use.
pub(super) fn stock_take(stage: &mut Stage, scene: &mut Story, desk: usize) -> Result<(), DemoError> {
    let (caller, holder) = (scene.desk(desk)?.body.caller.clone(), scene.desk(desk)?.holder());
    let missing = take(scene, desk, 1).pop().ok_or(DemoError::Unexpected("carnet"))?;
    let counted = scene.desk(desk)?.custody.clone();
    let count = TakeStock { holder, prescriber: None, counted_on: stage.today(), counted };
    let counted = stage.grant(&caller, count)?;
    stage.later(600);
    let stock_take = Some(ReceiptNumber::parse(&counted.body().number)?);
    let (reason, noticed_on) = (LossReason::MissingAtStockTake, stage.today());
    let items = whole(missing);
    let lost = stage.grant(&caller, DeclareLoss { items, reason, noticed_on, complaint: None, stock_take })?;
    stage.later(5_400);
    let (number, items) = (ReceiptNumber::parse(&lost.body().number)?, Named::default());
    stage.grant(&scene.admin, BringBack { kind: Kind::Found, number, items, reason: ReleaseReason::FoundAgain })?;
    if let Some(desk) = scene.desks.get_mut(desk) {
        desk.custody.insert(0, missing);
    }
    Ok(())
}
