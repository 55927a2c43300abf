//! The two looks of a group find what the questions that they stand for find one by one, on both engines.

use std::collections::BTreeSet;

use recepisse::domain::ids::{ProgrammeNo, UserId, VenueId};
use recepisse::domain::party::{Holder, Role};
use recepisse::store::{Reads, Seen, Standings, StoreError, Wanted};

use crate::harness::{World, on_every_engine, short_code};

fn read<T>(world: &World, work: impl FnOnce(&mut dyn Reads) -> Result<T, StoreError>) -> T {
    world.store.read(work).unwrap()
}

fn look(world: &World, programme: ProgrammeNo, wanted: Wanted<'_>) -> Option<Seen> {
    let mut seen = read(world, |tx| tx.look(programme, wanted));
    if let Some(seen) = &mut seen {
        seen.users.sort_by_key(|(user, _, _)| *user);
        seen.venues.sort_by_key(|venue| venue.id);
        seen.passes.sort_by_key(|(pass, _, _)| pass.id);
        seen.orders.sort_by_key(|order| order.id);
    }
    seen
}

#[test]
fn a_look_finds_what_each_question_finds() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(3);
        world.change_organisation("MOBI", |organisation| organisation.active = false);
        world.write(|tx| {
            let mut gone = tx.user(world.user("LIEUX", Role::VenueAgent))?.unwrap();
            gone.active = false;
            gone.version += 1;
            tx.update_user(&gone)
        });
        let programme = world.programme.no;
        let users = BTreeSet::from([
            world.user("MAUB", Role::PrescriberAgent),
            world.user("MOBI", Role::VenueAgent),
            world.user("LIEUX", Role::VenueAgent),
            UserId::parse("00000000-0000-7000-8000-000000000001").unwrap(),
        ]);
        let venues =
            BTreeSet::from([world.venue("Louvroil"), VenueId::parse("00000000-0000-7000-8000-000000000002").unwrap()]);
        let codes = BTreeSet::from([world.code(1, 1), world.code(1, 2), world.code(3, 4), [7; 32]]);
        world.region_admin().asks_with_key("digest", "a request", world.order("CMD-9", 1)).unwrap();
        let key_digests = BTreeSet::from(["digest".to_owned(), "of another".to_owned()]);
        let wanted = Wanted { key_digests: &key_digests, users: &users, venues: &venues, codes: &codes };
        let seen = look(world, programme, wanted).unwrap();

        assert_eq!(seen.programme, world.programme);
        assert_eq!(seen.journal, world.journal(programme));
        assert_eq!(seen.replies, read(world, |tx| tx.replies(&key_digests)));
        assert_eq!(seen.replies.len(), 1);
        assert_eq!(seen.users, read(world, |tx| tx.active_users(&users)));
        assert_eq!(seen.users.len(), 1, "who is unknown, has left, or whose organisation is closed is not there");
        assert_eq!(seen.venues, read(world, |tx| tx.venues_among(&venues)));
        assert_eq!(seen.venues.len(), 1);
        let mut passes = read(world, |tx| tx.passes_by_code(programme, &codes));
        passes.sort_by_key(|(pass, _, _)| pass.id);
        assert_eq!(seen.passes, passes);
        assert_eq!(seen.passes.len(), 3);
        let orders = passes.iter().map(|(_, _, booklet)| booklet.batch.order()).collect();
        assert_eq!(seen.orders, read(world, |tx| tx.orders_among(&orders)));
        assert_eq!(seen.orders.len(), 1);
    });
}

#[test]
fn a_look_for_nothing_finds_the_programme_and_in_no_programme_nothing() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        let (none, nobody, nowhere, nothing) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let wanted = Wanted { key_digests: &none, users: &nobody, venues: &nowhere, codes: &nothing };
        let seen = look(world, world.programme.no, wanted).unwrap();
        assert_eq!(seen.programme, world.programme);
        assert!(seen.users.is_empty() && seen.venues.is_empty() && seen.passes.is_empty() && seen.orders.is_empty());
        assert!(look(world, ProgrammeNo(4_711), wanted).is_none());
    });
}

/// A code is of one programme; another sees that it is taken, and nothing of its order.
#[test]
fn a_look_from_another_programme_finds_the_pass_without_its_order() {
    on_every_engine(|world| {
        world.stock_up(1);
        let other = world.second_programme();
        let codes = BTreeSet::from([world.code(1, 1)]);
        let (none, nobody, nowhere) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let wanted = Wanted { key_digests: &none, users: &nobody, venues: &nowhere, codes: &codes };
        let seen = look(world, other, wanted).unwrap();
        assert_eq!(seen.passes, read(world, |tx| tx.passes_by_code(other, &codes)));
        assert_eq!(seen.passes.len(), 1);
        assert!(seen.orders.is_empty());
    });
}

#[test]
fn standings_are_the_balances_the_holdings_and_the_numbering() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let programme = world.programme.no;
        let maubeuge = Holder::Prescriber(short_code("MAUB"));
        let holders =
            BTreeSet::from([maubeuge, Holder::Circulation, Holder::Store, Holder::Provider(short_code("MOBI"))]);
        let codes = BTreeSet::from([world.code(1, 1)]);
        let passes = read(world, |tx| tx.passes_by_code(programme, &codes));
        let batches = passes.iter().map(|(_, _, booklet)| booklet.batch).collect();
        let offices = BTreeSet::from([short_code("MAUB"), short_code("HDF"), short_code("MOBI")]);
        let ask = |batches: &_| read(world, |tx| tx.standings(programme, &holders, batches, &offices));
        let Standings { mut balances, holdings, mut series } = ask(&batches);
        balances.sort_by(|(one, _), (other, _)| one.cmp(other));
        series.sort();
        let mut each = read(world, |tx| tx.balances_of(programme, &holders, &batches));
        each.sort_by(|(one, _), (other, _)| one.cmp(other));
        assert_eq!(balances, each);
        assert!(balances.len() >= 3, "the store, the prescriber and who holds a booklet");
        assert_eq!(holdings, read(world, |tx| tx.holdings_of(programme, &holders)));
        let mut numbered = read(world, |tx| tx.series_of(programme, &offices));
        numbered.sort();
        assert_eq!(series, numbered);
        assert!(ask(&BTreeSet::new()).balances.is_empty(), "of no batch nothing, whatever is held in all");
    });
}
