//! `quantize=type[,dither[,colors[,list]]]`: the palette of a reply (`protocol.md` §5).

use std::fmt;

use crate::imaging::pixel::palette::{PaletteKind, Quantize};

use super::value::{Reason, Value, whole};

const KINDS: [(&str, PaletteKind); 3] =
    [("adaptive", PaletteKind::Adaptive), ("web", PaletteKind::Web), ("mac", PaletteKind::Mac)];

/// Empty is the default. The number and the list mean nothing for palettes that do not depend on the picture.
impl Value for Quantize {
    fn parse(text: &str) -> Result<Self, Reason> {
        let default = Self::default();
        if text.trim_matches(' ').is_empty() {
            return Ok(default);
        }
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(',').map(|part| part.trim_matches(' '));
        let name = parts.next().unwrap_or("");
        let kind = KINDS.iter().find(|(known, _)| *known == name).ok_or("needs adaptive, web or mac")?.1;
        let diffuse = match parts.next().unwrap_or("") {
            "" | "diffuse" => true,
            "off" => false,
            _ => return Err("needs diffuse or off as its second value"),
        };
        let colors = match parts.next().unwrap_or("") {
            "" => default.colors,
            number => whole(number)
                .and_then(|number| u16::try_from(number).ok())
                .filter(|number| (2..=Self::MOST).contains(number))
                .ok_or("needs a number of colors from 2 to 256")?,
        };
        let list: Option<Vec<[u8; 3]>> = parts.map(color).collect();
        let list = list.ok_or("needs colors such as ff8000 after the number")?;
        if list.len() > usize::from(colors) {
            return Err("lists more colors than its number says");
        }
        let is_adaptive = kind == PaletteKind::Adaptive;
        let (colors, list) = if is_adaptive { (colors, list.into()) } else { (default.colors, default.list) };
        Ok(Self { kind, diffuse, colors, list })
    }
}

/// Six hexadecimal digits.
fn color(digits: &str) -> Option<[u8; 3]> {
    let is_color = digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_hexdigit());
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok().filter(|_| is_color)?.to_be_bytes();
    Some([r, g, b])
}

impl fmt::Display for Quantize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, diffuse, colors, list } = self;
        let name = KINDS.iter().find(|(_, known)| known == kind).map_or("", |(name, _)| name);
        write!(f, "{name},{}", if *diffuse { "diffuse" } else { "off" })?;
        if *kind != PaletteKind::Adaptive {
            return Ok(());
        }
        write!(f, ",{colors}")?;
        list.iter().try_for_each(|[r, g, b]| write!(f, ",{r:02x}{g:02x}{b:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palettes_are_read() {
        for (text, expected) in [
            ("", Ok("adaptive,diffuse,256")),
            ("adaptive", Ok("adaptive,diffuse,256")),
            ("Adaptive , OFF,4,FF0000,00ff0a", Ok("adaptive,off,4,ff0000,00ff0a")),
            ("adaptive,,2", Ok("adaptive,diffuse,2")),
            ("web", Ok("web,diffuse")),
            ("mac,off,16,000000", Ok("mac,off")),
            ("256", Err("needs adaptive, web or mac")),
            ("adaptive,on", Err("needs diffuse or off as its second value")),
            ("web,diffuse,1", Err("needs a number of colors from 2 to 256")),
            ("web,diffuse,257", Err("needs a number of colors from 2 to 256")),
            ("web,diffuse,-2", Err("needs a number of colors from 2 to 256")),
            ("mac,,2,ff0000,00ff00,0000ff", Err("lists more colors than its number says")),
            ("adaptive,,8,red", Err("needs colors such as ff8000 after the number")),
            ("adaptive,,8,+f0000", Err("needs colors such as ff8000 after the number")),
            ("adaptive,,8,", Err("needs colors such as ff8000 after the number")),
        ] {
            assert_eq!(Quantize::parse(text).map(|palette| palette.to_string()), expected.map(str::to_owned), "{text}");
        }
        let all = vec!["00ff00"; 256].join(",");
        assert_eq!(Quantize::parse(&format!("adaptive,,256,{all}")).unwrap().list.len(), 256);
    }

    #[test]
    fn the_canonical_text_reads_back() {
        for text in ["", "adaptive,off,3,0a0b0c", "web,off", "mac"] {
            let palette = Quantize::parse(text).unwrap();
            assert_eq!(Quantize::parse(&palette.to_string()), Ok(palette));
        }
    }
}
