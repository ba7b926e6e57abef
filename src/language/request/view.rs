//! Values that say which pixels are shown: regions, crops, fit, alignment, background.

use std::fmt;

use crate::base::geom::{MAX_SIDE, Rect};
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::{Color, Ink};
use crate::imaging::scene::{Align, Crop, Fit, FitMode, Flip, Tile};

use super::color::parse_color;
use super::value::{Factor, Reason, Value, flag, list, side, whole};

/// `x,y,w,h` with whole numbers, w and h greater than 0.
fn region([x, y, w, h]: [i32; 4]) -> Option<Rect> {
    let near = |offset: i32| i64::from(offset).abs() <= i64::from(MAX_SIDE);
    (near(x) && near(y)).then_some(Rect::new(i64::from(x), i64::from(y), side(w)?, side(h)?))
}

const REGION: Reason = "needs x,y,width,height as whole numbers, width and height greater than 0";

impl Value for Rect {
    fn parse(text: &str) -> Result<Self, Reason> {
        list(text, whole).and_then(region).ok_or(REGION)
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.x, self.y, self.width, self.height)
    }
}

/// `rect=x,y,w,h[,scale]`.
impl Value for Tile {
    fn parse(text: &str) -> Result<Self, Reason> {
        let (rect, scale) = match text.match_indices(',').nth(3) {
            Some((comma, _)) => (&text[..comma], Factor::parse(&text[comma + 1..])?.0),
            None => (text, Decimal::from_int(1)),
        };
        Ok(Self { rect: Rect::parse(rect)?, scale })
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.rect, self.scale)
    }
}

/// `crop=x,y,w,h` in source pixels or `cropN=x,y,w,h` relative to the source's size.
impl Crop {
    pub(crate) fn parse_pixels(text: &str) -> Result<Self, Reason> {
        Rect::parse(text).map(Self::Pixels)
    }

    pub(crate) fn parse_relative(text: &str) -> Result<Self, Reason> {
        // 16777216 source sizes are more than any legal crop reaches; the plan checks the pixels.
        let near = |value: &Decimal| value.billionths().abs() <= i64::from(MAX_SIDE) * Decimal::ONE / 1000;
        list(text, Decimal::parse)
            .filter(|[_, _, w, h]| w.billionths() > 0 && h.billionths() > 0)
            .filter(|values| values.iter().all(near))
            .map(Self::Relative)
            .ok_or("needs x,y,width,height as numbers, width and height greater than 0")
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Pixels(_) => "crop",
            Self::Relative(_) => "cropN",
        }
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixels(rect) => rect.fmt(f),
            Self::Relative([x, y, w, h]) => write!(f, "{x},{y},{w},{h}"),
        }
    }
}

/// `flip=lr|ud|lrud`; empty for none.
impl Value for Flip {
    fn parse(text: &str) -> Result<Self, Reason> {
        let (horizontally, vertically) = match text.to_ascii_lowercase().as_str() {
            "" => (false, false),
            "lr" => (true, false),
            "ud" => (false, true),
            "lrud" => (true, true),
            _ => return Err("needs lr, ud or lrud"),
        };
        Ok(Self { horizontally, vertically })
    }
}

impl fmt::Display for Flip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.horizontally { "lr" } else { "" })?;
        f.write_str(if self.vertically { "ud" } else { "" })
    }
}

impl FitMode {
    const NAMES: [(&'static str, Self); 7] = [
        ("fit", Self::Fit),
        ("constrain", Self::Constrain),
        ("crop", Self::Crop),
        ("wrap", Self::Wrap),
        ("stretch", Self::Stretch),
        ("hfit", Self::Hfit),
        ("vfit", Self::Vfit),
    ];
}

/// `fit=mode[,0|1]`.
impl Value for Fit {
    fn parse(text: &str) -> Result<Self, Reason> {
        let (mode, upscale) = text.split_once(',').unwrap_or((text, "0"));
        let mode = FitMode::NAMES
            .iter()
            .find(|(name, _)| mode.trim_matches(' ').eq_ignore_ascii_case(name))
            .ok_or("needs fit, constrain, crop, wrap, stretch, hfit or vfit")?
            .1;
        Ok(Self { mode, upscale: flag(upscale).ok_or("needs 0 or 1 after the comma")? })
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::mode_name(self.mode);
        write!(f, "{name},{}", u8::from(self.upscale))
    }
}

impl Fit {
    fn mode_name(mode: FitMode) -> &'static str {
        FitMode::NAMES.iter().find(|(_, candidate)| *candidate == mode).map_or("", |(name, _)| name)
    }
}

/// `align=horiz,vert`.
impl Value for Align {
    fn parse(text: &str) -> Result<Self, Reason> {
        list(text, Decimal::parse)
            .filter(|values: &[Decimal; 2]| values.iter().all(|v| v.billionths().abs() <= Decimal::ONE))
            .map(|[horizontal, vertical]| Self { horizontal, vertical })
            .ok_or("needs two numbers from -1 to 1")
    }
}

impl fmt::Display for Align {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.horizontal, self.vertical)
    }
}

/// `dpr=off|on[,value]`: multiplies the delivered size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dpr(pub(crate) Factor);

impl Value for Dpr {
    fn parse(text: &str) -> Result<Self, Reason> {
        let (switch, value) = text.split_once(',').unwrap_or((text, "1"));
        let factor = Factor::read(value).ok_or("needs a number greater than 0 after the comma")?;
        let on = flag(switch).ok_or("needs off, or on and a number")?;
        Ok(Self(if on { factor } else { Factor(Decimal::from_int(1)) }))
    }
}

impl fmt::Display for Dpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on,{}", self.0)
    }
}

/// `bgc=color`. Alpha and the suffix `s` are ignored (`protocol.md` §6).
impl Value for Ink {
    fn parse(text: &str) -> Result<Self, Reason> {
        parse_color(text).map(|Color { ink, .. }| ink).ok_or("needs a color such as ff8000 or 255,128,0")
    }
}

impl fmt::Display for Ink {
    /// The shortest form that reads back to the same bytes: hexadecimal, or percents for CMYK.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gray(g) => write!(f, "0x{g:02x}"),
            Self::Rgb([r, g, b]) => write!(f, "{r:02x}{g:02x}{b:02x}"),
            Self::Cmyk(inks) => {
                for ink in inks {
                    // Nine digits after the point are far finer than the 255 steps of a byte.
                    let percent = u64::from(*ink) * 100 * Decimal::ONE as u64 / 255;
                    write!(f, "{}.{:09}", percent / Decimal::ONE as u64, percent % Decimal::ONE as u64)?;
                    f.write_str(if std::ptr::eq(ink, &inks[3]) { "k" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}
