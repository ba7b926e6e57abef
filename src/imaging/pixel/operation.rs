//! Operations on the pixels of a picture, as numbers.

/// Standard deviations are counted in this many steps per pixel.
pub(crate) const SIGMA_STEPS: u32 = 1024;

/// One operation on the pixels of a layer or of the view (`protocol.md` §8).
///
/// Where several are asked for they follow each other in the order of the variants, which is the protocol's; `op_usm`
/// comes before `op_usmR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// `op_blur`.
    Blur(Blur),
    /// `op_brightness`: −100 to 100.
    Brightness(i8),
    /// `op_contrast`: −100 to 100.
    Contrast(i8),
    /// `op_colorbalance`: −100 to 100 for red, green and blue.
    ColorBalance([i8; 3]),
    /// `op_hue`: −180 to 180 degrees.
    Hue(i16),
    /// `op_saturation`: −100 to 100.
    Saturation(i8),
    /// `op_colorize`.
    Colorize(Colorize),
    /// `op_invert`.
    Invert,
    /// `op_noise`.
    Noise(Noise),
    /// `op_sharpen`: a fixed 3×3 filter.
    Sharpen,
    /// `op_usm`, `op_usmR`.
    Unsharp(Unsharp),
}

/// A Gaussian blur. The radius that requests speak of is the standard deviation, as it is for an unsharp mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Blur {
    /// Standard deviation along each axis, in 1/[`SIGMA_STEPS`] pixels.
    pub(crate) sigma_x: u32,
    pub(crate) sigma_y: u32,
}

/// Recolouring by luminance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Colorize {
    /// What a luminance of 50 % becomes.
    pub(crate) color: [u8; 3],
    /// `None`: luminance as it is (`off`). Otherwise the median becomes 50 % (`norm`), and the range is widened by so
    /// many percent of what is left on each side: 0 to 100.
    pub(crate) tone: Option<u8>,
}

/// Random differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Noise {
    /// 0 to 100.
    pub(crate) amount: u8,
    /// Normally distributed, otherwise uniformly.
    pub(crate) gaussian: bool,
    /// The same difference for all components of a pixel.
    pub(crate) mono: bool,
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

/// What a mask hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum MaskUse {
    /// What lies outside it: it is the alpha.
    #[default]
    Normal,
    /// What lies inside it. Without a mask and without alpha, all is hidden.
    Invert,
    /// Nothing: the picture is opaque.
    Off,
}

/// Pixels to each side that a blur reads: three standard deviations.
pub(crate) const fn blur_radius(sigma: u32) -> u32 {
    (3 * sigma).div_ceil(SIGMA_STEPS)
}

impl Operation {
    /// Pixels beyond the result that this operation reads, along x and y: none if it looks at each pixel alone.
    pub(crate) const fn reach(&self) -> (u32, u32) {
        match self {
            Self::Blur(blur) => (blur_radius(blur.sigma_x), blur_radius(blur.sigma_y)),
            Self::Sharpen => (1, 1),
            Self::Unsharp(unsharp) => (blur_radius(unsharp.sigma_x), blur_radius(unsharp.sigma_y)),
            Self::Brightness(_)
            | Self::Contrast(_)
            | Self::ColorBalance(_)
            | Self::Hue(_)
            | Self::Saturation(_)
            | Self::Colorize(_)
            | Self::Invert
            | Self::Noise(_) => (0, 0),
        }
    }
}
