//! What is known of people is kept apart from the journal: it can be erased at the end of its time, and everything that
//! was sealed still holds. What never lives here: when that time is over.

use recepisse::audit;

use crate::harness::{Raw, on_every_engine};

/// The tables that `docs/OPERATIONS.md` names.
const ABOUT_PEOPLE: [&str; 5] = ["people", "hand_outs", "exceptions", "applications", "replacements"];

#[test]
fn what_is_known_of_people_can_be_erased_and_the_register_stays_sound() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(3);
        world.mail_to_applicant("CMD-2", 4);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
        let key = world.keys.seal_key().verifying_key();
        let verify = || audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
        let before = verify();
        let mut raw = Raw::on(&world.place);
        for table in ABOUT_PEOPLE {
            raw.run(&format!("DELETE FROM {table}")).unwrap();
        }
        assert_eq!(verify(), before, "{}", world.engine());
        assert_eq!(audit::rebuild(&world.store, &world.programme, &mut |_, _| {}).unwrap().total, 0);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, 1..=3)));
    });
}
