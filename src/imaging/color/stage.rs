//! A conversion as a list of stages, in numbers without rounding.

use std::sync::Arc;

use super::curve::{Chain, Curve, chained};
use super::grid::{Grid, Interpolation};
use super::matrix::{Matrix, product};

/// One stage of a conversion. Components that it does not have are 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// A function for each component.
    Curves(Vec<Chain>),
    Affine(Affine),
    Grid(Arc<Grid>, Interpolation),
}

/// Sums of three components, and constants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Affine {
    /// Components that go in and come out, 1 or 3: rows and columns behind them are 0.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) by: Matrix,
    pub(super) plus: [f64; 3],
}

impl Affine {
    pub(super) const fn new(by: Matrix, plus: [f64; 3]) -> Self {
        Self { inputs: 3, outputs: 3, by, plus }
    }

    pub(super) fn at(&self, x: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|i| self.by[i][0] * x[0] + self.by[i][1] * x[1] + self.by[i][2] * x[2] + self.plus[i])
    }

    fn is_identity(&self) -> bool {
        let one = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
        let off = |i: usize| (0..3).map(|j| (self.by[i][j] - one(i, j)).abs()).fold(self.plus[i].abs(), f64::max);
        self.inputs == 3 && self.outputs == 3 && (0..3).all(|i| off(i) < 1e-9)
    }

    /// First this one, then the next.
    fn then(&self, next: &Self) -> Self {
        Self { inputs: self.inputs, outputs: next.outputs, by: product(&next.by, &self.by), plus: next.at(self.plus) }
    }
}

impl Stage {
    /// A function for each component.
    pub(super) fn curves(curves: impl IntoIterator<Item = Option<Curve>>) -> Self {
        Self::Curves(curves.into_iter().map(|curve| curve.into_iter().collect()).collect())
    }

    pub(super) const fn affine(by: Matrix) -> Self {
        Self::Affine(Affine::new(by, [0.0; 3]))
    }

    fn at(&self, x: [f64; 4]) -> [f64; 4] {
        match self {
            Self::Curves(chains) => {
                let mut y = x;
                for (y, chain) in y.iter_mut().zip(chains) {
                    *y = chained(chain, *y);
                }
                y
            }
            Self::Affine(affine) => {
                let [a, b, c] = affine.at([x[0], x[1], x[2]]);
                [a, b, c, 0.0]
            }
            Self::Grid(grid, interpolation) => grid.at(x, *interpolation),
        }
    }
}

/// What all stages make of a colour.
pub(super) fn through(stages: &[Stage], x: [f64; 4]) -> [f64; 4] {
    stages.iter().fold(x, |x, stage| stage.at(x))
}

/// The same conversion in as few stages as possible.
pub(super) fn simplified(stages: Vec<Stage>) -> Vec<Stage> {
    let mut kept: Vec<Stage> = vec![];
    for stage in stages {
        match (kept.last_mut(), stage) {
            (_, Stage::Curves(chains)) if chains.iter().all(Vec::is_empty) => {}
            (_, Stage::Affine(affine)) if affine.is_identity() => {}
            (Some(Stage::Affine(last)), Stage::Affine(affine)) => {
                *last = last.then(&affine);
                if last.is_identity() {
                    kept.pop();
                }
            }
            (Some(Stage::Curves(last)), Stage::Curves(chains)) => {
                for (last, chain) in last.iter_mut().zip(chains) {
                    last.extend(chain);
                    cancel(last);
                }
                if last.iter().all(Vec::is_empty) {
                    kept.pop();
                }
            }
            (_, stage) => kept.push(stage),
        }
    }
    kept
}

/// Takes functions of CIELAB that undo each other out of a chain.
fn cancel(chain: &mut Chain) {
    while let Some(at) = chain
        .windows(2)
        .position(|pair| matches!(pair, [Curve::ToLab, Curve::FromLab] | [Curve::FromLab, Curve::ToLab]))
    {
        chain.drain(at..at + 2);
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::diagonal;
    use super::*;

    #[test]
    fn fewer_stages_make_the_same() {
        let power = Stage::curves([Curve::power(2.2), None, Curve::power(1.8)]);
        let lab = Stage::curves([Some(Curve::ToLab), Some(Curve::ToLab), Some(Curve::ToLab)]);
        let xyz = Stage::curves([Some(Curve::FromLab), Some(Curve::FromLab), Some(Curve::FromLab)]);
        let mixed = Stage::Affine(Affine::new([[0.5, 0.2, 0.1], [0.1, 0.7, 0.0], [0.2, 0.1, 0.4]], [0.1, 0.0, -0.1]));
        let half = Stage::affine(diagonal([0.5; 3]));
        let double = Stage::affine(diagonal([2.0; 3]));
        let identity = Stage::curves([None, None, None]);
        let stages = vec![identity, power, mixed, half.clone(), half, double.clone(), double, lab, xyz];
        let few = simplified(stages.clone());
        assert_eq!(few.len(), 2, "{few:?}");
        let [a, b] = [&stages, &few].map(|stages| through(stages, [0.3, 0.9, 0.5, 0.0]));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12), "{a:?} {b:?}");
    }
}
