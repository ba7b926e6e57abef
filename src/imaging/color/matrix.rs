//! Matrices of three by three, and the arithmetic of white points.

/// Rows of a matrix.
pub(super) type Matrix = [[f64; 3]; 3];

/// The white of the profile connection space, as profiles write it.
pub(super) const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

pub(super) const fn diagonal([x, y, z]: [f64; 3]) -> Matrix {
    [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]]
}

pub(super) fn apply(matrix: &Matrix, by: [f64; 3]) -> [f64; 3] {
    matrix.map(|[a, b, c]| a * by[0] + b * by[1] + c * by[2])
}

/// First `second`, then `first`.
pub(super) fn product(first: &Matrix, second: &Matrix) -> Matrix {
    let column = |j: usize| apply(first, [second[0][j], second[1][j], second[2][j]]);
    let columns = [column(0), column(1), column(2)];
    [0, 1, 2].map(|i| columns.map(|column| column[i]))
}

/// `None` if the matrix is singular, or nearly so.
pub(super) fn inverse(m: &Matrix) -> Option<Matrix> {
    let minor = |i: usize, j: usize| {
        let ([r, s], [c, d]) = (others(i), others(j));
        m[r][c] * m[s][d] - m[r][d] * m[s][c]
    };
    let determinant = m[0][0] * minor(0, 0) - m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
    if determinant.is_nan() || determinant.abs() < 1e-4 {
        return None;
    }
    let mut inverse = [[0.0; 3]; 3];
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, value) in row.iter_mut().enumerate() {
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            *value = sign * minor(j, i) / determinant;
        }
    }
    Some(inverse)
}

const fn others(of: usize) -> [usize; 2] {
    match of {
        0 => [1, 2],
        1 => [0, 2],
        _ => [0, 1],
    }
}

/// Cone responses of Bradford's transform.
const BRADFORD: Matrix = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]];

/// From colours under one white to those that look the same under another one, by Bradford's transform.
pub(super) fn adaptation(from: [f64; 3], to: [f64; 3]) -> Option<Matrix> {
    let (cones, wanted) = (apply(&BRADFORD, from), apply(&BRADFORD, to));
    if cones.iter().any(|cone| cone.is_nan() || cone.abs() < 1e-6) {
        return None;
    }
    let scale = diagonal([0, 1, 2].map(|i| wanted[i] / cones[i]));
    Some(product(&inverse(&BRADFORD)?, &product(&scale, &BRADFORD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes_its_matrix() {
        let matrix = [[0.4, 0.3, 0.1], [0.2, 0.7, 0.1], [0.0, 0.1, 0.7]];
        let one = product(&inverse(&matrix).unwrap(), &matrix);
        for (i, row) in one.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                assert!((value - f64::from(u8::from(i == j))).abs() < 1e-12, "{one:?}");
            }
        }
        assert_eq!(inverse(&[[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 0.0, 1.0]]), None);
        assert_eq!(inverse(&[[f64::NAN; 3]; 3]), None);
    }

    #[test]
    fn adaptation_moves_white_to_white() {
        let d65 = [0.95047, 1.0, 1.08883];
        let moved = apply(&adaptation(d65, D50).unwrap(), d65);
        assert!(moved.iter().zip(D50).all(|(a, b)| (a - b).abs() < 1e-12), "{moved:?}");
        assert_eq!(adaptation([0.0; 3], D50), None);
    }
}
