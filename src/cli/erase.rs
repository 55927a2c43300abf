//! `erase`, for a timer: what is known of people is deleted once its time is over. What never lives here: whose time is over.

use std::io::Write;

use super::Finding;
use super::desk::{At, Desk};
use crate::clock::{Clock, SystemClock};
use crate::domain::movement::Kind;
use crate::due::{self, Overdue};
use crate::receipts::Mention;

#[derive(Debug, clap::Args)]
pub(super) struct Erase {
    #[command(flatten)]
    at: At,
    #[arg(long, help = "Dire combien de personnes sont concernées, sans rien effacer")]
    dry_run: bool,
}

pub(super) fn erase(asked: &Erase, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let desk = Desk::open(&asked.at, Kind::Erasure)?;
    for programme in &desk.programmes {
        let today = SystemClock.now().day();
        if asked.dry_run {
            let overdue = due::overdue(&desk.store, programme, today)?;
            writeln!(out, "{} : {}.", programme.code, told(overdue))?;
            continue;
        }
        let erased = due::erase((&desk.ledger, &desk.store), &desk.caller, programme, today)?;
        for receipt in &erased {
            let said = |name| receipt.body().mentions.get(name).map(Mention::to_string).unwrap_or_default();
            let (people, before, contacts) = (said("people"), said("contact_before"), said("contacts"));
            let what = if before.is_empty() {
                format!("{contacts} coordonnée(s) de rappel qui ont servi")
            } else {
                format!("{people} personne(s) dont le dernier contact précède le {before}")
            };
            writeln!(out, "{} : {what}", receipt.body().number)?;
        }
        writeln!(out, "{} : {} effacements établis, plus rien à effacer.", programme.code, erased.len())?;
    }
    Ok(Finding::Well)
}

/// Who is overdue, in words.
pub(super) fn told(Overdue { people, since, all, contacts }: Overdue) -> String {
    let at_least = if all { "" } else { "au moins " };
    let plural = |count: usize| if count > 1 { "s" } else { "" };
    let people = format!(
        "{at_least}{people} personne{} sans contact depuis le {}, données à effacer",
        plural(people),
        since.french()
    );
    if contacts == 0 {
        return people;
    }
    format!("{people} ; {contacts} coordonnée{} de rappel à effacer", plural(contacts))
}
