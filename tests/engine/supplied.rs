//! Sources that the host supplies as bytes.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{demo, path};
use bytes::Bytes;
use platemark::{Engine, EngineBuilder, ErrorKind, Reply, SourceProvider, SourceTag};

/// Files in memory by path, each with a tag; counts what is asked of it.
#[derive(Clone, Default)]
struct Memory(Arc<Inner>);

#[derive(Default)]
struct Inner {
    files: Mutex<HashMap<PathBuf, (String, Bytes)>>,
    looks: AtomicUsize,
    reads: AtomicUsize,
}

impl Memory {
    fn put(&self, path: &str, tag: &str, bytes: impl Into<Bytes>) {
        self.0.files.lock().unwrap().insert(path.into(), (tag.into(), bytes.into()));
    }

    fn reads(&self) -> usize {
        self.0.reads.load(Ordering::Relaxed)
    }
}

impl SourceProvider for Memory {
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
        self.0.looks.fetch_add(1, Ordering::Relaxed);
        match path.to_str() {
            Some("pictures/forbidden.jpg") => Err(io::ErrorKind::PermissionDenied.into()),
            Some("pictures/gone.jpg") => Err(io::ErrorKind::NotFound.into()),
            Some("pictures/longer.png") => Ok(Some(SourceTag::new("a", 1))),
            Some("pictures/endless.png") => Ok(Some(SourceTag::new("a", u64::MAX))),
            _ => {
                let files = self.0.files.lock().unwrap();
                Ok(files.get(path).map(|(tag, bytes)| SourceTag::new(tag, bytes.len() as u64)))
            }
        }
    }

    fn read(&self, path: &Path) -> io::Result<(SourceTag, Bytes)> {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        if path.ends_with("longer.png") {
            return Ok((SourceTag::new("a", 1), Bytes::from_static(b"longer")));
        }
        let (tag, bytes) = self.0.files.lock().unwrap().get(path).ok_or(io::ErrorKind::NotFound)?.clone();
        Ok((SourceTag::new(tag, bytes.len() as u64), bytes))
    }
}

fn picture(name: &str) -> Vec<u8> {
    std::fs::read(path("assets/demo/pictures").join(name)).unwrap()
}

fn engine(memory: &Memory) -> EngineBuilder {
    demo().sources(memory.clone())
}

fn ok(engine: &Engine, request: &str) -> Reply {
    let reply = engine.serve(&format!("/is/image/{request}"));
    assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
    reply
}

#[test]
fn a_picture_is_the_same_wherever_its_bytes_come_from() {
    let memory = Memory::default();
    memory.put("pictures/ring.png", "1", picture("ring.png"));
    memory.put("pictures/new/harbour.jpg", "1", picture("harbour.jpg"));
    let (from_memory, from_files) = (engine(&memory).build().unwrap(), demo().build().unwrap());
    for request in ["demo/ring?wid=120&fmt=png", "demo/ring?req=mask", "demo/ring?req=props", "demo/pebbles?wid=90"] {
        let (supplied, file) = (ok(&from_memory, request), ok(&from_files, request));
        assert_eq!((supplied.version, supplied.etag), (file.version, file.etag), "{request}");
        if !request.contains("props") {
            assert_eq!(supplied.body, file.body, "{request}");
        }
    }
    // Not in any catalog, and no file.
    let (new, old) = (ok(&from_memory, "new/harbour?wid=90"), ok(&from_files, "harbour?wid=90"));
    assert_eq!((new.version, new.body), (old.version, old.body));
    assert_eq!(from_files.serve("/is/image/new/harbour?wid=90").status, 403);
    // Content, masks and metadata come from there as well.
    memory.put("pictures/ring.png", "2", picture("chart.png"));
    assert_ne!(ok(&from_memory, "demo/ring?wid=120").version, ok(&from_files, "demo/ring?wid=120").version);
    memory.put("manual.txt", "1", "of memory");
    let manual = from_memory.serve("/is/content/manual.txt");
    assert_eq!((manual.status, &manual.body[..]), (200, &b"of memory"[..]));
    let props = String::from_utf8(from_memory.serve("/is/content/manual.txt?req=props").body.to_vec()).unwrap();
    assert!(props.contains("length=9\r\n"), "{props}");
}

#[test]
fn what_is_known_of_a_stamp_is_not_read_again() {
    let memory = Memory::default();
    memory.put("pictures/a.png", "1", picture("ring.png"));
    let engine = engine(&memory).cache_bytes(1 << 20).build().unwrap();
    let first = ok(&engine, "a.png?wid=90");
    assert_eq!(memory.reads(), 1, "for the digest and the picture at once");
    let again = ok(&engine, "a.png?wid=90");
    let _ = ok(&engine, "a.png?req=props");
    assert_eq!((memory.reads(), &again.body), (1, &first.body));
    let _ = ok(&engine, "a.png?wid=80");
    assert_eq!(memory.reads(), 2);
    // Another tag, the same bytes: read once more, and still the same version.
    memory.put("pictures/a.png", "2", picture("ring.png"));
    assert_eq!(ok(&engine, "a.png?wid=90").version, first.version);
    assert_eq!(memory.reads(), 3);
    memory.put("pictures/a.png", "3", picture("chart.png"));
    assert_ne!(ok(&engine, "a.png?wid=90").version, first.version);
}

/// A provider that does not change its stamps: late, but never false.
#[test]
fn stamps_are_not_believed_blindly() {
    let memory = Memory::default();
    let (old, new) = (picture("ring.png"), picture("chart.png"));
    let len = old.len().max(new.len());
    // Of one length, or the stamp would differ: what follows the end of a PNG is not looked at.
    let padded = |mut bytes: Vec<u8>| {
        bytes.resize(len, 0);
        bytes
    };
    memory.put("pictures/a.png", "same", padded(old));
    let engine = engine(&memory).build().unwrap();
    let first = ok(&engine, "a.png?wid=90&fmt=png");
    memory.put("pictures/a.png", "same", padded(new));
    let second = ok(&engine, "a.png?wid=90&fmt=png");
    assert_ne!(second.body, first.body, "there is nothing stored, so it is read");
    assert_ne!(second.version, first.version);
    assert_eq!(ok(&engine, "a.png?wid=90&fmt=png").body, second.body);
}

#[test]
fn faults_of_a_provider_are_errors_of_one_request() {
    let memory = Memory::default();
    let engine = engine(&memory).build().unwrap();
    let failed = |name: &str| {
        let error = engine.serve(&format!("/is/image/{name}")).error.unwrap();
        (error.kind(), error.to_string())
    };
    assert_eq!(failed("forbidden.jpg"), (ErrorKind::Io, "forbidden.jpg: cannot be read".into()));
    assert_eq!(failed("gone.jpg"), (ErrorKind::Missing, "gone.jpg: image not found".into()));
    assert_eq!(failed("nowhere.jpg"), (ErrorKind::Missing, "nowhere.jpg: image not found".into()));
    assert_eq!(failed("longer.png"), (ErrorKind::Io, "longer.png: cannot be read".into()));
    assert_eq!(
        failed("endless.png"),
        (ErrorKind::Limit, "endless.png: is longer than the limit of source bytes".into())
    );
    assert_eq!(memory.reads(), 1, "what is too long is not read");
}

/// Whatever its length, it lies in memory.
#[test]
fn supplied_files_of_content_are_bytes_under_the_tag_of_these_bytes() {
    let memory = Memory::default();
    let bytes = |byte: u8| Bytes::from(vec![byte; 3 << 20]);
    // The demo catalogs have no root of their own for content.
    memory.put("film.mp4", "1", bytes(1));
    let engine = engine(&memory).content_digest_bytes(0).build().unwrap();
    let get = || engine.serve("/is/content/film.mp4");
    let first = get();
    assert_eq!((first.status, &first.body, first.file.is_none()), (200, &bytes(1), true));
    assert!(!first.etag.unwrap().weak);
    let reads = memory.reads();
    let tag = first.etag.unwrap().to_string();
    let again = engine.serve_with("/is/content/film.mp4", &platemark::Context::new().if_none_match(&tag));
    assert_eq!((again.status, memory.reads()), (304, reads), "a look is enough");
    memory.put("film.mp4", "1", bytes(2));
    let other = get();
    assert_eq!((other.status, &other.body), (200, &bytes(2)));
    assert_ne!(other.etag, first.etag, "the stamp was not changed, the bytes were");
    memory.put("film.mp4", "2", bytes(3));
    assert_eq!(get().body, bytes(3));
}
