//! A question to the read side, read once, and the stretch of the journal that answers it. What never lives here:
//! an answer.

use std::sync::Arc;

use super::table::{Meta, Pages, Report, Row};
use super::{Entry, ReportError};
use crate::domain::party::{Holder, OrganisationKind};
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::time::{Day, Instant};
use crate::receipts::{self, Body};
use crate::store::{Reads, Store, StoreError, Window};

/// What may be asked besides programme and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `from`: the first business day of the period; the beginning when not said.
    From,
    /// `holder`: as receipts write it, such as `prescriber:MAUB`.
    Holder,
    /// `serial`: of a booklet or a pass, as printed.
    Serial,
    /// `grain`: `month` (when not said) or `day`.
    Grain,
    /// `seed`: any text, from which receipts are drawn.
    Seed,
    /// `size`: how many are drawn.
    Size,
    /// `issuer`: the short code of an issuer.
    Issuer,
    /// `payment`: number of a payment.
    Payment,
    /// `within_km`: how far is near, 1 to 100 kilometres.
    WithinKm,
    /// `masked`: small counts of people are hidden.
    Masked,
}

impl Parameter {
    /// The name in a query string and in errors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::Holder => "holder",
            Self::Serial => "serial",
            Self::Grain => "grain",
            Self::Seed => "seed",
            Self::Size => "size",
            Self::Issuer => "issuer",
            Self::Payment => "payment",
            Self::WithinKm => "within_km",
            Self::Masked => "masked",
        }
    }
}

/// How a holder is written.
const HOLDERS: &str = "store, circulation, prescriber:MAUB, provider:LIEUX, claimed:LIEUX, paid:LIEUX, transit:7";
/// How an issuer is written.
pub const ISSUER: &str = "APTIC";

/// A question.
#[derive(Debug, Clone)]
pub struct Request {
    pub programme: ShortCode,
    /// The last business day that counts.
    pub as_of: Day,
    /// The only organisation whose part may be shown; `None` for the whole programme.
    pub scope: Option<ShortCode>,
    /// See [`Parameter::From`].
    pub from: Option<Day>,
    /// See [`Parameter::Holder`].
    pub holder: Option<String>,
    /// See [`Parameter::Serial`].
    pub serial: Option<String>,
    /// See [`Parameter::Grain`].
    pub grain: Option<String>,
    /// See [`Parameter::Seed`].
    pub seed: Option<String>,
    /// See [`Parameter::Size`].
    pub size: Option<u32>,
    /// See [`Parameter::Issuer`].
    pub issuer: Option<ShortCode>,
    /// See [`Parameter::Payment`].
    pub payment: Option<i64>,
    /// See [`Parameter::WithinKm`].
    pub within_km: Option<u32>,
    /// See [`Parameter::Masked`].
    pub masked: bool,
}

impl Request {
    /// The whole programme up to `as_of`, without parameters.
    #[must_use]
    pub const fn new(programme: ShortCode, as_of: Day) -> Self {
        Self {
            programme,
            as_of,
            scope: None,
            from: None,
            holder: None,
            serial: None,
            grain: None,
            seed: None,
            size: None,
            issuer: None,
            payment: None,
            within_km: None,
            masked: false,
        }
    }

    fn check(&self, allowed: &[Parameter]) -> Result<(), ReportError> {
        let given = [
            (Parameter::From, self.from.is_some()),
            (Parameter::Holder, self.holder.is_some()),
            (Parameter::Serial, self.serial.is_some()),
            (Parameter::Grain, self.grain.is_some()),
            (Parameter::Seed, self.seed.is_some()),
            (Parameter::Size, self.size.is_some()),
            (Parameter::Issuer, self.issuer.is_some()),
            (Parameter::Payment, self.payment.is_some()),
            (Parameter::WithinKm, self.within_km.is_some()),
            (Parameter::Masked, self.masked),
        ];
        match given.iter().find(|(parameter, given)| *given && !allowed.contains(parameter)) {
            Some((parameter, _)) => Err(ReportError::ParameterUnexpected(parameter.name())),
            None if self.from.is_some_and(|from| from > self.as_of) => Err(ReportError::PeriodReversed),
            None => Ok(()),
        }
    }
}

/// A question that can be answered.
pub(super) struct Question {
    entry: &'static Entry,
    pub(super) store: Arc<Store>,
    pub(super) programme: Programme,
    pub(super) request: Request,
    /// From the position before the period to the last one of the day.
    pub(super) window: Window,
    /// The hash at the end of the window.
    pub(super) head: String,
    seen: Option<(i64, Instant)>,
    closed: bool,
}

impl Question {
    pub(super) fn new(entry: &'static Entry, store: &Arc<Store>, request: &Request) -> Result<Self, ReportError> {
        request.check(entry.parameters)?;
        store.read(|tx| {
            let programme = tx.programme(&request.programme)?.ok_or(ReportError::ProgrammeUnknown)?;
            let until = tx.position_on(programme.no, request.as_of)?;
            let after = match request.from {
                Some(from) => tx.position_before(programme.no, from)?,
                None => 0,
            };
            let window = Window { programme: programme.no, after, until };
            let head = head_at(tx, &programme, until)?;
            let journal = tx.journal(programme.no)?.filter(|journal| journal.position > 0);
            let seen = journal.map(|journal| (journal.position, journal.at));
            let closed = tx.closed_until(programme.no)?.is_some_and(|day| request.as_of <= day);
            Ok(Self {
                entry,
                store: Arc::clone(store),
                programme,
                request: request.clone(),
                window,
                head,
                seen,
                closed,
            })
        })
    }

    /// The journal from its beginning.
    pub(super) const fn whole(&self) -> Window {
        Window { after: 0, ..self.window }
    }

    /// The journal before the period.
    pub(super) const fn before(&self) -> Window {
        Window { after: 0, until: self.window.after, ..self.window }
    }

    /// The answer. It says where small counts are hidden: whoever asks for that of a report that hides none is refused before.
    pub(super) fn report(&self, pages: Pages) -> Report {
        let masked = self.request.masked.then(|| (Parameter::Masked.name(), "true".to_owned()));
        Report {
            name: self.entry.name,
            title: self.entry.title,
            columns: self.entry.columns,
            meta: Meta {
                programme: self.programme.code.clone(),
                as_of: self.request.as_of,
                from: self.request.from,
                position: self.window.until,
                head: self.head.clone(),
                parameters: masked.into_iter().collect(),
                holds: None,
                seen: self.seen,
                closed: self.closed,
            },
            pages,
        }
    }

    /// The same with a parameter to be told.
    pub(super) fn report_about(&self, name: Parameter, value: String, pages: Pages) -> Report {
        let mut report = self.report(pages);
        report.meta.parameters.insert(0, (name.name(), value));
        report
    }

    /// Pages read one by one, each in its own short transaction.
    pub(super) fn pages<C: Send + 'static>(
        &self,
        mut cursor: C,
        read: impl Fn(&mut dyn Reads, &mut C) -> Result<Option<Vec<Row>>, StoreError> + Send + 'static,
    ) -> Pages {
        let store = Arc::clone(&self.store);
        Box::new(move || store.read(|tx| read(tx, &mut cursor)))
    }

    /// Whether the caller may see what this holder has.
    pub(super) fn may_see(&self, holder: &str) -> bool {
        self.request.scope.as_ref().is_none_or(|scope| belongs_to(holder, scope))
    }

    /// The holder asked about; an organisation that names none means itself.
    pub(super) fn holder(&self) -> Result<Holder, ReportError> {
        let malformed = |_| ReportError::ParameterMalformed(Parameter::Holder.name(), HOLDERS);
        match (&self.request.holder, &self.request.scope) {
            (Some(holder), _) => {
                let holder = Holder::parse(self.programme.no, holder).map_err(malformed)?;
                if self.may_see(&holder.to_string()) { Ok(holder) } else { Err(ReportError::NotInScope) }
            }
            (None, Some(scope)) => self.store.read(|tx| {
                let organisation = tx.organisation_by_code(scope)?.ok_or(ReportError::NotInScope)?;
                Ok(if organisation.kinds.contains(&OrganisationKind::Prescriber) {
                    Holder::Prescriber(organisation.code)
                } else {
                    Holder::Provider(organisation.code)
                })
            }),
            (None, None) => Err(ReportError::ParameterMissing(Parameter::Holder.name())),
        }
    }
}

/// Whether a holder is a place of this organisation.
pub(super) fn belongs_to(holder: &str, organisation: &ShortCode) -> bool {
    holder.split_once(':').is_some_and(|(kind, which)| {
        matches!(kind, "prescriber" | "provider" | "claimed" | "paid") && which == organisation.as_str()
    })
}

/// The hash of the receipt at `position`, or where the journal starts.
pub(super) fn head_at(tx: &mut dyn Reads, programme: &Programme, position: i64) -> Result<String, StoreError> {
    if position == 0 {
        return Ok(receipts::chain::genesis(programme.code.as_str()));
    }
    let receipt = tx.receipt_at(programme.no, position)?;
    receipt.map(|receipt| receipt.hash).ok_or_else(|| StoreError::Corrupt(format!("no receipt at {position}")))
}

/// The text of a mention; empty where there is none.
pub(super) fn mention(body: &Body, name: &str) -> String {
    match body.mentions.get(name) {
        Some(receipts::Mention::Text(text)) => text.clone(),
        Some(receipts::Mention::Number(number)) => number.to_string(),
        None => String::new(),
    }
}

/// The day in a mention or field of a receipt.
pub(super) fn day(text: &str) -> Result<Day, StoreError> {
    Ok(Day::parse(text)?)
}
