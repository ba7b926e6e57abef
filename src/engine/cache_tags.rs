//! Cache tags: names of the objects and catalogs that a reply was made from. A cache purges replies by them.

use std::sync::Arc;

use crate::base::digest::Digest;
use crate::language::catalog::{Catalog, Object, StaticObject};
use crate::language::resolve::Resolved;

use super::inflight::InFlight;

/// The longest tag. CDNs permit 120 bytes or more.
const LONGEST: usize = 120;

/// Hexadecimal digits of a digest in a tag that had to be shortened.
const DIGITS: usize = 16;

/// The most tags of a reply: some CDNs read no more than 8 KiB of headers.
const MOST: usize = 48;

/// The tag of an object, in a header such as `Cache-Tag`, that a CDN purges replies by. `name` is what follows `/is/image/`
/// in a request, before percent-encoding: the form of [`Engine::objects`](super::Engine::objects). A catalog has the name
/// of its `RootId` and a slash; that of the default catalog is a slash alone.
///
/// It is the name, percent-encoded but for letters, digits and `-._~`. If that has more than 120 characters, it is cut at
/// 103, and `~` and the first 16 hexadecimal digits of the BLAKE3 digest of the name follow.
///
/// ```
/// assert_eq!(platemark::cache_tag("demo/harbour"), "demo%2Fharbour");
/// assert_eq!(platemark::cache_tag("demo/"), "demo%2F");
/// let long = platemark::cache_tag(&"x".repeat(500));
/// assert!(long.len() == 120 && long.starts_with("xxxx"));
/// ```
#[must_use]
pub fn cache_tag(name: &str) -> String {
    let mut tag = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => tag.push(char::from(byte)),
            other => tag.push_str(&format!("%{other:02X}")),
        }
    }
    if tag.len() > LONGEST {
        // All ASCII, so any place is the end of a character.
        tag.truncate(LONGEST - DIGITS - 1);
        let digest = Digest::of(name.as_bytes()).to_string();
        tag.push('~');
        tag.push_str(digest.get(..DIGITS).unwrap_or(&digest));
    }
    tag
}

impl InFlight {
    /// The tags of the object that the path names, whether it is there or not, and of the main catalog.
    pub(super) fn path_tags(&self) -> Arc<[String]> {
        let mut tags = self.tags();
        if let Ok(Some(object)) = self.object() {
            tags.add_object(&object);
        }
        tags.done()
    }

    /// The same of static content.
    pub(super) fn content_tags(&self) -> Arc<[String]> {
        let mut tags = self.tags();
        if let Ok(Some(object)) = self.static_object() {
            let StaticObject { owner, id, name, .. } = &object;
            tags.add_named(owner, id.as_deref(), name);
        }
        tags.done()
    }

    /// The tags of everything that takes part in a picture. What the path names is among them even if a default image
    /// stands in for it.
    pub(super) fn picture_tags(&self, resolved: &Resolved) -> Arc<[String]> {
        let mut tags = self.tags();
        for object in resolved.objects() {
            tags.add_object(object);
        }
        tags.done()
    }

    /// Those that every reply to the request has.
    fn tags(&self) -> Tags {
        let (mut tags, path) = (Tags::default(), self.call.path.text());
        if !path.is_empty() {
            tags.add(&path);
        }
        tags.add_catalog(&self.call.main);
        tags
    }
}

/// Tags without repetitions, the most important first.
#[derive(Default)]
struct Tags(Vec<String>);

impl Tags {
    fn add_object(&mut self, object: &Object) {
        self.add_named(&object.owner, object.id.as_deref(), &object.name);
    }

    /// Adds an object by its id or, of a file, which has none, by its path as it is written: with or without the catalog's
    /// name in front.
    fn add_named(&mut self, owner: &Catalog, id: Option<&str>, written: &str) {
        let (root_id, written) = (&owner.root_id, written.trim_start_matches('/'));
        let has_root = written.strip_prefix(root_id.as_str()).is_some_and(|rest| rest.starts_with('/'));
        match (id, root_id.is_empty()) {
            (Some(id), false) => self.add(&format!("{root_id}/{id}")),
            (Some(id), true) => self.add(id),
            (None, false) if !has_root => self.add(&format!("{root_id}/{written}")),
            (None, _) => self.add(written),
        }
        self.add_catalog(owner);
    }

    fn add_catalog(&mut self, catalog: &Catalog) {
        self.add(&format!("{}/", catalog.root_id));
    }

    fn add(&mut self, name: &str) {
        let tag = cache_tag(name);
        if self.0.len() < MOST && !self.0.contains(&tag) {
            self.0.push(tag);
        }
    }

    fn done(self) -> Arc<[String]> {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_names_are_cut_and_told_apart() {
        let name = |end: &str| format!("demo/{}{end}", "é".repeat(60));
        let (a, b) = (cache_tag(&name("a")), cache_tag(&name("b")));
        assert_ne!(a, b);
        assert_eq!((a.len(), &a[..103]), (120, &b[..103]));
        let digest = blake3::hash(name("a").as_bytes()).to_hex();
        assert_eq!(&a[103..], &format!("~{}", &digest[..16]));
        assert_eq!(cache_tag(&"x".repeat(120)), "x".repeat(120));
        assert_eq!(cache_tag(&"x".repeat(121)).len(), 120);
        assert_eq!(cache_tag("a b,c\u{e9}*/~"), "a%20b%2Cc%C3%A9%2A%2F~");
    }

    #[test]
    fn a_reply_has_each_tag_once_and_not_too_many() {
        let mut tags = Tags::default();
        for i in (0..200).chain(0..200) {
            tags.add(&format!("demo/{i}"));
        }
        let tags = tags.done();
        assert_eq!((tags.len(), tags[0].as_str(), tags[47].as_str()), (48, "demo%2F0", "demo%2F47"));
        assert!(tags.join(",").len() < 8192 && MOST * (LONGEST + 1) < 8192);
    }

    proptest! {
        #[test]
        fn a_tag_is_one_short_token(name: String) {
            let tag = cache_tag(&name);
            prop_assert!(tag.len() <= LONGEST);
            prop_assert!(tag.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._~%".contains(&c)), "{}", tag);
        }
    }
}
