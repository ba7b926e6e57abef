//! The geometry of a scene: sizes and places of its layers and its view, computed from numbers alone.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::imaging::pixel::header::Header;
use crate::imaging::scene::{Content, InputId, Scene};

use super::layer::LayerGeometry;
use super::view::{Extent, ViewGeometry, view};

/// The headers of a scene's inputs, by [`InputId`]; `None`: the header is not known. A scene may not name such an input.
pub(crate) type Headers<'a> = &'a [Option<Header>];

/// Sizes and places.
#[derive(Debug, Clone)]
pub(super) struct Geometry {
    /// One for each layer of the scene.
    pub(super) layers: Vec<LayerGeometry>,
    pub(super) view: ViewGeometry,
}

impl Geometry {
    /// # Errors
    ///
    /// The reply is delivered and larger than the view allows, a side is longer than the engine computes with, margins
    /// leave nothing of a layer, or a layer lies too far away.
    pub(super) fn of(scene: &Scene, headers: Headers<'_>, extent: Extent) -> Result<Self> {
        let Some((bottom, above)) = scene.layers.split_first() else {
            return Err(Error::new(ErrorKind::Internal, "has no layers").at("scene"));
        };
        let source = upright(&bottom.content, headers)?;
        let first = LayerGeometry::first(source, bottom, &scene.view, scene.flip)?;
        let view = view(first.canvas, &scene.view, bottom.size, extent)?;
        let mut layers = vec![first];
        for layer in above {
            let source = upright(&layer.content, headers)?;
            layers.push(layers[0].above(bottom, source, layer, &scene.view)?);
        }
        Ok(Self { layers, view })
    }
}

/// Size of the upright content.
pub(super) fn upright(content: &Content, headers: Headers<'_>) -> Result<Size> {
    match content {
        Content::File(file) => Ok(header(*file, headers)?.size()),
        Content::Scene(scene) => Ok(Geometry::of(scene, headers, Extent::Delivered)?.view.reply.size()),
    }
}

/// The header of an input.
///
/// # Errors
///
/// The scene names an input that is not in the list.
pub(super) fn header<'a>(input: InputId, headers: Headers<'a>) -> Result<&'a Header> {
    let missing = || Error::new(ErrorKind::Internal, "names a file that is not there").at("scene");
    headers.get(input.0).and_then(Option::as_ref).ok_or_else(missing)
}
