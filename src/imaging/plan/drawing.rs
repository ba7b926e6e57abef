//! The plan as a value: every number that drawing a reply takes, and nothing else.

use std::ops::Range;
use std::sync::Arc;

use crate::base::geom::affine::Affine;
use crate::base::geom::{Axis, Filter, Orientation, Rect, Shrink, Size, Window};
use crate::imaging::pixel::color::Color;
use crate::imaging::pixel::operation::{MaskUse, Operation};
use crate::imaging::scene::{InputId, Output};

use super::color::{Conversion, SpaceRef};

/// The numbers of one reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Size of the reply.
    pub(crate) reply: Size,
    /// The view that is drawn in place of the reply, if the reply is cut out of it at the end.
    pub(crate) cut: Option<Cut>,
    /// `None`: the reply shows nothing of the picture, or is not a picture.
    pub(crate) drawing: Option<Drawing>,
    pub(crate) output: Output,
    /// From the finished picture to the pixel type of the reply; `None`: by plain formulas.
    pub(crate) conversion: Option<Conversion>,
    /// The space of the reply; `None`: it is not known.
    pub(crate) space: Option<SpaceRef>,
    /// The file of whose metadata the reply keeps something.
    pub(crate) described: Option<InputId>,
}

/// Where a reply lies in the view that is drawn as a whole, because its palette is that of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The size of the view.
    pub(crate) view: Size,
    /// The top-left corner of the reply, which may reach beyond the view.
    pub(crate) at: (i64, i64),
}

/// How to draw the part of a composite that a reply shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// From the bottom up. All are drawn for the same part of the view.
    pub(crate) layers: Vec<LayerDrawing>,
    /// On the composite.
    pub(crate) operations: Operations,
    /// Of the composite's colours, after its operations.
    pub(crate) conversion: Option<Conversion>,
    /// What layers are resampled with.
    pub(crate) filter: Filter,
    /// What is drawn, in view pixels: the part that is delivered and what its operations read.
    pub(crate) sampled: Rect,
    /// The part of the view that shows the composite; operations repeat its border pixels.
    pub(crate) visible: Rect,
    /// The part of it that is delivered.
    pub(crate) delivered: Rect,
    /// Where that goes in the reply.
    pub(crate) at: (u32, u32),
    /// The picture has several layers, whether or not more than one shows here.
    pub(crate) composed: bool,
}

/// How to draw one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerDrawing {
    pub(crate) pixels: Pixels,
    /// Components of the pixels without alpha: 1, 3 or 4.
    pub(crate) colors: u8,
    /// Samples of the pixels have 16 bits.
    pub(crate) wide: bool,
    /// There may be alpha in the rows that are sampled: the pixels' own, or a mask.
    pub(crate) alpha: bool,
    pub(crate) mask: Option<Pixels>,
    pub(crate) mask_use: MaskUse,
    pub(crate) samples: Samples,
    /// The samples are weighed in linear light: not where each is a pixel as it is, and not of inks.
    pub(crate) linear: bool,
    /// Where the samples lie: in view pixels, or in the frame of the warp.
    pub(crate) sampled: Rect,
    /// The whole that the samples are a part of, in the same pixels: the part of the view that shows the composite, or the
    /// frame of the warp. It holds the transparent surroundings of the layer, which the layer's operations read like its
    /// pixels. Beyond it they repeat its border pixels.
    pub(crate) whole: Rect,
    /// On the samples.
    pub(crate) operations: Operations,
    /// Of its colours, after its operations; of inks before them.
    pub(crate) conversion: Option<Conversion>,
    /// Lies under the samples.
    pub(crate) color: Option<Fill>,
    /// What turns the samples by any angle; `None`: they are the view's pixels.
    pub(crate) warp: Option<Warp>,
    /// Lies under the turned samples.
    pub(crate) bg_color: Option<Fill>,
}

/// Where pixels come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pixels {
    File(InputId),
    /// The reply of another plan, without background.
    Plan(Arc<Plan>),
}

/// Operations, and what they have to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Operations {
    /// In order.
    pub(crate) list: Vec<Operation>,
    /// A small drawing of the whole, whose tones an operation needs to know.
    pub(crate) tones: Option<Box<Drawing>>,
}

/// A colour that lies under a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) color: Color,
    /// To the space of the layer; `None`: by plain formulas.
    pub(crate) conversion: Option<Conversion>,
    pub(crate) cover: Cover,
}

/// What a fill covers. Axes are horizontal and vertical.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cover {
    /// The axes of a rectangle; `None`: all.
    pub(crate) rectangle: Option<(Axis, Axis)>,
    pub(crate) gap: Option<Gap>,
}

/// A rectangle that a fill leaves out, but for a rectangle inside it: what a crop reaches, and what of that is content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) outer: (Axis, Axis),
    pub(crate) inner: (Axis, Axis),
}

/// Samples of stored pixels, before anything happens to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Samples {
    pub(crate) shrink: Shrink,
    /// The stored pixels to decode, at that shrink; `None`: only transparent surroundings show.
    pub(crate) window: Option<Window>,
    /// Samples along the stored picture's axes, in pixels at that shrink.
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// Some of the samples lie beyond the content or its crop, where it is transparent.
    pub(crate) margins: bool,
    /// Turns the sampled pixels upright.
    pub(crate) orientation: Orientation,
}

impl Samples {
    /// Some rows of the samples, counted along the stored vertical axis, as a tile of their own; `None` if nothing of the
    /// content shows in them.
    pub(crate) fn rows(&self, rows: Range<u32>, filter: Filter) -> Option<Self> {
        let y = Axis {
            len: rows.end - rows.start,
            first: self.y.first + i64::from(rows.start) * self.y.step,
            ..self.y.clone()
        };
        let (window, span) = (self.window?, y.span(filter)?);
        let window = Window { y: span.start, height: span.end - span.start, ..window };
        Some(Self { window: Some(window), y, ..self.clone() })
    }

    pub(super) fn area(&self) -> u64 {
        u64::from(self.x.len) * u64::from(self.y.len)
    }
}

/// A rotation of the sampled box by an angle that is no multiple of 90°.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Warp {
    /// Size of the whole box at the scale of the samples.
    pub(crate) frame: Size,
    /// From view pixels to the box.
    pub(crate) map: Affine,
}

impl Plan {
    /// The size of what is drawn.
    pub(crate) fn drawn(&self) -> Size {
        self.cut.map_or(self.reply, |cut| cut.view)
    }

    /// The files that drawing reads, each once.
    pub(crate) fn files(&self) -> Vec<InputId> {
        let mut files: Vec<InputId> = self.described.into_iter().collect();
        if let (true, Some(SpaceRef::Embedded(file))) = (self.output.profile, self.space) {
            files.push(file);
        }
        files.extend(self.conversion.iter().flat_map(Conversion::files));
        if let Some(drawing) = &self.drawing {
            drawing.add_files(&mut files);
        }
        files.sort_unstable();
        files.dedup();
        files
    }
}

impl Drawing {
    /// The layers that are drawn, those of small drawings and of nested plans included.
    pub(crate) fn layer_count(&self) -> usize {
        let tones = |operations: &Operations| operations.tones.as_ref().map_or(0, |tones| tones.layer_count());
        let drawn = |plan: &Plan| plan.drawing.as_ref().map_or(0, Self::layer_count);
        let layers = |layer: &LayerDrawing| 1 + tones(&layer.operations) + layer.nested().map(drawn).sum::<usize>();
        self.layers.iter().map(layers).sum::<usize>() + tones(&self.operations)
    }
}

impl LayerDrawing {
    /// The plans that it draws first.
    pub(super) fn nested(&self) -> impl Iterator<Item = &Plan> {
        [Some(&self.pixels), self.mask.as_ref()].into_iter().flatten().filter_map(|pixels| match pixels {
            Pixels::File(_) => None,
            Pixels::Plan(plan) => Some(&**plan),
        })
    }
}

impl Drawing {
    fn add_files(&self, files: &mut Vec<InputId>) {
        for layer in &self.layers {
            // A layer of which nothing shows is not decoded.
            if layer.samples.window.is_some() {
                let mask = layer.mask.as_ref().filter(|_| layer.mask_use != MaskUse::Off);
                for pixels in [Some(&layer.pixels), mask].into_iter().flatten() {
                    match pixels {
                        Pixels::File(file) => files.push(*file),
                        Pixels::Plan(plan) => files.extend(plan.files()),
                    }
                }
            }
            layer.operations.add_files(files);
            let fills =
                [&layer.color, &layer.bg_color].into_iter().flatten().filter_map(|fill| fill.conversion.as_ref());
            files.extend(layer.conversion.iter().chain(fills).flat_map(Conversion::files));
        }
        files.extend(self.conversion.iter().flat_map(Conversion::files));
        self.operations.add_files(files);
    }
}

impl Operations {
    /// Nothing is done.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.tones.is_none()
    }

    fn add_files(&self, files: &mut Vec<InputId>) {
        if let Some(tones) = &self.tones {
            tones.add_files(files);
        }
    }
}
