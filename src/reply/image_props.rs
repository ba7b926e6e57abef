//! `req=imageprops`: properties of a source and its record (`responses.md` §3.2).

use crate::decimal::Decimal;
use crate::geometry::Size;
use crate::scene::PixelType;

use super::property::Properties;
use super::props::pixel_type;

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

/// What the property list says of a source; record fields with their defaults applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageProps<'a> {
    /// Pixels from the top left of the full image.
    pub(crate) anchor: (i64, i64),
    /// Hours; −1 for ever.
    pub(crate) expiration: Decimal,
    /// Full-resolution size.
    pub(crate) size: Size,
    /// Name or description of the associated profile; empty if there is none.
    pub(crate) icc_profile: &'a str,
    /// The file holds a profile.
    pub(crate) embedded_icc_profile: bool,
    /// The file holds XMP.
    pub(crate) embedded_xmp_data: bool,
    pub(crate) mask: SourceMask,
    /// The record's Modifier; empty if there is no record.
    pub(crate) modifier: &'a str,
    /// Names of the Photoshop paths in the file; that there are any says that the file holds paths.
    pub(crate) path_names: &'a [String],
    pub(crate) pixels: PixelType,
    /// The record's PostModifier; empty if there is no record.
    pub(crate) post_modifier: &'a str,
    /// Dots per inch.
    pub(crate) print_res: Decimal,
    pub(crate) resolution: Decimal,
    /// As [`time_stamp`](super::time_stamp) writes it.
    pub(crate) time_stamp: &'a str,
    pub(crate) thumb_res: Decimal,
    /// The attribute's number.
    pub(crate) thumb_type: i32,
    /// The catalog id that the path resolved to.
    pub(crate) translated_id: &'a str,
}

/// The properties, in the order of the protocol's table.
pub(crate) fn image_props(image: &ImageProps<'_>) -> Properties {
    let mut list = Properties::default();
    list.push("image.anchor", format_args!("{},{}", image.anchor.0, image.anchor.1))
        .push("image.expiration", image.expiration)
        .push("image.height", image.size.height)
        .push("image.width", image.size.width)
        .push("image.iccProfile", image.icc_profile)
        .push("image.embeddedIccProfile", u8::from(image.embedded_icc_profile))
        .push("image.embeddedPhotoshopPaths", u8::from(!image.path_names.is_empty()))
        .push("image.embeddedXmpData", u8::from(image.embedded_xmp_data))
        .push("image.mask", image.mask as u8)
        .push("image.modifier", image.modifier)
        .push("image.photoshopPathNames", image.path_names.join(","))
        .push("image.pixTyp", pixel_type(image.pixels))
        .push("image.postModifier", image.post_modifier)
        .push("image.printRes", image.print_res)
        .push("image.resolution", image.resolution)
        .push("image.timeStamp", image.time_stamp)
        .push("image.thumbRes", image.thumb_res)
        .push("image.thumbType", image.thumb_type)
        .push("image.translatedId", image.translated_id);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: ImageProps<'_> = ImageProps {
        anchor: (1000, -3),
        expiration: Decimal::from_int(-1),
        size: Size::new(2000, 2400),
        icc_profile: "",
        embedded_icc_profile: false,
        embedded_xmp_data: false,
        mask: SourceMask::None,
        modifier: "",
        path_names: &[],
        pixels: PixelType::Rgb,
        post_modifier: "",
        print_res: Decimal::from_int(300),
        resolution: Decimal::TENTH,
        time_stamp: "07/25/2014 17:28:32 GMT",
        thumb_res: Decimal::from_int(1),
        thumb_type: 2,
        translated_id: "cat/shoe_E",
    };

    fn rows(image: &ImageProps<'_>) -> Vec<String> {
        image_props(image).iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn every_row_of_the_table_in_its_order() {
        assert_eq!(
            rows(&BARE),
            [
                "image.anchor=1000,-3",
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
                "image.translatedId=cat/shoe_E",
            ]
        );
    }

    #[test]
    fn what_a_file_and_a_record_hold_is_told() {
        let names = ["Path 1".to_owned(), "cut".to_owned()];
        let image = ImageProps {
            icc_profile: "Adobe RGB (1998)",
            embedded_icc_profile: true,
            embedded_xmp_data: true,
            mask: SourceMask::Image,
            modifier: "op_usm=.9,2&qlt=90",
            path_names: &names,
            pixels: PixelType::Gray,
            post_modifier: "fmt=png",
            ..BARE
        };
        let rows = rows(&image);
        for row in [
            "image.iccProfile=Adobe RGB (1998)",
            "image.embeddedIccProfile=1",
            "image.embeddedPhotoshopPaths=1",
            "image.embeddedXmpData=1",
            "image.mask=3",
            "image.modifier=op_usm=.9,2&qlt=90",
            "image.photoshopPathNames=Path 1,cut",
            "image.pixTyp=BW",
            "image.postModifier=fmt=png",
        ] {
            assert!(rows.iter().any(|other| other == row), "{row}");
        }
        assert_eq!([SourceMask::PremultipliedAlpha, SourceMask::Alpha].map(|mask| mask as u8), [1, 2]);
    }
}
