//! Any text as a request is read or refused; what is read has one canonical form, whatever is added that says nothing; a
//! query can be locked and opened again; and a target that is written says what it was told.

use platemark::RequestTarget;
use platemark::internals::{canonical_request, opened, pieces, sealed_and_opened, without};

pub(super) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let target = if text.starts_with("/is/") { text.into_owned() } else { format!("/is/image/{text}") };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let bare = if target.contains('?') { target.clone() } else { format!("{target}?") };
    // It asserts that the form is read as itself.
    let canonical = canonical_request(&target);
    assert_eq!(canonical_request(&bare), canonical);
    if let Some(canonical) = &canonical {
        for nothing in ["&.comment=1", "&unknown-to-all=5", "&", "&id=0", "&cache=on"] {
            let more = format!("{bare}{nothing}");
            if more.len() < 65_536 {
                assert_eq!(canonical_request(&more).as_ref(), Some(canonical), "{nothing}");
            }
        }
        assert!(without(canonical, "id").as_ref() == Some(canonical), "{canonical}");
    }
    // A link that is still escaped for HTML means the same, but for brackets, in which nothing is undone.
    let escaped = format!("{}{}", &target[..target.len() - query.len()], query.replace('&', "&amp;"));
    if !query.contains(['(', '{']) && !query.contains("amp;") && escaped.len() < 65_536 {
        assert_eq!(canonical_request(&escaped), canonical_request(&target));
    }
    if let Some(less) = without(query, "wid") {
        assert_eq!(without(&less, "wid"), Some(less.clone()));
        assert!(less.len() <= query.len());
    }
    for (locked, obfuscated) in [(false, false), (true, false), (false, true), (true, true)] {
        let (sealed, back) = sealed_and_opened(query, locked, obfuscated);
        assert_eq!(back.as_deref(), Some(query), "{sealed}");
        // What was sent may be anything.
        if let Some(back) = opened(query, locked, obfuscated) {
            assert!(back.len() <= query.len());
        }
    }
    written(&target);
}

/// Writes what was read, and reads it again.
fn written(target: &str) {
    let Some((path, query)) = pieces(target) else { return };
    let rooted = path.starts_with('/') || path.split('/').any(str::is_empty) && !path.is_empty();
    let mut writer = RequestTarget::image(&path);
    let mut expected = vec![];
    for (name, value) in &query {
        // Brackets of nested requests are not escaped, and a value of its own makes a variable of a macro.
        let plain = !value.contains(['(', '{']) && !name.ends_with('$') && !name.is_empty() && !name.starts_with('.');
        if plain && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'$' || c == b'_') {
            writer = writer.set(name, value);
            expected.push((name.clone(), value.clone()));
        }
    }
    let written = writer.to_string();
    let Some((object, again)) = pieces(&written) else {
        assert!(written.len() > 65_536, "{written}");
        return;
    };
    assert!(rooted || object == path, "{path:?} {object:?}");
    assert_eq!(again, expected);
}
