//! Statements of an issuer that pays the venues itself, as their receipts tell them: differences are where they say, each is
//! resolved once, and passes move as far as that and no further. What never lives here: the lines of the issuer's file; a
//! receipt has only their hash.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Body, Break, Text, is_hex};
use super::Replay;
use super::kinds::counting;
use super::records::{number, text, wrong};
use super::stock::{Item, pass_number};
use crate::domain::month::Month;
use crate::domain::short_code::ShortCode;
use crate::domain::statements::{LineClass, Resolution};

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Statements {
    /// The highest number of a difference of statement 1, 2, 3…
    last: Vec<i64>,
    /// Differences that are open, by statement and number: class and pass.
    open: BTreeMap<(i64, i64), (LineClass, u32)>,
}

/// One difference as a receipt lists it.
struct Listed<'b> {
    number: i64,
    class: LineClass,
    pass: u32,
    /// Code of the provider, or `-`.
    provider: &'b str,
}

fn broken(statement: i64, detail: &str) -> Break {
    Break::new("statement", format!("état n° {statement} : {detail}"))
}

impl Statements {
    fn last(&mut self, statement: i64) -> Result<&mut i64, Break> {
        let index = usize::try_from(statement).ok().and_then(|statement| statement.checked_sub(1));
        let known = index.and_then(|index| self.last.get_mut(index));
        known.ok_or_else(|| broken(statement, "il n'existe pas"))
    }

    /// Opens differences, numbered after those before them.
    fn open(&mut self, statement: i64, listed: &[Listed<'_>]) -> Result<(), Break> {
        for Listed { number, class, pass, .. } in listed {
            let last = self.last(statement)?;
            if number <= last {
                return Err(broken(statement, "un écart ne suit pas le précédent"));
            }
            *last = *number;
            self.open.insert((statement, *number), (*class, *pass));
        }
        Ok(())
    }

    /// As many differences are open as the receipt says.
    fn check_open<T: Text>(&self, body: &Body<T>, statement: i64) -> Result<(), Break> {
        let open = self.open.range((statement, 0)..=(statement, i64::MAX)).count();
        if number(body, "open_differences").is_ok_and(|said| usize::try_from(said) == Ok(open)) {
            return Ok(());
        }
        Err(broken(statement, &format!("{open} écarts sont ouverts, le récépissé en dit d'autres")))
    }
}

/// Numbers from 1 joined by spaces.
fn counted<T: Text>(body: &Body<T>, name: &str) -> Result<Vec<i64>, Break> {
    text(body, name)?.split(' ').map(|number| counting(number).ok_or_else(|| wrong(name))).collect()
}

impl Replay {
    /// The differences that a receipt lists, in order of number.
    fn differences<'b, T: Text>(&self, body: &'b Body<T>) -> Result<Vec<Listed<'b>>, Break> {
        if !body.mentions.contains_key("differences") {
            return Ok(Vec::new());
        }
        let mut listed: Vec<Listed<'b>> = Vec::new();
        for part in text(body, "differences")?.split("; ") {
            let words: Vec<&str> = part.split(' ').collect();
            let [number, class, serial, cents, provider] = words.as_slice() else { return Err(wrong("differences")) };
            let (number, class) = (counting(number), LineClass::parse(class).ok());
            let (Some(number), Some(class)) = (number, class.filter(|class| class.is_difference())) else {
                return Err(wrong("differences"));
            };
            if *provider != "-" && !ShortCode::is_one(provider) {
                return Err(wrong("differences"));
            }
            let ascends = listed.last().is_none_or(|before| before.number < number);
            if !ascends || cents.is_empty() || !cents.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong("differences"));
            }
            let Item::Pass { booklet, rank } = Item::parse(&self.programme, serial)? else {
                return Err(wrong("differences"));
            };
            listed.push(Listed { number, class, pass: pass_number(booklet, rank), provider });
        }
        Ok(listed)
    }

    /// Where a pass is; nothing for one that was never delivered.
    pub(super) fn holder_of(&self, pass: u32) -> Option<&str> {
        if let Some(departure) = self.stock.departed.get(&pass) {
            return Some(self.stock.holders.text(departure.holder));
        }
        let slot = self.stock.booklet(pass / 100).filter(|slot| u32::from(slot.size) >= pass % 100)?;
        Some(self.stock.holders.text(slot.holder))
    }

    /// A difference is of a pass that is where its class says.
    fn check_place(&self, statement: i64, listed: &Listed<'_>) -> Result<(), Break> {
        let holder = self.holder_of(listed.pass).unwrap_or_default();
        let (kind, code) = holder.split_once(':').unwrap_or((holder, ""));
        let own = code == listed.provider;
        let right = match listed.class {
            LineClass::NotRedeemed => matches!(kind, "store" | "transit" | "prescriber" | "circulation"),
            LineClass::VenueDiffers | LineClass::AmountDiffers | LineClass::DayDiffers => {
                matches!(kind, "provider" | "paid") && own
            }
            LineClass::Absent => kind == "provider" && own,
            LineClass::Disputed => kind == "paid" && own,
            _ => true,
        };
        if right {
            return Ok(());
        }
        let detail = format!("l'écart {} ({}) est d'un pass qui est chez {holder}", listed.number, listed.class);
        Err(broken(statement, &detail))
    }

    /// The single passes that the lines of a receipt name.
    fn moved<T: Text>(&self, body: &Body<T>) -> Result<BTreeSet<u32>, Break> {
        let mut moved = BTreeSet::new();
        for item in body.lines.iter().flat_map(|line| &line.items) {
            if let Item::Pass { booklet, rank } = Item::parse(&self.programme, item)? {
                moved.insert(pass_number(booklet, rank));
            }
        }
        Ok(moved)
    }

    /// Takes a statement in: what it pays are the passes that agree, and nothing that it lists as a difference.
    pub(super) fn state<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let statement = number(body, "statement")?;
        let month = text(body, "month")?;
        let hashes = [text(body, "file_hash")?, text(body, "lines_hash")?];
        let matched = number(body, "matched_passes")?;
        number(body, "statement_lines")?;
        number(body, "open_differences")?;
        let correcting = body.mentions.contains_key("corrects_statement");
        let corrects = if correcting { number(body, "corrects_statement")? } else { 0 };
        if Month::parse(month).is_err() || !hashes.iter().all(|hash| is_hex(hash, 64)) {
            return Err(wrong("month"));
        }
        let expected = self.statements.last.len() + 1;
        if usize::try_from(statement) != Ok(expected) {
            return Err(broken(statement, &format!("le numéro {expected} est attendu")));
        }
        if correcting {
            self.statements.last(corrects)?;
        }
        let listed = self.differences(body)?;
        for difference in &listed {
            self.check_place(statement, difference)?;
        }
        self.correct(body)?;
        self.statements.last.push(0);
        self.statements.open(statement, &listed)?;
        self.statements.check_open(body, statement)?;
        let moved = self.moved(body)?;
        let spared = |listed: &Listed<'_>| listed.class == LineClass::PaidTwice || !moved.contains(&listed.pass);
        let count = i64::try_from(moved.len()).unwrap_or(i64::MAX);
        let fits = if correcting { count <= matched } else { count == matched };
        if fits && listed.iter().all(spared) {
            return Ok(());
        }
        Err(broken(statement, "les pass payés ne sont pas ceux qui concordent"))
    }

    /// Closes what a statement says otherwise: `1/12; 1/40`.
    fn correct<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        if !body.mentions.contains_key("corrected") {
            return Ok(());
        }
        for part in text(body, "corrected")?.split("; ") {
            let key = part.split_once('/').map(|(statement, line)| (counting(statement), counting(line)));
            let Some((Some(statement), Some(line))) = key else { return Err(wrong("corrected")) };
            self.statements.last(statement)?;
            self.statements.open.remove(&(statement, line));
        }
        Ok(())
    }

    /// A venue disputes passes that were paid to its own provider.
    pub(super) fn dispute<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let statement = number(body, "statement")?;
        text(body, "differences")?;
        number(body, "open_differences")?;
        self.statements.last(statement)?;
        let listed = self.differences(body)?;
        for difference in &listed {
            if difference.class != LineClass::Disputed || *difference.provider != *body.office.code {
                return Err(broken(statement, "une structure conteste ses propres pass"));
            }
            self.check_place(statement, difference)?;
        }
        self.statements.open(statement, &listed)?;
        self.statements.check_open(body, statement)
    }

    /// Resolves differences; the passes that move are exactly those of which the resolution says so.
    pub(super) fn resolve<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let statement = number(body, "statement")?;
        let numbers = counted(body, "resolved")?;
        let resolution = Resolution::parse(text(body, "resolution")?).map_err(|_| wrong("resolution"))?;
        text(body, "reason")?;
        number(body, "open_differences")?;
        let mut due = BTreeSet::new();
        for number in numbers {
            let known = self.statements.open.remove(&(statement, number));
            let other = || broken(statement, &format!("l'écart {number} n'est pas à résoudre ainsi"));
            let (class, pass) = known.ok_or_else(other)?;
            let kind = self.holder_of(pass).and_then(|holder| holder.split_once(':')).map(|(kind, _)| kind);
            if !class.admits(resolution, kind == Some("provider")) {
                return Err(other());
            }
            let otherwise = matches!(class, LineClass::VenueDiffers | LineClass::AmountDiffers | LineClass::DayDiffers);
            let moves = match (resolution, kind) {
                (Resolution::Accepted, Some("provider")) => otherwise || class == LineClass::NotRedeemed,
                (Resolution::IssuerCorrects, Some("paid")) => otherwise || class == LineClass::Disputed,
                _ => false,
            };
            if moves {
                due.insert(pass);
            }
        }
        self.statements.check_open(body, statement)?;
        if self.moved(body)? == due {
            return Ok(());
        }
        Err(broken(statement, "les pass déplacés ne sont pas ceux des écarts résolus"))
    }
}
