//! Rows that go straight into the file make the file that a picture makes which is drawn first.
//!
//! With `jpegSize` the encoder may have to write more than once, so the picture is drawn first: with more kilobytes than the
//! file has, the bytes are the same.

use std::cell::Cell;
use std::path::Path;

use proptest::prelude::*;

use super::bands::test_engine as engine;
use crate::engine::{Engine, Reply};

thread_local! {
    /// Files of this thread into which rows went straight.
    static STRAIGHT: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn count() {
    STRAIGHT.set(STRAIGHT.get() + 1);
}

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo");

fn reply(engine: &Engine, request: &str) -> (Reply, bool) {
    STRAIGHT.set(0);
    (engine.serve(&format!("/is/image/{request}")), STRAIGHT.get() > 0)
}

/// The reply by a picture that is drawn first.
fn drawn(engine: &Engine, request: &str) -> Reply {
    let (reply, straight) = reply(engine, &format!("{request}&jpegSize=1000000"));
    assert!(!straight);
    reply
}

#[test]
fn what_is_only_sampled_goes_straight_into_the_file() {
    let engine = engine(0, Path::new(DEMO));
    for (request, expected) in [
        ("demo/harbour?scl=1", true),
        ("demo/harbour?wid=500&qlt=90,1", true),
        ("demo/harbour?wid=300&rect=20,30,100,90", true),
        ("demo/harbour?crop=1000,500,2000,1500&wid=600", true),
        ("demo/harbour?crop=-100,500,2000,1500&wid=600", false),
        ("demo/harbour?wid=300&hei=300&fit=fit", false),
        ("demo/harbour?wid=300&op_usm=1,1", false),
        ("demo/harbour?wid=300&op_colorize=c08040", false),
        ("demo/harbour?wid=300&rotate=90", false),
        ("demo/harbour?wid=300&flip=lr", false),
        ("demo/harbour?wid=300&rotate=7", false),
        ("demo/harbour?wid=300&fmt=pjpeg", false),
        ("demo/harbour?wid=300&fmt=png", false),
        ("demo/harbour?wid=300&fmt=jpeg,gray", false),
        ("demo/harbour?wid=300&fmt=jpeg,cmyk", false),
        ("demo/harbour?wid=300&extend=1,1,1,1", false),
        ("demo/ring?wid=300", false),
    ] {
        let (made, straight) = reply(&engine, request);
        assert_eq!((made.status, straight), (200, expected), "{request}: {:?}", made.error);
        if straight {
            assert!(made.body == drawn(&engine, request).body, "{request}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if crate::test_support::is_long() { 200 } else { 24 }))]

    /// Any source, size, window, quality and number of threads; with nothing known of the file and with what the first
    /// request has left.
    #[test]
    fn straight_files_are_those_of_pictures(
        source in prop::sample::select(vec!["harbour", "pebbles", "lighthouse"]),
        width in 1u32..3000,
        (x, y) in (0u32..700, 0u32..500),
        (w, h) in (1u32..900, 1u32..700),
        cut: bool,
        unscaled: bool,
        quality in 1u8..=100,
        full_chroma: bool,
        mode in prop::sample::select(vec!["bilin", "bicub", "sharp2", "bisharp"]),
    ) {
        let scale = if unscaled { "scl=1".to_owned() } else { format!("wid={width}") };
        let rect = if cut || unscaled { format!("&rect={x},{y},{w},{h}") } else { String::new() };
        let chroma = u8::from(full_chroma);
        let request = format!("demo/{source}?{scale}{rect}&qlt={quality},{chroma}&resMode={mode}");
        let expected = drawn(&engine(0, Path::new(DEMO)), &request);
        for threads in 0..=3 {
            let engine = engine(threads, Path::new(DEMO));
            for turn in ["cold", "warm"] {
                let (made, _) = reply(&engine, &request);
                prop_assert_eq!((made.status, made.body == expected.body), (expected.status, true), "{} {}", threads, turn);
            }
        }
    }
}

/// Files that are damaged halfway, refused and shown, and a limit that the file exceeds before the damage comes.
#[test]
fn damage_and_limits_are_told_alike() {
    let folder = tempfile::tempdir().unwrap();
    let sound = std::fs::read(format!("{DEMO}/pictures/harbour.jpg")).unwrap();
    let mut broken = sound.clone();
    let at = sound.len() / 2;
    broken[at..at + 40].fill(0xff);
    std::fs::write(folder.path().join("cut.jpg"), &sound[..at]).unwrap();
    std::fs::write(folder.path().join("broken.jpg"), broken).unwrap();
    std::fs::write(folder.path().join("sound.jpg"), sound).unwrap();
    for attributes in ["", "DamagedImages=show\n"] {
        std::fs::write(folder.path().join("default.ini"), format!("DefaultExt=\nMaxPix=5000,5000\n{attributes}"))
            .unwrap();
        for view in ["scl=1", "wid=1900", "wid=300", "scl=1&rect=0,2000,900,600"] {
            for file in ["cut.jpg", "broken.jpg", "sound.jpg"] {
                let request = format!("{file}?{view}");
                let expected = drawn(&engine(0, folder.path()), &request);
                for threads in 0..=3 {
                    let (made, _) = reply(&engine(threads, folder.path()), &request);
                    assert_eq!(
                        (made.status, made.body == expected.body),
                        (expected.status, true),
                        "{request} {threads}"
                    );
                }
            }
        }
    }
    let limits = crate::Limits::new().reply_bytes(20_000);
    for threads in 0..=3 {
        for (file, expected) in [("sound.jpg", "exceeds the limit of reply bytes"), ("cut.jpg", "cut.jpg")] {
            std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=5000,5000\n").unwrap();
            let engine = limited(threads, folder.path(), limits);
            let (made, straight) = reply(&engine, &format!("{file}?scl=1"));
            assert_eq!((made.status, straight), (403, true), "{file} {threads}");
            let text = String::from_utf8(made.body.to_vec()).unwrap();
            assert!(text.contains(expected), "{file}: {text}");
        }
    }
}

fn limited(threads: usize, catalogs: &Path, limits: crate::Limits) -> Engine {
    let builder = Engine::builder(catalogs).limits(limits);
    if threads == 0 {
        builder.build().unwrap()
    } else {
        builder.pool(crate::test_support::pool(threads)).build().unwrap()
    }
}
