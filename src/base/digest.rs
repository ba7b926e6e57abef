//! Content digests and the base-62 spelling of 128-bit values.

use std::fmt;
use std::str::FromStr;

use super::cancel::Cancel;
use super::error::Result;
use super::pool::Pool;

/// BLAKE3 of a source file's bytes; prints as 64 hexadecimal digits.
///
/// ```
/// let text = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
/// let digest: platemark::Digest = text.parse()?;
/// assert_eq!(digest.to_string(), text);
/// assert_eq!(platemark::Digest::from_bytes(*digest.as_bytes()), digest);
/// # Ok::<(), platemark::ParseDigestError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseDigestError;

impl fmt::Display for ParseDigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is 64 characters of 0-9a-f")
    }
}

impl std::error::Error for ParseDigestError {}

impl FromStr for Digest {
    type Err = ParseDigestError;

    /// Reads what a digest prints as; capital letters count as well.
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(ParseDigestError);
        }
        let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(ParseDigestError);
        let mut bytes = [0; 32];
        for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = (digit(high)? * 16 + digit(low)?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl Digest {
    /// The digest of `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The same with the help of idle threads, unless the work is to be given up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`](crate::base::error::ErrorKind::Stopped).
    pub(crate) fn of_while(bytes: &[u8], pool: &Pool, cancel: Cancel<'_>) -> Result<Self> {
        let mut digester = Digester::default();
        let piece = if pool.idle() > 1 { WIDE_PIECE } else { PIECE };
        cancel.each(bytes.chunks(piece), |piece| digester.update_with(piece, pool))?;
        Ok(digester.finish())
    }

    /// The digest with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Bytes that are digested at a time: about a millisecond.
const PIECE: usize = 1 << 20;

/// The same for several threads. Each time costs them some ten microseconds.
pub(crate) const WIDE_PIECE: usize = 8 << 20;

/// Makes the [`Digest`] of bytes that come piece by piece.
#[derive(Default)]
pub(crate) struct Digester(blake3::Hasher);

impl Digester {
    /// Makes digests that are those of no file: in the key-derivation mode of BLAKE3.
    pub(crate) fn derived(context: &str) -> Self {
        Self(blake3::Hasher::new_derive_key(context))
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The same, with the help of idle threads if the piece is long.
    #[cfg_attr(
        feature = "rayon",
        expect(clippy::disallowed_methods, reason = "it runs on the threads of the host's pool")
    )]
    pub(crate) fn update_with(&mut self, piece: &[u8], pool: &Pool) {
        #[cfg(feature = "rayon")]
        if piece.len() >= PIECE && pool.spread(|| _ = self.0.update_rayon(piece)).is_some() {
            return;
        }
        #[cfg(not(feature = "rayon"))]
        let _ = pool;
        self.update(piece);
    }

    pub(crate) fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

impl fmt::Display for Digest {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Characters of a 128-bit value in base 62: 62²² > 2¹²⁸ > 62²¹.
pub(crate) const BASE62_LEN: usize = 22;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A 128-bit value in base 62 (`0-9A-Za-z`), most significant digit first, zero padded to 22.
pub(crate) fn base62(value: u128) -> [u8; BASE62_LEN] {
    // Ten digits at a time are divided in words of 64 bits, which takes a fraction of the time.
    const TEN_DIGITS: u128 = 62u128.pow(10);
    let mut text = [b'0'; BASE62_LEN];
    let mut rest = value;
    for digits in text.rchunks_mut(10) {
        let mut part = (rest % TEN_DIGITS) as u64;
        rest /= TEN_DIGITS;
        for slot in digits.iter_mut().rev() {
            *slot = ALPHABET[(part % 62) as usize];
            part /= 62;
        }
    }
    text
}

/// The value that [`base62`] prints as `text`; `None` for anything that it never prints.
pub(crate) fn from_base62(text: &[u8]) -> Option<u128> {
    if text.len() != BASE62_LEN {
        return None;
    }
    text.iter().try_fold(0u128, |value, &c| {
        let digit = match c {
            b'0'..=b'9' => c - b'0',
            b'A'..=b'Z' => c - b'A' + 10,
            b'a'..=b'z' => c - b'a' + 36,
            _ => return None,
        };
        value.checked_mul(62)?.checked_add(u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::pooled;
    use proptest::prelude::*;

    #[test]
    fn base62_vectors() {
        assert_eq!(&base62(0), b"0000000000000000000000");
        assert_eq!(&base62(61), b"000000000000000000000z");
        assert_eq!(&base62(62), b"0000000000000000000010");
        assert_eq!(&base62(u128::MAX), b"7n42DGM5Tflk9n8mt7Fhc7");
        assert_eq!(from_base62(b"7n42DGM5Tflk9n8mt7Fhc8"), None, "one past the largest value");
        assert_eq!(from_base62(b"000000000000000000000-"), None);
        assert_eq!(from_base62(b"0"), None);
    }

    #[test]
    fn digest_prints_the_published_vector_of_the_empty_input() {
        assert_eq!(Digest::of(b"").to_string(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
    }

    #[test]
    fn texts_that_are_no_digests_are_refused() {
        let text = Digest::of(b"x").to_string();
        assert_eq!(text.to_uppercase().parse(), Ok(Digest::of(b"x")));
        let wrong =
            [&text[1..], &text[2..], &format!("{text}0"), &format!("{text}00"), &text.replace(&text[..1], "g"), ""];
        for text in wrong {
            assert_eq!(text.parse::<Digest>(), Err(ParseDigestError), "{text}");
        }
        assert_eq!(format!("é{}", &text[2..]).parse::<Digest>(), Err(ParseDigestError), "64 bytes, but no digits");
    }

    #[test]
    fn a_digest_made_in_pieces_is_the_same_or_given_up() {
        let bytes: Vec<u8> = (0..3 * PIECE + 7).map(|i| (i / 999) as u8).collect();
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, bytes.len()] {
            assert_eq!(Digest::of_while(&bytes[..len], &Pool::NONE, Cancel::ALWAYS), Ok(Digest::of(&bytes[..len])));
        }
        let asked = std::cell::Cell::new(0);
        let keep_going = || asked.replace(asked.get() + 1) < 2;
        assert!(Digest::of_while(&bytes, &Pool::NONE, Cancel::new(&keep_going)).is_err());
        assert_eq!(asked.get(), 3);
    }

    #[test]
    fn a_digest_made_by_several_threads_is_the_same_or_given_up() {
        let bytes: Vec<u8> = (0..2 * WIDE_PIECE + 7).map(|i| (i / 999) as u8).collect();
        for pool in [pooled(1), pooled(2), pooled(4)] {
            for len in [0, PIECE - 1, PIECE, PIECE + 1, WIDE_PIECE + 1, bytes.len()] {
                let (bytes, digest) = (&bytes[..len], Digest::of(&bytes[..len]));
                assert_eq!(Digest::of_while(bytes, &pool, Cancel::ALWAYS), Ok(digest));
            }
        }
        let asked = std::cell::Cell::new(0);
        let keep_going = || asked.replace(asked.get() + 1) < 2;
        assert!(Digest::of_while(&bytes, &pooled(2), Cancel::new(&keep_going)).is_err());
        assert_eq!(asked.get(), 3);
    }

    proptest! {
        #[test]
        fn digests_come_back_from_their_texts_and_bytes(a: [u8; 32], b: [u8; 32]) {
            let (a, b) = (Digest::from_bytes(a), Digest::from_bytes(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(Digest::from_bytes(*a.as_bytes()), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn base62_round_trips(value: u128) {
            prop_assert_eq!(from_base62(&base62(value)), Some(value));
            let digits = (0..22).map(|i| ALPHABET[(value / 62u128.pow(21 - i) % 62) as usize]);
            prop_assert!(digits.eq(base62(value)));
        }
    }
}
