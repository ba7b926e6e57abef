//! XML as XMP packets hold it: tags with their name spaces, texts, and where each of them stands in the packet.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::unescape_with;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

/// How deep elements may be nested. A packet of XMP has about ten levels.
const MAX_DEPTH: usize = 128;
/// The most prefixes in scope at a time: a name is looked for among them.
const MAX_BINDINGS: usize = 256;

/// The name spaces that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// Dublin Core.
    Dc,
    /// Of the element around the RDF.
    Meta,
    /// The note that a packet has an extension.
    Note,
    Photoshop,
    Rdf,
    /// The properties of TIFF.
    Tiff,
    /// The prefix `xml`, which is declared nowhere.
    Xml,
    /// Any other, or none.
    Other,
}

impl Space {
    pub(super) fn of(uri: &str) -> Self {
        match uri {
            "http://purl.org/dc/elements/1.1/" => Self::Dc,
            "adobe:ns:meta/" => Self::Meta,
            "http://ns.adobe.com/xmp/note/" => Self::Note,
            "http://ns.adobe.com/photoshop/1.0/" => Self::Photoshop,
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#" => Self::Rdf,
            "http://ns.adobe.com/tiff/1.0/" => Self::Tiff,
            _ => Self::Other,
        }
    }
}

/// A part of a packet.
pub(super) enum Item<'p> {
    /// A start tag.
    Open(Tag<'p>),
    /// Where the end tag stands: nowhere, but behind its start tag, if the element is one tag.
    Close(Range<usize>),
    /// Text, whose references are replaced by what they stand for.
    Text(Cow<'p, str>),
}

/// A start tag.
pub(super) struct Tag<'p> {
    pub(super) space: Space,
    /// The name without its prefix.
    pub(super) local: &'p str,
    pub(super) at: Range<usize>,
    /// What stands between its angle brackets, and how long the name is.
    content: (&'p str, usize),
}

impl Tag<'_> {
    /// The tag has this name.
    pub(super) fn is(&self, space: Space, local: &str) -> bool {
        self.space == space && self.local == local
    }
}

/// An attribute that declares no prefix.
pub(super) struct Attribute<'p> {
    pub(super) space: Space,
    /// The name without its prefix.
    pub(super) local: &'p str,
    /// Where the attribute stands, from its name to its second quotation mark.
    pub(super) at: Range<usize>,
    /// Where its value stands.
    pub(super) value_at: Range<usize>,
    /// The value as it is written.
    pub(super) raw: &'p str,
}

impl<'p> Attribute<'p> {
    /// The attribute has this name.
    pub(super) fn is(&self, space: Space, local: &str) -> bool {
        self.space == space && self.local == local
    }

    /// The value; `None`: it holds a reference to an entity that XML does not define.
    pub(super) fn value(&self) -> Option<Cow<'p, str>> {
        unescape_with(self.raw, entity).ok()
    }
}

/// What a prefix stands for, inside an element and below.
struct Binding<'p> {
    depth: usize,
    /// Empty: the default name space.
    prefix: &'p str,
    uri: Cow<'p, str>,
    space: Space,
}

/// Goes through a packet.
pub(super) struct Walk<'p> {
    packet: &'p str,
    reader: Reader<&'p [u8]>,
    /// Bytes of the packet before those that are read.
    before: usize,
    bindings: Vec<Binding<'p>>,
    depth: usize,
    /// An element of one tag has been opened, which ends here.
    unclosed: Option<usize>,
    /// An element has been closed; its prefixes are forgotten at the next step.
    closing: bool,
    ended: bool,
}

impl<'p> Walk<'p> {
    pub(super) fn new(packet: &'p str) -> Self {
        // The reader leaves a byte order mark out without counting it.
        let text = packet.trim_start_matches('\u{feff}');
        let (reader, before) = (Reader::from_str(text), packet.len() - text.len());
        Self { packet, reader, before, bindings: Vec::new(), depth: 0, unclosed: None, closing: false, ended: false }
    }

    /// The next part; `None` at the end, and for good where the XML is damaged or too deep.
    pub(super) fn next(&mut self) -> Option<Item<'p>> {
        let item = if self.ended { None } else { self.step() };
        self.ended = item.is_none();
        item
    }

    /// How many elements are open; one that was closed in the last step counts.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// Prefixes in scope with the name spaces that they stand for; those of the element that was closed in the last step count.
    pub(super) fn scope(&self) -> Vec<(&'p str, Cow<'p, str>)> {
        let hidden = |at: usize, prefix| self.bindings.iter().skip(at + 1).any(|other| other.prefix == prefix);
        let visible = self.bindings.iter().enumerate().filter(|(at, binding)| !hidden(*at, binding.prefix));
        visible.map(|(_, binding)| (binding.prefix, binding.uri.clone())).collect()
    }

    /// The attributes of the tag that was opened in the last step.
    pub(super) fn attributes(&self, tag: &Tag<'p>) -> impl Iterator<Item = Attribute<'p>> {
        let attributes = raw_attributes(tag.content).map_while(std::convert::identity);
        attributes.filter(|(name, _)| declared(name).is_none()).filter_map(|(name, raw)| {
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            // Names without a prefix are in no name space.
            let space = if prefix.is_empty() { Space::Other } else { self.space(prefix) };
            let (name_at, value_at) = (place(self.packet, name)?, place(self.packet, raw)?);
            Some(Attribute { space, local, at: name_at.start..value_at.end + 1, value_at, raw })
        })
    }

    fn step(&mut self) -> Option<Item<'p>> {
        if self.closing {
            self.closing = false;
            self.bindings.truncate(self.bindings.partition_point(|binding| binding.depth < self.depth));
            self.depth -= 1;
        }
        if let Some(end) = self.unclosed.take() {
            self.closing = true;
            return Some(Item::Close(end..end));
        }
        loop {
            let start = self.position()?;
            let event = self.reader.read_event().ok()?;
            let at = start..self.position()?;
            let packet = self.packet;
            let text = |before: usize, behind: usize| packet.get(at.start + before..at.end.checked_sub(behind)?);
            return match event {
                Event::Start(_) => self.opened(at, 1),
                Event::Empty(_) => {
                    self.unclosed = Some(at.end);
                    self.opened(at, 2)
                }
                Event::End(_) => {
                    // The reader refuses end tags of what is not open.
                    self.closing = self.depth > 0;
                    self.closing.then_some(Item::Close(at))
                }
                Event::Text(_) => Some(Item::Text(Cow::Borrowed(text(0, 0)?))),
                Event::CData(_) => Some(Item::Text(Cow::Borrowed(text("<![CDATA[".len(), "]]>".len())?))),
                Event::GeneralRef(reference) => Some(Item::Text(Cow::Owned(referred(&reference)?))),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
                Event::Eof => None,
            };
        }
    }

    fn position(&self) -> Option<usize> {
        usize::try_from(self.reader.buffer_position()).ok()?.checked_add(self.before)
    }

    /// A start tag, whose last `end` bytes are its end.
    fn opened(&mut self, at: Range<usize>, end: usize) -> Option<Item<'p>> {
        let packet = self.packet;
        let content = packet.get(at.start.checked_add(1)?..at.end.checked_sub(end)?)?;
        // No tag and no value of an attribute has one in it.
        if content.contains('<') || self.depth == MAX_DEPTH {
            return None;
        }
        let name = content.split([' ', '\t', '\r', '\n']).next().filter(|name| !name.is_empty())?;
        self.depth += 1;
        for attribute in raw_attributes((content, name.len())) {
            let (name, raw) = attribute?;
            let Some(prefix) = declared(name) else { continue };
            if self.bindings.len() == MAX_BINDINGS {
                return None;
            }
            let uri = unescape_with(raw, entity).ok()?;
            self.bindings.push(Binding { depth: self.depth, prefix, space: Space::of(&uri), uri });
        }
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        Some(Item::Open(Tag { space: self.space(prefix), local, at, content: (content, name.len()) }))
    }

    fn space(&self, prefix: &str) -> Space {
        if prefix == "xml" {
            return Space::Xml;
        }
        self.bindings.iter().rev().find(|binding| binding.prefix == prefix).map_or(Space::Other, |found| found.space)
    }
}

/// Names and values of the attributes in a tag; `None` in the place of one that is damaged.
fn raw_attributes((content, name): (&str, usize)) -> impl Iterator<Item = Option<(&str, &str)>> {
    let mut attributes = Attributes::new(content, name);
    // A name that comes twice is of no consequence.
    attributes.with_checks(false);
    attributes.map(|attribute| {
        let attribute = attribute.ok()?;
        let name = attribute.key.into_inner();
        match attribute.value {
            Cow::Borrowed(value) if !name.is_empty() => Some((name, value)),
            Cow::Borrowed(_) | Cow::Owned(_) => None,
        }
    })
}

/// The prefix that an attribute of this name declares; empty: it declares the default name space.
fn declared(name: &str) -> Option<&str> {
    if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") }
}

/// The text that a reference stands for, which stands between `&` and `;`.
fn referred(reference: &str) -> Option<String> {
    let whole = format!("&{reference};");
    unescape_with(&whole, entity).ok().map(Cow::into_owned)
}

/// The entities that XML defines. Those of the crate are others if a crate of the host asks for HTML.
fn entity(name: &str) -> Option<&'static str> {
    Some(match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => return None,
    })
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let at = start..start.checked_add(part.len())?;
    (text.get(at.clone())? == part).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that a walk finds, one part a line.
    fn told(packet: &str) -> Vec<String> {
        let mut walk = Walk::new(packet);
        let mut told = vec![];
        while let Some(item) = walk.next() {
            told.push(match item {
                Item::Open(tag) => {
                    let mut line = format!("{:?}:{} {:?}", tag.space, tag.local, &packet[tag.at.clone()]);
                    for attribute in walk.attributes(&tag) {
                        assert_eq!(&packet[attribute.value_at.clone()], attribute.raw);
                        let (space, local) = (attribute.space, attribute.local);
                        line += &format!(" {space:?}:{local}={:?} {:?}", attribute.value(), &packet[attribute.at]);
                    }
                    line
                }
                Item::Close(at) => format!("/ {:?}", &packet[at]),
                Item::Text(text) => format!("{text:?}"),
            });
        }
        told
    }

    #[test]
    fn names_are_resolved_by_the_declarations_in_scope() {
        let packet = "\u{feff}<?xpacket?><!DOCTYPE a [<!ENTITY e \"x\">]><a xmlns:t='http://ns.adobe.com/tiff&#x2f;1.0/' t:b = \"1&amp;\" c='2'>\
                      <t:d xmlns:t=\"adobe:ns:meta/\" t:e=''/><t:f xml:lang='é'>é&lt;&#65;<![CDATA[<&]]></t:f>\
                      <g xmlns='http://purl.org/dc/elements/1.1/' h='3'/></a >";
        let expected = [
            r##"Other:a "<a xmlns:t='http://ns.adobe.com/tiff&#x2f;1.0/' t:b = \"1&amp;\" c='2'>" Tiff:b=Some("1&") "t:b = \"1&amp;\"" Other:c=Some("2") "c='2'""##,
            r##"Meta:d "<t:d xmlns:t=\"adobe:ns:meta/\" t:e=''/>" Meta:e=Some("") "t:e=''""##,
            r#"/ """#,
            r##"Tiff:f "<t:f xml:lang='é'>" Xml:lang=Some("é") "xml:lang='é'""##,
            r#""é""#,
            r#""<""#,
            r#""A""#,
            r#""<&""#,
            r#"/ "</t:f>""#,
            r##"Dc:g "<g xmlns='http://purl.org/dc/elements/1.1/' h='3'/>" Other:h=Some("3") "h='3'""##,
            r#"/ """#,
            r#"/ "</a >""#,
        ];
        assert_eq!(told(packet), expected);
    }

    #[test]
    fn nothing_is_read_behind_damage() {
        for damaged in [
            "</b>",
            "<b c=d>",
            "<b c>",
            "<b ='d'>",
            "<b c='<'>",
            "<b><",
            "< b>",
            "&e;",
            "&lt",
            "<!--",
            "</a",
            "<>",
            "<b xmlns:c='&e;'>",
        ] {
            let found = told(&format!("<a>{damaged}<f/></a>"));
            assert!(!found.iter().any(|line| line.starts_with("Other:f")), "{damaged}: {found:?}");
            assert_eq!(found[0], "Other:a \"<a>\"", "{damaged}");
        }
    }

    #[test]
    fn depth_and_prefixes_are_bounded() {
        let deep = |depth: usize| ["<a>".repeat(depth), "</a>".repeat(depth)].concat();
        assert_eq!(told(&deep(128)).len(), 256);
        assert_eq!(told(&deep(129)).len(), 128);
        let bound = |count: usize| {
            let declarations: String = (0..count).map(|i| format!(" xmlns:a{i}=''")).collect();
            told(&format!("<a{declarations}/><b{declarations}/>")).len()
        };
        assert_eq!([bound(256), bound(257)], [4, 0]);
    }
}
