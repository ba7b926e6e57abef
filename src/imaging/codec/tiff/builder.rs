//! Writes TIFF files of every kind, for tests.

use std::collections::BTreeMap;

use super::tags;

/// Types of fields.
pub(super) const BYTES: u16 = 1;
pub(super) const SHORT: u16 = 3;
pub(super) const LONG: u16 = 4;
pub(super) const FRACTION: u16 = 5;

/// A file with one directory.
#[derive(Debug, Clone)]
pub(super) struct Builder {
    pub(super) little: bool,
    pub(super) big: bool,
    tags: BTreeMap<u16, (u16, Vec<u32>)>,
    lengths: Option<Vec<u32>>,
    /// The bytes of strips or tiles.
    pub(super) chunks: Vec<Vec<u8>>,
}

impl Builder {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let mut builder = Self { little: true, big: false, tags: BTreeMap::new(), lengths: None, chunks: vec![] };
        builder.set(tags::IMAGE_WIDTH, LONG, &[width]).set(tags::IMAGE_LENGTH, SHORT, &[height]);
        builder
    }

    /// Sets a tag; of fractions the numbers are numerators and denominators in turn.
    pub(super) fn set(&mut self, tag: u16, kind: u16, values: &[u32]) -> &mut Self {
        self.tags.insert(tag, (kind, values.to_vec()));
        self
    }

    pub(super) fn set_bytes(&mut self, tag: u16, bytes: &[u8]) -> &mut Self {
        self.set(tag, BYTES, &bytes.iter().map(|&byte| u32::from(byte)).collect::<Vec<_>>())
    }

    /// States other lengths of strips than they have.
    pub(super) fn set_lengths(&mut self, lengths: &[u32]) -> &mut Self {
        self.lengths = Some(lengths.to_vec());
        self
    }

    pub(super) fn remove(&mut self, tag: u16) -> &mut Self {
        self.tags.remove(&tag);
        self
    }

    fn is_tiled(&self) -> bool {
        self.tags.contains_key(&tags::TILE_WIDTH)
    }

    fn number(&self, value: u64, len: usize) -> Vec<u8> {
        if self.little { value.to_le_bytes()[..len].to_vec() } else { value.to_be_bytes()[8 - len..].to_vec() }
    }

    /// The file.
    pub(super) fn file(&self) -> Vec<u8> {
        let number = |value: u64, len| self.number(value, len);
        let wide = if self.big { 8 } else { 4 };
        let mut file = if self.little { b"II".to_vec() } else { b"MM".to_vec() };
        file.extend(number(if self.big { 43 } else { 42 }, 2));
        if self.big {
            file.extend([number(8, 2), number(0, 2)].concat());
        }
        let place = file.len();
        file.extend(number(0, wide));
        let mut all = self.tags.clone();
        let (offsets, lengths) = if self.is_tiled() {
            (tags::TILE_OFFSETS, tags::TILE_BYTE_COUNTS)
        } else {
            (tags::STRIP_OFFSETS, tags::STRIP_BYTE_COUNTS)
        };
        if !self.chunks.is_empty() {
            let places = self.chunks.iter().map(|chunk| {
                let at = file.len() as u32;
                file.extend(chunk);
                at
            });
            all.insert(offsets, (LONG, places.collect()));
            let found = self.chunks.iter().map(|chunk| chunk.len() as u32).collect();
            all.insert(lengths, (LONG, self.lengths.clone().unwrap_or(found)));
        }
        let mut entries = vec![];
        for (tag, (kind, values)) in all {
            let (len, count) = match kind {
                SHORT => (2, values.len()),
                LONG => (4, values.len()),
                FRACTION => (4, values.len() / 2),
                _ => (1, values.len()),
            };
            let mut bytes: Vec<u8> = values.iter().flat_map(|&value| number(u64::from(value), len)).collect();
            entries
                .extend([number(u64::from(tag), 2), number(u64::from(kind), 2), number(count as u64, wide)].concat());
            if bytes.len() > wide {
                entries.extend(number(file.len() as u64, wide));
                file.extend(bytes);
            } else {
                bytes.resize(wide, 0);
                entries.extend(bytes);
            }
        }
        let at = file.len() as u64;
        file.splice(place..place + wide, number(at, wide));
        let count = entries.len() / (4 + 2 * wide);
        file.extend(number(count as u64, if self.big { 8 } else { 2 }));
        file.extend(entries);
        file.extend(number(0, wide));
        file
    }
}

/// How the pixels of a file are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) bits: u32,
    pub(super) samples: usize,
    pub(super) planar: bool,
    /// Sides of tiles, or 0 and the rows of strips.
    pub(super) chunk: [usize; 2],
    pub(super) compression: u32,
    pub(super) predicted: bool,
    pub(super) reversed: bool,
    pub(super) little: bool,
    pub(super) big: bool,
}

impl Manner {
    /// A file whose pixels have this number of samples of 8 bits, in one strip without compression.
    pub(super) const fn plain(samples: usize) -> Self {
        Self {
            bits: 8,
            samples,
            planar: false,
            chunk: [0, usize::MAX],
            compression: 1,
            predicted: false,
            reversed: false,
            little: true,
            big: false,
        }
    }

    /// A file of samples, pixel by pixel.
    pub(super) fn builder(&self, [width, height]: [usize; 2], photometric: u32, pixels: &[u16]) -> Builder {
        let mut builder = Builder::new(width as u32, height as u32);
        (builder.little, builder.big) = (self.little, self.big);
        builder.set(tags::BITS_PER_SAMPLE, SHORT, &vec![self.bits; self.samples]);
        builder.set(tags::SAMPLES_PER_PIXEL, SHORT, &[self.samples as u32]);
        builder.set(tags::PHOTOMETRIC, SHORT, &[photometric]);
        builder.set(tags::COMPRESSION, SHORT, &[self.compression]);
        builder.set(tags::PLANAR_CONFIGURATION, SHORT, &[1 + u32::from(self.planar)]);
        if self.predicted {
            builder.set(tags::PREDICTOR, SHORT, &[2]);
        }
        if self.reversed {
            builder.set(tags::FILL_ORDER, SHORT, &[2]);
        }
        let is_tiled = self.chunk[0] > 0;
        let (across, down) = if is_tiled { (self.chunk[0], self.chunk[1]) } else { (width, self.chunk[1].min(height)) };
        if is_tiled {
            builder.set(tags::TILE_WIDTH, SHORT, &[across as u32]).set(tags::TILE_LENGTH, LONG, &[down as u32]);
        } else {
            builder.set(tags::ROWS_PER_STRIP, LONG, &[down as u32]);
        }
        let planes = if self.planar { self.samples } else { 1 };
        for plane in 0..planes {
            for top in (0..height).step_by(down) {
                for left in (0..width).step_by(across) {
                    let rows = if is_tiled { down } else { down.min(height - top) };
                    let row = |y: usize| {
                        let samples = (0..across * self.samples / planes).map(|i| {
                            let (x, sample) = (i / (self.samples / planes), i % (self.samples / planes) + plane);
                            let inside = left + x < width && top + y < height;
                            // What lies beyond the picture must not show.
                            if inside { pixels[((top + y) * width + left + x) * self.samples + sample] } else { 1 }
                        });
                        self.packed_row(&samples.collect::<Vec<_>>(), self.samples / planes)
                    };
                    builder.chunks.push(self.compressed(&(0..rows).map(row).collect::<Vec<_>>()));
                }
            }
        }
        builder
    }

    /// The bytes of a row.
    fn packed_row(&self, samples: &[u16], stride: usize) -> Vec<u8> {
        let mut samples = samples.to_vec();
        if self.predicted {
            for i in (stride..samples.len()).rev() {
                samples[i] = samples[i].wrapping_sub(samples[i - stride]);
            }
        }
        match self.bits {
            16 if self.little => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            16 => samples.iter().flat_map(|sample| sample.to_be_bytes()).collect(),
            8 => samples.iter().map(|&sample| sample as u8).collect(),
            bits => {
                let mut row = vec![0; (samples.len() * bits as usize).div_ceil(8)];
                for (i, &sample) in samples.iter().enumerate() {
                    let at = i * bits as usize;
                    row[at / 8] |= (sample as u8) << (8 - bits as usize - at % 8);
                }
                row
            }
        }
    }

    fn compressed(&self, rows: &[Vec<u8>]) -> Vec<u8> {
        let all = rows.concat();
        let mut chunk = match self.compression {
            1 => all,
            5 => weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(&all).unwrap(),
            8 | 32946 => fdeflate::compress_to_vec(&all),
            32773 => rows.iter().flat_map(|row| packed_bits(row)).collect(),
            other => panic!("compression {other}"),
        };
        if self.reversed {
            chunk.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        }
        chunk
    }
}

/// Runs of three or more as such, all else as it is.
fn packed_bits(row: &[u8]) -> Vec<u8> {
    let (mut packed, mut rest) = (vec![128], row);
    while let Some(&byte) = rest.first() {
        let run = rest.iter().take(128).take_while(|&&other| other == byte).count();
        if run >= 3 {
            packed.extend([(257 - run) as u8, byte]);
            rest = &rest[run..];
        } else {
            let (now, later) = rest.split_at(rest.len().min(run));
            packed.push(now.len() as u8 - 1);
            packed.extend(now);
            rest = later;
        }
    }
    packed
}
