//! Damaged files, and files that are being written: what is refused, shown, or put off.

use std::time::Duration;

use platemark::{DamagedImages, Engine, EngineBuilder, ErrorKind, Reply};

use crate::support::builder;
use crate::{World, decoded, jpeg, ok, pixels, png};

/// A world with a JPEG and a PNG of 64 × 64 pixels that end in the middle.
fn world() -> World {
    let world = World::new();
    let (jpeg, png) =
        (jpeg(64, 64, &pixels(64, 64, 3, 4), None), png(64, 64, png::ColorType::Rgb, &pixels(64, 64, 3, 5)));
    world.write("whole.jpg", &jpeg);
    world.write("whole.png", &png);
    world.write("half.jpg", &jpeg[..jpeg.len() / 2]);
    world.write("half.png", &png[..png.len() / 2]);
    world.write("head.jpg", &jpeg[..650]);
    world
}

fn showing(world: &World) -> EngineBuilder {
    builder(world.path()).damaged_images(DamagedImages::Show)
}

fn policy(reply: &Reply) -> String {
    reply.cache_policy.to_string()
}

#[test]
fn damaged_files_are_refused_by_default_and_shown_where_the_host_or_the_catalog_says_so() {
    let world = world();
    let (refusing, shown) = (world.engine(), showing(&world).cache_bytes(1 << 20).build().unwrap());
    let catalog = World::new();
    for name in ["half.jpg", "half.png"] {
        catalog.write(name, std::fs::read(world.path().join(name)).unwrap());
    }
    catalog.write("default.ini", "DefaultExt=\nDamagedImages=show\n");
    let by_catalog = catalog.engine();
    catalog.write("default.ini", "DefaultExt=\nDamagedImages=refuse\n");
    let refused_by_catalog = showing(&catalog).build().unwrap();
    for (half, title) in [("half.jpg", "half.jpg: is a damaged JPEG"), ("half.png", "half.png: is a damaged PNG")] {
        let target = format!("/is/image/{half}?scl=1&fmt=png");
        for engine in [&refusing, &refused_by_catalog] {
            let reply = engine.serve(&target);
            assert_eq!((reply.status, reply.error.unwrap().to_string()), (403, title.to_owned()));
        }
        let reply = ok(&shown, &format!("{half}?scl=1&fmt=png"));
        assert_eq!(ok(&by_catalog, &format!("{half}?scl=1&fmt=png")).body, reply.body);
        let whole = ok(&shown, &format!("{}?scl=1&fmt=png", half.replace("half", "whole")));
        let ((.., half_pixels), (.., whole_pixels)) = (decoded(&reply), decoded(&whole));
        // The first rows are there; the last are gray or white, the background of a picture that is transparent.
        assert_eq!(half_pixels[..64 * 3 * 8], whole_pixels[..64 * 3 * 8], "{half}");
        let left_out = if half.ends_with("jpg") { 128 } else { 255 };
        assert!(half_pixels[64 * 3 * 56..].iter().all(|sample| *sample == left_out), "{half}");
    }
    let alpha = ok(&shown, "half.png?scl=1&fmt=png-alpha");
    let (.., samples) = decoded(&alpha);
    assert!(samples[3] == 255 && samples[64 * 64 * 4 - 1] == 0, "the rest is transparent");
    let background = ok(&shown, "half.png?scl=1&fmt=png&bgc=102030");
    assert!(decoded(&background).2.ends_with(&[0x10, 0x20, 0x30]));
    // Nothing of it can be decoded.
    let reply = shown.serve("/is/image/head.jpg");
    assert_eq!((reply.status, reply.error.unwrap().kind()), (403, ErrorKind::Source));
}

#[test]
fn the_setting_is_in_the_version_and_what_is_damaged_is_never_immutable() {
    let world = world();
    let (refusing, shown) = (world.engine(), showing(&world).build().unwrap());
    for (request, is_damaged) in [("whole.jpg", false), ("whole.png", false), ("half.jpg", true), ("half.png", true)] {
        let reply = ok(&shown, &format!("{request}?wid=20"));
        let version = reply.version.unwrap();
        assert_eq!(shown.versions(&format!("/is/image/{request}")).unwrap().image, version);
        assert_ne!(refusing.versions(&format!("/is/image/{request}")).unwrap().image, version, "{request}");
        assert_eq!(crate::metadata_version(&shown, request), crate::metadata_version(&refusing, request));
        let linked = ok(&shown, &format!("{request}?wid=20&id={version}"));
        let expected = if is_damaged { "public, max-age=36000" } else { "public, max-age=31536000, immutable" };
        assert_eq!((policy(&linked).as_str(), &linked.body), (expected, &reply.body), "{request}");
        // The first request and a conditional request get the same answer.
        let target = format!("/is/image/{request}?wid=20&id={version}");
        let context = platemark::Context::new();
        assert_eq!(shown.prepare(&target, &context).head().cache_policy, linked.cache_policy);
        let tag = linked.etag.unwrap().to_string();
        let known = shown.prepare(&target, &context.if_none_match(&tag)).render();
        assert_eq!((known.status, known.cache_policy), (304, linked.cache_policy));
        let other = ok(&shown, &format!("{request}?wid=20&id=0000000000000000000000"));
        assert_eq!(policy(&other), "no-store");
        if !is_damaged {
            assert_eq!(ok(&refusing, &format!("{request}?wid=20")).body, reply.body, "sound files are shown as ever");
        }
    }
}

/// Tiles of a damaged picture join, at every scale.
#[test]
fn tiles_of_damaged_pictures_are_parts_of_the_whole() {
    let world = world();
    let engine = showing(&world).build().unwrap();
    for view in ["half.jpg?scl=1", "half.jpg?scl=3", "half.jpg?scl=7", "half.png?scl=2", "half.png?scl=1&rotate=20"] {
        let (width, height, whole) = decoded(&ok(&engine, &format!("{view}&fmt=png")));
        for top in (0..height).step_by(5) {
            let rows = 5.min(height - top);
            let tile = decoded(&ok(&engine, &format!("{view}&fmt=png&rect=0,{top},{width},{rows}")));
            let line = width as usize * 3;
            let (from, to) = (top as usize * line, (top + rows) as usize * line);
            assert_eq!(tile, (width, rows, whole[from..to].to_vec()), "{view} from {top}");
        }
    }
}

/// An engine for which every file has just been written.
fn hasty(world: &World) -> EngineBuilder {
    Engine::builder(world.path()).settle(Duration::from_secs(3600))
}

#[test]
fn files_that_are_being_written_are_put_off_whatever_else_is_said_of_damage() {
    let world = world();
    world.write("text.jpg", "not a picture yet");
    world.write("nothing.jpg", "");
    world.write("default.ini", "DefaultExt=\nCatalogFile=default.txt\nErrorImage=whole.png\nDefaultImage=whole.jpg\n");
    world.write("default.txt", "Id\tPath\tMaskPath\nmasked\twhole.jpg\thalf.png\n");
    let shown = hasty(&world).damaged_images(DamagedImages::Show).build().unwrap();
    let (refused, later) = (hasty(&world).build().unwrap(), world.engine());
    for request in ["half.jpg", "half.png", "head.jpg", "text.jpg", "nothing.jpg", "masked?fmt=png-alpha"] {
        for engine in [&shown, &refused] {
            let reply = engine.serve(&format!("/is/image/{request}"));
            let error = reply.error.unwrap_or_else(|| panic!("{request} is shown"));
            assert_eq!((reply.status, error.kind()), (503, ErrorKind::Unfinished), "{request}: {error}");
            assert_eq!(reply.cache_policy, platemark::CachePolicy::NO_STORE);
            assert!(error.to_string().ends_with("is being written; ask again"), "{error}");
        }
        // Once the file has been left alone it is damaged, and the error image is shown.
        let reply = later.serve(&format!("/is/image/{request}"));
        assert_eq!((reply.status, reply.error.unwrap().kind()), (200, ErrorKind::Source), "{request}");
    }
    world.write("web.jpg", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf");
    let reply = refused.serve("/is/image/web.jpg");
    let (status, text) = (reply.status, reply.error.unwrap().to_string());
    assert!(status == 503 && text.contains("is an AVIF, which is not a supported format"), "{status} {text}");
    for engine in [&shown, &refused] {
        for request in ["whole.jpg?wid=9", "whole.png?wid=9", "gone.jpg?wid=9"] {
            ok(engine, request);
        }
        let reply = engine.serve("/is/image/half.jpg?req=xmp");
        assert!(reply.status == 503 || reply.status == 200, "{:?}", reply.error);
    }
}

/// A default image that is being written can be shown in a moment; one that is damaged cannot.
#[test]
fn a_default_image_that_is_being_written_is_waited_for() {
    let world = world();
    for (default, settled) in [("half.jpg", 200), ("head.jpg", 403)] {
        world.write("default.ini", format!("DefaultExt=\nDefaultImage={default}\n"));
        let now = hasty(&world).damaged_images(DamagedImages::Show).build().unwrap();
        let later = showing(&world).build().unwrap();
        let statuses = [&now, &later].map(|engine| engine.serve("/is/image/gone.jpg?wid=20").status);
        assert_eq!(statuses, [503, settled], "{default}");
    }
}

#[cfg(feature = "http")]
#[test]
fn a_file_that_is_being_written_is_asked_for_again() {
    let world = world();
    let engine = hasty(&world).build().unwrap();
    let request = http::Request::get("/is/image/half.jpg?wid=9").body(()).unwrap();
    let response = platemark::http::Exchange::new(&engine, &request, None).respond();
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.headers()["cache-control"], "no-store");
}
