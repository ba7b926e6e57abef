//! The paths that a file mentions: in `use` declarations, expressions, types, patterns and the bodies of macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Ident, ItemMod, ItemUse, UseTree, Visibility};

use crate::sources::{Source, is_test_only};

/// A path as it is written, in the module that it is written in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    pub(crate) module: Vec<String>,
    pub(crate) segments: Vec<String>,
    /// It stands in a `pub use`: the file hands the name on.
    pub(crate) handed_on: bool,
}

impl Mention {
    /// The path from the root of the crate; `None` if it does not begin with `crate`, `self` or `super`.
    pub(crate) fn absolute(&self) -> Option<Vec<String>> {
        absolute(&self.module, &self.segments)
    }
}

/// A path from the root of the crate; `None` if it does not begin with `crate`, `self` or `super`.
pub(crate) fn absolute(module: &[String], segments: &[String]) -> Option<Vec<String>> {
    let mut at = match segments.first()?.as_str() {
        "crate" => vec![],
        "self" | "super" => module.to_vec(),
        _ => return None,
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
    Some(at)
}

/// A name that a `use` declaration brings in, and the path it stands for; `*` for all names of a module.
pub(crate) fn imported(tree: &UseTree) -> Vec<(String, Vec<String>)> {
    fn walk(prefix: &[String], tree: &UseTree, found: &mut Vec<(String, Vec<String>)>) {
        let with = |ident: &Ident| {
            // `use a::{self}` stands for `a`.
            if ident == "self" && !prefix.is_empty() {
                prefix.to_vec()
            } else {
                [prefix, &[ident.to_string()]].concat()
            }
        };
        match tree {
            UseTree::Path(path) => walk(&[prefix, &[path.ident.to_string()]].concat(), &path.tree, found),
            UseTree::Name(name) => {
                let path = with(&name.ident);
                found.push((path.last().unwrap().clone(), path));
            }
            UseTree::Rename(rename) => found.push((rename.rename.to_string(), with(&rename.ident))),
            UseTree::Glob(_) => found.push(("*".to_owned(), prefix.to_vec())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| walk(prefix, tree, found)),
        }
    }
    let mut found = vec![];
    walk(&[], tree, &mut found);
    found
}

/// All paths that a file mentions outside its tests.
pub(crate) fn mentions(source: &Source) -> Vec<Mention> {
    let mut mentions = Mentions { module: source.module.clone(), found: vec![] };
    mentions.visit_file(&source.syntax);
    mentions.found
}

struct Mentions {
    module: Vec<String>,
    found: Vec<Mention>,
}

impl Mentions {
    fn push(&mut self, segments: Vec<String>, handed_on: bool) {
        if !segments.is_empty() {
            self.found.push(Mention { module: self.module.clone(), segments, handed_on });
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
                    self.push(std::mem::take(&mut run), false);
                    match other {
                        TokenTree::Ident(ident) => run.push(ident.to_string()),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        _ => {}
                    }
                }
            }
            colons = 0;
        }
        self.push(run, false);
    }
}

impl<'ast> Visit<'ast> for Mentions {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test_only(&item.attrs) {
            let handed_on = !matches!(item.vis, Visibility::Inherited);
            for (_, path) in imported(&item.tree) {
                self.push(path, handed_on);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect(), false);
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

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_impl(self, item);
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
