//! The typed commands of a request.

use crate::color::Ink;
use crate::error::{Error, Result};
use crate::geometry::{Filter, Rect};

use super::later::refuse_later;
use super::output::{Fmt, Handler, Qlt, Usm};
use super::raw::Modifier;
use super::req::Req;
use super::value::{Factor, Flag, Side, Value};
use super::view::{Align, Crop, Dpr, Fit, Flip, Tile};

/// Declares [`Commands`]: one slot per command, of which the last instance wins (`protocol.md` §1.7).
///
/// A line reads `slot: Type = "name" => reader, "twin" => reader;` with names in lower case. A new command
/// is one line here and one type that implements [`Value`].
macro_rules! commands {
    ($($(#[$doc:meta])* $slot:ident: $type:ty = $($name:literal => $read:path),+;)+) => {
        /// The commands of one request, or of one record's Modifier; every value is legal.
        ///
        /// `None` means that the command was not given: defaults are the catalog's.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct Commands {
            $($(#[$doc])* pub(crate) $slot: Option<$type>,)+
        }

        impl Commands {
            /// These commands where they are given, else those of `prefix`.
            pub(crate) fn over(self, prefix: Self) -> Self {
                Self { $($slot: self.$slot.or(prefix.$slot),)+ }
            }

            /// Reads one command. Unknown names are ignored (`protocol.md` §1.1).
            fn read(&mut self, name: &str, value: &str) -> Result<()> {
                match name {
                    $($($name => {
                        self.$slot = Some($read(value).map_err(|reason| Error::request(name, reason))?);
                        Ok(())
                    })+)+
                    _ => refuse_later(name, value),
                }
            }
        }
    };
}

commands! {
    /// What is asked for.
    req: Req = "req" => Req::parse;
    /// The version token, or the id that a JSON reply echoes. Never changes status or body.
    id: String = "id" => id;
    /// The function that a JSON reply calls.
    handler: Handler = "handler" => Handler::parse;
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
    /// The part of the source that is used; the two names are one slot.
    crop: Crop = "crop" => Crop::parse_pixels, "cropn" => Crop::parse_relative;
    /// Mirrors the source after cropping.
    flip: Flip = "flip" => Flip::parse;
    /// File format and pixel type of the reply.
    fmt: Fmt = "fmt" => Fmt::parse;
    /// JPEG quality.
    qlt: Qlt = "qlt" => Qlt::parse;
    /// Resampling filter.
    res_mode: Filter = "resmode" => Filter::parse;
    /// Simple sharpening of the view.
    op_sharpen: Flag = "op_sharpen" => Flag::parse;
    /// Unsharp mask with a radius in full-resolution pixels.
    op_usm: Usm = "op_usm" => Usm::parse;
    /// Unsharp mask with a radius in view pixels.
    op_usm_r: Usm = "op_usmr" => Usm::parse;
}

#[expect(clippy::unnecessary_wraps, reason = "has the shape of a reader")]
fn id(text: &str) -> std::result::Result<String, &'static str> {
    Ok(text.to_owned())
}

impl Commands {
    /// Types the commands of a query or Modifier, in order.
    ///
    /// # Errors
    ///
    /// A malformed or illegal value, a macro (none can be defined yet), or a command that is not drawn yet.
    pub(crate) fn parse(modifiers: &[Modifier]) -> Result<Self> {
        let mut commands = Self::default();
        for modifier in modifiers {
            match modifier {
                Modifier::Command { name, value } => commands.read(name, value)?,
                Modifier::Macro(name) => return Err(Error::request(&format!("${name}$"), "is not a known macro")),
                // No supported command can refer to a variable in a legal value.
                Modifier::Variable { .. } => {}
            }
        }
        Ok(commands)
    }
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
        assert_eq!(parse("&.c&viewer=x&wid=7&&cache=off&network=on&bfc=on&locale=de&$v=1&anchor=1,2").unwrap(), plain);
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
            ("fmt=webp,,lossy", "fmt: this format is not supported yet"),
            ("fmt=png,cmyk", "fmt: png cannot hold cmyk"),
            ("fmt=jpeg,lab", "fmt: needs rgb, gray or cmyk as pixel type"),
            ("fmt=png,,lzw", "fmt: this format takes no compression"),
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
            ("rotate=90", "rotate: is not supported yet"),
            ("src=is(a?wid=1)", "src: is not supported yet"),
            ("layer=1", "layer: is not supported yet"),
            ("$view$", "$view$: is not a known macro"),
        ];
        for (query, expected) in cases {
            assert_eq!(error(query), expected, "{query}");
        }
    }

    #[test]
    fn values_that_change_nothing_pass_for_commands_that_are_not_drawn_yet() {
        let query = "rotate=0&op_blur=0&iccEmbed=0&jpegSize=0&layer=comp&opac=100&size=0,0&extend=0,0,0,0&icc=";
        assert_eq!(parse(query).unwrap(), Commands::default());
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
