//! Pictures that were asked for lately: the same request under the same catalogs need not be read, resolved, planned and
//! hashed again. Its files are looked at each time, so that nothing is answered that is not true now.

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::language::catalog::{Caller, Catalogs};

use super::context::Context;
use super::inflight::InFlight;
use super::job::Job;
use super::memory::recent::Request;
use super::prepared::{Outcome, Prepared};
use super::state::Engine;

impl Engine {
    /// The answer to a request that was answered lately, if nothing that it depends on has changed. It opens and
    /// reads files while `opening` lets it; without that, it has to see so by their status alone.
    pub(super) fn recalled(
        &self,
        target: &str,
        context: &Context<'_>,
        catalogs: &Arc<Catalogs>,
        stamp: &str,
        opening: Option<Cancel<'_>>,
    ) -> Option<Prepared> {
        let target: Arc<str> = Arc::from(target);
        let request = self.inner.recent.get(&target)?;
        let caller = Caller { address: context.client_address, locked: request.locked };
        // Other catalogs may say anything else. A caller whom one refuses gets its 403 on the full path.
        if !Arc::ptr_eq(&request.catalogs, catalogs)
            || caller.check_address(&request.call.main).is_err()
            || request.planned.resolved.suppliers().any(|supplier| caller.check(supplier).is_err())
        {
            return None;
        }
        let Request { catalogs, call, style, detail, planned, .. } = request;
        let in_flight =
            InFlight { engine: self.clone(), catalogs, call, caller, target, style, detail, stamp: stamp.to_owned() };
        let kind = in_flight.call.req.kind;
        let cache_policy = || match kind.is_picture() {
            true => in_flight.picture_lifetime(&planned.resolved),
            false => in_flight.list_lifetime(planned.resolved.suppliers()),
        };
        if let Some(reply) = in_flight.unseen_for(context, || Some(cache_policy())) {
            return Some(Prepared { kind: kind.name(), ..Prepared::done(reply) });
        }
        let job = Job::again(in_flight.clone(), planned, opening)?;
        let prepared = if kind.is_picture() {
            Prepared::new(Outcome::Picture(Box::new(job)))
        } else {
            Prepared::done(in_flight.props_of(&job))
        };
        let prepared = in_flight.conditional(prepared, context);
        Some(Prepared { kind: kind.name(), ..prepared })
    }
}

impl InFlight {
    /// Remembers what is known of a picture, for the same request.
    pub(super) fn remember(&self, job: &Job) {
        let Some(planned) = job.lasting() else { return };
        if self.call.req.kind.is_about_picture() {
            let texts = self.target.len() + self.call.text_len() + planned.resolved.canonical.len();
            let texts = texts + planned.cache_tags.iter().map(String::len).sum::<usize>();
            let request = Request {
                catalogs: Arc::clone(&self.catalogs),
                call: Arc::clone(&self.call),
                locked: self.caller.locked,
                style: self.style.clone(),
                detail: self.detail,
                planned: Arc::clone(planned),
                weight: 0,
            };
            self.engine.inner.recent.insert(&self.target, request, texts);
        }
    }
}
