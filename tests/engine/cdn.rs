//! What shared caches need: who may keep a reply and how long, what to purge it by, the status of what is missing, and tags
//! that a proxy has altered.

use std::time::Duration;

use crate::support::{demo, demo_with};
use bytes::Bytes;
use http::{HeaderName, Method, Request, Response};
use platemark::http::{Body, Exchange};
use platemark::{Context, Engine, EngineBuilder, ErrorKind, IdPolicy, MissingStatus};

const PICTURE: &str = "/is/image/demo/pebbles?wid=90";

fn exchange(engine: &Engine, method: Method, target: &str, headers: &[(&str, &str)]) -> Exchange {
    let request = Request::builder().method(method).uri(target);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Exchange::new(engine, &request.body(()).unwrap(), None)
}

/// A response whose body has been read.
fn read(response: Response<Body>) -> Response<Bytes> {
    response.map(|body| body.into_bytes().unwrap())
}

fn ask(engine: &Engine, target: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    read(exchange(engine, Method::GET, target, headers).respond())
}

fn header<'a, B>(response: &'a Response<B>, name: &str) -> &'a str {
    response.headers().get(name).map_or("-", |value| value.to_str().unwrap())
}

#[test]
fn stale_replies_may_be_delivered_for_as_long_as_the_host_says() {
    let stale = |builder: EngineBuilder| {
        let builder = builder.stale_while_revalidate(Duration::from_secs(30));
        builder.stale_if_error(Duration::from_secs(7200)).id_policy(IdPolicy::Verify)
    };
    let (_folder, builder) = demo_with(&[("demo.ini", "StaticContentRootPath=pictures")]);
    let engine = stale(builder).build().unwrap();
    let both = ", stale-while-revalidate=30, stale-if-error=7200";
    let content = "/is/content/demo/ring.png";
    for (target, lifetime) in [
        (PICTURE, "36000"),
        ("/is/image/demo/lantern?wid=9", "31536000"),
        ("/is/image/gallery/lost?wid=9", "1800"),
        ("/is/image/demo/pebbles?req=props", "360"),
        ("/is/image/demo/pebbles?req=exists", "360"),
        ("/is/image/demo/harbour?req=map&wid=90", "36000"),
        ("/is/image/demo/harbour?req=userdata", "36000"),
        (content, "36000"),
    ] {
        let expected = format!("public, max-age={lifetime}{both}");
        let reply = engine.serve(target);
        assert_eq!((reply.status, reply.cache_policy.to_string()), (200, expected.clone()), "{target}");
        let (etag, prepared) = (reply.etag.unwrap().to_string(), engine.prepare(target, &Context::new()));
        assert_eq!(prepared.cache_policy(), reply.cache_policy, "{target}");
        let known = ask(&engine, target, &[("if-none-match", &etag)]);
        assert_eq!((known.status().as_u16(), header(&known, "cache-control")), (304, expected.as_str()), "{target}");
        let head = exchange(&engine, Method::HEAD, target, &[]).respond();
        assert_eq!(header(&head, "cache-control"), expected, "{target}");
    }
    let version = engine.serve(PICTURE).version.unwrap();
    for (target, expected) in [
        ("/is/image/demo/harbour/mirrored", "no-cache, max-age=0"),
        ("/is/image/demo/pebbles?wid=90&cache=off", "no-store"),
        ("/is/image/demo/pebbles?wid=90&id=0000000000000000000000", "no-store"),
        ("/is/image/demo/pebbles?wid=0", "no-store"),
        ("/is/image/demo/nowhere", "no-store"),
        ("/is/image/gallery/harbour?wid=0", "no-store"),
        ("/is/image/demo/pebbles?req=validate", "no-store"),
    ] {
        assert_eq!(header(&ask(&engine, target, &[]), "cache-control"), expected, "{target}");
    }
    let immutable = ask(&engine, &format!("{PICTURE}&id={version}"), &[]);
    let lifetime = header(&immutable, "cache-control");
    assert!(lifetime.starts_with("public, max-age=") && lifetime.ends_with(", immutable"), "{lifetime}");
    // It changes neither versions nor tags.
    let plain = demo().build().unwrap().serve(PICTURE);
    assert_eq!((Some(version), engine.serve(PICTURE).etag), (plain.version, plain.etag));
}

#[test]
fn what_is_missing_has_the_status_that_the_host_wants() {
    let (_folder, builder) = demo_with(&[("demo.ini", "StaticContentRootPath=pictures")]);
    let forbidden = builder.build().unwrap();
    let (_other, builder) = demo_with(&[("demo.ini", "StaticContentRootPath=pictures")]);
    let not_found = builder.missing_status(MissingStatus::NotFound).build().unwrap();
    for (target, status) in [
        ("/is/image/demo/nowhere", 403),
        ("/is/image/demo/some/file.png?wid=9", 403),
        ("/is/image/demo/pebbles?src=gone", 403),
        ("/is/image/demo/pebbles?mask=gone", 403),
        ("/is/image/demo/nowhere?req=tmb", 403),
        ("/is/image/demo/nowhere?req=mask", 403),
        ("/is/image/demo/nowhere?req=props", 403),
        ("/is/image/demo/nowhere?req=imageprops,json", 403),
        ("/is/image/demo/nowhere?req=xmp", 403),
        ("/is/content/demo/nowhere.pdf", 403),
        ("/is/content/demo/nowhere.pdf?req=props", 403),
        // The error image.
        ("/is/image/gallery/lost?req=mask", 200),
        ("/is/image/gallery/lost?defaultImage=&wid=9", 200),
    ] {
        let (before, after) = (ask(&forbidden, target, &[]), ask(&not_found, target, &[]));
        assert_eq!((before.status().as_u16(), after.status().as_u16()), (status, 404), "{target}");
        assert_eq!((header(&before, "content-type"), before.body()), (header(&after, "content-type"), after.body()));
        assert_eq!((header(&after, "cache-control"), header(&after, "etag")), ("no-store", "-"), "{target}");
        assert_eq!(after.extensions().get::<platemark::Error>().unwrap().kind(), ErrorKind::Missing, "{target}");
        let head = exchange(&not_found, Method::HEAD, target, &[]).respond();
        assert_eq!((head.status().as_u16(), header(&head, "content-type")), (404, header(&after, "content-type")));
        let conditional = ask(&not_found, target, &[("if-none-match", "*"), ("range", "bytes=0-1")]);
        assert_eq!((conditional.status().as_u16(), conditional.body()), (404, after.body()), "{target}");
    }
    // Everything else is as it was.
    for target in [
        PICTURE,
        "/is/image/demo/pebbles?wid=0",
        "/is/image/demo/pebbles?unknown=$macro$&$nothing$",
        "/is/image/demo/../x",
        "/is/image/demo/pebbles?template=gone",
        "/is/image/demo/nowhere?req=exists",
        "/is/image/demo/nowhere?req=userdata",
        "/is/image/gallery/lost?wid=9",
        "/is/image/gallery/harbour?wid=0",
        "/is/image/demo/pebbles?req=saveToFile&name=x.jpg",
        "/is/nothing",
    ] {
        let (before, after) = (ask(&forbidden, target, &[]), ask(&not_found, target, &[]));
        assert_ne!(after.status().as_u16(), 404, "{target}");
        assert_eq!((before.status(), before.body()), (after.status(), after.body()), "{target}");
        assert_eq!(header(&before, "etag"), header(&after, "etag"), "{target}");
    }
}

#[test]
fn a_picture_that_is_lost_while_it_is_made_is_missing_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\n").unwrap();
    let file = folder.path().join("a.png");
    std::fs::copy(crate::support::path("assets/demo/pictures/ring.png"), &file).unwrap();
    let engine = crate::support::builder(folder.path()).missing_status(MissingStatus::NotFound).build().unwrap();
    assert_eq!(engine.serve("/is/image/a.png?wid=9").status, 200);
    let exchange = exchange(&engine, Method::GET, "/is/image/a.png?wid=10", &[]);
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(exchange.respond().status().as_u16(), 200 | 404), "the file may have been open already");
    assert_eq!(engine.serve("/is/image/a.png?wid=9").status, 404);
}

/// Headers that are there only if the host names them.
fn told(
    engine: &Engine,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    name: &'static str,
) -> Response<Bytes> {
    let exchange = exchange(engine, method, target, headers).version_header(true);
    read(exchange.cache_tag_header(HeaderName::from_static(name)).respond())
}

#[test]
fn versions_and_cache_tags_are_told_if_the_host_wants_them() {
    let engine = demo().cache_bytes(1 << 20).id_policy(IdPolicy::Verify).build().unwrap();
    let plain = ask(&engine, PICTURE, &[]);
    assert_eq!((header(&plain, "platemark-version"), header(&plain, "cache-tag")), ("-", "-"));
    let reply = engine.serve(PICTURE);
    let (etag, version) = (reply.etag.unwrap().to_string(), reply.version.unwrap().to_string());
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let requests: [(Method, Headers<'_>, u16); 5] = [
        (Method::GET, &[], 200),
        (Method::HEAD, &[], 200),
        (Method::GET, &[("range", "bytes=0-9")], 206),
        (Method::GET, &[("if-none-match", &etag)], 304),
        (Method::HEAD, &[("if-none-match", &etag)], 304),
    ];
    for (method, headers, status) in requests {
        let response = told(&engine, method, PICTURE, headers, "cache-tag");
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(header(&response, "platemark-version"), version, "{status}");
        assert_eq!(header(&response, "cache-tag"), "demo%2Fpebbles,demo%2F", "{status}");
    }
    for (name, expected) in [
        ("surrogate-key", "demo%2Fpebbles demo%2F"),
        ("xkey", "demo%2Fpebbles demo%2F"),
        ("edge-cache-tag", "demo%2Fpebbles,demo%2F"),
    ] {
        assert_eq!(header(&told(&engine, Method::GET, PICTURE, &[], name), name), expected);
    }
    // The version that belongs to the type, and none where there is none.
    let versions = engine.versions("/is/image/demo/harbour").unwrap();
    for (query, expected) in [
        ("req=props", versions.image.to_string()),
        ("req=xmp", versions.image.to_string()),
        ("req=userdata", versions.metadata.to_string()),
        ("req=map&wid=90", versions.metadata.to_string()),
        ("req=exists", "-".to_owned()),
        ("req=imageset", "-".to_owned()),
    ] {
        let response = told(&engine, Method::GET, &format!("/is/image/demo/harbour?{query}"), &[], "cache-tag");
        assert_eq!(header(&response, "cache-tag"), "demo%2Fharbour,demo%2F", "{query}");
        assert_eq!(header(&response, "platemark-version"), expected, "{query}");
    }
    // What no cache keeps need not be purged.
    for (target, has_version) in [
        ("/is/image/demo/pebbles?wid=90&id=0000000000000000000000", true),
        ("/is/image/demo/pebbles?wid=0", false),
        ("/is/image/demo/nowhere", false),
        ("/is/image/gallery/harbour?wid=0", false),
        ("/is/image/demo/pebbles?req=loadcache", false),
    ] {
        let response = told(&engine, Method::GET, target, &[], "cache-tag");
        assert_eq!((header(&response, "cache-tag"), header(&response, "cache-control")), ("-", "no-store"), "{target}");
        assert_eq!(header(&response, "platemark-version") != "-", has_version, "{target}");
    }
}

#[test]
fn cache_tags_name_everything_that_takes_part() {
    let (_folder, builder) = demo_with(&[("demo.ini", "StaticContentRootPath=pictures")]);
    let engine = builder.build().unwrap();
    for (target, expected) in [
        ("image/demo/village?wid=9", &["demo%2Fvillage", "demo%2F"][..]),
        ("image/demo/harbour/mirrored", &["demo%2Fharbour%2Fmirrored", "demo%2F"]),
        ("image/demo/pebbles?src=ring&wid=9", &["demo%2Fpebbles", "demo%2F", "demo%2Fring"]),
        ("image/demo/lighthouse?mask=arch.png&wid=9", &["demo%2Flighthouse", "demo%2F", "demo%2Farch.png"]),
        ("image/demo/pebbles?template=polaroid&wid=9", &["demo%2Fpebbles", "demo%2F", "demo%2Fpolaroid"]),
        ("image/shop/harbour?src=/demo/ring&wid=9", &["shop%2Fharbour", "shop%2F", "demo%2Fring", "demo%2F"]),
        ("image/demo/signal?locale=de&wid=9", &["demo%2Fsignal", "demo%2F", "demo%2Fsignal_de"]),
        ("image/demo/signal?locale=de&req=userdata", &["demo%2Fsignal", "demo%2F", "demo%2Fsignal_de"]),
        // What is missing today can be purged when it turns up.
        ("image/gallery/lost?wid=9", &["gallery%2Flost", "gallery%2F", "gallery%2Fmissing"]),
        ("image/gallery/no%20where,x?wid=9", &["gallery%2Fno%20where%2Cx", "gallery%2F", "gallery%2Fmissing"]),
        ("image/gallery/nowhere?req=exists", &["gallery%2Fnowhere", "gallery%2F"]),
        ("image/gallery?req=catalogprops", &["gallery", "gallery%2F"]),
        // Files.
        ("image/ring.png?wid=9", &["ring.png", "%2F"]),
        ("image/gallery/ring.png?wid=9", &["gallery%2Fring.png", "gallery%2F"]),
        ("image/gallery/harbour?src=ring.png&wid=9", &["gallery%2Fharbour", "gallery%2F", "gallery%2Fring.png"]),
        ("content/demo/ring.png", &["demo%2Fring.png", "demo%2F"]),
    ] {
        let reply = engine.serve(&format!("/is/{target}"));
        assert!(reply.status == 200 && reply.error.is_none(), "{target}: {:?}", reply.error);
        let mut tags: Vec<&str> = reply.cache_tags.iter().map(String::as_str).collect();
        assert_eq!(tags.first(), expected.first(), "{target}");
        let mut expected = expected.to_vec();
        tags.sort_unstable();
        expected.sort_unstable();
        assert_eq!(tags, expected, "{target}");
        // A request that was answered lately has the same.
        assert_eq!(engine.serve(&format!("/is/{target}")).cache_tags, reply.cache_tags, "{target}");
    }
    for object in engine.objects() {
        let tag = platemark::cache_tag(&object);
        let path: String = object.split('/').map(platemark::cache_tag).collect::<Vec<_>>().join("/");
        let reply = engine.serve(&format!("/is/image/{path}?req=exists"));
        assert!(reply.cache_tags.contains(&tag), "{object}: {:?}", reply.cache_tags);
    }
    for refused in ["image/demo/nowhere", "image/demo/pebbles?wid=0", "image/gallery/harbour?wid=0"] {
        assert!(engine.serve(&format!("/is/{refused}")).cache_tags.is_empty(), "{refused}");
    }
}

/// A compressing proxy alters tags. What its clients hold is still the reply, whole; a part of it would be one of other
/// bytes.
#[test]
fn altered_tags_are_confirmed_and_never_join_ranges() {
    let engine = demo().build().unwrap();
    for target in [PICTURE, "/is/image/demo/pebbles?req=props"] {
        let whole = ask(&engine, target, &[]);
        let etag = header(&whole, "etag");
        let opaque = etag.trim_start_matches("W/").trim_matches('"');
        for suffix in ["", "-gzip", "--gzip", ";gzip", ":gzip", "-br", ";br", "-zstd", "-deflate", ";gz"] {
            for weak in ["", "W/"] {
                let tag = format!("{weak}\"{opaque}{suffix}\"");
                for list in [tag.clone(), format!("\"x\", {tag}"), format!("W/\"x-gzip\",{tag} , \"y,z\"")] {
                    let known = ask(&engine, target, &[("if-none-match", &list)]);
                    assert_eq!((known.status().as_u16(), known.body().len()), (304, 0), "{list}");
                    assert_eq!(header(&known, "etag"), etag, "{list}");
                }
                let part = ask(&engine, target, &[("range", "bytes=0-9"), ("if-range", &tag)]);
                let is_ours = tag == etag && weak.is_empty();
                assert_eq!(part.status().as_u16(), if is_ours { 206 } else { 200 }, "{tag}");
                assert_eq!(part.body().len(), if is_ours { 10 } else { whole.body().len() }, "{tag}");
            }
        }
        for other in ["\"x-gzip\"", "\"-gzip\"", "\"\"", "W/"] {
            assert_eq!(ask(&engine, target, &[("if-none-match", other)]).status().as_u16(), 200, "{other}");
        }
        let lines = [("if-none-match", "\"x\""), ("if-none-match", &*format!("\"{opaque}-gzip\""))];
        assert_eq!(ask(&engine, target, &lines).status().as_u16(), 304, "several lines are one list");
    }
    assert_eq!(ask(&engine, PICTURE, &[("if-none-match", "*")]).status().as_u16(), 200, "it is not stored");
}

/// A catalog that refuses some addresses does not ask shared caches to serve all.
#[test]
fn replies_of_filtered_catalogs_are_for_one_client() {
    let (_folder, builder) = demo_with(&[("demo.ini", "ClientAddressFilter=127.0.0.1")]);
    let engine = builder.build().unwrap();
    let version = engine.versions("/is/image/demo/pebbles").unwrap().image;
    for (target, expected) in [
        (PICTURE.to_owned(), "private, max-age=36000"),
        (format!("{PICTURE}&id={version}"), "private, max-age=31536000, immutable"),
        ("/is/image/demo/pebbles?req=props".to_owned(), "private, max-age=360"),
    ] {
        assert_eq!(engine.serve(&target).cache_policy.to_string(), expected, "{target}");
    }
}
