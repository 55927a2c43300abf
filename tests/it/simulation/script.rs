//! What can happen in the simulated world, as plain data: a life is a list of events, and any part of such a list is a
//! life too, so that a failure can be shortened. What never lives here: what ought to come of it.

use std::collections::BTreeMap;
use std::fmt;

use recepisse::domain::closing::Period;
use recepisse::domain::ends::Scope;
use recepisse::domain::party::{Role, Service};
use recepisse::domain::time::Day;

use super::applications::ApplicationWish;
use super::ends::EndsWish;
use super::money::MoneyWish;
use super::people::PeopleWish;
use super::statements::StatementWish;

/// Who asks: an account of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Who {
    pub(super) office: &'static str,
    pub(super) role: Role,
    /// Tells those apart who share office and role.
    pub(super) desk: u8,
}

impl Who {
    /// The first with this role in an office.
    pub(super) const fn of(office: &'static str, role: Role) -> Self {
        Self { office, role, desk: 0 }
    }
}

pub(super) const ADMIN: Who = Who::of("HDF", Role::RegionAdmin);
pub(super) const FINANCE: Who = Who::of("HDF", Role::RegionFinance);
/// Everybody who has an account.
pub(super) const PEOPLE: &[Who] = &[
    ADMIN,
    FINANCE,
    Who { desk: 1, ..FINANCE },
    Who { desk: 2, ..FINANCE },
    Who::of("HDF", Role::Accountant),
    Who::of("MAUB", Role::PrescriberAgent),
    Who::of("FOURM", Role::PrescriberAgent),
    Who::of("HIRSON", Role::PrescriberAgent),
    Who::of("LIEUX", Role::VenueAgent),
    Who::of("MOBI", Role::VenueAgent),
    Who::of("CRC", Role::Auditor),
    Who::of("AIDES", Role::Platform),
];
/// Prescribers; the last has no mandate to begin with.
pub(super) const PRESCRIBERS: &[&str] = &["MAUB", "FOURM", "HIRSON"];
pub(super) const VENUES: &[&str] = &["Maubeuge", "Avesnes", "Louvroil", "Lille", "Bus"];

/// No booklet and no number of anything else.
pub(super) const NOWHERE: u32 = 9_999;

/// A pass: booklet and rank. Its printed code is named the same way.
pub(super) type Pass = (u32, u8);
/// Order and delivery.
pub(super) type Batch = (u32, u32);

/// Who has a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    Issue(Batch),
    Store,
    Transit(i64),
    Office(&'static str),
    Circulation,
    Provider(&'static str),
    Claimed(&'static str),
    Paid(&'static str),
    Blocked,
    Lost,
    Expired,
    Destroyed,
    Credited,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue((order, delivery)) => write!(f, "issue:{order}-{delivery}"),
            Self::Store => f.write_str("store"),
            Self::Transit(dispatch) => write!(f, "transit:{dispatch}"),
            Self::Office(code) => write!(f, "prescriber:{code}"),
            Self::Circulation => f.write_str("circulation"),
            Self::Provider(code) => write!(f, "provider:{code}"),
            Self::Claimed(code) => write!(f, "claimed:{code}"),
            Self::Paid(code) => write!(f, "paid:{code}"),
            Self::Blocked => f.write_str("blocked"),
            Self::Lost => f.write_str("lost"),
            Self::Expired => f.write_str("expired"),
            Self::Destroyed => f.write_str("destroyed"),
            Self::Credited => f.write_str("credited"),
        }
    }
}

impl At {
    /// Reads what `Display` writes; a holder that nobody can be in this world is a finding.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let stranger = || format!("nobody is called {text}");
        let office = |code: &str| PEOPLE.iter().map(|who| who.office).find(|office| *office == code);
        Ok(match text.split_once(':').unwrap_or((text, "")) {
            ("issue", batch) => Self::Issue(parse_batch(batch)?),
            ("store", "") => Self::Store,
            ("transit", number) => Self::Transit(number.parse().map_err(|_| stranger())?),
            ("prescriber", code) => Self::Office(office(code).ok_or_else(stranger)?),
            ("circulation", "") => Self::Circulation,
            ("provider", code) => Self::Provider(office(code).ok_or_else(stranger)?),
            ("claimed", code) => Self::Claimed(office(code).ok_or_else(stranger)?),
            ("paid", code) => Self::Paid(office(code).ok_or_else(stranger)?),
            ("blocked", "") => Self::Blocked,
            ("lost", "") => Self::Lost,
            ("expired", "") => Self::Expired,
            ("destroyed", "") => Self::Destroyed,
            ("credited", "") => Self::Credited,
            _ => return Err(stranger()),
        })
    }
}

/// Reads `3-1`: order 3, delivery 1.
pub(super) fn parse_batch(text: &str) -> Result<Batch, String> {
    let parts = text.split_once('-').and_then(|(order, no)| Some((order.parse().ok()?, no.parse().ok()?)));
    parts.ok_or_else(|| format!("no batch is called {text}"))
}

/// Booklets, passes and cents by holder and batch, without what is empty.
pub(super) type Balances = BTreeMap<(At, Batch), (i64, i64, i64)>;

/// Where everything is: booklets with the passes left in them, and passes that have a holder of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stock {
    pub(super) booklets: BTreeMap<u32, (At, u8)>,
    pub(super) alone: BTreeMap<Pass, At>,
}

/// Which booklets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pick {
    Lowest(u32, Option<u32>),
    These(Vec<u32>),
}

/// What is wrong with an order besides its numbers and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderSlip {
    None,
    FaceValue,
    Shares,
    Issuer,
    Fees,
}

/// Who stands at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// 66, from Maubeuge, with everything that is asked for.
    Senior,
    /// 21, accompanied by a mission locale.
    Young,
    /// 31 and without any of the situations.
    Neither,
    NoProof,
    /// Lives in Paris.
    Elsewhere,
    StrangeProof,
    StrangeStatus,
    StrangeGround,
    Unborn,
}

/// What somebody wants. Numbers are those of the scheme: orders by the Region's number, booklets by serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Order {
        number: u32,
        booklets: u32,
        size: u8,
        ordered_on: Day,
        validity_end: Day,
        slip: OrderSlip,
    },
    Deliver(Delivery),
    Activate {
        order: u32,
    },
    Dispatch {
        to: &'static str,
        pick: Pick,
        posing_as: Option<At>,
    },
    Return {
        pick: Pick,
        posing_as: Option<At>,
    },
    Accept(Acceptance),
    Exempt {
        person: u32,
        passes: u8,
    },
    HandOut {
        person: u32,
        case: Case,
        booklets: Vec<u32>,
        exception: Option<i64>,
        /// The number of the key under which the person is recognised.
        key: u8,
        /// To be reminded.
        agrees: bool,
    },
    Redeem {
        venue: &'static str,
        codes: Vec<Pass>,
        service: Service,
        on: Day,
        away: Option<&'static str>,
    },
    Reverse {
        number: String,
    },
    Close {
        period: Period,
        of: Day,
    },
    /// Whole booklets, with the passes still in them.
    Block {
        booklets: Vec<u32>,
    },
    Lose {
        booklets: Vec<u32>,
        on: Day,
    },
    /// What the receipt with this number took out of use comes back, blocked or lost: all of it, where nothing is named.
    BringBack {
        number: String,
        lost: bool,
        named: Vec<u32>,
    },
    /// Hand-outs, redemptions or both of orders are stopped, or go on.
    Suspend {
        orders: Vec<u32>,
        scope: Scope,
        stop: bool,
    },
    /// Somebody counts the own stock.
    Count {
        counted: Vec<u32>,
        on: Day,
    },
    Statement(StatementWish),
    Application(ApplicationWish),
    End(EndsWish),
    Money(MoneyWish),
    People(PeopleWish),
}

/// Booklets that arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) order: u32,
    pub(super) on: Day,
    pub(super) received: Vec<u32>,
    pub(super) missing: Vec<u32>,
    pub(super) damaged: Vec<u32>,
    /// How many codes each booklet has.
    pub(super) size: u8,
    /// The pass whose code the first pass of the first booklet has by mistake.
    pub(super) copied: Option<Pass>,
}

impl Delivery {
    /// The printed codes, with the passes that they open.
    pub(super) fn printed(&self) -> Vec<(Pass, Pass)> {
        let of = |booklet: &u32| (1..=self.size).map(|rank| (*booklet, rank)).collect::<Vec<_>>();
        let mut printed: Vec<(Pass, Pass)> = self.received.iter().flat_map(of).map(|pass| (pass, pass)).collect();
        if let (Some(code), Some(first)) = (self.copied, printed.first_mut()) {
            first.0 = code;
        }
        printed
    }
}

/// A receiver countersigns, or a sender takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Acceptance {
    pub(super) dispatch: i64,
    /// What was in transit when somebody looked.
    pub(super) seen: Vec<u32>,
    pub(super) accepted: Option<Vec<u32>>,
    pub(super) missing: Vec<u32>,
    pub(super) damaged: Vec<u32>,
    pub(super) posing_as: Option<At>,
}

/// A request as it arrives, maybe not for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) key: Option<u32>,
    pub(super) who: Who,
    pub(super) wish: Wish,
}

impl Request {
    /// What the key names.
    pub(super) fn fingerprint(&self) -> String {
        format!("{:?}", self.wish)
    }
}

/// A change of reference data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Account(Who, bool),
    Office(&'static str, bool),
    Programme(bool),
    Venue(&'static str, bool),
    Mandate {
        office: &'static str,
        ceiling_booklets: i64,
        in_force: bool,
    },
    /// Somebody proposes the account on which a provider is paid.
    Payee {
        provider: &'static str,
        by: Who,
    },
    /// Somebody proposes the next key under which people are recognised.
    PeopleKey {
        number: u8,
        by: Who,
    },
    /// From now on the issuer pays the venues itself.
    IssuerPays,
    /// Whoever hands out must have been trained, or must say where to go.
    Counter {
        training: bool,
        orientation: bool,
    },
    /// The account from which the Region pays is known, or not.
    Debtor(bool),
}

/// What happens next. Requests that arrive without anything between them are one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    Arrive(Request),
    GroupEnds,
    /// Asked without being written.
    Rehearse(Request),
    /// A venue looks at a pass.
    Look(Pass),
    /// Seconds.
    TimePasses(i64),
    /// Seconds, forward or back, while no time passes.
    ClockIsSet(i64),
    Changes(Change),
    Restart,
}
