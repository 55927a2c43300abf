//! Communes of France by name, postal code or INSEE code. What never lives here: residence by postal code; a postal
//! code only helps to find the commune that is meant.

use std::cmp::Reverse;
use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Action;
use crate::domain::territory::{self, Commune, CommuneCode};
use crate::http::caller::SignedIn;
use crate::http::envelope::{List, query};
use crate::http::problem::Problem;

/// Communes of an answer at most: beyond that the person types another letter.
const MOST: usize = 20;

/// What a commune is looked for by; at least one of the two.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CommuneQuery {
    /// How the name starts; accents, capitals and hyphens do not count.
    #[param(example = "maub")]
    q: Option<String>,
    /// Five digits.
    #[param(example = "59600")]
    postal_code: Option<String>,
}

/// A commune, or a municipal arrondissement.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct CommuneView {
    /// INSEE code.
    #[schema(value_type = String, example = "59392")]
    code: CommuneCode,
    #[schema(example = "Maubeuge")]
    name: &'static str,
    department: Place,
    region: Place,
    /// Its intercommunalité; a few islands and the overseas collectivities have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    epci: Option<EpciView>,
    /// For a municipal arrondissement: the commune it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    part_of: Option<CommuneCode>,
    #[schema(example = json!(["59600"]))]
    postal_codes: Vec<&'static str>,
    /// Legal population; 0 where none is published.
    #[schema(example = 28_000)]
    population: u32,
}

/// A département or a région.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Place {
    #[schema(example = "59")]
    code: &'static str,
    #[schema(example = "Nord")]
    name: &'static str,
}

/// An intercommunalité.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct EpciView {
    #[schema(example = "200043396")]
    siren: &'static str,
    #[schema(example = "CA Maubeuge Val de Sambre")]
    name: &'static str,
}

impl From<Commune> for CommuneView {
    fn from(commune: Commune) -> Self {
        let department = territory::department(commune.department).map_or("", |department| department.name);
        let region = territory::region(commune.region).map_or("", |region| region.name);
        let epci = commune.epci.and_then(territory::epci);
        Self {
            code: commune.code,
            name: commune.name,
            department: Place { code: commune.department, name: department },
            region: Place { code: commune.region, name: region },
            epci: epci.map(|epci| EpciView { siren: epci.siren, name: epci.name }),
            part_of: commune.commune,
            postal_codes: commune.postal_codes().collect(),
            population: commune.population,
        }
    }
}

/// Finds communes by the start of their name, by postal code or by both; the most populous come first.
#[utoipa::path(get, path = "/api/v1/communes", tag = "reference", operation_id = "search_communes",
    summary = "Find communes", params(CommuneQuery),
    responses((status = 200, description = "At most 20 communes", body = List<CommuneView>)))]
pub(in crate::http) async fn search(request: HttpRequest, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let asked: CommuneQuery = query(&request)?;
    let folded = asked.q.as_deref().map(folded).filter(|start| !start.is_empty());
    if folded.is_none() && asked.postal_code.is_none() {
        let detail = "donnez q (début du nom) ou postal_code";
        return Err(Problem::new("query_malformed").about("detail", detail).field("q"));
    }
    let items = found(folded.as_deref(), asked.postal_code.as_deref()).into_iter().map(CommuneView::from).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

/// Shows one commune. A code of before a merger answers 404 and names the commune of today.
#[utoipa::path(get, path = "/api/v1/communes/{code}", tag = "reference", operation_id = "read_commune",
    summary = "Read a commune", params(("code" = String, Path, description = "INSEE code", example = "59392")),
    responses((status = 200, description = "The commune", body = CommuneView)))]
pub(in crate::http) async fn one(code: web::Path<String>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let unknown = |unknown| Problem::new("commune_not_found").about("detail", unknown);
    let commune = territory::resolve(&code).map_err(unknown)?;
    Ok(HttpResponse::Ok().json(CommuneView::from(commune)))
}

/// Every commune's folded name and code, the most populous first.
static BY_POPULATION: LazyLock<Vec<(Box<str>, CommuneCode)>> = LazyLock::new(|| {
    let mut all: Vec<Commune> = territory::communes().collect();
    all.sort_by_key(|commune| (Reverse(commune.population), commune.code));
    all.into_iter().map(|commune| (folded(commune.name).into(), commune.code)).collect()
});

/// The communes whose folded name fits, the most populous first.
fn called(fits: impl Fn(&str) -> bool) -> impl Iterator<Item = Commune> {
    BY_POPULATION.iter().filter(move |(name, _)| fits(name)).filter_map(|(_, code)| territory::commune(code))
}

/// The commune that a text names: an INSEE code, else a whole name, of which the most populous.
///
/// # Errors
/// `commune_unknown`, with what may have been meant.
pub(in crate::http) fn named(text: &str) -> Result<Commune, Problem> {
    let by_name = || {
        let wanted = folded(text);
        called(|name| name == wanted).next()
    };
    territory::resolve(text).or_else(|unknown| {
        by_name().ok_or_else(|| Problem::new("commune_unknown").about("detail", unknown).field("commune"))
    })
}

/// The communes that somebody may mean who types a postal code, an INSEE code, a name or the start of one; the likeliest first.
/// People type postal codes: a text that is both is taken for one.
pub(in crate::http) fn meant(text: &str) -> Vec<Commune> {
    let text = text.trim();
    let coded = CommuneCode::parse(text).map(|code| territory::today(&code)).unwrap_or_default();
    let mut served = territory::with_postal_code(text).into_iter();
    let mut all: Vec<Commune> = served.next().into_iter().chain(coded).chain(served).collect();
    let start = folded(text);
    if all.is_empty() && !start.is_empty() {
        all.extend(called(|name| name == start));
        all.extend(called(|name| name != start && name.starts_with(&start)).take(MOST));
    }
    all.truncate(MOST);
    all
}

fn found(start: Option<&str>, postal_code: Option<&str>) -> Vec<Commune> {
    let fits = |name: &str| start.is_none_or(|start| name.starts_with(start));
    match postal_code {
        None => called(fits).take(MOST).collect(),
        Some(served) => {
            let served = territory::with_postal_code(served).into_iter();
            served.filter(|commune| fits(&folded(commune.name))).take(MOST).collect()
        }
    }
}

/// A name as it is compared: without accents, capitals, hyphens and apostrophes.
fn folded(name: &str) -> String {
    let plain: String = name.nfd().filter(|c| !is_combining_mark(*c)).collect();
    let words = plain.to_lowercase().replace('œ', "oe").replace('æ', "ae");
    words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(start: &str) -> Vec<&'static str> {
        found(Some(&folded(start)), None).into_iter().map(|commune| commune.name).collect()
    }

    #[test]
    fn a_name_is_found_by_its_start_whatever_the_accents() {
        assert_eq!(names("maub").first(), Some(&"Maubeuge"));
        assert!(names("BOÛE").contains(&"Boué"));
        assert!(names("l'haÿ").contains(&"L'Haÿ-les-Roses"));
        assert!(names("saint-den").first().is_some_and(|name| name.starts_with("Saint-Denis")));
        assert!(names("zzzz").is_empty());
    }

    #[test]
    fn an_answer_has_twenty_communes_at_most_and_the_largest_first() {
        let found = found(Some("s"), None);
        assert_eq!(found.len(), MOST);
        assert!(found.is_sorted_by_key(|commune| Reverse(commune.population)));
    }

    #[test]
    fn what_somebody_means_is_a_postal_code_before_a_code_and_a_whole_name_before_its_start() {
        let names = |text: &str| meant(text).into_iter().map(|commune| commune.name).collect::<Vec<_>>();
        assert_eq!(names("59600")[..2], ["Maubeuge", "Tourmignies"], "59600 is the INSEE code of the second");
        assert_eq!(names("59392"), ["Maubeuge"]);
        assert_eq!(names("guise").first(), Some(&"Guise"));
        assert!(names("saint-quent").contains(&"Saint-Quentin"));
        assert_eq!((names("zzzz").len(), names(" ").len()), (0, 0));
    }

    #[test]
    fn a_postal_code_finds_every_commune_it_serves() {
        let served = found(None, Some("59600"));
        assert!(served.len() > 1);
        assert_eq!(served.first().map(|commune| commune.name), Some("Maubeuge"));
        assert_eq!(found(Some("asse"), Some("59600")).len(), 1);
    }
}
