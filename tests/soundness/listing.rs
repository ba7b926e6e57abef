//! Every attribute and field takes part in the search: the library's sources say which there are.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::Item;

use crate::fields::{ATTRIBUTES, FIELDS, Row};

/// The tokens of the one call of a macro in a source file.
fn tokens(file: &str, name: &str) -> Vec<TokenTree> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let syntax = syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap();
    let calls: Vec<TokenStream> = syntax
        .items
        .into_iter()
        .filter_map(|item| match item {
            Item::Macro(item) if item.mac.path.is_ident(name) => Some(item.mac.tokens),
            _ => None,
        })
        .collect();
    assert_eq!(calls.len(), 1, "{name}! in {file}");
    calls.into_iter().flatten().collect()
}

fn names(rows: &[Row]) -> BTreeSet<String> {
    let names: BTreeSet<String> = rows.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(names.len(), rows.len(), "a name stands twice");
    assert!(rows.iter().all(|(_, _, values)| values.len() >= 2), "a value has nothing to change into");
    names
}

#[test]
fn every_attribute_takes_part() {
    // `slot: Type = "Name", …`: the literal that follows an equals sign.
    let tokens = tokens("language/catalog/attributes/mod.rs", "attributes");
    let is_equals = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    let declared: BTreeSet<String> = tokens
        .windows(2)
        .filter(|pair| is_equals(&pair[0]))
        .filter_map(|pair| match &pair[1] {
            TokenTree::Literal(literal) => Some(literal.to_string().trim_matches('"').to_owned()),
            _ => None,
        })
        .collect();
    assert!(declared.len() > 50, "{declared:?}");
    assert_eq!(declared, names(ATTRIBUTES), "tests/soundness/fields.rs needs values for every attribute");
}

#[test]
fn every_field_takes_part() {
    let declared: BTreeSet<String> = tokens("language/catalog/record.rs", "columns")
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Ident(ident) => Some(ident.to_string()),
            _ => None,
        })
        .collect();
    assert!(declared.len() > 20, "{declared:?}");
    assert_eq!(declared, names(FIELDS), "tests/soundness/fields.rs needs values for every field");
}
