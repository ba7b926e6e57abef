//! Metadata in the chunks of a PNG file.
//!
//! The chunks are walked here and not by the `png` crate, which would have to unpack the pixels to reach texts behind
//! them.

use crate::base::error::Result;

use crate::imaging::codec::metadata::model::{IccInfo, Metadata, too_much_xmp, unusable_xmp};
use crate::imaging::codec::metadata::{exif, icc, resolution, said, xmp};

use super::decode::{Profile, profile};

/// The keyword under which an international text is an XMP packet.
const XMP: &[u8] = b"XML:com.adobe.xmp";

pub(super) fn read(bytes: &[u8], limit: usize) -> Metadata {
    let mut metadata = Metadata::default();
    let mut exif = None;
    for (kind, data) in chunks(bytes) {
        match kind {
            b"iTXt" if metadata.xmp == Ok(None) => metadata.xmp = packet(data, limit),
            b"pHYs" => metadata.milli_dpi = metadata.milli_dpi.or(per_metre(data)),
            b"eXIf" => exif = exif.or(Some(data)),
            _ => {}
        }
    }
    metadata.icc = profile(bytes, limit).map(described);
    metadata.milli_dpi = metadata.milli_dpi.or_else(|| exif.and_then(exif::milli_dpi));
    let packet = metadata.xmp.as_ref().ok().and_then(Option::as_deref);
    metadata.rights = said::rights(packet, None, exif);
    metadata
}

/// Type and data of each chunk after the signature, as far as the file is sound.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or(&[]);
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let (data, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        // A check sum of 4 bytes follows.
        rest = after.get(4..)?;
        Some((kind, data))
    })
}

/// Keyword, NUL, two bytes of compression, language, NUL, translated keyword, NUL, text.
fn packet(data: &[u8], limit: usize) -> Result<Option<String>> {
    let Some((XMP, rest)) = split_at_nul(data) else { return Ok(None) };
    let cut_off = || unusable_xmp("has XMP metadata that is cut off");
    let [compressed, _, rest @ ..] = rest else { return Err(cut_off()) };
    let (_, rest) = split_at_nul(rest).ok_or_else(cut_off)?;
    let (_, text) = split_at_nul(rest).ok_or_else(cut_off)?;
    let failed = |failure| match failure {
        Failure::TooLong => too_much_xmp(),
        Failure::Damaged => unusable_xmp("has XMP metadata that cannot be unpacked"),
    };
    match compressed {
        0 if text.len() > limit => Err(too_much_xmp()),
        0 => xmp::text(text).map(Some),
        _ => xmp::text(&inflated(text, limit).map_err(failed)?).map(Some),
    }
}

fn described(Profile { name, bytes }: Profile<'_>) -> IccInfo {
    let description = bytes.as_deref().and_then(icc::description);
    IccInfo { description: description.unwrap_or_else(|| icc::latin1(name)) }
}

/// Pixels per unit as 32-bit numbers, and the unit: 1 is the metre.
fn per_metre(data: &[u8]) -> Option<u32> {
    let number = u32::from_be_bytes(*data.first_chunk::<4>()?);
    resolution::of_metres(number).filter(|_| data.get(8) == Some(&1))
}

fn split_at_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|&byte| byte == 0)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[derive(Debug, Clone, Copy)]
enum Failure {
    TooLong,
    Damaged,
}

fn inflated(compressed: &[u8], limit: usize) -> std::result::Result<Vec<u8>, Failure> {
    fdeflate::decompress_to_vec_bounded(compressed, limit).map_err(|error| match error {
        fdeflate::BoundedDecompressionError::OutputTooLarge { .. } => Failure::TooLong,
        fdeflate::BoundedDecompressionError::DecompressionError { .. } => Failure::Damaged,
    })
}
