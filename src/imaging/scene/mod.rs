//! The scene: what a picture is made of, in plain typed values.
//!
//! A scene is the one value that the language wing and the imaging wing share. Every description of a picture (a request
//! and its catalog records, a caller of the direct API) becomes a [`Scene`]; the [plan](crate::imaging::plan) computes every
//! number of the reply from the scene and the headers of its files. A scene is immutable. It names its files by their
//! [`InputId`] alone and holds no path, no bytes and no size that only a file can tell.
//!
//! ```text
//! layer    content ─crop, scale─▶ box ─flip, rotate─▶ rectangle ─extend─▶ extended rectangle
//! scene    layers ─position, blend─▶ canvas ─operations, flip─▶ composite ─view─▶ reply ─output─▶ file
//! ```
//!
//! The first layer's extended rectangle is the canvas (`layers.md` §1.2). Lengths are in pixels unless a field says
//! otherwise.

mod color;
mod keep;
mod layer;
mod operation;
mod output;
mod view;

use std::sync::Arc;

use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::Color;
use crate::imaging::pixel::operation::MaskUse;

pub(crate) use color::{ColorRules, OutputSpace, ProfileId, ProfileRef};
pub use keep::Keep;
pub(crate) use layer::{Crop, Extend, Flip, LayerSize, Point};
pub(crate) use operation::{Adjustment, RadiusUnit, Usm};
pub(crate) use output::{Compression, FileFormat, Output, OutputFormat, PixelType, Qlt};
pub(crate) use view::{Align, Fit, FitMode, Frame, SizeCap, ThumbStyle, Tile, View};

/// A picture: its layers, what happens to their composite, which part of it is seen, and how that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scene {
    /// From the bottom up; at least one. The first spans the canvas.
    pub(crate) layers: Vec<Layer>,
    /// Operations on the composite, in the order in which they are carried out.
    pub(crate) operations: Vec<Adjustment>,
    /// Mirrors the composite.
    pub(crate) flip: Flip,
    /// Which part of the composite is seen, and how large.
    pub(crate) view: View,
    /// Which colour spaces the picture is converted between.
    pub(crate) colors: ColorRules,
    /// How the reply is written.
    pub(crate) output: Output,
}

/// One layer of a composite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    /// The pixels of the layer.
    pub(crate) content: Content,
    /// The profiles of a content that has none, the first that is for its components.
    pub(crate) profiles: Vec<ProfileRef>,
    /// The pixels of its mask: their alpha if they have one, else their brightness. The mask has the size of the content.
    pub(crate) mask: Option<Content>,
    /// How mask and content make the alpha of the layer.
    pub(crate) mask_use: MaskUse,
    /// The part of the content that is used; `None`: all of it.
    pub(crate) crop: Option<Crop>,
    /// The size of the box that the cropped content is scaled to.
    pub(crate) size: LayerSize,
    /// Operations on the scaled content, in the order in which they are carried out.
    pub(crate) operations: Vec<Adjustment>,
    /// Lies under the scaled content, within the box; `None`: nothing.
    pub(crate) color: Option<Color>,
    /// Mirrors the box.
    pub(crate) flip: Flip,
    /// Turns the mirrored box clockwise, in degrees: any number; whole turns change nothing.
    pub(crate) rotate: Decimal,
    /// Margins around the turned box's bounding rectangle; `None`: none.
    pub(crate) extend: Option<Extend>,
    /// Lies under everything else, within the extended rectangle; `None`: nothing.
    pub(crate) bg_color: Option<Color>,
    /// The point of the extended rectangle that lies at the position; `None`: its centre.
    pub(crate) origin: Option<Point>,
    /// Where the layer's origin lies, counted from the first layer's origin. The first layer ignores it.
    pub(crate) position: Point,
}

/// Where pixels come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A picture file.
    File(InputId),
    /// The view of another scene, in RGB with alpha: what the background would fill is transparent. Its
    /// [output](Scene::output) counts for nothing.
    #[cfg_attr(not(test), expect(dead_code, reason = "requests in brackets are refused so far"))]
    Scene(Arc<Scene>),
}

/// A file, by its place in the list of inputs that belongs to a scene. A scene and all scenes in it share one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InputId(pub(crate) usize);

impl Layer {
    /// The content as it is: neither masked nor cropped, scaled, turned, filled or moved.
    pub(crate) const fn of(content: Content) -> Self {
        Self {
            content,
            profiles: Vec::new(),
            mask: None,
            mask_use: MaskUse::Normal,
            crop: None,
            size: LayerSize::Natural,
            operations: Vec::new(),
            color: None,
            flip: Flip::NONE,
            rotate: Decimal::ZERO,
            extend: None,
            bg_color: None,
            origin: None,
            position: Point::Pixels([0, 0]),
        }
    }
}
