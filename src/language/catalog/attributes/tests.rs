//! Reading, inheritance and built-in values of attributes, and which versions they are part of.

use super::super::attribute_file::entries;
use super::*;

fn declared(text: &str) -> Result<Declared> {
    Declared::read(Path::new("x/cat.ini"), &entries(text))
}

fn values(own: &str, default: &str) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let attributes = declared(own).unwrap().over(&declared(default).unwrap());
    attributes.each(&mut |name, _, value, _| all.push((name, value.to_owned())));
    all
}

fn value(own: &str, default: &str, name: &str) -> String {
    values(own, default).into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// Name, inherit rule, built-in value in canonical spelling, another value: every attribute of `catalog.md` §11.1 to
/// §11.7, with the fallbacks of §11.8.
const ALL: [(&str, Rule, &str, &str); 62] = [
    ("RootPath", Rule::U, "", "a/b"),
    ("StaticContentRootPath", Rule::U, "", "static"),
    ("FullMatch", Rule::I, "0", "1"),
    ("SavePath", Rule::U, "", "saved"),
    ("PublishInfo", Rule::I, "", "a note"),
    ("CacheValidationPolicy", Rule::I, "0", "1"),
    ("UseLastModified", Rule::I, "0", "1"),
    ("SynthesizeFontStyles", Rule::I, "0", "1"),
    ("DigimarcId", Rule::I, "", "1,2,3,4,5"),
    ("MaxPix", Rule::I, "2000,2000", "0,7"),
    ("AllowDirectUrls", Rule::I, "0", "1"),
    ("RootUrl", Rule::U, "", "http://a/"),
    ("AllowDirectAccess", Rule::U, "IS,STATIC,SVG", "STATIC"),
    ("RequestObfuscation", Rule::I, "0", "1"),
    ("RequestLock", Rule::I, "0", "1"),
    ("Watermark", Rule::U, "", "mark"),
    ("ErrorImage", Rule::U, "", "error"),
    ("ErrorDetail", Rule::I, "0", "3"),
    ("DefaultExpiration", Rule::I, "1", "-1"),
    ("NonImgExpiration", Rule::I, "0.1", "2.5"),
    ("LocaleMap", Rule::I, "", "en,_E|,"),
    ("LocaleStrMap", Rule::I, "", "en,E|,"),
    ("DefaultImageMode", Rule::I, "0", "1"),
    ("DamagedImages", Rule::I, "", "show"),
    ("ClientAddressFilter", Rule::I, "0.0.0.0/0", "10.0.0.0/8,1.2.3.4/32"),
    ("TrustedDomains", Rule::U, "", "a.b"),
    ("DefaultExt", Rule::U, ".tif", ".jpg"),
    ("DefaultFont", Rule::I, "", "Serif"),
    ("DefaultImage", Rule::U, "", "missing"),
    ("KeepMetadata", Rule::I, "none", "copyright,xmp"),
    ("DefaultPix", Rule::I, "400,400", "0,0"),
    ("DefaultThumbPix", Rule::I, "100,100", "5,6"),
    ("BkgColor", Rule::I, "ffffff", "010203"),
    ("JpegQuality", Rule::I, "80,0", "95,1"),
    ("PngCompression", Rule::I, "fast", "zip"),
    ("ResMode", Rule::I, "sharp2", "bilin"),
    ("LinearLight", Rule::I, "0", "1"),
    ("DefaultLocale", Rule::I, "", "en"),
    ("Bfc", Rule::I, "0", "1"),
    ("ApplyEffectMask", Rule::I, "1", "0"),
    ("ColorManagement", Rule::I, "srgb", "off"),
    ("IccProfileRgb", Rule::I, "", "sRGB"),
    ("IccProfileGray", Rule::I, "", "Gray"),
    ("IccProfileCmyk", Rule::I, "", "WebCoated"),
    ("IccProfileSrcRgb", Rule::I, "", "sRGB"),
    ("IccProfileSrcGray", Rule::I, "", "Gray"),
    ("IccProfileSrcCmyk", Rule::I, "", "WebCoated"),
    ("IccRenderIntent", Rule::I, "1", "3"),
    ("IccBlackPointCompensation", Rule::I, "1", "0"),
    ("IccDither", Rule::I, "1", "0"),
    ("ThumbBkgColor", Rule::I, "ffffff", "010203"),
    ("ThumbHorizAlign", Rule::I, "2", "1"),
    ("ThumbVertAlign", Rule::I, "2", "3"),
    ("Expiration", Rule::I, "10", "24"),
    ("PrintResolution", Rule::I, "72", "300"),
    ("Resolution", Rule::I, "1", "0.5"),
    ("ThumbRes", Rule::I, "1", "2.25"),
    ("ThumbType", Rule::I, "2", "3"),
    ("TimeStamp", Rule::N, "", "86400000"),
    ("DigimarcInfo", Rule::I, "", "1,2,3,4"),
    ("HttpAppleStreamingContext", Rule::I, "", "http://a"),
    ("HttpFlashStreamingContext", Rule::I, "", "http://f"),
];

/// As a catalog writes a canonical value.
fn written(name: &str, value: &str) -> String {
    match (name, value) {
        ("ResMode", "bilin") => "2".to_owned(),
        _ => value.to_owned(),
    }
}

#[test]
fn every_attribute_is_read_inherited_and_has_its_built_in_value() {
    assert_eq!(values("", "").iter().map(|(name, _)| *name).collect::<Vec<_>>(), ALL.map(|(name, ..)| name));
    for (name, rule, fallback, other) in ALL {
        let line = format!("{}={}", name.to_ascii_uppercase(), written(name, other));
        let empty = format!("{name}=");
        assert_eq!(value("", "", name), fallback, "{name} built in");
        assert_eq!(value(&line, "", name), other, "{name} declared");
        let inherited = if rule == Rule::N { fallback } else { other };
        assert_eq!(value("", &line, name), inherited, "{name} absent");
        let expected = if rule == Rule::U { "" } else { inherited };
        assert_eq!(value(&empty, &line, name), expected, "{name} empty");
    }
}

#[test]
fn the_last_of_a_name_wins() {
    assert_eq!(value("ResMode=3\nResMode=5", "", "ResMode"), "bisharp");
    assert_eq!(value("MaxPix=1,1\nmaxpix=", "MaxPix=2,2", "MaxPix"), "2,2");
}

/// Where it decides nothing about access, a malformed line counts as if it were not there.
#[test]
fn malformed_values_are_skipped_and_name_file_line_and_attribute() {
    for line in [
        "JpegQuality=0",
        "JpegQuality=101,1",
        "MaxPix=100",
        "MaxPix=-1,5",
        "BkgColor=white",
        "BkgColor=fff",
        "ResMode=9",
        "ThumbType=4",
        "ThumbHorizAlign=0",
        "ThumbVertAlign=x",
        "Expiration=soon",
        "Resolution=0",
        "PrintResolution=0",
        "Bfc=maybe",
        "ErrorDetail=4",
        "DefaultImageMode=2",
        "DamagedImages=hide",
        "ColorManagement=on",
        "PngCompression=small",
        "KeepMetadata=1",
        "CacheValidationPolicy=2",
        "IccRenderIntent=4",
        "LocaleMap=en",
        "LocaleStrMap=en,a^b",
        "DefaultExt=tif",
        "DigimarcId=1,2,3",
        "DigimarcInfo=1,2,3,x",
    ] {
        let (name, _) = line.split_once('=').unwrap();
        let (_, _, built_in, other) = ALL.into_iter().find(|(known, ..)| *known == name).unwrap();
        let own = format!("# note\n{line}\n{line}");
        let read = declared(&own).unwrap();
        assert_eq!(
            read.skipped().iter().map(|skipped| (skipped.name, skipped.error.to_string())).collect::<Vec<_>>(),
            [(name, format!("cat.ini line 2: {name}: has a malformed value or one out of range"))],
            "the first of a name is enough"
        );
        let sound = format!("{name}={}", written(name, other));
        assert_eq!(value(&own, "", name), built_in, "{line}");
        assert_eq!(value(&own, &sound, name), other, "{line}: inherited");
        assert_eq!(value(&format!("{sound}\n{own}"), "", name), other, "{line}: behind a sound one");
        assert_eq!(value(&format!("{own}\n{sound}"), "", name), other, "{line}: before a sound one");
    }
}

/// What would take its place could be open where the operator wrote a limit.
#[test]
fn malformed_values_that_decide_who_may_reach_what_are_errors() {
    for line in [
        "RequestObfuscation=2",
        "ClientAddressFilter=10.0.0.0/33",
        "AllowDirectAccess=all",
        "SavePath=../x",
        "RootUrl=file:///x",
    ] {
        let name = line.split('=').next().unwrap();
        let expected = format!("cat.ini line 2: {name}: has a malformed value or one out of range");
        assert_eq!(declared(&format!("MaxPix=x\n{line}\n{name}=")).unwrap_err().to_string(), expected);
    }
    assert!(GUARDS.iter().all(|name| Declared::NAMES.contains(name)));
}

/// `catalog.md` §5 (flags), §8 (stamps), §9 (lifetimes).
#[test]
fn some_odd_values_count_as_not_defined() {
    let default = "FullMatch=1\nIccDither=0\nExpiration=7\nTimeStamp=5";
    for (line, name, expected) in [
        ("FullMatch=2", "FullMatch", "1"),
        ("FullMatch=true", "FullMatch", "1"),
        ("IccDither=no", "IccDither", "0"),
        ("Expiration=-3", "Expiration", "7"),
        ("Expiration=-2", "Expiration", "7"),
        ("Expiration=-1", "Expiration", "-1"),
        ("Expiration=0", "Expiration", "0"),
        ("TimeStamp=yesterday", "TimeStamp", ""),
        ("TimeStamp=01/01/1970 00:00:01 GMT", "TimeStamp", "1000"),
    ] {
        assert_eq!(value(line, default, name), expected, "{line}");
    }
}

#[test]
fn canonical_values_do_not_depend_on_spelling() {
    assert_eq!(
        values("BkgColor=0xFF8000\nExpiration=2.40e1\nMaxPix= 0100 , 5\nResMode=1\nJpegQuality=90,true\nBfc=TRUE", ""),
        values("BkgColor=ff8000\nExpiration=24\nMaxPix=100,5\nResMode=4\nJpegQuality=090,1\nBfc=1", ""),
    );
}

/// A catalog can withdraw what the default catalog allows, and say so in any case.
#[test]
fn damaged_images_are_refused_or_shown_and_absent_leaves_it_to_the_host() {
    let found = |own: &str, default: &str| declared(own).unwrap().over(&declared(default).unwrap()).damaged_images;
    assert_eq!(found("", ""), None);
    assert_eq!(found("", "DamagedImages=SHOW"), Some(DamagedImages::Show));
    assert_eq!(found("DamagedImages=", "DamagedImages=show"), Some(DamagedImages::Show));
    assert_eq!(found("damagedImages=refuse", "DamagedImages=show"), Some(DamagedImages::Refuse));
    assert_eq!(value("DamagedImages=Refuse", "", "DamagedImages"), "refuse");
}

/// A new attribute has to be argued into or out of the versions; this list is where that is seen.
#[test]
fn the_exempt_list_is_reviewed() {
    let exempt = [
        // Paths: what they lead to is in the closure by its content.
        "RootPath",
        "StaticContentRootPath",
        "FullMatch",
        "SavePath",
        // Told by catalogprops only, which has no version.
        "PublishInfo",
        // About caches.
        "CacheValidationPolicy",
        "UseLastModified",
        // Whether a source may be named so, and where it is; its content is in the closure.
        "AllowDirectUrls",
        "RootUrl",
        "AllowDirectAccess",
        // A lock decides whether there is a reply. With locks off, its four digits are an unknown command.
        "RequestLock",
        // Ids: what they lead to is in the closure, where it is delivered.
        "Watermark",
        // Errors have no version.
        "ErrorImage",
        "ErrorDetail",
        // Lifetimes.
        "DefaultExpiration",
        "NonImgExpiration",
        // Whether there is a reply.
        "ClientAddressFilter",
        // Not used.
        "TrustedDomains",
        // A path and an id again.
        "DefaultExt",
        "DefaultImage",
        "Expiration",
        // About caches.
        "TimeStamp",
        // Replies about streams have no version.
        "HttpAppleStreamingContext",
        "HttpFlashStreamingContext",
    ];
    // Maps and targets have no colours; quality, filter and profiles move nothing.
    let image_only = [
        "DigimarcId",
        "DamagedImages",
        "KeepMetadata",
        "BkgColor",
        "JpegQuality",
        "PngCompression",
        "ResMode",
        "LinearLight",
        "Bfc",
        "ApplyEffectMask",
        "ColorManagement",
        "IccProfileRgb",
        "IccProfileGray",
        "IccProfileCmyk",
        "IccProfileSrcRgb",
        "IccProfileSrcGray",
        "IccProfileSrcCmyk",
        "IccRenderIntent",
        "IccBlackPointCompensation",
        "IccDither",
        "ThumbBkgColor",
        "PrintResolution",
        "DigimarcInfo",
    ];
    // Which image an id leads to is in the closure by its content; strings are in no image.
    let metadata_only = ["LocaleMap", "LocaleStrMap", "DefaultLocale"];
    let mut found: [Vec<&str>; 3] = Default::default();
    Declared::default().over(&Declared::default()).each(&mut |name, touches, _, is_default| match touches {
        _ if !is_default => panic!("{name}: a built-in value is not its default"),
        Touches::Nothing => found[0].push(name),
        Touches::Image => found[1].push(name),
        Touches::Metadata => found[2].push(name),
        Touches::ImageAndMetadata => {}
    });
    assert_eq!(found, [exempt.to_vec(), image_only.to_vec(), metadata_only.to_vec()]);
}
