//! What a group needs to know, loaded before anyone decides: two looks for what every group asks, one query per table for
//! the rest.

use std::collections::BTreeSet;

use super::{Submission, sweep, withdrawn};
use crate::domain::closing::Period;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::{BatchId, BookletId, OrderId, PassId, ProgrammeNo};
use crate::domain::party::Holder;
use crate::domain::stock::{Booklet, CodeMac, Pass};
use crate::store::{Reads, Seen, StoreError, Wanted};

/// The union of what the submissions need.
pub(super) fn needs(submissions: &[&Submission]) -> Needs {
    let mut needs = Needs::default();
    for submission in submissions {
        submission.act.needs(&mut needs);
        needs.users.insert(submission.actor.user);
        needs.organisations.insert(submission.actor.organisation);
        if std::mem::take(&mut needs.own_mandate) {
            needs.custody_of.insert(submission.actor.organisation);
        }
    }
    needs
}

/// The first look: the head of the journal, what is named by who asks, and what was answered under these keys. `None`
/// where there is no such programme.
pub(super) fn look(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    needs: &Needs,
    key_digests: &BTreeSet<String>,
) -> Result<Option<Seen>, StoreError> {
    let wanted = Wanted { key_digests, users: &needs.users, venues: &needs.venues, codes: &needs.codes };
    tx.look(programme, wanted)
}

/// Loads what is needed, and what follows from it: the passes behind the codes, their booklets, the orders of
/// these, and what every holder in sight has: of the batches in sight, and in all. `None` where there is no such programme.
pub fn facts(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    needs: &Needs,
) -> Result<Option<Facts>, StoreError> {
    tx.by_key_only()?;
    look(tx, programme, needs, &BTreeSet::new())?.map(|seen| facts_of(tx, seen, needs)).transpose()
}

/// The same, from the first look on.
pub(super) fn facts_of(tx: &mut (impl Reads + ?Sized), seen: Seen, needs: &Needs) -> Result<Facts, StoreError> {
    let programme = seen.programme.no;
    let mut facts = Facts::new(seen.programme, seen.journal.counters);
    for (user, standing, organisation) in seen.users {
        facts.active_users.insert(user, standing);
        facts.organisations.insert(organisation.id, organisation);
    }
    facts.venues = seen.venues.into_iter().map(|venue| (venue.id, venue)).collect();
    for order in seen.orders {
        facts.orders.load(order.id, order);
    }
    if needs.applications.eligibility || !needs.people.is_empty() {
        facts.rule_sets = tx.rule_sets(programme)?;
    }
    if needs.restore {
        facts.declaration = tx.restore_declaration(programme)?;
    }
    if !needs.closings.is_empty() {
        load_closings(tx, programme, needs, &mut facts)?;
    }
    load_parties(tx, needs, &mut facts)?;
    load_stock(tx, needs, &mut facts)?;
    load_people(tx, needs, &mut facts)?;
    super::application_facts::load(tx, needs, &mut facts)?;
    super::duplicate_facts::load(tx, needs, &mut facts)?;
    for (number, redemption) in load_redemptions(tx, programme, needs)? {
        facts.redemptions.load(number, redemption);
    }
    withdrawn::load(tx, needs, &mut facts)?;
    super::claim_facts::load(tx, needs, &mut facts)?;
    super::statement_facts::load(tx, needs, &mut facts)?;
    load_passes(tx, needs, seen.passes, &mut facts)?;
    super::offline_facts::load(tx, needs, &mut facts)?;
    sweep::load(tx, needs, &mut facts)?;
    sweep::load_ends(tx, needs, &mut facts)?;
    super::place_facts::load(tx, needs, &mut facts)?;
    super::erasure_facts::load(tx, needs, &mut facts)?;
    super::follow_up_facts::load(tx, needs, &mut facts)?;
    load_orders(tx, needs, &mut facts)?;
    load_custody(tx, needs, &mut facts)?;
    // Without anyone who asks nothing will move: somebody only looks.
    if needs.users.is_empty() {
        return Ok(facts);
    }
    let offices = facts.organisations.values().map(|organisation| organisation.code.clone()).collect();
    let standings = tx.standings(programme, &holders(needs, &facts), &batches(&facts), &offices)?;
    for (key, balance) in standings.balances {
        facts.balances.load(key, balance);
    }
    facts.holdings = standings.holdings;
    for (key, last) in standings.series {
        facts.series.load(key, last);
    }
    Ok(facts)
}

/// The closings so far, and what happened on the days to be closed.
fn load_closings(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    needs: &Needs,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    facts.books = tx.books(programme, &needs.closings)?;
    for order in tx.orders(programme)? {
        let Some((activation, value)) = order.activation.as_ref().zip(order.value()) else { continue };
        let of_day = facts.activations.entry(activation.at.day()).or_default();
        *of_day = of_day.plus(value).ok_or_else(|| StoreError::Corrupt("orders worth more than can be".to_owned()))?;
    }
    for (_, day) in needs.closings.iter().filter(|(period, _)| *period == Period::Day) {
        // A day that is closed will be refused; another may be next once the acts before it in the group are granted.
        let open = facts.books.next(Period::Day).is_some_and(|(_, next)| next <= *day);
        let end = if open { tx.day_end(programme, *day)? } else { None };
        facts.day_ends.extend(end.map(|end| (*day, end)));
    }
    Ok(())
}

fn load_parties(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    let mut organisations = needs.organisations.clone();
    organisations.extend(&needs.custody_of);
    organisations.retain(|id| !facts.organisations.contains_key(id));
    if !organisations.is_empty() {
        let found = tx.organisations_among(&organisations)?.into_iter();
        facts.organisations.extend(found.map(|organisation| (organisation.id, organisation)));
    }
    if needs.custody_of.is_empty() {
        return Ok(());
    }
    for mandate in tx.mandates_of(programme, &needs.custody_of)? {
        facts.mandates.entry(mandate.prescriber).or_default().push(mandate);
    }
    Ok(())
}

fn load_redemptions(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    needs: &Needs,
) -> Result<Vec<(String, crate::domain::movement::Redemption)>, StoreError> {
    if needs.redemptions.is_empty() { Ok(Vec::new()) } else { tx.redemptions_among(programme, &needs.redemptions) }
}

fn load_stock(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    if !needs.orders.is_empty() {
        for order in tx.orders_by_number(programme, &needs.orders)? {
            facts.orders.load(order.id, order);
        }
    }
    for booklet in tx.booklets_among(programme, &needs.booklets)? {
        facts.booklets.load(booklet.id, booklet);
    }
    // Several acts of a group may want any booklets of the same holder: each finds enough if the sum is loaded,
    // and as many more as other acts of the group name or pick.
    let named = u32::try_from(needs.booklets.len()).unwrap_or(u32::MAX);
    let picked = needs.picks.iter().fold(named, |sum, pick| sum.saturating_add(pick.count));
    let mut asked = BTreeSet::new();
    for pick in &needs.picks {
        if !asked.insert((&pick.holder, &pick.order)) {
            continue;
        }
        let order = pick.order.as_ref().and_then(|number| facts.order(number)).map(|order| order.id);
        if pick.order.is_some() && order.is_none() {
            continue;
        }
        let wish = crate::domain::facts::Pick { count: picked, ..pick.clone() };
        for booklet in tx.pick(programme, &wish, order)? {
            facts.booklets.load(booklet.id, booklet);
        }
    }
    Ok(())
}

fn load_people(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    if !needs.people.is_empty() {
        facts.people_keys = tx.people_keys(programme)?;
        for (fingerprint, passes) in tx.people_among(programme, &needs.people)? {
            facts.people.load(fingerprint, passes);
        }
    }
    if needs.people_keys.asked {
        facts.people_keys = tx.people_keys(programme)?;
    }
    if !needs.exceptions.is_empty() {
        for exception in tx.exceptions_among(programme, &needs.exceptions)? {
            facts.exceptions.load(exception.number, exception);
        }
    }
    Ok(())
}

fn load_passes(
    tx: &mut (impl Reads + ?Sized),
    needs: &Needs,
    coded: Vec<(Pass, CodeMac, Booklet)>,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    for (pass, code, booklet) in coded {
        // A pass of another programme is unknown here, but its code is taken.
        if BookletId::new(programme, booklet.id.number()) == booklet.id {
            facts.codes.insert(code, pass.id);
            facts.passes.load(pass.id, pass);
            facts.booklets.load(booklet.id, booklet);
        } else {
            facts.codes_elsewhere.insert(code);
        }
    }
    let spent = facts.redemptions.iter().flat_map(|(_, redemption)| &redemption.items);
    let withdrawn = facts.withdrawals.values().flat_map(|withdrawal| withdrawal.origins.keys());
    let mut named: BTreeSet<PassId> = spent.chain(withdrawn).filter_map(|item| item.pass()).collect();
    named.extend(&needs.passes);
    named.extend(facts.claims.passes.iter().map(|((_, pass), _)| *pass));
    named.extend(facts.claims.rejected.keys());
    named.extend(facts.statements.lines.iter().map(|(_, line)| line.pass));
    for pass in tx.passes_among(programme, &named)? {
        facts.passes.load(pass.id, pass);
    }
    let known: BTreeSet<BookletId> = facts.booklets.iter().map(|(id, _)| *id).collect();
    let booklets: BTreeSet<BookletId> = facts.passes.iter().map(|(id, _)| id.booklet()).collect();
    for booklet in tx.booklets_among(programme, &booklets.difference(&known).copied().collect())? {
        facts.booklets.load(booklet.id, booklet);
    }
    Ok(())
}

fn load_orders(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let destroyed = needs.new_destruction || !needs.destructions.is_empty();
    let judged = destroyed || !(needs.codes.is_empty() && needs.people.is_empty());
    let orders: BTreeSet<OrderId> = facts.booklets.iter().map(|(_, booklet)| booklet.batch.order()).collect();
    let missing: BTreeSet<OrderId> = orders.into_iter().filter(|id| facts.orders.get(id).is_none()).collect();
    if judged && !missing.is_empty() {
        for order in tx.orders_among(&missing)? {
            facts.orders.load(order.id, order);
        }
    }
    Ok(())
}

fn load_custody(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    if !needs.dispatches.is_empty() {
        for dispatch in tx.dispatches_among(programme, &needs.dispatches)? {
            facts.dispatches.load(dispatch.number, dispatch);
        }
    }
    let receivers: Vec<Holder> = needs
        .receivers
        .iter()
        .filter_map(|id| facts.organisations.get(id))
        .map(|organisation| Holder::Prescriber(organisation.code.clone()))
        .collect();
    for receiver in receivers {
        for dispatch in tx.open_dispatches_to(programme, &receiver)? {
            facts.dispatches.load(dispatch.number, dispatch);
        }
    }
    Ok(())
}

/// Every batch that a movement of the group could touch, but for those it brings itself.
fn batches(facts: &Facts) -> BTreeSet<BatchId> {
    facts.booklets.iter().map(|(_, booklet)| booklet.batch).collect()
}

/// Every holder that a movement of the group could touch. Passes go from where they are to their provider or back
/// into circulation; whole booklets may go to the store, to a prescriber or be blocked.
fn holders(needs: &Needs, facts: &Facts) -> BTreeSet<Holder> {
    let mut holders = needs.holders.clone();
    holders.insert(Holder::Circulation);
    let whole = [needs.booklets.is_empty(), needs.picks.is_empty(), needs.dispatches.is_empty()].contains(&false);
    if whole {
        holders.extend([Holder::Store, Holder::Blocked]);
    }
    holders.extend(facts.booklets.iter().map(|(_, booklet)| booklet.holder.clone()));
    holders.extend(facts.passes.iter().filter_map(|(_, pass)| pass.holder.clone()));
    holders.extend(facts.withdrawals.values().flat_map(|withdrawal| withdrawal.origins.values().cloned()));
    holders.extend(facts.dispatches.iter().map(|(number, _)| Holder::Transit(*number)));
    for organisation in facts.organisations.values() {
        if whole {
            holders.insert(Holder::Prescriber(organisation.code.clone()));
        }
        let of_claims = !(needs.claims.is_empty() && needs.payments.is_empty() && needs.statements.is_empty());
        if of_claims || !needs.codes.is_empty() {
            holders.insert(Holder::Provider(organisation.code.clone()));
        }
        if of_claims {
            holders.extend([Holder::Claimed(organisation.code.clone()), Holder::Paid(organisation.code.clone())]);
        }
    }
    holders
}
