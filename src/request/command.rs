//! The typed commands of a request.

use crate::color::Ink;
use crate::error::{Error, Result};
use crate::geometry::{Filter, Rect};

use super::format::Fmt;
use super::later::{Scope, check_ignored, refuse_in_layer, refuse_later, scope};
use super::layer::{BoxSize, Extend, Fill, MaskUse, Point, Rotation};
use super::nested::Nested;
use super::operation::{Balance, Colorize, Hue, Noise, Percent, Radius, Usm};
use super::output::{Cache, Handler, JpegSize, PrintRes, Qlt, Scans};
use super::raw::Modifier;
use super::req::Req;
use super::text::{ObjectName, Text};
use super::value::{Factor, Flag, Side, Value};
use super::view::{Align, Crop, Dpr, Fit, Flip, Tile};

/// What a command is about (`protocol.md` §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The request as a whole, or its view: valid anywhere.
    Request,
    /// Layer 0, to which it is redirected when it is given for the composite.
    Layer,
    /// The composite, as long as there is one layer.
    Composite,
}

/// Declares [`Commands`]: one slot per command, of which the last instance wins (`protocol.md` §1.7).
///
/// A line reads `slot: Type, Class = "name" => reader, "twin" => reader;` with names in lower case. A new command
/// is one line here, one in the canonical form, and one type that implements [`Value`].
macro_rules! commands {
    ($($(#[$doc:meta])* $slot:ident: $type:ty, $class:ident = $($name:literal => $read:path),+;)+) => {
        /// The commands of one request, or of one record's Modifier; every value is legal.
        ///
        /// `None` means that the command was not given: defaults are the catalog's.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct Commands {
            $($(#[$doc])* pub(crate) $slot: Option<$type>,)+
            /// Mirrors layer 0 before it is rotated; `flip` is the composite's.
            pub(crate) layer_flip: Option<Flip>,
        }

        impl Commands {
            /// These commands where they are given, else those of `prefix`.
            pub(crate) fn over(self, prefix: Self) -> Self {
                Self {
                    $($slot: self.$slot.or(prefix.$slot),)+
                    layer_flip: self.layer_flip.or(prefix.layer_flip),
                }
            }

            /// Only what is about the layer: a record that a layer names as its source has no say in the rest
            /// (`protocol.md` §1.7).
            pub(crate) fn of_layer(self) -> Self {
                Self {
                    $($slot: if matches!(Class::$class, Class::Request) { None } else { self.$slot },)+
                    layer_flip: self.layer_flip,
                }
            }

            /// Reads one command. Unknown names are ignored (`protocol.md` §1.1).
            fn read(&mut self, scope: Scope, name: &str, value: &str) -> Result<()> {
                match name {
                    $($($name => {
                        let value = $read(value).map_err(|reason| Error::request(name, reason))?;
                        if scope == Scope::Layer0 && matches!(Class::$class, Class::Composite) {
                            return Err(refuse_in_layer(name));
                        }
                        self.$slot = Some(value);
                        Ok(())
                    })+)+
                    _ => {
                        check_ignored(name, value)?;
                        refuse_later(name, value)
                    }
                }
            }
        }
    };
}

commands! {
    /// What is asked for.
    req: Req, Request = "req" => Req::parse;
    /// The version token, or the id that a JSON reply echoes. Never changes status or body.
    id: Text, Request = "id" => Text::parse;
    /// The function that a JSON reply calls.
    handler: Handler, Request = "handler" => Handler::parse;
    /// What caches may do.
    cache: Cache, Request = "cache" => Cache::parse;
    /// The language that ids and strings are looked up in.
    locale: Text, Request = "locale" => Text::parse;
    /// The record whose Modifier takes the place of the object's.
    template: ObjectName, Request = "template" => ObjectName::parse;
    /// What stands in for a missing image; empty for nothing.
    default_image: Text, Request = "defaultimage" => Text::parse;
    /// The text that `req=message` logs.
    message: Text, Request = "message" => Text::parse;
    /// The file that `req=saveToFile` writes, below `SavePath`.
    name: Text, Request = "name" => Text::parse;
    /// Milliseconds that `req=saveToFile` may take.
    timeout: Side, Request = "timeout" => Side::parse;
    /// Width of the reply.
    wid: Side, Request = "wid" => Side::parse;
    /// Height of the reply.
    hei: Side, Request = "hei" => Side::parse;
    /// How the composite meets `wid` and `hei`.
    fit: Fit, Request = "fit" => Fit::parse;
    /// The inverse of the view scale: 2 is half the size.
    scl: Factor, Request = "scl" => Factor::parse;
    /// The part of the composite that the view is computed for.
    rgn: Rect, Request = "rgn" => Rect::parse;
    /// The part of the view that is delivered.
    rect: Tile, Request = "rect" => Tile::parse;
    /// Where the composite lies in a view of another size.
    align: Align, Request = "align" => Align::parse;
    /// Multiplies the delivered size.
    dpr: Dpr, Request = "dpr" => Dpr::parse;
    /// Background.
    bgc: Ink, Request = "bgc" => Ink::parse;
    /// File format and pixel type of the reply.
    fmt: Fmt, Request = "fmt" => Fmt::parse;
    /// JPEG quality.
    qlt: Qlt, Request = "qlt" => Qlt::parse;
    /// The most bytes of a JPEG reply.
    jpeg_size: JpegSize, Request = "jpegsize" => JpegSize::parse;
    /// Scans of a progressive JPEG.
    pscan: Scans, Request = "pscan" => Scans::parse;
    /// Print resolution noted in the reply.
    print_res: PrintRes, Request = "printres" => PrintRes::parse;
    /// The source's XMP packet is copied into the reply.
    xmp_embed: Flag, Request = "xmpembed" => Flag::parse;
    /// Resampling filter.
    res_mode: Filter, Request = "resmode" => Filter::parse;
    /// The source; the path's object by default.
    src: ObjectName, Layer = "src" => ObjectName::parse;
    /// The source's mask.
    mask: Text, Layer = "mask" => Text::parse;
    /// What the mask does.
    mask_use: MaskUse, Layer = "maskuse" => MaskUse::parse;
    /// The part of the source that is used; the two names are one slot.
    crop: Crop, Layer = "crop" => Crop::parse_pixels, "cropn" => Crop::parse_relative;
    /// The box that the layer is scaled to fit.
    size: BoxSize, Layer = "size" => BoxSize::parse, "sizen" => BoxSize::parse_relative;
    /// The layer's scale, if it has no size.
    scale: Factor, Layer = "scale" => Factor::parse;
    /// The layer's resolution, if it has neither size nor scale.
    res: Factor, Layer = "res" => Factor::parse;
    /// Turns the layer clockwise.
    rotate: Rotation, Layer = "rotate" => Rotation::parse;
    /// Margins around the layer; the two names are one slot.
    extend: Extend, Layer = "extend" => Extend::parse_pixels, "extendn" => Extend::parse_relative;
    /// Fills transparent parts before the layer is rotated and extended.
    color: Fill, Layer = "color" => Fill::parse;
    /// Fills transparent parts afterwards.
    bg_color: Fill, Layer = "bgcolor" => Fill::parse;
    /// The centre of rotation. A single layer looks the same whatever it is.
    anchor: Point, Layer = "anchor" => Point::parse_pixels, "anchorn" => Point::parse_relative;
    /// The layer's origin. A single layer looks the same whatever it is.
    origin: Point, Layer = "origin" => Point::parse_pixels, "originn" => Point::parse_relative;
    /// The layer's place, which layer 0 ignores.
    pos: Point, Layer = "pos" => Point::parse_pixels, "posn" => Point::parse_relative;
    /// The layer's image map, in layer pixels.
    map: Text, Layer = "map" => Text::parse;
    /// The layer's image map, in source pixels.
    map_a: Text, Layer = "mapa" => Text::parse;
    /// Mirrors the composite.
    flip: Flip, Composite = "flip" => Flip::parse;
    /// Gaussian blur.
    op_blur: Radius, Composite = "op_blur" => Radius::parse;
    /// Brightness.
    op_brightness: Percent, Composite = "op_brightness" => Percent::parse;
    /// Contrast.
    op_contrast: Percent, Composite = "op_contrast" => Percent::parse;
    /// Brightness of each colour.
    op_color_balance: Balance, Composite = "op_colorbalance" => Balance::parse;
    /// Turns all hues.
    op_hue: Hue, Composite = "op_hue" => Hue::parse;
    /// Saturation.
    op_saturation: Percent, Composite = "op_saturation" => Percent::parse;
    /// Recolours by brightness; the second name is the old one.
    op_colorize: Colorize, Composite = "op_colorize" => Colorize::parse, "colorize" => Colorize::parse;
    /// The negative.
    op_invert: Flag, Composite = "op_invert" => Flag::parse;
    /// Noise.
    op_noise: Noise, Composite = "op_noise" => Noise::parse;
    /// Simple sharpening of the view.
    op_sharpen: Flag, Composite = "op_sharpen" => Flag::parse;
    /// Unsharp mask with a radius in full-resolution pixels.
    op_usm: Usm, Composite = "op_usm" => Usm::parse;
    /// Unsharp mask with a radius in view pixels.
    op_usm_r: Usm, Composite = "op_usmr" => Usm::parse;
}

impl Commands {
    /// Types the commands of a query or Modifier, in order. Macros have been expanded and variables substituted.
    ///
    /// # Errors
    ///
    /// A malformed or illegal value, or a command that is not carried out yet.
    pub(crate) fn parse(modifiers: &[Modifier]) -> Result<Self> {
        let mut commands = Self::default();
        let mut current = Scope::Composite;
        for modifier in modifiers {
            match modifier {
                Modifier::Command { name, value } if name == "layer" => current = scope(value)?,
                Modifier::Command { name, value } if name == "flip" && current == Scope::Layer0 => {
                    let flip = Flip::parse(value).map_err(|reason| Error::request(name, reason))?;
                    commands.layer_flip = Some(flip);
                }
                // An empty value of a command that names a source says nothing.
                Modifier::Command { name, value } if name == "src" && value.is_empty() => {}
                Modifier::Command { name, value } => commands.read(current, name, value)?,
                Modifier::Nested { name, value } => return Err(nested(name, value)),
                Modifier::Macro(name) => return Err(Error::request(&format!("${name}$"), "is not a known macro")),
                Modifier::Variable { .. } => {}
            }
        }
        Ok(commands)
    }
}

/// Why a source in brackets is refused.
fn nested(name: &str, value: &str) -> Error {
    Error::request(
        name,
        match Nested::parse(name, value) {
            Ok(Nested::Image(_)) => "nested requests are not supported yet",
            Ok(Nested::Foreign(_)) => "foreign images are not supported yet",
            Ok(Nested::Render) => "render services are not supported",
            Err(reason) => reason,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::parse_modifiers;

    fn parse(query: &str) -> Result<Commands> {
        Commands::parse(&parse_modifiers(query)?)
    }

    fn error(query: &str) -> String {
        parse(query).unwrap_err().to_string()
    }

    #[test]
    fn the_last_instance_wins_and_twins_share_a_slot() {
        let commands = parse("wid=1&WID=2&crop=0,0,9,9&cropN=0,0,.5,.5").unwrap();
        assert_eq!(commands.wid, Some(Side(2)));
        assert!(matches!(commands.crop, Some(Crop::Relative(_))));
        assert!(matches!(parse("cropN=0,0,1,1&crop=0,0,9,9").unwrap().crop, Some(Crop::Pixels(_))));
    }

    #[test]
    fn requests_override_prefixes_slot_by_slot() {
        let merged = parse("wid=5").unwrap().over(parse("wid=1&hei=2&op_sharpen=1").unwrap());
        assert_eq!((merged.wid, merged.hei, merged.op_sharpen), (Some(Side(5)), Some(Side(2)), Some(Flag(true))));
    }

    #[test]
    fn unknown_commands_comments_and_empty_modifiers_pass() {
        let plain = parse("wid=7").unwrap();
        assert_eq!(parse("&.c&viewer=x&wid=7&&network=on&bfc=on&$v=1&labelkey=a").unwrap(), plain);
    }

    /// Every kind of bad value that `protocol.md` §2, §5, §6 and §10 name and this slice of the language reads.
    #[test]
    fn bad_values_are_refused_with_the_command_and_the_reason() {
        let cases = [
            ("wid=0", "wid: needs a whole number from 1 to 16777216"),
            ("wid=-5", "wid: needs a whole number from 1 to 16777216"),
            ("wid=1.5", "wid: needs a whole number from 1 to 16777216"),
            ("wid", "wid: needs a whole number from 1 to 16777216"),
            ("hei=abc", "hei: needs a whole number from 1 to 16777216"),
            ("hei=99999999999999999999", "hei: needs a whole number from 1 to 16777216"),
            ("hei=16777217", "hei: needs a whole number from 1 to 16777216"),
            ("scl=0", "scl: needs a number greater than 0"),
            ("scl=-1", "scl: needs a number greater than 0"),
            ("scl=NaN", "scl: needs a number greater than 0"),
            ("scl=1e400", "scl: needs a number greater than 0"),
            ("rgn=0,0,0,5", "rgn: needs x,y,width,height as whole numbers, width and height greater than 0"),
            ("rgn=1,2,3", "rgn: needs x,y,width,height as whole numbers, width and height greater than 0"),
            ("rect=1,2,3,4,0", "rect: needs a number greater than 0"),
            ("rect=1,2,3,4,1,1", "rect: needs a number greater than 0"),
            ("rect=1,2,-3,4", "rect: needs x,y,width,height as whole numbers, width and height greater than 0"),
            ("crop=0,0,10", "crop: needs x,y,width,height as whole numbers, width and height greater than 0"),
            ("cropN=0,0,0,1", "cropn: needs x,y,width,height as numbers, width and height greater than 0"),
            ("align=2,0", "align: needs two numbers from -1 to 1"),
            ("align=0", "align: needs two numbers from -1 to 1"),
            ("fit=inside", "fit: needs fit, constrain, crop, wrap, stretch, hfit or vfit"),
            ("fit=crop,2", "fit: needs 0 or 1 after the comma"),
            ("dpr=on,0", "dpr: needs a number greater than 0 after the comma"),
            ("dpr=2", "dpr: needs off, or on and a number"),
            ("bgc=red", "bgc: needs a color such as ff8000 or 255,128,0"),
            ("flip=x", "flip: needs lr, ud or lrud"),
            ("fmt=bmp", "fmt: is not a known format"),
            ("fmt=webp,,lossy", "fmt: the format webp is not supported yet"),
            ("fmt=png,cmyk", "fmt: this format cannot hold that pixel type"),
            ("fmt=jpeg,lab", "fmt: needs rgb, gray or cmyk as pixel type"),
            ("fmt=png,,lzw", "fmt: this format does not take that compression"),
            ("fmt=png,rgb,none,x", "fmt: has more than format, pixel type and compression"),
            ("qlt=0", "qlt: needs a quality from 1 to 100"),
            ("qlt=101", "qlt: needs a quality from 1 to 100"),
            ("qlt=80,2", "qlt: needs 0 or 1 after the comma"),
            ("resMode=nearest", "resmode: needs bilin, bicub, sharp2 or bisharp"),
            ("op_sharpen=2", "op_sharpen: needs 0 or 1"),
            ("op_usm=6", "op_usm: needs an amount from 0 to 5"),
            ("op_usm=1,251", "op_usm: needs a radius from 0 to 250"),
            ("op_usm=1,1,256", "op_usm: needs a threshold from 0 to 255"),
            ("op_usmR=1,1,1,2", "op_usmr: needs 0 or 1 as its fourth value"),
            ("op_usmR=1,1,1,1,1", "op_usmr: has more than four values"),
            ("req=picture", "req: is not a known request type"),
            ("req=props,yaml", "req: has an option that its type does not take"),
            ("req=img,json", "req: has an option that its type does not take"),
            ("handler=a.b", "handler: needs a name of letters and digits"),
            ("jpegSize=-1", "jpegsize: needs a whole number of kilobytes, 0 or more"),
            ("pscan=2", "pscan: needs auto, 3, 4 or 5"),
            ("size=5", "size: needs two whole numbers from 0 to 16777216"),
            ("sizeN=.5,.5", "sizen: is not permitted for layer 0"),
            ("rotate=left", "rotate: needs a number of degrees"),
            ("extend=1,2,3", "extend: needs left,top,right,bottom as whole numbers"),
            ("op_hue=181", "op_hue: needs a whole number from -180 to 180"),
            ("op_colorize=50", "op_colorize: needs an rgb color"),
            ("cache=never", "cache: needs on, off, validate or update, or two of on and off"),
            ("network=fast", "network: needs on or off"),
            ("src=is(a?wid=1)", "src: nested requests are not supported yet"),
            ("mask=(http://a/b)", "mask: foreign images are not supported yet"),
            ("src=ir(a)", "src: render services are not supported"),
            ("src=is(a)b", "src: needs one request in brackets"),
            ("layer=1", "layer: more than one layer is not supported yet"),
            ("effect=-1", "effect: is not supported yet"),
            ("text=hello", "text: is not supported yet"),
            ("layer=0&op_blur=2", "op_blur: is not supported in a layer yet"),
            ("$view$", "$view$: is not a known macro"),
        ];
        for (query, expected) in cases {
            assert_eq!(error(query), expected, "{query}");
        }
    }

    #[test]
    fn values_that_change_nothing_pass_for_commands_that_are_not_drawn_yet() {
        let query = "iccEmbed=0&layer=comp&opac=100&icc=&quantize=&text=&hide=0&op_grow=0&src=&blendMode=mult";
        assert_eq!(parse(query).unwrap(), Commands::default());
    }

    #[test]
    fn segments_say_what_a_flip_is_about() {
        let both = parse("layer=0,base&flip=lr&rotate=30&wid=9&layer=comp&flip=ud").unwrap();
        assert_eq!(both.layer_flip, Some(Flip { horizontally: true, vertically: false }));
        assert_eq!(both.flip, Some(Flip { horizontally: false, vertically: true }));
        let of_layer = both.clone().of_layer();
        assert_eq!((of_layer.wid, of_layer.rotate, of_layer.layer_flip), (None, both.rotate, both.layer_flip));
    }

    #[test]
    fn options_in_every_spelling() {
        assert_eq!(parse("fmt=JPG").unwrap(), parse("fmt=jpeg,,none").unwrap());
        assert_eq!(parse("op_usm=0.9%2C1.0%2C8%2C0").unwrap(), parse("op_usm=.9,1,8").unwrap());
        assert_eq!(parse("req=").unwrap(), parse("req=IMG").unwrap());
        assert_eq!(parse("req=props,jsonp").unwrap(), parse("req=PROPS,json").unwrap());
        assert_eq!(parse("qlt=+80,false").unwrap(), parse("qlt=080").unwrap());
        assert_eq!(parse("resMode=sharp").unwrap(), parse("resmode=SHARP2").unwrap());
    }
}
