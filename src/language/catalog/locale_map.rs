//! Maps of locales (`catalog.md` §6): which variants of an id are tried, and which variant of a string is delivered.

use std::borrow::Cow;
use std::fmt;

/// Items `locale,entry,entry…`, the locales in lower case. The item of the empty locale is the rule for all others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Rules(Vec<(String, Vec<String>)>);

impl Rules {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let item = |item: &str| {
            let (locale, entries) = item.split_once(',')?;
            Some((locale.trim_matches(' ').to_ascii_lowercase(), entries.split(',').map(str::to_owned).collect()))
        };
        text.split('|').map(item).collect::<Option<_>>().map(Self)
    }

    /// The entries for a locale, else those for all others.
    fn entries(&self, locale: &str) -> Option<&[String]> {
        let of = |wanted: &str| self.0.iter().find(|(locale, _)| locale.eq_ignore_ascii_case(wanted));
        of(locale).or_else(|| of("")).map(|(_, entries)| entries.as_slice())
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (locale, entries)) in self.0.iter().enumerate() {
            write!(f, "{}{locale},{}", if position > 0 { "|" } else { "" }, entries.join(","))?;
        }
        Ok(())
    }
}

/// `LocaleMap`: suffixes of ids by locale (`catalog.md` §6.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LocaleMap(Rules);

impl LocaleMap {
    /// `None` if an item has no comma.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Rules::parse(text).map(Self)
    }

    /// Nothing is translated.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    /// The ids to be tried for `id`, in order. `None` if the map does not know the locale and says nothing about others.
    ///
    /// An empty locale is not an unknown one: without a rule for it the id stands as it is.
    pub(crate) fn candidates(&self, locale: &str, id: &str) -> Option<Vec<String>> {
        match self.0.entries(locale) {
            Some(suffixes) => Some(suffixes.iter().map(|suffix| format!("{id}{suffix}")).collect()),
            None => (self.is_empty() || locale.is_empty()).then(|| vec![id.to_owned()]),
        }
    }

    /// The id itself and with every suffix of the map, in order, each once.
    pub(crate) fn variants(&self, id: &str) -> Vec<String> {
        let mut suffixes = vec![""];
        let mut seen = std::collections::HashSet::from([""]);
        let all = self.0.0.iter().flat_map(|(_, suffixes)| suffixes).map(String::as_str);
        suffixes.extend(all.filter(|suffix| seen.insert(suffix)));
        suffixes.into_iter().map(|suffix| format!("{id}{suffix}")).collect()
    }
}

impl fmt::Display for LocaleMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `LocaleStrMap`: variants of strings by locale (`catalog.md` §6.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LocaleStrMap(Rules);

impl LocaleStrMap {
    /// `None` if an item has no comma, or an entry cannot be the name of a variant.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rules = Rules::parse(text)?;
        let legal = |entry: &String| entry.is_ascii() && !entry.contains('^');
        rules.0.iter().flat_map(|(_, entries)| entries).all(legal).then_some(Self(rules))
    }

    /// Strings stay as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    /// The variant of a string element; elements without variants stay as they are. Empty if the locale has none.
    pub(crate) fn localize<'a>(&self, locale: &str, element: &'a str) -> Cow<'a, str> {
        let Some(first) = token(element) else { return Cow::Borrowed(element) };
        if self.is_empty() {
            return Cow::Borrowed(element);
        }
        let variant = |wanted: &String| {
            if wanted.is_empty() {
                return Some(first.before);
            }
            let mut next = Some(first);
            while let Some(Token { name, after, .. }) = next {
                next = token(after);
                if name == wanted {
                    return Some(next.map_or(after, |next| next.before));
                }
            }
            None
        };
        Cow::Borrowed(self.0.entries(locale).unwrap_or_default().iter().find_map(variant).unwrap_or_default())
    }
}

impl fmt::Display for LocaleStrMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `^loc=name^` in a text.
#[derive(Clone, Copy)]
struct Token<'a> {
    before: &'a str,
    name: &'a str,
    after: &'a str,
}

/// The first complete token. A `^` that starts none is text.
fn token(text: &str) -> Option<Token<'_>> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find(TOKEN)?;
        from = start + TOKEN.len();
        let (name, after) = text.get(from..)?.split_once('^')?;
        if !name.is_empty() && name.is_ascii() {
            return Some(Token { before: text.get(..start)?, name, after });
        }
    }
}

const TOKEN: &str = "^loc=";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(map: &str, locale: &str) -> String {
        LocaleMap::parse(map).unwrap().candidates(locale, "x").map_or("-".to_owned(), |ids| ids.join(" "))
    }

    /// Every row of the table in `catalog.md` §6.1.
    #[test]
    fn ids_get_the_suffixes_of_their_locale() {
        let map = "en,_E,|en_us,_E,|en_uk,_E,|fr,_F,|de,_D,|de_at,_D,|de_de,_D,|,_E,";
        for (locale, expected) in [("de_de", "x_D x"), ("DE_DE", "x_D x"), ("ja", "x_E x"), ("", "x_E x")] {
            assert_eq!(ids(map, locale), expected, "{locale}");
        }
        let map = "w1,-W,|w2,-W2,-W,|w3,-W,|m1,-M1,-M,|m2,-M2,-M,|,";
        for (locale, expected) in [
            ("w1", "x-W x"),
            ("w3", "x-W x"),
            ("w2", "x-W2 x-W x"),
            ("m1", "x-M1 x-M x"),
            ("m2", "x-M2 x-M x"),
            ("m3", "x"),
            ("", "x"),
        ] {
            assert_eq!(ids(map, locale), expected, "{locale}");
        }
        let map = ",_1,_2,_3|fr,_22,_23,_1,_2,_3|de,_470,_480,_1,_2,_3";
        for (locale, expected) in
            [("fr", "x_22 x_23 x_1 x_2 x_3"), ("de", "x_470 x_480 x_1 x_2 x_3"), ("ja", "x_1 x_2 x_3")]
        {
            assert_eq!(ids(map, locale), expected, "{locale}");
        }
    }

    #[test]
    fn an_unknown_locale_needs_a_rule_for_all_others() {
        assert_eq!(ids("en,_E|de,_D", "ja"), "-");
        assert_eq!(ids("en,_E|de,_D", ""), "x");
        assert_eq!(ids("", "ja"), "x");
    }

    #[test]
    fn variants_are_listed_once_and_the_id_first() {
        let map = LocaleMap::parse("fr,_fr,|de,_de,_fr|,_x").unwrap();
        assert_eq!(map.variants("image"), ["image", "image_fr", "image_de", "image_x"]);
    }

    fn strings(map: &str, locale: &str, elements: &[&str]) -> Vec<String> {
        let map = LocaleStrMap::parse(map).unwrap();
        elements.iter().map(|element| map.localize(locale, element).into_owned()).collect()
    }

    /// The examples of `catalog.md` §6.2.
    #[test]
    fn strings_have_variants() {
        let elements = [
            "111",
            "Default1^loc=N^Dutch1^loc=D^German1",
            "value2",
            "^loc=E^English2^loc=N^Dutch2^loc=D^German2",
            "Default3^loc=N^Dutch3^loc=D^German3",
        ];
        let map = "en,E|nl,N|de,D|,";
        assert_eq!(strings(map, "nl", &elements), ["111", "Dutch1", "value2", "Dutch2", "Dutch3"]);
        assert_eq!(strings(map, "DE", &elements), ["111", "German1", "value2", "German2", "German3"]);
        assert_eq!(strings(map, "en", &elements), ["111", "", "value2", "English2", ""]);
        for others in ["ja", ""] {
            assert_eq!(strings(map, others, &elements), ["111", "Default1", "value2", "", "Default3"]);
        }
        let map = "en,E|en_us,EUS,E|en_uk,EUK,E|de,D|de_at,DAT,D|de_de,D";
        let element = ["Any^loc=E^English^loc=EUK^British^loc=D^German^loc=DAT^Austrian"];
        for (locale, expected) in [
            ("en", "English"),
            ("en_us", "English"),
            ("en_uk", "British"),
            ("de", "German"),
            ("de_at", "Austrian"),
            ("de_de", "German"),
            ("ja", ""),
            ("", ""),
        ] {
            assert_eq!(strings(map, locale, &element), [expected], "{locale}");
        }
    }

    #[test]
    fn only_whole_tokens_separate() {
        let element = ["2^3 ^loc=^ ^loc=E^four^2^loc=D^vier^loc=é^"];
        assert_eq!(strings("en,E|,", "en", &element), ["four^2"]);
        assert_eq!(strings("en,E|,", "", &element), ["2^3 ^loc=^ "]);
        assert_eq!(strings("en,D", "en", &element), ["vier^loc=é^"]);
        assert_eq!(strings("en,E", "ja", &["a^b", "^loc=E"]), ["a^b", "^loc=E"]);
        assert_eq!(strings("", "ja", &["a^loc=E^b"]), ["a^loc=E^b"]);
    }

    #[test]
    fn malformed_maps_are_refused() {
        for text in ["en", "en,|", "|en,_E", ",|de"] {
            assert_eq!(LocaleMap::parse(text), None, "{text}");
        }
        assert_eq!(LocaleStrMap::parse("en,a^b"), None);
        assert_eq!(LocaleStrMap::parse("en,é"), None);
        assert_eq!(LocaleMap::parse("EN_us,_E,|,").unwrap().to_string(), "en_us,_E,|,");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(map: String, locale: String, element in "(\\^|loc=|[a-cé])*") {
            let _ = LocaleMap::parse(&map).map(|map| map.candidates(&locale, &element));
            let _ = LocaleStrMap::parse(&map).map(|map| map.localize(&locale, &element).len());
        }
    }
}
