//! Files made segment by segment and chunk by chunk, and files that other programs' code writes.

use proptest::prelude::*;

use super::model::IccInfo;
use super::*;
use crate::base::error::{ErrorKind, Result};
use crate::imaging::codec::read_metadata;

const LIMIT: usize = 1 << 20;
const GUID: &str = "0123456789ABCDEF0123456789abcdef";

fn segment(marker: u8, parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    [&[0xff, marker], &(payload.len() as u16 + 2).to_be_bytes()[..], &payload].concat()
}

fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    [vec![0xff, 0xd8], segments.concat(), segment(0xda, &[&[1, 1, 0, 0, 63, 0]])].concat()
}

fn chunk(kind: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let data = parts.concat();
    [&(data.len() as u32).to_be_bytes()[..], kind, &data, &check_sum(&[kind, &data]).to_be_bytes()].concat()
}

/// CRC-32, bit by bit.
fn check_sum(parts: &[&[u8]]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !parts.concat().iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn xmp_of(file: &[u8]) -> Result<Option<String>> {
    read_metadata(file, LIMIT).xmp
}

fn xmp_segment(packet: &[u8]) -> Vec<u8> {
    segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", packet])
}

#[test]
fn a_file_without_metadata_has_none() {
    for file in [&jpeg(&[])[..], &png(&[]), b"GIF89a", b""] {
        assert_eq!(read_metadata(file, LIMIT), Metadata::default());
    }
}

#[test]
fn packets_are_read_in_every_encoding() {
    let packet = "<?xpacket begin='\u{feff}'?><a>é€\u{1f600}</a>";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| packet.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let utf32 = |bytes: fn(u32) -> [u8; 4]| packet.chars().flat_map(|c| bytes(c.into())).collect::<Vec<_>>();
    let marked = |mark: &[u8], packet: Vec<u8>| [mark, &packet].concat();
    let forms = [
        packet.as_bytes().to_vec(),
        marked(b"\xef\xbb\xbf", packet.as_bytes().to_vec()),
        [packet.as_bytes(), b"\0\0\0"].concat(),
        utf16(u16::to_be_bytes),
        utf16(u16::to_le_bytes),
        marked(b"\xfe\xff", utf16(u16::to_be_bytes)),
        marked(b"\xff\xfe", utf16(u16::to_le_bytes)),
        utf32(u32::to_be_bytes),
        utf32(u32::to_le_bytes),
        marked(b"\0\0\xfe\xff", utf32(u32::to_be_bytes)),
        marked(b"\xff\xfe\0\0", utf32(u32::to_le_bytes)),
    ];
    for (i, form) in forms.iter().enumerate() {
        assert_eq!(xmp_of(&jpeg(&[xmp_segment(form)])).unwrap().as_deref(), Some(packet), "{i}");
    }
}

#[test]
fn packets_that_are_no_text_are_errors() {
    for bytes in [&b"<a>\xff</a>"[..], b"<\0a", b"<\0\0\xd8", b"<\0\0\0\0\0\x11\0", b"<\0\0\0a"] {
        let error = xmp_of(&jpeg(&[xmp_segment(bytes)])).unwrap_err();
        assert_eq!(error.to_string(), "has XMP metadata that is not Unicode text", "{bytes:?}");
        assert_eq!(error.kind(), ErrorKind::Source);
    }
}

fn extension(guid: &str, whole: u32, offset: u32, data: &str) -> Vec<u8> {
    let (whole, offset) = (whole.to_be_bytes(), offset.to_be_bytes());
    segment(0xe1, &[b"http://ns.adobe.com/xmp/extension/\0", guid.as_bytes(), &whole, &offset, data.as_bytes()])
}

const EXTENSION: &str = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
     <rdf:Description xmlns:a=\"b\" a:c=\"d\"/></rdf:RDF></x:xmpmeta>";

fn main_packet(note: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\"{note}</rdf:RDF></x:xmpmeta>"
    )
}

#[test]
fn extensions_are_put_together_and_merged() {
    let (first, second) = EXTENSION.split_at(100);
    let whole = EXTENSION.len() as u32;
    let notes = [
        (format!(" xmpNote:HasExtendedXMP=\"{GUID}\"/>"), "/>"),
        (format!("\n xmpNote:HasExtendedXMP = '{GUID}' z=\"1\"/>"), " z=\"1\"/>"),
        (format!("><xmpNote:HasExtendedXMP>{GUID}</xmpNote:HasExtendedXMP></rdf:Description>"), "></rdf:Description>"),
    ];
    for (note, without) in notes {
        let packet = xmp_segment(main_packet(&note).as_bytes());
        let parts = [
            // In any order, twice, and among those of another packet.
            extension(GUID, whole, 100, second),
            extension(&GUID.to_lowercase(), 9, 0, "something"),
            packet.clone(),
            extension(GUID, whole, 0, first),
            extension(GUID, whole, 0, first),
        ];
        let expected =
            main_packet(without).replace("</rdf:RDF>", "<rdf:Description xmlns:a=\"b\" a:c=\"d\"/></rdf:RDF>");
        assert_eq!(xmp_of(&jpeg(&parts)).unwrap(), Some(expected));

        // Without all of it, the packet stands alone.
        let alone = Some(main_packet(&note));
        for part in [
            extension(GUID, whole, 100, second),
            extension(GUID, whole, 0, first),
            extension(GUID, 9, 0, "no packet"),
            segment(0xe1, &[b"http://ns.adobe.com/xmp/extension/\0", GUID.as_bytes(), b"\0\0"]),
        ] {
            assert_eq!(xmp_of(&jpeg(&[packet.clone(), part])).unwrap(), alone);
        }
        let foreign = EXTENSION.replacen("<rdf:RDF ", "<rdf:RDF xmlns:z=\"z\" ", 1);
        let part = extension(GUID, foreign.len() as u32, 0, &foreign);
        assert_eq!(xmp_of(&jpeg(&[packet.clone(), part])).unwrap(), alone, "a name space would be lost");
        for damaged in [&EXTENSION[..EXTENSION.len() - 30], "<rdf:RDF/>"] {
            let part = extension(GUID, damaged.len() as u32, 0, damaged);
            assert_eq!(xmp_of(&jpeg(&[packet.clone(), part])).unwrap(), alone, "{damaged}");
        }
    }
}

#[test]
fn the_note_of_an_extension_is_known_by_its_name_space() {
    let part = extension(GUID, EXTENSION.len() as u32, 0, EXTENSION);
    let merged = |packet: &str| xmp_of(&jpeg(&[xmp_segment(packet.as_bytes()), part.clone()])).unwrap().unwrap();
    let packet = |descriptions: &str| {
        format!("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{descriptions}</rdf:RDF>")
    };
    let inner = "<rdf:Description xmlns:a=\"b\" a:c=\"d\"/>";
    let note = |guid: &str| format!("<d xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='{guid}'/>");
    let without = "<d xmlns:n='http://ns.adobe.com/xmp/note/'/>";
    assert_eq!(merged(&packet(&note(GUID))), packet(&format!("{without}{inner}")));
    assert_eq!(merged(&packet(&note(&GUID.replace('A', "&#65;")))), packet(&format!("{without}{inner}")));
    for other in [
        note("0123"),
        format!("<d xmlns:xmpNote='other' xmpNote:HasExtendedXMP='{GUID}'/>"),
        format!("<d a=' xmpNote:HasExtendedXMP=\"{GUID}\"'/>"),
        format!("<!-- {} -->", note(GUID)),
    ] {
        assert_eq!(merged(&packet(&other)), packet(&other));
    }
    let other_prefix = packet(&note(GUID)).replace("rdf:", "r:").replace("xmlns:rdf", "xmlns:r");
    assert_eq!(merged(&other_prefix), other_prefix, "the extension's prefix means nothing there");
}

/// A block of EXIF with an artist and a notice of copyright.
fn exif_rights() -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    tiff.extend(b"\x01\x3b\0\x02\0\0\0\x07\0\0\0\x26\x82\x98\0\x02\0\0\0\x07\0\0\0\x2d\0\0\0\0");
    [&tiff[..], b"exif A\0exif C\0"].concat()
}

#[test]
fn rights_come_from_xmp_else_from_the_iptc_else_from_exif() {
    let exif = segment(0xe1, &[b"Exif\0\0", &exif_rights()]);
    let records = b"\x1c\x02\x50\0\x06iptc A\x1c\x02\x6e\0\x06iptc L\x1c\x02\x74\0\x06iptc C";
    let iptc = segment(0xed, &[b"Photoshop 3.0\0", &resource(0x0404, "", records)]);
    let packet = |attributes: &str| {
        format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
             xmlns:dc='http://purl.org/dc/elements/1.1/' {attributes}/></rdf:RDF>"
        )
    };
    let xmp = |attributes: &str| xmp_segment(packet(attributes).as_bytes());
    let told = |file: &[u8]| {
        let rights = read_metadata(file, LIMIT).rights;
        [rights.copyright, rights.creators.join("|"), rights.credit]
    };
    assert_eq!(told(&jpeg(&[])), ["", "", ""]);
    assert_eq!(told(&jpeg(std::slice::from_ref(&exif))), ["exif C", "exif A", ""]);
    assert_eq!(told(&jpeg(&[exif.clone(), iptc.clone()])), ["iptc C", "iptc A", "iptc L"]);
    let all = [exif.clone(), iptc.clone(), xmp("dc:rights='xmp C'")];
    assert_eq!(told(&jpeg(&all)), ["xmp C", "iptc A", "iptc L"]);
    let few = [exif.clone(), xmp("dc:creator='xmp A'")];
    assert_eq!(told(&jpeg(&few)), ["exif C", "xmp A", ""]);
    let unusable = [exif.clone(), xmp_segment(b"<a>\xff</a>")];
    assert_eq!(told(&jpeg(&unusable)), ["exif C", "exif A", ""]);

    // The notice of an extension counts as well.
    let noted = format!("xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='{GUID}'");
    let added = packet("dc:rights='far C'");
    let parts = [exif, xmp(&noted), extension(GUID, added.len() as u32, 0, &added)];
    assert_eq!(told(&jpeg(&parts)), ["far C", "exif A", ""]);

    let text = chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", packet("dc:rights='xmp C'").as_bytes()]);
    assert_eq!(told(&png(&[chunk(b"eXIf", &[&exif_rights()]), text])), ["xmp C", "exif A", ""]);
}

#[test]
fn more_than_the_limit_is_an_error() {
    let note = format!(" xmpNote:HasExtendedXMP=\"{GUID}\"/>");
    let packet = main_packet(&note);
    let whole = EXTENSION.len() as u32;
    let file = jpeg(&[xmp_segment(packet.as_bytes()), extension(GUID, whole, 0, EXTENSION)]);
    let text = "x".repeat(5000);
    let packed = packed(text.as_bytes());
    let plain_text = png(&[chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", text.as_bytes()])]);
    let packed_text = png(&[chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\x01\0\0\0", &packed])]);
    for (file, limit) in
        [(&file, 50), (&file, packet.len()), (&file, whole as usize), (&plain_text, 4999), (&packed_text, 4999)]
    {
        let error = read_metadata(file, limit).xmp.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(error.to_string(), "has more XMP metadata than the limit of metadata bytes");
    }
    assert_eq!(read_metadata(&packed_text, 5000).xmp, Ok(Some(text)));
}

/// A zlib stream of stored blocks.
fn packed(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let count = data.chunks(65_535).count();
    for (i, part) in data.chunks(65_535).enumerate() {
        let len = part.len() as u16;
        out.push(u8::from(i + 1 == count));
        out.extend([len.to_le_bytes(), (!len).to_le_bytes()].concat());
        out.extend(part);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in data {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend(((b << 16) | a).to_be_bytes());
    out
}

#[test]
fn png_texts_are_read_packed_or_not_before_and_behind_the_pixels() {
    let text = chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0en\0\xc3\xa9\0", "<a>é</a>".as_bytes()]);
    let compressed = chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\x01\0\0\0", &packed("<a>é</a>".as_bytes())]);
    let other = chunk(b"iTXt", &[b"Comment\0\0\0\0\0<b/>"]);
    let pixels = chunk(b"IDAT", &[b"anything"]);
    for chunks in [
        vec![other.clone(), text.clone()],
        vec![compressed, text.clone()],
        vec![pixels, text.clone(), chunk(b"IEND", &[])],
    ] {
        assert_eq!(xmp_of(&png(&chunks)).unwrap().as_deref(), Some("<a>é</a>"));
    }
    assert_eq!(xmp_of(&png(&[other])), Ok(None));
    let cases = [
        (&b"XML:com.adobe.xmp\0\x01\0\0\0nonsense"[..], "has XMP metadata that cannot be unpacked"),
        (b"XML:com.adobe.xmp\0\0", "has XMP metadata that is cut off"),
        (b"XML:com.adobe.xmp\0\0\0en\0e", "has XMP metadata that is cut off"),
        (b"XML:com.adobe.xmp\0\0\0\0\0\xff", "has XMP metadata that is not Unicode text"),
    ];
    for (data, expected) in cases {
        assert_eq!(xmp_of(&png(&[chunk(b"iTXt", &[data])])).unwrap_err().to_string(), expected);
    }
    let cut = png(&[text]);
    assert_eq!(xmp_of(&cut[..cut.len() - 5]), Ok(None));
}

/// A profile with the tag `desc` behind another one.
fn profile(tag: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(2u32.to_be_bytes());
    for (name, offset, len) in [(b"cprt", 156, 0), (b"desc", 156, tag.len() as u32)] {
        bytes.extend(name);
        bytes.extend([u32::to_be_bytes(offset), u32::to_be_bytes(len)].concat());
    }
    bytes.extend(tag);
    bytes
}

fn version_2(text: &[u8]) -> Vec<u8> {
    profile(&[b"desc\0\0\0\0", &(text.len() as u32).to_be_bytes()[..], text, &[0; 70]].concat())
}

fn version_4(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut tag = [b"mluc\0\0\0\0", &(texts.len() as u32).to_be_bytes()[..], &12u32.to_be_bytes()].concat();
    let mut strings: Vec<u8> = vec![];
    for (locale, text) in texts {
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let offset = 16 + 12 * texts.len() + strings.len();
        tag.extend(locale.as_bytes());
        tag.extend([(utf16.len() as u32).to_be_bytes(), (offset as u32).to_be_bytes()].concat());
        strings.extend(utf16);
    }
    tag.extend(strings);
    profile(&tag)
}

fn icc_segments(profile: &[u8], parts: usize) -> Vec<Vec<u8>> {
    let size = profile.len().div_ceil(parts);
    profile
        .chunks(size)
        .enumerate()
        .map(|(i, part)| segment(0xe2, &[b"ICC_PROFILE\0", &[i as u8 + 1, parts as u8], part]))
        .collect()
}

#[test]
fn profiles_are_described_in_both_versions() {
    let described = |profile: &[u8], parts| {
        let mut segments = icc_segments(profile, parts);
        segments.reverse();
        read_metadata(&jpeg(&segments), LIMIT).icc.unwrap().description
    };
    for parts in 1..4 {
        assert_eq!(described(&version_2(b"Adobe RGB (1998)\0"), parts), "Adobe RGB (1998)");
        let texts = [("deDE", "Farben für ü"), ("enUS", "Colours €"), ("enGB", "other")];
        assert_eq!(described(&version_4(&texts), parts), "Colours €");
        assert_eq!(described(&version_4(&texts[..1]), parts), "Farben für ü");
    }
    assert_eq!(described(&version_2(b"sans NUL \xe9"), 1), "sans NUL é");
    for unknown in [&profile(b"text\0\0\0\0")[..], b"short", &version_4(&[]), &[0xff; 200]] {
        assert_eq!(described(unknown, 1), "", "{unknown:?}");
    }
    assert_eq!(described(&version_2(&[b'x'; 5000]), 1).len(), 1024);
    let profile = version_2(b"P\0");
    let icc = |segments: &[Vec<u8>], limit| read_metadata(&jpeg(segments), limit).icc;
    assert_eq!(icc(&icc_segments(&profile, 3)[1..], LIMIT), None, "a part is missing");
    assert_eq!(icc(&icc_segments(&profile, 3), 100), Some(IccInfo::default()), "it is there, but too long");
}

#[test]
fn png_profiles_are_described_or_named() {
    let described = |profile: &[u8], limit| {
        let chunk = chunk(b"iCCP", &[b"Name \xe9\0\0", profile]);
        read_metadata(&png(&[chunk]), limit).icc.unwrap().description
    };
    let (profile, unnamed) = (version_2(b"Display P3\0"), profile(b"text\0\0\0\0"));
    assert_eq!(described(&packed(&profile), LIMIT), "Display P3");
    assert_eq!(described(&packed(&profile), profile.len() - 1), "Name é");
    for data in [&b"no end"[..], b"Name\0\0nonsense"] {
        assert_eq!(read_metadata(&png(&[chunk(b"iCCP", &[data])]), LIMIT).icc, None);
    }
    assert_eq!(described(&packed(&unnamed), LIMIT), "Name é");
}

/// One resource of Photoshop.
fn resource(number: u16, name: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = [b"8BIM", &number.to_be_bytes()[..], &[name.len() as u8], name.as_bytes()].concat();
    bytes.extend(vec![0; (name.len() + 1) % 2]);
    bytes.extend((data.len() as u32).to_be_bytes());
    bytes.extend(data);
    bytes.extend(vec![0; data.len() % 2]);
    bytes
}

#[test]
fn paths_are_named_across_segments() {
    let resources = [
        resource(1005, "", &[1; 16]),
        resource(1999, "before", &[2]),
        resource(2000, "Path 1", &[3; 27]),
        resource(2001, "cut", &[]),
        resource(2997, "last é", &[4; 26]),
        resource(2999, "clipping path's name", &[5]),
    ]
    .concat();
    let names = |parts: &[&[u8]]| {
        let segments: Vec<_> = parts.iter().map(|part| segment(0xed, &[b"Photoshop 3.0\0", part])).collect();
        read_metadata(&jpeg(&segments), LIMIT).path_names
    };
    for at in 0..resources.len() {
        let (first, second) = resources.split_at(at);
        assert_eq!(names(&[first, second]), ["Path 1", "cut", "last é"], "{at}");
    }
    assert_eq!(names(&[&resources[..100]]), ["Path 1"]);
    assert_eq!(names(&[b"8BIM\x07\xd0\0\0\xff\xff\xff\xff"]), [""; 0]);
    let file = jpeg(&[segment(0xed, &[b"Photoshop 3.0\0", &resources])]);
    assert_eq!(read_metadata(&file, 100).path_names, [""; 0]);
}

#[test]
fn resolutions_come_from_jfif_else_from_exif() {
    let jfif = |unit, x: u16| segment(0xe0, &[b"JFIF\0\x01\x02", &[unit], &x.to_be_bytes(), &[0, 1, 0, 0]]);
    // Big endian: one entry, 150 per inch.
    let tiff = b"MM\0*\0\0\0\x10\0\0\0\x96\0\0\0\x01\0\x01\x01\x1a\0\x05\0\0\0\x01\0\0\0\x08";
    let exif = segment(0xe1, &[b"Exif\0\0", tiff]);
    let milli = |segments: &[Vec<u8>]| read_metadata(&jpeg(segments), LIMIT).milli_dpi;
    assert_eq!(milli(&[jfif(1, 300)]), Some(300_000));
    assert_eq!(milli(&[jfif(2, 118)]), Some(299_720));
    assert_eq!(milli(&[jfif(0, 1)]), None);
    assert_eq!(milli(&[jfif(1, 0)]), None);
    assert_eq!(milli(&[jfif(0, 1), exif.clone()]), Some(150_000));
    assert_eq!(milli(&[jfif(1, 72), exif]), Some(72_000));

    let phys = |x: u32, unit| chunk(b"pHYs", &[&x.to_be_bytes(), &x.to_be_bytes(), &[unit]]);
    let milli = |chunks: &[Vec<u8>]| read_metadata(&png(chunks), LIMIT).milli_dpi;
    for dpi in [1, 72, 96, 150, 300, 1200, 65_535] {
        assert_eq!(milli(&[phys((dpi * 10_000 + 127) / 254, 1)]), Some(dpi * 1000), "{dpi}");
    }
    assert_eq!(milli(&[phys(2836, 1)]), Some(72_034));
    assert_eq!(milli(&[phys(2835, 0)]), None);
    assert_eq!(milli(&[phys(0, 1)]), None);
    assert_eq!(milli(&[phys(u32::MAX, 1)]), None);
    assert_eq!(milli(&[chunk(b"eXIf", &[tiff])]), Some(150_000));
}

#[test]
fn what_other_encoders_write_is_read() {
    let packet = format!("<x:xmpmeta>{}</x:xmpmeta>", "long ".repeat(4000));
    let icc = version_2(b"A profile\0");
    let mut file = vec![];
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.add_icc_profile(&icc).unwrap();
    encoder.add_app_segment(1, [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat()).unwrap();
    encoder.encode(&[128; 64], 8, 8, jpeg_encoder::ColorType::Luma).unwrap();
    let metadata = read_metadata(&file, LIMIT);
    assert_eq!(metadata.xmp, Ok(Some(packet.clone())));
    assert_eq!(metadata.icc.unwrap().description, "A profile");

    let mut file = vec![];
    let mut info = ::png::Info::with_size(1, 1);
    info.color_type = ::png::ColorType::Grayscale;
    info.icc_profile = Some(icc.into());
    info.pixel_dims = Some(::png::PixelDimensions { xppu: 11_811, yppu: 11_811, unit: ::png::Unit::Meter });
    let mut text = ::png::text_metadata::ITXtChunk::new("XML:com.adobe.xmp", packet.clone());
    text.compressed = true;
    info.utf8_text.push(text);
    let mut writer = ::png::Encoder::with_info(&mut file, info).unwrap().write_header().unwrap();
    writer.write_image_data(&[0]).unwrap();
    writer.finish().unwrap();
    let metadata = read_metadata(&file, LIMIT);
    assert_eq!(metadata.xmp, Ok(Some(packet)));
    assert_eq!(metadata.icc.unwrap().description, "A profile");
    assert_eq!(metadata.milli_dpi, Some(300_000));
}

/// Segments and chunks with payloads that look right at their start.
fn parts() -> impl Strategy<Value = Vec<(u8, u8, Vec<u8>)>> {
    prop::collection::vec((0..8u8, any::<u8>(), prop::collection::vec(any::<u8>(), 0..80)), 0..12)
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_ignored(bytes: Vec<u8>) {
        let _ = read_metadata(&[b"\xff\xd8\xff", &bytes[..]].concat(), 1000);
        let _ = read_metadata(&[b"\x89PNG\r\n\x1a\n", &bytes[..]].concat(), 1000);
        let _ = (icc::description(&bytes), photoshop::path_names(&bytes), xmp::text(&bytes));
        let records = photoshop::iptc(&[b"8BIM\x04\x04\0\0\0\0\0", &[bytes.len() as u8][..], &bytes].concat()).map(<[u8]>::to_vec);
        let _ = said::rights(None, records.as_deref(), Some(&[b"II*\0\x08\0\0\0", &bytes[..]].concat()));
        let _ = icc::description(&profile(&[b"mluc", &bytes[..]].concat()));
        let _ = icc::description(&profile(&[b"desc", &bytes[..]].concat()));
        let _ = photoshop::path_names(&[b"8BIM\x07\xd0", &bytes[..]].concat());
    }

    #[test]
    fn any_segments_and_chunks_are_read_or_ignored(parts in parts(), cut in 0usize..2000) {
        let note = format!(" xmpNote:HasExtendedXMP=\"{GUID}\"/>");
        let jpeg_part = |(which, marker, data): &(u8, u8, Vec<u8>)| match which {
            0 => segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", data]),
            1 => xmp_segment(main_packet(&note).as_bytes()),
            2 => segment(0xe1, &[b"http://ns.adobe.com/xmp/extension/\0", GUID.as_bytes(), data]),
            3 => segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", data]),
            4 => segment(0xed, &[b"Photoshop 3.0\0", b"8BIM", data]),
            5 => segment(0xe1, &[b"Exif\0\0MM\0*", data]),
            6 => segment(0xe0, &[b"JFIF\0", data]),
            _ => segment(*marker, &[data]),
        };
        let png_part = |(which, flag, data): &(u8, u8, Vec<u8>)| match which {
            0 => chunk(b"iTXt", &[b"XML:com.adobe.xmp\0", data]),
            1 => chunk(b"iTXt", &[b"XML:com.adobe.xmp\0", &[flag & 1], b"\0\0\0x\x01", data]),
            2 => chunk(b"iCCP", &[b"name\0\0", data]),
            3 => chunk(b"iCCP", &[b"name\0\0", &packed(data)]),
            4 => chunk(b"pHYs", &[data]),
            5 => chunk(b"eXIf", &[b"II*\0", data]),
            _ => chunk(b"abcd", &[data]),
        };
        for file in [
            jpeg(&parts.iter().map(jpeg_part).collect::<Vec<_>>()),
            png(&parts.iter().map(png_part).collect::<Vec<_>>()),
        ] {
            let _ = read_metadata(&file, 150);
            let metadata = read_metadata(&file[..cut.min(file.len())], 1000);
            if let Ok(Some(packet)) = metadata.xmp {
                let _ = with_rights(upright_xmp(&packet), &metadata.rights);
            }
        }
    }
}
