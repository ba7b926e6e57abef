//! Every type of request and every command over the demo catalogs: what a caller gets to see, byte by byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod access;
mod admission;
mod any;
mod catalogs;
mod fields;
mod guards;
mod ignored;
mod lists;
mod palettes;
mod pictures;
mod resolved;
mod saving;
mod signing;
mod stand_ins;
#[path = "../support/mod.rs"]
mod support;

use platemark::{CachePolicy, Engine, Reply};

const TEXT: &str = "text/plain;charset=UTF-8";
const JAVASCRIPT: &str = "text/javascript;charset=UTF-8";
const XML: &str = "text/xml;charset=UTF-8";

/// The second line of property lists at the time of [`support::builder`].
const STAMP: &str = "#Tue Oct 02 07:06:40 UTC 2096";

fn demo() -> Engine {
    support::demo().build().unwrap()
}

fn serve(engine: &Engine, request: &str) -> Reply {
    engine.serve(&format!("/is/image/{request}"))
}

fn ok(engine: &Engine, request: &str) -> Reply {
    let reply = serve(engine, request);
    assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
    assert!(reply.error.is_none(), "{request}: {:?}", reply.error);
    reply
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.to_vec()).unwrap()
}

/// The request is refused with 403 and this body, which no cache may keep.
#[track_caller]
fn refused(engine: &Engine, request: &str, body: &str) {
    let reply = serve(engine, request);
    assert_eq!((reply.status, text(&reply).as_str()), (403, body), "{request}");
    assert_eq!((reply.cache_policy, reply.etag, reply.version), (CachePolicy::NO_STORE, None, None), "{request}");
    assert!(reply.error.is_some(), "{request}");
}

/// A picture as its decoder sees it: width, height, samples per pixel, samples.
fn decoded(reply: &Reply) -> (u32, u32, usize, Vec<u8>) {
    let (width, height, samples) = if reply.body.starts_with(b"\x89PNG") {
        let mut reader = png::Decoder::new(std::io::Cursor::new(&reply.body)).read_info().unwrap();
        let mut data = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut data).unwrap();
        (info.width, info.height, data)
    } else {
        let mut decoder = jpeg_decoder::Decoder::new(&reply.body[..]);
        let data = decoder.decode().unwrap();
        let info = decoder.info().unwrap();
        (info.width.into(), info.height.into(), data)
    };
    (width, height, samples.len() / (width * height) as usize, samples)
}
