//! The typed commands of a request, by scope.

use std::fmt::{Display, Write};

use crate::base::error::{Error, Result};
use crate::base::geom::{Filter, Rect};
use crate::imaging::pixel::color::Ink;
use crate::imaging::pixel::operation::{Colorize, MaskUse, Noise};
use crate::imaging::pixel::palette::Quantize;
use crate::imaging::scene::{Align, Crop, Extend, FileFormat, Fit, Flip, Keep, Point, Qlt, Tile, Usm};

use super::layer::{BoxSize, FillColor, Rotation};
use super::nested::Nested;
use super::operation::{Balance, Hue, Percent, Radius};
use super::output::{Cache, Icc, IccEmbed, JpegSize, PrintRes, Scans};
use super::raw::Modifier;
use super::req::Req;
use super::text::{ObjectName, Text};
use super::unsupported::{Scope, check_ignored, effect, refuse_in_layer, refuse_later, scope};
use super::value::{Factor, Flag, Side, Value};
use super::view::Dpr;

/// Where a command stands in the canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among the commands that stand before any `layer=`.
    Anywhere,
    /// Behind the layer that it is about: before any `layer=` its name means something else.
    Own,
    /// Nowhere: it never changes the bytes of a reply, or the tag of the reply covers it by itself.
    Nowhere,
}

/// Declares the commands of some scopes: a struct each, with one slot per command, of which the last instance wins
/// (`protocol.md` §1.7).
///
/// A line reads `slot: Type = "name" => reader, "twin" => reader;`, names as they are spelled in the canonical form,
/// whose order is that of the lines. A slot whose twins do not read the same text has `, spelled by function`; a slot
/// that stands elsewhere than [`Place::Anywhere`] has `, at Place`. A new command is one line here, and one type that
/// implements [`Value`].
macro_rules! commands {
    ($($(#[$struct_doc:meta])* $scope:ident {
        $($(#[$doc:meta])* $slot:ident: $type:ty = $($name:literal => $read:path),+
            $(, spelled by $spelling:expr)? $(, at $place:ident)?;)+
    })+) => {$(
        $(#[$struct_doc])*
        ///
        /// `None` means that the command was not given: defaults are the catalog's.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct $scope {
            $($(#[$doc])* pub(crate) $slot: Option<$type>,)+
        }

        impl $scope {
            /// All names, each with what is said of a name that resembles it.
            pub(super) const NAMES: &'static [(&'static str, &'static str)] = &[$($(
                ($name, concat!("is not a known command; did you mean ", $name, "?")),
            )+)+];

            /// These commands where they are given, else those of `prefix`.
            fn over(self, prefix: Self) -> Self {
                Self { $($slot: self.$slot.or(prefix.$slot),)+ }
            }

            /// Reads a command, whose name is in lower case. False if this scope has none of that name.
            fn read(&mut self, name: &str, value: &str) -> Result<bool> {
                $($(if name.eq_ignore_ascii_case($name) {
                    self.$slot = Some($read(value).map_err(|reason| Error::request(name, reason))?);
                    return Ok(true);
                })+)+
                Ok(false)
            }

            /// Writes the commands of a place in their canonical spelling.
            fn write(&self, place: Place, text: &mut String) {
                $(if let Some(value) = self.$slot.as_ref().filter(|_| place == in_form(&[$(Place::$place)?])) {
                    push(text, spelling(value, [$($name),+][0], &[$(&$spelling as Spelling<'_, $type>)?]), value);
                })+
            }
        }
    )+};
}

/// The place that a line names, if it names one.
const fn in_form(named: &[Place]) -> Place {
    if let [place] = named { *place } else { Place::Anywhere }
}

/// Which of its twins a value is spelled as.
type Spelling<'a, T> = &'a dyn Fn(&T) -> &'static str;

fn spelling<T>(value: &T, first: &'static str, by: &[Spelling<'_, T>]) -> &'static str {
    by.first().map_or(first, |spelling| spelling(value))
}

fn push(text: &mut String, name: &str, value: &impl Display) {
    let separator = if text.is_empty() { "" } else { "&" };
    // Writing to a string cannot fail.
    let _ = write!(text, "{separator}{name}={value}");
}

commands! {
    /// What is said of the request as a whole and of its view. It counts wherever it stands (`protocol.md` §4).
    RequestCommands {
        /// What is asked for.
        req: Req = "req" => Req::parse;
        /// Width of the reply.
        wid: Side = "wid" => Side::parse;
        /// Height of the reply.
        hei: Side = "hei" => Side::parse;
        /// How the composite meets `wid` and `hei`.
        fit: Fit = "fit" => Fit::parse;
        /// The inverse of the view scale: 2 is half the size.
        scl: Factor = "scl" => Factor::parse;
        /// The part of the composite that the view is computed for.
        rgn: Rect = "rgn" => Rect::parse;
        /// The part of the view that is delivered.
        rect: Tile = "rect" => Tile::parse;
        /// Where the composite lies in a view of another size.
        align: Align = "align" => Align::parse;
        /// Multiplies the delivered size.
        dpr: Dpr = "dpr" => Dpr::parse;
        /// Background.
        bgc: Ink = "bgc" => Ink::parse;
        /// File format, pixel type and compression of the reply.
        fmt: FileFormat = "fmt" => FileFormat::parse;
        /// JPEG quality.
        qlt: Qlt = "qlt" => Qlt::parse;
        /// The most bytes of a JPEG reply.
        jpeg_size: JpegSize = "jpegSize" => JpegSize::parse;
        /// Scans of a progressive JPEG.
        pscan: Scans = "pscan" => Scans::parse;
        /// The palette of a reply.
        quantize: Quantize = "quantize" => Quantize::parse;
        /// Print resolution noted in the reply.
        print_res: PrintRes = "printRes" => PrintRes::parse;
        /// The source's XMP packet is copied into the reply.
        xmp_embed: Flag = "xmpEmbed" => Flag::parse;
        /// The metadata of the source that the reply keeps; a command of ours.
        keep_metadata: Keep = "keepMetadata" => Keep::parse;
        /// The output profile.
        icc: Icc = "icc" => Icc::parse;
        /// The output profile is embedded, if there is one.
        icc_embed: IccEmbed = "iccEmbed" => IccEmbed::parse;
        /// Resampling filter.
        res_mode: Filter = "resMode" => Filter::parse;
        /// Resampling in linear light, a command of ours.
        linear: Flag = "linear" => Flag::parse;
        /// The record whose Modifier takes the place of the object's.
        template: ObjectName = "template" => ObjectName::parse;
        /// What stands in for a missing image; empty for nothing.
        default_image: Text = "defaultImage" => Text::parse;
        /// The language that ids and strings are looked up in.
        locale: Text = "locale" => Text::parse;
        /// The text that `req=message` logs.
        message: Text = "message" => Text::parse;
        /// The file that `req=saveToFile` writes, below `SavePath`.
        name: Text = "name" => Text::parse;
        /// Milliseconds that `req=saveToFile` may take.
        timeout: Side = "timeout" => Side::parse;
        /// The version token, or the id that a JSON reply echoes. Never changes status or body.
        id: Text = "id" => Text::parse, at Nowhere;
        /// What caches may do.
        cache: Cache = "cache" => Cache::parse, at Nowhere;
    }

    /// What is said of a layer. Given for the composite it is redirected to layer 0.
    LayerCommands {
        /// The source; the path's object by default.
        src: ObjectName = "src" => ObjectName::parse;
        /// The source's mask.
        mask: Text = "mask" => Text::parse;
        /// What the mask does.
        mask_use: MaskUse = "maskUse" => MaskUse::parse;
        /// The part of the source that is used; the two names are one slot.
        crop: Crop = "crop" => Crop::parse_pixels, "cropN" => Crop::parse_relative, spelled by Crop::name;
        /// The box that the layer is scaled to fit.
        size: BoxSize = "size" => BoxSize::parse, "sizeN" => BoxSize::parse_relative;
        /// The layer's scale, if it has no size.
        scale: Factor = "scale" => Factor::parse;
        /// The layer's resolution, if it has neither size nor scale.
        res: Factor = "res" => Factor::parse;
        /// Turns the layer clockwise.
        rotate: Rotation = "rotate" => Rotation::parse;
        /// Margins around the layer; the two names are one slot.
        extend: Extend = "extend" => Extend::parse_pixels, "extendN" => Extend::parse_relative, spelled by Extend::name;
        /// Fills transparent parts before the layer is rotated and extended.
        color: FillColor = "color" => FillColor::parse;
        /// Fills transparent parts afterwards.
        bg_color: FillColor = "bgColor" => FillColor::parse;
        /// The centre of rotation. A single layer looks the same whatever it is.
        anchor: Point = "anchor" => Point::parse_pixels, "anchorN" => Point::parse_relative, spelled by |point: &Point| point.name("anchor", "anchorN");
        /// The layer's origin. A single layer looks the same whatever it is.
        origin: Point = "origin" => Point::parse_pixels, "originN" => Point::parse_relative, spelled by |point: &Point| point.name("origin", "originN");
        /// The layer's place, which layer 0 ignores.
        pos: Point = "pos" => Point::parse_pixels, "posN" => Point::parse_relative, spelled by |point: &Point| point.name("pos", "posN");
        /// The layer's image map, in layer pixels.
        map: Text = "map" => Text::parse;
        /// The layer's image map, in source pixels.
        map_a: Text = "mapA" => Text::parse;
        /// Mirrors the layer before it is rotated.
        flip: Flip = "flip" => Flip::parse, at Own;
    }

    /// What is said of the composite.
    CompositeCommands {
        /// Mirrors the composite.
        flip: Flip = "flip" => Flip::parse;
        /// Gaussian blur.
        op_blur: Radius = "op_blur" => Radius::parse;
        /// Brightness.
        op_brightness: Percent = "op_brightness" => Percent::parse;
        /// Contrast.
        op_contrast: Percent = "op_contrast" => Percent::parse;
        /// Brightness of each colour.
        op_color_balance: Balance = "op_colorbalance" => Balance::parse;
        /// Turns all hues.
        op_hue: Hue = "op_hue" => Hue::parse;
        /// Saturation.
        op_saturation: Percent = "op_saturation" => Percent::parse;
        /// Recolours by brightness; the second name is the old one.
        op_colorize: Colorize = "op_colorize" => Colorize::parse, "colorize" => Colorize::parse;
        /// The negative.
        op_invert: Flag = "op_invert" => Flag::parse;
        /// Noise.
        op_noise: Noise = "op_noise" => Noise::parse;
        /// Simple sharpening of the view.
        op_sharpen: Flag = "op_sharpen" => Flag::parse;
        /// Unsharp mask with a radius in full-resolution pixels.
        op_usm: Usm = "op_usm" => Usm::parse;
        /// Unsharp mask with a radius in view pixels.
        op_usm_r: Usm = "op_usmR" => Usm::parse;
    }
}

/// The commands of one request, or of one record's Modifier; every value is legal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Commands {
    pub(crate) request: RequestCommands,
    /// Of layer 0.
    pub(crate) layer: LayerCommands,
    pub(crate) composite: CompositeCommands,
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
                Modifier::Command { name, value } if name == "effect" => current = effect(value)?,
                // An empty value of a command that names a source says nothing.
                Modifier::Command { name, value } if name == "src" && value.is_empty() => {}
                Modifier::Command { name, value } => commands.read(current, name, value)?,
                Modifier::Nested { .. } if current == Scope::Undrawn => {}
                Modifier::Nested { name, value } => return Err(nested(name, value)),
                Modifier::Macro(name) => return Err(Error::request(&format!("${name}$"), "is not a known macro")),
                Modifier::Variable { .. } => {}
            }
        }
        Ok(commands)
    }

    /// Reads one command. Unknown names are ignored (`protocol.md` §1.1).
    fn read(&mut self, scope: Scope, name: &str, value: &str) -> Result<()> {
        if self.request.read(name, value)? {
            return Ok(());
        }
        let known = match scope {
            // What it says is read, and means nothing.
            Scope::Undrawn => {
                LayerCommands::default().read(name, value)? || CompositeCommands::default().read(name, value)?
            }
            Scope::Composite => self.composite.read(name, value)? || self.layer.read(name, value)?,
            Scope::Layer0 => {
                let of_layer = self.layer.read(name, value)?;
                if !of_layer && CompositeCommands::default().read(name, value)? {
                    return Err(refuse_in_layer(name));
                }
                of_layer
            }
        };
        if known {
            return Ok(());
        }
        check_ignored(name, value)?;
        match refuse_later(name, value) {
            // An effect takes only what is read above (`protocol.md` §4); of one that is not drawn nothing counts.
            Err(_) if scope == Scope::Undrawn => Ok(()),
            other => other,
        }
    }

    /// These commands where they are given, else those of `prefix`.
    pub(crate) fn over(self, prefix: Self) -> Self {
        Self {
            request: self.request.over(prefix.request),
            layer: self.layer.over(prefix.layer),
            composite: self.composite.over(prefix.composite),
        }
    }

    /// Only what is about the layer: a record that a layer names as its source has no say in the rest
    /// (`protocol.md` §1.7).
    pub(crate) fn of_layer(self) -> Self {
        Self { request: RequestCommands::default(), ..self }
    }

    /// The canonical form, one spelling for all requests that mean the same: the commands in a fixed order, each value in
    /// its canonical spelling, joined by `&`.
    ///
    /// Left out is what never changes a reply's bytes: `id`, comments, unknown commands, `cache`; and `handler`, which is
    /// none of these commands: only JSON replies use it, and those are tagged with it separately. The text reads back to
    /// the same commands.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        self.request.write(Place::Anywhere, &mut text);
        self.layer.write(Place::Anywhere, &mut text);
        self.composite.write(Place::Anywhere, &mut text);
        let mut own = String::new();
        self.layer.write(Place::Own, &mut own);
        if !own.is_empty() {
            push(&mut text, "layer", &0);
            text.push('&');
            text.push_str(&own);
        }
        text
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
    use crate::language::request::parse_modifiers;

    fn parse(query: &str) -> Result<Commands> {
        Commands::parse(&parse_modifiers(query)?)
    }

    fn error(query: &str) -> String {
        parse(query).unwrap_err().to_string()
    }

    #[test]
    fn the_last_instance_wins_and_twins_share_a_slot() {
        let commands = parse("wid=1&WID=2&crop=0,0,9,9&cropN=0,0,.5,.5").unwrap();
        assert_eq!(commands.request.wid, Some(Side(2)));
        assert!(matches!(commands.layer.crop, Some(Crop::Relative(_))));
        assert!(matches!(parse("cropN=0,0,1,1&crop=0,0,9,9").unwrap().layer.crop, Some(Crop::Pixels(_))));
    }

    #[test]
    fn requests_override_prefixes_slot_by_slot() {
        let merged = parse("wid=5").unwrap().over(parse("wid=1&hei=2&op_sharpen=1").unwrap());
        assert_eq!(
            (merged.request.wid, merged.request.hei, merged.composite.op_sharpen),
            (Some(Side(5)), Some(Side(2)), Some(Flag(true)))
        );
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
            ("fmt=heic", "fmt: the format heic is not supported yet"),
            ("fmt=png,cmyk", "fmt: this format cannot hold that pixel type"),
            ("fmt=jpeg,lab", "fmt: needs rgb, gray or cmyk as pixel type"),
            ("fmt=png,,lzw", "fmt: this format does not take that compression"),
            ("fmt=png,rgb,none,x", "fmt: has more than format, pixel type and compression"),
            ("qlt=0", "qlt: needs a quality from 1 to 100"),
            ("qlt=101", "qlt: needs a quality from 1 to 100"),
            ("qlt=80,2", "qlt: needs 0 or 1 after the comma"),
            ("linear=2", "linear: needs 0 or 1"),
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
        let query = "layer=comp&opac=100&text=&hide=0&op_grow=0&src=&blendMode=mult";
        assert_eq!(parse(query).unwrap(), Commands::default());
    }

    #[test]
    fn segments_say_what_a_flip_is_about() {
        let both = parse("layer=0,base&flip=lr&rotate=30&wid=9&layer=comp&flip=ud").unwrap();
        assert_eq!(both.layer.flip, Some(Flip { horizontally: true, vertically: false }));
        assert_eq!(both.composite.flip, Some(Flip { horizontally: false, vertically: true }));
        let of_layer = both.clone().of_layer();
        assert_eq!(
            (of_layer.request.wid, of_layer.layer.rotate, of_layer.layer.flip),
            (None, both.layer.rotate, both.layer.flip)
        );
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
