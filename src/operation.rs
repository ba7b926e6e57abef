//! Operations on the pixels of a view, as numbers.

/// Standard deviations are counted in this many steps per pixel.
pub(crate) const SIGMA_STEPS: u32 = 1024;

/// A sharpening of the scaled view (`protocol.md` §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sharpening {
    /// `op_sharpen`: a fixed 3×3 filter.
    Simple,
    /// `op_usm`, `op_usmR`.
    Unsharp(Unsharp),
}

/// An unsharp mask: differences from a blurred copy are amplified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Unsharp {
    /// How much of the difference is added, in 1/65536.
    pub(crate) amount: u32,
    /// Standard deviation of the blur along each axis, in 1/[`SIGMA_STEPS`] pixels.
    pub(crate) sigma_x: u32,
    pub(crate) sigma_y: u32,
    /// Smaller differences stay as they are.
    pub(crate) threshold: u8,
    /// The difference is taken from the brightness and added to every component.
    pub(crate) mono: bool,
}

/// Pixels to each side that a blur reads: three standard deviations.
pub(crate) const fn blur_radius(sigma: u32) -> u32 {
    (3 * sigma).div_ceil(SIGMA_STEPS)
}

impl Sharpening {
    /// Pixels beyond the result that this operation reads, along x and y.
    pub(crate) const fn reach(&self) -> (u32, u32) {
        match self {
            Self::Simple => (1, 1),
            Self::Unsharp(unsharp) => (blur_radius(unsharp.sigma_x), blur_radius(unsharp.sigma_y)),
        }
    }
}
