//! Tags as conditional requests name them, proxies' alterations included (`responses.md` §8).

use crate::base::version::Version;

use super::reply::ETag;

/// What a proxy that compresses puts between a tag and the name of the coding, and the names: Apache has `-gzip`, `-br`,
/// `-deflate` and `-zstd`, Caddy `-gzip`, `-br` and `-zstd`, Jetty `--gzip`, others `;gzip` and `:gzip`; LiteSpeed has `;gz`
/// and `;br`. They are in lower case everywhere.
const SEPARATORS: [&str; 4] = ["--", "-", ";", ":"];
const CODINGS: [&str; 5] = ["gzip", "br", "zstd", "deflate", "gz"];

/// The opaque part of a tag without what a compressing proxy has added to it. No tag of ours ends so: it has letters and
/// digits only.
fn unaltered(opaque: &str) -> &str {
    let without = |separator: &str| {
        let (tag, coding) = opaque.rsplit_once(separator)?;
        CODINGS.contains(&coding).then_some(tag)
    };
    SEPARATORS.into_iter().find_map(without).unwrap_or(opaque)
}

/// The parts of one tag in a header: whether it is weak, and its value if it can be one of ours. `None`: it is no tag.
fn read(tag: &str) -> Option<(bool, Option<Version>)> {
    let tag = tag.trim();
    let (weak, opaque) = tag.strip_prefix("W/").map_or((false, tag), |opaque| (true, opaque));
    let opaque = opaque.strip_prefix('"')?.strip_suffix('"')?;
    Some((weak, unaltered(opaque).parse().ok()))
}

impl ETag {
    /// An `If-None-Match` header names this tag: weak comparison. A proxy that compresses replies may have made the tag
    /// weak, and may have altered it: the reply that the caller holds is still this one. `*` names none.
    pub(super) fn is_in(&self, if_none_match: &str) -> bool {
        if_none_match.split(',').any(|tag| matches!(read(tag), Some((_, Some(value))) if value == self.value))
    }

    /// The tag, if a header names exactly one and it can be one of ours.
    pub(super) fn single(if_none_match: &str) -> Option<Self> {
        let (weak, value) = read(if_none_match)?;
        Some(Self { value: value?, weak })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    const OURS: &str = "37JK6NTvpvC42F5gOuLEVY";

    fn ours() -> ETag {
        ETag { value: OURS.parse().unwrap(), weak: false }
    }

    #[test]
    fn tags_match_weakly() {
        let etag = ours();
        assert_eq!(etag.to_string(), "\"37JK6NTvpvC42F5gOuLEVY\"");
        assert_eq!(ETag { weak: true, ..etag }.to_string(), "W/\"37JK6NTvpvC42F5gOuLEVY\"");
        assert!(etag.is_in("\"37JK6NTvpvC42F5gOuLEVY\""));
        assert!(etag.is_in("\"a\", W/\"37JK6NTvpvC42F5gOuLEVY\" ,\"b\""));
        assert_eq!(ETag::single(" W/\"37JK6NTvpvC42F5gOuLEVY\""), Some(ETag { weak: true, ..etag }));
        assert_eq!(ETag::single("\"37JK6NTvpvC42F5gOuLEVY-gzip\""), Some(etag));
        for other in ["", "*", "\"a\"", "\"37JK6NTvpvC42F5gOuLEVY\",\"37JK6NTvpvC42F5gOuLEVY\""] {
            assert_eq!(ETag::single(other), None, "{other}");
        }
        for other in ["", "*", "37JK6NTvpvC42F5gOuLEVY", "\"37JK6NTvpvC42F5gOuLEVX\"", "\"\"", "\"", "W/", "W/\""] {
            assert!(!etag.is_in(other), "{other}");
        }
    }

    /// What proxies are known to make of a tag.
    #[test]
    fn altered_tags_match() {
        for altered in [
            "\"T-gzip\"",
            "\"T--gzip\"",
            "\"T;gzip\"",
            "\"T:gzip\"",
            "\"T-br\"",
            "\"T;br\"",
            "\"T-zstd\"",
            "\"T-deflate\"",
            "\"T;gz\"",
        ] {
            let altered = altered.replace('T', OURS);
            assert!(ours().is_in(&altered) && ours().is_in(&format!("W/{altered}")), "{altered}");
        }
        for other in [
            "\"T-GZIP\"",
            "\"T-\"",
            "\"Tgzip\"",
            "\"T-gzip-gzip\"",
            "\"T---gzip\"",
            "\"T-gzip \"",
            "\"T -gzip\"",
            "\"T-identity\"",
            "\"T\"-gzip",
            "T-gzip",
            "\"-gzip\"",
            "\"T_gzip\"",
            "w/\"T\"",
            "W/ \"T\"",
            "\"T-gzip",
            "\"gzip-T\"",
        ] {
            assert!(!ours().is_in(&other.replace('T', OURS)), "{other}");
        }
    }

    proptest! {
        /// Lists of several tags, in which ours stands somewhere or nowhere, and any whitespace that HTTP permits.
        #[test]
        fn lists_name_a_tag_however_it_was_altered(
            weak: bool,
            separator in select(vec!["", "-", "--", ";", ":"]),
            coding in select(CODINGS.to_vec()),
            before in proptest::collection::vec("(W/)?\"[0-9A-Za-z;:-]{0,30}\"", 0..4),
            after in proptest::collection::vec("(W/)?\"[0-9A-Za-z;:-]{0,30}\"", 0..4),
            gap in select(vec!["", " ", "\t", "  "]),
        ) {
            let suffix = if separator.is_empty() { String::new() } else { format!("{separator}{coding}") };
            let tag = format!("{}\"{OURS}{suffix}\"", if weak { "W/" } else { "" });
            let others: Vec<String> = before.iter().chain(&after).cloned().collect();
            let list: Vec<String> = before.iter().chain([&tag]).chain(&after).cloned().collect();
            let joined = |tags: &[String]| tags.join(&format!("{gap},{gap}"));
            prop_assert!(ours().is_in(&joined(&list)));
            prop_assert!(!ours().is_in(&joined(&others)));
            prop_assert_eq!(ETag::single(&tag), Some(ETag { weak, ..ours() }));
        }

        #[test]
        fn any_header_is_read(text: String) {
            let _ = (ours().is_in(&text), ETag::single(&text));
        }
    }
}
