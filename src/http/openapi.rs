//! The description of the API, generated from the handlers, and the page that shows it without internet.

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, OpenApi as Description, Ref, RefOr, Required, ResponseBuilder, Schema,
};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, serve as file_of};

use super::problem::{Problem, ProblemBody};
use super::{
    acts, attestation, charts, contradictory, execution, exports, feeds, health, lookups, open_data, places, public,
    reference, session, statements, tree, verification, workbook,
};
use crate::catalogue;

const DESCRIPTION: &str = "The open ledger of a *pass numérique* scheme: every change of hands of a voucher is one \
act, moves quantities between holders in double entry, and leaves one numbered, sealed receipt. \
Every POST that moves value or state needs an `Idempotency-Key`; `?dry_run=true` tries an act and writes nothing. \
Errors are RFC 9457 problem details with a stable `code`; `Accept-Language: en` gives English sentences.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Récépissé", description = DESCRIPTION, license(name = "EUPL-1.2", identifier = "EUPL-1.2")),
    paths(
        health::health, health::ready, health::metrics,
        session::login, session::refresh, session::logout, session::me,
        reference::organisations::list, reference::organisations::create, reference::organisations::one,
        reference::organisations::change, reference::users::list, reference::users::create, reference::users::one,
        reference::users::change, reference::programmes::list, reference::programmes::create,
        reference::programmes::one, reference::programmes::change, reference::rule_sets::list,
        reference::rule_sets::create, reference::mandates::list, reference::mandates::create,
        reference::mandates::one, reference::mandates::change, reference::venues::list, reference::venues::create,
        reference::venues::one, reference::venues::change, reference::devices::list,
        reference::devices::add, reference::devices::enrol, reference::devices::revoke, reference::communes::search, reference::communes::one,
        reference::commune_figures::list, reference::commune_figures::import,
        lookups::orders::list, lookups::orders::one, lookups::dispatches::list, lookups::dispatches::one, lookups::receipts::list, lookups::receipts::one,
        lookups::accesses::of_user, lookups::accesses::of_receipt,
        lookups::booklets::one, lookups::booklets::history,
        acts::supply::place_order, acts::supply::deliver, acts::supply::activate, acts::import::import,
        acts::print::print_file, acts::custody::dispatch, acts::custody::accept, acts::custody::give_back,
        acts::handout::check_eligibility, acts::handout::hand_out, acts::handout::grant_exception,
        acts::redemption::check, acts::redemption::redeem, acts::redemption::reverse, acts::offline::upload, lookups::offline::conditions,
        reference::offline_rules::one, reference::offline_rules::change,
        acts::incidents::block, acts::incidents::release, acts::incidents::declare_loss, acts::incidents::recover,
        acts::incidents::replace, acts::ends::suspend, acts::ends::resume, acts::ends::prorogue, acts::ends::expire,
        contradictory::contradictory, acts::contradiction::state, statements::exposure, attestation::attest, execution::execution, acts::destruction::list, acts::destruction::propose, acts::destruction::sign,
        acts::ends::acknowledge, lookups::ends::list, lookups::ends::one, reference::end_rules::one,
        reference::end_rules::change,
        acts::ends::credit, acts::ends::take_stock,
        reference::distribution_rules::one, reference::distribution_rules::change,
        lookups::applications::list, lookups::applications::one, lookups::letters::letter_to,
        lookups::mailings::labels, lookups::mailings::manifest, acts::applications::file, acts::applications::complete,
        acts::applications::decide, acts::applications::end, acts::applications::correct_address,
        acts::letters::mail, acts::letters::track, acts::letters::report,
        acts::allocations::allocate, acts::allocations::simulate, acts::allocations::reallocate,
        lookups::prescribers::list, reference::trainings::record,
        acts::erasure::erase, lookups::people::held, acts::people_key::state, acts::people_key::propose, acts::people_key::confirm,
        lookups::duplicates::list, lookups::duplicates::one, lookups::duplicates::review, reference::retention_rules::one, reference::retention_rules::change,
        acts::follow_ups::remind, acts::follow_ups::revoke, lookups::follow_ups::contact,
        reference::follow_up_rules::one, reference::follow_up_rules::change,
        reference::publication_rules::one, reference::publication_rules::change, open_data::describe, open_data::file,
        reference::claim_rules::one, reference::claim_rules::change, lookups::claims::list, lookups::claims::one,
        acts::claims::claim, acts::claims::approve, acts::claims::reject, acts::claims::suspend, acts::claims::resume,
        acts::overpayments::note, acts::overpayments::offset, acts::overpayments::order_revenue,
        lookups::payees::list, acts::payees::propose, acts::payees::confirm,
        lookups::payments::list, lookups::payments::one, lookups::payments::file, lookups::payment_statement::one,
        acts::payments::order, acts::bank::take,
        lookups::issuer_statements::list, lookups::issuer_statements::one, lookups::issuer_statements::differences,
        acts::issuer_statements::take, acts::issuer_statements::dispute, acts::issuer_statements::resolve,
        acts::restore::state, acts::restore::declare_loss, acts::restore::confirm,
        lookups::closings::list, acts::closing::close, tree::state, tree::checkpoint, tree::witnessing, tree::witnessed,
        tree::inclusion, tree::consistency, tree::of_receipt,
        feeds::events::events, feeds::events::of_its_applications, feeds::create, feeds::list, feeds::one, feeds::change, feeds::rotate, feeds::replay,
        feeds::dead_letters, places::finder::find, places::finder::one, places::finder::changes, places::files::csv, places::files::json,
        places::proposals::list, places::proposals::propose, places::proposals::one, places::proposals::history,
        places::proposals::revise, places::moderation::waiting, places::moderation::accept, places::moderation::refuse,
        places::moderation::withdraw, places::moderation::link, places::moderation::duplicates,
        places::sessions::list, places::sessions::announce, places::sessions::cancel, places::import::import,
        exports::catalogue, exports::report, exports::export, exports::map, workbook::workbook, exports::manifest,
        charts::picture, charts::page, verification::verify,
        public::verify, openapi_json,
    ),
    components(schemas(ProblemBody)),
    modifiers(&Conventions),
)]
struct Api;

/// What every operation shares: the bearer token, the problems, the idempotency key of acts.
struct Conventions;

impl Modify for Conventions {
    fn modify(&self, api: &mut Description) {
        let components = api.components.get_or_insert_with(Default::default);
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("bearer", bearer);
        components.responses.insert(PROBLEM.to_owned(), RefOr::T(problems()));
        name_codes(components);
        api.security = Some(vec![utoipa::openapi::SecurityRequirement::new("bearer", Vec::<String>::new())]);
        for (path, item) in &mut api.paths.paths {
            let operations = [("get", &mut item.get), ("post", &mut item.post), ("patch", &mut item.patch)];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                operation.operation_id = Some(operation_id(method, path));
                let problem = RefOr::Ref(Ref::from_response_name(PROBLEM));
                operation.responses.responses.insert("default".to_owned(), problem);
                if is_act(operation) {
                    add(operation.parameters.get_or_insert_with(Vec::new), act_parameters());
                }
            }
        }
    }
}

/// The name of the answer that every operation shares.
const PROBLEM: &str = "Problem";

/// Lists the codes where a generated client looks for them: in the schema of a problem.
fn name_codes(components: &mut Components) {
    let body = components.schemas.get_mut("ProblemBody");
    let Some(RefOr::T(Schema::Object(body))) = body else { return };
    if let Some(RefOr::T(Schema::Object(code))) = body.properties.get_mut("code") {
        code.enum_values = Some(catalogue::all().map(|entry| entry.code.into()).collect());
    }
}

/// Adds parameters that the handler did not describe itself.
fn add(parameters: &mut Vec<RefOr<Parameter>>, more: impl IntoIterator<Item = Parameter>) {
    for parameter in more {
        let known = |known: &RefOr<Parameter>| matches!(known, RefOr::T(known) if known.name == parameter.name);
        if !parameters.iter().any(known) {
            parameters.push(RefOr::T(parameter));
        }
    }
}

/// A name that is unique because method and path are: `post_programmes_orders`.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1");
    let words = path.split(['/', '.', '-']).filter(|word| !word.is_empty());
    let words = words.map(|word| word.trim_matches(['{', '}']));
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// Acts are tagged by their family; reference data goes by version and not by key.
fn is_act(operation: &Operation) -> bool {
    let families =
        ["supply", "custody", "hand-out", "venue", "claims", "incidents", "ends", "closings", "applications"];
    let tags = operation.tags.as_deref().unwrap_or_default();
    let records = operation.responses.responses.contains_key("201");
    records && tags.iter().any(|tag| families.contains(&tag.as_str()))
}

fn act_parameters() -> [Parameter; 2] {
    let text = RefOr::T(Schema::Object(Object::with_type(Type::String)));
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "One per operation, 16 to 64 letters, digits, `-` or `_`; keep it for retries. Not needed with `dry_run`.",
        ))
        .schema(Some(text))
        .example(Some("0198c1d2-7e1b-7f30-9c5a-3f0c7a5c0f1f".into()));
    let flag = RefOr::T(Schema::Object(Object::with_type(Type::Boolean)));
    let dry_run = ParameterBuilder::new()
        .name("dry_run")
        .parameter_in(ParameterIn::Query)
        .description(Some("Check everything and write nothing."))
        .schema(Some(flag));
    [key.build(), dry_run.build()]
}

/// The answer to everything that is not what was asked for, with every code there is.
fn problems() -> utoipa::openapi::Response {
    let row = |entry: &catalogue::Entry| format!("| `{}` | {} | {} |\n", entry.code, entry.status, entry.english);
    let head = "A problem (RFC 9457). Codes:\n\n| code | status | meaning |\n|---|---|---|\n".to_owned();
    let codes = std::iter::once(head).chain(catalogue::all().map(row)).collect::<Vec<_>>().concat();
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    ResponseBuilder::new().description(codes).content("application/problem+json", body).build()
}

/// The description as data.
#[must_use]
pub fn openapi() -> Description {
    Api::openapi()
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
pub(super) async fn openapi_json() -> HttpResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| openapi().to_json().unwrap_or_default());
    HttpResponse::Ok().content_type("application/json").body(TEXT.as_str())
}

/// What a page of scripts served by this very server may do.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; frame-ancestors 'none'";

/// The readable page, and the files it is made of.
pub(super) async fn docs(path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let config = Arc::new(Config::new(["/api/v1/openapi.json"]));
    let found = file_of(&path, config).map_err(|error| Problem::internal(&error))?;
    let file = found.ok_or(Problem::new("route_unknown"))?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response.insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY));
    Ok(response.content_type(file.content_type).body(file.bytes.to_vec()))
}

/// The page's files are beside it: its address ends in a slash.
pub(super) async fn docs_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}
