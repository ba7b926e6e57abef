//! Requests made of commands by chance.

use crate::support::dice::Dice;

/// The commands of a request, over one picture.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) picture: String,
    pub(crate) commands: Vec<String>,
}

impl Case {
    pub(crate) fn target(&self) -> String {
        format!("/is/image/{}?{}", self.picture, self.commands.join("&"))
    }

    /// A few commands, over one of the pictures.
    pub(crate) fn new(dice: &mut Dice, pictures: &[&str]) -> Self {
        let picture = dice.one(pictures).to_owned();
        let count = 1 + dice.below(6);
        let commands = (0..count).map(|_| command(dice, pictures, 0)).collect();
        Self { picture, commands }
    }

    /// The same with a command more, less, or another one.
    pub(crate) fn changed(&self, dice: &mut Dice, pictures: &[&str]) -> Self {
        let mut case = self.clone();
        let at = dice.below(case.commands.len().max(1));
        match dice.below(4) {
            0 if case.commands.len() > 1 => drop(case.commands.remove(at)),
            1 | 2 if !case.commands.is_empty() => case.commands[at] = command(dice, pictures, 0),
            _ => case.commands.push(command(dice, pictures, 0)),
        }
        case
    }
}

/// A side: small ones, common ones, and the longest.
fn side(dice: &mut Dice) -> usize {
    match dice.below(10) {
        0 => 1,
        1 | 2 => 1 + dice.below(40),
        3..7 => 1 + dice.below(800),
        7 | 8 => 1 + dice.below(3000),
        _ => 65_535 - dice.below(20_000),
    }
}

/// A length that may be far beyond any picture, either way.
fn far(dice: &mut Dice) -> i64 {
    let length = match dice.below(6) {
        0 => 0,
        1 | 2 => dice.below(100),
        3 | 4 => dice.below(4000),
        _ => 16_777_215 >> dice.below(20),
    } as i64;
    if dice.below(3) == 0 { -length } else { length }
}

/// A length greater than 0.
fn long(dice: &mut Dice) -> i64 {
    far(dice).abs() + 1
}

/// A number from 0 to less than `end`, with two decimals.
fn decimal(dice: &mut Dice, end: usize) -> String {
    format!("{}.{:02}", dice.below(end), dice.below(100))
}

/// A decimal that is small, often below 1.
fn factor(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => format!(".{:03}", 1 + dice.below(999)),
        1 => format!("{}", 1 + dice.below(100)),
        _ => format!("{}.{}1", dice.below(4), dice.below(10)),
    }
}

fn radius(dice: &mut Dice, most: usize) -> String {
    if dice.below(3) == 0 { most.to_string() } else { decimal(dice, 8) }
}

fn command(dice: &mut Dice, pictures: &[&str], depth: usize) -> String {
    let d = dice;
    match d.below(39) {
        0 => format!("crop={},{},{},{}", far(d), far(d), long(d), long(d)),
        1 => format!("cropN=-.{},.{},1.{},.{}1", d.below(10), d.below(9), d.below(9), d.below(9)),
        2 => format!("size={},{}", long(d), long(d)),
        3 => format!("size={},0", long(d)),
        4 => format!("extend={},{},{},{}", far(d), far(d), far(d), far(d)),
        5 => format!("extendN={},{},{},{}", factor(d), factor(d), factor(d), factor(d)),
        6 => format!("scale={}", factor(d)),
        7 => format!("scl={}", factor(d)),
        8 | 9 => format!("wid={}", side(d)),
        10 | 11 => format!("hei={}", side(d)),
        12 => format!("wid={}&hei={}&fit=stretch,1", side(d), side(d)),
        13 => {
            let mode = d.one(&["fit,1", "constrain", "crop,1", "wrap", "stretch", "hfit,1", "vfit"]);
            format!("wid={}&hei={}&fit={mode}", side(d), side(d))
        }
        14 => format!("rect={},{},{},{}", far(d), far(d), side(d), side(d)),
        15 => format!("rect=0,0,{},{}", 1 + d.below(500), 1 + d.below(500)),
        16 => format!("rgn={},{},{},{}", far(d), far(d), long(d), long(d)),
        17 => format!("rotate={}", d.one(&["90", "180", "-90", "270"])),
        18 => format!("rotate={}", decimal(d, 360)),
        19 => format!("flip={}", d.one(&["lr", "ud", "lrud"])),
        20 => format!("op_blur={}", radius(d, 100)),
        21 => format!("op_usm=2,{}", radius(d, 250)),
        22 => format!("op_usmR=1,{},0,{}", radius(d, 250), d.below(2)),
        23 => d.one(&["op_sharpen=1", "op_invert=1", "op_brightness=20", "op_contrast=-30"]).to_owned(),
        24 => d.one(&["op_hue=40", "op_saturation=-60", "op_colorbalance=10,-20,30"]).to_owned(),
        25 => d.one(&["op_colorize=b08a5a,off", "op_colorize=305070,norm", "op_colorize=305070,20"]).to_owned(),
        26 => d.one(&["op_noise=20", "op_noise=20,gaussian", "op_noise=9,uniform,1"]).to_owned(),
        27 => format!("mask={}", d.one(pictures)),
        28 => format!("maskUse={}", d.one(&["off", "invert", "norm"])),
        29 => d.one(&["bgc=ff8000", "color=2040c0", "bgColor=408020", "bgColor=20,40,60,80"]).to_owned(),
        30 if depth < 2 => {
            let count = 1 + d.below(4);
            let inner: Vec<String> = (0..count).map(|_| command(d, pictures, depth + 1)).collect();
            format!("src=is{{{}?{}}}", d.one(pictures), inner.join("&"))
        }
        31 | 32 => {
            format!(
                "fmt={}",
                d.one(&[
                    "jpeg",
                    "png",
                    "png-alpha",
                    "pjpeg",
                    "jpeg,gray",
                    "png,gray",
                    "jpeg,cmyk",
                    "webp",
                    "webp-alpha",
                    "webp,,lossless"
                ])
            )
        }
        36 => format!("fmt={}", d.one(&["png8", "png8-alpha", "gif", "gif-alpha", "gif,gray"])),
        37 => format!("quantize={}", d.one(&["web", "adaptive,off", "adaptive,,16", "adaptive,off,4,ff0000"])),
        33 => format!("qlt={},{}", 10 + d.below(90), d.below(2)),
        34 => format!("jpegSize={}", 1 + d.below(60)),
        35 => "linear=1".to_owned(),
        _ => format!("resMode={}", d.one(&["bilin", "bicub", "sharp2", "bisharp"])),
    }
}
