//! The frame header: the picture's size, and how finely each component is sampled (T.81 B.2.2).

use crate::base::error::Result;
use crate::base::geom::Shrink;

use crate::imaging::codec::fault::damaged;

/// What a frame header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// 1 to 65535.
    pub(super) width: u32,
    /// The same; 0 until a DNL segment has been read.
    pub(super) height: u32,
    pub(super) progressive: bool,
    /// With arithmetic codes, not with Huffman's.
    pub(super) arithmetic: bool,
    /// 1, 3 or 4.
    pub(super) components: Vec<Component>,
}

/// One component of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Samples for each `h_max` pixels across; 1 to 4. Also its blocks across a minimum coded unit (MCU).
    pub(super) h: u32,
    /// The same downwards.
    pub(super) v: u32,
    /// The number of its quantisation table; 0 to 3.
    pub(super) table: usize,
}

impl Frame {
    /// Reads a frame header of the marker SOF0, SOF1, SOF2, SOF9 or SOF10.
    pub(super) fn read(marker: u8, payload: &[u8]) -> Result<Self> {
        let [precision, h1, h0, w1, w0, count, ref specs @ ..] = *payload else {
            return Err(damaged("is a damaged JPEG", &"the frame header is cut off"));
        };
        if precision != 8 {
            return Err(damaged("is a JPEG with more than 8 bits per component", &precision));
        }
        let (width, height) = (u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0])));
        if width == 0 {
            return Err(damaged("is a damaged JPEG", &"states no width"));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(damaged("is a JPEG with neither 1, 3 nor 4 components", &count));
        }
        let component = |&[id, sampling, table]: &[u8; 3]| Component {
            id,
            h: u32::from(sampling >> 4),
            v: u32::from(sampling & 15),
            table: usize::from(table),
        };
        let components: Vec<_> = specs.as_chunks().0.iter().take(usize::from(count)).map(component).collect();
        let legal = |c: &Component| (1..=4).contains(&c.h) && (1..=4).contains(&c.v) && c.table < 4;
        if components.len() < usize::from(count) || !components.iter().all(legal) {
            return Err(damaged("is a damaged JPEG", &"the frame header is cut off or has illegal sampling factors"));
        }
        let (progressive, arithmetic) = (matches!(marker, 0xc2 | 0xca), marker >= 0xc9);
        Ok(Self { width, height, progressive, arithmetic, components })
    }

    /// Its scans are gathered before anything is transformed.
    pub(super) const fn is_gathered(&self) -> bool {
        self.progressive || self.arithmetic
    }

    /// The largest number of samples across, which is how many pixels they stand for.
    pub(super) fn h_max(&self) -> u32 {
        self.components.iter().map(|c| c.h).max().unwrap_or(1)
    }

    pub(super) fn v_max(&self) -> u32 {
        self.components.iter().map(|c| c.v).max().unwrap_or(1)
    }

    /// MCUs across and down the picture.
    pub(super) fn mcus(&self) -> (u32, u32) {
        (self.width.div_ceil(8 * self.h_max()), self.height.div_ceil(8 * self.v_max()))
    }

    /// Blocks of a component that hold samples, across and down. A scan of one component has no others.
    pub(super) fn blocks(&self, component: &Component) -> (u32, u32) {
        let blocks = |pixels: u32, factor: u32, max: u32| (pixels * factor).div_ceil(max).div_ceil(8);
        (blocks(self.width, component.h, self.h_max()), blocks(self.height, component.v, self.v_max()))
    }

    /// The side of a component's blocks at a shrink, in samples: 8 at full size and 1 at an eighth.
    ///
    /// Components with fewer samples are shrunk less where that spares enlarging them again: with 2×2 sampling, the
    /// chroma of half a picture is its chroma at full size. Not at an eighth, which reads nothing but the means.
    pub(super) fn side(&self, component: &Component, shrink: Shrink) -> u32 {
        let least = 8 / shrink.factor();
        let mut side = least;
        while side > 1
            && side < 8
            && (self.h_max() * least).is_multiple_of(component.h * side * 2)
            && (self.v_max() * least).is_multiple_of(component.v * side * 2)
        {
            side *= 2;
        }
        side
    }
}
