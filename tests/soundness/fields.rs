//! What the attributes, record fields, macros and requests of a world can say, and what is known of each.
//!
//! [`ATTRIBUTES`] and [`FIELDS`] have to name every attribute and field that the library knows: a test reads its sources.

/// What a change of a value may do to versions, as `responses.md` §6 promises it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It is part of neither: whatever it says, both versions stay.
    Neither,
    /// Of `image.version` only.
    Image,
    /// Of `metadata.version` only.
    Metadata,
    /// Of both.
    Both,
    /// It decides which object or file takes part, or whether a request succeeds: the content that it leads to counts,
    /// so nothing is known of either version.
    Selects,
}

use Part::{Both, Image, Metadata, Neither, Selects};

/// Name, what is known, and values.
pub(crate) type Row = (&'static str, Part, &'static [&'static str]);

pub(crate) const ATTRIBUTES: &[Row] = &[
    ("RootPath", Selects, &["", "sub"]),
    ("StaticContentRootPath", Neither, &["static", "sub"]),
    ("FullMatch", Selects, &["0", "1"]),
    ("SavePath", Neither, &["", "saved"]),
    ("PublishInfo", Neither, &["spring", "autumn"]),
    ("CacheValidationPolicy", Neither, &["0", "1"]),
    ("UseLastModified", Neither, &["0", "1"]),
    ("SynthesizeFontStyles", Both, &["0", "1"]),
    ("DigimarcId", Image, &["1,2,3,4,5", "1,2,3,4,6"]),
    ("MaxPix", Both, &["2000,2000", "60,60", "0,0", "0,150"]),
    ("AllowDirectUrls", Neither, &["0", "1"]),
    ("RootUrl", Neither, &["", "http://a/b"]),
    ("AllowDirectAccess", Selects, &["", "IS", "exclude:IS"]),
    ("RequestObfuscation", Both, &["0", "1"]),
    ("RequestLock", Selects, &["0", "1"]),
    ("Watermark", Selects, &["", "r1"]),
    ("ErrorImage", Selects, &["", "r1", "d0"]),
    ("ErrorDetail", Neither, &["0", "3"]),
    ("DefaultExpiration", Neither, &["2", "-1"]),
    ("NonImgExpiration", Neither, &["0", "3"]),
    // Also decides which record an id leads to.
    ("LocaleMap", Selects, &["fr,_fr,|de,_de,|,", "fr,,|,", "de,_de,|fr,_fr,|,"]),
    ("LocaleStrMap", Metadata, &["fr,F,|de,D,|,", "fr,D,|,", "de,D,F,|,F"]),
    ("DefaultImageMode", Both, &["0", "1"]),
    ("DamagedImages", Image, &["refuse", "show"]),
    ("ClientAddressFilter", Neither, &["0.0.0.0/0", "10.0.0.0/8"]),
    ("TrustedDomains", Neither, &["", "a.b"]),
    ("DefaultExt", Selects, &["", ".png", ".jpg"]),
    ("DefaultFont", Both, &["Serif", "Sans"]),
    ("DefaultImage", Selects, &["", "d0", "r1", "b.jpg", "nowhere"]),
    ("KeepMetadata", Image, &["none", "copyright", "xmp", "copyright,xmp"]),
    ("DefaultPix", Both, &["400,400", "20,30", "0,0", "0,9"]),
    ("DefaultThumbPix", Both, &["100,100", "20,30", "15,0"]),
    ("BkgColor", Image, &["ffffff", "204060"]),
    ("JpegQuality", Image, &["80,0", "80,1", "40"]),
    ("PngCompression", Image, &["fast", "zip"]),
    ("ResMode", Image, &["1", "2", "3", "4"]),
    ("LinearLight", Image, &["0", "1"]),
    ("DefaultLocale", Selects, &["", "fr", "de"]),
    ("Bfc", Image, &["0", "1"]),
    ("ApplyEffectMask", Image, &["0", "1"]),
    ("ColorManagement", Image, &["srgb", "off"]),
    ("IccProfileRgb", Image, &["", "sRGB", "rgb.icc"]),
    ("IccProfileGray", Image, &["", "Gray22", "gray.icc"]),
    ("IccProfileCmyk", Image, &["", "inks.icc"]),
    ("IccProfileSrcRgb", Image, &["", "rgb.icc"]),
    ("IccProfileSrcGray", Image, &["", "gray.icc", "Gray22"]),
    ("IccProfileSrcCmyk", Image, &["", "inks.icc"]),
    ("IccRenderIntent", Image, &["0", "1", "2", "3"]),
    ("IccBlackPointCompensation", Image, &["0", "1"]),
    ("IccDither", Image, &["0", "1"]),
    ("ThumbBkgColor", Image, &["ffffff", "8000ff"]),
    ("ThumbHorizAlign", Both, &["1", "2", "3"]),
    ("ThumbVertAlign", Both, &["1", "2", "3"]),
    ("Expiration", Neither, &["10", "-1", "0"]),
    ("PrintResolution", Image, &["72", "300"]),
    ("Resolution", Both, &["1", "2.5"]),
    ("ThumbRes", Both, &["1", ".5"]),
    ("ThumbType", Both, &["1", "2", "3"]),
    ("TimeStamp", Neither, &["1000000000000", "01/02/2003 04:05:06 GMT"]),
    ("DigimarcInfo", Image, &["1,2,3,4", "1,2,3,5"]),
    ("HttpAppleStreamingContext", Neither, &["", "a"]),
    ("HttpFlashStreamingContext", Neither, &["", "a"]),
];

/// Values as they are written in a data file, quotation marks included.
pub(crate) const FIELDS: &[Row] = &[
    ("Id", Selects, &["r0", "r1", "t", "renamed"]),
    ("Path", Selects, &["a.png", "b.jpg", "c", "gone.png"]),
    ("MaskPath", Selects, &["m.png", "c.png"]),
    ("Modifier", Both, MODIFIERS),
    ("PostModifier", Both, MODIFIERS),
    ("Anchor", Both, &["3,4", "0,0", "5,9"]),
    ("Size", Both, &["31,17", "0,0", "64,64"]),
    ("Resolution", Both, &["1", "3", "0"]),
    ("PrintResolution", Image, &["96", "300", "0"]),
    ("ThumbType", Both, &["1", "2", "3", "0"]),
    ("ThumbRes", Both, &["1", ".4"]),
    ("Expiration", Neither, &["-2", "-1", "0", "7"]),
    ("TimeStamp", Neither, &["1", "1100000000000", "yesterday"]),
    (
        "Map",
        Metadata,
        &[
            "<area shape='rect' coords='1,2,9,7' href='a'/>",
            "<area shape='rect' coords='2,2,9,7' href='b'/><area shape='poly' coords='0,0,5,1,3,6'/>",
            "<area shape='default' href='Hello^loc=F^Bonjour^loc=D^Hallo'/>",
        ],
    ),
    (
        "Targets",
        Metadata,
        &[
            "target.1.rect=1,2,3,4??target.1.label=Hello^loc=F^Bonjour^loc=D^Hallo",
            "target.1.rect=1,2,3,5",
            "\"target.1.rect=1,2,3,5??x=y\"",
        ],
    ),
    ("UserData", Metadata, &["sku=1??color=red", "\"sku=1??color=red\"", "sku=1", "a=Hello^loc=F^Bonjour"]),
    ("ImageSet", Metadata, &["a,b;c", "{a,b}"]),
    ("AssetType", Metadata, &["IMAGESET", "SPINSET"]),
    ("UserType", Metadata, &["one", "two"]),
    ("IccProfile", Image, &["sRGB", "rgb.icc", "gray.icc", "other"]),
    ("DigimarcInfo", Image, &["1,2,3,4", "1,2,3,5"]),
];

/// What records say before and after requests.
const MODIFIERS: &[&str] = &[
    "wid=30",
    "op_invert=1",
    "$m0$",
    "$m1$&wid=25",
    "$inner$",
    "src=r1",
    "src=/d0",
    "src=$object$",
    "mask=m.png",
    "rotate=20",
    "crop=0,0,6,5",
    "bgc=102030&wid=40&hei=40",
    "map=<area shape='rect' coords='0,0,5,5'/>",
    "mapA=<area shape='rect' coords='1,1,4,5'/>",
    "flip=lr",
    "layer=0&flip=ud",
    "$v=3&op_blur=$v$",
    "op_brightness=$v$",
    "op_blur=2&op_hue=40",
    "fmt=png&qlt=50",
    "size=20,20&res=2",
    "anchor=2,2&rotate=45",
    "color=ff0000&extend=2,2,2,2",
    "printRes=150",
    "locale=fr",
    "req=tmb",
];

/// Names of macros and what they can stand for.
pub(crate) const MACROS: [&str; 3] = ["m0", "m1", "inner"];
pub(crate) const BODIES: [&str; 9] = [
    "wid=20",
    "$inner$&bgc=204060",
    "$m0$&op_invert=1",
    "rotate=10",
    "src=r1",
    "fmt=png",
    "op_brightness=$v$",
    "template=t",
    "locale=fr&crop=1,1,5,5",
];

/// Ids of the records: first of the catalog `own`, then of the default catalog.
pub(crate) const OWN: [&str; 7] = ["r0", "r1", "t", "r0_fr", "r0_de", "nofile", "r2"];
pub(crate) const DEFAULT: [&str; 3] = ["d0", "r1", "own/r0"];

/// Paths of the files.
pub(crate) const FILES: [&str; 8] =
    ["a.png", "b.jpg", "c.png", "m.png", "d.jpg", "sub/a.png", "sub/b.jpg", "sub/m.png"];

/// Paths of profiles, of RGB, gray and inks.
pub(crate) const PROFILES: [&str; 3] = ["rgb.icc", "gray.icc", "inks.icc"];

/// Objects of requests; the first is the most frequent.
pub(crate) const PATHS: [&str; 10] =
    ["own/r0", "own/r1", "own/r2", "own/t", "own/a.png", "own/nofile", "own/missing", "d0", "own/d0", "own"];

/// What every case asks of its object, and whether `metadata.version` belongs to it.
pub(crate) const TYPES: [(&str, bool); 14] = [
    ("", false),
    ("wid=60&hei=50&fmt=png", false),
    ("scl=1", false),
    ("req=tmb", false),
    ("req=tmb&wid=70&hei=20", false),
    ("req=mask&fmt=png", false),
    ("req=xmp", false),
    ("req=map", true),
    ("req=map,xml&wid=20", true),
    ("req=map&hei=35", true),
    ("req=targets", true),
    ("req=targets,json", true),
    ("req=userdata", true),
    ("req=userdata,xml", true),
];

/// Commands that lead to other objects and texts.
pub(crate) const CLOSURE: &[&str] = &[
    "template=t",
    "template=r1",
    "defaultImage=d0",
    "defaultImage=r1",
    "locale=fr",
    "locale=de",
    "src=r1",
    "src=/d0",
    "src=r0",
    "src=b.jpg",
    "src=r$v$",
    "src=$object$",
    "mask=m.png",
    "mask=r1",
    "maskUse=invert",
    "maskUse=off",
    "res=2",
    "$v=1",
    "$v=0",
    "$m0$",
    "$m0$",
    "$m1$",
    "$inner$",
    "map=<area shape='rect' coords='0,0,3,3'/>",
    "mapA=<area shape='rect' coords='0,0,4,4'/>",
    "xmpEmbed=1",
    "keepMetadata=copyright",
    "keepMetadata=copyright,xmp",
    "icc=rgb.icc",
    "icc=gray.icc,perceptual",
    "icc=inks.icc",
    "unknown=1",
    "handler=f",
];

/// Commands that shape what is there.
pub(crate) const VIEW: &[&str] = &[
    "wid=20",
    "hei=30",
    "wid=33&hei=21&fit=crop",
    "wid=40&hei=40&bgc=00ff00",
    "wid=15&hei=40&fit=stretch",
    "scl=1.7",
    "rgn=2,1,6,5",
    "scl=1&rect=1,1,7,6",
    "align=1,-1",
    "dpr=on,1.5",
    "bgc=400000",
    "fmt=png",
    "fmt=png-alpha",
    "fmt=webp",
    "fmt=webp-alpha,,lossless",
    "fmt=pjpeg&pscan=4",
    "fmt=jpeg,gray",
    "fmt=jpeg,cmyk",
    "qlt=30",
    "jpegSize=1",
    "printRes=200",
    "icc=sRGB",
    "icc=source,absolute,0",
    "iccEmbed=1",
    "resMode=bilin",
    "linear=1",
    "linear=0",
    "crop=1,1,6,6",
    "cropN=.1,.1,.7,.8",
    "size=25,25",
    "scale=.8",
    "rotate=30",
    "extend=2,1,0,3",
    "color=ff8000",
    "bgColor=ff00ff80",
    "anchor=1,2",
    "origin=2,2",
    "pos=1,1",
    "flip=lrud",
    "op_blur=2",
    "op_contrast=20",
    "op_colorize=3060c0",
    "op_noise=10",
    "op_sharpen=1",
    "op_usm=1,2",
];
