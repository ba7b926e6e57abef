//! The rights that an XMP packet says: `dc:rights`, `dc:creator` and `photoshop:Credit`.

use super::rights::{MAX_CHARS, MAX_CREATORS, Rights};
use super::xml::{Item, Space, Tag, Walk};

/// What a packet says, as far as it is sound.
pub(super) fn rights(packet: &str) -> Rights {
    let mut reading = Reading::default();
    let mut walk = Walk::new(packet);
    while let Some(item) = walk.next() {
        match item {
            Item::Open(tag) => reading.open(&tag, &walk),
            Item::Text(text) => reading.text(&text),
            Item::Close(_) => reading.close(),
        }
    }
    reading.rights
}

/// The part that an element of a packet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `rdf:RDF`.
    Rdf,
    /// A description of the picture.
    Node,
    /// A property that is read.
    Property(Property),
    /// Its list of values.
    List(Property),
    /// One of them; the flag: it is in no particular language, and the one to be read.
    Item(Property, bool),
    /// The value of something that is said of in more than one way.
    Value,
    /// Nothing that is read.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Copyright,
    Creator,
    Credit,
}

impl Property {
    fn named(space: Space, local: &str) -> Option<Self> {
        match (space, local) {
            (Space::Dc, "rights") => Some(Self::Copyright),
            (Space::Dc, "creator") => Some(Self::Creator),
            (Space::Photoshop, "Credit") => Some(Self::Credit),
            _ => None,
        }
    }
}

/// Reads the properties off a packet.
#[derive(Default)]
struct Reading {
    rights: Rights,
    /// The parts of the open elements. The walk bounds their depth.
    open: Vec<Part>,
    /// The text of the innermost value.
    text: String,
    /// The values of the innermost property.
    values: Vec<String>,
    /// The first of them is the one to be read.
    settled: bool,
}

impl Reading {
    fn open(&mut self, tag: &Tag<'_>, walk: &Walk<'_>) {
        let rdf = |local: &str| tag.is(Space::Rdf, local);
        let part = match self.open.last() {
            Some(Part::Rdf) => Part::Node,
            Some(Part::Node) => Property::named(tag.space, tag.local).map_or(Part::Other, Part::Property),
            Some(&Part::Property(property)) if rdf("Seq") || rdf("Bag") || rdf("Alt") => Part::List(property),
            Some(&Part::List(property)) if rdf("li") => {
                let language = walk.attributes(tag).find(|attribute| attribute.is(Space::Xml, "lang"));
                Part::Item(property, language.is_none_or(|language| language.raw == "x-default"))
            }
            Some(Part::Property(_) | Part::Item(..)) if rdf("value") => Part::Value,
            None | Some(Part::Other) if rdf("RDF") && !self.open.contains(&Part::Rdf) => Part::Rdf,
            _ => Part::Other,
        };
        match part {
            Part::Node => {
                for attribute in walk.attributes(tag) {
                    let Some(property) = Property::named(attribute.space, attribute.local) else { continue };
                    if let Some(value) = attribute.value() {
                        self.say(property, &[value.into_owned()]);
                    }
                }
            }
            Part::Property(_) => {
                self.values.clear();
                self.settled = false;
                self.text.clear();
            }
            Part::Item(..) => self.text.clear(),
            _ => {}
        }
        self.open.push(part);
    }

    fn text(&mut self, text: &str) {
        // What is cut off later may be left out at once; blanks and NULs around it are few.
        let is_value = matches!(self.open.last(), Some(Part::Property(_) | Part::Item(..) | Part::Value));
        if is_value && self.text.len() < 16 * MAX_CHARS {
            self.text.push_str(text);
        }
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Part::Item(property, by_default)) => {
                let text = std::mem::take(&mut self.text);
                let is_creator = property == Property::Creator;
                if is_creator || self.values.is_empty() {
                    if self.values.len() < MAX_CREATORS {
                        self.values.push(text);
                    }
                } else if by_default && !self.settled {
                    // Others are in particular languages.
                    self.values = vec![text];
                }
                self.settled |= by_default;
            }
            Some(Part::Property(property)) => {
                let mut values = std::mem::take(&mut self.values);
                if values.is_empty() {
                    values.push(std::mem::take(&mut self.text));
                }
                self.say(property, &values);
            }
            _ => {}
        }
    }

    /// What a property says first counts.
    fn say(&mut self, property: Property, values: &[String]) {
        let rights = &mut self.rights;
        match property {
            Property::Copyright => values.iter().for_each(|value| rights.add_copyright(value)),
            Property::Credit => values.iter().for_each(|value| rights.add_credit(value)),
            Property::Creator if rights.creators.is_empty() => {
                values.iter().for_each(|value| rights.add_creator(value));
            }
            Property::Creator => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
                        xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'>";

    fn told(description: &str) -> (String, Vec<String>, String) {
        let Rights { copyright, creators, credit } = rights(&format!("{OPEN}{description}</rdf:RDF></x:xmpmeta>"));
        (copyright, creators, credit)
    }

    fn said(copyright: &str, creators: &[&str], credit: &str) -> (String, Vec<String>, String) {
        (copyright.to_owned(), creators.iter().map(|&creator| creator.to_owned()).collect(), credit.to_owned())
    }

    #[test]
    fn lists_and_plain_properties_are_read() {
        let all = "<rdf:Description rdf:about=''>
            <dc:creator><rdf:Seq><rdf:li>A &amp; B</rdf:li>\n<rdf:li> <![CDATA[<C>]]> </rdf:li></rdf:Seq></dc:creator>
            <dc:rights><rdf:Alt><rdf:li xml:lang='de'>deutsch</rdf:li><rdf:li xml:lang='x-default'>&#169; 2024</rdf:li></rdf:Alt></dc:rights>
            <photoshop:Credit>Agency</photoshop:Credit></rdf:Description>";
        assert_eq!(told(all), said("\u{a9} 2024", &["A & B", "<C>"], "Agency"));
        let short = "<rdf:Description photoshop:Credit='Ag&#x65;ncy' dc:rights=\"(c)\"><dc:creator>A</dc:creator></rdf:Description>";
        assert_eq!(told(short), said("(c)", &["A"], "Agency"));
        let first = "<rdf:Description><dc:rights><rdf:Alt><rdf:li xml:lang='de'>d</rdf:li><rdf:li xml:lang='fr'>f</rdf:li></rdf:Alt></dc:rights>
            <dc:creator><rdf:Bag><rdf:li/><rdf:li><rdf:value>A</rdf:value><x>role</x></rdf:li></rdf:Bag></dc:creator></rdf:Description>";
        assert_eq!(told(first), said("d", &["A"], ""));
    }

    #[test]
    fn other_name_spaces_and_places_say_nothing() {
        for nothing in [
            "<rdf:Description xmlns:dc='other' dc:rights='c'><dc:creator>A</dc:creator></rdf:Description>",
            "<rdf:Description rights='c'/>",
            "<rdf:Description><dc:title><dc:rights>c</dc:rights></dc:title></rdf:Description>",
            "<rdf:Description><dc:title><rdf:RDF><rdf:Description dc:rights='c'/></rdf:RDF></dc:title></rdf:Description>",
            "<rdf:Description><dc:relation><rdf:Description dc:rights='of another picture'/></dc:relation></rdf:Description>",
            "<rdf:Description dc:rights='&e;'/>",
            "<rdf:Description dc:rights=' '><photoshop:Credit/></rdf:Description>",
            "</rdf:RDF><rdf:Description dc:rights='c'/><rdf:RDF>",
        ] {
            assert_eq!(told(nothing), said("", &[], ""), "{nothing}");
        }
    }

    #[test]
    fn what_comes_first_counts_and_damage_ends_it() {
        let twice =
            "<rdf:Description dc:rights='1' photoshop:Credit=''/><rdf:Description dc:rights='2' photoshop:Credit='3'/>";
        assert_eq!(told(twice), said("1", &[], "3"));
        assert_eq!(told(&format!("<rdf:Description dc:rights='1'/><a b=c>{twice}")), said("1", &[], ""));
    }

    #[test]
    fn texts_and_creators_are_bounded() {
        let long = "x\n".repeat(40_000);
        let many = format!("<rdf:li>{long}</rdf:li>").repeat(30);
        let (copyright, creators, credit) = told(&format!(
            "<rdf:Description photoshop:Credit='{long}'><dc:rights>{long}</dc:rights><dc:creator><rdf:Seq>{many}</rdf:Seq></dc:creator></rdf:Description>"
        ));
        assert_eq!([copyright.len(), credit.len(), creators.len()], [1023, 1023, 10]);
        assert!(creators.iter().all(|creator| *creator == copyright));
    }
}
