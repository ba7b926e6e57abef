//! Bodies and lifetimes of replies that are not pictures (`responses.md`).

#[allow(dead_code, reason = "used once the engine is wired to it")]
mod catalog_props;
mod error;
#[allow(dead_code, reason = "used once the engine is wired to it")]
mod field;
#[allow(dead_code, reason = "used once the engine is wired to it")]
mod image_props;
mod javascript;
mod json;
#[allow(dead_code, reason = "used once the engine is wired to it")]
mod lifetime;
#[allow(dead_code, reason = "used once the engine is wired to it")]
mod map;
mod property;
mod props;
#[allow(dead_code, reason = "used once the engine is wired to it")]
mod single;
#[allow(dead_code, reason = "used once the engine is wired to it")]
mod stamp;
mod style;
mod text;
mod xml;

#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use catalog_props::{CatalogProps, catalog_props};
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use error::error_message;
pub(crate) use error::{error_body, status};
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use field::{Content, FieldReply, image_set_body, targets_body, user_data_body};
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use image_props::{ImageProps, SourceMask, image_props};
pub use lifetime::Lifetime;
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use map::{Affine, Bounds, Layer, Map, Point, PointMap};
pub(crate) use property::Properties;
pub(crate) use props::{Rendition, props};
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use single::{banner, exists, loaded, saved, translated, valid, xmp_body};
pub(crate) use stamp::stamp;
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use stamp::time_stamp;
pub(crate) use style::Style;
#[allow(unused_imports, reason = "used once the engine is wired to it")]
pub(crate) use style::XML;
