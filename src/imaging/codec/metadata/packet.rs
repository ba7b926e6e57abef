//! XMP packets that say the rights in a picture.

use super::rights::Rights;
use super::xml::{Item, Space, Walk};
use super::xmp::rdf;
use super::xmp_rights;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// A packet with the rights and nothing else; `None`: there are none. It has at most 65,502 bytes, as many as a segment of a
/// JPEG file holds.
pub(crate) fn rights_packet(rights: &Rights) -> Option<String> {
    if rights.is_empty() {
        return None;
    }
    let description = description(rights, "");
    // PNG calls for packets that say of themselves that they cannot be changed in their place.
    Some(format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"{RDF}\">{description}</rdf:RDF></x:xmpmeta>\
         <?xpacket end=\"r\"?>"
    ))
}

/// A packet with the rights that it does not say added to it, as a description of their own. A packet without RDF, or with RDF
/// that is too deep for more, stays as it is.
pub(crate) fn with_rights(packet: String, rights: &Rights) -> String {
    added(&packet, rights).unwrap_or(packet)
}

fn added(packet: &str, rights: &Rights) -> Option<String> {
    let lacking = |packet: &str| Some(rights.beside(&xmp_rights::rights(packet))).filter(|lacking| !lacking.is_empty());
    // All descriptions of a packet are about the same.
    let description = description(&lacking(packet)?, about(packet));
    let (before, after) = packet.split_at_checked(rdf(packet)?.inside.end)?;
    let full = [before, &description, after].concat();
    lacking(&full).is_none().then_some(full)
}

/// What the first description of a packet is about, as it is written.
fn about(packet: &str) -> &str {
    let mut walk = Walk::new(packet);
    while let Some(item) = walk.next() {
        if let Item::Open(tag) = item
            && tag.is(Space::Rdf, "Description")
        {
            let about = walk.attributes(&tag).find(|attribute| attribute.is(Space::Rdf, "about"));
            return about.map_or("", |attribute| attribute.raw);
        }
    }
    ""
}

/// A description that declares its own prefixes.
fn description(rights: &Rights, about: &str) -> String {
    let about = about.replace('"', "&quot;");
    let mut text = format!(
        "<rdf:Description xmlns:rdf=\"{RDF}\" rdf:about=\"{about}\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\">"
    );
    if !rights.creators.is_empty() {
        text.push_str("<dc:creator><rdf:Seq>");
        for creator in &rights.creators {
            text.extend(["<rdf:li>", &escaped(creator), "</rdf:li>"]);
        }
        text.push_str("</rdf:Seq></dc:creator>");
    }
    if !rights.copyright.is_empty() {
        let copyright = escaped(&rights.copyright);
        text.extend([
            "<dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">",
            &copyright,
            "</rdf:li></rdf:Alt></dc:rights>",
        ]);
    }
    if !rights.credit.is_empty() {
        text.extend(["<photoshop:Credit>", &escaped(&rights.credit), "</photoshop:Credit>"]);
    }
    text.push_str("</rdf:Description>");
    text
}

/// `&`, `<` and `>` as references.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::codec::read_metadata;

    fn rights(copyright: &str, creators: &[&str], credit: &str) -> Rights {
        let mut rights = Rights::default();
        rights.add_copyright(copyright);
        creators.iter().for_each(|creator| rights.add_creator(creator));
        rights.add_credit(credit);
        rights
    }

    #[test]
    fn packets_say_what_was_read() {
        for all in [
            rights("\u{a9} 2024 A & B <c>]]>", &["Zo\u{eb} \"Q\"", "O'N"], "Agency\nof two lines"),
            rights("c", &[], ""),
            rights("", &["a"], ""),
            rights("", &[], "b"),
        ] {
            let packet = rights_packet(&all).unwrap();
            assert_eq!(xmp_rights::rights(&packet), all, "{packet}");
            assert!(packet.starts_with("<?xpacket begin=\"\u{feff}\"") && packet.ends_with("<?xpacket end=\"r\"?>"));
        }
        assert_eq!(rights_packet(&Rights::default()), None);
    }

    #[test]
    fn the_longest_packet_fits_into_a_segment() {
        for longest in ["&".repeat(5000), "\u{1f600}".repeat(5000)] {
            let packet = rights_packet(&rights(&longest, &[&longest[..]; 20], &longest)).unwrap();
            assert!((49_000..=65_502).contains(&packet.len()), "{}", packet.len());
        }
    }

    #[test]
    fn what_a_packet_lacks_is_added_to_it() {
        let all = rights("c", &["a"], "d");
        let packet = |more: &str| {
            format!(
                "<x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='{RDF}'><r:Description r:about='uuid:\"1' \
                 xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:Credit='own'/>{more}</r:RDF></x:xmpmeta> "
            )
        };
        let added = "<rdf:Description xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" rdf:about=\"uuid:&quot;1\" \
                     xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\">\
                     <dc:creator><rdf:Seq><rdf:li>a</rdf:li></rdf:Seq></dc:creator>\
                     <dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">c</rdf:li></rdf:Alt></dc:rights></rdf:Description>";
        assert_eq!(with_rights(packet(""), &all), packet(added));
        assert_eq!(with_rights(packet(added), &all), packet(added), "nothing is lacking");
        assert_eq!(with_rights("<a/>".to_owned(), &all), "<a/>");
    }

    #[test]
    fn rights_of_no_file_are_none() {
        assert!(read_metadata(b"", 1000).rights.is_empty());
    }
}
