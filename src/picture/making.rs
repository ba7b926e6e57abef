//! The way from an edit to a picture, which is the engine's behind the scene.

use std::sync::OnceLock;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::clock::now;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::etag::ETag;
use crate::base::limits::Limits;
use crate::base::observe::StopWatch;
use crate::base::pool::Pool;
use crate::base::stage::Altered;
use crate::base::version::Version;
use crate::engine::versioning::direct;
use crate::imaging::codec::Sidecar;
use crate::imaging::color::{Profile, Transforms};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::header::Facts;
use crate::imaging::plan::{Plan, plan_with};
use crate::imaging::render::{Drawn, Maker, Palette, Sampled, Scratch, Taken};
use crate::imaging::source::Source;

use super::edit::Edit;
use super::pixels::Pixels;
use super::rendition::Rendition;

/// What one picture may cost.
pub(super) const LIMITS: Limits = Limits::new();

/// Memory for buffers that wait for the next picture of the process to be decoded, in bytes.
const SCRATCH_BYTES: usize = 32 << 20;

static SCRATCH: Scratch = Scratch::new(SCRATCH_BYTES);

/// Conversions between colour spaces that have been made.
static TRANSFORMS: OnceLock<Transforms> = OnceLock::new();

/// What a picture is made of.
pub(super) struct Subject<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the bytes come from, if that may change.
    pub(super) source: Option<&'a Source>,
    pub(super) facts: &'a Facts,
    /// What decoders know of the bytes.
    pub(super) sidecar: Sidecar,
    /// The most bytes that this may grow to.
    pub(super) sidecar_bytes: u64,
    /// Threads that share the work of a large picture.
    pub(super) pool: &'a Pool,
    /// Whether the caller still wants the picture.
    pub(super) cancel: Cancel<'a>,
}

impl Subject<'_> {
    /// Makes a file. What decoders know afterwards is returned beside it.
    ///
    /// # Errors
    ///
    /// The edit has a wrong value, the file is damaged or has changed, or a limit is exceeded.
    pub(super) fn rendered(self, edit: &Edit) -> Result<(Rendition, Sidecar)> {
        let plan = planned(edit, self.facts)?;
        self.rendered_with(edit, &plan, Sampled::default())
    }

    /// The same by the plan of the edit, some of whose layers have been sampled.
    ///
    /// # Errors
    ///
    /// As [`rendered`](Self::rendered).
    pub(super) fn rendered_with(self, edit: &Edit, plan: &Plan, sampled: Sampled<'_>) -> Result<(Rendition, Sidecar)> {
        let facts = self.facts;
        let inputs: Vec<Digest> =
            [facts.digest].into_iter().chain(edit.custom().map(|custom| custom.facts().digest)).collect();
        self.made((edit, plan), sampled, true, |maker, drawn| {
            let passed = plan.stages(&[Some(facts.header)]);
            let value = direct::etag(&inputs, passed, |visit| edit.slots().each(visit));
            Ok(Rendition {
                bytes: maker.encode(plan, drawn)?,
                width: plan.reply.width,
                height: plan.reply.height,
                content_type: plan.output.format.mime(),
                version: direct::version(&inputs, facts.header.format.stages().iter().copied().collect()),
                etag: ETag { value, weak: false },
            })
        })
    }

    /// Makes pixels.
    ///
    /// # Errors
    ///
    /// As [`rendered`](Self::rendered); or the edit wants inks.
    pub(super) fn pixels(self, edit: &Edit) -> Result<(Pixels, Sidecar)> {
        let inks = || Error::request("fmt", "needs rgb or gray as pixel type of pixels");
        let plan = planned(edit, self.facts)?;
        self.made((edit, &plan), Sampled::default(), false, |_, drawn| {
            drawn.raster().and_then(|raster| Pixels::of(&raster)).ok_or_else(inks)
        })
    }

    /// Samples layers of several pictures for one decode. What decoders know afterwards is returned beside them.
    ///
    /// # Errors
    ///
    /// As [`rendered`](Self::rendered) for any of them; or together they need what is damaged or more than a limit allows.
    pub(super) fn sampled<'p>(self, plans: &[&'p Plan]) -> Result<(Vec<Sampled<'p>>, Sidecar)> {
        self.with_maker(&[], |maker, taken| maker.sample(plans, taken))
    }

    /// Draws, `as_file` if nothing but the file is wanted, and finishes.
    fn made<T>(
        self,
        (edit, plan): (&Edit, &Plan),
        sampled: Sampled<'_>,
        as_file: bool,
        finish: impl FnOnce(&Maker<'_>, Drawn) -> Result<T>,
    ) -> Result<(T, Sidecar)> {
        let profiles: Vec<_> = edit.custom().map(|custom| Some(custom.profile().clone())).into_iter().collect();
        self.with_maker(&profiles, |maker, taken| {
            let taken = vec![Some(taken)];
            let mut drawn = if as_file { maker.draw_file(plan, taken, sampled) } else { maker.draw(plan, taken) }?;
            let learned = drawn.learned.pop().flatten().unwrap_or_default();
            Ok((finish(maker, drawn)?, learned))
        })
    }

    fn with_maker<T>(
        self,
        profiles: &[Option<Profile>],
        work: impl FnOnce(&Maker<'_>, Taken<'_>) -> Result<T>,
    ) -> Result<T> {
        let Self { bytes, source, facts, sidecar, sidecar_bytes, pool, cancel } = self;
        caught(|| {
            let stop_watch = StopWatch::default();
            let _at_work = pool.at_work();
            let maker = Maker {
                cpu: Cpu::detect(CpuLevel::default()),
                pool,
                limits: &LIMITS,
                palette: Palette { profiles, transforms: TRANSFORMS.get_or_init(Transforms::default) },
                scratch: &SCRATCH,
                sidecar_bytes,
                altered: Altered::default(),
                cancel: cancel.until(now().checked_add(LIMITS.time)),
                stop_watch: &stop_watch,
            };
            work(&maker, Taken { bytes, header: &facts.header, sidecar, source })
        })
    }
}

/// The numbers of a picture.
///
/// # Errors
///
/// The edit has a wrong value, or a limit is exceeded.
pub(super) fn planned(edit: &Edit, facts: &Facts) -> Result<Plan> {
    let profiles: Vec<_> = edit.custom().map(|custom| Some(custom.facts())).into_iter().collect();
    caught(|| plan_with(&edit.scene()?, (&[Some(facts.header)], &profiles), &LIMITS))
}

/// The version of pictures that are made of a file alone.
pub(super) fn version(facts: &Facts) -> Version {
    direct::version(&[facts.digest], facts.header.format.stages().iter().copied().collect())
}

/// Fails if a file is longer than the limit.
///
/// # Errors
///
/// [`ErrorKind::Limit`].
pub(super) fn check_length(bytes: &[u8]) -> Result<()> {
    if bytes.len() as u64 > LIMITS.source_bytes {
        return Err(Error::new(ErrorKind::Limit, "is longer than the limit of source bytes"));
    }
    Ok(())
}
