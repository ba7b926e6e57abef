//! A writer of JPEG files that few encoders make: any sampling, any scans, restarts, DNL, 16-bit tables, fill bytes.
//!
//! It writes coefficients as they are, so that one picture can be written in many ways, which must decode alike.

use super::arithmetic_writer::{Conditions, Writer};
use super::coefficients::NATURAL;
use crate::test_support::Dice;

/// Numbers that look random and are the same in every run.
pub(super) struct Random(Dice);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(Dice::new(seed))
    }

    pub(super) const fn next(&mut self, below: u32) -> u32 {
        self.0.below(below as usize) as u32
    }
}

/// A component: its factors, and its coefficients in the order of the file, block by block, with those that only fill
/// the last MCUs.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) h: u32,
    pub(super) v: u32,
    pub(super) across: u32,
    pub(super) blocks: Vec<[i16; 64]>,
}

/// A picture as coefficients.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: Vec<Component>,
    /// Steps in the order of the file, one table for all.
    pub(super) steps: [u16; 64],
}

/// A scan: components, first and last coefficient, high and low bit.
pub(super) type Script = (Vec<usize>, [u8; 4]);

/// How a picture is written.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) progressive: bool,
    pub(super) scans: Vec<Script>,
    pub(super) restart: u32,
    /// The height stands behind the first scan.
    pub(super) dnl: bool,
    pub(super) wide_tables: bool,
    /// Fill bytes and garbage before markers.
    pub(super) littered: bool,
    pub(super) ids: [u8; 4],
    /// With arithmetic codes.
    pub(super) arithmetic: Option<Conditions>,
}

impl Manner {
    pub(super) fn baseline(components: usize) -> Self {
        Self {
            progressive: false,
            scans: vec![((0..components).collect(), [0, 63, 0, 0])],
            restart: 0,
            dnl: false,
            wide_tables: false,
            littered: false,
            ids: *b"RGBK",
            arithmetic: None,
        }
    }

    /// A scan for every component.
    pub(super) fn separate(components: usize) -> Self {
        let scans = (0..components).map(|component| (vec![component], [0, 63, 0, 0]));
        Self { scans: scans.collect(), ..Self::baseline(components) }
    }

    /// A progressive script by chance: bands of any width, any number of refinements, DC together or apart.
    pub(super) fn progressive(components: usize, together: bool, random: &mut Random) -> Self {
        let groups: Vec<Vec<usize>> =
            if together { vec![(0..components).collect()] } else { (0..components).map(|c| vec![c]).collect() };
        let mut scans = vec![];
        for group in groups {
            refinements(&mut scans, &group, (0, 0), random);
        }
        for component in 0..components {
            let mut first = 1;
            while first < 64 {
                let last = (first + random.next(64) as u8).min(63);
                refinements(&mut scans, &[component], (first, last), random);
                first = last + 1;
            }
        }
        Self { progressive: true, scans, ..Self::baseline(components) }
    }
}

fn refinements(scans: &mut Vec<Script>, group: &[usize], (first, last): (u8, u8), random: &mut Random) {
    let low = random.next(4) as u8;
    scans.push((group.to_vec(), [first, last, 0, low]));
    for low in (0..low).rev() {
        scans.push((group.to_vec(), [first, last, low + 1, low]));
    }
}

impl Picture {
    /// Coefficients by chance, sparse and mostly small, of a picture with these sampling factors.
    pub(super) fn random((width, height): (u32, u32), factors: &[(u32, u32)], random: &mut Random) -> Self {
        let h_max = factors.iter().map(|f| f.0).max().unwrap();
        let v_max = factors.iter().map(|f| f.1).max().unwrap();
        let (mcus, rows) = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
        let mut block = || {
            let mut block = [0; 64];
            block[0] = random.next(121) as i16 - 60;
            for _ in 0..[0, 1, 3, 9, 40][random.next(5) as usize] {
                // Low frequencies are likelier; now and then one is large.
                let last = random.next(63);
                let at = 1 + random.next(1 + last) as usize;
                let size = [3, 3, 9, 41][random.next(4) as usize];
                block[at] = random.next(2 * size + 1) as i16 - size as i16;
            }
            block
        };
        let components = factors.iter().map(|&(h, v)| Component {
            h,
            v,
            across: mcus * h,
            blocks: (0..mcus * h * rows * v).map(|_| block()).collect(),
        });
        let components = components.collect();
        Self { width, height, components, steps: std::array::from_fn(|i| 2 + i as u16 / 4) }
    }

    pub(super) fn maxima(&self) -> (u32, u32) {
        (self.components.iter().map(|c| c.h).max().unwrap(), self.components.iter().map(|c| c.v).max().unwrap())
    }

    pub(super) fn mcus(&self) -> (u32, u32) {
        let (h, v) = self.maxima();
        (self.width.div_ceil(8 * h), self.height.div_ceil(8 * v))
    }

    /// Blocks of a component that hold samples.
    fn real(&self, component: &Component) -> (u32, u32) {
        let (h, v) = self.maxima();
        let blocks = |pixels: u32, factor: u32, max: u32| (pixels * factor).div_ceil(max).div_ceil(8);
        (blocks(self.width, component.h, h), blocks(self.height, component.v, v))
    }

    pub(super) fn write(&self, manner: &Manner) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        let segment = |file: &mut Vec<u8>, marker: u8, payload: &[u8]| {
            if manner.littered && file.len() > 2 {
                // Behind arithmetic codes anything but fill bytes would be read as data.
                let garbage: &[u8] = if manner.arithmetic.is_none() { &[1, 0xff, 0, 2] } else { &[] };
                file.extend([garbage, &[0xff, 0xff]].concat());
            }
            file.extend([0xff, marker]);
            file.extend((payload.len() as u16 + 2).to_be_bytes());
            file.extend(payload);
        };
        let steps = |&step: &u16| if manner.wide_tables { step.to_be_bytes().to_vec() } else { vec![step as u8] };
        let head = if manner.wide_tables { 0x10 } else { 0 };
        segment(&mut file, 0xdb, &[vec![head], self.steps.iter().flat_map(steps).collect()].concat());
        let height = if manner.dnl { 0 } else { self.height as u16 };
        let mut frame = [&[8][..], &height.to_be_bytes(), &(self.width as u16).to_be_bytes()].concat();
        frame.push(self.components.len() as u8);
        for (component, id) in self.components.iter().zip(manner.ids) {
            frame.extend([id, (component.h << 4 | component.v) as u8, 0]);
        }
        let long = self.steps.iter().any(|&step| step > 255);
        let marker = match (manner.progressive, manner.arithmetic) {
            (false, None) => 0xc0 + u8::from(long),
            (true, None) => 0xc2,
            (progressive, Some(_)) => 0xc9 + u8::from(progressive),
        };
        segment(&mut file, marker, &frame);
        match manner.arithmetic {
            // The usual ones, which need no segment.
            Some((0, 1, 5)) => {}
            Some((lower, upper, first)) => segment(&mut file, 0xcc, &[0x00, upper << 4 | lower, 0x10, first]),
            None => {
                let (dc, ac) = (Code::new(16).definition(), Code::new(256).definition());
                segment(&mut file, 0xc4, &[&[0x00][..], &dc, &[0x10], &ac].concat());
            }
        }
        if manner.restart > 0 {
            segment(&mut file, 0xdd, &(manner.restart as u16).to_be_bytes());
        }
        for (i, (components, bits @ [first, last, high, low])) in manner.scans.iter().enumerate() {
            let mut header = vec![components.len() as u8];
            components.iter().for_each(|&c| header.extend([manner.ids[c], 0]));
            header.extend([*first, *last, high << 4 | low]);
            segment(&mut file, 0xda, &header);
            file.extend(Scan::new(self, manner, *bits).write(components));
            if i == 0 && manner.dnl {
                segment(&mut file, 0xdc, &(self.height as u16).to_be_bytes());
            }
        }
        file.extend([0xff, 0xd9]);
        file
    }
}

/// A code of fixed lengths from 2 to 16 bits.
struct Code {
    counts: [u8; 16],
    symbols: Vec<u8>,
    /// Length and bits of each symbol.
    codes: Vec<(u32, u32)>,
}

impl Code {
    fn new(count: u32) -> Self {
        // 1 + 2 + 3 + 4 + 6 = 16 symbols are short; the likeliest AC symbols come first.
        let mut symbols: Vec<u8> = vec![0, 1, 2, 0x11, 0x21, 3, 4, 0xf0, 0x12, 0x31, 0x10, 5];
        symbols.retain(|&symbol| u32::from(symbol) < count);
        symbols.extend((0..count).map(|symbol| symbol as u8).filter(|s| !symbols.contains(s)).collect::<Vec<_>>());
        let mut counts = [0u8; 16];
        let mut left = count;
        for (length, want) in [(2, 1), (3, 2), (4, 3), (6, 4), (7, 6), (9, 16), (11, 100), (12, 90), (16, 256)] {
            counts[length - 1] = left.min(want) as u8;
            left -= left.min(want);
        }
        let mut codes = vec![(0, 0); 256];
        let (mut code, mut index) = (0, 0);
        for (length, &count) in (1..).zip(&counts) {
            for _ in 0..count {
                codes[usize::from(symbols[index])] = (length, code);
                (code, index) = (code + 1, index + 1);
            }
            code <<= 1;
        }
        Self { counts, symbols, codes }
    }

    fn definition(&self) -> Vec<u8> {
        [&self.counts[..], &self.symbols].concat()
    }
}

/// A scan being written.
struct Scan<'a> {
    picture: &'a Picture,
    manner: &'a Manner,
    bits: [u8; 4],
    dc: Code,
    ac: Code,
    out: Vec<u8>,
    word: u64,
    filled: u32,
    predicted: [i16; 4],
    /// Blocks that have ended without a symbol so far, and bits that refine them.
    ended: u32,
    corrections: Vec<u32>,
    arithmetic: Option<Writer>,
}

impl<'a> Scan<'a> {
    fn new(picture: &'a Picture, manner: &'a Manner, bits: [u8; 4]) -> Self {
        let (dc, ac) = (Code::new(16), Code::new(256));
        let (out, corrections) = (vec![], vec![]);
        let arithmetic = manner.arithmetic.map(Writer::new);
        Self {
            picture,
            manner,
            bits,
            dc,
            ac,
            out,
            word: 0,
            filled: 0,
            predicted: [0; 4],
            ended: 0,
            corrections,
            arithmetic,
        }
    }

    fn put(&mut self, count: u32, bits: u32) {
        for i in (0..count).rev() {
            self.word = self.word << 1 | u64::from(bits >> i & 1);
            self.filled += 1;
            if self.filled == 8 {
                self.out.push(self.word as u8);
                if self.word as u8 == 0xff {
                    self.out.push(0);
                }
                (self.word, self.filled) = (0, 0);
            }
        }
    }

    fn flush(&mut self) {
        if let Some(conditions) = self.manner.arithmetic {
            let writer = self.arithmetic.replace(Writer::new(conditions));
            self.out.extend(writer.unwrap().end());
            return;
        }
        self.end_blocks();
        while self.filled != 0 {
            self.put(1, 1);
        }
    }

    fn symbol(&mut self, is_dc: bool, symbol: u32) {
        let (length, code) = if is_dc { &self.dc } else { &self.ac }.codes[symbol as usize];
        self.put(length, code);
    }

    fn value(&mut self, value: i32) -> (u32, u32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        let bits = if value < 0 { value - 1 } else { value } as u32;
        (size, bits & ((1 << size) - 1))
    }

    fn write(mut self, components: &[usize]) -> Vec<u8> {
        let picture = self.picture;
        let mut mcus: Vec<Vec<(usize, usize)>> = vec![];
        if let &[c] = components {
            let component = &picture.components[c];
            let (across, down) = picture.real(component);
            for y in 0..down {
                mcus.extend((0..across).map(|x| vec![(c, (y * component.across + x) as usize)]));
            }
        } else {
            let (across, down) = picture.mcus();
            for i in 0..across * down {
                let mut blocks = vec![];
                for &c in components {
                    let component = &picture.components[c];
                    for j in 0..component.h * component.v {
                        let (x, y) =
                            (i % across * component.h + j % component.h, i / across * component.v + j / component.h);
                        blocks.push((c, (y * component.across + x) as usize));
                    }
                }
                mcus.push(blocks);
            }
        }
        for (i, mcu) in mcus.iter().enumerate() {
            let restart = self.manner.restart as usize;
            if restart > 0 && i > 0 && i % restart == 0 {
                self.flush();
                // Arithmetic codes end where a marker is, not where they are complete.
                match (self.manner.littered, self.manner.arithmetic) {
                    (true, None) => self.out.extend([9, 9, 0xff]),
                    (true, Some(_)) => self.out.extend([0xff, 0xff]),
                    (false, _) => {}
                }
                self.out.extend([0xff, 0xd0 + ((i / restart - 1) % 8) as u8]);
                self.predicted = [0; 4];
            }
            for &(c, block) in mcu {
                self.block(c, &picture.components[c].blocks[block]);
            }
        }
        self.flush();
        self.out
    }

    fn block(&mut self, c: usize, block: &[i16; 64]) {
        let [first, last, high, low] = self.bits;
        if let Some(writer) = &mut self.arithmetic {
            return writer.block(self.manner.progressive, c, block, self.bits);
        }
        match (self.manner.progressive, first, high) {
            (false, ..) => {
                self.dc(c, block[0]);
                self.first_ac(&block[1..], 0);
            }
            (true, 0, 0) => self.dc(c, block[0] >> low),
            (true, 0, _) => self.put(1, (block[0] >> low) as u32 & 1),
            (true, _, 0) => self.first_ac(&block[usize::from(first)..=usize::from(last)], low),
            (true, ..) => self.refine_ac(&block[usize::from(first)..=usize::from(last)], low),
        }
    }

    fn dc(&mut self, c: usize, value: i16) {
        let difference = i32::from(value.wrapping_sub(self.predicted[c]));
        self.predicted[c] = value;
        let (size, bits) = self.value(difference);
        self.symbol(true, size);
        self.put(size, bits);
    }

    fn first_ac(&mut self, band: &[i16], low: u8) {
        let mut run = 0;
        for &coefficient in band {
            // Magnitudes are shifted, not values.
            let value = i32::from(coefficient.signum()) * (i32::from(coefficient).abs() >> low);
            if value == 0 {
                run += 1;
                continue;
            }
            self.end_blocks();
            while run > 15 {
                self.symbol(false, 0xf0);
                run -= 16;
            }
            let (size, bits) = self.value(value);
            self.symbol(false, run << 4 | size);
            self.put(size, bits);
            run = 0;
        }
        if run > 0 && self.manner.progressive {
            self.end_block(vec![]);
        } else if run > 0 {
            self.symbol(false, 0);
        }
    }

    fn refine_ac(&mut self, band: &[i16], low: u8) {
        let magnitudes: Vec<u32> = band.iter().map(|&c| u32::from(c.unsigned_abs()) >> low).collect();
        let new = magnitudes.iter().rposition(|&m| m == 1);
        let (mut run, mut corrections) = (0, vec![]);
        for (i, &magnitude) in magnitudes.iter().enumerate() {
            if magnitude == 0 {
                run += 1;
                continue;
            }
            while run > 15 && new.is_some_and(|new| i <= new) {
                self.end_blocks();
                self.symbol(false, 0xf0);
                std::mem::take(&mut corrections).into_iter().for_each(|bit| self.put(1, bit));
                run -= 16;
            }
            if magnitude > 1 {
                corrections.push(magnitude & 1);
                continue;
            }
            self.end_blocks();
            self.symbol(false, run << 4 | 1);
            self.put(1, u32::from(band[i] > 0));
            std::mem::take(&mut corrections).into_iter().for_each(|bit| self.put(1, bit));
            run = 0;
        }
        if run > 0 || !corrections.is_empty() {
            self.end_block(corrections);
        }
    }

    fn end_block(&mut self, corrections: Vec<u32>) {
        self.corrections.extend(corrections);
        self.ended += 1;
        if self.ended == 32767 {
            self.end_blocks();
        }
    }

    fn end_blocks(&mut self) {
        if self.ended > 0 {
            let size = 31 - self.ended.leading_zeros();
            self.symbol(false, size << 4);
            self.put(size, self.ended & ((1 << size) - 1));
            self.ended = 0;
            std::mem::take(&mut self.corrections).into_iter().for_each(|bit| self.put(1, bit));
        }
    }
}

impl Picture {
    /// What the picture is, by floating-point transforms and plain loops: one plane for each component.
    pub(super) fn planes(&self) -> Vec<Vec<f64>> {
        let (h_max, v_max) = self.maxima();
        let plane = |component: &Component| {
            let stride = component.across as usize * 8;
            let mut samples = vec![0.0; component.blocks.len() * 64];
            for (i, block) in component.blocks.iter().enumerate() {
                let (left, top) = (i % component.across as usize * 8, i / component.across as usize * 8);
                let out = naive_inverse(block, &self.steps);
                for (j, &value) in out.iter().enumerate() {
                    samples[(top + j / 8) * stride + left + j % 8] = value;
                }
            }
            let (width, height) =
                ((self.width * component.h).div_ceil(h_max), (self.height * component.v).div_ceil(v_max));
            let double_x = 2 * component.h == h_max && width > 2;
            let (same_x, same_y) = (component.h == h_max, component.v == v_max);
            let double_y = 2 * component.v == v_max;
            let fancy = (same_x || double_x) && (same_y || double_y);
            let taps = |at: u32, factor: u32, max: u32, len: u32| {
                let near = at * factor / max;
                let other = if at.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(len - 1) };
                if factor == max || !fancy { [(near, 1.0), (near, 0.0)] } else { [(near, 0.75), (other, 0.25)] }
            };
            let mut plane = vec![];
            for y in 0..self.height {
                for x in 0..self.width {
                    let mut sum = 0.0;
                    for (row, wy) in taps(y, component.v, v_max, height) {
                        for (column, wx) in taps(x, component.h, h_max, width) {
                            sum += wy * wx * samples[row as usize * stride + column as usize];
                        }
                    }
                    plane.push(sum);
                }
            }
            plane
        };
        self.components.iter().map(plane).collect()
    }
}

/// The definition of the inverse transform (T.81 A.3.3), rounded to samples.
pub(super) fn naive_inverse(block: &[i16; 64], steps: &[u16; 64]) -> [f64; 64] {
    let mut values = [0.0; 64];
    for (i, (&coefficient, &step)) in block.iter().zip(steps).enumerate() {
        values[usize::from(NATURAL[i])] = f64::from(coefficient) * f64::from(step);
    }
    // cos(πk/16)
    #[expect(clippy::disallowed_methods, reason = "an oracle with a tolerance")]
    let cos: [f64; 32] = std::array::from_fn(|k| (std::f64::consts::PI * k as f64 / 16.0).cos());
    let weight = |x: usize, u: usize| if u == 0 { 0.5f64.sqrt() } else { cos[(2 * x + 1) * u % 32] } / 2.0;
    let mut columns = [0.0; 64];
    for (i, out) in columns.iter_mut().enumerate() {
        *out = (0..8).map(|v| weight(i / 8, v) * values[8 * v + i % 8]).sum();
    }
    std::array::from_fn(|i| {
        let sum: f64 = (0..8).map(|u| weight(i % 8, u) * columns[i / 8 * 8 + u]).sum();
        (sum + 128.0).round().clamp(0.0, 255.0)
    })
}
