//! Conversions between profiles, and a memory of them.

use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::error::{Error, Result};
use crate::base::store::{Store, Weigh};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};

use super::conversion::Conversion;
use super::kinds::{Channels, Intent};
use super::profile::Profile;

/// A conversion of pixels from one profile to another.
#[derive(Debug)]
pub(crate) struct Transform {
    conversion: Conversion,
    to: Channels,
}

impl Transform {
    /// Black point compensation does nothing for the absolute intent, and is always on where a destination of version 4 gets
    /// perceptual or saturated colours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Source`](crate::base::error::ErrorKind::Source): the first profile cannot be converted from, or the
    /// second one not to.
    pub(crate) fn new(from: &Profile, to: &Profile, intent: Intent, bpc: bool) -> Result<Self> {
        let conversion = Conversion::new(from.icc(), to.icc(), intent, bpc)?;
        Ok(Self { conversion, to: to.channels() })
    }

    pub(crate) const fn to(&self) -> Channels {
        self.to
    }

    /// Converts a row, plane by plane. Planes that a device does not have are not looked at; all others are of one length.
    pub(crate) fn row(&self, cpu: Cpu, from: [&[u8]; 4], to: [&mut [u8]; 4]) {
        self.conversion.row(cpu, from, to);
    }

    /// The same from samples of 16 bits.
    pub(crate) fn row_wide(&self, cpu: Cpu, from: [&[u16]; 4], to: [&mut [u8]; 4]) {
        self.conversion.row_wide(cpu, from, to);
    }

    /// Converts one colour, as rows are. Components that a device does not have are 0.
    pub(crate) fn color(&self, from: [u8; 4]) -> [u8; 4] {
        let [a, b, c, d] = from.map(|component| [component]);
        let mut to = [[0]; 4];
        let [w, x, y, z] = &mut to;
        self.row(Cpu::detect(CpuLevel::Scalar), [&a, &b, &c, &d], [w, x, y, z]);
        to.map(|[component]| component)
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.conversion.bytes()
    }
}

impl Weigh for Arc<Transform> {
    fn weight(&self) -> usize {
        self.bytes()
    }
}

impl Weigh for Profile {
    fn weight(&self) -> usize {
        self.size()
    }
}

/// What a conversion depends on.
type Key = (Digest, Digest, Intent, bool);

/// Conversions that have been made, and profiles of files, up to 64 MiB of both. Clones share them.
#[derive(Clone)]
pub(crate) struct Transforms {
    made: Store<Key, Arc<Transform>>,
    /// Profiles of picture files, so that a file's profile is not read for each picture that is made of it.
    profiles: Store<Digest, Profile>,
}

impl Transforms {
    const BYTES: u64 = 60 << 20;
    const PROFILE_BYTES: u64 = 4 << 20;

    pub(crate) fn new() -> Self {
        Self { made: Store::new(Self::BYTES), profiles: Store::new(Self::PROFILE_BYTES) }
    }

    /// The conversion, made if it is not there; once for all who ask for it at the same time.
    ///
    /// # Errors
    ///
    /// As for [`Transform::new`].
    pub(crate) fn get(&self, from: &Profile, to: &Profile, intent: Intent, bpc: bool) -> Result<Arc<Transform>> {
        let key = (from.digest(), to.digest(), intent, bpc);
        let make = || Transform::new(from, to, intent, bpc).map(Arc::new);
        self.made.get_or_compute(key, make).map_err(|error| Error::clone(&error))
    }

    /// A profile of a picture file that has been read.
    pub(crate) fn profile(&self, digest: &Digest) -> Option<Profile> {
        self.profiles.get(digest)
    }

    /// Remembers the profile of a picture file.
    pub(crate) fn remember(&self, profile: &Profile) {
        self.profiles.insert(profile.digest(), profile.clone());
    }

    /// Bytes that are held.
    #[cfg(feature = "internals")]
    pub(crate) fn bytes(&self) -> u64 {
        self.made.held().1 + self.profiles.held().1
    }
}

impl Default for Transforms {
    fn default() -> Self {
        Self::new()
    }
}
