//! Misspelt commands in catalogs.
//!
//! The engine ignores unknown commands (`protocol.md` §1.1), in catalogs too. The author of a catalog is told of them.

use std::fmt;

use super::known::{resembled, spelled};
use super::raw::piece_end;

/// A piece between two `&` that is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misspelt<'a> {
    /// As it is written.
    pub(crate) name: &'a str,
    what: &'static str,
}

/// Visits the pieces of a Modifier or of a macro's definition that are neither commands, comments, variables nor macro
/// calls. Values are not read.
pub(crate) fn misspelt<'a>(text: &'a str, visit: &mut dyn FnMut(Misspelt<'a>)) {
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find('&').unwrap_or(rest.len());
        // Brackets are rare, and cost a copy of the name.
        let has_bracket = rest.get(..plain).is_some_and(|piece| piece.contains(['(', '{']));
        let Ok(end) = (if has_bracket { piece_end(rest) } else { Ok(plain) }) else {
            let name = rest.split_once('=').map_or(rest, |(name, _)| name);
            return visit(Misspelt { name, what: "has a bracket that is never closed" });
        };
        let (piece, tail) = rest.split_at(end);
        rest = tail.strip_prefix('&').unwrap_or(tail);
        let name = piece.split_once('=').map_or(piece, |(name, _)| name);
        if !piece.is_empty() && !piece.starts_with(['.', '$']) && spelled(name).is_none() {
            visit(Misspelt { name, what: fault(name) });
        }
    }
}

/// What is wrong with a name that is not known.
fn fault(name: &str) -> &'static str {
    if name.trim_matches(' ').is_empty() {
        "a command without a name"
    } else if name.starts_with("amp;") {
        "stands behind &amp; instead of &"
    } else if name.starts_with('?') {
        "starts with a question mark"
    } else if name.starts_with(' ') || name.ends_with(' ') {
        "has blanks around its name"
    } else {
        "is not a command"
    }
}

impl Misspelt<'_> {
    /// The known command that the author probably meant: the name without blanks, `?` and `amp;`, else the nearest
    /// name.
    fn meant(&self) -> Option<&'static str> {
        let bare = self.name.trim_matches(' ').trim_start_matches('?').trim_start_matches("amp;").trim_matches(' ');
        if let Some(name) = spelled(bare) {
            // The name is right, so the fault is elsewhere.
            return Some(name).filter(|_| bare != self.name);
        }
        resembled(bare)
    }
}

impl fmt::Display for Misspelt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)?;
        match self.meant() {
            Some(name) => write!(f, "; did you mean {name}?"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        misspelt(text, &mut |one| all.push(one.to_string()));
        all
    }

    #[test]
    fn what_is_no_command_is_told_with_what_may_be_meant() {
        for (text, expected) in [
            ("wdth=100", "wdth: is not a command; did you mean wid?"),
            ("width=100", "width: is not a command; did you mean wid?"),
            ("WDI=100", "WDI: is not a command"),
            ("wd=100", "wd: is not a command; did you mean wid?"),
            ("resmod=bilin", "resmod: is not a command; did you mean resMode?"),
            ("op_bright=5", "op_bright: is not a command"),
            ("op_sharp", "op_sharp: is not a command; did you mean op_sharpen?"),
            ("?wid=100", "?wid: starts with a question mark; did you mean wid?"),
            ("amp;wid=100", "amp;wid: stands behind &amp; instead of &; did you mean wid?"),
            (" wid=100", " wid: has blanks around its name; did you mean wid?"),
            ("wid = 1", "wid : has blanks around its name; did you mean wid?"),
            ("=5", ": a command without a name"),
            ("  ", "  : a command without a name"),
            ("someviewer=1", "someviewer: is not a command"),
            ("src=is(a?wid=1", "src: has a bracket that is never closed"),
        ] {
            assert_eq!(found(text), [expected], "{text:?}");
        }
        assert_eq!(found("wid=100&amp;hei=5& fit=crop").len(), 2);
    }

    #[test]
    fn commands_comments_variables_and_calls_are_none_of_it() {
        for text in [
            "",
            "wid=100&HEI=5&&opXusm",
            ".wdth=1&$wdth=1&$wdth$&$x",
            "src=is(cat/a?wdth=1&hgt=2)&flip=lr",
            "layer=1&opac=50&blendMode=mult&op_growMaskR=1&textAttr=72&imageSet={a,b}",
            "cropN=0,0,1,1&op_usmR=1&colorize=ff0000&network=on&labelkey=a&iccEmbed=1",
        ] {
            let expected = usize::from(text.contains("opXusm"));
            assert_eq!(found(text).len(), expected, "{text:?} {:?}", found(text));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at(text in "[&=?$.;a-eéwid ({)}]{0,60}") {
            for one in found(&text) {
                prop_assert!(one.contains(": "));
            }
        }
    }
}
