//! The operations on a view, in their fixed order (`protocol.md` §8).

use crate::operation::{Blur, Colorize, Noise, Operation, SIGMA_STEPS, Unsharp};
use crate::request::{Commands, Real, Usm};

use super::view::View;

/// The operations that a request asks for and that change anything.
pub(super) fn operations(commands: &Commands, view: &View) -> Vec<Operation> {
    // Radii of op_blur and op_usm count pixels of the composite and scale with the view; those of op_usmR do not.
    let scale = Scale { x: (view.placed.width, view.region.width), y: (view.placed.height, view.region.height) };
    let list = [
        commands.op_blur.and_then(|radius| blur(radius.0, scale)),
        commands.op_brightness.filter(|value| value.0 != 0).map(|value| Operation::Brightness(value.0)),
        commands.op_contrast.filter(|value| value.0 != 0).map(|value| Operation::Contrast(value.0)),
        commands.op_color_balance.filter(|value| value.0 != [0; 3]).map(|value| Operation::ColorBalance(value.0)),
        commands.op_hue.filter(|value| value.0 != 0).map(|value| Operation::Hue(value.0)),
        commands.op_saturation.filter(|value| value.0 != 0).map(|value| Operation::Saturation(value.0)),
        commands.op_colorize.map(|value| Operation::Colorize(Colorize { color: value.color, tone: value.norm })),
        commands.op_invert.filter(|flag| flag.0).map(|_| Operation::Invert),
        commands.op_noise.filter(|noise| noise.amount > 0).map(|noise| {
            let crate::request::Noise { amount, gaussian, mono } = noise;
            Operation::Noise(Noise { amount, gaussian, mono })
        }),
        commands.op_sharpen.filter(|flag| flag.0).map(|_| Operation::Sharpen),
        commands.op_usm.and_then(|usm| unsharp(usm, scale)),
        commands.op_usm_r.and_then(|usm| unsharp(usm, Scale { x: (1, 1), y: (1, 1) })),
    ];
    list.into_iter().flatten().collect()
}

/// Of some operations, those that the tones of a picture are measured after: the ones before `op_colorize` that look at
/// each pixel alone.
pub(super) fn before_colorize(operations: &[Operation]) -> Vec<Operation> {
    let before = operations.iter().take_while(|operation| !matches!(operation, Operation::Colorize(_)));
    before.filter(|operation| operation.reach() == (0, 0)).copied().collect()
}

/// View pixels per composite pixel, as fractions.
#[derive(Clone, Copy)]
struct Scale {
    x: (u32, u32),
    y: (u32, u32),
}

/// A radius in steps of a standard deviation, at most 250 pixels.
fn sigma(radius: Real, (num, den): (u32, u32)) -> u32 {
    let exact = i128::from(radius.billionths()) * i128::from(SIGMA_STEPS) * i128::from(num);
    let rounded = crate::geometry::round_half_up(exact, i128::from(Real::ONE) * i128::from(den));
    rounded.min(250 * i128::from(SIGMA_STEPS)) as u32
}

fn blur(radius: Real, scale: Scale) -> Option<Operation> {
    let blur = Blur { sigma_x: sigma(radius, scale.x), sigma_y: sigma(radius, scale.y) };
    (blur.sigma_x > 0 || blur.sigma_y > 0).then_some(Operation::Blur(blur))
}

fn unsharp(usm: Usm, scale: Scale) -> Option<Operation> {
    // In 1/65536 to the next 1/16384: at most 5 · 65536.
    let amount = crate::geometry::round_half_up(i128::from(usm.amount.billionths()) << 14, i128::from(Real::ONE));
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
