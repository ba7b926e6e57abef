//! Which macros a request can call, and which a macro can (`protocol.md` §1.5).

use super::catalogs::{Catalog, Catalogs};
use super::macros::Macro;

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

#[cfg(test)]
mod tests {
    use super::super::tests::{folder, load};
    use super::*;

    fn catalogs(own: &str, default: &str) -> Catalogs {
        let with_header = |text: &str| format!("Name\tDefinition\n{text}");
        let folder = folder(&[
            ("default.ini", "MacroFile=d.txt"),
            ("d.txt", &with_header(default)),
            ("cat.ini", "RootId=cat\nMacroFile=m.txt"),
            ("m.txt", &with_header(own)),
            ("bare.ini", "RootId=bare"),
        ]);
        load(&folder).unwrap()
    }

    #[test]
    fn requests_find_the_catalogs_macro_then_the_default_ones() {
        let catalogs = catalogs("view\twid=1\nGLOW\topac=1\n", "view\twid=2\nall\thei=2\n");
        let find = |root_id: &str, name| {
            let catalog = catalogs.named.get(root_id).unwrap_or(&catalogs.default);
            catalogs.find_macro(catalog, None, name).map(|(_, definition)| definition)
        };
        assert_eq!(
            (find("cat", "view"), find("bare", "view"), find("", "view")),
            (Some("wid=1"), Some("wid=2"), Some("wid=2"))
        );
        assert_eq!((find("cat", "all"), find("cat", "none")), (Some("hei=2"), None));
        assert_eq!(find("cat", "glow"), Some("opac=1"));
        assert_eq!(find("", "glow"), Some("op_grow=2&op_blur=5&opac=75&color=255,255,190&blendMode=screen"));
        assert_eq!(find("cat", "shadow"), Some("pos=5,5&op_blur=5&opac=75&color=0,0,0&blendMode=mult"));
        let names: Vec<_> =
            catalogs.macros(catalogs.named.get("cat").unwrap()).map(|(of, one)| (of, one.name.as_str())).collect();
        assert_eq!(
            names,
            [(false, "glow"), (false, "view"), (true, "all"), (true, "glow"), (true, "shadow"), (true, "view")]
        );
        assert_eq!(catalogs.macros(&catalogs.default).count(), 4);
    }

    #[test]
    fn macros_reach_what_stands_before_them_or_in_the_default_catalog() {
        let catalogs = catalogs("a\t1\nb\t2\nlate\t3\n", "a\t4\nd\t5\nb\t6\nshadow\t7\n");
        let cat = catalogs.named.get("cat").unwrap();
        let from = |caller: &[&str], name: &str| {
            let caller = caller.iter().fold(None, |caller, name| {
                Some(catalogs.find_macro(cat, caller, name).unwrap_or_else(|| panic!("{name}")).0)
            });
            catalogs.find_macro(cat, caller, name).map(|(_, definition)| definition)
        };
        assert_eq!(from(&["b"], "a"), Some("1"));
        assert_eq!(from(&["a"], "b"), Some("6"), "the own one stands behind; the default catalog's is reached");
        assert_eq!(from(&["a"], "a"), Some("4"));
        assert_eq!(from(&["a"], "late"), None);
        assert_eq!(from(&["late", "a", "a"], "a"), None, "the default catalog's reaches neither itself nor the other");
        assert_eq!(from(&["d"], "b"), None);
        assert_eq!(from(&["d"], "a"), Some("4"));
        assert_eq!(from(&["d"], "shadow"), None, "replaced, so it stands where its definition does");
        assert_eq!(from(&["a"], "glow"), Some("op_grow=2&op_blur=5&opac=75&color=255,255,190&blendMode=screen"));
        // Callee after callee, every chain comes to an end.
        let names = ["a", "b", "late", "d", "shadow", "glow"];
        let mut reached = vec![None];
        for depth in 0..20 {
            let calls = reached.iter().flat_map(|caller| names.map(|name| catalogs.find_macro(cat, *caller, name)));
            reached = calls.flatten().map(|(callee, _)| Some(callee)).collect();
            assert!(depth < 9 || reached.is_empty());
        }
    }
}
