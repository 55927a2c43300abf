//! A statement of an issuer, taken in: what agrees with the ledger is paid, everything else is listed as a difference.
//! What never lives here: how a line is judged.

use std::collections::{BTreeMap, BTreeSet};

use super::super::act::{Act, Context, item_text, organisation_of_kind};
use super::super::claims;
use super::super::facts::{Facts, Needs};
use super::super::ids::{OrganisationId, PassId};
use super::super::items::of_pass;
use super::super::money::Cents;
use super::super::month::Month;
use super::super::movement::{Kind, Line, Movement, Record};
use super::super::party::{Holder, Organisation, OrganisationKind};
use super::super::programme::Payer;
use super::super::refusal::{Code, Refusal};
use super::super::short_code::ShortCode;
use super::{
    IssuerStatement, Judge, LineClass, LineStatus, Resolution, StatementLine, StatementRecord, Told, listed, unknown,
};

/// Lines of one file at most.
pub const LINES_PER_STATEMENT: usize = 20_000;

/// Takes in what an issuer says it has paid for the passes spent in a month: the whole file or nothing, each file once.
#[derive(Debug, Clone)]
pub struct ImportStatement {
    pub issuer: OrganisationId,
    /// Must be over.
    pub month: Month,
    /// The statement of the same month that it corrects: what it says otherwise takes the place of what was said.
    pub corrects: Option<i64>,
    /// SHA-256 of the file, and of its lines as [`Told::text`] writes them; 64 hexadecimal digits.
    pub file_hash: String,
    pub lines_hash: String,
    pub lines: Vec<Told>,
}

/// The lines of a statement with what they correct.
#[derive(Debug, Default)]
struct Read {
    lines: Vec<StatementLine>,
    corrected: Vec<(i64, i64)>,
}

impl ImportStatement {
    fn check<'f>(&self, facts: &'f Facts, context: &Context) -> Result<&'f Organisation, Refusal> {
        if facts.programme.payer != Payer::Issuer {
            return Err(Refusal::new(Code::PayerIsRegion).about("programme", &facts.programme.label));
        }
        let issuer = organisation_of_kind(facts, self.issuer, OrganisationKind::Issuer, Code::IssuerUnknown)
            .map_err(|refusal| refusal.field("issuer"))?;
        if !self.month.is_over(context.day) {
            let from = self.month.end().french();
            return Err(Refusal::new(Code::MonthNotOver).field("month").about("date", from));
        }
        if facts.statements.files.contains(&self.file_hash) {
            return Err(Refusal::new(Code::IssuerFileTaken).field("file"));
        }
        if self.lines.len() > LINES_PER_STATEMENT {
            return Err(Refusal::out_of_range("file", 1, LINES_PER_STATEMENT));
        }
        let Some(corrects) = self.corrects else { return Ok(issuer) };
        let known = facts.statements.statements.get(&corrects);
        let same = known.is_some_and(|known| known.month == self.month && known.issuer == issuer.code);
        if same { Ok(issuer) } else { Err(unknown(corrects).field("corrects")) }
    }

    fn read(&self, facts: &Facts, statement: i64) -> Result<Read, Refusal> {
        let mut judge = Judge::new(facts, self.issuer, self.month, self.corrects.is_some());
        let mut read = Read::default();
        for told in &self.lines {
            let judged = judge.judge(told)?;
            read.corrected.extend(judged.corrects);
            let status = if judged.class.is_difference() { LineStatus::Open } else { LineStatus::Settled };
            read.lines.push(StatementLine {
                statement,
                number: told.number,
                pass: told.pass,
                provider: judged.provider,
                said: Some(told.said.clone()),
                class: judged.class,
                status,
                resolution: None,
                closed_by: None,
            });
        }
        if read.lines.iter().all(|line| line.class == LineClass::Unchanged) {
            return Err(Refusal::new(Code::StatementEmpty).field("file"));
        }
        Ok(read)
    }

    /// What was spent in the month and is still owed by this issuer, that nothing in any statement speaks of.
    fn absent(&self, facts: &Facts, told: &BTreeSet<PassId>) -> Vec<(PassId, ShortCode)> {
        let lines = facts.statements.lines.iter().map(|(_, line)| line);
        let listed: BTreeSet<PassId> = lines.filter(|line| line.stands()).map(|line| line.pass).collect();
        let of_month = |day| Month::of(day) == self.month;
        let redemptions = facts.redemptions.iter().map(|(_, redemption)| redemption);
        let spent = redemptions.filter(|redemption| !redemption.reversed && of_month(redemption.day));
        let mut absent: Vec<(PassId, ShortCode)> = Vec::new();
        for pass in spent.flat_map(|redemption| &redemption.items).filter_map(|item| item.pass()) {
            let Some(place) = of_pass(facts, pass) else { continue };
            let own = facts.orders.get(&place.batch.order()).is_some_and(|order| order.issuer == self.issuer);
            if let Holder::Provider(code) = place.holder
                && own
                && !told.contains(&pass)
                && !listed.contains(&pass)
            {
                absent.push((pass, code));
            }
        }
        absent.sort_unstable();
        absent
    }
}

/// The lines of a receipt that pay passes, provider by provider.
fn payments(facts: &Facts, lines: &[StatementLine]) -> Result<Vec<Line>, Refusal> {
    let mut by_provider: BTreeMap<&ShortCode, Vec<PassId>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.class == LineClass::Matched) {
        let place = of_pass(facts, line.pass).map(|place| place.holder);
        if let (Some(Holder::Provider(_)), Some(provider)) = (place, &line.provider) {
            by_provider.entry(provider).or_default().push(line.pass);
        }
    }
    let mut paid = Vec::new();
    for (provider, passes) in by_provider {
        let (from, to) = (Holder::Provider(provider.clone()), Holder::Paid(provider.clone()));
        paid.extend(claims::lines(facts, &passes, &from, &to)?);
    }
    Ok(paid)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Act for ImportStatement {
    fn kind(&self) -> Kind {
        Kind::IssuerStatement
    }

    fn needs(&self, needs: &mut Needs) {
        needs.organisations.insert(self.issuer);
        let passes = self.lines.iter().map(|told| told.pass);
        needs.passes.extend(passes.clone());
        needs.statements.passes.extend(passes);
        needs.statements.months.insert(self.month);
        needs.statements.files.insert(self.file_hash.clone());
        needs.statements.statements.extend(self.corrects);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let issuer = self.check(facts, context)?;
        let number = facts.statements.last + 1;
        let Read { mut lines, mut corrected } = self.read(facts, number)?;
        corrected.sort_unstable();
        let paid = payments(facts, &lines)?;
        let told = lines.iter().map(|line| line.pass).collect();
        let of_class = |class: LineClass| count(lines.iter().filter(|line| line.class == class).count());
        let (matched, unchanged) = (of_class(LineClass::Matched), of_class(LineClass::Unchanged));
        let said = lines.iter().filter(|line| line.class != LineClass::Unchanged).filter_map(|line| line.said.as_ref());
        let stated = Cents::new(said.fold(0, |sum: i64, said| sum.saturating_add(said.amount.get())));
        let mut last_line = lines.iter().map(|line| line.number).max().unwrap_or(0);
        for (pass, provider) in self.absent(facts, &told) {
            last_line = last_line.saturating_add(1);
            lines.push(StatementLine {
                statement: number,
                number: last_line,
                pass,
                provider: Some(provider),
                said: None,
                class: LineClass::Absent,
                status: LineStatus::Open,
                resolution: None::<Resolution>,
                closed_by: None,
            });
        }
        let open = count(lines.iter().filter(|line| line.status == LineStatus::Open).count());
        let statement = IssuerStatement {
            number,
            issuer: issuer.code.clone(),
            month: self.month,
            corrects: self.corrects,
            file_hash: self.file_hash.clone(),
            lines_hash: self.lines_hash.clone(),
            lines: count(self.lines.len()),
            matched,
            unchanged,
            stated,
            last_line,
            open,
        };
        let keys: Vec<String> = corrected.iter().map(|(statement, line)| format!("{statement}/{line}")).collect();
        let serial = |pass: PassId| item_text(facts, pass.item());
        Ok(Movement::new(Kind::IssuerStatement)
            .mention("statement", number)
            .mention("issuer_code", &issuer.code)
            .mention("month", self.month.to_string())
            .mention_some("corrects_statement", self.corrects)
            .mention("file_hash", self.file_hash.clone())
            .mention("lines_hash", self.lines_hash.clone())
            .mention("statement_lines", statement.lines)
            .mention("matched_passes", matched)
            .mention_some("unchanged_lines", (unchanged > 0).then_some(unchanged))
            .mention("stated_cents", stated.get())
            .mention_some("differences", listed(lines.iter(), serial))
            .mention_some("corrected", (!keys.is_empty()).then(|| keys.join("; ")))
            .mention("open_differences", open)
            .lines(paid)
            .record(Record::Statements(StatementRecord::Taken(Box::new(statement), lines, corrected))))
    }
}
