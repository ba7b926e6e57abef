//! The palette of a picture, written as calls.

use crate::imaging::pixel::palette::{PaletteKind, Quantize};

/// The palette of a file whose format has one: [`Format::Png8`](crate::Format::Png8), [`Format::Gif`](crate::Format::Gif) and
/// their variants with alpha. It is chosen for the whole picture, so the parts of a picture that are cut out of one view share
/// it.
///
/// ```
/// use platemark::{Edit, Format, Palette};
///
/// let palette = Palette::adaptive(64).beginning_with([[255, 255, 255], [200, 16, 46]]).dither(false);
/// let edit = Edit::new().format(Format::Png8).palette(palette);
/// assert_eq!(edit.to_string(), "fmt=png8&quantize=adaptive,off,64,ffffff,c8102e");
/// assert_eq!(Edit::new().palette(Palette::web()).to_string(), "quantize=web,diffuse");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Palette(pub(super) Quantize);

impl Palette {
    /// Colours that are chosen for the picture: at most as many as said, from 2 to 256. A picture that has no more keeps its
    /// colours exactly.
    pub fn adaptive(colors: u16) -> Self {
        Self(Quantize { colors, ..Quantize::default() })
    }

    /// The 216 colours whose red, green and blue are 0, 51, 102, 153, 204 or 255.
    pub fn web() -> Self {
        Self(Quantize { kind: PaletteKind::Web, ..Quantize::default() })
    }

    /// The 256 colours of the classic Macintosh. Formats with alpha cannot have it.
    pub fn mac() -> Self {
        Self(Quantize { kind: PaletteKind::Mac, ..Quantize::default() })
    }

    /// Colours, in red, green and blue, that an adaptive palette begins with: no more than it may have.
    pub fn beginning_with(mut self, list: impl IntoIterator<Item = [u8; 3]>) -> Self {
        if self.0.kind == PaletteKind::Adaptive {
            self.0.list = list.into_iter().collect();
        }
        self
    }

    /// Whether what a pixel misses is handed on to its neighbors (Floyd and Steinberg). Default: true.
    pub fn dither(mut self, dither: bool) -> Self {
        self.0.diffuse = dither;
        self
    }

    /// An adaptive palette as a request would say it, whether it is legal or not.
    pub(super) fn text(&self) -> String {
        let Quantize { diffuse, colors, list, .. } = &self.0;
        let list: String = list.iter().map(|[r, g, b]| format!(",{r:02x}{g:02x}{b:02x}")).collect();
        format!("adaptive,{},{colors}{list}", if *diffuse { "diffuse" } else { "off" })
    }

    /// Why it is not legal.
    pub(super) fn wrong(&self) -> Option<&'static str> {
        let Quantize { colors, list, .. } = &self.0;
        if !(2..=Quantize::MOST).contains(colors) {
            return Some("needs a number of colors from 2 to 256");
        }
        (list.len() > usize::from(*colors)).then_some("lists more colors than its number says")
    }
}
