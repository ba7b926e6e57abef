//! Bodies and lifetimes of replies that are not pictures (`responses.md`).

mod body;
mod cache_policy;
mod catalog_props;
mod error;
mod field;
mod image_props;
mod javascript;
mod json;
mod map;
mod property;
mod props;
mod single;
mod stamp;
mod style;
mod text;
mod xml;

pub use cache_policy::CachePolicy;
pub(crate) use cache_policy::Stale;
pub(crate) use catalog_props::catalog_props;
pub(crate) use error::error_message;
pub(crate) use error::{error_body, status};
pub(crate) use field::{FieldText, image_set_body, targets_body, user_data_body};
pub(crate) use image_props::{ImageFile, SourceMask, image_props};
pub(crate) use map::{Bounds, Map, MapLayer, MapPoint, PointMap};
pub(crate) use property::Properties;
pub(crate) use props::{Rendition, props};
pub(crate) use single::{banner, exists, loaded, saved, translated, valid, xmp_body};
pub(crate) use stamp::stamp;
pub(crate) use stamp::time_stamp;
pub(crate) use style::Style;
pub(crate) use style::XML;
