//! `req=imageprops`: properties of a source and its record (`responses.md` §3.2).

use crate::base::geom::Size;
use crate::imaging::scene::PixelType;
use crate::language::catalog::{Attributes, Object};

use super::property::Properties;
use super::props::pixel_type;
use super::stamp::time_stamp;

/// How a source is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceMask {
    None = 0,
    #[cfg_attr(not(test), expect(dead_code, reason = "no format that is decoded has it"))]
    PremultipliedAlpha = 1,
    Alpha = 2,
    /// A separate mask image.
    Image = 3,
}

/// What the property list says of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageFile<'a> {
    /// Full-resolution size.
    pub(crate) size: Size,
    pub(crate) mask: SourceMask,
    pub(crate) pixels: PixelType,
    /// The description of the profile that the file holds.
    pub(crate) profile: Option<&'a str>,
    /// The file holds XMP.
    pub(crate) xmp: bool,
    /// Names of the Photoshop paths in the file; that there are any says that the file holds paths.
    pub(crate) path_names: &'a [String],
}

/// The properties, in the order of the protocol's table: of the file, and of the object's record with its defaults, those
/// of `main`, the catalog of the request, or of the record's own.
pub(crate) fn image_props(file: &ImageFile<'_>, object: &Object, main: &Attributes) -> Properties {
    let (record, owner) = (object.record.as_deref(), &object.owner.attributes);
    let center = ((file.size.width / 2).into(), (file.size.height / 2).into());
    let anchor: (i64, i64) =
        record.and_then(|record| record.anchor).map_or(center, |(x, y)| (i64::from(x), i64::from(y)));
    let stamp =
        record.map_or_else(|| object.owner.time_stamp(), |record| object.owner.time_stamp_of(record.time_stamp));
    let own_profile = record.map_or("", |record| record.icc_profile.as_str());
    let mut list = Properties::default();
    list.push("image.anchor", format_args!("{},{}", anchor.0, anchor.1))
        .push("image.expiration", record.and_then(|record| record.expiration).unwrap_or(owner.expiration).0)
        .push("image.height", file.size.height)
        .push("image.width", file.size.width)
        .push("image.iccProfile", file.profile.unwrap_or(own_profile))
        .push("image.embeddedIccProfile", u8::from(file.profile.is_some()))
        .push("image.embeddedPhotoshopPaths", u8::from(!file.path_names.is_empty()))
        .push("image.embeddedXmpData", u8::from(file.xmp))
        .push("image.mask", file.mask as u8)
        .push("image.modifier", record.map_or("", |record| &record.modifier))
        .push("image.photoshopPathNames", file.path_names.join(","))
        .push("image.pixTyp", pixel_type(file.pixels))
        .push("image.postModifier", record.map_or("", |record| &record.post_modifier))
        .push("image.printRes", record.and_then(|record| record.print_resolution).unwrap_or(main.print_resolution).0)
        .push("image.resolution", record.and_then(|record| record.resolution).unwrap_or(owner.resolution).0)
        .push("image.timeStamp", time_stamp(stamp.system_time()))
        .push("image.thumbRes", record.and_then(|record| record.thumb_res).unwrap_or(main.thumb_res).0)
        .push("image.thumbType", record.and_then(|record| record.thumb_type).unwrap_or(main.thumb_type) as i32)
        .push("image.translatedId", object.id.as_deref().unwrap_or(""));
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::catalog::{Caller, Catalogs, NamedBy};

    const BARE: ImageFile<'_> = ImageFile {
        size: Size::new(2000, 2400),
        mask: SourceMask::None,
        pixels: PixelType::Rgb,
        profile: None,
        xmp: false,
        path_names: &[],
    };

    /// The properties of an object of a catalog with two records.
    fn rows(file: &ImageFile<'_>, id: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "default.ini",
            "DefaultExt=\nCatalogFile=all.txt\nTimeStamp=1406309312000\nExpiration=-1\nPrintResolution=300\n\
             Resolution=.1\nThumbRes=1\nThumbType=2\n",
        );
        let header = "Id\tPath\tAnchor\tModifier\tPostModifier\tPrintResolution\tIccProfile\tExpiration\tThumbType\n";
        let rows = "plain\ta.png\t\t\t\t\t\t\t\nfull\tb.png\t1000,-3\top_usm=.9,2&qlt=90\tfmt=png\t72\town\t5\t1\n";
        write("all.txt", &format!("{header}{rows}"));
        let catalogs = Catalogs::load(folder.path(), folder.path()).unwrap();
        let main = catalogs.iter().next().unwrap();
        let request = crate::language::request::RawRequest::parse(&format!("/is/image/{id}")).unwrap();
        let object =
            catalogs.named_object(catalogs.main(&request.object), id, None, NamedBy::Request, Caller::HOST).unwrap();
        let list = image_props(file, &object, &main.attributes);
        list.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn every_row_of_the_table_in_its_order() {
        assert_eq!(
            rows(&BARE, "plain"),
            [
                "image.anchor=1000,1200",
                "image.expiration=-1",
                "image.height=2400",
                "image.width=2000",
                "image.iccProfile=",
                "image.embeddedIccProfile=0",
                "image.embeddedPhotoshopPaths=0",
                "image.embeddedXmpData=0",
                "image.mask=0",
                "image.modifier=",
                "image.photoshopPathNames=",
                "image.pixTyp=RGB",
                "image.postModifier=",
                "image.printRes=300",
                "image.resolution=0.1",
                "image.timeStamp=07/25/2014 17:28:32 GMT",
                "image.thumbRes=1",
                "image.thumbType=2",
                "image.translatedId=plain",
            ]
        );
    }

    #[test]
    fn what_a_file_and_a_record_hold_is_told() {
        let names = ["Path 1".to_owned(), "cut".to_owned()];
        let file = ImageFile {
            profile: Some("Adobe RGB (1998)"),
            xmp: true,
            mask: SourceMask::Image,
            path_names: &names,
            pixels: PixelType::Gray,
            ..BARE
        };
        let full = rows(&file, "full");
        for row in [
            "image.anchor=1000,-3",
            "image.expiration=5",
            "image.iccProfile=Adobe RGB (1998)",
            "image.embeddedIccProfile=1",
            "image.embeddedPhotoshopPaths=1",
            "image.embeddedXmpData=1",
            "image.mask=3",
            "image.modifier=op_usm=.9,2&qlt=90",
            "image.photoshopPathNames=Path 1,cut",
            "image.pixTyp=BW",
            "image.postModifier=fmt=png",
            "image.printRes=72",
            "image.thumbType=1",
        ] {
            assert!(full.iter().any(|other| other == row), "{row} {full:?}");
        }
        assert!(rows(&BARE, "full").contains(&"image.iccProfile=own".to_owned()), "the record's, if the file has none");
        assert_eq!([SourceMask::PremultipliedAlpha, SourceMask::Alpha].map(|mask| mask as u8), [1, 2]);
    }
}
