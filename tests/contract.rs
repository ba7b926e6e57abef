//! The direct API as a program that links the crate sees it: names, types of arguments and results, bounds. A function that
//! changes its signature makes this file fail to build.
#![allow(clippy::unwrap_used, reason = "a test program")]

use std::error::Error as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use platemark::{
    Batch, Digest, Done, ETag, Edit, Engine, EngineBuilder, Error, Filter, Fit, Format, Picture, PixelLayout, Pixels,
    Rendition, Reply, Version, batch, resize, thumbnail,
};
use rayon::ThreadPool;

type Result<T> = std::result::Result<T, Error>;

/// What has to hold of a type is in the bounds of these.
fn is_shared<T: Clone + Send + Sync + 'static>() {}
fn is_plain<T: Copy + Eq + std::fmt::Debug + Send + Sync + 'static>() {}

#[test]
fn signatures_stay() {
    let _: fn(&[u8], u32, u32) -> Result<Rendition> = thumbnail;

    let _: fn(&'static str) -> Result<Picture> = Picture::open;
    let _: fn(PathBuf) -> Result<Picture> = Picture::open;
    let _: fn(Vec<u8>) -> Result<Picture> = Picture::from_bytes;
    let _: fn(Bytes) -> Result<Picture> = Picture::from_bytes;
    let _: fn(&Picture) -> (u32, u32) = Picture::size;
    let _: fn(&Picture) -> Digest = Picture::digest;
    let _: fn(&Picture) -> Version = Picture::version;
    let _: fn(&Picture, &Edit) -> Result<Rendition> = Picture::render;
    let _: fn(&Picture, &[Edit]) -> Vec<Result<Rendition>> = Picture::render_all;
    let _: fn(&Picture, &Edit) -> Result<Pixels> = Picture::pixels;
    let _: fn(Picture, Arc<ThreadPool>) -> Picture = Picture::pool;
    let _: fn(Pixels) -> Result<Picture> = Picture::from_pixels;
    let _: fn(&Pixels, u32, u32, Filter) -> Result<Pixels> = resize;

    let _: fn(Bytes, u32, u32, usize, PixelLayout) -> Result<Pixels> = Pixels::from_raw;
    let _: fn(&Pixels, u32, u32, u32, u32) -> Result<Pixels> = Pixels::crop;
    let _: fn(&Pixels) -> u32 = Pixels::width;
    let _: fn(&Pixels) -> u32 = Pixels::height;
    let _: fn(&Pixels) -> usize = Pixels::stride;
    let _: fn(&Pixels) -> PixelLayout = Pixels::layout;
    let _: fn(&Pixels) -> &Bytes = Pixels::bytes;

    let _: fn(&'static str) -> EngineBuilder = Engine::in_memory;
    let _: fn(EngineBuilder, Arc<ThreadPool>) -> EngineBuilder = EngineBuilder::pool;

    let _: fn() -> Edit = Edit::new;
    let _: fn(Edit, i32, i32, u32, u32) -> Edit = Edit::crop;
    let _: fn(Edit, u32) -> Edit = Edit::width;
    let _: fn(Edit, u32) -> Edit = Edit::height;
    let _: fn(Edit, Fit, u32, u32) -> Edit = Edit::fit;
    let _: fn(Edit, bool) -> Edit = Edit::enlarge;
    let _: fn(Edit, f64, f64) -> Edit = Edit::focus;
    let _: fn(Edit, Filter) -> Edit = Edit::filter;
    let _: fn(Edit, f64, f64, u8) -> Edit = Edit::unsharp;
    let _: fn(Edit, Format) -> Edit = Edit::format;
    let _: fn(Edit, u8) -> Edit = Edit::quality;
    let _: fn(&str) -> Result<Edit> = str::parse::<Edit>;
    let _: fn(&Edit) -> String = Edit::to_string;
}

#[test]
fn types_have_what_callers_rely_on() {
    is_shared::<Picture>();
    is_shared::<Edit>();
    is_shared::<Pixels>();
    is_shared::<Rendition>();
    is_shared::<Error>();
    is_plain::<Fit>();
    is_plain::<Filter>();
    is_plain::<Format>();
    is_plain::<PixelLayout>();
    let _ = [Fit::Inside, Fit::Pad, Fit::Cover, Fit::Stretch];
    let _ = [Filter::Bilinear, Filter::Bicubic, Filter::Lanczos3, Filter::BicubicSharper];
    let _: fn(&Reply) -> (Option<u32>, Option<u32>) = |reply| (reply.width, reply.height);
}

const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/pictures");

/// The lines that documents show, as a caller writes them.
#[test]
#[expect(clippy::disallowed_methods, reason = "the host builds the pool")]
fn calls_work() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let bytes = std::fs::read(format!("{PICTURES}/ring.png"))?;
    let small = thumbnail(&bytes, 400, 400)?;
    let shoe = Picture::open(format!("{PICTURES}/pebbles.jpg"))?;
    let made = shoe.render(
        &Edit::new()
            .crop(10, 10, 800, 600)
            .fit(Fit::Inside, 400, 300)
            .unsharp(1.0, 1.0, 0)
            .format(Format::Jpeg)
            .quality(80),
    )?;
    let many = shoe.render_all(&[Edit::new().width(320), Edit::new().width(640), "wid=1280&op_usm=1,8".parse()?]);

    let told = |made: &Rendition| -> (u32, u32, &'static str, Version) {
        let Rendition { bytes, width, height, content_type, version, etag, .. } = made.clone();
        let (_, _): (Bytes, ETag) = (bytes, etag);
        (width, height, content_type, version)
    };
    // A PNG, for the source has alpha.
    assert_eq!(told(&small), (400, 400, "image/png", Picture::from_bytes(bytes)?.version()));
    assert_eq!(told(&made), (400, 300, "image/jpeg", shoe.version()));
    let widths: Vec<_> = many.iter().map(|made| made.as_ref().map(|made| made.width)).collect();
    assert_eq!(widths, [Ok(320), Ok(640), Ok(1280)]);
    // The bytes are files that others read.
    assert!(small.bytes.starts_with(b"\x89PNG") && made.bytes.starts_with(b"\xff\xd8\xff"));

    let pixels = shoe.clone().pixels(&Edit::new().width(100))?;
    assert_eq!((pixels.width(), pixels.height(), pixels.stride()), (100, 75, pixels.layout().bytes() * 100));

    let half = resize(&pixels, 50, 37, Filter::Bicubic)?;
    assert_eq!((half.width(), half.height()), (50, 37));
    assert_eq!(Picture::from_pixels(half)?.render(&Edit::new())?.width, 50);

    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?);
    let jobs = [60, 70, 80].map(|width| (shoe.clone(), Edit::new().width(width)));
    let made: Batch<'_> = batch(&pool, jobs);
    let mut widths: Vec<_> = made.map(|Done { index, result, .. }| (index, result.map(|made| made.width))).collect();
    widths.sort_by_key(|(index, _)| *index);
    assert_eq!(widths, [(0, Ok(60)), (1, Ok(70)), (2, Ok(80))]);

    let wrong: Error = shoe.render(&Edit::new().width(0).quality(0)).unwrap_err();
    assert!(wrong.to_string().starts_with("wid: ") && wrong.source().is_none(), "{wrong}");
    assert!("src=a&wid=9".parse::<Edit>().unwrap_err().to_string().starts_with("src: "));
    Ok(())
}
