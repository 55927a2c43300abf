//! The keys under which people are recognised: how many are still known under each, a new one, and the end of an old one. What
//! never lives here: a key, or a fingerprint.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::Write;

use anyhow::bail;
use clap::Subcommand;

use super::{Finding, place};
use crate::clock::SystemEntropy;
use crate::config::Place;
use crate::domain::people_key::{self as domain, FIRST};
use crate::keys::Keys;
use crate::store::{Access, Reads, Store, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum PeopleKeys {
    #[command(
        about = "Combien de personnes sont encore connues sous chaque clé, par dispositif, et laquelle est en usage"
    )]
    List {
        #[command(flatten)]
        place: Place,
    },
    #[command(
        about = "Prépare une nouvelle clé, sans arrêter les serveurs ; deux personnes de la Région la mettent ensuite en usage"
    )]
    Renew {
        #[command(flatten)]
        place: Place,
        #[arg(long, help = "La clé des personnes est perdue pour toujours : le droit de qui est connu repart de zéro")]
        lost: bool,
    },
    #[command(about = "Détruit une ancienne clé sous laquelle plus personne n'est connu")]
    Destroy {
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "N°", help = "Numéro de la clé")]
        number: u8,
    },
}

pub(super) fn people_keys(asked: &PeopleKeys, out: &mut dyn Write) -> anyhow::Result<Finding> {
    match asked {
        PeopleKeys::List { place } => list(place, out)?,
        PeopleKeys::Renew { place, lost } => renew(place, *lost, out)?,
        PeopleKeys::Destroy { place, number } => {
            let store = place::existing(place, Access::Write)?;
            place::keys(place, &store)?;
            refuse_used(&store, *number)?;
            Keys::destroy_people(&place.keys(), *number)?;
            writeln!(out, "Clé n° {number} détruite : détruisez aussi ses sauvegardes.")?;
        }
    }
    Ok(Finding::Well)
}

/// Puts one more key into the folder. The register goes on under the one in use until two people have said otherwise.
fn renew(place: &Place, lost: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = place::existing(place, Access::Read)?;
    if !(lost && Keys::lacks_people(&place.keys())?) {
        place::keys(place, &store)?;
    }
    let number = Keys::add_people(&place.keys(), &SystemEntropy)?;
    let digest = place::own_keys(place)?.people().digest(number).unwrap_or_default();
    writeln!(
        out,
        "Clé n° {number} préparée, d'empreinte {digest}. Sauvegardez people-{number}.key et copiez-le dans le dossier des clés de \
         chaque serveur, sans l'arrêter. Pour chaque dispositif, l'administrateur la propose ensuite (POST \
         /api/v1/programmes/CODE/people-key), et une autre personne la met en usage (…/people-key/confirmation)."
    )?;
    Ok(())
}

/// Refuses a key that a programme is under, is to be under, or knows somebody under.
fn refuse_used(store: &Store, number: u8) -> anyhow::Result<()> {
    for (programme, keys) in in_use(store)? {
        if keys.in_use() == number {
            bail!("la clé n° {number} est en usage dans le dispositif {programme} : renouvelez-la d'abord.");
        }
        if keys.proposal.is_some_and(|proposal| proposal.key.number == number) {
            bail!("la clé n° {number} est proposée dans le dispositif {programme} : proposez-en d'abord une autre.");
        }
    }
    let left: usize = known(store)?.values().filter_map(|by_key| by_key.get(&number)).sum();
    if left > 0 {
        bail!(
            "{left} personne(s) sont encore connues sous la clé n° {number} : elle se détruit quand elles ont été rencontrées de \
             nouveau, ou effacées."
        );
    }
    Ok(())
}

fn list(place: &Place, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = place::existing(place, Access::Read)?;
    let keys = place::own_keys(place)?;
    let (known, in_use) = (known(&store)?, in_use(&store)?);
    for number in keys.people().numbers() {
        writeln!(out, "Clé n° {number}, d'empreinte {}", keys.people().digest(number).unwrap_or_default())?;
        for (programme, by_key) in &known {
            let current = in_use.get(programme).map_or(FIRST, domain::PeopleKeys::in_use);
            let state = match number.cmp(&current) {
                Ordering::Less => "reconnaît encore",
                Ordering::Equal => "en usage",
                Ordering::Greater => "préparée",
            };
            let people = by_key.get(&number).copied().unwrap_or(0);
            writeln!(out, "  {programme} ({state}) : {people} personne(s)")?;
        }
    }
    Ok(())
}

/// The keys of every programme.
fn in_use(store: &Store) -> anyhow::Result<BTreeMap<String, domain::PeopleKeys>> {
    let mut found = BTreeMap::new();
    for programme in place::programmes(store, None)? {
        let keys: Result<_, StoreError> = store.read(|tx: &mut dyn Reads| tx.people_keys(programme.no));
        found.insert(programme.code.to_string(), keys?);
    }
    Ok(found)
}

/// People by key, by programme.
fn known(store: &Store) -> anyhow::Result<BTreeMap<String, BTreeMap<u8, usize>>> {
    let mut known = BTreeMap::new();
    for programme in place::programmes(store, None)? {
        let by_key: Result<_, StoreError> = store.read(|tx: &mut dyn Reads| tx.people_by_key(programme.no));
        known.insert(programme.code.to_string(), by_key?);
    }
    Ok(known)
}
