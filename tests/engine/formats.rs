//! Sources in WebP, GIF and BMP: the same pixels in each format make the same replies.

use platemark::{DamagedImages, Engine};

#[cfg(feature = "icc")]
use crate::support::icc;
use crate::{World, builder, decoded, ok, png};

/// Numbers of 16 colours.
fn numbers(width: usize, height: usize) -> Vec<u8> {
    (0..width * height).map(|i| ((i / 5 + i / width) % 16) as u8).collect()
}

/// Red, green and blue of each.
fn palette() -> Vec<u8> {
    (0..16).flat_map(|i| [15 * i, 255 - 9 * i, 40 + i * i / 2].map(|sample| sample as u8)).collect()
}

fn colored(numbers: &[u8]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| palette()[3 * usize::from(number)..][..3].to_vec()).collect()
}

fn gif(width: usize, height: usize, profile: &[u8]) -> Vec<u8> {
    let (across, down) = (width as u16, height as u16);
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, across, down, &palette()).unwrap();
    if !profile.is_empty() {
        let parts: Vec<&[u8]> = std::iter::once(&b"ICCRGBG1012"[..]).chain(profile.chunks(255)).collect();
        encoder.write_raw_extension(gif::AnyExtension(0xff), &parts).unwrap();
    }
    let buffer = numbers(width, height).into();
    encoder.write_frame(&gif::Frame { width: across, height: down, buffer, ..gif::Frame::default() }).unwrap();
    drop(encoder);
    file
}

fn webp(width: usize, height: usize, profile: &[u8], exif: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut file);
    if !profile.is_empty() {
        encoder.set_icc_profile(profile.to_vec());
    }
    if !exif.is_empty() {
        encoder.set_exif_metadata(exif.to_vec());
    }
    let pixels = colored(&numbers(width, height));
    encoder.encode(&pixels, width as u32, height as u32, image_webp::ColorType::Rgb8).unwrap();
    file
}

/// Of 24 bits, with the header of version 5.
fn bmp(width: usize, height: usize, profile: &[u8]) -> Vec<u8> {
    let stride = (3 * width).next_multiple_of(4);
    let row = |row: &[u8]| {
        let mut row: Vec<u8> = row.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [b, g, r]).collect();
        row.resize(stride, 0);
        row
    };
    let rows: Vec<u8> = colored(&numbers(width, height)).chunks_exact(3 * width).rev().flat_map(row).collect();
    let mut file = b"BM\0\0\0\0\0\0\0\0\x8a\0\0\0\x7c\0\0\0".to_vec();
    file.extend((width as u32).to_le_bytes());
    file.extend((height as u32).to_le_bytes());
    file.extend([1, 0, 24, 0]);
    file.resize(14 + 56, 0);
    file.extend(if profile.is_empty() { b"BGRs" } else { b"DEBM" });
    file.resize(14 + 112, 0);
    file.extend((124 + rows.len() as u32).to_le_bytes());
    file.extend((profile.len() as u32).to_le_bytes());
    file.resize(14 + 124, 0);
    [file, rows, profile.to_vec()].concat()
}

/// The size and the pixels of a reply.
fn shown(engine: &Engine, request: &str) -> (u32, u32, Vec<u8>) {
    decoded(&ok(engine, request))
}

#[test]
fn the_same_pixels_are_the_same_picture_in_every_format() {
    let world = World::new();
    let (width, height) = (61, 43);
    world.write("a.png", png(61, 43, png::ColorType::Rgb, &colored(&numbers(width, height))));
    world.write("a.gif", gif(width, height, &[]));
    world.write("a.webp", webp(width, height, &[], &[]));
    world.write("a.bmp", bmp(width, height, &[]));
    let engine = world.engine();
    for view in ["scl=1", "wid=30", "wid=25&hei=25&fit=crop", "scl=1&rect=7,9,31,20", "rotate=30&wid=50"] {
        let expected = shown(&engine, &format!("a.png?{view}&fmt=png"));
        for name in ["a.gif", "a.webp", "a.bmp"] {
            assert!(shown(&engine, &format!("{name}?{view}&fmt=png")) == expected, "{name}?{view}");
        }
    }
    for name in ["a.gif", "a.webp", "a.bmp"] {
        let reply = ok(&engine, &format!("{name}?req=imageprops"));
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(text.contains("image.width=61") && text.contains("image.height=43"), "{text}");
    }
    // A name without a suffix gets the default one.
    for suffix in ["gif", "webp", "bmp"] {
        world.write("default.ini", format!("DefaultExt=.{suffix}\n"));
        assert_eq!(ok(&world.engine(), "a?wid=30").body, ok(&engine, &format!("a.{suffix}?wid=30")).body);
    }
}

#[test]
fn a_webp_is_turned_as_its_exif_says() {
    let world = World::new();
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    world.write("turned.webp", webp(40, 24, &[], exif));
    world.write("plain.webp", webp(40, 24, &[], &[]));
    let engine = world.engine();
    let (width, height, pixels) = shown(&engine, "turned.webp?scl=1&fmt=png");
    assert_eq!((width, height), (24, 40));
    let (.., stored) = shown(&engine, "plain.webp?scl=1&fmt=png");
    // Clockwise: what was on the left is above.
    for (x, y) in [(0, 0), (5, 7), (23, 39)] {
        assert_eq!(pixels[3 * (y * 24 + x)..][..3], stored[3 * ((23 - x) * 40 + y)..][..3]);
    }
}

#[cfg(feature = "icc")]
#[test]
fn embedded_profiles_are_converted() {
    let world = World::new();
    let profile = icc::rgb_of_srgb("Wide", icc::P3);
    world.write("a.gif", gif(20, 10, &profile));
    world.write("a.webp", webp(20, 10, &profile, &[]));
    world.write("a.bmp", bmp(20, 10, &profile));
    world.write("plain.bmp", bmp(20, 10, &[]));
    let engine = world.engine();
    let plain = shown(&engine, "plain.bmp?scl=1&fmt=png");
    let converted = shown(&engine, "a.gif?scl=1&fmt=png");
    assert_ne!(converted, plain);
    for name in ["a.webp", "a.bmp"] {
        assert!(shown(&engine, &format!("{name}?scl=1&fmt=png")) == converted, "{name}");
        assert!(shown(&engine, &format!("{name}?scl=1&fmt=png&icc=source")) == plain, "{name}");
    }
}

#[test]
fn damaged_files_are_refused_or_shown() {
    let world = World::new();
    for (name, file) in
        [("half.gif", gif(64, 64, &[])), ("half.bmp", bmp(64, 64, &[])), ("half.webp", webp(64, 64, &[], &[]))]
    {
        world.write(name, &file[..file.len() * 2 / 3]);
        world.write(&name.replace("half", "whole"), &file);
    }
    let refusing = world.engine();
    let showing = builder(world.path()).damaged_images(DamagedImages::Show).build().unwrap();
    for (name, title) in [
        ("half.gif", "half.gif: is a damaged GIF"),
        ("half.bmp", "half.bmp: is a damaged BMP"),
        ("half.webp", "half.webp: is a damaged WebP"),
    ] {
        let reply = refusing.serve(&format!("/is/image/{name}?scl=1&fmt=png"));
        assert_eq!((reply.status, reply.error.unwrap().to_string().as_str()), (403, title));
        let target = format!("{name}?scl=1&fmt=png-alpha");
        if name == "half.webp" {
            assert_eq!(showing.serve(&format!("/is/image/{target}")).status, 403);
            continue;
        }
        let (.., half) = shown(&showing, &target);
        let (.., whole) = shown(&showing, &target.replace("half", "whole"));
        let came = half.chunks_exact(4).zip(whole.chunks_exact(4)).filter(|(half, _)| half[3] == 255);
        assert!(came.clone().count() > 64 * 20 && came.clone().count() < 64 * 64, "{name}");
        assert!(came.clone().all(|(half, whole)| half == whole), "{name}");
    }
}
