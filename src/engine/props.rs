//! `req=props`: the properties of a picture (`responses.md` §3.1).

use crate::decimal::Decimal;
use crate::reply::{Rendition, props};

use super::inflight::InFlight;
use super::job::Job;
use super::reply::{ETag, Reply};
use super::tag;

impl InFlight {
    /// The properties of a picture.
    pub(super) fn props_of(&self, job: &Job) -> Reply {
        let output = &job.planned.plan.output;
        let list = |length: usize| {
            props(&Rendition {
                size: job.planned.plan.reply,
                background: output.background.rgb(),
                icc_embed: false,
                icc_profile: "",
                length,
                alpha: output.format.alpha(),
                pixels: output.pixels,
                path_embed: false,
                print_res: Decimal::from_int(i32::from(output.dpi)),
                quality: output.qlt.quality,
                mime: output.format.mime(),
                xmp_embed: output.xmp,
                image_version: job.planned.versions.image,
                metadata_version: job.planned.versions.metadata,
            })
        };
        let length = job.picture_length().unwrap_or(0);
        let tag = tag::weak(self.style.mime(), &list(0).body(&self.style, ""));
        Reply {
            version: Some(job.planned.versions.image),
            etag: Some(ETag { value: tag, weak: true }),
            ..Reply::of_list(&list(length), &self.style, self.list_lifetime(), &self.stamp)
        }
    }
}
