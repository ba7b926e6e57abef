//! What a file says of the rights in its picture, wherever it says it.

use super::rights::Rights;
use super::{exif, iptc, xmp_rights};

/// The rights that are said in an XMP packet, in records of the IPTC, and in a block of EXIF that starts with its TIFF header.
///
/// Of each property XMP counts first, then the IPTC, then EXIF: only XMP is sure to be Unicode of any length, and it is the
/// kind that programs of today edit.
pub(in crate::imaging::codec) fn rights(packet: Option<&str>, records: Option<&[u8]>, tiff: Option<&[u8]>) -> Rights {
    let said = [packet.map(xmp_rights::rights), records.map(iptc::rights), tiff.map(exif::rights)];
    said.into_iter().flatten().fold(Rights::default(), Rights::or)
}
