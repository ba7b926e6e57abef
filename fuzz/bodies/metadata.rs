//! EXIF, XMP, profiles, paths and rights in files of both formats: any bytes are read or refused, within the limit; what both
//! formats can hold is read the same from both; a packet that was turned upright stays as it is, and rights that were written
//! are read.

use std::sync::LazyLock;

use platemark::internals::{JpegOrder, Planes, Told, encode_jpeg, heading, metadata, upright_packet};
use platemark::{CpuLevel, ErrorKind};

use super::Numbers;
use super::png::crc;

/// The longest payload of a segment.
const SEGMENT: usize = 65_533;
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const GUID: &[u8] = b"0123456789ABCDEF0123456789ABCDEF";

/// Small files without metadata: a JPEG without its first segment, and a PNG.
static BARE: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let picture = Planes { size: [3, 2], colors: 1, alpha: false, samples: vec![7; 6] };
    let order = JpegOrder {
        quality: 50,
        full_chroma: true,
        progressive: false,
        scans: None,
        dpi: 72,
        xmp: None,
        max_bytes: None,
        limit: 1 << 16,
    };
    let (mut jpeg, _) = encode_jpeg(CpuLevel::Scalar, &picture, order).unwrap();
    let first = usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]));
    jpeg.drain(2..4 + first);
    let mut png = vec![];
    let mut encoder = png::Encoder::new(&mut png, 3, 2);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[7; 6]).unwrap();
    writer.finish().unwrap();
    (jpeg, png)
});

pub(super) fn run(input: &[u8]) {
    let mut numbers = Numbers(input);
    let (kind, limit) = (numbers.byte() % 7, usize::from(numbers.short()));
    let bytes = numbers.0;
    match kind {
        0 => {
            let told = read(bytes, limit);
            let _ = (heading(bytes), told);
        }
        1 => exif(bytes, limit),
        2 => packet(bytes, limit),
        3 => extended(bytes, limit),
        4 => profile(bytes, limit),
        6 => iptc(bytes, limit),
        _ => {
            let file = jpeg(&[(0xed, [b"Photoshop 3.0\0", bytes].concat())]);
            read(&file, limit);
            // Cut in two, as long ones are.
            let (a, b) = bytes.split_at(bytes.len() / 2);
            let cut = [a, b].map(|part| (0xed, [b"Photoshop 3.0\0", part].concat()));
            read(&jpeg(&cut), limit);
        }
    }
    if let Ok(text) = str::from_utf8(bytes) {
        upright(text);
    }
}

/// Reads twice; no kind is longer than the limit, and a higher limit takes nothing away.
fn read(file: &[u8], limit: usize) -> Told {
    let told = metadata(file, limit);
    assert!(told == metadata(file, limit));
    match &told.xmp {
        Ok(Some(packet)) => {
            // Two bytes of UTF-16 are three of UTF-8.
            assert!(packet.len() <= limit / 2 * 3 + 3, "{} bytes of XMP", packet.len());
            assert!(metadata(file, limit.saturating_mul(2)).xmp == told.xmp);
            upright(packet);
        }
        Ok(None) => {}
        Err(error) => assert!(matches!(error.kind(), ErrorKind::Source | ErrorKind::Limit), "{error:?}"),
    }
    assert!(told.profile.as_ref().is_none_or(|name| name.chars().count() <= 1024));
    rights(&told);
    let names: usize = told.path_names.iter().map(String::len).sum();
    assert!(names <= 3 * limit.min(file.len()) && told.path_names.len() <= file.len() / 11, "{names}");
    told
}

/// The rights are read back from the packet that they are written in, which is not too long for a segment.
fn rights(told: &Told) {
    if let Some(packet) = &told.rights {
        assert!(packet.len() <= SEGMENT - XMP.len() - 2, "{} bytes of rights", packet.len());
        let again = metadata(&jpeg(&[(0xe1, [XMP, packet.as_bytes()].concat())]), 1 << 16);
        assert_eq!(again.rights.as_ref(), Some(packet));
        assert_eq!(again.full.as_ref(), Some(packet), "nothing is lacking");
    }
    if let (Some(full), Ok(Some(packet))) = (&told.full, &told.xmp) {
        assert!(full.len() >= packet.len());
        let text = [b"XML:com.adobe.xmp\0\0\0\0\0", full.as_bytes()].concat();
        // Where there is RDF to add them to, they are read from it.
        if full.len() > packet.len() {
            assert_eq!(metadata(&png(b"iTXt", &text), 1 << 24).rights, told.rights);
        }
    }
}

fn iptc(records: &[u8], limit: usize) {
    let data = &records[..records.len().min(SEGMENT - 40)];
    let head = [b"Photoshop 3.0\08BIM\x04\x04\0\0", &(data.len() as u32).to_be_bytes()[..]].concat();
    let whole = read(&jpeg(&[(0xed, [&head[..], data].concat())]), limit);
    // Behind another resource.
    let second = [b"Photoshop 3.0\08BIM\x04\x26\0\0\0\0\0\x018\0", &head[14..], data].concat();
    assert_eq!(read(&jpeg(&[(0xed, second)]), limit.saturating_add(14)).rights, whole.rights);
}

fn upright(packet: &str) {
    let once = upright_packet(packet);
    assert!(once.len() <= packet.len() + packet.matches("Orientation").count());
    assert_eq!(upright_packet(&once), once);
}

fn exif(tiff: &[u8], limit: usize) {
    let tiff = &tiff[..tiff.len().min(SEGMENT - 6)];
    let jpeg = jpeg(&[(0xe1, [b"Exif\0\0", tiff].concat())]);
    let png = png(b"eXIf", tiff);
    let [of_jpeg, of_png] = [&jpeg, &png].map(|file| heading(file).expect("a sound file"));
    assert_eq!((of_jpeg.turned, of_jpeg.size), (of_png.turned, of_png.size));
    let (of_jpeg, of_png) = (read(&jpeg, limit), read(&png, limit));
    assert_eq!((of_jpeg.milli_dpi, of_jpeg.rights), (of_png.milli_dpi, of_png.rights));
}

fn packet(packet: &[u8], limit: usize) {
    let packet = &packet[..packet.len().min(SEGMENT - XMP.len())];
    let of_jpeg = read(&jpeg(&[(0xe1, [XMP, packet].concat())]), limit).xmp;
    let text = |compressed: u8, text: &[u8]| [b"XML:com.adobe.xmp\0", &[compressed, 0, 0, 0][..], text].concat();
    let plain = read(&png(b"iTXt", &text(0, packet)), limit).xmp;
    let packed = read(&png(b"iTXt", &text(1, &fdeflate::compress_to_vec(packet))), limit).xmp;
    assert_eq!(plain, packed);
    // A packet in a segment may have an extension, which is not there.
    assert_eq!(of_jpeg, plain);
}

/// A packet and an extension to it, which a NUL separates, in segments as writers cut them, or wrongly.
fn extended(bytes: &[u8], limit: usize) {
    let mut numbers = Numbers(bytes);
    let (cut, order, lie) = (usize::from(numbers.byte()) + 1, numbers.flag(), numbers.byte());
    let end = numbers.0.iter().position(|&byte| byte == 0).unwrap_or(numbers.0.len());
    let (packet, extension) = numbers.0.split_at(end.min(SEGMENT / 2));
    let packet = [b"<a xmlns:n=\"http://ns.adobe.com/xmp/note/\" n:HasExtendedXMP=\"", GUID, b"\"/>", packet].concat();
    let extension = extension.get(1..).unwrap_or(&[]);
    let full = (extension.len() as u32).wrapping_add(if lie == 1 { 1 } else { 0 });
    let part = |(i, part): (usize, &[u8])| {
        let offset = (i * cut) as u32 + u32::from(lie == 2 && i == 1);
        (0xe1, [EXTENDED, GUID, &full.to_be_bytes(), &offset.to_be_bytes(), part].concat())
    };
    let mut segments = vec![(0xe1, [XMP, &packet].concat())];
    segments.extend(extension.chunks(cut).enumerate().take(100).map(part));
    if order {
        segments.reverse();
    }
    read(&jpeg(&segments), limit);
}

fn profile(profile: &[u8], limit: usize) {
    let profile = &profile[..profile.len().min(SEGMENT - 14)];
    let of_jpeg = read(&jpeg(&[(0xe2, [b"ICC_PROFILE\0\x01\x01", profile].concat())]), limit).profile;
    let chunk = [b"name\0\0", &fdeflate::compress_to_vec(profile)[..]].concat();
    let of_png = read(&png(b"iCCP", &chunk), limit).profile;
    if let Some(description) = of_jpeg.filter(|description| !description.is_empty()) {
        assert_eq!(of_png, Some(description));
    }
    let halves = profile.split_at(profile.len() / 2);
    let cut = [(2, halves.1), (1, halves.0)].map(|(i, part)| (0xe2, [b"ICC_PROFILE\0", &[i, 2][..], part].concat()));
    let whole = read(&jpeg(&[(0xe2, [b"ICC_PROFILE\0\x01\x01", profile].concat())]), limit).profile;
    assert_eq!(read(&jpeg(&cut), limit).profile, whole);
}

/// A JPEG with these segments, as far as one can hold them.
fn jpeg(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    for (marker, payload) in segments {
        let payload = &payload[..payload.len().min(SEGMENT)];
        file.extend([0xff, *marker]);
        file.extend((payload.len() as u16 + 2).to_be_bytes());
        file.extend(payload);
    }
    file.extend(&BARE.0[2..]);
    file
}

/// A PNG with this chunk behind its header.
fn png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    const HEADER: usize = 8 + 25;
    let named = [kind, data].concat();
    let (before, after) = BARE.1.split_at(HEADER);
    [before, &(data.len() as u32).to_be_bytes(), &named, &crc(&named).to_be_bytes(), after].concat()
}
