//! The finder as a page for people: the front door, and the list. What never lives here: which places fit (see
//! `domain::places::directory`), or how the page looks (see `documents`).

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::finder::cached;
use crate::documents::{Answer, Choice, Form, FoundPlace, Other, Results, finder, finder_style_hash};
use crate::domain::party::Service;
use crate::domain::places::directory::{Around, Found, OUTDATED_DAYS, Wish};
use crate::domain::places::session::Session;
use crate::domain::places::words::OpeningHours;
use crate::domain::territory::{self, Commune};
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::envelope::query;
use crate::http::problem::Problem;
use crate::http::reference::communes::meant;

/// Places of a page.
const PAGE: usize = 20;
/// Pages of a list at most.
const LAST_PAGE: usize = 100;
/// Sessions of a place that are shown.
const SESSIONS: usize = 5;
/// Other communes of the name or the postal code that are offered.
const OTHERS: usize = 8;
/// Kilometres that can be chosen.
const DISTANCES: [u32; 5] = [5, 10, 20, 50, 100];
const USUAL_KM: u32 = 10;

/// What the form sends: a field that was left alone comes empty.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    /// A name, a postal code or an INSEE code.
    #[serde(default)]
    commune: String,
    km: Option<u32>,
    #[serde(default)]
    service: String,
    /// `pass` (when not said) or `tous`.
    #[serde(default)]
    lieux: String,
    /// `decrit`: only places whose accessibility is described.
    #[serde(default)]
    acces: String,
    /// From 1.
    page: Option<usize>,
}

impl PageQuery {
    fn check(&self) -> Result<Option<Service>, Problem> {
        let wrong = |field: &'static str, detail: String| {
            Err(Problem::new("query_malformed").about("detail", detail).field(field))
        };
        if self.km.is_some_and(|km| !DISTANCES.contains(&km)) {
            return wrong("km", format!("km : {}", DISTANCES.map(|km| km.to_string()).join(", ")));
        }
        if !matches!(self.lieux.as_str(), "" | "pass" | "tous") {
            return wrong("lieux", "lieux : pass ou tous".to_owned());
        }
        if !matches!(self.acces.as_str(), "" | "decrit") {
            return wrong("acces", "acces : decrit".to_owned());
        }
        if self.page.is_some_and(|page| !(1..=LAST_PAGE).contains(&page)) {
            return wrong("page", format!("page : 1 à {LAST_PAGE}"));
        }
        match self.service.as_str() {
            "" => Ok(None),
            name => Service::parse(name).map(Some).map_err(|malformed| Problem::from(malformed).field("service")),
        }
    }

    fn km(&self) -> u32 {
        self.km.unwrap_or(USUAL_KM)
    }

    fn accepting(&self) -> bool {
        self.lieux != "tous"
    }

    fn described_access(&self) -> bool {
        !self.acces.is_empty()
    }

    fn form(&self, service: Option<Service>) -> Form {
        let distance =
            |km: u32| Choice { value: km.to_string(), label: format!("{km}\u{a0}km"), chosen: km == self.km() };
        let any = Choice { value: String::new(), label: "Tout service".to_owned(), chosen: service.is_none() };
        let one = |one: &Service| Choice {
            value: one.to_string(),
            label: one.label().to_owned(),
            chosen: Some(*one) == service,
        };
        Form {
            commune: self.commune.clone(),
            distances: DISTANCES.map(distance).to_vec(),
            services: std::iter::once(any).chain(Service::ALL.iter().map(one)).collect(),
            accepting: self.accepting(),
            described_access: self.described_access(),
        }
    }

    /// The address of the same question about another commune, or of another page.
    fn address(&self, commune: &str, page: usize) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut address = format!("/lieux?commune={}&km={}", encoded(commune), self.km());
        for (name, value) in [("service", &self.service), ("lieux", &self.lieux), ("acces", &self.acces)] {
            if !value.is_empty() {
                address = format!("{address}&{name}={}", encoded(value));
            }
        }
        if page > 1 { format!("{address}&page={page}") } else { address }
    }
}

/// The front door: what a pass is, and the form.
pub(in crate::http) async fn home(request: HttpRequest) -> HttpResponse {
    let asked = PageQuery::default();
    shown(&request, finder(&asked.form(None), &Answer::Nothing, true))
}

/// The form, and what was found.
pub(in crate::http) async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked: PageQuery = query(&request)?;
    let service = asked.check()?;
    let form = asked.form(service);
    if asked.commune.trim().is_empty() {
        return Ok(shown(&request, finder(&form, &Answer::Nothing, false)));
    }
    let communes = meant(&asked.commune);
    let Some((commune, others)) = communes.split_first() else {
        return Ok(shown(&request, finder(&form, &Answer::CommuneUnknown, false)));
    };
    let (directory, _) = app.directory().await?;
    let wish = Wish {
        commune: Some(*commune),
        around: Around::Metres(i64::from(asked.km()) * 1_000),
        services: service.into_iter().collect(),
        described_access: asked.described_access(),
        accepts: asked.accepting(),
        ..Wish::default()
    };
    let results = results(&asked, (commune, others), &directory.find(&wish), app.clock.now().day());
    Ok(shown(&request, finder(&form, &Answer::Found(results), false)))
}

fn results(asked: &PageQuery, (commune, others): (&Commune, &[Commune]), found: &[Found<'_>], today: Day) -> Results {
    let page = asked.page.unwrap_or(1);
    let skipped = (page - 1) * PAGE;
    let other = |other: &Commune| Other {
        name: format!("{} ({})", other.name, other.department),
        address: asked.address(other.code.as_str(), 1),
    };
    Results {
        commune: commune.name.to_owned(),
        others: others.iter().take(OTHERS).map(other).collect(),
        total: found.len(),
        first: skipped + 1,
        places: found.iter().skip(skipped).take(PAGE).map(|found| place(found, today)).collect(),
        previous: (page > 1).then(|| asked.address(&asked.commune, page - 1)),
        next: (skipped + PAGE < found.len() && page < LAST_PAGE).then(|| asked.address(&asked.commune, page + 1)),
    }
}

fn place(found: &Found<'_>, today: Day) -> FoundPlace {
    let listed = found.listed;
    let sheet = &listed.sheet;
    let complement = sheet.address_complement.as_ref().map(|more| format!(", {more}")).unwrap_or_default();
    FoundPlace {
        name: sheet.name.to_string(),
        accepts: listed.accepts_passes(),
        metres: found.metres,
        address: format!("{}{complement}, {} {}", sheet.address, sheet.postal_code, sheet.commune_name),
        phones: sheet.phones.iter().map(|phone| (phone.french(), phone.to_string())).collect(),
        website: sheet.websites.first().map(ToString::to_string),
        booking: sheet.booking.as_ref().map(ToString::to_string),
        accessibility: sheet.accessibility.as_ref().map(ToString::to_string),
        hours: sheet.opening_hours.as_ref().map(OpeningHours::in_words).unwrap_or_default(),
        services: sheet.services.iter().map(ToString::to_string).collect(),
        sessions: listed.sessions.iter().take(SESSIONS).map(session).collect(),
        outdated: sheet.is_outdated(today, OUTDATED_DAYS),
    }
}

/// `01/12/2026, 09:30–12:30, Place de la mairie, Solre-le-Château`.
fn session(session: &Session) -> String {
    let commune = territory::commune(&session.commune).map_or("", |commune| commune.name);
    format!("{}, {}–{}, {}, {commune}", session.day.french(), session.starts, session.ends, session.address)
}

/// The page, which may be kept for a while and sends its form here only.
pub(in crate::http) fn shown(request: &HttpRequest, page: String) -> HttpResponse {
    let mut response = cached(request, "text/html; charset=utf-8", page.into_bytes());
    let style = finder_style_hash();
    let policy =
        format!("default-src 'none'; style-src {style}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
