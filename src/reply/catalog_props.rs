//! `req=catalogprops`: effective attributes of a catalog (`responses.md` §3.3).

use std::fmt;

use crate::decimal::Decimal;
use crate::geometry::SizeLimit;
use crate::scene::Qlt;

use super::property::Properties;
use super::props::Hex;

/// What the property list says of a catalog: attributes after inheritance, enumerations by their number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogProps<'a> {
    pub(crate) bkg_color: [u8; 3],
    pub(crate) default_ext: &'a str,
    pub(crate) default_pix: SizeLimit,
    pub(crate) default_thumb_pix: SizeLimit,
    /// Hours; −1 for ever, as in the next two.
    pub(crate) expiration: Decimal,
    pub(crate) default_expiration: Decimal,
    pub(crate) non_img_expiration: Decimal,
    /// The catalog's TimeStamp, else the time its attribute file was modified; as
    /// [`time_stamp`](super::time_stamp) writes it.
    pub(crate) file_time: &'a str,
    pub(crate) jpeg_quality: Qlt,
    pub(crate) max_pix: SizeLimit,
    /// Dots per inch.
    pub(crate) print_resolution: u32,
    pub(crate) publish_info: &'a str,
    pub(crate) res_mode: i32,
    pub(crate) resolution: Decimal,
    pub(crate) thumb_bkg_color: [u8; 3],
    pub(crate) thumb_horiz_align: i32,
    pub(crate) thumb_res: Decimal,
    pub(crate) thumb_type: i32,
    pub(crate) thumb_vert_align: i32,
    pub(crate) watermark: &'a str,
}

/// The properties, in the order of the protocol's table.
pub(crate) fn catalog_props(catalog: &CatalogProps<'_>) -> Properties {
    let mut list = Properties::default();
    list.push("catalog.bkgColor", Hex(catalog.bkg_color))
        .push("catalog.defaultExt", catalog.default_ext)
        .push("catalog.defaultPix", Pair(catalog.default_pix))
        .push("catalog.defaultThumbPix", Pair(catalog.default_thumb_pix))
        .push("catalog.expiration", catalog.expiration)
        .push("catalog.defaultExpiration", catalog.default_expiration)
        .push("catalog.nonImgExpiration", catalog.non_img_expiration)
        .push("catalog.fileTime", catalog.file_time)
        .push("catalog.jpegQuality", catalog.jpeg_quality)
        .push("catalog.maxPix", Pair(catalog.max_pix))
        .push("catalog.printResolution", catalog.print_resolution)
        .push("catalog.publishInfo", catalog.publish_info)
        .push("catalog.resMode", catalog.res_mode)
        .push("catalog.resolution", catalog.resolution)
        .push("catalog.thumbBkgColor", Hex(catalog.thumb_bkg_color))
        .push("catalog.thumbHorizAlign", catalog.thumb_horiz_align)
        .push("catalog.thumbRes", catalog.thumb_res)
        .push("catalog.thumbType", catalog.thumb_type)
        .push("catalog.thumbVertAlign", catalog.thumb_vert_align)
        .push("catalog.watermark", catalog.watermark);
    list
}

/// Two whole numbers with a comma.
struct Pair(SizeLimit);

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.0.width, self.0.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_in_its_order() {
        let pair = |width, height| SizeLimit { width, height };
        let catalog = CatalogProps {
            bkg_color: [255, 255, 0],
            default_ext: ".tif",
            default_pix: pair(400, 0),
            default_thumb_pix: pair(100, 90),
            expiration: Decimal::from_int(10),
            default_expiration: Decimal::from_int(1),
            non_img_expiration: Decimal::TENTH,
            file_time: "01/31/2026 00:00:00 GMT",
            jpeg_quality: Qlt { quality: 85, full_chroma: true },
            max_pix: pair(2000, 3000),
            print_resolution: 72,
            publish_info: "spring: 2",
            res_mode: 4,
            resolution: Decimal::parse("72.25").unwrap(),
            thumb_bkg_color: [0, 0, 10],
            thumb_horiz_align: 1,
            thumb_res: Decimal::from_int(3),
            thumb_type: 2,
            thumb_vert_align: 3,
            watermark: "wm",
        };
        let rows: Vec<_> = catalog_props(&catalog).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            rows,
            [
                "catalog.bkgColor=ffff00",
                "catalog.defaultExt=.tif",
                "catalog.defaultPix=400,0",
                "catalog.defaultThumbPix=100,90",
                "catalog.expiration=10",
                "catalog.defaultExpiration=1",
                "catalog.nonImgExpiration=0.1",
                "catalog.fileTime=01/31/2026 00:00:00 GMT",
                "catalog.jpegQuality=85,1",
                "catalog.maxPix=2000,3000",
                "catalog.printResolution=72",
                "catalog.publishInfo=spring: 2",
                "catalog.resMode=4",
                "catalog.resolution=72.25",
                "catalog.thumbBkgColor=00000a",
                "catalog.thumbHorizAlign=1",
                "catalog.thumbRes=3",
                "catalog.thumbType=2",
                "catalog.thumbVertAlign=3",
                "catalog.watermark=wm",
            ]
        );
    }
}
