//! What replies keep of the metadata of their sources: nothing, unless it is asked for.

use platemark::{Edit, Engine, Format, Keep, Picture};

use crate::{World, jpeg, ok, pixels};

/// Texts that stand in the sources, each in one kind of metadata.
const MARKS: [&str; 15] = [
    "mark of the artist",
    "mark of the copyright",
    "mark of the camera",
    "mark of the serial number",
    "mark of the place",
    "mark of the maker",
    "mark of the thumbnail",
    "mark of the by-line",
    "mark of the notice",
    "mark of the credit",
    "mark of the caption",
    "mark of the packet",
    "mark of the comment",
    "mark of the resource",
    "mark of the unknown",
];

/// A block of EXIF, little endian, with directories of the picture, of EXIF and of the place, and bytes behind them.
fn exif() -> Vec<u8> {
    // Tag, and text or directory.
    enum Value {
        Text(&'static str),
        Directory(Vec<(u16, Self)>),
    }
    fn write(out: &mut Vec<u8>, entries: Vec<(u16, Value)>) {
        let start = out.len();
        out.extend((entries.len() as u16).to_le_bytes());
        out.resize(start + 2 + 12 * entries.len() + 4, 0);
        for (i, (tag, value)) in entries.into_iter().enumerate() {
            let offset = out.len() as u32;
            let (kind, count) = match value {
                Value::Text(text) => {
                    out.extend(text.as_bytes());
                    out.push(0);
                    (2u16, text.len() as u32 + 1)
                }
                Value::Directory(entries) => {
                    write(out, entries);
                    (4, 1)
                }
            };
            let entry = [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &offset.to_le_bytes()];
            out[start + 2 + 12 * i..][..12].copy_from_slice(&entry.concat());
        }
    }
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let text = |at: usize| Value::Text(MARKS[at]);
    let camera = vec![(0x927c, text(5)), (0xa431, text(3))];
    let place = vec![(0x001d, text(4))];
    write(
        &mut tiff,
        vec![
            (0x0110, text(2)),
            (0x013b, text(0)),
            (0x8298, text(1)),
            (0x8769, Value::Directory(camera)),
            (0x8825, Value::Directory(place)),
        ],
    );
    [tiff, MARKS[6].into()].concat()
}

fn packet() -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:exif='http://ns.adobe.com/exif/1.0/' exif:GPSLatitude='{}'/></rdf:RDF></x:xmpmeta>",
        MARKS[11]
    )
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(payload.len() as u16 + 2).to_be_bytes(), payload].concat()
}

/// A JPEG with the marks. `with_packet`: an XMP packet as well.
fn photo(with_packet: bool) -> Vec<u8> {
    let data_set =
        |number: u8, text: &str| [&[0x1c, 2, number][..], &(text.len() as u16).to_be_bytes(), text.as_bytes()].concat();
    let records = [data_set(80, MARKS[7]), data_set(116, MARKS[8]), data_set(110, MARKS[9]), data_set(120, MARKS[10])];
    let resource = |number: u16, data: &[u8]| {
        let pad = &[0][..data.len() % 2];
        [b"8BIM", &number.to_be_bytes()[..], &[0, 0], &(data.len() as u32).to_be_bytes(), data, pad].concat()
    };
    let resources = [resource(0x0404, &records.concat()), resource(0x0426, MARKS[13].as_bytes())].concat();
    let packet = if with_packet { packet() } else { String::new() };
    let mut segments = vec![
        segment(0xe1, &[b"Exif\0\0", &exif()[..]].concat()),
        segment(0xed, &[b"Photoshop 3.0\0", &resources[..]].concat()),
        segment(0xfe, MARKS[12].as_bytes()),
        segment(0xe5, MARKS[14].as_bytes()),
    ];
    if with_packet {
        segments.push(segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat()));
    }
    let file = jpeg(90, 60, &pixels(90, 60, 3, 8), None);
    [&file[..2], &segments.concat(), &file[2..]].concat()
}

/// A PNG with the marks that the format can hold.
fn drawing() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 90, 60);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_text_chunk("Comment".into(), MARKS[12].into()).unwrap();
    encoder.add_ztxt_chunk("Author".into(), MARKS[7].into()).unwrap();
    encoder.add_itxt_chunk("XML:com.adobe.xmp".into(), packet()).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_chunk(png::chunk::eXIf, &exif()).unwrap();
    writer.write_chunk(png::chunk::ChunkType(*b"unKn"), MARKS[14].as_bytes()).unwrap();
    writer.write_image_data(&pixels(90, 60, 3, 9)).unwrap();
    writer.finish().unwrap();
    file
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Markers of a JPEG up to its first scan, or the chunks of a PNG, by their names.
fn parts(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut parts = vec![];
    if let Some(mut rest) = file.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        while let Some((head, after)) = rest.split_at_checked(8) {
            let length = u32::from_be_bytes(*head.first_chunk().unwrap()) as usize;
            parts.push((String::from_utf8(head[4..].into()).unwrap(), after[..length].to_vec()));
            rest = &after[length + 4..];
        }
        return parts;
    }
    let mut rest = &file[2..];
    while rest[1] != 0xda {
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        parts.push((format!("{:02x}", rest[1]), rest[4..2 + length].to_vec()));
        rest = &rest[2 + length..];
    }
    parts
}

/// The XMP packet of a reply.
fn kept(file: &[u8]) -> Option<String> {
    let packets: Vec<String> = parts(file)
        .iter()
        .filter_map(|(name, data)| match name.as_str() {
            "e1" => Some(data.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0").expect("no EXIF")),
            "iTXt" => Some(data.strip_prefix(b"XML:com.adobe.xmp\0\0\0\0\0").expect("no other text")),
            _ => None,
        })
        .map(|packet| String::from_utf8(packet.into()).unwrap())
        .collect();
    assert!(packets.len() <= 1, "{packets:?}");
    packets.into_iter().next()
}

/// A packet with these rights alone, as it is written.
fn rights(creators: &[&str], copyright: &str, credit: &str) -> String {
    let creators: String = creators.iter().map(|creator| format!("<rdf:li>{creator}</rdf:li>")).collect();
    let creators =
        if creators.is_empty() { creators } else { format!("<dc:creator><rdf:Seq>{creators}</rdf:Seq></dc:creator>") };
    let credit =
        if credit.is_empty() { String::new() } else { format!("<photoshop:Credit>{credit}</photoshop:Credit>") };
    format!(
        "<rdf:Description xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" rdf:about=\"\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\">{creators}\
         <dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">{copyright}</rdf:li></rdf:Alt></dc:rights>{credit}</rdf:Description>"
    )
}

fn alone(description: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">{description}</rdf:RDF></x:xmpmeta>\
         <?xpacket end=\"r\"?>"
    )
}

fn world(attribute: &str) -> (World, Engine) {
    let world = World::new();
    world.write("default.ini", format!("DefaultExt=\nCatalogFile=default.txt\n{attribute}\n"));
    world.write("default.txt", "Id\tPath\tPostModifier\nbare\tmarked.jpg\tkeepMetadata=none\n");
    world.write("marked.jpg", photo(true));
    world.write("records.jpg", photo(false));
    world.write("marked.png", drawing());
    let engine = world.engine();
    (world, engine)
}

#[test]
fn nothing_leaves_unless_it_is_asked_for() {
    let (_world, engine) = world("");
    for mark in MARKS {
        assert!(has(&photo(true), mark) || has(&drawing(), mark), "{mark} is planted");
    }
    for source in ["marked.jpg", "records.jpg", "marked.png"] {
        for query in [
            "wid=40",
            "scl=1",
            "scl=1&rect=8,8,16,16",
            "fmt=pjpeg",
            "fmt=jpeg,gray&iccEmbed=1",
            "fmt=jpeg,cmyk",
            "fmt=png",
            "fmt=png-alpha",
            "fmt=png,gray",
            "req=tmb",
            "req=tmb&fmt=png",
            "req=mask&fmt=png",
            "rotate=90&op_usm=1,1",
            "fmt=png&xmpEmbed=1",
            "keepMetadata=none",
            "xmpEmbed=0",
        ] {
            let reply = ok(&engine, &format!("{source}?{query}"));
            for mark in MARKS {
                assert!(!has(&reply.body, mark), "{source}?{query} has the {mark}");
            }
            for (name, _) in parts(&reply.body) {
                let pixels = ["e0", "e2", "c0", "c2", "c4", "db", "dd", "ee", "IHDR", "pHYs", "IDAT", "IEND"];
                assert!(pixels.contains(&name.as_str()), "{source}?{query} has a part {name}");
            }
        }
    }
    for file in [photo(true), photo(false), drawing()] {
        let picture = Picture::from_bytes(file).unwrap();
        for format in [Format::Jpeg, Format::ProgressiveJpeg, Format::Png, Format::PngAlpha] {
            for edit in [Edit::new().format(format), Edit::new().format(format).keep(Keep::NOTHING).width(30)] {
                let made = picture.render(&edit).unwrap().bytes;
                assert!(MARKS.iter().all(|mark| !has(&made, mark)), "{edit}");
                assert_eq!(kept(&made), None);
            }
        }
    }
}

#[test]
fn rights_are_kept_alone() {
    let (_world, engine) = world("KeepMetadata=Copyright");
    let of_iptc = alone(&rights(&[MARKS[7]], MARKS[8], MARKS[9]));
    let of_exif = alone(&rights(&[MARKS[0]], MARKS[1], ""));
    for (source, expected) in [("marked.jpg", &of_iptc), ("records.jpg", &of_iptc), ("marked.png", &of_exif)] {
        for query in
            ["wid=40", "scl=1", "fmt=pjpeg", "fmt=jpeg,cmyk", "fmt=png", "fmt=png-alpha,gray", "req=tmb", "xmpEmbed=0"]
        {
            let request = format!("{source}?{query}");
            let body = ok(&engine, &request).body;
            assert_eq!(kept(&body).as_ref(), Some(expected), "{request}");
            for (at, mark) in MARKS.iter().enumerate() {
                assert!(matches!(at, 0 | 1 | 7 | 8 | 9) || !has(&body, mark), "{request} has the {mark}");
            }
        }
    }
    for request in ["rgb.png?wid=40", "bare?wid=40", "marked.jpg?keepMetadata=none", "marked.jpg?src=photo.jpg"] {
        assert_eq!(kept(&ok(&engine, request).body), None, "{request}");
    }
    let edit = Edit::new().keep(Keep::COPYRIGHT).format(Format::Png);
    let made = Picture::from_bytes(photo(true)).unwrap().render(&edit).unwrap();
    assert_eq!(kept(&made.bytes), Some(of_iptc));
}

#[test]
fn the_packet_is_kept_with_what_it_does_not_say() {
    let (_world, engine) = world("KeepMetadata=xmp");
    let of = |request: &str| kept(&ok(&engine, request).body);
    for query in ["wid=40", "fmt=png", "fmt=pjpeg", "req=tmb&fmt=png-alpha"] {
        assert_eq!(of(&format!("marked.jpg?{query}")), Some(packet()), "{query}");
        assert_eq!(of(&format!("records.jpg?{query}")), None, "{query}");
    }
    assert_eq!(of("marked.png?wid=40"), Some(packet()));
    // The command of the protocol counts for JPEG, whatever the attribute says.
    assert_eq!((of("marked.jpg?xmpEmbed=0"), of("marked.jpg?fmt=png&xmpEmbed=0")), (None, Some(packet())));
    let both = "keepMetadata=xmp,copyright";
    let added = packet().replace("</rdf:RDF>", &[&rights(&[MARKS[7]], MARKS[8], MARKS[9]), "</rdf:RDF>"].concat());
    assert_eq!(of(&format!("marked.jpg?{both}")), Some(added.clone()));
    assert_eq!(of("marked.jpg?keepMetadata=copyright&xmpEmbed=1"), Some(added));
    assert_eq!(of(&format!("records.jpg?{both}")), Some(alone(&rights(&[MARKS[7]], MARKS[8], MARKS[9]))));
}

#[test]
fn a_packet_that_is_damaged_takes_no_rights_away() {
    let (world, _) = world("");
    let mut file = photo(false);
    file.splice(2..2, segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<a>\xff</a>"));
    world.write("damaged.jpg", file);
    let engine = world.engine();
    let body = ok(&engine, "damaged.jpg?keepMetadata=copyright").body;
    assert_eq!(kept(&body), Some(alone(&rights(&[MARKS[7]], MARKS[8], MARKS[9]))));
    let refused = engine.serve("/is/image/damaged.jpg?keepMetadata=xmp");
    assert!(refused.status >= 400, "{}", refused.status);
    assert_eq!(refused.error.unwrap().to_string(), "damaged.jpg: has XMP metadata that is not Unicode text");
}

/// Of the formats besides JPEG and PNG, which are taken apart above.
#[test]
fn other_formats_keep_what_they_can_hold() {
    let (_world, engine) = world("");
    let holding = ["png8", "png8-alpha", "webp", "webp-alpha,,lossless", "tif", "tif-alpha,,zip", "tif,,jpeg"];
    for fmt in holding.iter().chain(&["gif", "gif-alpha"]) {
        let body = |more: &str| ok(&engine, &format!("marked.jpg?wid=40&fmt={fmt}{more}")).body;
        let plain = body("");
        assert!(MARKS.iter().all(|mark| !has(&plain, mark)) && !has(&plain, "xmpmeta"), "{fmt}");
        let (kept, holds) = (body("&keepMetadata=copyright"), holding.contains(fmt));
        for (at, mark) in MARKS.iter().enumerate() {
            assert_eq!(has(&kept, mark), holds && matches!(at, 7..=9), "{fmt}: {mark}");
        }
        assert_eq!(has(&body("&xmpEmbed=1"), "xmpmeta"), fmt.starts_with("tif"), "{fmt}");
        assert!(!has(&body("&keepMetadata=none&xmpEmbed=0"), "xmpmeta"), "{fmt}");
    }
}

#[test]
fn edits_say_what_is_kept() {
    for (keep, text) in [
        (Keep::NOTHING, "keepMetadata=none"),
        (Keep::COPYRIGHT, "keepMetadata=copyright"),
        (Keep::XMP, "keepMetadata=xmp"),
        (Keep::XMP | Keep::COPYRIGHT, "keepMetadata=copyright,xmp"),
    ] {
        let edit = Edit::new().keep(keep);
        assert_eq!((edit.to_string().as_str(), text.parse()), (text, Ok(edit)));
    }
    let error = "keepMetadata=exif".parse::<Edit>().unwrap_err();
    assert_eq!(error.to_string(), "keepmetadata: needs none, copyright or xmp, or both with a comma between them");
    // Versions and tags cover it.
    let (_world, engine) = world("");
    let (plain, kept) = (ok(&engine, "marked.jpg?wid=40"), ok(&engine, "marked.jpg?wid=40&keepMetadata=copyright"));
    assert_ne!(plain.etag, kept.etag);
    let (_other, keeping) = world("KeepMetadata=copyright");
    assert_ne!(ok(&keeping, "marked.jpg?wid=40").version, plain.version);
    let props = |engine: &Engine, request: &str| String::from_utf8(ok(engine, request).body.to_vec()).unwrap();
    for (request, told) in [
        ("marked.jpg?req=props", "1"),
        ("records.jpg?req=props", "1"),
        ("marked.jpg?req=props&fmt=png", "1"),
        ("marked.jpg?req=props&keepMetadata=none", "0"),
        ("rgb.png?req=props", "0"),
    ] {
        assert!(props(&keeping, request).contains(&format!("image.xmpEmbed={told}\r\n")), "{request}");
    }
}
