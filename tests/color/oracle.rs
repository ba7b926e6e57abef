//! The same colours by lcms2, from 16 bits to 16 bits without optimisations: stage by stage, in floating point but for tables.

use lcms2::{Flags, Intent, PixelFormat, Profile, Transform};
use platemark::internals::{ColorProfile, ColorTransform, cpu_levels};

pub(crate) const INTENTS: [Intent; 4] =
    [Intent::Perceptual, Intent::RelativeColorimetric, Intent::Saturation, Intent::AbsoluteColorimetric];

/// Planes of colours: all combinations of this number of values of each component.
pub(crate) fn colors(components: usize, values: usize) -> Vec<Vec<u8>> {
    let value = |i: usize| (i * 255 / (values - 1)) as u8;
    let count = values.pow(components as u32);
    (0..components)
        .map(|component| {
            let stride = values.pow((components - 1 - component) as u32);
            (0..count).map(|node| value(node / stride % values)).collect()
        })
        .collect()
}

/// 16-bit components of each colour by lcms2; `None` if it does not convert between the profiles.
pub(crate) fn expected(from: &[u8], to: &[u8], intent: Intent, bpc: bool, planes: &[Vec<u8>]) -> Option<Vec<Vec<u16>>> {
    let (from, to) = (Profile::new_icc(from).ok()?, Profile::new_icc(to).ok()?);
    let inputs = planes.len();
    let outputs = match to.color_space() {
        lcms2::ColorSpaceSignature::GrayData => 1,
        lcms2::ColorSpaceSignature::RgbData => 3,
        _ => 4,
    };
    let bpc = if bpc { Flags::BLACKPOINT_COMPENSATION } else { Flags::default() };
    let flags = Flags::NO_OPTIMIZE | bpc | Flags::NO_CACHE;
    let samples: Vec<u16> =
        (0..planes[0].len()).flat_map(|i| planes.iter().map(move |plane| u16::from(plane[i]) * 257)).collect();
    fn run<const I: usize, const O: usize>(
        (from, to): (&Profile, &Profile),
        (intent, flags): (Intent, Flags<lcms2::DisallowCache>),
        samples: &[u16],
    ) -> Option<Vec<u16>> {
        let format = |count| {
            [
                PixelFormat::GRAY_16,
                PixelFormat::GRAY_16,
                PixelFormat::GRAY_16,
                PixelFormat::RGB_16,
                PixelFormat::CMYK_16,
            ][count]
        };
        let transform: Transform<[u16; I], [u16; O], _, _> =
            Transform::new_flags(from, format(I), to, format(O), intent, flags).ok()?;
        let mut out = vec![[0; O]; samples.len() / I];
        transform.transform_pixels(samples.as_chunks::<I>().0, &mut out);
        Some(out.into_flattened())
    }
    let pair = (&from, &to);
    let out = match (inputs, outputs) {
        (1, 1) => run::<1, 1>(pair, (intent, flags), &samples),
        (1, 3) => run::<1, 3>(pair, (intent, flags), &samples),
        (1, 4) => run::<1, 4>(pair, (intent, flags), &samples),
        (3, 1) => run::<3, 1>(pair, (intent, flags), &samples),
        (3, 3) => run::<3, 3>(pair, (intent, flags), &samples),
        (3, 4) => run::<3, 4>(pair, (intent, flags), &samples),
        (4, 1) => run::<4, 1>(pair, (intent, flags), &samples),
        (4, 3) => run::<4, 3>(pair, (intent, flags), &samples),
        _ => run::<4, 4>(pair, (intent, flags), &samples),
    }?;
    Some((0..outputs).map(|i| out.iter().skip(i).step_by(outputs).copied().collect()).collect())
}

/// The same by us; every level makes the same.
pub(crate) fn ours(transform: &ColorTransform, outputs: usize, planes: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut first: Option<Vec<Vec<u8>>> = None;
    for level in cpu_levels() {
        let mut out = vec![vec![0; planes[0].len()]; outputs];
        transform.convert(level, planes, &mut out);
        assert!(first.as_ref().is_none_or(|first| *first == out), "{level:?} differs");
        first = Some(out);
    }
    first.unwrap()
}

/// How far ours is from theirs.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Differences {
    pub(crate) colors: usize,
    /// Colours no component of which is more than 1 away.
    pub(crate) within_one: usize,
    pub(crate) most: u8,
}

impl Differences {
    pub(crate) fn share(&self) -> f64 {
        100.0 * self.within_one as f64 / self.colors as f64
    }

    pub(crate) fn between(ours: &[Vec<u8>], theirs: &[Vec<u16>]) -> Self {
        let mut differences = Self { colors: ours[0].len(), ..Self::default() };
        for i in 0..ours[0].len() {
            let byte = |word: u16| ((u32::from(word) + 128) / 257) as u8;
            let off = ours.iter().zip(theirs).map(|(ours, theirs)| ours[i].abs_diff(byte(theirs[i]))).max().unwrap();
            differences.within_one += usize::from(off <= 1);
            differences.most = differences.most.max(off);
        }
        differences
    }
}

/// Compares a conversion with an intent; `None` if lcms2 does not convert between the profiles.
pub(crate) fn compared(
    (from, from_bytes): (&ColorProfile, &[u8]),
    (to, to_bytes): (&ColorProfile, &[u8]),
    (intent, bpc): (usize, bool),
    planes: &[Vec<u8>],
) -> Option<Differences> {
    let theirs = expected(from_bytes, to_bytes, INTENTS[intent], bpc, planes)?;
    let transform = ColorTransform::new(from, to, intent, bpc).unwrap();
    Some(Differences::between(&ours(&transform, to.channels(), planes), &theirs))
}
