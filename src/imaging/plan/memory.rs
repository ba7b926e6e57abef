//! What drawing holds at once, and that no layer takes more than the limit.

use crate::base::error::Result;
use crate::base::geom::Filter;
use crate::base::limits::{Limits, over_decoded_bytes};

use super::drawing::{Drawing, LayerDrawing, Operations, Plan, Samples};
use super::reading::Reading;

/// Three colours and alpha at most. Four inks become three colours in their own place.
const COMPONENTS: u64 = 4;

/// Pixels of a window that are handed to another thread at once, about; at least a row. There are two such pieces.
pub(crate) const RELAYED: u64 = if cfg!(test) { 1 << 10 } else { 1 << 18 };
/// Bytes of a pixel of 16 bits.
const PIXEL: u64 = 8;

/// Bytes behind the samples of a row.
const PADDING: u64 = 32;

impl Plan {
    /// Bytes that drawing and encoding hold at once, about: samples, a copy of them on the way through operations, what
    /// resampling takes, the reply twice, and what its encoder takes.
    pub(crate) fn bytes(&self) -> u64 {
        let layers = |drawing: &Drawing| {
            let layer = |layer: &LayerDrawing| {
                layer.bytes(drawing.filter).saturating_add(layer.nested().map(Self::bytes).sum::<u64>())
            };
            drawing.layers.iter().map(layer).sum::<u64>()
        };
        let reply = (2 * COMPONENTS + self.output.format.encoder_bytes()) * self.drawn().area();
        self.drawing.as_ref().map_or(0, layers).saturating_add(reply)
    }
}

impl Drawing {
    /// # Errors
    ///
    /// The samples of a layer, with what it takes to make them, exceed the limit of decoded bytes.
    pub(super) fn check_bytes(&self, limits: &Limits) -> Result<()> {
        let tones =
            |operations: &Operations| operations.tones.as_ref().map_or(Ok(()), |tones| tones.check_bytes(limits));
        for layer in &self.layers {
            if layer.bytes(self.filter) > limits.decoded_bytes {
                return Err(over_decoded_bytes());
            }
            tones(&layer.operations)?;
        }
        tones(&self.operations)
    }
}

impl LayerDrawing {
    fn bytes(&self, filter: Filter) -> u64 {
        let planes = u64::from(self.colors) + u64::from(self.alpha);
        // Samples that colours are multiplied by alpha in have two bytes, and operations make both depths of them. Samples of
        // 16 bits become bytes, and so does light.
        let wide = self.alpha || self.wide || self.linear;
        let sample = if wide { 3 } else { 1 };
        let drawn = self.samples.area() * sample * 2 * COMPONENTS;
        let samples = self.samples.bytes(filter, planes, wide).saturating_add(drawn);
        samples.saturating_add(self.samples.relayed_bytes(planes))
    }
}

impl Samples {
    /// Two pieces of the window, of which one is made while another thread takes the other. Without that thread less is
    /// held, but the limit is the same.
    fn relayed_bytes(&self, planes: u64) -> u64 {
        let Some(window) = self.window else { return 0 };
        let (width, height) = (u64::from(window.width), u64::from(window.height));
        let rows = (RELAYED / width.max(1)).clamp(1, height.max(1));
        2 * rows * (width + PADDING) * planes
    }

    /// What resampling takes beside its result: the tables, and the rows that wait for the last one of a sample.
    fn bytes(&self, filter: Filter, planes: u64, wide: bool) -> u64 {
        let Some(window) = self.window else { return 0 };
        if self.x.is_identity() && self.y.is_identity() {
            return 0;
        }
        let (x, y) = (Reading::of(&self.x, filter), Reading::of(&self.y, filter));
        let rows = (y.taps + 1).min(u64::from(window.height));
        let bytes =
            x.bytes().saturating_add(y.bytes()).saturating_add(rows * (u64::from(window.width) + PADDING) * planes);
        if !wide {
            return bytes;
        }
        // Of inks, black has a resampler of its own. It takes no more than that of the others.
        let resamplers = if planes > COMPONENTS { 2 } else { 1 };
        // Tables of four bytes a coefficient; the same rows between the passes, and a row of products.
        let passed = rows * x.len * (PIXEL + 1) + u64::from(window.width) * (2 * PIXEL + 2);
        bytes
            .saturating_add(x.wide_bytes())
            .saturating_add(y.wide_bytes())
            .saturating_add(passed)
            .saturating_mul(resamplers)
    }
}
