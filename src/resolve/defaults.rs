//! What the catalog says about views, for requests that say nothing.

use crate::catalog::{Attributes, Object, Third, ThumbType};
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
    /// The source's object resolution, which `res=` is relative to.
    pub(crate) resolution: Real,
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
    /// The defaults of a request in a catalog with these attributes, for a source and its record.
    pub(crate) fn of(attributes: &Attributes, source: &Object) -> Self {
        let record = source.record.as_deref();
        let own_resolution = record.and_then(|record| record.resolution);
        let resolution = own_resolution.unwrap_or(source.owner.attributes.resolution);
        let thumb_res = record.and_then(|record| record.thumb_res).unwrap_or(attributes.thumb_res);
        let thumb_type = record.and_then(|record| record.thumb_type).unwrap_or(attributes.thumb_type);
        Self::new(attributes, resolution.0, thumb_type, thumb_res.0)
    }

    /// The defaults of a file in a catalog with these attributes.
    #[cfg(test)]
    pub(crate) fn of_attributes(attributes: &Attributes) -> Self {
        Self::new(attributes, attributes.resolution.0, attributes.thumb_type, attributes.thumb_res.0)
    }

    fn new(attributes: &Attributes, resolution: Real, thumb_type: ThumbType, thumb_res: Real) -> Self {
        Self {
            max: attributes.max_pix,
            image: attributes.default_pix,
            thumb: attributes.default_thumb_pix,
            thumb_style: match thumb_type {
                ThumbType::Crop => ThumbStyle::Crop,
                ThumbType::Fit => ThumbStyle::Fit,
                ThumbType::Texture => ThumbStyle::Texture { resolution: thumb_res, source_resolution: resolution },
            },
            thumb_align: Align {
                horizontal: position(attributes.thumb_horiz_align),
                vertical: position(attributes.thumb_vert_align),
            },
            resolution,
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
