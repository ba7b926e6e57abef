//! How a scan passes the MCUs of a picture, and how the decoder restores an MCU that it could not read.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::arithmetic::ArithmeticScan;
use super::frame::Frame;
use super::plane::Plane;
use super::progressive::Pass;
use super::scan::Scan;
use super::tables::Tables;
use super::whole::WholeScan;

/// The way of a scan through the picture: numbers only.
pub(super) struct Course {
    pub(super) parts: Vec<CoursePart>,
    /// MCUs across, and rows of them that are wanted; a scan of one component has MCUs of one block.
    pub(super) across: u32,
    pub(super) rows: u32,
}

pub(super) struct CoursePart {
    pub(super) component: usize,
    pub(super) h: u32,
    pub(super) v: u32,
}

impl Course {
    pub(super) fn new(scan: &Scan<'_>, frame: &Frame, mcu_rows: u32) -> Self {
        if let [part] = &scan.parts[..] {
            let component = &frame.components[part.component];
            let (across, down) = frame.blocks(component);
            let parts = vec![CoursePart { component: part.component, h: 1, v: 1 }];
            return Self { parts, across, rows: down.min(mcu_rows * component.v) };
        }
        let parts = scan.parts.iter().map(|part| {
            let component = &frame.components[part.component];
            CoursePart { component: part.component, h: component.h, v: component.v }
        });
        Self { parts: parts.collect(), across: frame.mcus().0, rows: mcu_rows }
    }

    /// Blocks on the way.
    pub(super) fn blocks(&self) -> u64 {
        let of_mcu: u32 = self.parts.iter().map(|part| part.h * part.v).sum();
        u64::from(self.rows) * u64::from(self.across) * u64::from(of_mcu)
    }
}

/// What reads a scan MCU by MCU.
pub(super) enum Reader<'a> {
    Whole(Box<WholeScan<'a>>),
    Progressive(Box<Pass<'a>>),
    Arithmetic(Box<ArithmeticScan<'a>>),
}

impl<'a> Reader<'a> {
    pub(super) fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame, cancel: Cancel<'a>) -> Result<Self> {
        Ok(match (frame.arithmetic, frame.progressive) {
            (true, _) => Self::Arithmetic(Box::new(ArithmeticScan::new(scan, tables, frame))),
            (false, true) => Self::Progressive(Box::new(Pass::new(scan, tables, frame, cancel)?)),
            (false, false) => Self::Whole(Box::new(WholeScan::new(scan, tables, frame)?)),
        })
    }

    pub(super) fn mcu(&mut self, planes: &mut [Plane<'_>], place: (u32, u32)) -> Result<()> {
        match self {
            Self::Whole(scan) => scan.mcu(planes, place),
            Self::Progressive(scan) => scan.mcu(planes, place),
            Self::Arithmetic(scan) => scan.mcu(planes, place),
        }
    }
}

/// The blocks of an MCU as they were before it was read.
#[derive(Default)]
pub(super) struct Saved {
    words: Vec<[u8; 2]>,
    nonzero: Vec<u64>,
}

impl Saved {
    pub(super) fn save(&mut self, course: &Course, planes: &[Plane<'_>], place: (u32, u32)) {
        self.words.clear();
        self.nonzero.clear();
        for part in &course.parts {
            let plane = &planes[part.component];
            for blocks in part.blocks(plane.across, place) {
                let words = plane.words.get(blocks.start * plane.per_block..blocks.end * plane.per_block);
                self.words.extend_from_slice(words.unwrap_or(&[]));
                self.nonzero.extend_from_slice(plane.nonzero.get(blocks).unwrap_or(&[]));
            }
        }
    }

    pub(super) fn restore(&self, course: &Course, planes: &mut [Plane<'_>], place: (u32, u32)) {
        let (mut words, mut nonzero) = (self.words.iter(), self.nonzero.iter());
        for part in &course.parts {
            let plane = &mut planes[part.component];
            for blocks in part.blocks(plane.across, place) {
                let places = plane.words.get_mut(blocks.start * plane.per_block..blocks.end * plane.per_block);
                places.unwrap_or(&mut []).iter_mut().zip(&mut words).for_each(|(to, from)| *to = *from);
                let places = plane.nonzero.get_mut(blocks).unwrap_or(&mut []);
                places.iter_mut().zip(&mut nonzero).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

impl CoursePart {
    /// The rows of blocks of an MCU, in a plane of that width in blocks.
    fn blocks(&self, across: u32, (row, mcu): (u32, u32)) -> impl Iterator<Item = std::ops::Range<usize>> {
        let Self { h, v, .. } = *self;
        (0..v).map(move |y| {
            let first = (row * v + y) * across + mcu * h;
            first as usize..(first + h) as usize
        })
    }
}
