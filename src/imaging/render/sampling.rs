//! From the rows of a window to samples.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Filter, Size, Window};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::resample::Resampling;
use crate::imaging::kernel::resample::alpha::AlphaResampler;
use crate::imaging::kernel::resample::deep::DeepResampler;
use crate::imaging::kernel::resample::inks::InkResampler;
use crate::imaging::kernel::resample::linear::LinearResampler;
use crate::imaging::kernel::sink::collect::{Collector, WideCollector};
use crate::imaging::kernel::sink::mask::Masked;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{AnyRaster, Canvas, Here, Layout, Plane, Raster, Row, RowSink, RowStage, WideRow};
use crate::imaging::plan::{LayerDrawing, Samples};

use super::pixels::{Form, Source};
use super::relay::relayed;
use super::tools::{Files, Tools};

/// How rows are sampled.
#[derive(Clone, Copy)]
pub(super) struct Sampling {
    filter: Filter,
    mask_use: MaskUse,
    /// Of rows before and after they are masked.
    incoming: Layout,
    layout: Layout,
    /// Samples beyond the pixels are transparent, which needs a component of its own.
    add_alpha: bool,
    /// Rows have 16 bits.
    wide: bool,
    /// Samples are weighed in linear light.
    linear: bool,
}

impl Sampling {
    pub(super) fn new(form: Form, layer: &LayerDrawing, has_mask: bool, filter: Filter) -> Self {
        let layout = layer.mask_use.layout(form.layout, has_mask);
        let add_alpha = layer.samples.margins && !layout.alpha;
        let (wide, linear) = (form.wide, layer.linear);
        Self { filter, mask_use: layer.mask_use, incoming: form.layout, layout, add_alpha, wide, linear }
    }

    /// The components of samples.
    pub(super) fn sampled(&self) -> Layout {
        self.layout.with_alpha(self.layout.alpha || self.add_alpha)
    }

    /// Samples have 8 bits on their way: those of rows have, and there is no alpha but that of margins.
    pub(super) const fn keeps_bytes(&self) -> bool {
        !self.layout.alpha && !self.wide && !self.linear
    }

    /// A canvas of zeros for samples.
    pub(super) fn canvas(&self, samples: &Samples) -> Raster {
        Raster::zeroed(Size::new(samples.x.len, samples.y.len), self.sampled())
    }

    /// Samples the rows of a window that is not empty.
    pub(super) fn rows(
        &self,
        tools: &mut Tools<'_>,
        files: &mut Files<'_>,
        source: &Source,
        samples: &Samples,
        mask: Option<Plane>,
    ) -> Result<AnyRaster> {
        Ok(self.onto(tools, files, source, (samples, mask), || self.canvas(samples))?.into())
    }

    /// The same onto a canvas of zeros, if samples [keep 8 bits](Self::keeps_bytes).
    pub(super) fn onto<C: Canvas>(
        &self,
        tools: &mut Tools<'_>,
        files: &mut Files<'_>,
        source: &Source,
        (samples, mask): (&Samples, Option<Plane>),
        out: impl FnOnce() -> C,
    ) -> Result<Made<C>> {
        let Some(window) = samples.window else { return Ok(Made::Canvas(out())) };
        let mut sampler = self.sampler(tools.cpu, samples, window, out);
        let rows = |tools: &mut Tools<'_>, sink: &mut dyn RowSink| {
            source.rows(tools, files, window, samples.shrink, &mut self.masked(sink, mask, window))
        };
        if self.wide || matches!(sampler, Sampler::Collector(_)) {
            // A collector does too little for another thread, which gets no wide rows.
            let cancel = tools.cancel;
            rows(tools, &mut Here { stage: &mut sampler, cancel })?;
        } else {
            relayed(tools, window, &mut sampler, rows)?;
        }
        sampler.finish(tools.cancel)
    }

    /// What samples rows that are masked, onto a canvas of zeros if samples [keep 8 bits](Self::keeps_bytes).
    pub(super) fn sampler<C: Canvas>(
        self,
        cpu: Cpu,
        samples: &Samples,
        window: Window,
        out: impl FnOnce() -> C,
    ) -> Sampler<C> {
        let (axes, filter, layout) = ((&samples.x, &samples.y), self.filter, self.layout);
        if is_unscaled(samples) {
            return match self.sampled() {
                // Colours that are not multiplied by alpha are bytes.
                sampled if self.wide && !sampled.alpha => Sampler::WideCollector(WideCollector::new(window, layout)),
                _ => Sampler::Collector(Collector::onto(axes, window, out())),
            };
        }
        if self.linear {
            let rows = (layout, self.wide);
            let resampler = LinearResampler::new(cpu, axes, filter, window, rows, self.add_alpha);
            return Sampler::Linear(Box::new(resampler));
        }
        if self.wide {
            return Sampler::Deep(Box::new(DeepResampler::new(cpu, axes, filter, window, layout, self.add_alpha)));
        }
        if layout.alpha && layout.is_cmyk() {
            return Sampler::Inks(Box::new(InkResampler::new(cpu, axes, filter, window)));
        }
        if layout.alpha {
            return Sampler::Alpha(Box::new(AlphaResampler::new(cpu, axes, filter, window, layout)));
        }
        Sampler::Resampling(Box::new(Resampling::onto(cpu, axes, filter, window, layout, out())))
    }

    /// What masks the rows of the window on their way to a sampler.
    pub(super) fn masked<'s>(self, sampler: &'s mut dyn RowSink, mask: Option<Plane>, window: Window) -> Masked<'s> {
        Masked::new(sampler, mask, self.mask_use, window.width, self.incoming)
    }
}

/// Each sample is a pixel as it is. Unscaled pixels keep their exact colours under alpha: they are not premultiplied.
pub(super) const fn is_unscaled(samples: &Samples) -> bool {
    samples.x.is_identity() && samples.y.is_identity()
}

/// Takes the rows of a window and makes samples of them.
pub(super) enum Sampler<C> {
    Collector(Collector<C>),
    WideCollector(WideCollector),
    Deep(Box<DeepResampler>),
    Resampling(Box<Resampling<C>>),
    Alpha(Box<AlphaResampler>),
    Inks(Box<InkResampler>),
    Linear(Box<LinearResampler>),
}

/// Samples: on their canvas, or in a picture of their own.
pub(super) enum Made<C> {
    Canvas(C),
    Picture(AnyRaster),
}

impl From<Made<Raster>> for AnyRaster {
    fn from(made: Made<Raster>) -> Self {
        match made {
            Made::Canvas(raster) => Self::Bytes(raster),
            Made::Picture(raster) => raster,
        }
    }
}

impl<C: Canvas> Sampler<C> {
    /// The samples, once all rows have come.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn finish(self, cancel: Cancel<'_>) -> Result<Made<C>> {
        Ok(match self {
            Self::Collector(collector) => Made::Canvas(collector.finish()),
            Self::WideCollector(collector) => Made::Picture(AnyRaster::Wide(collector.finish())),
            Self::Deep(resampler) => Made::Picture(AnyRaster::Wide(resampler.finish())),
            Self::Resampling(resampling) => Made::Canvas(resampling.finish()),
            Self::Alpha(resampler) => Made::Picture(resampler.finish(cancel)?),
            Self::Inks(resampler) => Made::Picture(resampler.finish(cancel)?),
            Self::Linear(resampler) => Made::Picture(resampler.finish(cancel)?),
        })
    }
}

impl<C: Canvas> RowStage for Sampler<C> {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        match self {
            Self::Collector(collector) => collector.row(row, cancel),
            Self::WideCollector(collector) => collector.row(row, cancel),
            Self::Deep(resampler) => resampler.row(row, cancel),
            Self::Resampling(resampling) => resampling.row(row, cancel),
            Self::Alpha(resampler) => resampler.row(row, cancel),
            Self::Inks(resampler) => resampler.row(row, cancel),
            Self::Linear(resampler) => resampler.row(row, cancel),
        }
    }

    fn takes_wide(&self) -> bool {
        match self {
            Self::Collector(collector) => collector.takes_wide(),
            Self::WideCollector(collector) => collector.takes_wide(),
            Self::Deep(resampler) => resampler.takes_wide(),
            Self::Linear(resampler) => resampler.takes_wide(),
            Self::Resampling(_) | Self::Alpha(_) | Self::Inks(_) => false,
        }
    }

    fn wide_row(&mut self, row: &mut WideRow, cancel: Cancel<'_>) -> Result<()> {
        match self {
            Self::Collector(collector) => collector.wide_row(row, cancel),
            Self::WideCollector(collector) => collector.wide_row(row, cancel),
            Self::Deep(resampler) => resampler.wide_row(row, cancel),
            Self::Resampling(resampling) => resampling.wide_row(row, cancel),
            Self::Alpha(resampler) => resampler.wide_row(row, cancel),
            Self::Inks(resampler) => resampler.wide_row(row, cancel),
            Self::Linear(resampler) => resampler.wide_row(row, cancel),
        }
    }
}
