//! Headers, records and what is odd about them.

use proptest::prelude::*;

use super::super::record::Record;
use super::super::static_record::StaticRecord;
use super::super::text::decode;
use super::*;

fn table(text: &str) -> (Result<Sound<Table<Record>>>, Vec<String>) {
    let mut warnings = Warnings::default();
    let table = Table::new(Path::new("cat.txt"), text.to_owned(), &mut warnings);
    (table, warnings.into_list().iter().map(ToString::to_string).collect())
}

#[test]
fn later_wins_and_odd_records_are_left_out_with_a_warning() {
    let (table, warnings) = table(
        "Modifier\tID\tpath\t.note\tSku\n\
         wid=1\tshoe\tshoes/1\tprivate\t7\n\
         \t\tno id\n\
         \n\
         a\tsurplus\tc\td\te\tf\n\
         \t\"say \"\"hi\"\"\"\t\"two\nlines\"\n\
         wid=2\tshoe\tshoes/2\n\
         \tlast",
    );
    let (table, fault) = table.unwrap();
    assert_eq!(fault, None);
    assert_eq!(table.find("shoe").map(|r| (r.path, r.modifier)), Some(("shoes/2".into(), "wid=2".into())));
    assert_eq!(table.find("say \"hi\"").unwrap().path, "two\nlines");
    assert_eq!(table.find("last").unwrap().path, "");
    assert!(["Shoe", "", "surplus", "no id", "ID", "sho"].iter().all(|id| table.find(id).is_none()));
    assert_eq!(table.keys().collect::<Vec<_>>(), ["say \"hi\"", "shoe", "last"]);
    assert_eq!(
        warnings,
        [
            "cat.txt line 1: Sku: is not a known column; it is ignored",
            "cat.txt line 3: Id: is empty; the record is ignored",
            "cat.txt line 5: has more fields than the header; the record is ignored",
        ]
    );
}

#[test]
fn bad_headers_say_where() {
    for (text, expected) in [
        ("", "cat.txt: has no header"),
        ("\n\n", "cat.txt: has no header"),
        ("  \t\n\t \t", "cat.txt: has no header"),
        ("\tId\n", "cat.txt line 1: : is not a legal column name"),
        ("Path\tModifier\n", "cat.txt line 1: Id: is missing in the header"),
        ("\nId\tiD\n", "cat.txt line 2: iD: stands twice in the header"),
        ("Id\t.n\t.N\n", "cat.txt line 1: .N: stands twice in the header"),
        ("Id\t\tPath\n", "cat.txt line 1: : is not a legal column name"),
        ("Id\tmy path\n", "cat.txt line 1: my path: is not a legal column name"),
        ("Id\t.\n", "cat.txt line 1: .: is not a legal column name"),
        ("Id\ta.b\n", "cat.txt line 1: a.b: is not a legal column name"),
        ("Id,Path\n", "cat.txt line 1: Id,Path: is not a legal column name; separate columns by tabs"),
        ("Id;Path\n1;a\n", "cat.txt line 1: Id;Path: is not a legal column name; separate columns by tabs"),
        ("Id\tPath,Size\n", "cat.txt line 1: Path,Size: is not a legal column name"),
    ] {
        assert_eq!(table(text).0.unwrap_err().to_string(), expected);
    }
}

/// As spreadsheets write tables: cells behind the last column, in the header, in records and in rows of their own.
#[test]
fn trailing_empty_cells_are_ignored() {
    let (table, warnings) = table("\t\t\nId\tPath\t\t\"\"\nshoe\tp\t\t\t\t\n\t\t\t\nhat\tq\t\tx\t\n");
    let (table, fault) = table.unwrap();
    assert_eq!((table.keys().collect::<Vec<_>>(), fault), (vec!["shoe".into()], None));
    assert_eq!(table.find("shoe").unwrap().path, "p");
    assert_eq!(warnings, ["cat.txt line 5: has more fields than the header; the record is ignored"]);
}

#[test]
fn malformed_records_are_left_out_and_the_first_is_told() {
    let (table, warnings) = table("Id\tPath\tExpiration\na\t1\t2\nb\t1\tsoon\na\t2\tx\nc\t3\t\nd?e\t1\n");
    let (table, fault) = table.unwrap();
    assert_eq!(fault.unwrap().to_string(), "cat.txt line 3: Expiration: is not a number");
    assert_eq!(table.keys().collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!((table.find("a").unwrap().path, table.find("b"), table.len()), ("1".into(), None, 2));
    assert_eq!(
        warnings,
        [
            "cat.txt line 3: Expiration: is not a number; the record is ignored",
            "cat.txt line 4: Expiration: is not a number; the record is ignored",
            "cat.txt line 6: d?e: has a question mark, which no request can name; the record is ignored",
        ]
    );
}

#[test]
fn misspelt_commands_are_told_with_record_and_column() {
    let (table, warnings) = table("Id\tModifier\tPostModifier\nx1\twdth=100&hei=5\t?wid=1\nx2\twid=1& hei=2\t\n");
    assert_eq!(table.unwrap().0.len(), 2);
    assert_eq!(
        warnings,
        [
            "cat.txt line 2: x1: Modifier: wdth: is not a command; did you mean wid?",
            "cat.txt line 2: x1: PostModifier: ?wid: starts with a question mark; did you mean wid?",
            "cat.txt line 3: x2: Modifier:  hei: has blanks around its name; did you mean hei?",
        ]
    );
}

#[test]
fn an_empty_table_has_no_records() {
    let empty = Table::<Record>::empty();
    assert_eq!((empty.len(), empty.find("").is_none(), empty.keys().count()), (0, true, 0));
    let (table, warnings) = table("Id\tPath\n");
    assert_eq!((table.unwrap().0.len(), warnings.len()), (0, 0), "a header alone is a table");
}

#[test]
fn every_kind_of_record_fits_its_row() {
    assert!(Record::COLUMNS.len() <= MAX_COLUMNS && StaticRecord::COLUMNS.len() <= MAX_COLUMNS);
}

proptest! {
    /// Whatever a file holds, it is read or refused, and every key that it lists leads to its record.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok((text, _)) = decode(bytes) {
            let _ = table(&text);
            let _ = table(&format!("Id\tPath\tImageSet\n{text}"));
        }
    }

    #[test]
    fn keys_lead_to_their_records(text in "[ab\"\t\r\n]{0,60}") {
        let (table, _) = table(&format!("Path\tId\tModifier\n{text}"));
        if let Ok((table, _)) = table {
            for key in table.keys() {
                prop_assert_eq!(table.find(&key).map(|record| record.id), Some(key.into_owned()));
            }
        }
    }
}
