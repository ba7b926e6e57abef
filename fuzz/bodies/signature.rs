//! Checks arbitrary targets; none panics. A signed target stays valid when `id` is added, changed or removed. It
//! becomes invalid when any other byte changes.

use std::time::{Duration, SystemTime};

use platemark::SigningKey;
use platemark::internals::{is_signed, signed_part, unsigned};

use super::Numbers;

pub(super) fn run(input: &[u8]) {
    let mut numbers = Numbers(input);
    let (place, bit, options) = (usize::from(numbers.short()), numbers.byte() % 7, numbers.byte());
    let text = String::from_utf8_lossy(numbers.0);
    let target = if text.starts_with("/is/") { text.into_owned() } else { format!("/is/image/{text}") };
    let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let end = u64::from(options >> 2);
    let key = SigningKey::new(b"0123456789abcdef").unwrap();
    let key = if options & 1 > 0 { key.id("k1").unwrap() } else { key };
    let other = SigningKey::new(b"fedcba9876543210").unwrap();
    let keys = [other.clone(), key.clone()];
    // The target may already hold `sig`, `exp` or `kid`.
    let _ = is_signed(&keys, &target, at(0));

    let link = key.sign(&target, (options & 2 > 0).then(|| at(end)));
    let holds = |link: &str| is_signed(&keys, link, at(end.saturating_sub(1)));
    let over = options & 2 > 0 && end == 0;
    assert_eq!(holds(&link), !over, "{link}");
    assert!(!is_signed(&keys, &link, at(end)) || options & 2 == 0, "{link}");
    assert!(!is_signed(&[other], &link, at(0)), "{link}");
    // It changes nothing of what is asked for.
    assert_eq!(unsigned(&link), unsigned(&target));
    assert_eq!(key.sign(&link, (options & 2 > 0).then(|| at(end))), link);

    let mut flipped = link.clone().into_bytes();
    let place = place % flipped.len();
    flipped[place] ^= 1 << bit;
    if let Ok(flipped) = String::from_utf8(flipped) {
        let means_the_same = signed_part(&flipped) == signed_part(&link) && signature(&flipped) == signature(&link);
        assert!(means_the_same || !holds(&flipped), "{link}\n{flipped}");
    }
    let query = link.split_once('?').map_or("", |(_, query)| query);
    if !query.contains(['(', ')', '{', '}']) {
        assert_eq!(holds(&format!("{link}&id=x&ID=y")), !over, "{link}");
        let kept: Vec<&str> = query.split('&').filter(|piece| !is_id(piece)).collect();
        let path = &link[..link.len() - query.len() - 1];
        assert_eq!(holds(&format!("{path}?{}", kept.join("&"))), !over, "{link}");
        assert_eq!(holds(&format!("{path}?id=%zz&{}", kept.join("&"))), !over, "{link}");
    }
}

fn is_id(piece: &str) -> bool {
    piece.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("id"))
}

/// The values of all `sig=`.
fn signature(link: &str) -> Vec<&str> {
    let query = link.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').filter_map(|piece| piece.split_once('='));
    named.filter(|(name, _)| name.eq_ignore_ascii_case("sig")).map(|(_, value)| value).collect()
}
