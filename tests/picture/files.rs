//! Pictures of files that change, are damaged or are not there.

use std::path::Path;
use std::time::Duration;

use platemark::{Edit, ErrorKind, Picture};

use crate::sources::{gradient, oriented};

fn edit() -> Edit {
    Edit::new().width(20)
}

/// After that a file has settled.
fn settle() {
    std::thread::sleep(Duration::from_millis(2200));
}

#[test]
fn a_file_that_changes_underfoot_is_an_error() {
    type Change = fn(&Path);
    let changes: [Change; 4] = [
        |path| std::fs::write(path, gradient(60, 90)).unwrap(),
        |path| std::fs::File::options().write(true).open(path).unwrap().set_len(100).unwrap(),
        |path| {
            let other = path.with_extension("new");
            std::fs::write(&other, gradient(60, 90)).unwrap();
            std::fs::rename(&other, path).unwrap();
        },
        |path| std::fs::remove_file(path).unwrap(),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = |i: usize| folder.path().join(format!("{i}.png"));
    (0..changes.len()).for_each(|i| std::fs::write(path(i), gradient(90, 60)).unwrap());
    settle();
    for (i, change) in changes.iter().enumerate() {
        let picture = Picture::open(path(i)).unwrap();
        let before = picture.render(&edit()).unwrap();
        assert_eq!(before.version, picture.version());
        change(&path(i));
        for made in picture.render_all(&[edit(), Edit::new()]) {
            let error = made.unwrap_err();
            let text = format!("{i}.png: has changed since it was opened; open it again");
            assert_eq!((error.kind(), error.to_string()), (ErrorKind::Changed, text));
        }
        // What is known without a look at the file stays.
        assert_eq!((picture.size(), picture.version()), ((90, 60), before.version));
    }
}

#[test]
fn a_file_that_was_just_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, gradient(90, 60)).unwrap();
    let picture = Picture::open(&path).unwrap();
    std::fs::write(&path, b"").unwrap();
    let from_bytes = Picture::from_bytes(gradient(90, 60)).unwrap();
    assert_eq!(picture.render(&edit()), from_bytes.render(&edit()));
    assert_eq!((picture.version(), picture.digest()), (from_bytes.version(), from_bytes.digest()));
}

#[test]
fn nothing_is_decoded_before_it_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.jpg");
    let whole = oriented(6);
    std::fs::write(&path, &whole[..whole.len() - 100]).unwrap();
    settle();
    let picture = Picture::open(&path).unwrap();
    assert_eq!(picture.size(), (24, 40));
    let error = picture.render(&edit()).unwrap_err();
    assert_eq!((error.kind(), error.place()), (ErrorKind::Source, Some("damaged.jpg")));
    // One that may not be complete yet is another matter.
    std::fs::write(&path, &whole[..whole.len() - 99]).unwrap();
    let error = Picture::open(&path).unwrap().render(&edit()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unfinished);
}

#[test]
fn what_is_no_file_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| Picture::open(path).unwrap_err();
    for path in [folder.path().join("gone.png"), folder.path().join("gone/gone.png")] {
        let error = error(&path);
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Missing, "gone.png: image not found"));
        assert!(error.detail().is_some_and(|detail| detail.contains("gone.png: ")), "{error:?}");
    }
    assert_eq!(error(folder.path()).kind(), ErrorKind::Missing);
    let text = folder.path().join("a.txt");
    std::fs::write(&text, "text").unwrap();
    assert!(error(&text).to_string().starts_with("a.txt: is "));
}
