//! The house: which room may import which, that files form no circles, and where unsafe code may stand.
//!
//! The sources are parsed, so that `super::`, nested `use` and paths inside expressions and macros count.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod circles;
mod citations;
mod documents;
mod kernels;
mod paths;
mod sources;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};

use circles::circles;
use paths::mentions;
use sources::{Source, sources};

/// What each room may import besides itself; a file belongs to the room with the longest name that its path begins with.
const ROOMS: [(&str, &[&str]); 25] = [
    // What both wings are built on.
    ("base", &[]),
    // The imaging wing: from a scene and bytes to bytes; knows no request.
    ("imaging::pixel", &["base"]),
    ("imaging::scene", &["base", "imaging::pixel"]),
    ("imaging::source", &["base"]),
    ("imaging::kernel", &["base", "imaging::pixel"]),
    ("imaging::codec", &["base", "imaging::pixel", "imaging::kernel"]),
    ("imaging::color", &["base", "imaging::pixel", "imaging::kernel"]),
    ("imaging::plan", &["base", "imaging::scene", "imaging::pixel"]),
    ("imaging::render", &["base", "imaging"]),
    // The language wing: from text to a scene; touches no pixel.
    ("language::request", &["base", "imaging::scene", "imaging::pixel"]),
    ("language::catalog", &["base", "imaging::scene", "imaging::pixel", "language::request"]),
    ("language::resolve", &["base", "imaging::scene", "imaging::pixel", "language::request", "language::catalog"]),
    ("language::lists", &["base", "imaging::scene", "language::request", "language::catalog"]),
    // The way in, for callers who write requests.
    ("target", &["base"]),
    // The roof.
    ("engine", &["base", "imaging", "language", "engine"]),
    // What versions of the direct API are made of.
    ("engine::versioning::direct", &["base", "engine::versioning::fingerprint"]),
    ("engine::versioning::fingerprint", &["base", "engine::versioning::probe"]),
    ("engine::versioning::probe", &["base", "imaging"]),
    // The direct API: from an edit to a scene, without the language wing.
    ("picture", &["base", "imaging", "engine::versioning::direct"]),
    // Many pictures on the threads of a pool.
    ("batch", &["base", "picture"]),
    // The text of edits. Without it the direct API still makes every picture.
    ("edit_text", &["base", "picture", "language::request"]),
    ("http", &["base", "engine", "language::lists"]),
    ("service", &["base", "engine", "http"]),
    // Connections; knows no engine.
    ("server", &["base"]),
    // A back door for benches and fuzz targets, shut by default.
    ("internals", &["base", "imaging", "language"]),
];

/// The wing that must not speak of requests, catalogs and what resolves them.
const SPEECHLESS: &str = "imaging";

/// Files that may hold unsafe code; so may files named for a set of instructions.
const UNSAFE_FILES: [&str; 5] = [
    "imaging/source/map.rs",
    "imaging/source/guard.rs",
    "imaging/kernel/isa/checked.rs",
    "imaging/kernel/isa/extensions.rs",
    "imaging/kernel/isa/simd.rs",
];

/// Files that are written for one set of instructions.
const ISA_FILES: [&str; 3] = ["avx2.rs", "neon.rs", "sse41.rs"];

/// A path lies in a room, or is the room.
fn is_in(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The room of a path below the crate.
fn room_of(path: &[String]) -> Option<&'static (&'static str, &'static [&'static str])> {
    let path = path.join("::");
    ROOMS.iter().filter(|(room, _)| is_in(&path, room)).max_by_key(|(room, _)| room.len())
}

/// The rooms that a file imports.
fn imported_rooms(source: &Source) -> BTreeSet<&'static str> {
    mentions(source).iter().filter_map(|mention| Some(room_of(&mention.absolute()?)?.0)).collect()
}

#[test]
fn imports_point_one_way() {
    let mut wrong = vec![];
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources() {
        let Some((room, allowed)) = room_of(&source.module) else {
            // The root of the crate and the doors of the wings declare modules and nothing else.
            let is_door = source.module.len() < 2 && source.syntax.items.iter().all(is_declaration);
            assert!(is_door, "{}: a room that the table does not know", source.file.display());
            continue;
        };
        let imports = imported_rooms(&source);
        let may = |import: &str| import == *room || allowed.iter().any(|allowed| is_in(import, allowed));
        for import in imports.iter().filter(|import| !may(import)) {
            wrong.push(format!("src/{}: {room} may not import {import}", source.file.display()));
        }
        seen.entry(*room).or_default().extend(imports);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The table names no room that is gone, and the search does find imports.
    assert!(ROOMS.iter().all(|(room, _)| seen.contains_key(room)), "{seen:?}");
    assert!(seen["imaging::codec"].contains("imaging::kernel") && seen["engine"].len() > 10, "{seen:?}");
}

fn is_declaration(item: &syn::Item) -> bool {
    matches!(item, syn::Item::Mod(_) | syn::Item::Use(_))
}

#[test]
fn files_form_no_circles() {
    let circles = circles(&sources());
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn pixels_know_no_request() {
    struct Words<'a>(&'a str);
    impl<'ast> Visit<'ast> for Words<'_> {
        fn visit_ident(&mut self, ident: &'ast syn::Ident) {
            let word = ident.to_string().to_lowercase();
            // The kind of an error says who has to act on it: the caller is one of them.
            let speaks = ["request", "catalog", "resolve"].iter().any(|other| word.contains(other));
            assert!(!speaks || ident == "Request", "{}: speaks of {ident}", self.0);
        }
        fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
            if !sources::is_test_only(&item.attrs) {
                visit::visit_item_mod(self, item);
            }
        }
    }
    for source in sources().iter().filter(|source| source.module.first().is_some_and(|wing| wing == SPEECHLESS)) {
        Words(&source.file.display().to_string()).visit_file(&source.syntax);
    }
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
            let is_for_isa = file.file_name().is_some_and(|name| ISA_FILES.iter().any(|isa| name == *isa));
            let named = UNSAFE_FILES.iter().any(|name| file == Path::new(name));
            assert!(is_for_isa || named, "src/{}: unsafe code is not allowed here", file.display());
        }
    }
    assert!(found >= 3, "the search finds the unsafe code there is: {found}");
}

/// A file of its own, at this module path.
fn file(module: &str, code: &str) -> Source {
    let module: Vec<String> = module.split("::").map(str::to_owned).collect();
    Source { file: Path::new(&module.join("/")).with_extension("rs"), module, syntax: syn::parse_file(code).unwrap() }
}

#[test]
fn the_search_sees_every_kind_of_path() {
    let imports = |code: &str| {
        let source = file("imaging::plan::view", code);
        let found = mentions(&source).iter().filter_map(|mention| mention.absolute()?.first().cloned()).collect();
        let found: BTreeSet<String> = found;
        found.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(imports("use crate::{a::{b, self as x}, c::*};"), ["a", "c"]);
    assert_eq!(imports("use super::super::super::d::e;"), ["d"]);
    assert_eq!(imports("use super::sibling; use self::inner;"), ["imaging"]);
    assert_eq!(imports("fn f() { crate::g::h(); let x: crate::i::J = y!(1, crate :: k::L); }"), ["g", "i", "k"]);
    assert_eq!(imports("mod inner { use super::super::super::super::m::n; }"), ["m"]);
    assert_eq!(imports("#[cfg(test)] mod tests { use crate::o::p; } #[cfg(test)] fn q() { crate::r::s() }"), [""; 0]);
    assert_eq!(imports("use std::fmt; fn f() -> other::T { Vec::new() }"), [""; 0]);
}

#[test]
fn the_longest_name_is_the_room() {
    let room = |path: &str| room_of(&path.split("::").map(str::to_owned).collect::<Vec<_>>()).map(|(room, _)| *room);
    assert_eq!(room("imaging::codec::jpeg::decode"), Some("imaging::codec"));
    assert_eq!(room("engine"), Some("engine"));
    assert_eq!([room("imaging"), room("imaging::codecs"), room("")], [None; 3]);
}

#[test]
fn the_search_sees_circles() {
    let found = |files: &[(&str, &str)]| {
        let sources: Vec<Source> = files.iter().map(|(module, code)| file(module, code)).collect();
        circles(&sources).len()
    };
    let door = ("a", "mod b; mod c; pub(crate) use b::B; pub use c::*;");
    // By a name that the module of the folder hands on, and by a type that a macro declares.
    assert_eq!(
        found(&[door, ("a::b", "pub struct B; fn f(_: crate::a::C) {}"), ("a::c", "pub struct C(super::B);")]),
        1
    );
    let declares = "macro_rules! make { ($n:ident) => { pub struct C; } } fn f() { super::b::B; }";
    assert_eq!(found(&[door, ("a::b", "pub struct B; use super::c::C; fn f(_: C) {}"), ("a::c", declares)]), 1);
    // By a method of a type whose methods stand in two files.
    let b = "pub struct B; impl B { fn one(&self) { self.two() } }";
    assert_eq!(found(&[door, ("a::b", b), ("a::c", "use super::B; impl B { fn two(&self) {} }")]), 1);
    // One way only, handed on, or in a test.
    assert_eq!(found(&[door, ("a::b", "pub struct B;"), ("a::c", "pub struct C(super::B);")]), 0);
    let test = "pub struct B; #[cfg(test)] mod tests { use super::super::C; fn f(_: C) {} }";
    assert_eq!(found(&[door, ("a::b", test), ("a::c", "pub struct C(super::B);")]), 0);
}
