//! Versions by stage: a release that makes other bytes in one stage changes the tags of the replies that pass the stage,
//! and of no others.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use platemark::{Context, Engine, Reply};

use crate::support::builder;

/// The name of a stage; any number names one.
pub(crate) fn name(stage: usize) -> &'static str {
    static NAMES: OnceLock<Vec<&str>> = OnceLock::new();
    let all = || demo(None).fingerprint().stages().map(|stage| stage.name).collect();
    let names = NAMES.get_or_init(all);
    names[stage % names.len()]
}

fn demo(stage: Option<(&str, bool)>) -> Engine {
    let folder = crate::support::path("assets/demo");
    engine(&folder, stage)
}

fn engine(folder: &Path, stage: Option<(&str, bool)>) -> Engine {
    let mut builder = builder(folder);
    if let Some((stage, raises)) = stage {
        assert!(builder.alter(stage, raises), "{stage}");
    }
    builder.build().unwrap()
}

/// Small requests, and the stages that each passes besides those that every picture passes and the resampler.
const REQUESTS: [(&str, &[&str]); 37] = [
    ("a.jpg?wid=20", &["decode.jpeg", "encode.jpeg"]),
    ("a.jpg?wid=20&fmt=png", &["decode.jpeg", "encode.png"]),
    ("a.png?wid=20&fmt=png-alpha", &["decode.png", "encode.png"]),
    ("a.jpg?wid=20&fmt=webp", &["decode.jpeg", "encode.webp"]),
    ("a.png?wid=20&fmt=webp-alpha,,lossless", &["decode.png", "encode.webp"]),
    ("a.png?wid=20&fmt=png-alpha,,zip", &["decode.png", "encode.png.zip"]),
    ("a.jpg?wid=20&fmt=png8", &["decode.jpeg", "quantize", "encode.png8"]),
    ("a.png?wid=20&fmt=png8-alpha&rect=3,3,9,9", &["decode.png", "quantize", "encode.png8"]),
    ("a.png?wid=20&fmt=gif-alpha", &["decode.png", "quantize", "encode.gif"]),
    ("a.png?wid=20&fmt=tif-alpha,,zip", &["decode.png", "encode.tif"]),
    ("a.png?wid=20&fmt=jpeg,cmyk", &["decode.png", "encode.jpeg"]),
    ("a.bmp?wid=20", &["decode.bmp", "encode.jpeg"]),
    ("a.gif?wid=20", &["decode.gif", "encode.jpeg"]),
    ("a.webp?wid=20&fmt=png-alpha", &["decode.webp", "encode.png"]),
    ("a.tif?wid=20", &["decode.jpeg", "decode.tiff", "encode.jpeg"]),
    ("a.png?wid=20&fmt=png8&icc=sRGB&iccEmbed=1", &["decode.png", "quantize", "encode.png", "encode.png8"]),
    ("a.jpg?wid=20&mask=a.png", &["decode.jpeg", "decode.png", "mask", "encode.jpeg"]),
    ("a.png?wid=20&maskUse=invert", &["decode.png", "mask", "encode.jpeg"]),
    ("a.jpg?wid=20&flip=lr", &["decode.jpeg", "orient", "encode.jpeg"]),
    // Only the mask is turned.
    ("a.png?wid=20&mask=turned.jpg", &["decode.jpeg", "decode.png", "mask", "orient", "encode.jpeg"]),
    ("a.jpg?wid=20&rotate=30", &["decode.jpeg", "warp", "encode.jpeg"]),
    ("a.jpg?wid=20&rotate=30&bgColor=ff0000", &["decode.jpeg", "warp", "fill", "encode.jpeg"]),
    ("a.jpg?wid=20&linear=1", &["decode.jpeg", "linear", "encode.jpeg"]),
    ("a.jpg?wid=20&op_blur=2", &["decode.jpeg", "op.blur", "encode.jpeg"]),
    ("a.jpg?wid=20&op_brightness=20", &["decode.jpeg", "op.brightness", "encode.jpeg"]),
    ("a.jpg?wid=20&op_contrast=20", &["decode.jpeg", "op.contrast", "encode.jpeg"]),
    ("a.jpg?wid=20&op_colorbalance=20,0,0", &["decode.jpeg", "op.colorbalance", "encode.jpeg"]),
    ("a.jpg?wid=20&op_hue=20", &["decode.jpeg", "op.hue", "encode.jpeg"]),
    ("a.jpg?wid=20&op_saturation=20", &["decode.jpeg", "op.saturation", "encode.jpeg"]),
    ("a.jpg?wid=20&op_colorize=00ff00", &["decode.jpeg", "op.colorize", "encode.jpeg"]),
    ("a.jpg?wid=20&op_invert=1", &["decode.jpeg", "op.invert", "encode.jpeg"]),
    ("a.jpg?wid=20&op_noise=20", &["decode.jpeg", "op.noise", "encode.jpeg"]),
    ("a.jpg?wid=20&op_sharpen=1", &["decode.jpeg", "op.sharpen", "encode.jpeg"]),
    ("a.jpg?wid=20&op_usm=1,2", &["decode.jpeg", "op.usm", "encode.jpeg"]),
    ("a.jpg?wid=20&xmpEmbed=1", &["decode.jpeg", "xmp", "encode.jpeg"]),
    ("a.jpg?wid=20&keepMetadata=xmp&fmt=png", &["decode.jpeg", "xmp", "encode.png"]),
    ("a.jpg?wid=20&keepMetadata=copyright", &["decode.jpeg", "xmp", "encode.jpeg"]),
];

/// Stages that every one of the requests passes.
const EVERYWHERE: [&str; 5] = ["request", "plan", "resample", "flatten", "color"];

/// Stages that no request reaches yet, or none of a build with the default features.
const UNREACHED: [&str; 2] = ["blend", "encode.avif"];

fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = demo(None);
    for (name, request) in [
        ("a.jpg", "demo/lighthouse?scl=1&rect=600,300,64,48&qlt=92&xmpEmbed=1"),
        ("a.png", "demo/ring?wid=64&hei=48&fit=crop&fmt=png-alpha"),
    ] {
        let reply = demo.serve(&format!("/is/image/{request}"));
        assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
        std::fs::write(folder.path().join(name), &reply.body).unwrap();
    }
    for (name, picture) in [("a.bmp", "arch.bmp"), ("a.gif", "signals.gif"), ("a.webp", "ring.webp")] {
        let picture = crate::support::path("assets/demo/pictures").join(picture);
        std::fs::copy(picture, folder.path().join(name)).unwrap();
    }
    let tiff = crate::support::path("assets/demo/pictures/lighthouse.tif");
    std::fs::copy(tiff, folder.path().join("a.tif")).unwrap();
    let upright = demo.serve("/is/image/demo/pebbles?wid=48&hei=64&fit=crop&fmt=jpeg,gray");
    let exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let turned = [&upright.body[..2], exif, &upright.body[2..]].concat();
    std::fs::write(folder.path().join("turned.jpg"), turned).unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\n").unwrap();
    folder
}

fn replies(engine: &Engine) -> Vec<Reply> {
    REQUESTS.iter().map(|(request, _)| engine.serve(&format!("/is/image/{request}"))).collect()
}

#[test]
fn a_raised_epoch_changes_the_tags_of_the_replies_that_pass_the_stage_and_of_no_others() {
    let folder = world();
    let before = replies(&engine(folder.path(), None));
    let stages: Vec<_> = demo(None).fingerprint().stages().collect();
    for stage in stages {
        let raised = engine(folder.path(), Some((stage.name, true)));
        assert!(raised.fingerprint().to_string().contains(&format!("{} {} ", stage.name, stage.epoch + 1)));
        let mut changed = BTreeMap::new();
        for (((request, passed), before), after) in REQUESTS.iter().zip(&before).zip(replies(&raised)) {
            assert_eq!((before.status, after.status), (200, 200), "{request}: {:?}", after.error);
            let passes = EVERYWHERE.contains(&stage.name) || passed.contains(&stage.name);
            assert_eq!(before.etag != after.etag, passes, "{request} and {}", stage.name);
            assert!(passes || before.body == after.body, "{request} passes {}", stage.name);
            // The version of an object covers what any view of it may pass.
            let other_decoder = stage.name.starts_with("decode.") && !passed.contains(&stage.name);
            assert_eq!(before.version != after.version, !other_decoder, "{request} and {}", stage.name);
            *changed.entry(before.body != after.body).or_insert(0) += 1;
        }
        let is_reached = !UNREACHED.contains(&stage.name);
        assert_eq!(changed.contains_key(&true), is_reached, "{}: {changed:?}", stage.name);
    }
}

/// The recorded requests notice a stage that makes other bytes without a raised epoch, if its probe does not.
#[test]
fn recorded_requests_pass_every_stage() {
    let requests = crate::support::golden_requests();
    let picture = |request: &&String| !request.contains("req=") && request.contains("/is/image/");
    let requests: Vec<_> = requests.iter().filter(picture).collect();
    let plain = demo(None);
    for stage in plain.fingerprint().stages().filter(|stage| !UNREACHED.contains(&stage.name)) {
        let (forgetful, raised) = (demo(Some((stage.name, false))), demo(Some((stage.name, true))));
        assert_eq!(forgetful.fingerprint(), plain.fingerprint());
        let differs = |request: &&&String| {
            let etag = |engine: &Engine| engine.prepare(request, &Context::new()).etag();
            if etag(&plain) == etag(&raised) {
                return false;
            }
            let (before, after) = (plain.serve(request), forgetful.serve(request));
            assert_eq!(before.etag, after.etag, "{request}: the epoch was not raised");
            before.body != after.body
        };
        let noticed = requests.iter().find(differs);
        assert!(noticed.is_some(), "no recorded request notices {}", stage.name);
    }
}
