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

/// Caches keep a reply of any status for as long as its lifetime says.
#[test]
fn a_range_that_is_not_there_is_kept_by_no_cache() {
    let engine = demo().build().unwrap();
    let version = engine.serve(PICTURE).version.unwrap();
    for target in
        [PICTURE.to_owned(), format!("{PICTURE}&id={version}"), "/is/content/demo/pictures/ring.png".to_owned()]
    {
        let response = ask(&engine, &target, &[("range", "bytes=99999999-")]);
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (416, "no-store"), "{target}");
        assert!(header(&response, "content-range").starts_with("bytes */") && header(&response, "expires") == "-");
    }
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

/// A folder with a film of 3 MiB and one of 5 GiB, which is sparse and takes no room.
fn films() -> tempfile::TempDir {
    use std::io::{Seek, SeekFrom, Write};
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "Expiration=2\nStaticContentRootPath=.\n").unwrap();
    std::fs::write(folder.path().join("film.mp4"), film()).unwrap();
    let mut file = std::fs::File::create(folder.path().join("long.mp4")).unwrap();
    file.set_len(5 << 30).unwrap();
    file.seek(SeekFrom::End(-7)).unwrap();
    file.write_all(b"the end").unwrap();
    folder
}

const FILM: &str = "/is/content/film.mp4";

fn film() -> Vec<u8> {
    (0..3 << 20).map(|at| (at / 253 + at) as u8).collect()
}

#[test]
fn ranges_of_a_film_are_delivered_before_it_has_a_strong_tag() {
    let folder = films();
    let engine = crate::support::builder(folder.path()).content_digest_bytes(2 << 20).build().unwrap();
    let whole = ask(&engine, FILM, &[]);
    assert!(whole.body() == &film()[..]);
    assert_eq!((header(&whole, "content-length"), header(&whole, "accept-ranges")), ("3145728", "bytes"));
    let weak = header(&whole, "etag").to_owned();
    assert!(weak.starts_with("W/") && header(&whole, "cache-control") == "public, max-age=7200");
    for (range, expected) in [
        ("bytes=0-1", 0..2),
        ("bytes=1000000-1999999", 1_000_000..2_000_000),
        ("bytes=-3", (3 << 20) - 3..3 << 20),
        ("bytes=3145727-", (3 << 20) - 1..3 << 20),
        ("bytes=0-99999999999999999999999", 0..3 << 20),
    ] {
        let part = ask(&engine, FILM, &[("range", range)]);
        assert_eq!(part.status().as_u16(), 206, "{range}");
        let told = format!("bytes {}-{}/3145728", expected.start, expected.end - 1);
        assert_eq!((header(&part, "content-range"), header(&part, "etag")), (told.as_str(), weak.as_str()));
        assert_eq!(header(&part, "content-length"), expected.len().to_string());
        assert!(part.body() == &film()[expected], "{range}");
    }
    let beyond = ask(&engine, FILM, &[("range", "bytes=3145728-")]);
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, "bytes */3145728"));
    // Only a strong tag can say that two parts are of the same bytes (RFC 9110 §13.1.5).
    let condition = |tag: &str| ask(&engine, FILM, &[("range", "bytes=0-1"), ("if-range", tag)]).status().as_u16();
    assert_eq!((condition(&weak), condition(weak.trim_start_matches("W/"))), (200, 200));
    let strong = engine.digest_ahead(FILM).unwrap().unwrap().to_string();
    assert_eq!((condition(&weak), condition(&strong)), (200, 206));
    for tag in [&weak, &strong] {
        let known = ask(&engine, FILM, &[("if-none-match", tag), ("range", "bytes=0-1")]);
        assert_eq!((known.status().as_u16(), header(&known, "etag")), (304, tag.as_str()));
        assert_eq!((known.body().len(), header(&known, "accept-ranges")), (0, "-"));
    }
    let uncached = ask(&engine, &format!("{FILM}?cache=off"), &[("range", "bytes=2-3")]);
    assert_eq!((uncached.status().as_u16(), uncached.body()), (206, &Bytes::copy_from_slice(&film()[2..4])));
}

#[test]
fn heads_and_ranges_beyond_4_gib_cost_nothing() {
    let folder = films();
    let engine = crate::support::builder(folder.path()).build().unwrap();
    let target = "/is/content/long.mp4";
    let head = Exchange::new(&engine, &request(Method::HEAD, target, &[]), None).respond();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "5368709120"));
    assert_eq!((header(&head, "accept-ranges"), head.body().len()), ("bytes", 0));
    assert!(header(&head, "etag").starts_with("W/"));
    let part = ask(&engine, target, &[("range", "bytes=5368709111-5368709119")]);
    assert_eq!((part.status().as_u16(), &part.body()[..]), (206, &b"\0\0the end"[..]));
    assert_eq!(header(&part, "content-range"), "bytes 5368709111-5368709119/5368709120");
    let rest = Exchange::new(&engine, &request(Method::GET, target, &[("range", "bytes=1-")]), None).respond();
    assert_eq!((header(&rest, "content-length"), rest.body().len()), ("5368709119", (5 << 30) - 1));
    assert_eq!(rest.into_body().next_piece().unwrap().unwrap().len(), platemark::FileBody::PIECE);
}

#[test]
fn a_body_ends_with_an_error_when_the_file_changes() {
    let folder = films();
    let engine = crate::support::builder(folder.path()).build().unwrap();
    let get = || Exchange::new(&engine, &request(Method::GET, FILM, &[("range", "bytes=100-")]), None).respond();
    let (mut body, other) = (get().into_body(), get().into_body());
    assert_eq!(body.next_piece().unwrap().unwrap(), &film()[100..100 + platemark::FileBody::PIECE]);
    let left = body.len();
    std::thread::sleep(std::time::Duration::from_millis(20));
    std::fs::write(folder.path().join("film.mp4"), vec![9; 3 << 20]).unwrap();
    assert_eq!(body.next_piece().unwrap().unwrap_err().kind(), ErrorKind::Changed);
    assert!(left > 0 && body.next_piece().is_none() && body.is_empty());
    assert_eq!(other.into_bytes().unwrap_err().kind(), ErrorKind::Changed, "not a byte of it");
}
