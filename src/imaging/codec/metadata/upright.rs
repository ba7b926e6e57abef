//! Orientation in XMP: it must not be carried over once it has been applied to the pixels.

use std::ops::Range;

use super::xml::{Item, Space, Walk};

/// The packet with every `tiff:Orientation`, attribute or element, set to 1, whatever prefix the name space has. Behind the
/// place where a packet is damaged it stays as it is.
pub(crate) fn upright_xmp(packet: &str) -> String {
    let mut walk = Walk::new(packet);
    let mut places = Places::default();
    while let Some(item) = walk.next() {
        match item {
            Item::Open(tag) => {
                places.open(walk.depth(), tag.at.end, |inside| {
                    tag.is(Space::Tiff, ORIENTATION) || inside && tag.is(Space::Rdf, "value")
                });
                for attribute in walk.attributes(&tag) {
                    let qualified = places.is_inside() && attribute.is(Space::Rdf, "value");
                    if attribute.is(Space::Tiff, ORIENTATION) || qualified {
                        places.found.push(attribute.value_at);
                    }
                }
            }
            Item::Close(at) => places.close(walk.depth(), at.start),
            Item::Text(_) => {}
        }
    }
    let mut out = String::with_capacity(packet.len());
    let mut done = 0;
    for Range { start, end } in places.found {
        if let Some(before) = packet.get(done..start).filter(|_| start < end) {
            out.push_str(before);
            out.push('1');
            done = end;
        }
    }
    out.push_str(packet.get(done..).unwrap_or(""));
    out
}

const ORIENTATION: &str = "Orientation";

/// Where orientations stand.
#[derive(Default)]
struct Places {
    found: Vec<Range<usize>>,
    /// The depth of the outermost element that says an orientation.
    outermost: Option<usize>,
    /// The innermost element that may say one, and in which no other has been opened: its depth, and where its text begins.
    plain: Option<(usize, usize)>,
}

impl Places {
    const fn is_inside(&self) -> bool {
        self.outermost.is_some()
    }

    /// Opens an element. `says`: it says an orientation, inside of one that does or not.
    fn open(&mut self, depth: usize, end: usize, says: impl FnOnce(bool) -> bool) {
        let says = says(self.is_inside());
        self.plain = says.then_some((depth, end));
        if says {
            self.outermost.get_or_insert(depth);
        }
    }

    fn close(&mut self, depth: usize, start: usize) {
        if let Some((_, end)) = self.plain.take_if(|(plain, _)| *plain == depth) {
            self.found.push(end..start);
        }
        self.outermost.take_if(|outermost| *outermost == depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPEN: &str =
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"><rdf:Description";

    #[test]
    fn attributes_and_elements_become_upright() {
        let cases = [
            (" tiff:Orientation=\"6\" a=\"6\"/>", " tiff:Orientation=\"1\" a=\"6\"/>"),
            ("\n tiff:Orientation = '8'>", "\n tiff:Orientation = '1'>"),
            ("><tiff:Orientation>6</tiff:Orientation>", "><tiff:Orientation>1</tiff:Orientation>"),
            ("><tiff:Orientation a=\"b\">6</tiff:Orientation>", "><tiff:Orientation a=\"b\">1</tiff:Orientation>"),
            (
                " tiff:Orientation=\"6\"/><z tiff:Orientation=\"3\"/>",
                " tiff:Orientation=\"1\"/><z tiff:Orientation=\"1\"/>",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(upright_xmp(&format!("{OPEN}{before}")), format!("{OPEN}{after}"));
        }
    }

    #[test]
    fn the_name_space_counts_and_not_the_prefix() {
        let packets: [fn(u8) -> String; 6] = [
            |value| format!("<d xmlns:t = 'http://ns.adobe.com/tiff/1.0/' t:Orientation='{value}'/>"),
            |value| {
                format!("<d xmlns:t='http://ns.adobe.com/tif&#102;/1.0/'><t:Orientation>{value}</t:Orientation ></d>")
            },
            |value| format!("<Orientation xmlns='http://ns.adobe.com/tiff/1.0/'>{value}</Orientation>"),
            |value| {
                format!(
                    "<d xmlns:tiff='other' tiff:Orientation='6'><e xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='{value}'/></d>"
                )
            },
            |value| {
                format!(
                    "<d xmlns:a='http://ns.adobe.com/tiff/1.0/' xmlns:b='http://ns.adobe.com/tiff/1.0/'><e a:Orientation='{value}'/><b:Orientation>{value}</b:Orientation></d>"
                )
            },
            |value| {
                format!(
                    "<d xmlns:tiff='http://ns.adobe.com/tiff/1.0/'><!-- tiff:Orientation='6' --><e a=\" tiff:Orientation='6'\" tiff:Orientation='{value}'/></d>"
                )
            },
        ];
        for packet in packets {
            assert_eq!(upright_xmp(&packet(5)), packet(1));
        }
    }

    #[test]
    fn a_value_may_have_references_and_qualifiers() {
        let open = format!("{OPEN} xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"");
        let cases = [
            (" tiff:Orientation='&#54;'/>", " tiff:Orientation='1'/>"),
            ("><tiff:Orientation>&#x36;<!-- left --></tiff:Orientation>", "><tiff:Orientation>1</tiff:Orientation>"),
            ("><tiff:Orientation r:value='6'/>", "><tiff:Orientation r:value='1'/>"),
            (
                "><tiff:Orientation><r:Description><r:value>6</r:value><r:x>6</r:x></r:Description></tiff:Orientation>",
                "><tiff:Orientation><r:Description><r:value>1</r:value><r:x>6</r:x></r:Description></tiff:Orientation>",
            ),
            ("><tiff:Make><r:value>6</r:value></tiff:Make>", "><tiff:Make><r:value>6</r:value></tiff:Make>"),
        ];
        for (before, after) in cases {
            assert_eq!(upright_xmp(&format!("{open}{before}")), format!("{open}{after}"));
        }
    }

    #[test]
    fn behind_damage_a_packet_stays_as_it_is() {
        for damage in ["<b c=d/>", "</c>", "&e;", "&", "<!-- tiff:Orientation='6' "] {
            let packet = |value: u8| {
                format!(
                    "{OPEN} tiff:Orientation='{value}'>{damage}<tiff:Orientation>6</tiff:Orientation></rdf:Description>"
                )
            };
            assert_eq!(upright_xmp(&packet(6)), packet(1), "{damage}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for rest in [
            "/>",
            " tiff:OrientationX=\"6\"/>",
            "><tiff:OrientationX>6</tiff:OrientationX>",
            " exif:Orientation=\"6\"/>",
            " tiff:Orientation",
            " tiff:Orientation=\"6",
            "><tiff:Orientation/><b>6</b>",
            "><tiff:Orientation>6",
            " tiff:Orientation=\"6>< a='\"",
            "><tiff:Orientation tiff:Orientation=6>6</tiff:Orientation>",
            "> the words tiff:Orientation and é",
        ] {
            assert_eq!(upright_xmp(&format!("{OPEN}{rest}")), format!("{OPEN}{rest}"));
        }
        let undeclared = "<d tiff:Orientation=\"6\"/>";
        assert_eq!(upright_xmp(undeclared), undeclared);
    }

    #[test]
    fn packets_full_of_names_take_no_longer() {
        for unit in ["<tiff:Orientation ", " tiff:Orientation=", "=\"http://ns.adobe.com/tiff/1.0/"] {
            let packet = format!("{OPEN}{}", unit.repeat(100_000));
            assert_eq!(upright_xmp(&packet), packet);
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "(\\PC|[ <>=\"']|tiff:Orientation|xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"){0,40}") {
            let once = upright_xmp(&text);
            prop_assert_eq!(upright_xmp(&once), once);
        }
    }
}
