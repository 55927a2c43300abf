//! A file of the national standard into the registry: what is new, what changed, what is the same, what may be the double of
//! another, line by line; tried first, if one likes. Published at once: the Region takes a file that it answers for.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{now, signed, store};
use crate::cartography::{self, FileError, Form, Read, Remark, Strictness, Treatment};
use crate::domain::ids::PlaceId;
use crate::domain::places::moderation::{decide, proposed, revised};
use crate::domain::places::{ChangeKind, Decision, Outcome, Place, Revision, Sheet, Signed, State, likeness};
use crate::domain::text::Label;
use crate::http::app::{App, blocking};
use crate::http::caller::{SignedIn, permitted};
use crate::http::envelope::{query, read_bytes, require_one_type, require_type};
use crate::http::limits::IMPORT_BYTES;
use crate::http::problem::Problem;
use crate::store::Writes;

/// Remarks that an answer shows.
const MOST_SHOWN: usize = 1_000;

/// How a file is taken.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own in the address")]
pub(in crate::http) struct PlaceImportQuery {
    /// Keep values that the standard's lists do not have, and leave out what cannot be read, each with a remark; else such a
    /// line is refused.
    #[serde(default)]
    keep_unknown: bool,
    /// Take the lines that are right although others are refused.
    #[serde(default)]
    partial: bool,
    /// Take lines that look like a place of the registry as new ones; else they are refused.
    #[serde(default)]
    create_look_alikes: bool,
    /// Say what would be done and write nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What is said of a value.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct PlaceRemark {
    /// Counted from 1, the header included; in JSON, the place in the list.
    #[schema(example = 2)]
    line: u64,
    #[schema(example = "services")]
    column: String,
    #[schema(example = "Repassage")]
    value: String,
    #[schema(example = "term_unknown")]
    code: &'static str,
    /// `refused` (the whole line), `kept`, `dropped` (the value) or `translated`.
    #[schema(example = "kept")]
    treatment: &'static str,
}

impl From<&Remark> for PlaceRemark {
    fn from(remark: &Remark) -> Self {
        let Remark { line, column, value, code, treatment } = remark;
        let value = value.chars().take(200).collect();
        Self { line: *line, column: column.clone(), value, code, treatment: treatment.as_str() }
    }
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PlaceImport {
    dry_run: bool,
    /// Nothing was recorded because lines are refused.
    refused: bool,
    /// The version of the standard, as its columns tell.
    #[schema(example = "1.0.2")]
    version: &'static str,
    #[schema(example = 1400)]
    rows: usize,
    added: usize,
    changed: usize,
    unchanged: usize,
    refused_lines: usize,
    /// At most a thousand, in the order of the file.
    remarks: Vec<PlaceRemark>,
}

/// The file with what surrounds it.
pub(in crate::http) struct PlaceFile {
    signed_in: SignedIn,
    query: PlaceImportQuery,
    form: Form,
    bytes: Vec<u8>,
}

impl FromRequest for PlaceFile {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let signed_in = permitted(&request).await?;
            let query = query(&request)?;
            require_one_type(&request, &["text/csv", "application/json"])?;
            let form = if require_type(&request, "text/csv").is_ok() { Form::Csv } else { Form::Json };
            let bytes = read_bytes(&request, &mut payload, IMPORT_BYTES).await?;
            Ok(Self { signed_in, query, form, bytes })
        })
    }
}

/// Takes a file of the national standard, CSV or JSON, version 1.0.2 or 0.1. A place is known again by its source and its
/// identifier there: the same file twice changes nothing.
#[utoipa::path(post, path = "/api/v1/place-imports", tag = "places", summary = "Import places",
    request_body(content = String, content_type = "text/csv"), params(PlaceImportQuery),
    responses((status = 200, description = "What was done, line by line", body = PlaceImport)))]
pub(in crate::http) async fn import(app: web::Data<App>, file: PlaceFile) -> Result<HttpResponse, Problem> {
    let PlaceFile { signed_in, query, form, bytes } = file;
    let strictness = if query.keep_unknown { Strictness::Keep } else { Strictness::Refuse };
    let read = blocking(move || cartography::read(&bytes, form, strictness).map_err(|error| unreadable(&error)));
    let read = read.await?;
    let by = signed(&signed_in, now(&app));
    let shared = app.clone();
    let report = app
        .write(move |tx| {
            let plan = Plan::new(tx, read, query, &by, || PlaceId::new(shared.entropy.uuid(by.at)))?;
            if plan.is_carried_out() {
                plan.carry_out(tx, &by)?;
            }
            Ok::<_, Problem>(plan.report())
        })
        .await?;
    if report.refused && !query.dry_run {
        let line = |remark: &PlaceRemark| crate::http::problem::LineVerdict {
            line: remark.line,
            serial: format!("{} : {}", remark.column, remark.value),
            verdict: remark.code,
            detail: Some(crate::catalogue::find(remark.code).french.to_owned()),
        };
        let refused = report.remarks.iter().filter(|remark| remark.treatment == Treatment::Refused.as_str());
        return Err(Problem::new("place_file_refused").lines(refused.map(line).collect()));
    }
    Ok(HttpResponse::Ok().json(report))
}

fn unreadable(error: &FileError) -> Problem {
    let detail = match error {
        FileError::NotUtf8 => "il n'est pas en UTF-8".to_owned(),
        FileError::Line(line) => format!("la ligne {line} ne se lit pas"),
        FileError::TooManyRows => "il a plus de 50 000 lignes".to_owned(),
        FileError::NoColumns => "aucune de ses colonnes n'est du format".to_owned(),
    };
    Problem::new("place_file_malformed").about("detail", detail)
}

/// What a file would do to the registry.
struct Plan {
    query: PlaceImportQuery,
    version: &'static str,
    rows: usize,
    added: Vec<(Place, Revision)>,
    changed: Vec<(Place, Revision)>,
    unchanged: usize,
    remarks: Vec<Remark>,
}

/// By what a place of a source is known again.
fn key(sheet: &Sheet) -> (Option<Label>, String) {
    (sheet.source.clone(), sheet.id.as_ref().map(ToString::to_string).unwrap_or_default())
}

impl Plan {
    fn new(
        tx: &mut (impl Writes + ?Sized),
        read: Read,
        query: PlaceImportQuery,
        by: &Signed,
        mut new_id: impl FnMut() -> PlaceId,
    ) -> Result<Self, Problem> {
        let Read { version, sheets, remarks, rows } = read;
        let known = tx.places_in(State::Published)?;
        let mut by_key: BTreeMap<_, Place> = known.iter().map(|place| (key(&place.sheet), place.clone())).collect();
        let mut here: BTreeMap<_, Vec<(String, Sheet)>> = BTreeMap::new();
        for place in known {
            let Some(commune) = place.sheet.located() else { continue };
            here.entry(commune.code).or_default().push((place.sheet.name.to_string(), place.sheet));
        }
        let (added, changed) = (Vec::new(), Vec::new());
        let version = version.as_str();
        let mut plan = Self { query, version, rows, added, changed, unchanged: 0, remarks };
        for (line, sheet) in sheets {
            match by_key.remove(&key(&sheet)) {
                Some(place) if place.sheet == sheet => plan.unchanged += 1,
                Some(mut place) => {
                    let mut revision = revised(&mut place, sheet, None, by.clone())?;
                    place.version -= 1;
                    decide(&mut place, &mut revision, accepted(by))?;
                    plan.changed.push((place, revision));
                }
                None => plan.add((line, sheet), &here, by, &mut new_id)?,
            }
        }
        plan.remarks.sort_by_key(|remark| remark.line);
        Ok(plan)
    }

    fn add(
        &mut self,
        (line, sheet): (u64, Sheet),
        here: &BTreeMap<crate::domain::territory::CommuneCode, Vec<(String, Sheet)>>,
        by: &Signed,
        new_id: &mut impl FnMut() -> PlaceId,
    ) -> Result<(), Problem> {
        let neighbours = sheet.located().and_then(|commune| here.get(&commune.code)).map_or(&[][..], Vec::as_slice);
        let alike = neighbours
            .iter()
            .find(|(_, known)| likeness::score(known, &sheet).is_some_and(|score| score >= likeness::CUTOFF));
        if let Some((name, _)) = alike {
            let treatment = if self.query.create_look_alikes { Treatment::Kept } else { Treatment::Refused };
            let (column, value) = ("nom".to_owned(), name.clone());
            self.remarks.push(Remark { line, column, value, code: "possible_duplicate", treatment });
            if treatment == Treatment::Refused {
                return Ok(());
            }
        }
        let (mut place, mut revision) = proposed(new_id(), sheet, None, by.clone());
        decide(&mut place, &mut revision, accepted(by))?;
        self.added.push((place, revision));
        Ok(())
    }

    fn refused_lines(&self) -> usize {
        let refused = self.remarks.iter().filter(|remark| remark.treatment == Treatment::Refused);
        refused.map(|remark| remark.line).collect::<std::collections::BTreeSet<_>>().len()
    }

    fn is_refused(&self) -> bool {
        self.refused_lines() > 0 && !self.query.partial
    }

    fn is_carried_out(&self) -> bool {
        !self.query.dry_run && !self.is_refused()
    }

    fn carry_out(&self, tx: &mut (impl Writes + ?Sized), by: &Signed) -> Result<(), Problem> {
        let (places, revisions): (Vec<Place>, Vec<Revision>) = self.added.iter().cloned().unzip();
        tx.insert_places(&places)?;
        for (place, _) in &self.changed {
            store(tx, place)?;
        }
        let later = self.changed.iter().map(|(_, revision)| revision.clone());
        tx.insert_revisions(&revisions.into_iter().chain(later).collect::<Vec<_>>())?;
        let added = self.added.iter().map(|(place, _)| (place.id, ChangeKind::Added));
        let changed = self.changed.iter().map(|(place, _)| (place.id, ChangeKind::Changed));
        Ok(tx.note_place_changes(&added.chain(changed).collect::<Vec<_>>(), by.at)?)
    }

    fn report(&self) -> PlaceImport {
        PlaceImport {
            dry_run: self.query.dry_run,
            refused: self.is_refused(),
            version: self.version,
            rows: self.rows,
            added: self.added.len(),
            changed: self.changed.len(),
            unchanged: self.unchanged,
            refused_lines: self.refused_lines(),
            remarks: self.remarks.iter().take(MOST_SHOWN).map(PlaceRemark::from).collect(),
        }
    }
}

fn accepted(by: &Signed) -> Decision {
    Decision { outcome: Outcome::Accepted, reason: None, by: by.clone() }
}
