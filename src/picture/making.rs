//! The way from an edit to a picture, which is the engine's behind the scene.

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::clock::now;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::etag::ETag;
use crate::base::limits::Limits;
use crate::base::observe::StopWatch;
use crate::base::pool::Pool;
use crate::base::stage::Altered;
use crate::base::version::Version;
use crate::engine::versioning::direct;
use crate::imaging::codec::Sidecar;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::header::Facts;
use crate::imaging::plan::{Plan, plan};
use crate::imaging::render::{Drawn, Maker, Scratch, Taken};
use crate::imaging::source::Source;

use super::edit::Edit;
use super::pixels::Pixels;
use super::rendition::Rendition;

/// What one picture may cost.
pub(super) const LIMITS: Limits = Limits::new();

/// Memory for buffers that wait for the next picture of the process to be decoded, in bytes.
const SCRATCH_BYTES: usize = 32 << 20;

static SCRATCH: Scratch = Scratch::new(SCRATCH_BYTES);

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
        let facts = self.facts;
        self.made(edit, true, |maker, plan, drawn| {
            let passed = plan.stages(&[Some(facts.header)]);
            let value = direct::etag(&[facts.digest], passed, |visit| edit.slots().each(visit));
            Ok(Rendition {
                bytes: maker.encode(plan, drawn)?,
                width: plan.reply.width,
                height: plan.reply.height,
                content_type: plan.output.format.mime(),
                version: version(facts),
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
        self.made(edit, false, |_, _, drawn| drawn.raster().and_then(Pixels::of).ok_or_else(inks))
    }

    /// Draws, `as_file` if nothing but the file is wanted, and finishes.
    fn made<T>(
        self,
        edit: &Edit,
        as_file: bool,
        finish: impl FnOnce(&Maker<'_>, &Plan, Drawn) -> Result<T>,
    ) -> Result<(T, Sidecar)> {
        let Self { bytes, source, facts, sidecar, sidecar_bytes, pool, cancel } = self;
        caught(|| {
            let plan = plan(&edit.scene()?, &[Some(facts.header)], &LIMITS)?;
            let stop_watch = StopWatch::default();
            let _at_work = pool.at_work();
            let maker = Maker {
                cpu: Cpu::detect(CpuLevel::default()),
                pool,
                limits: &LIMITS,
                scratch: &SCRATCH,
                sidecar_bytes,
                altered: Altered::default(),
                cancel: cancel.until(now().checked_add(LIMITS.time)),
                stop_watch: &stop_watch,
            };
            let taken = Taken { bytes, header: &facts.header, sidecar, source };
            let taken = vec![Some(taken)];
            let mut drawn = if as_file { maker.draw_file(&plan, taken) } else { maker.draw(&plan, taken) }?;
            let learned = drawn.learned.pop().flatten().unwrap_or_default();
            Ok((finish(&maker, &plan, drawn)?, learned))
        })
    }
}

/// The version of pictures that are made of a file alone.
pub(super) fn version(facts: &Facts) -> Version {
    direct::version(&[facts.digest], facts.header.format.stage().into_iter().collect())
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
