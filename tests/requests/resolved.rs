//! `req=resolve`: the request with everything that its records add, which reads back to the same picture
//! (`responses.md` §4.6).

use proptest::prelude::*;

use super::*;

#[test]
fn the_text_says_what_records_add() {
    let engine = demo();
    for (request, expected) in [
        ("demo/harbour?req=resolve", "demo/harbour"),
        ("demo/harbour?wid=0040&HEI=9&req=resolve&.comment&id=7", "demo/harbour?wid=40&hei=9"),
        ("demo/village?req=resolve&wid=5", "demo/village?wid=5&crop=1350,1220,2500,500"),
        ("demo/proof?req=resolve&op_saturation=9", "demo/proof?op_contrast=20&op_saturation=-100"),
        (
            "demo/lighthouse?template=polaroid&req=resolve&$paper=ffd9a0",
            "demo/lighthouse?$edge=16&$paper=ffd9a0&scl=1&template=polaroid&src=demo/lighthouse\
             &size=288,288&extend=16,16,16,64&bgColor=ffd9a0ff",
        ),
        ("demo/ring?$card$&req=resolve", "demo/ring?wid=320&hei=240&fit=crop,0&qlt=85,1&op_usm=0.8,1.5,0,0"),
    ] {
        let reply = ok(&engine, request);
        assert_eq!(text(&reply), format!("/is/image/{expected}\r\n"), "{request}");
        assert_eq!((reply.content_type, reply.cache_policy), (TEXT, CachePolicy::NO_STORE));
        assert!(reply.etag.is_none() && reply.version.is_none());
    }
    let error = |title: &str| format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title={title}\r\nerror.message=\r\n");
    refused(&engine, "demo?req=resolve", &error("path\\: names no image"));
    refused(&engine, "demo/ring?req=resolve&effect=1", &error("effect\\: is not supported yet"));
}

/// Which records take part, and in which order what they say counts (`protocol.md` §1.7, §5.3).
#[test]
fn records_add_what_they_say() {
    let engine = demo();
    for (request, same_as) in [
        // A template may be named by the path.
        ("demo/polaroid?$object=demo/ring", "demo/ring?template=polaroid"),
        // The path's Modifier counts where $object$ stands, its PostModifier always, and so does its mask.
        (
            "demo/village?template=polaroid",
            "demo/harbour?crop=1350,1220,2500,500&size=288,288&extend=16,16,16,64&bgColor=fbf8f0&scl=1",
        ),
        ("demo/proof?template=polaroid", "demo/harbour?op_saturation=-100&op_contrast=20&template=polaroid"),
        (
            "demo/window?template=polaroid&fmt=png-alpha",
            "demo/lighthouse?mask=arch.png&template=polaroid&fmt=png-alpha",
        ),
        ("demo/signal?template=polaroid&locale=de", "demo/signal_de?template=polaroid"),
        // src= brings its record's commands and mask along; the path's PostModifier stays.
        ("demo/ring?src=window&wid=50", "demo/window?wid=50"),
        ("demo/ring?layer=0&src=village&layer=comp&wid=50", "demo/village?wid=50"),
        ("demo/proof?src=ring&wid=50", "demo/ring?op_saturation=-100&op_contrast=20&wid=50"),
        ("demo/ring?src=proof&wid=50&op_contrast=0", "demo/proof?wid=50"),
        ("demo?src=ring&wid=50", "demo/ring?wid=50"),
        ("?src=demo/ring&wid=50", "demo/ring?wid=50"),
        ("shop/ring?src=demo/ring&fmt=jpeg", "shop/ring?fmt=jpeg"),
        // A request overrides a Modifier, not a PostModifier.
        ("demo/harbour/mirrored?wid=100&flip=lrud", "demo/harbour?wid=100&flip=lrud"),
        ("demo/lantern?op_usm=0&wid=50", "demo/lighthouse?crop=610,210,380,380&wid=50"),
        // The second data file replaces the whole record of the first.
        ("demo/signal_fr?wid=50", "demo/signals.png?crop=800,0,400,400&wid=50"),
    ] {
        assert_eq!(ok(&engine, request).body, ok(&engine, same_as).body, "{request}");
    }
    refused(&engine, "demo/polaroid", "demo/polaroid: the record's commands cannot be used\r\n");
    refused(&engine, "demo?wid=5", "path: names no image\r\n");
}

/// What would change the picture and is not drawn yet is refused by name.
#[test]
fn what_is_not_drawn_yet_says_so() {
    let engine = demo();
    for (query, name) in [
        ("effect=-1&color=0,0,0", "effect"),
        ("text=hello", "text"),
        ("textPs=hello", "textps"),
        ("clipPath=M,0,0,L,9,9,Z", "clippath"),
        ("clipPathE=name", "clippathe"),
        ("cropPathE=name", "croppathe"),
        ("perspective=0,0,9,0,9,9,0,9", "perspective"),
        ("perspectiveN=0,0,1,0,1,1,0,1", "perspectiven"),
        ("opac=50", "opac"),
        ("hide=1", "hide"),
        ("op_grow=1", "op_grow"),
        ("op_growMask=1", "op_growmask"),
        ("op_growMaskR=1", "op_growmaskr"),
    ] {
        refused(&engine, &format!("demo/ring?{query}"), &format!("{name}: is not supported yet\r\n"));
    }
    for (query, body) in [
        ("layer=1&src=ring", "layer: more than one layer is not supported yet\r\n"),
        ("layer=0&op_blur=3", "op_blur: is not supported in a layer yet\r\n"),
        ("src=is(demo/ring?wid=5)", "src: nested requests are not supported yet\r\n"),
        ("src={demo/ring}", "src: foreign images are not supported yet\r\n"),
        ("src=ir(a)", "src: render services are not supported\r\n"),
        ("sizeN=.5,.5", "sizen: is not permitted for layer 0\r\n"),
    ] {
        refused(&engine, &format!("demo/ring?{query}"), body);
    }
    let plain = ok(&engine, "demo/ring?wid=60").body;
    let without_effect = "network=on&bfc=on&pathEmbed=1&effectMask=0&blendMode=mult&pos=5,5&origin=1,1&textAttr=72,crisp&opac=100\
                          &imageSet={a&b}&labelkey=x&type=y&viewer=1";
    assert_eq!(ok(&engine, &format!("demo/ring?wid=60&{without_effect}")).body, plain);
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

const PARTS: [&str; 47] = [
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
    "linear=1",
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
    #![proptest_config(ProptestConfig::with_cases(support::cases(150, 40)))]

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
        let more = if line.contains('?') { "" } else { "?" };
        let (direct, again) = (serve(&engine, &format!("{object}?{plain}")), engine.serve(&format!("{line}{more}{kind}")));
        prop_assert_eq!(direct.status, again.status, "{}?{} → {}{}: {:?} {:?}", object, plain, line, kind, direct.error, again.error);
        prop_assert!(direct.body == again.body, "{}?{} → {}{}", object, plain, line, kind);
        prop_assert_eq!(direct.cache_policy, again.cache_policy);
        let twice = engine.serve(&format!("{line}{more}&req=resolve"));
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
