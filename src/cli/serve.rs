//! `serve`: puts the parts together and runs the server until it is told to stop. What never lives here: a route.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web;
use anyhow::Context;

use super::close::Closer;
use super::watch::Watcher;
use super::{Finding, place};
use crate::auth::password::{Gate, Hasher, Parameters};
use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::config::Settings;
use crate::feeds::{Deliverer, Round, Wire};
use crate::http::{self, App, Parts, Reading};
use crate::keys::Keys;
use crate::ledger::Heads;
use crate::store::Store;

pub(super) fn serve(settings: &Settings, out: &mut dyn Write) -> anyhow::Result<Finding> {
    // The address first: a port that is taken must not cost a migration.
    let listener = bind(settings.http.listen)?;
    let store = place::create_for(settings)?;
    let keys = place::keys(&settings.place, &store)?;
    run(listener, (store, keys), settings, out)
}

/// Takes the address.
pub(super) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("impossible d'écouter sur {address}"))
}

/// Serves until the process is told to stop.
pub(super) fn run(
    listener: TcpListener,
    (store, keys): (Arc<Store>, Arc<Keys>),
    settings: &Settings,
    out: &mut dyn Write,
) -> anyhow::Result<Finding> {
    let heads = Heads::open(&store, &keys, Some(settings.remembering.head_file(&settings.place)))?;
    let replica = place::replica(&settings.place, &store, &settings.reading)?;
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let hasher = Hasher::new(Arc::clone(&keys), Parameters::default())?;
    tracing::info!(engine = %store.backend(), seal_key = keys.seal_key_id(), "register opened");
    let at_rest = Arc::clone(&store);
    let mut app = App::start(Parts { store, keys, clock, entropy, hasher, heads }, settings.writing.options())?;
    app.gate = Gate::of(settings.http.password_checks);
    app.witnesses.clone_from(&settings.closings.witnesses);
    app.limits.body_deadline = settings.http.body_deadline();
    if let Some(replica) = replica {
        app.reading = Arc::new(Reading::of_replica(replica));
    }
    app.wire = Arc::new(Wire::new(settings.feeds.allow_private_webhooks));
    let (store, keys, clock) = (Arc::clone(&app.store), Arc::clone(&app.keys), Arc::clone(&app.clock));
    let telling = Deliverer::start(Round { store, keys, clock }, Box::new(Arc::clone(&app.wire)))?;
    let app = web::Data::new(app);
    let close = |email| Closer::start(&app.clone().into_inner(), email);
    let closer = settings.closings.close_as.as_deref().map(close).transpose()?;
    let watch = |folder: &PathBuf| Watcher::start(&app.clone().into_inner(), folder.clone());
    let watcher = settings.closings.witness_folder.as_ref().map(watch).transpose()?;
    let address = listener.local_addr()?;
    writeln!(
        out,
        "Récépissé écoute sur http://{address} (documentation : http://{address}/docs). Ctrl-C pour arrêter."
    )?;
    out.flush()?;
    actix_web::rt::System::new().block_on(http::serve(app, listener, settings.http.listening()))?;
    drop((closer, watcher, telling));
    // Nothing is lost when it fails: the next start reads the log.
    if let Err(error) = at_rest.come_to_rest() {
        tracing::warn!(%error, "the database was not left at rest");
    }
    Ok(Finding::Well)
}
