//! From the operations of a scene to those of kernels: radii become pixels of the view.

use crate::base::geom::round_half_up;
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::operation::{Blur, Operation, SIGMA_STEPS, Unsharp};
use crate::imaging::scene::{Adjustment, RadiusUnit, Usm};

/// View pixels per pixel of what a radius counts, along both axes, as fractions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) x: (u64, u64),
    pub(super) y: (u64, u64),
}

/// The scales of radii.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scales {
    /// Of pixels of the composite.
    pub(super) composite: Scale,
    /// Of pixels that [`RadiusUnit::Full`] means.
    pub(super) full: Scale,
}

const UNSCALED: Scale = Scale { x: (1, 1), y: (1, 1) };

/// Those of some operations that change anything.
pub(super) fn operations(adjustments: &[Adjustment], scales: Scales) -> Vec<Operation> {
    let operation = |adjustment: &Adjustment| match *adjustment {
        Adjustment::Blur(radius) => blur(radius, scales.composite),
        Adjustment::Brightness(amount) => Some(Operation::Brightness(amount)),
        Adjustment::Contrast(amount) => Some(Operation::Contrast(amount)),
        Adjustment::ColorBalance(amounts) => Some(Operation::ColorBalance(amounts)),
        Adjustment::Hue(degrees) => Some(Operation::Hue(degrees)),
        Adjustment::Saturation(amount) => Some(Operation::Saturation(amount)),
        Adjustment::Colorize(parameters) => Some(Operation::Colorize(parameters)),
        Adjustment::Invert => Some(Operation::Invert),
        Adjustment::Noise(parameters) => Some(Operation::Noise(parameters)),
        Adjustment::Sharpen => Some(Operation::Sharpen),
        Adjustment::Unsharp(usm, RadiusUnit::Full) => unsharp(usm, scales.full),
        Adjustment::Unsharp(usm, RadiusUnit::View) => unsharp(usm, UNSCALED),
    };
    adjustments.iter().filter_map(operation).collect()
}

/// An operation needs to know the tones of the whole.
pub(super) fn needs_tones(operations: &[Operation]) -> bool {
    operations.iter().any(|operation| matches!(operation, Operation::Colorize(colorize) if colorize.tone.is_some()))
}

/// Of some operations, those that the tones of a picture are measured after: the ones before `op_colorize` that look at
/// each pixel alone.
pub(super) fn before_colorize(adjustments: &[Adjustment]) -> Vec<Adjustment> {
    let before = adjustments.iter().take_while(|adjustment| !matches!(adjustment, Adjustment::Colorize(_)));
    let of_neighbors = |adjustment: &&Adjustment| {
        matches!(adjustment, Adjustment::Blur(_) | Adjustment::Sharpen | Adjustment::Unsharp(..))
    };
    before.filter(|adjustment| !of_neighbors(adjustment)).copied().collect()
}

/// A radius in steps of a standard deviation, at most 250 pixels.
fn sigma(radius: Decimal, (num, den): (u64, u64)) -> u32 {
    let exact = i128::from(radius.billionths()) * i128::from(SIGMA_STEPS) * i128::from(num);
    let rounded = round_half_up(exact, i128::from(Decimal::ONE) * i128::from(den));
    rounded.min(250 * i128::from(SIGMA_STEPS)) as u32
}

fn blur(radius: Decimal, scale: Scale) -> Option<Operation> {
    let blur = Blur { sigma_x: sigma(radius, scale.x), sigma_y: sigma(radius, scale.y) };
    (blur.sigma_x > 0 || blur.sigma_y > 0).then_some(Operation::Blur(blur))
}

fn unsharp(usm: Usm, scale: Scale) -> Option<Operation> {
    // In 1/65536 to the next 1/16384: at most 5 · 65536.
    let amount = round_half_up(i128::from(usm.amount.billionths()) << 14, i128::from(Decimal::ONE));
    let unsharp = Unsharp {
        amount: (amount as u32) << 2,
        sigma_x: sigma(usm.radius, scale.x),
        sigma_y: sigma(usm.radius, scale.y),
        threshold: usm.threshold,
        mono: usm.mono,
    };
    let blurs = unsharp.sigma_x > 0 || unsharp.sigma_y > 0;
    (unsharp.amount > 0 && blurs).then_some(Operation::Unsharp(unsharp))
}
