//! Commands of the protocol that are understood and not carried out yet.
//!
//! Ignoring them would deliver a wrong picture under a version that says it is right. So their values are read, a
//! malformed one is refused as such, and one that would change the reply is refused by name.

use crate::base::error::{Error, Result};
use crate::base::num::decimal::Decimal;

use super::output::{icc, quantize};
use super::value::{Reason, flag, list, whole};

/// What a value of a later command says: something, or what holds without it.
type Says = Option<()>;

/// Reads a value. `Ok(Some)`: it would change the reply.
type Reader = fn(&str) -> std::result::Result<Says, Reason>;

/// By name in lower case.
const LATER: [(&str, Reader); 22] = [
    ("clippath", path),
    ("clippathe", text),
    ("clipxpath", path),
    ("clipxpathe", text),
    ("croppathe", text),
    ("effect", effect),
    ("hide", switch),
    ("icc", icc),
    ("iccembed", switch),
    ("op_grow", grow),
    ("op_growmask", grow),
    ("op_growmaskr", grow),
    ("opac", opacity),
    ("perspective", corners),
    ("perspectiven", corners),
    ("quantize", quantize),
    ("text", text),
    ("textflowpath", path),
    ("textflowxpath", path),
    ("textpath", path),
    ("textps", text),
    ("blendmode", blend_mode),
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

/// A path: steps `M m L l C c Z z` and coordinates, separated by commas.
fn path(value: &str) -> std::result::Result<Says, Reason> {
    let is_step = |part: &str| matches!(part, "M" | "m" | "L" | "l" | "C" | "c" | "Z" | "z");
    let parts = value.split([',', ' ']).filter(|part| !part.is_empty());
    if parts.clone().all(|part| is_step(part) || Decimal::parse(part).is_some()) {
        Ok(parts.clone().next().map(|_| ()))
    } else {
        Err("needs steps M, L, C or Z and coordinates")
    }
}

/// A whole number other than 0.
fn effect(value: &str) -> std::result::Result<Says, Reason> {
    whole(value).filter(|&number| number != 0).map(|_| Some(())).ok_or("needs a whole number other than 0")
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
    let corners = ["R1", "R2", "R3", "R3Tn"]
        .iter()
        .find_map(|keyword| value.strip_suffix(keyword)?.strip_suffix(','))
        .unwrap_or(value);
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

/// Checks values that are legal or not and change nothing of what this engine does (`protocol.md` §5).
pub(super) fn check_ignored(name: &str, value: &str) -> Result<()> {
    let legal = match name {
        "network" | "bfc" | "pathembed" | "effectmask" => value.is_empty() || flag(value).is_some(),
        _ => true,
    };
    if legal { Ok(()) } else { Err(Error::request(name, "needs on or off")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_before_they_are_refused() {
        let refused = |name: &str, value: &str| refuse_later(name, value).map_err(|error| error.to_string());
        for (name, value, expected) in [
            ("effect", "-1", "effect: is not supported yet"),
            ("effect", "0", "effect: needs a whole number other than 0"),
            ("text", "{\\rtf1 hi}", "text: is not supported yet"),
            ("clippath", "M,1,2,L,3.5,4,Z", "clippath: is not supported yet"),
            ("clippath", "Q,1,2", "clippath: needs steps M, L, C or Z and coordinates"),
            ("perspective", "0,0,9,0,9,9,0,9,R3Tn", "perspective: is not supported yet"),
            ("perspectiven", "0,0,1,0", "perspectiven: needs four corners as x,y"),
            ("opac", "50", "opac: is not supported yet"),
            ("opac", "101", "opac: needs whole numbers from 0 to 100"),
            ("op_grow", "3", "op_grow: is not supported yet"),
            ("op_growmask", "101", "op_growmask: needs a whole number from -100 to 100"),
            ("icc", "AdobeRGB", "icc: is not supported yet"),
            ("iccembed", "1", "iccembed: is not supported yet"),
            ("quantize", "web", "quantize: is not supported yet"),
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
            ("iccembed", "0"),
            ("icc", ""),
            ("blendmode", "mult"),
            ("hide", "0"),
            ("quantize", ""),
            ("nonsense", "x"),
            ("perspective", ""),
        ] {
            assert_eq!(refused(name, value), Ok(()), "{name}={value}");
        }
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
