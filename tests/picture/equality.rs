//! A picture and an engine whose catalog limits no size give the same bytes for the same source and commands.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use bytes::Bytes;
use platemark::{Edit, Engine, ErrorKind, Picture, SourceProvider, SourceTag};

use crate::sources;
use crate::support::cases;
use crate::support::dice::Dice;

/// Files by their numbers.
struct Numbered(Vec<Bytes>);

impl SourceProvider for Numbered {
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
        Ok(self.find(path).map(|file| SourceTag::new(1, file.len() as u64)))
    }

    fn read(&self, path: &Path) -> io::Result<(SourceTag, Bytes)> {
        let file = self.find(path).ok_or(io::ErrorKind::NotFound)?;
        Ok((SourceTag::new(1, file.len() as u64), file.clone()))
    }
}

impl Numbered {
    fn find(&self, path: &Path) -> Option<&Bytes> {
        self.0.get(path.to_str()?.parse::<usize>().ok()?)
    }
}

/// A command that edits have, with a value that is legal as a rule.
pub(crate) fn command(dice: &mut Dice) -> String {
    let mut number = |least: i64, most: i64| least + dice.below((most - least + 1) as usize) as i64;
    let (a, b, c, d) = (number(0, 200), number(0, 200), number(1, 200), number(1, 200));
    let (small, signed, tenth) = (number(0, 60), number(-100, 100), number(0, 9));
    let (one, two) = (number(0, 1), number(1, 9));
    match number(0, 49) {
        0 | 1 => format!("wid={c}"),
        2 | 3 => format!("hei={d}"),
        4 => format!("wid={c}&hei={d}"),
        5 | 6 => {
            let mode = dice.one(&["fit", "constrain", "crop", "wrap", "stretch", "hfit", "vfit", "CROP", "inside"]);
            format!("wid={c}&fit={mode},{one}")
        }
        7 => format!("fit=crop,{one}"),
        8 => format!("scl=.{two}{tenth}"),
        9 => format!("scl={two}.{tenth}"),
        10 => format!("rgn={},{},{c},{d}", a - 50, b - 50),
        11 => format!("rect={small},{small},{c},{d}"),
        12 => format!("rect=0,{small},{c},{d},{one}.{two}"),
        13 => format!("align={one},-.{two}"),
        14 => format!("align={signed},0"),
        15 => format!("dpr=on,{one}.{two}"),
        16 => "dpr=off,3".to_owned(),
        17 => format!("bgc={a},{b},{c}"),
        18 => format!("bgc={},{tenth},{small},{two}k", dice.one(&["0", "50"])),
        19 | 20 => {
            let pixels = dice.one(&["", ",gray", ",rgb", ",cmyk"]);
            format!(
                "fmt={}{pixels}",
                dice.one(&["jpeg", "pjpeg", "png", "png-alpha", "webp", "webp-alpha,,lossless", "JPG"])
            )
        }
        21 => "fmt=png-alpha".to_owned(),
        22 => format!("qlt={},{one}", c / 2),
        23 => format!("jpegSize={}", number_of(small)),
        24 => format!("fmt=pjpeg&pscan={}", dice.one(&["auto", "3", "4", "5", "2"])),
        25 => format!("printRes={a}.5"),
        26 => format!(
            "xmpEmbed={one}&iccEmbed={one}&keepMetadata={}",
            dice.one(&["none", "copyright", "xmp", "xmp,copyright", "all"])
        ),
        27 => format!("resMode={}", dice.one(&["bilin", "bicub", "sharp2", "bisharp", "sharp"])),
        28 => format!("maskUse={}", dice.one(&["norm", "invert", "off"])),
        29 => format!("crop={},{},{c},{d}", a - 100, b - 100),
        30 => format!("cropN=.{tenth},-.{two},.{two}{tenth},{one}.{two}"),
        31 => format!("size={c},{}", number_of(b)),
        32 => format!("sizeN=0,{one}"),
        33 => format!("scale={one}.{two}"),
        34 => format!("res={one}.{two}"),
        35 => format!("rotate={}", dice.one(&["90", "-90", "180", "33.3", "-7", "360", "x"])),
        36 => format!("extend={small},-{tenth},{two},{tenth}"),
        37 => format!("extendN=.{two},.{tenth},-.{tenth},0"),
        38 => format!("color={a},{b},{c},{d}"),
        39 => format!("bgColor=ff{two}0{tenth}0{two}f"),
        40 => format!("anchor={a},{b}&origin={c},{d}&posN=.{two},-.{two}"),
        41 => format!("flip={}", dice.one(&["lr", "ud", "lrud", ""])),
        42 => format!("op_blur={two}.{tenth}"),
        43 => format!("op_brightness={signed}&op_contrast={}&op_saturation={signed}", signed / 2),
        44 => format!("op_colorbalance={signed},{small},-{small}&op_hue={}", signed + 90),
        45 => format!("op_colorize={a},{b},{c},{}&op_invert={one}", dice.one(&["norm,30", "off", "norm"])),
        46 => format!("op_noise={small},{},{one}", dice.one(&["uniform", "gaussian", "pink"])),
        47 => format!("op_sharpen={one}&op_usm=.{two},{tenth}.5,{small},{one}"),
        _ => format!("op_usmR={one}.{two},{tenth},{small}&bfc=on&opac=100&blendMode=norm"),
    }
}

/// Often none.
fn number_of(number: i64) -> i64 {
    if number % 3 == 0 { 0 } else { number }
}

#[test]
fn pictures_are_the_replies_of_an_engine_without_limits() {
    let files: Vec<Bytes> = sources::all().into_iter().map(Bytes::from).collect();
    let engine = Engine::in_memory("DefaultExt=\nDefaultPix=0,0\nMaxPix=0,0\n").sources(Numbered(files.clone()));
    let engine = engine.build().unwrap();
    let pictures: Vec<Picture> = files.iter().map(|file| Picture::from_bytes(file.clone()).unwrap()).collect();
    let mut tags = HashMap::new();
    let (mut made, mut refused) = (0, 0);
    for case in 0..cases(20_000, 800) {
        let mut dice = Dice::new(case);
        let number = dice.below(files.len());
        let commands: Vec<String> = (0..=dice.below(4)).map(|_| command(&mut dice)).collect();
        let query = commands.join("&");
        let reply = engine.serve(&format!("/is/image/{number}?{query}"));
        let edit = match query.parse::<Edit>() {
            Ok(edit) => edit,
            Err(error) => {
                assert_eq!(reply.error.map(|error| error.to_string()), Some(error.to_string()), "{query}");
                refused += 1;
                continue;
            }
        };
        assert_eq!(edit.to_string().parse(), Ok(edit.clone()), "{query}");
        match pictures[number].render(&edit) {
            Ok(rendition) => {
                assert_eq!(reply.error, None, "{number}?{query}");
                assert!(rendition.bytes == reply.body, "{number}?{query} is {edit}");
                assert_eq!(rendition.content_type, reply.content_type, "{query}");
                assert_eq!((Some(rendition.width), Some(rendition.height)), (reply.width, reply.height), "{query}");
                assert_ne!(Some(rendition.version), reply.version);
                let known = tags.entry(rendition.etag).or_insert_with(|| rendition.bytes.clone());
                assert!(*known == rendition.bytes, "{number}?{query}: one tag stands for two pictures");
                made += 1;
            }
            Err(error) => {
                let told = reply.error.unwrap();
                assert_eq!(told.kind(), error.kind(), "{number}?{query}: {told} {error}");
                let request = told.kind() == ErrorKind::Request;
                assert!(!request || told.to_string() == error.to_string(), "{query}: {told} {error}");
                refused += 1;
            }
        }
    }
    assert!(made > refused, "{made} {refused}");
    assert!(tags.len() > made / 2);
}
