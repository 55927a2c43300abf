//! Every route, on one screen, with the role table's action beside it.

use actix_web::{HttpResponse, web};

use super::caller::Rights;
use super::problem::Problem;
use super::{
    acts, attestation, charts, contradictory, execution, exports, feeds, health, lookups, open_data, openapi, places,
    public, reference, session, statements, tree, verification, workbook,
};
use crate::auth::Action;
use crate::domain::movement::Kind;

/// One cell row of the permission test: `None` means that nobody need sign in.
#[derive(Debug, Clone, Copy)]
pub struct RouteRow {
    pub method: &'static str,
    pub path: &'static str,
    pub action: Option<Action>,
}

macro_rules! routes {
    ($($path:literal { $($method:ident $handler:path => $action:expr),+ $(,)? })+) => {
        /// Every route with the action it asks for.
        pub const ROUTES: &[RouteRow] = &[
            $($(RouteRow { method: stringify!($method), path: $path, action: $action }),+),+
        ];

        /// Mounts every route; what is not listed answers a problem.
        pub fn configure(config: &mut web::ServiceConfig) {
            $(config.service(
                web::resource($path)
                    .app_data(Rights { route: $path, actions: const { &[$((stringify!($method), $action)),+] } })
                    $(.route(web::$method().to($handler)))+
                    .default_service(web::to(|| async { other_method(&[$(stringify!($method)),+]) })),
            );)+
            config.default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::new("route_unknown")) }));
        }
    };
}

fn other_method(allowed: &[&str]) -> Result<HttpResponse, Problem> {
    Err(Problem::new("method_not_allowed").allow(&allowed.join(", ").to_uppercase()))
}

const READ: Option<Action> = Some(Action::ReadReference);
const ADMIN: Option<Action> = Some(Action::Administer);
const FOLLOW: Option<Action> = Some(Action::FollowFeeds);
const MODERATE: Option<Action> = Some(Action::ModeratePlaces);
const RECEIPTS: Option<Action> = Some(Action::ReadReceipts);
const REPORTS: Option<Action> = Some(Action::ReadReports);

const fn record(kind: Kind) -> Action {
    Action::Record(kind)
}

routes! {
    // The counter's own first: the framework tries one pattern after the other.
    "/api/v1/programmes/{programme}/redemptions" { post acts::redemption::redeem => Some(record(Kind::Redemption)) }
    "/api/v1/programmes/{programme}/offline-redemptions" { post acts::offline::upload => Some(record(Kind::Redemption)) }
    "/api/v1/programmes/{programme}/passes/check" { post acts::redemption::check => Some(Action::CheckPass) }
    "/api/v1/programmes/{programme}/hand-outs" { post acts::handout::hand_out => Some(record(Kind::HandOut)) }
    "/health" { get health::health => None }
    "/ready" { get health::ready => None }
    "/metrics" { get health::metrics => None }
    "/docs" { get openapi::docs_page => None }
    "/docs/{file:.*}" { get openapi::docs => None }
    "/api/v1/openapi.json" { get openapi::openapi_json => None }
    "/verify/{token}" { get public::verify => None }
    "/api/v1/auth/login" { post session::login => None }
    "/api/v1/auth/refresh" { post session::refresh => None }
    "/api/v1/auth/logout" { post session::logout => READ }
    "/api/v1/auth/me" { get session::me => READ }
    "/api/v1/organisations" { get reference::organisations::list => READ, post reference::organisations::create => ADMIN }
    "/api/v1/organisations/{id}" { get reference::organisations::one => READ, patch reference::organisations::change => ADMIN }
    "/api/v1/users" { get reference::users::list => ADMIN, post reference::users::create => ADMIN }
    "/api/v1/users/{id}" { get reference::users::one => ADMIN, patch reference::users::change => ADMIN }
    "/api/v1/users/{id}/accesses" { get lookups::accesses::of_user => Some(Action::ReadAccesses) }
    "/api/v1/programmes" { get reference::programmes::list => READ, post reference::programmes::create => ADMIN }
    "/api/v1/programmes/{programme}" { get reference::programmes::one => READ, patch reference::programmes::change => ADMIN }
    "/api/v1/programmes/{programme}/rule-sets" { get reference::rule_sets::list => READ, post reference::rule_sets::create => ADMIN }
    "/api/v1/programmes/{programme}/mandates" { get reference::mandates::list => READ, post reference::mandates::create => ADMIN }
    "/api/v1/programmes/{programme}/mandates/{id}" { get reference::mandates::one => READ, patch reference::mandates::change => ADMIN }
    "/api/v1/venues" { get reference::venues::list => READ, post reference::venues::create => Some(Action::EditVenues) }
    "/api/v1/venues/{id}" { get reference::venues::one => READ, patch reference::venues::change => Some(Action::EditVenues) }
    "/" { get places::page::home => None }
    "/lieux" { get places::page::list => None }
    "/refus" { get public::refusals => None }
    "/api/v1/public/places" { get places::finder::find => None }
    "/api/v1/public/places.csv" { get places::files::csv => None }
    "/api/v1/public/places.json" { get places::files::json => None }
    "/api/v1/public/places/{id}" { get places::finder::one => None }
    "/api/v1/public/place-changes" { get places::finder::changes => None }
    "/api/v1/public/programmes/{programme}/open-data" { get open_data::describe => None }
    "/api/v1/public/programmes/{programme}/open-data/{file}" { get open_data::file => None }
    "/api/v1/places" { get places::proposals::list => READ, post places::proposals::propose => Some(Action::ProposePlaces) }
    "/api/v1/places/{id}" { get places::proposals::one => READ }
    "/api/v1/places/{id}/revisions" { get places::proposals::history => READ, post places::proposals::revise => Some(Action::ProposePlaces) }
    "/api/v1/places/{id}/venue" { post places::moderation::link => MODERATE }
    "/api/v1/places/{id}/sessions" { get places::sessions::list => READ, post places::sessions::announce => Some(Action::EditVenues) }
    "/api/v1/places/{id}/sessions/{session}/cancellation" { post places::sessions::cancel => Some(Action::EditVenues) }
    "/api/v1/places/{id}/revisions/{number}/acceptance" { post places::moderation::accept => MODERATE }
    "/api/v1/places/{id}/revisions/{number}/refusal" { post places::moderation::refuse => MODERATE }
    "/api/v1/places/{id}/withdrawal" { post places::moderation::withdraw => MODERATE }
    "/api/v1/place-revisions" { get places::moderation::waiting => MODERATE }
    "/api/v1/place-duplicates" { get places::moderation::duplicates => MODERATE }
    "/api/v1/place-imports" { post places::import::import => MODERATE }
    "/api/v1/venues/{id}/devices" { get reference::devices::list => Some(Action::EditVenues), post reference::devices::add => Some(Action::EditVenues) }
    "/api/v1/devices/enrolments" { post reference::devices::enrol => None }
    "/api/v1/devices/{id}/revocation" { post reference::devices::revoke => Some(Action::EditVenues) }
    "/api/v1/webhooks" { get feeds::list => FOLLOW, post feeds::create => FOLLOW }
    "/api/v1/webhooks/{id}" { get feeds::one => FOLLOW, patch feeds::change => FOLLOW }
    "/api/v1/webhooks/{id}/secret" { post feeds::rotate => FOLLOW }
    "/api/v1/webhooks/{id}/replay" { post feeds::replay => FOLLOW }
    "/api/v1/webhooks/{id}/dead-letters" { get feeds::dead_letters => FOLLOW }
    "/api/v1/programmes/{programme}/events" { get feeds::events::events => RECEIPTS }
    "/api/v1/programmes/{programme}/application-events" { get feeds::events::of_its_applications => Some(Action::ReadApplications) }
    "/api/v1/communes" { get reference::communes::search => READ }
    "/api/v1/communes/{code}" { get reference::communes::one => READ }
    "/api/v1/commune-figures" { get reference::commune_figures::list => READ, post reference::commune_figures::import => ADMIN }
    "/api/v1/programmes/{programme}/orders" { get lookups::orders::list => Some(Action::ReadWholeProgramme), post acts::supply::place_order => Some(record(Kind::Order)) }
    "/api/v1/programmes/{programme}/orders/{order}" { get lookups::orders::one => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/orders/{order}/deliveries" { post acts::supply::deliver => Some(record(Kind::Delivery)) }
    "/api/v1/programmes/{programme}/orders/{order}/deliveries/import" { post acts::import::import => Some(record(Kind::Delivery)) }
    "/api/v1/programmes/{programme}/orders/{order}/deliveries/{delivery}/print-file" { post acts::print::print_file => Some(Action::TakePrintFile) }
    "/api/v1/programmes/{programme}/orders/{order}/activation" { post acts::supply::activate => Some(record(Kind::Activation)) }
    "/api/v1/programmes/{programme}/dispatches" { get lookups::dispatches::list => RECEIPTS, post acts::custody::dispatch => Some(record(Kind::Dispatch)) }
    "/api/v1/programmes/{programme}/dispatches/{number}" { get lookups::dispatches::one => RECEIPTS }
    "/api/v1/programmes/{programme}/dispatches/{number}/acceptance" { post acts::custody::accept => Some(record(Kind::Acceptance)) }
    "/api/v1/programmes/{programme}/returns" { post acts::custody::give_back => Some(record(Kind::Return)) }
    "/api/v1/programmes/{programme}/eligibility-checks" { post acts::handout::check_eligibility => Some(Action::CheckEligibility) }
    "/api/v1/programmes/{programme}/entitlement-exceptions" { post acts::handout::grant_exception => Some(record(Kind::Exception)) }
    "/api/v1/programmes/{programme}/redemptions/{number}/reversal" { post acts::redemption::reverse => Some(record(Kind::Reversal)) }
    "/api/v1/programmes/{programme}/blocks" { post acts::incidents::block => Some(record(Kind::Block)) }
    "/api/v1/programmes/{programme}/blocks/{number}/release" { post acts::incidents::release => Some(record(Kind::Unblock)) }
    "/api/v1/programmes/{programme}/suspensions" { post acts::ends::suspend => Some(record(Kind::Suspension)) }
    "/api/v1/programmes/{programme}/resumptions" { post acts::ends::resume => Some(record(Kind::Resumption)) }
    "/api/v1/programmes/{programme}/orders/{order}/prorogation" { post acts::ends::prorogue => Some(record(Kind::Prorogation)) }
    "/api/v1/programmes/{programme}/end-rules" { get reference::end_rules::one => Some(Action::ReadWholeProgramme), patch reference::end_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/end-of-validity" { get lookups::ends::list => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/orders/{order}/end-of-validity" { get lookups::ends::one => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/orders/{order}/contradictory-statement" { get contradictory::contradictory => Some(Action::ReadWholeProgramme), post acts::contradiction::state => Some(record(Kind::ContradictoryStatement)) }
    "/api/v1/programmes/{programme}/execution-report" { get execution::execution => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/attestation" { get attestation::attest => REPORTS }
    "/api/v1/programmes/{programme}/issuers/{issuer}/exposure" { get statements::exposure => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/orders/{order}/acknowledgement" { post acts::ends::acknowledge => Some(record(Kind::Acknowledgement)) }
    "/api/v1/programmes/{programme}/orders/{order}/expiry" { post acts::ends::expire => Some(record(Kind::Expiry)) }
    "/api/v1/programmes/{programme}/orders/{order}/credit-notes" { post acts::ends::credit => Some(record(Kind::CreditNote)) }
    "/api/v1/programmes/{programme}/destructions" { get acts::destruction::list => Some(Action::ReadWholeProgramme), post acts::destruction::propose => Some(record(Kind::DestructionProposal)) }
    "/api/v1/programmes/{programme}/destructions/{destruction}/signature" { post acts::destruction::sign => Some(record(Kind::Destruction)) }
    "/api/v1/programmes/{programme}/stock-takes" { post acts::ends::take_stock => Some(record(Kind::StockTake)) }
    "/api/v1/programmes/{programme}/erasures" { post acts::erasure::erase => Some(record(Kind::Erasure)) }
    "/api/v1/programmes/{programme}/access-requests" { post lookups::people::held => Some(Action::ReadPerson) }
    "/api/v1/programmes/{programme}/possible-duplicates" { get lookups::duplicates::list => Some(Action::ReviewDuplicates) }
    "/api/v1/programmes/{programme}/possible-duplicates/{number}" { get lookups::duplicates::one => Some(Action::ReviewDuplicates) }
    "/api/v1/programmes/{programme}/possible-duplicates/{number}/review" { post lookups::duplicates::review => Some(Action::ReviewDuplicates) }
    "/api/v1/programmes/{programme}/people-key" { get acts::people_key::state => Some(Action::Verify), post acts::people_key::propose => Some(Action::ProposePeopleKey) }
    "/api/v1/programmes/{programme}/people-key/confirmation" { post acts::people_key::confirm => Some(record(Kind::PeopleKey)) }
    "/api/v1/programmes/{programme}/retention-rules" { get reference::retention_rules::one => Some(Action::ReadWholeProgramme), patch reference::retention_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/follow-ups/{hand_out}" { get lookups::follow_ups::contact => Some(Action::ReadContact) }
    "/api/v1/programmes/{programme}/follow-ups/{hand_out}/reminders" { post acts::follow_ups::remind => Some(record(Kind::FollowUp)) }
    "/api/v1/programmes/{programme}/follow-ups/{hand_out}/revocation" { post acts::follow_ups::revoke => Some(record(Kind::FollowUp)) }
    "/api/v1/programmes/{programme}/follow-up-rules" { get reference::follow_up_rules::one => READ, patch reference::follow_up_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/publication-rules" { get reference::publication_rules::one => Some(Action::ReadWholeProgramme), patch reference::publication_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/offline-rules" { get reference::offline_rules::one => Some(Action::ReadWholeProgramme), patch reference::offline_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/offline-conditions" { get lookups::offline::conditions => Some(Action::EditVenues) }
    "/api/v1/programmes/{programme}/losses" { post acts::incidents::declare_loss => Some(record(Kind::Loss)) }
    "/api/v1/programmes/{programme}/losses/{number}/recovery" { post acts::incidents::recover => Some(record(Kind::Found)) }
    "/api/v1/programmes/{programme}/replacements" { post acts::incidents::replace => Some(record(Kind::Replacement)) }
    "/api/v1/programmes/{programme}/distribution-rules" { get reference::distribution_rules::one => Some(Action::ReadApplications), patch reference::distribution_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/applications" { get lookups::applications::list => Some(Action::ReadApplications), post acts::applications::file => Some(record(Kind::Application)) }
    "/api/v1/programmes/{programme}/applications/{application}" { get lookups::applications::one => Some(Action::ReadApplications) }
    "/api/v1/programmes/{programme}/applications/{application}/completion" { post acts::applications::complete => Some(record(Kind::Application)) }
    "/api/v1/programmes/{programme}/applications/{application}/decision" { post acts::applications::decide => Some(record(Kind::ApplicationDecision)) }
    "/api/v1/programmes/{programme}/applications/{application}/end" { post acts::applications::end => Some(record(Kind::ApplicationEnd)) }
    "/api/v1/programmes/{programme}/applications/{application}/address" { post acts::applications::correct_address => Some(Action::CorrectAddress) }
    "/api/v1/programmes/{programme}/applications/{application}/letter" { get lookups::letters::letter_to => Some(Action::TakeLabels) }
    "/api/v1/programmes/{programme}/allocations" { post acts::allocations::allocate => Some(record(Kind::Allocation)) }
    "/api/v1/programmes/{programme}/allocations/simulation" { post acts::allocations::simulate => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/reallocations" { post acts::allocations::reallocate => Some(record(Kind::Allocation)) }
    "/api/v1/programmes/{programme}/prescribers" { get lookups::prescribers::list => READ }
    "/api/v1/programmes/{programme}/trainings" { post reference::trainings::record => ADMIN }
    "/api/v1/programmes/{programme}/mailings" { post acts::letters::mail => Some(record(Kind::Mailing)) }
    "/api/v1/programmes/{programme}/mailings/{number}/labels.csv" { get lookups::mailings::labels => Some(Action::TakeLabels) }
    "/api/v1/programmes/{programme}/mailings/{number}/manifest.csv" { get lookups::mailings::manifest => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/mailings/{number}/tracking" { post acts::letters::track => Some(Action::TakeLabels) }
    "/api/v1/programmes/{programme}/letter-reports" { post acts::letters::report => Some(record(Kind::LetterReport)) }
    "/api/v1/programmes/{programme}/claim-rules" { get reference::claim_rules::one => Some(Action::ReadWholeProgramme), patch reference::claim_rules::change => ADMIN }
    "/api/v1/programmes/{programme}/claims" { get lookups::claims::list => RECEIPTS, post acts::claims::claim => Some(record(Kind::Claim)) }
    "/api/v1/programmes/{programme}/claims/{claim}" { get lookups::claims::one => RECEIPTS }
    "/api/v1/programmes/{programme}/claims/{claim}/approval" { post acts::claims::approve => Some(record(Kind::ClaimApproval)) }
    "/api/v1/programmes/{programme}/claims/{claim}/rejection" { post acts::claims::reject => Some(record(Kind::ClaimRejection)) }
    "/api/v1/programmes/{programme}/claims/{claim}/suspension" { post acts::claims::suspend => Some(record(Kind::ClaimSuspension)) }
    "/api/v1/programmes/{programme}/claims/{claim}/resumption" { post acts::claims::resume => Some(record(Kind::ClaimResumption)) }
    "/api/v1/programmes/{programme}/claims/{claim}/overpayments" { post acts::overpayments::note => Some(record(Kind::Overpayment)) }
    "/api/v1/programmes/{programme}/claims/{claim}/offset" { post acts::overpayments::offset => Some(record(Kind::Offset)) }
    "/api/v1/programmes/{programme}/revenue-orders" { post acts::overpayments::order_revenue => Some(record(Kind::RevenueOrder)) }
    "/api/v1/programmes/{programme}/payees" { get lookups::payees::list => RECEIPTS, post acts::payees::propose => Some(Action::ProposePayee) }
    "/api/v1/programmes/{programme}/payees/{payee}/confirmation" { post acts::payees::confirm => Some(record(Kind::Payee)) }
    "/api/v1/programmes/{programme}/payments" { get lookups::payments::list => Some(Action::ReadWholeProgramme), post acts::payments::order => Some(record(Kind::Payment)) }
    "/api/v1/programmes/{programme}/payments/{payment}" { get lookups::payments::one => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/payments/{payment}/statement" { get lookups::payment_statement::one => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/payments/{payment}/file" { get lookups::payments::file => Some(Action::TakePaymentFile) }
    "/api/v1/programmes/{programme}/issuer-statements" { get lookups::issuer_statements::list => RECEIPTS, post acts::issuer_statements::take => Some(record(Kind::IssuerStatement)) }
    "/api/v1/programmes/{programme}/issuer-statements/{statement}" { get lookups::issuer_statements::one => RECEIPTS }
    "/api/v1/programmes/{programme}/issuer-statements/{statement}/differences" { get lookups::issuer_statements::differences => RECEIPTS }
    "/api/v1/programmes/{programme}/issuer-statements/{statement}/disputes" { post acts::issuer_statements::dispute => Some(record(Kind::IssuerDispute)) }
    "/api/v1/programmes/{programme}/issuer-statements/{statement}/resolutions" { post acts::issuer_statements::resolve => Some(record(Kind::IssuerResolution)) }
    "/api/v1/programmes/{programme}/bank-returns" { post acts::bank::take => Some(record(Kind::BankReturn)) }
    "/api/v1/programmes/{programme}/restore" { get acts::restore::state => Some(Action::Verify), post acts::restore::declare_loss => Some(Action::DeclareRestore) }
    "/api/v1/programmes/{programme}/restore/confirmation" { post acts::restore::confirm => Some(record(Kind::Restore)) }
    "/api/v1/programmes/{programme}/closings" { get lookups::closings::list => Some(Action::ReadWholeProgramme), post acts::closing::close => Some(record(Kind::Closing)) }
    "/api/v1/programmes/{programme}/receipts" { get lookups::receipts::list => RECEIPTS }
    "/api/v1/programmes/{programme}/receipts/{number}" { get lookups::receipts::one => RECEIPTS }
    "/api/v1/programmes/{programme}/receipts/{number}/proof" { get tree::of_receipt => RECEIPTS }
    "/api/v1/programmes/{programme}/checkpoint" { get tree::checkpoint => READ }
    "/api/v1/programmes/{programme}/checkpoint/witnessing" { get tree::witnessing => Some(Action::Verify), post tree::witnessed => Some(Action::Verify) }
    "/api/v1/programmes/{programme}/tree" { get tree::state => READ }
    "/api/v1/programmes/{programme}/tree/inclusion" { get tree::inclusion => Some(Action::Verify) }
    "/api/v1/programmes/{programme}/tree/consistency" { get tree::consistency => Some(Action::Verify) }
    "/api/v1/programmes/{programme}/receipts/{number}/copies" { get lookups::accesses::of_receipt => RECEIPTS }
    "/api/v1/programmes/{programme}/booklets/{serial}" { get lookups::booklets::one => RECEIPTS }
    "/api/v1/programmes/{programme}/booklets/{serial}/history" { get lookups::booklets::history => RECEIPTS }
    "/api/v1/programmes/{programme}/reports" { get exports::catalogue => REPORTS }
    "/api/v1/programmes/{programme}/reports/{name}" { get exports::report => REPORTS }
    "/api/v1/programmes/{programme}/exports/{name}.manifest.json" { get exports::manifest => REPORTS }
    "/api/v1/programmes/{programme}/exports/{name}.xlsx" { get workbook::workbook => REPORTS }
    "/api/v1/programmes/{programme}/exports/{name}.geojson" { get exports::map => Some(Action::ReadWholeProgramme) }
    "/api/v1/programmes/{programme}/exports/{name}.csv" { get exports::export => REPORTS }
    "/api/v1/programmes/{programme}/charts/{name}.svg" { get charts::picture => REPORTS }
    "/api/v1/programmes/{programme}/charts/{name}.html" { get charts::page => REPORTS }
    "/api/v1/programmes/{programme}/verification" { get verification::verify => Some(Action::Verify) }
}
