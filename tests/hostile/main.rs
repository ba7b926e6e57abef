//! Files and requests that were made to do harm: each is answered, soon, with a reason or a picture, and what comes after
//! is answered as ever.
//!
//! The mutations run over the demo pictures, or over those of the folder that `PLATEMARK_PICTURES` names.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test program, with a clock")]

mod files;
#[cfg(target_os = "linux")]
mod memory;
mod requests;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use platemark::{CachePolicy, DamagedImages, Engine, EngineBuilder, ErrorKind, Limits, Reply};
use support::dice::Dice;
use support::{builder, cases};

/// Far above what any of these takes, and far below what they would without limits.
const SOON: Duration = Duration::from_secs(20);

/// A folder with a default catalog.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.write("default.ini", "DefaultExt=\nMaxPix=70000,70000\nStaticContentRootPath=.\n");
        world
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    fn builder(&self) -> EngineBuilder {
        builder(self.0.path())
    }

    fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }
}

/// Answers a request soon, by the rules of replies.
fn answer(engine: &Engine, request: &str) -> Reply {
    let start = Instant::now();
    let reply = engine.serve(&format!("/is/image/{request}"));
    assert!(start.elapsed() < SOON, "{:?}: {}", start.elapsed(), &request[..request.len().min(200)]);
    let internal = reply.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Internal);
    assert!(!internal, "{request}: {:?}", reply.error);
    if reply.status != 200 {
        assert!(matches!(reply.status, 403 | 500 | 503), "{request}: {}", reply.status);
        assert!(
            reply.cache_policy == CachePolicy::NO_STORE && reply.etag.is_none() && reply.version.is_none(),
            "{request}"
        );
        assert!(reply.error.is_some());
    }
    reply
}

/// The text of a refusal.
fn refusal(engine: &Engine, request: &str) -> String {
    let reply = answer(engine, request);
    assert_eq!(reply.status, 403, "{}", &request[..request.len().min(200)]);
    String::from_utf8(reply.body.to_vec()).unwrap().trim_end().to_owned()
}

/// The time that a request may take is its own limit, with or without a service around the engine.
#[test]
fn time_is_a_limit() {
    let limits = |milliseconds| Limits::default().time(Duration::from_millis(milliseconds));
    for slow in ["wid=4000&op_usm=5,250,0,0&fmt=png", "wid=4000&op_blur=100", "wid=4800&fmt=pjpeg&jpegSize=90"] {
        let engine = support::demo().limits(limits(20)).build().unwrap();
        let start = Instant::now();
        let reply = engine.serve(&format!("/is/image/demo/harbour?{slow}"));
        let error = reply.error.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!((reply.status, reply.cache_policy), (503, CachePolicy::NO_STORE), "{slow}");
        assert!(error.ends_with("takes longer than the limit of time"), "{error}");
        assert!(start.elapsed() < SOON);
    }
    let engine = support::demo().limits(limits(0)).cache_bytes(1 << 20).build().unwrap();
    let target = "/is/image/demo/ring?wid=80";
    assert_eq!(engine.serve(target).status, 503);
    assert_eq!(engine.serve("/is/image/demo/ring?req=props").status, 200, "nothing has to be made");
}

/// Catalogs that name a pipe or a device load without it, and the engine does not wait for the pipe's writer.
#[cfg(unix)]
#[test]
fn data_files_are_files() {
    for name in ["CatalogFile=pipe", "MacroFile=zero", "CatalogFile=folder", "StaticContentCatalogFile=pipe"] {
        let world = World::new();
        let folder = world.0.path();
        let fifo = std::process::Command::new("mkfifo").arg(folder.join("pipe")).status();
        assert!(fifo.is_ok_and(|status| status.success()));
        std::os::unix::fs::symlink("/dev/zero", folder.join("zero")).unwrap();
        std::fs::create_dir(folder.join("folder")).unwrap();
        world.write("default.ini", name);
        let failures = world.engine().health().failures;
        let expected = format!("{}: is not a regular file", name.split_once('=').unwrap().1);
        assert_eq!(failures.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        std::fs::rename(folder.join("pipe"), folder.join("default.ini")).unwrap();
        assert_eq!(world.builder().build().unwrap_err().to_string(), "default.ini: is not a regular file");
    }
}

/// Tables whose commands are all misspelt, whose cells are all empty or whose records are all malformed: they are read soon,
/// and what is told of them is bounded.
#[test]
fn odd_tables_are_told_in_few_lines() {
    let world = World::new();
    world.write("default.ini", "CatalogFile=odd.txt,cells.txt,bad.txt\nMacroFile=m.txt\n");
    let records = |text: &mut dyn FnMut(usize) -> String| (0..50_000).map(text).collect::<String>();
    world.write(
        "odd.txt",
        format!("Id\tModifier\n{}", records(&mut |n| format!("r{n}\tcommand{n}=1&?wid=5&=& &wdth=5\n"))),
    );
    world.write("cells.txt", format!("Id\tPath{}\nx\ty{0}\n{}", "\t".repeat(100_000), "\t\t\t\n".repeat(50_000)));
    world.write("bad.txt", format!("Id\tSize\n{}", records(&mut |n| format!("b{n}\tlarge\n"))));
    world.write(
        "m.txt",
        format!("Name\tDefinition\n{}", records(&mut |n| format!("m{n}\t{}=5\n", "x".repeat(n % 300)))),
    );
    let start = Instant::now();
    let engine = world.engine();
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    let (health, warnings) = (engine.health(), engine.catalog_warnings());
    assert_eq!((health.failures.len(), health.records), (1, 50_001));
    assert_eq!(health.failures[0].to_string(), "bad.txt line 2: Size: needs two whole numbers from 1 to 16777216");
    assert!(warnings.len() <= 1001, "{}", warnings.len());
    let of = |file: &str| warnings.iter().filter(|warning| warning.starts_with(file)).count();
    assert_eq!((of("odd.txt"), of("cells.txt")), (101, 0));
    assert!(warnings.iter().all(|warning| warning.chars().count() < 300 && !warning.contains('\n')));
    assert!(engine.objects().contains(&"x".to_owned()));
}

/// Names that lead to no file of the ordinary kind.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_told_apart() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    let world = World::new();
    let folder = world.0.path();
    let fifo = std::process::Command::new("mkfifo").arg(folder.join("pipe.jpg")).status();
    assert!(fifo.is_ok_and(|status| status.success()));
    symlink("/dev/zero", folder.join("device.jpg")).unwrap();
    symlink("loop.jpg", folder.join("loop.jpg")).unwrap();
    symlink("/nonexistent/a.jpg", folder.join("dangling.jpg")).unwrap();
    symlink(support::path("assets/demo/pictures/ring.png"), folder.join("link.png")).unwrap();
    std::fs::create_dir(folder.join("folder.jpg")).unwrap();
    world.write("secret.jpg", b"x");
    std::fs::set_permissions(folder.join("secret.jpg"), std::fs::Permissions::from_mode(0o000)).unwrap();
    std::fs::create_dir(folder.join("shut")).unwrap();
    world.write("shut/a.jpg", b"x");
    std::fs::set_permissions(folder.join("shut"), std::fs::Permissions::from_mode(0o000)).unwrap();
    world.write("empty.jpg", b"");
    let strange = Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9.png"));
    std::fs::copy(support::path("assets/demo/pictures/ring.png"), folder.join(strange)).unwrap();
    let engine = world.engine();
    for name in ["pipe.jpg", "device.jpg", "dangling.jpg", "loop.jpg", "folder.jpg", "link.png/below.jpg"] {
        assert_eq!(refusal(&engine, name), format!("{name}: image not found"));
        let content = engine.serve(&format!("/is/content/{name}"));
        assert_eq!((content.status, &content.body[..]), (403, format!("{name}: content not found\r\n").as_bytes()));
    }
    assert_eq!(refusal(&engine, "empty.jpg"), "empty.jpg: is empty");
    assert_eq!(answer(&engine, "link.png?wid=9").status, 200, "who may write links below the root is trusted");
    // Root may read anything.
    for name in ["secret.jpg", "shut/a.jpg"] {
        let reply = answer(&engine, name);
        assert!(reply.status == 500 || reply.status == 403, "{name}: {:?}", reply.error);
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(!text.contains(folder.to_str().unwrap()), "{text}");
    }
    answer(&engine, "caf%E9.png?wid=9");
    answer(&engine, "caf%C3%A9.png?wid=9");
    for name in
        ["..%2f..%2fetc%2fpasswd", "../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "a%00.jpg", &"n".repeat(5000)]
    {
        refusal(&engine, name);
    }
    std::fs::set_permissions(folder.join("shut"), std::fs::Permissions::from_mode(0o700)).unwrap();
}
