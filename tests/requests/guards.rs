//! Who may ask, and how: request lock, obfuscation, client addresses, languages, macros and switches of the host
//! (`protocol.md` §1.9, §1.10, §1.12).

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use platemark::{Context, EngineBuilder};

use super::*;

const UNLOCKED: &str = "request: is not locked with the right key\r\n";
const PLAIN: &str = "request: is not obfuscated as this catalog demands\r\n";

fn with(lines: &str) -> (tempfile::TempDir, Engine) {
    let (folder, builder) = support::demo_with(&[("demo.ini", lines)]);
    (folder, builder.build().unwrap())
}

#[test]
fn a_lock_is_checked_and_taken_off() {
    let (_folder, engine) = with("RequestLock=1");
    for (query, plain) in [
        ("wid=200&4a1f", "wid=200"),
        ("wid=200&4A1F", "wid=200"),
        ("wid=200&hei=200&0452", "wid=200&hei=200"),
        ("wid=300&fmt=png-alpha&1718", "wid=300&fmt=png-alpha"),
        ("req=props,json&id=abc&b1cf", "req=props,json&id=abc"),
        ("&0000", ""),
    ] {
        let (locked, open) = (ok(&engine, &format!("demo/ring?{query}")), ok(&demo(), &format!("demo/ring?{plain}")));
        assert_eq!(
            (locked.content_type, locked.body, locked.etag),
            (open.content_type, open.body, open.etag),
            "{query}"
        );
    }
    for query in
        ["", "?", "?wid=200", "?wid=200&4a1e", "?wid=201&4a1f", "?4a1f", "?wid=200&+a1f", "?wid=200&04a1f", "?&wid=2"]
    {
        refused(&engine, &format!("demo/ring{query}"), UNLOCKED);
    }
    // Each catalog has its own rules.
    ok(&engine, "shop/ring?wid=40");
}

#[test]
fn obfuscated_queries_are_read() {
    let (_folder, engine) = with("RequestObfuscation=1");
    let (_folder_of_both, both) = with("RequestObfuscation=1\nRequestLock=1");
    let expected = ok(&demo(), "demo/ring?wid=200").body;
    for encoded in [STANDARD.encode("wid=200"), STANDARD_NO_PAD.encode("wid=200"), STANDARD.encode("$w=200&wid=$w$")] {
        assert_eq!(ok(&engine, &format!("demo/ring?{encoded}")).body, expected, "{encoded}");
    }
    assert_eq!(ok(&both, &format!("demo/ring?{}", STANDARD.encode("wid=200&4a1f"))).body, expected);
    refused(&both, &format!("demo/ring?{}", STANDARD.encode("wid=200")), UNLOCKED);
    refused(&both, "demo/ring?wid=200&4a1f", PLAIN);
    for query in ["wid=200", "%%%", "d2lk PTIwMA==", "_-_-"] {
        refused(&engine, &format!("demo/ring?{query}"), PLAIN);
    }
    // No modifiers are none in any encoding.
    assert_eq!(ok(&engine, "demo/ring").body, ok(&demo(), "demo/ring").body);
}

#[test]
fn addresses_are_filtered_where_they_are_known() {
    let (_folder, engine) = with("ClientAddressFilter=10.0.0.0/8,192.168.12.0/23,203.0.113.7");
    let asked = |address: &str, object: &str| {
        let context = Context::new().client_address(address.parse::<IpAddr>().unwrap());
        engine.serve_with(&format!("/is/image/{object}"), &context)
    };
    for address in ["10.1.2.3", "192.168.12.0", "192.168.13.255", "203.0.113.7", "::ffff:10.9.9.9"] {
        assert_eq!(asked(address, "demo/ring?wid=9").status, 200, "{address}");
    }
    for address in ["11.0.0.1", "192.168.14.0", "203.0.113.8", "::1", "::ffff:11.0.0.1"] {
        for object in ["demo/ring?wid=9", "demo/harbour?req=exists,json", "demo/ring?req=message&message=x"] {
            let reply = asked(address, object);
            assert_eq!((reply.status, reply.cache_policy, reply.etag), (403, CachePolicy::NO_STORE, None), "{address}");
            assert_eq!(text(&reply), "request: is not allowed from this address\r\n");
        }
        assert_eq!(asked(address, "shop/ring?wid=9").status, 200, "another catalog");
    }
    ok(&engine, "demo/ring?wid=9");
}

#[test]
fn languages_choose_the_record() {
    let engine = demo();
    let own = |object: &str| ok(&engine, &format!("demo/{object}?wid=50&fmt=png"));
    let (english, german, french) = (own("signal"), own("signal_de"), own("signal_fr"));
    assert!(english.body != german.body && german.body != french.body && english.body != french.body);
    for (locale, expected) in [
        ("", &english),
        ("&locale=de", &german),
        ("&locale=DE", &german),
        ("&locale=fr", &french),
        ("&locale=", &english),
        ("&locale=ja", &english),
    ] {
        let reply = ok(&engine, &format!("demo/signal?wid=50&fmt=png{locale}"));
        assert_eq!((&reply.body, reply.version), (&expected.body, expected.version), "{locale}");
    }
    assert_eq!(ok(&engine, "demo/harbour?src=signal&locale=de&wid=50&fmt=png").body, german.body);
    // A catalog in which the locale must be known.
    let (_folder, strict) = with("LocaleMap=de,_de,|fr,_fr,\nDefaultLocale=fr");
    assert_eq!(ok(&strict, "demo/signal?wid=50&fmt=png").body, french.body);
    assert_eq!(ok(&strict, "demo/signal?wid=50&fmt=png&locale=").body, french.body);
    refused(&strict, "demo/signal?locale=ja", "locale: is not known to the catalog\r\n");
    let title = "#S7Z ERROR\r\n".to_owned()
        + STAMP
        + "\r\nerror.title=locale\\: is not known to the catalog\r\nerror.message=\r\n";
    for kind in ["props", "imageprops", "exists", "userdata", "targets", "map", "xmp"] {
        refused(&strict, &format!("demo/signal?req={kind}&locale=ja"), &title);
    }
}

#[test]
fn macros_and_variables_mean_what_they_stand_for() {
    let engine = demo();
    for (query, meaning) in [
        ("ring?$card$", "ring?wid=320&hei=240&fit=crop&qlt=85,1&op_usm=.8,1.5"),
        ("ring?$CARD$&wid=90", "ring?wid=90&hei=240&fit=crop&qlt=85,1&op_usm=.8,1.5"),
        ("ring?wid=90&$card$", "ring?wid=320&hei=240&fit=crop&qlt=85,1&op_usm=.8,1.5"),
        (
            "village?$postcard$",
            "village?wid=320&hei=240&fit=constrain&qlt=85,1&op_usm=.8,1.5&extend=80,80,80,80&bgColor=fdfaf2",
        ),
        ("harbour?$zoom$&$at=2000,1400&$tile=40", "harbour?scl=1&rect=2000,1400,40,40"),
        (
            "aged?wid=80",
            "harbour?crop=1050,1100,2000,1200&op_saturation=-70&op_contrast=-15&op_brightness=8&op_colorize=b08a5a,off&op_noise=6,gaussian,1&wid=80",
        ),
        ("ring?wid=80&$negative$", "ring?wid=80&op_invert=1"),
        ("ring?$size=77&wid=$SIZE$&hei=$size$", "ring?wid=77&hei=77"),
        ("proof?wid=80&op_saturation=100", "harbour?wid=80&op_saturation=-100&op_contrast=20"),
        (
            "pebbles?template=polaroid&$paper=ffd9a0&$edge=4",
            "pebbles?size=288,288&extend=4,4,4,64&bgColor=ffd9a0&scl=1",
        ),
    ] {
        assert_eq!(ok(&engine, &format!("demo/{query}")).body, ok(&engine, &format!("demo/{meaning}")).body, "{query}");
    }
    refused(&engine, "demo/ring?$gone$", "$gone$: is not a known macro\r\n");
    refused(&engine, "shop/ring?$memory$", "$memory$: is not a known macro\r\n");
    ok(&engine, "shop/ring?$card$");
    refused(&engine, "demo/ring?wid=$number$", "wid: needs a whole number from 1 to 16777216\r\n");
    refused(&engine, "demo/ring?template=gone.png", "template: is not the id of a record\r\n");
}

#[test]
fn messages_reach_the_host_and_switches_hold() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let hearing = |builder: EngineBuilder| builder.on_message(move |line| ear.lock().unwrap().push(line.to_owned()));
    let engine = hearing(support::demo()).allow_resolve(false).allow_cache_update(false).build().unwrap();
    for request in
        ["demo/x?req=message&message=Guten%20Tag,+w%C3%B6rld%0a", "?req=message", "demo?$a=b&message=$a$&req=message"]
    {
        let reply = ok(&engine, request);
        assert_eq!(
            (reply.body.len(), reply.content_type, reply.cache_policy),
            (0, TEXT, CachePolicy::NO_STORE),
            "{request}"
        );
        assert!(reply.etag.is_none() && reply.version.is_none());
    }
    assert_eq!(*heard.lock().unwrap(), ["Guten Tag, wörld\n", "", "b"]);
    ok(&demo(), "demo/x?req=message&message=nobody+listens");
    let error = format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title=req\\: resolve is switched off\r\nerror.message=\r\n");
    refused(&engine, "demo/ring?req=resolve", &error);
    assert_eq!(ok(&engine, "demo/ring?cache=update&wid=9").body, ok(&demo(), "demo/ring?wid=9").body);
}

/// How much errors tell is the catalog's affair; what the operator's log gets is always the same.
#[test]
fn details_are_for_those_who_may_see_them() {
    let body = |level: &str| {
        let (_folder, engine) = with(&format!("ErrorDetail={level}"));
        let reply = serve(&engine, "demo/nowhere");
        assert!(reply.error.as_ref().unwrap().detail().unwrap().contains("nowhere.jpg"));
        text(&reply)
    };
    assert_eq!(
        (body("0"), body("1")),
        ("demo/nowhere: image not found\r\n".into(), "demo/nowhere: image not found\r\n".into())
    );
    assert!(body("2").contains("nowhere.jpg") && body("3").contains("nowhere.jpg"));
}

/// Files that a catalog does not want to be named are not.
#[test]
fn files_may_be_barred() {
    let (_folder, engine) = with("AllowDirectAccess=exclude:IS");
    ok(&engine, "demo/ring?wid=9");
    let barred = "demo/ring.png: is not in the catalog, and files may not be named directly\r\n";
    refused(&engine, "demo/ring.png?wid=9", barred);
    refused(&engine, "demo/ring?src=ring.png", &barred[5..]);
    for path in [
        "demo/../../Cargo.toml",
        "demo/%2e%2e/demo.ini",
        "demo/..%2fdemo.ini",
        "..",
        "/etc/passwd",
        "demo/%2fetc%2fpasswd",
    ] {
        assert_eq!(serve(&engine, path).status, 403, "{path}");
    }
}

/// Links that the engine itself writes hold for the catalog that they lead to.
#[test]
fn versioned_links_are_locked_and_obfuscated_as_the_catalog_demands() {
    for lines in ["", "RequestLock=1", "RequestObfuscation=1", "RequestObfuscation=1\nRequestLock=1"] {
        let (_folder, builder) = support::demo_with(&[("demo.ini", lines)]);
        let engine = builder.id_policy(platemark::IdPolicy::Verify).build().unwrap();
        for (query, kind) in [
            ("", "image/jpeg"),
            ("?wid=200&fmt=png", "image/png"),
            ("?req=targets", "text/plain;charset=UTF-8"),
            ("?wid=90&id=old&ID=older", "image/jpeg"),
        ] {
            let link = engine.versioned_link(&format!("/is/image/demo/harbour{query}")).unwrap();
            let reply = engine.serve(&link);
            assert_eq!((reply.status, reply.content_type), (200, kind), "{lines} {link}");
            assert!(reply.cache_policy.to_string().ends_with(", immutable"), "{lines} {link}");
        }
    }
}
