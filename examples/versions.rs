//! Versions of all records of the catalogs, without a server: `cargo run --release --example versions`.
//!
//! A publishing system writes its links from this list, and, from the lists of yesterday and today, knows which links
//! have to change.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

#[path = "common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::CatalogOptions;
use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use platemark::ObjectVersions;

const HELP: &str = "\
Lists the versions of all records of the catalogs, or what changed between two such lists.

usage: versions [options]          print a list as CSV: object,digest,image.version,metadata.version
       versions OLD.csv NEW.csv    print what changed as CSV: change,object

  --catalogs DIR    folder of catalogs; default: the demo catalogs
  --root DIR        folder that relative RootPaths are relative to; default: the catalogs folder
  --damaged WHAT    as the server has it: refuse (default) or show; it is part of versions
  --trust-mount DIR believes the time stamps of files on the mount of DIR, whatever its file system; repeatable
  --threads N       objects that are looked at at the same time; default: one per processor
  --query QUERY     commands that lead to other objects and texts, such as template=card&$name=x or locale=fr;
                    the versions are then those of requests that have them, too

The object is what follows /is/image/ in a request, before percent-encoding. The digest is BLAKE3 of its file; it is empty
for records without one. Changes are added, removed, image (links to pictures, thumbnails, masks and XMP have to change)
and metadata (links to maps, targets and user data have to change); an object may have both of the last two.

exit status: 0 if every object has its versions, or nothing changed; 1 if objects were left out, as the error output says,
or something changed; 2 if the command line is wrong; 3 if a file cannot be read.";

/// What the command line asks for.
enum Task {
    Help,
    List { catalogs: CatalogOptions, threads: usize, query: String },
    Compare { old: PathBuf, new: PathBuf },
}

fn main() -> ExitCode {
    let outcome = match task() {
        Ok(Task::Help) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Task::List { catalogs, threads, query }) => list(&catalogs, threads, &query),
        Ok(Task::Compare { old, new }) => compare(&old, &new),
        Err(error) => {
            eprintln!("versions: {error}; see versions --help");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("versions: {message}");
            ExitCode::from(3)
        }
    }
}

fn task() -> Result<Task, lexopt::Error> {
    let (mut catalogs, mut query, mut lists) = (CatalogOptions::default(), None, Vec::new());
    let mut has_catalogs = false;
    let mut threads = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("threads") => threads = Some(parser.value()?.parse::<NonZero<usize>>()?),
            Long("query") => query = Some(parser.value()?.string()?),
            Long(option) => {
                let option = option.to_owned();
                if !catalogs.take(&option, &mut parser)? {
                    return Err(Long(&option).unexpected());
                }
                has_catalogs = true;
            }
            Value(list) if lists.len() < 2 => lists.push(PathBuf::from(list)),
            other => return Err(other.unexpected()),
        }
    }
    match <[PathBuf; 2]>::try_from(lists) {
        Ok(_) if has_catalogs || threads.is_some() || query.is_some() => {
            Err("two lists are compared without options".into())
        }
        Ok([old, new]) => Ok(Task::Compare { old, new }),
        Err(lists) if lists.is_empty() => {
            let threads = threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
            Ok(Task::List { catalogs, threads, query: query.unwrap_or_default() })
        }
        Err(_) => Err("two lists are needed to compare".into()),
    }
}

/// Prints the versions of all objects; says whether all have some.
fn list(catalogs: &CatalogOptions, threads: usize, query: &str) -> Result<bool, String> {
    let builder = catalogs.builder().pool(common::pool(threads)?);
    let engine = builder.build().map_err(|error| error.to_string())?;
    let objects = engine.objects();
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let mut progress = Progress::new(objects.len());
    let mut complete = true;
    // The reader may have had enough: that is no failure of ours.
    let _ = writeln!(output, "{HEADER}");
    // Lists of millions of objects are made in parts.
    for objects in objects.chunks(4096) {
        let targets: Vec<String> = objects.iter().map(|object| target(object, query)).collect();
        let all = engine.versions_all(&targets, |finished| progress.step(finished));
        progress.all_of(objects.len());
        for (object, versions) in objects.iter().zip(all) {
            match versions {
                Ok(versions) => {
                    let _ = writeln!(output, "{}", line(object, &versions));
                }
                Err(error) => {
                    complete = false;
                    progress.clear();
                    eprintln!("versions: {object}: {error}");
                }
            }
        }
    }
    progress.clear();
    let _ = output.flush();
    Ok(complete)
}

const HEADER: &str = "object,digest,image.version,metadata.version";

fn target(object: &str, query: &str) -> String {
    /// What an element of a path cannot say for itself.
    const SPECIAL: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'$');
    format!("/is/image/{}?{query}", utf8_percent_encode(object, SPECIAL))
}

fn line(object: &str, versions: &ObjectVersions) -> String {
    let digest = versions.digest.map(|digest| digest.to_string()).unwrap_or_default();
    format!("{},{digest},{},{}", quoted(object), versions.image, versions.metadata)
}

/// A field of a CSV file.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A bar on the error output, if that is a terminal.
struct Progress {
    all: usize,
    /// Objects of earlier parts, and of this one.
    before: usize,
    done: usize,
    /// Hundredths that are drawn; `None`: it is no terminal.
    drawn: Option<usize>,
}

impl Progress {
    fn new(all: usize) -> Self {
        let mut progress = Self { all, before: 0, done: 0, drawn: std::io::stderr().is_terminal().then_some(101) };
        progress.draw();
        progress
    }

    fn step(&mut self, done: usize) {
        self.done = self.before + done;
        self.draw();
    }

    /// A part is done.
    fn all_of(&mut self, part: usize) {
        self.before += part;
    }

    fn draw(&mut self) {
        let hundredths = (self.done * 100).checked_div(self.all).unwrap_or(100);
        if self.drawn.is_some_and(|drawn| drawn != hundredths) {
            let bar: String = (1..=40).map(|at| if at * 100 <= hundredths * 40 { '#' } else { '.' }).collect();
            eprint!("\r[{bar}] {hundredths:3} %  {} of {} objects", self.done, self.all);
            self.drawn = Some(hundredths);
        }
    }

    fn clear(&mut self) {
        if self.drawn.is_some() {
            eprint!("\r\x1b[K");
            self.drawn = Some(101);
        }
    }
}

/// Prints what changed from one list to another; says whether nothing did.
fn compare(old: &Path, new: &Path) -> Result<bool, String> {
    let (old, new) = (read(old)?, read(new)?);
    let mut lines = vec!["change,object".to_owned()];
    let objects: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for object in objects {
        let mut put = |change: &str| lines.push(format!("{change},{}", quoted(object)));
        match (old.get(object), new.get(object)) {
            (None, _) => put("added"),
            (_, None) => put("removed"),
            (Some([image, metadata]), Some([new_image, new_metadata])) => {
                if image != new_image {
                    put("image");
                }
                if metadata != new_metadata {
                    put("metadata");
                }
            }
        }
    }
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
    Ok(lines.len() == 1)
}

/// Image and metadata version of each object of a list.
fn read(list: &Path) -> Result<BTreeMap<String, [String; 2]>, String> {
    let named = |what: &str| format!("{}: {what}", list.display());
    let text = std::fs::read_to_string(list).map_err(|error| named(&error.to_string()))?;
    let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')));
    let mut rest = rest.ok_or_else(|| named("is not a list of versions"))?;
    let mut versions = BTreeMap::new();
    while !rest.is_empty() {
        let (object, after) = field(rest).ok_or_else(|| named("has an object whose quotes are never closed"))?;
        let (line, next) = after.split_once('\n').unwrap_or((after, ""));
        let fields: Vec<&str> = line.trim_end_matches('\r').split(',').collect();
        let ["", _, image, metadata] = fields[..] else {
            return Err(named(&format!("has a line that is not one of versions: {object}")));
        };
        versions.insert(object, [image.to_owned(), metadata.to_owned()]);
        rest = next;
    }
    Ok(versions)
}

/// The first field of a CSV text, and what follows it.
fn field(text: &str) -> Option<(String, &str)> {
    let Some(inside) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut rest = inside;
    loop {
        let (before, after) = rest.split_once('"')?;
        value.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}
