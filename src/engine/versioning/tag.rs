//! Versions and ETags: what is hashed, in which order (`responses.md` §6, §8).
//!
//! | tag | fields |
//! |---|---|
//! | image closure | the closure's part of it; `source`, `mask`, `path` (digests); `profile::NAME` (digests); `DamagedImages`, if damaged files are shown |
//! | `image.version` | `closure` (the image closure); `stage::NAME` for every stage but decoders of formats that no file has |
//! | `metadata.version` | `epoch`; the closure's part of it; `size` of the upright source |
//! | strong ETag of pictures and XMP | `kind` of reply; `closure`; `stage::NAME` for the stages that the reply may pass; `request` |
//! | strong ETag of other replies | `kind` of reply; `version` (`metadata.version`); `request`; for JSON replies `handler` and `id` |
//! | weak ETag | `kind` (MIME type); `body`, without its time stamp and `image.length` |
//!
//! `request` is the canonical request without `id`. Each row is one list of fields in this order, hashed as
//! [`version`](crate::base::version) says. A stage's value is its epoch (u32, little endian) and the 16 bytes of its probe, as
//! [`Engine::fingerprint`](crate::Engine::fingerprint) tells them. The closure's part is, in this order, with the values in
//! their canonical spelling and only those that [`Touches`](crate::language::catalog::Touches) counts to the version:
//!
//! 1. `attribute::NAME` for every attribute in effect in the main catalog that is not at its built-in default, in the order
//!    of the attributes' declaration;
//! 2. `macro::own::NAME` and `macro::own::NAME hides` for every macro of the main catalog by name, then
//!    `macro::default::…` for those of the default catalog: the definition, and the names that it cannot reach;
//! 3. for every object that takes part, as `source`, `path` (where that is another), `template`, `mask`: `part` with the
//!    role, `ROLE::FIELD` for every field of its record, in the order of the columns but for Modifier and PostModifier, then
//!    `ROLE::Modifier` and `ROLE::PostModifier` with their macros expanded, in canonical form;
//! 4. `variable::object`, if one of these refers to `$object$`: the path of the request;
//! 5. `default image` with the value `1`, if one stands in for what is missing, then `effective::ThumbType` and
//!    `effective::ThumbRes`, of its record or else of its own catalog;
//! 6. `effective::Resolution`, unless it is 1;
//! 7. ahead of 4, `profile::NAME` with the name of each built-in profile that an attribute, a field or `icc=` names.
//!
//! In 2 and 3 an empty value has no field. Digests are the 32 bytes of BLAKE3 of the file, closures and versions inside of
//! other tags their 16 bytes; the size is `width,height` in decimal. A file that is not there has no field. Never hashed:
//! paths, ids and names as such, time stamps, inode numbers, the clock, the host.

use crate::base::stage::{ByteStage, ByteStages};
use crate::base::version::{CanonicalHasher, Domain, Version};
use crate::imaging::color::Profile;
use crate::imaging::pixel::header::Facts;
use crate::imaging::scene::Scene;
use crate::language::catalog::Catalogs;
use crate::language::resolve::{Resolved, Role};

use super::fingerprint;
use super::setting::Setting;

/// Raised when what `metadata.version` stands for changes.
const METADATA_EPOCH: &str = "3";

/// The two versions of a request's object, and what pictures of it are tagged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Versions {
    pub(in crate::engine) image: Version,
    pub(in crate::engine) metadata: Version,
    /// What `image.version` covers besides the engine.
    pub(in crate::engine) closure: Version,
}

/// The versions of what a request resolved to; `facts` are those of its inputs.
pub(in crate::engine) fn versions(
    resolved: &Resolved,
    catalogs: &Catalogs,
    facts: &[Option<Facts>],
    profiles: &[Option<Profile>],
    setting: Setting,
) -> Versions {
    let mut image = CanonicalHasher::new(Domain::Closure);
    let mut metadata = CanonicalHasher::new(Domain::Metadata);
    metadata.field("epoch", METADATA_EPOCH.as_bytes());
    resolved.closure(catalogs, &mut |name, touches, value| {
        if touches.image() {
            image.field(name, value.as_bytes());
        }
        if touches.metadata() {
            metadata.field(name, value.as_bytes());
        }
    });
    let mut decoders = ByteStages::default();
    for (input, facts) in resolved.inputs.iter().zip(facts) {
        let Some(facts) = facts else { continue };
        facts.header.format.stages().iter().for_each(|stage| decoders.insert(*stage));
        image.field(input.role.name(), facts.digest.as_bytes());
        if input.role == Role::Source {
            let size = facts.header.size();
            metadata.field("size", format!("{},{}", size.width, size.height).as_bytes());
        }
    }
    for (input, profile) in resolved.profiles.iter().zip(profiles) {
        if let Some(profile) = profile {
            image.field(&format!("profile::{}", input.field), profile.digest().as_bytes());
        }
    }
    if setting.shows_damaged {
        image.field("DamagedImages", b"show");
    }
    let closure = image.finish();
    let mut image = CanonicalHasher::new(Domain::Image);
    image.field("closure", &closure.to_bytes());
    let counts = |stage: &ByteStage| !stage.is_decoder() || decoders.contains(*stage);
    fingerprint::add(&mut image, ByteStage::ALL.iter().copied().filter(counts).collect(), setting.raised);
    Versions { image: image.finish(), metadata: metadata.finish(), closure }
}

/// The strong ETag of a picture, or of what is read from its file: equal tags mean equal bytes. `passed` are the stages that
/// the reply may pass.
pub(in crate::engine) fn of_picture(
    kind: &str,
    closure: Version,
    passed: ByteStages,
    request: &str,
    setting: Setting,
) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", kind.as_bytes()).field("closure", &closure.to_bytes());
    fingerprint::add(&mut hasher, passed, setting.raised);
    hasher.field("request", request.as_bytes());
    hasher.finish()
}

/// What an error image is stored by: the tag that the picture would have, and the scene with the texts of the error in it. It
/// is told to no caller.
pub(in crate::engine) fn of_error_image(etag: Version, scene: &Scene) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", b"error image").field("etag", &etag.to_bytes());
    hasher.field("scene", format!("{scene:?}").as_bytes());
    hasher.finish()
}

/// The strong ETag of a reply that `metadata.version` stands for. `echo` are the handler and id that a JSON reply repeats.
pub(in crate::engine) fn of_metadata(
    kind: &str,
    version: Version,
    request: &str,
    echo: Option<(&str, &str)>,
) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", kind.as_bytes()).field("version", &version.to_bytes());
    hasher.field("request", request.as_bytes());
    if let Some((handler, id)) = echo {
        hasher.field("handler", handler.as_bytes()).field("id", id.as_bytes());
    }
    hasher.finish()
}

/// The weak ETag of a body that is tagged by what it says.
pub(in crate::engine) fn weak(mime: &str, stable_body: &[u8]) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::WeakTag);
    hasher.field("kind", mime.as_bytes()).field("body", stable_body);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::digest::Digest;
    use crate::engine::versioning::probe::probe;
    use crate::language::catalog::Caller;
    use crate::language::catalog::Touches;
    use crate::language::request::RawRequest;
    use crate::language::resolve::{Call, open};

    /// The encoding once more, from its description alone.
    fn tag(context: &str, fields: &[(String, Vec<u8>)]) -> String {
        let mut input = Vec::new();
        for (name, value) in fields {
            input.extend((name.len() as u64).to_le_bytes());
            input.extend(name.as_bytes());
            input.extend((value.len() as u64).to_le_bytes());
            input.extend(value);
        }
        let key = blake3::derive_key(context, &input);
        let mut value = key[..16].iter().fold(0u128, |value, byte| value << 8 | u128::from(*byte));
        let digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".as_bytes();
        let mut text = vec![];
        for _ in 0..22 {
            text.insert(0, digits[(value % 62) as usize]);
            value /= 62;
        }
        String::from_utf8(text).unwrap()
    }

    fn field(name: &str, value: impl AsRef<[u8]>) -> (String, Vec<u8>) {
        (name.to_owned(), value.as_ref().to_owned())
    }

    #[test]
    fn etags_are_what_their_description_says() {
        let version: Version = "37JK6NTvpvC42F5gOuLEVY".parse().unwrap();
        let of_version = [
            field("kind", "map"),
            field("version", version.to_bytes()),
            field("request", "wid=400"),
            field("handler", "f"),
            field("id", "q1"),
        ];
        let context = "platemark 2026-11 strong etag";
        assert_eq!(of_metadata("map", version, "wid=400", None).to_string(), tag(context, &of_version[..3]));
        assert_eq!(of_metadata("map", version, "wid=400", Some(("f", "q1"))).to_string(), tag(context, &of_version));
        let passed = [ByteStage::Warp, ByteStage::Request];
        let of_picture_fields = [
            field("kind", "image"),
            field("closure", version.to_bytes()),
            stage_field(ByteStage::Request),
            stage_field(ByteStage::Warp),
            field("request", "wid=400"),
        ];
        let found = of_picture("image", version, passed.into_iter().collect(), "wid=400", Setting::default());
        assert_eq!(found.to_string(), tag(context, &of_picture_fields));
        let of_body = [field("kind", "text/plain"), field("body", "a=1\r\n")];
        assert_eq!(weak("text/plain", b"a=1\r\n").to_string(), tag("platemark 2026-11 weak etag", &of_body));
    }

    fn stage_field(stage: ByteStage) -> (String, Vec<u8>) {
        let mut value = stage.epoch().to_le_bytes().to_vec();
        value.extend(probe(stage).to_bytes());
        field(&format!("stage::{}", stage.name()), value)
    }

    #[test]
    fn versions_are_what_their_description_says() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("default.ini", "DefaultExt=\nCatalogFile=all.txt\nMacroFile=m.txt\nJpegQuality=70\nResolution=2\n");
        write("m.txt", "Name\tDefinition\nbig\twid=900\nshadow\topac=1\nglow\topac=2\n");
        let header = "Id\tPath\tModifier\tUserData\tAnchor\tMaskPath";
        write("all.txt", &format!("{header}\nx\ta.png\t$big$&QLT=080\tsku=1\t3,4\tm.png\n"));
        let catalogs = Catalogs::load(folder.path(), folder.path()).unwrap();
        let request = RawRequest::parse("/is/image/x?wid=5").unwrap();
        let (modifiers, _) = open(&request, &catalogs).unwrap();
        let call = Call::read(request.object, modifiers, &catalogs).unwrap();
        let resolved = call.picture(&catalogs, Caller::HOST).unwrap();
        let header = crate::imaging::codec::read_header(&picture()).unwrap();
        let facts = Facts { header, digest: Digest::of(b"source") };
        let other = Facts { header, digest: Digest::of(b"mask") };
        let found = versions(&resolved, &catalogs, &[Some(facts), Some(other)], &[], Setting::default());

        let mut image = vec![];
        let mut metadata = vec![field("epoch", METADATA_EPOCH)];
        let mut attributes = 0;
        resolved.main.attributes.each(&mut |name, touches, value, is_default| {
            if is_default {
                return;
            }
            attributes += usize::from(touches != Touches::Nothing);
            let one = field(&format!("attribute::{name}"), value);
            if touches.image() {
                image.push(one.clone());
            }
            if touches.metadata() {
                metadata.push(one);
            }
        });
        assert_eq!(attributes, 2, "JpegQuality and Resolution");
        let macros = [("big", "wid=900"), ("glow", "opac=2"), ("shadow", "opac=1")];
        let macros = macros.map(|(name, definition)| field(&format!("macro::default::{name}"), definition));
        for list in [&mut image, &mut metadata] {
            list.extend(macros.iter().cloned());
            list.extend([field("part", "source"), field("source::Anchor", "3,4")]);
        }
        metadata.push(field("source::UserData", "sku=1"));
        for list in [&mut image, &mut metadata] {
            list.push(field("source::Modifier", "wid=900&qlt=80,0"));
        }
        for list in [&mut image, &mut metadata] {
            list.push(field("effective::Resolution", "2"));
        }
        image.push(field("source", blake3::hash(b"source").as_bytes()));
        image.push(field("mask", blake3::hash(b"mask").as_bytes()));
        metadata.push(field("size", "3,2"));
        let closure = |fields: &[(String, Vec<u8>)]| tag("platemark 2026-11 image closure", fields);
        assert_eq!(found.closure.to_string(), closure(&image));
        let mut all = vec![field("closure", found.closure.to_bytes())];
        // Both files are PNG, so the version covers no other decoder.
        let stages = ByteStage::ALL.iter().filter(|stage| !stage.is_decoder() || **stage == ByteStage::DecodePng);
        all.extend(stages.map(|stage| stage_field(*stage)));
        assert_eq!(found.image.to_string(), tag("platemark 2026-11 image.version", &all));
        let shown = Setting { shows_damaged: true, raised: None };
        image.push(field("DamagedImages", "show"));
        let found_shown = versions(&resolved, &catalogs, &[Some(facts), Some(other)], &[], shown);
        assert_eq!(found_shown.closure.to_string(), closure(&image));
        assert_eq!(found.metadata.to_string(), tag("platemark 2026-11 metadata.version", &metadata));
    }

    /// A PNG file of three by two pixels.
    fn picture() -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 3, 2);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[1, 2, 3, 4, 5, 6]).unwrap();
        writer.finish().unwrap();
        file
    }
}
