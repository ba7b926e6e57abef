//! The filters as functions of the distance from a sample's centre, in pixels of the coarser grid.

use crate::base::geom::Filter;
use crate::base::num::libm_free::{exp_neg, sin_pi};
use crate::imaging::pixel::operation::{SIGMA_STEPS, blur_radius};

/// The function of a filter, for a picture that gets smaller or not.
pub(in crate::imaging::kernel) const fn function(filter: Filter, reduces: bool) -> fn(f64) -> f64 {
    match filter {
        Filter::Bilin => triangle,
        Filter::Bisharp if reduces => sharp_cubic,
        Filter::Bicub | Filter::Bisharp => cubic,
        Filter::Sharp2 => lanczos3,
    }
}

pub(super) fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

pub(super) fn cubic(x: f64) -> f64 {
    keys(x, -0.5)
}

pub(super) fn sharp_cubic(x: f64) -> f64 {
    keys(x, -1.0)
}

/// Keys' cubic: 1 at 0, 0 at the other whole numbers; slope `a` at 1.
fn keys(x: f64, a: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        a * (((x - 5.0) * x + 8.0) * x - 4.0)
    } else {
        0.0
    }
}

/// sinc(x) · sinc(x/3) with sinc(x) = sin(πx) / (πx).
pub(super) fn lanczos3(x: f64) -> f64 {
    const PI: f64 = std::f64::consts::PI;
    if x == 0.0 {
        return 1.0;
    }
    if x.abs() >= 3.0 {
        return 0.0;
    }
    3.0 * sin_pi(x) * sin_pi(x / 3.0) / (PI * PI * x * x)
}

/// The weights of a Gaussian blur by the distance from its centre, up to its radius, in proportion.
pub(super) fn bell(sigma: u32) -> Vec<f64> {
    let deviation = f64::from(sigma) / f64::from(SIGMA_STEPS);
    let weight = |distance: u32| {
        let x = if sigma == 0 { 0.0 } else { f64::from(distance) / deviation };
        // Deviations of less than an eighth of a pixel leave the neighbours nothing that a coefficient could hold, and
        // e⁻ˣ is not computed so far out.
        if x > 8.0 { 0.0 } else { exp_neg(x * x / 2.0) }
    };
    (0..=blur_radius(sigma)).map(weight).collect()
}
