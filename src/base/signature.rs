//! Signed request targets: HMAC-SHA-256 over a target, written into it as `sig=` (`docs/signing.md`).
//!
//! What is signed is the text of the target as it is sent, so that the check needs neither catalogs nor the meaning of a
//! command.

use std::fmt::{self, Write};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::error::{Error, ErrorKind, Result};

/// Base64url without padding: signatures, and the first spelling of keys.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Spellings of keys: either alphabet, with or without padding.
const SPELLINGS: [GeneralPurpose; 2] = {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [GeneralPurpose::new(&URL_SAFE, LENIENT), GeneralPurpose::new(&STANDARD, LENIENT)]
};

/// The shortest key, in bytes.
const MIN_KEY: usize = 16;
/// The longest id of a key, in characters.
const MAX_ID: usize = 16;
/// The most keys at a time.
const MAX_KEYS: usize = 8;
/// Bytes of a signature.
const SIGNATURE: usize = 32;

/// A secret that request targets are signed with, and perhaps an id that tells it from others.
///
/// As text it is `[id:]key`, the key in base64url or base64; a blank may stand for the colon.
///
/// ```
/// use platemark::{Engine, RequestTarget, SigningKey};
///
/// let key = SigningKey::new(b"0123456789abcdef")?.id("2026-01")?;
/// let engine = Engine::builder("assets/demo").signing_keys([key.clone()]).build()?;
/// let link = RequestTarget::image("demo/harbour").set("wid", 90).sign(&key);
/// assert_eq!(engine.serve(&link).status, 200);
/// assert_eq!(engine.serve(&link.replace("wid=90", "wid=91")).status, 403);
/// assert!("2026-01:MDEyMzQ1Njc4OWFiY2RlZg".parse::<SigningKey>().is_ok());
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    id: Option<Box<str>>,
    mac: Hmac<Sha256>,
}

impl SigningKey {
    /// A key of these bytes. They should be random; more than 64 add nothing.
    ///
    /// # Errors
    ///
    /// There are fewer than 16 bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> std::result::Result<Self, Error> {
        let refused = || Error::new(ErrorKind::Limit, "needs 16 bytes or more").at("signing key");
        let bytes = Some(bytes.as_ref()).filter(|bytes| bytes.len() >= MIN_KEY).ok_or_else(refused)?;
        Ok(Self { id: None, mac: Hmac::new_from_slice(bytes).map_err(|_| refused())? })
    }

    /// The same key with an id, which [`sign`](Self::sign) writes as `kid=`: 1 to 16 of `A-Z a-z 0-9 _ -`.
    ///
    /// # Errors
    ///
    /// The id is empty, too long, or has other characters.
    pub fn id(self, id: &str) -> std::result::Result<Self, Error> {
        if is_id(id) {
            return Ok(Self { id: Some(id.into()), ..self });
        }
        Err(Error::new(ErrorKind::Request, "needs an id of 1 to 16 letters, digits, _ or -").at("signing key"))
    }

    /// Signs a request target, path and query, as it is sent: locked or obfuscated where its catalog demands it. With
    /// `expires` the signature holds until that time, cut to seconds. `exp=`, `kid=` and `sig=` are written behind the
    /// query; those that are there already are taken out.
    #[must_use]
    pub fn sign(&self, target: &str, expires: Option<SystemTime>) -> String {
        let mut out = unsigned(target);
        // Writing to a string cannot fail.
        if let Some(expires) = expires {
            let _ = write!(out, "{}exp={}", separator(&out), unix(expires));
        }
        if let Some(id) = &self.id {
            let _ = write!(out, "{}kid={id}", separator(&out));
        }
        let mac = self.mac.clone().chain_update(Parts::of(&out).signed);
        let _ = write!(out, "{}sig={}", separator(&out), BASE64URL.encode(mac.finalize().into_bytes()));
        out
    }

    /// Whether this key made the signature. The check takes the same time for every signature.
    fn made(&self, signature: &[u8], signed: &str) -> bool {
        self.mac.clone().chain_update(signed).verify_slice(signature).is_ok()
    }
}

impl FromStr for SigningKey {
    type Err = Error;

    /// Reads `[id:]key` or `id key`, the key in base64url or base64, with or without padding. Errors do not repeat the text.
    fn from_str(text: &str) -> std::result::Result<Self, Error> {
        let (id, key) = text.split_once([':', ' ']).map_or((None, text), |(id, key)| (Some(id), key));
        let bytes = SPELLINGS.iter().find_map(|spelling| spelling.decode(key).ok());
        let bytes =
            bytes.ok_or_else(|| Error::new(ErrorKind::Request, "is not base64 or base64url").at("signing key"))?;
        let key = Self::new(bytes)?;
        id.map_or(Ok(key.clone()), |id| key.id(id))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The keys of a server.
pub(crate) struct SigningKeys(Vec<SigningKey>);

impl SigningKeys {
    /// # Errors
    ///
    /// There are no keys, or more than 8.
    pub(crate) fn new(keys: Vec<SigningKey>) -> Result<Self> {
        if (1..=MAX_KEYS).contains(&keys.len()) {
            return Ok(Self(keys));
        }
        Err(Error::new(ErrorKind::Limit, "there must be 1 to 8 of them").at("signing keys"))
    }

    /// Checks the signature of a target; gives the seconds until it ends, if it does.
    ///
    /// # Errors
    ///
    /// The target has no signature, the signature has expired, or none of these keys made it. The error has one text
    /// for all cases, so a forger learns nothing from it. The detail names the case.
    pub(crate) fn check(&self, target: &str, now: SystemTime) -> Result<Option<u64>> {
        self.verdict(&Parts::of(target), now)
            .map_err(|why| Error::request("request", "is not signed").with_detail(&why))
    }

    fn verdict(&self, parts: &Parts<'_>, now: SystemTime) -> std::result::Result<Option<u64>, &'static str> {
        let (sig, exp, kid) = (parts.sig.one()?, parts.exp.one()?, parts.kid.one()?);
        let mut signature = [0; SIGNATURE];
        let decoded = BASE64URL.decode_slice(sig.ok_or("sig is missing")?, &mut signature);
        if decoded != Ok(SIGNATURE) {
            return Err("sig is not 43 base64url characters");
        }
        if !kid.is_none_or(is_id) {
            return Err("kid is malformed");
        }
        let asked = |key: &&SigningKey| kid.is_none() || kid == key.id.as_deref();
        if !self.0.iter().any(|key| asked(&key)) {
            return Err("kid names no key");
        }
        // All that may have made it are tried, so that the time does not tell which of them did.
        // A signer may have kept a `?` behind which nothing is left: the target asks for the same.
        let with_mark = if parts.signed.contains('?') { parts.signed.clone() } else { format!("{}?", parts.signed) };
        let made = |key: &SigningKey| key.made(&signature, &parts.signed) | key.made(&signature, &with_mark);
        if !self.0.iter().filter(asked).fold(false, |found, key| found | made(key)) {
            return Err("sig is wrong");
        }
        let Some(exp) = exp else { return Ok(None) };
        let is_number = !exp.is_empty() && exp.bytes().all(|digit| digit.is_ascii_digit());
        match exp.parse::<u64>() {
            Ok(end) if is_number && unix(now) < end => Ok(Some(end - unix(now))),
            Ok(_) if is_number => Err("exp has passed"),
            _ => Err("exp is malformed"),
        }
    }
}

/// A target without `sig=`, `exp=` and `kid=`: what it asks for.
pub(crate) fn unsigned(target: &str) -> String {
    without(target, |name, _| matches!(name, Name::Sig | Name::Exp | Name::Kid))
}

/// A target without the `id=` that may be changed in a signed target.
pub(crate) fn without_id(target: &str) -> String {
    without(target, |name, in_brackets| name == Name::Id && !in_brackets)
}

/// What the signature of a target is computed over.
#[cfg(feature = "internals")]
pub(crate) fn signed_part(target: &str) -> String {
    Parts::of(target).signed
}

/// Whether the target has a `sig=`; its value is not checked.
pub(crate) fn is_signed(target: &str) -> bool {
    Parts::of(target).sig != Piece::None
}

/// What has a meaning of its own for signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Sig,
    Exp,
    Kid,
    Id,
    Other,
}

impl Name {
    fn of(piece: &str) -> Self {
        let name = piece.split_once('=').map_or(piece, |(name, _)| name);
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match () {
            () if is("sig") => Self::Sig,
            () if is("exp") => Self::Exp,
            () if is("kid") => Self::Kid,
            () if is("id") => Self::Id,
            () => Self::Other,
        }
    }
}

/// How often a piece stands in a query, and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Piece<'a> {
    #[default]
    None,
    One(&'a str),
    Several,
}

impl<'a> Piece<'a> {
    fn add(&mut self, piece: &'a str) {
        let value = piece.split_once('=').map_or("", |(_, value)| value);
        *self = if *self == Self::None { Self::One(value) } else { Self::Several };
    }

    fn one(self) -> std::result::Result<Option<&'a str>, &'static str> {
        match self {
            Self::None => Ok(None),
            Self::One(value) => Ok(Some(value)),
            Self::Several => Err("sig, exp or kid is given twice"),
        }
    }
}

/// A target as signatures see it.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'a> {
    /// What the signature is computed over.
    signed: String,
    sig: Piece<'a>,
    exp: Piece<'a>,
    kid: Piece<'a>,
}

impl<'a> Parts<'a> {
    fn of(target: &'a str) -> Self {
        let (mut sig, mut exp, mut kid) = (Piece::None, Piece::None, Piece::None);
        for piece in target.split_once('?').map_or("", |(_, query)| query).split('&') {
            match Name::of(piece) {
                Name::Sig => sig.add(piece),
                Name::Exp => exp.add(piece),
                Name::Kid => kid.add(piece),
                Name::Id | Name::Other => {}
            }
        }
        let signed = without(target, |name, in_brackets| match name {
            Name::Sig => true,
            Name::Id => !in_brackets,
            Name::Exp | Name::Kid | Name::Other => false,
        });
        Self { signed, sig, exp, kid }
    }
}

/// A target without some pieces of its query, which is split at each `&`, and without its `?` if nothing is left behind it.
/// `is_left_out` is told the name of a piece and whether it touches brackets.
fn without(target: &str, is_left_out: impl Fn(Name, bool) -> bool) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut out = String::with_capacity(target.len());
    out.push_str(path);
    let mut brackets = Brackets::default();
    let mut first = true;
    for piece in query.split('&') {
        // A piece that touches a bracket, or lies inside one, belongs to a nested request or a set. Leaving it out
        // would move the end of that request.
        let inside = brackets.are_open();
        let moved = brackets.pass(piece);
        if is_left_out(Name::of(piece), inside || moved) {
            continue;
        }
        out.push(if first { '?' } else { '&' });
        out.push_str(piece);
        first = false;
    }
    if out.len() == path.len() + 1 {
        out.truncate(path.len());
    }
    out
}

/// Brackets that are open, of both kinds. A nested request or set begins with one and ends with its match
/// (`protocol.md` §1.3), so inside of it the count of its kind is above 0.
#[derive(Default)]
struct Brackets {
    round: usize,
    curly: usize,
}

impl Brackets {
    const fn are_open(&self) -> bool {
        self.round > 0 || self.curly > 0
    }

    /// Reads a piece; says whether it has brackets.
    fn pass(&mut self, piece: &str) -> bool {
        let mut has = false;
        for byte in piece.bytes() {
            let count = if matches!(byte, b'(' | b')') { &mut self.round } else { &mut self.curly };
            match byte {
                b'(' | b'{' => *count += 1,
                b')' | b'}' => *count = count.saturating_sub(1),
                _ => continue,
            }
            has = true;
        }
        has
    }
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Whole seconds since 1970; 0 before.
fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn separator(target: &str) -> char {
    if target.contains('?') { '&' } else { '?' }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
