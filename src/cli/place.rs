//! Opening what a command works on. What never lives here: a key or a database made by a command that only reads.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use ed25519_dalek::VerifyingKey;

use crate::clock::SystemEntropy;
use crate::config::{Place, Reading, Settings};
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::http::Replica;
use crate::keys::Keys;
use crate::ledger::doubt;
use crate::receipts::seal;
use crate::store::{Access, Options, Page, Store, StoreError};

/// Opens the database, made if it is not there.
pub(super) fn create(place: &Place) -> anyhow::Result<Arc<Store>> {
    create_with(place, &Options::default())
}

/// The same for a server, which reads beside what it writes, and ends when it cannot say any more what it has written.
pub(super) fn create_for(settings: &Settings) -> anyhow::Result<Arc<Store>> {
    let options = Options { readers: settings.reading.readers(), when_in_doubt: doubt::end_soon, ..Options::default() };
    create_with(&settings.place, &options)
}

/// The same, and sets the guards again that somebody took away.
pub(super) fn restore_guards(place: &Place) -> anyhow::Result<Arc<Store>> {
    create_with(place, &Options { restore_guards: true, ..Options::default() })
}

fn create_with(place: &Place, options: &Options) -> anyhow::Result<Arc<Store>> {
    make_folders(place)?;
    open(place, options)
}

/// The folders of the keys and of the database.
pub(super) fn make_folders(place: &Place) -> anyhow::Result<()> {
    make_folder(place.data_dir())?;
    place.file().as_deref().and_then(Path::parent).map_or(Ok(()), make_folder)
}

/// Opens the database, which must be there. To read, beside a server that writes, a schema that somebody changed may
/// still be looked at; to write, alone, it may not.
pub(super) fn existing(place: &Place, access: Access) -> anyhow::Result<Arc<Store>> {
    must_exist(place)?;
    open(place, &Options { access, ..Options::default() })
}

/// Refuses a database that is not there, where it is a file: opening it would make it.
pub(super) fn must_exist(place: &Place) -> anyhow::Result<()> {
    if let Some(file) = place.file().filter(|file| !file.exists()) {
        bail!("aucune base à l'emplacement {} : indiquez --database ou --data-dir.", file.display());
    }
    Ok(())
}

fn open(place: &Place, options: &Options) -> anyhow::Result<Arc<Store>> {
    let options = Options { allow_plain_remote: place.allows_plain_remote_database(), ..options.clone() };
    let store = Store::open(&place.database(), &options);
    Ok(Arc::new(store.with_context(|| format!("impossible d'ouvrir la base {}", place.shown()))?))
}

/// The replica that reports are read from, if there is to be one.
pub(super) fn replica(place: &Place, store: &Arc<Store>, asked: &Reading) -> anyhow::Result<Option<Replica>> {
    let Some(url) = asked.database() else { return Ok(None) };
    let options = Options {
        allow_plain_remote: place.allows_plain_remote_database(),
        readers: asked.readers(),
        ..Options::default()
    };
    let replica = Replica::new(Arc::clone(store), url.to_owned(), options);
    Ok(Some(replica.context("--read-database : cette base n'est pas une réplique de ce registre")?))
}

/// A folder that only its owner may enter: keys will live in it.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("impossible de créer le dossier {}", folder.display()))
}

/// The keys of this database, made on the first start. Keys made anew, or of another installation, would recognise
/// no pass in circulation and nobody who had a booklet: they are refused before anything is written under them.
pub(super) fn keys(place: &Place, store: &Store) -> anyhow::Result<Arc<Keys>> {
    if in_use(store)? && Keys::none_in(&place.keys()).context(UNUSABLE)? {
        bail!(
            "aucune clé dans {}, alors que la base {} sert déjà : restaurez le dossier des clés, ou indiquez-le avec --data-dir. \
             Des clés neuves ne reconnaîtraient ni les pass en circulation, ni les mots de passe.",
            place.keys().display(),
            place.shown()
        );
    }
    make_folder(place.data_dir())?;
    give_a_key_of_people(place, store)?;
    let keys = Keys::open_or_create(&place.keys(), &SystemEntropy).context(UNUSABLE)?;
    if let Some(other) = foreign_seal(store, &keys)? {
        bail!(
            "les clés de {} ne sont pas celles de la base {} : le journal est scellé par la clé {other}, celle-ci est {}.",
            place.keys().display(),
            place.shown(),
            keys.seal_key_id()
        );
    }
    Ok(Arc::new(keys))
}

/// A folder of keys from before people had one of their own is given the first, where the register knows nobody. Whoever is
/// known was recognised under a key that is not there: only who has it, or decides to do without, may go on.
fn give_a_key_of_people(place: &Place, store: &Store) -> anyhow::Result<()> {
    if !Keys::lacks_people(&place.keys()).context(UNUSABLE)? {
        return Ok(());
    }
    let mut known = 0;
    for programme in programmes(store, None)? {
        let by_key: Result<_, StoreError> = store.read(|tx| tx.people_by_key(programme.no));
        known += by_key?.values().sum::<usize>();
    }
    if known > 0 {
        bail!(
            "il manque people-1.key dans {}, et la base {} connaît {known} personne(s) sous une clé des personnes : restaurez ce fichier \
             depuis la sauvegarde des clés. S'il est perdu, ou si le registre vient d'une version qui n'en avait pas, plus personne n'y \
             sera reconnu et le droit de chacune repart de zéro : que la Région le décide par écrit, puis « recepisse people-keys \
             renew --lost ».",
            place.keys().display(),
            place.shown()
        );
    }
    Keys::add_people(&place.keys(), &SystemEntropy).context(UNUSABLE)?;
    tracing::warn!("a first key of people was made: the folder of keys had none, and the register knows nobody");
    Ok(())
}

const UNUSABLE: &str = "clés inutilisables";

/// Whether anything in the database depends on keys: an account, or a programme.
fn in_use(store: &Store) -> Result<bool, StoreError> {
    let first = Page { after: None, limit: 1 };
    store.read(|tx| Ok(!tx.users(None, &first)?.is_empty() || !tx.programmes(&first)?.is_empty()))
}

/// The identifier of the key that sealed a head of a journal, when it is not ours.
fn foreign_seal(store: &Store, keys: &Keys) -> Result<Option<String>, StoreError> {
    let ours = keys.seal_key_id();
    store.read(|tx| {
        for programme in tx.programmes(&Page::ALL_PROGRAMMES)? {
            let head = tx.journal(programme.no)?.map_or(0, |journal| journal.position);
            let last = tx.seals(programme.no, head - 1, head)?.pop();
            if let Some(seal) = last.filter(|seal| seal.key_id != ours) {
                return Ok(Some(seal.key_id));
            }
        }
        Ok(None)
    })
}

/// The keys of the installation, which must be there.
pub(super) fn own_keys(place: &Place) -> anyhow::Result<Keys> {
    if Keys::none_in(&place.keys()).context(UNUSABLE)? {
        bail!(
            "aucune clé dans {} : indiquez --data-dir, ou la clé publique des sceaux avec --public-key.",
            place.keys().display()
        );
    }
    Keys::open_or_create(&place.keys(), &SystemEntropy).context(UNUSABLE)
}

/// The public keys to trust: those named, else that of the installation.
pub(super) fn trusted(place: &Place, named: &[String]) -> anyhow::Result<Vec<VerifyingKey>> {
    if named.is_empty() { Ok(vec![own_keys(place)?.seal_key().verifying_key()]) } else { public_keys(named) }
}

/// The public keys named.
pub(super) fn public_keys(named: &[String]) -> anyhow::Result<Vec<VerifyingKey>> {
    let read = |text: &String| seal::read_key(text).with_context(|| format!("{text} n'est pas une clé publique"));
    named.iter().map(read).collect()
}

/// The programme with this code, or all of them.
pub(super) fn programmes(store: &Store, code: Option<&str>) -> anyhow::Result<Vec<Programme>> {
    let Some(code) = code else {
        let all: Result<_, StoreError> = store.read(|tx| tx.programmes(&Page::ALL_PROGRAMMES));
        return Ok(all?);
    };
    let unknown = || format!("le dispositif {code} n'existe pas dans cette base");
    let parsed = ShortCode::parse(code).ok().with_context(unknown)?;
    let found: Result<_, StoreError> = store.read(|tx| tx.programme(&parsed));
    Ok(vec![found?.with_context(unknown)?])
}

/// The programme with this code, or the only one.
pub(super) fn programme(store: &Store, code: Option<&str>) -> anyhow::Result<Programme> {
    let mut found = programmes(store, code)?;
    match (found.pop(), found.len()) {
        (Some(programme), 0) => Ok(programme),
        (None, _) => bail!("cette base ne contient aucun dispositif."),
        (Some(_), _) => bail!("cette base contient plusieurs dispositifs : précisez --programme CODE."),
    }
}
