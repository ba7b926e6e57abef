//! The house: which room may import which, and where unsafe code may stand.
//!
//! The sources are parsed, so that `super::`, nested `use` and paths inside expressions and macros count.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ItemMod, ItemUse, UseTree};

/// Rooms that anybody may import and that import only each other.
const FLOOR: [&str; 14] = [
    "color",
    "digest",
    "error",
    "facts",
    "geometry",
    "limits",
    "math",
    "observe",
    "operation",
    "raster",
    "rotation",
    "threads",
    "version",
    "watch",
];

/// What each room above the floor may import besides the floor and itself.
const ROOMS: [(&str, &[&str]); 15] = [
    // The language wing: text to numbers; touches no pixel.
    ("request", &[]),
    ("catalog", &["request"]),
    ("resolve", &["request", "catalog"]),
    ("plan", &["request", "resolve"]),
    ("reply", &["request", "catalog", "resolve", "plan"]),
    // The pixel wing: bytes and numbers to bytes; knows no request.
    ("source", &[]),
    ("kernel", &[]),
    ("decode", &["kernel"]),
    ("encode", &["kernel"]),
    // The way in, for those who write requests.
    ("target", &[]),
    // The roof.
    ("cache", &[]),
    ("engine", &["request", "catalog", "resolve", "plan", "reply", "source", "kernel", "decode", "encode", "cache"]),
    ("http", &["engine"]),
    ("service", &["engine", "http"]),
    // A back door for benches and fuzz targets, shut by default.
    ("internals", &["request", "catalog", "source", "kernel", "decode", "encode"]),
];

/// Files that may hold unsafe code; so may files named `simd.rs` and files below a folder `simd`.
const UNSAFE_FILES: [&str; 2] = ["source/map.rs", "source/guard.rs"];

/// One source file: its module path below the crate, and its syntax.
struct Source {
    file: PathBuf,
    module: Vec<String>,
    syntax: syn::File,
}

fn sources() -> Vec<Source> {
    let root = support::path("src");
    let mut folders = vec![root.clone()];
    let mut sources = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                let file = path.strip_prefix(&root).unwrap().to_owned();
                let syntax = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
                sources.push(Source { module: module_of(&file), file, syntax });
            }
        }
    }
    assert!(sources.len() > 40, "{} files", sources.len());
    sources
}

fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

/// Test modules may look anywhere.
fn is_test_file(file: &Path) -> bool {
    let stem = file.file_stem().unwrap().to_string_lossy();
    stem == "tests" || stem.ends_with("_tests") || stem == "tests_support"
}

/// Collects the rooms that a module's paths lead to.
struct Imports {
    module: Vec<String>,
    rooms: BTreeSet<String>,
}

impl Imports {
    fn of(module: &[String], syntax: &syn::File) -> BTreeSet<String> {
        let mut imports = Self { module: module.to_vec(), rooms: BTreeSet::new() };
        imports.visit_file(syntax);
        imports.rooms
    }

    /// A path: `crate::a::b`, `super::a` or anything else, which stays outside or inside the module.
    fn path(&mut self, segments: &[String]) {
        let mut at = match segments.first().map(String::as_str) {
            Some("crate") => vec![],
            Some("super" | "self") => self.module.clone(),
            _ => return,
        };
        for segment in segments {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => {
                    at.pop();
                }
                name => at.push(name.to_owned()),
            }
        }
        self.rooms.extend(at.first().cloned());
    }

    fn tree(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |ident: &Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.path(&with(&name.ident)),
            UseTree::Rename(rename) => self.path(&with(&rename.ident)),
            UseTree::Glob(_) => self.path(prefix),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(prefix, tree)),
        }
    }

    /// Paths in the body of a macro, which is not parsed: runs of names joined by `::`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut run: Vec<String> = vec![];
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 || run.is_empty() => run.push(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                other => {
                    self.path(&run);
                    run.clear();
                    match other {
                        TokenTree::Ident(ident) => run.push(ident.to_string()),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        _ => {}
                    }
                }
            }
            colons = 0;
        }
        self.path(&run);
    }
}

fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|ident| ident == "test")
    })
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, makro: &'ast syn::Macro) {
        self.tokens(makro.tokens.clone());
        visit::visit_macro(self, makro);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test_only(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }
}

/// Rooms that a room may import.
fn allowed(room: &str) -> Option<BTreeSet<&str>> {
    if FLOOR.contains(&room) {
        return Some(FLOOR.into());
    }
    let above = ROOMS.iter().find(|(name, _)| *name == room)?.1;
    Some(FLOOR.iter().chain(above).chain([&ROOMS.iter().find(|(name, _)| *name == room)?.0]).copied().collect())
}

#[test]
fn imports_point_one_way() {
    let mut wrong = vec![];
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Source { file, module, syntax } in sources() {
        let Some(room) = module.first().filter(|_| !is_test_file(&file)) else { continue };
        let imports = Imports::of(&module, &syntax);
        let allowed =
            allowed(room).unwrap_or_else(|| panic!("{}: a room that the table does not know", file.display()));
        for import in imports.iter().filter(|import| !allowed.contains(import.as_str())) {
            wrong.push(format!("src/{}: {room} may not import {import}", file.display()));
        }
        seen.entry(room.clone()).or_default().extend(imports);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The table names no room that is gone, and the search does find imports.
    assert!(FLOOR.iter().chain(ROOMS.iter().map(|(name, _)| name)).all(|room| seen.contains_key(*room)), "{seen:?}");
    assert!(seen["decode"].contains("kernel") && seen["engine"].len() > 15, "{seen:?}");
}

#[test]
fn unsafe_code_stands_where_it_may() {
    struct Unsafe(bool);
    impl<'ast> Visit<'ast> for Unsafe {
        fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {
            self.0 = true;
        }
        fn visit_signature(&mut self, signature: &'ast syn::Signature) {
            // Safe-looking functions that need CPU features are safe inside; only `unsafe fn` counts.
            self.0 |= matches!(signature.safety, syn::Safety::Unsafe(_));
            visit::visit_signature(self, signature);
        }
        fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
            self.0 |= item.unsafety.is_some();
            visit::visit_item_impl(self, item);
        }
        fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
            self.0 |= item.unsafety.is_some();
            visit::visit_item_trait(self, item);
        }
    }
    let mut found = 0;
    for Source { file, syntax, .. } in sources() {
        let mut search = Unsafe(false);
        search.visit_file(&syntax);
        let allows = syntax.attrs.iter().any(|attribute| {
            attribute.path().is_ident("allow")
                && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("unsafe_code"))
        });
        if search.0 || allows {
            found += 1;
            let in_simd =
                file.iter().any(|part| part == "simd") || file.file_name().is_some_and(|name| name == "simd.rs");
            let named = UNSAFE_FILES.iter().any(|name| file == Path::new(name));
            assert!(in_simd || named, "src/{}: unsafe code is not allowed here", file.display());
        }
    }
    assert!(found >= 3, "the search finds the unsafe code there is: {found}");
}

#[test]
fn the_search_sees_every_kind_of_path() {
    let module = ["plan".to_owned(), "view".to_owned()];
    let imports = |code: &str| Imports::of(&module, &syn::parse_file(code).unwrap()).into_iter().collect::<Vec<_>>();
    assert_eq!(imports("use crate::{a::{b, self as x}, c::*};"), ["a", "c"]);
    assert_eq!(imports("use super::super::d::e;"), ["d"]);
    assert_eq!(imports("use super::sibling; use self::inner;"), ["plan"]);
    assert_eq!(imports("fn f() { crate::g::h(); let x: crate::i::J = y!(1, crate :: k::L); }"), ["g", "i", "k"]);
    assert_eq!(imports("mod inner { use super::super::super::m::n; }"), ["m"]);
    assert_eq!(imports("#[cfg(test)] mod tests { use crate::o::p; } #[cfg(test)] fn q() { crate::r::s() }"), [""; 0]);
    assert_eq!(imports("use std::fmt; fn f() -> other::T { Vec::new() }"), [""; 0]);
}
