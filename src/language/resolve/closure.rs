//! Everything outside the URL that a reply depends on, named and in canonical spelling.

use crate::language::catalog::{Catalogs, Touches};

use super::Resolved;

impl Resolved {
    /// Visits, in a fixed order, what takes part in a picture with the versions each is part of: the effective attributes
    /// of the main catalog, the macros that the request can call, and of every record that takes part its fields and
    /// effective defaults. Exempt ones are visited too: a list of them can be reviewed. Attributes and fields at their
    /// built-in default are left out, so that a release that adds one changes no version.
    ///
    /// The content of files is not among them; the engine adds their digests.
    pub(crate) fn closure(&self, catalogs: &Catalogs, visit: &mut dyn FnMut(&str, Touches, &str)) {
        let both = Touches::ImageAndMetadata;
        self.main.attributes.each(&mut |name, touches, value, is_default| {
            if !is_default {
                visit(&format!("attribute::{name}"), touches, value);
            }
        });
        // The default of every field is the empty text.
        let mut field = |name: &str, touches, value: &str| {
            if !value.is_empty() {
                visit(name, touches, value);
            }
        };
        for (in_default, one) in catalogs.macros(&self.main) {
            let room = if in_default { "default" } else { "own" };
            field(&format!("macro::{room}::{}", one.name), both, &one.definition);
            field(&format!("macro::{room}::{} hides", one.name), both, &one.hidden);
        }
        for part in &self.parts {
            let role = part.role.name();
            // Marks where the fields of a part begin: parts may leave out different ones.
            field("part", both, role);
            if let Some(record) = &part.object.record {
                record.each(&mut |name, touches, value| field(&format!("{role}::{name}"), touches, value));
            }
            field(&format!("{role}::Modifier"), both, &part.modifier);
            field(&format!("{role}::PostModifier"), both, &part.post_modifier);
        }
        for (field, value) in &self.profile_names {
            visit(&format!("profile::{field}"), Touches::Image, value);
        }
        if let Some(object) = &self.object {
            // An empty path is another object than none.
            visit("variable::object", both, object);
        }
        if self.default_image.is_some() {
            // Composed by other rules than an object that is there, even if it is the same.
            visit("default image", Touches::Image, "1");
            // Of the default image's own catalog, which need not be the main one.
            visit("effective::ThumbType", Touches::Image, &(self.thumbs.kind as i32).to_string());
            visit("effective::ThumbRes", Touches::Image, &self.thumbs.resolution.to_string());
        }
        // Fields fall back to the attributes of the record's own catalog, which need not be the main one.
        let resolution = self.resolution.to_string();
        if resolution != "1" {
            visit("effective::Resolution", both, &resolution);
        }
    }
}
