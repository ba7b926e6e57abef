//! What a picture costs is known before it is made: searches over requests compare what is foretold with what the stages
//! count.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod commands;
mod pictures;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::time::Duration;

use platemark::internals::{Counted, counted_work, foretold_work};
use platemark::{Context, Engine, Limits};

use commands::Case;
use support::dice::Dice;
use support::{cases, path};

/// Work that is too much for a search that is to end soon; the most that a picture may take to be a small one is half of it.
const MOST: u64 = 64_000_000;

/// A new engine, which knows nothing of the pictures: each costs what it costs at first.
fn engine(catalogs: &Path) -> Engine {
    let builder = support::builder(catalogs).cache_bytes(0);
    builder.limits(Limits::new().time(Duration::from_secs(20))).build().unwrap()
}

/// What a request is foretold to cost, and what it does; `None`: it makes no picture, or one that costs too much to try.
fn tried(catalogs: &Path, target: &str, most: u64) -> Option<(Counted, Counted)> {
    let engine = engine(catalogs);
    let prepared = engine.prepare(target, &Context::new());
    let foretold = foretold_work(&prepared);
    assert_eq!(foretold.units, prepared.work());
    if foretold.units == 0 || foretold.units > most {
        return None;
    }
    let _ = counted_work();
    let reply = prepared.render();
    let counted = counted_work();
    // There are limits that only the encoder or the decoder can know of.
    assert!(matches!(reply.status, 200 | 403), "{target}: {} {:?}", reply.status, reply.error);
    (reply.status == 200).then_some((foretold, counted))
}

/// How many times more or less was counted than foretold.
fn off(foretold: &Counted, counted: &Counted) -> f64 {
    let (foretold, counted) = (foretold.units as f64, counted.units as f64);
    (foretold / counted).max(counted / foretold)
}

/// What differs most, for messages.
fn report(target: &str, foretold: &Counted, counted: &Counted) -> String {
    let mut text = format!("{target}\n  foretold {} counted {}\n ", foretold.units, counted.units);
    for ((name, foretold), (_, counted)) in foretold.quantities.iter().zip(&counted.quantities) {
        if foretold != counted {
            text += &format!(" {name} {foretold}/{counted}");
        }
    }
    text
}

/// Requests by chance, and from each that is off by much others like it that are off by more.
#[test]
fn work_is_foretold() {
    let folder = tempfile::tempdir().unwrap();
    pictures::write(folder.path());
    let mut dice = Dice::new(1);
    let (mut all, mut far_off, mut worst) = (0, Vec::new(), Vec::new());
    let mut try_one = |case: &Case| {
        let target = case.target();
        let (foretold, counted) = tried(folder.path(), &target, MOST)?;
        let off = off(&foretold, &counted);
        all += 1;
        if off > 3.0 {
            far_off.push(report(&target, &foretold, &counted));
        }
        if off > 10.0 {
            worst.push(report(&target, &foretold, &counted));
        }
        Some(off)
    };
    for _ in 0..cases(20_000, 600) {
        let mut case = Case::new(&mut dice, &pictures::NAMES);
        let Some(mut best) = try_one(&case) else { continue };
        let mut attempts = if best > 1.5 { 4 } else { 0 };
        while attempts > 0 {
            attempts -= 1;
            let next = case.changed(&mut dice, &pictures::NAMES);
            if let Some(off) = try_one(&next).filter(|&off| off > best) {
                (case, best, attempts) = (next, off, attempts + 2);
            }
        }
    }
    assert!(worst.is_empty(), "off by more than 10:\n{}", worst.join("\n"));
    let share = far_off.len() as f64 / f64::from(all);
    assert!(share <= 0.01, "{} of {all} are off by more than 3:\n{}", far_off.len(), far_off.join("\n"));
    assert!(all > cases(10_000, 300), "{all}");
}

/// The requests that a search found to cost most, over the demo catalogs. Those that would take a test too long are known to be
/// large.
#[test]
fn the_worst_requests_are_known() {
    let (folder, requests) = (path("assets/demo"), support::worst_requests());
    let tried = |target: &String| {
        let foretold = engine(&folder).prepare(target, &Context::new()).work();
        assert!(foretold > 0, "{target}");
        let Some((foretold, counted)) = tried(&folder, target, cases(8 * MOST, MOST)) else { return false };
        assert!(off(&foretold, &counted) < 3.0, "{}", report(target, &foretold, &counted));
        true
    };
    let count = requests.iter().filter(|target| tried(target)).count();
    assert!(count > requests.len() / 2, "{count}");
}

/// The cases that an adversary found: sides of millions of pixels that show next to nothing.
#[test]
fn empty_areas_cost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    pictures::write(folder.path());
    for query in [
        "crop=-16000000,0,16777215,1",
        "crop=-16000000,-16000000,16777215,16777215",
        "size=1,16777215",
        "extend=16000000,0,0,0",
        "extend=0,8000000,0,8000000&color=ff0000&bgColor=00ff00",
        "size=16777215,1&rotate=90&wid=1&hei=2000",
    ] {
        let (foretold, counted) = tried(folder.path(), &format!("/is/image/wide.png?{query}"), MOST).unwrap();
        let text = report(query, &foretold, &counted);
        // The pixels of the view, and those weights that see the ten of the picture.
        assert!(counted.units < 20_000_000 && off(&foretold, &counted) < 3.0, "{text}");
    }
    // A wide blur of a thin picture is large work, and has a table of its radius, not of its length.
    let target = "/is/image/wide.png?wid=1&hei=65535&fit=stretch,1&op_usm=1,250";
    let foretold = engine(folder.path()).prepare(target, &Context::new()).work();
    assert!(foretold > MOST, "{foretold}");
}

/// Nanoseconds that this thread has run for, whatever else the machine does.
fn thread_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// Prints time and quantities of requests by chance over the demo catalogs: what the picoseconds of each kind are fitted to.
/// To be run in a release build, on Linux.
#[test]
#[ignore = "measures time"]
fn calibrate() {
    let names = [
        "demo/harbour",
        "demo/lighthouse",
        "demo/pebbles",
        "demo/ring",
        "demo/chart",
        "demo/poster",
        "demo/window",
        "demo/signal",
        "demo/tilted",
    ];
    let mut dice = Dice::new(7);
    for _ in 0..cases(6000, 2000) {
        let target = Case::new(&mut dice, &names).target();
        if let Some((foretold, counted)) = tried(&path("assets/demo"), &target, 2 * MOST) {
            let times = (0..3).map(|_| {
                let engine = engine(&path("assets/demo"));
                let prepared = engine.prepare(&target, &Context::new());
                let start = thread_time();
                let _ = prepared.render();
                thread_time() - start
            });
            let time = times.min().unwrap_or(0);
            let list: Vec<_> = counted.quantities.iter().map(|(name, quantity)| format!("{name}={quantity}")).collect();
            println!("{time}\t{}\t{}\t{}\t{target}", foretold.units, counted.units, list.join(","));
        }
    }
}
