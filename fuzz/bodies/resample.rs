//! Pixels sampled at any places: a tile is a part of the whole, every CPU level gives the same bytes, one colour stays one
//! colour, and what is opaque stays opaque.

use platemark::CpuLevel;
use platemark::internals::{Planes, Samples, resample_at};

use super::Numbers;

/// The longest side of a source or a view.
const SIDE: u32 = 120;
/// The longest of a source whose other side is short.
const LONG: u32 = 20_000;
const SHORT: u32 = 12;

pub(super) fn run(input: &[u8]) {
    let mut numbers = Numbers(input);
    let filter = usize::from(numbers.byte() % 4);
    let colors = [1, 3][usize::from(numbers.byte() % 2)];
    let (alpha, add_alpha) = (numbers.flag(), numbers.flag());
    let (wide, high) = match numbers.byte() % 8 {
        0 => (LONG, SHORT),
        1 => (SHORT, LONG),
        _ => (SIDE, SIDE),
    };
    let (width, x) = axis(&mut numbers, wide);
    let (height, y) = axis(&mut numbers, high);
    let (across, down) = (tile(&mut numbers, &x), tile(&mut numbers, &y));
    let flat = numbers.byte() % 8 == 0;
    let area = width as usize * height as usize;
    let planes = usize::from(colors) + usize::from(alpha);
    let mut samples = numbers.fill(area * planes);
    if flat {
        let color = samples[0];
        samples[..area * usize::from(colors)].fill(color);
        samples[area * usize::from(colors)..].fill(255);
    }
    let source = Planes { size: [width, height], colors, alpha, samples };
    let add_alpha = add_alpha && !alpha;
    let whole = resample_at(CpuLevel::default(), &source, [&x, &y], filter, add_alpha);
    assert!(whole == resample_at(CpuLevel::Scalar, &source, [&x, &y], filter, add_alpha), "CPU levels differ");
    let (tile_x, tile_y) = (part(&x, &across), part(&y, &down));
    let tile = resample_at(CpuLevel::default(), &source, [&tile_x, &tile_y], filter, add_alpha);
    assert!(tile == resample_at(CpuLevel::Scalar, &source, [&tile_x, &tile_y], filter, add_alpha), "CPU levels differ");
    let Some(whole) = whole else {
        assert!(tile.is_none(), "a tile sees what the whole does not");
        return;
    };
    assert_eq!(whole.size, [x.len, y.len]);
    if let Some(tile) = tile {
        assert_part(&whole, &tile, across.start as usize, down.start as usize);
    }
    let everywhere = |axis: &Samples| axis.exists == axis.bounds;
    if flat && everywhere(&x) && everywhere(&y) {
        let area = (x.len * y.len) as usize;
        let (colored, alpha) = whole.samples.split_at(area * usize::from(colors));
        assert!(colored.iter().all(|&sample| sample == source.samples[0]), "a flat colour changes");
        assert!(alpha.iter().all(|&sample| sample == 255), "an opaque picture becomes transparent");
    }
}

fn assert_part(whole: &Planes, tile: &Planes, left: usize, top: usize) {
    let [stride, height] = whole.size.map(|side| side as usize);
    let [columns, rows] = tile.size.map(|side| side as usize);
    for (part, plane) in tile.samples.chunks_exact(columns * rows).zip(whole.samples.chunks_exact(stride * height)) {
        for y in 0..rows {
            let expected = &plane[(top + y) * stride + left..][..columns];
            assert_eq!(&part[y * columns..][..columns], expected, "a tile is no part of the whole");
        }
    }
}

/// The length of a source's side, and samples along it: a whole side scaled, a crop of it, or a grid as fine as plans make.
fn axis(numbers: &mut Numbers<'_>, most: u32) -> (u32, Samples) {
    let source = numbers.within(1, most);
    let len = numbers.within(1, if most == LONG { SHORT } else { SIDE });
    let side = i64::from(source);
    let kind = numbers.byte() % 4;
    // The crop, which may reach beyond the source, and what there is of it.
    let (start, end) = if kind == 0 {
        (0, side)
    } else {
        let start = i64::from(numbers.within(0, 2 * source)) - side / 2;
        (start, start + i64::from(numbers.within(1, source + 20)))
    };
    let (first_there, last_there) = (start.clamp(0, side), end.clamp(0, side));
    let exists = if first_there < last_there {
        let cut = if kind == 3 { i64::from(numbers.within(0, source)) / 3 } else { 0 };
        first_there..(last_there - cut).max(first_there + 1)
    } else {
        first_there..first_there
    };
    let (crop, view) = (end - start, i64::from(len));
    let mut samples =
        Samples { len, first: 2 * start * view + crop, step: 2 * crop, den: 2 * view, bounds: start..end, exists };
    if kind >= 2 {
        // A grid that is not the crop's own: other fractions, a start anywhere.
        let den = 1 + i64::from(numbers.long()) % (1 << 31);
        let most = (crop * 2 * den / view).max(1);
        let step = 1 + i64::from(numbers.long()) % most;
        let first = start * den + i64::from(numbers.long()) % (crop * den) - i64::from(numbers.byte()) * den / 64;
        samples = Samples { first, step, den, ..samples };
    }
    (source, samples)
}

fn tile(numbers: &mut Numbers<'_>, axis: &Samples) -> std::ops::Range<u32> {
    let start = numbers.within(0, axis.len - 1);
    start..start + numbers.within(1, axis.len - start)
}

fn part(axis: &Samples, tile: &std::ops::Range<u32>) -> Samples {
    let first = axis.first + i64::from(tile.start) * axis.step;
    Samples { len: tile.end - tile.start, first, ..axis.clone() }
}
