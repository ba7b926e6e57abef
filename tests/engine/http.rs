//! Exchanges in HTTP: methods, headers, conditions, ranges.

use crate::support::demo;
use bytes::Bytes;
use http::{Method, Request, Response};
use platemark::http::Exchange;
use platemark::{Engine, Error, ErrorKind};

const PICTURE: &str = "/is/image/demo/pebbles?wid=90";

fn request(method: Method, target: &str, headers: &[(&str, &str)]) -> Request<()> {
    let request = Request::builder().method(method).uri(target);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).body(()).unwrap()
}

fn ask(engine: &Engine, target: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    Exchange::new(engine, &request(Method::GET, target, headers), None).respond().map(|body| body.into_bytes().unwrap())
}

fn header<'a, B>(response: &'a Response<B>, name: &str) -> &'a str {
    response.headers().get(name).map_or("-", |value| value.to_str().unwrap())
}

#[test]
fn a_picture_comes_with_all_that_caches_need() {
    let engine = demo().build().unwrap();
    let reply = engine.serve(PICTURE);
    let response = ask(&engine, PICTURE, &[]);
    assert_eq!((response.status().as_u16(), response.body()), (200, &reply.body));
    assert_eq!(header(&response, "content-type"), "image/jpeg");
    assert_eq!(header(&response, "content-length"), reply.body.len().to_string());
    assert_eq!(header(&response, "etag"), reply.etag.unwrap().to_string());
    assert_eq!(header(&response, "cache-control"), "public, max-age=36000");
    // Ten hours after the clock of the tests, 4·10⁹ s after 1970.
    assert_eq!(header(&response, "expires"), "Tue, 02 Oct 2096 17:06:40 GMT");
    assert_eq!(header(&response, "accept-ranges"), "bytes");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "vary"), "-");
}

#[test]
fn other_methods_are_not_allowed() {
    let engine = demo().build().unwrap();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let exchange = Exchange::new(&engine, &request(method, PICTURE, &[]), None);
        assert!(exchange.is_ready());
        let response = exchange.respond();
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "GET, HEAD"));
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
}

#[test]
fn heads_are_those_of_gets_and_nothing_is_made_for_them() {
    let engine = demo().cache_bytes(1 << 20).build().unwrap();
    let head = |target: &str| Exchange::new(&engine, &request(Method::HEAD, target, &[]), None).respond();
    let before = head(PICTURE);
    assert_eq!((before.status().as_u16(), before.body().len(), header(&before, "content-length")), (200, 0, "-"));
    assert_eq!(header(&head(PICTURE), "content-length"), "-", "the first did not make it either");
    let got = ask(&engine, PICTURE, &[]);
    let after = head(PICTURE);
    assert_eq!(header(&after, "content-length"), header(&got, "content-length"));
    for name in ["etag", "cache-control", "expires", "content-type", "accept-ranges", "x-content-type-options"] {
        assert_eq!(header(&before, name), header(&got, name), "{name}");
        assert_eq!(header(&after, name), header(&got, name), "{name}");
    }
    let refused = head("/is/image/demo/pebbles?wid=0");
    assert_eq!((refused.status().as_u16(), header(&refused, "content-length")), (403, "46"));
}

#[test]
fn conditions_are_answered_without_a_body() {
    let engine = demo().build().unwrap();
    let etag = header(&ask(&engine, PICTURE, &[]), "etag").to_owned();
    for (condition, status) in
        [(etag.clone(), 304), (format!("\"x\", W/{etag}"), 304), ("\"x\"".to_owned(), 200), (format!("{etag}x"), 200)]
    {
        let response = ask(&engine, PICTURE, &[("if-none-match", &condition)]);
        assert_eq!(response.status().as_u16(), status, "{condition}");
        if status == 304 {
            assert_eq!((response.body().len(), header(&response, "content-length")), (0, "-"));
            assert_eq!(
                (header(&response, "etag"), header(&response, "cache-control")),
                (etag.as_str(), "public, max-age=36000")
            );
        }
    }
    let twice = [("if-none-match", "\"x\""), ("if-none-match", etag.as_str())];
    assert_eq!(ask(&engine, PICTURE, &twice).status().as_u16(), 304, "several lines are one list");
}

#[test]
fn ranges_are_parts_of_the_same_bytes() {
    let engine = demo().build().unwrap();
    let whole = ask(&engine, PICTURE, &[]);
    let (length, etag) = (whole.body().len(), header(&whole, "etag").to_owned());
    let part = ask(&engine, PICTURE, &[("range", "bytes=100-199")]);
    assert_eq!((part.status().as_u16(), part.body()), (206, &whole.body().slice(100..200)));
    assert_eq!(header(&part, "content-range"), format!("bytes 100-199/{length}"));
    assert_eq!(header(&part, "content-length"), "100");
    let last = ask(&engine, PICTURE, &[("range", "bytes=-7"), ("if-range", &etag)]);
    assert_eq!((last.status().as_u16(), last.body()), (206, &whole.body().slice(length - 7..)));
    for (range, if_range) in [("bytes=0-9", "\"other\""), ("bytes=0-9", "Tue, 02 Oct 2096 07:06:40 GMT")] {
        let response = ask(&engine, PICTURE, &[("range", range), ("if-range", if_range)]);
        assert_eq!((response.status().as_u16(), response.body().len()), (200, length), "{if_range}");
    }
    for ignored in ["bytes=0-1,5-6", "pages=1-2", "bytes=9-1"] {
        assert_eq!(ask(&engine, PICTURE, &[("range", ignored)]).status().as_u16(), 200, "{ignored}");
    }
    let beyond = ask(&engine, PICTURE, &[("range", "bytes=99999999-")]);
    assert_eq!((beyond.status().as_u16(), beyond.body().len()), (416, 0));
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{length}"));
    // What has a weak tag may differ from one reply to the next.
    let list = ask(&engine, "/is/image/demo/pebbles?req=props", &[("range", "bytes=0-9")]);
    assert_eq!((list.status().as_u16(), header(&list, "accept-ranges")), (200, "-"));
}

#[test]
fn errors_are_told_and_never_kept() {
    let engine = demo().build().unwrap();
    let response = ask(&engine, "/is/image/demo/pebbles?wid=0", &[("range", "bytes=0-1")]);
    assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (403, "no-store"));
    assert_eq!((header(&response, "etag"), header(&response, "expires")), ("-", "-"));
    assert_eq!(&response.body()[..], b"wid: needs a whole number from 1 to 16777216\r\n");
    assert_eq!(response.extensions().get::<Error>().unwrap().kind(), ErrorKind::Request);
}

#[test]
fn addresses_are_passed_on() {
    let engine = demo().build().unwrap();
    let exchange = Exchange::new(&engine, &request(Method::GET, PICTURE, &[]), Some([127, 0, 0, 1].into()));
    assert_eq!(exchange.respond().status().as_u16(), 200);
}
