//! `verify` and `rebuild --check`: what an auditor and an operator run. What never lives here: the comparison itself
//! (see `audit`).

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::bail;

use super::{Finding, output, place};
use crate::audit::{self, AuditError, Verified, VerifiedChain};
use crate::config::Place;
use crate::demo::thousands;
use crate::receipts::replay::Gap;
use crate::store::{Access, Store};

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "CODE", help = "Un seul dispositif [défaut : tous]")]
    programme: Option<String>,
    #[arg(
        long,
        value_name = "HEX",
        help = "Clé publique à croire, 64 chiffres hexadécimaux ; répétable [défaut : celle de l'installation]"
    )]
    public_key: Vec<String>,
    #[arg(
        long,
        help = "La chaîne et les sceaux seulement : ni les règles, ni les soldes ; environ deux fois plus vite"
    )]
    chain_only: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rebuild {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "CODE", help = "Un seul dispositif [défaut : tous]")]
    programme: Option<String>,
    #[arg(long, help = "Comparer seulement : rien n'est écrit")]
    check: bool,
}

/// Silence would pass for a verification.
const NOTHING: &str = "Cette base ne contient aucun dispositif : rien à vérifier.";

/// Stops at nothing: every programme is verified, and one break is enough for the exit code 1.
pub(super) fn verify(asked: &Verify, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let store = place::existing(&asked.place, Access::Read)?;
    let trusted = place::trusted(&asked.place, &asked.public_key)?;
    let mut finding = if asked.chain_only { Finding::Well } else { of_the_register(&store, out)? };
    let programmes = place::programmes(&store, asked.programme.as_deref())?;
    if programmes.is_empty() {
        writeln!(out, "{NOTHING}")?;
    }
    for programme in programmes {
        let bar = output::bar(programme.code.as_str());
        let started = Instant::now();
        let mut walked = Duration::ZERO;
        let mut tell = |done, total| {
            walked = started.elapsed();
            output::tell(&bar, done, total);
        };
        let verified = if asked.chain_only {
            audit::verify_chain(&store, &trusted, &programme, &mut tell).map(|found| chain_found(&found))
        } else {
            audit::verify(&store, &trusted, &programme, &mut tell).map(|found| all_found(&found))
        };
        let took = started.elapsed();
        bar.finish_and_clear();
        match verified {
            Ok((receipts, text)) => writeln!(out, "{text}\n  {}", pace(receipts, (walked, took)))?,
            Err(AuditError::Broken(found)) => {
                writeln!(out, "{} : {found}.", programme.code)?;
                finding = Finding::Wrong;
            }
            Err(AuditError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(finding)
}

/// What is wrong of the register as a whole is said once, before its programmes.
fn of_the_register(store: &Store, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let mut finding = Finding::Well;
    for difference in audit::foreign_to_every_programme(store)? {
        writeln!(out, "registre : {difference}.")?;
        finding = Finding::Wrong;
    }
    Ok(finding)
}

/// What a verification of everything says, and how many receipts it read.
fn all_found(found: &Verified) -> (i64, String) {
    let losses: String = found.gaps.iter().map(loss).collect();
    let without_codes = match found.codes_left_out {
        0 => String::new(),
        passes => format!("\n  REGISTRE RECONSTRUIT : {} pass sans leur code, inutilisables ici", thousands(passes)),
    };
    let text = format!(
        "{} : conforme.\n  {} récépissés, {} sceaux, {} carnets, {} pass\n  dernière empreinte {}{losses}{without_codes}",
        found.programme,
        thousands(found.receipts),
        thousands(found.seals),
        thousands(found.booklets),
        thousands(found.passes),
        found.head
    );
    (found.receipts, text)
}

/// A line for a loss that was declared: a sound journal that lacks what was given out says so for ever.
fn loss(gap: &Gap) -> String {
    let receipts = if gap.receipts_lost == 1 { "récépissé" } else { "récépissés" };
    format!(
        "\n  PERTE DÉCLARÉE : {} {receipts} au moins après la position {} (époque {}, récépissé {})",
        thousands(gap.receipts_lost),
        thousands(gap.restored_position),
        gap.epoch,
        thousands(gap.position)
    )
}

/// What a verification of the chain alone says: not that the register is sound.
fn chain_found(found: &VerifiedChain) -> (i64, String) {
    let text = format!(
        "{} : chaîne et sceaux intacts ; règles et soldes non vérifiés.\n  {} récépissés, {} sceaux\n  dernière empreinte {}",
        found.programme,
        thousands(found.receipts),
        thousands(found.seals),
        found.head
    );
    (found.receipts, text)
}

/// `vérifié en 3,2 s, dont les récépissés en 1,0 s, 312 000 par seconde` : what comes after them are the tables.
fn pace(receipts: i64, (walked, took): (Duration, Duration)) -> String {
    let millis = |took: Duration| i64::try_from(took.as_millis()).unwrap_or(i64::MAX).max(1);
    let per_second = thousands(receipts.saturating_mul(1_000) / millis(walked));
    let seconds = |took| format!("{},{} s", thousands(millis(took) / 1_000), millis(took) % 1_000 / 100);
    format!("vérifié en {}, dont les récépissés en {}, {per_second} par seconde", seconds(took), seconds(walked))
}

/// Recomputes and compares. Nothing is repaired: a projection that differs is evidence, and `docs/OPERATIONS.md` says
/// what to do with it.
pub(super) fn rebuild(asked: &Rebuild, out: &mut dyn Write) -> anyhow::Result<Finding> {
    if !asked.check {
        bail!(
            "seule la comparaison est possible : ajoutez --check. Un solde qui diffère de ses récépissés est un \
             indice à conserver ; restaurez une sauvegarde plutôt que de le récrire."
        );
    }
    let store = place::existing(&asked.place, Access::Read)?;
    let mut finding = of_the_register(&store, out)?;
    let programmes = place::programmes(&store, asked.programme.as_deref())?;
    if programmes.is_empty() {
        writeln!(out, "{NOTHING}")?;
    }
    for programme in programmes {
        let bar = output::bar(programme.code.as_str());
        let rebuilt = audit::rebuild(&store, &programme, &mut |done, total| output::tell(&bar, done, total));
        bar.finish_and_clear();
        let rebuilt = match rebuilt {
            Ok(rebuilt) => rebuilt,
            Err(AuditError::Broken(found)) => {
                writeln!(out, "{} : {found}.", programme.code)?;
                finding = Finding::Wrong;
                continue;
            }
            Err(AuditError::Store(error)) => return Err(error.into()),
        };
        let (receipts, rows) = (thousands(rebuilt.receipts), thousands(rebuilt.rows));
        let verdict = match rebuilt.total {
            0 => "aucun écart".to_owned(),
            1 => "1 écart".to_owned(),
            total => format!("{} écarts", thousands(total)),
        };
        writeln!(out, "{} : {receipts} récépissés rejoués, {rows} valeurs comparées, {verdict}.", programme.code)?;
        for difference in &rebuilt.differences {
            writeln!(out, "  {difference}")?;
            finding = Finding::Wrong;
        }
    }
    Ok(finding)
}
