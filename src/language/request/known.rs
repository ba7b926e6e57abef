//! Names of commands: which are known, and what a misspelled one was meant to be.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::command::{CompositeCommands, LayerCommands, RequestCommands};
use super::raw::Modifier;

/// A name, and what is said of a name that resembles it.
type Known = (&'static str, &'static str);

/// The most unknown names that are told of one request.
const MAX_UNKNOWN: usize = 32;

/// The longest name that is compared with others, in bytes.
const MAX_NAME: usize = 32;

macro_rules! known {
    ($($name:literal)+) => {
        [$(($name, concat!("is not a known command; did you mean ", $name, "?"))),+]
    };
}

/// Commands beside those that are typed: they start a segment, are about the reply, have no effect, or are not carried out
/// yet.
#[rustfmt::skip]
const OTHERS: [Known; 32] = known![
    "layer" "effect" "handler" "type" "imageSet" "labelkey" "sig" "exp" "kid"
    "bfc" "network" "effectMask" "pathEmbed" "hide" "opac" "blendMode"
    "op_grow" "op_growMask" "op_growMaskR" "perspective" "perspectiveN"
    "clipPath" "clipPathE" "clipXPath" "clipXPathE" "cropPathE"
    "text" "textPs" "textAttr" "textAngle" "textPath" "pathAttr"
];

/// Commands of texts that flow along paths.
const FLOWS: [Known; 2] = known!["textFlowPath" "textFlowXPath"];

/// What commands are called elsewhere, and their names.
const ELSEWHERE: [(&str, &str); 8] = [
    ("width", "wid"),
    ("height", "hei"),
    ("quality", "qlt"),
    ("format", "fmt"),
    ("background", "bgc"),
    ("zoom", "scl"),
    ("region", "rgn"),
    ("sharpen", "op_sharpen"),
];

/// The commands by their names in lower case.
fn table() -> &'static HashMap<String, Known> {
    static TABLE: OnceLock<HashMap<String, Known>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let typed = [RequestCommands::NAMES, LayerCommands::NAMES, CompositeCommands::NAMES];
        let all = typed.into_iter().flatten().chain(&OTHERS).chain(&FLOWS);
        all.map(|known| (known.0.to_ascii_lowercase(), *known)).collect()
    })
}

/// The entry of a name, in any case. Nothing is allocated: a million records may have three commands each.
fn entry(name: &str) -> Option<Known> {
    let mut buffer = [0; MAX_NAME];
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    table().get(std::str::from_utf8(lower).ok()?).copied()
}

/// A command as the protocol spells its name; `None` if the name is not known.
pub(super) fn spelled(name: &str) -> Option<&'static str> {
    entry(name).map(|(name, _)| name)
}

/// A name is that of a command of the protocol.
pub(crate) fn is_known(name: &str) -> bool {
    entry(name).is_some()
}

/// The known command that an unknown name resembles most.
fn nearest(name: &str) -> Option<Known> {
    if name.len() > MAX_NAME {
        return None;
    }
    let name = name.to_ascii_lowercase();
    // Of names with three letters any two are nearly the same.
    let most = if name.len() <= 3 { 1 } else { 2 };
    let elsewhere = ELSEWHERE.iter().filter_map(|(other, known)| Some((*other, entry(known)?)));
    let known = table().iter().map(|(lower, known)| (lower.as_str(), *known)).chain(elsewhere);
    // Of equally near names the one with the same first letter: writers rarely miss that letter.
    let first = |lower: &str| name.bytes().next() != lower.bytes().next();
    let near = known.filter_map(|(lower, known)| Some((distance(&name, lower, most)?, first(lower), known)));
    near.min().map(|(.., known)| known)
}

/// The name of the known command that an unknown name resembles most.
pub(super) fn resembled(name: &str) -> Option<&'static str> {
    nearest(name).map(|(name, _)| name)
}

/// The names of commands that no document of the protocol has, each once, in their order, the first 32.
pub(crate) fn unknown_commands(modifiers: &[Modifier]) -> Vec<&str> {
    let mut unknown: Vec<&str> = Vec::new();
    for modifier in modifiers {
        if let Modifier::Command { name, .. } = modifier
            && unknown.len() < MAX_UNKNOWN
            && !unknown.contains(&name.as_str())
            && !is_known(name)
        {
            unknown.push(name);
        }
    }
    unknown
}

/// Why a name is refused: it is not known, but perhaps it resembles one that is.
pub(crate) fn why_unknown(name: &str) -> &'static str {
    nearest(name).map_or("is not a known command", |(_, why)| why)
}

/// Letters to insert, delete or replace to make one name of the other; `None` if those are more than `most`.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let replaced = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().filter(|&distance| distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::parse_modifiers;

    /// Every command of the protocol's index, of its chapters on requests and of the later ones.
    #[test]
    fn all_commands_of_the_protocol_are_known() {
        let protocol = include_str!("../../../docs/protocol/protocol.md");
        let (_, index) = protocol.split_once("\n## 4. Command index").unwrap();
        let (index, rest) = index.split_once("\nEffect layers accept only").unwrap();
        let rows = |text: &'static str| text.lines().filter(|line| line.starts_with("| `") || line.starts_with("| "));
        let mut names: Vec<&str> = index
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect::<Vec<_>>()
            .concat()
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|name| &*name.to_owned().leak())
            .collect();
        let (_, later) = rest.split_once("\n### 9.1").unwrap();
        let later = later.split("\n### 9.2").next().unwrap();
        let first = rows(later).filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split([',', ' ']));
        names.extend(first.filter(|name| name.len() > 3 && name.bytes().all(|c| c.is_ascii_alphabetic())));
        assert!(names.len() > 110, "{}", names.len());
        // What the later chapter names that is no command, and `perspective/N`, whose slash leaves it out.
        let others = ["Command", "embedded", "invisible", "watermarks", "sources", "source"];
        let unknown: Vec<_> = names.into_iter().filter(|name| !others.contains(name) && !is_known(name)).collect();
        assert_eq!(unknown, [""; 0]);
    }

    #[test]
    fn unknown_names_are_told_once_and_in_order() {
        let modifiers =
            parse_modifiers("wdth=1&WID=2&.wdth=3&$foo=4&$bar$&foo&Wdth=5&sig=6&mapA=7&layer=0&src=is(x)").unwrap();
        assert_eq!(unknown_commands(&modifiers), ["wdth", "foo"]);
        let many: String = (0..100).map(|number| format!("a{number}&")).collect();
        assert_eq!(unknown_commands(&parse_modifiers(&many).unwrap()).len(), MAX_UNKNOWN);
    }

    #[test]
    fn misspelled_names_are_recognized() {
        for (name, meant) in [
            ("widh", "wid"),
            ("width", "wid"),
            ("hey", "hei"),
            ("resmod", "resMode"),
            ("op_sharpn", "op_sharpen"),
            ("colour", "color"),
            ("postn", "posN"),
        ] {
            assert_eq!(why_unknown(name), format!("is not a known command; did you mean {meant}?"), "{name}");
        }
        for name in ["", "foo", "viewer", "_tparam_size", &"wid".repeat(1000), "é"] {
            assert_eq!(why_unknown(name), "is not a known command", "{name}");
        }
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (a, b, expected) in [
            ("wdth", "width", Some(1)),
            ("kitten", "sitting", None),
            ("kitten", "sittin", Some(2)),
            ("", "ab", Some(2)),
            ("abc", "abc", Some(0)),
            ("crop", "corp", Some(2)),
        ] {
            assert_eq!(distance(a, b, 2), expected, "{a} {b}");
            assert_eq!(distance(b, a, 2), expected, "{b} {a}");
        }
    }
}
