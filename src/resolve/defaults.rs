//! What the catalog says about views, for requests that say nothing.

use crate::catalog::{Attributes, Third, ThumbType};
use crate::geometry::SizeLimit;
use crate::request::{Align, Real};

/// Defaults and limits of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ViewDefaults {
    /// Largest reply.
    pub(crate) max: SizeLimit,
    /// Largest view when the request names no size.
    pub(crate) image: SizeLimit,
    /// Size of thumbnails; a side of 0 follows the picture's aspect.
    pub(crate) thumb: SizeLimit,
    pub(crate) thumb_style: ThumbStyle,
    pub(crate) thumb_align: Align,
}

/// How a picture meets the size of its thumbnail (`protocol.md` §3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThumbStyle {
    /// It covers it; what reaches beyond is cut off.
    Crop,
    /// It fits inside.
    Fit,
    /// It is scaled by the quotient of two resolutions, whatever the size.
    Texture { resolution: Real, source_resolution: Real },
}

impl ViewDefaults {
    pub(crate) const fn of(attributes: &Attributes) -> Self {
        Self {
            max: attributes.max_pix,
            image: attributes.default_pix,
            thumb: attributes.default_thumb_pix,
            thumb_style: match attributes.thumb_type {
                ThumbType::Crop => ThumbStyle::Crop,
                ThumbType::Fit => ThumbStyle::Fit,
                ThumbType::Texture => ThumbStyle::Texture {
                    resolution: attributes.thumb_res.0,
                    source_resolution: attributes.resolution.0,
                },
            },
            thumb_align: Align {
                horizontal: position(attributes.thumb_horiz_align),
                vertical: position(attributes.thumb_vert_align),
            },
        }
    }
}

const fn position(third: Third) -> Real {
    Real::from_int(match third {
        Third::Start => -1,
        Third::Middle => 0,
        Third::End => 1,
    })
}
