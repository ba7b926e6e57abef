//! Which macros a request can call, and which a macro can (`protocol.md` §1.5).

use super::small_tables::Macro;
use super::{Catalog, Catalogs};

/// A macro, as the caller of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MacroRef {
    /// It is one of the default catalog's.
    in_default: bool,
    /// Where it stands among those of its catalog.
    position: usize,
}

impl Catalogs {
    /// The macro of that name, which is in lower case: `catalog`'s, else the default catalog's.
    ///
    /// A macro reaches only those that stand before it in its own file, or any of the default
    /// catalog, unless it is one of those itself. So a macro never reaches itself, by whatever way, and expanding it comes to an end.
    pub(crate) fn find_macro<'a>(
        &'a self,
        catalog: &'a Catalog,
        caller: Option<MacroRef>,
        name: &str,
    ) -> Option<(MacroRef, &'a str)> {
        let own = !self.is_default(catalog) && !caller.is_some_and(|caller| caller.in_default);
        let tables = [(catalog, false), (self.default.as_ref(), true)];
        tables.into_iter().skip(usize::from(!own)).find_map(|(catalog, in_default)| {
            let before = caller.filter(|caller| caller.in_default == in_default).map(|caller| caller.position);
            let (position, found) = catalog.macros.find(name, before)?;
            Some((MacroRef { in_default, position }, found.definition.as_str()))
        })
    }

    /// Every macro that `catalog` can call, in an order that does not depend on how the files are sorted: its own by
    /// name, then the default catalog's by name. The flag says that it is the latter's.
    pub(crate) fn macros<'a>(&'a self, catalog: &'a Catalog) -> impl Iterator<Item = (bool, &'a Macro)> {
        let own = (!self.is_default(catalog)).then(|| catalog.macros.sorted()).into_iter().flatten();
        own.map(|one| (false, one)).chain(self.default.macros.sorted().map(|one| (true, one)))
    }
}
