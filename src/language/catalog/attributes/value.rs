//! Types of attribute values, most of which record fields have too (`catalog.md` §5).

use crate::base::geom::SizeLimit;
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::Ink;
use crate::imaging::pixel::space::Intent;
use crate::imaging::scene::{Keep, Qlt};
use crate::language::request::{Value, filter_of_res_mode, flag, parse_color, whole};

use super::super::locale_map::{LocaleMap, LocaleStrMap};
use super::super::time_stamp::TimeStamp;

/// The value of an attribute or of a record's field.
pub(in super::super) trait CatalogValue: Sized {
    /// `None` if malformed or out of range.
    fn read(text: &str) -> Option<Self>;

    /// A text that counts as if the attribute were not there.
    fn is_undefined(_text: &str) -> bool {
        false
    }

    /// One spelling per value, for the canonical hash.
    fn canonical(&self) -> String;
}

/// The number of a filter that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResMode(pub(crate) i32);

/// A real number greater than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Positive(pub(crate) Decimal);

/// A print resolution: 1 to 65535 dots per inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dpi(pub(crate) u16);

/// A lifetime in hours: 0 or more, or −1 for ever (`catalog.md` §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours(pub(crate) Decimal);

/// A switch that is written as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrueFalse(pub(crate) bool);

/// What becomes of a picture whose file is damaged, but can be decoded in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum DamagedImages {
    /// The request fails.
    Refuse,
    /// The reply shows what could be decoded.
    Show,
}

/// Whether replies are in sRGB unless their space is named (`layers.md` §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorManagement {
    /// They are, and so is what has no profile.
    Srgb,
    /// As the protocol says: the numbers of pixels are passed on where no space is named.
    Off,
}

/// How PNG replies without a palette are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PngCompression {
    /// In little time.
    Fast,
    /// In few bytes, as `fmt=png,,zip` says.
    Zip,
}

/// How much an error tells: 0 its title only, 2 what only operators should see, 3 all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ErrorDetail(pub(crate) u8);

/// Whole numbers, at least `MIN` and at most `MAX` of them, or none at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ints<const MIN: usize, const MAX: usize>(pub(crate) Vec<i32>);

/// Enumerations that catalogs write as numbers.
macro_rules! numbered {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$variant_doc])* $variant = $number,)+
        }

        impl CatalogValue for $name {
            fn read(text: &str) -> Option<Self> {
                match whole(text)? {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }
            fn canonical(&self) -> String {
                (*self as u8).to_string()
            }
        }
    )+};
}

numbered! {
    /// Thumbnail styles (`protocol.md` §3.6).
    ThumbType {
        Crop = 1,
        Fit = 2,
        Texture = 3,
    }

    /// A position along one axis.
    Third {
        Start = 1,
        Middle = 2,
        End = 3,
    }

    /// What makes stored replies stale (`catalog.md` §9.2).
    CacheValidationPolicy {
        /// The identity of the files, looked at on every use.
        Expiration = 0,
        /// A newer time stamp of the catalog.
        Catalog = 1,
    }

    /// How the modifiers of a request are hidden (`protocol.md` §1.10).
    RequestObfuscation {
        Off = 0,
        Base64 = 1,
    }

    /// What a default image stands in for.
    DefaultImageMode {
        /// The whole composite.
        Composite = 0,
        /// Each missing source of a layer.
        Layer = 1,
    }

    /// How colours outside of the output's range are brought into it.
    RenderIntent {
        Perceptual = 0,
        Relative = 1,
        Saturation = 2,
        Absolute = 3,
    }
}

impl Hours {
    /// What never expires.
    pub(crate) const FOREVER: Decimal = Decimal::from_int(-1);

    /// A lifetime; `None` for negative numbers other than −1, which count as not given.
    pub(in super::super) fn new(hours: Decimal) -> Option<Self> {
        (hours >= Decimal::from_int(0) || hours == Self::FOREVER).then_some(Self(hours))
    }
}

impl CatalogValue for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn canonical(&self) -> String {
        self.clone()
    }
}

/// A flag: anything but 0 and 1 counts as not defined.
impl CatalogValue for bool {
    fn read(text: &str) -> Option<Self> {
        Some(text == "1")
    }
    fn is_undefined(text: &str) -> bool {
        !matches!(text, "0" | "1")
    }
    fn canonical(&self) -> String {
        u8::from(*self).to_string()
    }
}

impl CatalogValue for TrueFalse {
    fn read(text: &str) -> Option<Self> {
        flag(text).map(Self)
    }
    fn canonical(&self) -> String {
        u8::from(self.0).to_string()
    }
}

impl CatalogValue for ErrorDetail {
    fn read(text: &str) -> Option<Self> {
        whole(text).and_then(|level| u8::try_from(level).ok()).filter(|&level| level <= 3).map(Self)
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

impl CatalogValue for SizeLimit {
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
impl CatalogValue for Ink {
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        (digits.len() == 6).then(|| parse_color(digits))?.map(|color| color.ink)
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl CatalogValue for Qlt {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl CatalogValue for ResMode {
    fn read(text: &str) -> Option<Self> {
        whole(text).filter(|&number| filter_of_res_mode(number).is_some()).map(Self)
    }
    fn canonical(&self) -> String {
        filter_of_res_mode(self.0).map_or_else(String::new, |filter| filter.to_string())
    }
}

impl CatalogValue for Positive {
    fn read(text: &str) -> Option<Self> {
        Decimal::parse_with_exponent(text).filter(|value| value.billionths() > 0).map(Self)
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

impl CatalogValue for Dpi {
    fn read(text: &str) -> Option<Self> {
        whole(text).and_then(|value| u16::try_from(value).ok()).filter(|&value| value > 0).map(Self)
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

impl CatalogValue for Hours {
    fn read(text: &str) -> Option<Self> {
        Decimal::parse_with_exponent(text).and_then(Self::new)
    }
    fn is_undefined(text: &str) -> bool {
        Decimal::parse_with_exponent(text).is_some_and(|hours| Self::new(hours).is_none())
    }
    fn canonical(&self) -> String {
        self.0.to_string()
    }
}

/// A malformed stamp is ignored (`catalog.md` §8).
impl CatalogValue for Option<TimeStamp> {
    fn read(text: &str) -> Option<Self> {
        TimeStamp::parse(text).map(Some)
    }
    fn is_undefined(text: &str) -> bool {
        TimeStamp::parse(text).is_none()
    }
    fn canonical(&self) -> String {
        self.map(|stamp| stamp.millis().to_string()).unwrap_or_default()
    }
}

/// Absent: the host decides.
impl CatalogValue for Option<DamagedImages> {
    fn read(text: &str) -> Option<Self> {
        let word = |word: &str| text.eq_ignore_ascii_case(word);
        if word("refuse") {
            Some(Some(DamagedImages::Refuse))
        } else {
            word("show").then_some(Some(DamagedImages::Show))
        }
    }
    fn canonical(&self) -> String {
        match self {
            None => String::new(),
            Some(DamagedImages::Refuse) => "refuse".to_owned(),
            Some(DamagedImages::Show) => "show".to_owned(),
        }
    }
}

impl CatalogValue for ColorManagement {
    fn read(text: &str) -> Option<Self> {
        let word = |word: &str| text.eq_ignore_ascii_case(word);
        if word("srgb") { Some(Self::Srgb) } else { word("off").then_some(Self::Off) }
    }
    fn canonical(&self) -> String {
        match self {
            Self::Srgb => "srgb".to_owned(),
            Self::Off => "off".to_owned(),
        }
    }
}

impl CatalogValue for PngCompression {
    fn read(text: &str) -> Option<Self> {
        let word = |word: &str| text.eq_ignore_ascii_case(word);
        if word("fast") { Some(Self::Fast) } else { word("zip").then_some(Self::Zip) }
    }
    fn canonical(&self) -> String {
        match self {
            Self::Fast => "fast".to_owned(),
            Self::Zip => "zip".to_owned(),
        }
    }
}

impl CatalogValue for Keep {
    fn read(text: &str) -> Option<Self> {
        Self::read(text)
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl RenderIntent {
    /// The same for the imaging wing.
    pub(crate) const fn intent(self) -> Intent {
        match self {
            Self::Perceptual => Intent::Perceptual,
            Self::Relative => Intent::Relative,
            Self::Saturation => Intent::Saturation,
            Self::Absolute => Intent::Absolute,
        }
    }
}

impl CatalogValue for LocaleMap {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl CatalogValue for LocaleStrMap {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl<const MIN: usize, const MAX: usize> CatalogValue for Ints<MIN, MAX> {
    fn read(text: &str) -> Option<Self> {
        let numbers: Vec<i32> = text.split(',').map(whole).collect::<Option<_>>()?;
        (MIN..=MAX).contains(&numbers.len()).then_some(Self(numbers))
    }
    fn canonical(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}
