//! Pictures that the worlds share, made once: of eight sizes, each in every kind of file, with texture everywhere.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::dice::Dice;
use crate::support::icc;

/// Width and height; between 8 and 200 pixels a side.
const SIZES: [(u16, u16); 8] = [(31, 17), (8, 8), (13, 40), (64, 64), (97, 50), (120, 90), (200, 33), (150, 160)];

/// Kinds of files of each size.
const KINDS: [Kind; 18] = [
    Kind::Png(png::ColorType::Rgb, None),
    Kind::Png(png::ColorType::Rgb, None),
    Kind::Png(png::ColorType::Rgba, None),
    Kind::Png(png::ColorType::Grayscale, None),
    Kind::Png(png::ColorType::Grayscale, None),
    Kind::Png(png::ColorType::GrayscaleAlpha, None),
    Kind::Png(png::ColorType::Rgb, Some("<x:xmpmeta xmlns:x='adobe:ns:meta/'>one</x:xmpmeta>")),
    Kind::Jpeg(None, None),
    Kind::Jpeg(Some(6), None),
    Kind::Jpeg(None, Some("<x:xmpmeta xmlns:x='adobe:ns:meta/'>two</x:xmpmeta>")),
    // The same pixels as the one before: only the packet differs.
    Kind::Jpeg(None, Some("<x:xmpmeta xmlns:x='adobe:ns:meta/'>three</x:xmpmeta>")),
    Kind::Gray,
    Kind::Wide,
    Kind::Inks(false),
    Kind::Inks(true),
    // The same pixels as the JPEGs with packets: only the notices of copyright differ.
    Kind::Noticed(false, "one"),
    Kind::Noticed(false, "two"),
    Kind::Noticed(true, "one"),
];

#[derive(Clone, Copy)]
enum Kind {
    Png(png::ColorType, Option<&'static str>),
    /// EXIF orientation and XMP packet.
    Jpeg(Option<u8>, Option<&'static str>),
    /// A gray JPEG.
    Gray,
    /// A JPEG whose profile is of P3.
    Wide,
    /// A JPEG of inks, with a profile or without.
    Inks(bool),
    /// A JPEG with a notice of copyright of three letters, of the IPTC or of EXIF.
    Noticed(bool, &'static str),
}

/// One of the pool's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) size: usize,
    pub(crate) kind: usize,
}

impl Content {
    pub(crate) const SIZES: usize = SIZES.len();
    pub(crate) const KINDS: usize = KINDS.len();

    /// Size of the picture when its orientation has been applied.
    pub(crate) fn upright(self) -> (u16, u16) {
        let (width, height) = SIZES[self.size];
        if matches!(KINDS[self.kind], Kind::Jpeg(Some(_), _)) { (height, width) } else { (width, height) }
    }
}

/// A folder of all files. Worlds link to them, which is quicker than writing them; since a link is a change of the file,
/// worlds that are served at the same time must not share a pool.
pub(crate) struct Pool(TempDir);

impl Pool {
    pub(crate) fn new() -> Self {
        let pool = Self(tempfile::tempdir().unwrap());
        for size in 0..SIZES.len() {
            for kind in 0..KINDS.len() {
                let content = Content { size, kind };
                std::fs::write(pool.file(content), file(content)).unwrap();
            }
        }
        pool
    }

    fn file(&self, content: Content) -> PathBuf {
        self.0.path().join(format!("{}-{}", content.size, content.kind))
    }

    /// A new folder on the same file system.
    pub(crate) fn folder(&self) -> TempDir {
        tempfile::tempdir_in(self.0.path()).unwrap()
    }

    /// Puts a file of the pool at `path`: as it is, or as a copy with a time of its own.
    pub(crate) fn put(&self, content: Content, path: &Path, copied: bool) {
        let from = self.file(content);
        if copied {
            std::fs::copy(from, path).unwrap();
        } else {
            std::fs::hard_link(from, path).unwrap();
        }
    }
}

fn file(content: Content) -> Vec<u8> {
    let (width, height) = SIZES[content.size];
    // All but the first of the JPEGs of RGB have the same pixels.
    let seed = content.size * 100 + content.kind.min(9);
    match KINDS[content.kind] {
        Kind::Png(color, xmp) => {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, width.into(), height.into());
            encoder.set_color(color);
            if let Some(packet) = xmp {
                encoder.add_itxt_chunk("XML:com.adobe.xmp".into(), packet.into()).unwrap();
            }
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&pixels(width, height, color.samples(), seed)).unwrap();
            writer.finish().unwrap();
            file
        }
        Kind::Jpeg(orientation, xmp) => {
            let mut file = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
            if let Some(orientation) = orientation {
                let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
                tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
                encoder.add_exif_metadata(&tiff).unwrap();
            }
            if let Some(packet) = xmp {
                let segment = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
                encoder.add_app_segment(1, segment).unwrap();
            }
            encoder.encode(&pixels(width, height, 3, seed), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
            file
        }
        Kind::Gray => {
            let mut file = Vec::new();
            let encoder = jpeg_encoder::Encoder::new(&mut file, 85);
            encoder.encode(&pixels(width, height, 1, seed), width, height, jpeg_encoder::ColorType::Luma).unwrap();
            file
        }
        Kind::Wide => {
            let mut file = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
            encoder.add_icc_profile(&icc::rgb_of_srgb("Wide", icc::P3)).unwrap();
            encoder.encode(&pixels(width, height, 3, seed), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
            file
        }
        Kind::Noticed(of_iptc, notice) => {
            let mut file = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
            if of_iptc {
                let resource = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x74\0\x03";
                encoder.add_app_segment(13, [resource, notice.as_bytes()].concat()).unwrap();
            } else {
                let entry = b"II*\0\x08\0\0\0\x01\0\x98\x82\x02\0\x04\0\0\0";
                encoder.add_exif_metadata(&[entry, notice.as_bytes(), &[0; 5]].concat()).unwrap();
            }
            encoder.encode(&pixels(width, height, 3, seed), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
            file
        }
        Kind::Inks(has_profile) => {
            let mut file = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
            if has_profile {
                encoder.add_icc_profile(&icc::press("Press")).unwrap();
            }
            encoder.encode(&pixels(width, height, 4, seed), width, height, jpeg_encoder::ColorType::Cmyk).unwrap();
            file
        }
    }
}

/// Profiles of a kind that differ in their content.
pub(crate) const VARIANTS: usize = 3;

/// A profile of [`PROFILES`](crate::fields::PROFILES).
pub(crate) fn profile(place: usize, variant: usize) -> Vec<u8> {
    let gamma = [1.8, 2.2, 2.4][variant % VARIANTS];
    match place {
        0 if variant == 0 => icc::rgb_of_srgb("Wide", icc::P3),
        0 => icc::rgb("RGB", icc::ADOBE, gamma),
        1 => icc::gray("Gray", gamma),
        _ => icc::press(["Press", "Other press", "Third press"][variant % VARIANTS]),
    }
}

/// Gradients, edges and noise.
fn pixels(width: u16, height: u16, samples: usize, seed: usize) -> Vec<u8> {
    let mut dice = Dice::new(seed as u64 | 1);
    let mut pixels = Vec::new();
    for y in 0..usize::from(height) {
        for x in 0..usize::from(width) {
            for sample in 0..samples {
                let edge = if (x / 5 + y / 7 + seed).is_multiple_of(3) { 90 } else { 0 };
                pixels.push(((dice.state() >> 59) as usize + x * 3 + y * 2 + sample * 60 + seed * 11 + edge) as u8);
            }
        }
    }
    pixels
}
