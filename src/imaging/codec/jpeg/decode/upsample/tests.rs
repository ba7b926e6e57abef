use proptest::prelude::*;

use super::super::frame::{Component, Frame};
use super::*;
use crate::base::geom::{Shrink, Window};
use crate::imaging::kernel::isa::twin::each_level_equals;
use crate::test_support::Dice;

/// The sample nearest to a pixel, and the one on its other side; at the edges of the picture the nearest one again.
fn neighbors(pixel: usize, len: usize) -> [usize; 2] {
    let near = pixel / 2;
    [near, if pixel.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(len - 1) }]
}

/// A pixel of a component that has half as many samples across and, if `down`, half as many down.
fn naive(samples: &[u8], (width, height): (usize, usize), x: usize, y: usize, down: bool) -> u8 {
    let [near, other] = neighbors(x, width);
    let at = |x: usize, y: usize| usize::from(samples[y * width + x]);
    if down {
        let [above, below] = neighbors(y, height).map(|y| 3 * at(near, y) + at(other, y));
        ((3 * above + below + 8 - x % 2) / 16) as u8
    } else {
        ((3 * at(near, y) + at(other, y) + 1 + x % 2) / 4) as u8
    }
}

proptest! {
    #[test]
    fn each_level_doubles_components(
        (width, height) in (5u32..150, 1u32..12), down: bool, at in (0u32..150, 1u32..150), seed: u64,
    ) {
        let component = |h, v| Component { id: 0, h, v, table: 0 };
        let components = vec![component(2, 1 + u32::from(down)), component(1, 1)];
        let frame = Frame { width, height, progressive: false, arithmetic: false, components };
        let left = at.0 % width;
        let window = Window { x: left, y: 0, width: at.1.min(width - left), height };
        let grid = Grid::new(&frame, &frame.components[1], Shrink::Full, window);
        let (across, lines) = (grid.x.len as usize, grid.y.len as usize);
        let mut dice = Dice::new(seed | 1);
        let samples: Vec<u8> = (0..across * lines).map(|i| dice.byte() | [0, 255][i / 7 % 2]).collect();
        let columns = window.x as usize..(window.x + window.width) as usize;
        let twin: Vec<u8> = (0..height as usize)
            .flat_map(|y| columns.clone().map(move |x| (x, y)))
            .map(|(x, y)| naive(&samples, (across, lines), x, y, down))
            .collect();
        each_level_equals(&twin, |cpu| {
            let mut upsampler = Upsampler::new(cpu, &grid, window.x, window.width);
            let needed = grid.x.needed.start as usize..grid.x.needed.end as usize;
            let mut rows = Vec::new();
            for y in 0..height {
                rows.extend_from_slice(upsampler.row(y, &grid, |y| &samples[y as usize * across..][needed.clone()]));
            }
            rows
        });
    }
}
