//! A picture to be made: what is known of it beforehand, and how it is finished.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::Limits;
use crate::base::observe::{StopWatch, Timings, picture_from};
use crate::base::stage::{ByteStage, ByteStages};
use crate::base::version::Version;
use crate::imaging::pixel::header::{Facts, Header};
use crate::imaging::plan::{Headers, Known, described, measure, plan_with};
use crate::imaging::render::{Maker, Palette, Sampled, Taken};
use crate::imaging::scene::Scene;
use crate::imaging::source::Source;
use crate::language::lists::{CachePolicy, loaded, saved};
use crate::language::request::{Kind, ServerCache};
use crate::language::resolve::{Input, Resolved};

use super::files::{InputFiles, named};
use super::inflight::InFlight;
use super::metadata;
use super::planned::Planned;
use super::profiles::facts_of;
use super::reply::{ETag, Rendered, Reply};
use super::save::SaveTarget;
use super::versioning::tag;

/// What a picture is made for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// The reply.
    Deliver,
    /// The reply in place of an error: no cache may keep it.
    Error { error: Error, status: u16 },
    /// `req=loadcache`: to know its length.
    Length,
    /// `req=saveToFile`.
    Save(SaveTarget),
}

/// A picture to be made.
pub(super) struct Job {
    pub(super) in_flight: InFlight,
    pub(super) planned: Arc<Planned>,
    /// The files that had to be opened to know about them, one for each input.
    opened: Vec<Option<Source>>,
    /// One of the files was changed a moment ago and may be half written.
    pub(super) unsettled: bool,
    /// The reply has no tag, because a conditional request that names it would be answered unseen.
    untagged: bool,
    purpose: Purpose,
    /// The picture, if it was asked whether it is stored: what was promised must not be evicted meanwhile.
    found: OnceLock<Rendered>,
}

impl Job {
    /// Looks at the files of a picture and plans it.
    ///
    /// # Errors
    ///
    /// A file is missing or of no known format, a limit is exceeded, or the work is to be given up.
    pub(super) fn new(in_flight: InFlight, resolved: Resolved, purpose: Purpose, cancel: Cancel<'_>) -> Result<Self> {
        if let Some(input) = resolved.inputs.iter().find(|input| input.is_needed() && input.file.is_none()) {
            return Err(Error::new(ErrorKind::Missing, "the record has no image").at(&input.name));
        }
        if let Purpose::Save(target) = &purpose {
            target.check_suffix(resolved.scene.output.format)?;
        }
        if resolved.req.kind.is_watermarked() && !resolved.main.attributes.watermark.is_empty() {
            return Err(Error::new(ErrorKind::Catalog, "is not supported yet").at("Watermark"));
        }
        let setting = in_flight.engine.setting(&resolved.main.attributes);
        let damaged = in_flight.engine.damaged_images_of(&resolved);
        let InputFiles { facts, opened, unsettled } =
            in_flight.engine.inspect(&resolved.inputs, damaged, cancel, has_declared_size)?;
        let found = in_flight.engine.profiles(&resolved.profiles, cancel)?;
        let unsettled = unsettled || found.unsettled;
        let profiles = found.usable();
        let versions = tag::versions(&resolved, &in_flight.catalogs, &facts, &profiles, setting);
        if resolved.req.kind.needs_pixels() || resolved.req.kind == Kind::Props {
            found.check(&resolved, &facts)?;
        }
        let headers: Vec<_> = facts.iter().map(|facts| facts.map(|facts| facts.header)).collect();
        let headers: Headers<'_> = &headers;
        let limits = &in_flight.engine.inner.limits;
        let known = (headers, &facts_of(&profiles)[..]);
        let mut plan = if resolved.req.kind.needs_pixels() {
            plan_with(&resolved.scene, known, limits).map_err(|error| named(error, &resolved.source.name))?
        } else {
            measure(&resolved.scene, known, limits)?
        };
        if [ByteStage::Request, ByteStage::Plan].iter().any(|stage| in_flight.engine.inner.altered.is(*stage)) {
            plan.output.dpi ^= 1 << 8;
        }
        let passed = if resolved.req.kind.needs_pixels() {
            plan.stages(headers)
        } else {
            // The properties of a picture tell the length of the stored one. One that cannot be planned is not stored.
            picture_stages(&resolved.scene, known, limits)
        };
        let etag = tag::of_picture("image", versions.closure, passed, &resolved.canonical, setting);
        let etag = match purpose {
            // The texts of the error are variables of its image and in no closure, but what they change is in the scene.
            Purpose::Error { .. } => tag::of_error_image(etag, &resolved.scene),
            Purpose::Deliver | Purpose::Length | Purpose::Save(_) => etag,
        };
        let id = resolved.commands.request.id.as_ref().map(|id| id.0.as_str());
        let cache_policy = match purpose {
            Purpose::Deliver => {
                let lifetime = in_flight.picture_lifetime(&resolved);
                // A later decoder may show more of a damaged file, so the reply is provisional.
                let is_damaged = facts.iter().flatten().any(|facts| facts.header.damaged);
                let lifetime = if is_damaged { lifetime.provisional() } else { lifetime };
                in_flight.verified(lifetime, Some(versions.image), id)
            }
            Purpose::Error { .. } | Purpose::Length | Purpose::Save(_) => CachePolicy::NO_STORE,
        };
        let cache_tags = match purpose {
            Purpose::Error { .. } => Arc::default(),
            Purpose::Deliver | Purpose::Length | Purpose::Save(_) => in_flight.picture_tags(&resolved),
        };
        let embeds_xmp = match described(&resolved.scene) {
            Some(input) if resolved.req.kind == Kind::Props => {
                let opened = opened.get(input.0).and_then(Option::as_ref);
                let file = resolved.inputs.get(input.0).and_then(|input| input.file.as_deref());
                match file.zip(facts.get(input.0).and_then(Option::as_ref)) {
                    Some((file, facts)) => {
                        metadata::has_packet_to_embed(&in_flight.engine, file, facts, opened, &plan.output, cancel)?
                    }
                    None => false,
                }
            }
            _ => false,
        };
        let profile = match plan.space {
            Some(space) if resolved.req.kind == Kind::Props => {
                let files = (&resolved.inputs[..], &facts[..], &opened[..]);
                in_flight.engine.profile_name(space, files, &profiles, cancel)?
            }
            _ => String::new(),
        };
        let untagged = unsettled && in_flight.answers_unseen();
        let planned =
            Planned { resolved, facts, profiles, plan, versions, etag, cache_policy, cache_tags, embeds_xmp, profile };
        let planned = Arc::new(planned);
        Ok(Self { in_flight, planned, opened, unsettled, untagged, purpose, found: OnceLock::new() })
    }

    /// The picture of an earlier request, asked for again under the same catalogs; `None` if its files are not what they
    /// were, or cannot be looked at. It opens and reads them while `opening` lets it; without that, their status has to be
    /// one that is known.
    pub(super) fn again(in_flight: InFlight, planned: Arc<Planned>, opening: Option<Cancel<'_>>) -> Option<Self> {
        let damaged = in_flight.engine.damaged_images_of(&planned.resolved);
        let InputFiles { opened, unsettled, .. } =
            in_flight.engine.inspect_again(&planned.resolved.inputs, &planned.facts, damaged, opening)?;
        let resolved = &planned.resolved;
        let unsettled = in_flight.engine.profiles_again(&resolved.profiles, &planned.profiles, opening)? || unsettled;
        let (untagged, purpose) = (unsettled && in_flight.answers_unseen(), Purpose::Deliver);
        Some(Self { in_flight, planned, opened, unsettled, untagged, purpose, found: OnceLock::new() })
    }

    /// Drops the copies of files, so that they take no memory while the picture waits to be made. The files are read and
    /// digested again then.
    #[cfg(feature = "tower")]
    pub(super) fn drop_copies(&mut self) {
        for opened in &mut self.opened {
            opened.take_if(|source| source.is_copied());
        }
    }

    /// What may be remembered of it for the same request.
    pub(super) fn lasting(&self) -> Option<&Arc<Planned>> {
        let lasts = matches!(self.purpose, Purpose::Deliver) && self.planned.resolved.default_image.is_none();
        lasts.then_some(&self.planned)
    }

    pub(super) fn version(&self) -> Option<Version> {
        match self.purpose {
            Purpose::Deliver => Some(self.planned.versions.image),
            Purpose::Error { .. } | Purpose::Length | Purpose::Save(_) => None,
        }
    }

    /// The status of the reply if the picture can be made.
    pub(super) const fn status(&self) -> u16 {
        match self.purpose {
            Purpose::Error { status, .. } => status,
            Purpose::Deliver | Purpose::Length | Purpose::Save(_) => 200,
        }
    }

    /// The error in whose place the picture is delivered.
    pub(super) const fn error(&self) -> Option<&Error> {
        match &self.purpose {
            Purpose::Error { error, .. } => Some(error),
            Purpose::Deliver | Purpose::Length | Purpose::Save(_) => None,
        }
    }

    /// What the picture is stored by.
    #[cfg(feature = "tower")]
    pub(super) fn key(&self) -> Version {
        self.planned.etag
    }

    /// What the picture is stored by once it is made, if it is to be delivered and may be stored.
    pub(super) fn kept_by(&self) -> Option<Version> {
        let has_store = self.in_flight.engine.inner.renditions.is_some();
        let kept = matches!(self.purpose, Purpose::Deliver) && has_store && self.server_cache() != ServerCache::Off;
        kept.then_some(self.planned.etag)
    }

    /// `None`: the reply may not be kept or confirmed, or is not the picture.
    pub(super) fn etag(&self) -> Option<ETag> {
        let kept = matches!(self.purpose, Purpose::Deliver) && self.client_caches() && !self.untagged;
        kept.then_some(ETag { value: self.planned.etag, weak: false })
    }

    /// The length of the reply's body in bytes, if the reply is the picture and that is stored and asked for as it is.
    pub(super) fn picture_length(&self) -> Option<usize> {
        let server = self.server_cache();
        let is_picture = matches!(self.purpose, Purpose::Deliver | Purpose::Error { .. });
        let store = self.in_flight.engine.inner.renditions.as_ref();
        let store = store.filter(|_| is_picture && matches!(server, ServerCache::On | ServerCache::Validate));
        let store = store.filter(|_| self.found.get().is_none());
        if let Some(found) = store.and_then(|store| store.get(&self.planned.etag)) {
            let _ = self.found.set(found);
        }
        self.found.get().map(|Rendered(file)| file.len())
    }

    /// A reply without a body: the headers of the picture, or the answer to those who have it.
    pub(super) fn without_body(&self, status: u16) -> Reply {
        let size = match self.purpose {
            Purpose::Deliver | Purpose::Error { .. } => Some(self.planned.plan.reply),
            Purpose::Length | Purpose::Save(_) => None,
        };
        Reply {
            status,
            content_type: self.content_type(),
            body: bytes::Bytes::new(),
            file: None,
            width: size.map(|size| size.width),
            height: size.map(|size| size.height),
            version: self.version(),
            etag: self.etag(),
            cache_policy: self.cache_policy(),
            last_modified: self.last_modified(),
            cache_tags: Arc::clone(&self.planned.cache_tags),
            error: self.error().cloned(),
            timings: Timings::default(),
        }
    }

    /// When what the picture is made of was last changed, if the catalog wants it told.
    pub(super) fn last_modified(&self) -> Option<SystemTime> {
        let dated = self.in_flight.tells_date(self.cache_policy());
        if dated { self.in_flight.newest(self.planned.resolved.stamps()) } else { None }
    }

    /// The headers of the inputs.
    pub(super) fn headers(&self) -> Vec<Option<Header>> {
        self.planned.facts.iter().map(|facts| facts.map(|facts| facts.header)).collect()
    }

    pub(super) fn cache_policy(&self) -> CachePolicy {
        let planned = self.planned.cache_policy;
        if self.unsettled { planned.unsettled() } else { planned }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self.purpose {
            Purpose::Deliver | Purpose::Error { .. } => self.planned.resolved.scene.output.format.mime(),
            Purpose::Length | Purpose::Save(_) => self.in_flight.style.mime(),
        }
    }

    fn client_caches(&self) -> bool {
        self.planned.resolved.commands.request.cache.is_none_or(|cache| cache.client)
    }

    fn server_cache(&self) -> ServerCache {
        self.planned.resolved.commands.request.cache.map_or(ServerCache::On, |cache| cache.server)
    }

    /// Makes the picture and the reply.
    pub(super) fn finished(&self, cancel: Cancel<'_>, stop_watch: &StopWatch) -> Result<Reply> {
        let Rendered(body) =
            self.rendered(cancel, stop_watch).map_err(|error| named(error, &self.planned.resolved.source.name))?;
        let list = |list| Reply::of_list(&list, &self.in_flight.style, CachePolicy::NO_STORE, &self.in_flight.stamp);
        match &self.purpose {
            Purpose::Length => Ok(list(loaded(body.len()))),
            Purpose::Save(target) => {
                let milliseconds = target.write(&self.in_flight.engine, &body, cancel)?;
                Ok(list(saved(milliseconds, self.planned.plan.reply.area())))
            }
            Purpose::Deliver | Purpose::Error { .. } => Ok(Reply { body, ..self.without_body(self.status()) }),
        }
    }

    /// The finished picture, stored or new.
    fn rendered(&self, cancel: Cancel<'_>, stop_watch: &StopWatch) -> Result<Rendered> {
        if let Some(found) = self.found.get() {
            picture_from("stored");
            return Ok(found.clone());
        }
        let server = self.server_cache();
        let may_update = self.in_flight.engine.inner.switches.cache_update;
        let store = self.in_flight.engine.inner.renditions.as_ref().filter(|_| server != ServerCache::Off);
        match store {
            Some(store) if server == ServerCache::Update && may_update => {
                let rendered = self.picture(cancel, stop_watch)?;
                store.insert(self.planned.etag, rendered.clone());
                Ok(rendered)
            }
            Some(store) => loop {
                let mut made = false;
                let rendered = store.get_or_compute(self.planned.etag, || {
                    made = true;
                    self.picture(cancel, stop_watch)
                });
                if !made && rendered.is_ok() {
                    picture_from("stored");
                }
                match rendered {
                    // The thread computing this rendition was cancelled. Its waiters may not be: try again.
                    Err(error) if error.kind() == ErrorKind::Stopped => cancel.check()?,
                    other => return other.map_err(|error| (*error).clone()),
                }
            },
            None => self.picture(cancel, stop_watch),
        }
    }

    /// Draws and encodes. The files are checked once more before the result leaves this function.
    fn picture(&self, cancel: Cancel<'_>, stop_watch: &StopWatch) -> Result<Rendered> {
        caught(|| {
            let (plan, inner) = (&self.planned.plan, &self.in_flight.engine.inner);
            let _at_work = inner.pool.at_work();
            let reopened = self.reopened(cancel)?;
            let sources: Vec<Option<&Source>> =
                self.opened.iter().zip(&reopened).map(|(opened, again)| opened.as_ref().or(again.as_ref())).collect();
            let maker = Maker {
                cpu: inner.cpu,
                pool: &inner.pool,
                limits: &inner.limits,
                palette: Palette { profiles: &self.planned.profiles, transforms: &inner.transforms },
                scratch: &inner.scratch,
                sidecar_bytes: inner.sidecars.max_bytes(),
                altered: inner.altered,
                cancel,
                stop_watch,
            };
            let taken = sources.iter().zip(&self.planned.facts).map(|file| self.taken(file)).collect();
            let mut drawn = maker.draw_file(plan, taken, Sampled::default())?;
            let learned = std::mem::take(&mut drawn.learned);
            for ((sidecar, source), facts) in learned.into_iter().zip(&sources).zip(&self.planned.facts) {
                if let (Some(sidecar), Some(source), Some(facts)) = (sidecar, source, facts)
                    && source.is_settled()
                {
                    inner.sidecars.remember(facts.digest, sidecar);
                }
            }
            maker.encode(plan, drawn).map(Rendered)
        })
    }

    /// The files that drawing reads and that are not open yet.
    fn reopened(&self, cancel: Cancel<'_>) -> Result<Vec<Option<Source>>> {
        let mut reopened: Vec<Option<Source>> = self.opened.iter().map(|_| None).collect();
        for input in self.planned.plan.files() {
            let file = self.planned.resolved.inputs.get(input.0).and_then(|input| input.file.as_ref());
            let facts = self.planned.facts.get(input.0).and_then(Option::as_ref);
            if let (Some(file), Some(facts), Some(None)) = (file, facts, self.opened.get(input.0)) {
                reopened[input.0] = Some(self.in_flight.engine.reopened(file, facts, cancel)?);
            }
        }
        Ok(reopened)
    }

    /// A file with what is known of it.
    fn taken<'a>(&self, (source, facts): (&Option<&'a Source>, &'a Option<Facts>)) -> Option<Taken<'a>> {
        let (source, facts) = ((*source)?, facts.as_ref()?);
        let sidecar = self.in_flight.engine.inner.sidecars.of(&facts.digest);
        Some(Taken { header: &facts.header, bytes: source.bytes(), sidecar, source: Some(source) })
    }
}

/// The stages that a picture passes; none if it cannot be made.
fn picture_stages(scene: &Scene, known: Known<'_>, limits: &Limits) -> ByteStages {
    plan_with(scene, known, limits).map_or_else(|_| ByteStages::default(), |plan| plan.stages(known.0))
}

/// A record that says how large its picture is must be right.
fn has_declared_size(input: &Input, facts: &Facts) -> Result<()> {
    if input.declared.is_some_and(|size| size != facts.header.size()) {
        return Err(Error::new(ErrorKind::Source, "is not of the size that its record says").at(&input.name));
    }
    Ok(())
}
