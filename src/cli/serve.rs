//! `serve`: puts the parts together and runs the server until it is told to stop. What never lives here: a route.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context;

use super::{Finding, place};
use crate::auth::password::{Hasher, Parameters};
use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::config::{Listen, Place, Remembering, Reports, Writing};
use crate::http::{self, App, Parts, Reading, Replica};
use crate::keys::Keys;
use crate::ledger::{Heads, Options};
use crate::store::Store;

/// How the server writes, and where it reads reports.
#[derive(Debug, Default)]
pub(super) struct Ways {
    pub(super) ledger: Options,
    /// A replica; the database itself where there is none.
    pub(super) replica: Option<Replica>,
}

pub(super) fn serve(
    (place, remembering): (&Place, &Remembering),
    listen: &Listen,
    (writing, reading): (Writing, &Reports),
    out: &mut dyn Write,
) -> anyhow::Result<Finding> {
    // The address first: a port that is taken must not cost a migration.
    let listener = bind(listen.listen)?;
    let store = place::create(place)?;
    let keys = place::keys(place, &store)?;
    let heads = Heads::open(&store, &keys, Some(remembering.head_file(place)))?;
    let replica = place::replica(place, &store, reading)?;
    let slow_group = Duration::from_millis(writing.slow_group_millis);
    let ledger = Options { group: writing.group, slow_group, ..Options::default() };
    run(listener, (store, keys, heads), Ways { ledger, replica }, out)
}

/// Takes the address.
pub(super) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("impossible d'écouter sur {address}"))
}

/// Serves until the process is told to stop.
pub(super) fn run(
    listener: TcpListener,
    (store, keys, heads): (Arc<Store>, Arc<Keys>, Heads),
    ways: Ways,
    out: &mut dyn Write,
) -> anyhow::Result<Finding> {
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let hasher = Hasher::new(Arc::clone(&keys), Parameters::default())?;
    tracing::info!(engine = %store.backend(), seal_key = keys.seal_key_id(), "register opened");
    let at_rest = Arc::clone(&store);
    let mut app = App::start(Parts { store, keys, clock, entropy, hasher, heads }, ways.ledger)?;
    if let Some(replica) = ways.replica {
        app.reading = Arc::new(Reading::of_replica(replica));
    }
    let app = web::Data::new(app);
    let address = listener.local_addr()?;
    writeln!(
        out,
        "Récépissé écoute sur http://{address} (documentation : http://{address}/docs). Ctrl-C pour arrêter."
    )?;
    out.flush()?;
    actix_web::rt::System::new().block_on(http::serve(app, listener))?;
    // Nothing is lost when it fails: the next start reads the log.
    if let Err(error) = at_rest.come_to_rest() {
        tracing::warn!(%error, "the database was not left at rest");
    }
    Ok(Finding::Well)
}
