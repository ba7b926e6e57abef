//! Profiles of colours, and conversions between them.

use std::sync::Arc;

use crate::base::error::Error;
use crate::imaging::color::{Profile, Transform, Transforms};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::space::{Channels, Curve, Intent, Primaries, Stated};

/// A profile.
#[derive(Clone)]
pub struct ColorProfile(Profile);

/// Intents by their numbers in profiles.
const INTENTS: [Intent; 4] = [Intent::Perceptual, Intent::Relative, Intent::Saturation, Intent::Absolute];

impl ColorProfile {
    /// Reads a profile.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        Profile::read(bytes).map(Self)
    }

    /// The profiles that are built in: sRGB, gray with its curve, gray with an exponent of 2.2.
    #[must_use]
    pub fn built_in() -> [Self; 3] {
        [Profile::srgb(), Profile::gray_srgb(), Profile::gray22()].map(Self)
    }

    /// Numbers that state a space: x and y of white, red, green and blue, in 1/100,000, and an exponent, as small; 0 is the
    /// curve of sRGB, 1 that of Rec. 709, 2 none.
    #[must_use]
    pub fn stated([white, red, green, blue]: [[u32; 2]; 4], curve: u32, is_gray: bool) -> Option<Self> {
        let curve = match curve {
            0 => Curve::Srgb,
            1 => Curve::Rec709,
            2 => Curve::Linear,
            power => Curve::Power(power),
        };
        Profile::stated(&Stated { primaries: Primaries { white, red, green, blue }, curve }, is_gray).map(Self)
    }

    /// The number of components.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.0.channels().count()
    }

    /// The profile says that it is of inks.
    #[must_use]
    pub fn is_cmyk(&self) -> bool {
        self.0.channels() == Channels::Cmyk
    }

    /// What the profile calls itself.
    #[must_use]
    pub fn description(&self) -> &str {
        self.0.description()
    }

    /// The profile as files hold it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// The profile is that of sRGB in effect.
    #[must_use]
    pub fn is_srgb(&self) -> bool {
        self.0.is_srgb()
    }

    /// What it takes in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.size()
    }
}

/// A conversion.
pub struct ColorTransform(Arc<Transform>);

impl ColorTransform {
    /// Intents are numbered as in profiles, modulo 4.
    ///
    /// # Errors
    ///
    /// A profile cannot be converted from or to.
    pub fn new(from: &ColorProfile, to: &ColorProfile, intent: usize, bpc: bool) -> Result<Self, Error> {
        Transform::new(&from.0, &to.0, INTENTS[intent % 4], bpc).map(|transform| Self(Arc::new(transform)))
    }

    /// Converts planes. Those of `to` are as many as the destination has components, and as long as those of `from`.
    pub fn convert(&self, level: CpuLevel, from: &[Vec<u8>], to: &mut [Vec<u8>]) {
        self.0.row(Cpu::detect(level), planes(from), planes_mut(to));
    }

    /// The same from samples of 16 bits.
    pub fn convert_wide(&self, level: CpuLevel, from: &[Vec<u16>], to: &mut [Vec<u8>]) {
        self.0.row_wide(Cpu::detect(level), planes(from), planes_mut(to));
    }

    /// Converts one colour.
    #[must_use]
    pub fn color(&self, from: [u8; 4]) -> [u8; 4] {
        self.0.color(from)
    }

    /// What it takes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

fn planes<S>(planes: &[Vec<S>]) -> [&[S]; 4] {
    [0, 1, 2, 3].map(|i| planes.get(i).map_or(&[][..], Vec::as_slice))
}

fn planes_mut(planes: &mut [Vec<u8>]) -> [&mut [u8]; 4] {
    let mut planes = planes.iter_mut();
    [(); 4].map(|()| planes.next().map_or(&mut [][..], Vec::as_mut_slice))
}

/// A memory of conversions.
#[derive(Default)]
pub struct ColorTransforms(Transforms);

impl ColorTransforms {
    /// As [`ColorTransform::new`], from the memory if it is there.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn get(
        &self,
        from: &ColorProfile,
        to: &ColorProfile,
        intent: usize,
        bpc: bool,
    ) -> Result<ColorTransform, Error> {
        self.0.get(&from.0, &to.0, INTENTS[intent % 4], bpc).map(ColorTransform)
    }

    /// Bytes that are held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }
}
