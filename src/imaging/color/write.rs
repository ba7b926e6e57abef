//! Profiles of ours, as values and as bytes: version 4.3, with curves, and a matrix if they are of RGB.

use super::curve::{Curve, Parametric, fixed};
use super::icc::Icc;
use super::kinds::{Channels, Class, Pcs};
use super::matrix::{D50, Matrix};

/// A profile with one curve for all its components, whose numbers are those that its bytes hold.
pub(super) struct Simple {
    pub(super) description: &'static str,
    pub(super) curve: Option<Parametric>,
    /// XYZ of red, green and blue under D50, in columns; none of gray.
    pub(super) colorants: Option<Matrix>,
    /// By which XYZ under the white of the device has become XYZ under D50.
    pub(super) adaptation: Option<Matrix>,
}

/// A number of a profile, in 1/65,536.
fn whole(x: f64) -> i32 {
    let scaled = x * 65536.0;
    (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i32
}

/// Colorants as profiles write them, whose sum is their white.
pub(super) fn written_colorants(colorants: &Matrix) -> Matrix {
    let mut rows = [[0.0; 3]; 3];
    for ((row, exact), white) in rows.iter_mut().zip(colorants).zip(D50) {
        let mut wholes = exact.map(whole);
        let off = whole(white) - wholes.iter().sum::<i32>();
        if let Some(largest) = wholes.iter_mut().max() {
            *largest += off;
        }
        *row = wholes.map(|whole| f64::from(whole) / 65536.0);
    }
    rows
}

impl Simple {
    fn channels(&self) -> Channels {
        if self.colorants.is_some() { Channels::Rgb } else { Channels::Gray }
    }

    pub(super) fn icc(&self) -> Icc {
        let curve = self.curve.and_then(|curve| match curve {
            Parametric::Power { g } => Curve::power(g),
            curve => Some(Curve::Parametric(curve)),
        });
        Icc {
            version: 4,
            class: Class::Display,
            channels: self.channels(),
            pcs: Pcs::Xyz,
            white: Some(D50.map(fixed)),
            colorants: self.colorants,
            curves: vec![curve; self.channels().count()],
            to_pcs: [const { None }; 3],
            from_pcs: [const { None }; 3],
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut tags: Vec<(&[u8; 4], Vec<u8>)> = vec![
            (b"desc", text(self.description)),
            (b"cprt", text("CC0")),
            (b"wtpt", [b"XYZ \0\0\0\0".to_vec(), numbers(&D50)].concat()),
        ];
        if let Some(adaptation) = &self.adaptation {
            tags.push((b"chad", [b"sf32\0\0\0\0".to_vec(), numbers(adaptation.as_flattened())].concat()));
        }
        if let Some(colorants) = &self.colorants {
            for (i, name) in [b"rXYZ", b"gXYZ", b"bXYZ"].into_iter().enumerate() {
                let column = colorants.map(|row| row[i]);
                tags.push((name, [b"XYZ \0\0\0\0".to_vec(), numbers(&column)].concat()));
            }
        }
        let names: &[&[u8; 4]] = if self.colorants.is_some() { &[b"rTRC", b"gTRC", b"bTRC"] } else { &[b"kTRC"] };
        tags.extend(names.iter().map(|name| (*name, curve(self.curve))));
        assembled(if self.colorants.is_some() { b"RGB " } else { b"GRAY" }, &tags)
    }
}

/// A header, a table of tags, and the tags; equal ones that follow each other are written once.
fn assembled(space: &[u8; 4], tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    for (at, field) in [(8, &[4, 0x30, 0, 0]), (12, b"mntr"), (16, space), (20, b"XYZ "), (36, b"acsp")] {
        bytes[at..at + 4].copy_from_slice(field);
    }
    // The first of January 2026.
    bytes[24..30].copy_from_slice(&[0x07, 0xea, 0, 1, 0, 1]);
    bytes[68..80].copy_from_slice(&numbers(&D50));
    bytes.extend((tags.len() as u32).to_be_bytes());
    let mut values: Vec<u8> = vec![];
    let (start, mut last) = (132 + 12 * tags.len(), (0, &[][..]));
    for (name, value) in tags {
        if last.1 != value.as_slice() {
            last = (start + values.len(), value.as_slice());
            values.extend(value);
            values.resize(values.len().next_multiple_of(4), 0);
        }
        bytes.extend(*name);
        bytes.extend((last.0 as u32).to_be_bytes());
        bytes.extend((value.len() as u32).to_be_bytes());
    }
    bytes.extend(values);
    let len = bytes.len() as u32;
    bytes[..4].copy_from_slice(&len.to_be_bytes());
    bytes
}

fn numbers(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| whole(number).to_be_bytes()).collect()
}

/// A text in English.
fn text(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let head = [b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec(), (units.len() as u32).to_be_bytes().to_vec()].concat();
    [head, 28u32.to_be_bytes().to_vec(), units].concat()
}

fn curve(curve: Option<Parametric>) -> Vec<u8> {
    let (kind, parameters) = match curve.unwrap_or(Parametric::Power { g: 1.0 }) {
        Parametric::Power { g } => (0u8, vec![g]),
        Parametric::Offset { g, a, b, c } => (2, vec![g, a, b, c]),
        Parametric::Linear { g, a, b, c, d, e: 0.0, f: 0.0 } => (3, vec![g, a, b, c, d]),
        Parametric::Linear { g, a, b, c, d, e, f } => (4, vec![g, a, b, c, d, e, f]),
    };
    [b"para\0\0\0\0\0".to_vec(), vec![kind, 0, 0], numbers(&parameters)].concat()
}
