//! What the fields of records say: `imageset`, `map`, `targets`, `userdata`, and the packet of `xmp` (`responses.md` §4);
//! and the complete bodies of `responses.md` §2.5.

use super::*;

const PLAIN_TARGETS: [(&str, &str); 5] = [
    ("Target.1.rect", "1515,1425,565,600"),
    ("Target.1.label", "Red boat"),
    ("Target.2.rect", "1050,1360,2625,150"),
    ("Target.2.label", "Village"),
    ("Target.2.userData", "lamps=37"),
];

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n";

/// The reply has this body, type and lifetime and, if it is one that has, the version of the metadata.
#[track_caller]
fn says(engine: &Engine, request: &str, mime: &str, cache_policy: &str, body: &str) -> Reply {
    let reply = ok(engine, request);
    assert_eq!(text(&reply), body, "{request}");
    assert_eq!((reply.content_type, reply.cache_policy.to_string().as_str()), (mime, cache_policy), "{request}");
    assert!(reply.etag.is_some(), "{request}");
    reply
}

fn metadata_version(engine: &Engine, object: &str) -> String {
    let props = text(&ok(engine, &format!("{object}?req=props")));
    props.lines().find_map(|line| line.strip_prefix("metadata.version=")).unwrap().to_owned()
}

/// Every row of `responses.md` §2.5, on a record that holds what the row is about.
#[test]
fn complete_bodies() {
    let (folder, builder) = support::demo_with(&[("rows.ini", ""), ("demo.ini", "CatalogFile=demo.txt,rows.txt")]);
    let records = "Id\tPath\tUserData\tImageSet\nrow\tring.png\tsku=4711??color=red\ta,b;c\n";
    std::fs::write(folder.path().join("rows.txt"), records).unwrap();
    let engine = builder.build().unwrap();
    let stamped = format!("#S7Z OK\r\n{STAMP}\r\ncatalogRecord.exists=1\r\n");
    let valid = format!(
        "{DECLARATION}<prop-group>\r\n  <prop-group name=\"request\">\r\n    <property name=\"isValid\" value=\"1\" />\r\n  \
         </prop-group>\r\n</prop-group>\r\n"
    );
    for (request, mime, body) in [
        ("row?req=exists,json&id=q1", JAVASCRIPT, "/*jsonp*/s7jsonResponse({\"catalogRecord.exists\":\"1\"},\"q1\");"),
        ("gone?req=exists,json&handler=cb7", JAVASCRIPT, "/*jsonp*/cb7({\"catalogRecord.exists\":\"0\"},\"\");"),
        ("row?req=exists,javascript", JAVASCRIPT, "catalogRecord.exists='1'\r\n"),
        ("row?req=exists", TEXT, &stamped),
        ("row?req=validate,xml", XML, &valid),
        ("row?req=userdata", TEXT, "sku=4711\r\ncolor=red\r\n"),
        (
            "row?req=userdata,json&id=7",
            JAVASCRIPT,
            "/*jsonp*/s7jsonResponse({\"sku\":\"4711\",\"color\":\"red\"},\"7\");",
        ),
        ("gone?req=userdata", TEXT, "\r\n"),
        ("gone?req=targets", TEXT, "\r\n"),
        ("gone?req=imageset", TEXT, "\r\n"),
        ("row?req=imageset", TEXT, "a,b;c\r\n"),
        ("row?req=map", TEXT, ""),
        ("gone?req=map", TEXT, ""),
    ] {
        let reply = ok(&engine, &format!("demo/{request}"));
        assert_eq!((text(&reply).as_str(), reply.content_type), (body, mime), "{request}");
    }
}

#[test]
fn targets_in_every_format() {
    let engine = demo();
    let lines: String = PLAIN_TARGETS.iter().map(|(name, value)| format!("{name}={value}\r\n")).collect();
    let version = metadata_version(&engine, "demo/harbour");
    for req in ["targets", "targets,text", "TARGETS,TEXT"] {
        let reply =
            says(&engine, &format!("demo/harbour?req={req}&wid=7&crop=bad"), TEXT, "public, max-age=36000", &lines);
        assert_eq!(reply.version.unwrap().to_string(), version, "all other commands are ignored");
    }
    let xml = format!(
        "{DECLARATION}<prop-group>\r\n  <prop-group name=\"Target.1\">\r\n    \
         <property name=\"rect\" value=\"1515,1425,565,600\" />\r\n    <property name=\"label\" value=\"Red boat\" />\r\n  \
         </prop-group>\r\n  <prop-group name=\"Target.2\">\r\n    <property name=\"rect\" value=\"1050,1360,2625,150\" />\r\n    \
         <property name=\"label\" value=\"Village\" />\r\n    <property name=\"userData\" value=\"lamps=37\" />\r\n  \
         </prop-group>\r\n</prop-group>\r\n"
    );
    says(&engine, "demo/harbour?req=targets,xml", XML, "public, max-age=36000", &xml);
    let pairs: Vec<_> = PLAIN_TARGETS.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let json = format!("/*jsonp*/show({{{}}},\"v1\");", pairs.join(","));
    says(&engine, "demo/harbour?req=targets,json&handler=show&id=v1", JAVASCRIPT, "public, max-age=36000", &json);
    let german = lines.replace("Red boat", "Rotes Boot").replace("=Village", "=Dorf");
    says(&engine, "demo/harbour?req=targets&locale=DE", TEXT, "public, max-age=36000", &german);
    // A record without any, and no record.
    says(&engine, "demo/sail?req=targets", TEXT, "public, max-age=1800", "\r\n");
    let empty = format!("{DECLARATION}<prop-group></prop-group>\r\n");
    says(&engine, "demo/gone?req=targets,xml", XML, "public, max-age=36000", &empty);
    says(
        &engine,
        "demo/gone?req=targets,json",
        JAVASCRIPT,
        "public, max-age=36000",
        "/*jsonp*/s7jsonResponse({},\"\");",
    );
}

#[test]
fn userdata_in_every_format_encoding_and_language() {
    let engine = demo();
    let version = metadata_version(&engine, "demo/harbour");
    for (locale, title, place) in [
        ("", "Harbour at dusk", "Lake side"),
        ("&locale=de", "Hafen in der Dämmerung", "Am See"),
        ("&locale=FR", "Port au crépuscule", "Lake side"),
        ("&locale=ja", "Harbour at dusk", "Lake side"),
    ] {
        let plain = format!("title={title}\r\nplace={place}\r\nprice=12.50\r\n");
        let reply = says(&engine, &format!("demo/harbour?req=userdata{locale}"), TEXT, "public, max-age=36000", &plain);
        assert_eq!(reply.version.unwrap().to_string(), version);
        let json = format!(
            "/*jsonp*/s7jsonResponse({{\"title\":\"{title}\",\"place\":\"{place}\",\"price\":\"12.50\"}},\"\");"
        );
        says(&engine, &format!("demo/harbour?req=userdata,json{locale}"), JAVASCRIPT, "public, max-age=36000", &json);
        let xml = |encoding: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"{encoding}\" ?>\r\n<prop-group>\r\n  <property name=\"title\" value=\"{title}\" \
                 />\r\n  <property name=\"place\" value=\"{place}\" />\r\n  <property name=\"price\" value=\"12.50\" />\r\n\
                 </prop-group>\r\n"
            )
        };
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let latin = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<u8>>();
        for (encoding, body) in [
            ("UTF-8", xml("UTF-8").into_bytes()),
            ("UTF-16", utf16(&format!("\u{feff}{}", xml("UTF-16")), u16::to_be_bytes)),
            ("UTF-16LE", utf16(&xml("UTF-16LE"), u16::to_le_bytes)),
            ("UTF-16BE", utf16(&xml("UTF-16BE"), u16::to_be_bytes)),
            ("ISO-8859-1", latin(&xml("ISO-8859-1"))),
        ] {
            let reply = ok(&engine, &format!("demo/harbour?req=userdata,xml,{encoding}{locale}"));
            assert_eq!(reply.body, body, "{encoding} {locale}");
            assert_eq!(reply.content_type, format!("text/xml;charset={encoding}"));
        }
    }
    // Quoted in the catalog, ?? separates nothing; and what are no properties is one.
    says(
        &engine,
        "demo/lighthouse?req=userdata",
        TEXT,
        "public, max-age=36000",
        "sku=LH-1??not a separator in quotes\r\n",
    );
    says(&engine, "demo/pebbles?req=userdata", TEXT, "public, max-age=36000", "just a text\r\n");
    let one = "/*jsonp*/s7jsonResponse({\"userdata\":\"just a text\"},\"\");";
    says(&engine, "demo/pebbles?req=userdata,json", JAVASCRIPT, "public, max-age=36000", one);
    refused(
        &engine,
        "demo/harbour?req=userdata,javascript",
        &format!(
            "#S7Z ERROR\r\n{STAMP}\r\nerror.title=req\\: has an option that its type does not take\r\nerror.message=\r\n"
        ),
    );
}

#[test]
fn imageset_in_every_format() {
    let engine = demo();
    let set = "demo/harbour;demo/village,demo/lighthouse;{0xb8322c Lighthouse}";
    let german = set.replace("Lighthouse", "Leuchtturm");
    for (request, mime, body) in [
        ("imageset", TEXT, format!("{set}\r\n")),
        ("imageset,text&locale=de", TEXT, format!("{german}\r\n")),
        ("imageset,javascript", JAVASCRIPT, format!("IMAGE_SET='{set}'\r\n")),
        ("imageset,json&id=1", JAVASCRIPT, format!("/*jsonp*/s7jsonResponse({{\"IMAGE_SET\":\"{set}\"}},\"1\");")),
        (
            "imageset,xml",
            XML,
            format!(
                "{DECLARATION}<prop-group>\r\n  <property name=\"IMAGE_SET\" value=\"{set}\" />\r\n</prop-group>\r\n"
            ),
        ),
    ] {
        let reply = says(&engine, &format!("demo/harbour?req={request}"), mime, "public, max-age=360", &body);
        assert!(reply.version.is_none() && reply.etag.unwrap().weak, "no version belongs to it");
    }
}

#[test]
fn a_map_alone_is_the_records_and_follows_the_picture_otherwise() {
    let engine = demo();
    let version = metadata_version(&engine, "demo/harbour");
    let own = "<AREA SHAPE=\"POLY\" COORDS=\"535,1865,910,1865,1340,2700,100,2700\" HREF=\"jetty.html\" ALT=\"Jetty\">\
               <AREA SHAPE=\"RECT\" COORDS=\"1515,1425,2080,2025\" HREF=\"boat.html\" ALT=\"Boat\">\
               <AREA SHAPE=\"RECT\" COORDS=\"1050,1360,3675,1510\" HREF=\"village.html\" ALT=\"Village\">";
    let cache_policy = "public, max-age=36000";
    // A lock that the catalog does not ask for is an unknown command.
    for query in ["", "&id=any", "&cache=on", "&.comment", "&$v=1", "&df99", "&viewer=x"] {
        let reply = says(&engine, &format!("demo/harbour?req=map{query}"), TEXT, cache_policy, own);
        assert_eq!(reply.version.unwrap().to_string(), version);
    }
    let french = own.replace("Jetty", "Jetée").replace("Boat", "Bateau");
    says(&engine, "demo/harbour?req=map&locale=fr", TEXT, cache_policy, &french);
    let tenth = "<AREA shape=\"poly\" coords=\"54,187,91,187,134,270,10,270\" HREF=\"jetty.html\" ALT=\"Jetty\">\
                 <AREA shape=\"rect\" coords=\"152,143,208,203\" HREF=\"boat.html\" ALT=\"Boat\">\
                 <AREA shape=\"rect\" coords=\"105,136,368,151\" HREF=\"village.html\" ALT=\"Village\">";
    says(&engine, "demo/harbour?req=map&wid=480", TEXT, cache_policy, tenth);
    // In the picture of the Modifier the boat lies left above, and areas that are cut away are gone.
    let boat = "<AREA shape=\"rect\" coords=\"15,15,128,135\" HREF=\"boat.html\" ALT=\"Boat\">";
    let cut = format!("{boat}<AREA shape=\"rect\" coords=\"0,2,144,32\" HREF=\"village.html\" ALT=\"Village\">");
    says(&engine, "demo/harbour?req=map&crop=1440,1350,720,720&scl=5", TEXT, cache_policy, &cut);
    says(
        &engine,
        "demo/harbour?req=map&crop=1440,1350,720,720&scl=5&rect=10,90,50,50",
        TEXT,
        cache_policy,
        "<AREA shape=\"rect\" coords=\"5,0,50,45\" HREF=\"boat.html\" ALT=\"Boat\">",
    );
    // map= lies in the layer, mapA= in the source.
    let area = |name: &str| format!("{name}=%3CAREA+SHAPE%3D%22RECT%22+COORDS%3D%2210,20,110,60%22+HREF%3D%22x%22%3E");
    let moved = |coords: &str| format!("<AREA shape=\"rect\" coords=\"{coords}\" HREF=\"x\">");
    for (query, coords) in [
        (format!("{}&scl=2", area("map")), "5,10,55,30"),
        (format!("{}&scl=2", area("mapA")), "5,10,55,30"),
        (format!("{}&{}&flip=lr&scl=2", area("map"), area("mapA")), "445,10,495,30"),
        (format!("{}&crop=4,6,1000,900&scl=2", area("map")), "5,10,55,30"),
        (format!("{}&crop=4,6,1000,900&scl=2", area("mapA")), "3,7,53,27"),
        (format!("{}&flip=lr&scl=1", area("mapA")), "890,20,990,60"),
        (format!("{}&wid=100&hei=300&align=0,1", area("mapA")), "1,202,11,206"),
    ] {
        says(&engine, &format!("demo/ring?req=map&{query}"), TEXT, cache_policy, &moved(coords));
    }
    says(&engine, "demo/harbour?req=map&map=", TEXT, cache_policy, "");
    let xml = format!(
        "{DECLARATION}<map><area shape=\"rect\" coords=\"100,60,128,88\" HREF=\"compass.html\" ALT=\"Compass\"/>\
         <area shape=\"rect\" coords=\"0,0,140,100\" HREF=\"chart.html\" ALT=\"Chart\"/></map>\r\n"
    );
    says(&engine, "demo/chart?req=map,xml&wid=140", XML, cache_policy, &xml);
    let json = "/*jsonp*/s7jsonResponse({\"map\":\"\\u003cAREA shape=\\\"rect\\\" coords=\\\"100,60,128,88\\\" \
                HREF=\\\"compass.html\\\" ALT=\\\"Compass\\\"\\u003e\\u003cAREA shape=\\\"rect\\\" coords=\\\"0,0,140,100\\\" \
                HREF=\\\"chart.html\\\" ALT=\\\"Chart\\\"\\u003e\"},\"5\");";
    says(&engine, "demo/chart?req=map,json&wid=140&id=5", JAVASCRIPT, cache_policy, json);
    says(&engine, "demo/ring?req=map,json", JAVASCRIPT, cache_policy, "/*jsonp*/s7jsonResponse({\"map\":\"\"},\"\");");
    says(&engine, "demo/ring?req=map,xml", XML, cache_policy, &format!("{DECLARATION}<map><area/></map>\r\n"));
}

#[test]
fn xmp_is_the_packet_of_the_file() {
    let engine = demo();
    let reply = ok(&engine, "demo/lighthouse?req=xmp&wid=4&rotate=9");
    let packet = text(&reply);
    assert!(packet.starts_with("<?xpacket begin=") && packet.ends_with("<?xpacket end=\"r\"?>"), "{packet}");
    assert!(packet.contains("tiff:Orientation=\"6\"") && packet.contains("Leuchtturm"), "{packet}");
    assert_eq!((reply.content_type, reply.cache_policy.to_string().as_str()), (XML, "public, max-age=36000"));
    assert_eq!(reply.version, ok(&engine, "demo/lighthouse?wid=9").version, "the version of the picture");
    assert!(!reply.etag.unwrap().weak);
    // The same file under a record that never expires, and files without a packet.
    let lantern = ok(&engine, "demo/lantern?req=xmp");
    assert_eq!((text(&lantern), lantern.cache_policy.to_string().as_str()), (packet, "public, max-age=31536000"));
    for object in ["demo/harbour", "demo/ring"] {
        assert_eq!(text(&ok(&engine, &format!("{object}?req=xmp"))), "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>");
    }
    let error = |title: &str| format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title={title}\r\nerror.message=\r\n");
    refused(&engine, "demo/gone?req=xmp", &error("demo/gone\\: image not found"));
    refused(&engine, "demo/polaroid?req=xmp", &error("demo/polaroid\\: the record has no image"));
}

/// The id of a language is the version of its own record, and each reply has a tag of its own.
#[test]
fn languages_have_their_own_tags() {
    let engine = demo();
    let asked = |locale: &str| ok(&engine, &format!("demo/harbour?req=userdata{locale}"));
    let (plain, german, again) = (asked(""), asked("&locale=de"), asked("&locale=de&id=x"));
    assert_eq!(plain.version, german.version);
    assert_ne!(plain.etag, german.etag);
    assert_eq!((german.etag, &german.body), (again.etag, &again.body));
}
