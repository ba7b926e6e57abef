//! Replies of one property or a few, and of one packet (`responses.md` §3.4, §3.5, §4.4).

use super::property::Properties;

/// `req=exists`: a catalog has a record of that id.
pub(crate) fn exists(record: bool) -> Properties {
    Properties::one("catalogRecord.exists", u8::from(record))
}

/// `req=validate` of a legal request; `unknown` are the names of commands that are ignored because the protocol does not know them.
pub(crate) fn valid(unknown: &[&str]) -> Properties {
    let mut list = Properties::one("request.isValid", 1);
    if !unknown.is_empty() {
        list.push("request.unknown", unknown.join(","));
    }
    list
}

/// `req=xlate`: the locale variants that exist, in the order given.
pub(crate) fn translated<S: AsRef<str>>(ids: &[S]) -> Properties {
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    Properties::one("xlate.translatedIds", ids.join(","))
}

/// `req=loadcache`: length of the encoded reply in bytes.
pub(crate) fn loaded(length: usize) -> Properties {
    Properties::one("image.length", length)
}

/// `req=saveToFile`: when the file was written, in milliseconds since 1970 UTC, and how many pixels it holds.
pub(crate) fn saved(last_updated: u64, pixels: u64) -> Properties {
    let mut list = Properties::default();
    list.push("lastUpdated", last_updated).push("pixelsTotal", pixels).push("status", "done");
    list
}

/// What `/is/image` with neither object nor modifiers answers.
pub(crate) fn banner() -> Properties {
    let line = concat!("Platemark ", env!("CARGO_PKG_VERSION"), ", ", env!("CARGO_PKG_LICENSE"));
    Properties::one("copyright", line)
}

/// `req=xmp`, in XML in UTF-8: the packet of the image, else an empty one.
pub(crate) fn xmp_body(packet: Option<String>) -> Vec<u8> {
    packet.unwrap_or_else(|| "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>".to_owned()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::lists::Style;

    fn text(list: &Properties) -> String {
        String::from_utf8(list.body(&Style::TEXT, "now")).unwrap()
    }

    #[test]
    fn each_reply_holds_its_properties() {
        let cases = [
            (exists(true), "catalogRecord.exists=1\r\n"),
            (exists(false), "catalogRecord.exists=0\r\n"),
            (valid(&[]), "request.isValid=1\r\n"),
            (valid(&["wdth", "foo"]), "request.isValid=1\r\nrequest.unknown=wdth,foo\r\n"),
            (translated(&["image", "image_fr", "image_de"]), "xlate.translatedIds=image,image_fr,image_de\r\n"),
            (translated::<&str>(&[]), "xlate.translatedIds=\r\n"),
            (loaded(7381), "image.length=7381\r\n"),
            (
                saved(1_406_309_312_000, 4_800_000),
                "lastUpdated=1406309312000\r\npixelsTotal=4800000\r\nstatus=done\r\n",
            ),
            (banner(), "copyright=Platemark 0.1.0, MIT OR Apache-2.0\r\n"),
        ];
        for (list, lines) in cases {
            assert_eq!(text(&list), format!("#S7Z OK\r\n#now\r\n{lines}"));
        }
    }

    #[test]
    fn an_image_without_a_packet_has_an_empty_one() {
        assert_eq!(xmp_body(Some("<a>é</a>".to_owned())), "<a>é</a>".as_bytes());
        assert_eq!(xmp_body(None), b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>");
    }
}
