//! Samples as light, and light as samples: tables of the curve of sRGB (IEC 61966-2-1).
//!
//! The tables are made with `+ − × ÷` and the `libm` crate, so that every machine has the same ones.

use std::sync::LazyLock;

/// Numbers of 16 bits.
const WHOLES: usize = 1 << 16;

/// Tables for samples of 8 bits.
#[derive(Debug)]
pub(super) struct Light {
    /// Light by sample.
    pub(super) light: [u16; 256],
    /// The sample that is nearest, by light.
    pub(super) sample: Box<[u8]>,
}

/// Tables for samples of 16 bits.
#[derive(Debug)]
pub(super) struct WideLight {
    pub(super) light: Box<[u16]>,
    pub(super) sample: Box<[u16]>,
}

pub(super) static LIGHT: LazyLock<Light> = LazyLock::new(|| Light {
    light: std::array::from_fn(|sample| light_of(sample as f64 / 255.0)),
    sample: nearest(255).map(|sample| sample as u8).collect(),
});

pub(super) static WIDE_LIGHT: LazyLock<WideLight> = LazyLock::new(|| WideLight {
    light: (0..WHOLES).map(|sample| light_of(sample as f64 / 65535.0)).collect(),
    sample: nearest(u16::MAX).collect(),
});

/// The light of a sample; both lie in 0…1.
fn curve(sample: f64) -> f64 {
    if sample <= 0.04045 { sample / 12.92 } else { libm::pow((sample + 0.055) / 1.055, 2.4) }
}

fn light_of(sample: f64) -> u16 {
    (curve(sample) * 65535.0 + 0.5) as u16
}

/// By light, the nearest of the samples from 0 to `most`.
fn nearest(most: u16) -> impl Iterator<Item = u16> {
    let mut filled = 0;
    (0..=most).flat_map(move |sample| {
        // Halfway to the next sample the next one begins.
        let end = if sample == most {
            WHOLES
        } else {
            let border = curve((f64::from(sample) + 0.5) / f64::from(most)) * 65535.0;
            (border as usize + 1).clamp(filled, WHOLES)
        };
        let count = end - filled;
        filled = end;
        std::iter::repeat_n(sample, count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inverse of the curve, by its own formula.
    fn inverse(light: f64) -> f64 {
        if light <= 0.04045 / 12.92 { light * 12.92 } else { 1.055 * libm::pow(light, 1.0 / 2.4) - 0.055 }
    }

    #[test]
    fn every_entry_is_the_nearest_number() {
        assert_eq!((LIGHT.sample.len(), WIDE_LIGHT.sample.len(), WIDE_LIGHT.light.len()), (WHOLES, WHOLES, WHOLES));
        for whole in 0..WHOLES {
            let sample = inverse(whole as f64 / 65535.0);
            let off = |found: f64, most: f64| (found - sample * most).abs();
            assert!(off(f64::from(LIGHT.sample[whole]), 255.0) < 0.5 + 1e-4, "{whole}");
            assert!(off(f64::from(WIDE_LIGHT.sample[whole]), 65535.0) < 0.5 + 1e-2, "{whole}");
        }
        assert_eq!([LIGHT.sample[32767], LIGHT.sample[32768]], [188, 188]);
    }

    #[test]
    fn samples_come_back_from_their_light() {
        for sample in 0..=255u8 {
            let light = LIGHT.light[usize::from(sample)];
            assert_eq!(LIGHT.sample[usize::from(light)], sample);
            assert_eq!(WIDE_LIGHT.light[usize::from(sample) * 257], light);
        }
        // Of 16 bits, dark samples lie more closely than light does: they come back within a twentieth of a level of 8 bits.
        for sample in 0..=u16::MAX {
            let back = WIDE_LIGHT.sample[usize::from(WIDE_LIGHT.light[usize::from(sample)])];
            assert!(back.abs_diff(sample) <= 7, "{sample}: {back}");
        }
    }
}
