//! Splitting and decoding (`protocol.md` §1.1–1.4, §1.6): path, query, modifiers; no meaning yet.
//!
//! A query stays as it was sent until its catalog is known, which says whether it is locked or obfuscated.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::base::error::{Error, ErrorKind, Result};

/// What a request is for, by its root context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootContext {
    /// `/is/image`.
    Image,
    /// `/is/content`: files as they are.
    Content,
}

impl RootContext {
    const ALL: [(&'static str, Self); 2] = [("/is/image", Self::Image), ("/is/content", Self::Content)];
}

/// The longest request that is read, in bytes without `id=`, which never decides a status.
const MAX_TARGET: usize = 64 * 1024;

/// The longest request that is read, in bytes with `id=`.
const MAX_WITH_ID: usize = 1 << 20;

/// A request: its path split and decoded, its query as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawRequest {
    pub(crate) context: RootContext,
    pub(crate) object: ObjectPath,
    pub(crate) query: String,
}

/// The object of a request path, element by element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ObjectPath {
    /// Decoded path elements; empty if the request names no object.
    pub(crate) elements: Vec<String>,
    /// A leading slash: the default catalog stands in for the main catalog (`catalog.md` §4.2).
    pub(crate) in_default: bool,
}

impl ObjectPath {
    /// The elements joined, as a caller would write them.
    pub(crate) fn text(&self) -> String {
        self.elements.join("/")
    }
}

/// One modifier of a query; comments and empty ones are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Modifier {
    /// `name[=value]`; the name in lower case.
    Command { name: String, value: String },
    /// A command whose value is a nested request in brackets: the value is not decoded.
    Nested { name: String, value: String },
    /// `$name$`; the name in lower case.
    Macro(String),
    /// `$name[=value]`; the name in lower case.
    Variable { name: String, value: String },
}

/// The bytes of a request but for the pieces of its query that are `id=`.
fn len_without_id(target: &str) -> usize {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let is_id = |piece: &&str| {
        let name = unescaped(piece).split('=').next();
        name.is_some_and(|name| name.eq_ignore_ascii_case("id"))
    };
    // Each with the character that sets it apart.
    target.len() - query.split('&').filter(is_id).map(|piece| piece.len() + 1).sum::<usize>()
}

impl RawRequest {
    /// Splits a request target: path and query, without scheme and host.
    pub(crate) fn parse(target: &str) -> Result<Self> {
        if target.len() > MAX_TARGET && (target.len() > MAX_WITH_ID || len_without_id(target) > MAX_TARGET) {
            return Err(Error::new(ErrorKind::Limit, "is longer than 65536 bytes").at("request"));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let found = RootContext::ALL.iter().find_map(|(root, context)| {
            let rest = path.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
            Some((*context, object_path(rest)))
        });
        let outside = || Error::new(ErrorKind::Request, "does not start with /is/image or /is/content").at("path");
        let (context, object) = found.ok_or_else(outside)?;
        Ok(Self { context, object, query: query.to_owned() })
    }
}

/// `rest` is empty or starts with a slash.
pub(super) fn object_path(rest: &str) -> ObjectPath {
    let object = rest.strip_prefix('/').unwrap_or(rest);
    let (object, in_default) = object.strip_prefix('/').map_or((object, false), |object| (object, true));
    if object.is_empty() {
        return ObjectPath { elements: Vec::new(), in_default };
    }
    ObjectPath { elements: object.split('/').map(decode).collect(), in_default }
}

/// Splits a query, or the Modifier of a catalog record, into decoded modifiers.
///
/// # Errors
///
/// A bracket of a nested request that is never closed.
pub(crate) fn parse_modifiers(query: &str) -> Result<Vec<Modifier>> {
    let mut modifiers = Vec::new();
    let mut rest = query;
    while !rest.is_empty() {
        let end = piece_end(rest)?;
        if let Some(modifier) = modifier(&rest[..end]) {
            modifiers.push(modifier);
        }
        rest = rest.get(end + 1..).unwrap_or("");
    }
    Ok(modifiers)
}

/// A query without the modifiers of a command, as it was sent otherwise.
///
/// # Errors
///
/// A bracket of a nested request that is never closed.
pub(crate) fn without_command(query: &str, command: &str) -> Result<String> {
    let mut kept = Vec::new();
    let mut rest = query;
    while !rest.is_empty() {
        let piece = &rest[..piece_end(rest)?];
        let name = unescaped(piece).split_once('=').map_or(unescaped(piece), |(name, _)| name);
        if !piece.is_empty() && !name.eq_ignore_ascii_case(command) {
            kept.push(piece);
        }
        rest = rest.get(piece.len() + 1..).unwrap_or("");
    }
    Ok(kept.join("&"))
}

/// Where the modifier at the start of `text` ends: at the next `&` outside the brackets of a nested
/// request or an inline image set (`protocol.md` §1.3, step 3).
pub(super) fn piece_end(text: &str) -> Result<usize> {
    let plain = text.find('&').unwrap_or(text.len());
    // Every look stays inside the piece, or at its value's first few characters: queries are read in linear time.
    let Some((name, _)) = text[..plain].split_once('=') else {
        return Ok(plain);
    };
    let Some(open) = bracket_offset(&unescaped(name).to_ascii_lowercase(), &text[name.len() + 1..]) else {
        return Ok(plain);
    };
    let start = name.len() + 1 + open;
    let (opening, closing) = if text.as_bytes()[start] == b'(' { (b'(', b')') } else { (b'{', b'}') };
    let mut depth = 0usize;
    for (offset, &byte) in text.as_bytes()[start..].iter().enumerate() {
        if byte == opening {
            depth += 1;
        } else if byte == closing {
            depth -= 1;
            if depth == 0 {
                let after = start + offset + 1;
                return Ok(text[after..].find('&').map_or(text.len(), |next| after + next));
            }
        }
    }
    Err(Error::request(name, "has a bracket that is never closed"))
}

/// The offset of the opening bracket in a value that is bracketed text; the name is in lower case.
pub(super) fn bracket_offset(name: &str, value: &str) -> Option<usize> {
    let brackets: &[char] = match name {
        "src" | "mask" => &['(', '{'],
        "imageset" => &['{'],
        _ => return None,
    };
    // The longest prefix is `fxg`.
    let offset = value.char_indices().take(4).find(|(_, c)| brackets.contains(c))?.0;
    let prefix = &value[..offset];
    let nested = match name {
        "src" => matches!(prefix, "" | "is" | "ir" | "fxg"),
        "mask" => ["", "is", "ir", "fxg"].iter().any(|p| prefix.eq_ignore_ascii_case(p)),
        _ => prefix.is_empty(),
    };
    nested.then_some(offset)
}

/// A piece of a link that was escaped for HTML and never unescaped: `wid=100&amp;hei=50` is `wid=100&hei=50`.
fn unescaped(piece: &str) -> &str {
    piece.strip_prefix("amp;").unwrap_or(piece)
}

fn modifier(piece: &str) -> Option<Modifier> {
    let piece = unescaped(piece);
    if piece.is_empty() || piece.starts_with('.') {
        return None;
    }
    let (name, value) = match piece.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (piece, None),
    };
    let decoded = |value: Option<&str>| value.map(decode_value).unwrap_or_default();
    if let Some(value) = value {
        let name = name.to_ascii_lowercase();
        if bracket_offset(&name, value).is_some() && name != "imageset" {
            return Some(Modifier::Nested { name, value: value.to_owned() });
        }
    }
    let Some(variable) = name.strip_prefix('$') else {
        return Some(Modifier::Command { name: name.to_ascii_lowercase(), value: decoded(value) });
    };
    if let (Some(call), None) = (variable.strip_suffix('$').filter(|call| !call.is_empty()), value) {
        return Some(Modifier::Macro(call.to_ascii_lowercase()));
    }
    Some(Modifier::Variable { name: variable.to_ascii_lowercase(), value: decoded(value) })
}

/// Decodes a command value: `+` is a space, then escapes.
fn decode_value(value: &str) -> String {
    if value.contains('+') { decode(&value.replace('+', " ")) } else { decode(value) }
}

/// Decodes escapes to bytes; UTF-8 if the bytes are valid, else ISO-8859-1. Malformed escapes stay.
fn decode(text: &str) -> String {
    let bytes: Cow<'_, [u8]> = percent_decode_str(text).into();
    match String::from_utf8(bytes.into_owned()) {
        Ok(text) => text,
        Err(invalid) => invalid.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str, value: &str) -> Modifier {
        Modifier::Command { name: name.into(), value: value.into() }
    }

    fn nested(name: &str, value: &str) -> Modifier {
        Modifier::Nested { name: name.into(), value: value.into() }
    }

    fn object(target: &str) -> (Vec<String>, bool) {
        let object = RawRequest::parse(target).unwrap().object;
        (object.elements, object.in_default)
    }

    #[test]
    fn paths_are_split_before_they_are_decoded() {
        assert_eq!(object("/is/image"), (vec![], false));
        assert_eq!(object("/is/image/"), (vec![], false));
        assert_eq!(object("/is/image/cat/shoe"), (vec!["cat".into(), "shoe".into()], false));
        assert_eq!(object("/is/image//shoe"), (vec!["shoe".into()], true));
        assert_eq!(object("/is/image/a%2Fb/c+d%20e"), (vec!["a/b".into(), "c+d e".into()], false));
        assert_eq!(object("/is/image/caf%C3%A9"), (vec!["café".into()], false));
        assert_eq!(object("/is/image/caf%E9"), (vec!["café".into()], false));
        assert_eq!(object("/is/image/%zz%4"), (vec!["%zz%4".into()], false));
        assert_eq!(object("/is/image/a?b?c=d"), (vec!["a".into()], false));
    }

    #[test]
    fn paths_outside_the_context_are_refused() {
        for target in ["", "/", "/is/imagery/a", "/IS/image/a", "/is/contents", "is/image"] {
            let error = RawRequest::parse(target).unwrap_err();
            assert_eq!(error.to_string(), "path: does not start with /is/image or /is/content", "{target}");
        }
    }

    #[test]
    fn queries_are_split_at_raw_ampersands_and_the_first_equals_sign() {
        let modifiers = parse_modifiers("WID=200&&.note&.a=b&Fmt=a%26b=c&flag&$m.1$&$V=x+y%2B&$W").unwrap();
        assert_eq!(
            modifiers,
            [
                command("wid", "200"),
                command("fmt", "a&b=c"),
                command("flag", ""),
                Modifier::Macro("m.1".into()),
                Modifier::Variable { name: "v".into(), value: "x y+".into() },
                Modifier::Variable { name: "w".into(), value: String::new() },
            ]
        );
    }

    #[test]
    fn brackets_of_nested_requests_hold_ampersands() {
        let query = "src=is(a%20b?wid=1&src=is(b?hei=2&x=1))&wid=3";
        assert_eq!(
            parse_modifiers(query).unwrap(),
            [nested("src", "is(a%20b?wid=1&src=is(b?hei=2&x=1))"), command("wid", "3")]
        );
        assert_eq!(
            parse_modifiers("mask=IS{a?x=1&y=2}&imageSet={a&b=c}&text=(a&wid=1").unwrap(),
            [
                nested("mask", "IS{a?x=1&y=2}"),
                command("imageset", "{a&b=c}"),
                command("text", "(a"),
                command("wid", "1")
            ]
        );
        // Only lower case counts in src=, and escaped brackets do not nest.
        assert_eq!(parse_modifiers("src=IS(a&b)").unwrap().len(), 2);
        assert_eq!(parse_modifiers("src=is%28a&b)").unwrap().len(), 2);
        let error = parse_modifiers("wid=1&src=is(a&b").unwrap_err();
        assert_eq!(error.to_string(), "src: has a bracket that is never closed");
    }

    #[test]
    fn links_that_are_still_escaped_for_html_mean_the_same() {
        let read = |query: &str| parse_modifiers(query).unwrap();
        for (escaped, plain) in [
            ("wid=100&amp;hei=50", "wid=100&hei=50"),
            ("amp;wid=100&amp;$v=1&amp;$m$&amp;.note&amp;&amp;flag", "wid=100&$v=1&$m$&.note&&flag"),
            ("wid=1&amp;src=is(a?x=1&amp;y=2)&amp;z=3", "wid=1&src=is(a?x=1&amp;y=2)&z=3"),
        ] {
            assert_eq!(read(escaped), read(plain), "{escaped}");
        }
        // Once, at the start of a piece, as HTML writes it.
        assert_eq!(
            read("amp;amp;a=1&AMP;b=2&c=amp;&amp%3Bd=3"),
            [command("amp;a", "1"), command("amp;b", "2"), command("c", "amp;"), command("amp%3bd", "3"),]
        );
        assert_eq!(without_command("wid=1&amp;id=2&amp;hei=3", "id").unwrap(), "wid=1&amp;hei=3");
    }

    #[test]
    fn a_command_can_be_taken_out_of_a_query() {
        for (query, expected) in [
            ("", ""),
            ("id=1", ""),
            ("wid=1&ID=2&hei=3&id&$id$&$id=4&.id=5", "wid=1&hei=3&$id$&$id=4&.id=5"),
            ("src=is(a?id=1&x)&id=2", "src=is(a?id=1&x)"),
            ("&&a=%26&&", "a=%26"),
        ] {
            assert_eq!(without_command(query, "id").unwrap(), expected, "{query}");
        }
        assert!(without_command("src=is(a&id=1", "id").is_err());
    }

    #[test]
    fn long_requests_are_refused() {
        let error = RawRequest::parse(&format!("/is/image/a?{}", "&".repeat(MAX_TARGET))).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Limit, "request: is longer than 65536 bytes")
        );
        // However long an id is, it does not decide whether the request is answered.
        let with_id = |length: usize| RawRequest::parse(&format!("/is/image/a?wid=5&ID={}", "x".repeat(length)));
        assert!(with_id(MAX_TARGET).is_ok() && with_id(MAX_WITH_ID).is_err());
        let longest = format!("/is/image/a?{}", "x".repeat(MAX_TARGET - 12));
        for id in ["", "&id=5", "&amp;ID=5", "&id"] {
            assert!(RawRequest::parse(&format!("{longest}{id}")).is_ok(), "{id}");
        }
        assert!(RawRequest::parse(&format!("{longest}&idx=5")).is_err());
    }
}
