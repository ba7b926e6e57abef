//! From the pixels of a view to numbers of a palette, and to the file of a reply.

use crate::base::error::Result;
use crate::base::stage::ByteStage;
use crate::imaging::codec::{Extras, IndexedEncoding, WriteLimits, encode_indexed};
use crate::imaging::kernel::quantize::{cut_out, quantize};
use crate::imaging::pixel::palette::{Indexed, PaletteKind, Transparency};
use crate::imaging::pixel::raster::{Layout, Plane, Raster};
use crate::imaging::plan::Plan;
use crate::imaging::scene::{Output, OutputFormat};

use super::finish::Notes;
use super::tools::Tools;

/// Chooses colours for a view and maps it to them; then the reply is cut out.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn indexed(view: &Raster, plan: &Plan, tools: &Tools<'_>) -> Result<Indexed> {
    let output = &plan.output;
    let background = output.background.rgb();
    let has_alpha = output.format.alpha() && !output.mask;
    let transparency = match output.format {
        OutputFormat::GifAlpha => Transparency::Key(background),
        // The entries of a fixed palette are opaque.
        _ if output.quantize.kind != PaletteKind::Adaptive => Transparency::Key(background),
        _ => Transparency::Entries,
    };
    let mut indexed = quantize(view, &output.quantize, transparency, tools.cancel)?;
    if let Some(cut) = plan.cut {
        let outside = match (output.mask, has_alpha, background) {
            // A mask is black where there is nothing.
            (true, ..) => [0, 0, 0, 255],
            (false, true, _) => [0; 4],
            (false, false, [r, g, b]) => [r, g, b, 255],
        };
        indexed = cut_out(indexed, cut.at, plan.reply, outside, tools.cancel)?;
    }
    for entry in &mut indexed.palette {
        tools.altered.change(ByteStage::Quantize, &mut entry[..3]);
    }
    Ok(indexed)
}

/// Writes the file of a reply.
///
/// # Errors
///
/// The file is longer than the limit, or the work is to be given up.
pub(super) fn write_indexed(
    indexed: &Indexed,
    output: &Output,
    (xmp, profile): Notes<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Vec<u8>> {
    let encoding = match output.format {
        OutputFormat::Gif | OutputFormat::GifAlpha => IndexedEncoding::Gif,
        _ => IndexedEncoding::Png,
    };
    encode_indexed(indexed, encoding, Extras { dpi: output.dpi, xmp, profile }, bounds)
}

/// The pixels in the colours of their palette, with alpha if any of these has.
pub(super) fn colored(indexed: &Indexed) -> Raster {
    let layout = Layout::RGB.with_alpha(indexed.palette.iter().any(|entry| entry[3] < 255));
    let plane = |component: usize| {
        let mut plane = Plane::filled(indexed.indices.size(), 0);
        for (sample, &index) in plane.samples_mut().iter_mut().zip(indexed.indices.samples()) {
            *sample = indexed.palette.get(usize::from(index)).map_or(0, |entry| entry[component]);
        }
        plane
    };
    Raster::from_planes((0..layout.planes()).map(plane).collect(), layout)
}
