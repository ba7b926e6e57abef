//! Everything outside the URL that a reply depends on, named and in canonical spelling.

use crate::catalog::{Record, Touches};

use super::Resolved;

impl Resolved {
    /// Visits the effective attributes of the main catalog and the fields of the record, in a fixed order, with
    /// the versions each is part of. Exempt ones are visited too: a list of them can be reviewed.
    ///
    /// The source's content is not among them; the engine adds its digest.
    pub(crate) fn closure(&self, visit: &mut dyn FnMut(&str, Touches, &str)) {
        self.object
            .main
            .attributes
            .each(&mut |name, touches, value| visit(&format!("attribute::{name}"), touches, value));
        // The Modifier counts in its canonical form.
        visit("catalog::Modifier", Touches::ImageAndMetadata, &self.modifier);
        let empty = Record::default();
        self.object
            .record
            .as_deref()
            .unwrap_or(&empty)
            .each(&mut |name, touches, value| visit(&format!("catalog::{name}"), touches, value));
    }
}
