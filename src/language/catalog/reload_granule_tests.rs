//! Reloading files that are rewritten within the granule of their time stamps.

use super::super::super::file_stamp::FileStamp;
use super::*;

/// A folder on a file system whose granule is longer than a test: until the next stamp every file is stamped with the
/// same time. Polls are given seconds since then.
struct Coarse(Fixture);

impl Coarse {
    const STAMP: u64 = 4_000_000_000;

    fn stamp(seconds: u64) {
        FileStamp::blur(Some(SystemTime::UNIX_EPOCH + Duration::from_secs(Self::STAMP + seconds)));
    }

    fn moment(seconds: u64) -> Moment {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(Self::STAMP + seconds);
        Moment { now, granule: Duration::from_secs(2) }
    }

    fn new(opened: u64) -> Self {
        Self::stamp(0);
        let Fixture { folder, .. } = Fixture::new();
        let library = Library::open(folder.path(), Path::new("/srv"), Self::moment(opened)).unwrap();
        Self(Fixture { folder, library, now: 0, written: 0 })
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.folder.path().join(file), text).unwrap();
    }

    fn poll(&self, seconds: u64) -> Reload {
        self.0.library.poll(Self::moment(seconds).now)
    }

    fn files(&self, seconds: u64) -> Vec<String> {
        let Reload::Done { files, warnings, failures } = self.poll(seconds) else { panic!("not read") };
        assert_eq!((warnings, failures), (vec![], vec![]));
        files
    }
}

impl Drop for Coarse {
    fn drop(&mut self) {
        FileStamp::blur(None);
    }
}

#[test]
fn a_table_rewritten_within_the_granule_of_its_stamp_is_read_again() {
    let test = Coarse::new(1);
    let path = |root_id| test.0.path(root_id, "shoe");
    let before = test.0.library.current();
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    assert_eq!((test.poll(1), path("a").as_deref()), (Reload::Unchanged, Some("1")));
    assert_eq!(test.files(10), ["a.ini", "b.ini"]);
    assert_eq!((path("a").as_deref(), path("b").as_deref()), (Some("2"), Some("2")));
    let after = test.0.library.current();
    assert!(Arc::ptr_eq(&after.named["a"].records.0[0], &after.named["b"].records.0[0]), "one state of the table");
    assert!(Arc::ptr_eq(&before.named["a"].records.0[1], &after.named["a"].records.0[1]), "it is the same");
    // From now on the file counts as known: a data file alone triggers nothing.
    assert_eq!((test.poll(11), test.poll(20)), (Reload::Unchanged, Reload::Unchanged));
    Coarse::stamp(30);
    assert_eq!((test.poll(31), test.poll(40), test.poll(50)), (Reload::Settling, done_reload(3), Reload::Unchanged));
}

/// What becomes of a poll that reads `count` attribute files and has nothing to say about them.
fn done_reload(count: usize) -> Reload {
    let files: Vec<_> = ["a.ini", "b.ini", "default.ini"].into_iter().take(count).map(str::to_owned).collect();
    Reload::Done { files, warnings: Vec::new(), failures: Vec::new() }
}

#[test]
fn an_attribute_file_rewritten_within_the_granule_of_its_stamp_is_read_again() {
    let test = Coarse::new(0);
    test.write("default.ini", "MaxPix=200,200\n");
    test.write("b.ini", "RootId=c\nCatalogFile=main.txt\n");
    assert_eq!((test.poll(0), test.poll(1), test.0.max_width("a")), (Reload::Unchanged, Reload::Unchanged, 100));
    assert_eq!(test.files(2), ["b.ini", "default.ini"]);
    assert_eq!(test.0.max_width("a"), 200);
    assert_eq!((test.0.path("c", "shoe").as_deref(), test.0.path("b", "shoe")), (Some("1"), None));
    assert_eq!((test.poll(3), test.poll(100)), (Reload::Unchanged, Reload::Unchanged));
}

/// A file with the same content is not told of, nor is a fault that stays.
#[test]
fn what_is_in_doubt_is_read_once_more_and_told_of_only_if_it_differs() {
    let test = Coarse::new(1);
    let before = test.0.library.current();
    assert_eq!((test.poll(1), test.poll(5), test.poll(500)), (Reload::Unchanged, Reload::Unchanged, Reload::Unchanged));
    assert!(Arc::ptr_eq(&before, &test.0.library.current()));
    // It counts as known now: a change that does not show is not looked for.
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    assert_eq!(test.poll(600), Reload::Unchanged);
    drop(test);

    let test = Coarse::new(9);
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    assert_eq!((test.poll(10), test.poll(20)), (Reload::Unchanged, Reload::Unchanged), "it had settled");
    drop(test);

    let test = Coarse::new(1);
    let malformed = |test: &Coarse, seconds| match test.poll(seconds) {
        Reload::Done { failures, .. } => failures.iter().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    test.write("m.txt", "Nam_\tDefinition\nview\twid=1\n");
    assert_eq!(malformed(&test, 5), ["m.txt line 1: Name: is missing in the header"]);
    assert_eq!((test.poll(6), test.poll(10)), (Reload::Unchanged, Reload::Unchanged), "told once");
    assert_eq!(test.0.path("a", "shoe").as_deref(), Some("1"));
}

/// What could not be used when it was read in doubt is taken up when it can be.
#[test]
fn a_fault_that_was_read_in_doubt_is_looked_at_again() {
    Coarse::stamp(0);
    let folder = folder(&[("default.ini", ""), ("a.ini", "RootId=/\n"), ("b.ini", "RootId=b\nCatalogFile=main.txt\n")]);
    std::fs::write(folder.path().join("main.txt"), "Ix\tPath\nshoe\t1\n").unwrap();
    let library = Library::open(folder.path(), Path::new("/srv"), Coarse::moment(1)).unwrap();
    let test = Coarse(Fixture { folder, library, now: 0, written: 0 });
    assert_eq!(test.0.failing().len(), 2);
    test.write("a.ini", "RootId=a\n");
    test.write("main.txt", "Id\tPath\nshoe\t1\n");
    assert_eq!(test.files(4), ["a.ini", "b.ini"]);
    assert_eq!((test.0.failing(), test.0.path("b", "shoe").as_deref()), (Vec::new(), Some("1")));
    assert_eq!(test.poll(5), Reload::Unchanged);
}

/// As while a file is replaced by deleting and writing it.
#[test]
fn a_data_file_that_is_gone_while_it_is_in_doubt_is_waited_for() {
    let test = Coarse::new(1);
    test.0.remove("main.txt");
    assert_eq!((test.poll(10), test.poll(20)), (Reload::Unchanged, Reload::Unchanged));
    assert_eq!((test.0.failing(), test.0.path("a", "shoe").as_deref()), (Vec::new(), Some("1")));
    Coarse::stamp(21);
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    // The stamp of the other files is a new one too, so they wait as if they had been touched.
    assert_eq!(
        (test.poll(22), test.files(30)),
        (Reload::Settling, vec!["a.ini".into(), "b.ini".into(), "default.ini".into()])
    );
    assert_eq!((test.0.path("a", "shoe").as_deref(), test.0.path("b", "shoe").as_deref()), (Some("2"), Some("2")));
    assert_eq!((test.poll(31), test.poll(40)), (Reload::Unchanged, Reload::Unchanged));
}

/// One that is read twice within a granule is read both times.
#[test]
fn a_host_can_force_it_within_a_granule() {
    let test = Coarse::new(0);
    for path in ["2", "3"] {
        test.write("main.txt", &format!("Id\tPath\nshoe\t{path}\n"));
        assert!(matches!(test.0.library.reload_now(Coarse::moment(1).now), Reload::Done { .. }));
        assert_eq!(test.0.path("a", "shoe").as_deref(), Some(path));
    }
    assert_eq!((test.poll(2), test.poll(3)), (Reload::Unchanged, Reload::Unchanged));
}

/// Two catalogs that read one state of a file at two times, and found it to be two things.
#[test]
fn each_catalog_gets_what_the_file_holds() {
    let test = Coarse::new(0);
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    // Only a.ini shows that it has changed.
    test.write("a.ini", "RootId=a\nCatalogFile=main.txt\nMaxPix=5,5\n");
    assert_eq!((test.poll(0), test.poll(1)), (Reload::Settling, Reload::Settling));
    let files = |seconds| match test.poll(seconds) {
        Reload::Done { files, .. } => files,
        other => panic!("{other:?}"),
    };
    assert_eq!(files(6), ["a.ini"]);
    assert_eq!(test.0.path("a", "shoe").as_deref(), Some("2"));
    assert_eq!(files(7), ["b.ini"]);
    assert_eq!(test.0.path("b", "shoe").as_deref(), Some("2"));
    assert_eq!(test.poll(8), Reload::Unchanged);
}

/// The clock of a file server may be ahead of the host's, or the host's may be set back.
#[test]
fn stamps_of_the_future_are_waited_for_no_longer_than_others() {
    let test = Coarse::new(0);
    Coarse::stamp(5000);
    let library = Library::open(test.0.folder.path(), Path::new("/srv"), Coarse::moment(100)).unwrap();
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    let poll = |seconds| library.poll(Coarse::moment(seconds).now);
    assert_eq!((poll(101), poll(50), poll(51)), (Reload::Unchanged, Reload::Unchanged, Reload::Unchanged));
    assert_eq!((poll(52), poll(54)), (done_reload(2), Reload::Unchanged));
}
