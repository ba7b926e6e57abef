//! From open files to the bytes of a reply, with the checks that the files have held still: what the engine and the direct
//! API share.

use std::borrow::Cow;

use bytes::Bytes;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::Limits;
use crate::base::observe::{Stage, StopWatch, digested, picture_from, span};
use crate::base::pool::Pool;
use crate::base::stage::{Altered, ByteStage};
use crate::imaging::codec::{Buffers, RowEncoder, Sidecar, WriteLimits, is_foreign, is_unsupported, read_header};
use crate::imaging::color::Profile;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::header::{Format, Header};
use crate::imaging::pixel::palette::Indexed;
use crate::imaging::pixel::raster::Raster;
use crate::imaging::plan::Plan;
use crate::imaging::scene::InputId;
use crate::imaging::source::Source;

use super::convert::{profile_of, with_usable_space};
use super::finish::encode;
use super::indexed::{colored, indexed, write_indexed};
use super::kept::packet;
use super::palette::Palette;
use super::sampled::Sampled;
use super::scratch::Scratch;
use super::tools::{File, Files, Tools};
use super::{draw, straight, together};

/// The digest of a file's bytes, and its header, whose profile can be used if it names one. An error of the header counts once it is known that the file has not
/// changed meanwhile.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn look_into(bytes: &[u8], pool: &Pool, cancel: Cancel<'_>) -> Result<(Digest, Result<Header>)> {
    let digest = span!("digest", bytes = bytes.len()).enter(|| Digest::of_while(bytes, pool, cancel))?;
    digested(bytes.len());
    Ok((digest, caught(|| read_header(bytes).map(|header| with_usable_space(header, bytes)))))
}

/// A file that a plan names, with what is known of it.
pub(crate) struct Taken<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) header: &'a Header,
    /// What is known of the bytes.
    pub(crate) sidecar: Sidecar,
    /// Where the bytes come from; `None`: from memory that does not change.
    pub(crate) source: Option<&'a Source>,
}

/// What pictures are made with.
pub(crate) struct Maker<'a> {
    pub(crate) cpu: Cpu,
    /// Threads that share the work of a large picture.
    pub(crate) pool: &'a Pool,
    pub(crate) limits: &'a Limits,
    /// What colours are converted with.
    pub(crate) palette: Palette<'a>,
    pub(crate) scratch: &'a Scratch,
    /// The most bytes that a sidecar may grow to.
    pub(crate) sidecar_bytes: u64,
    /// The stage whose bytes a test changes.
    pub(crate) altered: Altered,
    pub(crate) cancel: Cancel<'a>,
    pub(crate) stop_watch: &'a StopWatch,
}

/// A picture that has been drawn.
pub(crate) struct Drawn {
    content: Content,
    /// The XMP packet that goes into the reply.
    xmp: Option<String>,
    /// The profile that goes into the reply.
    profile: Option<Profile>,
    /// What decoders know now of each file.
    pub(crate) learned: Vec<Option<Sidecar>>,
}

enum Content {
    Raster(Raster),
    /// Its pixels are numbers of a palette.
    Indexed(Indexed),
    /// All rows have been handed to the encoder.
    Rows(RowEncoder),
}

/// What of a picture that has been drawn goes into its file.
fn content(raster: Raster, plan: &Plan, tools: &Tools<'_>) -> Result<Content> {
    if plan.output.format.has_palette() {
        return indexed(&raster, plan, tools).map(Content::Indexed);
    }
    Ok(Content::Raster(raster))
}

impl Drawn {
    /// The pixels; `None` if they went [into a file](Maker::draw_file).
    pub(crate) fn raster(&self) -> Option<Cow<'_, Raster>> {
        match &self.content {
            Content::Raster(raster) => Some(Cow::Borrowed(raster)),
            Content::Indexed(indexed) => Some(Cow::Owned(colored(indexed))),
            Content::Rows(_) => None,
        }
    }
}

impl Maker<'_> {
    /// Draws the pixels of a reply. The files, by their place in the list of inputs, are checked before the result leaves
    /// this function.
    ///
    /// # Errors
    ///
    /// A file is damaged or has changed, a limit is exceeded, or the work is to be given up.
    pub(crate) fn draw(&self, plan: &Plan, taken: Vec<Option<Taken<'_>>>) -> Result<Drawn> {
        self.drawn(plan, taken, Sampled::default(), false)
    }

    /// The same of which nothing is wanted but the [file](Self::encode): the file may be written while the picture is drawn.
    /// Some layers may [have been sampled](Self::sample) before.
    ///
    /// # Errors
    ///
    /// As for [`draw`](Self::draw).
    pub(crate) fn draw_file(&self, plan: &Plan, taken: Vec<Option<Taken<'_>>>, sampled: Sampled<'_>) -> Result<Drawn> {
        self.drawn(plan, taken, sampled, true)
    }

    fn drawn(&self, plan: &Plan, taken: Vec<Option<Taken<'_>>>, sampled: Sampled<'_>, as_file: bool) -> Result<Drawn> {
        let described = plan.described.and_then(|input| taken.get(input.0)?.as_ref());
        // Pixels describe nothing, whatever their bytes look like.
        let described = described.filter(|taken| taken.header.format != Format::Raw).map(|taken| taken.bytes);
        let sources: Vec<&Source> = taken.iter().flatten().filter_map(|taken| taken.source).collect();
        let file = |Taken { bytes, header, sidecar, .. }| File { header, bytes, sidecar };
        let mut files = Files(taken.into_iter().map(|taken| taken.map(file)).collect());
        // If a file changed while it was mapped, a codec may panic. The check below then reports the change instead.
        let xmp = caught(|| match described {
            Some(bytes) => packet(bytes, self.limits.metadata_bytes, plan.output.keep),
            None => Ok(None),
        });
        // A packet that cannot be read is told of once it is known that the pixels are sound.
        let written = xmp.as_ref().ok().filter(|_| as_file && sampled.is_empty());
        let embedded = plan.space.filter(|_| plan.output.profile);
        let profile = caught(|| embedded.map(|space| profile_of(self.palette, &files, space)).transpose());
        let noted = profile.as_ref().ok().and_then(|profile| Some(&profile.as_ref()?.bytes()[..]));
        let drawn = caught(|| {
            self.scratch.lend(|scratch| {
                let mut tools = self.tools(scratch, sampled);
                let work =
                    || match written.and_then(|xmp| straight(plan, &mut files, &mut tools, (xmp.as_deref(), noted))) {
                        Some(rows) => rows.map(Content::Rows),
                        None => draw(plan, &mut files, &mut tools).and_then(|raster| content(raster, plan, &tools)),
                    };
                self.stop_watch.time(Stage::Draw, || span!("draw").enter(work))
            })
        });
        for source in &sources {
            source.check()?;
        }
        let unfinished = |error| unless_written(error, sources.iter().copied());
        let given_up = drawn.as_ref().is_err_and(|error| error.kind() == ErrorKind::Stopped);
        let xmp = if given_up { Ok(None) } else { xmp };
        let (xmp, content) = (xmp.map_err(unfinished)?, drawn.map_err(unfinished)?);
        let profile = profile.map_err(unfinished)?;
        let xmp = xmp.map(|packet| if self.altered.is(ByteStage::Xmp) { packet + " " } else { packet });
        let learned = files.0.into_iter().map(|file| file.map(|file| file.sidecar)).collect();
        Ok(Drawn { content, xmp, profile, learned })
    }

    /// Samples layers of several plans for one decode of the only file that they name; returns what decoders know then.
    ///
    /// # Errors
    ///
    /// The file is damaged, in parts that not all of the plans need, perhaps, or has changed; a limit is exceeded; or the work
    /// is to be given up.
    pub(crate) fn sample<'p>(&self, plans: &[&'p Plan], taken: Taken<'_>) -> Result<(Vec<Sampled<'p>>, Sidecar)> {
        let Taken { bytes, header, sidecar, source } = taken;
        let (input, file) = (InputId(0), File { header, bytes, sidecar });
        let mut files = Files::one(input, file);
        let sampled = caught(|| {
            self.scratch.lend(|scratch| {
                let mut tools = self.tools(scratch, Sampled::default());
                let work = || together::sampled(&mut tools, &mut files, input, plans);
                self.stop_watch.time(Stage::Draw, || span!("sample").enter(work))
            })
        });
        // What decoders learn of a file that has changed must not be kept.
        source.map_or(Ok(()), Source::check)?;
        Ok((sampled?, std::mem::take(&mut files.file_mut(input)?.sidecar)))
    }

    fn tools<'t>(&'t self, scratch: &'t mut Buffers, sampled: Sampled<'t>) -> Tools<'t> {
        Tools {
            cpu: self.cpu,
            pool: self.pool,
            limits: self.limits,
            palette: self.palette,
            scratch,
            idle: self.scratch,
            sidecar_bytes: self.sidecar_bytes,
            cancel: self.cancel,
            stop_watch: self.stop_watch,
            altered: self.altered,
            sampled,
        }
    }

    /// Writes the file of a reply.
    ///
    /// # Errors
    ///
    /// The file would be longer than a limit allows, or the work is to be given up.
    pub(crate) fn encode(&self, plan: &Plan, drawn: Drawn) -> Result<Bytes> {
        let Drawn { content, xmp, profile, .. } = drawn;
        let notes = (xmp.as_deref(), profile.as_ref().map(|profile| &profile.bytes()[..]));
        let span = span!("encode", format = plan.output.format.mime(), pixels = plan.reply.area(), bytes);
        let bounds = WriteLimits { limit: self.limits.reply_bytes, cancel: self.cancel, pool: self.pool };
        let work = || match content {
            Content::Raster(raster) => encode(self.cpu, &raster, &plan.output, notes, bounds),
            Content::Indexed(indexed) => write_indexed(&indexed, &plan.output, notes, bounds),
            Content::Rows(rows) => rows.finish(),
        };
        let mut file = self.stop_watch.time(Stage::Encode, || span.enter(work))?;
        if self.altered.is(plan.output.stage()) {
            file.push(0);
        }
        span.record("bytes", &file.len());
        picture_from("made");
        // Exactly as long as it is: what is stored is weighed by its length.
        Ok(file.into_boxed_slice().into())
    }
}

/// The error of work on files. A file that cannot be decoded and was written to just now may be incomplete: then asking
/// again helps. The error of a file of another format says which it is all the same, and one that names what is not supported
/// stays as it is.
pub(crate) fn unless_written<'a>(error: Error, sources: impl IntoIterator<Item = &'a Source>) -> Error {
    if is_unsupported(&error) {
        return error;
    }
    let mut sources = sources.into_iter().filter(|source| source.is_recent());
    let Some(recent) = sources.next().filter(|_| error.kind() == ErrorKind::Source) else { return error };
    let foreign = is_foreign(recent.bytes());
    let what = if foreign { error.what() } else { "is being written; ask again" };
    let unfinished =
        Error::new(ErrorKind::Unfinished, what).with_detail(&format_args!("{error}; it is not settled yet"));
    match error.place() {
        Some(place) => unfinished.at(place),
        None => unfinished,
    }
}
