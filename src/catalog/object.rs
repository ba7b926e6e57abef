//! From the object of a request to a record or file (`catalog.md` §4).

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::request::ObjectPath;

use super::record::Record;
use super::{Catalog, Catalogs};

/// What a request's object resolves to.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// The catalog whose attributes the request works with.
    pub(crate) main: Arc<Catalog>,
    /// The catalog of the record, whose root, suffix and default lifetime apply to it; the main catalog for files.
    pub(crate) owner: Arc<Catalog>,
    pub(crate) record: Option<Arc<Record>>,
    /// The source file; `None` for a record without a path.
    pub(crate) file: Option<PathBuf>,
    /// The object as the caller wrote it, decoded.
    pub(crate) name: String,
}

impl Catalogs {
    /// The catalog a request works with: the one its first path element names, else the default catalog.
    pub(crate) fn main(&self, path: &ObjectPath) -> &Arc<Catalog> {
        let named = if path.in_default { None } else { path.elements.first() };
        named.and_then(|root_id| self.named.get(root_id)).unwrap_or(&self.default)
    }

    /// Resolves the object of a request path; `None` if the path names no object.
    ///
    /// # Errors
    ///
    /// A path that is not an id and may not be a file path.
    pub(crate) fn object(&self, path: &ObjectPath) -> Result<Option<Object>> {
        let main = self.main(path);
        let is_named = !Arc::ptr_eq(main, &self.default);
        let candidate = &path.elements[usize::from(is_named)..];
        if candidate.is_empty() {
            return Ok(None);
        }
        let (id, name) = (candidate.join("/"), path.text());
        for owner in [main, &self.default] {
            if let Some(record) = owner.records.find(&id) {
                return Ok(Some(self.of_record(main, owner, record, name)));
            }
        }
        if is_named && main.attributes.full_match {
            // The catalog is ignored entirely: the whole string is an id or a file of the default catalog.
            return match self.default.records.find(&name) {
                Some(record) => Ok(Some(self.of_record(&self.default, &self.default, record, name))),
                None => self.of_file(&self.default, &name.clone(), name).map(Some),
            };
        }
        self.of_file(main, &id, name).map(Some)
    }

    fn of_record(&self, main: &Arc<Catalog>, owner: &Arc<Catalog>, record: &Arc<Record>, name: String) -> Object {
        let file = (!record.path.is_empty()).then(|| self.physical(owner, &record.path));
        Object { main: Arc::clone(main), owner: Arc::clone(owner), record: Some(Arc::clone(record)), file, name }
    }

    fn of_file(&self, catalog: &Arc<Catalog>, path: &str, name: String) -> Result<Object> {
        if !path.split('/').all(is_plain_name) {
            return Err(Error::new(ErrorKind::Request, "is not a path below the catalog's root").at(&name));
        }
        let file = Some(self.physical(catalog, path));
        Ok(Object { main: Arc::clone(catalog), owner: Arc::clone(catalog), record: None, file, name })
    }

    /// Root, catalog root and path combined; an absolute part replaces those before it (`catalog.md` §4.4).
    fn physical(&self, catalog: &Catalog, path: &str) -> PathBuf {
        let has_suffix =
            path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).is_some_and(|(_, s)| !s.is_empty());
        let suffix = if has_suffix { "" } else { &catalog.attributes.default_ext };
        self.root.join(&catalog.attributes.root_path).join(format!("{path}{suffix}"))
    }
}

/// An element of a request's file path that names an entry of its folder and nothing else.
fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    !name.is_empty()
        && !name.bytes().all(|c| c == b'.')
        && !name.contains(['\\', '\0'])
        && matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_pass() {
        for name in ["a", "a.b", ".hidden", "..a", "a..", "ä b", "~", "-x", "%2e%2e"] {
            assert!(is_plain_name(name), "{name:?}");
        }
        for name in ["", ".", "..", "...", "a\\b", "..\\x", "\0", "a\0b", "/", "a/b", "/etc"] {
            assert!(!is_plain_name(name), "{name:?}");
        }
    }
}
