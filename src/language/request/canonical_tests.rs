//! The canonical form: what changes it and what does not, and that it reads back.

use proptest::prelude::*;

use super::{Commands, parse_modifiers};

fn parse(query: &str) -> Commands {
    Commands::parse(&parse_modifiers(query).unwrap()).unwrap()
}

#[test]
fn order_case_spelling_comments_and_id_do_not_count() {
    let canonical = parse("wid=200&hei=100&fmt=png&scl=2&bgc=ff0000&align=0,1").canonical();
    for query in [
        "hei=100&wid=200&scl=2&fmt=png&bgc=ff0000&align=0,1",
        "WID=0200&.comment=1&hei=+100&FMT=PNG&scl=2.0&bgc=255,0,0&align=-0,1.0&id=37JK6NTvpvC42F5gOuLEVY",
        "wid=1&wid=200&hei=100&fmt=png,,none&scl=2.&bgc=0xFF0000r&align=+.0,1&cache=off&whatever=2&layer=0&handler=x",
    ] {
        assert_eq!(parse(query).canonical(), canonical, "{query}");
    }
    assert_eq!(canonical, "wid=200&hei=100&scl=2&align=0,1&bgc=ff0000&fmt=png");
}

#[test]
fn what_changes_a_reply_changes_the_form() {
    let forms: Vec<String> = [
        "",
        "wid=1",
        "hei=1",
        "wid=2",
        "fit=crop&wid=1",
        "fit=crop,1&wid=1",
        "scl=2",
        "scl=2.000000001",
        "rgn=0,0,1,1",
        "rect=0,0,1,1",
        "rect=0,0,1,1,2",
        "align=0,0",
        "align=0,1",
        "dpr=on,2",
        "bgc=0x10",
        "bgc=101010",
        "bgc=0,0,0,10k",
        "crop=0,0,1,1",
        "cropN=0,0,1,1",
        "flip=lr",
        "flip=",
        "fmt=png",
        "fmt=png-alpha",
        "fmt=png,gray",
        "qlt=80",
        "qlt=80,1",
        "resMode=bilin",
        "linear=0",
        "linear=1",
        "op_sharpen=1",
        "op_usm=1,1",
        "op_usmR=1,1",
        "req=tmb",
        "req=props",
        "jpegSize=9",
        "pscan=4",
        "printRes=300",
        "xmpEmbed=1",
        "keepMetadata=copyright",
        "keepMetadata=xmp",
        "template=a",
        "defaultImage=a",
        "defaultImage=",
        "locale=de",
        "src=a",
        "mask=a",
        "maskUse=invert",
        "size=9,0",
        "scale=2",
        "res=2",
        "rotate=1",
        "extend=0,0,0,1",
        "extendN=0,0,0,1",
        "color=ff0000",
        "bgColor=ff0000",
        "bgColor=ff000080",
        "map=a",
        "mapA=a",
        "layer=0&flip=lr",
        "op_blur=1",
        "op_brightness=1",
        "op_contrast=1",
        "op_colorbalance=1,0,0",
        "op_hue=1",
        "op_saturation=1",
        "colorize=ff0000",
        "op_colorize=ff0000,off",
        "op_invert=1",
        "op_noise=1",
    ]
    .iter()
    .map(|query| parse(query).canonical())
    .collect();
    let distinct: std::collections::HashSet<_> = forms.iter().collect();
    assert_eq!(distinct.len(), forms.len(), "{forms:#?}");
}

fn legal_command() -> impl Strategy<Value = String> {
    let real = (0i64..4_000_000_000).prop_map(|n| format!("{}.{:09}", n / 1_000_000_000 + 1, n % 1_000_000_000));
    prop_oneof![
        (1u32..100_000).prop_map(|n| format!("wid={n}")),
        (1u32..100_000).prop_map(|n| format!("hei={n}")),
        real.clone().prop_map(|r| format!("scl={r}")),
        (any::<i16>(), any::<i16>(), 1u16.., 1u16.., real.clone())
            .prop_map(|(x, y, w, h, s)| format!("rect={x},{y},{w},{h},{s}")),
        (any::<i16>(), any::<i16>(), 1u16.., 1u16..).prop_map(|(x, y, w, h)| format!("crop={x},{y},{w},{h}")),
        (real.clone(), real.clone()).prop_map(|(a, b)| format!("cropN=-{a},.25,{b},0.5")),
        any::<[u8; 4]>().prop_map(|c| {
            let percent = c.map(|v| (f64::from(v) / 2.55).to_string());
            format!("bgc={}k", percent.join(","))
        }),
        any::<[u8; 3]>().prop_map(|[r, g, b]| format!("bgc={r},{g},{b}")),
        (0u8..=100).prop_map(|g| format!("bgc={g}")),
        prop::sample::select(vec![
            "fit=crop",
            "fit=VFIT,1",
            "flip=lrud",
            "fmt=pjpeg,gray",
            "fmt=jpeg,cmyk",
            "fmt=png-alpha",
            "resMode=bisharp",
            "linear=true",
            "op_sharpen=true",
            "dpr=on,1.5",
            "dpr=off",
            "align=-1,.5",
            "req=tmb",
            "req=props,json",
            "qlt=7,1",
            "jpegSize=40",
            "pscan=3",
            "printRes=300",
            "xmpEmbed=1",
            "keepMetadata=XMP, copyright",
            "template=a b/c",
            "defaultImage=",
            "locale=de_at",
            "src=cat/x%26y",
            "mask=m",
            "maskUse=INVERT",
            "size=300,0",
            "scale=.5",
            "res=72",
            "rotate=-12.5",
            "extend=-1,2,3,4",
            "extendN=.1,0,0,.5",
            "color=10,20,30,40,50k",
            "bgColor=1,2,3,4",
            "anchor=1,2",
            "originN=.5,-.5",
            "pos=3.5,4",
            "mapA=%3Carea%3E",
            "layer=0&flip=lr&layer=comp",
            "op_blur=1.5",
            "op_colorbalance=1,-2,3",
            "op_colorize=1,2,3,norm,7",
            "op_noise=5,gaussian",
            "op_hue=-5"
        ])
        .prop_map(str::to_owned),
        (0u16..=5000, 0u16..=2500, any::<u8>(), any::<bool>()).prop_map(|(a, r, t, m)| {
            format!("op_usm={}.{:03},{}.{},{t},{}", a / 1000, a % 1000, r / 10, r % 10, u8::from(m))
        }),
    ]
}

proptest! {
    #[test]
    fn reads_back_to_itself(commands in prop::collection::vec(legal_command(), 0..12)) {
        let commands = parse(&commands.join("&"));
        let text = commands.canonical();
        let again = parse(&text);
        prop_assert_eq!(&again, &commands);
        prop_assert_eq!(again.canonical(), text);
    }

    #[test]
    fn any_query_is_read_or_refused(query in "(\\PC|[&=,.$(){}%0-9a-z]){0,60}") {
        if let Ok(commands) = parse_modifiers(&query).and_then(|modifiers| Commands::parse(&modifiers)) {
            let again = parse(&commands.canonical());
            prop_assert_eq!(again.canonical(), commands.canonical());
        }
    }
}
