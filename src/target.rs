//! Writing request targets: path and query with everything escaped that has a meaning of its own (`protocol.md` §1).

use std::fmt::{self, Display, Write};
use std::time::SystemTime;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::base::signature::SigningKey;
use crate::base::version::Version;

/// What has to be escaped in an element of a path.
const ELEMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// What has to be escaped in a value. Lists and macro calls stay readable.
const VALUE: &AsciiSet = &ELEMENT.remove(b',').remove(b':').remove(b'$');

/// The target of a request, path and query, for pages and publishing systems that write links.
///
/// It needs no engine: the version comes from `req=props`, from [`Engine::versions`](crate::Engine::versions) or from a
/// list that was made with them. A program that has an engine calls
/// [`Engine::versioned_link`](crate::Engine::versioned_link), which adds the version.
///
/// ```
/// use platemark::{Engine, RequestTarget};
///
/// let engine = Engine::builder("assets/demo").build()?;
/// let version = engine.versions("/is/image/demo/harbour")?.image;
/// let link = RequestTarget::image("demo/harbour").set("wid", 400).set("op_usm", "1,6").version(version).to_string();
/// assert_eq!(link, format!("/is/image/demo/harbour?wid=400&op_usm=1,6&id={version}"));
/// assert_eq!(engine.serve(&link).status, 200);
///
/// let odd = RequestTarget::image("café/a b").call("card").set("$title", "50 % & more");
/// assert_eq!(odd.to_string(), "/is/image/caf%C3%A9/a%20b?$card$&$title=50%20%25%20%26%20more");
/// # Ok::<(), platemark::Error>(())
/// ```
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestTarget {
    /// Escaped.
    path: String,
    /// Escaped, in the order in which they were set.
    modifiers: Vec<String>,
    version: Option<Version>,
    expires: Option<SystemTime>,
}

impl RequestTarget {
    /// A picture, or what is told of one: `/is/image/…`. Catalog and record are separated by a slash.
    pub fn image(object: &str) -> Self {
        Self::of("/is/image/", object)
    }

    /// A file as it is: `/is/content/…`.
    pub fn content(object: &str) -> Self {
        Self::of("/is/content/", object)
    }

    fn of(root: &str, object: &str) -> Self {
        let path = format!("{root}{}", utf8_percent_encode(object, ELEMENT));
        Self { path, modifiers: Vec::new(), version: None, expires: None }
    }

    /// Adds a command with its value, or with a name that starts with `$` a variable. Of several that the protocol knows
    /// once, the last counts.
    pub fn set(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        self.modifiers.push(format!("{}={}", utf8_percent_encode(name, VALUE), utf8_percent_encode(&value, VALUE)));
        self
    }

    /// Adds the call of a macro: `$name$`.
    pub fn call(mut self, name: &str) -> Self {
        self.modifiers.push(format!("${}$", utf8_percent_encode(name, VALUE)));
        self
    }

    /// Sets `id=`: `image.version` of pictures, thumbnails, masks and XMP, `metadata.version` of maps, targets and user
    /// data.
    pub const fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// How long a [signature](Self::sign) holds; without this it holds for as long as the server has its key. It has no
    /// effect on a target without a signature.
    pub const fn expires(mut self, time: SystemTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// The target with its signature, for servers that answer signed requests only. `id=` may be added, changed and taken
    /// out afterwards.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// use platemark::{RequestTarget, SigningKey};
    ///
    /// let key = SigningKey::new(b"0123456789abcdef")?.id("k1")?;
    /// let link = RequestTarget::image("demo/harbour").set("wid", 90).expires(UNIX_EPOCH + Duration::from_secs(4_000_000_000));
    /// assert!(link.sign(&key).starts_with("/is/image/demo/harbour?wid=90&exp=4000000000&kid=k1&sig="));
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        key.sign(&self.to_string(), self.expires)
    }
}

impl Display for RequestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        let id = self.version.map(|version| format!("id={version}"));
        for (at, modifier) in self.modifiers.iter().chain(&id).enumerate() {
            f.write_char(if at == 0 { '?' } else { '&' })?;
            f.write_str(modifier)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::language::request::{Modifier, RawRequest, parse_modifiers};

    fn version() -> Version {
        "37JK6NTvpvC42F5gOuLEVY".parse().unwrap()
    }

    proptest! {
        /// Whatever stands in a target is read back as it was meant.
        #[test]
        fn targets_are_read_as_they_are_written(
            elements in prop::collection::vec("[^/]{1,6}", 1..4),
            name in "[a-z]{3,8}",
            value in "\\PC{0,12}|[&=+%#?$;(){} ]{0,6}",
            variable in "[a-z0-9]{1,5}",
        ) {
            let target = RequestTarget::image(&elements.join("/"))
                .set(&name, &value)
                .call(&variable)
                .set(&format!("${variable}"), &value)
                .version(version());
            let request = RawRequest::parse(&target.to_string()).unwrap();
            prop_assert_eq!(request.object.elements, elements);
            prop_assert_eq!(parse_modifiers(&request.query).unwrap(), [
                Modifier::Command { name, value: value.clone() },
                Modifier::Macro(variable.clone()),
                Modifier::Variable { name: variable, value },
                Modifier::Command { name: "id".into(), value: version().to_string() },
            ]);
            #[cfg(feature = "http")]
            prop_assert!(target.to_string().parse::<http::Uri>().is_ok());
        }
    }

    #[test]
    fn a_target_may_have_no_query() {
        assert_eq!(RequestTarget::content("a/b.pdf").to_string(), "/is/content/a/b.pdf");
        let version = version();
        assert_eq!(RequestTarget::image("a").version(version).to_string(), format!("/is/image/a?id={version}"));
    }
}
