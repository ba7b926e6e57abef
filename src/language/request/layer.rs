//! Values that say how a source becomes a layer (`protocol.md` §3.2, §7): size, scale, rotation, margins, fills, mask.

use std::fmt;

use crate::base::geom::MAX_SIDE;
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::{Color, Ink};
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::scene::{Extend, Point};

use super::color::parse_color;
use super::value::{Reason, Value, list, whole};

/// `size=w,h`: the box that a layer is scaled to fit; a side of 0 follows the aspect, both mean none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoxSize {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl BoxSize {
    /// `sizeN` is relative to layer 0 and so means nothing there (`protocol.md` §7): only its default passes.
    pub(crate) fn parse_relative(text: &str) -> Result<Self, Reason> {
        let sides: [Decimal; 2] = list(text, Decimal::parse).ok_or("needs two numbers from 0 to 1")?;
        let none = sides.iter().all(|side| *side == Decimal::from_int(0));
        if none { Ok(Self { width: 0, height: 0 }) } else { Err("is not permitted for layer 0") }
    }
}

impl Value for BoxSize {
    fn parse(text: &str) -> Result<Self, Reason> {
        let side = |text: &str| whole(text).and_then(|side| u32::try_from(side).ok()).filter(|&side| side <= MAX_SIDE);
        let [width, height] = list(text, side).ok_or("needs two whole numbers from 0 to 16777216")?;
        Ok(Self { width, height })
    }
}

impl fmt::Display for BoxSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.width, self.height)
    }
}

/// `rotate=degrees`, clockwise: from 0 to less than 360.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotation(pub(crate) Decimal);

impl Value for Rotation {
    fn parse(text: &str) -> Result<Self, Reason> {
        const TURN: i64 = 360 * Decimal::ONE;
        let angle = Decimal::parse(text).ok_or("needs a number of degrees")?;
        Ok(Self(Decimal::from_billionths(angle.billionths().rem_euclid(TURN))))
    }
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `extend=left,top,right,bottom` in pixels or `extendN` relative to the layer's rectangle.
impl Extend {
    pub(crate) fn parse_pixels(text: &str) -> Result<Self, Reason> {
        let near = |margin: i32| Some(margin).filter(|margin| margin.unsigned_abs() <= MAX_SIDE);
        list(text, |text| whole(text).and_then(near))
            .map(Self::Pixels)
            .ok_or("needs left,top,right,bottom as whole numbers")
    }

    pub(crate) fn parse_relative(text: &str) -> Result<Self, Reason> {
        let near = |margin: &Decimal| margin.billionths().abs() <= 1000 * Decimal::ONE;
        list(text, |text| Decimal::parse(text).filter(near))
            .map(Self::Relative)
            .ok_or("needs left,top,right,bottom as numbers from -1000 to 1000")
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Pixels(_) => "extend",
            Self::Relative(_) => "extendN",
        }
    }
}

impl fmt::Display for Extend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixels([left, top, right, bottom]) => write!(f, "{left},{top},{right},{bottom}"),
            Self::Relative([left, top, right, bottom]) => write!(f, "{left},{top},{right},{bottom}"),
        }
    }
}

const POINT: Reason = "needs x,y as numbers from -2147483648 to 2147483648";

/// `anchor`, `origin`, `pos` and their twins with an N.
impl Point {
    /// Numbers with a fraction are rounded, as samples of the protocol write them.
    pub(crate) fn parse_pixels(text: &str) -> Result<Self, Reason> {
        let rounded = |text: &str| {
            let value = i128::from(Self::coordinate(text)?.billionths());
            i64::try_from(crate::base::geom::round_half_up(value, i128::from(Decimal::ONE))).ok()
        };
        list(text, rounded).map(Self::Pixels).ok_or(POINT)
    }

    pub(crate) fn parse_relative(text: &str) -> Result<Self, Reason> {
        list(text, Self::coordinate).map(Self::Relative).ok_or(POINT)
    }

    /// A number as far from 0 as the protocol permits (`layers.md` §0, correction 12).
    fn coordinate(text: &str) -> Option<Decimal> {
        const FARTHEST: i64 = (1 << 31) * Decimal::ONE;
        Decimal::parse(text).filter(|value| value.billionths().abs() <= FARTHEST)
    }

    /// The command of a point: its name for pixels, or with an N.
    pub(crate) const fn name(&self, pixels: &'static str, relative: &'static str) -> &'static str {
        match self {
            Self::Pixels(_) => pixels,
            Self::Relative(_) => relative,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixels([x, y]) => write!(f, "{x},{y}"),
            Self::Relative([x, y]) => write!(f, "{x},{y}"),
        }
    }
}

/// A colour that fills what is transparent: `color`, `bgColor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FillColor(pub(crate) Color);

impl Value for FillColor {
    fn parse(text: &str) -> Result<Self, Reason> {
        parse_color(text).map(Self).ok_or("needs a color such as ff8000 or 255,128,0,128")
    }
}

impl fmt::Display for FillColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Color { ink, alpha, source_space } = self.0;
        match ink {
            Ink::Cmyk(_) => {
                let inks = ink.to_string();
                let percent = u64::from(alpha) * 100 * Decimal::ONE as u64 / 255;
                let one = Decimal::ONE as u64;
                write!(f, "{},{}.{:09}k", inks.trim_end_matches('k'), percent / one, percent % one)?;
            }
            _ => write!(f, "{ink}{alpha:02x}")?,
        }
        f.write_str(if source_space { "s" } else { "" })
    }
}

/// `maskUse=norm|invert|off`.
impl MaskUse {
    const NAMES: [(&'static str, Self); 3] = [("norm", Self::Normal), ("invert", Self::Invert), ("off", Self::Off)];
}

impl Value for MaskUse {
    fn parse(text: &str) -> Result<Self, Reason> {
        let found = Self::NAMES.iter().find(|(name, _)| text.trim_matches(' ').eq_ignore_ascii_case(name));
        found.map(|(_, mask_use)| *mask_use).ok_or("needs norm, invert or off")
    }
}

impl fmt::Display for MaskUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::NAMES.iter().find(|(_, mask_use)| mask_use == self).map_or("", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_taken_modulo_a_turn() {
        for (text, expected) in [("0", "0"), ("-90", "270"), ("720.5", "0.5"), ("360", "0"), ("-.25", "359.75")] {
            assert_eq!(Rotation::parse(text).unwrap().to_string(), expected);
        }
        assert!(Rotation::parse("north").is_err());
    }

    #[test]
    fn fills_read_back_with_their_alpha() {
        for text in ["ff8000", "ff800080", "50,20", "0x70", "10,20,30,40k", "10,20,30,40,50k", "1,2,3,4", "1,2,3s"] {
            let fill = FillColor::parse(text).unwrap();
            assert_eq!(FillColor::parse(&fill.to_string()), Ok(fill), "{text} {fill}");
        }
    }

    #[test]
    fn points_in_pixels_may_have_fractions() {
        assert_eq!(Point::parse_pixels("-0.5,1.5"), Ok(Point::Pixels([0, 2])));
        assert!(Point::parse_pixels("1").is_err() && Point::parse_relative("a,b").is_err());
    }

    #[test]
    fn points_lie_within_reach() {
        const FAR: i64 = 1 << 31;
        assert_eq!(Point::parse_pixels("2147483648,-2147483648"), Ok(Point::Pixels([FAR, -FAR])));
        let relative = Point::parse_relative("-2147483648,2147483648").map(|point| point.to_string());
        assert_eq!(relative, Ok("-2147483648,2147483648".to_owned()));
        for far in ["2147483648.000000001", "-2147483649", "2147483649", "9000000000", "99999999999999999999"] {
            for text in [format!("{far},0"), format!("0,{far}")] {
                assert_eq!(Point::parse_pixels(&text), Err(POINT), "{text}");
                assert_eq!(Point::parse_relative(&text), Err(POINT), "{text}");
            }
        }
    }

    #[test]
    fn relative_sizes_are_not_for_layer_0() {
        assert_eq!(BoxSize::parse_relative("0,0.0"), Ok(BoxSize { width: 0, height: 0 }));
        assert_eq!(BoxSize::parse_relative(".5,.5"), Err("is not permitted for layer 0"));
        assert!(BoxSize::parse("-1,5").is_err() && BoxSize::parse("1,16777217").is_err());
    }
}
