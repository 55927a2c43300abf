//! What statistics may read of hand-outs, from the erasable zone. What never lives here: a fingerprint.

use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
};

use super::super::super::error::StoreError;
use super::super::super::report_doors::{HandOutFact, JudgedHandOut, KeptOfHandOut, Window};
use super::super::super::schema::{hand_outs, receipts};
use super::Conn;
use super::held::{OrientationColumns, orientation};
use crate::domain::act::ages_of_band;
use crate::domain::eligibility::{KeptDecision, ShownProof};
use crate::domain::ids::ProgrammeNo;
use crate::domain::movement::Kind;
use crate::domain::orientation::Orientation;
use crate::domain::sex::Sex;
use crate::domain::short_code::ShortCode;
use crate::domain::territory::{CommuneCode, NeighbourhoodCode};
use crate::domain::time::Day;

type DecisionColumns =
    (i64, String, String, (String, String, Option<String>), (String, Option<String>, Option<String>));
type KeptColumns = (String, String, String, Option<String>);
type HandOutColumns = ((i64, String, String), Option<KeptColumns>, (i64, i64));

fn judged((position, day, rule_version, place, ground): DecisionColumns) -> Result<JudgedHandOut, StoreError> {
    let ((band, commune, neighbourhood), (ground, proof, issued_on)) = (place, ground);
    let ages = ages_of_band(&band).ok_or_else(|| StoreError::Corrupt(format!("the age band {band}")))?;
    let (day, commune) = (Day::parse(&day)?, CommuneCode::parse(&commune)?);
    let neighbourhood = neighbourhood.as_deref().map(NeighbourhoodCode::parse).transpose()?;
    let issued_on = issued_on.as_deref().map(Day::parse).transpose()?;
    let proof = proof.map(|kind| ShownProof { kind, issued_on });
    let decision = KeptDecision { day, ages, commune, neighbourhood, ground, proof };
    Ok(JudgedHandOut { position, rule_version, decision })
}

fn kept_of_hand_out((ground, age_band, commune, sex): KeptColumns) -> Result<KeptOfHandOut, StoreError> {
    Ok(KeptOfHandOut { ground, age_band, commune, sex: sex.as_deref().map(Sex::parse).transpose()? })
}

/// See [`super::super::super::report_doors::ReportReads::hand_out_facts`].
pub(super) fn facts(
    conn: &mut Conn,
    window: Window,
    office: Option<&ShortCode>,
    limit: i64,
) -> Result<Vec<HandOutFact>, StoreError> {
    let mut query = receipts::table.left_join(hand_outs::table.on(hand_outs::number.eq(receipts::number))).into_boxed();
    query = query.filter(receipts::programme_no.eq(window.programme.0));
    query = query.filter(receipts::kind.eq(Kind::HandOut.as_str()));
    query = query.filter(receipts::position.gt(window.after)).filter(receipts::position.le(window.until));
    if let Some(office) = office {
        query = query.filter(receipts::office.eq(office.as_str()));
    }
    let known = (hand_outs::ground, hand_outs::age_band, hand_outs::commune, hand_outs::sex);
    let columns = (
        (receipts::position, receipts::day, receipts::office),
        known.nullable(),
        (receipts::booklets, receipts::passes),
    );
    let rows: Vec<HandOutColumns> = query.order(receipts::position).limit(limit).select(columns).load(conn)?;
    let fact = |((position, day, office), kept, (booklets, passes)): HandOutColumns| {
        let (day, kept) = (Day::parse(&day)?, kept.map(kept_of_hand_out).transpose()?);
        Ok(HandOutFact { position, day, office, kept, booklets, passes })
    };
    rows.into_iter().map(fact).collect()
}

/// Where people were told to go, by position of the hand-out, after one.
pub(super) fn orientations(
    conn: &mut Conn,
    programme: ProgrammeNo,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Orientation)>, StoreError> {
    let said = hand_outs::oriented_place
        .is_not_null()
        .or(hand_outs::oriented_venue.is_not_null())
        .or(hand_outs::need.is_not_null());
    let query = hand_outs::table.filter(hand_outs::programme_no.eq(programme.0)).filter(said);
    let columns = (hand_outs::position, (hand_outs::oriented_place, hand_outs::oriented_venue, hand_outs::need));
    let query = query.filter(hand_outs::position.gt(after)).order(hand_outs::position).limit(limit);
    let rows: Vec<(i64, OrientationColumns)> = query.select(columns).load(conn)?;
    let told = rows.into_iter().map(|(position, told)| Ok(orientation(told)?.map(|told| (position, told))));
    told.filter_map(Result::transpose).collect()
}

/// What was decided by which rules, by position of the hand-out, after one.
pub(super) fn decisions(
    conn: &mut Conn,
    programme: ProgrammeNo,
    after: i64,
    limit: i64,
) -> Result<Vec<JudgedHandOut>, StoreError> {
    let query = hand_outs::table.filter(hand_outs::programme_no.eq(programme.0));
    let columns = (
        hand_outs::position,
        hand_outs::day,
        hand_outs::rule_version,
        (hand_outs::age_band, hand_outs::commune, hand_outs::neighbourhood),
        (hand_outs::ground, hand_outs::proof_kind, hand_outs::proof_issued_on),
    );
    let query = query.filter(hand_outs::position.gt(after)).order(hand_outs::position).limit(limit);
    let rows: Vec<DecisionColumns> = query.select(columns).load(conn)?;
    rows.into_iter().map(judged).collect()
}
