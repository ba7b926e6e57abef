//! Who made a picture, and who has rights in it.

/// The longest text, in characters; the rest is cut off. With the most creators, all fit into one segment of a JPEG file.
pub(super) const MAX_CHARS: usize = 1024;
/// The most creators; others are left out.
pub(super) const MAX_CREATORS: usize = 10;

/// Empty texts are not said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rights {
    /// The notice of copyright.
    pub(in crate::imaging::codec) copyright: String,
    /// In their order.
    pub(in crate::imaging::codec) creators: Vec<String>,
    /// Who is to be named where the picture is shown.
    pub(in crate::imaging::codec) credit: String,
}

impl Rights {
    /// Each property of this one, else of the other.
    pub(super) fn or(self, other: Self) -> Self {
        let text = |text: String, other: String| if text.is_empty() { other } else { text };
        Self {
            copyright: text(self.copyright, other.copyright),
            creators: if self.creators.is_empty() { other.creators } else { self.creators },
            credit: text(self.credit, other.credit),
        }
    }

    /// The properties that the other does not say.
    pub(super) fn beside(&self, other: &Self) -> Self {
        let text = |text: &String, other: &String| if other.is_empty() { text.clone() } else { String::new() };
        Self {
            copyright: text(&self.copyright, &other.copyright),
            creators: if other.creators.is_empty() { self.creators.clone() } else { Vec::new() },
            credit: text(&self.credit, &other.credit),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.copyright.is_empty() && self.creators.is_empty() && self.credit.is_empty()
    }

    /// Bytes of the texts.
    pub(crate) fn weight(&self) -> usize {
        let creators: usize = self.creators.iter().map(|creator| size_of::<String>() + creator.len()).sum();
        self.copyright.len() + self.credit.len() + creators
    }

    /// Adds a notice of copyright, unless there is one.
    pub(super) fn add_copyright(&mut self, text: &str) {
        set(&mut self.copyright, text);
    }

    /// Adds a credit, unless there is one.
    pub(super) fn add_credit(&mut self, text: &str) {
        set(&mut self.credit, text);
    }

    /// Adds a creator behind those that there are.
    pub(super) fn add_creator(&mut self, text: &str) {
        let text = plain(text);
        if !text.is_empty() && self.creators.len() < MAX_CREATORS {
            self.creators.push(text);
        }
    }
}

fn set(slot: &mut String, text: &str) {
    if slot.is_empty() {
        *slot = plain(text);
    }
}

/// A text without the blanks around it and without characters that XML cannot hold, cut to the longest.
fn plain(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{80}'..='\u{fffd}' | '\u{10000}'..);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    // Twice as many: ends of lines in two characters become one.
    let text: String = text.chars().filter(is_legal).take(2 * MAX_CHARS).collect();
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.trim().chars().take(MAX_CHARS).collect::<String>().trim_end().to_owned()
}

/// Bytes of a text whose encoding is not said.
pub(super) fn utf8_or_latin1(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_cleaned_and_cut() {
        for (text, expected) in [
            (" \0 a b\t\0\n", "a b"),
            ("a\r\nb\rc\n", "a\nb\nc"),
            ("\u{1}a\u{ffff}\u{7f}b\u{1f600}", "ab\u{1f600}"),
            ("\0", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain(&"\u{e9}".repeat(5000)), "\u{e9}".repeat(1024));
        assert_eq!(plain(&["x", &" ".repeat(5000), "y"].concat()), "x");
    }

    #[test]
    fn properties_are_joined_one_by_one() {
        let of = |copyright: &str, creators: &[&str], credit: &str| Rights {
            copyright: copyright.to_owned(),
            creators: creators.iter().map(|&creator| creator.to_owned()).collect(),
            credit: credit.to_owned(),
        };
        let (a, b) = (of("c", &[], "d"), of("x", &["y", "z"], ""));
        assert_eq!(a.clone().or(b.clone()), of("c", &["y", "z"], "d"));
        assert_eq!(b.beside(&a), of("", &["y", "z"], ""));
        assert!(a.beside(&a).is_empty() && !a.is_empty());
    }
}
