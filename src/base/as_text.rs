//! Values that serde writes as their text, and reads from it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::digest::Digest;
use super::version::Version;

macro_rules! as_text {
    ($($type:ty),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

as_text!(Digest, Version);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_digests_are_texts() {
        let version = Version::from_bytes([7; 16]);
        let digest = Digest::of(b"x");
        let json = serde_json::to_string(&(version, digest)).unwrap();
        assert_eq!(json, format!("[\"{version}\",\"{digest}\"]"));
        assert_eq!(serde_json::from_str::<(Version, Digest)>(&json).unwrap(), (version, digest));
        let refused = serde_json::from_str::<Version>("\"short\"").unwrap_err();
        assert!(refused.to_string().starts_with("a version is 22 characters of 0-9A-Za-z"), "{refused}");
        assert!(serde_json::from_str::<Digest>("5").is_err());
    }
}
