//! What every act has in common: who may ask at all.

use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::ledger::SubmitError;
use recepisse::store::WriteError;

use crate::harness::{on_every_engine, short_code};

#[test]
fn a_user_who_was_disabled_is_stopped_at_the_next_write() {
    on_every_engine(|world| {
        let user = world.user("HDF", Role::RegionAdmin);
        world.write(|tx| {
            let mut known = tx.user(user)?.unwrap();
            known.active = false;
            known.version += 1;
            assert!(tx.update_user(&known)?);
            Ok(())
        });
        assert_eq!(world.region_admin().is_told(world.order("CMD-1", 1)), Code::AccountDisabled);
    });
}

#[test]
fn so_is_a_user_whose_last_day_is_over() {
    on_every_engine(|world| {
        let user = world.user("HDF", Role::RegionAdmin);
        world.write(|tx| {
            let mut known = tx.user(user)?.unwrap();
            known.valid_until = Some(world.day());
            known.version += 1;
            assert!(tx.update_user(&known)?);
            Ok(())
        });
        world.region_admin().does(world.order("CMD-1", 1));
        world.clock.advance_days(1);
        assert_eq!(world.region_admin().is_told(world.order("CMD-2", 1)), Code::AccountDisabled);
    });
}

#[test]
fn so_is_everybody_of_an_organisation_that_was_disabled() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        world.change_organisation("MAUB", |organisation| organisation.active = false);
        let person = crate::harness::Person::senior(world, 1);
        assert_eq!(world.prescriber("MAUB").is_told(world.hand_out(&person, [1])), Code::AccountDisabled);
    });
}

#[test]
fn a_role_that_may_not_record_an_act_gets_no_permit() {
    on_every_engine(|world| {
        let refused = world.region_admin().asks(world.activation("CMD-1"));
        assert!(matches!(refused, Err(SubmitError::Forbidden)));
        let refused = world.prescriber("MAUB").asks(world.order("CMD-1", 1));
        assert!(matches!(refused, Err(SubmitError::Forbidden)));
    });
}

#[test]
fn a_programme_that_does_not_exist_is_told_so() {
    on_every_engine(|world| {
        let mut admin = world.region_admin();
        admin.programme = recepisse::domain::ids::ProgrammeNo(77);
        assert!(matches!(admin.asks(world.order("CMD-1", 1)), Err(SubmitError::ProgrammeUnknown)));
    });
}

#[test]
fn nothing_is_written_under_a_clock_that_went_back() {
    on_every_engine(|world| {
        world.stock_up(1);
        world.clock.advance_seconds(-60);
        let receipt = world.region_admin().does(world.dispatch("MAUB", 1));
        assert_eq!(receipt.body().at, "2021-10-04T07:30:00.000Z", "a minute is forgiven, and time does not go back");
        world.clock.advance_days(-1);
        assert!(matches!(world.region_admin().asks(world.order("CMD-2", 1)), Err(SubmitError::ClockBehind)));
    });
}

#[test]
fn a_change_of_reference_data_must_name_the_version_it_read() {
    on_every_engine(|world| {
        let code = short_code("MAUB");
        let mut stale = world.store.read(|tx| tx.organisation_by_code(&code)).unwrap().unwrap();
        world.change_organisation("MAUB", |organisation| organisation.phone = None);
        stale.version += 1;
        let found = world.write(|tx| tx.update_organisation(&stale));
        assert!(!found);
        let duplicate = world.store.write(|tx| tx.insert_organisation(&stale));
        assert!(matches!(duplicate, Err(WriteError::Undone(error)) if error.is_conflict()));
    });
}

#[test]
fn another_regions_programme_does_not_exist_for_a_regions_people() {
    on_every_engine(|world| {
        let other = world.organisation("MAUB");
        world.change_programme(|programme| programme.sponsor = other);
        assert_eq!(world.region_admin().is_told(world.order("CMD-1", 1)), Code::ProgrammeUnknown);
    });
}
