//! What replies say to caches, and what caches ask.

use platemark::{Context, IdPolicy, Lifetime};

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
    let lifetime = |request: &str| ok(&engine, request).lifetime.to_string();
    for (request, expected) in [
        ("rgb.png", "max-age=7200"),
        ("a", "max-age=7200"),
        ("b", "max-age=86400"),
        ("c?req=tmb", "max-age=31536000"),
        ("d", "no-cache, max-age=0"),
        ("e", "max-age=7200"),
        ("b?req=props", "max-age=1800"),
    ] {
        assert_eq!(lifetime(request), expected, "{request}");
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
            reply.lifetime.to_string()
        };
        assert_eq!(plain.lifetime.to_string(), "max-age=36000");
        let verify = policy == IdPolicy::Verify;
        assert_eq!(asked(&version.to_string()), if verify { "max-age=36000, immutable" } else { "max-age=36000" });
        for other in ["", "0000000000000000000000", "nonsense"] {
            assert_eq!(asked(other), if verify { "no-store" } else { "max-age=36000" }, "{other}");
        }
        let list = ok(&engine, "rgb.png?req=props,json&id=4711");
        assert_eq!(list.lifetime.to_string(), "max-age=360", "in JSON the id is an echo");
        // What has no version is what no id stands for, except where nothing ever has one.
        for kind in ["userdata", "targets", "map"] {
            let reply = ok(&engine, &format!("gone?req={kind}&id={version}"));
            assert_eq!((reply.version, reply.lifetime == Lifetime::NO_STORE), (None, verify), "{kind}");
        }
        let set = ok(&engine, &format!("rgb.png?req=imageset&id={version}"));
        assert_eq!(set.lifetime.to_string(), "max-age=360");
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
        assert!(hit.lifetime.seconds().is_some());
        let miss = engine.serve_with(&target, &Context::new().if_none_match("\"x\", *"));
        assert_eq!(miss.status, 200);
    }
    let error = engine.serve_with("/is/image/gone?wid=1", &Context::new().if_none_match("*"));
    assert_eq!(error.status, 403);
}
