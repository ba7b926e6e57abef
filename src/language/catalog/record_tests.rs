//! Fields of image and static records: types, defaults, faults, and which versions they are part of.

use std::path::Path;

use super::super::data_table::Table;
use super::super::static_record::StaticRecord;
use super::super::text::Warnings;
use super::*;

fn read<T: FromRow>(header: &str, row: &str) -> crate::base::error::Result<T> {
    let text = format!("{header}\n{row}\n");
    let id = header.split('\t').zip(row.split('\t')).find(|(name, _)| name.eq_ignore_ascii_case("id")).unwrap().1;
    let (table, fault) = Table::new(Path::new("cat.txt"), text, &mut Warnings::default())?;
    fault.map_or_else(|| Ok(table.find(id).expect("the record")), Err)
}

fn one(field: &str, value: &str) -> crate::base::error::Result<Record> {
    read(&format!("Id\t{field}"), &format!("x\t{value}"))
}

fn real(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn every_field_has_its_type() {
    let header = COLUMNS.join("\t");
    let row = "a/b\tp\tm\twid=1\thei=2\t-3,4\t100,50\t1.5e1\t300\t3\t.5\t24\t1000\t<AREA>\tTarget.1.rect=1,2,3,4\t\"u=1\"\
               \t{a;b},c\tspinset2d\tut\tsRGB\t1,2,3,4";
    let expected = Record {
        id: "a/b".into(),
        path: "p".into(),
        mask_path: "m".into(),
        modifier: "wid=1".into(),
        post_modifier: "hei=2".into(),
        anchor: Some((-3, 4)),
        size: Some(Size::new(100, 50)),
        resolution: Some(Positive(real("15"))),
        print_resolution: Some(Dpi(300)),
        thumb_type: Some(ThumbType::Texture),
        thumb_res: Some(Positive(real("0.5"))),
        expiration: Hours::new(real("24")),
        time_stamp: Stamp::At(TimeStamp::parse("1000").unwrap()),
        map: "<AREA>".into(),
        targets: PropertyText { text: "Target.1.rect=1,2,3,4".into(), quoted: false },
        user_data: PropertyText { text: "u=1".into(), quoted: true },
        image_set: "{a;b},c".into(),
        asset_type: Some(AssetType::SpinSet2d),
        user_type: "ut".into(),
        icc_profile: "sRGB".into(),
        digimarc_info: Some([1, 2, 3, 4]),
    };
    assert_eq!(read::<Record>(&header, row).unwrap(), expected);
}

#[test]
fn empty_and_missing_fields_have_their_default() {
    let plain = Record { id: "x".into(), ..Record::default() };
    assert_eq!(read::<Record>(&COLUMNS.join("\t"), "x").unwrap(), plain);
    assert_eq!(read::<Record>(&COLUMNS.join("\t"), &format!("x{}", "\t".repeat(20))).unwrap(), plain);
    // Values that say "the attribute's".
    for (field, value) in [
        ("Resolution", "0"),
        ("PrintResolution", "0"),
        ("ThumbType", "0"),
        ("ThumbRes", "0.0"),
        ("Expiration", "-2"),
        ("Expiration", "-7"),
        ("Size", "0,0"),
        ("UserData", "\"\""),
    ] {
        assert_eq!(one(field, value).unwrap(), plain, "{field}={value}");
    }
    assert_eq!(one("Expiration", "-1").unwrap().expiration, Hours::new(Hours::FOREVER));
    assert_eq!(one("Expiration", "0").unwrap().expiration, Hours::new(real("0")));
    assert_eq!(one("TimeStamp", "soon").unwrap().time_stamp, Stamp::Malformed);
    assert_eq!(one("Path", " p ").unwrap().path, " p ", "blanks belong to a field");
}

#[test]
fn malformed_fields_say_where() {
    for (field, value, what) in [
        ("Anchor", "1", "needs two whole numbers"),
        ("Anchor", "1,2,3", "needs two whole numbers"),
        ("Anchor", "1.5,2", "needs two whole numbers"),
        ("Size", "0,1", "needs two whole numbers from 1 to 16777216"),
        ("Size", "16777217,1", "needs two whole numbers from 1 to 16777216"),
        ("Resolution", "-1", "needs a number greater than 0"),
        ("Resolution", "x", "needs a number greater than 0"),
        ("PrintResolution", "1.5", "needs a whole number from 1 to 65535"),
        ("PrintResolution", "65536", "needs a whole number from 1 to 65535"),
        ("ThumbType", "4", "needs 1, 2 or 3"),
        ("ThumbType", "fit", "needs 1, 2 or 3"),
        ("ThumbRes", "-0.5", "needs a number greater than 0"),
        ("Expiration", "soon", "is not a number"),
        ("AssetType", "SET", "is not a known type"),
        ("DigimarcInfo", "1,2,3", "needs four whole numbers"),
        ("ImageSet", "a,{b", "has a bracket that is never closed"),
        ("ImageSet", "a,(b}", "has brackets that do not match"),
        ("ImageSet", "a)", "has brackets that do not match"),
    ] {
        let error = one(field, value).unwrap_err().to_string();
        assert_eq!(error, format!("cat.txt line 2: {field}: {what}"), "{value}");
    }
    let error = read::<Record>("Path\tId", "x\ta,b").unwrap_err().to_string();
    assert_eq!(error, "cat.txt line 2: Id: has a comma");
}

#[test]
fn asset_types_are_those_of_the_protocol() {
    for name in ["MEDIASET", "SPINSET", "SPINSET2D", "VIDEOSET", "IMAGESET", "ECATALOG"] {
        assert_eq!(one("AssetType", name).unwrap().asset_type.unwrap().name(), name);
    }
}

fn versions_of(each: impl Fn(&mut dyn FnMut(&'static str, Touches, &str))) -> Vec<(&'static str, Touches, String)> {
    let mut all = Vec::new();
    each(&mut |name, touches, value| all.push((name, touches, value.to_owned())));
    all
}

/// A new field has to be argued into or out of the versions; this list is where that is seen.
#[test]
fn every_field_is_reviewed() {
    use Touches::{Image, ImageAndMetadata, Metadata, Nothing};
    let record = read::<Record>(
        "Id\tPath\tMaskPath\tModifier\tAnchor\tSize\tResolution\tThumbType\tExpiration\tTimeStamp\tUserData\tAssetType\tDigimarcInfo",
        "x\tp\tm\twid=1\t 1, 2\t3,4\t5.0\t1\t-1\t9\t\"u\"\tspinset\t1,2,3,4",
    )
    .unwrap();
    let expected = [
        // Ids and paths: the closure has the content that they lead to.
        ("Id", Nothing, "x"),
        ("Path", Nothing, "p"),
        ("MaskPath", Nothing, "m"),
        ("Anchor", ImageAndMetadata, "1,2"),
        ("Size", ImageAndMetadata, "3,4"),
        ("Resolution", ImageAndMetadata, "5"),
        ("PrintResolution", Image, ""),
        ("ThumbType", ImageAndMetadata, "1"),
        ("ThumbRes", ImageAndMetadata, ""),
        // A lifetime, and what only caches look at.
        ("Expiration", Nothing, "-1"),
        ("TimeStamp", Nothing, "9"),
        // Delivered as they are, and in no image.
        ("Map", Metadata, ""),
        ("Targets", Metadata, ""),
        ("Targets quoted", Metadata, ""),
        ("UserData", Metadata, "u"),
        ("UserData quoted", Metadata, "1"),
        ("ImageSet", Metadata, ""),
        ("AssetType", Metadata, "SPINSET"),
        ("UserType", Metadata, ""),
        ("IccProfile", Image, ""),
        ("DigimarcInfo", Image, "1,2,3,4"),
    ];
    assert_eq!(versions_of(|visit| record.each(visit)), expected.map(|(n, t, v)| (n, t, v.to_owned())));
    // Every column is among them, but for those that the resolver gives in another form.
    let missing: Vec<_> = COLUMNS.iter().filter(|name| !expected.iter().any(|(n, ..)| n == *name)).collect();
    assert_eq!(missing, [&"Modifier", &"PostModifier"]);
}

#[test]
fn static_records_have_their_fields() {
    use Touches::{Metadata, Nothing};
    let record = read::<StaticRecord>(
        "Id\tPath\tExpiration\tTimeStamp\tUserType\tUserData\tVideoBitRate\tAudioBitRate\tTotalStreamBitRate\tVideoSize",
        "x\tp.mp4\t0.5\t07/25/2014 17:28:32 PDT\tPdf\ta=1\t800000\t64000\t0\t640,480",
    )
    .unwrap();
    let expected = [
        ("Id", Nothing, "x"),
        ("Path", Nothing, "p.mp4"),
        ("Expiration", Nothing, "0.5"),
        ("TimeStamp", Nothing, "1406334512000"),
        ("UserType", Metadata, "Pdf"),
        ("UserData", Metadata, "a=1"),
        ("UserData quoted", Metadata, ""),
        ("VideoBitRate", Nothing, "800000"),
        ("AudioBitRate", Nothing, "64000"),
        ("TotalStreamBitRate", Nothing, ""),
        ("VideoSize", Nothing, "640,480"),
    ];
    assert_eq!(versions_of(|visit| record.each(visit)), expected.map(|(n, t, v)| (n, t, v.to_owned())));
    let error = read::<StaticRecord>("Id\tVideoBitRate", "x\tfast").unwrap_err().to_string();
    assert_eq!(error, "cat.txt line 2: VideoBitRate: needs a whole number, 0 or more");
}
