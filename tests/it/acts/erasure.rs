//! What is known of people is kept apart from the journal: it is erased at the end of its time or on request, and everything
//! that was sealed still holds. What never lives here: HTTP (see `http::erasure`).

use std::path::Path;
use std::process::Command;

use recepisse::audit;
use recepisse::domain::act::Act;
use recepisse::domain::applications::{End, EndReason};
use recepisse::domain::erasure::{Erase, RetentionRules, Whom};
use recepisse::domain::handout::GrantException;
use recepisse::domain::incidents::{DeclareLoss, LossReason};
use recepisse::domain::items::Named;
use recepisse::domain::refusal::Code;
use recepisse::domain::replacement::{Replace, ReplacementReason};
use recepisse::domain::text::Label;
use recepisse::domain::time::Instant;
use recepisse::due::{self, Overdue};
use recepisse::ledger::SubmitError;
use recepisse::receipts::{Mention, Receipt};
use recepisse::reports::{Request, Value, open};

use super::is_sound;
use crate::harness::{Engine, Person, Raw, World, booklet_ids, on_every_engine, python_is_here};

/// The morning of a day.
fn wake_on(world: &World, day: &str) {
    let then = Instant::parse(&format!("{day}T07:30:00.000Z")).unwrap();
    world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
}

fn overdue(world: &World, most: u32) -> Erase {
    Erase { whom: Whom::Overdue { since: RetentionRules::default().limit(world.day()), most } }
}

const fn of(person: &Person) -> Erase {
    Erase { whom: Whom::Person(person.fingerprint) }
}

fn exception(person: &Person) -> GrantException {
    let reason = Label::parse("Dégât des eaux").unwrap();
    GrantException { fingerprint: person.fingerprint, passes: 10, reason }
}

/// People, hand-outs, exceptions and replacements, as the receipt says them.
fn counts(receipt: &Receipt) -> [i64; 4] {
    ["people", "hand_outs", "exceptions", "replacements"].map(|name| match &receipt.body().mentions[name] {
        Mention::Number(number) => *number,
        Mention::Text(text) => panic!("{name}: {text}"),
    })
}

/// Rows of people, hand-outs and exceptions.
fn rows(world: &World) -> [i64; 3] {
    let mut raw = Raw::on(&world.place);
    ["people", "hand_outs", "exceptions"].map(|table| raw.number(&format!("SELECT COUNT(*) AS answer FROM {table}")))
}

/// Chain, seals, rules and balances hold, also for the verifier that shares no code with ours.
fn holds(world: &World) {
    let key = world.keys.seal_key().verifying_key();
    audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
    is_sound(world);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let mut file = std::fs::File::create(&path).unwrap();
    audit::write_journal(&world.store, &[key], &world.programme, &mut file, &mut |_, _| {}).unwrap();
    if !python_is_here() {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_journal.py");
    let output = Command::new("python3").arg("-I").arg(script).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Met on 4 October 2021: one person with nothing but a hand-out, one who came to spend on 1 March 2022, one whose booklet was
/// replaced and who spent of the new one on 1 April 2022, and one who was granted an exception and never came.
fn four_people(world: &World) -> [Person; 4] {
    world.supply_maubeuge(6);
    let people = [1, 2, 3, 9].map(|number| Person::senior(world, number));
    let (maubeuge, finance) = (world.prescriber("MAUB"), world.region_finance());
    for (person, booklet) in people.iter().zip(1..=3) {
        maubeuge.does(world.hand_out(person, [booklet]));
    }
    finance.does(exception(&people[3]));
    let [lost, new] = [3, 4].map(|number| booklet_ids(world, [number])[0]);
    let items = Named { booklets: vec![lost], passes: Vec::new() };
    let (reason, noticed_on) = (LossReason::Lost, world.day());
    maubeuge.does(DeclareLoss { items, reason, noticed_on, complaint: None, stock_take: None });
    let Person { fingerprint, commitment, .. } = people[2];
    let reason = ReplacementReason::Lost;
    maubeuge.does(Replace { original: lost, replacement: new, fingerprint, commitment, nonce: None, reason });
    let venue = world.venue_agent("LIEUX");
    wake_on(world, "2022-03-01");
    venue.does(world.redeem("Maubeuge", world.codes(2, 1..=3)));
    wake_on(world, "2022-04-01");
    venue.does(world.redeem("Maubeuge", world.codes(4, 10..=10)));
    people
}

#[test]
fn what_is_known_of_people_is_erased_two_years_after_the_last_contact_and_the_register_stays_sound() {
    on_every_engine(|world| {
        four_people(world);
        let admin = world.region_admin();
        wake_on(world, "2023-10-04");
        assert_eq!(admin.is_told(overdue(world, 1_000)), Code::NothingToErase);
        wake_on(world, "2023-10-05");
        let receipt = admin.does(overdue(world, 1_000));
        assert_eq!(counts(&receipt), [2, 1, 1, 0], "the first, and the one with an exception only");
        assert_eq!(receipt.body().mentions["contact_before"], Mention::Text("2021-10-05".to_owned()));
        assert_eq!(rows(world), [2, 2, 0]);
        wake_on(world, "2024-03-02");
        assert_eq!(counts(&admin.does(overdue(world, 1_000))), [1, 1, 0, 0], "who came back to spend");
        wake_on(world, "2024-04-01");
        assert_eq!(admin.is_told(overdue(world, 1_000)), Code::NothingToErase);
        wake_on(world, "2024-04-02");
        assert_eq!(counts(&admin.does(overdue(world, 1_000))), [1, 1, 0, 1], "who spent of the new booklet");
        assert_eq!(rows(world), [0, 0, 0]);
        let nobody = Raw::on(&world.place).texts("SELECT CAST(number AS TEXT) AS answer FROM replacements");
        assert_eq!(nobody.len(), 1, "that a booklet was replaced stays known");
        holds(world);
    });
}

#[test]
fn no_table_holds_the_fingerprint_of_a_person_who_was_erased() {
    on_every_engine(|world| {
        let people = four_people(world);
        let found = |person: &Person| {
            let print = hex::encode(person.fingerprint);
            let column =
                if world.engine() == Engine::Sqlite { "hex(fingerprint)" } else { "encode(fingerprint, 'hex')" };
            let mut raw = Raw::on(&world.place);
            let tables = raw.texts(match world.engine() {
                Engine::Sqlite => {
                    "SELECT m.name AS answer FROM sqlite_master m, pragma_table_info(m.name) c \
                     WHERE m.type = 'table' AND c.name = 'fingerprint' AND c.type = 'BYTEA'"
                }
                Engine::Postgres => {
                    "SELECT CAST(table_name AS TEXT) AS answer FROM information_schema.columns \
                     WHERE column_name = 'fingerprint' AND data_type = 'bytea' AND table_schema = 'public'"
                }
            });
            assert!(tables.len() >= 4, "{tables:?}");
            let rows = |table: String| {
                raw.number(&format!("SELECT COUNT(*) AS answer FROM {table} WHERE LOWER({column}) = '{print}'"))
            };
            tables.into_iter().flatten().map(rows).sum::<i64>()
        };
        assert_eq!(people.each_ref().map(found), [2, 2, 3, 1], "{}", world.engine());
        for person in &people {
            assert_eq!(counts(&world.region_admin().does(of(person)))[0], 1);
        }
        assert_eq!(people.each_ref().map(found), [0; 4], "{}", world.engine());
        holds(world);
    });
}

#[test]
fn a_person_who_asks_is_erased_alone_and_is_somebody_new_afterwards() {
    on_every_engine(|world| {
        let people = four_people(world);
        let (admin, maubeuge) = (world.region_admin(), world.prescriber("MAUB"));
        assert_eq!(maubeuge.is_told(world.hand_out(&people[0], [5])), Code::EntitlementExhausted);
        assert!(matches!(maubeuge.asks(of(&people[0])), Err(SubmitError::Forbidden)));
        let receipt = admin.does(of(&people[0]));
        assert_eq!(counts(&receipt), [1, 1, 0, 0]);
        assert_eq!(receipt.body().mentions["reason"], Mention::Text("request".to_owned()));
        assert!(!receipt.body().mentions.contains_key("contact_before"));
        assert!(!receipt.bytes().contains(&hex::encode(people[0].fingerprint)));
        assert_eq!(rows(world), [2, 2, 1]);
        assert_eq!(admin.is_told(of(&people[0])), Code::NothingToErase);
        assert_eq!(admin.is_told(of(&Person::senior(world, 77))), Code::NothingToErase);
        maubeuge.does(world.hand_out(&people[0], [5]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
        holds(world);
    });
}

#[test]
fn an_erasure_takes_so_many_people_and_says_whether_there_are_more() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(5);
        wake_on(world, "2024-01-10");
        let admin = world.region_admin();
        for most in [0, 1_001] {
            assert_eq!(admin.is_told(overdue(world, most)), Code::QuantityOutOfRange);
        }
        let early = Erase { whom: Whom::Overdue { since: world.day(), most: 10 } };
        assert_eq!(admin.is_told(early), Code::ErasureTooEarly);
        let first = admin.does(overdue(world, 2));
        assert_eq!((counts(&first)[0], first.body().mentions.get("more")), (2, Some(&Mention::Number(1))));
        // Two of one group take two parts.
        let both = admin.asks_together(vec![Box::new(overdue(world, 2)), Box::new(overdue(world, 1))]);
        let both: Vec<Receipt> = both.into_iter().map(Result::unwrap).collect();
        assert_eq!(both.iter().map(|receipt| counts(receipt)[0]).collect::<Vec<_>>(), [2, 1]);
        // The last part takes just as many as are left: nothing follows it.
        assert_eq!(
            both.iter().map(|receipt| receipt.body().mentions.contains_key("more")).collect::<Vec<_>>(),
            [true, false]
        );
        assert_eq!(rows(world), [0, 0, 0]);
        holds(world);
    });
}

#[test]
fn who_is_met_in_the_same_group_waits_and_a_person_is_erased_once() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let person = Person::senior(world, 1);
        world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        assert!(world.write(|tx| tx.keep_retention_rules(world.programme.no, RetentionRules { months: 6 }, 0)));
        wake_on(world, "2022-06-01");
        let everybody = || {
            let since = RetentionRules { months: 6 }.limit(world.day());
            Erase { whom: Whom::Overdue { since, most: 9 } }
        };
        // Whether acts asked together come into one group is the writer's: behind another one they mostly do.
        let waits = (10..40).any(|number| {
            let (other, newcomer) = (Person::senior(world, 100), Person::senior(world, number));
            let acts: [Box<dyn Act>; 4] = [
                Box::new(exception(&other)),
                Box::new(exception(&newcomer)),
                Box::new(of(&newcomer)),
                Box::new(everybody()),
            ];
            let answers = world.region_finance().asks_together(acts.into());
            assert!(answers[1].is_ok());
            answers[2].as_ref().is_err_and(|refusal| refusal.code == Code::ErasureWaits)
        });
        assert!(waits, "{}: thirty times no group", world.engine());
        assert_eq!(rows(world)[1], 0, "the first person was overdue");
        world.prescriber("MAUB").does(world.hand_out(&person, [2]));
        world.region_finance().does(exception(&person));
        let erased = world.region_admin().asks_together(vec![Box::new(of(&person)), Box::new(of(&person))]);
        assert_eq!(counts(erased[0].as_ref().unwrap()), [1, 1, 1, 0]);
        assert_eq!(erased[1].as_ref().unwrap_err().code, Code::NothingToErase);
        holds(world);
    });
}

#[test]
fn the_calendar_asks_for_it_and_a_timer_does_it_once() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(3);
        let due = |day| due::overdue(&world.store, &world.programme, day).unwrap();
        assert_eq!((due(world.day()).people, due(world.day()).all), (0, true));
        wake_on(world, "2024-01-10");
        let Overdue { people, since, all, .. } = due(world.day());
        assert_eq!((people, since.to_string().as_str(), all), (3, "2022-01-10", true));
        let caller = &world.region_admin().caller;
        let erase = || due::erase((&world.ledger, &world.store), caller, &world.programme, world.day()).unwrap();
        assert_eq!(erase().iter().map(|receipt| counts(receipt)[0]).collect::<Vec<_>>(), [3]);
        assert!(erase().is_empty());
        assert_eq!(due(world.day()).people, 0);
    });
}

/// On the other side of the desk somebody waits for an answer: the Region must know to whom it gives it.
#[test]
fn who_has_an_open_application_is_erased_once_it_is_decided_or_withdrawn() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        let (maubeuge, admin, person) = (world.prescriber("MAUB"), world.region_admin(), Person::senior(world, 1));
        maubeuge.does(world.application("MAUB", &person, 10));
        let refusal = admin.is_refused(of(&person));
        assert_eq!((refusal.code, refusal.detail("application")), (Code::ErasureApplicationOpen, Some("1")));
        wake_on(world, "2024-10-05");
        assert_eq!(admin.is_told(overdue(world, 1_000)), Code::NothingToErase, "not even after years");
        admin.does(End { application: 1, reason: EndReason::Withdrawn });
        assert_eq!(counts(&admin.does(of(&person)))[0], 1);
        holds(world);
    });
}

/// Erased between two acts of one group, the person would be served by both.
#[test]
fn whose_application_is_decided_in_the_same_group_waits() {
    on_every_engine(|world| {
        world.supply_maubeuge(40);
        let (admin, maubeuge) = (world.region_admin(), world.prescriber("MAUB"));
        let waits = (1..=30).any(|number| {
            let (person, other) = (Person::senior(world, u32::try_from(number).unwrap()), Person::senior(world, 100));
            maubeuge.does(world.application("MAUB", &person, 10));
            let acts: [Box<dyn Act>; 3] =
                [Box::new(exception(&other)), Box::new(world.acceptance_of(number)), Box::new(of(&person))];
            let answers = admin.asks_together(acts.into());
            assert!(answers[1].is_ok());
            let booklet = u32::try_from(number).unwrap();
            assert_eq!(maubeuge.is_told(world.hand_out(&person, [booklet])), Code::ChannelsMixed);
            answers[2].as_ref().is_err_and(|refusal| refusal.code == Code::ErasureWaits)
        });
        assert!(waits, "{}: thirty times no group", world.engine());
        holds(world);
    });
}

fn hand_outs(world: &World, masked: bool) -> Vec<Vec<Value>> {
    let request = Request { masked, ..Request::new(world.programme.code.clone(), world.day()) };
    let mut report = open("hand-outs", &world.store, &request).unwrap();
    let mut rows = Vec::new();
    while let Some(page) = (report.pages)().unwrap() {
        rows.extend(page);
    }
    rows
}

#[test]
fn a_report_says_what_it_no_longer_knows_and_its_sums_stay() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let told = || hand_outs(world, false);
        let texts =
            |ground: &str, band: &str, commune: &str| [ground, band, commune].map(|text| Value::Text(text.into()));
        let sums = |count: i64| [Value::Integer(count), Value::Integer(count), Value::Integer(10 * count)];
        let before = told();
        assert_eq!((&before[0][2..5], &before[0][5..]), (&texts("senior", "60+", "59392")[..], &sums(2)[..]));
        world.region_admin().does(of(&Person::senior(world, 1)));
        let after = told();
        assert_eq!((&after[0][2..5], &after[0][5..]), (&texts("effacé", "effacé", "effacé")[..], &sums(1)[..]));
        assert_eq!((&after[1][2..5], &after[1][5..]), (&texts("senior", "60+", "59392")[..], &sums(1)[..]));
    });
}

#[test]
fn small_counts_are_hidden_on_request() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        assert_eq!(hand_outs(world, true)[0][5..], [Value::Empty, Value::Empty, Value::Empty]);
        assert_eq!(hand_outs(world, false)[0][5..], [Value::Integer(2), Value::Integer(2), Value::Integer(20)]);
    });
}

#[test]
fn whoever_spends_passes_of_a_booklet_that_came_by_letter_is_met() {
    on_every_engine(|world| {
        world.mail_to_applicant("CMD-1", 1);
        wake_on(world, "2022-03-01");
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        wake_on(world, "2023-10-05");
        assert_eq!(world.region_admin().is_told(overdue(world, 1_000)), Code::NothingToErase);
        wake_on(world, "2024-03-02");
        assert_eq!(counts(&world.region_admin().does(overdue(world, 1_000)))[0], 1);
    });
}

/// Nothing but a replacement is known of whoever was erased and came back with the booklet in hand.
#[test]
fn whoever_is_known_by_a_replacement_alone_is_erased_in_time() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        world.mail_to_applicant("CMD-2", 2);
        world.region_admin().does(of(&Person::senior(world, 900)));
        let person = Person::senior(world, 7);
        let [torn, new] = [2, 1].map(|number| booklet_ids(world, [number])[0]);
        let Person { fingerprint, commitment, .. } = person;
        let reason = ReplacementReason::Damaged;
        let receipt = world.prescriber("MAUB").does(Replace {
            original: torn,
            replacement: new,
            fingerprint,
            commitment,
            nonce: None,
            reason,
        });
        assert_eq!(receipt.body().mentions["recipient"], Mention::Text("erased".to_owned()));
        wake_on(world, "2023-10-04");
        assert_eq!(world.region_admin().is_told(overdue(world, 1_000)), Code::NothingToErase);
        wake_on(world, "2023-10-05");
        assert_eq!(counts(&world.region_admin().does(overdue(world, 1_000))), [1, 0, 0, 1]);
        assert_eq!(world.region_admin().is_told(overdue(world, 1_000)), Code::NothingToErase);
        holds(world);
    });
}

#[test]
fn an_applicant_is_erased_with_what_they_wrote() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        world.mail_to_applicant("CMD-2", 4);
        let admin = world.region_admin();
        wake_on(world, "2023-10-04");
        assert_eq!(admin.is_told(overdue(world, 1_000)), Code::NothingToErase);
        wake_on(world, "2023-10-05");
        let receipt = admin.does(overdue(world, 1_000));
        assert_eq!(receipt.body().mentions["people"], Mention::Number(1));
        let mut raw = Raw::on(&world.place);
        assert_eq!(raw.number("SELECT COUNT(*) AS answer FROM applications"), 1, "its receipts count it");
        assert_eq!(raw.number("SELECT COUNT(*) AS answer FROM applications WHERE length(dossier) > 0"), 0);
        assert_eq!(admin.is_told(of(&Person::senior(world, 900))), Code::NothingToErase, "nothing leads to the person");
        holds(world);
    });
}
