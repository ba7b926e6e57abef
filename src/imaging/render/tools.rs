//! What a renderer works with: files, and everything that decoding takes.

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Shrink, Window};
use crate::base::limits::Limits;
use crate::base::observe::{Stage, StopWatch, span};
use crate::base::pool::Pool;
use crate::base::stage::{Altered, ByteStage, Eighth};
use crate::imaging::codec::{Buffers, Job, Output, Sidecar, decode, decode_all};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::picture::{AnyPicture, Picture};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Raster, Row, RowSink, Sample, WideRow};
use crate::imaging::plan::KEPT_FROM;
use crate::imaging::scene::InputId;

use super::palette::Palette;
use super::sampled::Sampled;
use super::scratch::Scratch;

/// A picture file.
pub(crate) struct File<'a> {
    pub(crate) header: &'a Header,
    pub(crate) bytes: &'a [u8],
    /// What is known of the bytes; decoding adds to it.
    pub(crate) sidecar: Sidecar,
}

/// The files that a plan names, by their place in the list of inputs.
pub(crate) struct Files<'a>(pub(crate) Vec<Option<File<'a>>>);

impl<'a> Files<'a> {
    /// One file alone.
    pub(super) fn one(input: InputId, file: File<'a>) -> Self {
        let mut files: Vec<_> = (0..input.0).map(|_| None).collect();
        files.push(Some(file));
        Self(files)
    }

    /// # Errors
    ///
    /// The plan names a file that was not opened.
    pub(super) fn file(&self, input: InputId) -> Result<&File<'a>> {
        self.0.get(input.0).and_then(Option::as_ref).ok_or_else(missing)
    }

    /// # Errors
    ///
    /// As [`file`](Self::file).
    pub(super) fn file_mut(&mut self, input: InputId) -> Result<&mut File<'a>> {
        self.0.get_mut(input.0).and_then(Option::as_mut).ok_or_else(missing)
    }
}

fn missing() -> Error {
    Error::new(ErrorKind::Internal, "names a file that is not open").at("plan")
}

/// What files are decoded with.
pub(crate) struct Tools<'a> {
    pub(crate) cpu: Cpu,
    /// Threads that may help.
    pub(crate) pool: &'a Pool,
    pub(crate) limits: &'a Limits,
    /// What colours are converted with.
    pub(crate) palette: Palette<'a>,
    pub(crate) scratch: &'a mut Buffers,
    /// Buffers for other threads.
    pub(crate) idle: &'a Scratch,
    /// The most bytes that a sidecar may grow to.
    pub(crate) sidecar_bytes: u64,
    pub(crate) cancel: Cancel<'a>,
    pub(crate) stop_watch: &'a StopWatch,
    /// The stage whose bytes a test changes.
    pub(crate) altered: Altered,
    /// Layers that have been sampled together with those of other pictures.
    pub(crate) sampled: Sampled<'a>,
}

impl Tools<'_> {
    /// What it takes to decode a window.
    pub(super) fn job<'j>(&'j mut self, file: &'j mut File<'_>, window: Window, shrink: Shrink) -> Job<'j> {
        Job {
            window,
            shrink,
            cpu: self.cpu,
            pool: self.pool,
            decoded_bytes: self.limits.decoded_bytes,
            scratch: self.scratch,
            sidecar: &mut file.sidecar,
            sidecar_bytes: if (file.bytes.len() as u64) < KEPT_FROM { 0 } else { self.sidecar_bytes },
            cancel: self.cancel,
            reference: false,
        }
    }

    /// Decodes a window and hands its rows to `sink`.
    ///
    /// # Errors
    ///
    /// The file is damaged, a limit is exceeded, or the sink fails.
    pub(super) fn decode(
        &mut self,
        file: &mut File<'_>,
        window: Window,
        shrink: Shrink,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let pixels = u64::from(window.width) * u64::from(window.height);
        let span = span!(
            "decode",
            format = file.header.format.name(),
            width = file.header.stored.width,
            height = file.header.stored.height,
            shrink = shrink.factor(),
            pixels = pixels,
            known = file.sidecar.bytes(),
        );
        let (stop_watch, bytes, header) = (self.stop_watch, file.bytes, file.header);
        let altered = self.altered;
        let mut altering;
        let sink: &mut dyn RowSink = match header.format.stages().iter().copied().find(|stage| altered.is(*stage)) {
            Some(stage) => {
                altering = Altering { sink, altered, stage };
                &mut altering
            }
            None => sink,
        };
        let mut job = self.job(file, window, shrink);
        let work = || decode(bytes, header, &mut job, sink);
        stop_watch.time(Stage::Decode, || span.enter(work))
    }

    /// Decodes several windows and hands their rows to their sinks.
    ///
    /// # Errors
    ///
    /// As for [`decode_all`].
    pub(super) fn decode_all(&mut self, file: &mut File<'_>, outputs: Vec<Output<'_>>) -> Result<()> {
        let Some(first) = outputs.first() else { return Ok(()) };
        let (stop_watch, bytes, header) = (self.stop_watch, file.bytes, file.header);
        let mut job = self.job(file, first.window, first.shrink);
        let span = span!("decode all", format = header.format.name(), outputs = outputs.len());
        stop_watch.time(Stage::Decode, || span.enter(|| decode_all(bytes, header, &mut job, outputs)))
    }
}

impl Tools<'_> {
    /// Changes the colours of a picture that a stage has made, if a test changes that stage.
    pub(super) fn made(&self, stage: ByteStage, picture: AnyPicture) -> AnyPicture {
        let altered = self.altered;
        match picture {
            AnyPicture::Bytes(picture) => {
                AnyPicture::Bytes(Picture { raster: changed(altered, stage, picture.raster), ..picture })
            }
            AnyPicture::Wide(picture) => {
                AnyPicture::Wide(Picture { raster: changed(altered, stage, picture.raster), ..picture })
            }
        }
    }
}

/// Changes the colours of a raster that a stage has made, if a test changes that stage.
pub(super) fn changed<S: Sample + Eighth>(altered: Altered, stage: ByteStage, mut raster: Raster<S>) -> Raster<S> {
    if altered.is(stage) {
        let (colors, _) = raster.split_alpha_mut();
        colors.iter_mut().for_each(|plane| altered.change(stage, plane.samples_mut()));
    }
    raster
}

/// Changes the colours of rows on their way from a decoder.
struct Altering<'a> {
    sink: &'a mut dyn RowSink,
    altered: Altered,
    stage: ByteStage,
}

impl RowSink for Altering<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        let colors = usize::from(row.layout().colors);
        for samples in &mut row.planes_mut()[..colors] {
            self.altered.change(self.stage, samples);
        }
        self.sink.row(row)
    }

    fn takes_wide(&self) -> bool {
        self.sink.takes_wide()
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        let colors = usize::from(row.layout().colors);
        for samples in &mut row.planes_mut()[..colors] {
            self.altered.change(self.stage, samples);
        }
        self.sink.wide_row(row)
    }
}
