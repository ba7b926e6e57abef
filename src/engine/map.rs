//! `req=map`: the areas of a record or request, moved to where they lie in the reply (`responses.md` §4.3).

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::plan::{Placement, Station};
use crate::language::catalog::{effective_locale, localize_map};
use crate::language::lists::{Bounds, CachePolicy, Map, MapLayer, MapPoint, PointMap};

use super::inflight::InFlight;
use super::job::{Job, Purpose};
use super::reply::Reply;

/// Leads points from one station of a picture to its reply.
struct ToReply<'a> {
    placement: &'a Placement,
    station: Station,
}

impl PointMap for ToReply<'_> {
    fn point(&self, MapPoint { x, y }: MapPoint) -> MapPoint {
        let (x, y) = self.placement.place(self.station, x, y);
        MapPoint { x, y }
    }

    fn is_identity(&self) -> bool {
        self.placement.is_identity(self.station)
    }

    fn rotates(&self) -> bool {
        self.station == Station::Source && self.placement.rotates()
    }
}

impl InFlight {
    /// The map of the composite, with the geometry that the picture would have.
    pub(super) fn composite_map(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let job = Job::new(self.clone(), self.resolved()?, Purpose::Deliver, cancel)?;
        let placement = Placement::new(&job.planned.resolved.scene, &job.headers())?;
        let commands = &job.planned.resolved.commands.layer;
        let attributes = &self.call.main.attributes;
        let record = job.planned.resolved.source.record.as_deref();
        let own = match effective_locale(attributes, self.call.locale.as_deref()) {
            Some(locale) => record.map(|record| localize_map(&attributes.locale_str_map, locale, &record.map)),
            None => record.map(|record| record.map.clone()),
        };
        let (station, areas) = match (&commands.map, &commands.map_a) {
            (Some(map), _) => (Station::Layer, map.0.clone()),
            (None, Some(map)) => (Station::Source, map.0.clone()),
            (None, None) => (Station::Source, own.unwrap_or_default()),
        };
        let to_reply = ToReply { placement: &placement, station };
        let layer = MapLayer { areas: &areas, map: &to_reply, rect: around(placement.corners()) };
        let body = Map::composite(&[layer], placement.reply()).body(&self.style);
        let expirations =
            job.planned.resolved.expirations().map(|(own, attribute)| CachePolicy::of_record(own, attribute));
        let cache_policy = self.kept(CachePolicy::smallest(expirations), job.planned.resolved.suppliers());
        // The map of the record itself may have the same version and request.
        let kind = format!("composite {}", self.call.req);
        let tags = self.metadata_tags(&kind, job.planned.versions.metadata, &job.planned.resolved.canonical);
        let reply = self.versioned(body, self.style.mime(), cache_policy, Some(tags));
        let reply = Reply { cache_tags: Arc::clone(&job.planned.cache_tags), ..reply };
        Ok(self.of_unsettled(reply, job.unsettled))
    }
}

/// The upright rectangle around some corners.
fn around(corners: [(i64, i64); 4]) -> Bounds {
    let (x, y) = (corners.map(|corner| corner.0), corners.map(|corner| corner.1));
    let least = |values: [i64; 4]| values.into_iter().fold(i64::MAX, i64::min);
    let most = |values: [i64; 4]| values.into_iter().fold(i64::MIN, i64::max);
    Bounds { left: least(x), top: least(y), right: most(x), bottom: most(y) }
}
