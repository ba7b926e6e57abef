//! Small requests of every kind, over small pictures of every kind.

use std::path::Path;

use platemark::Engine;

use crate::support::dice::Dice;

/// Writes small pictures of every kind, cut from the demo ones, and catalogs of them.
pub(crate) fn small_world(demo: &Engine, folder: &Path) {
    let pictures = [
        ("photo.jpg", "demo/harbour?scl=1&rect=2100,1300,181,127&qlt=92"),
        ("full-chroma.jpg", "demo/harbour?scl=1&rect=1500,2300,97,133&qlt=95,1"),
        ("progressive.jpg", "demo/lighthouse?scl=1&rect=600,300,140,210&fmt=pjpeg"),
        ("gray.jpg", "demo/pebbles?scl=1&rect=300,300,160,120&fmt=jpeg,gray"),
        ("inks.jpg", "demo/poster?scl=1&rect=200,300,120,160&fmt=jpeg,cmyk"),
        ("photo.png", "demo/harbour?scl=1&rect=2400,1500,150,101&fmt=png"),
        ("gray.png", "demo/pebbles?scl=1&rect=700,500,77,91&fmt=png,gray"),
        ("ring.png", "demo/ring?wid=160&fmt=png-alpha"),
        ("thin.png", "demo/chart?scl=1&rect=100,100,300,3&fmt=png"),
    ];
    for (name, request) in pictures {
        let reply = demo.serve(&format!("/is/image/{request}"));
        assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
        std::fs::write(folder.join(name), reply.body).unwrap();
    }
    // The extremes: blocks of black and white at random, coarsely and finely quantised.
    let mut dice = Dice::new(7);
    let noise: Vec<u8> = (0..128 * 96 * 3).map(|_| if dice.below(2) == 0 { 0 } else { 255 }).collect();
    for (name, quality) in [("coarse.jpg", 3), ("fine.jpg", 100)] {
        let mut file = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut file, quality);
        encoder.encode(&noise, 128, 96, jpeg_encoder::ColorType::Rgb).unwrap();
        std::fs::write(folder.join(name), file).unwrap();
    }
    std::fs::write(folder.join("default.ini"), "DefaultExt=\nMaxPix=400,400\n").unwrap();
    std::fs::write(
        folder.join("tight.ini"),
        "RootId=tight\nDefaultPix=60,0\nThumbType=1\nResMode=2\nBkgColor=123456\n",
    )
    .unwrap();
}

const SOURCES: [&str; 11] = [
    "photo.jpg",
    "full-chroma.jpg",
    "progressive.jpg",
    "gray.jpg",
    "inks.jpg",
    "photo.png",
    "gray.png",
    "ring.png",
    "thin.png",
    "coarse.jpg",
    "fine.jpg",
];

/// A request over that folder.
pub(crate) fn request(dice: &mut Dice) -> String {
    let mut query = vec![];
    match dice.below(6) {
        0 => {}
        1 => query.push(format!("wid={}", 1 + dice.below(250))),
        2 => query.push(format!("scl={}.{}", dice.below(3), 1 + dice.below(99))),
        3 => query.push("req=tmb".to_owned()),
        _ => {
            query.push(format!("wid={}&hei={}", 1 + dice.below(200), 1 + dice.below(200)));
            let fit = dice.one(&[
                "",
                "fit=fit,1",
                "fit=constrain",
                "fit=crop",
                "fit=crop,1",
                "fit=wrap",
                "fit=stretch,1",
                "fit=hfit",
                "fit=vfit,1",
            ]);
            query.push(fit.to_owned());
        }
    }
    let region = |dice: &mut Dice| {
        let (x, y) = (dice.below(160) as i64 - 40, dice.below(160) as i64 - 40);
        format!("{x},{y},{},{}", 1 + dice.below(140), 1 + dice.below(140))
    };
    if dice.below(3) == 0 {
        query.push(format!("crop={}", region(dice)));
    }
    if dice.below(5) == 0 {
        query.push(format!("rgn={}", region(dice)));
    }
    if dice.below(4) == 0 {
        query.push(format!("rect={}{}", region(dice), dice.one(&["", "", ",2", ",.5"])));
    }
    query.push(dice.one(&["", "", "flip=lr", "flip=ud", "flip=lrud"]).to_owned());
    query.push(dice.one(&["", "", "resMode=bilin", "resMode=bicub", "resMode=bisharp"]).to_owned());
    query
        .push(dice.one(&["", "", "", "op_sharpen=1", "op_usm=1.5,6", "op_usmR=.8,1.2,4", "op_usm=3,2,0,1"]).to_owned());
    let layer = [
        "",
        "",
        "",
        "",
        "rotate=90",
        "rotate=-180&extend=4,-3,7,9",
        "rotate=33",
        "rotate=-12.5&bgColor=102030&color=ff0000",
        "size=60,40",
        "size=0,33&extendN=.1,.2,-.1,0",
        "scale=.6&bgColor=405060,128",
        "layer=0&flip=ud&rotate=270&layer=comp",
        "maskUse=invert",
        "maskUse=off",
    ];
    query.push(dice.one(&layer).to_owned());
    let operations = [
        "",
        "",
        "",
        "",
        "op_blur=2.5",
        "op_brightness=20&op_contrast=-15",
        "op_colorbalance=10,-20,30&op_saturation=40",
        "op_hue=75",
        "op_colorize=3060c0,norm,30",
        "op_colorize=ff8000,off&op_invert=1",
        "op_noise=25",
        "op_noise=10,gaussian,1",
    ];
    query.push(dice.one(&operations).to_owned());
    query.push(dice.one(&["", "bgc=204080", "bgc=40", "align=1,-1", "align=-.5,.25"]).to_owned());
    let fmt = [
        "",
        "fmt=png",
        "fmt=png-alpha",
        "fmt=pjpeg",
        "fmt=jpeg,gray",
        "fmt=png,gray",
        "fmt=png-alpha,gray",
        "fmt=jpeg,cmyk",
    ];
    query.push(dice.one(&fmt).to_owned());
    query.push(dice.one(&["", "", "qlt=35", "qlt=95,1"]).to_owned());
    query.push(dice.one(&["", "", "", "dpr=on,1.5"]).to_owned());
    query.retain(|command| !command.is_empty());
    let (catalog, source) = (dice.one(&["", "", "tight/"]), dice.one(&SOURCES));
    format!("/is/image/{catalog}{source}?{}", query.join("&"))
}
