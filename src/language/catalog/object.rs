//! From the names of objects to records and files (`catalog.md` §4, §6.1).

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::pixel::space::BuiltIn;
use crate::language::request::ObjectPath;

use super::attributes::Access;
use super::caller::Caller;
use super::catalogs::{Catalog, Catalogs, Tables};
use super::data_table::FromRow;
use super::effective_locale::effective_locale;
use super::names::is_plain_name;
use super::record::Record;
use super::time_stamp::TimeStamp;

/// What the name of an image resolves to.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// The catalog whose attributes the request works with.
    #[cfg_attr(not(test), expect(dead_code, reason = "callers know it; tests look at where a search ended"))]
    pub(crate) main: Arc<Catalog>,
    /// The catalog of the record or file, whose root, suffix and defaults of fields apply to it.
    pub(crate) owner: Arc<Catalog>,
    /// Other catalogs with a guard that have the file, if it was named by its path.
    others: Vec<Arc<Catalog>>,
    pub(crate) record: Option<Arc<Record>>,
    /// The source file; `None` for a record without a path.
    pub(crate) file: Option<PathBuf>,
    /// The file of the record's mask.
    pub(crate) mask_file: Option<PathBuf>,
    /// The object as the caller wrote it, decoded.
    pub(crate) name: String,
    /// The id of the record, after translation.
    pub(crate) id: Option<String>,
}

impl Object {
    /// The catalogs that supply it: their guards hold.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = &Catalog> {
        std::iter::once(&self.owner).chain(&self.others).map(AsRef::as_ref)
    }

    /// Time stamps of its catalog and of its record.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = TimeStamp> + use<> {
        let record = self.record.as_ref().map(|record| self.owner.time_stamp_of(record.time_stamp));
        [Some(self.owner.time_stamp()), record].into_iter().flatten()
    }
}

/// Where the search for a name ended. `R`: the kind of record.
pub(super) enum Found<R> {
    Record { owner: Arc<Catalog>, record: Arc<R>, id: String },
    File { owner: Arc<Catalog>, path: String },
}

/// How to look into a catalog for a kind of record.
pub(super) type Pick<R> = fn(&Catalog) -> &Tables<R>;

/// The one who names an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// A request: files may be barred to it.
    Request,
    /// An attribute, such as DefaultImage.
    Operator,
}

/// Where a colour profile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedProfile {
    BuiltIn(BuiltIn),
    File(PathBuf),
    /// That of the source, which the reply keeps.
    Source,
}

/// A colour profile, with the catalogs that supply it: their guards hold.
#[derive(Debug, Clone)]
pub(crate) struct SuppliedProfile {
    pub(crate) profile: NamedProfile,
    pub(crate) suppliers: Vec<Arc<Catalog>>,
}

/// The name of the source's own profile, a choice of ours.
const SOURCE: &str = "source";

/// Profiles that need no file, by their names. A map of a catalog may give these names to others.
const BUILT_IN: [(&str, BuiltIn); 3] =
    [("sRGB", BuiltIn::Srgb), ("sRGB IEC61966-2.1", BuiltIn::Srgb), ("Gray22", BuiltIn::Gray22)];

impl Catalogs {
    /// The catalog a request works with: the one its first path element names, else the default catalog.
    pub(crate) fn main(&self, path: &ObjectPath) -> &Arc<Catalog> {
        let named = if path.in_default { None } else { path.elements.first() };
        named.and_then(|root_id| self.named.get(root_id)).unwrap_or(&self.default)
    }

    /// Resolves the object of a request path; `None` if the path names no object. `locale` is the request's own.
    ///
    /// # Errors
    ///
    /// A path that is not an id and may not be a file path, or a locale that the catalog does not know; or a catalog that
    /// supplies the object refuses the caller.
    pub(crate) fn path_object(
        &self,
        path: &ObjectPath,
        locale: Option<&str>,
        caller: Caller,
    ) -> Result<Option<Object>> {
        check_question_marks(&path.elements, "image not found")?;
        let Some((main, found)) = self.find_by_path(path, locale, |catalog| &catalog.records)? else { return Ok(None) };
        let object = self.object(&main, found, path.text())?;
        check_suppliers(object.suppliers(), caller, object.record.is_none().then_some(Access::Is), &object.name)?;
        Ok(Some(object))
    }

    /// Resolves what `src=`, `mask=`, `template=` or `defaultImage=` names, or an attribute that names an image, for a
    /// request with that main catalog.
    ///
    /// A leading slash puts the default catalog in the main catalog's place.
    ///
    /// # Errors
    ///
    /// A text that is not an id and may not be a file path, or a locale that the catalog does not know; or a catalog that
    /// supplies the object refuses the caller.
    pub(crate) fn named_object(
        &self,
        main: &Arc<Catalog>,
        text: &str,
        locale: Option<&str>,
        by: NamedBy,
        caller: Caller,
    ) -> Result<Object> {
        check_question_marks(&[text], "image not found")?;
        let (start, rest) = text.strip_prefix('/').map_or((main, text), |rest| (&self.default, rest));
        let found = self.find_by_name(start, rest, locale)?;
        let object = self.object(main, found, text.to_owned())?;
        let is_barred_file = object.record.is_none() && by == NamedBy::Request;
        check_suppliers(object.suppliers(), caller, is_barred_file.then_some(Access::Is), &object.name)?;
        Ok(object)
    }

    /// The ids of an image that exist in `main` or in the default catalog: its own, then its variants in the order of
    /// the `LocaleMap`.
    ///
    /// # Errors
    ///
    /// An id exists in a catalog that refuses the caller.
    pub(crate) fn translations(&self, main: &Catalog, id: &str, caller: Caller) -> Result<Vec<String>> {
        let mut ids = main.attributes.locale_map.variants(id);
        let owner = |id: &String| [main, &self.default].into_iter().find(|owner| owner.records.contains(id));
        ids.retain(|id| owner(id).is_some());
        ids.iter().filter_map(owner).try_for_each(|owner| caller.check(owner))?;
        Ok(ids)
    }

    /// A colour profile: by its name in the maps of `main` and of the default catalog, else one that is built in, else a file
    /// by its path below the root. A leading slash puts the default catalog in the main catalog's place.
    ///
    /// # Errors
    ///
    /// A text that is not a name and may not be a path; or the catalog that supplies the profile refuses the caller.
    pub(crate) fn profile(
        &self,
        main: &Arc<Catalog>,
        text: &str,
        by: NamedBy,
        caller: Caller,
    ) -> Result<SuppliedProfile> {
        let (start, name) = text.strip_prefix('/').map_or((main, text), |rest| (&self.default, rest));
        let supplied = |profile, suppliers| Ok(SuppliedProfile { profile, suppliers });
        for owner in [start, &self.default] {
            if let Some(path) = owner.profiles.find(name) {
                if by == NamedBy::Request {
                    caller.check(owner)?;
                }
                return supplied(NamedProfile::File(self.root_of(owner).join(path)), vec![Arc::clone(owner)]);
            }
        }
        if let Some((_, built_in)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return supplied(NamedProfile::BuiltIn(*built_in), Vec::new());
        }
        if name == SOURCE {
            return supplied(NamedProfile::Source, Vec::new());
        }
        let root = self.root_of(start);
        let file = root.join(inner_path(name, text)?);
        if by == NamedBy::Operator {
            return supplied(NamedProfile::File(file), vec![Arc::clone(start)]);
        }
        let mut suppliers = self.others_with(start, &root, &file)?;
        suppliers.push(Arc::clone(start));
        check_suppliers(suppliers.iter().map(AsRef::as_ref), caller, Some(Access::Is), text)?;
        supplied(NamedProfile::File(file), suppliers)
    }

    /// §4.1, for a kind of record.
    pub(super) fn find_by_path<R: FromRow>(
        &self,
        path: &ObjectPath,
        locale: Option<&str>,
        pick: Pick<R>,
    ) -> Result<Option<(Arc<Catalog>, Found<R>)>> {
        let main = self.main(path);
        let is_named = !self.is_default(main);
        let candidate = path.elements.get(usize::from(is_named)..).unwrap_or_default();
        if candidate.iter().all(String::is_empty) {
            return Ok(None);
        }
        let id = candidate.join("/");
        let ids = candidates(main, locale, &id)?;
        if let Some(found) = [main, &self.default].into_iter().find_map(|owner| find(owner, &ids, pick)) {
            return Ok(Some((Arc::clone(main), found)));
        }
        if !(is_named && main.attributes.full_match) {
            return Ok(Some((Arc::clone(main), Found::File { owner: Arc::clone(main), path: id })));
        }
        // The catalog is ignored entirely: the whole string is an id or a file of the default catalog.
        let (main, id) = (&self.default, path.text());
        let found = find(main, &candidates(main, locale, &id)?, pick);
        let found = found.unwrap_or_else(|| Found::File { owner: Arc::clone(main), path: id });
        Ok(Some((Arc::clone(main), found)))
    }

    /// §4.2.
    fn find_by_name(&self, main: &Arc<Catalog>, text: &str, locale: Option<&str>) -> Result<Found<Record>> {
        let pick: Pick<Record> = |catalog| &catalog.records;
        let ids = candidates(main, locale, text)?;
        if let Some(found) = [main, &self.default].into_iter().find_map(|owner| find(owner, &ids, pick)) {
            return Ok(found);
        }
        if let Some((named, rest)) = text.split_once('/').and_then(|(id, rest)| Some((self.named.get(id)?, rest))) {
            if let Some(found) = find(named, &candidates(main, locale, rest)?, pick) {
                return Ok(found);
            }
            if !named.attributes.full_match {
                return Ok(Found::File { owner: Arc::clone(named), path: rest.to_owned() });
            }
        }
        let owner = if main.attributes.full_match { &self.default } else { main };
        Ok(Found::File { owner: Arc::clone(owner), path: text.to_owned() })
    }

    fn object(&self, main: &Arc<Catalog>, found: Found<Record>, name: String) -> Result<Object> {
        let main = Arc::clone(main);
        Ok(match found {
            Found::Record { owner, record, id } => {
                let of = |path: &str| (!path.is_empty()).then(|| self.image(&owner, path));
                let (file, mask_file) = (of(&record.path), of(&record.mask_path));
                let others = Vec::new();
                Object { main, owner, others, record: Some(record), file, mask_file, name, id: Some(id) }
            }
            Found::File { owner, path } => {
                let file = self.image(&owner, inner_path(&path, &name)?);
                let others = self.others_with(&owner, &self.root_of(&owner), &file);
                let others = others.map_err(|error| error.at(&name))?;
                Object { main, owner, others, record: None, file: Some(file), mask_file: None, name, id: None }
            }
        })
    }

    /// Root, catalog root and path combined; an absolute part replaces those before it (`catalog.md` §4.4).
    fn image(&self, owner: &Catalog, path: &str) -> PathBuf {
        let has_suffix =
            path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).is_some_and(|(_, s)| !s.is_empty());
        let suffix = if has_suffix { "" } else { owner.attributes.default_ext.as_str() };
        self.root_of(owner).join(format!("{path}{suffix}"))
    }

    fn root_of(&self, catalog: &Catalog) -> PathBuf {
        self.root.join(&catalog.attributes.root_path)
    }
}

/// The ids that an id may stand for in the request's locale, in the order in which they are tried.
fn candidates(main: &Catalog, locale: Option<&str>, id: &str) -> Result<Vec<String>> {
    let Some(locale) = effective_locale(&main.attributes, locale) else { return Ok(vec![id.to_owned()]) };
    let ids = main.attributes.locale_map.candidates(locale, id);
    ids.ok_or_else(|| Error::request("locale", "is not known to the catalog"))
}

fn find<R: FromRow>(owner: &Arc<Catalog>, ids: &[String], pick: Pick<R>) -> Option<Found<R>> {
    ids.iter().find_map(|id| {
        let record = pick(owner).find(id)?;
        Some(Found::Record { owner: Arc::clone(owner), record, id: id.clone() })
    })
}

/// A path of a request, if it stays below the root that it is relative to.
pub(super) fn inner_path<'a>(path: &'a str, name: &str) -> Result<&'a str> {
    if path.split('/').all(is_plain_name) {
        return Ok(path);
    }
    Err(Error::new(ErrorKind::Request, "is not a path below the catalog's root").at(name))
}

/// A name with a question mark finds nothing, encoded or not (`layers.md` §0, correction 19).
pub(super) fn check_question_marks(elements: &[impl AsRef<str>], what: &'static str) -> Result<()> {
    if !elements.iter().any(|element| element.as_ref().contains('?')) {
        return Ok(());
    }
    let name = elements.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("/");
    Err(Error::new(ErrorKind::Missing, what).at(&name))
}

/// Checks that every catalog that supplies an object supplies this caller. `file`: the object is a file of that kind that
/// was named by its path.
pub(super) fn check_suppliers<'a>(
    suppliers: impl Iterator<Item = &'a Catalog>,
    caller: Caller,
    file: Option<Access>,
    name: &str,
) -> Result<()> {
    for supplier in suppliers {
        caller.check(supplier)?;
        if file.is_some_and(|access| !supplier.attributes.allow_direct_access.allows(access)) {
            let what = "is not in the catalog, and files may not be named directly";
            return Err(Error::new(ErrorKind::Request, what).at(name));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "object_tests.rs"]
mod tests;
