//! Profiles from their bytes.

use crate::base::error::Result;

use super::icc::Icc;

#[cfg(feature = "icc")]
mod curves;
#[cfg(feature = "icc")]
mod table;
#[cfg(feature = "icc")]
mod text;
#[cfg(feature = "icc")]
mod values;

/// Reads a profile: its values, and what it calls itself.
///
/// # Errors
///
/// The profile is malformed, of a kind that pictures do not have, or exceeds a limit: 4 MiB, 4 Mi samples of tables of
/// colours, 65,536 points of a curve.
#[cfg(feature = "icc")]
pub(super) fn read(bytes: &[u8]) -> Result<(Icc, String)> {
    use super::kinds::Channels;

    let table = table::Table::read(bytes)?;
    let values = values::values(&table)?;
    let names: &[&[u8; 4]] = match table.channels {
        Channels::Gray => &[b"kTRC"],
        Channels::Rgb => &[b"rTRC", b"gTRC", b"bTRC"],
        Channels::Cmyk => &[],
    };
    let mut curves = vec![];
    for tag in names.iter().filter_map(|name| table.tag(name)) {
        curves.push(curves::curve(tag)?.0);
    }
    let icc = Icc {
        version: table.version,
        class: table.class,
        channels: table.channels,
        pcs: table.pcs,
        white: values.white,
        colorants: values.colorants,
        curves: if curves.len() == names.len() { curves } else { vec![] },
        to_pcs: values.to_pcs,
        from_pcs: values.from_pcs,
    };
    if icc.to_pcs.iter().all(Option::is_none) && !icc.has_curves() {
        return Err(table::malformed("the colour profile has neither tables nor curves"));
    }
    Ok((icc, text::description(&table)))
}

/// Refuses every profile.
///
/// # Errors
///
/// Always: the cargo feature is not there.
#[cfg(not(feature = "icc"))]
pub(super) fn read(_: &[u8]) -> Result<(Icc, String)> {
    use crate::base::error::{Error, ErrorKind};

    Err(Error::new(ErrorKind::Source, "colour profiles are not built in (feature icc)"))
}
