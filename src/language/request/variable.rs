//! Variables (`protocol.md` §1.6): definitions, and references in command values.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::base::error::{Error, ErrorKind, Result};

use super::raw::Modifier;
use super::text::escaped;

/// The most bytes that the values of a request may have after substitution.
const MAX_VALUES: usize = 256 * 1024;

/// Definitions by name in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    defined: BTreeMap<String, String>,
    /// What names stand for that no request defines.
    predefined: BTreeMap<String, String>,
}

impl Variables {
    /// Takes the definitions of some modifiers; later ones replace earlier ones.
    pub(crate) fn define_all(&mut self, modifiers: &[Modifier]) {
        for modifier in modifiers {
            if let Modifier::Variable { name, value } = modifier {
                self.defined.insert(name.clone(), value.clone());
            }
        }
    }

    /// Says what a name stands for unless it is defined.
    pub(crate) fn predefine(&mut self, name: &str, value: &str) {
        self.predefined.insert(name.to_owned(), value.to_owned());
    }

    /// The definitions in a fixed order, as they stand in a query.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.defined {
            let separator = if text.is_empty() { "" } else { "&" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{separator}${name}={}", escaped(value));
        }
        text
    }

    /// Replaces the references in command values, in one pass: what is put in is not looked at again. A name that is not
    /// defined stays as it is.
    ///
    /// # Errors
    ///
    /// The values grow beyond 256 KiB.
    pub(crate) fn substituted(&self, modifiers: Vec<Modifier>) -> Result<Vec<Modifier>> {
        let mut room = MAX_VALUES;
        modifiers.into_iter().map(|modifier| self.in_modifier(modifier, &mut room)).collect()
    }

    fn in_modifier(&self, modifier: Modifier, room: &mut usize) -> Result<Modifier> {
        match modifier {
            // Both name layers, which variables must not (`protocol.md` §7).
            Modifier::Command { name, value } if name == "layer" || name == "effect" => {
                if references(&value).next().is_some() {
                    return Err(Error::request(&name, "must not refer to a variable"));
                }
                Ok(Modifier::Command { name, value })
            }
            // A token that means nothing here: it must never change status or body (`protocol.md` §5).
            Modifier::Command { name, value } if name == "id" => Ok(Modifier::Command { name, value }),
            Modifier::Command { name, value } => {
                let value = self.in_text(&name, &value, false, room)?;
                Ok(Modifier::Command { name, value })
            }
            Modifier::Nested { name, value } => {
                let value = self.in_text(&name, &value, true, room)?;
                Ok(Modifier::Nested { name, value })
            }
            other => Ok(other),
        }
    }

    fn in_text(&self, command: &str, text: &str, escape: bool, room: &mut usize) -> Result<String> {
        let mut out = String::new();
        let mut copied = 0;
        for reference in references(text) {
            if reference.start < copied {
                continue;
            }
            let name = text[reference.start + 1..reference.end - 1].to_ascii_lowercase();
            let Some(value) = self.defined.get(&name).or_else(|| self.predefined.get(&name)) else { continue };
            out.push_str(&text[copied..reference.start]);
            if escape {
                let _ = write!(out, "{}", escaped(value));
            } else {
                out.push_str(value);
            }
            copied = reference.end;
            if out.len() > *room {
                return Err(Error::new(ErrorKind::Limit, "grows beyond 262144 bytes by its variables").at(command));
            }
        }
        if copied > 0 {
            *room -= out.len();
        }
        out.push_str(&text[copied..]);
        Ok(out)
    }
}

/// A character of the name of a macro or variable.
pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Every `$name$` of a text, also overlapping ones: in `$a$b$` both `$a$` and `$b$`.
fn references(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    text.match_indices('$').filter_map(|(start, _)| {
        let rest = &text.as_bytes()[start + 1..];
        let len = rest.iter().position(|&byte| !is_name_byte(byte))?;
        (len > 0 && rest[len] == b'$').then_some(start..start + len + 2)
    })
}

/// A value refers to a variable, defined or not.
pub(crate) fn refers(value: &str) -> bool {
    references(value).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::parse_modifiers;

    fn substituted(definitions: &str, query: &str) -> Result<Vec<Modifier>> {
        let mut variables = Variables::default();
        variables.define_all(&parse_modifiers(definitions).unwrap());
        variables.substituted(parse_modifiers(query).unwrap())
    }

    fn value(definitions: &str, query: &str) -> String {
        match &substituted(definitions, query).unwrap()[..] {
            [Modifier::Command { value, .. } | Modifier::Nested { value, .. }] => value.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn references_are_replaced_in_one_pass() {
        assert_eq!(value("$Number=200", "wid=$nUMBER$"), "200");
        assert_eq!(value("$a=1&$a=2", "wid=$a$"), "2");
        assert_eq!(value("$var2=apple&$var1=my$var2$tree", "text=$var1$"), "my$var2$tree");
        assert_eq!(value("$x=1&$y=2", "rect=$x$,$y$,$z$,4$"), "1,2,$z$,4$");
        assert_eq!(value("$image=i", "src=my$image$file.tif"), "myifile.tif");
        assert_eq!(value("", "src=my$image$file.tif"), "my$image$file.tif");
        assert_eq!(value("$b=B", "text=$a$b$c$"), "$aBc$");
        assert_eq!(value("$t=a%26b%3D%25", "message=$t$"), "a&b=%");
        assert_eq!(value("$t=a%26b", "src=is(x?message=$t$)"), "is(x?message=a%26b)");
    }

    #[test]
    fn an_id_stays_as_it_was_sent() {
        assert_eq!(value("$v=1", "id=a$v$b"), "a$v$b");
        let definitions = format!("$a={}", "x".repeat(10_000));
        let id = "$a$".repeat(100);
        assert_eq!(value(&definitions, &format!("id={id}")), id);
    }

    #[test]
    fn layers_are_not_named_by_variables() {
        assert_eq!(substituted("$n=1", "layer=$n$").unwrap_err().to_string(), "layer: must not refer to a variable");
        assert!(substituted("", "layer=0").is_ok());
    }

    #[test]
    fn values_do_not_grow_without_bound() {
        let definitions = format!("$a={}", "x".repeat(10_000));
        let query = format!("message={}", "$a$".repeat(100));
        assert!(substituted(&definitions, &query).unwrap_err().to_string().starts_with("message: grows"));
    }

    #[test]
    fn definitions_have_one_order_and_read_back() {
        let mut variables = Variables::default();
        variables.define_all(&parse_modifiers("$b=x%26+y&$a=1&$B=z%3D").unwrap());
        assert_eq!(variables.canonical(), "$a=1&$b=z%3D");
        let mut again = Variables::default();
        again.define_all(&parse_modifiers(&variables.canonical()).unwrap());
        assert_eq!(again, variables);
    }
}
