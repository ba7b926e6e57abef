//! The colour syntax (`protocol.md` §2.1).

use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::{Color, Ink};

/// Reads a colour in any of its forms. `None` if malformed or out of range.
///
/// | form | meaning |
/// |---|---|
/// | `g[,a][g]` | gray in percent |
/// | `r,g,b[,a][r]` | RGB, 0 to 255 |
/// | `c,m,y,k[,a]k` | CMYK in percent |
/// | `0xGG[AA][g]`, `[0x]RRGGBB[AA][r]`, `[0x]CCMMYYKK[AA]k` | hexadecimal; CMYK bytes are percents |
pub(crate) fn parse_color(text: &str) -> Option<Color> {
    let text = text.trim_matches(' ').to_ascii_lowercase();
    let (text, source_space) = text.strip_suffix('s').map_or((text.as_str(), false), |rest| (rest, true));
    let (body, kind) = match text.as_bytes().last()? {
        b'g' => (&text[..text.len() - 1], Some(Kind::Gray)),
        b'r' => (&text[..text.len() - 1], Some(Kind::Rgb)),
        b'k' => (&text[..text.len() - 1], Some(Kind::Cmyk)),
        _ => (text, None),
    };
    let (ink, alpha) = match body.strip_prefix("0x") {
        Some(digits) => hex(digits, kind, true)?,
        // Digits that are no hexadecimal form of that length may still be a decimal with leading zeros.
        None => hex(body, kind, false).or_else(|| decimal(body, kind))?,
    };
    Some(Color { ink, alpha, source_space })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Gray,
    Rgb,
    Cmyk,
}

fn hex(digits: &str, kind: Option<Kind>, prefixed: bool) -> Option<(Ink, u8)> {
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    let bytes = (0..digits.len() / 2)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok())
        .collect::<Option<Vec<u8>>>()?;
    match (bytes.as_slice(), kind) {
        (&[g], None | Some(Kind::Gray)) if prefixed => Some((Ink::Gray(g), 255)),
        (&[g, a], None | Some(Kind::Gray)) if prefixed => Some((Ink::Gray(g), a)),
        (&[r, g, b], None | Some(Kind::Rgb)) => Some((Ink::Rgb([r, g, b]), 255)),
        (&[r, g, b, a], None | Some(Kind::Rgb)) => Some((Ink::Rgb([r, g, b]), a)),
        (&[c, m, y, k], Some(Kind::Cmyk)) => Some((Ink::Cmyk([c, m, y, k].map(clamped_percent)), 255)),
        (&[c, m, y, k, a], Some(Kind::Cmyk)) => {
            Some((Ink::Cmyk([c, m, y, k].map(clamped_percent)), clamped_percent(a)))
        }
        _ => None,
    }
}

fn decimal(body: &str, kind: Option<Kind>) -> Option<(Ink, u8)> {
    let values = body.split(',').map(Decimal::parse).collect::<Option<Vec<Decimal>>>()?;
    match (values.as_slice(), kind) {
        (&[g], None | Some(Kind::Gray)) => Some((Ink::Gray(percent(g)?), 255)),
        (&[g, a], None | Some(Kind::Gray)) => Some((Ink::Gray(percent(g)?), percent(a)?)),
        (&[r, g, b], None | Some(Kind::Rgb)) => Some((Ink::Rgb([byte(r)?, byte(g)?, byte(b)?]), 255)),
        (&[r, g, b, a], None | Some(Kind::Rgb)) => Some((Ink::Rgb([byte(r)?, byte(g)?, byte(b)?]), byte(a)?)),
        (&[c, m, y, k], Some(Kind::Cmyk)) => {
            Some((Ink::Cmyk([percent(c)?, percent(m)?, percent(y)?, percent(k)?]), 255))
        }
        (&[c, m, y, k, a], Some(Kind::Cmyk)) => {
            Some((Ink::Cmyk([percent(c)?, percent(m)?, percent(y)?, percent(k)?]), percent(a)?))
        }
        _ => None,
    }
}

/// A whole number from 0 to 255.
fn byte(value: Decimal) -> Option<u8> {
    (value.billionths() % Decimal::ONE == 0).then_some(value.billionths() / Decimal::ONE)?.try_into().ok()
}

/// 0–100 as 0–255, rounded.
fn percent(value: Decimal) -> Option<u8> {
    let steps = i128::from(value.billionths()) * 255;
    let rounded = crate::base::geom::round_half_up(steps, 100 * i128::from(Decimal::ONE));
    (0..=100 * Decimal::ONE).contains(&value.billionths()).then_some(rounded as u8)
}

/// A byte that is a percentage; more than 100 counts as 100.
fn clamped_percent(value: u8) -> u8 {
    ((u32::from(value.min(100)) * 255 + 50) / 100) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ink(text: &str) -> Option<(Ink, u8)> {
        parse_color(text).map(|color| (color.ink, color.alpha))
    }

    /// Every row of the table in `protocol.md` §2.1.
    #[test]
    fn forms() {
        let cases = [
            ("0", Ink::Gray(0), 255),
            ("50", Ink::Gray(128), 255),
            ("100g", Ink::Gray(255), 255),
            ("44,20", Ink::Gray(112), 51),
            ("44,20G", Ink::Gray(112), 51),
            ("255,128,0", Ink::Rgb([255, 128, 0]), 255),
            ("255,128,0,128", Ink::Rgb([255, 128, 0]), 128),
            ("255,128,0,128r", Ink::Rgb([255, 128, 0]), 128),
            ("0,50,100,20k", Ink::Cmyk([0, 128, 255, 51]), 255),
            ("0,50,100,20,40K", Ink::Cmyk([0, 128, 255, 51]), 102),
            ("0x70", Ink::Gray(0x70), 255),
            ("0X70G", Ink::Gray(0x70), 255),
            ("0x7044", Ink::Gray(0x70), 0x44),
            ("ffeedd", Ink::Rgb([255, 0xee, 0xdd]), 255),
            ("0xFFEEDDr", Ink::Rgb([255, 0xee, 0xdd]), 255),
            ("FFEEDD80", Ink::Rgb([255, 0xee, 0xdd]), 0x80),
            ("0x38393A3Bk", Ink::Cmyk([143, 145, 148, 150]), 255),
            ("38393a3b64K", Ink::Cmyk([143, 145, 148, 150]), 255),
            ("ffffffffk", Ink::Cmyk([255; 4]), 255),
            ("100000", Ink::Rgb([0x10, 0, 0]), 255),
        ];
        for (text, expected, alpha) in cases {
            assert_eq!(ink(text), Some((expected, alpha)), "{text}");
        }
    }

    /// `layers.md` §0, correction 26: leading zeros are legal, and only 6 or 8 digits without a comma are hexadecimal.
    #[test]
    fn decimals_may_begin_with_zeros() {
        let cases = [
            ("000000,0", Ink::Gray(0), 0),
            ("000000,0g", Ink::Gray(0), 0),
            ("000050,100", Ink::Gray(128), 255),
            ("000100,0050", Ink::Gray(255), 128),
            ("00", Ink::Gray(0), 255),
            ("00050", Ink::Gray(128), 255),
            ("000050g", Ink::Gray(128), 255),
            ("0000050", Ink::Gray(128), 255),
            ("000000050", Ink::Gray(128), 255),
            ("000000", Ink::Rgb([0; 3]), 255),
            ("000050", Ink::Rgb([0, 0, 0x50]), 255),
            ("00000000", Ink::Rgb([0; 3]), 0),
            ("0255,0,0", Ink::Rgb([255, 0, 0]), 255),
            ("000,000,000", Ink::Rgb([0; 3]), 255),
            ("000000,000000,000000,000000", Ink::Rgb([0; 3]), 0),
            ("000000,0,0", Ink::Rgb([0; 3]), 255),
            ("000,050,0100,20k", Ink::Cmyk([0, 128, 255, 51]), 255),
            ("0000000064k", Ink::Cmyk([0; 4]), 255),
        ];
        for (text, expected, alpha) in cases {
            assert_eq!(ink(text), Some((expected, alpha)), "{text}");
        }
        for text in ["000101", "00ff00"] {
            assert!(matches!(ink(text), Some((Ink::Rgb(_), 255))), "{text}");
        }
        for text in
            ["0000101", "000101g", "000000,101", "0256,0,0", "00000g,0", "000000,", ",0", "00ff00,0", "0x000000,0"]
        {
            assert_eq!(ink(text), None, "{text}");
        }
    }

    #[test]
    fn the_source_suffix_comes_last() {
        for (text, expected) in
            [("50gs", Ink::Gray(128)), ("1,2,3rs", Ink::Rgb([1, 2, 3])), ("1,2,3s", Ink::Rgb([1, 2, 3]))]
        {
            let color = parse_color(text).unwrap();
            assert!(color.source_space && color.ink == expected, "{text}");
        }
    }

    #[test]
    fn malformed_colors_are_refused() {
        for text in [
            "",
            "red",
            "101",
            "-1",
            "256,0,0",
            "0,0",
            "1,2",
            "1.5,2,3",
            "0,0,0,0",
            "1,2,3,4,5",
            "0x",
            "0x1",
            "12345",
            "1234567",
            "0x123",
            "70g,",
            "1,2,3k",
            "0,0,0,101k",
            "ffffffff64",
            "0xffg0",
            "k",
            "s",
            "0x70k",
            "é12345",
        ] {
            let refused = parse_color(text).is_none();
            // Two grays and four RGB values are legal; they stand in the list to show where the border runs.
            assert_eq!(refused, !matches!(text, "0,0" | "1,2" | "0,0,0,0"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = parse_color(&text);
        }
    }
}
