//! Conditional requests, with the files that they open counted.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::{Context, Engine, EngineBuilder, IdPolicy, Reply};

thread_local! {
    static OPENED: Cell<usize> = const { Cell::new(0) };
}

/// Notes that a source is opened.
pub(super) fn count_open() {
    OPENED.set(OPENED.get() + 1);
}

/// What a step returns, and how many sources it opened.
fn opened<T>(step: impl FnOnce() -> T) -> (T, usize) {
    let before = OPENED.get();
    let result = step();
    (result, OPENED.get() - before)
}

fn png(seed: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 20, 10);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let data: Vec<u8> = (0..200u8).map(|at| at.wrapping_mul(7).wrapping_add(seed)).collect();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    file
}

const RECORDS: &str = "Id\tPath\tExpiration\tTimeStamp\tUserData\tMap\n\
    plain\ta.png\t\t\tx=1\t\n\
    stamped\ta.png\t\t1100000000500\tx=1\t\n\
    ever\ta.png\t-1\t\tx=1\t<area href=\"a\"/>\n\
    mixed\ta.png\t5\t\t\t\n";

struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.write("default.ini", "DefaultExt=\nTimeStamp=900000000000\nStaticContentRootPath=.\n");
        let ini = "RootId=cat\nCatalogFile=cat.txt\nUseLastModified=1\nTimeStamp=1000000000000\n";
        world.write("cat.ini", ini);
        world.write("silent.ini", ini.replace("RootId=cat", "RootId=silent").replace("Modified=1", "Modified=0"));
        world.write("cat.txt", RECORDS);
        world.write("a.png", png(1));
        world
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    fn builder(&self) -> EngineBuilder {
        // Only this policy answers by dates, and without a look at the source.
        Engine::builder(self.0.path())
            .id_policy(IdPolicy::Ignore)
            .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))
    }

    fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }
}

fn seconds(reply: &Reply) -> Option<u64> {
    reply.last_modified.map(|time| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
}

/// `Sat, 08 Jan 2005 …`: 1,100,000,000 seconds since 1970 and a few more or less.
fn date(seconds: u64) -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

const PICTURE: &str = "/is/image/cat/plain?wid=8";

#[cfg(unix)]
#[test]
fn files_of_which_nothing_shows_are_not_opened_for_their_pixels() {
    let world = World::new();
    let engine = world.engine();
    assert_eq!(engine.serve(PICTURE).status, 200);
    let (shown, count) = opened(|| engine.serve("/is/image/cat/plain?rect=19,9,4,4&scl=1"));
    assert_eq!((shown.status, count), (200, 1));
    let (beside, count) = opened(|| engine.serve("/is/image/cat/plain?rect=20,10,4,4&scl=1"));
    assert_eq!((beside.status, count), (200, 0), "the background alone needs no pixel");
    assert!(beside.version == shown.version && beside.body != shown.body);
}

#[cfg(unix)]
#[test]
fn a_304_needs_no_more_than_a_stat() {
    let world = World::new();
    let engine = world.engine();
    let (first, count) = opened(|| engine.serve(PICTURE));
    assert_eq!((first.status, count), (200, 1));
    let tag = first.etag.unwrap().to_string();
    for target in [PICTURE, "/is/image/cat/plain?wid=8&id=any&.comment"] {
        let (reply, count) = opened(|| engine.serve_with(target, &Context::new().if_none_match(&tag)));
        assert_eq!((reply.status, reply.body.len(), count), (304, 0, 0), "{target}");
        assert_eq!((reply.etag, reply.version, reply.cache_policy), (first.etag, first.version, first.cache_policy));
        assert_eq!(reply.last_modified, first.last_modified);
    }
    for request in ["req=props", "req=userdata", "req=imageprops&x"] {
        let target = format!("/is/image/cat/plain?{request}");
        let first = engine.serve(&target);
        let tag = first.etag.unwrap().to_string();
        let (reply, count) = opened(|| engine.serve_with(&target, &Context::new().if_none_match(&tag)));
        assert_eq!((reply.status, count), (304, 0), "{request}");
    }
    let (prepared, count) = opened(|| engine.prepare("/is/image/cat/plain?wid=9", &Context::new()));
    assert_eq!((prepared.status(), prepared.length(), count), (200, None, 0));
    let (head, count) = opened(|| prepared.head());
    assert_eq!((head.status, head.body.len(), count), (200, 0, 0));
    world.write("a.png", png(2));
    let reply = engine.serve_with(PICTURE, &Context::new().if_none_match(&tag));
    assert!(reply.status == 200 && reply.etag != first.etag);
}

#[test]
fn a_star_counts_for_what_is_stored() {
    let world = World::new();
    let star = Context::new().if_none_match(" * ");
    for bytes in [0, 1 << 20] {
        let engine = world.builder().cache_bytes(bytes).build().unwrap();
        assert_eq!(engine.serve_with(PICTURE, &star).status, 200, "not stored yet");
        let again = engine.prepare(PICTURE, &star);
        assert_eq!(again.status(), if bytes > 0 { 304 } else { 200 });
        assert_eq!(engine.serve_with("/is/image/cat/plain?wid=7", &star).status, 200);
        assert_eq!(engine.serve_with("/is/image/cat/plain?req=userdata", &star).status, 200);
        let stored = engine.prepare(PICTURE, &Context::new()).length();
        assert_eq!(stored, (bytes > 0).then(|| engine.serve(PICTURE).length()));
    }
}

#[test]
fn time_stamps_are_told_where_the_catalog_wants_it() {
    let world = World::new();
    let engine = world.engine();
    let told = |target: &str| seconds(&engine.serve(&format!("/is/image/{target}")));
    assert_eq!(told("cat/plain?wid=8"), Some(1_000_000_000));
    assert_eq!(told("cat/stamped?wid=8"), Some(1_100_000_000), "the record's is newer");
    assert_eq!(told("cat/plain?src=stamped"), Some(1_100_000_000), "of all that takes part");
    for kind in ["props", "imageprops", "userdata", "map", "map&wid=5", "xmp", "exists", "xlate", "imageset"] {
        assert_eq!(told(&format!("cat/stamped?req={kind}")), Some(1_100_000_000), "{kind}");
    }
    assert_eq!(told("cat?req=catalogprops"), Some(1_000_000_000));
    for target in ["silent/stamped?wid=8", "silent/stamped?req=props", "cat/gone", "cat/stamped?cache=off"] {
        assert_eq!(told(target), None, "{target}");
    }
    for target in ["cat/stamped?req=validate", "cat/stamped?req=loadcache"] {
        assert_eq!(told(target), None, "{target}");
    }
}

#[test]
fn dates_count_beside_no_tag_and_where_a_date_is_told() {
    let world = World::new();
    let engine = world.engine();
    let verifying = world.builder().id_policy(IdPolicy::Verify).build().unwrap();
    let target = "/is/image/cat/stamped?wid=8";
    let tag = engine.serve(target).etag.unwrap().to_string();
    let (older, same, newer) = (date(1_099_999_999), date(1_100_000_000), date(1_100_000_001));
    let status = |engine: &Engine, target: &str, context: Context<'_>| engine.serve_with(target, &context).status;
    let since = |date| Context::new().if_modified_since(date);
    for (date, expected) in [(older.as_str(), 200), (&same, 304), (&newer, 304), ("yesterday", 200), ("", 200)] {
        assert_eq!(status(&engine, target, since(date)), expected, "{date}");
        assert_eq!(status(&engine, &target.replace("cat", "silent"), since(date)), 200, "no date is told: {date}");
        assert_eq!(status(&verifying, target, since(date)), 200, "a date proves nothing: {date}");
        assert_eq!(status(&engine, target, since(date).if_none_match("\"other\"")), 200, "the tag wins: {date}");
        assert_eq!(status(&engine, target, since(date).if_none_match(&tag)), 304, "the tag wins: {date}");
        assert_eq!(status(&verifying, target, since(date).if_none_match(&tag)), 304);
        assert_eq!(status(&engine, "/is/image/cat/gone", since(date)), 403);
        assert_eq!(status(&engine, "/is/image/cat/stamped?req=validate", since(date)), 200);
    }
}

#[test]
fn what_never_expires_is_not_looked_at() {
    let world = World::new();
    let engine = world.engine();
    let verifying = world.builder().id_policy(IdPolicy::Verify).build().unwrap();
    let targets =
        ["ever?wid=8", "ever?req=tmb", "ever?req=xmp", "ever?req=map", "ever?req=map&wid=4", "ever?req=userdata"];
    let old: Vec<String> =
        targets.map(|target| verifying.serve(&format!("/is/image/cat/{target}")).etag.unwrap().to_string()).into();
    world.write("a.png", png(9));
    for (target, old) in targets.iter().zip(&old) {
        let target = format!("/is/image/cat/{target}");
        for context in
            [Context::new().if_none_match(old), Context::new().if_modified_since("Sun, 06 Nov 1994 08:49:37 GMT")]
        {
            let (reply, count) = opened(|| engine.serve_with(&target, &context));
            assert_eq!((reply.status, count), (304, 0), "{target}");
            assert_eq!(reply.cache_policy.to_string(), "public, max-age=31536000");
            assert_eq!(reply.etag.map(|etag| etag.to_string()).as_ref(), context.if_none_match.map(|_| old));
            assert_eq!(seconds(&reply), Some(1_000_000_000));
        }
        // Neither header says anything: an ordinary request.
        let blank = Context::new().if_none_match(" ").if_modified_since("never");
        assert_eq!(engine.serve_with(&target, &blank).status, 200, "{target}");
        let looked = verifying.serve_with(&target, &Context::new().if_none_match(old));
        let is_of_pixels = !target.contains("map") && !target.contains("userdata");
        assert_eq!(looked.status, if is_of_pixels { 200 } else { 304 }, "{target}");
        let newer = date(2_000_000_000);
        assert_eq!(verifying.serve_with(&target, &Context::new().if_modified_since(&newer)).status, 200, "{target}");
    }
    // Anything that expires is looked at.
    for target in
        ["cat/ever?src=mixed", "cat/mixed", "cat/ever?cache=off", "cat/ever?req=props", "cat/ever?req=validate"]
    {
        let target = format!("/is/image/{target}");
        assert_eq!(engine.serve_with(&target, &Context::new().if_none_match("\"x\"")).status, 200, "{target}");
    }
}

#[test]
fn files_of_content_are_opened_when_they_are_delivered() {
    let world = World::new();
    world.write("short.txt", "short");
    world.write("film.mp4", vec![7; 3 << 20]);
    let engine = world.engine();
    for name in ["short.txt", "film.mp4"] {
        let target = format!("/is/content/{name}");
        let (first, count) = opened(|| engine.serve(&target));
        assert_eq!((first.status, count), (200, 1), "{name}: for its digest, and delivered from there");
        let tag = first.etag.unwrap().to_string();
        let (again, count) = opened(|| engine.serve_with(&target, &Context::new().if_none_match(&tag)));
        assert_eq!((again.status, again.length(), count), (304, 0, 0), "{name}");
        let (prepared, count) = opened(|| engine.prepare(&target, &Context::new()));
        assert_eq!((prepared.length(), prepared.etag(), count), (Some(first.length()), first.etag, 0), "{name}");
        let (head, count) = opened(|| prepared.head());
        assert_eq!((head.status, head.length(), count), (200, 0, 0), "{name}");
        let (again, count) = opened(|| engine.serve(&target));
        assert_eq!((again.etag, again.length(), count), (first.etag, first.length(), 1), "{name}");
    }
    // What has to be digested is not opened before its reply is made.
    world.write("leaflet.pdf", vec![8; 100_000]);
    let (prepared, count) = opened(|| engine.prepare("/is/content/leaflet.pdf", &Context::new()));
    assert_eq!((prepared.etag(), prepared.length(), prepared.is_ready(), count), (None, Some(100_000), false, 0));
    let (head, count) = opened(|| prepared.head());
    assert!(head.etag.is_some_and(|etag| !etag.weak) && count == 1, "HEAD says what GET says");
    // Without a digest the file is opened for each request, and not read.
    let engine = world.builder().content_digest_bytes(2 << 20).build().unwrap();
    let (prepared, count) = opened(|| engine.prepare("/is/content/film.mp4", &Context::new()));
    assert!(prepared.etag().is_some_and(|etag| etag.weak) && count == 1);
}
