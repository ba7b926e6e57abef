//! Catalogs.

use std::fmt::Write as _;

use crate::base::error::Error;
use crate::language::catalog::Catalogs;

/// The catalogs of a folder.
#[derive(Debug)]
pub struct CatalogFolder(Catalogs);

impl CatalogFolder {
    /// Reads a folder whose roots are relative to itself; `None` if it is refused.
    #[must_use]
    pub fn load(folder: &std::path::Path) -> Option<Self> {
        Self::read(folder).ok()
    }

    /// The same, with the reason.
    ///
    /// # Errors
    ///
    /// The folder is refused.
    pub fn read(folder: &std::path::Path) -> Result<Self, Error> {
        Catalogs::load(folder, folder).map(Self)
    }

    /// Everything that the catalogs say, and what was odd about their files.
    ///
    /// # Panics
    ///
    /// An id that is listed leads to no record or to that of another.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = String::new();
        // Writing to a string cannot fail.
        for catalog in self.0.iter() {
            let _ = writeln!(report, "catalog {:?} of {:?}", catalog.root_id, catalog.time_stamp());
            catalog.attributes.each(&mut |name, _, value, _| {
                let _ = writeln!(report, "{name}={value}");
            });
            let mut count = 0;
            for id in catalog.records.ids() {
                let record = catalog.records.find(&id);
                assert!(
                    catalog.records.contains(&id) && record.as_ref().is_some_and(|record| record.id == id),
                    "{id:?}"
                );
                let _ = writeln!(report, "{record:?}");
                count += 1;
            }
            assert!(count <= catalog.records.count());
            for id in catalog.statics.ids() {
                let record = catalog.statics.find(&id);
                assert!(
                    catalog.statics.contains(&id) && record.as_ref().is_some_and(|record| record.id == id),
                    "{id:?}"
                );
                let _ = writeln!(report, "{record:?}");
            }
        }
        for warning in &self.0.warnings {
            let _ = writeln!(report, "{warning}");
        }
        report
    }

    /// The length of the path of the record with this id in the default catalog.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.0.default_catalog().records.find(id).map(|record| record.path.len())
    }
}
