//! Which pieces of a record's texts have variants by locale (`catalog.md` §6.2).
//!
//! | field | string element |
//! |---|---|
//! | ImageSet | what lies between `, ; :` and brackets; a colour before it, `0xrrggbb`, is kept |
//! | Map | quoted values of attributes other than `coords` and `shape` |
//! | Targets | values of `target.n.label` and `target.n.userdata` |
//! | UserData | values of properties |

use super::locale_map::LocaleStrMap;

/// An image set for a locale.
pub(crate) fn localize_image_set(map: &LocaleStrMap, locale: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Brackets cannot be part of an element: there they would be encoded (`catalog.md` §3.2).
    for piece in text.split_inclusive([',', ';', ':', '{', '}', '(', ')']) {
        let is_separator = |c| matches!(c, ',' | ';' | ':' | '{' | '}' | '(' | ')');
        let (element, separator) = piece.split_at(piece.trim_end_matches(is_separator).len());
        let (color, element) = element.split_at(color_len(element));
        out.push_str(color);
        out.push_str(&map.localize(locale, element));
        out.push_str(separator);
    }
    out
}

/// The length of `0xrrggbb` and the blanks behind it, at the start of a swatch.
fn color_len(element: &str) -> usize {
    let bytes = element.as_bytes();
    let is_color = bytes.starts_with(b"0x") && bytes.get(2..8).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit));
    if !is_color {
        return 0;
    }
    8 + bytes.iter().skip(8).take_while(|&&byte| byte == b' ').count()
}

/// An image map for a locale: `AREA` elements whose titles, links and other quoted attributes have variants.
pub(crate) fn localize_map(map: &LocaleStrMap, locale: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, quote)) = next_quoted(rest) {
        let (head, tail) = rest.split_at(before);
        let Some((value, after)) = tail.get(1..).and_then(|tail| tail.split_once(quote)) else { break };
        out.push_str(head);
        out.push(quote);
        let name = attribute_name(head);
        if name.eq_ignore_ascii_case("coords") || name.eq_ignore_ascii_case("shape") {
            out.push_str(value);
        } else {
            out.push_str(&map.localize(locale, value));
        }
        out.push(quote);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the next quoted value starts: at a quote behind an equals sign, with blanks between or not.
fn next_quoted(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(at, c)| {
        matches!(c, '"' | '\'') && text.get(..*at).is_some_and(|before| before.trim_ascii_end().ends_with('='))
    })
}

/// The name in front of the equals sign that ends `head`.
fn attribute_name(head: &str) -> &str {
    let name = head.trim_ascii_end().trim_end_matches('=').trim_ascii_end();
    name.rsplit(|c: char| c.is_ascii_whitespace() || matches!(c, '<' | '"' | '\'')).next().unwrap_or("")
}

/// Targets for a locale.
pub(crate) fn localize_targets(map: &LocaleStrMap, locale: &str, text: &str) -> String {
    localize_properties(map, locale, text, |name| {
        let name = name.trim_matches(' ').to_ascii_lowercase();
        name.starts_with("target.") && (name.ends_with(".label") || name.ends_with(".userdata"))
    })
}

/// User data for a locale.
pub(crate) fn localize_user_data(map: &LocaleStrMap, locale: &str, text: &str) -> String {
    localize_properties(map, locale, text, |_| true)
}

/// Properties `name=value` between `??` or line ends, of which those that `has_variants` names are localised.
fn localize_properties(map: &LocaleStrMap, locale: &str, text: &str, has_variants: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let end = separator(rest);
        let (property, tail) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        match property.split_once('=') {
            Some((name, value)) if has_variants(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(&map.localize(locale, value));
            }
            _ => out.push_str(property),
        }
        let (between, after) = tail.split_at(end.map_or(0, |(_, len)| len));
        out.push_str(between);
        if end.is_none() {
            return out;
        }
        rest = after;
    }
}

/// Where the next separator of properties stands and how long it is.
fn separator(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let at = (0..bytes.len()).find(|&at| {
        matches!(bytes.get(at), Some(b'\r' | b'\n')) || bytes.get(at..).is_some_and(|rest| rest.starts_with(b"??"))
    })?;
    let double = matches!(bytes.get(at..at + 2), Some(b"\r\n" | b"??"));
    Some((at, if double { 2 } else { 1 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map() -> LocaleStrMap {
        LocaleStrMap::parse("en,E|nl,N|de,D|,").unwrap()
    }

    /// The example of `catalog.md` §6.2.
    #[test]
    fn user_data_has_variants_of_values() {
        let text = "val1=111??str1=Default1^loc=N^Dutch1^loc=D^German1??val2=value2??\
                    str2=^loc=E^English2^loc=N^Dutch2^loc=D^German2??str3=Default3^loc=N^Dutch3^loc=D^German3";
        let of = |locale| localize_user_data(&map(), locale, text);
        assert_eq!(of("nl"), "val1=111??str1=Dutch1??val2=value2??str2=Dutch2??str3=Dutch3");
        assert_eq!(of("ja"), "val1=111??str1=Default1??val2=value2??str2=??str3=Default3");
        assert_eq!(
            localize_user_data(&map(), "nl", "a=1^loc=N^2\r\nb=3^loc=N^4\nno^loc=N^x??"),
            "a=2\r\nb=4\nno^loc=N^x??"
        );
    }

    #[test]
    fn targets_have_variants_of_labels_and_user_data() {
        let text = "Target.1.rect=1,2,3,4^loc=D^5??target.1.LABEL=Shoe^loc=D^Schuh??Target.1.userData=a^loc=D^b??x.label=c^loc=D^d";
        assert_eq!(
            localize_targets(&map(), "de", text),
            "Target.1.rect=1,2,3,4^loc=D^5??target.1.LABEL=Schuh??Target.1.userData=b??x.label=c^loc=D^d"
        );
    }

    #[test]
    fn image_sets_have_variants_of_pieces() {
        let text = "a;{0xff0000 Red^loc=D^Rot},b^loc=D^b_D:c,{d^loc=E^d_E;(e)}";
        assert_eq!(localize_image_set(&map(), "de", text), "a;{0xff0000 Rot},b_D:c,{;(e)}");
        assert_eq!(localize_image_set(&map(), "", text), "a;{0xff0000 Red},b:c,{d;(e)}");
        assert_eq!(localize_image_set(&map(), "de", "0x12345é^loc=D^x"), "x");
    }

    #[test]
    fn maps_have_variants_of_quoted_attributes() {
        let text = "<AREA SHAPE=\"RECT^loc=D^x\" coords = \"1,2,3,4^loc=D^5\" ALT='Shoe^loc=D^Schuh' HREF=\"a=b^loc=D^c\" \
                    title=no^loc=D^x><area alt=\"\" x=\"open";
        assert_eq!(
            localize_map(&map(), "de", text),
            "<AREA SHAPE=\"RECT^loc=D^x\" coords = \"1,2,3,4^loc=D^5\" ALT='Schuh' HREF=\"c\" \
             title=no^loc=D^x><area alt=\"\" x=\"open"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_localized(text in "(\\^loc=D\\^|0x112233|\\?\\?|[=,;:{}()'\" \r\na-cé])*") {
            let map = map();
            for localize in [localize_image_set, localize_map, localize_targets, localize_user_data] {
                let _ = localize(&map, "de", &text);
                // Without tokens nothing changes.
                let plain = text.replace('^', "");
                prop_assert_eq!(&localize(&map, "de", &plain), &plain);
            }
        }
    }
}
