//! From the stages of a conversion to tables, sums and grids of whole numbers.

use std::sync::{Arc, OnceLock};

use super::curve::{Chain, Curve, SRGB, chained};
use super::grid::{Grid, Interpolation};
use super::program::{Program, Step};
use super::stage::{Affine, Stage};
use super::steps::{NODE_ONE, Nodes, Sums};
use super::tables::{Entry, Exit, Lookup, ONE, Scale};

const UNIT: Scale = Scale::new(0.0, 1.0, ONE);

/// The program of simplified stages from a device of three or four components to one of one to four.
pub(super) fn compiled(stages: &[Stage], inputs: usize, outputs: usize) -> Program {
    let mut middle = stages;
    let mut first = vec![Chain::new(); inputs];
    let mut last = vec![Chain::new(); outputs];
    if let [Stage::Curves(chains), rest @ ..] = middle {
        first.clone_from(chains);
        middle = rest;
    }
    if let [rest @ .., Stage::Curves(chains)] = middle {
        last.clone_from(chains);
        middle = rest;
    }
    let mut build = Build { entries: vec![], steps: vec![], pending: Some(first), scales: vec![UNIT] };
    let mut rest = middle;
    while let [stage, after @ ..] = rest {
        rest = after;
        match stage {
            Stage::Curves(chains) => build.pending = Some(chains.clone()),
            Stage::Affine(affine) => build.affine(affine, after.first(), &last),
            Stage::Grid(grid, interpolation) => {
                let folded = match after {
                    [Stage::Affine(affine), after @ ..] if grid.outputs() == 3 && affine.outputs == 3 => {
                        rest = after;
                        Some(affine)
                    }
                    _ => None,
                };
                build.grid(grid, *interpolation, folded);
            }
        }
    }
    build.flush_to(ONE);
    let mut exits: Vec<Arc<Exit>> = vec![];
    for (i, chain) in last.iter().enumerate() {
        let same = (0..i).find(|&j| last[j] == *chain && build.scale(j) == build.scale(i));
        exits.push(same.map_or_else(|| exit(chain, build.scale(i)), |same| exits[same].clone()));
    }
    Program { entries: build.entries, steps: build.steps, exits }
}

/// A table at the end of a conversion. That of sRGB, to which nearly all go, is made once.
fn exit(chain: &Chain, scale: Scale) -> Arc<Exit> {
    static SRGB_EXIT: OnceLock<Arc<Exit>> = OnceLock::new();
    let made = || Arc::new(Exit::new(chain, scale));
    if chain[..] == [Curve::InverseParametric(SRGB)] && scale == UNIT {
        return SRGB_EXIT.get_or_init(made).clone();
    }
    made()
}

/// A program in the making.
struct Build {
    entries: Vec<Entry>,
    steps: Vec<Step>,
    /// Functions that wait to know the scale of what they give.
    pending: Option<Vec<Chain>>,
    /// Of the components so far; behind the last one they are as the last one.
    scales: Vec<Scale>,
}

/// The ends of what a function gives between the ends of a scale, by samples.
fn range(chain: &Chain, from: Scale) -> [f64; 2] {
    let at = |i: i32| chained(chain, from.real(f64::from(i) / 256.0 * f64::from(from.one)));
    (0..=256).map(at).fold([0.0, 1.0], |[low, high], y| [f64::min(low, y), f64::max(high, y)])
}

impl Build {
    fn scale(&self, component: usize) -> Scale {
        self.scales.get(component).or(self.scales.last()).copied().unwrap_or(UNIT)
    }

    /// Makes the pending functions tables; `scaled` says the scale of what each gives.
    fn flush(&mut self, scaled: &dyn Fn(usize, &Chain, Scale) -> Scale) {
        let Some(chains) = self.pending.take() else { return };
        let from: Vec<Scale> = (0..chains.len()).map(|i| self.scale(i)).collect();
        let to: Vec<Scale> = chains.iter().enumerate().map(|(i, chain)| scaled(i, chain, from[i])).collect();
        if self.entries.is_empty() {
            self.entries = chains.into_iter().zip(&to).map(|(chain, &to)| Entry::new(chain, to)).collect();
        } else {
            let mut lookups: Vec<Arc<Lookup>> = vec![];
            for (i, chain) in chains.iter().enumerate() {
                let same = (0..i).find(|&j| chains[j] == *chain && from[j] == from[i] && to[j] == to[i]);
                let made = || Arc::new(Lookup::inner(chain, from[i], to[i]));
                lookups.push(same.map_or_else(made, |same| lookups[same].clone()));
            }
            self.steps.push(Step::Lookup(lookups));
        }
        self.scales = to;
    }

    /// The same, to a scale that holds all that the functions give.
    fn flush_to(&mut self, one: i32) {
        self.flush(&|_, chain, from| {
            let [low, high] = range(chain, from);
            Scale::new(low, high, one)
        });
    }

    /// Sums, to what the next stage, or the last functions, can use.
    fn affine(&mut self, affine: &Affine, next: Option<&Stage>, last: &[Chain]) {
        self.flush_to(ONE);
        let from = [0, 1, 2].map(|j| self.scale(j));
        let chains = match next {
            None => last,
            Some(Stage::Curves(chains)) => chains,
            Some(_) => &[],
        };
        let to = [0, 1, 2].map(|i| {
            let end = |pick: fn(f64, f64) -> f64| {
                let term = |j: usize| pick(affine.by[i][j] * from[j].low, affine.by[i][j] * from[j].high);
                affine.plus[i] + term(0) + term(1) + term(2)
            };
            let of_use = chains.get(i).and_then(|chain| chain.first()).map_or(Some([0.0, 1.0]), Curve::domain);
            let [low, high] = of_use.unwrap_or([end(f64::min), end(f64::max)]);
            Scale::new(low, if high > low { high } else { low + 1.0 }, ONE)
        });
        self.steps.push(Step::Sums(sums(affine, from, to)));
        self.scales = to.to_vec();
    }

    /// A grid, and sums of what comes out of it, which are put into its points.
    fn grid(&mut self, grid: &Grid, interpolation: Interpolation, folded: Option<&Affine>) {
        let points = grid.points();
        let bits = if points.iter().all(|&points| points <= 64) { 15 } else { 13 };
        self.pending.get_or_insert_with(|| vec![Chain::new(); points.len()]);
        self.flush(&|i, _, _| Scale::new(0.0, 1.0, (points[i] as i32 - 1) << bits));
        let (values, scales) = nodes(grid, folded);
        let mut last = [0; 4];
        for (last, &points) in last.iter_mut().zip(points) {
            *last = points as i32 - 2;
        }
        let nodes = Nodes { values, strides: grid.strides(), last, bits, outputs: grid.outputs() };
        self.steps.push(match (points.len(), interpolation) {
            (4, _) => Step::Quaternary(nodes),
            (_, Interpolation::Tetrahedral) => Step::Tetrahedral(nodes),
            (_, Interpolation::Trilinear) => Step::Trilinear(nodes),
        });
        self.scales = scales;
    }
}

/// Sums of whole numbers.
fn sums(affine: &Affine, from: [Scale; 3], to: [Scale; 3]) -> Sums {
    // Whole numbers of the destination by each whole number of the source, and by none.
    let unit = |i: usize| f64::from(to[i].one) / (to[i].high - to[i].low);
    let factor = |i: usize, j: usize| affine.by[i][j] * (from[j].high - from[j].low) / f64::from(from[j].one) * unit(i);
    let constant = |i: usize| (affine.at(from.map(|scale| scale.low))[i] - to[i].low) * unit(i);
    // Halves away from zero. Results stay within 32 bits: a component is below 2²¹, a factor below 2⁷, a constant below 2³⁰.
    let whole = |x: f64, most: f64| {
        let scaled = x.clamp(-most, most) * f64::from(1u32 << Sums::SHIFT);
        (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64
    };
    let row = |i: usize| {
        let exact = [factor(i, 0), factor(i, 1), factor(i, 2)];
        let mut factors = exact.map(|factor| whole(factor, 120.0));
        // The sum of a row is rounded once, so that rows with equal sums keep them.
        let off = whole(exact.iter().sum(), 360.0) - factors.iter().sum::<i64>();
        if let Some(largest) = factors.iter_mut().max_by_key(|factor| factor.abs()).filter(|_| off.abs() < 4) {
            *largest += off;
        }
        factors.map(|factor| factor as i32)
    };
    Sums { by: [row(0), row(1), row(2)], plus: [0, 1, 2].map(|i| whole(constant(i), f64::from(1 << 30))) }
}

/// The points of a grid, and what their numbers stand for.
fn nodes(grid: &Grid, folded: Option<&Affine>) -> (Box<[[u16; 4]]>, Vec<Scale>) {
    let Some(affine) = folded else {
        let padded = |node: &[u16]| {
            let mut values = [0; 4];
            values[..node.len()].copy_from_slice(node);
            values
        };
        return (grid.nodes().map(padded).collect(), vec![Scale::new(0.0, 1.0, NODE_ONE); grid.outputs()]);
    };
    let real = |node: &[u16]| affine.at([0, 1, 2].map(|i| f64::from(node[i]) / 65535.0));
    let mut ends = [[f64::MAX, f64::MIN]; 3];
    for node in grid.nodes().map(real) {
        for ([low, high], real) in ends.iter_mut().zip(node) {
            (*low, *high) = (low.min(real), high.max(real));
        }
    }
    let scales = ends.map(|[low, high]| Scale::new(low, if high > low { high } else { low + 1.0 }, 65535));
    let whole = |node: &[u16]| {
        let node = real(node);
        let [a, b, c] = [0, 1, 2].map(|i| scales[i].whole(node[i]) as u16);
        [a, b, c, 0]
    };
    let values = grid.nodes().map(whole).collect();
    (values, scales.map(|scale| Scale { one: NODE_ONE, ..scale }).to_vec())
}
