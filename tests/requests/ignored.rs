//! Commands that the protocol ignores in a given case (`protocol.md` §4 to §9.3), and `id`, which it always does.

use super::*;

/// What is asked for, what is added, and that nothing is changed by it: neither status nor body nor lifetime.
const IGNORED: &[(&str, &[&str])] = &[
    // §5
    (
        "demo/harbour?wid=90",
        &[
            "handler=a.b",
            "handler=",
            "name=/etc/x",
            "timeout=soon",
            "message=x",
            "imageSet={a;b}",
            "labelkey=x",
            "type=jpeg",
            "network=on",
            "bfc=on",
            "effectMask=0",
            "pathEmbed=1",
            "pathEmbed=0",
            "iccEmbed=0",
            "quantize=web",
            "quantize=adaptive,off,2,ff0000,00ff00",
            "pscan=3",
            "cache=on",
        ],
    ),
    ("demo/ring?wid=90&fmt=png", &["qlt=5,1", "jpegSize=1", "pscan=5", "xmpEmbed=1", "quantize=mac", "bfc=on"]),
    ("demo/ring?wid=90&fmt=png-alpha", &["bgc=ff0000"]),
    ("demo/harbour?wid=90&fmt=pjpeg", &["pscan=auto"]),
    ("demo/harbour?scl=1&rect=0,0,40,40", &["linear=1"]),
    ("demo/poster?wid=90", &["linear=1"]),
    ("demo/harbour?wid=90&fmt=jpeg,gray&qlt=70", &["qlt=70,1"]),
    ("demo/window?wid=90&req=mask&fmt=png", &["bgc=ff0000", "defaultImage=gone", "iccEmbed=1"]),
    (
        "demo/harbour?req=props&wid=90",
        &["cache=off", "cache=never", "name=x", "iccEmbed=0", "quantize=web", "handler=a.b"],
    ),
    ("shop/ring?wid=90", &["locale=xx", "locale="]),
    // §4, §6
    ("demo/harbour?wid=90&hei=40&rect=0,0,50,40", &["dpr=on,2"]),
    ("demo/harbour?wid=90&hei=40&scl=20", &["fit=crop"]),
    ("demo/harbour?wid=90", &["align=-1,1"]),
    ("demo/harbour?wid=90&hei=40&fit=constrain", &["align=-1,1"]),
    ("demo/harbour?wid=90&hei=40&fit=stretch", &["align=-1,1"]),
    ("demo/harbour?req=tmb&wid=90", &["scl=3", "scale=.1", "name=x"]),
    ("demo/ring?wid=90&bgc=00ff00", &["bgc=00ff0080", "bgc=0,255,0s"]),
    // §7
    ("demo/ring?wid=90&size=100,100", &["scale=.1", "res=5"]),
    ("demo/ring?wid=90&scale=.5", &["res=5"]),
    (
        "demo/ring?wid=90",
        &[
            "pos=5,5",
            "posN=.1,.1",
            "layer=0&pos=9,9",
            "blendMode=mult",
            "layer=0&blendMode=screen",
            "mapA=x",
            "map=%3CAREA%3E",
            "effect=0&opac=5&color=ff0000&op_blur=9&flip=lr&hide=1&src=gone&text=x",
            "effect=0&src=is(gone?wid=5)&mask=is{gone}&req=img&layer=comp",
        ],
    ),
    ("demo/ring?effect=0&wid=90", &["layer=0"]),
    // §9.1
    (
        "demo/harbour?wid=90",
        &[
            "clipXPath=M,0,0,L,9,9",
            "clipXPathE=Path%201",
            "textPath=M0,0",
            "textFlowPath=M0,0",
            "textFlowXPath=M0,0",
            "textAttr=300,sharp",
            "textAngle=45",
            "pathAttr=reverse",
        ],
    ),
    // Types of requests that look at no other command (§5.1).
    ("demo/harbour?req=imageprops", &["wid=x", "fmt=webp", "layer=7", "effect=1"]),
    ("demo/harbour?req=exists", &["wid=x", "icc=a", "handler=a.b"]),
    ("demo/harbour?req=imageset", &["wid=x", "cache=never"]),
    ("demo/harbour?req=targets", &["wid=x", "fmt=webp"]),
    ("demo/harbour?req=userdata", &["wid=x", "text=x"]),
    ("demo/lighthouse?req=xmp", &["wid=x", "effect=1"]),
    ("demo/harbour?req=xlate", &["wid=x"]),
    ("demo/harbour?req=catalogprops", &["wid=x"]),
    ("demo/harbour?req=map", &["cache=off", "handler=a.b", "sig=1", "exp=2", "kid=3", "$v=1"]),
    (
        "demo/harbour?req=map&wid=400",
        &[
            "fmt=webp",
            "fmt=nothing",
            "icc=sRGB",
            "qlt=0",
            "quantize=x",
            "opac=50",
            "op_blur=9",
            "op_grow=9",
            "bgc=red",
            "color=red",
            "jpegSize=-1",
            "cache=off",
            "printRes=0",
        ],
    ),
];

#[test]
fn what_the_protocol_ignores_is_not_refused() {
    let engine = demo();
    for (request, additions) in IGNORED {
        let plain = ok(&engine, request);
        for addition in *additions {
            let reply = ok(&engine, &format!("{request}&{addition}"));
            assert!(reply.body == plain.body, "{request}&{addition}");
            assert_eq!(
                (reply.content_type, reply.cache_policy),
                (plain.content_type, plain.cache_policy),
                "{addition}"
            );
        }
    }
}

/// The request is checked even where what it says is ignored.
#[test]
fn what_is_ignored_has_its_syntax() {
    for (query, body) in [
        ("quantize=red", "quantize: needs adaptive, web or mac\r\n"),
        ("iccEmbed=2", "iccembed: needs 0 or 1\r\n"),
        ("jpegSize=-1&fmt=png", "jpegsize: needs a whole number of kilobytes, 0 or more\r\n"),
        ("clipXPath=Q", "clipxpath: needs steps M, L, C or Z and coordinates\r\n"),
        ("effect=0&color=red", "color: needs a color such as ff8000 or 255,128,0,128\r\n"),
        ("cache=never", "cache: needs on, off, validate or update, or two of on and off\r\n"),
        ("clipPath=M,0,0,L,9,9&clipXPath=M,0,0", "clippath: is not supported yet\r\n"),
        ("effect=1", "effect: is not supported yet\r\n"),
    ] {
        refused(&demo(), &format!("demo/ring?{query}"), body);
    }
}

/// A map has no colours.
#[test]
fn maps_have_no_profile() {
    let (_folder, builder) = support::demo_with(&[("demo.ini", "IccProfileRgb=gone.icc")]);
    let engine = builder.build().unwrap();
    let plain = ok(&engine, "demo/harbour?req=map&wid=50").body;
    for query in ["iccEmbed=1", "icc=nothing"] {
        assert_eq!(ok(&engine, &format!("demo/harbour?req=map&wid=50&{query}")).body, plain);
    }
    refused(&engine, "demo/harbour?wid=50", "IccProfileRgb: names no profile\r\n");
}

#[test]
fn an_id_changes_neither_status_nor_body() {
    let version = demo().versions("/is/image/demo/harbour").unwrap().image.to_string();
    let long = "x".repeat(60 << 10);
    let ids = [&version, "37JK6NTvpvC42F5gOuLEVY", "%zz&id", "$v$", &"$v$".repeat(2000), &long, ""];
    for policy in [platemark::IdPolicy::Ignore, platemark::IdPolicy::Verify] {
        let engine = support::demo().id_policy(policy).cache_bytes(16 << 20).build().unwrap();
        for request in [
            "demo/harbour?wid=90",
            "demo/harbour?wid=90&$v=1",
            "demo/ring?$card$",
            "demo/harbour?req=tmb&wid=60",
            "demo/window?req=mask&wid=60",
            "demo/harbour?req=props&wid=90",
            "demo/harbour?req=map&$v=x",
            "demo/harbour?req=map&wid=90",
            "demo/harbour?req=targets",
            "demo/harbour?req=imageprops",
            "demo/harbour?req=exists,xml",
            "demo/lighthouse?req=xmp",
            "demo/harbour?req=validate",
            "demo/harbour?req=loadcache&wid=50",
            "demo/harbour?wid=0",
            "demo/gone?wid=90",
            "gallery/missing?wid=50",
        ] {
            let (plain, stamp) = (serve(&engine, request), STAMP);
            for id in ids {
                let v = if request.contains("$v=") { String::new() } else { format!("&$v={}", "y".repeat(2000)) };
                // Variables stand in the canonical form, but not in the body.
                let reply = serve(&engine, &format!("{request}{v}&id={id}"));
                assert!((reply.status, &reply.body) == (plain.status, &plain.body), "{request}&id={id:.40} {stamp}");
            }
        }
        let json = text(&ok(&engine, "demo/ring?req=exists,json&$v=1&id=a$v$b"));
        assert!(json.ends_with("},\"a$v$b\");"), "{json}");
    }
}

#[test]
fn links_that_are_still_escaped_for_html_are_understood() {
    let engine = demo();
    let reply = ok(&engine, "demo/harbour?wid=100&amp;hei=50");
    let plain = ok(&engine, "demo/harbour?wid=100&hei=50");
    assert_eq!(support::pixel_size(&reply.body), Some((100, 50)));
    assert_eq!((reply.etag, reply.version, reply.body), (plain.etag, plain.version, plain.body));
    // A lock covers the text as it is sent.
    let (_folder, builder) = support::demo_with(&[("demo.ini", "RequestLock=1")]);
    let locked = builder.build().unwrap();
    let lock = "wid=100&amp;hei=50".bytes().fold(0u16, |hash, c| hash.wrapping_mul(131).wrapping_add(c.into()));
    assert_eq!(ok(&locked, &format!("demo/harbour?wid=100&amp;hei=50&{lock:04x}")).etag, plain.etag);
}

#[test]
fn a_list_without_a_handler_is_plain_json() {
    let engine = demo();
    let plain = ok(&engine, "demo/ring?req=props,json&wid=60&handler=&id=q");
    let call = ok(&engine, "demo/ring?req=props,json&wid=60&id=q");
    assert_eq!((plain.content_type, call.content_type), ("application/json", JAVASCRIPT));
    assert_eq!(format!("/*jsonp*/s7jsonResponse({},\"q\");", text(&plain)), text(&call));
    let object: serde_json::Value = serde_json::from_slice(&plain.body).unwrap();
    assert_eq!(object["image.width"], "60");
    for request in ["demo/harbour?req=map,json", "demo/harbour?req=targets,json", "demo/harbour?req=userdata,json"] {
        let (plain, call) = (ok(&engine, &format!("{request}&handler=")), ok(&engine, request));
        assert!(serde_json::from_slice::<serde_json::Value>(&plain.body).unwrap().is_object(), "{request}");
        assert_ne!(plain.etag, call.etag, "{request}");
        assert_eq!(plain.content_type, "application/json", "{request}");
    }
    let error = serve(&engine, "demo/gone?req=props,json&handler=");
    assert_eq!((error.status, error.content_type), (403, "application/json"));
    assert_eq!(text(&error), "{\"error.title\":\"demo/gone: image not found\",\"error.message\":\"\"}");
}
