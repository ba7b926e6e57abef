//! Whole requests over the demo catalog, in process: `cargo bench --bench renditions`.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

use criterion::{Criterion, criterion_group, criterion_main};
use platemark::{Context, Engine};

/// Name, request, length of the reply: a bench of a wrong answer is worth nothing.
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

fn engine(cache_bytes: u64) -> Engine {
    Engine::builder(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo")).cache_bytes(cache_bytes).build().unwrap()
}

fn renditions(criterion: &mut Criterion) {
    let engine = engine(0);
    let mut group = criterion.benchmark_group("rendition");
    group.sample_size(20);
    for (name, request) in REQUESTS {
        let target = format!("/is/image/{request}");
        let expected = engine.serve(&target);
        assert_eq!(expected.status, 200, "{request}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let reply = engine.serve(&target);
                assert_eq!(reply.etag, expected.etag);
                reply
            });
        });
    }
    group.finish();
}

fn warm(criterion: &mut Criterion) {
    let engine = engine(64 << 20);
    let target = "/is/image/demo/harbour?wid=400";
    let stored = engine.serve(target);
    let tag = stored.etag.unwrap().to_string();
    let mut group = criterion.benchmark_group("warm");
    group.bench_function("stored rendition", |bencher| {
        bencher.iter(|| {
            let reply = engine.serve(target);
            assert_eq!(reply.body.len(), stored.body.len());
            reply
        });
    });
    group.bench_function("not modified", |bencher| {
        bencher.iter(|| {
            let reply = engine.serve_with(target, &Context::new().if_none_match(&tag));
            assert_eq!(reply.status, 304);
            reply
        });
    });
    let list = engine.serve("/is/image/demo/harbour?req=props");
    group.bench_function("property list", |bencher| {
        bencher.iter(|| {
            let reply = engine.serve("/is/image/demo/harbour?req=props");
            assert_eq!(reply.etag, list.etag);
            reply
        });
    });
    group.finish();
}

criterion_group!(benches, renditions, warm);
criterion_main!(benches);
