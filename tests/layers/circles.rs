//! Circles of files: each needs the next one, and the last one the first.
//!
//! A file needs another one if it mentions an item that is defined there, whichever module hands the name on, or calls a
//! method of an `impl` block there. Handing a name on (`pub use`) and declaring a module (`mod`) need nothing. A method
//! name that several files of the room define says nothing about which file is meant: such calls are passed over.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Type};

use crate::paths::{absolute, imported, mentions};
use crate::sources::{Source, is_test_only};

/// What a module defines and brings in.
#[derive(Default)]
struct Module {
    /// The number of its file.
    file: usize,
    items: BTreeSet<String>,
    /// Absolute paths by the name that they are brought in as.
    uses: BTreeMap<String, Vec<String>>,
    /// Modules all of whose names are brought in.
    globs: Vec<Vec<String>>,
}

/// The modules of the crate by path, and the files that define its methods.
struct Names {
    modules: BTreeMap<Vec<String>, Module>,
    /// Files by type and method.
    methods: BTreeMap<(String, String), BTreeSet<usize>>,
}

impl Names {
    fn of(sources: &[Source]) -> Self {
        let mut names = Self { modules: BTreeMap::new(), methods: BTreeMap::new() };
        for (file, source) in sources.iter().enumerate() {
            names.add(file, source.module.clone(), &source.syntax.items);
        }
        names
    }

    fn add(&mut self, file: usize, path: Vec<String>, items: &[Item]) {
        let mut module = Module { file, ..Module::default() };
        for item in items.iter().filter(|item| !is_test_only(attributes(item))) {
            match item {
                Item::Use(item) => {
                    for (name, target) in imported(&item.tree) {
                        // Without a prefix it begins with a module beside this line, or with another crate.
                        let target = absolute(&path, &target).unwrap_or_else(|| [&path[..], &target].concat());
                        if name == "*" {
                            module.globs.push(target);
                        } else {
                            module.uses.insert(name, target);
                        }
                    }
                }
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.add(file, [&path[..], &[item.ident.to_string()]].concat(), items);
                    }
                }
                Item::Impl(item) => self.add_methods(file, item),
                Item::Macro(item) => {
                    module.items.extend(item.ident.iter().map(ToString::to_string));
                    // Types that a macro of this file declares are told by the words before their names.
                    declared(item.mac.tokens.clone(), &mut module.items);
                }
                item => module.items.extend(name_of(item)),
            }
        }
        self.modules.insert(path, module);
    }

    fn add_methods(&mut self, file: usize, item: &syn::ItemImpl) {
        let (None, Type::Path(path)) = (&item.trait_, &*item.self_ty) else { return };
        let type_name = path.path.segments.last().unwrap().ident.to_string();
        for item in &item.items {
            if let ImplItem::Fn(function) = item {
                let method = (type_name.clone(), function.sig.ident.to_string());
                self.methods.entry(method).or_default().insert(file);
            }
        }
    }

    /// The file that defines the item at a path from the root of the crate.
    fn file_of(&self, path: &[String], depth: usize) -> Option<usize> {
        let mut at: Vec<String> = vec![];
        for (i, segment) in path.iter().enumerate() {
            let child = [&at[..], std::slice::from_ref(segment)].concat();
            if self.modules.contains_key(&child) {
                at = child;
                continue;
            }
            let module = self.modules.get(&at)?;
            if module.items.contains(segment) {
                return Some(module.file);
            }
            // Names that are handed on lead somewhere after a few steps.
            if depth == 10 {
                return None;
            }
            if let Some(target) = module.uses.get(segment) {
                return self.file_of(&[&target[..], &path[i + 1..]].concat(), depth + 1);
            }
            return module.globs.iter().find_map(|glob| self.file_of(&[&glob[..], &path[i..]].concat(), depth + 1));
        }
        // A module by itself is no item.
        None
    }

    /// Files by method, of types whose methods stand in several files, if one file alone has a method of that name.
    fn spread_methods(&self) -> BTreeMap<&str, usize> {
        let mut files_of_type: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        let mut files_of_method: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for ((type_name, method), files) in &self.methods {
            files_of_type.entry(type_name).or_default().extend(files);
            files_of_method.entry(method).or_default().extend(files);
        }
        let spread = self.methods.keys().filter(|(type_name, _)| files_of_type[type_name.as_str()].len() > 1);
        spread
            .filter_map(|(_, method)| {
                let files = &files_of_method[method.as_str()];
                (files.len() == 1).then(|| (method.as_str(), *files.first().unwrap()))
            })
            .collect()
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name_of(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        _ => return None,
    })
}

fn declared(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let mut declares = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if declares {
                    names.insert(ident.to_string());
                }
                declares = ident == "struct" || ident == "enum";
            }
            TokenTree::Group(group) => declared(group.stream(), names),
            _ => declares = false,
        }
    }
}

/// The methods that a file calls by name.
struct Calls(BTreeSet<String>);

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.0.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }
}

/// The files that each file needs, by their numbers, with the names it needs them for.
fn needs(sources: &[Source]) -> Vec<BTreeMap<usize, BTreeSet<String>>> {
    let names = Names::of(sources);
    let spread = names.spread_methods();
    let mut needs = vec![];
    for (file, source) in sources.iter().enumerate() {
        let mut needed: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for mention in mentions(source).into_iter().filter(|mention| !mention.handed_on) {
            let path = mention.absolute().unwrap_or_else(|| [&mention.module[..], &mention.segments].concat());
            if let Some(other) = names.file_of(&path, 0).filter(|&other| other != file) {
                needed.entry(other).or_default().insert(mention.segments.join("::"));
            }
        }
        let mut calls = Calls(BTreeSet::new());
        calls.visit_file(&source.syntax);
        for method in calls.0 {
            if let Some(&other) = spread.get(method.as_str()).filter(|&&other| other != file) {
                needed.entry(other).or_default().insert(format!(".{method}()"));
            }
        }
        needs.push(needed);
    }
    needs
}

/// Every circle of files, with what ties it: a text for each.
pub(crate) fn circles(sources: &[Source]) -> Vec<String> {
    let needs = needs(sources);
    let reached: Vec<BTreeSet<usize>> = (0..needs.len())
        .map(|start| {
            let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(file) = open.pop() {
                open.extend(needs[file].keys().filter(|&&other| reached.insert(other)));
            }
            reached
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut circles = vec![];
    for start in 0..needs.len() {
        if seen.contains(&start) || !reached[start].contains(&start) {
            continue;
        }
        let circle: Vec<usize> =
            reached[start].iter().copied().filter(|&other| reached[other].contains(&start)).collect();
        let mut text = String::from("a circle of files:");
        for &file in &circle {
            for (other, names) in needs[file].iter().filter(|(other, _)| circle.contains(other)) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let (file, other) = (sources[file].file.display(), sources[*other].file.display());
                text += &format!("\n  {file} needs {other}: {}", names.join(", "));
            }
        }
        seen.extend(circle);
        circles.push(text);
    }
    circles
}
