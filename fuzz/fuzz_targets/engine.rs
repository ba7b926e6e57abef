//! Any picture and any query are answered: with a picture, or with a reason that nobody may keep; twice the same.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use platemark::{Engine, ErrorKind, Lifetime, Limits};
use tempfile::TempDir;

static WORLD: LazyLock<(TempDir, Engine)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=500,500\n").expect("a catalog");
    let limits = Limits { source_pixels: 1 << 20, decoded_bytes: 16 << 20, ..Limits::default() };
    // Never settled: the file is written anew for every input.
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let engine = Engine::builder(folder.path()).limits(limits).clock(clock).build().expect("an engine");
    (folder, engine)
});

fuzz_target!(|input: (&str, &[u8])| {
    let (query, picture) = input;
    let (folder, engine) = &*WORLD;
    std::fs::write(folder.path().join("picture"), picture).expect("a picture");
    let target = format!("/is/image/picture?{query}");
    let reply = engine.serve(&target);
    match reply.status {
        200 => assert!(!reply.body.is_empty()),
        403 => assert!(reply.lifetime == Lifetime::NO_STORE && reply.etag.is_none() && reply.version.is_none()),
        status => panic!("{status}: {:?}", reply.error),
    }
    assert!(reply.error.as_ref().is_none_or(|error| error.kind() != ErrorKind::Internal), "{:?}", reply.error);
    let again = engine.serve(&target);
    assert!(again.status == reply.status && again.body == reply.body && again.etag == reply.etag);
});
