//! Files of `/is/content` under any conditions and ranges, against a plain model of both.
//!
//! The first byte chooses file and engine; then come lines: `Range`, `If-Range`, `If-None-Match`. An empty line stands for
//! no such header. `$s` and `$w` in a line stand for the file's strong tag and for its weak one.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Request};
use platemark::http::Exchange;
use platemark::{Engine, EngineBuilder};
use tempfile::TempDir;

/// Bytes of each file. The last two are delivered piece by piece.
const FILES: [usize; 5] = [0, 1, 300, (1 << 20) + 1, (1 << 20) + 300_000];

struct World {
    _folder: TempDir,
    files: Vec<File>,
    /// Without and with digests of the long files.
    engines: [Engine; 2],
}

struct File {
    target: String,
    bytes: Vec<u8>,
    strong: String,
    /// Of a long file, before it is digested.
    weak: Option<String>,
}

/// Nothing that is asked changes it, so one is enough.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("default.ini"), "StaticContentRootPath=.").expect("a catalog");
        let builder = || -> EngineBuilder {
            Engine::builder(folder.path()).clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))
        };
        for len in FILES {
            let bytes: Vec<u8> = (0..len).map(|at| (at / 251 + at) as u8).collect();
            std::fs::write(folder.path().join(format!("{len}.bin")), bytes).expect("a file");
        }
        let engines = [0, 64 << 20].map(|digests| builder().content_digest_bytes(digests).build().expect("an engine"));
        let files = FILES.map(|len| {
            let target = format!("/is/content/{len}.bin");
            let [first, strong] = engines.each_ref().map(|engine| engine.serve(&target).etag.expect("a tag"));
            File {
                bytes: std::fs::read(folder.path().join(format!("{len}.bin"))).expect("a file"),
                strong: strong.to_string(),
                weak: first.weak.then(|| first.to_string()),
                target,
            }
        });
        World { _folder: folder, files: files.into(), engines }
    })
}

pub(super) fn run(input: &[u8]) {
    let Some((&options, text)) = input.split_first() else { return };
    let world = world();
    let file = &world.files[usize::from(options & 15) % FILES.len()];
    let digests = options & 16 > 0;
    let mut lines = text.split(|&byte| byte == b'\n').map(|line| filled(line, file));
    let mut header =
        || lines.next().filter(|line| !line.is_empty()).and_then(|line| HeaderValue::from_bytes(&line).ok());
    let [range, if_range, if_none_match] = [header(), header(), header()];
    let mut request = Request::get(&file.target);
    for (name, value) in [("range", &range), ("if-range", &if_range), ("if-none-match", &if_none_match)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let request = request.body(()).expect("a request");
    let engine = &world.engines[usize::from(digests)];
    let response = Exchange::new(engine, &request, None).respond();

    let tag = file.weak.as_ref().filter(|_| !digests).unwrap_or(&file.strong);
    let told = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("a text").to_owned());
    let text = |value: &Option<HeaderValue>| value.as_ref().and_then(|value| Some(value.to_str().ok()?.to_owned()));
    if let Some(named) = text(&if_none_match).and_then(|tags| had(&tags, [Some(tag), file.weak.as_ref()])) {
        assert_eq!((response.status().as_u16(), told("etag")), (304, Some(named)));
        assert!(response.body().is_empty() && told("content-length").is_none());
        return;
    }
    assert_eq!(told("etag").as_ref(), Some(tag));
    let same = if_range.is_none() || text(&if_range).is_some_and(|wanted| wanted == *tag && !tag.starts_with("W/"));
    let part = text(&range).filter(|_| same).and_then(|range| part(&range, file.bytes.len()));
    let length = file.bytes.len();
    let (status, expected, content_range) = match part {
        None => (200, &file.bytes[..], None),
        Some((first, end)) if first < end => {
            (206, &file.bytes[first..end], Some(format!("bytes {first}-{}/{length}", end - 1)))
        }
        Some(_) => (416, &[][..], Some(format!("bytes */{length}"))),
    };
    assert_eq!((response.status().as_u16(), told("content-range")), (status, content_range), "{range:?}");
    assert_eq!(told("content-length"), Some(expected.len().to_string()), "{range:?}");
    assert_eq!(told("accept-ranges").as_deref(), Some("bytes"));
    let mut body = response.into_body();
    let mut sent = 0;
    while let Some(piece) = body.next_piece() {
        let piece = piece.expect("a file that is left alone");
        assert!(!piece.is_empty() && expected[sent..].starts_with(&piece), "{range:?} at {sent}");
        sent += piece.len();
        assert_eq!(body.len(), (expected.len() - sent) as u64);
    }
    assert_eq!(sent, expected.len(), "{range:?}");
}

/// A line with the tags of the file in it.
fn filled(line: &[u8], file: &File) -> Vec<u8> {
    let mut filled = vec![];
    let mut rest = line;
    while let [first, after @ ..] = rest {
        rest = match rest {
            [b'$', b's', after @ ..] => {
                filled.extend_from_slice(file.strong.as_bytes());
                after
            }
            [b'$', b'w', after @ ..] => {
                filled.extend_from_slice(file.weak.as_ref().unwrap_or(&file.strong).as_bytes());
                after
            }
            _ => {
                filled.push(*first);
                after
            }
        };
    }
    filled
}

/// The first of some tags that a list names, whether weak or not (RFC 9110 §13.1.2).
fn had(list: &str, tags: [Option<&String>; 2]) -> Option<String> {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let named: Vec<String> = list.split(',').map(|tag| opaque(tag.trim())).collect();
    tags.into_iter().flatten().find(|tag| named.contains(&opaque(tag))).cloned()
}

/// Where a range of a body begins and ends: nowhere, if none of its bytes is there. `None`: it asks for no single range of
/// bytes, so it is ignored (RFC 9110 §14.2).
fn part(text: &str, length: usize) -> Option<(usize, usize)> {
    let (unit, range) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let ends: Vec<&str> = range.split('-').map(str::trim).collect();
    let [first, last] = ends[..] else { return None };
    if !first.chars().chain(last.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let number = |digits: &str| {
        digits.bytes().fold(0u128, |number, digit| (number * 10 + u128::from(digit - b'0')).min(1 << 100))
    };
    let bytes = || 0..length as u128;
    let inside: Vec<u128> = match (first, last) {
        ("", "") => return None,
        ("", count) => bytes().filter(|at| length as u128 - at <= number(count)).collect(),
        (first, "") => bytes().filter(|at| *at >= number(first)).collect(),
        (first, last) if number(first) > number(last).min(u64::MAX.into()) => {
            // Numbers that no length reaches are all alike.
            if number(first) >= u64::MAX.into() && number(last) >= u64::MAX.into() { vec![] } else { return None }
        }
        (first, last) => bytes().filter(|at| (number(first)..=number(last)).contains(at)).collect(),
    };
    Some(match (inside.first(), inside.last()) {
        (Some(&first), Some(&last)) => (first as usize, last as usize + 1),
        _ => (0, 0),
    })
}
