//! Sums and grids in whole numbers: the loops between the tables of a conversion.

/// Pixels at a time.
pub(super) const BLOCK: usize = 128;

/// Components of a block.
pub(super) type Block = [[i32; BLOCK]; 4];

/// Sums of products and a constant, divided by 2^[`SHIFT`](Self::SHIFT).
#[derive(Debug)]
pub(super) struct Sums {
    /// Of 32 bits, so that products are those of two numbers of 32 bits, for which there are instructions.
    pub(super) by: [[i32; 3]; 3],
    pub(super) plus: [i64; 3],
}

/// A grid, with four components at each point so that a point is read at once.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) values: Box<[[u16; 4]]>,
    /// From one point to the next, by component.
    pub(super) strides: [usize; 4],
    /// The last cell along each component.
    pub(super) last: [i32; 4],
    /// Bits of a place within a cell, at most 15.
    pub(super) bits: u32,
    /// Components at each point.
    pub(super) outputs: usize,
}

/// What the components of [`Nodes`] are when they come out: 16 bits and four more.
pub(super) const NODE_ONE: i32 = 65535 << 4;

impl Sums {
    pub(super) const SHIFT: u32 = 24;

    /// In place.
    #[inline(always)]
    pub(super) fn run(&self, block: &mut Block, len: usize) {
        let [a, b, c, _] = block;
        let (by, plus) = (self.by, self.plus.map(|plus| plus + (1 << (Self::SHIFT - 1))));
        for ((a, b), c) in a[..len].iter_mut().zip(&mut b[..len]).zip(&mut c[..len]) {
            let terms = [*a, *b, *c];
            [*a, *b, *c] = [sum(by[0], terms, plus[0]), sum(by[1], terms, plus[1]), sum(by[2], terms, plus[2])];
        }
    }
}

#[inline(always)]
fn sum(by: [i32; 3], terms: [i32; 3], plus: i64) -> i32 {
    let product = |i: usize| i64::from(by[i]) * i64::from(terms[i]);
    ((product(0) + product(1) + product(2) + plus) >> Sums::SHIFT) as i32
}

/// A place in a grid.
#[derive(Clone, Copy)]
struct Place {
    /// The first point of the cell.
    base: usize,
    /// How far into the cell, up to 32,768, and the points to its end, by component.
    axes: [(i32, usize); 4],
}

impl Nodes {
    #[inline(always)]
    fn place<const N: usize>(&self, wholes: [i32; N]) -> Place {
        let mut place = Place { base: 0, axes: [(0, 0); 4] };
        for (i, whole) in wholes.into_iter().enumerate() {
            let cell = (whole >> self.bits).min(self.last[i]);
            place.base += cell as usize * self.strides[i];
            place.axes[i] = ((whole - (cell << self.bits)) << (15 - self.bits), self.strides[i]);
        }
        place
    }

    /// The first `N` components in 31 bits, of a cell of three axes.
    #[inline(always)]
    fn simplex<const N: usize>(&self, base: usize, axes: [(i32, usize); 3]) -> [i32; N] {
        let [a, b, c] = axes;
        // The largest part first.
        let (a, b) = if b.0 > a.0 { (b, a) } else { (a, b) };
        let (b, c) = if c.0 > b.0 { (c, b) } else { (b, c) };
        let (a, b) = if b.0 > a.0 { (b, a) } else { (a, b) };
        let weights = [32768 - a.0, a.0 - b.0, b.0 - c.0, c.0];
        let first = base + a.1;
        let second = first + b.1;
        let nodes = [base, first, second, second + c.1].map(|at| self.node::<N>(at));
        // Weights are 32,768 together, so that no sum is above 65,535 · 32,768.
        std::array::from_fn(|i| {
            nodes[0][i] * weights[0] + nodes[1][i] * weights[1] + nodes[2][i] * weights[2] + nodes[3][i] * weights[3]
        })
    }

    #[inline(always)]
    fn node<const N: usize>(&self, at: usize) -> [i32; N] {
        let node = self.values[at];
        std::array::from_fn(|i| i32::from(node[i]))
    }

    #[inline(always)]
    pub(super) fn tetrahedral<const N: usize>(&self, block: &mut Block, len: usize) {
        for i in 0..len.min(BLOCK) {
            let place = self.place([block[0][i], block[1][i], block[2][i]]);
            let [a, b, c, _] = place.axes;
            put(block, i, self.simplex::<N>(place.base, [a, b, c]).map(|sum| (sum + 1024) >> 11));
        }
    }

    #[inline(always)]
    pub(super) fn quaternary<const N: usize>(&self, block: &mut Block, len: usize) {
        for i in 0..len.min(BLOCK) {
            let place = self.place([block[0][i], block[1][i], block[2][i], block[3][i]]);
            let [a, b, c, d] = place.axes;
            let low = self.simplex::<N>(place.base, [b, c, d]).map(|sum| (sum + 16384) >> 15);
            let high = self.simplex::<N>(place.base + a.1, [b, c, d]).map(|sum| (sum + 16384) >> 15);
            put(block, i, between(low, high, a.0).map(|whole| whole << 4));
        }
    }

    #[inline(always)]
    pub(super) fn trilinear<const N: usize>(&self, block: &mut Block, len: usize) {
        for i in 0..len.min(BLOCK) {
            let place = self.place([block[0][i], block[1][i], block[2][i]]);
            let [a, b, c, _] = place.axes;
            let line = |at: usize| between::<N>(self.node(at), self.node(at + c.1), c.0);
            let face = |at: usize| between(line(at), line(at + b.1), b.0);
            put(block, i, between(face(place.base), face(place.base + a.1), a.0).map(|whole| whole << 4));
        }
    }
}

#[inline(always)]
fn put<const N: usize>(block: &mut Block, i: usize, node: [i32; N]) {
    for (column, whole) in block.iter_mut().zip(node) {
        column[i] = whole;
    }
}

/// From one node to another, by a number of parts of 32,768.
#[inline(always)]
fn between<const N: usize>(low: [i32; N], high: [i32; N], part: i32) -> [i32; N] {
    std::array::from_fn(|i| low[i] + (((high[i] - low[i]) * part + 16384) >> 15))
}
