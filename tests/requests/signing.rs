//! Requests that have to be signed (`docs/signing.md`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platemark::{Context, IdPolicy, RequestTarget, SigningKey};
use sha2::{Digest, Sha256};

use super::*;

const UNSIGNED: &str = "request: is not signed\r\n";

fn key() -> SigningKey {
    SigningKey::new(b"0123456789abcdef").unwrap().id("k1").unwrap()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn is_unsigned(engine: &Engine, target: &str) -> bool {
    let reply = engine.serve(target);
    let is = reply.status == 403 && text(&reply) == UNSIGNED;
    if is {
        assert_eq!(
            (reply.content_type, reply.cache_policy, reply.etag),
            (TEXT, CachePolicy::NO_STORE, None),
            "{target}"
        );
    }
    is
}

/// HMAC-SHA-256 by its definition (RFC 2104), for keys of up to 64 bytes.
fn hmac(key: &[u8], text: &str) -> String {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::digest([&pad(0x36), text.as_bytes()].concat());
    URL_SAFE_NO_PAD.encode(Sha256::digest([&pad(0x5c), &inner[..]].concat()))
}

#[test]
fn the_vectors_of_the_document_hold() {
    let document = std::fs::read_to_string(support::path("docs/signing.md")).unwrap();
    let (_, vectors) = document.split_once("\n## Test vectors\n").unwrap();
    let now = vectors.split("The time is ").nth(1).unwrap().split('.').next().unwrap().parse().unwrap();
    let mut seen = vec![];
    for (number, vector) in vectors.split("   ```text\n").enumerate().skip(1) {
        let heading = vectors.lines().find(|line| line.starts_with(&format!("{number}. "))).unwrap();
        let line = |name: &str| {
            let line = vector.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
            line.trim_start()[name.len()..].trim().to_owned()
        };
        let (spelled, signed, link) = (line("key"), line("signed"), line("link"));
        let secret = URL_SAFE_NO_PAD.decode(spelled.rsplit(':').next().unwrap()).unwrap();
        assert!(link.contains(&format!("sig={}", hmac(&secret, &signed))), "{heading}");
        let key: SigningKey = spelled.parse().unwrap();
        let engine = support::demo().clock(move || at(now)).signing_keys([key]).build().unwrap();
        let verdict = heading.rsplit(": ").next().unwrap();
        assert_eq!(is_unsigned(&engine, &link), verdict != "valid", "{heading}");
        if verdict == "expired" {
            assert_eq!(engine.serve(&link).error.unwrap().detail(), Some("exp has passed"), "{heading}");
        }
        // Every byte that is not that of a name in letters counts, or belongs to what is left out.
        for (place, byte) in link.bytes().enumerate() {
            let mut other = link.clone().into_bytes();
            other[place] = if byte == b'x' { b'y' } else { b'x' };
            let other = String::from_utf8(other).unwrap();
            let in_id = link.find("&id=").is_some_and(|start| place >= start + 4);
            assert_eq!(is_unsigned(&engine, &other), !in_id || verdict != "valid", "{other}");
        }
        seen.push(heading.to_owned());
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn who_does_not_sign_gets_nothing() {
    // Whatever the catalog tells of errors.
    let (_folder, builder) = support::demo_with(&[("default.ini", "ErrorDetail=3"), ("demo.ini", "ErrorDetail=3")]);
    let engine = builder.signing_keys([key()]).build().unwrap();
    let other = SigningKey::new([1; 16]).unwrap();
    for target in [
        "/is/image/demo/harbour?wid=90",
        "/is/image/demo/harbour",
        "/is/image/demo/gone?req=props,json",
        "/is/image",
        "/is/image/demo/harbour?req=validate",
        "/is/content/demo/guide.txt",
        "/elsewhere",
        "",
        &"/is/image/a?&".repeat(9000),
    ] {
        assert!(is_unsigned(&engine, target), "{target:.80}");
        assert!(is_unsigned(&engine, &other.sign(target, None)), "{target:.80}");
        assert!(!is_unsigned(&engine, &key().sign(target, None)), "{target:.80}");
    }
    let error = engine.serve("/is/image/demo/harbour?sig=abc").error.unwrap();
    assert_eq!(
        (error.to_string(), error.detail()),
        ("request: is not signed".into(), Some("sig is not 43 base64url characters"))
    );
}

#[test]
fn a_signature_is_no_part_of_what_is_asked_for() {
    let engine = support::demo().signing_keys([key()]).build().unwrap();
    let open = demo();
    for query in ["wid=90&hei=50&fit=crop", "req=props", "req=map", "req=map&wid=400", "req=userdata", ""] {
        let target = format!("/is/image/demo/harbour?{query}");
        let (expected, again) = (open.serve(&target), open.serve(&key().sign(&target, Some(at(5_000_000_000)))));
        assert_eq!((expected.status, &again.body, again.etag), (200, &expected.body, expected.etag), "{target}");
        for end in [None, Some(at(4_000_000_001)), Some(at(5_000_000_000))] {
            let reply = engine.serve(&key().sign(&target, end));
            assert_eq!((reply.status, &reply.body, reply.etag), (200, &expected.body, expected.etag), "{target}");
        }
    }
    assert!(text(&engine.serve(&key().sign("/is/image", None))).contains("copyright="));
}

/// A link that ends is kept by no cache for longer, whatever else its reply promises.
#[test]
fn no_cache_keeps_a_reply_beyond_the_end_of_its_signature() {
    let engine = support::demo().cache_bytes(1 << 20).signing_keys([key()]).build().unwrap();
    let version = engine.versions("/is/image/demo/harbour").unwrap().image;
    for target in
        ["/is/image/demo/harbour?wid=90", "/is/image/demo/harbour?req=userdata", "/is/content/demo/pictures/ring.png"]
    {
        let link = |end: u64| format!("{}&id={version}", key().sign(target, Some(at(end))));
        for _ in 0..2 {
            let brief = engine.serve(&link(4_000_000_060)).cache_policy;
            let policy = brief.to_string();
            assert!(brief.seconds().is_none_or(|seconds| seconds <= 60) && !policy.contains("immutable"), "{policy}");
            let long = engine.serve(&link(5_000_000_000)).cache_policy;
            assert!(long.seconds().is_none_or(|seconds| seconds > 60), "{target}");
        }
    }
    let prepared =
        engine.prepare(&key().sign("/is/image/demo/harbour?wid=90", Some(at(4_000_000_060))), &Context::new());
    assert_eq!(prepared.cache_policy().to_string(), "public, max-age=60");
    assert_eq!(prepared.head().cache_policy.seconds(), Some(60));
}

/// The host need not sign what it asks of its own engine.
#[test]
fn the_host_needs_no_signature() {
    let engine = support::demo().signing_keys([key()]).presets_only(true).build().unwrap();
    for target in ["/is/image/demo/harbour?wid=90", "/is/content/demo/pictures/ring.png"] {
        assert!(engine.digest_ahead(target).unwrap().is_some(), "{target}");
        assert!(is_unsigned(&engine, target));
    }
}

/// What is remembered of a request is no way around the check.
#[test]
fn a_signature_is_checked_each_time() {
    let time = Arc::new(AtomicU64::new(4_000_000_000));
    let clock = Arc::clone(&time);
    let engine = support::demo().clock(move || at(clock.load(Ordering::SeqCst))).cache_bytes(1 << 20);
    let engine = engine.signing_keys([key()]).build().unwrap();
    let target = "/is/image/demo/harbour?wid=90";
    let link = RequestTarget::image("demo/harbour").set("wid", 90).expires(at(4_000_000_100)).sign(&key());
    let first = engine.serve(&link);
    assert_eq!(first.status, 200);
    let etag = first.etag.unwrap().to_string();
    let again = |target: &str| engine.prepare(target, &Context::new().if_none_match(&etag)).status();
    assert_eq!((again(&link), engine.serve(&link).body), (304, first.body));
    assert!(is_unsigned(&engine, target) && again(target) == 403);
    time.store(4_000_000_099, Ordering::SeqCst);
    assert_eq!(again(&link), 304);
    time.store(4_000_000_100, Ordering::SeqCst);
    assert!(is_unsigned(&engine, &link) && again(&link) == 403);
}

#[test]
fn keys_are_exchanged_while_requests_go_on() {
    let engine = demo();
    let target = "/is/image/demo/ring?wid=90";
    assert_eq!(engine.serve(target).status, 200);
    let (old, new) = (SigningKey::new([1; 16]).unwrap(), SigningKey::new([2; 16]).unwrap().id("new").unwrap());
    let clone = engine.clone();
    clone.set_signing_keys([old.clone()]).unwrap();
    assert!(is_unsigned(&engine, target));
    assert!(!is_unsigned(&engine, &old.sign(target, None)) && is_unsigned(&engine, &new.sign(target, None)));
    engine.set_signing_keys([old.clone(), new.clone()]).unwrap();
    assert!(!is_unsigned(&engine, &old.sign(target, None)) && !is_unsigned(&engine, &new.sign(target, None)));
    engine.set_signing_keys([new.clone()]).unwrap();
    assert!(is_unsigned(&engine, &old.sign(target, None)) && !is_unsigned(&engine, &new.sign(target, None)));
    for keys in [vec![], vec![old.clone(); 9]] {
        let error = engine.set_signing_keys(keys.clone()).unwrap_err();
        assert_eq!(error.to_string(), "signing keys: there must be 1 to 8 of them");
        assert_eq!(support::demo().signing_keys(keys).build().unwrap_err(), error);
    }
    assert!(is_unsigned(&engine, &old.sign(target, None)) && !is_unsigned(&engine, &new.sign(target, None)));
}

#[test]
fn links_are_locked_first_and_signed_last() {
    for lines in ["", "RequestLock=1", "RequestObfuscation=1", "RequestObfuscation=1\nRequestLock=1"] {
        let (_folder, builder) = support::demo_with(&[("demo.ini", lines)]);
        let engine = builder.id_policy(IdPolicy::Verify).signing_keys([key()]).build().unwrap();
        for query in ["", "?wid=200&fmt=png", "?req=targets", "?wid=90&id=old"] {
            let link = engine.versioned_link(&format!("/is/image/demo/harbour{query}")).unwrap();
            assert!(is_unsigned(&engine, &link), "{lines} {link}");
            let reply = engine.serve(&key().sign(&link, Some(at(5_000_000_000))));
            assert_eq!(reply.status, 200, "{lines} {link} {:?}", reply.error);
            assert!(reply.cache_policy.to_string().ends_with(", immutable"), "{lines} {link}");
            assert_eq!(engine.versions(&link).unwrap().image, engine.versions(&key().sign(&link, None)).unwrap().image);
        }
        let signed = RequestTarget::image("demo/harbour").set("wid", 90).sign(&key());
        let link = engine.versioned_link(&signed);
        if lines.is_empty() {
            let link = link.unwrap();
            assert!(link.starts_with("/is/image/demo/harbour?id=") && link.contains("&wid=90&"), "{link}");
            let reply = engine.serve(&link);
            assert!(reply.status == 200 && reply.cache_policy.to_string().ends_with(", immutable"), "{link}");
            assert_eq!(engine.versioned_link(&link).unwrap(), link);
            // A bracket that is open at the end of the query does not swallow the id.
            let odd = key().sign("/is/image/demo/harbour?$face=:-(&wid=90", None);
            assert_eq!(engine.serve(&engine.versioned_link(&odd).unwrap()).status, 200);
            let bare = RequestTarget::image("demo/harbour").sign(&key());
            assert_eq!(engine.serve(&engine.versioned_link(&bare).unwrap()).status, 200);
        } else {
            assert_eq!(link.unwrap_err().to_string(), "sig: has to be written after the lock", "{lines}");
        }
    }
}
