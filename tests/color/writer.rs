//! Writes profiles: header, tags, and the types of tags that hold colours.

/// Numbers of 16 bits behind the point.
pub(crate) fn fixed(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| ((number * 65536.0).round() as i32).to_be_bytes()).collect()
}

pub(crate) fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

pub(crate) const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

/// A profile in the making.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) version: u8,
    pub(crate) class: [u8; 4],
    pub(crate) space: [u8; 4],
    pub(crate) pcs: [u8; 4],
    pub(crate) tags: Vec<([u8; 4], Vec<u8>)>,
}

impl Writer {
    pub(crate) fn new(version: u8, class: &[u8; 4], space: &[u8; 4], pcs: &[u8; 4]) -> Self {
        let text = [b"text\0\0\0\0".to_vec(), b"none\0".to_vec()].concat();
        let name = if version < 4 {
            let name = b"made by a test\0";
            let tail = [0; 8 + 3 + 67];
            [b"desc\0\0\0\0".to_vec(), (name.len() as u32).to_be_bytes().to_vec(), name.to_vec(), tail.to_vec()]
                .concat()
        } else {
            let units = words(&"made by a test".encode_utf16().collect::<Vec<_>>());
            let head = [b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec(), (units.len() as u32).to_be_bytes().to_vec()];
            [head.concat(), 28u32.to_be_bytes().to_vec(), units].concat()
        };
        let tags = vec![(*b"desc", name), (*b"cprt", text)];
        Self { version, class: *class, space: *space, pcs: *pcs, tags }.xyz(b"wtpt", D50)
    }

    pub(crate) fn tag(mut self, name: &[u8; 4], tag: Vec<u8>) -> Self {
        self.tags.retain(|(other, _)| other != name);
        self.tags.push((*name, tag));
        self
    }

    pub(crate) fn xyz(self, name: &[u8; 4], xyz: [f64; 3]) -> Self {
        self.tag(name, [b"XYZ \0\0\0\0".to_vec(), fixed(&xyz)].concat())
    }

    /// Colorants in columns, and a curve for each.
    pub(crate) fn matrix(self, columns: [[f64; 3]; 3], curves: [Vec<u8>; 3]) -> Self {
        let [r, g, b] = columns;
        let [x, y, z] = curves;
        self.xyz(b"rXYZ", r).xyz(b"gXYZ", g).xyz(b"bXYZ", b).tag(b"rTRC", x).tag(b"gTRC", y).tag(b"bTRC", z)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes[8] = self.version;
        bytes[9] = if self.version < 4 { 0x10 } else { 0x30 };
        for (at, field) in [(12, self.class), (16, self.space), (20, self.pcs), (36, *b"acsp")] {
            bytes[at..at + 4].copy_from_slice(&field);
        }
        bytes[24..30].copy_from_slice(&[0x07, 0xea, 0, 1, 0, 1]);
        bytes[68..80].copy_from_slice(&fixed(&D50));
        bytes.extend((self.tags.len() as u32).to_be_bytes());
        let mut values: Vec<u8> = vec![];
        for (name, tag) in &self.tags {
            let at = 132 + 12 * self.tags.len() + values.len();
            bytes.extend(name);
            bytes.extend((at as u32).to_be_bytes());
            bytes.extend((tag.len() as u32).to_be_bytes());
            values.extend(tag);
            values.resize(values.len().next_multiple_of(4), 0);
        }
        bytes.extend(values);
        let len = bytes.len() as u32;
        bytes[..4].copy_from_slice(&len.to_be_bytes());
        bytes
    }
}

/// A tag of type `curv`.
pub(crate) fn curv(points: &[u16]) -> Vec<u8> {
    [b"curv\0\0\0\0".to_vec(), (points.len() as u32).to_be_bytes().to_vec(), words(points)].concat()
}

/// The same, of a function.
pub(crate) fn sampled(count: usize, function: impl Fn(f64) -> f64) -> Vec<u8> {
    curv(&table(count, function))
}

pub(crate) fn table(count: usize, function: impl Fn(f64) -> f64) -> Vec<u16> {
    let word = |i| (function(i as f64 / (count - 1) as f64).clamp(0.0, 1.0) * 65535.0).round() as u16;
    (0..count).map(word).collect()
}

/// A tag of type `para`.
pub(crate) fn para(kind: u8, parameters: &[f64]) -> Vec<u8> {
    [b"para\0\0\0\0\0".to_vec(), vec![kind, 0, 0], fixed(parameters)].concat()
}

/// All points of a grid, the last component fastest.
pub(crate) fn places(points: &[usize]) -> Vec<Vec<f64>> {
    let count: usize = points.iter().product();
    let place = |mut node: usize| {
        let mut place = vec![0.0; points.len()];
        for (i, points) in points.iter().enumerate().rev() {
            place[i] = (node % points) as f64 / (points - 1) as f64;
            node /= points;
        }
        place
    };
    (0..count).map(place).collect()
}

/// What lies in a table of colours: a function from components to components, all in 0…1.
pub(crate) type Function<'a> = &'a dyn Fn(&[f64]) -> Vec<f64>;

fn word(x: f64) -> u16 {
    (x.clamp(0.0, 1.0) * 65535.0).round() as u16
}

fn nodes(points: &[usize], function: Function<'_>) -> Vec<u16> {
    places(points).iter().flat_map(|place| function(place)).map(word).collect()
}

const IDENTITY: [f64; 9] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];

/// A tag of type `mft2`: curves before, the points along each component, curves behind.
pub(crate) fn mft2(first: &[Vec<u16>], points: usize, last: &[Vec<u16>], function: Function<'_>) -> Vec<u8> {
    let (inputs, outputs) = (first.len(), last.len());
    let head =
        [b"mft2\0\0\0\0".to_vec(), vec![inputs as u8, outputs as u8, points as u8, 0], fixed(&IDENTITY)].concat();
    let lens = words(&[first[0].len() as u16, last[0].len() as u16]);
    let nodes = words(&nodes(&vec![points; inputs], function));
    [head, lens, words(&first.concat()), nodes, words(&last.concat())].concat()
}

/// A tag of type `mft1`; curves have 256 points.
pub(crate) fn mft1(first: &[Vec<u16>], points: usize, last: &[Vec<u16>], function: Function<'_>) -> Vec<u8> {
    let bytes = |words: &[u16]| words.iter().map(|word| (f64::from(*word) / 257.0).round() as u8).collect::<Vec<u8>>();
    let (inputs, outputs) = (first.len(), last.len());
    let head =
        [b"mft1\0\0\0\0".to_vec(), vec![inputs as u8, outputs as u8, points as u8, 0], fixed(&IDENTITY)].concat();
    let nodes = bytes(&nodes(&vec![points; inputs], function));
    [head, bytes(&first.concat()), nodes, bytes(&last.concat())].concat()
}

/// The parts of a tag of type `mAB` or `mBA`.
pub(crate) struct Several<'a> {
    pub(crate) b: Vec<Vec<u8>>,
    /// Nine factors and three constants.
    pub(crate) matrix: Option<[f64; 12]>,
    pub(crate) m: Vec<Vec<u8>>,
    pub(crate) grid: Option<(Vec<usize>, Function<'a>)>,
    pub(crate) wide: bool,
    pub(crate) a: Vec<Vec<u8>>,
}

/// A tag of type `mAB` or `mBA`.
pub(crate) fn several(kind: &[u8; 4], inputs: usize, outputs: usize, parts: &Several<'_>) -> Vec<u8> {
    let mut tag = [kind.to_vec(), vec![0; 4], vec![inputs as u8, outputs as u8, 0, 0], vec![0; 20]].concat();
    let mut put = |slot: usize, part: Vec<u8>| {
        if part.is_empty() {
            return;
        }
        let at = tag.len() as u32;
        tag[slot..slot + 4].copy_from_slice(&at.to_be_bytes());
        tag.extend(part);
        tag.resize(tag.len().next_multiple_of(4), 0);
    };
    let curves = |curves: &[Vec<u8>]| {
        let mut all = vec![];
        for curve in curves {
            all.extend(curve);
            all.resize(all.len().next_multiple_of(4), 0);
        }
        all
    };
    put(12, curves(&parts.b));
    put(16, parts.matrix.map_or(vec![], |matrix| fixed(&matrix)));
    put(20, curves(&parts.m));
    put(
        24,
        parts.grid.as_ref().map_or(vec![], |(points, function)| {
            let mut head = vec![0; 20];
            for (byte, points) in head.iter_mut().zip(points) {
                *byte = *points as u8;
            }
            head[16] = if parts.wide { 2 } else { 1 };
            let nodes = nodes(points, *function);
            let nodes = if parts.wide { words(&nodes) } else { nodes.iter().map(|node| (node / 257) as u8).collect() };
            [head, nodes].concat()
        }),
    );
    put(28, curves(&parts.a));
    tag
}
