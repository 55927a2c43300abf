//! Holds the stored redemptions against their receipts, column by column and page by page: a register of any size is
//! compared in the same memory. What never lives here: a repair.

use std::collections::{BTreeMap, BTreeSet};

use super::PAGE;
use super::account::Account;
use super::findings::Findings;
use crate::domain::ids::{BookletId, DeviceId, OrganisationId, ProgrammeNo, VenueId};
use crate::domain::items::read_items;
use crate::domain::money::Cents;
use crate::domain::movement::{Kind, Redemption};
use crate::domain::offline::{OfflineUse, Taken};
use crate::domain::party::Service;
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::time::{Day, Instant};
use crate::receipts::Body;
use crate::store::{BodyFilter, Reads, StoreError, Window};

/// Compares how many there are, then each of them.
pub(super) fn redemptions(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let kept = tx.count_redemptions(programme.no)?;
    let said = (account.redemptions, i64::try_from(account.undone.len()).unwrap_or(i64::MAX));
    found.row("redemptions", || "nombre, dont annulées".to_owned(), (Some(&kept), Some(&said)));
    let mut window = Window { programme: programme.no, after: 0, until: account.replay().head().position };
    let mut providers: BTreeMap<String, OrganisationId> = BTreeMap::new();
    loop {
        let page = tx.receipt_bodies(window, BodyFilter { kinds: &[Kind::Redemption], holder: None }, PAGE)?;
        // Also where no redemption is: nothing is to be kept there.
        let until = page.last().map_or(window.until, |last| last.position);
        let mut taken = offline_uses(tx, Window { until, ..window })?;
        let numbers: BTreeSet<String> = page.iter().map(|receipt| receipt.number.clone()).collect();
        let mut stored: BTreeMap<String, Redemption> =
            tx.redemptions_among(programme.no, &numbers)?.into_iter().collect();
        for receipt in &page {
            let body = receipt.said()?;
            let (kept, sealed) = (taken.remove(&receipt.position), taken_offline(programme.no, &body)?);
            if kept.is_some() || sealed.is_some() {
                found.row("offline_uses", || receipt.number.clone(), (kept.as_ref(), sealed.as_ref()));
            }
            let provider = provider_of(tx, &body, &mut providers)?;
            let said = told(programme.no, &body, provider, account.undone.contains(&receipt.number))?;
            let stored = stored.remove(&receipt.number);
            found.row("redemptions", || receipt.number.clone(), (stored.as_ref(), Some(&said)));
        }
        for (position, kept) in taken {
            found.row("offline_uses", || position.to_string(), (Some(&kept), None));
        }
        if page.is_empty() {
            return Ok(());
        }
        window.after = until;
    }
}

/// What is kept of what devices took without a network, by position of the receipt.
fn offline_uses(tx: &mut dyn Reads, window: Window) -> Result<BTreeMap<i64, Vec<OfflineUse>>, StoreError> {
    let mut kept: BTreeMap<i64, Vec<OfflineUse>> = BTreeMap::new();
    for (position, one) in tx.offline_uses(window)? {
        kept.entry(position).or_default().push(one);
    }
    Ok(kept)
}

/// What the receipt says that a device took without a network, booklet by booklet; none of a redemption on line.
fn taken_offline(programme: ProgrammeNo, body: &Body) -> Result<Option<Vec<OfflineUse>>, StoreError> {
    let Some((device, scanned_at)) = body.mentioned_text("device").zip(body.mentioned_text("scanned_at")) else {
        return Ok(None);
    };
    let (device, day) = (DeviceId::parse(device)?, Instant::parse(scanned_at)?.day());
    let mut by_booklet: BTreeMap<BookletId, Taken> = BTreeMap::new();
    for line in &body.lines {
        let each = line.cents.checked_div(line.passes).unwrap_or_default();
        for item in &line.items {
            for pass in read_items(programme, item)? {
                let taken = by_booklet.entry(pass.booklet()).or_default();
                *taken = taken.and(Taken { passes: 1, value: Cents::new(each) });
            }
        }
    }
    let uses = by_booklet.into_iter().map(|(booklet, taken)| OfflineUse { device, day, booklet, taken });
    Ok(Some(uses.collect()))
}

fn provider_of(
    tx: &mut dyn Reads,
    body: &Body,
    known: &mut BTreeMap<String, OrganisationId>,
) -> Result<OrganisationId, StoreError> {
    let code = &body.office.code;
    if let Some(provider) = known.get(code) {
        return Ok(*provider);
    }
    let provider = tx.organisation_by_code(&ShortCode::parse(code)?)?;
    let provider = provider.ok_or_else(|| StoreError::Corrupt(format!("no organisation {code}")))?.id;
    known.insert(code.clone(), provider);
    Ok(provider)
}

/// What the receipt says was spent.
fn told(
    programme: ProgrammeNo,
    body: &Body,
    provider: OrganisationId,
    reversed: bool,
) -> Result<Redemption, StoreError> {
    let said = |mention| body.mentioned_text(mention).unwrap_or_default();
    let mut items = Vec::new();
    for item in body.lines.iter().flat_map(|line| &line.items) {
        items.extend(read_items(programme, item)?);
    }
    Ok(Redemption {
        venue: VenueId::parse(said("venue"))?,
        provider,
        service: Service::parse(said("service"))?,
        performed_on: Day::parse(said("performed_on"))?,
        day: Day::parse(&body.day)?,
        items,
        reversed,
        first_visit: body.mentioned_text("first_visit").map(|said| said == "yes"),
        minutes: body.mentioned_number("minutes").unwrap_or(0),
        participants: body.mentioned_number("participants").unwrap_or(1),
    })
}
