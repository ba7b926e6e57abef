//! Colour look-up tables of profiles: values at the points of a grid over several components.

/// How values between the points are made. Profiles do not say it; these are the ways of other colour management modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interpolation {
    /// In the tetrahedron around a colour; a fourth component, the first one, in a straight line.
    Tetrahedral,
    /// In straight lines along each of three components: for grids over L*, a* and b*, whose axis of gray is no diagonal.
    Trilinear,
}

/// A grid over one to four components.
#[derive(Debug, PartialEq)]
pub(super) struct Grid {
    /// Points along each component, two or more.
    points: Vec<usize>,
    outputs: usize,
    /// The outputs of each point, 65,535 for 1; the last component runs fastest.
    values: Vec<u16>,
}

impl Grid {
    /// `None` if the values are not as many as the points say.
    pub(super) fn new(points: Vec<usize>, outputs: usize, values: Vec<u16>) -> Option<Self> {
        let count = points.iter().try_fold(outputs, |count, &points| count.checked_mul(points))?;
        let fits =
            matches!(points.len(), 1..=4) && matches!(outputs, 1..=4) && points.iter().all(|&points| points >= 2);
        (fits && count == values.len()).then_some(Self { points, outputs, values })
    }

    pub(super) fn points(&self) -> &[usize] {
        &self.points
    }

    pub(super) const fn outputs(&self) -> usize {
        self.outputs
    }

    /// The outputs of each point.
    pub(super) fn nodes(&self) -> std::slice::ChunksExact<'_, u16> {
        self.values.chunks_exact(self.outputs)
    }

    /// From one point to the next, in points, by component.
    pub(super) fn strides(&self) -> [usize; 4] {
        let mut strides = [0; 4];
        let mut stride = 1;
        for (i, points) in self.points.iter().enumerate().rev() {
            strides[i] = stride;
            stride *= points;
        }
        strides
    }

    pub(super) fn bytes(&self) -> usize {
        2 * self.values.len()
    }

    /// The outputs at a place; components are clamped to 0…1.
    pub(super) fn at(&self, inputs: [f64; 4], interpolation: Interpolation) -> [f64; 4] {
        let strides = self.strides();
        let (mut base, mut fractions) = (0, [0.0; 4]);
        for (i, &points) in self.points.iter().enumerate() {
            let place = if inputs[i].is_nan() { 0.0 } else { inputs[i].clamp(0.0, 1.0) } * (points - 1) as f64;
            let cell = (place as usize).min(points - 2);
            base += cell * strides[i];
            fractions[i] = place - cell as f64;
        }
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| (fractions[i], strides[i]));
        match (self.points.len(), interpolation) {
            (1, _) => self.linear(base, &[a]),
            (2, _) => self.linear(base, &[a, b]),
            (3, Interpolation::Trilinear) => self.linear(base, &[a, b, c]),
            (3, Interpolation::Tetrahedral) => self.tetrahedral(base, [a, b, c]),
            _ => {
                let (low, high) = (self.tetrahedral(base, [b, c, d]), self.tetrahedral(base + a.1, [b, c, d]));
                [0, 1, 2, 3].map(|i| low[i] + (high[i] - low[i]) * a.0)
            }
        }
    }

    fn node(&self, at: usize) -> [f64; 4] {
        let mut node = [0.0; 4];
        let values = &self.values[at * self.outputs..][..self.outputs];
        for (node, &value) in node.iter_mut().zip(values) {
            *node = f64::from(value) / 65535.0;
        }
        node
    }

    fn linear(&self, base: usize, axes: &[(f64, usize)]) -> [f64; 4] {
        let Some((&(fraction, stride), rest)) = axes.split_first() else { return self.node(base) };
        let (low, high) = (self.linear(base, rest), self.linear(base + stride, rest));
        [0, 1, 2, 3].map(|i| low[i] + (high[i] - low[i]) * fraction)
    }

    fn tetrahedral(&self, base: usize, mut axes: [(f64, usize); 3]) -> [f64; 4] {
        axes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut sum, mut at, mut before) = ([0.0; 4], base, 1.0);
        for (fraction, stride) in axes {
            let node = self.node(at);
            sum = [0, 1, 2, 3].map(|i| sum[i] + node[i] * (before - fraction));
            (at, before) = (at + stride, fraction);
        }
        let node = self.node(at);
        [0, 1, 2, 3].map(|i| sum[i] + node[i] * before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function that is straight along every component is itself in between, however it is interpolated.
    #[test]
    fn straight_functions_come_out() {
        for inputs in 1..=4usize {
            let points: Vec<usize> = (0..inputs).map(|i| i + 2).collect();
            let count: usize = points.iter().product();
            let mut values = vec![];
            for node in 0..count {
                let (mut rest, mut sum) = (node, 0.0);
                for (i, points) in points.iter().enumerate().rev() {
                    sum += (rest % points) as f64 / (points - 1) as f64 * [0.4, 0.3, 0.2, 0.1][i];
                    rest /= points;
                }
                values.extend([(sum * 65535.0) as u16, 65535 - (sum * 65535.0) as u16]);
            }
            let grid = Grid::new(points, 2, values).unwrap();
            for interpolation in [Interpolation::Tetrahedral, Interpolation::Trilinear] {
                for place in [[0.0f64; 4], [1.0; 4], [0.3, 0.9, 0.1, 0.77], [-1.0, 2.0, 0.5, 0.5]] {
                    let expected: f64 = (0..inputs).map(|i| place[i].clamp(0.0, 1.0) * [0.4, 0.3, 0.2, 0.1][i]).sum();
                    let [a, b, ..] = grid.at(place, interpolation);
                    assert!((a - expected).abs() < 1e-4 && (a + b - 1.0).abs() < 1e-4, "{inputs} {place:?}: {a}");
                }
            }
        }
    }

    #[test]
    fn grids_have_as_many_values_as_their_points_say() {
        assert!(Grid::new(vec![2, 2], 3, vec![0; 12]).is_some());
        assert!(Grid::new(vec![2, 2], 3, vec![0; 11]).is_none());
        assert!(Grid::new(vec![1], 3, vec![0; 3]).is_none());
        assert!(Grid::new(vec![], 1, vec![0]).is_none());
        assert!(Grid::new(vec![usize::MAX, 2, 2, 2], 3, vec![]).is_none());
    }
}
