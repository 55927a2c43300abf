//! Somebody of the Region at the command line: the account that acts are recorded under, the ledger, and the programmes.
//! What never lives here: an act.

use std::sync::Arc;

use anyhow::{Context, bail};

use super::place;
use crate::auth::Caller;
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{Place, Remembering};
use crate::domain::movement::Kind;
use crate::domain::programme::Programme;
use crate::due;
use crate::keys::Keys;
use crate::ledger::{Heads, Ledger, Options, Unobserved};
use crate::store::{Access, Store};

#[derive(Debug, clap::Args)]
pub(super) struct At {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    remembering: Remembering,
    #[arg(long = "as", value_name = "ADRESSE", help = "Compte de la Région au nom duquel les récépissés sont établis")]
    account: String,
    #[arg(long, value_name = "CODE", help = "Un seul dispositif [défaut : tous ceux de la Région]")]
    programme: Option<String>,
}

/// What is on the desk.
pub(super) struct Desk {
    pub(super) store: Arc<Store>,
    pub(super) ledger: Ledger,
    pub(super) caller: Caller,
    pub(super) programmes: Vec<Programme>,
}

/// The account that acts of this kind are recorded under.
pub(super) fn caller(store: &Store, keys: &Keys, email: &str, kind: Kind) -> anyhow::Result<Caller> {
    let found = due::caller(store, keys, email, kind)?;
    let roles = if kind == Kind::Closing {
        "d'un agent du service des finances (region_finance)"
    } else {
        "d'un agent de la Région (region_admin ou region_finance)"
    };
    found.with_context(|| format!("{email} n'est pas le compte actif {roles}"))
}

impl Desk {
    /// Opens the register to record acts of this kind.
    ///
    /// # Errors
    /// No such register, account or programme.
    pub(super) fn open(at: &At, kind: Kind) -> anyhow::Result<Self> {
        let store = place::existing(&at.place, Access::Write)?;
        let keys = place::keys(&at.place, &store)?;
        let caller = caller(&store, &keys, &at.account, kind)?;
        let heads = Heads::open(&store, &keys, Some(at.remembering.head_file(&at.place)))?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let (observer, options) = (Arc::new(Unobserved), Options::default());
        let ledger = Ledger::start_remembering(Arc::clone(&store), keys, (clock, entropy), options, (observer, heads))?;
        let mut programmes = due::programmes(&store, &caller)?;
        if let Some(code) = &at.programme {
            programmes.retain(|programme| programme.code.as_str() == code);
            if programmes.is_empty() {
                bail!("le dispositif {code} n'existe pas, ou n'est pas celui de la Région de {}.", at.account);
            }
        }
        Ok(Self { store, ledger, caller, programmes })
    }
}
