//! Metadata in the tags of the picture that is shown.

use crate::imaging::codec::metadata::model::{IccInfo, Metadata, too_much_xmp};
use crate::imaging::codec::metadata::{icc, photoshop, said, xmp};

use super::directory::Directory;
use super::page::shown;
use super::tags;

pub(super) fn read(bytes: &[u8], limit: usize) -> Metadata {
    let Ok(directory) = shown(bytes) else { return Metadata::default() };
    let value = |tag| directory.values(tag).map(|values| values.bytes()).filter(|bytes| !bytes.is_empty());
    let profile = value(tags::ICC).filter(|profile| profile.len() <= icc::MAX_PROFILE);
    let description = |profile: &[u8]| if profile.len() > limit { None } else { icc::description(profile) };
    let packet = value(tags::XMP).map_or(Ok(None), |packet| {
        if packet.len() > limit { Err(too_much_xmp()) } else { xmp::text(packet).map(Some) }
    });
    let resources = value(tags::PHOTOSHOP).filter(|resources| resources.len() <= limit);
    // The tags of artist and copyright are those that EXIF has of TIFF. Those of a BigTIFF are not read.
    let rights =
        said::rights(packet.as_ref().ok().and_then(Option::as_deref), resources.and_then(photoshop::iptc), Some(bytes));
    Metadata {
        xmp: packet,
        icc: profile.map(|profile| IccInfo { description: description(profile).unwrap_or_default() }),
        path_names: resources.map_or_else(Vec::new, photoshop::path_names),
        rights,
        milli_dpi: milli_dpi(&directory),
    }
}

/// The horizontal resolution in thousandths of a dot per inch, rounded.
fn milli_dpi(directory: &Directory<'_>) -> Option<u32> {
    let (numerator, denominator) = directory.values(tags::X_RESOLUTION)?.fraction(0)?;
    // Of an inch or of a centimetre; 1 is no unit.
    let thousandths = match directory.number(tags::RESOLUTION_UNIT).unwrap_or(2) {
        2 => 1000,
        3 => 2540,
        _ => return None,
    };
    let rounded = (numerator * thousandths + denominator / 2).checked_div(denominator)?;
    u32::try_from(rounded).ok().filter(|&milli| milli > 0)
}
