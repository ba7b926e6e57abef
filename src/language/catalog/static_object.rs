//! From the names of static content to records and files (`catalog.md` §4.4, §7.2).

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};
use crate::language::request::ObjectPath;

use super::attributes::Access;
use super::caller::Caller;
use super::catalogs::{Catalog, Catalogs};
use super::object::{Found, check_question_marks, check_suppliers, inner_path};
use super::static_record::StaticRecord;

/// What the path of a request for static content resolves to.
#[derive(Debug, Clone)]
pub(crate) struct StaticObject {
    /// The catalog of the record or file.
    pub(crate) owner: Arc<Catalog>,
    /// Other catalogs with a guard that have the file, if it was named by its path.
    others: Vec<Arc<Catalog>>,
    pub(crate) record: Option<Arc<StaticRecord>>,
    /// The file; `None` for a record without a path.
    pub(crate) file: Option<PathBuf>,
    /// The object as the caller wrote it, decoded.
    pub(crate) name: String,
    /// The id of the record, after translation.
    pub(crate) id: Option<String>,
}

impl StaticObject {
    /// The catalogs that supply it: their guards hold.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = &Catalog> {
        std::iter::once(&self.owner).chain(&self.others).map(AsRef::as_ref)
    }
}

impl Catalogs {
    /// Resolves the object of a request for static content; `None` if the path names no object.
    ///
    /// # Errors
    ///
    /// As for [`path_object`](Self::path_object).
    pub(crate) fn static_object(
        &self,
        path: &ObjectPath,
        locale: Option<&str>,
        caller: Caller,
    ) -> Result<Option<StaticObject>> {
        check_question_marks(&path.elements, "content not found")?;
        let Some((_, found)) = self.find_by_path(path, locale, |catalog| &catalog.statics)? else { return Ok(None) };
        let name = path.text();
        let missing = || Error::new(ErrorKind::Missing, "content not found").at(&name);
        let (owner, record, id, path) = match found {
            Found::Record { owner, record, id } => (owner, Some(record.clone()), Some(id), record.path.clone()),
            Found::File { owner, path } => (owner, None, None, inner_path(&path, &name)?.to_owned()),
        };
        caller.check(&owner)?;
        let root = owner.content_root(&self.root).ok_or_else(missing)?;
        let file = (!path.is_empty()).then(|| root.join(path));
        let mut others = Vec::new();
        if let Some(file) = &file {
            if record.is_none() {
                others = self.others_with(&owner, &root, file).map_err(|error| error.at(&name))?;
            }
            if self.is_own_file(file) {
                return Err(missing());
            }
        }
        let object = StaticObject { owner, others, record, file, name, id };
        check_suppliers(object.suppliers(), caller, object.record.is_none().then_some(Access::Static), &object.name)?;
        Ok(Some(object))
    }
}
