//! From the components of a file to those that pictures are drawn in.
//!
//! Decoders and resamplers keep the components that a file has. Inks change behind sampling, before anything else is done to a
//! layer: by their profile, or else here by a plain formula. So inks are averaged as inks, and few pixels are converted.

use crate::base::error::Result;
use crate::imaging::kernel::color::from_cmyk;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};

use super::tools::Tools;

/// The samples of a layer in gray or RGB, with 16 bits only where the layer has alpha of its own (`depth`).
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn without_inks(tools: &Tools<'_>, (picture, depth): (AnyPicture, Depth)) -> Result<AnyPicture> {
    Ok(match picture {
        AnyPicture::Wide(_) if depth == Depth::Bytes => AnyPicture::Bytes(picture.rounded(tools.cancel)?),
        AnyPicture::Bytes(picture) => {
            let raster = from_cmyk(picture.raster, picture.premultiplied, tools.cancel)?;
            AnyPicture::Bytes(Picture { raster, ..picture })
        }
        AnyPicture::Wide(picture) => {
            let raster = from_cmyk(picture.raster, true, tools.cancel)?;
            AnyPicture::Wide(Picture { raster, ..picture })
        }
    })
}

#[cfg(test)]
#[path = "native_tests.rs"]
mod tests;
