//! How an issuer that pays the venues itself tells what it has paid: a statement a month, with the mistakes that real ones
//! hold, one of each kind; the Region decides on some, a venue disputes one. What never lives here: a figure that is typed.

use super::DemoError;
use super::cast::Place;
use super::stage::Stage;
use crate::auth::Caller;
use crate::domain::ids::{OrganisationId, PassId};
use crate::domain::money::Cents;
use crate::domain::month::Month;
use crate::domain::movement::Redemption;
use crate::domain::programme::Programme;
use crate::domain::statements::{
    Dispute, DisputeReason, ImportStatement, LineClass, Resolution, ResolutionReason, Resolve, Said, StatementLine,
    Told, VenueReference,
};
use crate::domain::text::Reference;
use crate::payment_file;
use crate::store::{DifferenceFilter, StoreError};

/// The passes of a month by their place: the first is absent, each of the next three is wrong in its way, the one after
/// is right and disputed all the same.
const LOWER: usize = 1;
const ELSEWHERE: usize = 2;
const LATER: usize = 3;
const DISPUTED: usize = 4;

/// Who tells, who decides, and which venues are paid.
#[derive(Debug)]
pub(super) struct Teller {
    programme: Programme,
    issuer: OrganisationId,
    finance: Caller,
    places: Vec<Place>,
    month: Option<Month>,
    statements: i64,
}

/// A pass spent in the month, with the redemption that spent it.
type Spent = (PassId, Redemption);

impl Teller {
    pub(super) const fn new(programme: Programme, issuer: OrganisationId, finance: Caller, places: Vec<Place>) -> Self {
        Self { programme, issuer, finance, places, month: None, statements: 0 }
    }

    /// On the first working day of a month the issuer tells of the one before.
    pub(super) fn live(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        let month = Month::of(stage.today());
        let before = self.month.replace(month);
        let Some(over) = before.filter(|before| *before != month) else { return Ok(()) };
        let spent = self.spent(stage, over)?;
        let lines = self.lines(stage, &spent)?;
        if lines.is_empty() {
            return Ok(());
        }
        let text: String =
            lines.iter().map(|told| told.text(&told.pass.item().printed(&self.programme.code))).collect();
        let lines_hash = payment_file::hash(text.as_bytes());
        let file_hash = payment_file::hash(format!("{over}\n{text}").as_bytes());
        let act = ImportStatement { issuer: self.issuer, month: over, corrects: None, file_hash, lines_hash, lines };
        stage.grant(&self.finance.clone(), act)?;
        self.statements += 1;
        self.dispute(stage, &spent)?;
        self.decide(stage)
    }

    /// What was spent in a month, in order of serial.
    fn spent(&self, stage: &Stage, month: Month) -> Result<Vec<Spent>, DemoError> {
        let no = self.programme.no;
        let found: Result<Vec<(String, Redemption)>, StoreError> =
            stage.store.read(|tx| tx.redemptions_of_month(no, month));
        let of_redemption = |(_, redemption): (String, Redemption)| {
            let passes: Vec<PassId> = redemption.items.iter().filter_map(|item| item.pass()).collect();
            passes.into_iter().map(move |pass| (pass, redemption.clone())).collect::<Vec<Spent>>()
        };
        let mut spent: Vec<Spent> = found?.into_iter().flat_map(of_redemption).collect();
        spent.sort_unstable_by_key(|(pass, _)| *pass);
        Ok(spent)
    }

    /// What the issuer has paid: everything that was spent, but for one mistake of each kind.
    fn lines(&self, stage: &Stage, spent: &[Spent]) -> Result<Vec<Told>, DemoError> {
        let mut told = Vec::new();
        for (place, (pass, redemption)) in spent.iter().enumerate().skip(1) {
            told.push((*pass, self.said(stage, redemption, place)?));
        }
        // The last is paid twice, and so is one that nobody has spent.
        told.extend(told.last().cloned());
        told.extend(self.unspent(stage, spent)?);
        let number = |((pass, said), number): ((PassId, Said), i64)| Told { number, pass, said };
        Ok(told.into_iter().zip(2..).map(number).collect())
    }

    /// What the issuer says of the pass at this place.
    fn said(&self, stage: &Stage, redemption: &Redemption, place: usize) -> Result<Said, DemoError> {
        let face = self.programme.face_value.get();
        let other = self.places.iter().find(|other| other.venue.provider != redemption.provider);
        let venue = other.filter(|_| place == ELSEWHERE).map_or(redemption.venue, |other| other.venue.id);
        let redeemed_on = if place == LATER { redemption.day.plus_days(1) } else { redemption.performed_on };
        let amount = Cents::new(if place == LOWER { face / 2 } else { face });
        let venue = VenueReference::parse(&venue.to_string())?;
        Ok(Said { venue, redeemed_on, paid_on: stage.today(), amount })
    }

    /// A pass of the last booklet that nobody has spent yet.
    fn unspent(&self, stage: &Stage, spent: &[Spent]) -> Result<Option<(PassId, Said)>, DemoError> {
        let Some((last, redemption)) = spent.last() else { return Ok(None) };
        let passes: Result<_, StoreError> = stage.store.read(|tx| tx.passes_of(last.booklet(), self.programme.no));
        let unspent = passes?.into_iter().find(|pass| pass.holder.is_none());
        let said = self.said(stage, redemption, 0)?;
        Ok(unspent.map(|pass| (pass.id, said)))
    }

    /// A provider says that one pass was not paid.
    fn dispute(&self, stage: &mut Stage, spent: &[Spent]) -> Result<(), DemoError> {
        // The last is paid twice: it is not disputed as well.
        let disputed = spent.get(DISPUTED).filter(|_| spent.len() > DISPUTED + 1);
        let Some((pass, redemption)) = disputed else { return Ok(()) };
        let own = self.places.iter().find(|place| place.venue.provider == redemption.provider);
        let Some(caller) = own.map(|place| place.caller.clone()) else { return Ok(()) };
        let (reason, reference) = (DisputeReason::NotReceived, None);
        let act = Dispute { statement: self.statements, passes: vec![*pass], reason, reference };
        stage.grant(&caller, act).map(|_| ())
    }

    /// A day that differs is believed, another amount or venue is the issuer's to put right; the rest waits.
    fn decide(&self, stage: &mut Stage) -> Result<(), DemoError> {
        let (no, all) = (self.programme.no, DifferenceFilter::default());
        let open: Result<Vec<StatementLine>, StoreError> =
            stage.store.read(|tx| tx.differences(no, self.statements, &all, 0, 200));
        let open = open?;
        let reference = Reference::parse(&format!("COURRIER-E{:03}", self.statements))?;
        let decisions = [
            (LineClass::DayDiffers, Resolution::Accepted, ResolutionReason::Insignificant),
            (LineClass::AmountDiffers, Resolution::IssuerCorrects, ResolutionReason::IssuerMistaken),
            (LineClass::VenueDiffers, Resolution::IssuerCorrects, ResolutionReason::EvidenceSeen),
        ];
        for (class, resolution, reason) in decisions {
            let differences: Vec<i64> =
                open.iter().filter(|line| line.class == class).map(|line| line.number).collect();
            if differences.is_empty() {
                continue;
            }
            let reference = Some(reference.clone());
            let act = Resolve { statement: self.statements, differences, resolution, reason, reference };
            stage.grant(&self.finance.clone(), act)?;
        }
        Ok(())
    }
}
