//! What an edit says, command by command, and the numbers of it that tags cover.

use std::sync::Arc;

use crate::base::geom::{Filter, Rect};
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::{Color, Ink};
use crate::imaging::pixel::operation::{Colorize, MaskUse, Noise};
use crate::imaging::pixel::palette::{PaletteKind, Quantize};
use crate::imaging::pixel::space::Intent;
use crate::imaging::scene::{
    Align, Compression, Crop, Extend, FileFormat, Fit, Flip, Keep, OutputFormat, PixelType, Point, Qlt, Tile, Usm,
};

use super::profile::{Icc, Named};

/// Declares the slots. A line reads `slot: Type = "command";`.
macro_rules! slots {
    ($($(#[$doc:meta])* $slot:ident: $type:ty = $name:literal;)+) => {
        /// The commands of an edit; `None`: not given. Every value is legal.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct Slots {
            $($(#[$doc])* pub(crate) $slot: Option<$type>,)+
        }

        impl Slots {
            /// Visits the commands that are given, with their values as whole numbers in decimal, separated by commas.
            pub(super) fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
                $(if let Some(value) = &self.$slot {
                    let mut numbers = Numbers::default();
                    value.put(&mut numbers);
                    visit($name, &numbers.0);
                })+
            }
        }
    };
}

slots! {
    /// Width of the view in pixels, at least 1.
    width: u32 = "wid";
    /// Height of the view in pixels, at least 1.
    height: u32 = "hei";
    fit: Fit = "fit";
    /// Composite pixels per view pixel, greater than 0.
    scl: Decimal = "scl";
    region: Rect = "rgn";
    tile: Tile = "rect";
    align: Align = "align";
    /// Multiplies the size of the view, greater than 0.
    dpr: Decimal = "dpr";
    background: Ink = "bgc";
    format: FileFormat = "fmt";
    qlt: Qlt = "qlt";
    /// The most bytes of a JPEG in units of 1024; 0: any number.
    jpeg_size: u32 = "jpegSize";
    /// Scans of a progressive JPEG; `None`: the encoder's choice.
    scans: Option<u8> = "pscan";
    quantize: Quantize = "quantize";
    /// Dots per inch, at least 1.
    dpi: u16 = "printRes";
    xmp: bool = "xmpEmbed";
    keep: Keep = "keepMetadata";
    icc: Icc = "icc";
    icc_embed: bool = "iccEmbed";
    filter: Filter = "resMode";
    linear: bool = "linear";
    mask_use: MaskUse = "maskUse";
    crop: Crop = "crop";
    /// A box in pixels; a side of 0 follows the aspect, both mean none.
    size: [u32; 2] = "size";
    /// A factor greater than 0.
    scale: Decimal = "scale";
    /// A resolution greater than 0; the content has 1.
    res: Decimal = "res";
    /// Degrees from 0 to less than 360.
    rotate: Decimal = "rotate";
    extend: Extend = "extend";
    color: Color = "color";
    bg_color: Color = "bgColor";
    anchor: Point = "anchor";
    origin: Point = "origin";
    position: Point = "pos";
    flip: Flip = "flip";
    /// 0 to 100 pixels.
    blur: Decimal = "op_blur";
    /// −100 to 100, as the next two.
    brightness: i8 = "op_brightness";
    contrast: i8 = "op_contrast";
    color_balance: [i8; 3] = "op_colorbalance";
    /// −180 to 180 degrees.
    hue: i16 = "op_hue";
    /// −100 to 100.
    saturation: i8 = "op_saturation";
    colorize: Colorize = "op_colorize";
    invert: bool = "op_invert";
    noise: Noise = "op_noise";
    sharpen: bool = "op_sharpen";
    usm: Usm = "op_usm";
    /// With a radius in pixels of the view.
    view_usm: Usm = "op_usmR";
}

/// Whole numbers in decimal, separated by commas.
#[derive(Default)]
struct Numbers(String);

impl Numbers {
    fn add(&mut self, number: i64) {
        let separator = if self.0.is_empty() { "" } else { "," };
        self.0.push_str(&format!("{separator}{number}"));
    }
}

/// A value as whole numbers: those of different values differ. A choice is the number of the variant, from 0, in the order
/// of its declaration, then its fields; an optional value is 0, or 1 and the value; a decimal number is in billionths.
trait Value {
    fn put(&self, numbers: &mut Numbers);
}

macro_rules! whole {
    ($($type:ty)+) => {$(
        impl Value for $type {
            fn put(&self, numbers: &mut Numbers) {
                numbers.add(i64::from(*self));
            }
        }
    )+};
}

whole!(bool u8 u16 u32 i8 i16 i32 i64);

impl Value for Decimal {
    fn put(&self, numbers: &mut Numbers) {
        numbers.add(self.billionths());
    }
}

impl<T: Value> Value for Option<T> {
    fn put(&self, numbers: &mut Numbers) {
        numbers.add(i64::from(self.is_some()));
        self.iter().for_each(|value| value.put(numbers));
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    fn put(&self, numbers: &mut Numbers) {
        self.iter().for_each(|value| value.put(numbers));
    }
}

impl<A: Value, B: Value> Value for (A, B) {
    fn put(&self, numbers: &mut Numbers) {
        self.0.put(numbers);
        self.1.put(numbers);
    }
}

/// The number of values, and these.
impl<T: Value> Value for Arc<[T]> {
    fn put(&self, numbers: &mut Numbers) {
        // As many as a command has.
        numbers.add(self.len() as i64);
        self.iter().for_each(|value| value.put(numbers));
    }
}

/// The fields of a structure, in this order.
macro_rules! fields {
    ($($type:ident: $($field:ident)+;)+) => {$(
        impl Value for $type {
            fn put(&self, numbers: &mut Numbers) {
                let Self { $($field),+ } = self;
                $($field.put(numbers);)+
            }
        }
    )+};
}

fields! {
    Rect: x y width height;
    Tile: rect scale;
    Align: horizontal vertical;
    Qlt: quality full_chroma;
    Color: ink alpha source_space;
    Flip: horizontally vertically;
    Colorize: color tone;
    Noise: amount gaussian mono;
    Usm: amount radius threshold mono;
    Icc: space intent black_point;
    Quantize: kind diffuse colors list;
}

/// The variants of a choice without fields.
macro_rules! choices {
    ($($type:ident)+) => {$(
        impl Value for $type {
            fn put(&self, numbers: &mut Numbers) {
                numbers.add(*self as i64);
            }
        }
    )+};
}

choices!(PaletteKind Compression OutputFormat PixelType Filter MaskUse Named Intent);

/// A compression is the last number, and is left out where it is the format's own.
impl Value for FileFormat {
    fn put(&self, numbers: &mut Numbers) {
        let Self { format, pixels, compression } = self;
        format.put(numbers);
        pixels.put(numbers);
        compression.iter().for_each(|compression| compression.put(numbers));
    }
}

impl Value for Keep {
    fn put(&self, numbers: &mut Numbers) {
        numbers.add(i64::from(self.bits()));
    }
}

impl Value for Fit {
    fn put(&self, numbers: &mut Numbers) {
        let Self { mode, upscale } = self;
        numbers.add(*mode as i64);
        upscale.put(numbers);
    }
}

/// The variants of a choice with a value each.
macro_rules! variants {
    ($($type:ident: $($variant:ident = $number:literal)+;)+) => {$(
        impl Value for $type {
            fn put(&self, numbers: &mut Numbers) {
                match self {
                    $(Self::$variant(value) => {
                        numbers.add($number);
                        value.put(numbers);
                    })+
                }
            }
        }
    )+};
}

variants! {
    Crop: Pixels = 0 Relative = 1;
    Extend: Pixels = 0 Relative = 1;
    Point: Pixels = 0 Relative = 1;
    Ink: Gray = 0 Rgb = 1 Cmyk = 2;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_whole_numbers() {
        let slots = Slots {
            width: Some(400),
            fit: Some(Fit::DEFAULT),
            align: Some(Align { horizontal: Decimal::from_int(-1), vertical: Decimal::TENTH }),
            background: Some(Ink::Rgb([1, 2, 3])),
            format: Some(FileFormat {
                format: OutputFormat::PngAlpha,
                pixels: Some(PixelType::Gray),
                compression: None,
            }),
            scans: Some(None),
            crop: Some(Crop::Pixels(Rect::new(-1, 2, 3, 4))),
            colorize: Some(Colorize { color: [7, 8, 9], tone: None }),
            invert: Some(true),
            ..Slots::default()
        };
        let mut found = vec![];
        slots.each(&mut |name, value| found.push(format!("{name}={value}")));
        let expected = [
            "wid=400",
            "fit=0,0",
            "align=-1000000000,100000000",
            "bgc=1,1,2,3",
            "fmt=3,1,0",
            "pscan=0",
            "crop=0,-1,2,3,4",
            "op_colorize=7,8,9,0",
            "op_invert=1",
        ];
        assert_eq!(found, expected);
    }
}
