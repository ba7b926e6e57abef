//! What replies say to caches, and what caches ask.

use std::time::Duration;

use platemark::{CachePolicy, Context, IdPolicy};

use crate::support::builder;
use crate::{World, ok};

#[test]
fn lifetimes_come_from_the_record_or_its_catalog() {
    let world = World::new();
    world.write("default.ini", "DefaultExt=\nCatalogFile=default.txt\nExpiration=2\nNonImgExpiration=.5\n");
    world.write(
        "default.txt",
        "Id\tPath\tExpiration\na\trgb.png\t\nb\trgb.png\t24\nc\trgb.png\t-1\nd\trgb.png\t0\ne\trgb.png\t-2\n",
    );
    let engine = world.engine();
    let cache_policy = |request: &str| ok(&engine, request).cache_policy.to_string();
    for (request, expected) in [
        ("rgb.png", "public, max-age=7200"),
        ("a", "public, max-age=7200"),
        ("b", "public, max-age=86400"),
        ("c?req=tmb", "public, max-age=31536000"),
        ("d", "no-cache, max-age=0"),
        ("e", "public, max-age=7200"),
        ("b?req=props", "public, max-age=1800"),
    ] {
        assert_eq!(cache_policy(request), expected, "{request}");
    }
}

#[test]
fn ids_change_headers_only() {
    let world = World::new();
    for policy in [IdPolicy::Ignore, IdPolicy::Verify] {
        let engine = builder(world.path()).id_policy(policy).build().unwrap();
        let plain = ok(&engine, "rgb.png?wid=30");
        let version = plain.version.unwrap();
        let asked = |id: &str| {
            let reply = ok(&engine, &format!("rgb.png?wid=30&id={id}"));
            assert_eq!((&reply.body, reply.etag, reply.version), (&plain.body, plain.etag, plain.version));
            reply.cache_policy.to_string()
        };
        assert_eq!(plain.cache_policy.to_string(), "public, max-age=36000");
        let verify = policy == IdPolicy::Verify;
        assert_eq!(
            asked(&version.to_string()),
            if verify { "public, max-age=31536000, immutable" } else { "public, max-age=36000" }
        );
        assert_eq!(asked("0000000000000000000000"), if verify { "no-store" } else { "public, max-age=36000" });
        for no_version in ["", "nonsense", "000000000000000000000", "00000000000000000000000", "$v$"] {
            assert_eq!(asked(no_version), "public, max-age=36000", "{no_version}");
        }
        let hour =
            builder(world.path()).id_policy(policy).versioned_lifetime(Duration::from_secs(3600)).build().unwrap();
        let linked = ok(&hour, &format!("rgb.png?wid=30&id={version}"));
        assert_eq!(linked.cache_policy.seconds(), Some(if verify { 3600 } else { 36_000 }));
        let list = ok(&engine, "rgb.png?req=props,json&id=4711");
        assert_eq!(list.cache_policy.to_string(), "public, max-age=360", "in JSON the id is an echo");
        // What has no version is what no id stands for, except where nothing ever has one.
        for kind in ["userdata", "targets", "map"] {
            let reply = ok(&engine, &format!("gone?req={kind}&id={version}"));
            assert_eq!((reply.version, reply.cache_policy == CachePolicy::NO_STORE), (None, verify), "{kind}");
        }
        let set = ok(&engine, &format!("rgb.png?req=imageset&id={version}"));
        assert_eq!(set.cache_policy.to_string(), "public, max-age=360");
    }
}

#[test]
fn conditions_are_answered_without_a_picture() {
    let world = World::new();
    let engine = world.engine();
    let tags = |request: &str| ok(&engine, request).etag.unwrap().to_string();
    for request in ["rgb.png?wid=30", "rgb.png?req=props"] {
        let tag = tags(request);
        let target = format!("/is/image/{request}");
        let hit = engine.serve_with(&target, &Context::new().if_none_match(&format!("\"x\", {tag}")));
        assert_eq!((hit.status, hit.body.len(), hit.etag.unwrap().to_string()), (304, 0, tag));
        assert!(hit.cache_policy.seconds().is_some());
        let miss = engine.serve_with(&target, &Context::new().if_none_match("\"x\", *"));
        assert_eq!(miss.status, 200);
    }
    let error = engine.serve_with("/is/image/gone?wid=1", &Context::new().if_none_match("*"));
    assert_eq!(error.status, 403);
}

/// A request that was answered a moment ago is answered by what is true now, whatever has changed meanwhile.
#[test]
fn recent_requests_are_answered_from_what_is_true_now() {
    let world = World::new();
    world.write(
        "default.txt",
        "Id\tPath\tModifier\tMaskPath\nmasked\trgb.png\t\tmask.png\nother\trgb.png\tsrc=rgba.png\t\n",
    );
    let mask = |seed: u64| crate::png(150, 110, png::ColorType::Grayscale, &crate::pixels(150, 110, 1, seed));
    world.write("mask.png", mask(3));
    let engine = builder(world.path()).cache_bytes(1 << 24).build().unwrap();
    let requests = [
        "masked?wid=50&fmt=png-alpha",
        "other?wid=40",
        "rgb.png?req=tmb",
        "masked?req=mask&wid=60&fmt=png",
        "masked?req=props,json&id=7&handler=f",
        "other?req=props&wid=70",
    ];
    let changes: [&dyn Fn(); 6] = [
        &|| {},
        &|| world.write("mask.png", mask(4)),
        &|| world.write("rgb.png", crate::png(150, 110, png::ColorType::Rgb, &crate::pixels(150, 110, 3, 9))),
        &|| std::fs::remove_file(world.path().join("rgba.png")).unwrap(),
        &|| {
            world.write(
                "default.ini",
                "DefaultExt=\nCatalogFile=default.txt\nMaxPix=3000,3000\nBkgColor=00ff00\nThumbBkgColor=0000ff\n",
            );
            assert!(matches!(engine.reload_catalogs(), platemark::Reload::Done { .. }));
        },
        &|| std::fs::remove_file(world.path().join("mask.png")).unwrap(),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        change();
        let fresh = builder(world.path()).build().unwrap();
        for request in requests {
            let target = format!("/is/image/{request}");
            let expected = fresh.serve(&target);
            // The first is remembered, or was before the change; the others are answered by it.
            for _ in 0..3 {
                let reply = engine.serve(&target);
                assert_eq!(
                    (reply.status, reply.version, reply.etag, &reply.body, reply.cache_policy),
                    (expected.status, expected.version, expected.etag, &expected.body, expected.cache_policy),
                    "{request} after change {i}"
                );
                let tag = expected.etag.map(|tag| tag.to_string()).unwrap_or_default();
                let again = engine.serve_with(&target, &Context::new().if_none_match(&tag));
                assert_eq!(again.status, if expected.etag.is_some() { 304 } else { expected.status }, "{request}");
                let other = engine.serve_with(&target, &Context::new().if_none_match("\"37JK6NTvpvC42F5gOuLEVY\""));
                assert_eq!(other.status, expected.status, "{request}");
            }
        }
    }
}
