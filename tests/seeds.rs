//! Writes the seeds of the fuzz targets anew, from the demo catalogs: `cargo test --test seeds -- --ignored`.
//!
//! It is a program, and no test of anything; that the seeds are there and small is one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

#[path = "color/models.rs"]
mod models;
#[path = "color/profiles.rs"]
#[allow(dead_code, reason = "the test of colours has more of them")]
mod profiles;
mod support;
#[path = "color/writer.rs"]
mod writer;

use std::path::PathBuf;

use jpeg_encoder::{ColorType as Ink, Encoder, SamplingFactor};
use platemark::Engine;
use png::{BitDepth, ColorType};

/// The longest seed.
const LONGEST: usize = 20 << 10;
/// The longest that all of them may be together.
const ALL: usize = 600 << 10;

fn folder() -> PathBuf {
    support::path("fuzz/seeds")
}

#[test]
fn seeds_are_small() {
    let targets = std::fs::read_dir(folder()).unwrap().map(|target| target.unwrap().path());
    let files = targets.flat_map(|target| std::fs::read_dir(target).unwrap()).map(|file| file.unwrap());
    let lengths: Vec<usize> = files.map(|file| file.metadata().unwrap().len() as usize).collect();
    assert!(lengths.iter().all(|&len| len <= LONGEST) && lengths.iter().sum::<usize>() <= ALL, "{lengths:?}");
    assert!(lengths.len() > 100);
}

#[test]
#[ignore = "writes fuzz/seeds"]
fn make() {
    let _ = std::fs::remove_dir_all(folder());
    let engine = support::demo().build().unwrap();
    let requests = support::golden_requests();
    let jpegs = jpegs(&engine);
    let pngs = pngs(&engine);
    for (i, request) in requests.iter().step_by(3).enumerate() {
        put("request", &format!("golden-{i}"), request.as_bytes());
    }
    for (i, request) in LANGUAGE.iter().enumerate() {
        put("request", &format!("language-{i}"), request.as_bytes());
    }
    for (i, edit) in EDITS.iter().enumerate() {
        put("edit", &format!("edit-{i}"), edit.as_bytes());
    }
    for (i, target) in SIGNED.iter().enumerate() {
        // Where a bit is flipped, key and end.
        put(
            "signature",
            &format!("target-{i}"),
            &[&[(7 * i) as u8, 0, i as u8, (37 * i) as u8], target.as_bytes()].concat(),
        );
    }
    for (name, file) in jpegs.iter().chain(&odd_jpegs(&jpegs)) {
        put("jpeg", name, &[&[3, 5, 20, 17, (name.len() % 8) as u8], &file[..]].concat());
    }
    for (name, file) in &pngs {
        put("png", name, &[&[3, 5, 20, 17, (name.len() % 2) as u8], &file[..]].concat());
    }
    for (name, file) in strange_pngs(&pngs) {
        put("png", name, &[&[3, 5, 20, 17, 0], &file[..]].concat());
    }
    for (name, file) in others() {
        let target = name.rsplit('.').next().unwrap();
        put(target, &name, &[&[3, 5, 20, 17], &file[..]].concat());
    }
    for name in TIFFS {
        let file = std::fs::read(support::path("src/engine/versioning/probes").join(format!("{name}.tif"))).unwrap();
        for change in [0, 2 * name.len() as u8 + 1] {
            put("tiff", &format!("{name}-{change}"), &[&[3, 5, 20, 17, change], &file[..]].concat());
        }
    }
    catalogs();
    metadata(&jpegs, &pngs);
    numbers();
    contents();
    engines(&jpegs, &pngs, &requests);
    for (i, (name, profile)) in profiles::small().iter().enumerate() {
        // The intent, and whether black points are compensated.
        put(
            "profile",
            &name.replace([' ', '.', ',', '*'], "-"),
            &[&[(i % 4) as u8, (i / 4 % 2) as u8], &profile[..]].concat(),
        );
    }
}

fn put(target: &str, name: &str, content: &[u8]) {
    assert!(content.len() <= LONGEST, "{target}/{name}: {} bytes", content.len());
    let folder = folder().join(target);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), content).unwrap();
}

/// TIFFs of every compression, which stand in the probes.
const TIFFS: [&str; 8] = [
    "ccitt-3",
    "ccitt-4",
    "cmyk-jpeg",
    "gray-16-deflate",
    "palette-packbits",
    "rgb-lzw",
    "rgba-associated-lzw",
    "ycbcr-jpeg",
];

/// What no demo request says.
const LANGUAGE: [&str; 14] = [
    "demo/ring?layer=0&src=is(demo/arch?wid=50&src=is(x))&mask=IS{a?b&c}&layer=comp&opac=50",
    "caf%C3%A9/%zz?wid=1e3&hei=-0.5&rgnN=.1,.2,.3,.4&scl=.3333333333&fit=fit,1",
    "demo?$a$&$v=1&$w=$v$&wid=$w$&text=%5Crtf&$object$&src=$object$",
    "x?imageSet={a;b,c;{0xff00ff}}&req=set,json&labelkey=l&handler=f.g&id=q",
    "x?rotate=-45.5&size=200,0&anchorN=-.5,.5&extend=1,-2,3,-4&extendN=.1&crop=,,5,5&cropN=0,0,1,1",
    "x?color=ff00ff7f&bgColor=255,0,0,127&bgc=80ff0000&op_colorize=808080,norm,50&op_hue=-180&op_usmR=.9,2,3,1",
    "x?op_blur=3.5&op_brightness=-5&op_contrast=100&op_colorbalance=1,-2,3&op_invert=1&op_noise=20,gaussian,1",
    "x?req=xlate,xml,UTF-16LE&locale=de_CH&defaultImage=y&template=t&map=%3CAREA%3E&mapA=x",
    "x?qlt=80,1&fmt=pjpeg,cmyk,alpha&jpegSize=10&pscan=auto&printRes=300&resMode=sharp2&quantize=adaptive,off,8,web",
    "x?cache=off,validate&cache=on,update&network=slow&bfc=off&dpr=on,2.5&align=-1,1&maskUse=invert&pos=3,-4",
    "/is/content/a/b.css?req=userdata,text&type=css&cache=off",
    "//a/../b\\c?.comment=1&&&=&==&$=&$$&$$$&wid",
    "x?req=saveToFile&name=a/b.jpg&timeout=5&message=hello",
    "x?rect=0,0,64,64,2&scale=2.25&res=72.5&flip=lrud&hide=1&blendMode=multiply&effect=1&iccEmbed=1&xmpEmbed=1",
];

/// Commands of edits, and some that edits do not have.
const EDITS: [&str; 8] = [
    "wid=400&hei=300&fit=crop,1&align=-1,.5&op_usm=1,8,0,1&op_usmR=.9,2.5,7&fmt=png-alpha,gray&qlt=90,1",
    "WID=5&amp;rgn=-5,5,90,90&rect=0,0,64,64,2&dpr=on,2.5&scl=.25&bgc=80,20,0,10k&resMode=sharp&printRes=72.5",
    "fmt=pjpeg,cmyk&pscan=4&jpegSize=10&xmpEmbed=1&iccEmbed=0&maskUse=invert&crop=-1,2,3,4&size=0,90&scale=2&res=.5",
    "cropN=.1,.2,.3,.4&sizeN=0,0&rotate=-33.3&extendN=.1,-.1,0,0&color=ff00ff7f&bgColor=1,2,3,4&flip=lrud",
    "anchor=1,2&originN=.5,-.5&pos=3,4&op_blur=3.5&op_brightness=-5&op_contrast=9&op_colorbalance=1,-2,3&op_hue=-180",
    "op_saturation=7&op_colorize=808080,norm,50&op_invert=1&op_noise=20,gaussian,1&op_sharpen=1&.note&&bfc=on&opac=100",
    "wid=0&src=is(a?b=(c))&layer=0&$v=1&$m$&id=5&unknown=6&req=props",
    "fit=stretch",
];

/// Targets that have something of a signature, or that a signature has to get right.
const SIGNED: [&str; 12] = [
    "/is/image/demo/harbour?wid=400",
    "/is/content/a/b.css",
    "a?wid=400&sig=Sv62TeRS1abLa-o_oAygreLAAbPPbTqG0F4LsS0c_jA&id=37JK6NTvpvC42F5gOuLEVY",
    "/is/image/a?wid=5&exp=1000&kid=k1&sig=Sv62TeRS1abLa-o_oAygreLAAbPPbTqG0F4LsS0c_jA",
    "a?id=1&wid=2&ID=3&&hei=4&id",
    "a?",
    "a?&",
    "a?sig=A&SIG=B&exp=1&exp=2&kid=&kid=k",
    "a?src=is(b?wid=10&hei=20&id=5)&id=6",
    "a?imageSet={a&id=1}&id=)&{&id=2",
    "caf%C3%A9/a+b?$t=50%20%25&amp;wid=5&amp;id=6&%69d=7",
    "d2lk?d2lkPTIwMCY0YTFm==&exp=18446744073709551615&kid=2026-01",
];

/// JPEGs of every kind: as this library writes them, and as the `jpeg-encoder` crate does.
fn jpegs(engine: &Engine) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![];
    let requests = [
        ("baseline", "demo/harbour?wid=64"),
        ("tiny", "demo/harbour?wid=5&hei=3&fit=stretch"),
        ("fine", "demo/harbour?wid=40&qlt=95,1"),
        ("coarse", "demo/harbour?wid=120&qlt=10"),
        ("progressive", "demo/harbour?wid=60&fmt=pjpeg"),
        ("five-scans", "demo/lighthouse?wid=50&fmt=pjpeg&pscan=5"),
        ("gray", "demo/pebbles?wid=70&fmt=jpeg,gray"),
        ("gray-progressive", "demo/pebbles?wid=50&fmt=pjpeg,gray"),
        ("cmyk", "demo/poster?wid=30&fmt=jpeg,cmyk"),
        ("cmyk-progressive", "demo/poster?wid=25&fmt=pjpeg,cmyk"),
        ("xmp", "demo/lighthouse?wid=30&xmpEmbed=1"),
    ];
    for (name, request) in requests {
        files.push((name.to_owned(), served(engine, request)));
    }
    let (width, height, pixels) = pixels(engine, "demo/harbour?wid=45&hei=37&fit=crop");
    let factors = [
        ("11", SamplingFactor::F_1_1),
        ("21", SamplingFactor::F_2_1),
        ("12", SamplingFactor::F_1_2),
        ("22", SamplingFactor::F_2_2),
        ("41", SamplingFactor::F_4_1),
        ("14", SamplingFactor::F_1_4),
    ];
    for (name, factor) in factors {
        for (kind, progressive, restart) in [("", false, 0), ("-restarts", false, 2), ("-scans", true, 3)] {
            let mut file = vec![];
            let mut encoder = Encoder::new(&mut file, 60);
            encoder.set_sampling_factor(factor);
            encoder.set_restart_interval(restart);
            encoder.set_progressive(progressive);
            encoder.set_optimized_huffman_tables(restart > 0);
            encoder.encode(&pixels, width as u16, height as u16, Ink::Rgb).unwrap();
            files.push((format!("sampled-{name}{kind}"), file));
        }
    }
    let (width, height, inks) = (16, 11, pixels.iter().copied().take(16 * 11 * 4).collect::<Vec<_>>());
    for (name, ink) in [("inks", Ink::Cmyk), ("ycck", Ink::CmykAsYcck)] {
        let mut file = vec![];
        Encoder::new(&mut file, 70).encode(&inks, width, height, ink).unwrap();
        files.push((name.to_owned(), file));
    }
    files
}

/// JPEGs with arithmetic codes, some that are cut off or have a wrong byte, and one without definitions of Huffman codes.
fn odd_jpegs(jpegs: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![];
    for name in ["arithmetic", "arithmetic-progressive", "arithmetic-gray"] {
        files.push((name.to_owned(), std::fs::read(support::path("assets/jpeg").join(format!("{name}.jpg"))).unwrap()));
    }
    for name in ["baseline", "progressive", "sampled-22-restarts", "inks", "arithmetic", "arithmetic-progressive"] {
        let (_, file) = files.iter().chain(jpegs).find(|(other, _)| other == name).unwrap().clone();
        let cut = file[..file.len() * 2 / 3].to_vec();
        let mut spoiled = file;
        let at = spoiled.len() * 3 / 4;
        spoiled[at] ^= 0x5a;
        files.extend([(format!("{name}-cut"), cut), (format!("{name}-spoiled"), spoiled)]);
    }
    let (_, baseline) = jpegs.iter().find(|(name, _)| name == "baseline").unwrap();
    let (mut bare, mut rest) = (baseline[..2].to_vec(), &baseline[2..]);
    while rest[1] != 0xda {
        let (segment, after) = rest.split_at(2 + usize::from(u16::from_be_bytes([rest[2], rest[3]])));
        rest = after;
        if segment[1] != 0xc4 {
            bare.extend(segment);
        }
    }
    bare.extend(rest);
    files.push(("bare".to_owned(), bare));
    files
}

fn served(engine: &Engine, request: &str) -> Vec<u8> {
    let reply = engine.serve(&format!("/is/image/{request}"));
    assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
    reply.body.to_vec()
}

/// RGB pixels of a picture.
fn pixels(engine: &Engine, request: &str) -> (u32, u32, Vec<u8>) {
    let file = served(engine, &format!("{request}&fmt=png"));
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

/// PNGs with something wrong in them: the picture is there, or a part of it.
fn strange_pngs(pngs: &[(String, Vec<u8>)]) -> Vec<(&'static str, Vec<u8>)> {
    let file = |name: &str| &pngs.iter().find(|(known, _)| known == name).unwrap().1;
    let (plain, laced, indexed) = (file("rgb-8"), file("rgb-8-clear-laced"), file("indexed-4"));
    let at = |file: &[u8], kind: &[u8]| file.windows(4).position(|window| window == kind).unwrap() - 4;
    let with = |file: &[u8], at: usize, chunks: &[Vec<u8>]| [&file[..at], &chunks.concat(), &file[at..]].concat();
    let frame = |number: u32| chunk(b"fcTL", &[&number.to_be_bytes()[..], &plain[16..24], &[0; 14]].concat());
    let mut flipped = plain.clone();
    let middle = (at(plain, b"IDAT") + plain.len()) / 2;
    flipped[middle] ^= 0x10;
    let mut wrong_sum = plain.clone();
    wrong_sum[plain.len() - 14] ^= 1;
    vec![
        ("no-end", plain[..plain.len() - 12].to_vec()),
        ("half-a-sum", plain[..plain.len() - 14].to_vec()),
        ("garbage-behind", [&plain[..plain.len() - 12], &[0x55; 99]].concat()),
        ("cut-off", plain[..middle].to_vec()),
        ("cut-off-laced", laced[..(at(laced, b"IDAT") + laced.len()) / 2].to_vec()),
        ("flipped", flipped),
        ("wrong-sum", wrong_sum),
        (
            "wrong-frames",
            with(plain, at(plain, b"IDAT"), &[chunk(b"acTL", &[0, 0, 0, 9, 0, 0, 0, 0]), frame(3), frame(3)]),
        ),
        ("long-clear", with(indexed, at(indexed, b"IDAT"), &[chunk(b"tRNS", &[77; 200])])),
        ("suggested-palette", with(plain, at(plain, b"IDAT"), &[chunk(b"PLTE", &[1; 7])])),
    ]
}

/// PNGs of every type and depth, also interlaced.
fn pngs(engine: &Engine) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("ours".to_owned(), served(engine, "demo/ring?wid=40&fmt=png-alpha")),
        ("ours-gray".to_owned(), served(engine, "demo/pebbles?wid=30&fmt=png,gray")),
    ];
    let (_, _, source) = pixels(engine, "demo/chart?wid=60&hei=60&fit=stretch");
    let (width, height) = (23u32, 19u32);
    let types = [
        (ColorType::Grayscale, &[1, 2, 4, 8, 16][..]),
        (ColorType::GrayscaleAlpha, &[8, 16]),
        (ColorType::Rgb, &[8, 16]),
        (ColorType::Rgba, &[8, 16]),
        (ColorType::Indexed, &[1, 2, 4, 8]),
    ];
    for (color, depths) in types {
        for &bits in depths {
            let depth = BitDepth::from_u8(bits).unwrap();
            let opaque = matches!(color, ColorType::Grayscale | ColorType::Rgb | ColorType::Indexed);
            for (transparent, interlaced) in [(false, false), (opaque, false), (opaque, true)] {
                let mut header = vec![];
                header.extend(width.to_be_bytes());
                header.extend(height.to_be_bytes());
                header.extend([bits, color as u8, 0, 0, u8::from(interlaced)]);
                let mut chunks = vec![(b"IHDR", header)];
                if color == ColorType::Indexed {
                    chunks.push((b"PLTE", source.iter().copied().take(3 << bits.min(6)).collect()));
                }
                if transparent {
                    let clear = match color {
                        ColorType::Grayscale => vec![0, 1],
                        ColorType::Rgb => vec![0, 1, 0, 2, 0, 3],
                        _ => vec![0, 128],
                    };
                    chunks.push((b"tRNS", clear));
                }
                let bits_per_pixel = color.samples() * usize::from(bits);
                let passes = if interlaced { &ADAM7[..] } else { &[(0, 0, 1, 1)] };
                let mut rows = vec![];
                for &(x, y, dx, dy) in passes {
                    let (columns, lines) =
                        (width.saturating_sub(x).div_ceil(dx), height.saturating_sub(y).div_ceil(dy));
                    for line in 0..if columns > 0 { lines } else { 0 } {
                        // Any filter will do, as the pixels mean nothing.
                        rows.push((line % 5) as u8);
                        let len = (columns as usize * bits_per_pixel).div_ceil(8);
                        let limit = if color == ColorType::Indexed { 0x3f } else { 0xff };
                        let row = source.iter().skip(rows.len()).take(len).map(|byte| byte & limit);
                        if color == ColorType::Indexed {
                            // Numbers of colours are not to leave the palette.
                            *rows.last_mut().unwrap() = 0;
                        }
                        rows.extend(row);
                    }
                }
                chunks.push((b"IDAT", fdeflate::compress_to_vec(&rows)));
                chunks.push((b"IEND", vec![]));
                let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
                chunks.iter().for_each(|(kind, data)| file.extend(chunk(kind, data)));
                let name = format!(
                    "{color:?}-{}{}{}",
                    depth as u8,
                    ["", "-clear"][usize::from(transparent)],
                    ["", "-laced"][usize::from(interlaced)]
                );
                files.push((name.to_lowercase(), file));
            }
        }
    }
    files
}

/// Files of other formats, and some that are cut off or have a wrong byte.
fn others() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![];
    let folder = support::path("src/engine/versioning/probes");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    for name in names.iter().map(|name| name.to_str().unwrap()) {
        if [".bmp", ".gif", ".webp"].iter().any(|suffix| name.ends_with(suffix)) {
            let file = std::fs::read(folder.join(name)).unwrap();
            let cut = file[..file.len() * 2 / 3].to_vec();
            let mut spoiled = file.clone();
            let at = spoiled.len() * 3 / 4;
            spoiled[at] ^= 0x5a;
            files.extend([(name.to_owned(), file), (format!("cut-{name}"), cut), (format!("spoiled-{name}"), spoiled)]);
        }
    }
    files
}

/// First column and row of each pass, and the steps.
const ADAM7: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    let sum = !named.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 > 0 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    });
    [&(data.len() as u32).to_be_bytes()[..], &named, &sum.to_be_bytes()].concat()
}

fn demo(name: &str) -> Vec<u8> {
    std::fs::read(support::path("assets/demo").join(name)).unwrap()
}

/// Files in the form that targets take them: see `fuzz/bodies/folder.rs`.
fn together(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    files.iter().flat_map(|(name, content)| [format!("--- {name}\n").as_bytes(), content, b"\n"].concat()).collect()
}

/// A record of every column, and attributes that the demo has not.
const RECORDS: &str = "Id\tPath\tMaskPath\tModifier\tPostModifier\tAnchor\tSize\tResolution\tPrintResolution\tThumbType\tThumbRes\tExpiration\tTimeStamp\tMap\tTargets\tUserData\tImageSet\tAssetType\tUserType\tIccProfile\tDigimarcInfo\n\
    a\tpicture\tpicture\twid=20&$m$\top_invert=1\t3,4\t\t1.5\t300\t1\t.5\t-2\t05/01/2026 12:00:00 GMT\t\"<AREA SHAPE=\"\"RECT\"\" COORDS=\"\"1,2,3,4\"\">\"\tTarget.1.rect=1,2,3,4??Target.1.label=x\tk=v??w\ta;b,{c;0xff0000}\tImageSet\tkind\tp\t1,2,3,4\n\
    b\tpicture\t\trotate=15&bgc=ff0000&fmt=png-alpha\t\t\t\t\t\t\t\t0\t\t\t\t\"quoted\"\t\t\t\t\t\n\
    b_de\tpicture\t\tscl=2&flip=lr\n";

const ATTRIBUTES: &str = "RootPath=\nDefaultExt=\nDefaultPix=60,60\nMaxPix=300,300\nCatalogFile=records.txt\nMacroFile=macros.txt\nLocaleMap=de,_de,|,\nLocaleStrMap=de,DE,|,\nUseLastModified=1\nFullMatch=0\nErrorDetail=1\nExpiration=5\n";

const MACROS: &str = "Name\tDefinition\nm\twid=30&hei=$h$&$n$\nn\tqlt=50\n";

fn catalogs() {
    let pair = |name: &str| {
        let mut files = vec![("default.ini", demo("default.ini")), ("macros.txt", demo("macros.txt"))];
        let (ini, txt) = (format!("{name}.ini"), format!("{name}.txt"));
        files.extend([(ini.as_str(), demo(&ini)), (txt.as_str(), demo(&txt))]);
        if name == "demo" {
            files.extend(["demo-news.txt", "demo-macros.txt"].map(|name| (name, demo(name))));
        }
        put("catalog", name, &together(&files));
    };
    ["demo", "gallery", "shop"].into_iter().for_each(pair);
    let files = |attributes: &str, records: &str| {
        together(&[
            ("default.ini", attributes.into()),
            ("records.txt", records.into()),
            ("macros.txt", MACROS.into()),
            ("statics.txt", "Id\tPath\tExpiration\tUserType\tUserData\nfile\trecords.txt\t1\tcss\ta=b\n".into()),
        ])
    };
    put("catalog", "columns", &files(&format!("{ATTRIBUTES}StaticContentCatalogFile=statics.txt\n"), RECORDS));
    let odd = "\u{feff}Id\tUserData\tOther\n\u{e9}\t\"a\tb\r\nc\"\"d\"\t.\r\n\n\t\nx\t\"open\n";
    put("catalog", "odd", &files("# comment\nCatalogFile=records.txt\n", odd));
    let faults = "Id\tModifier\tSize\t\t\n\u{e9}\twdth=5&amp;hei=9\t\t\t\na\t?wid=5& =1\tlarge\nb?c\t\t\n\t\t\t\t\n";
    put("catalog", "faults", &files("CatalogFile=records.txt,gone.txt\nDamagedImages=show\n", faults));
    let house = "DefaultImage=a\nDefaultImageMode=1\nErrorImage=b\nRequestLock=1\nRequestObfuscation=base64\nAllowDirectAccess=0\nTimeStamp=01/01/2020 00:00:00 +0200\nIccProfileMapFile=p.txt\nClientAddressFilter=10.0.0.*,127.0.0.1\n";
    put("catalog", "house", &files(&format!("{ATTRIBUTES}{house}"), RECORDS));
}

fn metadata(jpegs: &[(String, Vec<u8>)], pngs: &[(String, Vec<u8>)]) {
    let seed = |name: &str, kind: u8, limit: u16, content: &[u8]| {
        put("metadata", name, &[&[kind], &limit.to_le_bytes()[..], content].concat());
    };
    for (name, file) in jpegs.iter().filter(|(name, _)| name == "xmp" || name == "tiny").chain(&pngs[..1]) {
        seed(&format!("file-{name}"), 0, 9000, file);
    }
    // Orientation 6, 300 dpi.
    for little in [true, false] {
        let short = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let mut tiff = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        tiff.extend([long(16), long(300), long(1)].concat());
        tiff.extend([short(3), short(0x0112), short(3)].concat());
        tiff.extend([&long(1)[..], &short(6), &short(0), &short(0x011a), &short(5), &long(1), &long(8)].concat());
        tiff.extend([&short(0x0128)[..], &short(3), &long(1), &short(2), &short(0), &long(0)].concat());
        seed(if little { "exif-little" } else { "exif-big" }, 1, 9000, &tiff);
    }
    let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" tiff:Orientation=\"6\"><tiff:Orientation>8</tiff:Orientation></rdf:Description></rdf:RDF></x:xmpmeta>";
    seed("packet", 2, 9000, packet.as_bytes());
    seed("packet-too-long", 2, 50, packet.as_bytes());
    let wide: Vec<u8> = packet.encode_utf16().flat_map(u16::to_be_bytes).collect();
    seed("packet-wide", 2, 9000, &wide);
    let rights = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" photoshop:Credit=\"&#65; &amp; B\"><dc:creator><rdf:Seq><rdf:li>A</rdf:li><rdf:li><![CDATA[B]]></rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">C</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF>";
    seed("packet-rights", 2, 9000, rights.as_bytes());
    seed("iptc", 6, 9000, b"\x1c\x01\x5a\0\x03\x1b%G\x1c\x02\x50\0\x01A\x1c\x02\x6e\0\x01B\x1c\x02\x74\0\x03(c)");
    let artist =
        b"II*\0\x08\0\0\0\x02\0\x3b\x01\x02\0\x06\0\0\0\x26\0\0\0\x98\x82\x02\0\x04\0\0\0(c)\0\0\0\0\0A; B\0\0";
    seed("exif-rights", 1, 9000, artist);
    let extension = [&[40, 0, 0][..], b"<rdf:RDF></rdf:RDF>\0", packet.as_bytes()].concat();
    seed("extension", 3, 9000, &extension);
    seed("extension-backwards", 3, 9000, &[&[9, 1, 0], &extension[3..]].concat());
    let mut profile = vec![0; 128];
    profile.extend([0, 0, 0, 1]);
    profile.extend(b"desc\0\0\0\x90\0\0\0\x20");
    profile.extend(b"desc\0\0\0\0\0\0\0\x05abcd\0");
    profile.resize(200, 0);
    seed("profile-2", 4, 9000, &profile);
    profile.truncate(144);
    profile.extend(b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0\x08\0\0\0\x1c\0a\0b\0c\0d");
    profile[140..144].copy_from_slice(&[0, 0, 0, 36]);
    seed("profile-4", 4, 9000, &profile);
    seed("paths", 5, 9000, b"8BIM\x07\xd0\x06Path 1\0\0\0\0\x048888" as &[u8]);
    seed("paths-two", 5, 9000, b"8BIM\x07\xd0\x01A\0\0\0\0\x00\x008BIM\x07\xd1\x00\0\0\0\0\x01x\0");
}

/// Targets that read numbers off their input.
fn numbers() {
    let mut state = 0x9e37_79b9u32;
    let mut noise = |len: usize| -> Vec<u8> {
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(next).collect()
    };
    for i in 0..16u8 {
        let content = noise(80);
        put("resample", &format!("noise-{i}"), &[&[i, i / 4, i & 1, 0, i][..], &content].concat());
        put("encode", &format!("noise-{i}"), &[&[i & 1, i / 2][..], &content].concat());
        put("encode", &format!("webp-{i}"), &[&[0x81 | i << 6, i / 2][..], &content].concat());
        put("version", &format!("noise-{i}"), &content[..usize::from(i) * 5]);
    }
    for text in ["7n42DGM5Tflk9n8mt7Fhc7", "0000000000000000000000", "37JK6NTvpvC42F5gOuLEVY"] {
        put("version", text, text.as_bytes());
    }
    put("version", "fields", b"\x02\x04\x05nameVALUE\x00\x03abc\x01\x00z");
}

/// Of the target for files of content: what browsers, players and proxies send, and what they do not.
fn contents() {
    const RANGES: [&str; 14] = [
        "",
        "bytes=0-",
        "bytes=0-1",
        "bytes=-1",
        "bytes=-400",
        "bytes=1048576-",
        "bytes=1048570-1048579",
        "bytes=262143-262144",
        "bytes=299-300",
        "bytes=1-0",
        "bytes=-0",
        "bytes=0-1,5-6",
        "Bytes = 5 - 99",
        "bytes=18446744073709551615-18446744073709551616",
    ];
    const CONDITIONS: [&str; 6] = ["\n", "$s\n", "$w\n", "\n$s", "\n\"x\", $w", "Tue, 02 Oct 2096 07:06:40 GMT\n*"];
    for (i, range) in RANGES.iter().enumerate() {
        for j in 0..3 {
            let options = (i * 3 + j * 7) as u8 % 32;
            let condition = CONDITIONS[(i + j * 2) % CONDITIONS.len()];
            put(
                "content",
                &format!("range-{i}-{j}"),
                &[&[options], format!("{range}\n{condition}").as_bytes()].concat(),
            );
        }
    }
}

fn engines(jpegs: &[(String, Vec<u8>)], pngs: &[(String, Vec<u8>)], requests: &[String]) {
    let pictures: Vec<_> = jpegs.iter().step_by(3).chain(pngs.iter().step_by(4)).collect();
    let queries: Vec<&str> = requests.iter().filter_map(|request| Some(request.split_once('?')?.1)).collect();
    for (i, (name, file)) in pictures.iter().enumerate() {
        let asked: Vec<String> = (0..3).map(|j| queries[(i * 7 + j * 5) % queries.len()].to_owned()).collect();
        let asked = [asked, vec![OBJECTS[i % OBJECTS.len()].to_owned()]].concat().join("\n");
        let policy = if i % 2 > 0 { "DefaultImage=b\n" } else { "" };
        let files = [
            ("default.ini", format!("{ATTRIBUTES}{policy}").into()),
            ("records.txt", RECORDS.into()),
            ("macros.txt", MACROS.into()),
            ("requests", asked.into()),
            ("picture", file.clone()),
        ];
        let text = together(&files);
        put("engine", name, &[&[b'0' + (i % 32) as u8], &text[..text.len() - 1]].concat());
    }
}

const OBJECTS: [&str; 6] = [
    "/is/image/a?req=props",
    "/is/image/a?locale=de&wid=15&mask=picture&fmt=png-alpha",
    "/is/image/b?locale=de&$m$&$h=9",
    "/is/content/picture.png",
    "/is/image/a?req=map&wid=20",
    "/is/image/gone?wid=20&defaultImage=a",
];
