//! Names of commands: which are known, and what a misspelled one was meant to be.

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
const OTHERS: [Known; 34] = known![
    "layer" "effect" "handler" "type" "imageSet" "labelkey" "sig" "exp" "kid"
    "bfc" "network" "effectMask" "pathEmbed" "quantize" "icc" "hide" "opac" "blendMode"
    "op_grow" "op_growMask" "op_growMaskR" "perspective" "perspectiveN"
    "clipPath" "clipPathE" "clipXPath" "clipXPathE" "cropPathE"
    "text" "textPs" "textAttr" "textAngle" "textPath" "pathAttr"
];

/// Commands of texts that flow along paths.
const FLOWS: [Known; 2] = known!["textFlowPath" "textFlowXPath"];

fn known() -> impl Iterator<Item = Known> {
    let typed = [RequestCommands::NAMES, LayerCommands::NAMES, CompositeCommands::NAMES];
    typed.into_iter().flatten().chain(&OTHERS).chain(&FLOWS).copied()
}

fn is_known(name: &str) -> bool {
    known().any(|(known, _)| known.eq_ignore_ascii_case(name))
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
    // In a short name two letters are most of it.
    let most = if name.len() < 5 { 1 } else { 2 };
    let near = known().filter_map(|(known, why)| Some((distance(name, known).filter(|&steps| steps <= most)?, why)));
    near.min_by_key(|(steps, _)| *steps).map_or("is not a known command", |(_, why)| why)
}

/// How many letters have to be put in, taken out or replaced to make one name of another, without regard to case; `None` if
/// the first is too long to be compared.
fn distance(name: &str, known: &str) -> Option<usize> {
    if name.len() > MAX_NAME {
        return None;
    }
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (at, letter) in name.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in known.bytes().enumerate() {
            let replaced = diagonal + usize::from(!letter.eq_ignore_ascii_case(&other));
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied()
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
        assert_eq!(
            (distance("kitten", "sitting"), distance("", "abc"), distance("abc", "")),
            (Some(3), Some(3), Some(3))
        );
    }
}
