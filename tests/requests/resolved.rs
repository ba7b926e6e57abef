//! `req=resolve`: the request with everything that its records add, which reads back to the same picture
//! (`responses.md` §4.6).

use proptest::prelude::*;

use super::*;

#[test]
fn the_text_says_what_records_add() {
    let engine = demo();
    for (request, expected) in [
        ("demo/harbour?req=resolve", "demo/harbour?$object=demo/harbour"),
        ("demo/harbour?wid=0040&HEI=9&req=resolve&.comment&id=7", "demo/harbour?$object=demo/harbour&wid=40&hei=9"),
        ("demo/village?req=resolve&wid=5", "demo/village?$object=demo/village&wid=5&crop=1350,1220,2500,500"),
        ("demo/proof?req=resolve&op_saturation=9", "demo/proof?$object=demo/proof&op_contrast=20&op_saturation=-100"),
        (
            "demo/lighthouse?template=polaroid&req=resolve&$paper=ffd9a0",
            "demo/lighthouse?$edge=16&$object=demo/lighthouse&$paper=ffd9a0&scl=1&template=polaroid&src=demo/lighthouse\
             &size=288,288&extend=16,16,16,64&bgColor=ffd9a0ff",
        ),
        (
            "demo/ring?$card$&req=resolve",
            "demo/ring?$object=demo/ring&wid=320&hei=240&fit=crop,0&qlt=85,1&op_usm=0.8,1.5,0,0",
        ),
    ] {
        let reply = ok(&engine, request);
        assert_eq!(text(&reply), format!("/is/image/{expected}\r\n"), "{request}");
        assert_eq!((reply.content_type, reply.lifetime), (TEXT, Lifetime::NO_STORE));
        assert!(reply.etag.is_none() && reply.version.is_none());
    }
    let error = |title: &str| format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title={title}\r\nerror.message=\r\n");
    refused(&engine, "demo?req=resolve", &error("path\\: names no image"));
    refused(&engine, "demo/ring?req=resolve&effect=1", &error("effect\\: is not supported yet"));
}

const OBJECTS: [&str; 11] = [
    "demo/ring",
    "demo/window",
    "demo/signal",
    "demo/tilted",
    "demo/proof",
    "demo/chart",
    "shop/ring",
    "shop/sun",
    "gallery/missing",
    "chart.png",
    "demo/signals.png",
];

const PARTS: [&str; 46] = [
    "wid=40",
    "hei=30",
    "wid=25&hei=44",
    "fit=crop",
    "fit=stretch,1",
    "scl=20",
    "req=tmb",
    "req=mask",
    "fmt=png",
    "fmt=png-alpha",
    "fmt=pjpeg",
    "fmt=jpeg,gray",
    "qlt=33,1",
    "bgc=20,80,120",
    "bgColor=ff000080",
    "color=80a0c0",
    "align=-1,.5",
    "rgn=10,20,300,200",
    "rect=5,5,20,25",
    "rect=0,0,30,30,.5",
    "dpr=on,1.5",
    "crop=30,-20,300,350",
    "cropN=.1,.1,.7,.5",
    "size=60,50",
    "size=70,0",
    "scale=.3",
    "res=.25",
    "flip=lr",
    "layer=0&flip=ud&layer=comp",
    "rotate=90",
    "rotate=-33.5",
    "anchor=20,30",
    "extend=4,5,6,-7",
    "extendN=.1,0,.1,0",
    "maskUse=invert",
    "mask=ring.png",
    "resMode=bicub",
    "op_usm=1,2",
    "op_blur=2&op_hue=50",
    "op_noise=30",
    "op_colorize=c06030",
    "$card$&wid=30&hei=30",
    "$w=33&wid=$w$",
    "src=signal",
    "locale=de",
    "template=polaroid&$edge=3",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever a request resolves to gives the same picture when it is asked for, and resolves to itself.
    #[test]
    fn resolved_requests_are_the_same_requests(
        object in prop::sample::select(&OBJECTS[..]),
        parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..7),
    ) {
        let engine = engine_of_this_thread();
        let query = parts.join("&");
        let (kind, plain) = match parts.iter().rfind(|part| part.starts_with("req=")) {
            Some(kind) => (format!("&{kind}"), format!("{query}&{kind}")),
            None => (String::new(), query.clone()),
        };
        let resolved = serve(&engine, &format!("{object}?{query}&req=resolve"));
        if resolved.status != 200 {
            // What is asked for is a matter of the picture, too: fit= with req=tmb, for one.
            let direct = serve(&engine, &format!("{object}?{plain}"));
            prop_assert!(resolved.status == 403 && direct.error.is_some(), "{}?{}", object, query);
            return Ok(());
        }
        let line = text(&resolved);
        let line = line.trim_end();
        let (direct, again) = (serve(&engine, &format!("{object}?{plain}")), engine.serve(&format!("{line}{kind}")));
        prop_assert_eq!(direct.status, again.status, "{}?{} → {}{}: {:?} {:?}", object, plain, line, kind, direct.error, again.error);
        prop_assert!(direct.body == again.body, "{}?{} → {}{}", object, plain, line, kind);
        prop_assert_eq!(direct.lifetime, again.lifetime);
        let twice = engine.serve(&format!("{line}&req=resolve"));
        prop_assert_eq!(text(&twice), format!("{line}\r\n"));
    }
}

/// Sources are remembered, so that a case costs a small picture.
fn engine_of_this_thread() -> Engine {
    thread_local! {
        static ENGINE: Engine = demo();
    }
    ENGINE.with(Clone::clone)
}
