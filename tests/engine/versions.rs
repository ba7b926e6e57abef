//! Versions and tags: what changes them, and that nothing else does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use platemark::{CachePolicy, Context, Engine, ErrorKind};

use crate::support::builder;
use crate::{World, metadata_version, ok, pixels, png};

#[test]
fn equal_requests_have_equal_tags() {
    let world = World::new();
    let engine = world.engine();
    let first = ok(&engine, "rgb.png?wid=90&hei=80&fit=crop&qlt=80&bgc=ff0000");
    for other in [
        "rgb.png?hei=80&bgc=255,0,0&QLT=80,0&wid=090&fit=CROP,0&req=img",
        "rgb.png?.a=b&wid=1&wid=90&unknown=7&hei=80&cache=validate&fit=crop&qlt=80&bgc=0xff0000r&id=anything",
    ] {
        let reply = ok(&engine, other);
        assert_eq!((reply.etag, reply.version, &reply.body), (first.etag, first.version, &first.body), "{other}");
    }
    let different = ok(&engine, "rgb.png?wid=90&hei=81&fit=crop&qlt=80&bgc=ff0000");
    assert_eq!(different.version, first.version);
    assert_ne!(different.etag, first.etag);
}

#[test]
fn versions_follow_content_and_nothing_else() {
    let world = World::new();
    let version = |request: &str| ok(&world.engine(), request).version.unwrap();
    let (plain, record) = (version("rgb.png?wid=50"), version("record"));
    assert_ne!(plain, record, "the record has a Modifier");
    assert_eq!(version("rgb.png?req=tmb"), plain);
    assert_eq!(version("rgb.png?req=props"), plain);

    // Not these: the file's times, its name, lifetimes, paths, another picture, a comment.
    let file = world.path().join("rgb.png");
    std::fs::File::options().append(true).open(&file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    std::fs::copy(&file, world.path().join("copy.png")).unwrap();
    world.write("gray.png", png(5, 5, png::ColorType::Grayscale, &[7; 25]));
    world.write(
        "default.ini",
        "# note\nDefaultExt=.png\nMaxPix=3000,3000\nCatalogFile=default.txt\nExpiration=3\nNonImgExpiration=1\n",
    );
    world.write("default.txt", "Id\tPath\tModifier\tExpiration\nrecord\tcopy\t.comment&wid=040&x=1\t-1\n");
    assert_eq!((version("rgb.png?wid=50"), version("copy.png?wid=60"), version("record")), (plain, plain, record));

    // But these: pixels, attributes, the Modifier.
    let mut seen = vec![plain, record];
    let mut changed = |request: &str| {
        let version = version(request);
        assert!(!seen.contains(&version), "{request}");
        seen.push(version);
    };
    world.write("default.txt", "Id\tPath\tModifier\nrecord\tcopy\twid=41\n");
    changed("record");
    for attribute in [
        "MaxPix=2999,3000",
        "DefaultPix=9,9",
        "DefaultThumbPix=9,9",
        "BkgColor=fffffe",
        "ThumbBkgColor=fffffe",
        "JpegQuality=81",
        "ResMode=2",
        "Resolution=2",
        "PrintResolution=73",
        "ThumbType=1",
        "ThumbRes=3",
        "ThumbHorizAlign=1",
        "ThumbVertAlign=3",
    ] {
        world
            .write("default.ini", format!("DefaultExt=.png\nMaxPix=3000,3000\nCatalogFile=default.txt\n{attribute}\n"));
        changed("rgb.png?wid=50");
    }
    world.write("rgb.png", png(150, 110, png::ColorType::Rgb, &pixels(150, 110, 3, 99)));
    changed("rgb.png?wid=50");
}

#[test]
fn metadata_versions_follow_geometry_only() {
    let world = World::new();
    let before = metadata_version(&world.engine(), "rgb.png");
    world.write("rgb.png", png(150, 110, png::ColorType::Rgb, &pixels(150, 110, 3, 77)));
    assert_eq!(metadata_version(&world.engine(), "rgb.png"), before, "other pixels of the same size");
    world.write("rgb.png", png(150, 111, png::ColorType::Rgb, &pixels(150, 111, 3, 77)));
    assert_ne!(metadata_version(&world.engine(), "rgb.png"), before);
}

#[test]
fn a_replaced_picture_is_seen_at_once_whatever_its_times_say() {
    let world = World::new();
    let engine = builder(world.path()).cache_bytes(1 << 20).build().unwrap();
    let request = "rgb.png?wid=60&fmt=png";
    let before = ok(&engine, request);
    let file = world.path().join("rgb.png");
    let times = std::fs::metadata(&file).unwrap().modified().unwrap();
    for (seed, by_rename) in [(11, false), (12, true), (13, false)] {
        let picture = png(150, 110, png::ColorType::Rgb, &pixels(150, 110, 3, seed));
        if by_rename {
            world.write("new", &picture);
            std::fs::rename(world.path().join("new"), &file).unwrap();
        } else {
            std::fs::write(&file, &picture).unwrap();
        }
        std::fs::File::options().append(true).open(&file).unwrap().set_modified(times).unwrap();
        let after = ok(&engine, request);
        assert_ne!((after.version, after.etag, &after.body), (before.version, before.etag, &before.body));
        assert_eq!(after.body, ok(&world.engine(), request).body, "a cold engine says the same");
    }
}

#[test]
fn a_source_replaced_between_the_two_steps_is_never_mistaken() {
    let world = World::new();
    let engine = world.engine();
    let request = "/is/image/rgb.png?wid=60&fmt=png";
    let old = engine.serve(request);
    let prepared = engine.prepare(request, &Context::new());
    assert_eq!((prepared.status(), prepared.etag(), prepared.version()), (200, old.etag, old.version));
    world.write("new", png(150, 110, png::ColorType::Rgb, &pixels(150, 110, 3, 8)));
    std::fs::rename(world.path().join("new"), world.path().join("rgb.png")).unwrap();
    let reply = prepared.render();
    assert_eq!((reply.status, reply.cache_policy, reply.etag), (503, CachePolicy::NO_STORE, None));
    assert_eq!(reply.error.unwrap().kind(), ErrorKind::Changed);
    assert_ne!(engine.serve(request).etag, old.etag, "asking again helps");
}

/// A file that was changed a moment ago may change again under the same time stamps: nothing is remembered of it.
#[test]
fn fresh_files_are_read_every_time() {
    let world = World::new();
    let now = Arc::new(AtomicU64::new(0));
    let clock = now.clone();
    let ctime = std::fs::metadata(world.path().join("rgb.png")).unwrap().modified().unwrap();
    let build = |clock: Arc<AtomicU64>| {
        let at = move || ctime + Duration::from_secs(clock.load(Ordering::Relaxed));
        Engine::builder(world.path()).clock(at).cache_bytes(1 << 20).build().unwrap()
    };
    let engine = build(clock);
    let fresh = ok(&engine, "rgb.png?wid=60");
    world.write("rgb.png", png(150, 110, png::ColorType::Rgb, &pixels(150, 110, 3, 21)));
    let other = ok(&engine, "rgb.png?wid=60");
    assert_ne!(fresh.version, other.version);
    now.store(3600, Ordering::Relaxed);
    let settled = ok(&engine, "rgb.png?wid=60");
    assert_eq!((settled.version, settled.etag, settled.body), (other.version, other.etag, other.body));
}

/// Requests that had one version, or one tag, for other bytes: found by search, or by thinking about it.
#[test]
fn versions_cover_what_replies_are_made_of() {
    let world = World::new();
    let records = "Id\tPath\tModifier\n\
        other\tphoto.jpg\tsrc=rgb.png\n10\trgb.png\top_hue=$object$\n90\trgb.png\top_hue=$object$\n";
    world.write("default.txt", records);
    let packet = |text: &str| {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 92);
        let segment = [b"http://ns.adobe.com/xap/1.0/\0", text.as_bytes()].concat();
        encoder.add_app_segment(1, segment).unwrap();
        encoder.encode(&pixels(30, 20, 3, 4), 30, 20, jpeg_encoder::ColorType::Rgb).unwrap();
        file
    };
    // XMP is that of the path's file, even if the picture shows another.
    world.write("photo.jpg", packet("<a>one</a>"));
    let one = ok(&world.engine(), "other?req=xmp");
    world.write("photo.jpg", packet("<a>two</a>"));
    let two = ok(&world.engine(), "other?req=xmp");
    assert!(one.body != two.body && one.version != two.version && one.etag != two.etag);
    assert_eq!(two.version, ok(&world.engine(), "other").version, "one version for pictures and XMP");

    // Records that differ in nothing but their ids, which they refer to.
    let engine = builder(world.path()).cache_bytes(1 << 20).build().unwrap();
    let (ten, ninety) = (ok(&engine, "10?wid=50"), ok(&engine, "90?wid=50"));
    assert!(ten.body != ninety.body && ten.etag != ninety.etag);

    // A default image is composed by other rules than the same picture in its own right.
    let target = "gone.png?crop=0,0,50,50&defaultImage=rgb.png";
    let default = ok(&world.engine(), target);
    std::fs::copy(world.path().join("rgb.png"), world.path().join("gone.png")).unwrap();
    let own = ok(&world.engine(), target);
    assert!(default.body != own.body && default.version != own.version);

    // A record's own map and that of its picture, in which a command without an effect on maps stands.
    let (plain, composite) = (ok(&engine, "10?req=map"), ok(&engine, "10?req=map&op_hue=5"));
    assert_eq!(plain.version, composite.version);
    assert_ne!(plain.etag, composite.etag);
}

#[test]
fn links_hold_the_version_that_belongs_to_their_type() {
    let world = World::new();
    let engine = world.engine();
    let versioned = |target: &str| engine.versioned_link(target).map_err(|error| error.to_string());
    let image = engine.versions("/is/image/record").unwrap();
    for request in ["record?wid=9", "record?req=tmb", "record?req=mask", "record?req=xmp"] {
        assert_eq!(versioned(&format!("/is/image/{request}")), Ok(format!("/is/image/{request}&id={}", image.image)));
    }
    for request in ["record?req=map", "record?req=targets", "record?req=userdata,xml"] {
        assert_eq!(
            versioned(&format!("/is/image/{request}")),
            Ok(format!("/is/image/{request}&id={}", image.metadata))
        );
    }
    assert_eq!(versioned("/is/image/record"), Ok(format!("/is/image/record?id={}", image.image)));
    // What leads elsewhere counts.
    let other = engine.versions("/is/image/record?src=gray.png").unwrap().image;
    assert_eq!(
        versioned("/is/image/record?id=x&src=gray.png&&wid=3"),
        Ok(format!("/is/image/record?src=gray.png&wid=3&id={other}"))
    );
    for (target, error) in [
        ("/is/image/record?req=props", "req: this type of request has no version"),
        ("/is/image/record?req=map,json", "req: in a JSON reply id is the name of the request, and no version"),
        ("/is/image/none.png", "none.png: image not found"),
        ("/is/content/rgb.png", "path: content has no version"),
        ("/elsewhere", "path: does not start with /is/image or /is/content"),
        ("/is/image/record?$none$", "$none$: is not a known macro"),
    ] {
        assert_eq!(versioned(target), Err(error.to_owned()));
    }
}

/// A file that no record speaks of has a `metadata.version`, too, and it is the one that goes with its replies.
#[test]
fn files_without_a_record_have_both_versions() {
    let world = World::new();
    let engine = builder(world.path()).id_policy(platemark::IdPolicy::Verify).build().unwrap();
    let version = metadata_version(&engine, "photo.jpg");
    for request in ["photo.jpg?req=targets", "photo.jpg?req=userdata", "photo.jpg?req=map", "photo.jpg?req=map&wid=9"] {
        let reply = ok(&engine, &format!("{request}&id={version}"));
        assert!(reply.cache_policy.to_string().ends_with("immutable"), "{request}: {}", reply.cache_policy);
        assert_eq!(reply.version.map(|version| version.to_string()).as_ref(), Some(&version));
        assert!(!reply.etag.unwrap().weak);
        assert_eq!(ok(&engine, &format!("{request}&id=0000000000000000000000")).cache_policy, CachePolicy::NO_STORE);
    }
    // Neither in a catalog nor a file.
    let nothing = ok(&engine, "nothing.jpg?req=targets");
    assert!(nothing.version.is_none() && nothing.etag.unwrap().weak);
}
