//! `witness`: a second key, on a second machine, signs that a journal's tree only grew. It reads a file and writes one; it
//! needs no register and no network. What never lives here: what may be signed (see `receipts::witness`).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ed25519_dalek::SigningKey;

use super::Finding;
use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::receipts::note::{Checkpoint, NamedKey, Note, WitnessRequest, cosign};
use crate::receipts::seal;
use crate::receipts::witness::{Refused, judge};

/// The witness's own key: 64 hexadecimal digits.
const KEY: &str = "witness.key";

/// Who may read a file: the witness alone, or the server too.
const SECRET: u32 = 0o600;
const SHARED: u32 = 0o644;

#[derive(Debug, clap::Args)]
pub(super) struct Witness {
    #[arg(
        long,
        value_name = "DOSSIER",
        help = "Dossier du témoin : sa clé, faite au premier usage, et ce qu'il a signé"
    )]
    state: PathBuf,
    #[arg(long, value_name = "NOM", help = "Nom du témoin, sans espace ni « + » : payeur.example/w1")]
    name: String,
    #[arg(long, conflicts_with_all = ["key", "request"], help = "Écrire la clé publique du témoin, pour l'option --witness du serveur")]
    show_key: bool,
    #[arg(
        long,
        value_name = "HEX",
        required_unless_present = "show_key",
        help = "Clé publique des sceaux du registre, obtenue par un autre chemin que la demande"
    )]
    key: Option<String>,
    #[arg(
        long,
        value_name = "NUMÉRO",
        help = "Accepter un arbre d'une nouvelle époque, ouverte par une restauration déclarée"
    )]
    accept_epoch: Option<u64>,
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Écrire aussi le point de contrôle signé, entier, pour le dossier --witness-folder du serveur (*.note)"
    )]
    note: Option<PathBuf>,
    #[arg(
        value_name = "DEMANDE",
        required_unless_present = "show_key",
        help = "Fichier de demande : …/checkpoint/witnessing?old=TAILLE"
    )]
    request: Option<PathBuf>,
}

pub(super) fn witness(asked: &Witness, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let key = own_key(&asked.state)?;
    let named = NamedKey::of_witness(&asked.name, key.verifying_key()).context("--name : ni espace ni « + »")?;
    if asked.show_key {
        writeln!(out, "{named}")?;
        return Ok(Finding::Well);
    }
    let (Some(trusted), Some(path)) = (&asked.key, &asked.request) else {
        bail!("une clé et une demande sont attendues")
    };
    let trusted = seal::read_key(trusted).with_context(|| format!("--key : {trusted} n'est pas une clé publique"))?;
    let text = fs::read_to_string(path).with_context(|| format!("{} ne peut pas être lu", path.display()))?;
    let request = WitnessRequest::parse(&text);
    let origin = request.as_ref().and_then(|request| Checkpoint::parse(&request.note.text)).map(|found| found.origin);
    let (Some(request), Some(origin)) = (request, origin) else { bail!("{}", Refused::Malformed) };
    let last = last_signed(&asked.state, &origin)?;
    refuse_new_epoch(&asked.state, &origin, last.is_none(), asked.accept_epoch)?;
    let checkpoint = match judge(&request, trusted, last.as_ref()) {
        Ok(checkpoint) => checkpoint,
        Err(refused) => {
            writeln!(out, "REFUSÉ : {refused}.")?;
            return Ok(Finding::Wrong);
        }
    };
    let seconds = u64::try_from(SystemClock.now().millis() / 1000).unwrap_or_default();
    let line = cosign(&named, &key, seconds, &request.note.text);
    let mut note = request.note;
    note.signatures.push(line.clone());
    // On disk before anybody has the signature: a witness that forgot would sign another history.
    write_whole(&note_file(&asked.state, &checkpoint.origin), note.to_string().as_bytes(), SECRET)?;
    if let Some(path) = &asked.note {
        write_whole(path, note.to_string().as_bytes(), SHARED)?;
    }
    write!(out, "{line}")?;
    Ok(Finding::Well)
}

/// The key of the witness, made on its first use.
fn own_key(state: &Path) -> anyhow::Result<SigningKey> {
    let path = state.join(KEY);
    if !path.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(state).with_context(|| cannot_write(state))?;
        let mut seed = [0; 32];
        SystemEntropy.fill(&mut seed);
        write_whole(&path, format!("{}\n", hex::encode(seed)).as_bytes(), SECRET)?;
    }
    let text = fs::read_to_string(&path).with_context(|| format!("{} ne peut pas être lu", path.display()))?;
    let seed = hex::decode(text.trim_end()).ok().and_then(|seed| <[u8; 32]>::try_from(seed).ok());
    let seed = seed.with_context(|| format!("{} ne contient pas la clé d'un témoin", path.display()))?;
    Ok(SigningKey::from_bytes(&seed))
}

fn cannot_write(path: &Path) -> String {
    format!("impossible d'écrire {}", path.display())
}

/// Where what was last signed of a tree is kept.
fn note_file(state: &Path, origin: &str) -> PathBuf {
    state.join(format!("{}.note", origin.replace('/', "_")))
}

fn last_signed(state: &Path, origin: &str) -> anyhow::Result<Option<Checkpoint>> {
    let path = note_file(state, origin);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).with_context(|| format!("{} ne peut pas être lu", path.display()))?;
    let checkpoint = Note::parse(&text).and_then(|note| Checkpoint::parse(&note.text));
    let checkpoint = checkpoint.filter(|checkpoint| checkpoint.origin == origin);
    Ok(Some(checkpoint.with_context(|| format!("{} n'est pas ce que ce témoin a signé", path.display()))?))
}

/// A new tree of a programme that is known already has lost receipts that this witness saw: a person says that they know.
fn refuse_new_epoch(state: &Path, origin: &str, new: bool, accepted: Option<u64>) -> anyhow::Result<()> {
    let mut words = origin.splitn(3, '/');
    let first = words.by_ref().take(2).collect::<Vec<_>>().join("/");
    let epoch = words.next().and_then(|epoch| epoch.strip_prefix("epoch-")?.parse::<u64>().ok());
    let known = note_file(state, &first).exists();
    if new && known && (epoch.is_none() || epoch != accepted) {
        bail!(
            "{origin} est une nouvelle époque d'un registre connu : des récépissés que ce témoin a signés y ont été perdus. \
             Lisez le procès-verbal de restauration, puis redonnez la commande avec --accept-epoch"
        );
    }
    Ok(())
}

/// Appears under its name only once it is whole, and is on disk when this returns.
fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let partial = path.with_extension("partiel");
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&partial);
    let mut file = opened.with_context(|| cannot_write(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| cannot_write(path))?;
    fs::rename(&partial, path).with_context(|| cannot_write(path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(|| cannot_write(folder))
}
