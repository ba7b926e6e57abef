//! Edits as text.

use platemark::{Edit, ErrorKind, Filter, Fit, Format, Keep};

use crate::equality::command;
use crate::support::cases;
use crate::support::dice::Dice;

/// A call with a value that may be wrong.
fn called(edit: Edit, dice: &mut Dice) -> Edit {
    const NUMBERS: [f64; 12] =
        [0.0, 1.0, 0.5, -1.0, 4.999, 33.3, 0.1 + 0.2, 1e-9, 99.99, 1e12, f64::NAN, f64::NEG_INFINITY];
    let mut float = || NUMBERS[dice.below(NUMBERS.len())];
    let (x, y) = (float(), float());
    let mut side = || match dice.below(8) {
        0 => 0,
        1 => u32::MAX,
        _ => 1 + dice.below(3000) as u32,
    };
    let (width, height) = (side(), side());
    let (byte, offset, on) = (dice.byte(), dice.below(500) as i32 - 250, dice.below(2) == 0);
    let fit = [Fit::Inside, Fit::Pad, Fit::Cover, Fit::Stretch][dice.below(4)];
    let format = [Format::Jpeg, Format::ProgressiveJpeg, Format::Png, Format::PngAlpha][dice.below(4)];
    let filter = [Filter::Bilinear, Filter::Bicubic, Filter::Lanczos3, Filter::BicubicSharper][dice.below(4)];
    match dice.below(25) {
        0 => edit.crop(offset, -offset, width, height),
        1 => edit.width(width),
        2 => edit.height(height),
        3 => edit.fit(fit, width, height),
        4 => edit.enlarge(on),
        5 => edit.focus(x, y),
        6 => edit.rotate(x),
        7 => edit.flip(on, !on),
        8 => edit.background(byte, 2, 3),
        9 => edit.filter(filter),
        10 => edit.blur(x),
        11 => edit.brightness(byte as i8),
        12 => edit.contrast(byte as i8),
        13 => edit.saturation(byte as i8),
        14 => edit.hue(offset as i16),
        15 => edit.invert(on),
        16 => edit.sharpen(on),
        17 => edit.unsharp(x, y, byte),
        18 => edit.unsharp_view(x, y, byte),
        19 => edit.format(format),
        20 => edit.gray(on),
        21 => edit.quality(byte),
        22 => edit.full_chroma(on),
        23 => edit.keep([Keep::NOTHING, Keep::COPYRIGHT, Keep::XMP, Keep::XMP | Keep::COPYRIGHT][dice.below(4)]),
        _ => edit,
    }
}

/// What is printed reads back, and what is wrong is refused by the name that rendering names.
#[test]
fn edits_read_back() {
    let source = platemark::Picture::from_bytes(crate::sources::gradient(3, 2)).unwrap();
    let (mut right, mut wrong) = (0, 0);
    for case in 0..cases(200_000, 20_000) {
        let mut dice = Dice::new(case);
        let mut edit = Edit::new();
        for _ in 0..=dice.below(5) {
            edit = called(edit, &mut dice);
        }
        match edit.to_string().parse::<Edit>() {
            Ok(read) => {
                assert_eq!(read, edit);
                right += 1;
            }
            Err(error) => {
                let rendered = source.render(&edit).unwrap_err();
                assert_eq!(rendered.to_string().to_lowercase(), error.to_string().to_lowercase(), "{edit}");
                wrong += 1;
            }
        }
    }
    assert!(right > 1000 && wrong > 1000, "{right} {wrong}");
}

#[test]
fn texts_read_back() {
    let mut read = 0;
    for case in 0..cases(200_000, 20_000) {
        let mut dice = Dice::new(case);
        let commands: Vec<String> = (0..=dice.below(6)).map(|_| command(&mut dice)).collect();
        if let Ok(edit) = commands.join("&").parse::<Edit>() {
            assert_eq!(edit.to_string().parse(), Ok(edit));
            read += 1;
        }
    }
    assert!(read > 5000, "{read}");
}

#[test]
fn commands_that_are_not_of_edits_are_errors_that_name_them() {
    let error = |text: &str| text.parse::<Edit>().unwrap_err().to_string();
    for name in [
        "src",
        "mask",
        "layer",
        "template",
        "req",
        "id",
        "cache",
        "defaultImage",
        "locale",
        "map",
        "mapA",
        "message",
        "name",
        "timeout",
        "effect",
        "handler",
        "type",
        "imageSet",
        "labelkey",
        "sig",
        "exp",
        "kid",
    ] {
        for value in ["=x", "=", "", "=0"] {
            let expected = format!("{}: is not a command of an edit", name.to_lowercase());
            assert_eq!(error(&format!("wid=9&{name}{value}")), expected);
        }
    }
    for (text, expected) in [
        ("src=is(a?wid=1)", "src: is not a command of an edit"),
        ("mask={a}", "mask: is not a command of an edit"),
        ("$big$", "$big$: is not a command of an edit"),
        ("$v=1&wid=$v$", "$v: is not a command of an edit"),
        ("widht=5", "widht: is not a known command; did you mean wid?"),
        ("width=5", "width: is not a known command; did you mean wid?"),
        ("nonsense", "nonsense: is not a known command"),
        ("text=hello", "text: is not supported yet"),
        ("opac=50", "opac: is not supported yet"),
        ("fmt=heic", "fmt: the format heic is not supported yet"),
        ("fmt=png,,lossless", "fmt: this format does not take that compression"),
        ("wid=$v$", "wid: needs a whole number from 1 to 16777216"),
        ("fit=crop", "fit: needs wid or hei"),
        ("src=is(a", "src: has a bracket that is never closed"),
    ] {
        assert_eq!(error(text), expected);
    }
    let long = format!("wid=5&.{}", "x".repeat(65_536)).parse::<Edit>().unwrap_err();
    assert_eq!((long.kind(), long.to_string().as_str()), (ErrorKind::Limit, "edit: is longer than 65536 bytes"));
}

#[test]
fn what_says_nothing_is_nothing() {
    for text in ["", "&", ".note", "&&.a=b&", "opac=100&blendMode=mult&bfc=on&icc=", "text="] {
        assert_eq!(text.parse(), Ok(Edit::new()), "{text}");
    }
    assert_eq!(Edit::new().to_string(), "");
    assert_eq!("WID=5&amp;op_usm=1%2C8".parse(), Ok(Edit::new().width(5).unsharp(1.0, 8.0, 0)));
}
