//! What several test programs need.
#![allow(clippy::unwrap_used, dead_code, reason = "each program uses a part")]

pub(crate) mod dice;
pub(crate) mod icc;
pub(crate) mod server;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use platemark::{CpuLevel, Engine, EngineBuilder};
use sha2::{Digest, Sha256};

pub(crate) const LEVELS: [CpuLevel; 3] = [CpuLevel::Scalar, CpuLevel::Sse41, CpuLevel::Avx2];

/// A file beside the tests.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// An engine over a folder of catalogs, at a fixed time that lies after all files have settled.
pub(crate) fn builder(catalogs: &Path) -> EngineBuilder {
    Engine::builder(catalogs).clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))
}

/// An engine over the demo catalogs.
pub(crate) fn demo() -> EngineBuilder {
    builder(&path("assets/demo"))
}

/// A folder with the files of the demo catalogs, not their pictures, after each has been changed.
pub(crate) fn demo_copy(mut change: impl FnMut(&str, &mut String)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(path("assets/demo")).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_file() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let mut text = std::fs::read_to_string(entry.path()).unwrap();
        change(&name, &mut text);
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The demo catalogs with lines added to attribute files, where the last line of a name counts. The folder must live as
/// long as the engine.
pub(crate) fn demo_with(lines: &[(&str, &str)]) -> (tempfile::TempDir, EngineBuilder) {
    let folder = demo_copy(|name, text| {
        for (_, added) in lines.iter().filter(|(file, _)| *file == name) {
            text.push_str(&format!("{added}\n"));
        }
    });
    let engine = builder(folder.path()).root(path("assets/demo"));
    (folder, engine)
}

/// Lower-case hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The pixel size that a JPEG or PNG file states.
pub(crate) fn pixel_size(file: &[u8]) -> Option<(u32, u32)> {
    if file.starts_with(b"\x89PNG") {
        let side = |at: usize| file.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        return side(16).zip(side(20));
    }
    if file.starts_with(b"RIFF") {
        return image_webp::WebPDecoder::new(std::io::Cursor::new(file)).ok().map(|decoder| decoder.dimensions());
    }
    if file.starts_with(b"II*") {
        return tiff::decoder::Decoder::new(std::io::Cursor::new(file)).ok()?.dimensions().ok();
    }
    if file.starts_with(b"GIF89a") {
        let side = |at: usize| file.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes).into());
        return side(6).zip(side(8));
    }
    let mut decoder = jpeg_decoder::Decoder::new(file);
    decoder.read_info().ok()?;
    decoder.info().map(|info| (info.width.into(), info.height.into()))
}

/// Whether searches take the time that they take in continuous integration: the variable `PLATEMARK_LONG` is set.
#[expect(clippy::disallowed_methods, reason = "the switch of a test program")]
pub(crate) fn is_long() -> bool {
    std::env::var_os("PLATEMARK_LONG").is_some()
}

/// A number of cases: the first one in continuous integration, else the second.
pub(crate) fn cases<T>(long: T, short: T) -> T {
    if is_long() { long } else { short }
}

/// All of a list in continuous integration, else every `n`th of it.
pub(crate) fn some<T>(n: usize, list: impl IntoIterator<Item = T>) -> Vec<T> {
    list.into_iter().step_by(cases(1, n)).collect()
}

/// Whether the run is to accept what it finds as the new truth.
#[expect(clippy::disallowed_methods, reason = "the switch of a test program")]
pub(crate) fn blessing() -> bool {
    std::env::var_os("PLATEMARK_BLESS").is_some()
}

/// The list of requests whose replies are recorded.
pub(crate) const REQUESTS: &str = "tests/golden/requests.txt";

/// The requests of that list, in its order.
pub(crate) fn golden_requests() -> Vec<String> {
    let text = std::fs::read_to_string(path(REQUESTS)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

/// Requests over the demo catalogs that a search over commands found to take the longest: tests flood servers with them.
pub(crate) fn worst_requests() -> Vec<String> {
    let text = std::fs::read_to_string(path("tests/worst.txt")).unwrap();
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

/// The path of an example program. `cargo test` has built it; a single test program alone has not.
pub(crate) fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let mut folder = std::env::current_exe().unwrap();
        folder.pop();
        folder.pop();
        let all = ["axum", "prewarm", "render", "serve", "srcset", "thumbnail", "uploads", "versions"];
        if !all.iter().all(|name| folder.join("examples").join(name).exists()) {
            let built = Command::new(env!("CARGO")).args(["build", "--examples"]).status().unwrap();
            assert!(built.success());
        }
        folder.join("examples")
    });
    folder.join(name)
}
