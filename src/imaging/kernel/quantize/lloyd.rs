//! Moving the entries of a palette to the means of the colours that are nearest to them, by Lloyd's rule.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::color::Color;
use super::histogram::{Bin, mean};

/// Rounds, at most.
const ROUNDS: usize = 5;

/// Bins after which it is asked whether the work is still wanted.
const PIECE: usize = 1 << 10;

/// An entry, and the sum of its components.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    sum: i32,
    point: [i32; 4],
    index: u8,
}

/// Moves the entries behind the first `fixed`. `alpha`: the fourth component varies.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn refine(bins: &[Bin], points: &mut [Color], fixed: usize, alpha: bool, cancel: Cancel<'_>) -> Result<()> {
    let components = if alpha { 4 } else { 3 };
    let mut nearest = vec![0u8; bins.len()];
    for _ in 0..ROUNDS {
        let ranked = ranked(points);
        let place_of = places(&ranked);
        let mut clusters = vec![(0u64, [0u64; 4]); points.len()];
        for (bins, nearest) in bins.chunks(PIECE).zip(nearest.chunks_mut(PIECE)) {
            cancel.check()?;
            for (bin, nearest) in bins.iter().zip(nearest) {
                *nearest = nearest_of(&ranked, &place_of, bin.mean, *nearest, components);
                let (weight, sums) = &mut clusters[usize::from(*nearest)];
                *weight += bin.weight;
                for (sum, part) in sums.iter_mut().zip(bin.sums) {
                    *sum += part;
                }
            }
        }
        let mut moved = false;
        for (point, (weight, sums)) in points.iter_mut().zip(clusters).skip(fixed) {
            if weight > 0 {
                let to = mean(weight, sums);
                moved |= *point != to;
                *point = to;
            }
        }
        if !moved {
            break;
        }
    }
    Ok(())
}

/// The entries in the order of their sums.
fn ranked(points: &[Color]) -> Vec<Ranked> {
    let of = |(index, point): (usize, &Color)| {
        let point = point.map(i32::from);
        // At most 256 entries.
        Ranked { sum: point.iter().sum(), point, index: index as u8 }
    };
    let mut ranked: Vec<Ranked> = points.iter().enumerate().map(of).collect();
    ranked.sort_by_key(|entry| entry.sum);
    ranked
}

/// The place of each entry among the ranked ones.
fn places(ranked: &[Ranked]) -> Vec<u8> {
    let mut places = vec![0; ranked.len()];
    for (place, entry) in ranked.iter().enumerate() {
        places[usize::from(entry.index)] = place as u8;
    }
    places
}

/// The entry that is nearest to a colour. `guess` is one that is probably near. The square of a sum of differences is at
/// most the number of components times the sum of their squares: entries with other sums need not be looked at.
fn nearest_of(ranked: &[Ranked], places: &[u8], color: Color, guess: u8, components: i32) -> u8 {
    let color = color.map(i32::from);
    let sum: i32 = color.iter().sum();
    let mut best = places.get(usize::from(guess)).map_or(0, |&place| usize::from(place));
    let mut least = distance(&ranked[best].point, &color);
    let middle = ranked.partition_point(|entry| entry.sum < sum);
    let mut look = |place: usize| {
        let entry = &ranked[place];
        let off = entry.sum - sum;
        if off * off >= components * least {
            return false;
        }
        let distance = distance(&entry.point, &color);
        if distance < least {
            (least, best) = (distance, place);
        }
        true
    };
    let (mut up, mut down) = (middle..ranked.len(), (0..middle).rev());
    let (mut rises, mut falls) = (true, true);
    while rises || falls {
        rises = rises && up.next().is_some_and(&mut look);
        falls = falls && down.next().is_some_and(&mut look);
    }
    ranked[best].index
}

fn distance(a: &[i32; 4], b: &[i32; 4]) -> i32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Dice;

    #[test]
    fn entries_are_the_nearest() {
        let mut dice = Dice::new(4);
        for case in 0..200usize {
            let alpha = case % 2 == 0;
            let mut color = || {
                let mut color = [(); 4].map(|()| dice.below(256) as u8);
                color[3] = if alpha { color[3] } else { 255 };
                color
            };
            let points: Vec<Color> = (0..1 + case).map(|_| color()).collect();
            let (ranked, components) = (ranked(&points), if alpha { 4 } else { 3 });
            let places = places(&ranked);
            for _ in 0..50 {
                let color = color();
                let of = |point: &Color| distance(&point.map(i32::from), &color.map(i32::from));
                let guess = (case / 2) as u8;
                let found = nearest_of(&ranked, &places, color, guess, components);
                assert_eq!(of(&points[usize::from(found)]), points.iter().map(of).min().unwrap());
            }
        }
    }

    #[test]
    fn entries_move_to_the_means_of_their_colors_and_fixed_ones_stay() {
        let bin = |value: u8, weight: u64| {
            let color = [value, value, value, 255];
            Bin { weight, sums: color.map(|part| weight * u64::from(part)), mean: color }
        };
        let bins = [bin(10, 1), bin(20, 3), bin(200, 5), bin(255, 1)];
        let mut points = vec![[250, 250, 250, 255], [0, 0, 0, 255], [190, 190, 190, 255]];
        refine(&bins, &mut points, 1, false, Cancel::ALWAYS).unwrap();
        assert_eq!(points.iter().map(|point| point[0]).collect::<Vec<_>>(), [250, 18, 200]);
    }
}
