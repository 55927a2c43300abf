//! What receipts took out of use, who did, and what may bring it back: the same things, to where they were, by
//! somebody else. What never lives here: which roles may; that is the table in `kinds`.

use super::super::{Body, Break, Line, Text, is_hex};
use super::Replay;
use super::kinds::{Effect, Rule, is_region};
use super::lines::{Undone, other_items};
use super::records::{date, home, ordinal, text, wrong};
use super::stock::Name;

/// A booklet or pass that is out of use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Withdrawn {
    /// The receipt that took it.
    position: u32,
    /// Where it was.
    origin: Name,
}

/// A receipt that may have taken something out of use.
#[derive(Debug)]
pub(super) struct Withdrawer {
    kind: &'static str,
    pseudonym: String,
}

/// A block or a loss says why, a loss also since when.
pub(super) fn withdraw<T: Text>(body: &Body<T>) -> Result<(), Break> {
    text(body, "reason")?;
    if &*body.kind == "loss" && date(body, "noticed_on")? > ordinal(&body.day) {
        return Err(wrong("noticed_on"));
    }
    Ok(())
}

/// The Region speaks for everything, a prescriber for its own stock and for what people have.
pub(super) fn may_withdraw<T: Text>(body: &Body<T>, line: &Line<T>) -> bool {
    is_region(&body.agent.role) || *line.from == *home(body) || &*line.from == "circulation"
}

/// What a replacement must say.
pub(super) fn replace<T: Text>(body: &Body<T>) -> Result<(), Break> {
    text(body, "original")?;
    text(body, "reason")?;
    if is_hex(text(body, "commitment")?, 64) { Ok(()) } else { Err(wrong("commitment")) }
}

/// The original is blocked; of the new booklet, out of the issuer's own custody, some passes are blocked and the rest
/// is given.
pub(super) fn may_replace<T: Text>(body: &Body<T>, line: &Line<T>) -> bool {
    let own = *line.from == *home(body);
    match (&*line.from, &*line.to, line.booklets) {
        ("circulation" | "lost", "blocked", 1) => true,
        (_, "circulation", 1) | (_, "blocked", 0) => own,
        _ => false,
    }
}

/// One booklet for one, with as many passes; the original is the one that is named.
pub(super) fn check_replacement<T: Text>(body: &Body<T>) -> Result<(), Break> {
    let wrong = || Break::new("replacement", "le carnet remis n'a pas ce qui restait dans le carnet remplacé");
    let booklets = |to: &str| body.lines.iter().filter(|line| line.booklets > 0 && *line.to == *to).collect::<Vec<_>>();
    let (blocked, given) = (booklets("blocked"), booklets("circulation"));
    let ([original], [given]) = (blocked.as_slice(), given.as_slice()) else { return Err(wrong()) };
    let named = original.items.first().is_some_and(|item| Ok(&**item) == text(body, "original").as_deref());
    if named && original.passes == given.passes { Ok(()) } else { Err(wrong()) }
}

impl Replay {
    /// The receipt of which something is brought back.
    pub(super) fn brought_back<T: Text>(&self, body: &Body<T>) -> Result<Undone, Break> {
        let Some(corrects) = &body.corrects else {
            return Err(Break::new("corrects_missing", "une remise en usage nomme le récépissé qui a retiré les pass"));
        };
        let unknown = || Break::new("corrects_unknown", format!("{} n'a rien retiré par cette voie", &**corrects));
        let kinds: &[&str] = if &*body.kind == "found" { &["loss"] } else { &["block", "delivery", "acceptance"] };
        let position = self.position_of(corrects).ok_or_else(unknown)?;
        let by = self.withdrawers.get(&position).filter(|by| kinds.contains(&by.kind)).ok_or_else(unknown)?;
        if *by.pseudonym == *body.agent.pseudonym {
            let detail = "ce qui a été retiré par une personne est remis en usage par une autre";
            return Err(Break::new("four_eyes", detail));
        }
        Ok(Undone { position, passes: 0 })
    }

    /// The thing was taken by that receipt, and goes back to where it was; from its delivery, to the store.
    pub(super) fn check_brought_back(&self, undone: &Undone, item: u32, to: Name) -> Result<(), Break> {
        let withdrawn = self.withdrawn.get(&item).filter(|withdrawn| withdrawn.position == undone.position);
        let withdrawn = withdrawn.ok_or_else(other_items)?;
        let origin = self.stock.holders.text(withdrawn.origin);
        let home = if origin.starts_with("issue:") { "store" } else { origin };
        if self.stock.holders.text(to) == home {
            return Ok(());
        }
        Err(Break::new("custody_path", format!("ce qui a été retiré de {home} n'y revient pas")))
    }

    /// Remembers what a receipt takes out of use, from where.
    pub(super) fn note_withdrawal(&mut self, item: u32, (from, to): (Name, Name), position: u32) {
        if matches!(self.stock.holders.text(to), "blocked" | "lost") {
            self.withdrawn.insert(item, Withdrawn { position, origin: from });
        }
    }

    /// Remembers who may have taken something out of use.
    pub(super) fn note_withdrawer<T: Text>(&mut self, body: &Body<T>, rule: &Rule, position: u32) {
        if matches!(rule.effect, Effect::Withdraws | Effect::Delivers | Effect::Accepts) {
            let pseudonym = body.agent.pseudonym.to_owned();
            self.withdrawers.insert(position, Withdrawer { kind: rule.kind, pseudonym });
        }
    }
}
