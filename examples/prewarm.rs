//! All pictures of a folder in several widths, by all cores, as files: `prewarm FOLDER OUTPUT WIDTH…` prints which request
//! each file answers.
//!
//! A server calls `Engine::prewarm` likewise when it starts; it has the pictures in memory then, and writes none.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]
#![allow(clippy::disallowed_methods, reason = "the host builds the pool")]

use std::error::Error;
use std::path::{Path, absolute};
use std::sync::Arc;

use indicatif::ProgressBar;
use platemark::{Engine, RequestTarget};
use rayon::ThreadPoolBuilder;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, output, widths @ ..] = &arguments[..] else {
        return Err("usage: prewarm FOLDER OUTPUT WIDTH…".into());
    };

    // The number is told: without one rayon reads the variable `RAYON_NUM_THREADS`.
    let threads = std::thread::available_parallelism()?.get();
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(threads).build()?);
    // No catalog: a picture has the name of its file, and any size.
    let engine = Engine::in_memory("DefaultExt=\nMaxPix=0,0\n").root(absolute(folder)?).pool(pool);
    let engine = engine.cache_bytes(256 << 20).build()?;

    // The widths of a file follow each other: what its decoder learns for the first serves the next.
    let mut targets = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let name = file?.file_name().into_string().map_err(|_| "a name is not UTF-8")?;
        targets.extend(widths.iter().map(|width| RequestTarget::image(&name).set("wid", width).to_string()));
    }
    let bar = ProgressBar::new(targets.len() as u64);
    let (mut failed, mut unwritten) = (0, Ok(()));
    engine.prewarm(&targets, |done| {
        bar.set_position(done.finished as u64);
        match done.result {
            Ok(Some(etag)) if unwritten.is_ok() => {
                // The engine has it in memory.
                let (made, name) = (engine.serve(done.target).body, format!("{}.jpg", etag.value));
                unwritten = std::fs::write(Path::new(output).join(&name), made);
                bar.suspend(|| println!("{name} {}", done.target));
            }
            Ok(_) => {}
            Err(error) => {
                failed += 1;
                bar.suspend(|| eprintln!("{}: {error}", done.target));
            }
        }
    });
    bar.finish();
    unwritten?;
    if failed > 0 { Err(format!("{failed} of {} were not made", targets.len()).into()) } else { Ok(()) }
}
