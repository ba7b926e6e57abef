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
        // Naming every field makes the compiler ask about a new one. The Modifier counts in its canonical form.
        let empty = Record::default();
        let Record { id, path, modifier: _, expiration } = self.object.record.as_deref().unwrap_or(&empty);
        visit("catalog::Id", Touches::Nothing, id);
        visit("catalog::Path", Touches::Nothing, path);
        visit("catalog::Modifier", Touches::ImageAndMetadata, &self.modifier);
        let expiration = expiration.map(|hours| hours.0.to_string()).unwrap_or_default();
        visit("catalog::Expiration", Touches::Nothing, &expiration);
    }
}
