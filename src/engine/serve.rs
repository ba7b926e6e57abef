//! The way of a request, as a list of steps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::encode::{Encoding, Extras, JpegSettings, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Facts;
use crate::plan::{Plan, plan};
use crate::reply::{Lifetime, Properties, Rendition, Style, TEXT, banner, of_image, of_properties, props, stamp};
use crate::request::{Kind, OutputFormat, RawRequest, Real};
use crate::resolve::{Resolved, resolve};
use crate::source::{Source, stat};
use crate::version::Version;

use super::draw::draw;
use super::prepared::{Context, Prepared, Stage};
use super::reply::{ETag, Rendered, Reply};
use super::tag::{self, Versions};
use super::{Engine, IdPolicy};

/// How often a request starts over because its source was replaced meanwhile.
const RETRIES: usize = 2;

impl Engine {
    /// Answers a request target, path and query: `/is/image/cat/shoe?wid=400`.
    ///
    /// It cannot fail: a protocol error is a reply.
    #[must_use]
    pub fn serve(&self, target: &str) -> Reply {
        self.serve_with(target, &Context::new())
    }

    /// Answers a request of which the host knows more.
    #[must_use]
    pub fn serve_with(&self, target: &str, context: &Context<'_>) -> Reply {
        let mut reply = self.prepare(target, context).render();
        for _ in 0..RETRIES {
            if !reply.is_changed() {
                break;
            }
            reply = self.prepare(target, context).render();
        }
        reply
    }

    /// Does all of a request but the pixels: a server learns version, tag and lifetime before it pays for a picture.
    pub fn prepare(&self, target: &str, context: &Context<'_>) -> Prepared {
        let stamp = stamp((self.inner.clock)());
        let request = match RawRequest::parse(target) {
            Ok(request) => request,
            Err(error) => return Prepared::done(Reply::of_error(error, &Style::Plain, &stamp)),
        };
        if request.object.elements.is_empty() && request.modifiers.is_empty() {
            return Prepared::done(greeting(&stamp));
        }
        let style = Style::of(&request.modifiers);
        let prepared = caught(|| self.prepare_parsed(&request, &style, &stamp));
        let mut prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => Prepared::done(Reply::of_error(error, &style, &stamp)),
        };
        answer_condition(&mut prepared, context);
        prepared
    }

    fn prepare_parsed(&self, request: &RawRequest, style: &Style, stamp: &str) -> Result<Prepared> {
        let resolved = resolve(request, &self.inner.catalogs)?;
        let name = resolved.object.name.as_str();
        let file = resolved.object.file.as_deref();
        let file = file.ok_or_else(|| Error::new(ErrorKind::Missing, "the record has no image").at(name))?;
        let (facts, source) = self.facts(file).map_err(|error| named(error, name))?;
        let versions = tag::versions(&resolved, &facts);
        let plan = plan(&resolved, &facts.header, &self.inner.limits)?;
        let etag = tag::strong(&resolved, versions.image);
        if resolved.req.kind == Kind::Props {
            return Ok(Prepared::done(self.properties(&resolved, &plan, versions, etag, style, stamp)));
        }
        let lifetime = self.lifetime(&resolved, versions);
        let job =
            Job { engine: self.clone(), resolved, facts, source, plan, versions, etag, lifetime, stamp: stamp.into() };
        Ok(Prepared { stage: Stage::Picture(Box::new(job)) })
    }

    /// The facts of a file: remembered, or read. A file that had to be opened stays open for the decoder.
    fn facts(&self, file: &Path) -> Result<(Facts, Option<Source>)> {
        if let Some(facts) = self.inner.memo.facts(&stat(file)?) {
            return Ok((facts, None));
        }
        let source = Source::open(file, (self.inner.clock)(), self.inner.rules)?;
        let digest = crate::digest::Digest::of(source.bytes());
        let header = crate::decode::read_header(source.bytes());
        source.check()?;
        let facts = Facts { header: header?, digest };
        if !source.is_copy() {
            self.inner.memo.remember(source.identity().clone(), facts);
        }
        Ok((facts, Some(source)))
    }

    fn properties(
        &self,
        resolved: &Resolved,
        plan: &Plan,
        versions: Versions,
        etag: Version,
        style: &Style,
        stamp: &str,
    ) -> Reply {
        let stored = self.inner.renditions.as_ref().and_then(|store| store.get(&etag));
        let list = |length: usize| {
            let output = &resolved.output;
            props(&Rendition {
                size: plan.reply,
                background: output.background.rgb(),
                icc_embed: false,
                icc_profile: "",
                length,
                alpha: output.format.alpha(),
                pixels: output.pixels,
                path_embed: false,
                print_res: Real::from_int(i32::from(output.dpi)),
                quality: output.qlt.quality,
                mime: output.format.mime(),
                xmp_embed: false,
                image_version: versions.image,
                metadata_version: versions.metadata,
            })
        };
        let body = |list: &Properties, stamp: &str| list.body(style, stamp);
        let tag = tag::weak(style.mime(), &body(&list(0), ""));
        Reply {
            status: 200,
            content_type: style.mime(),
            body: body(&list(stored.map_or(0, |stored| stored.0.len())), stamp).into(),
            version: Some(versions.image),
            etag: Some(ETag { value: tag, weak: true }),
            lifetime: of_properties(&resolved.object),
            error: None,
        }
    }

    fn lifetime(&self, resolved: &Resolved, versions: Versions) -> Lifetime {
        let lifetime = of_image(&resolved.object);
        match (self.inner.id_policy, &resolved.commands.id) {
            (IdPolicy::Ignore, _) | (IdPolicy::Verify, None) => lifetime,
            (IdPolicy::Verify, Some(id)) if id.parse() == Ok(versions.image) => lifetime.immutable(),
            (IdPolicy::Verify, Some(_)) => Lifetime::NO_STORE,
        }
    }
}

/// A picture to be made.
pub(super) struct Job {
    engine: Engine,
    resolved: Resolved,
    facts: Facts,
    source: Option<Source>,
    plan: Plan,
    versions: Versions,
    etag: Version,
    lifetime: Lifetime,
    stamp: String,
}

impl Job {
    pub(super) const fn version(&self) -> Version {
        self.versions.image
    }

    pub(super) const fn etag(&self) -> ETag {
        ETag { value: self.etag, weak: false }
    }

    pub(super) const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    const fn content_type(&self) -> &'static str {
        self.resolved.output.format.mime()
    }

    pub(super) fn render(self) -> Reply {
        let rendered = match &self.engine.inner.renditions {
            Some(store) => store.get_or_compute(self.etag, || self.picture()).map_err(|error| (*error).clone()),
            None => self.picture(),
        };
        match rendered {
            Ok(Rendered(body)) => Reply {
                status: 200,
                content_type: self.content_type(),
                body,
                version: Some(self.versions.image),
                etag: Some(self.etag()),
                lifetime: self.lifetime,
                error: None,
            },
            Err(error) => Reply::of_error(named(error, &self.resolved.object.name), &Style::Plain, &self.stamp),
        }
    }

    /// Decodes, draws and encodes; the source is checked once more before the result is anybody's.
    fn picture(&self) -> Result<Rendered> {
        caught(|| {
            let inner = &self.engine.inner;
            let opened;
            let source = match (&self.source, &self.resolved.object.file) {
                (Some(source), _) => source,
                (None, Some(file)) => {
                    opened = self.reopened(file)?;
                    &opened
                }
                (None, None) => return Err(Error::new(ErrorKind::Internal, "a picture without a file")),
            };
            let raster = inner.scratch.lend(|scratch| {
                draw(
                    inner.cpu,
                    &inner.limits,
                    &self.plan,
                    &self.resolved.output,
                    &self.facts.header,
                    source.bytes(),
                    scratch,
                )
            });
            // Whatever came of bytes that changed meanwhile is nobody's fault but theirs.
            source.check()?;
            let output = &self.resolved.output;
            let encoding = encoding(output.format, output.qlt);
            let file = encode(&raster?, encoding, Extras::dpi(output.dpi), inner.limits.reply_bytes)?;
            Ok(Rendered(file.into()))
        })
    }

    /// The file whose facts were remembered, opened. A copy of a file that is not settled may hold other bytes than those
    /// the facts are of, and so may a file that has been replaced.
    fn reopened(&self, file: &Path) -> Result<Source> {
        let inner = &self.engine.inner;
        let source = Source::open(file, (inner.clock)(), inner.rules)?;
        let same = !source.is_copy() && inner.memo.facts(source.identity()) == Some(self.facts);
        if same { Ok(source) } else { Err(Error::new(ErrorKind::Changed, "was replaced while it was read; ask again")) }
    }
}

fn encoding(format: OutputFormat, qlt: crate::request::Qlt) -> Encoding {
    let jpeg = |progressive| {
        let (quality, full_chroma) = (qlt.quality, qlt.full_chroma);
        Encoding::Jpeg(JpegSettings { quality, full_chroma, progressive, scans: None })
    };
    match format {
        OutputFormat::Jpeg => jpeg(false),
        OutputFormat::ProgressiveJpeg => jpeg(true),
        OutputFormat::Png | OutputFormat::PngAlpha => Encoding::Png,
    }
}

/// Turns a prepared reply into a 304 if the caller has it already.
fn answer_condition(prepared: &mut Prepared, context: &Context<'_>) {
    let (Some(etag), Some(tags)) = (prepared.etag(), context.if_none_match) else { return };
    if prepared.status() != 200 || !etag.is_in(tags) {
        return;
    }
    let content_type = match &prepared.stage {
        Stage::Done(reply) => reply.content_type,
        Stage::Picture(job) => job.content_type(),
    };
    *prepared = Prepared::done(Reply {
        status: 304,
        content_type,
        body: bytes::Bytes::new(),
        version: prepared.version(),
        etag: Some(etag),
        lifetime: prepared.lifetime(),
        error: None,
    });
}

/// `/is/image` without object and modifiers (`responses.md` §3.5).
fn greeting(stamp: &str) -> Reply {
    Reply {
        status: 200,
        content_type: TEXT,
        body: banner().body(&Style::TEXT, stamp).into(),
        version: None,
        etag: None,
        lifetime: Lifetime::NO_STORE,
        error: None,
    }
}

/// An error about a file, with the object's name as the caller wrote it.
fn named(error: Error, name: &str) -> Error {
    if error.place().is_none() { error.at(name) } else { error }
}

/// Runs a step. A panic in it, which would be a mistake of ours or of a codec, is an error of this one request.
fn caught<T>(step: impl FnOnce() -> Result<T>) -> Result<T> {
    // What a step leaves behind after a panic is dropped with it: stores and buffers hold finished values only.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(Error::new(ErrorKind::Internal, "internal error").with_detail(&text.unwrap_or("a panic without a text")))
    })
}
