//! Walking over blocks in several places of a scan at once, which hides how long each look at a table takes.
//!
//! Nothing says where blocks begin in the middle of a scan. But Huffman codes fall into step by themselves: a stream that
//! begins anywhere, some way before a border, nearly always finds the same MCUs as one that came from the start. So a
//! chunk of data is cut into segments; each is begun on trial, and is taken only if the segment before it, which is
//! known to be right, ends at exactly the bit where the first MCU of the trial began. Where it does not, the one before
//! goes on through it. What comes out is therefore always what a single stream finds.
//!
//! Only the level of AVX2 has code of its own, and uses none of its vectors: each step is a shift, a look-up and a sum of one
//! stream, which depend on each other. What that level proves besides is BMI2, whose shifts by a variable number of bits keep the
//! registers and flags that others would overwrite. SSE4.1 brings no such shifts, and those of ARM are of that kind in portable
//! code already.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod stream;

use std::ops::Range;

use crate::base::limits::zeros;
use crate::base::pool::Pool;
use crate::imaging::kernel::isa::cpu::Cpu;
#[cfg(target_arch = "x86_64")]
use crate::imaging::kernel::isa::cpu::Vectors;

use super::bits::Reader;
use super::huffman::{END, Table};
use super::skip::{ADVANCE, ADVANCE_AT, LOOKAHEAD, STUCK, SkipTable, Step};
#[cfg(target_arch = "x86_64")]
use stream::Data;
use stream::{Course, MAX_BITS, Out, STREAMS, Stream, TABLE, TABLES};

pub(super) use stream::Block;

/// Segments of a chunk; streams take the next one when they are done.
const SEGMENTS: usize = 12;

/// Segments of a part: one for each stream.
const PART: usize = STREAMS;

/// Bytes of a chunk.
pub(super) const CHUNK: usize = 1 << 19;

/// Bytes of the buffer that [`Walk::walk`] works in, at most: a block takes two bits at least. Hardly a tenth of it is
/// touched where blocks are as long as those of photographs.
pub(super) const BUFFER: usize = 16 * (CHUNK + SEGMENTS * 1024);

/// Bits before a border where a trial begins (few where small files are to show what large ones do): of the pictures measured, most fall into step within a tenth of it.
const TRIAL: usize = if cfg!(fuzzing) { 1 << 8 } else { 1 << 13 };

/// Bits of a chunk from where it pays to cut it into parts for several threads.
const THREADED: usize = if cfg!(any(test, fuzzing)) { 1 << 10 } else { 1 << 21 };

/// The least bits of a segment for which trials pay.
const LEAST: usize = 4 * TRIAL;

/// One component's tables of a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codes<'t> {
    pub(super) dc: &'t Table,
    pub(super) ac: &'t Table,
    pub(super) skip: &'t SkipTable,
}

/// Steps of all codes, and the order of blocks in an MCU.
#[derive(Debug)]
pub(super) struct Walk {
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "portable code serves other processors"))]
    cpu: Cpu,
    /// Threads that may help.
    pool: Pool,
    /// For each of the codes the steps from a block's start and those within a block.
    steps: Box<[Step; 8 * TABLE as usize]>,
    /// Blocks of an MCU, at most 10.
    blocks: u32,
    /// For each block of an MCU the place within it, and the one where the next block starts. Of a place, bits 12–14 are
    /// the table of its steps, those from bit 16 the block.
    places: [[u32; 2]; 16],
}

/// A segment of a chunk.
#[derive(Debug, Clone, Copy, Default)]
struct Segment {
    /// The bit where the trial found its first MCU.
    start: usize,
    /// The bit behind its last MCU, which is the first to end at or after the border.
    end: usize,
    /// Blocks up to there or, if the data is damaged, up to the last sound MCU.
    blocks: usize,
    damaged: bool,
}

impl Walk {
    /// `order` says which of the codes each block of an MCU has; there are at most 10.
    pub(super) fn new(cpu: Cpu, pool: Pool, codes: &[Codes<'_>], order: impl Iterator<Item = usize>) -> Self {
        let mut steps = Box::new([Step::UNKNOWN; 8 * TABLE as usize]);
        for (steps, codes) in steps.chunks_exact_mut(2 * TABLE as usize).zip(codes) {
            steps.iter_mut().zip(codes.skip.steps()).for_each(|(to, from)| *to = from);
        }
        let order: Vec<u32> = order.take(10).map(|component| component as u32).collect();
        let blocks = order.len() as u32;
        let place = |block: u32, within: u32| {
            let component = order.get(block as usize).copied().unwrap_or_default();
            ((2 * component + within) * TABLE) | (block << 16)
        };
        let places = std::array::from_fn(|block| {
            let block = block as u32;
            [place(block, 1), place((block + 1) % blocks.max(1), 0)]
        });
        Self { cpu, pool, steps, blocks, places }
    }

    /// Walks through the MCUs that begin from bit `start`, where one does, to bit `end` and appends what it finds of
    /// their blocks, in the order of the file. Returns whether what follows them is damaged; `None` if there are too few
    /// bits for it to pay. What is in the buffer does not matter.
    pub(super) fn walk<'t>(
        &self,
        codes: &[Codes<'t>],
        bytes: &[u8],
        (start, end): (usize, usize),
        buffer: &mut Vec<u8>,
        blocks: &mut Vec<Block>,
    ) -> Option<bool> {
        let length = end.checked_sub(start)? / SEGMENTS;
        if length < LEAST {
            return None;
        }
        // Each block takes two bits at least, and there are some more blocks before the end is noticed.
        let room = (length + SEGMENTS) / 2 + 4 * MAX_BITS;
        let size = size_of::<Block>() * room * SEGMENTS;
        grow(buffer, size);
        let out = buffer.as_chunks_mut().0;
        let party = Party { walk: self, codes, bytes, start, length, end, room, first: 0 };
        let alone = end - start < THREADED || self.pool.idle() == 0;
        let mut segments = if alone { party.run(0..SEGMENTS, out) } else { party.run_in_parts(out) };
        let (mut position, mut damaged) = (start, false);
        for (i, segment) in segments.iter_mut().enumerate() {
            if segment.start != position {
                // It fell into step too late, or not at all: the one before goes on.
                *segment = party.finish(party.stream(position, i), i, out);
            }
            let found = out.iter().skip(i * room).take(segment.blocks.min(room));
            blocks.extend(found.map(|&block| Block(u32::from_ne_bytes(block))));
            position = segment.end;
            damaged = segment.damaged;
            if damaged {
                break;
            }
        }
        Some(damaged)
    }
}

/// Restart intervals are known starts, so that nothing is begun on trial.
impl Walk {
    /// Walks through whole intervals, of which the bits and the blocks are given, and appends what it finds of their
    /// blocks. Returns how many of the first ones are sound to the last bit; of the others nothing is appended.
    pub(super) fn intervals<'t>(
        &self,
        codes: &[Codes<'t>],
        bytes: &[u8],
        intervals: &[(Range<usize>, usize)],
        buffer: &mut Vec<u8>,
        blocks: &mut Vec<Block>,
    ) -> usize {
        let room = intervals.iter().map(|&(_, blocks)| blocks).max().unwrap_or(0) + 1;
        grow(buffer, size_of::<Block>() * room * intervals.len());
        let out = buffer.as_chunks_mut().0;
        let party = Party { walk: self, codes, bytes, start: 0, length: 0, end: 0, room, first: 0 };
        let mut sound = vec![false; intervals.len()];
        party.run_intervals(intervals, &mut sound, out);
        let count = sound.iter().take_while(|&&sound| sound).count();
        for (i, &(_, len)) in intervals.iter().enumerate().take(count) {
            blocks.extend(out.iter().skip(i * room).take(len).map(|&block| Block(u32::from_ne_bytes(block))));
        }
        count
    }
}

impl Party<'_, '_> {
    fn run_intervals(self, intervals: &[(Range<usize>, usize)], sound: &mut [bool], out: &mut Out) {
        let mut waiting = intervals.iter().enumerate().map(|(segment, (bits, blocks))| {
            let (stream, end) = (self.stream(bits.start, segment), segment * self.room + blocks);
            Course { segment, stream, start: bits.start, border: bits.end, end }
        });
        let mut courses: Vec<Course> = waiting.by_ref().take(STREAMS).collect();
        while let Ok(together) = <&mut [Course; STREAMS]>::try_from(&mut courses[..]) {
            let stuck = self.together(together, out) % STREAMS;
            let course = &mut courses[stuck];
            let near = course.steps(&course.stream) == 0;
            if !near && self.symbol(&mut course.stream, out).is_some() {
                continue;
            }
            sound[course.segment] = self.ends_soundly(course, out);
            match waiting.next() {
                Some(next) => *course = next,
                None => drop(courses.swap_remove(stuck)),
            }
        }
        for mut course in courses {
            sound[course.segment] = self.ends_soundly(&mut course, out);
        }
    }

    /// Goes on to the end of an interval: whether its last block ends in its last byte.
    fn ends_soundly(self, course: &mut Course, out: &mut Out) -> bool {
        let stream = &mut course.stream;
        while stream.out < course.end && stream.position <= course.border {
            if self.step(stream, out).is_none() {
                return false;
            }
        }
        stream.out == course.end && stream.position <= course.border && course.border - stream.position < 8
    }
}

/// Makes a buffer large enough; what is in it does not matter.
fn grow(buffer: &mut Vec<u8>, size: usize) {
    if buffer.len() < size {
        // Fresh zeros cost nothing where they are not touched.
        *buffer = zeros(size);
    }
}

/// A walk with what it walks over.
#[derive(Clone, Copy)]
struct Party<'w, 't> {
    walk: &'w Walk,
    codes: &'w [Codes<'t>],
    bytes: &'w [u8],
    /// The first bit, the bits of a segment, and the bit behind the last segment.
    start: usize,
    length: usize,
    end: usize,
    /// Blocks that the buffer holds for each segment, and the first segment that it holds.
    room: usize,
    first: usize,
}

impl Party<'_, '_> {
    /// The bit where a segment is to begin.
    fn border(self, i: usize) -> usize {
        if i == SEGMENTS { self.end } else { self.start + i * self.length }
    }

    /// Walks through all segments, in parts that idle threads take. What a segment holds does not depend on who walks through
    /// it.
    fn run_in_parts(self, out: &mut Out) -> Vec<Segment> {
        let run = |(first, out): (usize, &mut Out)| Self { first, ..self }.run(first..first + PART, out);
        let parts = (0..SEGMENTS).step_by(PART).zip(out.chunks_mut(PART * self.room)).collect();
        self.walk.pool.each(parts, run, &run).concat()
    }

    /// Walks through some segments, no fewer than there are streams, each from where its trial finds an MCU.
    fn run(self, range: Range<usize>, out: &mut Out) -> Vec<Segment> {
        let first = range.start;
        let mut segments = vec![Segment::default(); range.len()];
        let mut waiting = range;
        let mut begin = |out: &mut Out| {
            let segment = waiting.next()?;
            let (stream, border) = (self.trial(segment, out), self.border(segment + 1));
            Some(Course {
                segment,
                stream,
                start: stream.position,
                border,
                end: (segment + 1 - self.first) * self.room,
            })
        };
        let finished = |course: Course, out: &mut Out| Segment {
            start: course.start,
            ..self.finish(course.stream, course.segment, out)
        };
        // There are no fewer segments than streams.
        let [Some(a), Some(b), Some(c)] = std::array::from_fn(|_| begin(out)) else { return segments };
        let mut courses = [a, b, c];
        loop {
            let stuck = self.together(&mut courses, out) % STREAMS;
            let course = &mut courses[stuck];
            if course.stream.position + MAX_BITS < course.border && self.symbol(&mut course.stream, out).is_some() {
                continue;
            }
            segments[course.segment - first] = finished(*course, out);
            let Some(next) = begin(out) else {
                for (_, course) in courses.into_iter().enumerate().filter(|&(i, _)| i != stuck) {
                    segments[course.segment - first] = finished(course, out);
                }
                return segments;
            };
            courses[stuck] = next;
        }
    }

    /// A stream of segment `i` where an MCU begins.
    fn stream(self, position: usize, i: usize) -> Stream {
        let place = self.walk.places[self.walk.blocks as usize - 1][1];
        Stream { position, place, sum: 0, out: (i - self.first) * self.room }
    }

    /// A stream at the first MCU that seems to begin at or after a border; the first segment begins there for certain.
    fn trial(self, i: usize, out: &mut Out) -> Stream {
        let border = self.border(i);
        let mut stream = self.stream(if i == 0 { border } else { border - TRIAL }, i);
        while !self.is_past(&stream, border) {
            if self.step(&mut stream, out).is_none() {
                // Out of step: what looks damaged may be sound from the next bit on.
                stream = self.stream(stream.position + 1, i);
            }
        }
        self.stream(stream.position, i)
    }

    /// Walks on to the first MCU that begins at or after the end of segment `i`.
    fn finish(self, mut stream: Stream, i: usize, out: &mut Out) -> Segment {
        let (border, mut damaged) = (self.border(i + 1), false);
        while !self.is_past(&stream, border) && !damaged {
            damaged = self.step(&mut stream, out).is_none();
        }
        let blocks = stream.out - (i - self.first) * self.room;
        Segment { start: 0, end: stream.position, blocks: blocks - blocks % self.walk.blocks as usize, damaged }
    }

    /// The stream is where an MCU begins, at or after the border.
    fn is_past(self, stream: &Stream, border: usize) -> bool {
        stream.position >= border && stream.place == self.walk.places[self.walk.blocks as usize - 1][1]
    }

    /// One step of one stream; `None` if the data is damaged.
    #[inline(always)]
    fn step(self, stream: &mut Stream, out: &mut Out) -> Option<()> {
        if self.quick(stream, out) { Some(()) } else { self.symbol(stream, out) }
    }

    /// One step by the table; false if the table does not know.
    #[inline(always)]
    fn quick(self, stream: &mut Stream, out: &mut Out) -> bool {
        let bytes = self.bytes.get(stream.position / 8..).and_then(<[u8]>::first_chunk::<8>);
        let word = bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes)) << (stream.position % 8);
        let index = stream.place & TABLES | (word >> (64 - LOOKAHEAD)) as u32;
        let step = self.walk.steps[index as usize % (8 * TABLE as usize)].0;
        let sum = stream.sum + (step & !0xff);
        if sum & STUCK != 0 {
            return false;
        }
        stream.position += (step & 63) as usize;
        if let Some(out) = out.get_mut(stream.out) {
            *out = Block::new(sum >> 16, stream.position).0.to_ne_bytes();
        }
        // No branch: where blocks end cannot be foreseen.
        let ends = sum & ADVANCE >= 63 << ADVANCE_AT;
        stream.sum = if ends { 0 } else { sum };
        stream.out += usize::from(ends);
        stream.place = self.walk.places[(stream.place >> 16) as usize % 16][usize::from(ends)];
        true
    }

    /// One symbol, exactly.
    #[cold]
    #[inline(never)]
    fn symbol(self, stream: &mut Stream, out: &mut Out) -> Option<()> {
        let [within, next] = self.walk.places[(stream.place >> 16) as usize % 16];
        let codes = self.codes.get(((stream.place & TABLES) / (2 * TABLE)) as usize)?;
        let mut reader = Reader::at(self.bytes, stream.position);
        if stream.place == within {
            let sum = (stream.sum & ADVANCE) >> ADVANCE_AT;
            match sum + codes.ac.read(&mut reader)?.0 {
                sum @ ..63 => stream.sum = stream.sum & !ADVANCE | sum << ADVANCE_AT,
                63 | END.. => {
                    if let Some(out) = out.get_mut(stream.out) {
                        *out = Block::new(stream.sum >> 16, reader.position()).0.to_ne_bytes();
                    }
                    *stream = Stream { place: next, sum: 0, out: stream.out + 1, ..*stream };
                }
                _ => return None,
            }
        } else {
            let difference = codes.dc.difference(&mut reader)?;
            (stream.place, stream.sum) = (within, u32::from(difference as u16) << 16);
        }
        stream.position = reader.position();
        Some(())
    }

    /// Steps all streams in turn until the table does not know what one of them needs, or one is near its border or the
    /// end of its part of the buffer; returns which.
    fn together(self, courses: &mut [Course; STREAMS], out: &mut Out) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let Vectors::Avx2(token) = self.walk.cpu.vectors() {
            let data = Data { bytes: self.bytes, steps: &self.walk.steps, places: &self.walk.places };
            return avx2::together(token, data, courses, out);
        }
        self.together_portable(courses, out)
    }

    #[inline(never)]
    fn together_portable(self, courses: &mut [Course; STREAMS], out: &mut Out) -> usize {
        let mut streams = courses.map(|course| course.stream);
        let stuck = 'steps: loop {
            // So many steps cannot pass a border.
            let steps: [usize; STREAMS] = std::array::from_fn(|i| courses[i].steps(&streams[i]));
            let least = steps.iter().copied().min().unwrap_or(0);
            if least == 0 {
                break steps.iter().position(|&count| count == 0).unwrap_or(0);
            }
            for _ in 0..least {
                for (i, stream) in streams.iter_mut().enumerate() {
                    if !self.quick(stream, out) {
                        break 'steps i;
                    }
                }
            }
        };
        courses.iter_mut().zip(streams).for_each(|(course, stream)| course.stream = stream);
        stuck
    }
}
