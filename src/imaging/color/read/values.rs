//! Colorants and look-up tables, which `moxcms` reads.
//!
//! It is given a profile of the tags that are needed, with a header of ours: it refuses a profile for a date, a version or a
//! text that no colour depends on, and it copies the texts of a profile as often as their table says.

use std::sync::Arc;

use moxcms::{ColorProfile, LutDataType, LutMultidimensionalType, LutStore, LutWarehouse, ParsingOptions, Xyzd};

use crate::base::error::Result;

use super::super::curve::Curve;
use super::super::grid::{Grid, Interpolation};
use super::super::icc::Lut;
use super::super::kinds::{Channels, Pcs};
use super::super::matrix::Matrix;
use super::super::stage::{Affine, Stage};
use super::curves::curves;
use super::table::{Table, malformed};

/// The most samples of all tables of colours.
const MAX_SAMPLES: usize = 4 << 20;

/// What `moxcms` reads.
pub(super) struct Values {
    pub(super) white: Option<[f64; 3]>,
    pub(super) colorants: Option<Matrix>,
    pub(super) to_pcs: [Option<Arc<Lut>>; 3],
    pub(super) from_pcs: [Option<Arc<Lut>>; 3],
}

const COLORS: [&[u8; 4]; 4] = [b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"];
const TABLES: [&[u8; 4]; 6] = [b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2"];

/// # Errors
///
/// A tag is malformed, or the tables exceed the limit.
pub(super) fn values(table: &Table<'_>) -> Result<Values> {
    let tags = TABLES.map(|name| table.tag(name));
    // Tables that several tags share are read once.
    let first = |i: usize| tags[..i].iter().position(|other| same(*other, tags[i])).unwrap_or(i);
    let is_first = |i: &usize| first(*i) == *i && tags[*i].is_some();
    let mut samples = 0usize;
    for tag in (0..tags.len()).filter(is_first).filter_map(|i| tags[i]) {
        let count = clut_samples(tag).ok_or(TOO_LARGE)?;
        samples = samples.checked_add(count).filter(|&samples| samples <= MAX_SAMPLES).ok_or(TOO_LARGE)?;
    }
    let colors = COLORS.iter().filter_map(|name| Some((**name, table.tag(name)?)));
    let luts = (0..tags.len()).filter(is_first).filter_map(|i| Some((*TABLES[i], tags[i]?)));
    let reduced = reduced(table, &colors.chain(luts).collect::<Vec<_>>());
    let options = ParsingOptions {
        max_profile_size: reduced.len() + 1,
        max_allowed_clut_size: MAX_SAMPLES,
        max_allowed_trc_size: 1 << 16,
    };
    let profile = ColorProfile::new_from_slice_with_options(&reduced, options)
        .map_err(|error| malformed("a table of the colour profile is malformed").with_detail(&error))?;
    let read = [
        &profile.lut_a_to_b_perceptual,
        &profile.lut_a_to_b_colorimetric,
        &profile.lut_a_to_b_saturation,
        &profile.lut_b_to_a_perceptual,
        &profile.lut_b_to_a_colorimetric,
        &profile.lut_b_to_a_saturation,
    ];
    let mut luts: [Option<Arc<Lut>>; 6] = [const { None }; 6];
    for i in 0..tags.len() {
        luts[i] = match (tags[i], first(i)) {
            (Some(tag), at) if at == i => Some(Arc::new(lut(table, tag, read[i].as_ref(), i < 3)?)),
            (_, at) => luts[at].clone(),
        };
    }
    let [a0, a1, a2, b0, b1, b2] = luts;
    let has = |name| table.tag(name).is_some();
    let [r, g, b] = [profile.red_colorant, profile.green_colorant, profile.blue_colorant];
    let rows = [[r.x, g.x, b.x], [r.y, g.y, b.y], [r.z, g.z, b.z]];
    Ok(Values {
        white: profile.media_white_point.map(|Xyzd { x, y, z }| [x, y, z]),
        colorants: COLORS[1..].iter().all(|name| has(name)).then_some(rows),
        to_pcs: [a0, a1, a2],
        from_pcs: [b0, b1, b2],
    })
}

const TOO_LARGE: crate::base::error::Error = malformed("the colour profile has more than 4 Mi samples");
const BROKEN: crate::base::error::Error = malformed("a table of the colour profile is malformed");

/// Both tags are there and lie at one place.
fn same(a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
    a.zip(b).is_some_and(|(a, b)| std::ptr::eq(a, b))
}

/// The samples of a table of colours, by its first bytes; `None` if they are more than can be counted.
fn clut_samples(tag: &[u8]) -> Option<usize> {
    let byte = |at: usize| usize::from(tag.get(at).copied().unwrap_or(0));
    let (inputs, outputs) = (byte(8), byte(9));
    if tag.starts_with(b"mft") {
        return (0..inputs).try_fold(outputs, |count, _| count.checked_mul(byte(10)));
    }
    let clut = super::table::long(tag, 24).unwrap_or(0);
    if clut == 0 {
        return Some(0);
    }
    (0..inputs.min(16)).try_fold(outputs, |count, i| count.checked_mul(byte(clut.checked_add(i)?)))
}

/// A profile of these tags alone.
fn reduced(table: &Table<'_>, tags: &[([u8; 4], &[u8])]) -> Vec<u8> {
    const HEADER: usize = 128;
    let start = HEADER + 4 + 12 * tags.len();
    let mut profile = vec![0; start];
    profile[8..12].copy_from_slice(&[4, 0x30, 0, 0]);
    profile[12..16].copy_from_slice(b"mntr");
    profile[16..20].copy_from_slice(match table.channels {
        Channels::Gray => b"GRAY",
        Channels::Rgb => b"RGB ",
        Channels::Cmyk => b"CMYK",
    });
    profile[20..24].copy_from_slice(if table.pcs == Pcs::Xyz { b"XYZ " } else { b"Lab " });
    // The first of January 2000.
    profile[24..30].copy_from_slice(&[0x07, 0xd0, 0, 1, 0, 1]);
    profile[36..40].copy_from_slice(b"acsp");
    profile[HEADER..HEADER + 4].copy_from_slice(&(tags.len() as u32).to_be_bytes());
    for (i, (name, tag)) in tags.iter().enumerate() {
        profile.resize(profile.len().next_multiple_of(4), 0);
        let entry = [*name, (profile.len() as u32).to_be_bytes(), (tag.len() as u32).to_be_bytes()].concat();
        profile[HEADER + 4 + 12 * i..][..12].copy_from_slice(&entry);
        profile.extend_from_slice(tag);
    }
    let len = profile.len() as u32;
    profile[..4].copy_from_slice(&len.to_be_bytes());
    profile
}

/// The stages of a tag `A2B` or `B2A`.
fn lut(table: &Table<'_>, tag: &[u8], read: Option<&LutWarehouse>, is_to_pcs: bool) -> Result<Lut> {
    let device = table.channels.count();
    let channels = if is_to_pcs { (device, 3) } else { (3, device) };
    match read.ok_or(BROKEN)? {
        LutWarehouse::Lut(lut) => {
            if (usize::from(lut.num_input_channels), usize::from(lut.num_output_channels)) != channels {
                return Err(BROKEN);
            }
            Ok(Lut { stages: single(lut, channels)?, is_lut16: tag.starts_with(b"mft2") })
        }
        LutWarehouse::Multidimensional(lut) => {
            let kind: &[u8] = if is_to_pcs { b"mAB " } else { b"mBA " };
            if (usize::from(lut.num_input_channels), usize::from(lut.num_output_channels)) != channels
                || !tag.starts_with(kind)
            {
                return Err(BROKEN);
            }
            Ok(Lut { stages: several(lut, tag, channels, is_to_pcs)?, is_lut16: false })
        }
    }
}

/// 65,535 for 1.
fn words(store: &LutStore) -> Vec<u16> {
    match store {
        LutStore::Store8(bytes) => bytes.iter().map(|&byte| u16::from(byte) * 257).collect(),
        LutStore::Store16(words) => words.clone(),
    }
}

/// The stages of `lut8Type` and `lut16Type`: a matrix, curves, a grid, curves.
fn single(lut: &LutDataType, (inputs, outputs): (usize, usize)) -> Result<Vec<Stage>> {
    let tables = |store: &LutStore, entries: u16, count: usize| {
        let words = words(store);
        if entries < 2 || words.len() != usize::from(entries) * count {
            return Err(BROKEN);
        }
        Ok(Stage::curves(words.chunks_exact(usize::from(entries)).map(|table| Curve::table(table.to_vec()))))
    };
    let first = tables(&lut.input_table, lut.num_input_table_entries, inputs)?;
    let last = tables(&lut.output_table, lut.num_output_table_entries, outputs)?;
    let points = vec![usize::from(lut.num_clut_grid_points); inputs];
    let grid = Grid::new(points, outputs, words(&lut.clut_table)).ok_or(BROKEN)?;
    // It is meant for three inputs alone.
    let matrix = (inputs == 3).then(|| Stage::affine(lut.matrix.v));
    let stages = [first, Stage::Grid(Arc::new(grid), Interpolation::Tetrahedral), last];
    Ok(matrix.into_iter().chain(stages).collect())
}

/// The stages of `lutAToBType`: A curves, a grid, M curves, a matrix, B curves; of `lutBToAType` the other way round.
fn several(
    lut: &LutMultidimensionalType,
    tag: &[u8],
    (inputs, outputs): (usize, usize),
    is_to_pcs: bool,
) -> Result<Vec<Stage>> {
    let device = if is_to_pcs { inputs } else { outputs };
    let curves_at = |at: usize, count: usize| match super::table::long(tag, at) {
        None | Some(0) => Ok(None),
        Some(offset) => curves(tag, offset, count).map(|curves| Some(Stage::curves(curves))),
    };
    let (b, m, a) = (curves_at(12, 3)?, curves_at(20, 3)?, curves_at(28, device)?);
    let has_matrix = super::table::long(tag, 16).is_some_and(|offset| offset > 0);
    let matrix = has_matrix.then(|| Stage::Affine(Affine::new(lut.matrix.v, lut.bias.v)));
    let grid = match &lut.clut {
        None if inputs == outputs => None,
        None => return Err(BROKEN),
        Some(store) => {
            let points = lut.grid_points[..inputs].iter().map(|&points| usize::from(points)).collect();
            let grid = Grid::new(points, outputs, words(store)).ok_or(BROKEN)?;
            Some(Stage::Grid(Arc::new(grid), Interpolation::Tetrahedral))
        }
    };
    let mut stages: Vec<Stage> = [a, grid, m, matrix, b].into_iter().flatten().collect();
    if !is_to_pcs {
        stages.reverse();
    }
    Ok(stages)
}
