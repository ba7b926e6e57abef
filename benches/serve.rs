//! From a URL to bytes over the demo catalog, in process: `cargo bench --bench serve`.
//!
//! * `cold`: an engine that has just been built; the source is read and digested, too.
//! * `facts`: header and digest of the source are known; decoders start anew.
//! * `known`: so is what decoders have learned of it.
//! * `cached`: the finished picture is stored.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use http::Request;
use platemark::http::Exchange;
use platemark::{Context, ETag, Engine, EngineBuilder, Reply};

const REQUESTS: [(&str, &str); 8] = [
    ("thumbnail of 13 MP, sharp2", "demo/harbour?wid=400"),
    ("thumbnail of 13 MP, bilin", "demo/harbour?wid=400&resMode=bilin"),
    ("page of 13 MP", "demo/harbour?wid=1600"),
    ("tile of 13 MP", "demo/harbour?scl=1&rect=2150,1250,512,512"),
    ("upright from its side", "demo/lighthouse?wid=400"),
    ("gray, progressive", "demo/pebbles?wid=400&fmt=jpeg,gray"),
    ("png with alpha to png", "demo/ring?wid=400&fmt=png-alpha"),
    ("unsharp mask", "demo/chart?wid=600&op_usm=1.5,6"),
];

/// The request of those that need no pixels.
const TARGET: &str = "/is/image/demo/harbour?wid=400";

/// Nothing changes the pictures, so they count as settled, however young this copy is.
fn engine() -> EngineBuilder {
    Engine::builder(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo")).settle(Duration::ZERO)
}

/// A reply as it has to be: a bench of a wrong answer is worth nothing.
struct Expected {
    target: String,
    status: u16,
    etag: Option<ETag>,
    body: Vec<u8>,
}

impl Expected {
    fn of(target: String, reply: &Reply) -> Self {
        assert_eq!((reply.status, reply.body.is_empty()), (200, false), "{target}");
        Self { target, status: reply.status, etag: reply.etag, body: reply.body.to_vec() }
    }

    /// To the byte.
    fn check(&self, reply: &Reply) {
        assert_eq!((reply.status, reply.etag), (self.status, self.etag), "{}", self.target);
        assert!(reply.body == self.body, "{}", self.target);
    }

    /// As much as costs no time.
    fn glance(&self, reply: &Reply) {
        assert!(reply.etag == self.etag && reply.body.len() == self.body.len(), "{}", self.target);
    }
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, state: &str, engine: &Engine, expected: &Expected) {
    // Once to learn, once to see that it makes no difference.
    for _ in 0..2 {
        expected.check(&engine.serve(&expected.target));
    }
    group.bench_function(BenchmarkId::new(name, state), |bencher| {
        bencher.iter(|| {
            let reply = engine.serve(&expected.target);
            expected.glance(&reply);
            reply
        });
    });
}

fn pictures(criterion: &mut Criterion) {
    let facts = engine().sidecar_bytes(0).build().unwrap();
    let known = engine().build().unwrap();
    let cached = engine().cache_bytes(64 << 20).build().unwrap();
    let mut group = criterion.benchmark_group("picture");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    for (name, request) in REQUESTS {
        let target = format!("/is/image/{request}");
        let expected = Expected::of(target.clone(), &facts.serve(&target));
        expected.check(&engine().build().unwrap().serve(&target));
        group.bench_function(BenchmarkId::new(name, "cold"), |bencher| {
            bencher.iter_batched_ref(
                || engine().build().unwrap(),
                |engine| {
                    let reply = engine.serve(&target);
                    expected.glance(&reply);
                    reply
                },
                BatchSize::PerIteration,
            );
        });
        measure(&mut group, name, "facts", &facts, &expected);
        measure(&mut group, name, "known", &known, &expected);
        measure(&mut group, name, "cached", &cached, &expected);
    }
    group.finish();
}

/// Replies for which no pixel is touched.
fn no_pixels(criterion: &mut Criterion) {
    let engine = engine().cache_bytes(64 << 20).build().unwrap();
    let mut group = criterion.benchmark_group("no pixels");
    let stored = Expected::of(TARGET.to_owned(), &engine.serve(TARGET));
    measure(&mut group, "engine", "cached", &engine, &stored);

    let tag = stored.etag.unwrap().to_string();
    let unchanged = Expected { target: TARGET.to_owned(), status: 304, etag: stored.etag, body: Vec::new() };
    unchanged.check(&engine.serve_with(TARGET, &Context::new().if_none_match(&tag)));
    group.bench_function("engine/304", |bencher| {
        bencher.iter(|| {
            let reply = engine.serve_with(TARGET, &Context::new().if_none_match(&tag));
            assert_eq!(reply.status, 304);
            reply
        });
    });

    for (kind, text) in [("props", "image.width="), ("exists", "catalogRecord.exists=1")] {
        let target = format!("/is/image/demo/harbour?req={kind}");
        let reply = engine.serve(&target);
        assert!(reply.status == 200 && reply.etag.is_some(), "{kind}");
        assert!(String::from_utf8_lossy(&reply.body).contains(text), "{kind}");
        group.bench_function(BenchmarkId::new("engine", kind), |bencher| {
            bencher.iter(|| {
                // Lists carry the time, so their bodies differ.
                let again = engine.serve(&target);
                assert_eq!(again.etag, reply.etag);
                again
            });
        });
    }

    let request = Request::get(TARGET).body(()).unwrap();
    let conditional = Request::get(TARGET).header("if-none-match", &tag).body(()).unwrap();
    for (name, request, status, body) in
        [("cached", request, 200, &stored.body[..]), ("304", conditional, 304, &unchanged.body[..])]
    {
        let response = Exchange::new(&engine, &request, None).respond();
        assert_eq!((response.status().as_u16(), response.headers()["etag"].as_bytes()), (status, tag.as_bytes()));
        assert!(response.into_body().into_bytes().is_ok_and(|bytes| bytes == body));
        group.bench_function(BenchmarkId::new("http", name), |bencher| {
            bencher.iter(|| {
                let response = Exchange::new(&engine, &request, None).respond();
                assert_eq!(response.status().as_u16(), status);
                response
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pictures, no_pixels);
criterion_main!(benches);
