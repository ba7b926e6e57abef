//! Counters and histograms for the `metrics` facade (feature `metrics`). Their names and labels are listed in
//! [`describe`], and in `docs/operating.md`.

#[cfg(feature = "tower")]
use std::time::Duration;

#[cfg(feature = "metrics")]
mod enabled {
    use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

    #[cfg(feature = "tower")]
    use super::Duration;
    use crate::base::observe::{Stage, Timings};

    const REPLIES: &str = "platemark_replies_total";
    const REPLY_BYTES: &str = "platemark_reply_bytes_total";
    const PICTURES: &str = "platemark_pictures_total";
    const DIGESTED: &str = "platemark_digested_bytes_total";
    const STAGES: &str = "platemark_stage_seconds";
    const CATALOG_FAULTS: &str = "platemark_catalog_faults";
    const SERVICE: &str = "platemark_service_requests_total";

    /// Tells the recorder what the numbers mean.
    pub(crate) fn describe() {
        describe_counter!(REPLIES, "Replies, by type of request (req) and HTTP status");
        describe_counter!(REPLY_BYTES, Unit::Bytes, "Bytes of replies' bodies, by type of request");
        describe_counter!(PICTURES, "Pictures handed out, by where they come from: made, or stored before");
        describe_counter!(DIGESTED, Unit::Bytes, "Bytes of sources that were read for their digest");
        describe_gauge!(CATALOG_FAULTS, "Catalog files that cannot be used as they are");
        describe_histogram!(STAGES, Unit::Seconds, "What the stages of requests took, where there was need for them");
        describe_counter!(
            SERVICE,
            "Requests to the service, by what became of them: answered at once (quick), made, shared with an earlier \
             one, turned away (shed) or given up"
        );
    }

    /// A reply goes out. `kind` is `req` in lower case, or `none` of what could not be read.
    pub(crate) fn served(kind: &'static str, code: u16, bytes: u64, timings: &Timings) {
        counter!(REPLIES, "req" => kind, "status" => status(code)).increment(1);
        counter!(REPLY_BYTES, "req" => kind).increment(bytes);
        for stage in Stage::ALL {
            let time = timings.of(stage);
            if !time.is_zero() {
                histogram!(STAGES, "stage" => stage.name()).record(time);
            }
        }
    }

    /// A picture has waited that long for a thread.
    #[cfg(feature = "tower")]
    pub(crate) fn waited(time: Duration) {
        histogram!(STAGES, "stage" => "wait").record(time);
    }

    /// A picture was `made`, or `stored` before.
    pub(crate) fn picture_from(from: &'static str) {
        counter!(PICTURES, "from" => from).increment(1);
    }

    /// So many bytes were read for a digest.
    pub(crate) fn digested(bytes: usize) {
        counter!(DIGESTED).increment(bytes as u64);
    }

    /// Sets the number of catalog files that the engine does not use as they are.
    pub(crate) fn catalog_faults(faults: usize) {
        gauge!(CATALOG_FAULTS).set(faults as f64);
    }

    /// What became of a request to the service.
    #[cfg(feature = "tower")]
    pub(crate) fn turned(outcome: &'static str) {
        counter!(SERVICE, "outcome" => outcome).increment(1);
    }

    /// Labels are texts that live for ever, or cost memory each time.
    const fn status(code: u16) -> &'static str {
        match code {
            200 => "200",
            304 => "304",
            403 => "403",
            500 => "500",
            503 => "503",
            _ => "other",
        }
    }
}

#[cfg(not(feature = "metrics"))]
mod disabled {
    #[cfg(feature = "tower")]
    use super::Duration;
    use crate::base::observe::Timings;

    pub(crate) const fn describe() {}
    pub(crate) const fn served(_: &'static str, _: u16, _: u64, _: &Timings) {}
    #[cfg(feature = "tower")]
    pub(crate) const fn waited(_: Duration) {}
    pub(crate) const fn picture_from(_: &'static str) {}
    pub(crate) const fn digested(_: usize) {}
    pub(crate) const fn catalog_faults(_: usize) {}
    #[cfg(feature = "tower")]
    pub(crate) const fn turned(_: &'static str) {}
}

#[cfg(not(feature = "metrics"))]
use disabled as counts;
#[cfg(feature = "metrics")]
use enabled as counts;

pub(crate) use counts::{catalog_faults, describe, digested, picture_from, served};
#[cfg(feature = "tower")]
pub(crate) use counts::{turned, waited};
