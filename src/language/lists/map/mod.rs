//! `req=map`: image maps, as a record holds them or moved along with the picture (`responses.md` §4.3).
//!
//! Only text and numbers: how a layer's pixels come to lie in the reply is the caller's to say, as a [`PointMap`].

mod area;
mod clip;
mod parse;
mod point;
mod shape;

use crate::base::error::{Error, ErrorKind};
use crate::base::geom::Size;
use crate::language::request::{ReplyFormat, TextEncoding};

use super::Style;
use super::field::MAX_WARNINGS;
use super::property::Properties;
use super::xml;

use area::Area;
use shape::{Outcome, transformed};

pub(crate) use point::{Bounds, MapPoint, PointMap};

/// The areas that one layer contributes.
#[derive(Clone, Copy)]
pub(crate) struct MapLayer<'a> {
    /// `AREA` elements, front to back; text between them is ignored.
    pub(crate) areas: &'a str,
    /// From the areas' own pixels to those of the reply.
    pub(crate) map: &'a dyn PointMap,
    /// The layer's rectangle in the reply, which the areas are clipped to.
    pub(crate) rect: Bounds,
}

/// An image map, and what the log should hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Map<'a> {
    /// A field that is delivered as it stands.
    verbatim: Option<&'a str>,
    areas: Vec<Area<'a>>,
    /// Areas that had to be left out.
    pub(crate) warnings: Vec<Error>,
}

impl<'a> Map<'a> {
    /// The map of a plain record: not moved, not clipped, as it stands.
    pub(crate) fn verbatim(field: &'a str) -> Self {
        Self { verbatim: Some(field), areas: parse::areas(field), warnings: Vec::new() }
    }

    /// The map of a composite: its layers from the highest to the lowest, then what is attached to the composite.
    pub(crate) fn composite(layers: &[MapLayer<'a>], reply: Size) -> Self {
        let mut map = Self { verbatim: None, areas: Vec::new(), warnings: Vec::new() };
        for layer in layers {
            map.add(layer, Bounds::of(reply).intersection(layer.rect));
        }
        map
    }

    fn add(&mut self, layer: &MapLayer<'a>, clip: Option<Bounds>) {
        let Some(clip) = clip else { return };
        for area in parse::areas(layer.areas) {
            match transformed(area.shape(), area.coords(), layer.map, clip) {
                Outcome::Same => self.areas.push(area),
                Outcome::Changed(drawn) => self.areas.push(area.with(drawn)),
                Outcome::Gone => {}
                Outcome::Unsupported(reason) => self.warn(reason, area.source),
            }
        }
    }

    fn warn(&mut self, reason: &'static str, area: &str) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(Error::new(ErrorKind::Catalog, reason).at(area));
        }
    }

    /// The body of the reply. A map without areas is an empty text, an empty element or an empty string.
    pub(crate) fn body(&self, style: &Style) -> Vec<u8> {
        match style {
            Style::List { format: ReplyFormat::Xml(encoding), .. } => self.xml(*encoding),
            Style::List { format: ReplyFormat::Javascript | ReplyFormat::Json, .. } => {
                Properties::one("map", self.text()).body(style, "")
            }
            _ => self.text().into_bytes(),
        }
    }

    fn text(&self) -> String {
        let mut text = self.verbatim.unwrap_or("").to_owned();
        if self.verbatim.is_none() {
            self.areas.iter().for_each(|area| area.put_text(&mut text));
        }
        text
    }

    fn xml(&self, encoding: TextEncoding) -> Vec<u8> {
        let mut text = xml::declaration(encoding);
        text.push_str("<map>");
        if self.areas.is_empty() {
            text.push_str("<area/>");
        }
        self.areas.iter().for_each(|area| area.put_xml(&mut text));
        text.push_str("</map>\r\n");
        xml::encode(&text, encoding)
    }
}

#[cfg(test)]
mod tests;
