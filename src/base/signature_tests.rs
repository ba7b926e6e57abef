use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn key() -> SigningKey {
    SigningKey::new(b"0123456789abcdef").unwrap().id("k1").unwrap()
}

fn keys() -> SigningKeys {
    SigningKeys::new(vec![SigningKey::new(b"fedcba9876543210").unwrap(), key()]).unwrap()
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// What an operator is told of a target; `None` if it is signed.
fn why(target: &str, now: u64) -> Option<String> {
    let error = keys().check(target, at(now)).err()?;
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Request, "request: is not signed"), "{target}");
    Some(error.detail().unwrap().to_owned())
}

fn signed(target: &str) -> String {
    Parts::of(target).signed
}

#[test]
fn what_is_signed_is_the_target_without_sig_and_id() {
    for (target, expected) in [
        ("/is/image/a", "/is/image/a"),
        ("/is/image/a?", "/is/image/a"),
        ("/is/image/a?sig=x", "/is/image/a"),
        ("/is/image/a?id=1&SIG=x", "/is/image/a"),
        ("/is/image/a?&sig=x", "/is/image/a"),
        ("/is/image/a?&&sig=x", "/is/image/a?&"),
        ("/is/image/a?b&&Id=1&c=d?e&exp=5&kid=k&id&sig", "/is/image/a?b&&c=d?e&exp=5&kid=k"),
        ("/is/image/a?amp;id=1&$id=2&.id=3&ids=4&%69d=5&xid=6", "/is/image/a?amp;id=1&$id=2&.id=3&ids=4&%69d=5&xid=6"),
        ("/is/image/id=1&sig=2?wid=1", "/is/image/id=1&sig=2?wid=1"),
    ] {
        assert_eq!(signed(target), expected, "{target}");
    }
}

/// An `id` that opens, closes or lies in brackets could move the end of a nested request, and so change what is asked for.
#[test]
fn an_id_in_brackets_is_signed() {
    for target in ["?src=is(a?x&id=1)", "?src=is(a?b&id=1&c)", "?id=)&b", "?imageSet={a)&id=1&b}", "?b=(&id=1", "?id={"]
    {
        assert_eq!(signed(target), target);
    }
    assert_eq!(signed("?src=is(a?id=1&src=is(b))&id=2&mask=IS{c}&id=3"), "?src=is(a?id=1&src=is(b))&mask=IS{c}");
    let link = key().sign("/is/image/a?src=is(b?wid=10&hei=20)&wid=5", None);
    assert_eq!(why(&format!("{link}&id=1"), 0), None);
    assert_eq!(why(&link.replace("&hei", "&id=)&hei"), 0).as_deref(), Some("sig is wrong"));
}

#[test]
fn signatures_are_checked() {
    let link = key().sign("/is/image/a?wid=5", Some(at(1000)));
    assert_eq!(link, "/is/image/a?wid=5&exp=1000&kid=k1&sig=Sv62TeRS1abLa-o_oAygreLAAbPPbTqG0F4LsS0c_jA");
    assert_eq!(why(&link, 999), None);
    assert_eq!(why(&link, 1000).as_deref(), Some("exp has passed"));
    for (from, to, reason) in [
        ("wid=5", "wid=6", "sig is wrong"),
        ("exp=1000", "exp=2000", "sig is wrong"),
        ("/is/image/a", "/is/image/b", "sig is wrong"),
        ("kid=k1", "kid=k2", "kid names no key"),
        ("kid=k1", "kid=", "kid is malformed"),
        ("kid=k1", "kid=k1&KID=k1", "sig, exp or kid is given twice"),
        ("exp=1000", "exp=1000&exp=1000", "sig, exp or kid is given twice"),
        ("sig=", "sig=A&sig=", "sig, exp or kid is given twice"),
        ("sig=S", "sig=", "sig is not 43 base64url characters"),
        ("sig=", "sig=AAAA", "sig is not 43 base64url characters"),
        // The last character has two bits that mean nothing.
        ("c_jA", "c_jB", "sig is not 43 base64url characters"),
        ("c_jA", "c_jA=", "sig is not 43 base64url characters"),
        ("&sig=", "&gis=", "sig is missing"),
        ("&sig=", "&amp;sig=", "sig is missing"),
    ] {
        assert!(link.contains(from), "{from}");
        assert_eq!(why(&link.replace(from, to), 0).as_deref(), Some(reason), "{from} {to}");
    }
    // Signatures, unlike locks, stand anywhere; names are in any case.
    let (rest, sig) = link.rsplit_once("&sig=").unwrap();
    let (path, query) = rest.split_once('?').unwrap();
    assert_eq!(why(&format!("{path}?ID=3&SIG={sig}&{query}&id=4"), 0), None);
}

#[test]
fn an_end_is_a_whole_number() {
    for (exp, reason) in [
        ("", "exp is malformed"),
        ("+9", "exp is malformed"),
        ("9.5", "exp is malformed"),
        ("-1", "exp is malformed"),
        ("18446744073709551616", "exp is malformed"),
        ("0", "exp has passed"),
    ] {
        assert_eq!(why(&key().sign_text(&format!("/is/image/a?exp={exp}")), 0).as_deref(), Some(reason), "{exp}");
    }
    assert_eq!(why(&key().sign_text("/is/image/a?exp=18446744073709551615"), 5), None);
}

impl SigningKey {
    /// Signs a target as it is.
    fn sign_text(&self, target: &str) -> String {
        let mac = self.mac.clone().chain_update(signed(target));
        format!("{target}&sig={}", BASE64URL.encode(mac.finalize().into_bytes()))
    }
}

#[test]
fn without_a_kid_every_key_may_have_signed() {
    let anonymous = SigningKey::new(b"0123456789abcdef").unwrap();
    assert_eq!(why(&anonymous.sign("/is/image/a", None), 0), None);
    let first = SigningKey::new(b"fedcba9876543210").unwrap();
    assert_eq!(why(&first.sign("/is/image/a", None), 0), None);
    // That key has no such id here.
    assert_eq!(why(&first.id("k1").unwrap().sign("/is/image/a", None), 0).as_deref(), Some("sig is wrong"));
    let other = SigningKey::new([7; 16]).unwrap();
    assert_eq!(why(&other.sign("/is/image/a", None), 0).as_deref(), Some("sig is wrong"));
}

#[test]
fn keys_are_read_and_not_shown() {
    let text = |text: &str| text.parse::<SigningKey>().map_err(|error| error.to_string());
    let expected = key().sign("/is/image/a", None);
    for spelled in ["k1:MDEyMzQ1Njc4OWFiY2RlZg", "k1:MDEyMzQ1Njc4OWFiY2RlZg==", "k1 MDEyMzQ1Njc4OWFiY2RlZg"] {
        assert_eq!(text(spelled).unwrap().sign("/is/image/a", None), expected);
    }
    assert!(text("-_-_-_-_-_-_-_-_-_-_-_").is_err() && text("-_-_-_-_-_-_-_-_-_-_-w").is_ok());
    assert!(text("+/+/+/+/+/+/+/+/+/+/+w==").is_ok());
    for (spelled, reason) in [
        ("k1:MDEyMzQ1Njc4OWFiY2Rl", "signing key: needs 16 bytes or more"),
        ("", "signing key: needs 16 bytes or more"),
        ("k1:secret!", "signing key: is not base64 or base64url"),
        (":MDEyMzQ1Njc4OWFiY2RlZg", "signing key: needs an id of 1 to 16 letters, digits, _ or -"),
        ("a.b:MDEyMzQ1Njc4OWFiY2RlZg", "signing key: needs an id of 1 to 16 letters, digits, _ or -"),
        ("12345678901234567:MDEyMzQ1Njc4OWFiY2RlZg", "signing key: needs an id of 1 to 16 letters, digits, _ or -"),
    ] {
        assert_eq!(text(spelled).err().as_deref(), Some(reason), "{spelled}");
    }
    assert_eq!(format!("{:?}", key()), "SigningKey { id: Some(\"k1\"), .. }");
    let many = |count: usize| SigningKeys::new(vec![key(); count]).is_ok();
    assert_eq!([0, 1, 8, 9].map(many), [false, true, true, false]);
}

#[test]
fn what_is_signed_anew_has_one_signature() {
    let link = key().sign("/is/image/a?wid=5&sig=x&exp=1&kid=z&id=3", None);
    assert!(link.starts_with("/is/image/a?wid=5&id=3&kid=k1&sig="), "{link}");
    assert_eq!(key().sign(&link, None), link);
    assert_eq!(unsigned(&link), "/is/image/a?wid=5&id=3");
    assert_eq!(unsigned("/is/image/a?exp=5"), "/is/image/a");
    assert_eq!(without_id(&link).replace("&kid", "&id=3&kid"), link);
}

proptest! {
    #[test]
    fn whatever_is_signed_holds_until_a_byte_changes(
        target in "/is/image/[a-z?&=();{}%]{0,20}(\\?[a-z0-9?&=();{}%.$é]{0,30})?",
        at_byte in 0usize..200,
    ) {
        let link = key().sign(&target, None);
        prop_assert_eq!(why(&link, 0), None);
        let at_byte = at_byte % link.len();
        if link.as_bytes()[at_byte].is_ascii_lowercase() {
            let mut changed = link.clone().into_bytes();
            changed[at_byte] ^= 2;
            let changed = String::from_utf8(changed).unwrap();
            // What is left out may change.
            prop_assert!(why(&changed, 0).is_some() || signed(&changed) == signed(&link));
        }
    }
}

/// A signer may keep the `?` of a target whose query holds nothing else.
#[test]
fn an_empty_query_is_signed_with_its_mark_and_without_it() {
    let key = SigningKey::new([7; 16]).unwrap();
    let keys = SigningKeys::new(vec![key.clone()]).unwrap();
    for signed in ["/is/image/a", "/is/image/a?"] {
        let mac = key.mac.clone().chain_update(signed).finalize().into_bytes();
        let target = |query: &str| format!("/is/image/a?{query}sig={}", BASE64URL.encode(mac));
        for query in ["", "id=5&"] {
            assert_eq!(keys.check(&target(query), UNIX_EPOCH), Ok(None), "{signed} {query}");
        }
        assert!(keys.check(&target("wid=5&"), UNIX_EPOCH).is_err());
    }
}
