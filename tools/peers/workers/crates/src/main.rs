//! Crates as workers of `tools/peers/run.py`: `platemark-peers CRATE` does the jobs of its input, line by line.
//!
//! `platemark-peers ssimulacra2` compares two PNG files a line instead: {"reference": …, "picture": …}, and
//! `platemark-peers clients` asks servers.

mod clients;
mod image_crate;
mod jpeg_decoder_crate;
mod score;
mod zune_crate;

use std::io::BufRead;
use std::time::Instant;

use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A job; see `../line.py`.
struct Job<'a> {
    file: &'a str,
    kind: &'a str,
    width: u32,
    height: u32,
    left: u32,
    top: u32,
    quality: u8,
    png: bool,
}

impl<'a> Job<'a> {
    fn of(line: &'a Value) -> Self {
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let number = |key: &str| line[key].as_u64().unwrap_or_default() as u32;
        Self {
            file: text("file"),
            kind: text("kind"),
            width: number("width"),
            height: number("height"),
            left: number("left"),
            top: number("top"),
            quality: number("quality") as u8,
            png: text("format") == "png",
        }
    }
}

/// The height that keeps the picture's shape at that width.
fn height_for(width: u32, (from_width, from_height): (u32, u32)) -> u32 {
    ((f64::from(from_height) * f64::from(width) / f64::from(from_width)).round() as u32).max(1)
}

/// The largest centred part of the shape of width to height: left, top, width, height.
fn centered((from_width, from_height): (u32, u32), (width, height): (u32, u32)) -> [u32; 4] {
    let scale = (f64::from(from_width) / f64::from(width)).min(f64::from(from_height) / f64::from(height));
    let part = [width, height].map(|side| (f64::from(side) * scale).round() as u32);
    [(from_width - part[0]) / 2, (from_height - part[1]) / 2, part[0], part[1]]
}

fn timed(work: fn(&Job<'_>) -> Result<Vec<u8>, Failure>, line: &Value) -> Result<Value, Failure> {
    let job = Job::of(line);
    let (repeat, threads) = (line["repeat"].as_u64().unwrap_or(1), line["threads"].as_u64().unwrap_or(1));
    let start = Instant::now();
    let outputs: Result<Vec<Vec<u8>>, Failure> = std::thread::scope(|scope| {
        let repeated = || (0..repeat).try_fold(vec![], |_, _| work(&job));
        let working: Vec<_> = (0..threads).map(|_| scope.spawn(repeated)).collect();
        working.into_iter().map(|thread| thread.join().map_err(|_| "it panicked")?).collect()
    });
    let taken = start.elapsed();
    let output = outputs?.pop().unwrap_or_default();
    if let Some(out) = line["out"].as_str() {
        std::fs::write(out, &output)?;
    }
    Ok(json!({ "ns": taken.as_nanos() as u64, "bytes": output.len() }))
}

fn main() -> Result<(), Failure> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let work = match name.as_str() {
        "image" => image_crate::work,
        "zune-image" => zune_crate::work,
        "jpeg-decoder" => jpeg_decoder_crate::work,
        "ssimulacra2" => return score::compare_lines(),
        "clients" => return clients::serve_lines(),
        _ => return Err("usage: platemark-peers image|zune-image|jpeg-decoder|ssimulacra2|clients".into()),
    };
    println!("{}", json!({ "version": "" }));
    for line in std::io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        println!("{}", timed(work, &line).unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Ok(())
}
