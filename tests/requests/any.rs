//! Whatever is sent is answered: with a picture or a text, or with a short reason that no cache keeps.

use platemark::{Context, ErrorKind};
use proptest::prelude::*;

use super::*;

const KINDS: [&str; 22] = [
    "img",
    "tile",
    "tmb",
    "mask",
    "props",
    "imageprops",
    "catalogprops",
    "exists",
    "imageset",
    "map",
    "targets",
    "userdata",
    "xmp",
    "xlate",
    "validate",
    "loadcache",
    "resolve",
    "message",
    "saveToFile",
    "set",
    "mbrSet",
    "nonsense",
];

const FORMATS: [&str; 8] = ["", ",text", ",javascript", ",xml", ",json", ",xml,UTF-16", ",xml,latin", ",yaml"];

/// Commands with values that may be right or wrong for them.
fn command() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "wid",
        "hei",
        "scl",
        "fit",
        "fmt",
        "qlt",
        "rgn",
        "rect",
        "crop",
        "cropN",
        "size",
        "sizeN",
        "scale",
        "res",
        "rotate",
        "flip",
        "extend",
        "extendN",
        "anchor",
        "origin",
        "pos",
        "color",
        "bgColor",
        "bgc",
        "mask",
        "maskUse",
        "src",
        "template",
        "defaultImage",
        "locale",
        "map",
        "mapA",
        "layer",
        "effect",
        "opac",
        "text",
        "icc",
        "quantize",
        "jpegSize",
        "linear",
        "pscan",
        "printRes",
        "xmpEmbed",
        "keepMetadata",
        "cache",
        "dpr",
        "network",
        "align",
        "op_blur",
        "op_colorize",
        "op_noise",
        "op_usm",
        "op_hue",
        "handler",
        "id",
        "name",
        "timeout",
        "message",
        "$v",
        "$object",
        "unknown",
    ]);
    let values = prop_oneof![
        Just(String::new()),
        "-?[0-9]{1,3}",
        "-?[0-9]{1,3}(,-?[0-9]{1,3}){1,4}",
        "(\\.[0-9]{1,2},){1,3}\\.[0-9]",
        "[0-9a-f]{6}",
        "[a-z0-9]{1,6}",
        prop::sample::select(vec![
            "crop,1",
            "png-alpha",
            "jpeg,gray",
            "on,2",
            "invert",
            "lr",
            "ring",
            "arch.png",
            "polaroid",
            "is(ring?wid=5)",
            "{x}",
            "$v$",
            "$object$",
            "comp",
            "0",
            "off",
            "update",
            "de",
            "%3CAREA%20COORDS%3D%220,0,5,5%22%3E",
            "2,9,0,1",
            "fdfaf2,norm,50",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    (names, values).prop_map(|(name, value)| format!("{name}={value}"))
}

fn answered(target: &str) -> Result<(), TestCaseError> {
    let engine = engine_of_this_thread();
    let reply = engine.serve(target);
    prop_assert!(matches!(reply.status, 200 | 403), "{}: {:?}", target, reply.error);
    if let Some(error) = &reply.error {
        prop_assert!(error.kind() != ErrorKind::Internal, "{}: {:?}", target, error);
        prop_assert!(
            reply.cache_policy == CachePolicy::NO_STORE && reply.etag.is_none() && reply.version.is_none(),
            "{}",
            target
        );
    }
    if reply.status == 403 {
        prop_assert!(reply.error.is_some() && reply.body.len() < 1000, "{}: {} bytes", target, reply.body.len());
        // Of JSON without a function to call, the error is JSON too.
        prop_assert!(reply.content_type.starts_with("text/") || reply.content_type == "application/json");
    } else {
        // The two steps agree, and a tag is worth a 304.
        let prepared = engine.prepare(target, &Context::new());
        if reply.error.is_none() {
            prop_assert_eq!(
                (prepared.etag(), prepared.version(), prepared.cache_policy()),
                (reply.etag, reply.version, reply.cache_policy)
            );
            prop_assert_eq!(prepared.content_type(), reply.content_type, "{}", target);
            prop_assert!(prepared.length().is_none_or(|length| length == reply.length()));
        }
        if let Some(etag) = reply.etag {
            let again = engine.serve_with(target, &Context::new().if_none_match(&etag.to_string()));
            prop_assert_eq!((again.status, again.etag), (304, reply.etag), "{}", target);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_commands_are_answered(
        object in prop::sample::select(vec!["demo/ring", "demo/window", "demo/signal", "gallery/lost", "gallery/mistake", "shop/sun", "demo/gone", "demo", ""]),
        kind in prop::option::weighted(0.7, (prop::sample::select(&KINDS[..]), prop::sample::select(&FORMATS[..]))),
        commands in prop::collection::vec(command(), 0..5),
    ) {
        let kind = kind.map_or(String::new(), |(kind, format)| format!("req={kind}{format}&"));
        answered(&format!("/is/image/{object}?{kind}wid=20&{}", commands.join("&")))?;
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0usize..4) {
        let raw = String::from_utf8_lossy(&bytes).into_owned();
        let escaped: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        let target = match at {
            0 => raw,
            1 => format!("/is/image/demo/{raw}"),
            2 => format!("/is/image/demo/ring?wid={escaped}&hei=20&req=props&{raw}"),
            _ => format!("/is/image/demo/{escaped}?{raw}"),
        };
        answered(&target)?;
    }

    #[test]
    fn any_text_of_the_languages_characters_is_answered(
        text in "(/is/image/|demo/|ring|[/?&=,$(){}.%0-9a-f+|^~-]|wid=|req=|src=is|mask=|\\$object\\$|layer=|locale=){0,30}",
    ) {
        answered(&text)?;
        answered(&format!("/is/image/demo/ring?wid=9&{text}"))?;
    }
}

fn engine_of_this_thread() -> Engine {
    thread_local! {
        static ENGINE: Engine = support::demo().cache_bytes(1 << 22).build().unwrap();
    }
    ENGINE.with(Clone::clone)
}
