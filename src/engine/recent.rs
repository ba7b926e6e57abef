//! Pictures that were asked for lately: the same request under the same catalogs need not be read, resolved, planned and
//! hashed again. Its files are looked at each time, so that nothing is answered that is not true now.

use std::sync::Arc;

use crate::cache::{Store, Weigh};
use crate::catalog::Catalogs;
use crate::reply::Style;
use crate::request::Kind;
use crate::resolve::Call;

use super::Engine;
use super::job::{self, Job, Planned};
use super::prepared::{Context, Outcome, Prepared};
use super::serve::Asked;

/// Bytes of the texts of a request that is remembered, at most: what is asked for often is short.
const LONGEST: usize = 8 << 10;

/// Requests by their target.
pub(super) struct Recent(Store<Arc<str>, Request>);

/// A request that was answered with a picture, or its properties.
#[derive(Clone)]
struct Request {
    /// The catalogs that it was answered from.
    catalogs: Arc<Catalogs>,
    call: Arc<Call>,
    style: Style,
    detail: u8,
    planned: Arc<Planned>,
    /// Bytes that all of it takes, about.
    weight: usize,
}

impl Weigh for Request {
    fn weight(&self) -> usize {
        self.weight
    }
}

impl Recent {
    pub(super) fn new(bytes: u64) -> Self {
        Self(Store::new(bytes))
    }

    pub(super) fn held(&self) -> (u64, u64) {
        self.0.held()
    }

    /// Forgets everything: the catalogs have changed, and what was read of the old ones need not be held any longer.
    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl Engine {
    /// The answer to a request that was answered lately, if nothing that it depends on has changed. Unless it `may_open`
    /// files, that has to be seen by their status alone.
    pub(super) fn recalled(
        &self,
        target: &str,
        context: &Context<'_>,
        catalogs: &Arc<Catalogs>,
        stamp: &str,
        may_open: bool,
    ) -> Option<Prepared> {
        let target: Arc<str> = Arc::from(target);
        let request = self.inner.recent.0.get(&target)?;
        let allows = |address| request.call.main.attributes.client_address_filter.allows(address);
        // Other catalogs may say anything else; and whoever is not allowed to ask is told so by the long way.
        if !Arc::ptr_eq(&request.catalogs, catalogs) || !context.client_address.is_none_or(allows) {
            return None;
        }
        let Request { catalogs, call, style, detail, planned, .. } = request;
        let asked = Asked { engine: self.clone(), catalogs, call, target, style, detail, stamp: stamp.to_owned() };
        let lifetime = || match asked.call.req.kind {
            Kind::Props => asked.list_lifetime(),
            _ => job::lifetime(&planned.resolved),
        };
        if let Some(reply) = asked.unseen_for(context, || Some(lifetime())) {
            return Some(Prepared { kind: asked.call.req.kind.name(), ..Prepared::done(reply) });
        }
        let job = Job::again(asked.clone(), planned, may_open)?;
        let prepared = match asked.call.req.kind {
            Kind::Props => Prepared::done(asked.props_of(&job)),
            _ => Prepared::new(Outcome::Picture(Box::new(job))),
        };
        let prepared = asked.conditional(prepared, context);
        Some(Prepared { kind: asked.call.req.kind.name(), ..prepared })
    }
}

impl Asked {
    /// Remembers what is known of a picture, for the same request.
    pub(super) fn remember(&self, job: &Job) {
        let Some(planned) = job.lasting() else { return };
        let texts = self.target.len() + self.call.text_len() + planned.resolved.canonical.len();
        if texts > LONGEST {
            return;
        }
        if matches!(self.call.req.kind, Kind::Img | Kind::Tmb | Kind::Mask | Kind::Props) {
            let request = Request {
                catalogs: Arc::clone(&self.catalogs),
                call: Arc::clone(&self.call),
                style: self.style.clone(),
                detail: self.detail,
                planned: Arc::clone(planned),
                // Commands have their texts again, and records theirs.
                weight: 2 * (size_of::<Request>() + size_of::<Call>() + size_of::<Planned>()) + 3 * texts,
            };
            self.engine.inner.recent.0.insert(Arc::clone(&self.target), request);
        }
    }
}
