//! Versions and tags of the direct API, in which neither a catalog nor a request takes part.
//!
//! | tag | fields |
//! |---|---|
//! | version of a picture | `source` (digest); `stage::NAME` for every stage but decoders of formats that no input has |
//! | version of a rendition | the same, with `input` (digest) after `source` for each further input of the edit, in their order |
//! | strong ETag of a rendition | `kind`, which is `edit`; the digests in the same way; `stage::NAME` for the stages that the rendition may pass; `edit::NAME` for every command of the edit |
//!
//! Versions are hashed in a domain of their own, tags in that of strong ETags, as
//! [`version`](crate::base::version) says; digests and stages are written as in [`tag`](super::tag). The values of an edit are
//! whole numbers in decimal, separated by commas, as [`Slots`](crate::picture) says.

use crate::base::digest::Digest;
use crate::base::stage::{ByteStage, ByteStages};
use crate::base::version::{CanonicalHasher, Domain, Version};

use super::fingerprint;

/// The version of pictures that are made of these inputs, the source first. `decoders` are those of the inputs' formats.
pub(crate) fn version(inputs: &[Digest], decoders: ByteStages) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::Picture);
    add_inputs(&mut hasher, inputs);
    let counts = |stage: &ByteStage| !stage.is_decoder() || decoders.contains(*stage);
    fingerprint::add(&mut hasher, ByteStage::ALL.iter().copied().filter(counts).collect(), None);
    hasher.finish()
}

/// The strong ETag of a rendition that may pass some stages. `edit` visits the commands of the edit.
pub(crate) fn etag(inputs: &[Digest], passed: ByteStages, edit: impl FnOnce(&mut dyn FnMut(&str, &str))) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", b"edit");
    add_inputs(&mut hasher, inputs);
    fingerprint::add(&mut hasher, passed, None);
    edit(&mut |name, value| {
        hasher.field(&format!("edit::{name}"), value.as_bytes());
    });
    hasher.finish()
}

fn add_inputs(hasher: &mut CanonicalHasher, inputs: &[Digest]) {
    for (i, digest) in inputs.iter().enumerate() {
        hasher.field(if i == 0 { "source" } else { "input" }, digest.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::versioning::probe::probe;

    /// The encoding once more, from its description alone.
    fn tag(context: &str, fields: &[(&str, Vec<u8>)]) -> Version {
        let mut input = Vec::new();
        for (name, value) in fields {
            input.extend((name.len() as u64).to_le_bytes());
            input.extend(name.as_bytes());
            input.extend((value.len() as u64).to_le_bytes());
            input.extend(value);
        }
        Version::from_bytes(blake3::derive_key(context, &input)[..16].try_into().unwrap())
    }

    fn stage(stage: ByteStage) -> (String, Vec<u8>) {
        let value = [&stage.epoch().to_le_bytes()[..], &probe(stage).to_bytes()].concat();
        (format!("stage::{}", stage.name()), value)
    }

    #[test]
    fn versions_and_tags_are_what_their_description_says() {
        let inputs = [Digest::of(b"source"), Digest::of(b"mask")];
        let digests = [
            ("source", blake3::hash(b"source").as_bytes().to_vec()),
            ("input", blake3::hash(b"mask").as_bytes().to_vec()),
        ];
        let stages: Vec<_> = ByteStage::ALL
            .iter()
            .filter(|one| !one.is_decoder() || **one == ByteStage::DecodePng)
            .map(|one| stage(*one))
            .collect();
        let of_inputs = |count: usize| {
            let stages = stages.iter().map(|(name, value)| (name.as_str(), value.clone()));
            let fields: Vec<_> = digests[..count].iter().cloned().chain(stages).collect();
            tag("platemark 2026-11 picture version", &fields)
        };
        let decoders = [ByteStage::DecodePng].into_iter().collect();
        assert_eq!(version(&inputs[..1], decoders), of_inputs(1));
        assert_eq!(version(&inputs, decoders), of_inputs(2));

        let passed = [ByteStage::Warp, ByteStage::Request];
        let (request, warp) = (stage(ByteStage::Request), stage(ByteStage::Warp));
        let fields = [
            ("kind", b"edit".to_vec()),
            digests[0].clone(),
            (&request.0, request.1),
            (&warp.0, warp.1),
            ("edit::wid", b"400".to_vec()),
            ("edit::crop", b"0,1,2,3,4".to_vec()),
        ];
        let edit = |visit: &mut dyn FnMut(&str, &str)| {
            visit("wid", "400");
            visit("crop", "0,1,2,3,4");
        };
        let found = etag(&inputs[..1], passed.into_iter().collect(), edit);
        assert_eq!(found, tag("platemark 2026-11 strong etag", &fields));
    }

    /// The fields before the stages, which every release changes: for programs that compute versions.
    #[test]
    fn vector() {
        let mut hasher = CanonicalHasher::new(Domain::Picture);
        add_inputs(&mut hasher, &[Digest::of(b"source")]);
        assert_eq!(
            hasher.finish(),
            tag("platemark 2026-11 picture version", &[("source", blake3::hash(b"source").as_bytes().to_vec())])
        );
        assert_eq!(hasher.finish().to_string(), "7dOYCNT7oVxCfgBhGykFZM");
    }
}
