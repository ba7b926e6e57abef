//! Runs of pixels that were there before.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

/// The shortest and the longest run.
const LEAST: usize = 3;
const MOST: usize = 4096;

/// The shortest run from far away, where its distance takes many bits.
const LEAST_FAR: usize = 5;

/// How far back a run may begin.
const WINDOW: usize = 1 << 18;

/// Places with the same next pixels that are looked at.
const TRIES: usize = 12;

const HASH_BITS: u32 = 16;

/// Pixels between two questions of whether the work is to be given up.
const PACE: usize = 1 << 14;

/// What comes next: a pixel, or a run of pixels from before. It takes four bytes: there is one for each pixel of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token(u32);

impl Token {
    const PIXEL: Self = Self(0);

    const fn run(length: usize, distance: usize) -> Self {
        // 1 to 4096 in 12 bits, and less than 2^20.
        Self(((length - 1) << 20 | distance) as u32)
    }

    /// Length and distance; `None`: a pixel.
    pub(super) const fn as_run(self) -> Option<(usize, usize)> {
        match self.0 {
            0 => None,
            both => Some(((both >> 20) as usize + 1, (both & 0xf_ffff) as usize)),
        }
    }
}

/// Places at which pixels were, by a hash of three pixels.
struct Places {
    /// One more than the last place of each hash.
    heads: Vec<u32>,
    /// The same of the place before, by the place within the window.
    before: Vec<u32>,
}

impl Places {
    fn hash(pixels: &[u32], at: usize) -> Option<usize> {
        let [one, two, three] = *pixels.get(at..)?.first_chunk()?;
        let mixed = one.wrapping_mul(0x9e37_79b1) ^ two.wrapping_mul(0x85eb_ca77) ^ three.wrapping_mul(0xc2b2_ae3d);
        Some((mixed.wrapping_mul(0x27d4_eb2f) >> (32 - HASH_BITS)) as usize)
    }

    fn insert(&mut self, pixels: &[u32], at: usize) {
        if let Some(hash) = Self::hash(pixels, at) {
            self.before[at % WINDOW] = self.heads[hash];
            self.heads[hash] = at as u32 + 1;
        }
    }

    /// Places with the same hash, the last one first.
    fn of(&self, pixels: &[u32], at: usize) -> impl Iterator<Item = usize> {
        let first = Self::hash(pixels, at).map_or(0, |hash| self.heads[hash]);
        let place = move |next: u32| usize::try_from(next).ok()?.checked_sub(1).filter(|place| place + WINDOW > at);
        std::iter::successors(place(first), move |last| place(self.before[last % WINDOW])).take(TRIES)
    }
}

/// The tokens of pixels, from the first one on.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn tokens(pixels: &[u32], width: usize, cancel: Cancel<'_>) -> Result<Vec<Token>> {
    // Places of a picture that is smaller than the window need no others.
    let mut places = Places { heads: vec![0; 1 << HASH_BITS], before: vec![0; WINDOW.min(pixels.len())] };
    let mut tokens = Vec::new();
    let (mut at, mut asked) = (0, 0);
    while at < pixels.len() {
        if at >= asked {
            cancel.check()?;
            asked = at + PACE;
        }
        let (length, distance) = longest(pixels, at, width, &places);
        let least = if distance <= width + 1 { LEAST } else { LEAST_FAR };
        let taken = if length >= least { length } else { 1 };
        tokens.push(if taken > 1 { Token::run(length, distance) } else { Token::PIXEL });
        (at..at + taken).for_each(|at| places.insert(pixels, at));
        at += taken;
    }
    Ok(tokens)
}

/// The longest run from before, and its distance: of several the nearest.
fn longest(pixels: &[u32], at: usize, width: usize, places: &Places) -> (usize, usize) {
    let most = MOST.min(pixels.len() - at);
    let near = [1, width].into_iter().filter(|distance| *distance <= at && *distance < WINDOW);
    let others = places.of(pixels, at).map(|place| at - place);
    let mut best = (0, 0);
    for distance in near.chain(others) {
        let earlier = &pixels[at - distance..];
        let length = earlier.iter().zip(&pixels[at..at + most]).take_while(|(one, other)| one == other).count();
        if length > best.0 {
            best = (length, distance);
        }
        if length == most {
            break;
        }
    }
    best
}
