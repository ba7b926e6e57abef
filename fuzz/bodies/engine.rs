//! The whole engine: any catalogs, any picture, any requests. Every reply keeps the rules, and it is the same the second
//! time, from another engine that keeps nothing, on another CPU level, and wherever the picture comes from.
//!
//! The first byte says how the engine is built; then come catalogs, requests and the picture, as `folder` says.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use platemark::{
    CpuLevel, DamagedImages, Engine, EngineBuilder, ErrorKind, IdPolicy, MissingStatus, Reply, SourceProvider,
    SourceTag, UnknownCommands,
};

use super::folder;
use super::rules::{LIMITS, World, as_settled, assert_same};

/// The most requests of one input.
const REQUESTS: usize = 4;

/// Names under which the picture is found.
const NAMES: [&str; 3] = ["picture", "picture.jpg", "picture.png"];

/// Has the picture, and nothing else.
struct Supply(Bytes);

impl Supply {
    fn has(path: &Path) -> bool {
        NAMES.iter().any(|name| path == Path::new(name))
    }
}

impl SourceProvider for Supply {
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
        Ok(Self::has(path).then(|| SourceTag::new("only", self.0.len() as u64)))
    }

    fn read(&self, path: &Path) -> io::Result<(SourceTag, Bytes)> {
        let found = Self::has(path).then(|| (SourceTag::new("only", self.0.len() as u64), self.0.clone()));
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

pub(super) fn run(input: &[u8]) {
    let Some((&options, text)) = input.split_first() else { return };
    let option = |bit: u8| options >> bit & 1 > 0;
    let mut files = folder::files(text, "picture");
    let picture: &[u8] = files.pop_if(|(name, _)| *name == "picture").map_or(&[], |(_, picture)| picture);
    let requests = files.iter().rposition(|(name, _)| *name == "requests").map(|at| files.remove(at).1);
    let requests = String::from_utf8_lossy(requests.unwrap_or_default());
    let folder = folder::with(&files);
    let policy = if option(0) { IdPolicy::Verify } else { IdPolicy::Ignore };
    let builder = || {
        let now = || SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        let damaged = if option(5) { DamagedImages::Show } else { DamagedImages::Refuse };
        let missing = if option(6) { MissingStatus::NotFound } else { MissingStatus::Forbidden };
        let unknown = if option(7) { UnknownCommands::Refuse } else { UnknownCommands::Ignore };
        let engine = Engine::builder(folder.path()).limits(LIMITS).id_policy(policy).clock(now);
        engine.damaged_images(damaged).missing_status(missing).unknown_commands(unknown)
    };
    // Where the files of one are, the other one's pictures come from memory.
    let supplied = |engine: EngineBuilder, is_supplied: bool| {
        if is_supplied {
            engine.sources(Supply(Bytes::copy_from_slice(picture)))
        } else {
            engine.map_sources(option(2))
        }
    };
    let mut warm = builder().cache_bytes(1 << 20);
    if option(3) {
        warm = warm.pool(super::pool());
    }
    let Ok(warm) = supplied(warm, option(1)).build() else {
        assert!(builder().build().is_err());
        return;
    };
    for name in NAMES {
        std::fs::write(folder.path().join(name), picture).expect("a picture");
    }
    let mut cold = builder().cpu(CpuLevel::Scalar).sidecar_bytes(0).memo_bytes(0).scratch_bytes(0);
    if option(4) {
        // Never settled.
        cold = cold.settle(Duration::from_secs(8_000_000_000));
    }
    let cold = supplied(cold, !option(1)).build().expect("the same catalogs");
    let says = |word: &str| text.to_ascii_lowercase().windows(word.len()).any(|part| part == word.as_bytes());
    // A default image or a damaged picture is never immutable.
    let provisional = says("defaultimage") || says("damagedimages") || option(5);
    let world = World { limits: LIMITS, policy, provisional, missing: if option(6) { 404 } else { 403 } };
    // A file that is never settled may be incomplete if it is damaged.
    let is_put_off = |reply: &Reply| {
        let kind = reply.error.as_ref().map(platemark::Error::kind);
        option(4) && kind == Some(ErrorKind::Unfinished)
    };
    let targets: Vec<String> = requests.lines().take(REQUESTS).map(target_of).collect();
    for target in &targets {
        let reply = world.ask(&warm, target);
        assert_same(target, &world.ask(&warm, target), &reply, true);
        let other = if is_put_off(&cold.serve(target)) { None } else { Some(world.ask(&cold, target)) };
        if let Some(other) = &other {
            let other = if option(4) { as_settled(target, other, &reply) } else { other.clone() };
            // What an error tells can name the file.
            assert_same(target, &other, &reply, reply.error.is_none());
        }
        world.follow(&warm, target, &reply);
    }
    // Later, when much is known.
    for target in &targets {
        let other = cold.serve(target);
        if !is_put_off(&other) {
            let reply = warm.serve(target);
            let other = if option(4) { as_settled(target, &other, &reply) } else { other };
            assert_same(target, &reply, &other, false);
        }
    }
}

fn target_of(line: &str) -> String {
    if line.starts_with('/') { line.to_owned() } else { format!("/is/image/picture?{line}") }
}
