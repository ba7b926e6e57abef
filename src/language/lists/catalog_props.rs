//! `req=catalogprops`: effective attributes of a catalog (`responses.md` §3.3).

use std::fmt;

use crate::base::geom::SizeLimit;
use crate::language::catalog::Attributes;

use super::property::Properties;
use super::props::Hex;

/// The properties, in the order of the protocol's table: attributes after inheritance, enumerations by their number.
/// `file_time` is the time stamp of the catalog, as [`time_stamp`](super::time_stamp) writes it.
pub(crate) fn catalog_props(attributes: &Attributes, file_time: &str) -> Properties {
    let mut list = Properties::default();
    list.push("catalog.bkgColor", Hex(attributes.bkg_color.rgb()))
        .push("catalog.defaultExt", attributes.default_ext.as_str())
        .push("catalog.defaultPix", Pair(attributes.default_pix))
        .push("catalog.defaultThumbPix", Pair(attributes.default_thumb_pix))
        .push("catalog.expiration", attributes.expiration.0)
        .push("catalog.defaultExpiration", attributes.default_expiration.0)
        .push("catalog.nonImgExpiration", attributes.non_img_expiration.0)
        .push("catalog.fileTime", file_time)
        .push("catalog.jpegQuality", attributes.jpeg_quality)
        .push("catalog.maxPix", Pair(attributes.max_pix))
        .push("catalog.printResolution", attributes.print_resolution.0)
        .push("catalog.publishInfo", &attributes.publish_info)
        .push("catalog.resMode", attributes.res_mode.0)
        .push("catalog.resolution", attributes.resolution.0)
        .push("catalog.thumbBkgColor", Hex(attributes.thumb_bkg_color.rgb()))
        .push("catalog.thumbHorizAlign", attributes.thumb_horiz_align as i32)
        .push("catalog.thumbRes", attributes.thumb_res.0)
        .push("catalog.thumbType", attributes.thumb_type as i32)
        .push("catalog.thumbVertAlign", attributes.thumb_vert_align as i32)
        .push("catalog.watermark", &attributes.watermark);
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
    use crate::language::catalog::attributes_from;

    #[test]
    fn every_row_of_the_table_in_its_order() {
        let attributes = attributes_from(
            "BkgColor=ffff00\nDefaultExt=.tif\nDefaultPix=400,0\nDefaultThumbPix=100,90\nExpiration=10\n\
             DefaultExpiration=1\nNonImgExpiration=.1\nJpegQuality=85,1\nMaxPix=2000,3000\nPrintResolution=72\n\
             PublishInfo=spring: 2\nResMode=4\nResolution=72.25\nThumbBkgColor=00000a\nThumbHorizAlign=1\n\
             ThumbRes=3\nThumbType=2\nThumbVertAlign=3\nWatermark=wm\n",
        );
        let list = catalog_props(&attributes, "01/31/2026 00:00:00 GMT");
        let rows: Vec<_> = list.iter().map(|(name, value)| format!("{name}={value}")).collect();
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
