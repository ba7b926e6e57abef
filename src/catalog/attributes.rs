//! Catalog attributes: one line each (`catalog.md` §11).

use std::path::Path;

use crate::color::Ink;
use crate::error::Result;
use crate::geometry::SizeLimit;
use crate::request::{Qlt, Real, Value, filter_of_res_mode, flag, parse_color, whole};

use super::attribute_file::Entry;
use super::text::error_at_line;

/// Which versions an attribute or record field is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touches {
    /// Neither: it is a path, an id or a lifetime, and the bytes of no reply depend on it as such.
    Nothing,
    /// `image.version`.
    Image,
    /// Both: the geometry that maps and targets go through depends on it.
    ImageAndMetadata,
}

/// The value of an attribute.
trait Attribute: Sized {
    fn read(text: &str) -> Option<Self>;
    /// One spelling per value, for the canonical hash.
    fn canonical(&self) -> String;
}

/// Declares what an `.ini` file says and what is in effect after inheritance.
///
/// A line reads `slot: Type = "Name", inherit rule, fallback, versions`. The rule is `I` (absent or empty: the
/// default catalog's value) or `U` (absent: the default catalog's; empty is a value of its own).
macro_rules! attributes {
    ($($(#[$doc:meta])* $slot:ident: $type:ty = $name:literal, $rule:ident, $fallback:expr, $touches:ident;)+) => {
        /// What one attribute file defines.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Declared {
            $($slot: Option<$type>,)+
        }

        /// The attributes in effect for one catalog.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct Attributes {
            $($(#[$doc])* pub(crate) $slot: $type,)+
        }

        impl Declared {
            /// Takes the entries it knows; the last of a name wins, unknown names are ignored.
            pub(super) fn read(path: &Path, entries: &[Entry]) -> Result<Self> {
                let mut declared = Self::default();
                for entry in entries {
                    $(if entry.name.eq_ignore_ascii_case($name) {
                        declared.$slot = if entry.value.is_empty() && Rule::$rule == Rule::I {
                            None
                        } else {
                            let value = <$type as Attribute>::read(&entry.value);
                            Some(value.ok_or_else(|| {
                                error_at_line(path, entry.line, $name, "has a malformed value or one out of range")
                            })?)
                        };
                    })+
                }
                Ok(declared)
            }

            /// What is in effect: the declared values, else the default catalog's, else the built-in ones.
            pub(super) fn over(&self, default: &Self) -> Attributes {
                Attributes {
                    $($slot: self.$slot.clone().or_else(|| default.$slot.clone()).unwrap_or_else(|| $fallback),)+
                }
            }
        }

        impl Attributes {
            /// Every attribute: name, versions it is part of, canonical value.
            pub(crate) fn each(&self, visit: &mut dyn FnMut(&'static str, Touches, &str)) {
                $(visit($name, Touches::$touches, &Attribute::canonical(&self.$slot));)+
            }
        }
    };
}

#[derive(PartialEq)]
enum Rule {
    I,
    U,
}

attributes! {
    /// Root of the sources; relative ones are below the engine's root.
    root_path: String = "RootPath", U, String::new(), Nothing;
    /// File paths ignore this catalog: the whole path lies under the default catalog's root.
    full_match: bool = "FullMatch", I, false, Nothing;
    /// Suffix of source paths that have none.
    default_ext: String = "DefaultExt", U, ".tif".to_owned(), Nothing;
    /// Largest reply when `wid`, `hei` and `scl` are all absent.
    default_pix: SizeLimit = "DefaultPix", I, SizeLimit { width: 400, height: 400 }, ImageAndMetadata;
    /// Size of thumbnails where `wid` or `hei` is absent.
    default_thumb_pix: SizeLimit = "DefaultThumbPix", I, SizeLimit { width: 100, height: 100 }, ImageAndMetadata;
    /// Largest reply.
    max_pix: SizeLimit = "MaxPix", I, SizeLimit { width: 2000, height: 2000 }, ImageAndMetadata;
    /// Background of images.
    bkg_color: Ink = "BkgColor", I, Ink::Rgb([255; 3]), Image;
    /// Background of thumbnails.
    thumb_bkg_color: Ink = "ThumbBkgColor", I, Ink::Rgb([255; 3]), Image;
    /// JPEG quality.
    jpeg_quality: Qlt = "JpegQuality", I, Qlt { quality: 80, full_chroma: false }, Image;
    /// Number of the resampling filter; see [`filter_of_res_mode`].
    res_mode: ResMode = "ResMode", I, ResMode(4), Image;
    /// Object resolution, any unit; only its ratio to `thumb_res` counts.
    resolution: Positive = "Resolution", I, Positive(Real::from_int(1)), ImageAndMetadata;
    /// Embedded in replies, in dots per inch.
    print_resolution: Dpi = "PrintResolution", I, Dpi(72), Image;
    /// How thumbnails meet their size.
    thumb_type: ThumbType = "ThumbType", I, ThumbType::Fit, ImageAndMetadata;
    /// Resolution of texture thumbnails.
    thumb_res: Positive = "ThumbRes", I, Positive(Real::from_int(1)), ImageAndMetadata;
    /// Where thumbnails lie, from left to right.
    thumb_horiz_align: Third = "ThumbHorizAlign", I, Third::Middle, ImageAndMetadata;
    /// Where thumbnails lie, from top to bottom.
    thumb_vert_align: Third = "ThumbVertAlign", I, Third::Middle, ImageAndMetadata;
    /// Lifetime of images.
    expiration: Hours = "Expiration", I, Hours(Real::from_int(10)), Nothing;
    /// Lifetime of property lists.
    non_img_expiration: Hours = "NonImgExpiration", I, Hours(Real::TENTH), Nothing;
}

/// The number of a filter that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResMode(pub(crate) i32);

/// A real number greater than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Positive(pub(crate) Real);

/// A print resolution: 1 to 65535 dots per inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dpi(pub(crate) u16);

/// A lifetime in hours: 0 or more, or −1 for ever (`catalog.md` §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours(pub(crate) Real);

/// Thumbnail styles (`protocol.md` §3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThumbType {
    Crop = 1,
    Fit = 2,
    Texture = 3,
}

/// A position along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Third {
    Start = 1,
    Middle = 2,
    End = 3,
}

impl Hours {
    pub(super) const FOREVER: Real = Real::from_int(-1);

    /// A lifetime; `None` for negative numbers other than −1, which count as not given.
    pub(super) fn new(hours: Real) -> Option<Self> {
        (hours >= Real::from_int(0) || hours == Self::FOREVER).then_some(Self(hours))
    }
}

impl Attribute for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn canonical(&self) -> String {
        self.clone()
    }
}

impl Attribute for bool {
    fn read(text: &str) -> Option<Self> {
        flag(text)
    }
    fn canonical(&self) -> String {
        u8::from(*self).to_string()
    }
}

impl Attribute for SizeLimit {
    fn read(text: &str) -> Option<Self> {
        let (width, height) = text.split_once(',')?;
        let side = |text| whole(text).and_then(|value| u32::try_from(value).ok());
        Some(Self { width: side(width)?, height: side(height)? })
    }
    fn canonical(&self) -> String {
        format!("{},{}", self.width, self.height)
    }
}

/// Colours of catalogs are packed hexadecimal RGB (`catalog.md` §5).
impl Attribute for Ink {
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        (digits.len() == 6).then(|| parse_color(digits))?.map(|color| color.ink)
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl Attribute for Qlt {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl Attribute for ResMode {
    fn read(text: &str) -> Option<Self> {
        whole(text).filter(|&number| filter_of_res_mode(number).is_some()).map(Self)
    }
    fn canonical(&self) -> String {
        filter_of_res_mode(self.0).map_or_else(String::new, |filter| filter.to_string())
    }
}

impl Attribute for Positive {
    fn read(text: &str) -> Option<Self> {
        Real::parse_with_exponent(text).filter(|value| value.billionths() > 0).map(Self)
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

impl Attribute for Dpi {
    fn read(text: &str) -> Option<Self> {
        whole(text).and_then(|value| u16::try_from(value).ok()).filter(|&value| value > 0).map(Self)
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

impl Attribute for Hours {
    fn read(text: &str) -> Option<Self> {
        Real::parse_with_exponent(text).and_then(Self::new)
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

impl Attribute for ThumbType {
    fn read(text: &str) -> Option<Self> {
        match whole(text)? {
            1 => Some(Self::Crop),
            2 => Some(Self::Fit),
            3 => Some(Self::Texture),
            _ => None,
        }
    }
    fn canonical(&self) -> String {
        (*self as u8).to_string()
    }
}

impl Attribute for Third {
    fn read(text: &str) -> Option<Self> {
        match whole(text)? {
            1 => Some(Self::Start),
            2 => Some(Self::Middle),
            3 => Some(Self::End),
            _ => None,
        }
    }
    fn canonical(&self) -> String {
        (*self as u8).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::attribute_file::entries;
    use super::*;

    fn declared(text: &str) -> Result<Declared> {
        Declared::read(Path::new("x/cat.ini"), &entries(text))
    }

    #[test]
    fn empty_values_inherit_by_rule_i_and_stand_by_rule_u() {
        let default = declared("DefaultExt=.jpg\nRootPath=all\nMaxPix=10,20\nResMode=2").unwrap();
        let own = declared("defaultext=\nMaxPix=\nResMode=3\nResMode=5").unwrap().over(&default);
        assert_eq!(own.default_ext, "");
        assert_eq!(own.root_path, "all");
        assert_eq!(own.max_pix, SizeLimit { width: 10, height: 20 });
        assert_eq!(own.res_mode, ResMode(5), "the last of a name wins");
        assert_eq!(own.jpeg_quality, Qlt { quality: 80, full_chroma: false }, "built in");
    }

    #[test]
    fn malformed_values_name_file_line_and_attribute() {
        for line in [
            "JpegQuality=0",
            "JpegQuality=101,1",
            "MaxPix=100",
            "MaxPix=-1,5",
            "BkgColor=white",
            "BkgColor=fff",
            "ResMode=9",
            "ThumbType=4",
            "ThumbHorizAlign=0",
            "Expiration=-3",
            "Resolution=0",
            "PrintResolution=0",
            "FullMatch=2",
        ] {
            let error = declared(&format!("# note\n{line}")).unwrap_err().to_string();
            let name = line.split('=').next().unwrap();
            assert_eq!(error, format!("cat.ini line 2: {name}: has a malformed value or one out of range"));
        }
    }

    #[test]
    fn canonical_values_do_not_depend_on_spelling() {
        let values = |text: &str| {
            let mut all = Vec::new();
            declared(text)
                .unwrap()
                .over(&Declared::default())
                .each(&mut |name, _, value| all.push((name, value.to_owned())));
            all
        };
        assert_eq!(
            values("BkgColor=0xFF8000\nExpiration=2.40e1\nMaxPix= 0100 , 5\nResMode=1\nJpegQuality=90,true"),
            values("BkgColor=ff8000\nExpiration=24\nMaxPix=100,5\nResMode=4\nJpegQuality=090,1"),
        );
    }

    /// A new attribute has to be argued into or out of the versions; this list is where that is seen.
    #[test]
    fn the_exempt_list_is_reviewed() {
        let (mut exempt, mut image_only) = (Vec::new(), Vec::new());
        Declared::default().over(&Declared::default()).each(&mut |name, touches, _| match touches {
            Touches::Nothing => exempt.push(name),
            Touches::Image => image_only.push(name),
            Touches::ImageAndMetadata => {}
        });
        assert_eq!(exempt, ["RootPath", "FullMatch", "DefaultExt", "Expiration", "NonImgExpiration"]);
        assert_eq!(image_only, ["BkgColor", "ThumbBkgColor", "JpegQuality", "ResMode", "PrintResolution"]);
    }
}
