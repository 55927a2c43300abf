//! The keys under which people are recognised: how many are still known under each, a new one, and the end of an old one. What
//! never lives here: a key, or a fingerprint.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::bail;
use clap::Subcommand;

use super::{Finding, place};
use crate::clock::SystemEntropy;
use crate::config::Place;
use crate::keys::Keys;
use crate::store::{Access, Reads, Store, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum PeopleKeys {
    #[command(about = "Combien de personnes sont encore connues sous chaque clé, par dispositif")]
    List {
        #[command(flatten)]
        place: Place,
    },
    #[command(
        about = "Met une nouvelle clé en usage ; les serveurs sont arrêtés d'abord, et redémarrés ensuite avec elle"
    )]
    Renew {
        #[command(flatten)]
        place: Place,
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
        PeopleKeys::Renew { place } => {
            // Alone, where the engine can tell: a server that runs would go on under the key it knows.
            let store = place::existing(place, Access::Write)?;
            place::keys(place, &store)?;
            let number = Keys::renew_people(&place.keys(), &SystemEntropy)?;
            writeln!(
                out,
                "Clé n° {number} en usage au prochain démarrage. Sauvegardez le dossier des clés, et copiez-le sur chaque serveur \
                 avant de les redémarrer tous."
            )?;
        }
        PeopleKeys::Destroy { place, number } => {
            let store = place::existing(place, Access::Write)?;
            place::keys(place, &store)?;
            let left: usize = known(&store)?.values().filter_map(|by_key| by_key.get(number)).sum();
            if left > 0 {
                bail!(
                    "{left} personne(s) sont encore connues sous la clé n° {number} : elle se détruit quand elles ont été \
                     rencontrées de nouveau, ou effacées."
                );
            }
            Keys::destroy_people(&place.keys(), *number)?;
            writeln!(out, "Clé n° {number} détruite : détruisez aussi ses sauvegardes.")?;
        }
    }
    Ok(Finding::Well)
}

fn list(place: &Place, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = place::existing(place, Access::Read)?;
    let keys = place::own_keys(place)?;
    let known = known(&store)?;
    for number in keys.people_numbers() {
        let state = if number == keys.people_in_use() { "en usage" } else { "reconnaît encore" };
        writeln!(out, "Clé n° {number} ({state})")?;
        for (programme, by_key) in &known {
            writeln!(out, "  {programme} : {} personne(s)", by_key.get(&number).copied().unwrap_or(0))?;
        }
    }
    Ok(())
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
