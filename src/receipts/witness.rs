//! What a witness signs: a checkpoint of the tree that it knows, which continues the last one that it signed. What never
//! lives here: where a witness keeps what it signed, or a clock.

use ed25519_dalek::VerifyingKey;

use super::merkle::{continues, empty};
use super::note::{Checkpoint, NamedKey, WitnessRequest};

/// Why a witness does not sign. `Display` says it in French.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("ce fichier n'est pas une demande à un témoin, ou son point de contrôle est mal formé")]
    Malformed,
    #[error("la signature du point de contrôle n'est pas celle de la clé du registre")]
    Signature,
    #[error(
        "ce témoin a signé l'arbre de {signed} récépissés : la demande part de {asked}. Redemandez-la avec old={signed}"
    )]
    OtherStart { signed: u64, asked: u64 },
    #[error("RETOUR EN ARRIÈRE : le registre présente {size} récépissés, ce témoin en a déjà signé {signed}")]
    Rollback { signed: u64, size: u64 },
    #[error(
        "FOURCHE : l'arbre présenté ne continue pas celui que ce témoin a signé ({signed} récépissés). Gardez ce fichier : c'est une preuve"
    )]
    Fork { signed: u64 },
}

/// The checkpoint to be signed: of the tree that `key` signs, and a continuation of the `last` one signed.
///
/// # Errors
/// [`Refused`].
pub fn judge(request: &WitnessRequest, key: VerifyingKey, last: Option<&Checkpoint>) -> Result<Checkpoint, Refused> {
    let checkpoint = Checkpoint::parse(&request.note.text).ok_or(Refused::Malformed)?;
    if !NamedKey::of_tree(&checkpoint.origin, key).signed(&request.note) {
        return Err(Refused::Signature);
    }
    let (signed, root) = last.map_or((0, empty()), |last| (last.size, last.root));
    if checkpoint.size < signed {
        return Err(Refused::Rollback { signed, size: checkpoint.size });
    }
    if request.old != signed {
        return Err(Refused::OtherStart { signed, asked: request.old });
    }
    let grown = continues((signed, &root), (checkpoint.size, &checkpoint.root), &request.proof);
    if grown { Ok(checkpoint) } else { Err(Refused::Fork { signed }) }
}
