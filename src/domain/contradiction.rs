//! The contradictory statement of an order: what its issuer says has become of each pass, held against the ledger. What agrees
//! is counted, what differs is named pass by pass, and nothing moves: a difference ends by the act that moves the pass, or by a
//! list of the issuer that says otherwise. What never lives here: the amount that the issuer gives back (see `ends`).

use std::collections::BTreeMap;

use super::act::{Act, Context, item_text, own_organisation};
use super::facts::{Facts, Needs};
use super::ids::{BookletId, PassId, ProgrammeNo};
use super::items::{Named, of_pass};
use super::movement::{Kind, Movement};
use super::named::named;
use super::party::Holder;
use super::programme::Programme;
use super::refusal::{Code, Malformed, Refusal};
use super::text::Reference;

/// Passes of one order that a statement compares at most: three times those of the largest programme there was.
pub const MOST_PASSES: usize = 200_000;

named!(
    /// What has become of a pass, as an issuer and the ledger can both say it.
    PassState, Malformed::Identifier, {
        /// Nobody has spent it, and somebody still can.
        Unused => "unused",
        /// Blocked or lost before anybody spent it.
        Withdrawn => "withdrawn",
        /// Spent, and not paid yet.
        Used => "used",
        /// Spent and paid.
        Paid => "paid",
        /// Worth nothing any more, or destroyed: it awaits a credit note.
        Expired => "expired",
        /// Its value was given back.
        Credited => "credited",
    }
);

/// What a state means for the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    ToCredit,
    Spent,
    Credited,
}

impl PassState {
    /// The state of what a holder has; none at the issuer's, which has not delivered it.
    #[must_use]
    pub const fn of(holder: &Holder) -> Option<Self> {
        Some(match holder {
            Holder::Issue(_) => return None,
            Holder::Store | Holder::Transit(_) | Holder::Prescriber(_) | Holder::Circulation => Self::Unused,
            Holder::Blocked | Holder::Lost => Self::Withdrawn,
            Holder::Provider(_) | Holder::Claimed(_) => Self::Used,
            Holder::Paid(_) => Self::Paid,
            Holder::Expired | Holder::Destroyed => Self::Expired,
            Holder::Credited => Self::Credited,
        })
    }

    const fn side(self) -> Side {
        match self {
            Self::Unused | Self::Withdrawn | Self::Expired => Side::ToCredit,
            Self::Used | Self::Paid => Side::Spent,
            Self::Credited => Side::Credited,
        }
    }

    /// In French, as a statement writes it.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::Unused => "non utilisé",
            Self::Withdrawn => "bloqué ou perdu",
            Self::Used => "utilisé",
            Self::Paid => "payé",
            Self::Expired => "périmé ou détruit",
            Self::Credited => "rendu par avoir",
        }
    }

    /// The mentions that count the passes in this state: of the ledger, and of the issuer's list.
    #[must_use]
    pub const fn mentions(self) -> (&'static str, &'static str) {
        match self {
            Self::Unused => ("ledger_unused", "issuer_unused"),
            Self::Withdrawn => ("ledger_withdrawn", "issuer_withdrawn"),
            Self::Used => ("ledger_used", "issuer_used"),
            Self::Paid => ("ledger_paid", "issuer_paid"),
            Self::Expired => ("ledger_expired", "issuer_expired"),
            Self::Credited => ("ledger_credited", "issuer_credited"),
        }
    }
}

named!(
    /// How an issuer's word differs from the ledger's.
    Gap, Malformed::Identifier, {
        /// Spent for the ledger alone: the issuer would give back what a venue is owed.
        SpentHere => "spent_here",
        /// Spent for the issuer alone: it would give back too little.
        SpentThere => "spent_there",
        CreditedHere => "credited_here",
        CreditedThere => "credited_there",
        /// The issuer's list does not have it.
        Unlisted => "unlisted",
    }
);

impl Gap {
    /// The difference, if there is one that changes what the issuer gives back: a pass that is paid here and only used there is
    /// spent for both.
    #[must_use]
    pub fn between(ledger: PassState, issuer: Option<PassState>) -> Option<Self> {
        let Some(issuer) = issuer else { return Some(Self::Unlisted) };
        match (ledger.side(), issuer.side()) {
            (own, other) if own == other => None,
            (Side::Spent, _) => Some(Self::SpentHere),
            (_, Side::Spent) => Some(Self::SpentThere),
            (Side::Credited, _) => Some(Self::CreditedHere),
            (_, _) => Some(Self::CreditedThere),
        }
    }

    /// In French, as a statement writes it.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::SpentHere => "utilisé au registre seul",
            Self::SpentThere => "utilisé chez l'émetteur seul",
            Self::CreditedHere => "rendu par avoir au registre seul",
            Self::CreditedThere => "rendu par avoir chez l'émetteur seul",
            Self::Unlisted => "absent de la liste de l'émetteur",
        }
    }
}

/// Passes that differ in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    pub gap: Gap,
    pub ledger: PassState,
    /// None where the list does not have them.
    pub issuer: Option<PassState>,
    /// A booklet is named where all of its passes differ so.
    pub items: Named,
}

/// Where a list says nothing.
const NOTHING: &str = "-";

impl Differing {
    fn text(&self, programme: &Programme) -> String {
        let issuer = self.issuer.map_or(NOTHING, PassState::as_str);
        let words = [self.gap.as_str(), self.ledger.as_str(), issuer].map(str::to_owned).into_iter();
        words.chain(self.items.printed(programme)).collect::<Vec<_>>().join(" ")
    }

    fn read(programme: ProgrammeNo, text: &str) -> Result<Self, Malformed> {
        let words: Vec<&str> = text.split(' ').collect();
        let [gap, ledger, issuer, items @ ..] = words.as_slice() else { return Err(Malformed::Identifier) };
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        Ok(Self {
            gap: Gap::parse(gap)?,
            ledger: PassState::parse(ledger)?,
            issuer: if *issuer == NOTHING { None } else { Some(PassState::parse(issuer)?) },
            items: Named::read(programme, &items)?,
        })
    }

    /// Reads the mention `gaps` of a receipt.
    ///
    /// # Errors
    /// [`Malformed`] for another text.
    pub fn read_all(programme: ProgrammeNo, text: &str) -> Result<Vec<Self>, Malformed> {
        text.split("; ").filter(|part| !part.is_empty()).map(|part| Self::read(programme, part)).collect()
    }
}

/// The finance service holds an issuer's list of an order against the ledger.
#[derive(Debug, Clone)]
pub struct StateContradiction {
    pub order: Reference,
    /// All that were ordered, in order of number, and the passes of each: what the list may name.
    pub booklets: Vec<BookletId>,
    pub passes_per_booklet: u8,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub file_hash: String,
    pub said: BTreeMap<PassId, PassState>,
}

/// How many passes are in each state, on both sides, and those that differ.
#[derive(Debug, Default)]
struct Tally {
    ledger: BTreeMap<PassState, i64>,
    issuer: BTreeMap<PassState, i64>,
    delivered: i64,
    differing: BTreeMap<(Gap, PassState, Option<PassState>), Vec<PassId>>,
}

impl Tally {
    fn of(facts: &Facts, StateContradiction { booklets, said, .. }: &StateContradiction) -> Self {
        let mut tally = Self::default();
        let booklets = booklets.iter().filter_map(|id| facts.booklets.get(id));
        for pass in booklets.flat_map(|booklet| (1..=booklet.size).map(|rank| booklet.id.pass(rank))) {
            let place = of_pass(facts, pass);
            let Some(ledger) = place.and_then(|place| PassState::of(&place.holder)) else { continue };
            let issuer = said.get(&pass).copied();
            tally.delivered += 1;
            *tally.ledger.entry(ledger).or_default() += 1;
            if let Some(issuer) = issuer {
                *tally.issuer.entry(issuer).or_default() += 1;
            }
            if let Some(gap) = Gap::between(ledger, issuer) {
                tally.differing.entry((gap, ledger, issuer)).or_default().push(pass);
            }
        }
        tally
    }

    fn differing(&self, facts: &Facts) -> Vec<Differing> {
        let whole = |id: BookletId| facts.booklets.get(&id).map(|booklet| usize::from(booklet.size));
        let group = |((gap, ledger, issuer), passes): (&(Gap, PassState, Option<PassState>), &Vec<PassId>)| {
            let mut items = Named::default();
            for of_booklet in passes.chunk_by(|one, next| one.booklet() == next.booklet()) {
                match of_booklet.first().map(|pass| pass.booklet()) {
                    Some(booklet) if whole(booklet) == Some(of_booklet.len()) => items.booklets.push(booklet),
                    _ => items.passes.extend(of_booklet),
                }
            }
            Differing { gap: *gap, ledger: *ledger, issuer: *issuer, items }
        };
        self.differing.iter().map(group).collect()
    }
}

impl Act for StateContradiction {
    fn kind(&self) -> Kind {
        Kind::ContradictoryStatement
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
        needs.booklets.extend(&self.booklets);
        let ranks = || 1..=self.passes_per_booklet;
        needs.passes.extend(self.booklets.iter().flat_map(|booklet| ranks().map(|rank| booklet.pass(rank))));
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let unknown = || Refusal::new(Code::OrderUnknown).about("order", &self.order);
        let numbers = || self.booklets.iter().map(|booklet| booklet.number());
        let order = facts.order(&self.order).filter(|order| order.range.numbers().eq(numbers()));
        let order = order.ok_or_else(unknown)?;
        if self.booklets.len().saturating_mul(self.passes_per_booklet.into()) > MOST_PASSES {
            return Err(Refusal::new(Code::QuantityOutOfRange).field("order").about("most", MOST_PASSES));
        }
        if self.said.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("file"));
        }
        if let Some(foreign) = self.said.keys().find(|pass| facts.passes.get(pass).is_none()) {
            let serial = item_text(facts, foreign.item());
            return Err(Refusal::new(Code::PassUnknown).field("file").about("serial", serial));
        }
        let tally = Tally::of(facts, self);
        let differing = tally.differing(facts);
        let count = |passes: usize| i64::try_from(passes).unwrap_or(i64::MAX);
        let gaps = count(tally.differing.values().map(Vec::len).sum());
        let value = order.face_value.times(gaps).ok_or(Refusal::new(Code::QuantityOutOfRange))?;
        let text: Vec<String> = differing.iter().map(|one| one.text(&facts.programme)).collect();
        let movement = Movement::new(Kind::ContradictoryStatement)
            .mention("order", order.id.sequence())
            .mention("order_number", &order.number)
            .mention("file_hash", self.file_hash.clone())
            .mention("listed_passes", count(self.said.len()))
            .mention("agreed_passes", tally.delivered.saturating_sub(gaps))
            .mention("differing_passes", gaps)
            .mention("differing_cents", value.get())
            .mention_some("gaps", (!text.is_empty()).then(|| text.join("; ")));
        let of = |counts: &BTreeMap<PassState, i64>, state: PassState| counts.get(&state).copied().unwrap_or(0);
        Ok(PassState::ALL.iter().fold(movement, |movement, state| {
            let (ledger, issuer) = state.mentions();
            movement.mention(ledger, of(&tally.ledger, *state)).mention(issuer, of(&tally.issuer, *state))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_what_changes_the_credit_and_nothing_else() {
        use PassState::{Credited, Expired, Paid, Unused, Used, Withdrawn};
        for (ledger, issuer) in
            [(Paid, Used), (Used, Paid), (Expired, Unused), (Withdrawn, Expired), (Credited, Credited)]
        {
            assert_eq!(Gap::between(ledger, Some(issuer)), None, "{ledger} {issuer}");
        }
        for (ledger, issuer, gap) in [
            (Paid, Expired, Gap::SpentHere),
            (Used, Credited, Gap::SpentHere),
            (Expired, Used, Gap::SpentThere),
            (Credited, Paid, Gap::SpentThere),
            (Credited, Expired, Gap::CreditedHere),
            (Expired, Credited, Gap::CreditedThere),
        ] {
            assert_eq!(Gap::between(ledger, Some(issuer)), Some(gap), "{ledger} {issuer}");
        }
        assert_eq!(Gap::between(Expired, None), Some(Gap::Unlisted));
    }

    #[test]
    fn the_gaps_of_a_receipt_are_read_back() {
        let text = "spent_here paid unused HDF21-000001-85/01; unlisted expired - HDF21-000002-82..HDF21-000003-79";
        let read = Differing::read_all(ProgrammeNo(3), text).unwrap();
        assert_eq!(
            (read[0].gap, read[0].issuer, read[0].items.passes.len()),
            (Gap::SpentHere, Some(PassState::Unused), 1)
        );
        assert_eq!((read[1].ledger, read[1].issuer, read[1].items.booklets.len()), (PassState::Expired, None, 2));
        assert_eq!(Differing::read_all(ProgrammeNo(3), ""), Ok(Vec::new()));
        for wrong in ["spent_here", "elsewhere paid unused HDF21-000001-85", "unlisted paid unused HDF21-000001-84"] {
            assert!(Differing::read_all(ProgrammeNo(3), wrong).is_err(), "{wrong}");
        }
    }
}
