//! Files on mounts that are not trusted, and on mounts that take the place of others. What the system tells of mounts is
//! pretended; `tests/mounts.rs` has true ones.

use std::fs::File;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::base::error::ErrorKind;
use crate::imaging::source::Kind;
use crate::imaging::source::pretend::{self, Pretend};
use crate::language::catalog::DamagedImages;
use crate::language::lists::CachePolicy;

use super::{Context, Engine, EngineBuilder, Reply};

const FUSE: Pretend = Pretend { kind: Kind::Other, read_only: false, mount: 1, unique: true, sets_ctime: true };
const EXT4: Pretend = Pretend { kind: Kind::Stamps, ..FUSE };
const SQUASHFS: Pretend = Pretend { kind: Kind::Image, read_only: true, ..FUSE };

const PICTURE: &str = "/is/image/a.png?wid=8&fmt=png";
const OTHER_SIZE: &str = "/is/image/a.png?wid=9&fmt=png";
const SHORT: &str = "/is/content/guide.txt";
const LONG: &str = "/is/content/film.mp4";

/// A folder whose files all are of one time and, for each name, of one length.
struct World(TempDir);

impl World {
    /// On that mount, as far as looks of this thread tell.
    fn on(mount: Pretend) -> Self {
        pretend::set(Some(mount));
        let world = Self(tempfile::tempdir().unwrap());
        std::fs::write(world.0.path().join("default.ini"), "DefaultExt=\nStaticContentRootPath=.\n").unwrap();
        world.publish(1);
        world
    }

    /// Overwrites each file in its place with bytes that depend on `seed`, and puts its dates back.
    fn publish(&self, seed: u8) {
        self.write("a.png", &png(seed));
        self.write("guide.txt", &[seed; 100]);
        self.write("film.mp4", &vec![seed; (1 << 20) + 1]);
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&path).unwrap().set_modified(date).unwrap();
    }

    fn builder(&self) -> EngineBuilder {
        Engine::builder(self.0.path()).cache_bytes(1 << 20)
    }

    fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        pretend::set(None);
    }
}

fn png(seed: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 20, 10);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_compression(png::Compression::NoCompression);
    let mut writer = encoder.write_header().unwrap();
    let data: Vec<u8> = (0..200u8).map(|at| at.wrapping_mul(7).wrapping_add(seed * 90)).collect();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    file
}

/// The reply that an engine gives that knows nothing yet.
fn fresh(world: &World, target: &str) -> Reply {
    let reply = world.engine().serve(target);
    assert_eq!(reply.status, 200, "{target}");
    reply
}

fn is_same(one: &Reply, other: &Reply) -> bool {
    (one.version, one.etag, &one.body) == (other.version, other.etag, &other.body)
}

/// Asks for files, has them changed, and asks again; says whether the engine took them for the same.
fn overlooks(world: &World, engine: &Engine, change: impl FnOnce()) -> bool {
    let targets = [PICTURE, "/is/image/a.png?req=props", SHORT];
    let before = targets.map(|target| engine.serve(target));
    let tags = before.each_ref().map(|reply| reply.etag.unwrap().to_string());
    assert!(before.iter().all(|reply| reply.status == 200));
    change();
    let after = targets.map(|target| fresh(world, target));
    let again = targets.map(|target| engine.serve(target));
    let overlooked = is_same(&again[0], &before[0]);
    for at in 0..targets.len() {
        let expected = if overlooked { &before[at] } else { &after[at] };
        assert_eq!((again[at].version, again[at].etag), (expected.version, expected.etag), "{}", targets[at]);
        let had = engine.serve_with(targets[at], &Context::new().if_none_match(&tags[at]));
        assert_eq!(had.status == 304, overlooked, "{}", targets[at]);
    }
    // A rendition that was not made before: neither the bytes of one file under the tag of the other, nor of both.
    let (old, new) = (engine.serve(OTHER_SIZE), fresh(world, OTHER_SIZE));
    assert_eq!(is_same(&old, &new), !overlooked);
    overlooked
}

#[cfg(unix)]
#[test]
fn an_overwrite_whose_dates_are_restored_shows_where_programs_can_set_them() {
    let world = World::on(FUSE);
    assert!(!overlooks(&world, &world.engine(), || world.publish(2)));
    let world = World::on(Pretend { unique: false, ..FUSE });
    assert!(!overlooks(&world, &world.engine(), || world.publish(2)));
    // What the pretence would do to an engine that trusted the mount.
    let world = World::on(EXT4);
    assert!(overlooks(&world, &world.engine(), || world.publish(2)));
    let world = World::on(FUSE);
    let engine = world.builder().trust_mount(world.0.path()).build().unwrap();
    assert!(overlooks(&world, &engine, || world.publish(2)));
}

#[cfg(unix)]
#[test]
fn another_file_system_in_the_same_place_shows() {
    let swapped = |from: Pretend, to: Pretend| {
        let world = World::on(from);
        overlooks(&world, &world.engine(), || {
            world.publish(2);
            pretend::set(Some(to));
        })
    };
    assert!(!swapped(SQUASHFS, Pretend { mount: 2, ..SQUASHFS }));
    // The system gives the number of the mount that has gone to the next one.
    let reusable = Pretend { unique: false, ..SQUASHFS };
    assert!(!swapped(reusable, reusable));
    let read_only = Pretend { kind: Kind::Stamps, ..reusable };
    assert!(!swapped(read_only, read_only));
    assert!(swapped(SQUASHFS, SQUASHFS), "no mount without the system's word");
}

#[cfg(unix)]
#[test]
fn a_trusted_mount_keeps_what_is_known_of_its_files() {
    for mount in [EXT4, SQUASHFS, Pretend { unique: false, ..EXT4 }] {
        let world = World::on(mount);
        let engine = world.engine();
        assert_eq!((engine.serve(PICTURE).status, engine.health().facts.items), (200, 1));
        assert_eq!(engine.health().untrusted, []);
    }
}

#[test]
fn what_is_not_trusted_is_not_remembered_and_listed() {
    let world = World::on(FUSE);
    let engine = world.engine();
    for target in [PICTURE, PICTURE, SHORT, LONG, "/is/image/a.png?req=imageprops"] {
        assert_eq!(engine.serve(target).status, 200, "{target}");
    }
    let health = engine.health();
    assert_eq!((health.facts.items, health.sidecars.items, health.is_healthy()), (0, 0, true));
    assert_eq!(health.untrusted.len(), 1);
    let path = &health.untrusted[0].path;
    assert!(world.0.path().canonicalize().unwrap().starts_with(path) || world.0.path().starts_with(path), "{path:?}");
}

#[cfg(feature = "serde")]
#[test]
fn the_list_can_be_written_as_json() {
    let world = World::on(FUSE);
    let engine = world.engine();
    assert_eq!(engine.serve(PICTURE).status, 200);
    let json = serde_json::to_value(engine.health().untrusted).unwrap();
    assert!(json[0]["path"].is_string() && json[0]["file_system"].is_string(), "{json}");
}

#[cfg(feature = "tracing")]
#[test]
fn the_log_tells_of_a_mount_once() {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let lines = Lines::default();
    let writer = lines.clone();
    // As long as there is but one subscriber, threads of other tests, which have none, switch events off for all.
    let _other = tracing::Dispatch::new(tracing_subscriber::fmt().finish());
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(log, || {
        let world = World::on(FUSE);
        let engine = world.engine();
        for mount in [1, 1, 2, 2] {
            pretend::set(Some(Pretend { mount, ..FUSE }));
            assert_eq!([PICTURE, SHORT].map(|target| engine.serve(target).status), [200; 2]);
        }
    });
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("WARN platemark: mount not trusted").count(), 2, "one for each mount: {text}");
    assert_eq!(text.matches(" file_system=").count(), 2, "{text}");
}

/// A picture that waits for a thread holds no copy of its file.
#[cfg(feature = "tower")]
#[test]
fn a_file_that_is_read_again_is_known_by_its_bytes() {
    let world = World::on(FUSE);
    let prepare = |engine: &Engine| {
        let mut prepared = engine.prepare(PICTURE, &Context::new());
        prepared.drop_copies();
        prepared
    };
    let first = prepare(&world.engine()).render();
    assert!(first.status == 200 && is_same(&first, &fresh(&world, PICTURE)));
    let engine = world.engine();
    let prepared = prepare(&engine);
    world.publish(2);
    let again = prepared.render_afresh(&|| true, || engine.prepare(PICTURE, &Context::new()));
    assert!(is_same(&again, &fresh(&world, PICTURE)) && !is_same(&again, &first));
}

/// Its tag is made of a digest of the bytes, so it is as good as any.
#[test]
fn a_stored_rendition_is_found_again_by_the_digest() {
    let world = World::on(FUSE);
    let engine = world.engine();
    let first = engine.serve(PICTURE);
    let prepared = engine.prepare(PICTURE, &Context::new());
    assert!(prepared.is_ready());
    assert!(is_same(&prepared.render(), &first));
    world.publish(2);
    assert!(!engine.prepare(PICTURE, &Context::new()).is_ready());
    let _ = engine.serve(PICTURE);
    world.publish(1);
    assert!(is_same(&engine.serve(PICTURE), &first) && engine.health().renditions.items == 2);
}

/// It is not half written, as far as its time stamps tell: nothing gets better by asking again.
#[cfg(unix)]
#[test]
fn a_damaged_file_is_an_error_as_it_is_elsewhere() {
    let error = |mount| {
        let world = World::on(mount);
        world.write("a.png", &png(1)[..150]);
        let refused = world.engine().serve(PICTURE);
        let shown = world.builder().damaged_images(DamagedImages::Show).build().unwrap().serve(PICTURE);
        (refused.status, refused.error.unwrap().kind(), shown.status, shown.version, shown.body)
    };
    let trusted = error(EXT4);
    assert_eq!((trusted.1, trusted.2), (ErrorKind::Source, 200));
    assert_eq!(error(FUSE), trusted);
}

#[cfg(unix)]
#[test]
fn a_long_file_has_no_tag_that_earns_a_304() {
    for mount in [FUSE, Pretend { unique: false, ..SQUASHFS }] {
        let world = World::on(mount);
        let engine = world.engine();
        let first = engine.serve(LONG);
        let tag = first.etag.unwrap();
        assert!(tag.weak && first.cache_policy == CachePolicy::NO_STORE);
        assert_eq!(engine.digest_ahead(LONG).unwrap_err().kind(), ErrorKind::Changed);
        for seed in [1, 2] {
            world.publish(seed);
            let again = engine.serve_with(LONG, &Context::new().if_none_match(&tag.to_string()));
            assert_eq!((again.status, again.file.unwrap().piece(0, 1).unwrap()[0]), (200, seed));
        }
    }
    let world = World::on(SQUASHFS);
    let engine = world.builder().content_digest_bytes(0).build().unwrap();
    let [weak, strong] = [engine.serve(LONG).etag.unwrap(), engine.digest_ahead(LONG).unwrap().unwrap()];
    assert!(weak.weak && !strong.weak);
    world.publish(2);
    pretend::set(Some(Pretend { mount: 2, ..SQUASHFS }));
    for tag in [weak, strong] {
        let again = engine.serve_with(LONG, &Context::new().if_none_match(&tag.to_string()));
        assert_eq!((again.status, again.file.unwrap().piece(0, 1).unwrap()[0]), (200, 2));
    }
}
