//! Stepping three streams without a check for each load and store: what they may touch is made sure of before each run of
//! steps. Needs BMI2, whose shifts leave the registers of the streams alone, for being fast only.
#![allow(unsafe_code, reason = "loads and stores whose bounds are checked for many steps at once")]

use crate::imaging::kernel::isa::avx2::Avx2;

use super::super::skip::{ADVANCE, ADVANCE_AT, LOOKAHEAD, STUCK, Step};
use super::stream::{Block, Course, Data, MAX_BITS, Out, STREAMS, Stream, TABLES};

/// Steps between two loads of a stream's bits: 57 of these are valid, and a step takes 24 at most, which [`Step::new`]
/// makes sure of.
const STEPS: usize = 2;

/// As the portable code of [`Walk`](super::Walk).
pub(super) fn together(_: Avx2, data: Data<'_>, courses: &mut [Course; STREAMS], out: &mut Out) -> usize {
    // SAFETY: the token proves AVX2, and with it BMI2.
    unsafe { together_bmi2(data, courses, out) }
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
fn together_bmi2(data: Data<'_>, courses: &mut [Course; STREAMS], out: &mut Out) -> usize {
    // Nothing is read behind the bytes, nor written behind the buffer.
    let last = (8 * data.bytes.len()).saturating_sub(64 + MAX_BITS);
    for course in courses.iter_mut() {
        (course.border, course.end) = (course.border.min(last), course.end.min(out.len()));
    }
    let memory = Memory {
        bytes: data.bytes.as_ptr(),
        steps: data.steps.as_ptr(),
        places: data.places.as_ptr(),
        out: out.as_mut_ptr(),
    };
    let mut running = courses.map(|course| Running { word: 0, stream: course.stream });
    let stuck = 'runs: loop {
        // So many runs of steps cannot pass a border.
        let runs: [usize; STREAMS] = std::array::from_fn(|i| courses[i].steps(&running[i].stream) / STEPS);
        let least = runs.iter().copied().min().unwrap_or(0);
        if least == 0 {
            break runs.iter().position(|&count| count == 0).unwrap_or(0);
        }
        for _ in 0..least {
            for stream in &mut running {
                // SAFETY: so many runs read no bits but of the bytes.
                unsafe { stream.load(memory) }
            }
            for _ in 0..STEPS {
                for (i, stream) in running.iter_mut().enumerate() {
                    // SAFETY: so many runs find no more blocks than there is room for.
                    if unsafe { !stream.step(memory) } {
                        break 'runs i;
                    }
                }
            }
        }
    };
    courses.iter_mut().zip(running).for_each(|(course, running)| course.stream = running.stream);
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
        let at = memory.bytes.wrapping_add(self.stream.position / 8);
        // SAFETY: by the caller's word.
        let bytes = unsafe { at.cast::<[u8; 8]>().read() };
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
        let entry = memory.steps.wrapping_add(index);
        // SAFETY: a place's table and 12 bits are less than the eight tables' 15 bits.
        let step = unsafe { entry.read() }.0;
        let sum = stream.sum + step;
        if sum & STUCK != 0 {
            stream.sum &= !0xff;
            return false;
        }
        stream.position += (step & 0xff) as usize;
        *word <<= step & 63;
        let block = Block::new(sum >> 16, stream.position).0.to_ne_bytes();
        let at = memory.out.wrapping_add(stream.out);
        // SAFETY: by the caller's word.
        unsafe { at.write(block) }
        // No branch: where blocks end cannot be foreseen.
        let ends = sum & ADVANCE >= 63 << ADVANCE_AT;
        stream.sum = if ends { 0 } else { sum };
        stream.out += usize::from(ends);
        let place = (stream.place >> 16) as usize % 16;
        let next = memory.places.wrapping_add(place).cast::<u32>().wrapping_add(usize::from(ends));
        // SAFETY: there are 16 places of two words.
        stream.place = unsafe { next.read() };
        true
    }
}
