//! Profiles of colours.

use std::sync::{Arc, LazyLock, OnceLock};

use bytes::Bytes;

use crate::base::digest::{Digest, Digester};
use crate::base::error::Result;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::space::{Curve, Primaries, Stated};

use super::conversion::Conversion;
use super::icc::Icc;
use super::kinds::{Channels, Intent};
use super::read::read;
use super::stated::{GRAY_SRGB, GRAY22, SRGB_PROFILE, simple};
use super::write::Simple;

/// A profile of a device's colours. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Profile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    icc: Icc,
    digest: Digest,
    bytes: Bytes,
    description: String,
    is_srgb: OnceLock<bool>,
}

impl Profile {
    /// Reads a profile from its bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Source`](crate::base::error::ErrorKind::Source): the profile is malformed, of a kind that pictures do not
    /// have, or exceeds a limit; or profiles are not built in.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let (icc, description) = read(bytes)?;
        let (digest, bytes) = (Digest::of(bytes), Bytes::copy_from_slice(bytes));
        Ok(Self(Arc::new(Inner { icc, digest, bytes, description, is_srgb: OnceLock::new() })))
    }

    /// sRGB.
    pub(crate) fn srgb() -> Self {
        static SRGB: LazyLock<Profile> = LazyLock::new(|| Profile::written(&SRGB_PROFILE, None));
        SRGB.clone()
    }

    /// Gray with the curve of sRGB.
    pub(crate) fn gray_srgb() -> Self {
        static GRAY: LazyLock<Profile> = LazyLock::new(|| Profile::written(&GRAY_SRGB, None));
        GRAY.clone()
    }

    /// Gray that is light to the power of 1/2.2.
    pub(crate) fn gray22() -> Self {
        static GRAY: LazyLock<Profile> = LazyLock::new(|| Profile::written(&GRAY22, None));
        GRAY.clone()
    }

    /// The profile of a space that a file states by numbers; gray has its curve alone. `None` if the numbers make no sense.
    pub(crate) fn stated(stated: &Stated, is_gray: bool) -> Option<Self> {
        let primaries = (!is_gray).then_some(stated.primaries);
        let simple = simple(primaries, stated.curve)?;
        let mut digester = Digester::derived("platemark 2026-11-30 colour space by primaries and curve");
        let points = primaries.map_or([[0; 2]; 4], |Primaries { white, red, green, blue }| [white, red, green, blue]);
        let curve = match stated.curve {
            Curve::Srgb => [0, 0],
            Curve::Rec709 => [1, 0],
            Curve::Linear => [2, 0],
            Curve::Power(power) => [3, power],
        };
        for number in points.into_iter().flatten().chain(curve) {
            digester.update(&number.to_le_bytes());
        }
        Some(Self::written(&simple, Some(digester.finish())))
    }

    fn written(simple: &Simple, digest: Option<Digest>) -> Self {
        let bytes = simple.bytes();
        Self(Arc::new(Inner {
            icc: simple.icc(),
            digest: digest.unwrap_or_else(|| Digest::of(&bytes)),
            bytes: bytes.into(),
            description: simple.description.to_owned(),
            is_srgb: OnceLock::new(),
        }))
    }

    /// The identity of the profile: the digest of its bytes, or of the numbers that state it.
    pub(crate) fn digest(&self) -> Digest {
        self.0.digest
    }

    pub(crate) fn channels(&self) -> Channels {
        self.0.icc.channels
    }

    /// What the profile calls itself; empty if it does not.
    pub(crate) fn description(&self) -> &str {
        &self.0.description
    }

    /// The profile as files hold it. Spaces that are stated by numbers are written by us.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    /// What it takes in memory.
    pub(crate) fn size(&self) -> usize {
        size_of::<Inner>() + self.0.bytes.len() + self.0.icc.bytes()
    }

    /// Colours can be converted from it.
    pub(crate) fn is_source(&self) -> bool {
        self.icc().device_to_pcs(Intent::Relative).is_some()
    }

    /// Colours can be converted to it.
    pub(crate) fn is_target(&self) -> bool {
        self.icc().pcs_to_device(Intent::Relative).is_some()
    }

    pub(super) fn icc(&self) -> &Icc {
        &self.0.icc
    }

    /// The profile is that of sRGB in effect, or of gray with its curve: it has curves, no tables, and no colour of 8 bits
    /// moves by more than 1 when it is converted to sRGB by the relative intent. All grays are tried, and of RGB a grid of 18
    /// values of each component.
    pub(crate) fn is_srgb(&self) -> bool {
        *self.0.is_srgb.get_or_init(|| {
            let icc = self.icc();
            if !icc.has_curves() || icc.to_pcs.iter().any(Option::is_some) {
                return false;
            }
            let srgb = if icc.channels == Channels::Gray { Self::gray_srgb() } else { Self::srgb() };
            let conversion = Conversion::new(icc, srgb.icc(), Intent::Relative, false);
            conversion.is_ok_and(|conversion| moves_little(&conversion))
        })
    }
}

/// No colour moves by more than 1.
fn moves_little(conversion: &Conversion) -> bool {
    let cpu = Cpu::detect(CpuLevel::default());
    let steps = || (0..=255u8).step_by(15);
    let grid = steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])));
    let colors: Vec<[u8; 3]> = (0..=255).map(|v| [v; 3]).chain(grid).collect();
    let [r, g, b] = [0, 1, 2].map(|i| colors.iter().map(|color| color[i]).collect::<Vec<u8>>());
    // Gray has one component; the others stay as they are.
    let (mut x, mut y, mut z) = (r.clone(), g.clone(), b.clone());
    conversion.row(cpu, [&r, &g, &b, &[]], [&mut x, &mut y, &mut z, &mut []]);
    let near = |a: &[u8], b: &[u8]| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1);
    near(&r, &x) && near(&g, &y) && near(&b, &z)
}
