//! A picture to be made: what is known of it beforehand, and how it is finished.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use crate::encode::{Bounds, Encoding, Extras, JpegSettings, encode, encode_within};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Header};
use crate::kernel::cpu::Cpu;
use crate::observe::{Stage, StopWatch, Timings, picture_from, span, went_wrong};
use crate::plan::{Plan, plan};
use crate::raster::Raster;
use crate::reply::{Lifetime, loaded, saved};
use crate::request::{Cache, Kind, OutputFormat, ServerCache};
use crate::resolve::{Output, Resolved};
use crate::source::Source;
use crate::version::Version;
use crate::watch::Watch;

use super::draw::{File, Studio, Tools, draw};
use super::memo::Sidecars;
use super::reply::{ETag, Rendered, Reply};
use super::save::SaveTarget;
use super::serve::{Asked, Opened, caught, named};
use super::tag::{self, Files, Versions};

/// What a picture is made for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// The reply.
    Deliver,
    /// The reply in place of an error: it may not be kept.
    Error,
    /// `req=loadcache`: to know its length.
    Length,
    /// `req=saveToFile`.
    Save(SaveTarget),
}

/// A picture to be made.
pub(super) struct Job {
    pub(super) asked: Asked,
    pub(super) planned: Arc<Planned>,
    /// The files, if they had to be opened to know about them.
    source: Option<Source>,
    mask: Option<Source>,
    purpose: Purpose,
    /// The picture, if somebody has asked whether it is stored: what was promised must not be evicted meanwhile.
    found: OnceLock<Rendered>,
}

/// All that is known of a picture before it is made. It depends on the request, the catalogs and the facts of the files,
/// and on nothing else.
pub(super) struct Planned {
    pub(super) resolved: Resolved,
    source: (PathBuf, Facts),
    mask: Option<(PathBuf, Facts)>,
    /// Of the path's object, where that is not the source.
    path: Option<Facts>,
    pub(super) plan: Plan,
    pub(super) versions: Versions,
    etag: Version,
    lifetime: Lifetime,
}

impl Job {
    /// Looks at the files of a picture and plans it.
    ///
    /// # Errors
    ///
    /// A file is missing or of no known format, or a limit is exceeded.
    pub(super) fn new(asked: Asked, resolved: Resolved, purpose: Purpose) -> Result<Self> {
        let name = resolved.source.name.clone();
        let missing = || Error::new(ErrorKind::Missing, "the record has no image").at(&name);
        let source_file = resolved.source.file.clone().ok_or_else(missing)?;
        let is_image = matches!(resolved.req.kind, Kind::Img | Kind::LoadCache | Kind::SaveToFile);
        if is_image && !resolved.main.attributes.watermark.is_empty() {
            return Err(Error::new(ErrorKind::Catalog, "is not supported yet").at("Watermark"));
        }
        let source = asked.engine.facts(&source_file).map_err(|error| named(error, &name))?;
        let header = source.facts.header;
        let declared = resolved.source.record.as_ref().and_then(|record| record.size);
        if declared.is_some_and(|size| size != header.size()) {
            return Err(Error::new(ErrorKind::Source, "is not of the size that its record says").at(&name));
        }
        let mask = match &resolved.mask_file {
            Some(file) => {
                let opened = asked.engine.facts(file).map_err(|error| error.at("mask"))?;
                Some((file.clone(), opened))
            }
            None => None,
        };
        let mask_facts = mask.as_ref().map(|(_, opened)| &opened.facts);
        let path = asked.engine.facts_if_any(resolved.path_file.as_deref())?;
        let files = Files { source: Some(&source.facts), mask: mask_facts, path: path.as_ref() };
        let versions = tag::versions(&resolved, &asked.catalogs, files);
        let plan = plan(&resolved, &header, mask_facts.map(|facts| &facts.header), &asked.engine.inner.limits)?;
        let etag = tag::strong("image", versions.image, &resolved.canonical, None);
        let id = resolved.commands.id.as_ref().map(|id| id.0.as_str());
        let lifetime = match purpose {
            Purpose::Deliver => asked.verified(lifetime(&resolved), Some(versions.image), id),
            Purpose::Error | Purpose::Length | Purpose::Save(_) => Lifetime::NO_STORE,
        };
        let (mask, mask_source) = match mask {
            Some((file, Opened { facts, source })) => (Some((file, facts)), source),
            None => (None, None),
        };
        let source_facts = (source_file, source.facts);
        let planned = Planned { resolved, source: source_facts, mask, path, plan, versions, etag, lifetime };
        Ok(Self {
            asked,
            planned: Arc::new(planned),
            source: source.source,
            mask: mask_source,
            purpose,
            found: OnceLock::new(),
        })
    }

    /// The picture of an earlier request, asked for again under the same catalogs; `None` if its files are not what they
    /// were, or cannot be looked at. Unless it `may_open` them, their status has to be one that is known.
    pub(super) fn again(asked: Asked, planned: Arc<Planned>, may_open: bool) -> Option<Self> {
        let engine = &asked.engine;
        let look = |(file, facts): &(PathBuf, Facts)| {
            let opened = if may_open { engine.facts(file).map(Some) } else { engine.known_facts(file) };
            Some(opened.ok()?.filter(|opened| opened.facts == *facts)?.source)
        };
        let source = look(&planned.source)?;
        let mask = match &planned.mask {
            Some(mask) => look(mask)?,
            None => None,
        };
        let path = match (&planned.resolved.path_file, may_open) {
            (Some(_), false) => return None,
            (path, _) => engine.facts_if_any(path.as_deref()).ok()?,
        };
        (path == planned.path).then(|| Self {
            asked,
            planned,
            source,
            mask,
            purpose: Purpose::Deliver,
            found: OnceLock::new(),
        })
    }

    /// What may be remembered of it for the same request.
    pub(super) fn lasting(&self) -> Option<&Arc<Planned>> {
        let lasts = matches!(self.purpose, Purpose::Deliver) && self.planned.resolved.default_image.is_none();
        lasts.then_some(&self.planned)
    }

    pub(super) fn version(&self) -> Option<Version> {
        match self.purpose {
            Purpose::Deliver => Some(self.planned.versions.image),
            Purpose::Error | Purpose::Length | Purpose::Save(_) => None,
        }
    }

    /// What the picture is stored by.
    #[cfg(feature = "tower")]
    pub(super) fn key(&self) -> Version {
        self.planned.etag
    }

    /// `None`: the reply may not be kept, or is not the picture.
    pub(super) fn etag(&self) -> Option<ETag> {
        let kept = matches!(self.purpose, Purpose::Deliver) && self.client_caches();
        kept.then_some(ETag { value: self.planned.etag, weak: false })
    }

    /// The length of the reply's body in bytes, if the reply is the picture and that is stored and asked for as it is.
    pub(super) fn picture_length(&self) -> Option<usize> {
        let server = self.planned.resolved.commands.cache.map_or(ServerCache::On, |cache| cache.server);
        let is_picture = matches!(self.purpose, Purpose::Deliver);
        let store = self.asked.engine.inner.renditions.as_ref();
        let store = store.filter(|_| is_picture && matches!(server, ServerCache::On | ServerCache::Validate));
        let store = store.filter(|_| self.found.get().is_none());
        if let Some(found) = store.and_then(|store| store.get(&self.planned.etag)) {
            let _ = self.found.set(found);
        }
        self.found.get().map(|Rendered(file)| file.len())
    }

    /// A reply without a body: the headers of the picture, or the answer to those who have it.
    pub(super) fn without_body(&self, status: u16) -> Reply {
        Reply {
            status,
            content_type: self.content_type(),
            body: bytes::Bytes::new(),
            version: self.version(),
            etag: self.etag(),
            lifetime: self.planned.lifetime,
            last_modified: self.last_modified(),
            error: None,
            timings: Timings::default(),
        }
    }

    /// When what the picture is made of was last changed, if the catalog wants it told.
    pub(super) fn last_modified(&self) -> Option<SystemTime> {
        self.planned.lifetime.seconds()?;
        self.asked.newest(self.planned.resolved.stamps())
    }

    /// The header of the source.
    pub(super) fn header(&self) -> &Header {
        &self.planned.source.1.header
    }

    pub(super) fn lifetime(&self) -> Lifetime {
        self.planned.lifetime
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self.purpose {
            Purpose::Deliver | Purpose::Error => self.planned.resolved.output.format.mime(),
            Purpose::Length | Purpose::Save(_) => self.asked.style.mime(),
        }
    }

    fn client_caches(&self) -> bool {
        self.planned.resolved.commands.cache.is_none_or(|cache| cache.client)
    }

    /// Makes the picture and the reply; an error is a reply too.
    pub(super) fn render(self, watch: Watch<'_>) -> Reply {
        let span = span!("render", request = &*self.asked.target, req = self.asked.call.req.kind.name(), status, bytes);
        let stop_watch = StopWatch::default();
        let mut reply = span.enter(|| {
            self.finished(watch, &stop_watch).unwrap_or_else(|error| {
                went_wrong(&error, &self.asked.target);
                self.asked.failed(error)
            })
        });
        reply.timings = stop_watch.timings();
        span.record("status", &reply.status);
        span.record("bytes", &reply.body.len());
        reply
    }

    /// Makes the picture and the reply.
    pub(super) fn finished(&self, watch: Watch<'_>, stop_watch: &StopWatch) -> Result<Reply> {
        let Rendered(body) =
            self.rendered(watch, stop_watch).map_err(|error| named(error, &self.planned.resolved.source.name))?;
        let list = |list| Reply::of_list(&list, &self.asked.style, Lifetime::NO_STORE, &self.asked.stamp);
        match &self.purpose {
            Purpose::Length => Ok(list(loaded(body.len()))),
            Purpose::Save(target) => {
                let milliseconds = target.write(&self.asked.engine, &body)?;
                Ok(list(saved(milliseconds, self.planned.plan.reply.area())))
            }
            Purpose::Deliver | Purpose::Error => Ok(Reply { body, ..self.without_body(200) }),
        }
    }

    /// The finished picture, stored or new.
    fn rendered(&self, watch: Watch<'_>, stop_watch: &StopWatch) -> Result<Rendered> {
        if let Some(found) = self.found.get() {
            picture_from("stored");
            return Ok(found.clone());
        }
        let server = self.planned.resolved.commands.cache.map_or(ServerCache::On, |Cache { server, .. }| server);
        let may_update = self.asked.engine.inner.switches.cache_update;
        // What an error says is in no tag.
        let storable = server != ServerCache::Off && !matches!(self.purpose, Purpose::Error);
        let store = self.asked.engine.inner.renditions.as_ref().filter(|_| storable);
        match store {
            Some(store) if server == ServerCache::Update && may_update => {
                let rendered = self.picture(watch, stop_watch)?;
                store.insert(self.planned.etag, rendered.clone());
                Ok(rendered)
            }
            Some(store) => loop {
                let mut made = false;
                let rendered = store.get_or_compute(self.planned.etag, || {
                    made = true;
                    self.picture(watch, stop_watch)
                });
                if !made && rendered.is_ok() {
                    picture_from("stored");
                }
                match rendered {
                    // Whoever has made it for all has given up, which need not be for all.
                    Err(error) if error.kind() == ErrorKind::Stopped => watch.check()?,
                    other => return other.map_err(|error| (*error).clone()),
                }
            },
            None => self.picture(watch, stop_watch),
        }
    }

    /// Decodes, draws and encodes; the files are checked once more before the result is anybody's.
    fn picture(&self, watch: Watch<'_>, stop_watch: &StopWatch) -> Result<Rendered> {
        caught(|| {
            let engine = &self.asked.engine;
            let inner = &engine.inner;
            let (file, facts) = &self.planned.source;
            let reopened;
            let source: &Source = match &self.source {
                Some(source) => source,
                None => {
                    reopened = engine.reopened(file, facts)?;
                    &reopened
                }
            };
            let reopened_mask;
            let mask: Option<&Source> = match (&self.mask, &self.planned.mask) {
                (Some(source), _) => Some(source),
                (None, Some((file, facts))) => {
                    reopened_mask = engine.reopened(file, facts)?;
                    Some(&reopened_mask)
                }
                (None, None) => None,
            };
            let mask_facts = self.planned.mask.as_ref().map(|(_, facts)| facts);
            // A codec that panics because the bytes change under it is no mistake of anybody, as the check will show.
            let drawn = caught(|| {
                inner.scratch.lend(|scratch| {
                    let sidecar_bytes = inner.sidecars.max_bytes();
                    let tools = Tools {
                        cpu: inner.cpu,
                        threads: inner.threads,
                        limits: &inner.limits,
                        scratch,
                        idle: &inner.scratch,
                        sidecar_bytes,
                        watch,
                        stop_watch,
                    };
                    let mut studio = Studio {
                        source: known(facts, source, &inner.sidecars),
                        mask: mask_facts.zip(mask).map(|(facts, mask)| known(facts, mask, &inner.sidecars)),
                        tools,
                    };
                    let (resolved, plan) = (&self.planned.resolved, &self.planned.plan);
                    let work = || draw(&mut studio, resolved, plan);
                    let raster = stop_watch.time(Stage::Draw, || span!("draw").enter(work))?;
                    Ok((raster, studio.source.sidecar, studio.mask.map(|mask| mask.sidecar)))
                })
            });
            let xmp = if self.planned.resolved.output.xmp {
                caught(|| super::metadata::packet(source.bytes(), &inner.limits))
            } else {
                Ok(None)
            };
            // Whatever came of bytes that changed meanwhile is nobody's fault but theirs.
            for file in [Some(source), mask].into_iter().flatten() {
                file.check()?;
            }
            let xmp = xmp?;
            let (raster, sidecar, mask_sidecar) = drawn?;
            let mask = mask_facts.zip(mask).zip(mask_sidecar).map(|((facts, mask), sidecar)| (facts, mask, sidecar));
            for (facts, source, sidecar) in [(facts, source, sidecar)].into_iter().chain(mask) {
                if source.is_settled() {
                    inner.sidecars.remember(facts.digest, sidecar);
                }
            }
            let extras = Extras { dpi: self.planned.resolved.output.dpi, xmp: xmp.as_deref() };
            let output = &self.planned.resolved.output;
            let span = span!("encode", format = output.format.mime(), pixels = raster.size().area(), bytes);
            let work = || encoded(inner.cpu, &raster, output, extras, inner.limits.reply_bytes, watch);
            let file = stop_watch.time(Stage::Encode, || span.enter(work))?;
            span.record("bytes", &file.len());
            picture_from("made");
            // Exactly as long as it is: what is stored is weighed by its length.
            Ok(Rendered(file.into_boxed_slice().into()))
        })
    }
}

/// A file with what is known of it.
fn known<'a>(facts: &'a Facts, source: &'a Source, sidecars: &Sidecars) -> File<'a> {
    File { header: &facts.header, bytes: source.bytes(), sidecar: sidecars.of(&facts.digest) }
}

/// How long the picture may be kept, as far as the catalogs say.
pub(super) fn lifetime(resolved: &Resolved) -> Lifetime {
    if !resolved.commands.cache.is_none_or(|cache| cache.client) {
        return Lifetime::NO_STORE;
    }
    match resolved.default_image {
        Some(own) => Lifetime::of_default_image(own, resolved.main.attributes.default_expiration),
        None => Lifetime::smallest(resolved.expirations().map(|(own, attribute)| Lifetime::of_record(own, attribute))),
    }
}

fn encoded(
    cpu: Cpu,
    raster: &Raster,
    output: &Output,
    extras: Extras<'_>,
    limit: usize,
    watch: Watch<'_>,
) -> Result<Vec<u8>> {
    let bounds = Bounds { limit, watch };
    let settings = |progressive| JpegSettings {
        quality: output.qlt.quality,
        full_chroma: output.qlt.full_chroma,
        progressive,
        scans: output.scans,
    };
    let progressive = match output.format {
        OutputFormat::Jpeg => false,
        OutputFormat::ProgressiveJpeg => true,
        OutputFormat::Png | OutputFormat::PngAlpha => return encode(cpu, raster, Encoding::Png, extras, bounds),
    };
    match output.max_bytes {
        Some(max_bytes) => {
            let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
            encode_within(cpu, raster, settings(progressive), extras, max_bytes, limit, watch).map(|(file, _)| file)
        }
        None => encode(cpu, raster, Encoding::Jpeg(settings(progressive)), extras, bounds),
    }
}
