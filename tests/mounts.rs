//! Sources on file systems that tell nothing of a change: images that take each other's place, and mounts on which programs
//! can put the time of change back. A server runs over each while its files change.
//!
//! The tests mount file systems. So they need root, Linux and the packages bindfs, exfat-fuse, exfatprogs, fuse3 and
//! squashfs-tools, and run only if the environment variable `PLATEMARK_MOUNTS` is set; otherwise they say so and pass.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test program")]
#![cfg(target_os = "linux")]

mod support;

use std::fs::{File, FileTimes};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use support::server::Server;
use tempfile::TempDir;

const PICTURE: &str = "/is/image/a.png?wid=8&fmt=png";
const PROPS: &str = "/is/image/a.png?req=props";
const SHORT: &str = "/is/content/guide.txt";
const LONG: &str = "/is/content/film.mp4";

/// A size that is asked for only after the change.
const OTHER_SIZE: &str = "/is/image/a.png?wid=9&fmt=png";

/// Longer than a server takes to trust time stamps.
const SETTLED: Duration = Duration::from_millis(2500);

#[expect(clippy::disallowed_methods, reason = "a test program, which no builder configures")]
fn is_wanted() -> bool {
    let wanted = std::env::var_os("PLATEMARK_MOUNTS").is_some();
    if !wanted {
        eprintln!("skipped: PLATEMARK_MOUNTS is not set");
    }
    wanted
}

/// Runs a program, which has to succeed, and returns what it prints.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A picture of a length that does not depend on the seed.
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

/// Writes each file where it is, and puts its date to a fixed one.
fn publish(folder: &Path, seed: u8) {
    let long = vec![seed; (1 << 20) + 1];
    for (name, content) in [("a.png", &png(seed)[..]), ("guide.txt", &[seed; 100]), ("film.mp4", &long)] {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        // Some file systems set both or none.
        let dates = FileTimes::new().set_accessed(date).set_modified(date);
        File::options().write(true).open(&path).unwrap().set_times(dates).unwrap();
    }
}

/// What `stat` tells of the picture.
fn status(folder: &Path) -> [i64; 7] {
    let status = std::fs::metadata(folder.join("a.png")).unwrap();
    let numbers = [status.dev(), status.ino(), status.len()].map(u64::cast_signed);
    let times = [status.mtime(), status.mtime_nsec(), status.ctime(), status.ctime_nsec()];
    [numbers.as_slice(), &times].concat().try_into().unwrap()
}

/// A folder for a test, and what it mounts there, which is unmounted at the end, also if the test fails.
struct World {
    folder: TempDir,
    mounts: Vec<PathBuf>,
    devices: Vec<String>,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), mounts: vec![], devices: vec![] };
        std::fs::create_dir(world.path("catalogs")).unwrap();
        std::fs::write(world.path("catalogs/default.ini"), "DefaultExt=\nStaticContentRootPath=.\n").unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// An empty folder.
    fn created(&self, name: &str) -> PathBuf {
        std::fs::create_dir(self.path(name)).unwrap();
        self.path(name)
    }

    /// Mounts by a program whose last argument is the place, a folder of the test.
    fn mount(&mut self, name: &str, program: &str, arguments: &[&str]) -> PathBuf {
        let place = self.path(name);
        if !place.exists() {
            std::fs::create_dir(&place).unwrap();
        }
        run(program, &[arguments, &[place.to_str().unwrap()]].concat());
        self.mounts.push(place.clone());
        place
    }

    fn unmount(&mut self, place: &Path) {
        run("umount", &[place.to_str().unwrap()]);
        self.mounts.retain(|mount| mount != place);
    }

    /// An image of a file system as a device; on the one that the last image had, if that has been taken off.
    fn attach(&mut self, image: &str, device: Option<&str>) -> String {
        let device = match device {
            Some(device) => {
                run("losetup", &[device, &self.text(image)]);
                device.to_owned()
            }
            None => run("losetup", &["--find", "--show", &self.text(image)]),
        };
        self.devices.push(device.clone());
        device
    }

    fn detach(&mut self, device: &str) {
        run("losetup", &["--detach", device]);
        self.devices.retain(|own| own != device);
    }

    /// An empty file for an image.
    fn image(&self, name: &str) -> String {
        File::create(self.path(name)).unwrap().set_len(32 << 20).unwrap();
        self.text(name)
    }

    fn serve(&self, root: &Path, options: &[&str]) -> Server {
        let (catalogs, root) = (self.text("catalogs"), root.to_str().unwrap());
        Server::start(&[&["--catalogs", &catalogs, "--root", root, "--version-header"], options].concat())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for place in self.mounts.iter().rev() {
            let _ = Command::new("umount").arg("--lazy").arg(place).status();
        }
        for device in &self.devices {
            let _ = Command::new("losetup").arg("--detach").arg(device).status();
        }
    }
}

/// What matters of a reply.
#[derive(Debug, PartialEq)]
struct Answer {
    status: String,
    version: String,
    tag: String,
    cache: String,
    body: Vec<u8>,
}

fn asked(server: &Server, target: &str, headers: &str) -> Answer {
    let (head, body) = server.ask("GET", target, headers);
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        // Tags are case-sensitive; lowered, they still tell one from the other.
        lines.filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned()).collect()
    };
    let status = head.split(' ').nth(1).unwrap().to_owned();
    Answer { status, version: header("platemark-version"), tag: header("etag"), cache: header("cache-control"), body }
}

fn answer(server: &Server, target: &str) -> Answer {
    let answer = asked(server, target, "");
    assert_eq!(answer.status, "200", "{target}");
    answer
}

/// Has the files changed under a running server: it must answer as one does that never saw the old ones.
fn shows(world: &mut World, root: &Path, change: impl FnOnce(&mut World)) {
    let server = world.serve(root, &[]);
    let before = [PICTURE, PROPS, SHORT, LONG].map(|target| (target, answer(&server, target)));
    // Twice: from what is remembered of the first time.
    assert_eq!(answer(&server, PICTURE), before[0].1);
    change(world);
    let fresh = world.serve(root, &[]);
    for (target, before) in &before {
        let (now, new) = (answer(&server, target), answer(&fresh, target));
        assert!((&now.version, &now.body) == (&new.version, &new.body), "{target}: the old file");
        assert!(now.body != before.body || *target == PROPS, "{target}: the old bytes");
        assert!(now.version != before.version || target.contains("/content/"), "{target}: the old version");
        assert!(now.tag != before.tag || now.cache == "no-store", "{target}: the old tag");
        if *target == LONG {
            let had = asked(&server, target, &format!("If-None-Match: {}\r\n", before.tag));
            assert!((had.status.as_str(), &had.body) == ("200", &new.body), "{target}: 304 for the old tag");
        }
    }
    assert_eq!(answer(&server, OTHER_SIZE), answer(&fresh, OTHER_SIZE), "new bytes under an old tag, or old ones");
}

/// The files are overwritten in their place, and their dates put back: by `stat` nothing has happened.
fn shows_overwriting(world: &mut World, root: &Path, hidden: bool) {
    publish(root, 1);
    std::thread::sleep(SETTLED);
    shows(world, root, |_| {
        let before = status(root);
        publish(root, 2);
        let after = status(root);
        assert_eq!(after == before, hidden, "{before:?} {after:?}: the file system is not what the test needs");
    });
}

/// How many files a server remembers after it was asked for a picture, and what it tells of its health.
fn remembered(server: &Server) -> (String, String) {
    answer(server, PICTURE);
    let metrics = String::from_utf8(server.ask("GET", "/metrics", "").1).unwrap();
    let health = String::from_utf8(server.ask("GET", "/health", "").1).unwrap();
    let facts = metrics.lines().find_map(|line| line.strip_prefix("platemark_held_items{what=\"facts\"} "));
    (facts.unwrap().to_owned(), health)
}

#[test]
fn another_image_in_the_same_place() {
    if !is_wanted() {
        return;
    }
    let mut world = World::new();
    for (folder, image, seed) in [("one", "one.squashfs", 1), ("two", "two.squashfs", 2)] {
        publish(&world.created(folder), seed);
        let fixed = ["-all-time", "1000000000", "-mkfs-time", "1000000000", "-all-root", "-no-xattrs", "-no-progress"];
        let paths = [world.text(folder), world.text(image)];
        run("mksquashfs", &[&[paths[0].as_str(), &paths[1]], fixed.as_slice()].concat());
    }
    let device = world.attach("one.squashfs", None);
    let root = world.mount("root", "mount", &["-t", "squashfs", "-o", "ro", &device]);
    let (facts, health) = remembered(&world.serve(&root, &[]));
    assert_eq!((facts.as_str(), health.as_str()), ("1", "good\n"), "needs Linux 6.8");
    let place = root.clone();
    shows(&mut world, &root, |world| {
        let before = status(&place);
        world.unmount(&place);
        world.detach(&device);
        world.attach("two.squashfs", Some(&device));
        world.mount("root", "mount", &["-t", "squashfs", "-o", "ro", &device]);
        assert_eq!(status(&place), before, "the images are not what the test needs");
    });
}

#[test]
fn overwriting_on_exfat() {
    if !is_wanted() {
        return;
    }
    let mut world = World::new();
    let image = world.image("image");
    run("mkfs.exfat", &[&image]);
    let device = world.attach("image", None);
    let root = world.mount("root", "mount.exfat-fuse", &[&device]);
    shows_overwriting(&mut world, &root, true);
    let (facts, health) = remembered(&world.serve(&root, &[]));
    assert_eq!(facts, "0");
    assert!(health.starts_with("good\n") && health.contains(root.to_str().unwrap()), "{health}");
    // An overlay is no better than its layers.
    let [upper, work] = ["upper", "work"].map(|name| world.created(name));
    let layers = format!("lowerdir={},upperdir={},workdir={}", root.display(), upper.display(), work.display());
    let overlay = world.mount("overlay", "mount", &["-t", "overlay", "overlay", "-o", &layers]);
    let (facts, health) = remembered(&world.serve(&overlay, &[]));
    assert!(facts == "0" && health.contains("overlay (overlay)"), "{health}");
}

#[test]
fn overwriting_on_bindfs() {
    if !is_wanted() {
        return;
    }
    let mut world = World::new();
    let data = world.created("data").to_str().unwrap().to_owned();
    let root = world.mount("root", "bindfs", &["--ctime-from-mtime", &data]);
    shows_overwriting(&mut world, &root, true);
    let path = root.to_str().unwrap();
    let (facts, health) = remembered(&world.serve(&root, &[]));
    assert!(facts == "0" && health.contains("(fuse"), "{health}");
    // The host trusts the mount that a path lies on, and no other one.
    for (trusted, kept) in [(path, "1"), (&*format!("{path}/a.png"), "1"), (&data, "0"), ("/none", "0")] {
        let (facts, health) = remembered(&world.serve(&root, &["--trust-mount", "/", "--trust-mount", trusted]));
        assert_eq!((facts.as_str(), health.contains("(fuse")), (kept, kept == "0"), "{trusted}");
    }
}

/// Inodes of 128 bytes have no room for parts of a second.
#[test]
fn overwriting_on_ext3_with_whole_seconds() {
    if !is_wanted() {
        return;
    }
    let mut world = World::new();
    let image = world.image("image");
    run("mkfs.ext3", &["-q", "-F", "-I", "128", &image]);
    let device = world.attach("image", None);
    let root = world.mount("root", "mount", &[&device]);
    shows_overwriting(&mut world, &root, false);
    std::thread::sleep(SETTLED);
    let server = world.serve(&root, &[]);
    assert_eq!(remembered(&server), ("1".to_owned(), "good\n".to_owned()));
    // All within a second or two, which the time stamps do not tell apart.
    for seed in 0..6 {
        publish(&root, seed % 2);
        assert_eq!(answer(&server, SHORT).body, [seed % 2; 100]);
        assert_eq!(answer(&server, PICTURE), answer(&world.serve(&root, &[]), PICTURE));
    }
}

#[test]
fn what_stamps_changes_itself_is_trusted() {
    if !is_wanted() {
        return;
    }
    let mut world = World::new();
    let image = world.image("image");
    run("mkfs.ext4", &["-q", "-F", &image]);
    let device = world.attach("image", None);
    let ext4 = world.mount("ext4", "mount", &[&device]);
    let tmpfs = world.mount("tmpfs", "mount", &["-t", "tmpfs", "tmpfs"]);
    let [upper, work, lower] = ["ext4/upper", "ext4/work", "tmpfs/lower"].map(|name| world.created(name));
    let layers = format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
    let overlay = world.mount("overlay", "mount", &["-t", "overlay", "overlay", "-o", &layers]);
    for root in [&ext4, &tmpfs, &overlay] {
        publish(root, 1);
    }
    std::thread::sleep(SETTLED);
    for root in [&ext4, &tmpfs, &overlay] {
        let server = world.serve(root, &[]);
        assert_eq!(remembered(&server), ("1".to_owned(), "good\n".to_owned()), "{}", root.display());
    }
    shows_overwriting(&mut world, &overlay, false);
}
