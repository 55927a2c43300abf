//! The looks of a group as PostgreSQL takes them: each one statement, because every question costs a way there and back
//! while all other groups wait at the door. The twin of `sqlite/looks.rs`, and the one place where a question stands a second time:
//! what it finds is held against the questions of `queries/` by `tests/it/looks.rs`. What never lives here: what a row means.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Record};

use super::queries::access::read_standing;
use super::queries::fragment::among;
use super::queries::journal::{REPLY, ReplyColumns, read_journal, read_reply};
use super::queries::stock::{
    BALANCE, BalanceColumns, HOLDING, HoldingColumns, SERIES, SeriesColumns, holder_cells, read_balance, read_booklets,
    read_holding, read_passes, read_series,
};
use super::sets::Keys;
use super::{BY_KEY_HERE, Conn, Db};
use crate::domain::ids::{BatchId, BookletId, ProgrammeNo};
use crate::domain::party::{Holder, Organisation, Venue};
use crate::domain::programme::{Order, Programme};
use crate::domain::short_code::ShortCode;
use crate::domain::stock::{Booklet, Pass};
use crate::store::cell::Cell;
use crate::store::error::StoreError;
use crate::store::rows::{BookletRow, JournalRow, OrderRow, OrganisationRow, ProgrammeRow, VenueRow, mac};
use crate::store::schema::{
    balances, booklets, journals, orders, organisations, passes, programmes, replies, series, users, venues,
};
use crate::store::{LookReads, Seen, Standings, Wanted};

/// All rows of a question as one value, so that several questions are one.
#[derive(Debug, Clone, Copy)]
struct Gathered<Q>(Q);

impl<Q: QueryFragment<Db>> QueryFragment<Db> for Gathered<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("ARRAY(SELECT ROW(q.*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS q)");
        Ok(())
    }
}

impl<Q> QueryId for Gathered<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query<SqlType: diesel::sql_types::SqlType + 'static>> Expression for Gathered<Q> {
    type SqlType = Array<Record<Q::SqlType>>;
}

impl<Q, QS> SelectableExpression<QS> for Gathered<Q> where Self: AppearsOnTable<QS> {}
impl<Q, QS> AppearsOnTable<QS> for Gathered<Q> where Self: Expression {}

impl<Q> ValidGrouping<()> for Gathered<Q> {
    type IsAggregate = is_aggregate::Never;
}

/// The columns of a row, to be gathered.
type Columns<R> = <R as Selectable<Db>>::SelectExpression;
type ColumnTypes<R> = <Columns<R> as Expression>::SqlType;
/// The row as it comes out of a gathering.
type Loose<R> = <R as Queryable<ColumnTypes<R>, Db>>::Row;

fn columns<R: Selectable<Db>>() -> Columns<R> {
    R::construct_selection()
}

/// Puts rows together again.
fn rows<R>(loose: Vec<Loose<R>>) -> Result<Vec<R>, StoreError>
where
    R: Selectable<Db> + Queryable<ColumnTypes<R>, Db>,
    Columns<R>: Expression,
{
    let built = loose.into_iter().map(R::build).collect::<diesel::deserialize::Result<Vec<R>>>();
    built.map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn all<R, T: TryFrom<R, Error = StoreError>>(rows: Vec<R>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

/// What the first look brings, as it comes.
type LooseLook = (
    Vec<Loose<ProgrammeRow>>,
    Vec<Loose<JournalRow>>,
    Vec<ReplyColumns>,
    Vec<(String, String, Option<String>, String)>,
    Vec<Loose<OrganisationRow>>,
    Vec<Loose<VenueRow>>,
    Vec<(i64, Option<String>, Vec<u8>)>,
    Vec<Loose<BookletRow>>,
    Vec<Loose<OrderRow>>,
);

impl LookReads for Conn {
    fn by_key_only(&mut self) -> Result<(), StoreError> {
        Ok(self.batch_execute(BY_KEY_HERE)?)
    }

    fn look(&mut self, programme: ProgrammeNo, wanted: Wanted<'_>) -> Result<Option<Seen>, StoreError> {
        let digests: Vec<Cell<'_>> = wanted.key_digests.iter().map(|digest| digest.as_str().into()).collect();
        let asked: Vec<Cell<'_>> = wanted.users.iter().map(|id| id.to_string().into()).collect();
        let places: Vec<Cell<'_>> = wanted.venues.iter().map(|id| id.to_string().into()).collect();
        let codes: Vec<Cell<'_>> = wanted.codes.iter().map(Cell::from).collect();
        let active = users::table.filter(among(users::id, Keys::all(&asked))).filter(users::active.eq(true));
        let found = passes::table.filter(among(passes::code_mac, Keys::all(&codes)));
        let held = booklets::table.filter(booklets::id.eq_any(found.clone().select(passes::id / 100)));
        let ordered = orders::table
            .filter(orders::programme_no.eq(programme.0))
            .filter(orders::id.eq_any(held.clone().select(booklets::batch_id / 1_000)));
        let employers = organisations::table
            .filter(organisations::active.eq(true))
            .filter(organisations::id.eq_any(active.clone().select(users::organisation_id)));
        let loose: LooseLook = diesel::select((
            Gathered(programmes::table.find(programme.0).select(columns::<ProgrammeRow>())),
            Gathered(journals::table.find(programme.0).select(columns::<JournalRow>())),
            Gathered(replies::table.filter(among(replies::key_digest, Keys::all(&digests))).select(REPLY)),
            Gathered(active.select((users::id, users::role, users::valid_until, users::organisation_id))),
            Gathered(employers.select(columns::<OrganisationRow>())),
            Gathered(venues::table.filter(among(venues::id, Keys::all(&places))).select(columns::<VenueRow>())),
            Gathered(found.select((passes::id, passes::holder, passes::code_mac))),
            Gathered(held.select(columns::<BookletRow>())),
            Gathered(ordered.select(columns::<OrderRow>())),
        ))
        .get_result(self)?;
        seen(programme, loose)
    }

    fn standings(
        &mut self,
        programme: ProgrammeNo,
        holders: &BTreeSet<Holder>,
        batches: &BTreeSet<BatchId>,
        offices: &BTreeSet<ShortCode>,
    ) -> Result<Standings, StoreError> {
        let holders = holder_cells(holders);
        let batches: Vec<Cell<'_>> = batches.iter().map(|batch| batch.0.into()).collect();
        let offices: Vec<Cell<'_>> = offices.iter().map(|office| office.as_str().into()).collect();
        let held = balances::table
            .filter(balances::programme_no.eq(programme.0))
            .filter(among(balances::holder, Keys::all(&holders)));
        let counted = series::table
            .filter(series::programme_no.eq(programme.0))
            .filter(among(series::office, Keys::all(&offices)));
        let (of_batches, of_all, counted): (Vec<BalanceColumns>, Vec<HoldingColumns>, Vec<SeriesColumns>) =
            diesel::select((
                Gathered(held.clone().filter(among(balances::batch_id, Keys::all(&batches))).select(BALANCE)),
                Gathered(held.group_by(balances::holder).select(HOLDING)),
                Gathered(counted.select(SERIES)),
            ))
            .get_result(self)?;
        Ok(Standings {
            balances: of_batches.into_iter().map(|row| read_balance(programme, row)).collect::<Result<_, _>>()?,
            holdings: of_all.into_iter().map(|row| read_holding(programme, row)).collect::<Result<_, _>>()?,
            series: counted.into_iter().map(read_series).collect::<Result<_, _>>()?,
        })
    }
}

/// What was found, each thing with what it belongs to.
fn seen(programme: ProgrammeNo, found: LooseLook) -> Result<Option<Seen>, StoreError> {
    let (programmes, journals, replies, users, organisations, venues, passes, booklets, orders) = found;
    let own = all::<ProgrammeRow, Programme>(rows(programmes)?)?.pop();
    let Some((own, journal)) = own.zip(rows::<JournalRow>(journals)?.pop()) else { return Ok(None) };
    let organisations: Vec<Organisation> = all(rows::<OrganisationRow>(organisations)?)?;
    let organisations: BTreeMap<String, Organisation> =
        organisations.into_iter().map(|organisation| (organisation.id.to_string(), organisation)).collect();
    let of_user = |(id, role, valid_until, organisation): (String, String, Option<String>, String)| {
        let employer = organisations.get(&organisation)?;
        let standing = read_standing((id, role, valid_until), employer.id);
        Some(standing.map(|(user, standing)| (user, standing, employer.clone())))
    };
    let booklets = read_booklets(programme, rows(booklets)?)?;
    let booklets: BTreeMap<BookletId, Booklet> = booklets.into_iter().map(|booklet| (booklet.id, booklet)).collect();
    let (items, macs): (Vec<_>, Vec<_>) = passes.into_iter().map(|(id, holder, code)| ((id, holder), code)).unzip();
    let coded = read_passes(programme, items)?.into_iter().zip(macs);
    let with_booklet = |(pass, code): (Pass, Vec<u8>)| {
        let booklet = booklets.get(&pass.id.booklet())?.clone();
        Some(mac(&code).map(|code| (pass, code, booklet)))
    };
    Ok(Some(Seen {
        programme: own,
        journal: read_journal(journal)?,
        replies: replies.into_iter().map(read_reply).collect(),
        users: users.into_iter().filter_map(of_user).collect::<Result<_, _>>()?,
        venues: all::<VenueRow, Venue>(rows(venues)?)?,
        passes: coded.filter_map(with_booklet).collect::<Result<_, _>>()?,
        orders: all::<OrderRow, Order>(rows(orders)?)?,
    }))
}
