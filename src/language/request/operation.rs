//! Values of operations (`protocol.md` §8).

use std::fmt;

use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::Ink;
use crate::imaging::pixel::operation::{Colorize, Noise};
use crate::imaging::scene::Usm;

use super::color::parse_color;
use super::value::{Reason, Value, flag, list, whole};

fn within(text: &str, max: i32) -> Option<Decimal> {
    Decimal::parse(text).filter(|value| (Decimal::from_int(0)..=Decimal::from_int(max)).contains(value))
}

/// `op_usm=amount[,radius[,threshold[,mono]]]`.
impl Value for Usm {
    fn parse(text: &str) -> Result<Self, Reason> {
        let mut parts = text.split(',');
        let mut next = || parts.next().unwrap_or("0");
        let usm = Self {
            amount: within(next(), 5).ok_or("needs an amount from 0 to 5")?,
            radius: within(next(), 250).ok_or("needs a radius from 0 to 250")?,
            threshold: whole(next()).and_then(|t| u8::try_from(t).ok()).ok_or("needs a threshold from 0 to 255")?,
            mono: flag(next()).ok_or("needs 0 or 1 as its fourth value")?,
        };
        if parts.next().is_some() { Err("has more than four values") } else { Ok(usm) }
    }
}

impl fmt::Display for Usm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.amount, self.radius, self.threshold, u8::from(self.mono))
    }
}

/// `op_blur=radius`: the standard deviation, 0 to 100 pixels of the composite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Radius(pub(crate) Decimal);

impl Value for Radius {
    fn parse(text: &str) -> Result<Self, Reason> {
        within(text, 100).map(Self).ok_or("needs a radius from 0 to 100")
    }
}

impl fmt::Display for Radius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A whole number from −100 to 100: `op_brightness`, `op_contrast`, `op_saturation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Percent(pub(crate) i8);

fn percent(text: &str) -> Option<i8> {
    whole(text).and_then(|value| i8::try_from(value).ok()).filter(|value| (-100..=100).contains(value))
}

impl Value for Percent {
    fn parse(text: &str) -> Result<Self, Reason> {
        percent(text).map(Self).ok_or("needs a whole number from -100 to 100")
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `op_colorbalance=r,g,b`, each from −100 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Balance(pub(crate) [i8; 3]);

impl Value for Balance {
    fn parse(text: &str) -> Result<Self, Reason> {
        list(text, percent).map(Self).ok_or("needs three whole numbers from -100 to 100")
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "{r},{g},{b}")
    }
}

/// `op_hue=degrees`, from −180 to 180.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hue(pub(crate) i16);

impl Value for Hue {
    fn parse(text: &str) -> Result<Self, Reason> {
        let degrees = whole(text).and_then(|value| i16::try_from(value).ok());
        degrees.filter(|value| (-180..=180).contains(value)).map(Self).ok_or("needs a whole number from -180 to 180")
    }
}

impl fmt::Display for Hue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `op_colorize=color[,off|norm[,contrast]]`.
impl Value for Colorize {
    fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.to_ascii_lowercase();
        let parts: Vec<&str> = text.split(',').map(|part| part.trim_matches(' ')).collect();
        let word = parts.iter().position(|part| matches!(*part, "norm" | "off")).unwrap_or(parts.len());
        let contrast = parts.get(word + 1..).unwrap_or(&[]);
        let contrast = match contrast {
            [] => 0,
            [contrast] => whole(contrast)
                .and_then(|value| u8::try_from(value).ok())
                .filter(|value| *value <= 100)
                .ok_or("needs a contrast from 0 to 100")?,
            _ => return Err("has more than a color, off or norm, and a contrast"),
        };
        let color = parse_color(&parts[..word].join(",")).ok_or("needs a color such as ff8000 or 255,128,0")?;
        let Ink::Rgb(color) = color.ink else { return Err("needs an rgb color") };
        Ok(Self { color, tone: (parts.get(word) != Some(&"off")).then_some(contrast) })
    }
}

impl fmt::Display for Colorize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Ink::Rgb(self.color))?;
        match self.tone {
            Some(contrast) => write!(f, ",norm,{contrast}"),
            None => f.write_str(",off"),
        }
    }
}

/// `op_noise=amount[,uniform|gaussian[,mono]]`.
impl Value for Noise {
    fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(',').map(|part| part.trim_matches(' '));
        let amount = whole(parts.next().unwrap_or("")).and_then(|value| u8::try_from(value).ok());
        let noise = Self {
            amount: amount.filter(|value| *value <= 100).ok_or("needs an amount from 0 to 100")?,
            gaussian: match parts.next().unwrap_or("uniform") {
                "uniform" => false,
                "gaussian" => true,
                _ => return Err("needs uniform or gaussian as its second value"),
            },
            mono: flag(parts.next().unwrap_or("0")).ok_or("needs 0 or 1 as its third value")?,
        };
        if parts.next().is_some() { Err("has more than three values") } else { Ok(noise) }
    }
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.gaussian { "gaussian" } else { "uniform" };
        write!(f, "{},{kind},{}", self.amount, u8::from(self.mono))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_of_colorize_may_hold_commas() {
        for (text, expected) in [
            ("255,128,0", "ff8000,norm,0"),
            ("ff8000,norm", "ff8000,norm,0"),
            ("255,128,0,NORM,30", "ff8000,norm,30"),
            ("0xff8000,off", "ff8000,off"),
            ("255,128,0,255,off,7", "ff8000,off"),
        ] {
            assert_eq!(Colorize::parse(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(Colorize::parse("50"), Err("needs an rgb color"));
        assert_eq!(Colorize::parse("1,2,3,4k,norm"), Err("needs an rgb color"));
        assert_eq!(Colorize::parse("ff8000,norm,101"), Err("needs a contrast from 0 to 100"));
        assert!(Colorize::parse("").is_err() && Colorize::parse("ff8000,norm,1,2").is_err());
    }

    #[test]
    fn noise_has_three_values() {
        assert_eq!(Noise::parse("30").unwrap().to_string(), "30,uniform,0");
        assert_eq!(Noise::parse("30,Gaussian,1").unwrap().to_string(), "30,gaussian,1");
        for text in ["101", "-1", "5,pink", "5,uniform,2", "5,uniform,1,1", ""] {
            assert!(Noise::parse(text).is_err(), "{text}");
        }
    }
}
