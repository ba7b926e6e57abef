//! Colour profiles: those of sources, those that requests and catalogs name, and those that go into replies.

use platemark::{Engine, ErrorKind, Reply};

use crate::support::icc;
use crate::{World, decoded, ok, png};

/// A PNG of one pixel in each colour, with chunks between its header and its pixels.
fn patches(color: png::ColorType, patches: &[&[u8]], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let data = patches.concat();
    let file = png(patches.len() as u32, 1, color, &data);
    let (header, rest) = file.split_at(33);
    let mut file = header.to_vec();
    for (name, data) in chunks {
        let named = [&name[..], data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&named);
        file.extend(crc(&named).to_be_bytes());
    }
    [file, rest.to_vec()].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn profile_chunk(profile: &[u8]) -> Vec<u8> {
    [b"p\0\0", &fdeflate::compress_to_vec(profile)[..]].concat()
}

/// Colours with every component, in the RGB that a profile is for.
const COLORS: [&[u8]; 6] =
    [&[200, 40, 40], &[40, 200, 40], &[40, 40, 200], &[128, 128, 128], &[250, 240, 10], &[255, 255, 255]];

/// The same from P3 and from Adobe RGB in sRGB, and grays of gamma 1.8, by LittleCMS 2, relative to the white.
const P3_AS_SRGB: [&[u8]; 6] =
    [&[218, 0, 26], &[0, 204, 0], &[40, 40, 208], &[128, 128, 128], &[252, 240, 0], &[255, 255, 255]];
const ADOBE_AS_SRGB: [&[u8]; 6] =
    [&[233, 35, 35], &[0, 201, 0], &[35, 35, 205], &[129, 129, 129], &[254, 240, 0], &[255, 255, 255]];
const GRAY18_AS_SRGB: [&[u8]; 4] = [&[0], &[77], &[146], &[255]];

/// A world with a P3 picture, an Adobe RGB picture, a gray one of gamma 1.8, and one without profile; and profiles.
fn world() -> World {
    let world = World::new();
    let p3 = icc::rgb_of_srgb("Wide", icc::P3);
    let adobe = icc::rgb("Photographer", icc::ADOBE, 2.19921875);
    let gray = icc::gray("Dot gain", 1.8);
    let with = |profile: &[u8]| patches(png::ColorType::Rgb, &COLORS, &[(b"iCCP", &profile_chunk(profile))]);
    world.write("p3.png", with(&p3));
    world.write("adobe.png", with(&adobe));
    world.write("plain.png", patches(png::ColorType::Rgb, &COLORS, &[]));
    let grays: [&[u8]; 4] = [&[0], &[60], &[128], &[255]];
    world.write("gray18.png", patches(png::ColorType::Grayscale, &grays, &[(b"iCCP", &profile_chunk(&gray))]));
    world.write("p3.icc", p3);
    world.write("adobe.icc", adobe);
    world.write("gray18.icc", gray);
    world.write("press.icc", icc::press("Press"));
    world.write("broken.icc", b"no profile");
    world.write("map.txt", "Name\tProfilePath\nWide\tp3.icc\nPress\tpress.icc\nBroken\tbroken.icc\nGone\tgone.icc\n");
    world.write("default.ini", "DefaultExt=\nMaxPix=3000,3000\nIccProfileMapFile=map.txt\n");
    world
}

fn rewritten(world: &World, lines: &str) -> Engine {
    world.write("default.ini", format!("DefaultExt=\nMaxPix=3000,3000\nIccProfileMapFile=map.txt\n{lines}"));
    world.engine()
}

fn colors(engine: &Engine, request: &str) -> Vec<Vec<u8>> {
    let reply = ok(engine, request);
    let (width, .., samples) = decoded(&reply);
    samples.chunks_exact(samples.len() / width as usize).map(<[u8]>::to_vec).collect()
}

fn assert_near(found: &[Vec<u8>], expected: &[&[u8]], name: &str) {
    for (found, expected) in found.iter().zip(expected) {
        let near = found.iter().zip(*expected).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(near && found.len() == expected.len(), "{name}: {found:?} and not {expected:?}");
    }
}

/// The value of a property.
fn property(engine: &Engine, request: &str, name: &str) -> String {
    let body = String::from_utf8(ok(engine, request).body.to_vec()).unwrap();
    body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned()
}

fn error(engine: &Engine, request: &str) -> String {
    let reply = engine.serve(&format!("/is/image/{request}"));
    assert_ne!(reply.status, 200, "{request}");
    reply.error.unwrap().to_string()
}

/// The profile in a PNG reply.
fn embedded(reply: &Reply) -> Option<Vec<u8>> {
    let reader = png::Decoder::new(std::io::Cursor::new(&reply.body)).read_info().unwrap();
    reader.info().icc_profile.as_ref().map(|profile| profile.to_vec())
}

#[test]
fn replies_are_in_srgb_unless_the_catalog_says_otherwise() {
    let world = world();
    let engine = world.engine();
    let raw: Vec<&[u8]> = COLORS.to_vec();
    assert_near(&colors(&engine, "plain.png?scl=1&fmt=png"), &raw, "no profile");
    assert_near(&colors(&engine, "p3.png?scl=1&fmt=png"), &P3_AS_SRGB, "P3");
    assert_near(&colors(&engine, "adobe.png?scl=1&fmt=png"), &ADOBE_AS_SRGB, "Adobe RGB");
    assert_near(&colors(&engine, "gray18.png?scl=1&fmt=png,gray"), &GRAY18_AS_SRGB, "gray");
    let rgb: Vec<Vec<u8>> = GRAY18_AS_SRGB.iter().map(|gray| gray.repeat(3)).collect();
    let rgb: Vec<&[u8]> = rgb.iter().map(Vec::as_slice).collect();
    assert_near(&colors(&engine, "gray18.png?scl=1&fmt=png"), &rgb, "gray as RGB");
    assert_eq!(property(&engine, "p3.png?req=props", "image.iccProfile"), "sRGB");
    assert_eq!(property(&engine, "p3.png?req=imageprops", "image.iccProfile"), "Wide");

    let off = rewritten(&world, "ColorManagement=off\n");
    for name in ["plain.png", "p3.png", "adobe.png"] {
        assert_near(&colors(&off, &format!("{name}?scl=1&fmt=png")), &raw, name);
    }
    assert_eq!(property(&off, "p3.png?req=props", "image.iccProfile"), "Wide");
    assert_eq!(property(&off, "plain.png?req=props", "image.iccProfile"), "");
}

#[test]
fn requests_and_catalogs_name_the_space_of_the_reply() {
    let world = world();
    let engine = world.engine();
    let raw: Vec<&[u8]> = COLORS.to_vec();
    // To the space that the picture is in, by the name of the map and by the path of another file.
    assert_near(&colors(&engine, "p3.png?scl=1&fmt=png&icc=Wide"), &raw, "the same profile");
    assert_near(&colors(&engine, "p3.png?scl=1&fmt=png&icc=source"), &raw, "its own profile");
    assert_near(&colors(&engine, "p3.png?scl=1&fmt=png&icc=p3.icc"), &raw, "by path");
    assert_near(&colors(&engine, "adobe.png?scl=1&fmt=png&icc=sRGB"), &ADOBE_AS_SRGB, "built in");
    let there = colors(&engine, "adobe.png?scl=1&fmt=png&icc=Wide");
    assert_ne!(there, colors(&engine, "adobe.png?scl=1&fmt=png"));
    assert_eq!(property(&engine, "adobe.png?req=props&icc=Wide", "image.iccProfile"), "Wide");
    // A profile of inks decides the pixel type.
    assert_eq!(property(&engine, "adobe.png?req=props&icc=Press", "image.pixTyp"), "CMYK");
    assert_eq!(
        error(&engine, "adobe.png?icc=Press&fmt=png"),
        "icc: is a profile for pixels that the format of the reply cannot hold"
    );
    for (request, expected) in [
        ("icc=Gone", "icc: names no profile"),
        ("icc=nothing", "icc: names no profile"),
        ("icc=Wide,vivid", "icc: needs perceptual, relative, saturation or absolute as its second value"),
    ] {
        assert_eq!(error(&engine, &format!("p3.png?{request}")), expected);
    }
    assert!(error(&engine, "p3.png?icc=Broken").starts_with("icc: "));
    assert!(engine.serve("/is/image/p3.png?icc=../x.icc").status != 200);

    let named = rewritten(&world, "IccProfileRgb=Wide\n");
    assert_near(&colors(&named, "p3.png?scl=1&fmt=png"), &raw, "as the catalog says");
    assert_eq!(colors(&named, "adobe.png?scl=1&fmt=png"), there);
    assert_near(&colors(&named, "adobe.png?scl=1&fmt=png&icc=sRGB"), &ADOBE_AS_SRGB, "the request wins");
    let broken = rewritten(&world, "IccProfileRgb=Broken\nIccProfileGray=Wide\nIccProfileCmyk=Gone\n");
    assert!(error(&broken, "p3.png").starts_with("IccProfileRgb: "));
    assert_eq!(error(&broken, "p3.png?fmt=jpeg,gray"), "IccProfileGray: names a profile for other pixels");
    assert_eq!(error(&broken, "p3.png?fmt=jpeg,cmyk"), "IccProfileCmyk: names no profile");
    assert_eq!(ok(&broken, "p3.png?icc=sRGB").status, 200, "only what is used has to be there");
}

#[test]
fn sources_without_a_profile_have_that_of_their_record_or_catalog() {
    let world = world();
    world.write("all.txt", "Id\tPath\tIccProfile\nwide\tplain.png\tWide\nplain\tplain.png\t\nown\tadobe.png\tWide\n");
    let engine = rewritten(&world, "CatalogFile=all.txt\n");
    assert_near(&colors(&engine, "wide?scl=1&fmt=png"), &P3_AS_SRGB, "the record's");
    assert_near(&colors(&engine, "own?scl=1&fmt=png"), &ADOBE_AS_SRGB, "its own");
    let engine = rewritten(&world, "CatalogFile=all.txt\nIccProfileSrcRgb=adobe.icc\n");
    assert_near(&colors(&engine, "plain?scl=1&fmt=png"), &ADOBE_AS_SRGB, "the catalog's");
    assert_near(&colors(&engine, "wide?scl=1&fmt=png"), &P3_AS_SRGB, "the record's before the catalog's");
    // Without it, what the catalog says of replies: the reply is then in that space, too.
    let engine = rewritten(&world, "CatalogFile=all.txt\nIccProfileSrcRgb=Gone\nIccProfileRgb=Wide\n");
    assert_near(&colors(&engine, "plain?scl=1&fmt=png"), &COLORS, "both in one space");
    assert_near(&colors(&engine, "plain?scl=1&fmt=png&icc=sRGB"), &P3_AS_SRGB, "from the catalog's space");
}

#[test]
fn profiles_are_embedded_where_the_request_says_so() {
    let world = world();
    let engine = world.engine();
    let png = |request: &str| embedded(&ok(&engine, request));
    assert_eq!(png("p3.png?fmt=png"), None);
    assert_eq!(png("p3.png?fmt=png&icc=Wide&iccEmbed=1").unwrap(), icc::rgb_of_srgb("Wide", icc::P3));
    assert_eq!(png("p3.png?fmt=png-alpha&icc=source&iccEmbed=1").unwrap(), icc::rgb_of_srgb("Wide", icc::P3));
    assert!(png("p3.png?fmt=png&iccEmbed=1").unwrap().len() > 128, "that of sRGB");
    for format in ["jpeg", "pjpeg", "jpeg,gray"] {
        let reply = ok(&engine, &format!("p3.png?fmt={format}&iccEmbed=1"));
        let name = reply.body.windows(12).position(|part| part == b"ICC_PROFILE\0");
        assert!(name.is_some(), "{format}");
    }
    for format in ["webp", "webp-alpha,,lossless"] {
        let reply = ok(&engine, &format!("p3.png?fmt={format}&icc=Wide&iccEmbed=1"));
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&reply.body)).unwrap();
        assert_eq!(decoder.icc_profile().unwrap(), Some(icc::rgb_of_srgb("Wide", icc::P3)), "{format}");
    }
    let press = ok(&engine, "p3.png?icc=Press&iccEmbed=1&wid=6");
    let profile = icc::press("Press");
    assert!(press.body.windows(1000).any(|part| *part == profile[..1000]));
    assert_eq!(property(&engine, "p3.png?req=props&icc=Wide&iccEmbed=1", "image.iccEmbed"), "1");
    assert_eq!(property(&engine, "p3.png?req=props&icc=Wide", "image.iccEmbed"), "0");
    let off = rewritten(&world, "ColorManagement=off\n");
    assert_eq!(embedded(&ok(&off, "plain.png?fmt=png&iccEmbed=1")), None);
    assert_eq!(property(&off, "plain.png?req=props&iccEmbed=1", "image.iccEmbed"), "0");
}

#[test]
fn versions_cover_profiles_by_their_content() {
    let world = world();
    let lines = "IccProfileRgb=Wide\nIccProfileSrcRgb=adobe.icc\n";
    let version = |engine: &Engine, request: &str| ok(engine, request).version.unwrap();
    let engine = rewritten(&world, lines);
    let before = version(&engine, "plain.png");
    let named = version(&engine, "plain.png?icc=gray18.icc");
    let meta = crate::metadata_version(&engine, "plain.png");
    // The same engine, which has remembered the request, and a new one.
    world.write("p3.icc", icc::rgb_of_srgb("Wide", icc::ADOBE));
    let after = version(&engine, "plain.png");
    assert_ne!(before, after);
    assert_eq!(version(&rewritten(&world, lines), "plain.png"), after);
    assert_eq!(crate::metadata_version(&rewritten(&world, lines), "plain.png"), meta);
    world.write("p3.icc", icc::rgb_of_srgb("Wide", icc::P3));
    assert_eq!(version(&engine, "plain.png"), before);
    world.write("gray18.icc", icc::gray("Dot gain", 1.9));
    assert_eq!(version(&engine, "plain.png"), before, "it is not named here");
    assert_ne!(version(&engine, "plain.png?icc=gray18.icc"), named);
}

/// Views of 60 by 46 pixels.
const VIEWS: [&str; 8] = [
    "wid=60&hei=46",
    "wid=60&hei=46&color=ff800080&extend=5,5,5,5",
    "wid=60&hei=46&op_usm=2,3&rotate=20&bgColor=203040",
    "wid=60&hei=46&icc=Wide",
    "wid=60&hei=46&crop=-20,-20,130,110",
    "wid=60&hei=46&linear=1",
    "wid=60&hei=46&linear=1&crop=-20,-20,130,110",
    "wid=60&hei=46&linear=1&maskUse=invert&rotate=20&bgColor=203040",
];

#[test]
fn tiles_join_whatever_is_converted() {
    let world = world();
    let profile = icc::rgb_of_srgb("Wide", icc::P3);
    let data = crate::pixels(90, 70, 3, 9);
    let file = png(90, 70, png::ColorType::Rgb, &data);
    let (header, rest) = file.split_at(33);
    let chunk = profile_chunk(&profile);
    let named = [&b"iCCP"[..], &chunk].concat();
    let chunk = [&(chunk.len() as u32).to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat();
    world.write("wide.png", [header, &chunk, rest].concat());
    let mut deep = png::Info::with_size(90, 70);
    (deep.color_type, deep.bit_depth) = (png::ColorType::Rgb, png::BitDepth::Sixteen);
    deep.icc_profile = Some(profile.into());
    let mut file = Vec::new();
    let mut writer = png::Encoder::with_info(&mut file, deep).unwrap().write_header().unwrap();
    writer.write_image_data(&crate::pixels(90, 70, 6, 11)).unwrap();
    writer.finish().unwrap();
    world.write("deep.png", file);
    let engine = world.engine();
    for (name, view) in ["wide.png", "deep.png"].into_iter().flat_map(|name| VIEWS.map(|view| (name, view))) {
        let (.., whole) = decoded(&ok(&engine, &format!("{name}?{view}&fmt=png")));
        for (x, y) in [(0, 0), (30, 0), (0, 23), (30, 23)] {
            let (.., tile) = decoded(&ok(&engine, &format!("{name}?{view}&fmt=png&rect={x},{y},30,23")));
            for row in 0..23 {
                let at = ((y + row) * 60 + x) * 3;
                assert_eq!(tile[row * 90..][..90], whole[at..][..90], "{name} {view} {x},{y}");
            }
        }
    }
}

#[test]
fn a_profile_that_cannot_be_read_is_taken_as_absent() {
    let world = world();
    let mut broken = icc::rgb_of_srgb("Wide", icc::P3);
    broken.truncate(200);
    world.write("broken.png", patches(png::ColorType::Rgb, &COLORS, &[(b"iCCP", &profile_chunk(&broken))]));
    // For other pixels than those of the file.
    let gray = icc::gray("Gray", 1.8);
    world.write("other.png", patches(png::ColorType::Rgb, &COLORS, &[(b"iCCP", &profile_chunk(&gray))]));
    let engine = world.engine();
    for name in ["broken.png", "other.png"] {
        assert_near(&colors(&engine, &format!("{name}?scl=1&fmt=png")), &COLORS, name);
    }
}

#[test]
fn png_says_its_space_in_more_ways() {
    let world = world();
    let rgb = |chunks: &[(&[u8; 4], &[u8])]| patches(png::ColorType::Rgb, &COLORS, chunks);
    let be = |values: &[u32]| values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<u8>>();
    let adobe = be(&[31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000]);
    let p3 = icc::rgb_of_srgb("Wide", icc::P3);
    world.write("cicp.png", rgb(&[(b"cICP", &[12, 13, 0, 1]), (b"iCCP", &profile_chunk(&icc::gray("x", 1.0)))]));
    world.write("srgb.png", rgb(&[(b"sRGB", &[0]), (b"gAMA", &be(&[100_000])), (b"cHRM", &adobe)]));
    world.write("gamma.png", rgb(&[(b"gAMA", &be(&[45470])), (b"cHRM", &adobe)]));
    world.write("usual.png", rgb(&[(b"gAMA", &be(&[45455]))]));
    world.write("both.png", rgb(&[(b"gAMA", &be(&[100_000])), (b"iCCP", &profile_chunk(&p3))]));
    let engine = world.engine();
    let found = |name: &str| colors(&engine, &format!("{name}?scl=1&fmt=png"));
    assert_near(&found("cicp.png"), &P3_AS_SRGB, "cICP before iCCP");
    assert_near(&found("srgb.png"), &COLORS, "sRGB before gAMA");
    assert_near(&found("gamma.png"), &ADOBE_AS_SRGB, "gAMA and cHRM");
    assert_near(&found("usual.png"), &COLORS, "as good as sRGB");
    assert_near(&found("both.png"), &P3_AS_SRGB, "iCCP before gAMA");
    for (transfer, name) in [(16, "PQ"), (18, "HLG")] {
        world.write("hdr.png", rgb(&[(b"cICP", &[9, transfer, 0, 1])]));
        let reply = world.engine().serve("/is/image/hdr.png");
        let error = reply.error.unwrap();
        assert!(error.to_string().contains(name) && error.kind() == ErrorKind::Source, "{error}");
    }
}

#[test]
fn gray_with_the_curve_of_srgb_is_as_good_as_no_profile() {
    let world = world();
    world.write("sgray.icc", icc::gray_of_srgb("Plain gray"));
    let grays: [&[u8]; 4] = [&[0], &[60], &[128], &[255]];
    world.write("gray.png", patches(png::ColorType::Grayscale, &grays, &[]));
    let plain = world.engine();
    let expected = colors(&plain, "gray.png?scl=1&fmt=png");
    let reply = colors(&plain, "p3.png?scl=1&fmt=png,gray");
    for lines in ["IccProfileSrcGray=sgray.icc\n", "IccProfileGray=sgray.icc\n"] {
        let engine = rewritten(&world, lines);
        assert_eq!(colors(&engine, "gray.png?scl=1&fmt=png"), expected, "{lines}");
        assert_eq!(colors(&engine, "p3.png?scl=1&fmt=png,gray"), reply, "{lines}");
    }
    assert_eq!(colors(&plain, "p3.png?scl=1&fmt=png&icc=sgray.icc"), reply);
}

#[test]
fn parts_in_which_nothing_of_the_source_shows_are_converted_too() {
    let world = world();
    let lines = "IccProfileCmyk=press.icc\n";
    let views = [
        "p3.png?rotate=45&rect=0,0,1,1&fmt=png",
        "p3.png?extend=4,4,4,4&bgColor=ff0000&scl=1&rect=0,0,2,2&fmt=png",
        "p3.png?wid=40&hei=40&rect=0,0,2,2&fmt=jpeg,cmyk",
        "gray18.png?wid=40&hei=40&rect=0,0,2,2&fmt=jpeg,cmyk&bgc=ff0000",
    ];
    let cold: Vec<_> = views.iter().map(|view| ok(&rewritten(&world, lines), view).body).collect();
    let engine = rewritten(&world, lines);
    for _ in 0..2 {
        // Remembered: the file need not be opened for its facts.
        let warm: Vec<_> = views.iter().map(|view| ok(&engine, view).body).collect();
        assert!(warm == cold);
    }
}

#[test]
fn gray_in_inks_has_a_background_of_any_colour() {
    let world = world();
    let engine = rewritten(&world, "IccProfileCmyk=press.icc\n");
    let plain = rewritten(&world, "");
    for view in
        ["gray18.png?wid=40&hei=40&fmt=jpeg,cmyk&bgc=ff0000", "gray18.png?bgColor=ff0000&extend=3,3,3,3&fmt=jpeg,cmyk"]
    {
        assert_ne!(ok(&engine, view).body, ok(&plain, view).body, "{view}");
        assert_ne!(ok(&engine, view).body, ok(&engine, &view.replace("ff0000", "4c4c4c")).body, "{view}");
    }
}

#[test]
fn versions_cover_which_catalog_a_source_has_its_profile_from() {
    let world = world();
    world.write("all.txt", "Id\tPath\na\tplain.png\n");
    world.write("x.ini", "RootId=x\nCatalogFile=x.txt\nIccProfileRgb=adobe.icc\n");
    world.write("x.txt", "Id\tPath\na\tplain.png\n");
    let both = ok(&rewritten(&world, "CatalogFile=all.txt\n"), "x/a?fmt=png");
    world.write("x.txt", "Id\tPath\nb\tplain.png\n");
    let one = ok(&rewritten(&world, "CatalogFile=all.txt\n"), "x/a?fmt=png");
    assert_ne!(both.body, one.body);
    assert!(both.version != one.version && both.etag != one.etag);
}

/// The attribute is the default of the command, and in the version where it is given.
#[test]
fn catalogs_resample_in_linear_light() {
    let world = world();
    let board: Vec<u8> = (0..40 * 40).map(|i| if (i / 40 + i % 40) % 2 == 0 { 0 } else { 255 }).collect();
    world.write("board.png", png(40, 40, png::ColorType::Grayscale, &board));
    let plain = rewritten(&world, "");
    let (view, small) = ("board.png?wid=20&fmt=png,gray", |reply: &Reply| decoded(reply).2[10 * 20 + 10]);
    let before = ok(&plain, view);
    assert!([127, 128].contains(&small(&before)));
    let asked = ok(&plain, &format!("{view}&linear=1"));
    assert!([187, 188].contains(&small(&asked)));
    assert_eq!(asked.version, before.version, "what the request says is in the request");
    let linear = rewritten(&world, "LinearLight=1\n");
    let after = ok(&linear, view);
    assert_eq!(after.body, asked.body);
    assert!(after.version != before.version && after.etag != before.etag);
    assert_eq!(ok(&linear, &format!("{view}&linear=0")).body, before.body);
    let same = ok(&rewritten(&world, "LinearLight=0\n"), view);
    assert_eq!((same.body, same.version), (before.body, before.version), "the default");
    assert_eq!(error(&plain, "board.png?linear=2"), "linear: needs 0 or 1");
}
