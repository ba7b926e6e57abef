//! One request without a server: `render [--catalogs DIR] [--root DIR] REQUEST -o FILE`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::CatalogOptions;
use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;
use platemark::Reply;

const HELP: &str = "\
Makes the reply to one image request.

usage: render [--catalogs DIR] [--root DIR] [--damaged refuse|show] [--trust-mount DIR] [--cpu LEVEL]
              [--threads N] REQUEST -o FILE

  REQUEST          path and query, such as '/is/image/demo/harbour?wid=400'
  -o FILE          where the picture goes; only a 200 writes it
  --catalogs DIR   folder of catalogs; default: the demo catalogs
  --root DIR       folder that relative RootPaths are relative to; default: the catalogs folder
  --damaged WHAT   refuse (default) or show: damaged files where the catalog does not say; part of versions
  --trust-mount DIR
                   believes the time stamps of files on the mount of DIR, whatever its file system; repeatable
  --cpu LEVEL      highest CPU level to use, auto, scalar, sse41, avx2 or neon; never changes bytes
  --threads N      threads for a large picture; never changes bytes; default: 1

Prints status, content-type, bytes, version, etag and ttl (seconds), '-' where there is none.
Errors go to standard error. The exit status is 0 only for a 200.";

struct Options {
    catalogs: CatalogOptions,
    cpu: platemark::CpuLevel,
    threads: usize,
    request: String,
    output: PathBuf,
}

fn main() -> ExitCode {
    match options() {
        Ok(Some(options)) => run(&options).unwrap_or_else(|message| {
            eprintln!("render: {message}");
            ExitCode::FAILURE
        }),
        Ok(None) => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("render: {error}; see render --help");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    let (mut catalogs, mut cpu, mut threads) = (CatalogOptions::default(), platemark::CpuLevel::default(), 1);
    let (mut request, mut output) = (None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Short('o') | Long("output") => output = Some(parser.value()?.into()),
            Long("threads") => threads = parser.value()?.parse()?,
            Long("cpu") => cpu = common::cpu_level(&mut parser)?,
            Long(option) => {
                let option = option.to_owned();
                if !catalogs.take(&option, &mut parser)? {
                    return Err(Long(&option).unexpected());
                }
            }
            Value(value) if request.is_none() => request = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let request = request.ok_or("a request is missing")?;
    let output = output.ok_or("-o FILE is missing")?;
    Ok(Some(Options { catalogs, cpu, threads, request, output }))
}

fn run(options: &Options) -> Result<ExitCode, String> {
    let mut builder = options.catalogs.builder().cpu(options.cpu);
    if options.threads > 1 {
        builder = builder.pool(common::pool(options.threads)?);
    }
    let engine = builder.build().map_err(|error| error.to_string())?;
    let reply = engine.serve(&options.request);
    if reply.status == 200 {
        write(&options.output, &reply).map_err(|error| format!("{}: {error}", options.output.display()))?;
    }
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let lines = [
        format!("status: {}", reply.status),
        format!("content-type: {}", reply.content_type),
        format!("bytes: {}", reply.length()),
        format!("version: {}", or_dash(reply.version.map(|version| version.to_string()))),
        format!("etag: {}", or_dash(reply.etag.map(|etag| etag.to_string()))),
        format!("ttl: {}", or_dash(reply.cache_policy.seconds().map(|seconds| seconds.to_string()))),
    ];
    // The reader may have had enough after the first line.
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
    if let Some(error) = &reply.error {
        eprintln!("render: {error}");
        if let Some(detail) = error.detail() {
            eprintln!("render: {detail}");
        }
    }
    Ok(if reply.status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes the whole file or nothing; an old file stays until the new one is complete.
fn write(path: &Path, reply: &Reply) -> std::io::Result<()> {
    // Writes directly to a pipe or a device. Replaces the file that a link points to, not the link.
    let path = match std::fs::metadata(path) {
        Ok(known) if !known.is_file() => return write_body(path, reply),
        Ok(_) => std::fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?.to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = write_body(&new, reply).and_then(|()| std::fs::rename(&new, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// Writes the body, a long file piece by piece.
fn write_body(path: &Path, reply: &Reply) -> std::io::Result<()> {
    let Some(file) = &reply.file else { return std::fs::write(path, &reply.body) };
    let mut output = std::fs::File::create(path)?;
    file.pieces(0..file.len()).try_for_each(|piece| output.write_all(&piece.map_err(std::io::Error::other)?))
}
