//! Requests: pieces, locks, and the canonical form.

use crate::language::request::{Commands, Modifier, RawRequest, parse_modifiers, sealed, unlocked, without_command};

/// The canonical form of a request, or `None` if it is refused. Reading the form again must give the form.
///
/// # Panics
///
/// It does not.
#[must_use]
pub fn canonical_request(target: &str) -> Option<String> {
    let request = RawRequest::parse(target).ok()?;
    let canonical = Commands::parse(&parse_modifiers(&request.query).ok()?).ok()?.canonical();
    let again = parse_modifiers(&canonical).and_then(|modifiers| Commands::parse(&modifiers));
    assert_eq!(again.map(|commands| commands.canonical()).as_ref(), Ok(&canonical));
    Some(canonical)
}

/// The path of a request target and the plain commands and variables of its query; `None` if it is refused.
#[must_use]
pub fn pieces(target: &str) -> Option<(String, Vec<(String, String)>)> {
    let request = RawRequest::parse(target).ok()?;
    let modifiers = parse_modifiers(&request.query).ok()?;
    let named = modifiers.into_iter().map(|modifier| match modifier {
        Modifier::Command { name, value } | Modifier::Nested { name, value } => (name, value),
        Modifier::Macro(name) => (format!("${name}$"), String::new()),
        Modifier::Variable { name, value } => (format!("${name}"), value),
    });
    Some((request.object.text(), named.collect()))
}

/// A query locked and obfuscated, and what is made of that.
#[must_use]
pub fn sealed_and_opened(query: &str, locked: bool, obfuscated: bool) -> (String, Option<String>) {
    let sealed = sealed(query, locked, obfuscated);
    let opened = unlocked(&sealed, locked, obfuscated).ok().map(std::borrow::Cow::into_owned);
    (sealed, opened)
}

/// Opens a query that a catalog wants locked or obfuscated; `None` if it is refused.
#[must_use]
pub fn opened(query: &str, locked: bool, obfuscated: bool) -> Option<String> {
    unlocked(query, locked, obfuscated).ok().map(std::borrow::Cow::into_owned)
}

/// A query without a command; `None` if it is refused.
#[must_use]
pub fn without(query: &str, command: &str) -> Option<String> {
    without_command(query, command).ok()
}
