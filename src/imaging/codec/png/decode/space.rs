//! The colour space that a file states (PNG, third edition, section 4.3): code points (`cICP`), else a profile (`iCCP`), else
//! sRGB (`sRGB`), else a gamma with primaries or without (`gAMA`, `cHRM`).
//!
//! Chunks in front of the pixels count, of each type the first that is sound: its check sum is right, and so is the length of
//! its data. What a chunk says counts as absent if it cannot be read or is not supported.

use crate::base::digest::Digest;
use crate::base::error::Result;
use crate::imaging::pixel::space::{Curve, Primaries, Space, Stated};

use crate::imaging::codec::metadata::cicp;
use crate::imaging::codec::metadata::icc::MAX_PROFILE;

use super::chunk::Chunk;

/// Bytes of the signature.
const SIGNATURE: usize = 8;

/// A profile that is packed as badly as can be takes no more than this beside its bytes; its name takes 79 of it.
const MOST_PACKING: usize = 1 << 16;

/// The embedded profile that [`Space::Icc`] means.
pub(in super::super) struct Profile<'a> {
    /// The name that it is embedded under, in ISO-8859-1.
    pub(in super::super) name: &'a [u8],
    /// `None`: it is longer than the limit of the caller.
    pub(in super::super) bytes: Option<Vec<u8>>,
}

/// The colour space of a file.
///
/// # Errors
///
/// The file is in a high dynamic range.
pub(super) fn space(bytes: &[u8]) -> Result<Space> {
    let chunks = Chunks::of(bytes);
    if let Some(space) = chunks.points.map(cicp::space).transpose()?.flatten() {
        return Ok(space);
    }
    Ok(match chunks.profile(MAX_PROFILE).and_then(|profile| profile.bytes) {
        Some(profile) => Space::Icc(Digest::of(&profile)),
        None if chunks.srgb => Space::Srgb,
        None => chunks.gamma.and_then(|gamma| of_gamma(gamma, chunks.primaries)).unwrap_or(Space::Unsaid),
    })
}

/// The embedded profile, if it decides the colour space. No more than `limit` bytes of it are unpacked.
pub(in super::super) fn profile(bytes: &[u8], limit: usize) -> Option<Profile<'_>> {
    let chunks = Chunks::of(bytes);
    let is_overruled = chunks.points.is_some_and(|points| cicp::space(points) != Ok(None));
    chunks.profile(limit.min(MAX_PROFILE)).filter(|_| !is_overruled)
}

/// The chunks that state a colour space.
#[derive(Default)]
struct Chunks<'a> {
    points: Option<[u8; 4]>,
    icc: Option<&'a [u8]>,
    srgb: bool,
    gamma: Option<u32>,
    primaries: Option<Primaries>,
}

impl<'a> Chunks<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let (mut found, mut at) = (Self::default(), SIGNATURE);
        while let Some(chunk) = Chunk::at(bytes, at).filter(|chunk| chunk.kind != *b"IDAT") {
            found.take(chunk);
            at += chunk.whole.len();
        }
        found
    }

    fn take(&mut self, chunk: Chunk<'a>) {
        let Chunk { kind, data, .. } = chunk;
        match &kind {
            b"cICP" if self.points.is_none() && chunk.is_sound() => self.points = data.try_into().ok(),
            b"iCCP" if self.icc.is_none() && data.len() <= MAX_PROFILE + MOST_PACKING && chunk.is_sound() => {
                self.icc = Some(data);
            }
            // The byte is the rendering intent of the picture.
            b"sRGB" if data.len() == 1 && chunk.is_sound() => self.srgb = true,
            b"gAMA" if self.gamma.is_none() && data.len() == 4 && chunk.is_sound() => {
                self.gamma = data.first_chunk().map(|gamma| u32::from_be_bytes(*gamma));
            }
            b"cHRM" if self.primaries.is_none() && data.len() == 32 && chunk.is_sound() => {
                self.primaries = primaries_of(data);
            }
            _ => {}
        }
    }

    /// Name, NUL, a byte of compression, compressed profile.
    fn profile(&self, limit: usize) -> Option<Profile<'a>> {
        let data = self.icc?;
        let (name, rest) = data.split_at_checked(data.iter().position(|&byte| byte == 0)?)?;
        let [0, 0, compressed @ ..] = rest else { return None };
        let bytes = match fdeflate::decompress_to_vec_bounded(compressed, limit) {
            Ok(bytes) if bytes.is_empty() => return None,
            Ok(bytes) => Some(bytes),
            Err(fdeflate::BoundedDecompressionError::OutputTooLarge { .. }) if limit < MAX_PROFILE => None,
            Err(_) => return None,
        };
        Some(Profile { name, bytes })
    }
}

/// White, red, green and blue, an x and a y of 32 bits each. `None`: they are not primaries around a white.
fn primaries_of(data: &[u8]) -> Option<Primaries> {
    let mut points = data.as_chunks::<8>().0.iter().map(|&[x3, x2, x1, x0, y3, y2, y1, y0]| {
        [u32::from_be_bytes([x3, x2, x1, x0]), u32::from_be_bytes([y3, y2, y1, y0])]
    });
    let primaries =
        Primaries { white: points.next()?, red: points.next()?, green: points.next()?, blue: points.next()? };
    is_sensible(&primaries).then_some(primaries)
}

/// Light of every point exists, and mixtures of red, green and blue make white.
fn is_sensible(Primaries { white, red, green, blue }: &Primaries) -> bool {
    let exists = |[x, y]: &[u32; 2]| *y > 0 && u64::from(*x) + u64::from(*y) <= UNIT;
    // Twice the area of a triangle, positive where its corners follow each other against the clock.
    let area = |a: &[u32; 2], b: &[u32; 2], c: &[u32; 2]| {
        let to = |p: &[u32; 2], axis: usize| i64::from(p[axis]) - i64::from(a[axis]);
        to(b, 0) * to(c, 1) - to(c, 0) * to(b, 1)
    };
    let sides = [(red, green), (green, blue), (blue, red)];
    let sign = area(red, green, blue).signum();
    [white, red, green, blue].into_iter().all(exists)
        && sign != 0
        && sides.into_iter().all(|(a, b)| area(a, b, white).signum() == sign)
}

/// 1 in chunks.
const UNIT: u64 = 100_000;
/// Exponents that files may have; others are nonsense. Display systems have 1 to 2.8.
const EXPONENTS: std::ops::RangeInclusive<u64> = UNIT / 10..=10 * UNIT;

/// Of a gamma: the exponent by which light becomes samples.
fn of_gamma(gamma: u32, primaries: Option<Primaries>) -> Option<Space> {
    // To the nearest.
    let exponent = (UNIT * UNIT + u64::from(gamma) / 2).checked_div(u64::from(gamma))?;
    let exponent = u32::try_from(exponent).ok().filter(|&exponent| EXPONENTS.contains(&u64::from(exponent)))?;
    if primaries.is_none() && is_customary(gamma) {
        return Some(Space::Srgb);
    }
    let curve = if u64::from(exponent) == UNIT { Curve::Linear } else { Curve::Power(exponent) };
    Some(Space::Stated(Stated { primaries: primaries.unwrap_or(Primaries::SRGB), curve }))
}

/// A gamma of 1/2.2, within five hundredths. Encoders write it for sRGB, whose curve no gamma gives. Chromium and libpng take
/// such pictures as they are. Where there are primaries too, those of sRGB even, Chromium takes the gamma at its word.
fn is_customary(gamma: u32) -> bool {
    (950_001..1_050_000).contains(&(22 * u64::from(gamma)))
}
