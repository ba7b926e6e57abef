//! Files and requests that were made to do harm: each is answered, soon, with a reason or a picture, and what comes after
//! is answered as ever.
//!
//! The mutations run over the demo pictures, or over those of the folder that `PLATEMARK_PICTURES` names.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test program, with a clock")]

mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use platemark::{CachePolicy, DamagedImages, Engine, EngineBuilder, ErrorKind, Limits, Reply};
use support::dice::Dice;
use support::{builder, cases};

/// Far above what any of these takes, and far below what they would without limits.
const SOON: Duration = Duration::from_secs(20);

/// A folder with a default catalog.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.write("default.ini", "DefaultExt=\nMaxPix=70000,70000\n");
        world
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    fn builder(&self) -> EngineBuilder {
        builder(self.0.path())
    }

    fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }
}

/// Answers a request soon, by the rules of replies.
fn answer(engine: &Engine, request: &str) -> Reply {
    let start = Instant::now();
    let reply = engine.serve(&format!("/is/image/{request}"));
    assert!(start.elapsed() < SOON, "{:?}: {}", start.elapsed(), &request[..request.len().min(200)]);
    let internal = reply.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Internal);
    assert!(!internal, "{request}: {:?}", reply.error);
    if reply.status != 200 {
        assert!(matches!(reply.status, 403 | 500 | 503), "{request}: {}", reply.status);
        assert!(
            reply.cache_policy == CachePolicy::NO_STORE && reply.etag.is_none() && reply.version.is_none(),
            "{request}"
        );
        assert!(reply.error.is_some());
    }
    reply
}

/// The text of a refusal.
fn refusal(engine: &Engine, request: &str) -> String {
    let reply = answer(engine, request);
    assert_eq!(reply.status, 403, "{}", &request[..request.len().min(200)]);
    String::from_utf8(reply.body.to_vec()).unwrap().trim_end().to_owned()
}

mod files {
    use super::*;

    fn demo(name: &str) -> Vec<u8> {
        std::fs::read(support::path("assets/demo/pictures").join(name)).unwrap()
    }

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut crc = u32::MAX;
        for byte in name.iter().chain(data) {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 > 0 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            }
        }
        let len = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&len[..], name, data, &(!crc).to_be_bytes()].concat()
    }

    /// A PNG of a size, a colour type and a way of interlacing, with chunks before its data.
    fn png((width, height): (u32, u32), color: u8, interlaced: bool, before: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
        let [width, height] = [width, height].map(u32::to_be_bytes);
        let header = [&width[..], &height, &[8, color, 0, 0, u8::from(interlaced)]].concat();
        let parts = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header)];
        let after = [chunk(b"IDAT", &fdeflate::compress_to_vec(data)), chunk(b"IEND", b"")];
        [parts.concat(), before.concat(), after.concat()].concat()
    }

    /// A picture that says that it is as large as can be, and holds next to nothing.
    #[test]
    fn large_claims_cost_little() {
        let world = World::new();
        let mut jpeg = demo("harbour.jpg");
        let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        jpeg[frame + 5..frame + 9].fill(0xff);
        world.write("a.jpg", &jpeg);
        world.write("a.png", png((u32::MAX >> 1, u32::MAX >> 1), 2, false, &[], &[0; 100]));
        world.write("b.png", png((20_000, 20_000), 2, false, &[], &[0; 100]));
        world.write("c.png", png((20_000, 20_000), 2, true, &[], &[0; 100]));
        world.write("d.png", png((0, 7), 2, false, &[], &[0; 100]));
        let engine = world.engine();
        assert_eq!(refusal(&engine, "a.jpg?wid=100"), "65535×65535: exceeds the limit of source pixels");
        for name in ["a.png", "b.png", "c.png", "d.png"] {
            assert!(refusal(&engine, &format!("{name}?wid=100")).starts_with(name), "{name}");
        }
        let limits = Limits::default().source_pixels(5_000_000_000).decoded_bytes(64 << 20);
        let generous = world.builder().limits(limits).build().unwrap();
        for view in ["wid=100", "scl=1&rect=60000,60000,100,100", "wid=100&resMode=sharp2", "req=props"] {
            answer(&generous, &format!("a.jpg?{view}"));
        }
    }

    /// The same where damaged files are shown: a small part of such a picture is there.
    #[test]
    fn large_claims_of_damaged_pictures_are_shown_in_time() {
        let world = World::new();
        let mut jpeg = demo("harbour.jpg");
        let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        // 19,000 × 19,000 pixels: within the limit of source pixels.
        let side = [0x4a, 0x38];
        jpeg[frame + 5..frame + 9].copy_from_slice(&[side, side].concat());
        jpeg.truncate(20_000);
        world.write("a.jpg", &jpeg);
        world.write("b.png", png((19_000, 19_000), 2, false, &[], &[0; 60_000]));
        world.write("c.png", png((19_000, 19_000), 2, true, &[], &[0; 60_000]));
        let generous = world.builder().damaged_images(DamagedImages::Show).build().unwrap();
        let small = Limits::new().decoded_bytes(64 << 20);
        let narrow = world.builder().damaged_images(DamagedImages::Show).limits(small).build().unwrap();
        for name in ["a.jpg", "b.png", "c.png"] {
            for view in ["wid=100", "scl=1&rect=18000,18000,100,100"] {
                answer(&generous, &format!("{name}?{view}"));
                answer(&narrow, &format!("{name}?{view}"));
            }
        }
    }

    /// A few kilobytes that unpack to hundreds of megabytes.
    #[test]
    fn what_unpacks_to_more_than_a_limit_is_refused() {
        let world = World::new();
        let bomb = fdeflate::compress_to_vec(&vec![b' '; cases(300 << 20, 40 << 20)]);
        let text = |name: &[u8; 4], head: &[u8]| chunk(name, &[head, &bomb].concat());
        let rows = [0; 4 * 31];
        let xmp = text(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0");
        world.write("xmp.png", png((10, 4), 2, false, &[xmp], &rows));
        world.write("text.png", png((10, 4), 2, false, &[text(b"zTXt", b"Comment\0\0")], &rows));
        world.write("profile.png", png((10, 4), 2, false, &[text(b"iCCP", b"p\0\0")], &rows));
        // More rows than the header says.
        world.write("rows.png", png((10, 4), 2, false, &[], &vec![0; cases(50 << 20, 9 << 20)]));
        let engine = world.engine();
        assert!(refusal(&engine, "xmp.png?req=xmp").contains("has more XMP metadata than the limit of metadata bytes"));
        for name in ["xmp.png", "text.png", "profile.png", "rows.png"] {
            for query in ["wid=5", "req=imageprops", "req=xmp", "xmpEmbed=1&wid=5"] {
                answer(&engine, &format!("{name}?{query}"));
            }
            assert_eq!(answer(&engine, &format!("{name}?req=props")).status, 200, "{name}");
        }
    }

    /// Animations and palettes that contradict themselves, and ends that are missing.
    #[test]
    fn what_is_no_part_of_the_picture_does_not_matter() {
        let world = World::new();
        let rows = [&[0][..], &[7; 30]].concat().repeat(4);
        let sound = png((10, 4), 2, false, &[], &rows);
        let end = sound.len() - 12;
        let animation = |numbers: &[u32]| -> Vec<Vec<u8>> {
            let frame = |number: &u32| chunk(b"fcTL", &[&number.to_be_bytes()[..], &[0; 22]].concat());
            let count = chunk(b"acTL", &u32::MAX.to_be_bytes().repeat(2));
            std::iter::once(count).chain(numbers.iter().map(frame)).collect()
        };
        let many = animation(&(0..cases(100_000, 10_000) as u32).rev().collect::<Vec<_>>());
        let long = [chunk(b"tRNS", &[9; 70_000]), chunk(b"acTL", &[])];
        for (name, file) in [
            ("animated.png", png((10, 4), 2, false, &animation(&[7, 7, 3]), &rows)),
            ("many.png", png((10, 4), 2, false, &many, &rows)),
            ("palette.png", png((10, 4), 2, false, &[chunk(b"PLTE", &[1; 5])], &rows)),
            ("no-end.png", sound[..end].to_vec()),
            ("no-sum.png", sound[..end - 4].to_vec()),
            ("garbage.png", [&sound[..end], &[0xff; 5000]].concat()),
            ("claims.png", [&sound[..end], &u32::MAX.to_be_bytes(), b"IDAT", &[0; 9]].concat()),
        ] {
            world.write("sound.png", &sound);
            world.write(name, file);
            let engine = world.engine();
            let expected = answer(&engine, "sound.png?wid=5&fmt=png").body;
            let reply = answer(&engine, &format!("{name}?wid=5&fmt=png"));
            assert_eq!((reply.status, reply.body), (200, expected), "{name}");
        }
        world.write("long.png", png((10, 4), 2, false, &long, &rows));
        assert_eq!(answer(&world.engine(), "long.png?wid=5").status, 200);
        world.write("cut.png", &sound[..end - 14]);
        assert_eq!(refusal(&world.engine(), "cut.png?wid=5"), "cut.png: is a damaged PNG");
    }

    /// Files of other formats, under the names of those that are read.
    #[test]
    fn other_formats_are_named() {
        let world = World::new();
        for (name, start, format) in [
            ("w.jpg", &b"RIFF\x1a\0\0\0WEBPVP8L"[..], "a WebP"),
            ("g.jpg", b"GIF89a\x01\0\x01\0", "a GIF"),
            ("t.png", b"II*\0\x08\0\0\0\0\0", "a TIFF"),
            ("v.png", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video (MP4)"),
            ("s.jpg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG"),
        ] {
            world.write(name, start);
            let refused = refusal(&world.engine(), &format!("{name}?wid=9"));
            assert_eq!(refused, format!("{name}: is {format}, which is not a supported format"));
        }
    }

    /// EXIF that leads back to itself, and XMP of many segments.
    #[test]
    fn metadata_that_goes_in_circles_ends() {
        let world = World::new();
        let jpeg = demo("pebbles.jpg");
        let with = |segment: &[u8]| {
            let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
            [&jpeg[..2], &[0xff, 0xe1], &length, segment, &jpeg[2..]].concat()
        };
        // One entry that points to this very directory, as do EXIF, GPS and the next one.
        let entry = |tag: u16| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0, 8, 0, 0, 0]].concat();
        let tags: Vec<u8> = [0x112, 0x8769, 0x8825, 0xa005].into_iter().flat_map(entry).collect();
        let exif = [b"Exif\0\0II*\0\x08\0\0\0\x04\0", &tags[..], b"\x08\0\0\0"].concat();
        world.write("exif.jpg", with(&exif));
        let endless = [b"Exif\0\0II*\0\x08\0\0\0\xff\xff", &tags[..]].concat();
        world.write("endless.jpg", with(&endless));
        let packet = [b"http://ns.adobe.com/xap/1.0/\0", &[b' '; 60_000][..]].concat();
        let mut many = jpeg[..2].to_vec();
        for _ in 0..1000 {
            many.extend([0xff, 0xe1]);
            many.extend(u16::try_from(packet.len() + 2).unwrap().to_be_bytes());
            many.extend(&packet);
        }
        many.extend(&jpeg[2..]);
        world.write("many.jpg", many);
        let engine = world.engine();
        for name in ["exif.jpg", "endless.jpg", "many.jpg"] {
            for query in ["wid=50", "req=imageprops", "req=xmp", "xmpEmbed=1&wid=50"] {
                answer(&engine, &format!("{name}?{query}"));
            }
        }
    }

    /// A thousand scans, each of which goes through the whole picture.
    #[test]
    fn the_scans_of_a_picture_take_no_longer_than_they_may() {
        let world = World::new();
        let jpeg = demo("pebbles.jpg");
        let scans: Vec<usize> = (0..jpeg.len() - 1).filter(|&at| jpeg[at..at + 2] == [0xff, 0xda]).collect();
        assert!(scans.len() > 3, "a progressive file: {scans:?}");
        let limits = Limits::default().time(Duration::from_millis(300));
        let engine = world.builder().limits(limits).build().unwrap();
        for (name, scan) in [("first.jpg", 0), ("second.jpg", 1), ("last.jpg", scans.len() - 1)] {
            let end = scans.get(scan + 1).copied().unwrap_or(jpeg.len() - 2);
            let again = &jpeg[scans[scan]..end];
            let times = (300 << 20) / again.len();
            let many = [&jpeg[..end], &again.repeat(times.min(1000)), &jpeg[end..]].concat();
            world.write(name, many);
            let start = Instant::now();
            for query in ["wid=50", "wid=1000", "scl=1&rect=50,50,100,100"] {
                answer(&engine, &format!("{name}?{query}"));
            }
            assert!(start.elapsed() < SOON / 4, "{name}: {:?}", start.elapsed());
        }
    }

    /// Truncated anywhere, and with bytes flipped at random.
    #[test]
    fn damaged_pictures_are_answered() {
        let folder = std::env::var_os("PLATEMARK_PICTURES").map(PathBuf::from);
        let is_quick = folder.is_none();
        let folder = folder.unwrap_or_else(|| support::path("assets/demo/pictures"));
        let (cuts, flips) = if is_quick { (6, 12) } else { (64, 200) };
        let world = World::new();
        let control = demo("ring.png");
        world.write("control.png", &control);
        let (engine, showing) = (world.engine(), world.builder().damaged_images(DamagedImages::Show).build().unwrap());
        let expected = answer(&engine, "control.png?wid=60").body;
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        // With arithmetic codes, beside others.
        files.extend(std::fs::read_dir(support::path("assets/jpeg")).unwrap().map(|entry| entry.unwrap().path()));
        files.retain(|file| file.extension().is_some_and(|suffix| suffix == "jpg" || suffix == "png"));
        files.sort();
        assert!(files.len() > 5);
        let (mut slowest, mut count) = (Duration::ZERO, 0);
        let mut random = Dice::new(1);
        for file in files {
            let sound = std::fs::read(&file).unwrap();
            for i in 0..cuts + flips {
                let mut damaged = sound.clone();
                if i < cuts {
                    damaged.truncate(sound.len() * i / cuts);
                } else {
                    for _ in 0..=random.below(6) {
                        // Headers are short and hold the most.
                        let end = if random.below(3) == 0 { 2000.min(sound.len()) } else { sound.len() };
                        let at = random.below(end);
                        damaged[at] ^= 1 << random.below(8);
                    }
                }
                world.write("damaged", damaged);
                let request =
                    ["wid=100", "scl=1&rect=300,200,256,256", "req=props", "wid=100&fmt=png-alpha&resMode=bilin"];
                let start = Instant::now();
                let reply = answer(&engine, &format!("damaged?{}", request[random.below(request.len())]));
                let took = start.elapsed();
                assert!(is_quick || took < Duration::from_secs(2), "{}, {i}: {took:?} {reply:?}", file.display());
                if i % 3 == 0 {
                    answer(&showing, "damaged?wid=100");
                }
                (slowest, count) = (slowest.max(took), count + 1);
            }
            assert_eq!(answer(&engine, "control.png?wid=60").body, expected, "after {}", file.display());
        }
        if !is_quick {
            println!("{count} damaged pictures, the slowest in {slowest:?}");
        }
    }
}

mod requests {
    use super::*;

    fn world() -> (World, Engine) {
        let world = World::new();
        let pictures = support::path("assets/demo/pictures");
        std::fs::copy(pictures.join("ring.png"), world.0.path().join("ring.png")).unwrap();
        std::fs::copy(pictures.join("pebbles.jpg"), world.0.path().join("pebbles.jpg")).unwrap();
        let engine = world.engine();
        (world, engine)
    }

    #[test]
    fn long_and_nested_queries_are_read_in_no_time() {
        let (_world, engine) = world();
        let repeated = |text: &str, count: usize| text.repeat(count);
        // As long as a request may be.
        assert_eq!(answer(&engine, &format!("ring.png?wid=50{}", repeated("&x", 20_000))).status, 403);
        assert_eq!(answer(&engine, &format!("ring.png?wid=50{}", repeated("&x=1", 4_000))).status, 200);
        for query in [
            repeated("&", 65_000),
            repeated("wid=1&", 10_000),
            repeated("$a=$b$&", 9_000),
            repeated("$a$", 20_000),
            format!("src={}", repeated("is(a?src=", 7_000)),
            format!("src={}a{}", repeated("is(a?src=", 3_000), repeated(")", 3_000)),
            format!("mask={}", repeated("{", 60_000)),
            format!("layer={}", repeated("9", 60_000)),
            format!("wid={}", repeated("9", 60_000)),
            format!("scl=0.{}1", repeated("0", 60_000)),
            format!("rect={}", repeated("1,", 30_000)),
            format!("map={}", repeated("%3Carea%20coords=%221,2,3,4%22%3E", 1_500)),
            format!("$a={}&wid=$a$", repeated("$a$", 15_000)),
            format!("$a=x{}", (0..3_000).map(|i| format!("&$v{i}=$v{}$", i + 1)).collect::<String>()),
            format!("a=%{}", repeated("%25", 20_000)),
            repeated(".comment&", 7_000),
            (0..8_000).map(|i| format!("{i:x}=&")).collect(),
        ] {
            answer(&engine, &format!("ring.png?{query}"));
            answer(&engine, &format!("ring.png?req=props&{query}"));
            answer(&engine, &format!("ring.png?req=map&{query}"));
        }
        let path = repeated("a/", 30_000);
        answer(&engine, &path);
        answer(&engine, &repeated("%00", 20_000));
    }

    /// Ten macros, each of which calls the next ten times.
    #[test]
    fn macros_and_variables_that_grow_are_stopped() {
        let (world, _) = world();
        world.write("default.ini", "DefaultExt=\nMacroFile=m.txt\nCatalogFile=c.txt\nMaxPix=2000,2000\n");
        let mut macros = "Name\tDefinition\nround\t$round$&wid=5\nm10\twid=9\n".to_owned();
        // A macro may call those above it.
        for i in (0..10).rev() {
            macros.push_str(&format!("m{i}\t{}\n", format!("&$m{}$", i + 1).repeat(10)));
        }
        world.write("m.txt", macros);
        let mut records = "Id\tPath\tModifier\n".to_owned();
        records.push_str(&format!("grows\tring.png\t$v0={}\n", "x".repeat(1000)));
        let variables: String = (1..20).map(|i| format!("&$v{i}={}", format!("$v{}$", i - 1).repeat(10))).collect();
        records.push_str(&format!("more\tring.png\t$v0=x{variables}&wid=$v19$\nself\tself\t\n"));
        world.write("c.txt", records);
        let engine = world.engine();
        for request in ["ring.png?$m0$", "ring.png?$round$", "grows?$m3$", "more", "more?wid=$v19$", "self"] {
            for req in ["", "&req=props", "&req=resolve", "&req=validate", "&req=map"] {
                let separator = if request.contains('?') { "" } else { "?" };
                answer(&engine, &format!("{request}{separator}{req}"));
            }
        }
        assert_eq!(refusal(&engine, "ring.png?$m0$"), "request: has more than 4096 modifiers");
    }

    #[test]
    fn numbers_without_measure_are_refused_or_served() {
        let (_world, engine) = world();
        let numbers = [
            "nan",
            "NaN",
            "inf",
            "-inf",
            "1e308",
            "-1e308",
            "1e-308",
            "1e99999",
            "0",
            "-0",
            "-1",
            "0.0000000001",
            "1e9",
            "2147483648",
            "4294967296",
            "18446744073709551616",
            "340282366920938463463374607431768211456",
            "0x10",
            "1,1",
            "16777216",
            "16777217",
            "65536",
        ];
        let commands = [
            "wid",
            "hei",
            "scl",
            "rgn",
            "rect",
            "dpr",
            "scale",
            "size",
            "crop",
            "extend",
            "extendN",
            "cropN",
            "anchor",
            "anchorN",
            "rotate",
            "res",
            "printRes",
            "qlt",
            "jpegSize",
            "op_blur",
            "op_usm",
            "op_usmR",
            "op_noise",
            "op_brightness",
            "op_contrast",
            "op_hue",
            "op_saturation",
            "op_colorize",
            "op_colorbalance",
            "bgc",
            "pscan",
        ];
        for command in commands {
            for number in numbers {
                let many = [number; 8];
                for count in [1, 2, 4, 5] {
                    let value = many[..count].join(",");
                    answer(&engine, &format!("ring.png?req=props&{command}={value}"));
                    answer(&engine, &format!("ring.png?wid=40&{command}={value}"));
                }
            }
        }
    }

    /// What surrounds a picture may be as large as it likes, as long as the reply is not.
    #[test]
    fn huge_surroundings_cost_nothing() {
        let (_world, engine) = world();
        for query in [
            "extend=8000000,8000000,8000000,8000000&wid=50",
            "extend=8000000,0,8000000,0&scl=100000",
            "extend=60000,60000,60000,60000&rotate=37&wid=50",
            "size=16000000,16000000&wid=50",
            "scale=1000&wid=50",
            "scl=0.001&rect=1000,1000,50,50",
            "scl=0.001&rect=1000,1000,50,50&op_blur=100",
            "rotate=45&scl=0.01&rect=9000,9000,50,50",
            "crop=-8000000,-8000000,16000000,16000000&wid=50",
            "anchor=8000000,8000000&wid=50",
        ] {
            answer(&engine, &format!("pebbles.jpg?{query}"));
        }
    }
}

/// The time that a request may take is its own limit, with or without a service around the engine.
#[test]
fn time_is_a_limit() {
    let limits = |milliseconds| Limits::default().time(Duration::from_millis(milliseconds));
    for slow in ["wid=4000&op_usm=5,250,0,0&fmt=png", "wid=4000&op_blur=100", "wid=4800&fmt=pjpeg&jpegSize=90"] {
        let engine = support::demo().limits(limits(20)).build().unwrap();
        let start = Instant::now();
        let reply = engine.serve(&format!("/is/image/demo/harbour?{slow}"));
        let error = reply.error.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!((reply.status, reply.cache_policy), (503, CachePolicy::NO_STORE), "{slow}");
        assert!(error.ends_with("takes longer than the limit of time"), "{error}");
        assert!(start.elapsed() < SOON);
    }
    let engine = support::demo().limits(limits(0)).cache_bytes(1 << 20).build().unwrap();
    let target = "/is/image/demo/ring?wid=80";
    assert_eq!(engine.serve(target).status, 503);
    assert_eq!(engine.serve("/is/image/demo/ring?req=props").status, 200, "nothing has to be made");
}

/// Catalogs that name a pipe or a device load without it, and the engine does not wait for the pipe's writer.
#[cfg(unix)]
#[test]
fn data_files_are_files() {
    for name in ["CatalogFile=pipe", "MacroFile=zero", "CatalogFile=folder", "StaticContentCatalogFile=pipe"] {
        let world = World::new();
        let folder = world.0.path();
        let fifo = std::process::Command::new("mkfifo").arg(folder.join("pipe")).status();
        assert!(fifo.is_ok_and(|status| status.success()));
        std::os::unix::fs::symlink("/dev/zero", folder.join("zero")).unwrap();
        std::fs::create_dir(folder.join("folder")).unwrap();
        world.write("default.ini", name);
        let failures = world.engine().health().failures;
        let expected = format!("{}: is not a regular file", name.split_once('=').unwrap().1);
        assert_eq!(failures.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        std::fs::rename(folder.join("pipe"), folder.join("default.ini")).unwrap();
        assert_eq!(world.builder().build().unwrap_err().to_string(), "default.ini: is not a regular file");
    }
}

/// Tables whose commands are all misspelt, whose cells are all empty or whose records are all malformed: they are read soon,
/// and what is told of them is bounded.
#[test]
fn odd_tables_are_told_in_few_lines() {
    let world = World::new();
    world.write("default.ini", "CatalogFile=odd.txt,cells.txt,bad.txt\nMacroFile=m.txt\n");
    let records = |text: &mut dyn FnMut(usize) -> String| (0..50_000).map(text).collect::<String>();
    world.write(
        "odd.txt",
        format!("Id\tModifier\n{}", records(&mut |n| format!("r{n}\tcommand{n}=1&?wid=5&=& &wdth=5\n"))),
    );
    world.write("cells.txt", format!("Id\tPath{}\nx\ty{0}\n{}", "\t".repeat(100_000), "\t\t\t\n".repeat(50_000)));
    world.write("bad.txt", format!("Id\tSize\n{}", records(&mut |n| format!("b{n}\tlarge\n"))));
    world.write(
        "m.txt",
        format!("Name\tDefinition\n{}", records(&mut |n| format!("m{n}\t{}=5\n", "x".repeat(n % 300)))),
    );
    let start = Instant::now();
    let engine = world.engine();
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    let (health, warnings) = (engine.health(), engine.catalog_warnings());
    assert_eq!((health.failures.len(), health.records), (1, 50_001));
    assert_eq!(health.failures[0].to_string(), "bad.txt line 2: Size: needs two whole numbers from 1 to 16777216");
    assert!(warnings.len() <= 1001, "{}", warnings.len());
    let of = |file: &str| warnings.iter().filter(|warning| warning.starts_with(file)).count();
    assert_eq!((of("odd.txt"), of("cells.txt")), (101, 0));
    assert!(warnings.iter().all(|warning| warning.chars().count() < 300 && !warning.contains('\n')));
    assert!(engine.objects().contains(&"x".to_owned()));
}

/// Names that lead to no file of the ordinary kind.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_told_apart() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    let world = World::new();
    let folder = world.0.path();
    let fifo = std::process::Command::new("mkfifo").arg(folder.join("pipe.jpg")).status();
    assert!(fifo.is_ok_and(|status| status.success()));
    symlink("/dev/zero", folder.join("device.jpg")).unwrap();
    symlink("loop.jpg", folder.join("loop.jpg")).unwrap();
    symlink("/nonexistent/a.jpg", folder.join("dangling.jpg")).unwrap();
    symlink(support::path("assets/demo/pictures/ring.png"), folder.join("link.png")).unwrap();
    std::fs::create_dir(folder.join("folder.jpg")).unwrap();
    world.write("secret.jpg", b"x");
    std::fs::set_permissions(folder.join("secret.jpg"), std::fs::Permissions::from_mode(0o000)).unwrap();
    std::fs::create_dir(folder.join("shut")).unwrap();
    world.write("shut/a.jpg", b"x");
    std::fs::set_permissions(folder.join("shut"), std::fs::Permissions::from_mode(0o000)).unwrap();
    world.write("empty.jpg", b"");
    let strange = Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9.png"));
    std::fs::copy(support::path("assets/demo/pictures/ring.png"), folder.join(strange)).unwrap();
    let engine = world.engine();
    for name in ["pipe.jpg", "device.jpg", "dangling.jpg", "loop.jpg", "folder.jpg", "link.png/below.jpg"] {
        assert_eq!(refusal(&engine, name), format!("{name}: image not found"));
        let content = engine.serve(&format!("/is/content/{name}"));
        assert_eq!((content.status, &content.body[..]), (403, format!("{name}: content not found\r\n").as_bytes()));
    }
    assert_eq!(refusal(&engine, "empty.jpg"), "empty.jpg: is empty");
    assert_eq!(answer(&engine, "link.png?wid=9").status, 200, "who may write links below the root is trusted");
    // Root may read anything.
    for name in ["secret.jpg", "shut/a.jpg"] {
        let reply = answer(&engine, name);
        assert!(reply.status == 500 || reply.status == 403, "{name}: {:?}", reply.error);
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(!text.contains(folder.to_str().unwrap()), "{text}");
    }
    answer(&engine, "caf%E9.png?wid=9");
    answer(&engine, "caf%C3%A9.png?wid=9");
    for name in
        ["..%2f..%2fetc%2fpasswd", "../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "a%00.jpg", &"n".repeat(5000)]
    {
        refusal(&engine, name);
    }
    std::fs::set_permissions(folder.join("shut"), std::fs::Permissions::from_mode(0o700)).unwrap();
}
