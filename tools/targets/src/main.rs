//! Checks that this target makes the recorded bytes: `targets ROOT SCRATCH [--bless]`.
//!
//! ROOT is the folder of this repository, SCRATCH one that the program may write small pictures into. The program compares
//! with `tools/targets/recorded.txt`, which was recorded on x86-64: the engine's fingerprint, each kernel at each level of
//! this CPU, versions and tags, and 300 requests of the sweep; and with the replies of `tests/golden/requests.txt` and
//! `colors.txt`. It ends with status 1 if anything differs. `--bless` records anew what only that file holds.
//!
//! The program has few dependencies, so that it can be built for targets that the tests' dependencies do not support.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test program")]

#[path = "../../../tests/support"]
mod support {
    pub(crate) mod dice;
}
#[path = "../../../tests/support/sweep.rs"]
mod sweep;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use platemark::internals::{Answer, Planes, cpu_levels, kernels, tag};
use platemark::{CpuLevel, Edit, Engine, EngineBuilder, Picture, Reply};
use sha2::{Digest as _, Sha256};
use support::dice::Dice;

const RECORDED: &str = "tools/targets/recorded.txt";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, scratch, ..] = &arguments[..] else {
        println!("usage: targets ROOT SCRATCH [--bless]");
        return ExitCode::FAILURE;
    };
    let (root, scratch) = (Path::new(root), Path::new(scratch));
    let demo = engine(&root.join("assets/demo")).build().unwrap();
    let mut found = format!("fingerprint\t{}\n", demo.fingerprint());
    found.push_str(&each_kernel());
    found.push_str(&versions(root));
    found.push_str(&swept(&demo, scratch));
    let mut faults = goldens(&demo, root, "requests.txt");
    let colors = engine(&root.join("tests/golden/colors")).build().unwrap();
    faults.extend(goldens(&colors, root, "colors.txt"));
    let path = root.join(RECORDED);
    if arguments.iter().any(|argument| argument == "--bless") {
        std::fs::write(path, found).unwrap();
    } else {
        let recorded = std::fs::read_to_string(path).unwrap();
        faults.extend(found.lines().filter(|line| !recorded.lines().any(|other| other == *line)).map(str::to_owned));
        faults.extend(
            recorded.lines().filter(|line| !found.lines().any(|other| other == *line)).map(|line| format!("not: {line}")),
        );
    }
    faults.iter().for_each(|fault| println!("differs: {fault}"));
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// An engine over a folder of catalogs, at a fixed time that lies after all files have settled.
fn engine(catalogs: &Path) -> EngineBuilder {
    Engine::builder(catalogs).clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Each kernel on a picture that no vector divides, at each level of this CPU. All levels must agree.
fn each_kernel() -> String {
    let (width, height) = (131, 77);
    let mut dice = Dice::new(11);
    // Gradients with noise, the alpha of all values.
    let samples = (0..4 * width * height).map(|i| (i / 61) as u8 ^ (dice.byte() >> 3)).collect();
    let picture = Planes { size: [width as u32, height as u32], colors: 3, alpha: true, samples };
    let levels = cpu_levels();
    println!("kernels at the levels {levels:?}");
    let mut found = String::new();
    for mut kernel in kernels(&picture) {
        let mut expected = Answer::default();
        kernel.run(CpuLevel::Scalar, &mut expected);
        for &level in &levels {
            let mut answer = Answer::default();
            kernel.run(level, &mut answer);
            assert!(answer == expected, "{}: {level:?} differs from the portable code", kernel.name);
        }
        let _ = writeln!(found, "kernel {}\t{}", kernel.name, sha256(&expected.bytes()));
    }
    found
}

/// Versions and tags of pictures and renditions, and tags of fields.
fn versions(root: &Path) -> String {
    let mut found = String::new();
    for name in ["harbour.jpg", "ring.png"] {
        let bytes = std::fs::read(root.join("assets/demo/pictures").join(name)).unwrap();
        let picture = Picture::from_bytes(bytes).unwrap();
        let _ = writeln!(found, "picture {name}\t{} {}", picture.digest(), picture.version());
        let edit: Edit = "wid=61&op_usm=1,8&fmt=png".parse().unwrap();
        let made = picture.render(&edit).unwrap();
        let _ = writeln!(found, "rendition {name}\t{} {} {}", made.version, made.etag, sha256(&made.bytes));
    }
    for domain in 0..6 {
        let _ = writeln!(found, "tag {domain}\t{}", tag(domain, &[("name", b"value"), ("", &[0, 255]), ("n", b"")]));
    }
    found
}

/// The first requests of the sweep of `tests/golden`.
fn swept(demo: &Engine, scratch: &Path) -> String {
    sweep::small_world(demo, scratch);
    let engine = engine(scratch).build().unwrap();
    let mut dice = Dice::new(2026);
    let mut all = String::new();
    for _ in 0..300 {
        let request = sweep::request(&mut dice);
        let reply = engine.serve(&request);
        let _ = writeln!(all, "{request} {} {:?} {:?} {}", reply.status, reply.version, reply.etag, sha256(&reply.body));
    }
    println!("300 requests of the sweep");
    format!("sweep of 300 requests\t{}\n", sha256(all.as_bytes()))
}

/// The replies that differ from those of a file in `tests/golden`.
fn goldens(engine: &Engine, root: &Path, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root.join("tests/golden").join(file)).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    println!("{} recorded replies of {file}", lines.len());
    let is_recorded = |line: &&&str| {
        let mut fields = line.split('\t');
        let Reply { status, content_type, body, .. } = engine.serve(fields.next().unwrap());
        // Status, type, pixel size, length, digest.
        let fields: Vec<&str> = fields.collect();
        fields[0] == status.to_string()
            && fields[1] == content_type
            && fields[3] == body.len().to_string()
            && fields[4] == sha256(&body)
    };
    lines.iter().filter(|line| !is_recorded(line)).map(|line| (*line).to_owned()).collect()
}
