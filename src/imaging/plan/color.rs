//! Which colours are converted, from which space to which, and where (`layers.md` §9).
//!
//! One layer is converted after the operations on the composite, before it is laid on the background. A layer of several, one
//! that a colour is filled under, inks, and samples of 16 bits on which nothing operates are converted by themselves, after the
//! operations on the layer. Neither depends on the part that is delivered, so tiles join. A reply in gray or inks with a
//! profile is made of the finished picture.

use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::pixel::color::{Color, Ink};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::space::{BuiltIn, Channels, Intent, ProfileFacts, Space, Stated};
use crate::imaging::scene::{Content, InputId, Layer, OutputSpace, PixelType, ProfileId, ProfileRef, Scene};

use super::geometry::Headers;

/// A colour space by what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpaceRef {
    BuiltIn(BuiltIn),
    /// What a file states, of gray or RGB.
    Stated(Stated, Channels),
    /// The profile in a picture file.
    Embedded(InputId),
    /// A profile of the list.
    File(ProfileId),
}

/// A conversion of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conversion {
    pub(crate) from: SpaceRef,
    pub(crate) to: SpaceRef,
    /// The components of `from`. A picture that has others by now has left the space, and is not converted.
    pub(crate) channels: Channels,
    /// The components of `to`.
    pub(crate) to_channels: Channels,
    pub(crate) intent: Intent,
    pub(crate) black_point: bool,
}

impl Conversion {
    /// The picture files whose profiles it takes, of which nothing else may be read.
    pub(super) fn files(&self) -> impl Iterator<Item = InputId> + use<> {
        [self.from, self.to].into_iter().filter_map(|space| match space {
            SpaceRef::Embedded(input) => Some(input),
            SpaceRef::BuiltIn(_) | SpaceRef::Stated(..) | SpaceRef::File(_) => None,
        })
    }
}

/// The conversions of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Colors {
    /// Of each layer, after its operations; inks are converted before them.
    pub(super) layers: Vec<Option<Conversion>>,
    /// Of the colours that are filled under each layer: its `color`, and its `bgColor`.
    pub(super) fills: Vec<[Option<Conversion>; 2]>,
    /// Of the composite, after its operations.
    pub(super) composite: Option<Conversion>,
    /// From the finished picture to the pixel type of the reply.
    pub(super) reply: Option<Conversion>,
    /// The pixel type of the reply.
    pub(super) pixels: PixelType,
    /// The space of the reply; `None`: it is not known.
    pub(super) space: Option<SpaceRef>,
}

/// Decides the conversions of a scene.
///
/// # Errors
///
/// The format of the reply cannot hold the components of the profile that is named.
pub(super) fn colors(scene: &Scene, headers: Headers<'_>, profiles: &[Option<ProfileFacts>]) -> Result<Colors> {
    Chooser { scene, headers, profiles }.colors()
}

struct Chooser<'a> {
    scene: &'a Scene,
    headers: Headers<'a>,
    profiles: &'a [Option<ProfileFacts>],
}

impl Chooser<'_> {
    fn colors(&self) -> Result<Colors> {
        let scene = self.scene;
        let pixels = self.pixels()?;
        let none = vec![None; scene.layers.len()];
        if scene.output.mask {
            let fills = vec![[None; 2]; scene.layers.len()];
            return Ok(Colors { layers: none, fills, composite: None, reply: None, pixels, space: None });
        }
        let space = self.output(pixels);
        let target = space.map(|space| self.plain(space));
        let is_rgb = |space: &SpaceRef| self.channels(*space) == Some(Channels::Rgb);
        // Gray with the curve of sRGB is made of sRGB by the weights of brightness alone, as without profiles.
        let last = target.filter(|space| !is_rgb(space) && *space != SpaceRef::BuiltIn(BuiltIn::GraySrgb));
        let srgb = scene.colors.managed.then_some(SpaceRef::BuiltIn(BuiltIn::Srgb));
        let working = target.filter(is_rgb).or(srgb);
        let first = scene.layers.first().and_then(|layer| self.of_layer(layer));
        let by_layer = |to: Option<SpaceRef>| {
            let of = |layer: &Layer| self.conversion(self.of_layer(layer)?, to?);
            scene.layers.iter().map(of).collect::<Vec<_>>()
        };
        // Gray is laid on a background of any colour as RGB.
        let is_gray = |space: SpaceRef| self.channels(space) == Some(Channels::Gray);
        let is_direct = |to: SpaceRef| first.is_none_or(|first| !is_gray(first) || is_gray(to));
        let whole = self.is_converted_whole() && last.map_or(!self.is_deep(), is_direct);
        let (layers, composite, reply) = match (whole, last) {
            (true, None) => (none, first.zip(working).and_then(|(from, to)| self.conversion(from, to)), None),
            (true, Some(to)) => (none, None, first.and_then(|from| self.conversion(from, to))),
            (false, None) => (by_layer(working), None, None),
            (false, Some(to)) => {
                let srgb = SpaceRef::BuiltIn(BuiltIn::Srgb);
                let layers = by_layer(Some(srgb));
                let known = scene.layers.iter().any(|layer| self.of_layer(layer).is_some());
                (layers, None, known.then(|| self.conversion(srgb, to)).flatten())
            }
        };
        // Colours are filled under layers that are converted already.
        let merged = if last.is_some() { Some(SpaceRef::BuiltIn(BuiltIn::Srgb)) } else { working };
        let fill = |color: Option<Color>| self.conversion(self.of_color(color?, space)?, merged?);
        let fills = scene.layers.iter().map(|layer| [fill(layer.color), fill(layer.bg_color)]).collect();
        Ok(Colors { layers, fills, composite, reply, pixels, space })
    }

    /// The pixel type of the reply.
    fn pixels(&self) -> Result<PixelType> {
        let OutputSpace::Named(profile) = self.scene.colors.output else { return Ok(self.scene.output.pixels) };
        let pixels = self.channels(reference(profile)).map_or(self.scene.output.pixels, PixelType::of);
        if self.scene.output.format.holds(pixels) {
            Ok(pixels)
        } else {
            Err(Error::new(ErrorKind::Limit, "is a profile for pixels that the format of the reply cannot hold")
                .at("icc"))
        }
    }

    /// The space of the reply.
    fn output(&self, pixels: PixelType) -> Option<SpaceRef> {
        let rules = &self.scene.colors;
        let of_type = |by_type: [Option<ProfileRef>; 3]| match pixels {
            PixelType::Gray => by_type[0],
            PixelType::Rgb => by_type[1],
            PixelType::Cmyk => by_type[2],
        };
        let named = match rules.output {
            OutputSpace::Named(profile) => Some(profile),
            OutputSpace::OfType(by_type) => of_type(by_type),
            OutputSpace::Default | OutputSpace::Source => None,
        };
        let of_source = || {
            let takes = !rules.managed || rules.output == OutputSpace::Source;
            let space = self.scene.layers.first().filter(|_| takes).and_then(|layer| self.of_file(layer))?;
            (self.channels(space) == Some(pixels.channels())).then_some(space)
        };
        let default = || rules.managed.then(|| default(pixels.channels())).flatten();
        named.map(reference).or_else(of_source).or_else(default)
    }

    /// Samples of 16 bits, on which nothing operates, are converted as they are. A crop may reach beyond the picture: then some
    /// tiles have alpha, are divided to 8 bits before they are converted, and would not join the others.
    fn is_deep(&self) -> bool {
        let deep = |layer: &Layer| {
            let is_wide = self.header(layer).is_some_and(|header| header.wide);
            is_wide && layer.operations.is_empty() && layer.crop.is_none()
        };
        self.scene.operations.is_empty() && self.scene.layers.iter().all(deep)
    }

    /// The space of a colour that the scene states; `None`: it is not known, and plain formulas convert it.
    fn of_color(&self, Color { ink, source_space, .. }: Color, output: Option<SpaceRef>) -> Option<SpaceRef> {
        let channels = match ink {
            Ink::Gray(_) => Channels::Gray,
            Ink::Rgb(_) => Channels::Rgb,
            Ink::Cmyk(_) => Channels::Cmyk,
        };
        let rules = &self.scene.colors;
        let fits = |space: &SpaceRef| self.channels(*space) == Some(channels) && self.is_source(*space);
        let of_type =
            |by_type: [Option<ProfileRef>; 3]| by_type.into_iter().flatten().map(reference).find(|space| fits(space));
        let of_source = if source_space { of_type(rules.source_inks) } else { output.filter(fits) };
        of_source.or_else(|| of_type(rules.inks)).or_else(|| rules.managed.then(|| default(channels)).flatten())
    }

    /// The composite is one layer under which no colour is filled, and which is drawn in its own components.
    fn is_converted_whole(&self) -> bool {
        let [layer] = &self.scene.layers[..] else { return false };
        let is_ink = self.header(layer).is_some_and(|header| header.layout.is_cmyk());
        layer.color.is_none() && layer.bg_color.is_none() && !is_ink
    }

    /// The space of a layer; `None`: it is not known.
    fn of_layer(&self, layer: &Layer) -> Option<SpaceRef> {
        let managed = self.scene.colors.managed;
        let channels = match &layer.content {
            // Drawn in the space of its own reply, in RGB.
            Content::Scene(scene) => {
                let inner = Chooser { scene, ..*self };
                return inner.output(PixelType::Rgb);
            }
            Content::File(_) => Channels::of(self.header(layer)?.layout.colors)?,
        };
        let given = || layer.profiles.iter().map(|profile| reference(*profile));
        let given = || given().find(|space| self.channels(*space) == Some(channels) && self.is_source(*space));
        self.of_file(layer).or_else(given).or_else(|| managed.then(|| default(channels)).flatten())
    }

    /// The space that a layer's file says. Without management, primaries and a curve say nothing.
    fn of_file(&self, layer: &Layer) -> Option<SpaceRef> {
        let Content::File(input) = layer.content else { return None };
        let header = self.header(layer)?;
        let channels = Channels::of(header.layout.colors)?;
        match header.space {
            Space::Icc(_) => Some(SpaceRef::Embedded(input)),
            Space::Srgb => default(channels),
            Space::Stated(stated) if self.scene.colors.managed => Some(SpaceRef::Stated(stated, channels)),
            Space::Unsaid | Space::Stated(_) => None,
        }
    }

    /// `None`: both are the same, or so alike that nothing is converted.
    fn conversion(&self, from: SpaceRef, to: SpaceRef) -> Option<Conversion> {
        let channels = self.channels(from)?;
        let (from, to) = (self.plain(from), self.plain(to));
        // Gray stays gray as long as it can: the rest is the same in each component.
        let gray = channels == Channels::Gray && to == SpaceRef::BuiltIn(BuiltIn::Srgb);
        let to = if gray { SpaceRef::BuiltIn(BuiltIn::GraySrgb) } else { to };
        let is_same = from == to || self.digest(from).is_some_and(|digest| self.digest(to) == Some(digest));
        let to_channels = self.channels(to)?;
        let (intent, black_point) = (self.scene.colors.intent, self.scene.colors.black_point);
        (!is_same).then_some(Conversion { from, to, channels, to_channels, intent, black_point })
    }

    /// The built-in space where a profile is the same in effect.
    fn plain(&self, space: SpaceRef) -> SpaceRef {
        let SpaceRef::File(id) = space else { return space };
        let same = self.facts(id).filter(|facts| facts.is_srgb).and_then(|facts| default(facts.channels));
        same.unwrap_or(space)
    }

    /// Colours can be converted from the space.
    fn is_source(&self, space: SpaceRef) -> bool {
        !matches!(space, SpaceRef::File(id) if self.facts(id).is_some_and(|facts| !facts.is_source))
    }

    fn digest(&self, space: SpaceRef) -> Option<Digest> {
        match space {
            SpaceRef::File(id) => self.facts(id).map(|facts| facts.digest),
            SpaceRef::Embedded(input) => match header(input, self.headers)?.space {
                Space::Icc(digest) => Some(digest),
                _ => None,
            },
            SpaceRef::BuiltIn(_) | SpaceRef::Stated(..) => None,
        }
    }

    /// The components of a space; `None`: it is not there.
    fn channels(&self, space: SpaceRef) -> Option<Channels> {
        match space {
            SpaceRef::BuiltIn(BuiltIn::Srgb) => Some(Channels::Rgb),
            SpaceRef::BuiltIn(BuiltIn::GraySrgb | BuiltIn::Gray22) => Some(Channels::Gray),
            SpaceRef::Stated(_, channels) => Some(channels),
            SpaceRef::Embedded(input) => Channels::of(header(input, self.headers)?.layout.colors),
            SpaceRef::File(id) => self.facts(id).map(|facts| facts.channels),
        }
    }

    fn facts(&self, ProfileId(id): ProfileId) -> Option<&ProfileFacts> {
        self.profiles.get(id)?.as_ref()
    }

    fn header(&self, layer: &Layer) -> Option<&Header> {
        match layer.content {
            Content::File(input) => header(input, self.headers),
            Content::Scene(_) => None,
        }
    }
}

fn header(InputId(input): InputId, headers: Headers<'_>) -> Option<&Header> {
    headers.get(input)?.as_ref()
}

const fn reference(profile: ProfileRef) -> SpaceRef {
    match profile {
        ProfileRef::BuiltIn(built_in) => SpaceRef::BuiltIn(built_in),
        ProfileRef::File(id) => SpaceRef::File(id),
    }
}

/// What stands for the missing space of such pixels; `None`: nothing does, and they are converted by plain formulas.
const fn default(channels: Channels) -> Option<SpaceRef> {
    match channels {
        Channels::Gray => Some(SpaceRef::BuiltIn(BuiltIn::GraySrgb)),
        Channels::Rgb => Some(SpaceRef::BuiltIn(BuiltIn::Srgb)),
        Channels::Cmyk => None,
    }
}
