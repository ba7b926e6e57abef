//! `req=props`: the properties of a picture (`responses.md` §3.1).

use std::sync::Arc;

use crate::language::lists::{Rendition, props};

use super::inflight::InFlight;
use super::job::Job;
use super::planned::Planned;
use super::reply::{ETag, Reply};
use super::versioning::tag;

impl InFlight {
    /// The properties of a picture.
    pub(super) fn props_of(&self, job: &Job) -> Reply {
        let Planned { plan, versions, embeds_xmp, profile, .. } = &*job.planned;
        let list = |length: usize| {
            props(&Rendition {
                size: plan.reply,
                output: &plan.output,
                length,
                xmp: *embeds_xmp,
                profile: (profile, plan.output.profile && plan.space.is_some()),
                image_version: versions.image,
                metadata_version: versions.metadata,
            })
        };
        let length = job.picture_length().unwrap_or(0);
        let tag = tag::weak(self.style.mime(), &list(0).body(&self.style, ""));
        let lifetime = self.list_lifetime(job.planned.resolved.suppliers());
        let lifetime = self.compared(lifetime, || Some(*versions));
        let reply = Reply {
            version: Some(versions.image),
            etag: Some(ETag { value: tag, weak: true }),
            cache_tags: Arc::clone(&job.planned.cache_tags),
            ..Reply::of_list(&list(length), &self.style, lifetime, &self.stamp)
        };
        self.of_unsettled(reply, job.unsettled)
    }
}
