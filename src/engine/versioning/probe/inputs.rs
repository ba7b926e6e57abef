//! The inputs of probes: files that other encoders wrote, metadata, and pictures that are computed.

use crate::base::geom::Size;
use crate::imaging::pixel::raster::{Layout, Raster};

/// BMP files: of 24 bits, with palettes, of fields of bits with alpha, of run lengths.
pub(super) const BMP_FILES: [&[u8]; 5] = [
    include_bytes!("../probes/bilevel.bmp"),
    include_bytes!("../probes/fields.bmp"),
    include_bytes!("../probes/indexed.bmp"),
    include_bytes!("../probes/rgb.bmp"),
    include_bytes!("../probes/runs.bmp"),
];

/// GIF files: interlaced, and with alpha.
pub(super) const GIF_FILES: [&[u8]; 2] =
    [include_bytes!("../probes/interlaced.gif"), include_bytes!("../probes/transparent.gif")];

/// JPEG files: sequential with restart markers, progressive, with arithmetic codes, gray and CMYK, in several samplings.
pub(super) const JPEG_FILES: [&[u8]; 7] = [
    include_bytes!("../probes/arithmetic-422.jpg"),
    include_bytes!("../probes/arithmetic-progressive-444.jpg"),
    include_bytes!("../probes/baseline-420-restart.jpg"),
    include_bytes!("../probes/baseline-422.jpg"),
    include_bytes!("../probes/progressive-444.jpg"),
    include_bytes!("../probes/gray.jpg"),
    include_bytes!("../probes/cmyk.jpg"),
];

/// PNG files: 8 and 16 bits, a palette with alpha, interlaced.
pub(super) const PNG_FILES: [&[u8]; 4] = [
    include_bytes!("../probes/rgba.png"),
    include_bytes!("../probes/gray-16.png"),
    include_bytes!("../probes/palette-trns.png"),
    include_bytes!("../probes/interlaced.png"),
];

/// WebP files: lossy without and with alpha, without loss, an animation whose first frame is a part of its canvas.
pub(super) const WEBP_FILES: [&[u8]; 4] = [
    include_bytes!("../probes/animated.webp"),
    include_bytes!("../probes/lossless.webp"),
    include_bytes!("../probes/lossy-alpha.webp"),
    include_bytes!("../probes/lossy.webp"),
];

/// TIFF files: each compression, 8 and 16 bits, gray, RGB, YCbCr, inks, a palette and associated alpha.
pub(super) const TIFF_FILES: [&[u8]; 8] = [
    include_bytes!("../probes/ccitt-3.tif"),
    include_bytes!("../probes/ccitt-4.tif"),
    include_bytes!("../probes/cmyk-jpeg.tif"),
    include_bytes!("../probes/gray-16-deflate.tif"),
    include_bytes!("../probes/palette-packbits.tif"),
    include_bytes!("../probes/rgb-lzw.tif"),
    include_bytes!("../probes/rgba-associated-lzw.tif"),
    include_bytes!("../probes/ycbcr-jpeg.tif"),
];

/// An XMP packet whose orientation has to be made upright.
pub(super) const PACKET: &str = concat!(
    r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">"#,
    r#"<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" tiff:Make="A&amp;B">"#,
    r#"<tiff:Orientation>8</tiff:Orientation></rdf:Description></rdf:RDF></x:xmpmeta>"#,
);

/// The segments of a JPEG file without a picture: EXIF with an artist, Photoshop's resources with a notice of copyright, and
/// an XMP packet with a credit, in an extension.
pub(super) const RIGHTS_FILE: &[u8] = include_bytes!("../probes/rights.app");

/// Noise, gradients and edges in four planes of odd size.
pub(super) fn picture() -> Raster {
    let size = Size::new(61, 43);
    let mut raster = Raster::zeroed(size, Layout::RGB.with_alpha(true));
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
        for y in 0..size.height as usize {
            for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let edge = if (x / 9 + y / 7 + p) % 2 == 0 { 0 } else { 255 };
                *sample = match (x / 16 + y / 12 + p) % 3 {
                    0 => (state >> 56) as u8,
                    1 => (4 * x + 5 * y * (p + 1) / 2) as u8,
                    _ => edge,
                };
            }
        }
    }
    raster
}

/// The colours of the picture alone.
pub(super) fn opaque() -> Raster {
    let mut planes = picture().into_planes();
    planes.truncate(3);
    Raster::from_planes(planes, Layout::RGB)
}

/// The planes of the picture as inks; the first of them is alpha too, if there is any.
pub(super) fn inks(alpha: bool) -> Raster {
    let mut planes = picture().into_planes();
    if alpha {
        planes.extend(gray().into_planes());
    }
    Raster::from_planes(planes, Layout::CMYK.with_alpha(alpha))
}

/// The picture in four levels of each component.
pub(super) fn few_colors() -> Raster {
    let mut picture = opaque();
    picture.planes_mut().iter_mut().for_each(|plane| plane.samples_mut().iter_mut().for_each(|sample| *sample &= 0xc0));
    picture
}

/// The first plane of the picture.
pub(super) fn gray() -> Raster {
    let mut planes = picture().into_planes();
    planes.truncate(1);
    Raster::from_planes(planes, Layout::GRAY)
}
