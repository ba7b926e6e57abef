//! What stands in for pictures that are missing or cannot be made: default image and error image (`responses.md` §5.4,
//! §5.5); and the watermark, which is not drawn yet and so keeps a picture from being delivered without it.

use platemark::{ErrorKind, IdPolicy};

use super::*;

#[test]
fn a_default_image_replaces_the_whole_request() {
    let engine = demo();
    for (asked, same_as) in [
        ("gallery/nowhere", "gallery/missing"),
        ("gallery/lost", "gallery/missing"),
        ("gallery/some/file.png?wid=50&hei=70", "gallery/missing?wid=50&hei=70"),
        (
            "gallery/lost?wid=50&rotate=20&crop=0,0,9,9&bgc=ff0000&op_invert=1&fmt=png&qlt=5",
            "gallery/missing?wid=50&fmt=png",
        ),
        ("gallery/lost?req=tmb&wid=40", "gallery/missing?req=tmb&wid=40"),
        ("gallery/harbour?src=gone&wid=60", "gallery/missing?wid=60"),
        ("gallery/harbour?mask=gone&wid=60", "gallery/missing?wid=60"),
        ("gallery/nowhere?defaultImage=demo/ring&wid=40", "gallery/ring.png?wid=40"),
        ("demo/nowhere?defaultImage=ring&wid=40&flip=ud", "demo/ring?wid=40"),
    ] {
        let reply = ok(&engine, asked);
        let expected = ok(&engine, same_as);
        assert_eq!((reply.content_type, &reply.body), (expected.content_type, &expected.body), "{asked}");
        assert!(reply.version.is_some() && reply.etag.is_some());
    }
    // A picture that is there is delivered, and nothing else is replaced.
    assert_eq!(ok(&engine, "gallery/harbour?wid=60").body, ok(&engine, "demo/harbour?wid=60").body);
    refused(&engine, "demo/nowhere?defaultImage=", "demo/nowhere: image not found\r\n");
    refused(&engine, "demo/nowhere?defaultImage=gone", "demo/nowhere: image not found\r\n");
    refused(&engine, "demo/nowhere?defaultImage=ring&req=mask", "demo/nowhere: image not found\r\n");
    for kind in ["props", "imageprops", "loadcache", "xmp"] {
        assert_eq!(serve(&engine, &format!("gallery/nowhere?req={kind}")).status, 403, "{kind}");
    }
}

#[test]
fn a_default_image_replaces_the_source_alone_if_the_catalog_says_so() {
    let (_folder, builder) = support::demo_with(&[("gallery.ini", "DefaultImageMode=1")]);
    let engine = builder.build().unwrap();
    for (asked, same_as) in [
        (
            "gallery/nowhere?wid=50&rotate=20&crop=100,100,300,200&fmt=png&bgc=ff0000",
            "gallery/missing?wid=50&rotate=20&crop=100,100,300,200&fmt=png&bgc=ff0000",
        ),
        ("gallery/harbour?src=gone&op_invert=1&wid=60", "gallery/missing?op_invert=1&wid=60"),
        ("gallery/lost?req=tmb&flip=lr", "gallery/missing?req=tmb&flip=lr"),
        ("gallery/lost?wid=50&defaultImage=demo/tilted&flip=lr", "demo/ring?rotate=-20&bgColor=1f4e9c&flip=lr&wid=50"),
    ] {
        assert_eq!(ok(&engine, asked).body, ok(&engine, same_as).body, "{asked}");
    }
}

/// `layers.md` §0, correction 18: ThumbType and ThumbRes are those of the default image's record or, where it has none,
/// of its own catalog; the rest is the main catalog's.
#[test]
fn a_thumbnail_of_a_default_image_is_made_as_its_record_says() {
    for mode in ["0", "1"] {
        let gallery = format!("DefaultImageMode={mode}\nThumbType=1\nDefaultThumbPix=90,30\nThumbBkgColor=ff0000");
        let thumbnails = |demo: &str| {
            let lines = [("gallery.ini", gallery.as_str()), ("demo.ini", demo)];
            let (_folder, builder) = support::demo_with(&lines);
            let engine = builder.build().unwrap();
            let of = |request: &str| ok(&engine, request);
            let [shore, ring, own] = ["/demo/shore", "/demo/ring", "missing"]
                .map(|name| of(&format!("gallery/lost?req=tmb&fmt=png&defaultImage={name}")));
            assert_eq!(support::pixel_size(&ring.body), Some((90, 30)));
            // A record of the catalog itself: that catalog's ThumbType.
            assert_eq!(own.body, of("gallery/missing?req=tmb&fmt=png").body);
            // The record's own ThumbType, whatever the catalogs say.
            let texture = of("demo/shore?req=tmb&wid=90&hei=30&bgc=ff0000&fmt=png");
            assert_eq!(shore.body, texture.body, "{demo}");
            let expected = of("demo/ring?req=tmb&wid=90&hei=30&bgc=ff0000&fmt=png");
            assert_eq!(ring.body, expected.body, "{demo}");
            ring
        };
        let (fit, crop) = (thumbnails("ThumbType=2"), thumbnails("ThumbType=1"));
        assert_ne!(fit.body, crop.body);
        assert_ne!(fit.version, crop.version, "what another catalog says is part of the version");
        let (coarse, fine) = (thumbnails("ThumbType=3\nThumbRes=.05"), thumbnails("ThumbType=3\nThumbRes=.5"));
        assert!(coarse.body != fine.body && coarse.version != fine.version);
    }
}

/// A reply that stands in for another lives as long as the default image says, and is never for ever the same.
#[test]
fn default_images_have_lifetimes_of_their_own() {
    for mode in ["0", "1"] {
        let (_folder, builder) = support::demo_with(&[("gallery.ini", &format!("DefaultImageMode={mode}"))]);
        let engine = builder.id_policy(IdPolicy::Verify).build().unwrap();
        for (request, cache_policy) in [
            ("gallery/lost", "public, max-age=1800"),
            ("gallery/lost?req=tmb", "public, max-age=1800"),
            ("gallery/lost?defaultImage=demo/ring", "public, max-age=900"),
            ("gallery/lost?defaultImage=demo/lantern", "public, max-age=31536000"),
            ("gallery/lost?defaultImage=demo/harbour/mirrored", "no-cache, max-age=0"),
            ("demo/nowhere?defaultImage=ring", "public, max-age=3600"),
        ] {
            let reply = ok(&engine, request);
            assert_eq!(reply.cache_policy.to_string(), cache_policy, "{request}");
            let and = if request.contains('?') { '&' } else { '?' };
            let again = ok(&engine, &format!("{request}{and}id={}", reply.version.unwrap()));
            assert_eq!(again.cache_policy.to_string(), cache_policy, "{request}: never immutable");
            let other = ok(&engine, &format!("{request}{and}id=0000000000000000000000"));
            assert_eq!((other.cache_policy, &other.body), (CachePolicy::NO_STORE, &reply.body), "{request}");
            let unkept = ok(&engine, &format!("{request}{and}cache=off"));
            assert_eq!((unkept.cache_policy, unkept.etag), (CachePolicy::NO_STORE, None), "{request}");
        }
    }
}

#[test]
fn an_error_image_is_delivered_with_200_and_never_kept() {
    let engine = demo();
    let image = ok(&engine, "gallery/mistake");
    for (request, kind) in [
        ("gallery/harbour?wid=0", ErrorKind::Request),
        ("gallery/harbour?wid=2001&hei=9", ErrorKind::Limit),
        ("gallery/harbour?req=tmb&fit=crop&wid=9", ErrorKind::Request),
        ("gallery/lost?req=mask", ErrorKind::Missing),
        ("gallery/lost?defaultImage=", ErrorKind::Missing),
        ("gallery/lost?defaultImage=gone", ErrorKind::Missing),
        ("gallery/../x", ErrorKind::Request),
        ("gallery/harbour?src=is(x)", ErrorKind::Request),
        ("gallery/harbour?$unknown$", ErrorKind::Request),
        ("gallery/harbour?req=img,json", ErrorKind::Request),
        ("gallery/harbour?jpegSize=1&wid=1500&fmt=pjpeg", ErrorKind::Limit),
    ] {
        let reply = serve(&engine, request);
        assert_eq!((reply.status, reply.content_type), (200, "image/jpeg"), "{request}: {}", text_or_none(&reply));
        assert_eq!(reply.body, image.body, "{request}");
        assert_eq!((reply.cache_policy, reply.etag, reply.version), (CachePolicy::NO_STORE, None, None), "{request}");
        assert_eq!(reply.error.unwrap().kind(), kind, "{request}");
    }
    // For pictures only.
    let lost = serve(&engine, "gallery/harbour?req=exists,yaml");
    assert_eq!((lost.status, lost.content_type), (403, TEXT));
    assert_eq!(serve(&engine, "gallery/lost?req=imageprops,json").status, 403);
}

/// An error image is made and kept like any picture, so that a crowd of requests that fail costs one.
#[test]
fn an_error_image_is_made_once() {
    let engine = support::demo().cache_bytes(1 << 20).build().unwrap();
    let target = |width: i32| format!("/is/image/gallery/harbour?wid={width}");
    let prepare = |width| engine.prepare(&target(width), &platemark::Context::new());
    let (first, stopped) = (prepare(0), prepare(0));
    assert_eq!((first.status(), first.content_type(), first.length()), (200, "image/jpeg", None));
    assert!(!first.is_ready() && first.work() > 0 && first.etag().is_none() && first.version().is_none());
    assert_eq!(first.cache_policy(), CachePolicy::NO_STORE);
    let head = first.head();
    assert_eq!((head.status, head.body.len(), head.error.unwrap().kind()), (200, 0, ErrorKind::Request));
    // A caller that gives it up gets the error as text.
    let stopped = stopped.render_while(&|| false);
    assert_eq!((stopped.status, stopped.content_type, stopped.error.unwrap().kind()), (403, TEXT, ErrorKind::Request));
    assert_eq!(engine.health().renditions.items, 0);
    let made = prepare(0).render();
    for width in -20..=0 {
        let stored = prepare(width);
        assert_eq!((stored.is_ready(), stored.work(), stored.length()), (true, 0, Some(made.length())), "{width}");
        let reply = stored.render();
        assert_eq!(
            (reply.status, &reply.body, reply.error.map(|error| error.kind())),
            (200, &made.body, Some(ErrorKind::Request))
        );
    }
    assert_eq!(engine.health().renditions.items, 1);
    // The picture itself is another reply, with a tag of its own.
    let picture = engine.serve("/is/image/gallery/mistake");
    assert!(picture.etag.is_some() && picture.error.is_none() && picture.body == made.body);
    // What fails only when its pixels are made has the same error image.
    let late = engine.serve("/is/image/gallery/harbour?jpegSize=1&wid=1500&fmt=pjpeg");
    assert_eq!((late.status, late.error.unwrap().kind()), (200, ErrorKind::Limit));
    assert!(late.body == made.body && engine.health().renditions.items == 2);
    // A host may choose the status of what is missing.
    let engine = support::demo().missing_status(platemark::MissingStatus::NotFound).build().unwrap();
    let prepared = engine.prepare("/is/image/gallery/lost?defaultImage=", &platemark::Context::new());
    assert_eq!((prepared.status(), prepared.content_type()), (404, "image/jpeg"));
    let reply = prepared.render();
    assert_eq!((reply.status, &reply.body), (404, &made.body));
}

fn text_or_none(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).chars().take(80).collect()
}

#[test]
fn an_error_image_that_fails_leaves_the_error() {
    for image in ["gone", "demo/gone.png", "../x"] {
        let (_folder, builder) = support::demo_with(&[("gallery.ini", &format!("ErrorImage={image}"))]);
        refused(&builder.build().unwrap(), "gallery/harbour?wid=0", "wid: needs a whole number from 1 to 16777216\r\n");
    }
    // The variables of the error are there for its commands, but there is no text to put them into yet.
    let (folder, builder) = support::demo_with(&[("gallery.ini", "ErrorImage=oops")]);
    let records = "Id\tPath\tModifier\noops\tmissing.png\ttext=$error.title$\nharbour\tharbour\t\n";
    std::fs::write(folder.path().join("gallery.txt"), records).unwrap();
    refused(&builder.build().unwrap(), "gallery/harbour?wid=0", "wid: needs a whole number from 1 to 16777216\r\n");
}

/// A picture is not delivered without the watermark that its catalog demands.
#[test]
fn a_watermark_is_refused_by_name() {
    let (_folder, builder) = support::demo_with(&[("demo.ini", "Watermark=ring")]);
    let engine = builder.build().unwrap();
    refused(&engine, "demo/harbour?wid=50", "Watermark: is not supported yet\r\n");
    let list = format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title=Watermark\\: is not supported yet\r\nerror.message=\r\n");
    refused(&engine, "demo/harbour?wid=50&req=loadcache", &list);
    for request in ["demo/harbour?req=tmb", "demo/harbour?req=mask&wid=9", "shop/harbour", "demo/harbour?req=userdata"]
    {
        ok(&engine, request);
    }
}
