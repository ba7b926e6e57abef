//! Records of the IPTC (IIM, version 4): who made a picture and who has rights in it.

use super::rights::{Rights, utf8_or_latin1};

/// Record and number of the data sets that are read.
const CHARACTER_SET: (u8, u8) = (1, 90);
const BY_LINE: (u8, u8) = (2, 80);
const CREDIT: (u8, u8) = (2, 110);
const COPYRIGHT_NOTICE: (u8, u8) = (2, 116);

/// The rights that records of the IPTC say, as far as they are sound.
pub(in crate::imaging::codec) fn rights(records: &[u8]) -> Rights {
    let mut text: fn(&[u8]) -> String = utf8_or_latin1;
    let mut rights = Rights::default();
    for (number, data) in data_sets(records) {
        match number {
            CHARACTER_SET => text = coded(data),
            BY_LINE => rights.add_creator(&text(data)),
            CREDIT => rights.add_credit(&text(data)),
            COPYRIGHT_NOTICE => rights.add_copyright(&text(data)),
            _ => {}
        }
    }
    rights
}

/// How texts are coded, by the escape sequences of ISO 2022. Others than these two are not used; many files that name none are
/// in UTF-8.
fn coded(sequence: &[u8]) -> fn(&[u8]) -> String {
    match sequence {
        b"\x1b%G" => |bytes| String::from_utf8_lossy(bytes).into_owned(),
        // ISO 8859-1 as the right half of the table.
        b"\x1b.A" | b"\x1b-A" => |bytes| bytes.iter().map(|&byte| char::from(byte)).collect(),
        _ => utf8_or_latin1,
    }
}

/// Record, number and data of each data set.
fn data_sets(records: &[u8]) -> impl Iterator<Item = ((u8, u8), &[u8])> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let [0x1c, record, number, high, low, after @ ..] = rest else { return None };
        let size = u16::from_be_bytes([*high, *low]);
        let (size, after) = if size < 0x8000 {
            (usize::from(size), after)
        } else {
            // The length of the length; longer ones than four bytes exceed every file.
            let (digits, after) = after.split_at_checked(usize::from(size & 0x7fff)).filter(|(d, _)| d.len() <= 4)?;
            (digits.iter().fold(0, |size, &digit| size << 8 | usize::from(digit)), after)
        };
        let (data, after) = after.split_at_checked(size)?;
        rest = after;
        Some(((*record, *number), data))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_set((record, number): (u8, u8), data: &[u8]) -> Vec<u8> {
        [&[0x1c, record, number][..], &(data.len() as u16).to_be_bytes(), data].concat()
    }

    fn told(records: &[Vec<u8>]) -> (String, Vec<String>, String) {
        let Rights { copyright, creators, credit } = rights(&records.concat());
        (copyright, creators, credit)
    }

    #[test]
    fn data_sets_are_read_in_their_character_set() {
        let of = |set: &[u8], by_line: &[u8]| {
            told(&[data_set(CHARACTER_SET, set), data_set((2, 0), &[0, 4]), data_set(BY_LINE, by_line)]).1
        };
        assert_eq!(of(b"\x1b%G", "Zo\u{eb}".as_bytes()), ["Zo\u{eb}"]);
        assert_eq!(of(b"\x1b%G", b"Zo\xeb"), ["Zo\u{fffd}"]);
        assert_eq!(of(b"\x1b.A", "\u{eb}".as_bytes()), ["\u{c3}\u{ab}"]);
        assert_eq!(of(b"", "Zo\u{eb}".as_bytes()), ["Zo\u{eb}"]);
        assert_eq!(of(b"", b"Zo\xeb"), ["Zo\u{eb}"]);
    }

    #[test]
    fn all_three_are_read_whatever_their_order() {
        let extended = [&[0x1c, 2, 116, 0x80, 2, 0, 5][..], b"(c) x"].concat();
        let records = [
            data_set(CREDIT, b"Agency"),
            data_set((2, 120), b"caption"),
            data_set(BY_LINE, b"A"),
            extended,
            data_set(BY_LINE, b" B "),
            data_set(BY_LINE, b""),
            data_set(COPYRIGHT_NOTICE, b"second"),
        ];
        assert_eq!(told(&records), ("(c) x".into(), vec!["A".into(), "B".into()], "Agency".into()));
    }

    #[test]
    fn damage_ends_the_records() {
        let good = data_set(BY_LINE, b"A");
        for bad in [
            &b"\x1d\x02\x50\0\0"[..],
            b"\x1c\x02\x50\0\x09x",
            b"\x1c\x02\x50\x80\x05\0\0\0\0\0",
            b"\x1c\x02\x50\xff\xff",
        ] {
            let found = told(&[good.clone(), bad.to_vec(), data_set(CREDIT, b"C")]);
            assert_eq!(found, (String::new(), vec!["A".into()], String::new()), "{bad:?}");
        }
    }
}
