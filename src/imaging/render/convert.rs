//! Conversions between colour spaces, and the profiles that they take (`layers.md` §9).

use std::sync::{Arc, LazyLock};

use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::store::{Store, Weigh};
use crate::base::work::{Kind, count};
use crate::imaging::codec::{MAX_PROFILE, read_profile};
use crate::imaging::color::{Profile, Transform};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::picture::{AnyPicture, Picture};
use crate::imaging::pixel::color::Ink;
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Layout, Plane, Raster};
use crate::imaging::pixel::space::{BuiltIn, Channels, Space};
use crate::imaging::plan::{Conversion, SpaceRef};
use crate::imaging::scene::ProfileId;

use super::palette::Palette;
use super::tools::{Files, Tools};

/// What a space that a file says is good for.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Unusable,
    /// sRGB in effect, for pixels of these components.
    Srgb(Channels),
    /// Another space that pixels of these components are converted from.
    Other(Channels),
}

impl Weigh for Verdict {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of::<Digest>()
    }
}

impl Verdict {
    /// Remembered, or found out.
    fn of(profile: Option<&Profile>) -> Self {
        let Some(profile) = profile else { return Self::Unusable };
        if let Some(known) = VERDICTS.get(&profile.digest()) {
            return known;
        }
        let verdict = if !profile.is_source() {
            Self::Unusable
        } else if profile.is_srgb() {
            Self::Srgb(profile.channels())
        } else {
            Self::Other(profile.channels())
        };
        VERDICTS.insert(profile.digest(), verdict);
        verdict
    }
}

/// Bytes of verdicts that the process remembers: most files have one of a few profiles, and whether one is sRGB in effect takes
/// as long as a small picture.
const VERDICT_BYTES: u64 = 64 << 10;

static VERDICTS: LazyLock<Store<Digest, Verdict>> = LazyLock::new(|| Store::new(VERDICT_BYTES));

/// The header of a file, whose space counts only if it can be converted from, is for the components of the file, and is not
/// sRGB in effect.
pub(super) fn with_usable_space(header: Header, bytes: &[u8]) -> Header {
    let channels = Channels::of(header.layout.colors);
    let verdict = match header.space {
        Space::Icc(digest) => VERDICTS.get(&digest).unwrap_or_else(|| {
            let Some(bytes) = read_profile(bytes, MAX_PROFILE) else { return Verdict::Unusable };
            let verdict = Verdict::of(Profile::read(&bytes).ok().as_ref());
            // A file that changes meanwhile says nothing of the profile that its header means.
            if Digest::of(&bytes) == digest {
                VERDICTS.insert(digest, verdict);
            }
            verdict
        }),
        Space::Stated(stated) => Verdict::of(Profile::stated(&stated, channels == Some(Channels::Gray)).as_ref()),
        Space::Unsaid | Space::Srgb => return header,
    };
    let space = match verdict {
        Verdict::Srgb(of) if Some(of) == channels => Space::Srgb,
        Verdict::Other(of) if Some(of) == channels => header.space,
        _ => Space::Unsaid,
    };
    Header { space, ..header }
}

/// The profile of a space.
///
/// # Errors
///
/// The file that holds it is not what it was.
pub(super) fn profile_of(palette: Palette<'_>, files: &Files<'_>, space: SpaceRef) -> Result<Profile> {
    match space {
        SpaceRef::BuiltIn(BuiltIn::Srgb) => Ok(Profile::srgb()),
        SpaceRef::BuiltIn(BuiltIn::GraySrgb) => Ok(Profile::gray_srgb()),
        SpaceRef::BuiltIn(BuiltIn::Gray22) => Ok(Profile::gray22()),
        SpaceRef::Stated(stated, channels) => Profile::stated(&stated, channels == Channels::Gray)
            .ok_or_else(|| missing("states colours that no profile can")),
        SpaceRef::Embedded(input) => {
            let file = files.file(input)?;
            let known = match file.header.space {
                Space::Icc(digest) => palette.transforms.profile(&digest),
                _ => None,
            };
            if let Some(profile) = known {
                return Ok(profile);
            }
            let bytes = read_profile(file.bytes, MAX_PROFILE).ok_or_else(Error::changed)?;
            let profile = Profile::read(&bytes)?;
            palette.transforms.remember(&profile);
            Ok(profile)
        }
        SpaceRef::File(ProfileId(id)) => {
            let profile = palette.profiles.get(id).and_then(Option::as_ref);
            profile.cloned().ok_or_else(|| missing("names a profile that is not there"))
        }
    }
}

/// What carries a conversion out.
///
/// # Errors
///
/// As [`profile_of`]; or a profile lacks what the conversion takes.
pub(super) fn transform_of(palette: Palette<'_>, files: &Files<'_>, conversion: &Conversion) -> Result<Arc<Transform>> {
    let (from, to) = (profile_of(palette, files, conversion.from)?, profile_of(palette, files, conversion.to)?);
    palette.transforms.get(&from, &to, conversion.intent, conversion.black_point)
}

fn missing(what: &'static str) -> Error {
    Error::new(ErrorKind::Internal, what).at("plan")
}

/// Converts a picture, if it still has the components of the space that it is converted from. Colours that are converted are
/// true ones, in bytes.
///
/// # Errors
///
/// As [`transform_of`], or the work is to be given up.
pub(super) fn converted(
    tools: &Tools<'_>,
    files: &Files<'_>,
    picture: AnyPicture,
    conversion: Option<&Conversion>,
) -> Result<AnyPicture> {
    let Some(conversion) = conversion.filter(|conversion| applies(conversion, picture.layout())) else {
        return Ok(picture);
    };
    let transform = transform_of(tools.palette, files, conversion)?;
    let picture = match picture {
        AnyPicture::Wide(picture) if !picture.raster.layout().alpha => {
            let raster = through_wide(&transform, &picture.raster, conversion.to_channels, tools.cpu, tools.cancel)?;
            return Ok(AnyPicture::Bytes(picture.with_raster(raster, false)));
        }
        picture => picture.divided(tools.cancel)?,
    };
    let raster = through(&transform, picture.raster, conversion.to_channels, tools.cpu, tools.cancel)?;
    Ok(AnyPicture::Bytes(Picture { raster, premultiplied: false, ..picture }))
}

/// The picture still has the components of the space that it is converted from.
fn applies(conversion: &Conversion, layout: Layout) -> bool {
    usize::from(layout.colors) == conversion.channels.count()
}

/// The colours of a picture, which are not multiplied by alpha, in another space.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn through(
    transform: &Transform,
    picture: Raster,
    to: Channels,
    cpu: Cpu,
    cancel: Cancel<'_>,
) -> Result<Raster> {
    let (size, layout) = (picture.size(), picture.layout());
    count(Kind::Convert, size.area() as usize);
    let mut planes = picture.into_planes();
    let alpha = if layout.alpha { planes.pop() } else { None };
    let mut colors: Vec<Plane> = (0..to.count()).map(|_| Plane::filled(size, 0)).collect();
    for y in 0..size.height as usize {
        cancel.check()?;
        let mut rows = colors.iter_mut().map(|plane| plane.row_mut(y));
        let out = std::array::from_fn(|_| rows.next().unwrap_or_default());
        let from = std::array::from_fn(|plane| planes.get(plane).map_or(&[][..], |plane: &Plane| plane.row(y)));
        transform.row(cpu, from, out);
    }
    colors.extend(alpha);
    Ok(Raster::from_planes(colors, Layout { colors: to.count() as u8, alpha: layout.alpha }))
}

/// The same of samples of 16 bits, without alpha.
fn through_wide(
    transform: &Transform,
    picture: &Raster<u16>,
    to: Channels,
    cpu: Cpu,
    cancel: Cancel<'_>,
) -> Result<Raster> {
    let size = picture.size();
    count(Kind::Convert, size.area() as usize);
    let mut out = Raster::zeroed(size, Layout { colors: to.count() as u8, alpha: false });
    for y in 0..size.height as usize {
        cancel.check()?;
        let from = std::array::from_fn(|plane| picture.planes().get(plane).map_or(&[][..], |plane| plane.row(y)));
        let [a, b, c, d, _] = out.rows_mut(y);
        transform.row_wide(cpu, from, [a, b, c, d]);
    }
    Ok(out)
}

/// A colour in another space, to gray or RGB.
pub(super) fn converted_ink(transform: &Transform, ink: Ink) -> Ink {
    let from = match ink {
        Ink::Gray(gray) => [gray, 0, 0, 0],
        Ink::Rgb([red, green, blue]) => [red, green, blue, 0],
        Ink::Cmyk(inks) => inks,
    };
    let [red, green, blue, _] = transform.color(from);
    match transform.to() {
        Channels::Gray => Ink::Gray(red),
        Channels::Rgb | Channels::Cmyk => Ink::Rgb([red, green, blue]),
    }
}
