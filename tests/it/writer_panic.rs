//! A panic in the writer stops the process: what was acknowledged stands, what was under way did not happen. The process
//! is this test binary once more, with one test that would be no test by itself.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::Arc;

use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::act::{Act, Context};
use recepisse::domain::facts::{Facts, Needs};
use recepisse::domain::ids::ProgrammeNo;
use recepisse::domain::movement::{Kind, Movement};
use recepisse::domain::refusal::Refusal;
use recepisse::keys::Keys;
use recepisse::ledger::{Ledger, Submission};
use recepisse::store::{Options, Store};

use crate::harness::{World, engines};

const DATABASE: &str = "RECEPISSE_TEST_WRITER_PANIC";
const SIGABRT: i32 = 6;

/// An act whose decision panics, which no act of ours does.
#[derive(Debug)]
struct Unthinkable;

impl Act for Unthinkable {
    fn kind(&self) -> Kind {
        Kind::Order
    }

    fn needs(&self, _needs: &mut Needs) {}

    fn decide(&self, _facts: &Facts, _context: &Context) -> Result<Movement, Refusal> {
        panic!("on purpose")
    }
}

#[test]
fn a_panic_in_the_writer_stops_the_process_and_loses_nothing() {
    for engine in engines() {
        let world = World::new(*engine);
        world.stock_up(3);
        let (programme, receipts) = (world.programme.no, world.receipts());
        let place = world.stop();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "writer_panic::stops", "--ignored", "--nocapture"]).env(DATABASE, &place.url);
        let ended = child.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.signal(), Some(SIGABRT), "{said}");
        assert!(said.contains("on purpose"), "{said}");
        let store = Store::open(&place.url, &Options::default()).unwrap();
        let after = store.read(|tx| tx.receipts(programme, 0, 1_000, &recepisse::store::ReceiptFilter::default()));
        assert_eq!(after.unwrap(), receipts, "{engine}");
    }
}

/// Started by the test above; by itself it does nothing.
#[test]
#[ignore = "the other half of a_panic_in_the_writer_stops_the_process_and_loses_nothing"]
fn stops() {
    let Some(url) = std::env::var_os(DATABASE) else { return };
    let store = Arc::new(Store::open(url.to_str().unwrap(), &Options::default()).unwrap());
    let admin = store.read(|tx| tx.user_by_email("region_admin@hdf.example")).unwrap().unwrap();
    let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let ledger = Ledger::start(store, Arc::new(Keys::for_tests(7)), surroundings.0, surroundings.1).unwrap();
    let actor = recepisse::domain::party::Actor {
        user: admin.id,
        organisation: admin.organisation,
        role: admin.role,
        pseudonym: "admin".to_owned(),
    };
    let permit = recepisse::auth::Caller::new(actor, "session".to_owned()).permit(Kind::Order).unwrap();
    let submission = Submission::new(permit, ProgrammeNo(1), Box::new(Unthinkable), None).unwrap();
    let answer = ledger.submit_and_wait(submission);
    unreachable!("the process goes on after a panic of its writer: {answer:?}");
}
