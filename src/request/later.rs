//! Commands of the protocol that would change a picture and are not drawn yet.
//!
//! Ignoring them would deliver a wrong picture under a version that says it is right, so they are refused by
//! name, unless their value is the one that changes nothing.

use crate::error::{Error, Result};

/// Name in lower case, and the values that change nothing.
const LATER: [(&str, &[&str]); 48] = [
    ("bgcolor", &["", "0,0,0,0"]),
    ("clippath", &[""]),
    ("clippathe", &[""]),
    ("clipxpath", &[""]),
    ("clipxpathe", &[""]),
    ("color", &["", "0,0,0,0"]),
    ("colorize", &[""]),
    ("croppathe", &[""]),
    ("effect", &[]),
    ("extend", &["", "0,0,0,0"]),
    ("extendn", &["", "0,0,0,0"]),
    ("hide", &["", "0"]),
    ("icc", &[""]),
    ("iccembed", &["", "0"]),
    ("jpegsize", &["", "0"]),
    ("layer", &["comp"]),
    ("mask", &[""]),
    ("maskuse", &["", "norm"]),
    ("op_blur", &["", "0"]),
    ("op_brightness", &["", "0"]),
    ("op_colorbalance", &["", "0,0,0"]),
    ("op_colorize", &[""]),
    ("op_contrast", &["", "0"]),
    ("op_grow", &["", "0"]),
    ("op_growmask", &["", "0"]),
    ("op_growmaskr", &["", "0"]),
    ("op_hue", &["", "0"]),
    ("op_invert", &["", "0"]),
    ("op_noise", &["", "0"]),
    ("op_saturation", &["", "0"]),
    ("opac", &["", "100", "100,100"]),
    ("perspective", &[""]),
    ("perspectiven", &[""]),
    ("printres", &[""]),
    ("pscan", &["", "auto"]),
    ("res", &[""]),
    ("rotate", &["", "0"]),
    ("scale", &["", "1"]),
    ("size", &["", "0,0"]),
    ("sizen", &["", "0,0"]),
    ("src", &[""]),
    ("template", &[""]),
    ("text", &[""]),
    ("textflowpath", &[""]),
    ("textflowxpath", &[""]),
    ("textpath", &[""]),
    ("textps", &[""]),
    ("xmpembed", &["", "0"]),
];

/// Refuses a command that is known, would change the reply, and is not supported yet.
pub(super) fn refuse_later(name: &str, value: &str) -> Result<()> {
    match LATER.iter().find(|(later, _)| *later == name) {
        Some((_, harmless)) if !harmless.contains(&value.trim_matches(' ').to_ascii_lowercase().as_str()) => {
            Err(Error::request(name, "is not supported yet"))
        }
        _ => Ok(()),
    }
}
