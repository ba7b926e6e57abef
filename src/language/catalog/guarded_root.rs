//! Roots of catalogs that do not supply everybody, and the files below them that are reached through other catalogs
//! (`catalog.md` §4.6).

use std::path::Path;
use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};

use super::catalogs::{Catalog, Catalogs, GuardedRoot};
use super::real_path::real_path;

impl Catalogs {
    /// The other catalogs with a guard that have a file, which `owner` supplies by its path below `base`: their roots hold
    /// it, and do not hold all of `base`.
    ///
    /// # Errors
    ///
    /// The file lies below the root of a catalog that cannot be used.
    pub(super) fn others_with(&self, owner: &Arc<Catalog>, base: &Path, file: &Path) -> Result<Vec<Arc<Catalog>>> {
        let mut others: Vec<Arc<Catalog>> = Vec::new();
        if self.guarded.is_empty() {
            return Ok(others);
        }
        let (base, file) = (real_path(base), real_path(file));
        for GuardedRoot { root, catalog } in &self.guarded {
            if !file.starts_with(root) || base.starts_with(root) {
                continue;
            }
            let Some(catalog) = catalog else {
                return Err(Error::new(ErrorKind::Missing, "belongs to a catalog that cannot be used"));
            };
            if !Arc::ptr_eq(catalog, owner) && others.iter().all(|known| !Arc::ptr_eq(known, catalog)) {
                others.push(Arc::clone(catalog));
            }
        }
        Ok(others)
    }
}
