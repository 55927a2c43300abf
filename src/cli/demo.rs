//! `demo`: sets a demonstration up, shows what it adds up to, and serves it. What never lives here: the story (see
//! `crate::demo`).

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::accounts::strong_password;
use super::{Finding, output, place, serve};
use crate::auth::password::{Hasher, Parameters, Password};
use crate::clock::{Clock, SystemClock, SystemEntropy};
use crate::config::Settings;
use crate::demo::{self, Login, Presence, ProgrammeReport, Report, thousands};
use crate::domain::party::Role;
use crate::keys::Keys;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    #[command(flatten)]
    settings: Settings,
    #[arg(
        long,
        value_name = "ÉCHELLE",
        default_value = "pilot",
        help = "pilot : 500 carnets de 10 en Sambre-Avesnois-Thiérache ; region : 6 610 carnets de 10 et 800 de 5"
    )]
    scale: Scale,
    #[arg(long, help = "S'arrêter une fois la démonstration installée")]
    no_serve: bool,
    #[arg(long, help = "N'écrire qu'un objet JSON, puis s'arrêter")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scale {
    Pilot,
    Region,
}

impl From<Scale> for demo::Scale {
    fn from(scale: Scale) -> Self {
        match scale {
            Scale::Pilot => Self::Pilot,
            Scale::Region => Self::Region,
        }
    }
}

/// The accounts to show, and the password that they share.
struct Access {
    logins: Vec<Login>,
    password: String,
}

pub(super) fn demo(asked: &Demo, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let serves = !(asked.no_serve || asked.json);
    // A port that is taken is told at once, not after the work.
    let listener = if serves { Some(serve::bind(asked.settings.http.listen)?) } else { None };
    let store = place::create_for(&asked.settings)?;
    let keys = place::keys(&asked.settings.place, &store)?;
    let access = set_up(asked, &store, &keys, out)?;
    let report = demo::report(&store, &[keys.seal_key().verifying_key()])?;
    if asked.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        show(&report, access.as_ref(), out)?;
    }
    let sound = report.identity_holds && report.chain_verified;
    match listener {
        Some(listener) if sound => serve::run(listener, (store, keys), &asked.settings, out),
        _ if sound => Ok(Finding::Well),
        _ => Ok(Finding::Wrong),
    }
}

/// Lives the story in an empty database; an earlier demonstration is left as it is, but for its password, of which
/// only the hash is kept.
fn set_up(asked: &Demo, store: &Arc<Store>, keys: &Arc<Keys>, out: &mut dyn Write) -> anyhow::Result<Option<Access>> {
    let presence = demo::presence(store)?;
    if presence == Presence::Demo && asked.json {
        return Ok(None);
    }
    let password = strong_password(&SystemEntropy);
    let hash = || -> anyhow::Result<String> {
        let hasher = Hasher::new(Arc::clone(keys), Parameters::default())?;
        Ok(hasher.hash(&Password::tried(&password)?, &SystemEntropy)?)
    };
    let logins = match presence {
        Presence::Other => bail!(
            "la base {} contient déjà un registre : la démonstration ne s'installe que dans une base vide.",
            asked.settings.place.shown()
        ),
        Presence::Demo => {
            writeln!(out, "Cette base contient déjà une démonstration : elle est reprise telle quelle.\n")?;
            demo::renew_password(store, &hash()?)?
        }
        Presence::Nothing => {
            let bar = output::bar("Démonstration");
            let mut tell = |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            };
            let scene = (asked.scale.into(), SystemClock.now());
            let logins = demo::play(store, keys, scene, &hash()?, &mut tell);
            bar.finish_and_clear();
            let logins = logins.context("la démonstration n'a pas pu être installée")?;
            store.measure()?;
            logins
        }
    };
    Ok(Some(Access { logins, password }))
}

fn show(report: &Report, access: Option<&Access>, out: &mut dyn Write) -> anyhow::Result<()> {
    for programme in &report.programmes {
        writeln!(out, "{}", programme.table())?;
        writeln!(out, "  {}\n", verdict(programme))?;
    }
    if let Some(access) = access {
        writeln!(out, "Comptes de démonstration, mot de passe commun : {}\n", access.password)?;
        for login in &access.logins {
            writeln!(out, "  {:<24}{:<28}{}", title(login.role), login.email.as_str(), login.organisation)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Counts and checks, in one paragraph.
fn verdict(programme: &ProgrammeReport) -> String {
    let counts = format!(
        "{} récépissés, {} demandes refusées, {} sceaux.",
        thousands(programme.receipts),
        thousands(programme.refusals),
        thousands(programme.seals)
    );
    let sum = if programme.identity_holds { "Somme égale aux achats." } else { "SOMME DIFFÉRENTE DES ACHATS." };
    let chain = match &programme.broken {
        None => "Chaîne, sceaux, règles et soldes vérifiés.".to_owned(),
        Some(found) => format!("REGISTRE NON CONFORME : {found}."),
    };
    format!("{counts}\n  {sum} {chain}")
}

const fn title(role: Role) -> &'static str {
    match role {
        Role::RegionAdmin => "Région, programme",
        Role::RegionFinance => "Région, finances",
        Role::Accountant => "Comptable public",
        Role::PrescriberAgent => "Prescripteur",
        Role::VenueAgent => "Lieu de médiation",
        Role::Auditor => "Auditeur",
        Role::Platform => "Plateforme régionale",
    }
}
