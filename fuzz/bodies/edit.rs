//! Any text as an edit is read or refused by a reason that fits on a line; what is read has one spelling, which reads back as
//! the same edit; and what a request refuses, an edit refuses too.

use platemark::Edit;
use platemark::internals::canonical_request;

pub(super) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let edit = match text.parse::<Edit>() {
        Ok(edit) => edit,
        Err(error) => {
            assert_eq!(error.to_string().lines().count(), 1);
            return;
        }
    };
    let written = edit.to_string();
    assert_eq!(written.parse::<Edit>().as_ref(), Ok(&edit), "{written}");
    assert_eq!(written.parse::<Edit>().map(|edit| edit.to_string()).as_ref(), Ok(&written));
    // As a request reads it, it is the same.
    let target = |query: &str| format!("/is/image/x?{query}");
    if text.len() < 60_000 {
        assert_eq!(canonical_request(&target(&text)), canonical_request(&target(&written)), "{written}");
    }
    // Calls change what they say and nothing else.
    let narrow = edit.clone().width(7);
    assert_eq!(narrow.to_string().parse::<Edit>().as_ref(), Ok(&narrow));
    let wrong = edit.width(0).to_string().parse::<Edit>().unwrap_err();
    assert_eq!(wrong.place(), Some("wid"));
}
