//! A file sent as the body of an act, with what surrounds it: who asks, under which key, and whether only to try. What
//! never lives here: what the file says.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::super::caller::{SignedIn, permitted};
use super::super::envelope::{act_key, query, read_bytes, require_one_type};
use super::super::limits::IMPORT_BYTES;
use super::super::problem::Problem;
use crate::ledger::RequestKey;

/// The query string beside a file.
pub(super) trait FileQuery: DeserializeOwned + 'static {
    /// What the file may be.
    const TYPES: &'static [&'static str];

    /// Whether everything is asked and nothing written.
    fn dry_run(&self) -> bool;
}

/// The file with what surrounds it; the caller has the right before a byte of it is read.
pub(in crate::http) struct FileRequest<Q> {
    pub(super) signed_in: SignedIn,
    pub(super) query: Q,
    /// Always there unless it is a dry run.
    pub(super) key: Option<RequestKey>,
    pub(super) bytes: Vec<u8>,
}

impl<Q: FileQuery> FromRequest for FileRequest<Q> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let signed_in = permitted(&request).await?;
            let query: Q = query(&request)?;
            require_one_type(&request, Q::TYPES)?;
            let bytes = read_bytes(&request, &mut payload, IMPORT_BYTES).await?;
            let key = act_key(&request, &signed_in, query.dry_run(), &Sha256::digest(&bytes))?;
            Ok(Self { signed_in, query, key, bytes })
        })
    }
}
