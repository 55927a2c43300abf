//! Where every booklet and pass is, and the balances that follow. Names of holders and batches are kept once and
//! referred to by number, so that millions of passes fit. What never lives here: which kind may move what.

use std::collections::BTreeMap;

use super::super::Break;
use crate::domain::serial::{SerialRange, read_booklet, read_pass};

/// What one holder has of one batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// Whole booklets that arrived as such, however many of their passes have left since.
    pub booklets: i64,
    pub passes: i64,
    pub cents: i64,
}

impl Balance {
    fn plus(self, booklets: i64, passes: i64, cents: i64) -> Option<Self> {
        Some(Self {
            booklets: self.booklets.checked_add(booklets)?,
            passes: self.passes.checked_add(passes)?,
            cents: self.cents.checked_add(cents)?,
        })
    }
}

/// A name's number.
pub(super) type Name = u32;

/// Names kept once.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<String>,
    numbers: BTreeMap<String, Name>,
}

impl Names {
    pub(super) fn number(&mut self, text: &str) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = Name::try_from(self.texts.len()).unwrap_or(Name::MAX);
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    pub(super) fn known(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    pub(super) fn text(&self, number: Name) -> &str {
        usize::try_from(number).ok().and_then(|index| self.texts.get(index)).map_or("", String::as_str)
    }
}

/// A booklet that was delivered. Size 0 marks a number that was not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub(super) batch: Name,
    pub(super) holder: Name,
    pub(super) size: u8,
    pub(super) passes_left: u8,
    /// The day of its hand-out, as `records` counts; 0 before. In the two bytes that alignment leaves free.
    pub(super) handed_out_on: u16,
}

/// A pass that is no longer with its booklet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    pub(super) holder: Name,
    /// The receipt that took it there; for what is claimed or paid, still the redemption that spent it.
    pub(super) position: u32,
}

/// One text of a line's `items`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Booklets(SerialRange),
    Pass { booklet: u32, rank: u8 },
}

impl Item {
    /// Reads a serial or a run of serials of `programme`, exactly as they are printed.
    pub(super) fn parse(programme: &str, text: &str) -> Result<Self, Break> {
        let wrong = || Break::new("serial", format!("{text:?} n'est pas un numéro de carnet ou de pass du dispositif"));
        let booklet = |text: &str| read_booklet(text).filter(|(own, _)| *own == programme).map(|(_, number)| number);
        let run = |first: u32, last: u32| SerialRange::new(first, last).ok();
        let item = if let Some((first, last)) = text.split_once("..") {
            let ends = booklet(first).zip(booklet(last));
            ends.and_then(|(first, last)| run(first, last)).filter(|run| run.len() > 1).map(Self::Booklets)
        } else if text.contains('/') {
            let own = read_pass(text).filter(|(own, ..)| *own == programme);
            own.map(|(_, booklet, rank)| Self::Pass { booklet, rank })
        } else {
            booklet(text).and_then(|number| run(number, number)).map(Self::Booklets)
        };
        item.ok_or_else(wrong)
    }
}

/// What a line says it moves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    pub(super) booklets: i64,
    pub(super) passes: i64,
    pub(super) cents: i64,
}

/// All booklets and passes of a programme.
#[derive(Debug, Default)]
pub(super) struct Stock {
    pub(super) holders: Names,
    pub(super) batches: Names,
    /// By number of batch and holder.
    pub(super) balances: BTreeMap<(Name, Name), Balance>,
    /// Passes of all batches together, by number of holder.
    pub(super) held: BTreeMap<Name, i64>,
    /// By number of booklet.
    booklets: Vec<Slot>,
    /// By number of pass: see [`pass_number`].
    pub(super) departed: BTreeMap<u32, Departure>,
}

/// One number for a pass: its booklet's, times a hundred, plus its rank. At most 999 999 999.
pub(super) const fn pass_number(booklet: u32, rank: u8) -> u32 {
    // `u32::from` is not const.
    #[expect(clippy::as_conversions, reason = "widening")]
    let rank = rank as u32;
    booklet * 100 + rank
}

fn custody(what: &str, number: u32, found: &str) -> Break {
    Break::new("custody", format!("{what} {number} n'est pas chez le cédant mais chez {found}"))
}

impl Stock {
    /// The booklet with this number, if it was delivered.
    pub(super) fn booklet(&self, number: u32) -> Option<&Slot> {
        usize::try_from(number).ok().and_then(|index| self.booklets.get(index)).filter(|slot| slot.size > 0)
    }

    fn booklet_of_batch(&mut self, number: u32, batch: Name) -> Result<&mut Slot, Break> {
        let unknown = || Break::new("booklet_unknown", format!("le carnet {number} n'a jamais été pris en charge"));
        let index = usize::try_from(number).map_err(|_| unknown())?;
        let slot = self.booklets.get_mut(index).filter(|slot| slot.size > 0).ok_or_else(unknown)?;
        if slot.batch == batch {
            Ok(slot)
        } else {
            Err(Break::new("batch", format!("le carnet {number} est d'un autre lot que la ligne")))
        }
    }

    /// The delivered booklets by number.
    pub(super) fn booklets(&self) -> impl Iterator<Item = (u32, &Slot)> {
        (0_u32..).zip(&self.booklets).filter(|(_, slot)| slot.size > 0)
    }

    /// Brings a booklet of `size` passes into being.
    pub(super) fn create(&mut self, number: u32, batch: Name, holder: Name, size: u8) -> Result<(), Break> {
        let repeated = || Break::new("booklet_repeated", format!("le carnet {number} a déjà été pris en charge"));
        let index = usize::try_from(number).map_err(|_| repeated())?;
        if self.booklets.len() <= index {
            self.booklets.resize(index + 1, Slot::default());
        }
        let slot = self.booklets.get_mut(index).filter(|slot| slot.size == 0).ok_or_else(repeated)?;
        *slot = Slot { batch, holder, size, passes_left: size, handed_out_on: 0 };
        Ok(())
    }

    /// Moves a booklet with the passes still in it, and says how many those are.
    pub(super) fn move_booklet(&mut self, number: u32, batch: Name, from: Name, to: Name) -> Result<i64, Break> {
        let slot = self.booklet_of_batch(number, batch)?;
        if slot.holder == from {
            slot.holder = to;
            return Ok(i64::from(slot.passes_left));
        }
        let holder = slot.holder;
        Err(custody("le carnet", number, self.holders.text(holder)))
    }

    /// Notes the day on which a booklet was handed out.
    pub(super) fn note_hand_out(&mut self, number: u32, day: u16) {
        let slot = usize::try_from(number).ok().and_then(|index| self.booklets.get_mut(index));
        if let Some(slot) = slot {
            slot.handed_out_on = day;
        }
    }

    /// Moves one pass. A pass that comes back to where its booklet is belongs to the booklet again.
    pub(super) fn move_pass(
        &mut self,
        (number, rank): (u32, u8),
        batch: Name,
        (from, to): (Name, Name),
        position: u32,
    ) -> Result<(), Break> {
        let pass = pass_number(number, rank);
        let departed = self.departed.get(&pass).map(|departure| departure.holder);
        let slot = self.booklet_of_batch(number, batch)?;
        if rank == 0 || rank > slot.size {
            return Err(Break::new("serial", format!("le carnet {number} n'a pas de pass {rank}")));
        }
        let holder = departed.unwrap_or(slot.holder);
        if holder != from {
            return Err(custody("le pass", pass, self.holders.text(holder)));
        }
        if departed.is_none() {
            slot.passes_left = slot.passes_left.saturating_sub(1);
        }
        if to == slot.holder {
            slot.passes_left = slot.passes_left.saturating_add(1);
            self.departed.remove(&pass);
        } else {
            self.departed.insert(pass, Departure { holder: to, position });
        }
        Ok(())
    }

    /// Whether `from` has what a line takes from it.
    pub(super) fn check_balance(&self, batch: Name, from: Name, taken: Quantity) -> Result<(), Break> {
        let balance = self.balances.get(&(batch, from)).copied().unwrap_or_default();
        if balance.booklets < taken.booklets || balance.passes < taken.passes || balance.cents < taken.cents {
            let holder = self.holders.text(from);
            let detail = format!("{holder} n'a que {} carnets et {} pass du lot", balance.booklets, balance.passes);
            return Err(Break::new("balance_negative", detail));
        }
        Ok(())
    }

    /// Moves a line's quantities in the balances: what one holder loses, the other gains.
    pub(super) fn post(&mut self, batch: Name, (from, to): (Name, Name), moved: Quantity) -> Result<(), Break> {
        let overflow = || Break::new("count", "les soldes dépassent les entiers permis");
        let Quantity { booklets, passes, cents } = moved;
        for (holder, sign) in [(from, -1), (to, 1)] {
            let balance = self.balances.entry((batch, holder)).or_default();
            *balance = balance.plus(sign * booklets, sign * passes, sign * cents).ok_or_else(overflow)?;
            let held = self.held.entry(holder).or_default();
            *held = held.checked_add(sign * passes).ok_or_else(overflow)?;
        }
        Ok(())
    }

    /// Counts every booklet and pass again, one by one, and compares with the balances; each batch must sum to zero.
    pub(super) fn recount(&self) -> Result<(), Break> {
        let mut counted: BTreeMap<(Name, Name), (i64, i64)> = BTreeMap::new();
        for (_, slot) in self.booklets() {
            let count = counted.entry((slot.batch, slot.holder)).or_default();
            *count = (count.0 + 1, count.1 + i64::from(slot.passes_left));
        }
        for (pass, departure) in &self.departed {
            let batch = self.booklet(pass / 100).map_or(Name::MAX, |slot| slot.batch);
            counted.entry((batch, departure.holder)).or_default().1 += 1;
        }
        let mut sums: BTreeMap<Name, (i64, i64, i64)> = BTreeMap::new();
        for ((batch, holder), balance) in &self.balances {
            let sum = sums.entry(*batch).or_default();
            *sum = (sum.0 + balance.booklets, sum.1 + balance.passes, sum.2 + balance.cents);
            let there = counted.remove(&(*batch, *holder)).unwrap_or_default();
            let issue = self.holders.text(*holder).starts_with("issue:");
            if !issue && there != (balance.booklets, balance.passes) {
                let holder = self.holders.text(*holder);
                return Err(Break::new("conservation", format!("le solde de {holder} n'est pas ce qui s'y trouve")));
            }
        }
        if counted.is_empty() && sums.values().all(|sum| *sum == (0, 0, 0)) {
            Ok(())
        } else {
            Err(Break::new("conservation", "la somme des soldes d'un lot n'est pas nulle"))
        }
    }
}
