//! The engine's fingerprint: the part of versions and tags that stands for the code.
//!
//! It is the list of the stages that decide bytes. Of each it has the epoch, which is raised by hand
//! ([`ByteStage`](crate::base::stage::ByteStage)), and the hash of what the stage makes of a [probe](super::probe).

use std::fmt;

use crate::base::stage::{ByteStage, ByteStages};
use crate::base::version::{CanonicalHasher, Version};

use super::probe::probe;

/// The engine's fingerprint: every stage that decides the bytes of a picture, with its epoch and its probe.
///
/// The epoch is a number that a release raises when the stage may give other bytes than before. The probe is a hash of what
/// the stage makes of small pictures: it changes when a codec crate does, as far as the change shows on them. `image.version`
/// covers the list, except for decoders of formats that the object does not use. The tag of a reply covers the stages that
/// the reply passes.
///
/// Its text has one line for each stage: name, epoch, probe.
///
/// ```
/// let engine = platemark::Engine::builder("assets/demo").build()?;
/// let fingerprint = engine.fingerprint();
/// let decoder = fingerprint.stages().find(|stage| stage.name == "decode.jpeg").unwrap();
/// assert!(fingerprint.to_string().contains(&format!("decode.jpeg {} {}\n", decoder.epoch, decoder.probe)));
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    stages: Vec<StageFingerprint>,
}

/// One stage of a [`Fingerprint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StageFingerprint {
    /// The stage, such as `decode.jpeg` or `resample`.
    pub name: &'static str,
    /// How often a release has changed the bytes that the stage makes, counted from 1.
    pub epoch: u32,
    /// The hash of what the stage makes of its probe.
    pub probe: Version,
}

impl Fingerprint {
    /// The fingerprint with one epoch raised.
    pub(crate) fn with(raised: Option<ByteStage>) -> Self {
        Self { stages: ByteStage::ALL.iter().map(|stage| of(*stage, raised)).collect() }
    }

    /// The stages, in the order in which versions cover them.
    pub fn stages(&self) -> impl Iterator<Item = StageFingerprint> {
        self.stages.iter().copied()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stages.iter().try_for_each(|StageFingerprint { name, epoch, probe }| writeln!(f, "{name} {epoch} {probe}"))
    }
}

fn of(stage: ByteStage, raised: Option<ByteStage>) -> StageFingerprint {
    let epoch = stage.epoch() + u32::from(raised == Some(stage));
    StageFingerprint { name: stage.name(), epoch, probe: probe(stage) }
}

/// Adds stages to a hash, each as a field `stage::NAME` whose value is the epoch (u32, little endian) and the 16 bytes of
/// the probe.
pub(crate) fn add(hasher: &mut CanonicalHasher, stages: ByteStages, raised: Option<ByteStage>) {
    for stage in stages.iter() {
        let StageFingerprint { name, epoch, probe } = of(stage, raised);
        let mut value = [0; 20];
        value[..4].copy_from_slice(&epoch.to_le_bytes());
        value[4..].copy_from_slice(&probe.to_bytes());
        hasher.field(&format!("stage::{name}"), &value);
    }
}
