//! Commands that a type of request does not look at, so that not even their values matter (`protocol.md` §5, §5.1).

use crate::language::request::{Kind, Modifier};

/// What decides nothing of the geometry of a picture, which is all that a map is made of (`responses.md` §4.3). In lower
/// case.
const NO_GEOMETRY: [&str; 18] = [
    "bgc",
    "bgcolor",
    "blendmode",
    "color",
    "colorize",
    "fmt",
    "icc",
    "iccembed",
    "jpegsize",
    "keepmetadata",
    "linear",
    "opac",
    "printres",
    "pscan",
    "qlt",
    "quantize",
    "resmode",
    "xmpembed",
];

/// Leaves out the commands that a type of request ignores.
pub(super) fn applicable(kind: Kind, mut modifiers: Vec<Modifier>) -> Vec<Modifier> {
    modifiers.retain(|modifier| match modifier {
        Modifier::Command { name, .. } | Modifier::Nested { name, .. } => applies(name, kind),
        Modifier::Macro(_) | Modifier::Variable { .. } => true,
    });
    modifiers
}

fn applies(name: &str, kind: Kind) -> bool {
    match name {
        "name" | "timeout" => kind == Kind::SaveToFile,
        "message" => kind == Kind::Message,
        // Where no image is returned, nor made to be kept.
        "cache" => kind.needs_pixels(),
        // It decides which object stands in for a missing one, and that has been decided.
        "defaultimage" => kind.has_default_image(),
        _ => kind != Kind::Map || !(name.starts_with("op_") || NO_GEOMETRY.contains(&name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::parse_modifiers;

    #[test]
    fn each_type_of_request_has_its_companions() {
        let query =
            "wid=1&name=a&timeout=x&message=b&cache=off&defaultImage=c&fmt=webp&op_blur=2&src=is(d)&mask=is(e)&$v=1";
        let left = |kind: Kind| -> Vec<String> {
            let modifiers = applicable(kind, parse_modifiers(query).unwrap());
            modifiers
                .into_iter()
                .map(|modifier| match modifier {
                    Modifier::Command { name, .. } | Modifier::Nested { name, .. } => name,
                    Modifier::Variable { name, .. } | Modifier::Macro(name) => format!("${name}"),
                })
                .collect()
        };
        assert_eq!(left(Kind::Img), ["wid", "cache", "defaultimage", "fmt", "op_blur", "src", "mask", "$v"]);
        assert_eq!(left(Kind::Mask), ["wid", "cache", "fmt", "op_blur", "src", "mask", "$v"]);
        assert_eq!(left(Kind::Props), ["wid", "fmt", "op_blur", "src", "mask", "$v"]);
        assert_eq!(left(Kind::Map), ["wid", "src", "mask", "$v"]);
        let saved = ["wid", "name", "timeout", "cache", "fmt", "op_blur", "src", "mask", "$v"];
        assert_eq!(left(Kind::SaveToFile), saved);
    }
}
