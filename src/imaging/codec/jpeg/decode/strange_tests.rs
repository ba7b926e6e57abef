//! Files that no encoder makes but that a decoder may meet: any Huffman codes, symbols that code nothing sensible, restart
//! markers in odd places. Every level must decode or refuse them alike, whatever is known beforehand.

use super::test_support::Random;
use super::*;
use crate::base::geom::{Shrink, Window};
use crate::imaging::codec::test_support::{By, run, run_with};
use crate::test_support::{is_long, some};

/// A code of any shape: length, bits and symbol of each.
struct Code {
    counts: [u8; 16],
    codes: Vec<(u32, u32, u8)>,
}

impl Code {
    /// Splits leaves until there is one for each symbol and one to spare; the higher `skew`, of 10, the longer they get.
    fn random(symbols: &[u8], skew: u32, random: &mut Random) -> Self {
        let mut leaves = vec![0u32];
        while leaves.len() <= symbols.len() {
            let deepest = |leaves: &[u32]| (0..leaves.len()).max_by_key(|&i| leaves[i]).unwrap();
            let any = random.next(leaves.len() as u32) as usize;
            let chosen = if random.next(10) < skew { deepest(&leaves) } else { any };
            let shallowest = (0..leaves.len()).min_by_key(|&i| leaves[i]).unwrap();
            let chosen = if leaves[chosen] >= 16 { shallowest } else { chosen };
            leaves[chosen] += 1;
            leaves.push(leaves[chosen]);
        }
        leaves.sort_unstable();
        // The longest is the code of all ones, which is kept free.
        leaves.pop();
        let (mut counts, mut codes, mut code, mut last) = ([0; 16], vec![], 0u32, 0);
        for (&length, &symbol) in leaves.iter().zip(symbols) {
            code <<= length - last;
            counts[length as usize - 1] += 1;
            codes.push((length, code, symbol));
            (code, last) = (code + 1, length);
        }
        Self { counts, codes }
    }

    fn definition(&self, head: u8) -> Vec<u8> {
        [head].into_iter().chain(self.counts).chain(self.codes.iter().map(|code| code.2)).collect()
    }

    fn pick(&self, random: &mut Random) -> (u32, u32, u8) {
        // Often one of the first, which are short.
        let among = if random.next(3) == 0 { self.codes.len() } else { self.codes.len().min(4) };
        self.codes[random.next(among as u32) as usize]
    }
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    byte: u8,
    filled: u32,
}

impl Writer {
    fn put(&mut self, count: u32, bits: u32) {
        for i in (0..count).rev() {
            (self.byte, self.filled) = (self.byte << 1 | (bits >> i & 1) as u8, self.filled + 1);
            if self.filled == 8 {
                self.bytes.push(self.byte);
                if self.byte == 0xff {
                    self.bytes.push(0);
                }
                self.filled = 0;
            }
        }
    }

    fn fill(&mut self) {
        while self.filled > 0 {
            self.put(1, 1);
        }
    }

    /// A block, which goes too far once in `bad` symbols, if that is not 0.
    fn block(&mut self, dc: &Code, ac: &Code, bad: u32, random: &mut Random) {
        let (length, code, size) = dc.pick(random);
        self.put(length, code);
        self.put(u32::from(size), random.next(1 << size));
        let mut next = 1;
        while next < 64 {
            let (length, code, symbol) = loop {
                let picked = ac.pick(random);
                let far = huffman::ac(picked.2).0;
                if far >= huffman::END || next + far <= 64 || bad > 0 && random.next(bad) == 0 {
                    break picked;
                }
            };
            let (advance, size) = huffman::ac(symbol);
            self.put(length, code);
            self.put(size, random.next(1 << size) & random.next(1 << size));
            next += advance;
        }
    }
}

fn segment(file: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    file.extend([0xff, marker]);
    file.extend((payload.len() as u16 + 2).to_be_bytes());
    file.extend_from_slice(payload);
}

/// Symbols of AC coefficients, among which is one that ends blocks or goes on by one.
fn symbols(random: &mut Random) -> Vec<u8> {
    let most = [3, 6, 20, 150][random.next(4) as usize];
    let count = 2 + random.next(most);
    let mut symbols: Vec<u8> = (0..count).map(|_| random.next(256) as u8).collect();
    for symbol in [0xf0, 0xe1] {
        let at = random.next(2 * count) as usize;
        symbols.iter_mut().skip(at).take(1).for_each(|other| *other = symbol);
    }
    if random.next(2) == 0 {
        symbols.iter_mut().for_each(|symbol| *symbol &= 0xf3);
    }
    symbols.push(random.next(2) as u8);
    let at = random.next(count) as usize;
    symbols.swap(at, count as usize);
    symbols
}

fn file(random: &mut Random) -> Vec<u8> {
    let (width, height) = [(300, 700), (700, 600), (1300, 300), (400, 480)][random.next(4) as usize];
    let (width, height) = (width + random.next(30), height + random.next(30));
    let factors: &[(u32, u32)] = [
        &[(1, 1)][..],
        &[(1, 1); 3],
        &[(2, 1), (1, 1), (1, 1)],
        &[(2, 2), (1, 1), (1, 1)],
        &[(2, 2), (1, 1), (1, 1), (2, 2)],
    ][random.next(5) as usize];
    let sizes: Vec<u8> = (0..1 + random.next(9)).map(|_| random.next(12) as u8).collect();
    let (skew, ac_skew) = (random.next(10), random.next(10));
    let dc = Code::random(&sizes, skew, random);
    let symbols = symbols(random);
    let ac = Code::random(&symbols, ac_skew, random);
    let mut file = vec![0xff, 0xd8];
    segment(&mut file, 0xdb, &[&[0][..], &[3; 64]].concat());
    let ids = (1u8..).zip(factors).flat_map(|(id, &(h, v))| [id, (h << 4 | v) as u8, 0]);
    let [h1, h0, w1, w0] = ((height << 16) | width).to_be_bytes();
    let frame = [8, h1, h0, w1, w0, factors.len() as u8].into_iter().chain(ids);
    segment(&mut file, 0xc0, &frame.collect::<Vec<_>>());
    segment(&mut file, 0xc4, &dc.definition(0));
    segment(&mut file, 0xc4, &ac.definition(0x10));
    let max = |factor: fn(&(u32, u32)) -> u32| factors.iter().map(factor).max().unwrap();
    let (across, down) = (width.div_ceil(8 * max(|f| f.0)), height.div_ceil(8 * max(|f| f.1)));
    let blocks = if factors.len() == 1 { 1 } else { factors.iter().map(|f| f.0 * f.1).sum() };
    let restart = [0, 0, across, 3 * across, 64 + random.next(100), 1 + random.next(400)][random.next(6) as usize];
    segment(&mut file, 0xdd, &(restart as u16).to_be_bytes());
    let parts = (1..=factors.len() as u8).flat_map(|id| [id, 0]);
    let scan = [factors.len() as u8].into_iter().chain(parts).chain([0, 63, 0]);
    segment(&mut file, 0xda, &scan.collect::<Vec<_>>());
    let bad = if random.next(3) == 0 { 3000 + random.next(60_000) } else { 0 };
    let (mut out, mut number) = (Writer::default(), 0u8);
    let odd = random.next(2 * (across * down).div_ceil(restart.max(1)));
    for mcu in 0..across * down {
        if restart > 0 && mcu > 0 && mcu % restart == 0 {
            out.fill();
            let marker = |number: u8| [0xff, 0xd0 + number % 8];
            if mcu / restart == odd {
                match random.next(7) {
                    0 => out.bytes.extend([7, 9]),
                    1 | 2 => out.bytes.extend(marker(number)),
                    3 => out.bytes.push(0xff),
                    4 => drop(out.bytes.pop()),
                    5 => out.bytes.extend([0xff, 0]),
                    _ => out.bytes.extend([marker(number), marker(number + 1)].concat()),
                }
                number += random.next(2) as u8;
            }
            out.bytes.extend(marker(number));
            number = (number + 1) % 8;
        }
        (0..blocks).for_each(|_| out.block(&dc, &ac, bad, random));
    }
    out.fill();
    file.extend(out.bytes);
    if random.next(3) == 0 {
        let at = 500.min(file.len() - 1) + random.next(file.len() as u32 / 2) as usize;
        file.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.next(8));
    }
    if random.next(12) == 0 {
        file.truncate(file.len() - random.next(file.len() as u32 / 2) as usize);
    }
    file
}

#[test]
fn levels_agree_on_strange_files() {
    let (random, mut decoded) = (&mut Random::new(2026), 0);
    for i in some(3, 0..150) {
        let file = file(random);
        let Ok(header) = read_header(&file) else { continue };
        let mut sidecars: Vec<Sidecar> = By::all().iter().map(|_| Sidecar::default()).collect();
        for _ in 0..4 {
            let shrink = Shrink::STRONGEST_FIRST[random.next(4) as usize];
            let Size { width, height } = shrink.of(header.stored);
            let (x, y) = (random.next(width), random.next(height));
            let part = Window { x, y, width: 1 + random.next(width - x), height: 1 + random.next(height - y) };
            let window = if random.next(3) == 0 { None } else { Some(part) };
            let plain = run(&file, &header, shrink, window, By::Reference);
            decoded += usize::from(plain.is_ok());
            for (by, sidecar) in By::all().into_iter().zip(&mut sidecars) {
                assert!(run(&file, &header, shrink, window, by) == plain, "{i}: {by:?} {shrink:?} {window:?}");
                let warm = run_with(&file, &header, shrink, window, by, (sidecar, 1 << 30));
                assert!(warm == plain, "{i}: warm {by:?} {shrink:?} {window:?}");
            }
        }
    }
    assert!(decoded > if is_long() { 200 } else { 60 }, "{decoded}");
}

/// Damage in the first MCU of a long scan, at every shrink.
#[test]
fn damage_at_the_start_of_a_long_scan_is_an_error() {
    let picture = test_support::Picture::random((1200, 1000), &[(2, 2), (1, 1), (1, 1)], &mut Random::new(4));
    let mut file = picture.write(&test_support::Manner::baseline(3));
    assert!(file.len() > 70_000);
    let header = read_header(&file).unwrap();
    let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
    file[scan..scan + 8].copy_from_slice(&[0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0]);
    for shrink in Shrink::STRONGEST_FIRST {
        for by in By::all() {
            let error = run(&file, &header, shrink, None, by).unwrap_err();
            assert_eq!(error.to_string(), "is a damaged JPEG", "{shrink:?}");
        }
    }
}

/// An empty interval is one that lacks its MCUs, the last one's marker notwithstanding.
#[test]
fn two_markers_in_a_row_are_damage() {
    let picture = test_support::Picture::random((1200, 1000), &[(1, 1)], &mut Random::new(4));
    let manner = test_support::Manner { restart: 150 * 25, ..test_support::Manner::baseline(1) };
    let file = picture.write(&manner);
    assert!(file.len() > 70_000);
    let header = read_header(&file).unwrap();
    let at = file.windows(2).rposition(|pair| pair[0] == 0xff && (0xd0..0xd8).contains(&pair[1])).unwrap();
    let second = [0xff, 0xd0 + (file[at + 1] + 1) % 8];
    let doubled = [&file[..at + 2], &second, &file[at + 2..]].concat();
    for shrink in Shrink::STRONGEST_FIRST {
        for by in By::all() {
            assert!(run(&file, &header, shrink, None, by).is_ok());
            assert!(run(&doubled, &header, shrink, None, by).is_err(), "{shrink:?} {by:?}");
        }
    }
}
