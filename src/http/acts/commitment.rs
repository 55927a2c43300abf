//! What a receipt says of a person, and the salt that goes on the paper: drawn at random for a new receipt, found again for one
//! that was answered before, as long as the person is not erased. What never lives here: how a salt follows (see `people`).

use super::super::app::App;
use super::super::problem::Problem;
use crate::domain::identity::Identity;
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::ledger::{Answer, Outcome};
use crate::people::{Commitment, commitment};
use crate::receipts::Mention;

/// A commitment that may be sealed, and what its salt was derived from.
pub(super) struct Drawn {
    pub(super) committed: Commitment,
    pub(super) nonce: CodeMac,
}

/// A commitment for a new receipt.
pub(super) fn draw(app: &App, programme: &Programme, identity: &Identity) -> Drawn {
    let mut nonce = [0; 32];
    app.entropy.fill(&mut nonce);
    Drawn { committed: commitment(&app.keys, &programme.code, &nonce, identity), nonce }
}

impl Drawn {
    /// The commitment of the receipt that was answered: this one, or that of the first time. None where the person was erased
    /// since: the receipt stays, and its paper cannot be printed again.
    pub(super) async fn of_answer(
        self,
        app: &App,
        programme: &Programme,
        identity: &Identity,
        answer: &Answer,
    ) -> Result<Option<Commitment>, Problem> {
        let Outcome::Granted(receipt) = &answer.outcome else { return Ok(None) };
        let sealed = match receipt.body().mentions.get("commitment") {
            Some(Mention::Text(sealed)) => sealed.clone(),
            _ => return Ok(None),
        };
        let is_sealed = |made: &Commitment| hex::encode(made.commitment) == sealed;
        if is_sealed(&self.committed) {
            return Ok(Some(self.committed));
        }
        let number = receipt.body().number.clone();
        let nonce = app.read(move |tx| Ok(tx.nonce_of(&number)?)).await?;
        let made = nonce.map(|nonce| commitment(&app.keys, &programme.code, &nonce, identity));
        Ok(made.filter(is_sealed))
    }
}
