//! Commands of the protocol that are understood and not carried out yet.
//!
//! Ignoring them would deliver a wrong picture under a version that says it is right. So their values are read, a
//! malformed one is refused as such, and one that would change the reply is refused by name.

use crate::base::error::{Error, Result};
use crate::base::num::decimal::Decimal;

use super::value::{Reason, flag, list, whole};

/// What a value of a later command says: something, or what holds without it.
type Says = Option<()>;

/// Reads a value. `Ok(Some)`: it would change the reply.
type Reader = fn(&str) -> std::result::Result<Says, Reason>;

/// By name in lower case.
const LATER: [(&str, Reader); 13] = [
    ("clippath", path),
    ("clippathe", text),
    ("croppathe", text),
    ("hide", switch),
    ("op_grow", grow),
    ("op_growmask", grow),
    ("op_growmaskr", grow),
    ("opac", opacity),
    ("perspective", corners),
    ("perspectiven", corners),
    ("text", text),
    ("textps", text),
    ("blendmode", blend_mode),
];

/// Commands that change nothing of what this engine does, each with the case in which the protocol ignores it
/// (`protocol.md` §5, §9.1). By name in lower case.
const IGNORED: [(&str, Reader); 12] = [
    // Without `clipPath`, which is refused.
    ("clipxpath", path),
    ("clipxpathe", text),
    // Without `textPs`, which is refused.
    ("textflowpath", path),
    ("textflowxpath", path),
    ("textpath", path),
    // Without a text, which is refused; nothing looks at the value.
    ("pathattr", text),
    ("textangle", text),
    ("textattr", text),
    // Accepted without effect.
    ("bfc", on_or_off),
    ("effectmask", on_or_off),
    ("network", on_or_off),
    ("pathembed", on_or_off),
];

/// Refuses a command that is known, would change the reply, and is not carried out yet.
pub(super) fn refuse_later(name: &str, value: &str) -> Result<()> {
    let Some((_, read)) = LATER.iter().find(|(later, _)| *later == name) else { return Ok(()) };
    match read(value.trim_matches(' ')) {
        Ok(None) => Ok(()),
        Ok(Some(())) => Err(Error::request(name, "is not supported yet")),
        Err(reason) => Err(Error::request(name, reason)),
    }
}

/// An operation in a layer of its own: it is carried out on the composite only.
pub(super) fn refuse_in_layer(name: &str) -> Error {
    Error::request(name, "is not supported in a layer yet")
}

/// Any text; empty is none.
#[expect(clippy::unnecessary_wraps, reason = "has the shape of a reader")]
fn text(value: &str) -> std::result::Result<Says, Reason> {
    Ok((!value.is_empty()).then_some(()))
}

fn switch(value: &str) -> std::result::Result<Says, Reason> {
    if value.is_empty() {
        return Ok(None);
    }
    flag(value).map(|on| on.then_some(())).ok_or("needs 0 or 1")
}

fn on_or_off(value: &str) -> std::result::Result<Says, Reason> {
    if value.is_empty() || flag(value).is_some() { Ok(None) } else { Err("needs on or off") }
}

/// A path: steps `M m L l C c Z z`, of which the first is an `M`, and coordinates; separators are optional before a sign or
/// a letter (`layers.md` §7.1).
fn path(value: &str) -> std::result::Result<Says, Reason> {
    let separator = [',', ' '];
    let mut rest = value.trim_start_matches(separator);
    if rest.is_empty() {
        return Ok(None);
    }
    if !rest.starts_with(['M', 'm']) {
        return Err(PATH);
    }
    while !rest.is_empty() {
        rest = match rest.strip_prefix(['M', 'm', 'L', 'l', 'C', 'c', 'Z', 'z']) {
            Some(rest) => rest,
            None => &rest[number(rest).ok_or(PATH)?..],
        };
        rest = rest.trim_start_matches(separator);
    }
    Ok(Some(()))
}

const PATH: Reason = "needs steps M, L, C or Z and coordinates";

/// The length of the number that a text begins with: sign, digits, fraction, exponent.
fn number(text: &str) -> Option<usize> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = |text: &str| usize::from(text.starts_with(['+', '-']));
    let mut len = sign(text);
    let whole = digits(&text[len..]);
    len += whole;
    let mut fraction = 0;
    if text[len..].starts_with('.') {
        fraction = digits(&text[len + 1..]);
        len += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if let Some(exponent) = text[len..].strip_prefix(['e', 'E']) {
        let power = sign(exponent) + digits(&exponent[sign(exponent)..]);
        if power > sign(exponent) {
            len += 1 + power;
        }
    }
    Some(len)
}

/// Reads `effect=n`, the start of a segment. Number 0 draws nothing (`protocol.md` §7).
pub(super) fn effect(value: &str) -> Result<Scope> {
    match whole(value) {
        Some(0) => Ok(Scope::Undrawn),
        Some(_) => Err(Error::request("effect", "is not supported yet")),
        None => Err(Error::request("effect", "needs a whole number")),
    }
}

fn grow(value: &str) -> std::result::Result<Says, Reason> {
    if value.is_empty() {
        return Ok(None);
    }
    let radius = whole(value).filter(|radius| (-100..=100).contains(radius));
    radius.map(|radius| (radius != 0).then_some(())).ok_or("needs a whole number from -100 to 100")
}

/// `opacity[,fill]`, each from 0 to 100.
fn opacity(value: &str) -> std::result::Result<Says, Reason> {
    if value.is_empty() {
        return Ok(None);
    }
    let (opacity, fill) = value.split_once(',').unwrap_or((value, "100"));
    let percent = |text: &str| whole(text).filter(|percent| (0..=100).contains(percent));
    let both = percent(opacity).zip(percent(fill)).ok_or("needs whole numbers from 0 to 100")?;
    Ok((both != (100, 100)).then_some(()))
}

/// Four corners and perhaps a way to resample.
fn corners(value: &str) -> std::result::Result<Says, Reason> {
    if value.is_empty() {
        return Ok(None);
    }
    let is_way = |way: &str| match way.strip_prefix("R3T") {
        Some(number) => whole(number).is_some_and(|number| (0..=200).contains(&number)),
        None => matches!(way, "R1" | "R2" | "R3"),
    };
    let corners = value.rsplit_once(',').filter(|(_, way)| is_way(way)).map_or(value, |(corners, _)| corners);
    list::<Decimal, 8>(corners, Decimal::parse).map(|_| Some(())).ok_or("needs four corners as x,y")
}

/// Layer 0 and the composite have nothing to blend with.
fn blend_mode(value: &str) -> std::result::Result<Says, Reason> {
    let known = ["", "norm", "dissolve", "lighten", "darken", "mult", "screen"];
    if known.iter().any(|mode| value.eq_ignore_ascii_case(mode)) {
        Ok(None)
    } else {
        Err("needs norm, dissolve, lighten, darken, mult or screen")
    }
}

/// Which layer a segment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Composite,
    Layer0,
    /// An effect that is not drawn.
    Undrawn,
}

/// Reads `layer=n|comp[,name]` or a name alone. A single image has a composite and a layer 0.
pub(super) fn scope(value: &str) -> Result<Scope> {
    let refused = |what: Reason| Error::request("layer", what);
    let (layer, name) = value.split_once(',').map_or((value, None), |(layer, name)| (layer, Some(name)));
    if name.is_some_and(|name| name.is_empty() || name.eq_ignore_ascii_case("comp")) {
        return Err(refused("needs another name"));
    }
    if layer.eq_ignore_ascii_case("comp") {
        return Ok(Scope::Composite);
    }
    match whole(layer) {
        Some(0) => Ok(Scope::Layer0),
        Some(1..) => Err(refused("more than one layer is not supported yet")),
        Some(_) => Err(refused("needs a number of 0 or more")),
        None if layer.is_empty() => Err(refused("needs a number, a name or comp")),
        None => Err(refused("is not the name of a layer")),
    }
}

/// Checks values that are legal or not and change nothing of what this engine does.
pub(super) fn check_ignored(name: &str, value: &str) -> Result<()> {
    let Some((_, read)) = IGNORED.iter().find(|(ignored, _)| *ignored == name) else { return Ok(()) };
    read(value.trim_matches(' ')).map(|_| ()).map_err(|reason| Error::request(name, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_before_they_are_refused() {
        let refused = |name: &str, value: &str| refuse_later(name, value).map_err(|error| error.to_string());
        for (name, value, expected) in [
            ("text", "{\\rtf1 hi}", "text: is not supported yet"),
            ("clippath", "M,1,2,L,3.5,4,Z", "clippath: is not supported yet"),
            ("clippath", "M0,300l200,0l0,400l-200,0", "clippath: is not supported yet"),
            ("clippath", " M-1.5e2-.5C1,2,3,4 5,6z", "clippath: is not supported yet"),
            ("clippath", "Q,1,2", "clippath: needs steps M, L, C or Z and coordinates"),
            ("clippath", "1,2", "clippath: needs steps M, L, C or Z and coordinates"),
            ("clippath", "M1,.", "clippath: needs steps M, L, C or Z and coordinates"),
            ("clippath", "M1,2e", "clippath: needs steps M, L, C or Z and coordinates"),
            ("perspective", "0,0,9,0,9,9,0,9,R3T50", "perspective: is not supported yet"),
            ("perspectiven", "0,0,1,0", "perspectiven: needs four corners as x,y"),
            ("opac", "50", "opac: is not supported yet"),
            ("opac", "101", "opac: needs whole numbers from 0 to 100"),
            ("op_grow", "3", "op_grow: is not supported yet"),
            ("op_growmask", "101", "op_growmask: needs a whole number from -100 to 100"),
            ("perspective", "0,0,9,0,9,9,0,9,R3T201", "perspective: needs four corners as x,y"),
            ("hide", "1", "hide: is not supported yet"),
            ("blendmode", "burn", "blendmode: needs norm, dissolve, lighten, darken, mult or screen"),
        ] {
            assert_eq!(refused(name, value), Err(expected.to_owned()), "{name}={value}");
        }
        for (name, value) in [
            ("text", ""),
            ("clippath", ""),
            ("opac", "100,100"),
            ("op_grow", "0"),
            ("blendmode", "mult"),
            ("hide", "0"),
            ("nonsense", "x"),
            ("perspective", ""),
        ] {
            assert_eq!(refused(name, value), Ok(()), "{name}={value}");
        }
    }

    #[test]
    fn what_is_ignored_is_read_all_the_same() {
        let checked = |name: &str, value: &str| check_ignored(name, value).map_err(|error| error.to_string());
        for (name, value) in [
            ("clipxpath", "M,1,2,L,3.5,4,Z"),
            ("clipxpathe", "Path 1"),
            ("textpath", "M0,0"),
            ("textflowxpath", ""),
            ("textattr", "72,smooth"),
            ("pathembed", "1"),
            ("network", "on"),
            ("nonsense", "x"),
        ] {
            assert_eq!(refuse_later(name, value).map_err(|error| error.to_string()), Ok(()), "{name}={value}");
        }
        for (name, value, expected) in [
            ("clipxpath", "Q,1,2", "clipxpath: needs steps M, L, C or Z and coordinates"),
            ("effectmask", "2", "effectmask: needs on or off"),
        ] {
            assert_eq!(checked(name, value), Err(expected.to_owned()), "{name}={value}");
        }
    }

    #[test]
    fn an_effect_is_drawn_unless_its_number_is_0() {
        assert_eq!(effect("0").unwrap(), Scope::Undrawn);
        assert_eq!(effect("-1").unwrap_err().to_string(), "effect: is not supported yet");
        assert_eq!(effect("x").unwrap_err().to_string(), "effect: needs a whole number");
    }

    #[test]
    fn a_single_image_has_layer_0_and_the_composite() {
        assert_eq!(scope("comp").unwrap(), Scope::Composite);
        assert_eq!(scope("0,base").unwrap(), Scope::Layer0);
        for (value, expected) in [
            ("1", "layer: more than one layer is not supported yet"),
            ("2,name", "layer: more than one layer is not supported yet"),
            ("-1", "layer: needs a number of 0 or more"),
            ("0,comp", "layer: needs another name"),
            ("logo", "layer: is not the name of a layer"),
            ("", "layer: needs a number, a name or comp"),
        ] {
            assert_eq!(scope(value).unwrap_err().to_string(), expected);
        }
    }
}
