//! Catalogs: what the operator says about objects (`catalog.md`).
//!
//! A folder of attribute files (`*.ini`), one catalog each, `default.ini` among them, and the data files they
//! name. Loading makes an immutable [`Catalogs`]; a request works with the one it started with.

mod attribute_file;
mod attributes;
mod caller;
mod catalogs;
mod data_file;
mod data_table;
mod doubts;
mod effective_locale;
mod file_stamp;
mod guarded_root;
mod load;
mod locale_map;
mod localized_text;
mod macro_scope;
mod macros;
mod names;
mod object;
mod own_files;
mod real_path;
mod record;
mod reload;
mod remarks;
mod roster;
mod shelf;
mod static_object;
mod static_record;
mod text;
mod time_stamp;

pub use attributes::DamagedImages;
pub(crate) use attributes::{
    Attributes, ColorManagement, DefaultImageMode, Hours, PngCompression, RequestObfuscation, Third, ThumbType, Touches,
};
pub(crate) use caller::Caller;
pub(crate) use catalogs::{Catalog, Catalogs};
pub(crate) use doubts::Moment;
pub(crate) use effective_locale::effective_locale;
pub(crate) use load::Texts;
pub(crate) use locale_map::LocaleStrMap;
pub(crate) use localized_text::{localize_image_set, localize_map, localize_targets, localize_user_data};
pub(crate) use macro_scope::MacroRef;
pub(crate) use object::{NamedBy, NamedProfile, Object, SuppliedProfile};
pub(crate) use record::{Record, Stamp};
pub(crate) use reload::{Library, Reload};
pub(crate) use static_object::StaticObject;
pub(crate) use time_stamp::TimeStamp;

#[cfg(test)]
mod tests;

/// The attributes of a default catalog with this attribute file.
#[cfg(test)]
pub(crate) fn attributes_from(ini: &str) -> Attributes {
    let declared = attributes::Declared::read(std::path::Path::new("default.ini"), &attribute_file::entries(ini))
        .expect("legal attributes");
    assert!(declared.skipped().is_empty(), "{:?}", declared.skipped());
    declared.over(&declared)
}
