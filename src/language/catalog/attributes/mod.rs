//! Catalog attributes: one line each (`catalog.md` §11).
//!
//! Not among them are the references to data files and the RootId, which make up the catalog itself, and what §11.7
//! lists of single videos, which static records say.

mod access;
mod value;

use std::path::Path;

use crate::base::error::{Error, Result};
use crate::base::geom::SizeLimit;
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::Ink;
use crate::imaging::scene::{Keep, Qlt};

use super::attribute_file::Entry;
use super::locale_map::{LocaleMap, LocaleStrMap};
use super::text::error_at_line;
use super::time_stamp::TimeStamp;

pub(crate) use access::{Access, AllowDirectAccess, ClientAddressFilter, DefaultExt, RootUrl, SavePath};
pub(super) use value::CatalogValue;
pub use value::DamagedImages;
pub(crate) use value::{
    CacheValidationPolicy, ColorManagement, DefaultImageMode, Dpi, ErrorDetail, Hours, Ints, PngCompression, Positive,
    RenderIntent, RequestObfuscation, ResMode, Third, ThumbType, TrueFalse,
};

/// Which versions an attribute or record field is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touches {
    /// Neither: it is a path, an id or a lifetime, and the bytes of no reply depend on it as such.
    Nothing,
    /// `metadata.version`.
    Metadata,
    /// `image.version`.
    Image,
    /// Both: the geometry that maps and targets go through depends on it.
    ImageAndMetadata,
}

impl Touches {
    /// It is part of `image.version`.
    pub(crate) const fn image(self) -> bool {
        matches!(self, Self::Image | Self::ImageAndMetadata)
    }

    /// It is part of `metadata.version`.
    pub(crate) const fn metadata(self) -> bool {
        matches!(self, Self::Metadata | Self::ImageAndMetadata)
    }
}

/// Attributes that decide who may reach what, and where it lies. A malformed one is never skipped: what takes its place
/// could be open where the operator wrote a limit.
const GUARDS: [&str; 10] = [
    "RootPath",
    "StaticContentRootPath",
    "FullMatch",
    "SavePath",
    "AllowDirectUrls",
    "RootUrl",
    "AllowDirectAccess",
    "RequestObfuscation",
    "RequestLock",
    "ClientAddressFilter",
];

/// A malformed attribute, which counts as if it were absent.
#[derive(Debug, Clone)]
pub(super) struct Skipped {
    pub(super) name: &'static str,
    pub(super) error: Error,
}

/// Declares what an `.ini` file says and what is in effect after inheritance.
///
/// A line reads `slot: Type = "Name", inherit rule, fallback, versions`. The rule is `I` (absent or empty: the
/// default catalog's value), `U` (absent: the default catalog's; empty is a value of its own) or `N` (absent or empty:
/// the fallback; nothing is inherited).
macro_rules! attributes {
    ($($(#[$doc:meta])* $slot:ident: $type:ty = $name:literal, $rule:ident, $fallback:expr, $touches:ident;)+) => {
        /// What one attribute file defines.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Declared {
            $($slot: Option<$type>,)+
            skipped: Vec<Skipped>,
        }

        /// The attributes in effect for one catalog.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct Attributes {
            $($(#[$doc])* pub(crate) $slot: $type,)+
        }

        impl Declared {
            /// The names of all attributes.
            pub(super) const NAMES: &[&str] = &[$($name),+];

            /// Takes the entries it knows; the last of a name wins, unknown names are ignored, malformed entries are
            /// [skipped](Self::skipped).
            ///
            /// # Errors
            ///
            /// One of the [`GUARDS`] is malformed.
            pub(super) fn read(path: &Path, entries: &[Entry]) -> Result<Self> {
                let mut declared = Self::default();
                for entry in entries {
                    $(if entry.name.eq_ignore_ascii_case($name) {
                        match read_value(path, entry, $name, Rule::$rule) {
                            Ok(value) => declared.$slot = value,
                            Err(error) => declared.skip($name, error)?,
                        }
                    })+
                }
                Ok(declared)
            }

            /// What is in effect: the declared values, else the default catalog's, else the built-in ones.
            pub(super) fn over(&self, default: &Self) -> Attributes {
                Attributes {
                    $($slot: self.$slot.as_ref().or(Rule::$rule.of_default(&default.$slot)).cloned()
                        .unwrap_or_else(|| $fallback),)+
                }
            }
        }

        impl Attributes {
            /// Every attribute: name, versions it is part of, canonical value, and whether that is the built-in default.
            pub(crate) fn each(&self, visit: &mut dyn FnMut(&'static str, Touches, &str, bool)) {
                $({
                    let built_in: $type = $fallback;
                    visit($name, Touches::$touches, &CatalogValue::canonical(&self.$slot), self.$slot == built_in);
                })+
            }
        }
    };
}

impl Declared {
    /// The malformed attributes, with the first error of each.
    pub(super) fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    fn skip(&mut self, name: &'static str, error: Error) -> Result<()> {
        if GUARDS.contains(&name) {
            return Err(error);
        }
        if self.skipped.iter().all(|known| known.name != name) {
            self.skipped.push(Skipped { name, error });
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    I,
    U,
    N,
}

impl Rule {
    fn of_default<T>(self, default: &Option<T>) -> Option<&T> {
        default.as_ref().filter(|_| self != Self::N)
    }
}

fn read_value<T: CatalogValue>(path: &Path, entry: &Entry, name: &str, rule: Rule) -> Result<Option<T>> {
    if T::is_undefined(&entry.value) || entry.value.is_empty() && rule != Rule::U {
        return Ok(None);
    }
    let value = T::read(&entry.value);
    value.map(Some).ok_or_else(|| error_at_line(path, entry.line, name, "has a malformed value or one out of range"))
}

attributes! {
    // §11.1 Catalog management.
    /// Root of the sources; relative ones are below the engine's root.
    root_path: String = "RootPath", U, String::new(), Nothing;
    /// Root of static content.
    static_content_root_path: String = "StaticContentRootPath", U, String::new(), Nothing;
    /// File paths ignore this catalog: the whole path lies under the default catalog's root.
    full_match: bool = "FullMatch", I, false, Nothing;
    /// Where replies may be saved.
    save_path: SavePath = "SavePath", U, SavePath::default(), Nothing;
    /// The operator's note.
    publish_info: String = "PublishInfo", I, String::new(), Nothing;
    /// When stored replies are stale.
    cache_validation_policy: CacheValidationPolicy = "CacheValidationPolicy", I, CacheValidationPolicy::Expiration, Nothing;
    /// Replies say when they were last modified.
    use_last_modified: bool = "UseLastModified", I, false, Nothing;
    /// Missing bold and italic fonts are made up.
    synthesize_font_styles: bool = "SynthesizeFontStyles", I, false, ImageAndMetadata;
    /// Of invisible watermarks; not used.
    digimarc_id: Ints<5, 6> = "DigimarcId", I, Ints::default(), Image;

    // §11.2 Request attributes.
    /// Largest reply.
    max_pix: SizeLimit = "MaxPix", I, SizeLimit { width: 2000, height: 2000 }, ImageAndMetadata;
    /// Sources may be absolute URLs.
    allow_direct_urls: bool = "AllowDirectUrls", I, false, Nothing;
    /// What relative URLs of sources are relative to.
    root_url: RootUrl = "RootUrl", U, RootUrl::default(), Nothing;
    /// What may be reached by the path of its file.
    allow_direct_access: AllowDirectAccess = "AllowDirectAccess", U, AllowDirectAccess::EVERYTHING, Nothing;
    /// How modifiers are hidden. It decides what a request means, and so its reply.
    request_obfuscation: RequestObfuscation = "RequestObfuscation", I, RequestObfuscation::Off, ImageAndMetadata;
    /// Requests carry a lock.
    request_lock: bool = "RequestLock", I, false, Nothing;
    /// Record that is laid over images; empty: none.
    watermark: String = "Watermark", U, String::new(), Nothing;
    /// Record or file that is delivered for errors; empty: none.
    error_image: String = "ErrorImage", U, String::new(), Nothing;
    /// How much errors tell.
    error_detail: ErrorDetail = "ErrorDetail", I, ErrorDetail(0), Nothing;
    /// Lifetime of replies that show a default image.
    default_expiration: Hours = "DefaultExpiration", I, Hours(Decimal::from_int(1)), Nothing;
    /// Lifetime of property lists.
    non_img_expiration: Hours = "NonImgExpiration", I, Hours(Decimal::TENTH), Nothing;
    /// Variants of ids by locale. Which object an id leads to is in the closure by its content.
    locale_map: LocaleMap = "LocaleMap", I, LocaleMap::default(), Metadata;
    /// Variants of strings by locale.
    locale_str_map: LocaleStrMap = "LocaleStrMap", I, LocaleStrMap::default(), Metadata;
    /// What a default image stands in for.
    default_image_mode: DefaultImageMode = "DefaultImageMode", I, DefaultImageMode::Composite, ImageAndMetadata;
    /// What becomes of a picture whose file is damaged, an attribute of ours; `None`: the host decides.
    damaged_images: Option<DamagedImages> = "DamagedImages", I, None, Image;
    /// Clients that are served.
    client_address_filter: ClientAddressFilter = "ClientAddressFilter", I, ClientAddressFilter::everybody(), Nothing;
    /// Of a player that is gone; not used.
    trusted_domains: String = "TrustedDomains", U, String::new(), Nothing;

    // §11.3 Default request attributes.
    /// Suffix of source paths that have none.
    default_ext: DefaultExt = "DefaultExt", U, DefaultExt::tif(), Nothing;
    /// Font of texts that name none.
    default_font: String = "DefaultFont", I, String::new(), ImageAndMetadata;
    /// Record or file that stands in for missing images; empty: none.
    default_image: String = "DefaultImage", U, String::new(), Nothing;
    /// Metadata of the source that replies keep, an attribute of ours.
    keep_metadata: Keep = "KeepMetadata", I, Keep::NOTHING, Image;
    /// Largest reply when `wid`, `hei` and `scl` are all absent.
    default_pix: SizeLimit = "DefaultPix", I, SizeLimit { width: 400, height: 400 }, ImageAndMetadata;
    /// Size of thumbnails where `wid` or `hei` is absent.
    default_thumb_pix: SizeLimit = "DefaultThumbPix", I, SizeLimit { width: 100, height: 100 }, ImageAndMetadata;
    /// Background of images.
    bkg_color: Ink = "BkgColor", I, Ink::Rgb([255; 3]), Image;
    /// JPEG quality.
    jpeg_quality: Qlt = "JpegQuality", I, Qlt { quality: 80, full_chroma: false }, Image;
    /// How PNG replies are compressed, an attribute of ours.
    png_compression: PngCompression = "PngCompression", I, PngCompression::Fast, Image;
    /// Number of the resampling filter; see [`filter_of_res_mode`](crate::language::request::filter_of_res_mode).
    res_mode: ResMode = "ResMode", I, ResMode(4), Image;
    /// Default of `linear=`, an attribute of ours.
    linear_light: bool = "LinearLight", I, false, Image;
    /// Locale of requests that name none.
    default_locale: String = "DefaultLocale", I, String::new(), Metadata;
    /// Default of `bfc=`.
    bfc: TrueFalse = "Bfc", I, TrueFalse(false), Image;
    /// Default of `effectMask=`.
    apply_effect_mask: bool = "ApplyEffectMask", I, true, Image;

    // §11.4 Colour: names of profiles, or their paths under the root.
    /// Whether replies are in sRGB unless their space is named, an attribute of ours.
    color_management: ColorManagement = "ColorManagement", I, ColorManagement::Srgb, Image;
    /// Output profile of RGB.
    icc_profile_rgb: String = "IccProfileRgb", I, String::new(), Image;
    /// Output profile of gray.
    icc_profile_gray: String = "IccProfileGray", I, String::new(), Image;
    /// Output profile of CMYK.
    icc_profile_cmyk: String = "IccProfileCmyk", I, String::new(), Image;
    /// Profile of RGB sources that have none.
    icc_profile_src_rgb: String = "IccProfileSrcRgb", I, String::new(), Image;
    /// Profile of gray sources that have none.
    icc_profile_src_gray: String = "IccProfileSrcGray", I, String::new(), Image;
    /// Profile of CMYK sources that have none.
    icc_profile_src_cmyk: String = "IccProfileSrcCmyk", I, String::new(), Image;
    /// How profiles are applied.
    icc_render_intent: RenderIntent = "IccRenderIntent", I, RenderIntent::Relative, Image;
    /// Black is brought to black.
    icc_black_point_compensation: bool = "IccBlackPointCompensation", I, true, Image;
    /// Converted colours are dithered.
    icc_dither: bool = "IccDither", I, true, Image;

    // §11.5 Thumbnails.
    /// Background of thumbnails.
    thumb_bkg_color: Ink = "ThumbBkgColor", I, Ink::Rgb([255; 3]), Image;
    /// Where thumbnails lie, from left to right.
    thumb_horiz_align: Third = "ThumbHorizAlign", I, Third::Middle, ImageAndMetadata;
    /// Where thumbnails lie, from top to bottom.
    thumb_vert_align: Third = "ThumbVertAlign", I, Third::Middle, ImageAndMetadata;

    // §11.6 Field defaults.
    /// Lifetime of images.
    expiration: Hours = "Expiration", I, Hours(Decimal::from_int(10)), Nothing;
    /// Embedded in replies, in dots per inch.
    print_resolution: Dpi = "PrintResolution", I, Dpi(72), Image;
    /// Object resolution, any unit; only its ratio to `thumb_res` counts.
    resolution: Positive = "Resolution", I, Positive(Decimal::from_int(1)), ImageAndMetadata;
    /// Resolution of texture thumbnails.
    thumb_res: Positive = "ThumbRes", I, Positive(Decimal::from_int(1)), ImageAndMetadata;
    /// How thumbnails meet their size.
    thumb_type: ThumbType = "ThumbType", I, ThumbType::Fit, ImageAndMetadata;
    /// When the catalog was last changed; see [`Catalog::time_stamp`](super::Catalog::time_stamp).
    time_stamp: Option<TimeStamp> = "TimeStamp", N, None, Nothing;
    /// Of invisible watermarks; not used.
    digimarc_info: Ints<4, 4> = "DigimarcInfo", I, Ints::default(), Image;

    // §11.7 Video.
    /// Prefix of URLs for one kind of player.
    http_apple_streaming_context: String = "HttpAppleStreamingContext", I, String::new(), Nothing;
    /// Prefix of URLs for another kind of player.
    http_flash_streaming_context: String = "HttpFlashStreamingContext", I, String::new(), Nothing;
}

#[cfg(test)]
mod tests;
