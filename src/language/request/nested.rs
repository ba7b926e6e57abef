//! Sources of layers (`protocol.md` §1.11): objects by name, and requests in brackets.

use super::raw::{Modifier, bracket_offset, object_path, parse_modifiers};
use super::value::Reason;

/// How deep requests may nest.
const MAX_DEPTH: usize = 8;

/// A source in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nested {
    /// `is(…)`: another image request.
    Image(Request),
    /// `ir(…)`, `fxg(…)`: render services, which this engine has not.
    Render,
    /// `(url)`: an image of another server.
    Foreign(String),
}

/// The request in the brackets of `is(…)`, all the way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// Elements of the object's path, decoded; none if it has no object.
    pub(crate) object: Vec<String>,
    pub(crate) modifiers: Vec<Modifier>,
    /// The nested requests among the modifiers.
    pub(crate) inner: Vec<Nested>,
}

impl Nested {
    /// Reads the value of `src=` or `mask=`, whose name is in lower case.
    pub(super) fn parse(name: &str, value: &str) -> Result<Self, Reason> {
        Self::at_depth(name, value, 1)
    }

    fn at_depth(name: &str, value: &str, depth: usize) -> Result<Self, Reason> {
        const MALFORMED: Reason = "needs one request in brackets";
        if depth > MAX_DEPTH {
            return Err("is nested more than 8 deep");
        }
        let open = bracket_offset(name, value).ok_or(MALFORMED)?;
        let closing = if value[open..].starts_with('(') { ')' } else { '}' };
        let inner = value[open + 1..].strip_suffix(closing).ok_or(MALFORMED)?;
        match value[..open].to_ascii_lowercase().as_str() {
            "" => Ok(Self::Foreign(inner.to_owned())),
            "is" => Request::parse(inner, depth).map(Self::Image),
            _ => Ok(Self::Render),
        }
    }
}

impl Request {
    fn parse(text: &str, depth: usize) -> Result<Self, Reason> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let modifiers = parse_modifiers(query).map_err(|_| "has a bracket that is never closed")?;
        let inner = modifiers
            .iter()
            .filter_map(|modifier| match modifier {
                Modifier::Nested { name, value } => Some(Nested::at_depth(name, value, depth + 1)),
                _ => None,
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { object: object_path(path).elements, modifiers, inner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_hold_requests_services_and_addresses() {
        let Ok(Nested::Image(request)) = Nested::parse("src", "is{cat/a%20b?wid=1&src=is(c)&mask=ir(d)}") else {
            panic!()
        };
        assert_eq!(request.object, ["cat", "a b"]);
        assert_eq!(request.modifiers.len(), 3);
        assert_eq!(request.inner.len(), 2);
        assert_eq!(request.inner[1], Nested::Render);
        assert_eq!(Nested::parse("src", "(http://x/y?z)"), Ok(Nested::Foreign("http://x/y?z".into())));
        assert_eq!(Nested::parse("mask", "IR{x}"), Ok(Nested::Render));
        assert!(Nested::parse("src", "is(?wid=5)").is_ok());
    }

    #[test]
    fn malformed_and_deep_ones_are_refused() {
        assert_eq!(Nested::parse("src", "is(a)b"), Err("needs one request in brackets"));
        let deep = |depth: usize| format!("{}a{}", "is(?src=".repeat(depth - 1) + "is(", ")".repeat(depth));
        assert!(Nested::parse("src", &deep(8)).is_ok());
        assert_eq!(Nested::parse("src", &deep(9)), Err("is nested more than 8 deep"));
        assert_eq!(Nested::parse("src", &deep(5000)), Err("is nested more than 8 deep"));
    }
}
