//! What the host admits: presets only, and commands whose names are not known.

use platemark::UnknownCommands;

use super::*;

#[test]
fn only_presets_are_admitted() {
    let engine = support::demo().presets_only(true).build().unwrap();
    for request in [
        "demo/harbour",
        "demo/ring?$card$",
        "demo/ring?$zoom$&$at=300,200&.note&&id=5&locale=de",
        "demo/ring?$CARD$&sig=1&exp=2&kid=3",
        "demo/ring?req=props,json&handler=f&id=7&$card$",
        "demo/aged",
        "demo/village",
        "demo/harbour?amp;$card$",
        "?req=catalogprops",
    ] {
        assert_eq!(ok(&engine, request).body, ok(&demo(), request).body, "{request}");
    }
    for (request, name) in [
        ("demo/ring?wid=100", "wid"),
        ("demo/ring?$card$&WID=100", "wid"),
        ("demo/ring?$card$&amp;hei=100", "hei"),
        ("demo/ring?src=harbour", "src"),
        ("demo/ring?src=is(demo/harbour?wid=5)", "src"),
        ("demo/ring?mask=is{demo/harbour}", "mask"),
        ("demo/ring?cache=off", "cache"),
        ("demo/ring?foo=1", "foo"),
        ("demo/ring?template=polaroid", "template"),
        ("demo/ring?wid", "wid"),
    ] {
        refused(&engine, request, &format!("{name}: only presets are admitted\r\n"));
    }
    // In the style of the request.
    let reply = serve(&engine, "demo/ring?req=props,json&wid=5&id=9");
    assert!(text(&reply).contains("\"wid: only presets are admitted\"") && reply.status == 403, "{}", text(&reply));
    let content = engine.serve("/is/content/demo/guide.txt?type=x");
    assert_eq!(text(&content), "type: only presets are admitted\r\n");
}

#[test]
fn unknown_commands_are_ignored_told_or_refused() {
    let with = |unknown: UnknownCommands| support::demo().unknown_commands(unknown).build().unwrap();
    let (warns, refuses) = (with(UnknownCommands::Warn), with(UnknownCommands::Refuse));
    let plain = ok(&demo(), "demo/ring?wid=60");
    for query in ["wid=60&wdth=5", "viewer=x&wid=60&foo"] {
        for engine in [&demo(), &warns] {
            let reply = ok(engine, &format!("demo/ring?{query}"));
            assert_eq!((&reply.body, reply.etag), (&plain.body, plain.etag), "{query}");
        }
    }
    for (request, body) in [
        ("demo/ring?wid=60&wdth=5", "wdth: is not a known command; did you mean wid?\r\n"),
        ("demo/ring?widh=60", "widh: is not a known command; did you mean wid?\r\n"),
        ("demo/ring?%77id=60", "%77id: is not a known command\r\n"),
        ("demo/ring?$card$&op_sharpn=1", "op_sharpn: is not a known command; did you mean op_sharpen?\r\n"),
    ] {
        refused(&refuses, request, body);
    }
    // Comments, variables, what is ignored in this case, and what belongs to signatures are no mistakes.
    for query in [".wdth=5", "$wdth=5", "quantize=web&network=on&type=x&labelkey=y", "sig=a&exp=b&kid=c", "amp;wid=60"]
    {
        ok(&refuses, &format!("demo/ring?{query}"));
    }
    ok(&refuses, "demo/aged?$memory$");
}

#[test]
fn validation_tells_unknown_commands() {
    let refuses = support::demo().unknown_commands(UnknownCommands::Refuse).build().unwrap();
    let told = |request: &str| text(&ok(&demo(), request)).lines().skip(2).collect::<Vec<_>>().join(" ");
    assert_eq!(told("demo/ring?req=validate&wid=5"), "request.isValid=1");
    assert_eq!(told("demo/ring?req=validate&wdth=5&Foo=1&.bar&foo"), "request.isValid=1 request.unknown=wdth,foo");
    let json = text(&ok(&demo(), "demo/ring?req=validate,json&a%3C=1&handler=f"));
    assert_eq!(json, "/*jsonp*/f({\"request.isValid\":\"1\",\"request.unknown\":\"a%3c\"},\"\");");
    // Where such a request would be refused, too.
    let told = text(&ok(&refuses, "demo/ring?req=validate&wdth=5&foo=1"));
    assert!(told.ends_with("request.isValid=1\r\nrequest.unknown=wdth,foo\r\n"), "{told}");
}
