//! Files that were made to do harm: false claims, bombs, circles, damage.

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

/// The same of pictures that are decoded whole: next to nothing is decoded of them.
#[test]
fn large_claims_of_whole_pictures_cost_little() {
    let world = World::new();
    world.write("a.webp", b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\xff\xff\xff\x0f\0");
    // 19,000 × 19,000 pixels, of which one is there.
    world.write("a.gif", b"GIF89a\x38\x4a\x38\x4a\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;");
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x38\x4a\0\0\x38\x4a\0\0\x01\0\x08\0\x01\0\0\0".to_vec();
    bmp.resize(54, 0);
    bmp.extend([1, 0, 0, 1]);
    world.write("a.bmp", bmp);
    let engine = world.builder().limits(Limits::default().decoded_bytes(64 << 20)).build().unwrap();
    for name in ["a.webp", "a.gif", "a.bmp"] {
        assert_eq!(answer(&engine, &format!("{name}?req=imageprops")).status, 200, "{name}");
        for view in ["wid=100", "scl=1&rect=9000,9000,100,100"] {
            let refused = refusal(&engine, &format!("{name}?{view}"));
            assert!(refused.ends_with("needs more memory than the limit of decoded bytes"), "{refused}");
        }
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
        for query in ["wid=5", "req=imageprops", "req=xmp", "xmpEmbed=1&wid=5", "keepMetadata=copyright&wid=5"] {
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
        ("a.jpg", &b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"[..], "an AVIF"),
        ("m.jpg", b"RIFF\0\0\0\0AVI LIST", "a video (AVI)"),
        ("q.png", b"8BPS\0\x01\0\0", "a Photoshop file (PSD)"),
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
        for query in ["wid=50", "req=imageprops", "req=xmp", "xmpEmbed=1&wid=50", "keepMetadata=copyright&wid=50"] {
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

/// A progressive JPEG of gray squares: a scan for every coefficient and bit, each of which says in some bytes that no block
/// holds anything.
fn finest(side: u16) -> Vec<u8> {
    let blocks = usize::from(side / 8).pow(2);
    let segment = |marker: u8, payload: &[u8]| {
        let len = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &len, payload].concat()
    };
    let mut file = vec![0xff, 0xd8];
    file.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    let [high, low] = side.to_be_bytes();
    file.extend(segment(0xc2, &[8, high, low, high, low, 1, 1, 0x11, 0]));
    // One code each, a bit: no difference, and the end of 16384 blocks and as many as the next 14 bits say.
    let one = |head: u8, symbol: u8| [&[head, 1][..], &[0; 15], &[symbol]].concat();
    file.extend(segment(0xc4, &[one(0x00, 0), one(0x10, 0xe0)].concat()));
    let mut scan = |bits: [u8; 3], data: &[u8]| {
        file.extend(segment(0xda, &[&[1, 1, 0][..], &bits].concat()));
        file.extend(data);
    };
    scan([0, 0, 0], &vec![0; blocks / 8 + 1]);
    // 0 and 01010101010101: 21845 blocks. Eight times that are 15 bytes.
    let word = [0x2a, 0xaa, 0x55, 0x54, 0xaa, 0xa9, 0x55, 0x52, 0xaa, 0xa5, 0x55, 0x4a, 0xaa, 0x95, 0x55];
    let data = word.repeat(blocks / 21845 / 8 + 1);
    for k in 1..64 {
        scan([k, k, 13], &data);
        (0..13).rev().for_each(|bit| scan([k, k, (bit + 1) << 4 | bit], &data));
    }
    file.extend([0xff, 0xd9]);
    file
}

/// However few bytes they take, the scans of a picture go through it only so often.
#[test]
fn scans_of_a_few_bytes_are_counted_beforehand() {
    let world = World::new();
    for (name, side) in [("small.jpg", 256), ("large.jpg", 6400)] {
        let file = finest(side);
        assert!(file.len() < 160_000, "{}", file.len());
        world.write(name, file);
    }
    let (engine, showing) = (world.engine(), world.builder().damaged_images(DamagedImages::Show).build().unwrap());
    for engine in [engine, showing] {
        let small = answer(&engine, "small.jpg?scl=1");
        assert_eq!(small.status, 200, "{:?}", small.error);
        let start = Instant::now();
        for view in ["scl=1&rect=0,0,99,99", "scl=2&rect=0,0,99,99", "wid=1600"] {
            let text = refusal(&engine, &format!("large.jpg?{view}"));
            assert_eq!(text, "large.jpg: exceeds the limit of blocks in all scans");
        }
        assert!(start.elapsed() < SOON / 8, "{:?}", start.elapsed());
        assert_eq!(answer(&engine, "large.jpg?wid=100").status, 200);
        assert_eq!(answer(&engine, "large.jpg?req=imageprops").status, 200);
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
            let request = ["wid=100", "scl=1&rect=300,200,256,256", "req=props", "wid=100&fmt=png-alpha&resMode=bilin"];
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
