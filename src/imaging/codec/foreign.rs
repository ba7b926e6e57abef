//! Formats that no decoder here reads, by their first bytes, so that a refusal names them. Those that a cargo feature brings
//! are refused by name without it.

/// Why a file is refused that no codec reads.
pub(super) fn refusal(bytes: &[u8]) -> &'static str {
    if bytes.is_empty() {
        return "is empty";
    }
    let container = || Some(iso_media(bytes)?.refusal());
    let prefix = || PREFIXES.iter().find(|(prefix, _)| bytes.starts_with(prefix)).map(|&(_, refusal)| refusal);
    prefix()
        .or_else(container)
        .or_else(|| riff(bytes))
        .or_else(|| markup(bytes))
        .unwrap_or("is not a picture in a known format")
}

/// The file has a known format that has no decoder; a later read does not help.
pub(super) fn is_foreign(bytes: &[u8]) -> bool {
    refusal(bytes).ends_with(UNSUPPORTED)
}

/// The end of each such refusal.
const UNSUPPORTED: &str = ", which is not a supported format";

macro_rules! unsupported {
    ($format:literal) => {
        concat!("is ", $format, ", which is not a supported format")
    };
}

/// Formats that a prefix tells; where one prefix begins another, the longer one stands first.
const PREFIXES: &[(&[u8], &str)] = &[
    (b"GIF87a", unsupported!("a GIF")),
    (b"GIF89a", unsupported!("a GIF")),
    // Only without the feature that reads them. Raw files of most cameras are TIFF files.
    (b"II*\0", unsupported!("a TIFF")),
    (b"MM\0*", unsupported!("a TIFF")),
    (b"II+\0", unsupported!("a BigTIFF")),
    (b"MM\0+", unsupported!("a BigTIFF")),
    (b"II\xbc\x01", unsupported!("a JPEG XR")),
    (b"\xff\x0a", unsupported!("a JPEG XL")),
    (b"\0\0\0\x0cJXL \r\n\x87\n", unsupported!("a JPEG XL")),
    (b"\xff\x4f\xff\x51", unsupported!("a JPEG 2000")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", unsupported!("a JPEG 2000")),
    (b"8BPS\0\x01", unsupported!("a Photoshop file (PSD)")),
    (b"8BPS\0\x02", unsupported!("a large Photoshop file (PSB)")),
    (b"\0\0\x01\0", unsupported!("an icon (ICO)")),
    (b"\0\0\x02\0", unsupported!("a cursor (CUR)")),
    (b"icns", unsupported!("an icon (ICNS)")),
    (b"%PDF-", unsupported!("a PDF")),
    (b"%!PS", unsupported!("a PostScript file (EPS)")),
    (b"\xc5\xd0\xd3\xc6", unsupported!("a PostScript file (EPS)")),
    (b"gimp xcf", unsupported!("a GIMP file (XCF)")),
    (b"v/1\x01", unsupported!("an OpenEXR")),
    (b"#?RADIANCE", unsupported!("a Radiance HDR")),
    (b"#?RGBE", unsupported!("a Radiance HDR")),
    (b"DDS ", unsupported!("a DDS texture")),
    (b"\xabKTX ", unsupported!("a KTX texture")),
    (b"qoif", unsupported!("a QOI")),
    (b"FLIF", unsupported!("a FLIF")),
    (b"SIMPLE  =", unsupported!("a FITS")),
    (b"\x8aMNG\r\n\x1a\n", unsupported!("an MNG")),
    (b"\x8bJNG\r\n\x1a\n", unsupported!("a JNG")),
    (b"\xd7\xcd\xc6\x9a", unsupported!("a Windows metafile (WMF)")),
    (b"P1\n", unsupported!("a PBM")),
    (b"P4\n", unsupported!("a PBM")),
    (b"P2\n", unsupported!("a PGM")),
    (b"P5\n", unsupported!("a PGM")),
    (b"P3\n", unsupported!("a PPM")),
    (b"P6\n", unsupported!("a PPM")),
    (b"P7\n", unsupported!("a PAM")),
    (b"\x1aE\xdf\xa3", unsupported!("a video (WebM or Matroska)")),
    (b"\0\0\x01\xba", unsupported!("a video (MPEG)")),
    (b"\0\0\x01\xb3", unsupported!("a video (MPEG)")),
    (b"PK\x03\x04", unsupported!("a ZIP archive")),
    (b"\x1f\x8b", unsupported!("a gzip archive")),
    // What Macs put beside a file on other systems, under its name with a leading "._".
    (b"\0\x05\x16\x07", unsupported!("an AppleDouble file")),
    (b"version https://git-lfs", "is a pointer of Git LFS, not the file that it stands for"),
];

/// Files of boxes (ISO/IEC 14496-12): pictures and videos, told apart by their brands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IsoMedia {
    Avif,
    Heic,
    CanonRaw,
    QuickTime,
    Mp4,
}

impl IsoMedia {
    const fn refusal(self) -> &'static str {
        match self {
            Self::Avif => unsupported!("an AVIF"),
            Self::Heic => unsupported!("a HEIC"),
            Self::CanonRaw => unsupported!("a raw file of a camera (CR3)"),
            Self::QuickTime => unsupported!("a video (QuickTime)"),
            Self::Mp4 => unsupported!("a video (MP4)"),
        }
    }

    const fn of_brand(brand: [u8; 4]) -> Option<Self> {
        match &brand {
            b"avif" | b"avis" => Some(Self::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(Self::Heic),
            b"crx " => Some(Self::CanonRaw),
            b"qt  " => Some(Self::QuickTime),
            _ => None,
        }
    }
}

/// Compatible brands that are looked at.
const BRANDS: usize = 64;

fn iso_media(bytes: &[u8]) -> Option<IsoMedia> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    match kind {
        b"ftyp" => {}
        b"moov" | b"mdat" | b"wide" => return Some(IsoMedia::QuickTime),
        _ => return None,
    }
    let payload = usize::try_from(u32::from_be_bytes(*length)).ok()?.saturating_sub(8);
    let brands = &rest.as_chunks::<4>().0[..(payload / 4).min(rest.len() / 4)];
    let (&major, others) = brands.split_first()?;
    // The second field is the version of the first. "mif1" and the like say only that it is a picture.
    let others = others.iter().skip(1).take(BRANDS);
    let named = || others.copied().find_map(IsoMedia::of_brand);
    match &major {
        b"mif1" | b"mif2" | b"msf1" | b"miaf" => Some(named().unwrap_or(IsoMedia::Heic)),
        _ => Some(IsoMedia::of_brand(major).unwrap_or(IsoMedia::Mp4)),
    }
}

fn riff(bytes: &[u8]) -> Option<&'static str> {
    match (bytes.starts_with(b"RIFF"), bytes.get(8..12)?) {
        (true, b"WEBP") => Some(unsupported!("a WebP")),
        (true, b"AVI ") => Some(unsupported!("a video (AVI)")),
        _ => None,
    }
}

/// How far into a text its first element is looked for.
const PROLOGUE: usize = 4096;

fn markup(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let start = bytes.get(..PROLOGUE).unwrap_or(bytes).to_ascii_lowercase();
    let begins = |prefix: &[u8]| start.starts_with(prefix);
    let has = |tag: &[u8]| start.windows(tag.len()).any(|window| window == tag);
    let prologue = begins(b"<?xml") || begins(b"<!doctype") || begins(b"<!--");
    // Pages may hold drawings.
    if begins(b"<html") || begins(b"<!doctype html") || prologue && has(b"<html") {
        Some(unsupported!("an HTML page"))
    } else if begins(b"<svg") || prologue && has(b"<svg") {
        Some(unsupported!("an SVG"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_formats_are_refused_by_name() {
        let refusal = |bytes: &[u8]| refusal(bytes);
        for (start, format) in [
            (&b"RIFF\x1a\0\0\0WEBPVP8L"[..], "a WebP"),
            (b"GIF87a", "a GIF"),
            (b"GIF89a\x01\0\x01\0", "a GIF"),
            (b"II*\0\x08\0\0\0", "a TIFF"),
            (b"MM\0*\0\0\0\x08", "a TIFF"),
            (b"II+\0\x08\0\0\0", "a BigTIFF"),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "an AVIF"),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "an AVIF"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a HEIC"),
            // A brand behind the end of the box is none.
            (b"\0\0\0\x10ftypmif1\0\0\0\0avif", "a HEIC"),
            (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "a raw file of a camera (CR3)"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video (MP4)"),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video (QuickTime)"),
            (b"\0\0\0\x08wide\0\0\0\0mdat", "a video (QuickTime)"),
            (b"RIFF\0\0\0\0AVI LIST", "a video (AVI)"),
            (b"\x1aE\xdf\xa3\x9f\x42", "a video (WebM or Matroska)"),
            (b"\xff\x0a\xfa\x1f", "a JPEG XL"),
            (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL"),
            (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000"),
            (b"\xff\x4f\xff\x51\0", "a JPEG 2000"),
            (b"8BPS\0\x01\0\0", "a Photoshop file (PSD)"),
            (b"8BPS\0\x02\0\0", "a large Photoshop file (PSB)"),
            (b"\0\0\x01\0\x01\0", "an icon (ICO)"),
            (b"%PDF-1.7\n", "a PDF"),
            (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file (EPS)"),
            (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "a PostScript file (EPS)"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG"),
            (b"\xef\xbb\xbf\r\n<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg/>", "an SVG"),
            (b"<!DOCTYPE svg PUBLIC \"\"><SVG>", "an SVG"),
            (b"<!DOCTYPE html><title>404</title><svg>", "an HTML page"),
            (b"\n<html lang=en>", "an HTML page"),
            (b"PK\x03\x04\x14\0", "a ZIP archive"),
            (b"P6\n2 2\n255\n", "a PPM"),
        ] {
            assert_eq!(refusal(start), format!("is {format}, which is not a supported format"));
        }
        assert_eq!(refusal(b""), "is empty");
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:";
        assert_eq!(refusal(pointer), "is a pointer of Git LFS, not the file that it stands for");
        for unknown in [
            &b"text"[..],
            b"BM",
            b"BMW is a maker of cars",
            b"RIFF\0\0\0\0WAVE",
            b"RIFF",
            b"\0\0\0\x08ftyp",
            b"\xff\xd8",
            b"\x89PNG",
            b"<?xml version=\"1.0\"?><feed/>",
            b"8BPS\0\x03",
        ] {
            assert_eq!(refusal(unknown), "is not a picture in a known format", "{unknown:?}");
        }
    }

    #[test]
    fn every_text_is_short_and_every_prefix_is_reached() {
        for (prefix, text) in PREFIXES {
            assert_eq!(refusal(prefix), *text);
            assert!(text.len() < 80 && text.starts_with("is a"), "{text}");
        }
    }
}
