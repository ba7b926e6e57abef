//! Property lists: `props`, `imageprops`, `catalogprops`, `exists`, `xlate`, `validate`, `loadcache`, the banner, and
//! errors in the formats of lists (`responses.md` §2, §3, §7).

use super::support;
use super::*;

/// Property lists written by the rules of the protocol, group by group.
fn written(format: &str, head: &str, list: &[(&str, &str)], id: &str) -> String {
    let lines = |line: &dyn Fn(&str, &str) -> String| list.iter().map(|(name, value)| line(name, value)).collect();
    let all: String = match format {
        "javascript" => lines(&|name, value| format!("{name}='{}'\r\n", value.replace('\'', "''"))),
        "xml" => {
            let mut all = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n<prop-group>\r\n".to_owned();
            let of =
                |name: &str| name.rsplit_once('.').map(|(group, name)| (group.to_owned(), name.to_owned())).unwrap();
            let mut groups: Vec<_> = list.iter().map(|(name, _)| of(name).0).collect();
            groups.dedup();
            for group in groups {
                all += &format!("  <prop-group name=\"{group}\">\r\n");
                for (name, value) in list.iter().filter(|(name, _)| of(name).0 == group) {
                    all += &format!("    <property name=\"{}\" value=\"{value}\" />\r\n", of(name).1);
                }
                all += "  </prop-group>\r\n";
            }
            all + "</prop-group>\r\n"
        }
        "json" => {
            let pairs: Vec<_> = list.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
            let pairs = pairs.join(",").replace('&', "\\u0026");
            format!("/*jsonp*/s7jsonResponse({{{pairs}}},\"{id}\");")
        }
        _ => {
            let escaped = |value: &str| value.replace('=', "\\=").replace(':', "\\:");
            let lines: String = lines(&|name, value| format!("{name}={}\r\n", escaped(value)));
            format!("{head}\r\n{STAMP}\r\n{lines}")
        }
    };
    // XML escapes what JSON and text need not.
    if format == "xml" { all.replace('&', "&amp;") } else { all }
}

const FORMATS: [(&str, &str); 4] = [("text", TEXT), ("javascript", JAVASCRIPT), ("xml", XML), ("json", JAVASCRIPT)];

/// The request, whose `req=` names no format, is answered with the list in every format.
#[track_caller]
fn lists(engine: &Engine, request: &str, cache_policy: &str, list: &[(&str, &str)]) {
    let (path, query) = request.split_once("?req=").unwrap();
    let (kind, rest) = query.split_once('&').map_or((query, String::new()), |(kind, rest)| (kind, format!("&{rest}")));
    let plain = ok(engine, request);
    for (format, mime) in FORMATS {
        let reply = ok(engine, &format!("{path}?req={kind},{format}{rest}&id=q1"));
        assert_eq!(text(&reply), written(format, "#S7Z OK", list, "q1"), "{request} in {format}");
        assert_eq!((reply.content_type, reply.cache_policy.to_string().as_str()), (mime, cache_policy), "{request}");
        // What may be kept can be asked for again by its tag; the tag of a list promises the same meaning.
        assert_eq!(reply.etag.map(|etag| etag.weak), (cache_policy != "no-store").then_some(true), "{request}");
        if format == "text" {
            assert_eq!(reply.body, plain.body, "text is the default");
        }
    }
}

#[test]
fn props_describe_the_reply() {
    let engine = demo();
    for (query, size, alpha, pixels, dpi, quality, mime, xmp) in [
        ("", ("300", "400"), "0", "RGB", "72", "80", "image/jpeg", "0"),
        ("&scl=1", ("1500", "2000"), "0", "RGB", "72", "80", "image/jpeg", "0"),
        ("&wid=90&hei=90&fmt=png-alpha&printRes=300", ("90", "90"), "1", "RGB", "300", "80", "image/png", "0"),
        ("&wid=90&fmt=pjpeg,cmyk&qlt=33", ("90", "120"), "0", "CMYK", "72", "33", "image/jpeg", "0"),
        ("&hei=90&fmt=png,gray&xmpEmbed=1", ("68", "90"), "0", "BW", "72", "80", "image/png", "0"),
        ("&hei=90&xmpEmbed=1&rotate=90", ("120", "90"), "0", "RGB", "72", "80", "image/jpeg", "1"),
        ("&template=polaroid", ("320", "368"), "0", "RGB", "72", "80", "image/jpeg", "0"),
    ] {
        let profile = match pixels {
            "RGB" => "sRGB",
            "BW" => "sRGB gray",
            _ => "",
        };
        let picture = ok(&engine, &format!("demo/lighthouse?req=img{query}"));
        assert_eq!(support::pixel_size(&picture.body), Some((size.0.parse().unwrap(), size.1.parse().unwrap())));
        assert_eq!(picture.content_type, mime);
        let fields = ok(&engine, &format!("demo/lighthouse?req=map{query}&wid={}", size.0));
        lists(
            &engine,
            &format!("demo/lighthouse?req=props{query}"),
            "public, max-age=360",
            &[
                ("image.bgc", "ffffff"),
                ("image.height", size.1),
                ("image.iccEmbed", "0"),
                ("image.iccProfile", profile),
                ("image.length", "0"),
                ("image.mask", alpha),
                ("image.pixTyp", pixels),
                ("image.pathEmbed", "0"),
                ("image.printRes", dpi),
                ("image.quality", quality),
                ("image.type", mime),
                ("image.width", size.0),
                ("image.xmpEmbed", xmp),
                ("image.version", &picture.version.unwrap().to_string()),
                ("metadata.version", &fields.version.unwrap().to_string()),
            ],
        );
    }
}

#[test]
fn imageprops_describe_the_source() {
    let engine = demo();
    let list = |rows: [&str; 11]| {
        let [anchor, expiration, height, width, xmp, mask, modifier, pixels, post_modifier, print_res, id] = rows;
        [
            ("image.anchor", anchor),
            ("image.expiration", expiration),
            ("image.height", height),
            ("image.width", width),
            ("image.iccProfile", ""),
            ("image.embeddedIccProfile", "0"),
            ("image.embeddedPhotoshopPaths", "0"),
            ("image.embeddedXmpData", xmp),
            ("image.mask", mask),
            ("image.modifier", modifier),
            ("image.photoshopPathNames", ""),
            ("image.pixTyp", pixels),
            ("image.postModifier", post_modifier),
            ("image.printRes", print_res),
            ("image.resolution", "1"),
            ("image.timeStamp", "05/01/2026 12:00:00 GMT"),
            ("image.thumbRes", "1"),
            ("image.thumbType", "2"),
            ("image.translatedId", id),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    for (request, rows) in [
        (
            "demo/lighthouse?req=imageprops",
            ["750,1000", "10", "2000", "1500", "1", "0", "", "RGB", "", "72", "lighthouse"],
        ),
        (
            "demo/window?req=imageprops&wid=7&crop=0,0,1,1",
            ["750,1000", "10", "2000", "1500", "1", "3", "", "RGB", "", "72", "window"],
        ),
        ("demo/ring?req=imageprops", ["500,500", "10", "1000", "1000", "0", "2", "", "RGB", "", "72", "ring"]),
        ("demo/pebbles?req=imageprops", ["800,600", "10", "1200", "1600", "0", "0", "", "BW", "", "72", "pebbles"]),
        ("demo/poster?req=imageprops", ["450,600", "10", "1200", "900", "0", "0", "", "CMYK", "", "72", "poster"]),
        (
            "demo/lantern?req=imageprops",
            [
                "750,1000",
                "-1",
                "2000",
                "1500",
                "1",
                "0",
                "crop=610,210,380,380&op_usm=.9,2",
                "RGB",
                "",
                "72",
                "lantern",
            ],
        ),
        (
            "demo/proof?req=imageprops",
            [
                "2400,1350",
                "10",
                "2700",
                "4800",
                "0",
                "0",
                "",
                "RGB",
                "op_saturation=-100&op_contrast=20",
                "72",
                "proof",
            ],
        ),
        (
            "demo/signal?req=imageprops&locale=de",
            ["600,200", "10", "400", "1200", "0", "0", "crop=400,0,400,400", "RGB", "", "72", "signal_de"],
        ),
        ("demo/harbour.jpg?req=imageprops", ["2400,1350", "10", "2700", "4800", "0", "0", "", "RGB", "", "72", ""]),
    ] {
        let list = list(rows);
        let list: Vec<_> = list.iter().map(|(name, value)| (*name, value.as_str())).collect();
        lists(&engine, request, "public, max-age=360", &list);
    }
}

#[test]
fn catalogprops_tell_effective_attributes() {
    let (_folder, builder) = support::demo_with(&[
        ("shop.ini", "TimeStamp=1777636800000\nPublishInfo=spring\nWatermark=sun\nDefaultExpiration=2"),
        ("default.ini", "Expiration=11"),
    ]);
    let engine = builder.build().unwrap();
    let expected = [
        ("catalog.bkgColor", "f4efe6"),
        ("catalog.defaultExt", ".jpg"),
        ("catalog.defaultPix", "300,300"),
        ("catalog.defaultThumbPix", "120,90"),
        ("catalog.expiration", "11"),
        ("catalog.defaultExpiration", "2"),
        ("catalog.nonImgExpiration", "0.1"),
        ("catalog.fileTime", "05/01/2026 12:00:00 GMT"),
        ("catalog.jpegQuality", "90,1"),
        ("catalog.maxPix", "1000,1000"),
        ("catalog.printResolution", "300"),
        ("catalog.publishInfo", "spring"),
        ("catalog.resMode", "3"),
        ("catalog.resolution", "1"),
        ("catalog.thumbBkgColor", "20242c"),
        ("catalog.thumbHorizAlign", "3"),
        ("catalog.thumbRes", "1"),
        ("catalog.thumbType", "1"),
        ("catalog.thumbVertAlign", "1"),
        ("catalog.watermark", "sun"),
    ];
    for path in ["shop", "shop/harbour", "shop/nowhere"] {
        lists(&engine, &format!("{path}?req=catalogprops"), "public, max-age=360", &expected);
    }
    // A path without a catalog asks about the default one.
    for path in ["", "elsewhere", "Shop/harbour"] {
        let body = text(&ok(&engine, &format!("{path}?req=catalogprops")));
        assert!(body.contains("catalog.maxPix=2000,2000\r\n"), "{path}: {body}");
    }
}

#[test]
fn exists_counts_records_and_no_files() {
    let engine = demo();
    for (path, expected) in [
        ("demo/harbour", "1"),
        ("demo/harbour/mirrored", "1"),
        ("demo/polaroid", "1"),
        ("demo/sail", "1"),
        ("demo/harbour.jpg", "0"),
        ("demo/nowhere", "0"),
        ("demo", "0"),
        ("harbour", "0"),
        ("Demo/harbour", "0"),
    ] {
        lists(&engine, &format!("{path}?req=exists"), "public, max-age=360", &[("catalogRecord.exists", expected)]);
    }
    // NonImgExpiration of the catalog.
    lists(&engine, "gallery/lost?req=exists&wid=5", "public, max-age=720", &[("catalogRecord.exists", "1")]);
    refused(
        &engine,
        "demo/../x?req=exists,json",
        "/*jsonp*/s7jsonResponse({\"error.title\":\"demo/../x: is not a path below the catalog's root\",\"error.message\":\"\"},\"\");",
    );
}

#[test]
fn xlate_lists_the_languages_of_an_object() {
    let engine = demo();
    for (path, expected) in [
        ("demo/signal", "signal,signal_de,signal_fr"),
        ("demo/harbour", "harbour"),
        ("demo/signal_de", "signal_de"),
        ("demo/nowhere", ""),
    ] {
        lists(&engine, &format!("{path}?req=xlate"), "public, max-age=36000", &[("xlate.translatedIds", expected)]);
    }
    // The lifetime is the record's.
    lists(&engine, "demo/sail?req=xlate", "public, max-age=1800", &[("xlate.translatedIds", "sail")]);
}

#[test]
fn validate_reads_the_request_and_looks_at_no_object() {
    let engine = demo();
    for request in [
        "demo/harbour?req=validate",
        "demo/nowhere?req=validate&wid=5",
        "demo/harbour?req=validate&wid=$undefined$",
        "demo/harbour?req=validate&$card$&crop=0,0,9,9&op_usm=1,2",
    ] {
        lists(&engine, request, "no-store", &[("request.isValid", "1")]);
    }
    let error = |title: &str| format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title={title}\r\nerror.message=\r\n");
    for (query, title) in [
        ("wid=none", "wid\\: needs a whole number from 1 to 16777216"),
        ("fit=crop", "fit\\: needs wid or hei"),
        ("$gone$", "$gone$\\: is not a known macro"),
        ("effect=-1", "effect\\: is not supported yet"),
        ("src=is(a)", "src\\: nested requests are not supported yet"),
    ] {
        refused(&engine, &format!("demo/harbour?req=validate&{query}"), &error(title));
    }
}

#[test]
fn loadcache_tells_the_length_of_the_picture_and_keeps_it() {
    let engine = support::demo().cache_bytes(1 << 20).build().unwrap();
    let length = ok(&demo(), "demo/ring?wid=90&fmt=png").body.len();
    let reply = ok(&engine, "demo/ring?req=loadcache&wid=90&fmt=png");
    assert_eq!(text(&reply), format!("#S7Z OK\r\n{STAMP}\r\nimage.length={length}\r\n"));
    assert_eq!((reply.content_type, reply.cache_policy, reply.etag), (TEXT, CachePolicy::NO_STORE, None));
    let props = text(&ok(&engine, "demo/ring?req=props&wid=90&fmt=png"));
    assert!(props.contains(&format!("image.length={length}\r\n")), "{props}");
}

#[test]
fn nothing_asked_for_is_answered_with_a_banner() {
    let engine = demo();
    let expected =
        format!("#S7Z OK\r\n{STAMP}\r\ncopyright=Platemark {}, MIT OR Apache-2.0\r\n", env!("CARGO_PKG_VERSION"));
    for target in ["/is/image", "/is/image/", "/is/image?", "/is/image?.comment"] {
        let reply = engine.serve(target);
        assert_eq!((reply.status, text(&reply), reply.content_type), (200, expected.clone(), TEXT), "{target}");
        assert_eq!((reply.cache_policy, reply.etag), (CachePolicy::NO_STORE, None));
    }
}

#[test]
fn errors_take_the_format_that_was_asked_for() {
    let engine = demo();
    let list = [("error.title", "demo/nowhere: image not found"), ("error.message", "")];
    for kind in ["props", "imageprops"] {
        for (format, mime) in FORMATS {
            let request = format!("demo/nowhere?req={kind},{format}&id=e7");
            refused(&engine, &request, &written(format, "#S7Z ERROR", &list, "e7"));
            assert_eq!(serve(&engine, &request).content_type, mime);
        }
    }
    for request in ["demo/nowhere", "demo/nowhere?req=tmb", "demo/nowhere?req=mask", "demo/nowhere?req="] {
        refused(&engine, request, "demo/nowhere: image not found\r\n");
        assert_eq!(serve(&engine, request).content_type, TEXT);
    }
    // Types of one format.
    for kind in ["loadcache", "resolve", "xmp", "saveToFile", "message", "nonsense"] {
        let body = text(&serve(&engine, &format!("demo/a/../b?req={kind}&wid=0")));
        let is_error = body.starts_with(&format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title="));
        assert!(is_error || kind == "message" && body.is_empty(), "{kind}: {body}");
    }
    // A handler that is no name is an error of every type, and not repeated.
    for kind in ["exists", "userdata", "catalogprops", "validate"] {
        let body = text(&serve(&engine, &format!("demo/harbour?req={kind},json&handler=alert(1)&id=5")));
        let title = "handler: needs a name of letters and digits";
        assert_eq!(body, written("json", "", &[("error.title", title), ("error.message", "")], "5"), "{kind}");
    }
    let reply = serve(&engine, "demo/harbour?req=props,json&handler=a.b&id=%3C");
    assert_eq!(
        text(&reply),
        "/*jsonp*/s7jsonResponse({\"error.title\":\"handler: needs a name of letters and digits\",\"error.message\":\"\"},\"\\u003c\");"
    );
}

/// What a macro or a variable says about the reply counts as if it stood in the request. In an id nothing is replaced.
#[test]
fn types_may_come_from_macros_and_variables() {
    let (folder, builder) = support::demo_with(&[]);
    let macros = "Name\tDefinition\nscript\treq=$kind$,json&handler=show&id=$tag$\n";
    std::fs::write(folder.path().join("macros.txt"), macros).unwrap();
    let engine = builder.build().unwrap();
    for (query, plain) in [
        ("$script$&$kind=exists&$tag=a-1", "req=exists,json&handler=show&id=$tag$"),
        ("$script$&$kind=targets&$tag=7&id=8", "req=targets,json&handler=show&id=8"),
        ("$k=imageprops,xml&req=$k$", "req=imageprops,xml"),
        ("$k=map&req=$k$,xml,UTF-16", "req=map,xml,UTF-16"),
        ("$k=nonsense&req=$k$", "req=nonsense"),
        ("$k=img&req=$k$&wid=0", "wid=0"),
    ] {
        let (found, expected) =
            (serve(&engine, &format!("demo/harbour?{query}")), serve(&engine, &format!("demo/harbour?{plain}")));
        assert_eq!(
            (found.status, found.content_type, &found.body),
            (expected.status, expected.content_type, &expected.body),
            "{query}"
        );
        assert_eq!((found.etag, found.cache_policy), (expected.etag, expected.cache_policy), "{query}");
    }
    let missing = text(&serve(&engine, "demo/nowhere?$k=props&req=$k$,json&id=$k$"));
    assert!(
        missing.starts_with("/*jsonp*/s7jsonResponse({\"error.title\"") && missing.ends_with(",\"$k$\");"),
        "{missing}"
    );
}

/// `set` and `mbrSet` are known by name only.
#[test]
fn types_that_are_not_there_yet_say_so() {
    let engine = demo();
    let list = [("error.title", "req: this request type is not supported yet"), ("error.message", "")];
    for (req, format, mime) in [
        ("set", "xml", XML),
        ("set,xml", "xml", XML),
        ("set,json", "json", JAVASCRIPT),
        ("mbrSet", "text", TEXT),
        ("mbrSet,text", "text", TEXT),
        ("mbrset,xml", "xml", XML),
    ] {
        let request = format!("demo/harbour?req={req}");
        refused(&engine, &request, &written(format, "#S7Z ERROR", &list, ""));
        assert_eq!(serve(&engine, &request).content_type, mime);
    }
}
