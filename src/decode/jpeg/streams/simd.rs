//! Stepping three streams without a check for each load and store: what they may touch is made sure of before each run of
//! steps. Needs BMI2, whose shifts leave the registers of the streams alone, for being fast only.
#![allow(unsafe_code, reason = "loads and stores whose bounds are checked for many steps at once")]

use crate::kernel::simd::Avx2;

use super::{ADVANCE, ADVANCE_AT, Block, LOOKAHEAD, MAX_BITS, Out, Party, STREAMS, STUCK, Step, Stream, TABLES};

/// Steps between two loads of a stream's bits: 57 of these are valid, and a step takes 24 at most.
const STEPS: usize = 2;

/// As [`Party::together_portable`].
pub(super) fn together(
    _: Avx2,
    party: Party<'_, '_>,
    streams: [&mut Stream; STREAMS],
    limits: [usize; STREAMS],
    out: &mut Out,
) -> usize {
    // SAFETY: the token proves AVX2, and with it BMI2.
    unsafe { together_bmi2(party, streams, limits, out) }
}

/// A stream between two loads of bits.
#[derive(Clone, Copy)]
struct Running {
    /// The next bits, on top.
    word: u64,
    stream: Stream,
}

/// What all streams read and write.
#[derive(Clone, Copy)]
struct Memory {
    bytes: *const u8,
    steps: *const Step,
    places: *const [u32; 2],
    out: *mut [u8; 4],
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn together_bmi2(
    party: Party<'_, '_>,
    streams: [&mut Stream; STREAMS],
    limits: [usize; STREAMS],
    out: &mut Out,
) -> usize {
    let [x, y, z] = streams;
    let load = |stream: &Stream| Running { word: 0, stream: *stream };
    let (mut a, mut b, mut c) = (load(x), load(y), load(z));
    let room = out.len();
    let memory = Memory {
        bytes: party.bytes.as_ptr(),
        steps: party.walk.steps.as_ptr(),
        places: party.walk.places.as_ptr(),
        out: out.as_mut_ptr(),
    };
    // So many runs cannot pass a border, nor what there is of bits and of the buffer.
    let runs = |running: &Running, limit: usize| {
        let (stream, last) = (&running.stream, (8 * party.bytes.len()).saturating_sub(64 + MAX_BITS));
        let bits = limit.min(last).saturating_sub(stream.position) / (STEPS * MAX_BITS);
        bits.min(room.saturating_sub(stream.out) / STEPS)
    };
    let stuck = 'runs: loop {
        let counts = [runs(&a, limits[0]), runs(&b, limits[1]), runs(&c, limits[2])];
        let least = counts[0].min(counts[1]).min(counts[2]);
        if least == 0 {
            break counts.iter().position(|&count| count == 0).unwrap_or(0);
        }
        for _ in 0..least {
            // SAFETY: `runs` has made sure that a run's bits and blocks lie within the bytes and the buffer.
            unsafe {
                a.load(memory);
                b.load(memory);
                c.load(memory);
            }
            for _ in 0..STEPS {
                // SAFETY: the same.
                if unsafe { !a.step(memory) } {
                    break 'runs 0;
                }
                // SAFETY: the same.
                if unsafe { !b.step(memory) } {
                    break 'runs 1;
                }
                // SAFETY: the same.
                if unsafe { !c.step(memory) } {
                    break 'runs 2;
                }
            }
        }
    };
    (*x, *y, *z) = (a.stream, b.stream, c.stream);
    stuck
}

impl Running {
    /// Loads the next bits.
    ///
    /// # Safety
    ///
    /// Eight bytes can be read where the stream stands.
    #[inline(always)]
    unsafe fn load(&mut self, memory: Memory) {
        // SAFETY: by the caller's word.
        let bytes = unsafe { memory.bytes.add(self.stream.position / 8).cast::<[u8; 8]>().read() };
        self.word = u64::from_be_bytes(bytes) << (self.stream.position % 8);
        // The bits of earlier steps have been added up below the advance.
        self.stream.sum &= !0xff;
    }

    /// One step; false if the table does not know, and nothing is changed.
    ///
    /// # Safety
    ///
    /// The buffer has room for one more block of the stream.
    #[inline(always)]
    unsafe fn step(&mut self, memory: Memory) -> bool {
        let Self { word, stream } = self;
        let index = (stream.place & TABLES) as usize | (*word >> (64 - LOOKAHEAD)) as usize;
        // SAFETY: a place's table and 12 bits are less than the eight tables' 15 bits.
        let step = unsafe { memory.steps.add(index).read() }.0;
        let sum = stream.sum + step;
        if sum & STUCK != 0 {
            stream.sum &= !0xff;
            return false;
        }
        stream.position += (step & 0xff) as usize;
        *word <<= step & 63;
        let block = Block::new(sum >> 16, stream.position).0.to_ne_bytes();
        // SAFETY: by the caller's word.
        unsafe { memory.out.add(stream.out).write(block) }
        // No branch: where blocks end cannot be foreseen.
        let ends = sum & ADVANCE >= 63 << ADVANCE_AT;
        stream.sum = if ends { 0 } else { sum };
        stream.out += usize::from(ends);
        let place = (stream.place >> 16) as usize % 16;
        // SAFETY: there are 16 places of two words.
        stream.place = unsafe { memory.places.add(place).cast::<u32>().add(usize::from(ends)).read() };
        true
    }
}
