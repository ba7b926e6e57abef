//! Replies that must not change unless a developer says so.
//!
//! `tests/golden/requests.txt` lists requests over the demo catalogs, each with status, MIME type, pixel size, length and
//! SHA-256 of its body. `tests/golden/sweep.txt` has one digest over thousands of small requests. Both name the epochs of
//! the stages that they were taken in. `tests/golden/colors.txt` does the same for pictures with profiles. See [`advice`] for what to do when they differ.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod agreement;
mod colors;
#[path = "../color/models.rs"]
mod models;
#[path = "../color/profiles.rs"]
#[allow(dead_code, reason = "the test of colours has more of them")]
mod profiles;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/sweep.rs"]
mod sweep;
#[path = "../color/writer.rs"]
mod writer;

use std::fmt::Write as _;

use platemark::{Engine, Reply};
use support::dice::Dice;
use support::{LEVELS, REQUESTS, blessing, builder, cases, demo, golden_requests, path, pixel_size, sha256, some};

const SWEEP: &str = "tests/golden/sweep.txt";

/// What a failure says.
fn advice(recorded: &str) -> String {
    format!(
        "Replies changed and no stage's epoch did since they were recorded ({recorded}).\n\
         If that is a mistake, mend it: caches everywhere hold the old bytes under versions that would stay the same.\n\
         If it is meant, raise the epoch of each stage that makes other bytes in src/base/stage.rs, so that the versions and\n\
         tags of its replies change with the bytes, and run\n\
         \n    PLATEMARK_BLESS=1 cargo test --test golden -- recorded\n\n\
         then look at the pictures that changed before committing. New requests are added by writing their line without\n\
         an outcome into {REQUESTS} and running the same command."
    )
}

/// Requests in the order of the file, and the whole text.
fn recorded() -> (Vec<String>, String) {
    (golden_requests(), std::fs::read_to_string(path(REQUESTS)).unwrap())
}

/// One line of the file: request, status, type, pixel size, length, hash.
fn outcome(request: &str, reply: &Reply) -> String {
    let size = pixel_size(&reply.body).filter(|_| reply.content_type.starts_with("image/"));
    let size = size.map_or("-".to_owned(), |(width, height)| format!("{width}×{height}"));
    let Reply { status, content_type, body, .. } = reply;
    format!("{request}\t{status}\t{content_type}\t{size}\t{}\t{}", body.len(), sha256(body))
}

fn epoch_line() -> String {
    let fingerprint = demo().build().unwrap().fingerprint();
    let epochs: Vec<_> = fingerprint.stages().map(|stage| format!("{} {}", stage.name, stage.epoch)).collect();
    format!("# epochs: {}", epochs.join(", "))
}

/// Compares, or records if asked to.
fn settle(file: &str, recorded: &str, found: &str) {
    if recorded == found {
        return;
    }
    let same_epoch = recorded.lines().any(|line| line == epoch_line());
    if blessing() {
        // Recording other bytes in the same epoch would defeat the purpose; lines without an outcome are new.
        let kept = |line: &&str| line.contains('\t');
        let changed = recorded.lines().filter(kept).any(|line| !found.lines().any(|other| other == line));
        assert!(!(same_epoch && changed), "{}", advice(file));
        std::fs::write(path(file), found).unwrap();
        return;
    }
    let mut differences = String::new();
    for line in found.lines().filter(|line| !recorded.lines().any(|other| other == *line)).take(20) {
        let _ = writeln!(differences, "now: {line}");
    }
    panic!("{}\n{differences}", advice(file));
}

#[test]
fn replies_are_the_recorded_ones() {
    let (requests, text) = recorded();
    assert!(requests.len() >= 60, "{} requests", requests.len());
    settle(REQUESTS, &text, &answered(&text, &demo().build().unwrap()));
}

/// The text of a file of recorded replies, with the outcomes that an engine gives.
fn answered(text: &str, engine: &Engine) -> String {
    let mut found = String::new();
    for line in text.lines() {
        if line.starts_with("# epochs: ") {
            found.push_str(&epoch_line());
        } else if line.starts_with('#') || line.is_empty() {
            found.push_str(line);
        } else {
            let request = line.split('\t').next().unwrap();
            found.push_str(&outcome(request, &engine.serve(request)));
        }
        found.push('\n');
    }
    found
}

/// Neither the CPU level nor the number of threads that ask at the same time changes a byte or a tag.
#[test]
fn levels_and_threads_agree() {
    let requests = some(5, recorded().0);
    let reference: Vec<_> = answers(&demo().build().unwrap(), &requests, 1);
    for level in LEVELS {
        for threads in [1, 2] {
            let engine = demo().cpu(level).cache_bytes(1 << 20).build().unwrap();
            let found = answers(&engine, &requests, threads);
            for ((request, reference), found) in requests.iter().zip(&reference).zip(&found) {
                assert_eq!(found, reference, "{request} at {level:?} on {threads} threads");
            }
        }
    }
}

/// Outcome, version and tag of every request, asked for by some threads at once.
fn answers(engine: &Engine, requests: &[String], threads: usize) -> Vec<String> {
    let answer = |request: &String| {
        let reply = engine.serve(request);
        // What a property list says of the stored length depends on who asked first.
        let body = outcome(request, &reply);
        let text = String::from_utf8_lossy(&reply.body);
        let body = if text.contains("image.length") { String::new() } else { body };
        format!("{body} {:?} {:?}", reply.version, reply.etag)
    };
    let each = requests.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let parts: Vec<_> = requests
            .chunks(each)
            .map(|part| scope.spawn(move || part.iter().map(answer).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

#[test]
fn a_sweep_of_small_requests_is_the_recorded_one() {
    const COUNT: usize = 3000;
    let folder = tempfile::tempdir().unwrap();
    sweep::small_world(&demo().build().unwrap(), folder.path());
    let engines: Vec<_> = LEVELS.iter().map(|&level| builder(folder.path()).cpu(level).build().unwrap()).collect();
    let mut dice = Dice::new(2026);
    let requests: Vec<String> = (0..COUNT).map(|_| sweep::request(&mut dice)).collect();
    // The last level is the highest; the others are asked as often as there is time for.
    let (highest, others) = engines.split_last().unwrap();
    let every = cases(1, 5);
    let answered = |(i, request): (usize, &String)| {
        let reply = highest.serve(request);
        assert!(matches!(reply.status, 200 | 403), "{request}: {:?}", reply.error);
        for other in others.iter().filter(|_| i % every == 0).map(|engine| engine.serve(request)) {
            assert_eq!(outcome(request, &other), outcome(request, &reply));
            assert_eq!((other.version, other.etag), (reply.version, reply.etag));
        }
        (reply.status == 200, outcome(request, &reply))
    };
    let (first, second) = requests.split_at(COUNT / 2);
    let part = |requests: &[String]| requests.iter().enumerate().map(answered).collect::<Vec<_>>();
    let outcomes = std::thread::scope(|scope| {
        let second = scope.spawn(|| part(second));
        [part(first), second.join().unwrap()].concat()
    });
    let succeeded = outcomes.iter().filter(|(succeeded, _)| *succeeded).count();
    let mut all = String::new();
    for (_, outcome) in &outcomes {
        let _ = writeln!(all, "{outcome}");
    }
    assert!(succeeded * 10 >= COUNT * 9, "only {succeeded} of {COUNT} requests succeed");
    let found = format!("{}\n{COUNT} requests\t{}\n", epoch_line(), sha256(all.as_bytes()));
    settle(SWEEP, &std::fs::read_to_string(path(SWEEP)).unwrap_or_default(), &found);
}

/// A catalog's folder, its files' names there and their times change no reply.
#[test]
fn copies_elsewhere_with_other_times_agree() {
    let copies: Vec<_> = (0..2)
        .map(|copy| {
            let folder = tempfile::tempdir().unwrap();
            let pictures = folder.path().join(format!("pictures-{copy}"));
            std::fs::create_dir(&pictures).unwrap();
            for entry in std::fs::read_dir(path("assets/demo/pictures")).unwrap() {
                let from = entry.unwrap().path();
                let to = pictures.join(from.file_name().unwrap());
                std::fs::copy(&from, &to).unwrap();
                let time =
                    std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000 + 7777 * copy);
                std::fs::File::options().append(true).open(&to).unwrap().set_modified(time).unwrap();
            }
            let catalogs = support::demo_copy(|_, text| {
                *text = text.replace("RootPath=pictures", &format!("RootPath=pictures-{copy}"));
            });
            for entry in std::fs::read_dir(catalogs.path()).unwrap() {
                let from = entry.unwrap().path();
                std::fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
            }
            folder
        })
        .collect();
    let requests = some(5, recorded().0);
    let reference = answers(&demo().build().unwrap(), &requests, 1);
    for copy in &copies {
        let found = answers(&builder(copy.path()).build().unwrap(), &requests, 1);
        assert_eq!(found, reference);
    }
}
