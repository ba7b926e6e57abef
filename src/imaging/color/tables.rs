//! Tables of functions between whole numbers, at both ends of a conversion and inside it.

use std::sync::OnceLock;

use super::curve::{Chain, chained};

/// The real numbers that whole numbers stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    /// What stands for `high`; 0 stands for `low`.
    pub(super) one: i32,
}

/// The largest [`Scale::one`] of what goes into a table.
pub(super) const ONE: i32 = 1 << 20;

impl Scale {
    pub(super) const fn new(low: f64, high: f64, one: i32) -> Self {
        Self { low, high, one }
    }

    /// The real number that a whole one, or one in between, stands for.
    pub(super) fn real(self, whole: f64) -> f64 {
        self.low + (self.high - self.low) * whole / f64::from(self.one)
    }

    /// The nearest whole number.
    pub(super) fn whole(self, real: f64) -> i32 {
        let share = ((real - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        (share * f64::from(self.one) + 0.5) as i32
    }
}

/// 16/15 of a number, rounded: of that, 15/16 rounded are the number again.
pub(super) const fn extended(whole: i32) -> i32 {
    (16 * whole + if whole < 0 { -7 } else { 7 }) / 15
}

/// Parts of a table of a function.
const PARTS: usize = 4096;

/// A function between whole numbers: in straight lines between 4097 values.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) values: Box<[i32]>,
}

impl Lookup {
    /// `step` whole numbers lie from one value to the next.
    fn new(chain: &Chain, from: Scale, step: i32, to: Scale) -> Self {
        let at = |i: usize| to.whole(chained(chain, from.real(i as f64 * f64::from(step))));
        Self { values: (0..=PARTS).map(at).collect() }
    }

    /// A table of numbers up to [`ONE`].
    pub(super) fn inner(chain: &Chain, from: Scale, to: Scale) -> Self {
        Self::new(chain, from, ONE / PARTS as i32, to)
    }

    /// In place; values beyond the ends are at them.
    #[inline(always)]
    pub(super) fn run(&self, column: &mut [i32]) {
        let values = &self.values[..=PARTS];
        for whole in column {
            let place = (*whole).clamp(0, ONE - 1);
            let (index, part) = ((place >> 8) as usize, place & 255);
            let (low, high) = (values[index], values[index + 1]);
            *whole = low + (((high - low) * part + 128) >> 8);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.values)
    }
}

/// How samples of a device become whole numbers.
#[derive(Debug)]
pub(super) struct Entry {
    chain: Chain,
    to: Scale,
    /// By samples of 8 bits.
    narrow: Box<[i32; 256]>,
    /// For samples of 16 bits; most pictures need none.
    wide: OnceLock<Lookup>,
}

impl Entry {
    pub(super) fn new(chain: Chain, to: Scale) -> Self {
        let mut narrow = Box::new([0; 256]);
        for (sample, value) in narrow.iter_mut().enumerate() {
            *value = to.whole(chained(&chain, sample as f64 / 255.0));
        }
        Self { chain, to, narrow, wide: OnceLock::new() }
    }

    /// Tables for 16 bits count as if they were there.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.narrow) + 4 * (PARTS + 1)
    }

    fn wide(&self) -> &Lookup {
        self.wide.get_or_init(|| {
            let samples = Scale::new(0.0, 1.0, 65535);
            let mut lookup = Lookup::new(&self.chain, samples, 16, self.to);
            // The last value lies one step behind white: it is such that white is exact.
            let (white, before) = (self.to.whole(chained(&self.chain, 1.0)), lookup.values[PARTS - 1]);
            lookup.values[PARTS] = before + extended(white - before);
            lookup
        })
    }
}

/// How whole numbers up to [`ONE`] become samples of 8 bits.
///
/// Dark ones are told apart more finely, because the curve of a device is steep there where it is a power: one by one below
/// 2¹², by sixteen below 2¹⁶, by 256 above.
#[derive(Debug, PartialEq)]
pub(super) struct Exit {
    values: Box<[u8; EXIT_VALUES]>,
}

const EXIT_VALUES: usize = 1 << 14;

/// Where the values of a part begin that has 2^`shift` whole numbers to each value.
const fn part(shift: u32) -> usize {
    PARTS * (shift / 4) as usize
}

impl Exit {
    pub(super) fn new(chain: &Chain, from: Scale) -> Self {
        let sample = |whole: f64| {
            let real = chained(chain, from.real(whole.min(f64::from(from.one)))).clamp(0.0, 1.0);
            (real * 255.0 + 0.5) as u8
        };
        let mut values = Box::new([0; EXIT_VALUES]);
        for shift in [0u32, 4, 8] {
            let width = f64::from(1u32 << shift);
            for i in 0..=PARTS {
                // In the middle of what has the value.
                values[part(shift) + i] = sample(i as f64 * width + (width - 1.0) / 2.0);
            }
        }
        Self { values }
    }

    #[inline(always)]
    pub(super) fn run(&self, column: &mut [i32], to: &mut [u8]) {
        // Apart from the look-ups, so that the compiler makes vectors of it.
        for whole in &mut *column {
            let place = (*whole).clamp(0, ONE);
            let [some, many] = [part(4) as i32 + (place >> 4), part(8) as i32 + (place >> 8)];
            let coarse = if place < 0x10000 { some } else { many };
            *whole = if place < 0x1000 { place } else { coarse };
        }
        for (to, &index) in to.iter_mut().zip(&*column) {
            // The mask takes nothing away; it tells the compiler that the index is one of the table.
            *to = self.values[index as usize & (EXIT_VALUES - 1)];
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.values)
    }
}

/// Samples that a program reads.
pub(super) trait Samples: Copy {
    fn enter(entry: &Entry, from: &[Self], to: &mut [i32]);
}

impl Samples for u8 {
    #[inline(always)]
    fn enter(entry: &Entry, from: &[Self], to: &mut [i32]) {
        for (to, &sample) in to.iter_mut().zip(from) {
            *to = entry.narrow[usize::from(sample)];
        }
    }
}

impl Samples for u16 {
    #[inline(always)]
    fn enter(entry: &Entry, from: &[Self], to: &mut [i32]) {
        let values = &entry.wide().values[..=PARTS];
        for (to, &sample) in to.iter_mut().zip(from) {
            let (index, part) = (usize::from(sample >> 4), i32::from(sample & 15));
            let (low, high) = (values[index], values[index + 1]);
            *to = low + (((high - low) * part + 8) >> 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::curve::Curve;
    use super::*;

    #[test]
    fn tables_are_near_their_functions() {
        let chain = vec![Curve::ToLab];
        let (from, to) = (Scale::new(-0.125, 2.0, ONE), Scale::new(-1.0, 2.0, ONE));
        let lookup = Lookup::inner(&chain, from, to);
        for whole in (0..=ONE).step_by(997) {
            let mut column = [whole];
            lookup.run(&mut column);
            let (exact, got) = (chained(&chain, from.real(f64::from(whole))), to.real(f64::from(column[0])));
            assert!((exact - got).abs() < 1e-4, "{whole}: {exact} {got}");
        }
        let mut ends = [-5, ONE + 5];
        lookup.run(&mut ends);
        assert_eq!(ends, [lookup.values[0], lookup.values[PARTS]].map(|value| value.min(ends[1])));
    }

    #[test]
    fn exits_are_within_a_tenth_of_their_functions() {
        for g in [1.0, 1.8, 2.2, 2.6] {
            let chain: Chain = Curve::power(g).iter().map(Curve::inverse).collect();
            let scale = Scale::new(0.0, 1.0, ONE);
            let exit = Exit::new(&chain, scale);
            for sample in 0..=255u8 {
                let real =
                    chained(&[Curve::power(g)].into_iter().flatten().collect::<Vec<_>>(), f64::from(sample) / 255.0);
                let mut out = [0];
                exit.run(&mut [scale.whole(real)], &mut out);
                assert!(out[0].abs_diff(sample) <= u8::from(g > 2.2 && sample < 4), "{g} {sample}");
            }
        }
    }

    #[test]
    fn samples_of_16_bits_enter_as_those_of_8_bits_do() {
        let entry = Entry::new(vec![Curve::power(2.2).unwrap()], Scale::new(0.0, 1.0, ONE));
        for sample in 0..=255u8 {
            let (mut narrow, mut wide) = ([0], [0]);
            u8::enter(&entry, &[sample], &mut narrow);
            u16::enter(&entry, &[u16::from(sample) * 257], &mut wide);
            assert!((narrow[0] - wide[0]).abs() <= 1, "{sample}: {narrow:?} {wide:?}");
        }
    }
}
