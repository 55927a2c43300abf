//! What an issuer that pays the venues itself says it has paid, through the ledger: matched, listed, disputed, decided.

use recepisse::domain::incidents::{Block, BlockReason};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::programme::Payer;
use recepisse::domain::refusal::Code;
use recepisse::domain::statements::{
    Dispute, DisputeReason, ImportStatement, IssuerStatement, LineClass, LineStatus, Resolution, ResolutionReason,
    Resolve, Said, StatementLine, Told, VenueReference,
};
use recepisse::domain::time::{Day, Instant};
use recepisse::payment_file;
use recepisse::receipts::{Mention, Receipt};
use recepisse::store::StoreError;

use super::payments::{held, is_sound};
use crate::harness::{World, booklet_ids, on_every_engine, reference, second_opinion};

/// One line of a file: its number, booklet and rank, venue, day of use, cents.
type Line<'l> = (i64, (u32, u8), &'l str, &'l str, i64);

fn told(world: &World, (number, (booklet, rank), venue, redeemed_on, cents): &Line<'_>) -> Told {
    let pass = booklet_ids(world, [*booklet])[0].pass(*rank);
    let said = Said {
        venue: VenueReference::parse(venue).unwrap(),
        redeemed_on: Day::parse(redeemed_on).unwrap(),
        paid_on: Day::parse("2021-11-05").unwrap(),
        amount: Cents::new(*cents),
    };
    Told { number: *number, pass, said }
}

fn lines_hash(world: &World, lines: &[Told]) -> String {
    let text: String = lines.iter().map(|told| told.text(&told.pass.item().printed(&world.programme.code))).collect();
    payment_file::hash(text.as_bytes())
}

/// The statement of October with these lines, as a file of its own.
fn statement(world: &World, mark: &str, lines: &[Line<'_>]) -> ImportStatement {
    let lines: Vec<Told> = lines.iter().map(|line| told(world, line)).collect();
    ImportStatement {
        issuer: world.organisation("APTIC"),
        month: Month::parse("2021-10").unwrap(),
        corrects: None,
        file_hash: mark.repeat(32),
        lines_hash: lines_hash(world, &lines),
        lines,
    }
}

fn correction(world: &World, mark: &str, lines: &[Line<'_>]) -> ImportStatement {
    ImportStatement { corrects: Some(1), ..statement(world, mark, lines) }
}

/// Passes 1 to 6 of booklet 1 were spent at Maubeuge in October, the month is over, and the issuer pays.
fn spent(world: &World) {
    world.hand_out_at_maubeuge(2);
    world.change_programme(|programme| programme.payer = Payer::Issuer);
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=6)));
    world.clock.set(Instant::parse("2021-11-08T08:00:00.000Z").unwrap());
}

const DAY: &str = "2021-10-04";

/// One line of each class but `disputed`; pass 6 is absent.
const EACH: [Line<'static>; 8] = [
    (2, (1, 1), "LIEUX", DAY, 1000),
    (3, (1, 2), "LIEUX", DAY, 900),
    (4, (1, 3), "MOBI", DAY, 1000),
    (5, (1, 4), "LIEUX", "2021-10-05", 1000),
    (6, (1, 5), "LIEUX", DAY, 1000),
    (7, (1, 5), "LIEUX", DAY, 1000),
    (8, (1, 7), "LIEUX", DAY, 1000),
    (9, (2, 1), "LIEUX", DAY, 1000),
];

/// The statement with a line of each class, taken in as number 1; booklet 2 is blocked.
pub(crate) fn taken(world: &World) -> Receipt {
    spent(world);
    let items = Named { booklets: booklet_ids(world, [2]), passes: Vec::new() };
    world.region_admin().does(Block { items, reason: BlockReason::Precaution });
    world.region_finance().does(statement(world, "a1", &EACH))
}

fn lines(world: &World, statement: i64) -> Vec<StatementLine> {
    let found: Result<_, StoreError> =
        world.store.read(|tx| tx.statement_lines(world.programme.no, statement, 0, 1_000));
    found.unwrap()
}

fn classes(world: &World, statement: i64) -> Vec<(i64, LineClass, LineStatus)> {
    lines(world, statement).into_iter().map(|line| (line.number, line.class, line.status)).collect()
}

fn kept(world: &World, number: i64) -> IssuerStatement {
    let found: Result<_, StoreError> = world.store.read(|tx| tx.statements_among(world.programme.no, &[number].into()));
    found.unwrap().pop().unwrap()
}

fn resolve(statement: i64, differences: &[i64], resolution: Resolution) -> Resolve {
    let reference = Some(reference("COURRIER-2021-118"));
    let reason = ResolutionReason::EvidenceSeen;
    Resolve { statement, differences: differences.to_vec(), resolution, reason, reference }
}

fn dispute(world: &World, ranks: &[u8]) -> Dispute {
    let passes = ranks.iter().map(|rank| booklet_ids(world, [1])[0].pass(*rank)).collect();
    Dispute { statement: 1, passes, reason: DisputeReason::NotReceived, reference: None }
}

fn number(receipt: &Receipt, name: &str) -> i64 {
    match receipt.body().mentions.get(name) {
        Some(Mention::Number(number)) => *number,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn what_agrees_is_paid_and_every_other_line_is_classed_and_listed() {
    on_every_engine(|world| {
        let receipt = taken(world);
        let open = LineStatus::Open;
        let wanted = [
            (2, LineClass::Matched, LineStatus::Settled),
            (3, LineClass::AmountDiffers, open),
            (4, LineClass::VenueDiffers, open),
            (5, LineClass::DayDiffers, open),
            (6, LineClass::Matched, LineStatus::Settled),
            (7, LineClass::PaidTwice, open),
            (8, LineClass::NotRedeemed, open),
            (9, LineClass::NotPayable, open),
            (10, LineClass::Absent, open),
        ];
        assert_eq!(classes(world, 1), wanted);
        assert_eq!((held(world, "paid"), held(world, "provider")), ((2, 2_000), (4, 4_000)));
        assert_eq!((number(&receipt, "matched_passes"), number(&receipt, "open_differences")), (2, 7));
        assert_eq!((number(&receipt, "stated_cents"), kept(world, 1).open), (7_900, 7));
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn a_venue_is_called_by_its_identifier_or_by_the_code_or_number_of_its_provider() {
    on_every_engine(|world| {
        spent(world);
        let venue = world.venue("Maubeuge").to_string();
        let provider = world.store.read::<_, StoreError>(|tx| tx.organisation(world.organisation("LIEUX")));
        let siret = provider.unwrap().unwrap().registration.to_string();
        let lines = [(2, (1, 1), &*venue, DAY, 1000), (3, (1, 2), &*siret, DAY, 1000), (4, (1, 3), "lieux", DAY, 1000)];
        world.region_finance().does(statement(world, "a1", &lines));
        assert_eq!(held(world, "paid"), (3, 3_000));
    });
}

#[test]
fn a_statement_is_of_a_month_that_is_over_of_an_issuer_that_pays_and_of_a_new_file() {
    on_every_engine(|world| {
        spent(world);
        let finance = world.region_finance();
        let good = || statement(world, "a1", &EACH[..1]);
        let november = Month::parse("2021-11").unwrap();
        assert_eq!(finance.is_told(ImportStatement { month: november, ..good() }), Code::MonthNotOver);
        let issuer = world.organisation("LIEUX");
        assert_eq!(finance.is_told(ImportStatement { issuer, ..good() }), Code::IssuerUnknown);
        assert_eq!(finance.is_told(correction(world, "a1", &EACH[..1])), Code::StatementUnknown);
        assert_eq!(finance.is_told(statement(world, "a1", &[])), Code::StatementEmpty);
        world.change_programme(|programme| programme.payer = Payer::Region);
        assert_eq!(finance.is_told(good()), Code::PayerIsRegion);
        world.change_programme(|programme| programme.payer = Payer::Issuer);
        finance.does(good());
        assert_eq!(finance.is_told(good()), Code::IssuerFileTaken);
        let september = Month::parse("2021-09").unwrap();
        let other = ImportStatement { month: september, ..correction(world, "b2", &EACH[1..2]) };
        assert_eq!(finance.is_told(other), Code::StatementUnknown);
    });
}

#[test]
fn the_same_line_is_refused_a_second_time_and_another_about_the_same_pass_is_paid_twice() {
    on_every_engine(|world| {
        taken(world);
        let finance = world.region_finance();
        let again = finance.is_refused(statement(world, "b2", &EACH[..1]));
        assert_eq!(
            (again.code, again.detail("line"), again.detail("statement")),
            (Code::IssuerLineTaken, Some("2"), Some("1"))
        );
        finance.does(statement(world, "b2", &[(2, (1, 1), "LIEUX", DAY, 500)]));
        // What was absent is told of already.
        assert_eq!(classes(world, 2), [(2, LineClass::PaidTwice, LineStatus::Open)]);
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn a_correction_is_taken_line_by_line_and_what_it_repeats_is_unchanged() {
    on_every_engine(|world| {
        taken(world);
        let finance = world.region_finance();
        assert_eq!(finance.is_told(correction(world, "b2", &EACH[..1])), Code::StatementEmpty);
        let corrected = [
            EACH[0],
            (3, (1, 2), "LIEUX", DAY, 1000),
            (4, (1, 3), "LIEUX", DAY, 1000),
            (5, (1, 6), "LIEUX", DAY, 1000),
            (6, (1, 5), "LIEUX", DAY, 800),
        ];
        let receipt = finance.does(correction(world, "b2", &corrected));
        let wanted = [
            (2, LineClass::Unchanged, LineStatus::Settled),
            (3, LineClass::Matched, LineStatus::Settled),
            (4, LineClass::Matched, LineStatus::Settled),
            (5, LineClass::Matched, LineStatus::Settled),
            (6, LineClass::AmountDiffers, LineStatus::Open),
        ];
        assert_eq!(classes(world, 2), wanted);
        // Paid before and said otherwise now: it stays paid until somebody decides.
        assert_eq!((receipt.body().total.passes, held(world, "paid")), (3, (5, 5_000)));
        let corrected = lines(world, 1).into_iter().filter(|line| line.status == LineStatus::Corrected);
        let corrected: Vec<i64> = corrected.map(|line| line.number).collect();
        assert_eq!((corrected, kept(world, 1).open, kept(world, 2).open), (vec![3, 4, 6, 7, 10], 3, 1));
        is_sound(world);
        finance.does(resolve(2, &[6], Resolution::IssuerCorrects));
        assert_eq!(held(world, "paid"), (4, 4_000));
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn differences_are_resolved_once_each_until_none_is_open() {
    on_every_engine(|world| {
        taken(world);
        let finance = world.region_finance();
        assert_eq!(finance.is_told(resolve(9, &[3], Resolution::Accepted)), Code::StatementUnknown);
        assert_eq!(finance.is_told(resolve(1, &[], Resolution::Accepted)), Code::SelectionEmpty);
        assert_eq!(finance.is_told(resolve(1, &[3, 3], Resolution::Accepted)), Code::DifferenceNamedTwice);
        for no_difference in [2, 99] {
            let act = resolve(1, &[no_difference], Resolution::Accepted);
            assert_eq!(finance.is_told(act), Code::DifferenceUnknown);
        }
        for impossible in [8, 9, 10] {
            assert_eq!(finance.is_told(resolve(1, &[impossible], Resolution::Accepted)), Code::ResolutionImpossible);
        }
        let receipt = finance.does(resolve(1, &[3, 5], Resolution::Accepted));
        assert_eq!((receipt.body().total.passes, number(&receipt, "open_differences")), (2, 5));
        assert_eq!(held(world, "paid"), (4, 4_000));
        assert_eq!(finance.is_told(resolve(1, &[3], Resolution::IssuerCorrects)), Code::DifferenceClosed);
        finance.does(resolve(1, &[4, 7, 9], Resolution::IssuerCorrects));
        finance.does(resolve(1, &[10], Resolution::VenueCorrects));
        is_sound(world);
        // The venue records late what the issuer had paid: then, and only then, the issuer can be believed.
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [7])));
        let last = finance.does(resolve(1, &[8], Resolution::Accepted));
        assert_eq!((number(&last, "open_differences"), kept(world, 1).open), (0, 0));
        assert_eq!(held(world, "paid"), (5, 5_000));
        // What was claimed back from the issuer may be said again.
        finance.does(statement(world, "c3", &[(2, (1, 3), "LIEUX", DAY, 1000)]));
        assert_eq!(held(world, "paid"), (6, 6_000));
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn a_venue_disputes_what_it_was_not_paid_and_is_owed_it_again_when_the_region_agrees() {
    on_every_engine(|world| {
        taken(world);
        let (venue, finance) = (world.venue_agent("LIEUX"), world.region_finance());
        assert_eq!(venue.is_told(Dispute { statement: 9, ..dispute(world, &[1]) }), Code::StatementUnknown);
        assert_eq!(venue.is_told(dispute(world, &[])), Code::SelectionEmpty);
        assert_eq!(venue.is_told(dispute(world, &[1, 1])), Code::PassNamedTwice);
        assert_eq!(venue.is_told(dispute(world, &[2])), Code::PassNotInStatement);
        assert_eq!(world.venue_agent("MOBI").is_told(dispute(world, &[1])), Code::PassNotInStatement);
        let receipt = venue.does(dispute(world, &[1, 5]));
        assert_eq!(number(&receipt, "open_differences"), 9);
        assert_eq!(venue.is_told(dispute(world, &[1])), Code::DisputedAlready);
        assert_eq!(held(world, "paid"), (2, 2_000));
        finance.does(resolve(1, &[12], Resolution::Accepted));
        finance.does(resolve(1, &[11], Resolution::IssuerCorrects));
        assert_eq!((held(world, "paid"), kept(world, 1).open), ((1, 1_000), 7));
        assert_eq!(venue.is_told(dispute(world, &[1])), Code::PassNotInStatement);
        is_sound(world);
        finance.does(statement(world, "b2", &[(2, (1, 1), "LIEUX", DAY, 1000)]));
        assert_eq!(held(world, "paid"), (2, 2_000));
        is_sound(world);
        second_opinion(world);
    });
}
