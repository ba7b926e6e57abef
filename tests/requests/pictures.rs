//! Pictures: `img`, `tmb`, `mask` in every format, and the commands about how they are written (`protocol.md` §5).

use platemark::IdPolicy;

use super::*;

/// What a file says it is.
fn kind_of(body: &[u8]) -> String {
    if body.starts_with(b"\x89PNG") {
        return format!("png {}", ["gray", "", "rgb", "palette", "gray-alpha", "", "rgb-alpha"][usize::from(body[25])]);
    }
    if body.starts_with(b"RIFF") {
        return format!("webp {}", String::from_utf8_lossy(&body[12..16]));
    }
    if body.starts_with(b"II*") {
        let mut decoder = tiff::decoder::Decoder::new(std::io::Cursor::new(body)).unwrap();
        return format!("tiff {:?}", decoder.colortype().unwrap());
    }
    if body.starts_with(b"GIF89a") {
        return "gif".to_owned();
    }
    let segments = segments(body);
    let frame = segments.iter().find(|(marker, _)| matches!(marker, 0xc0 | 0xc2)).unwrap();
    format!("jpeg {} {}", if frame.0 == 0xc2 { "progressive" } else { "baseline" }, frame.1[5])
}

/// Markers and contents of a JPEG's segments.
fn segments(body: &[u8]) -> Vec<(u8, &[u8])> {
    assert!(body.starts_with(&[0xff, 0xd8]));
    let (mut at, mut found) = (2, Vec::new());
    while at + 4 <= body.len() {
        // Entropy-coded bytes: a marker there is 0xff with neither 0 nor a restart behind it.
        if body[at] != 0xff || matches!(body[at + 1], 0 | 0xd0..=0xd7 | 0xff) {
            at += 1;
            continue;
        }
        if body[at + 1] == 0xd9 {
            break;
        }
        let len = usize::from(u16::from_be_bytes([body[at + 2], body[at + 3]]));
        found.push((body[at + 1], &body[at + 4..at + 2 + len]));
        at += 2 + len;
    }
    found
}

#[test]
fn pictures_come_in_every_format() {
    let engine = demo();
    let version = ok(&engine, "demo/ring").version;
    for (fmt, mime, img, mask) in [
        ("", "image/jpeg", "jpeg baseline 3", "jpeg baseline 1"),
        ("jpeg", "image/jpeg", "jpeg baseline 3", "jpeg baseline 1"),
        ("jpg", "image/jpeg", "jpeg baseline 3", "jpeg baseline 1"),
        ("jpeg,rgb", "image/jpeg", "jpeg baseline 3", "jpeg baseline 3"),
        ("jpeg,gray", "image/jpeg", "jpeg baseline 1", "jpeg baseline 1"),
        ("jpeg,cmyk", "image/jpeg", "jpeg baseline 4", "jpeg baseline 4"),
        ("pjpeg", "image/jpeg", "jpeg progressive 3", "jpeg progressive 1"),
        ("png", "image/png", "png rgb", "png gray"),
        ("png,gray", "image/png", "png gray", "png gray"),
        ("png-alpha", "image/png", "png rgb-alpha", "png gray"),
        ("png-alpha,gray", "image/png", "png gray-alpha", "png gray"),
        ("webp", "image/webp", "webp VP8 ", "webp VP8 "),
        ("webp,,lossless", "image/webp", "webp VP8L", "webp VP8L"),
        ("webp-alpha", "image/webp", "webp VP8X", "webp VP8 "),
        ("webp-alpha,rgb,lossless", "image/webp", "webp VP8L", "webp VP8L"),
        ("tif", "image/tiff", "tiff RGB(8)", "tiff Gray(8)"),
        ("tif,gray,lzw", "image/tiff", "tiff Gray(8)", "tiff Gray(8)"),
        ("tif,cmyk", "image/tiff", "tiff CMYK(8)", "tiff CMYK(8)"),
        ("tif,,jpeg", "image/tiff", "tiff YCbCr(8)", "tiff Gray(8)"),
        ("tif-alpha,,zip", "image/tiff", "tiff RGBA(8)", "tiff Gray(8)"),
        ("png8", "image/png", "png palette", "png palette"),
        ("png8-alpha", "image/png", "png palette", "png palette"),
        ("gif", "image/gif", "gif", "gif"),
        ("gif-alpha", "image/gif", "gif", "gif"),
    ] {
        let query = if fmt.is_empty() { String::new() } else { format!("&fmt={fmt}") };
        for (req, size, expected) in [("img", (80, 60), img), ("tmb", (80, 60), img), ("mask", (80, 60), mask)] {
            let reply = ok(&engine, &format!("demo/ring?req={req}&wid=80&hei=60{query}"));
            assert_eq!((reply.content_type, kind_of(&reply.body).as_str()), (mime, expected), "{req} {fmt}");
            assert_eq!(support::pixel_size(&reply.body), Some(size), "{req} {fmt}");
            assert_eq!((reply.version, reply.cache_policy.to_string().as_str()), (version, "public, max-age=36000"));
            assert!(!reply.etag.unwrap().weak);
        }
    }
    for fmt in ["heic", "pdf", "eps", "jpegxr", "jpeg2000"] {
        refused(&engine, &format!("demo/ring?fmt={fmt}"), &format!("fmt: the format {fmt} is not supported yet\r\n"));
    }
}

#[test]
fn avif_is_written_where_it_is_built_in() {
    let engine = demo();
    if cfg!(feature = "avif") {
        let reply = ok(&engine, "demo/ring?wid=20&fmt=avif-alpha");
        assert_eq!((reply.content_type, &reply.body[4..12]), ("image/avif", &b"ftypavif"[..]));
        let large = "2001×2000: exceeds the limit of AVIF pixels\r\n";
        refused(&engine, "demo/harbour?wid=2001&hei=2000&fit=stretch,1&fmt=avif", large);
    } else {
        for fmt in ["avif", "avif-alpha", "avif,,lossless"] {
            let text = "fmt: the format avif is not built in (feature avif)\r\n";
            refused(&engine, &format!("demo/ring?fmt={fmt}"), text);
        }
    }
}

#[test]
fn a_picture_is_what_is_asked_for_when_nothing_is() {
    let engine = demo();
    let plain = ok(&engine, "demo/ring");
    for query in ["req=img", "req=", "REQ=IMG", "fmt=jpeg&wid=400&hei=400", "$x=1&req=img&unknown=5"] {
        assert_eq!(ok(&engine, &format!("demo/ring?{query}")).body, plain.body, "{query}");
    }
    let thumbnail = ok(&engine, "shop/harbour?req=tmb");
    assert_eq!(support::pixel_size(&thumbnail.body), Some((120, 90)));
    assert_eq!(thumbnail.cache_policy.to_string(), "public, max-age=9000", "the record's own");
    assert_eq!(ok(&engine, "shop/harbour?req=TMB&wid=120").body, thumbnail.body);
}

/// `req=tile` is another name of `req=img`: the same version, tag and stored picture, default and error images too.
#[test]
fn a_tile_is_an_image_by_another_name() {
    let engine = support::demo().cache_bytes(8 << 20).build().unwrap();
    let tags = |kind: &str, rest: &str| {
        let reply = ok(&engine, &format!("demo/harbour?req={kind}&{rest}"));
        (reply.etag.unwrap().to_string(), reply.version, reply.cache_policy, reply.body)
    };
    for rest in ["rect=100,50,64,64&scl=2", "wid=90", "rgn=0,0,300,200&wid=60&fmt=png&op_invert=1"] {
        let stored = engine.health().renditions.items;
        let image = tags("img", rest);
        assert_eq!(tags("tile", rest), image, "{rest}");
        assert_eq!(tags("TILE", rest), image, "{rest}");
        assert_eq!(engine.health().renditions.items, stored + 1, "{rest}");
    }
    assert_eq!(ok(&engine, "gallery/lost?req=tile&wid=50").body, ok(&engine, "gallery/missing?wid=50").body);
    assert_eq!(serve(&engine, "gallery/harbour?req=tile&wid=0").content_type, "image/jpeg", "the error image");
    refused(&engine, "demo/nowhere?req=tile", "demo/nowhere: image not found\r\n");
    assert_eq!(serve(&engine, "demo/harbour?req=tiles").status, 403);
    let (_folder, builder) = support::demo_with(&[("demo.ini", "Watermark=ring")]);
    refused(&builder.build().unwrap(), "demo/harbour?req=tile&wid=50", "Watermark: is not supported yet\r\n");
    let link = engine.versioned_link("/is/image/demo/harbour?req=tile&wid=90").unwrap();
    assert!(link.starts_with("/is/image/demo/harbour?req=tile&wid=90&id="), "{link}");
}

/// Anchor, Resolution, PrintResolution, ThumbType and ThumbRes of a record.
#[test]
fn fields_of_a_record_shape_its_pictures() {
    let engine = demo();
    for (request, same_as) in [
        ("demo/shore?wid=90", "demo/pebbles?rotate=8&anchor=400,300&printRes=150&wid=90"),
        ("demo/shore?res=50&rotate=0&scl=1&rect=0,0,900,9", "demo/pebbles?scale=.5&scl=1&printRes=150&rect=0,0,900,9"),
        ("demo/shore?req=tmb&rotate=0", "demo/pebbles?scale=.2&scl=1&printRes=150&wid=100&hei=100"),
    ] {
        assert_eq!(ok(&engine, request).body, ok(&engine, same_as).body, "{request}");
    }
    let props = text(&ok(&engine, "demo/shore?req=imageprops"));
    for line in
        ["anchor=400,300", "printRes=150", "resolution=100", "thumbRes=20", "thumbType=3", "modifier=rotate\\=8"]
    {
        assert!(props.contains(&format!("\r\nimage.{line}\r\n")), "{line} in {props}");
    }
    // An anchor moves what it turns around, not what shows of it.
    let around_another = ok(&engine, "demo/pebbles?rotate=8&printRes=150&wid=90");
    assert_eq!(support::pixel_size(&ok(&engine, "demo/shore?wid=90").body), support::pixel_size(&around_another.body));
}

/// `req=mask` is the transparency of the picture, whatever lies behind it.
#[test]
fn masks_are_the_alpha_of_the_picture() {
    let engine = demo();
    for query in [
        "demo/ring?wid=90&hei=70",
        "demo/window?wid=90&hei=140&fit=crop",
        "demo/window?wid=90&maskUse=invert&bgc=ff0000",
        "demo/ring?scl=1&rect=900,900,150,140",
        "demo/ring?rotate=30&wid=77",
        "demo/chart?wid=50&hei=50",
        "demo/window?maskUse=off&wid=50&hei=90",
    ] {
        let (width, height, samples, picture) = decoded(&ok(&engine, &format!("{query}&fmt=png-alpha")));
        assert_eq!(samples, 4);
        let alpha: Vec<u8> = picture.chunks_exact(4).map(|pixel| pixel[3]).collect();
        let mask = decoded(&ok(&engine, &format!("{query}&req=mask&fmt=png")));
        assert_eq!(mask, (width, height, 1, alpha), "{query}");
    }
    let samples = |query: &str| decoded(&ok(&engine, &format!("demo/window?req=mask&fmt=png&wid=60&{query}"))).3;
    let (norm, inverse) = (samples("maskUse=norm"), samples("maskUse=invert"));
    assert!(norm.contains(&0) && norm.contains(&255));
    assert!(norm.iter().zip(&inverse).all(|(a, b)| a.abs_diff(255 - b) <= 1));
    assert!(samples("maskUse=off").iter().all(|&alpha| alpha == 255));
    assert!(samples("mask=&maskUse=off").iter().all(|&alpha| alpha == 255));
}

#[test]
fn a_mask_of_the_request_does_what_a_masks_record_does() {
    let engine = demo();
    let record = ok(&engine, "demo/window?wid=90&fmt=png-alpha").body;
    for mask in ["arch.png", "demo/arch.png", "/arch.png", "window"] {
        assert_eq!(ok(&engine, &format!("demo/lighthouse?wid=90&fmt=png-alpha&mask={mask}")).body, record, "{mask}");
    }
    refused(&engine, "demo/harbour?mask=arch.png", "mask: is not as large as its picture\r\n");
    refused(&engine, "demo/harbour?mask=gone", "mask: image not found\r\n");
    refused(&engine, "demo/harbour?mask=../x", "../x: is not a path below the catalog's root\r\n");
    refused(&engine, "demo/harbour?mask=IS(arch)", "mask: nested requests are not supported yet\r\n");
    refused(&engine, "demo/harbour?mask={http://x}", "mask: foreign images are not supported yet\r\n");
}

/// `jpegSize` lowers the quality as far as it must, and no further.
#[test]
fn jpeg_sizes_are_kept() {
    let engine = demo();
    let of_quality: Vec<_> =
        (0..=80).map(|quality| ok(&engine, &format!("demo/chart?wid=200&qlt={}", quality.max(1))).body).collect();
    for plenty in [0, 100, 16_777_216] {
        assert_eq!(ok(&engine, &format!("demo/chart?wid=200&jpegSize={plenty}")).body, of_quality[80]);
    }
    for kilobytes in [3, 4, 7] {
        let within = ok(&engine, &format!("demo/chart?wid=200&jpegSize={kilobytes}")).body;
        assert!(within.len() <= kilobytes * 1024, "{}", within.len());
        let quality = (1..80).find(|&quality| of_quality[quality] == within).unwrap();
        assert!(of_quality[quality + 1].len() > kilobytes * 1024, "{kilobytes}: {quality} is too low");
    }
    refused(&engine, "demo/harbour?wid=1500&jpegSize=1", "jpegSize: is less than the lowest quality needs\r\n");
    refused(&engine, "demo/harbour?jpegSize=-1", "jpegsize: needs a whole number of kilobytes, 0 or more\r\n");
    let png = ok(&engine, "demo/harbour?wid=300&fmt=png").body;
    assert_eq!(ok(&engine, "demo/harbour?wid=300&fmt=png&jpegSize=1").body, png, "for JPEG only");
}

#[test]
fn scans_are_counted() {
    let engine = demo();
    let scans = |query: &str| {
        let reply = ok(&engine, &format!("demo/harbour?wid=200&{query}"));
        segments(&reply.body).iter().filter(|(marker, _)| *marker == 0xda).count()
    };
    let auto = scans("fmt=pjpeg");
    assert_eq!((auto, scans("fmt=pjpeg&pscan=auto")), (scans("fmt=pjpeg&pscan=4"), auto));
    let counts = [3, 4, 5].map(|pscan| scans(&format!("fmt=pjpeg&pscan={pscan}")));
    assert!(counts[0] < counts[1] && counts[1] < counts[2], "{counts:?}");
    assert_eq!(scans("fmt=jpeg&pscan=5"), scans("fmt=jpeg"), "for progressive JPEG only");
    refused(&engine, "demo/harbour?pscan=6", "pscan: needs auto, 3, 4 or 5\r\n");
}

#[test]
fn print_resolutions_are_noted_in_the_file_and_change_no_pixel() {
    let engine = demo();
    let jpeg_dpi = |body: &[u8]| {
        let (_, jfif) = segments(body).into_iter().find(|(marker, _)| *marker == 0xe0).unwrap();
        assert_eq!((&jfif[..5], jfif[7]), (&b"JFIF\0"[..], 1));
        (u16::from_be_bytes([jfif[8], jfif[9]]), u16::from_be_bytes([jfif[10], jfif[11]]))
    };
    let png_per_metre = |body: &[u8]| {
        let at = body.windows(4).position(|chunk| chunk == b"pHYs").unwrap() + 4;
        (u32::from_be_bytes(body[at..at + 4].try_into().unwrap()), body[at + 8])
    };
    for (request, dpi, per_metre) in [
        ("demo/ring?wid=40", 72, 2835),
        ("shop/ring?wid=40", 300, 11811),
        ("demo/ring?wid=40&printRes=150", 150, 5906),
        ("shop/ring?wid=40&printRes=72&dpr=on,2", 72, 2835),
    ] {
        assert_eq!(jpeg_dpi(&ok(&engine, &format!("{request}&fmt=jpeg")).body), (dpi, dpi), "{request}");
        assert_eq!(png_per_metre(&ok(&engine, &format!("{request}&fmt=png")).body), (per_metre, 1), "{request}");
    }
    let (fine, coarse) = (ok(&engine, "demo/ring?wid=40&printRes=600"), ok(&engine, "demo/ring?wid=40"));
    assert_eq!(decoded(&fine), decoded(&coarse));
    refused(&engine, "demo/ring?printRes=0", "printres: needs a number from 1 to 65535\r\n");
}

/// The packet goes along; what it says of the orientation does not hold any more.
#[test]
fn xmp_is_embedded_upright() {
    let engine = demo();
    let packet = text(&ok(&engine, "demo/lighthouse?req=xmp"));
    let upright = packet.replace("tiff:Orientation=\"6\"", "tiff:Orientation=\"1\"");
    assert_ne!(packet, upright);
    let embedded = |query: &str| {
        let body = ok(&engine, &format!("demo/lighthouse?wid=50&{query}")).body;
        let name = b"http://ns.adobe.com/xap/1.0/\0";
        let found = segments(&body)
            .into_iter()
            .find_map(|(marker, data)| (marker == 0xe1).then(|| data.strip_prefix(name)).flatten().map(<[u8]>::to_vec));
        found.map(|packet| String::from_utf8(packet).unwrap())
    };
    assert_eq!(embedded("xmpEmbed=1"), Some(upright.clone()));
    assert_eq!(embedded("xmpEmbed=1&fmt=pjpeg&rotate=90"), Some(upright));
    assert_eq!(embedded("xmpEmbed=0"), None);
    assert_eq!(embedded(""), None);
    let (with, without) = (ok(&engine, "demo/ring?wid=50&xmpEmbed=1"), ok(&engine, "demo/ring?wid=50"));
    assert_eq!(with.body, without.body, "a source without a packet");
    let png = |flag: &str| ok(&engine, &format!("demo/lighthouse?wid=50&fmt=png&xmpEmbed={flag}")).body;
    assert_eq!(png("1"), png("0"), "formats that hold none");
}

#[test]
fn caches_do_as_they_are_told() {
    let engine = support::demo().cache_bytes(1 << 20).build().unwrap();
    let stored = |query: &str| {
        let props = text(&ok(&engine, &format!("demo/ring?{query}&req=props")));
        !props.contains("image.length=0\r\n")
    };
    let plain = ok(&demo(), "demo/ring?wid=41");
    for (wid, cache, cache_policy, is_stored) in [
        (42, "on", "public, max-age=36000", true),
        (43, "off", "no-store", false),
        (44, "on,off", "public, max-age=36000", false),
        (45, "off,on", "no-store", true),
        (46, "validate", "public, max-age=36000", true),
        (47, "update", "public, max-age=36000", true),
    ] {
        let reply = ok(&engine, &format!("demo/ring?wid={wid}&cache={cache}"));
        assert_eq!(reply.cache_policy.to_string(), cache_policy, "{cache}");
        assert_eq!(reply.etag.is_some(), cache_policy != "no-store", "{cache}");
        assert_eq!(stored(&format!("wid={wid}")), is_stored, "{cache}");
        assert_eq!(reply.version, plain.version);
        assert_eq!(reply.body, ok(&demo(), &format!("demo/ring?wid={wid}")).body, "{cache}");
    }
    refused(&engine, "demo/ring?cache=never", "cache: needs on, off, validate or update, or two of on and off\r\n");
}

#[test]
fn lifetimes_are_those_of_what_takes_part() {
    let engine = support::demo().id_policy(IdPolicy::Verify).build().unwrap();
    for (request, cache_policy) in [
        ("demo/village", "public, max-age=86400"),
        ("demo/lantern?req=mask", "public, max-age=31536000"),
        ("demo/harbour/mirrored", "no-cache, max-age=0"),
        ("demo/sail?req=tmb", "public, max-age=1800"),
        // The template and its source; the source alone; the mask.
        ("demo/lantern?template=polaroid", "public, max-age=36000"),
        ("demo/lantern?template=polaroid&src=sail", "public, max-age=1800"),
        ("demo/harbour?src=village", "public, max-age=86400"),
        ("demo/village?src=harbour", "public, max-age=36000"),
        ("demo/harbour.jpg", "public, max-age=36000"),
        ("gallery/harbour.jpg", "public, max-age=172800"),
    ] {
        let request = format!("{request}{}wid=9", if request.contains('?') { "&" } else { "?" });
        let reply = ok(&engine, &request);
        assert_eq!(reply.cache_policy.to_string(), cache_policy, "{request}");
        let with_id = ok(&engine, &format!("{request}&id={}", reply.version.unwrap()));
        let immutable = if cache_policy.starts_with("no-") {
            cache_policy.to_owned()
        } else {
            "public, max-age=31536000, immutable".to_owned()
        };
        assert_eq!((with_id.cache_policy.to_string(), &with_id.body), (immutable, &reply.body), "{request}");
    }
}
