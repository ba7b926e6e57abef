//! Reloading real files under a clock of the test's own.

#[path = "reload_granule_tests.rs"]
mod granule;

use super::super::tests::{folder, late};
use super::*;
use tempfile::TempDir;

/// A library over a folder, and seconds of its clock.
struct Fixture {
    folder: TempDir,
    library: Library,
    now: u64,
    /// Grows with every write, so that two of them never have one time stamp.
    written: u64,
}

impl Fixture {
    fn new() -> Self {
        let folder = folder(&[
            ("default.ini", "MaxPix=100,100\n"),
            ("a.ini", "RootId=a\nCatalogFile=main.txt,delta.txt\nMacroFile=m.txt\n"),
            ("b.ini", "RootId=b\nCatalogFile=main.txt\n"),
            ("main.txt", "Id\tPath\nshoe\t1\n"),
            ("delta.txt", "Id\tPath\nhat\t1\n"),
            ("m.txt", "Name\tDefinition\nview\twid=1\n"),
        ]);
        Self::of(folder)
    }

    fn of(folder: TempDir) -> Self {
        let library = Library::open(folder.path(), Path::new("/srv"), late()).unwrap();
        Self { folder, library, now: 4_000_000_000, written: 0 }
    }

    fn write(&mut self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
        self.touch(file);
    }

    fn touch(&mut self, file: &str) {
        self.written += 1;
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000 + self.written);
        let file = std::fs::File::options().append(true).open(self.folder.path().join(file)).unwrap();
        file.set_modified(time).unwrap();
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.folder.path().join(file)).unwrap();
    }

    /// Polls after so many seconds.
    fn poll(&mut self, seconds: u64) -> Reload {
        self.now += seconds;
        self.library.poll(SystemTime::UNIX_EPOCH + Duration::from_secs(self.now))
    }

    /// What is served as it was before, and why.
    fn failing(&self) -> Vec<String> {
        self.library.failing().iter().map(ToString::to_string).collect()
    }

    /// Polls until changes have settled: files and texts of failures.
    fn settled(&mut self) -> (Vec<String>, Vec<String>) {
        assert_eq!(self.poll(10), Reload::Settling);
        match self.poll(5) {
            Reload::Done { files, failures, .. } => (files, failures.iter().map(ToString::to_string).collect()),
            other => panic!("{other:?}"),
        }
    }

    fn path(&self, root_id: &str, id: &str) -> Option<String> {
        let catalogs = self.library.current();
        catalogs.named.get(root_id)?.records.find(id).map(|record| record.path.clone())
    }

    fn max_width(&self, root_id: &str) -> u32 {
        self.library.current().named.get(root_id).unwrap().attributes.max_pix.width
    }
}

fn done(files: &[&str]) -> (Vec<String>, Vec<String>) {
    (files.iter().map(|&file| file.to_owned()).collect(), Vec::new())
}

fn failed(failure: &str) -> (Vec<String>, Vec<String>) {
    (Vec::new(), vec![failure.to_owned()])
}

#[test]
fn a_data_file_alone_triggers_nothing_and_a_touched_attribute_file_takes_it_up() {
    let mut test = Fixture::new();
    let before = test.library.current();
    assert_eq!(test.poll(10), Reload::Unchanged);
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    assert_eq!((test.poll(10), test.poll(100)), (Reload::Unchanged, Reload::Unchanged));
    assert_eq!(test.path("a", "shoe").as_deref(), Some("1"));
    test.touch("a.ini");
    assert_eq!(test.settled(), done(&["a.ini"]));
    assert_eq!(test.path("a", "shoe").as_deref(), Some("2"));
    assert_eq!(test.path("b", "shoe").as_deref(), Some("1"), "b.ini was not touched");
    assert_eq!(test.poll(10), Reload::Unchanged);
    // A request that started before goes on with what there was, and a file that did not change is the same one.
    assert_eq!(before.named["a"].records.find("shoe").unwrap().path, "1");
    let after = test.library.current();
    assert!(Arc::ptr_eq(&before.named["a"].records.0[1], &after.named["a"].records.0[1]));
    assert!(!Arc::ptr_eq(&before.named["a"].records.0[0], &after.named["a"].records.0[0]));
    assert!(Arc::ptr_eq(&before.named["a"].macros, &after.named["a"].macros));
    test.touch("b.ini");
    assert_eq!(test.settled(), done(&["b.ini"]));
    let shared = test.library.current();
    assert!(Arc::ptr_eq(&after.named["a"].records.0[0], &shared.named["b"].records.0[0]));
}

#[test]
fn changes_wait_until_they_have_settled() {
    let mut test = Fixture::new();
    test.touch("a.ini");
    assert_eq!((test.poll(0), test.poll(4)), (Reload::Settling, Reload::Settling));
    // Another change starts the wait anew; other files do not have to wait for it.
    test.touch("b.ini");
    test.touch("a.ini");
    assert_eq!((test.poll(0), test.poll(3)), (Reload::Settling, Reload::Settling));
    test.touch("a.ini");
    assert!(matches!(test.poll(2), Reload::Done { files, .. } if files == ["b.ini"]));
    assert_eq!(test.poll(4), Reload::Settling);
    assert!(matches!(test.poll(1), Reload::Done { files, .. } if files == ["a.ini"]));
    // A clock that is set back does not end a wait early.
    test.touch("a.ini");
    assert_eq!(test.poll(0), Reload::Settling);
    test.now -= 1000;
    assert_eq!((test.poll(0), test.poll(4)), (Reload::Settling, Reload::Settling));
    assert!(matches!(test.poll(1), Reload::Done { .. }));
}

#[test]
fn the_delay_is_the_hosts() {
    let Fixture { folder, library, .. } = Fixture::new();
    let library = library.with_settle_delay(Duration::ZERO);
    std::fs::write(folder.path().join("c.ini"), "RootId=c").unwrap();
    assert!(matches!(library.poll(SystemTime::UNIX_EPOCH), Reload::Done { files, .. } if files == ["c.ini"]));
}

#[test]
fn catalogs_come_and_go() {
    let mut test = Fixture::new();
    test.write("c.ini", "RootId=c\nCatalogFile=main.txt");
    assert_eq!(test.settled(), done(&["c.ini"]));
    assert_eq!(test.path("c", "shoe").as_deref(), Some("1"));
    test.remove("c.ini");
    assert_eq!(test.settled(), done(&["c.ini"]));
    assert!(!test.library.current().named.contains_key("c"));
    test.remove("default.ini");
    assert_eq!(test.settled(), failed("default.ini: is gone; the default catalog stays as it was"));
    assert_eq!((test.poll(10), test.max_width("a")), (Reload::Unchanged, 100));
}

#[test]
fn a_broken_file_keeps_what_there_was_until_it_is_repaired() {
    let mut test = Fixture::new();
    test.write("delta.txt", "Id\tExpiration\nhat\tsoon\n");
    test.write("a.ini", "RootId=a\nCatalogFile=delta.txt\nMaxPix=5,5\n");
    test.write("b.ini", "RootId=b\nMaxPix=7,7\n");
    let report = test.settled();
    assert_eq!(report, (vec!["b.ini".to_owned()], vec!["delta.txt line 2: Expiration: is not a number".to_owned()]));
    assert_eq!((test.path("a", "shoe").as_deref(), test.path("a", "hat").as_deref()), (Some("1"), Some("1")));
    assert_eq!((test.max_width("a"), test.max_width("b")), (100, 7));
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged), "it is reported once");
    test.write("delta.txt", "Id\tExpiration\tPath\nhat\t1\t3\n");
    assert_eq!(test.settled(), done(&["a.ini"]), "the attribute file need not be touched again");
    assert_eq!((test.path("a", "hat").as_deref(), test.max_width("a")), (Some("3"), 5));
    test.write("a.ini", "RootId=a\nMaxPix=?\n");
    assert_eq!(test.settled(), failed("a.ini line 2: MaxPix: has a malformed value or one out of range"));
    assert_eq!(test.max_width("a"), 5);
}

#[test]
fn the_default_catalog_is_inherited_anew() {
    let mut test = Fixture::new();
    test.write("default.ini", "MaxPix=9,9");
    assert_eq!(test.settled(), done(&["default.ini"]));
    assert_eq!((test.max_width("a"), test.max_width("b")), (9, 9));
    test.write("default.ini", "MaxPix=9,9\nRootId=x");
    assert_eq!(test.settled(), failed("default.ini: defines a RootId; the default catalog has none"));
}

#[test]
fn a_root_id_has_one_owner() {
    let mut test = Fixture::new();
    // Taken by one that stays.
    test.write("c.ini", "RootId=b");
    assert_eq!(test.settled(), failed("c.ini: RootId of b.ini: is taken; remove one of the two files"));
    assert_eq!(test.path("b", "shoe").as_deref(), Some("1"));
    assert_eq!(test.poll(10), Reload::Unchanged);
    // Set free by one that goes.
    test.remove("b.ini");
    assert_eq!(test.settled(), done(&["b.ini", "c.ini"]));
    assert_eq!(test.path("b", "shoe"), None);
    // Exchanged.
    test.write("a.ini", "RootId=b\nMaxPix=1,1");
    test.write("c.ini", "RootId=a\nMaxPix=2,2");
    assert_eq!(test.settled(), done(&["a.ini", "c.ini"]));
    assert_eq!((test.max_width("a"), test.max_width("b")), (2, 1));
    // Taken while its owner cannot move away.
    test.write("a.ini", "RootId=c");
    test.write("c.ini", "RootId=b");
    test.write("d.ini", "RootId=c");
    let (files, failures) = test.settled();
    assert_eq!((files, failures.len()), (vec!["a.ini".to_owned(), "c.ini".to_owned()], 1));
    assert_eq!(failures, ["d.ini: RootId of a.ini: is taken; remove one of the two files"]);
}

#[test]
fn a_folder_that_is_gone_is_reported_once() {
    let mut test = Fixture::new();
    let (path, away) = (test.folder.path().to_owned(), test.folder.path().with_extension("away"));
    std::fs::rename(&path, &away).unwrap();
    assert!(
        matches!(test.poll(10), Reload::Done { failures, .. } if failures[0].to_string().ends_with("cannot be listed"))
    );
    assert_eq!(test.poll(10), Reload::Unchanged);
    assert_eq!(test.path("a", "shoe").as_deref(), Some("1"));
    std::fs::rename(&away, &path).unwrap();
    assert_eq!(test.poll(10), Reload::Unchanged);
}

#[test]
fn a_host_can_force_it() {
    let mut test = Fixture::new();
    test.write("main.txt", "Id\tPath\tOdd\nshoe\t2\n");
    test.remove("b.ini");
    let Reload::Done { files, warnings, failures } = test.library.reload_now(late().now) else {
        panic!("nothing done")
    };
    assert_eq!((files, failures), (vec!["b.ini".into(), "a.ini".into(), "default.ini".into()], vec![]));
    assert_eq!(warnings.len(), 1);
    assert_eq!(test.path("a", "shoe").as_deref(), Some("2"));
    assert_eq!((test.path("b", "shoe"), test.poll(10)), (None, Reload::Unchanged));
}

/// As after an upload that is not complete: the files that a catalog does without are looked at by every poll.
#[test]
fn what_is_missing_at_the_start_is_taken_up_when_it_comes() {
    let mut test = Fixture::of(folder(&[
        ("default.ini", ""),
        ("a.ini", "RootId=a\nCatalogFile=main.txt,delta.txt\n"),
        ("b.ini", "RootId=b\nSavePath=..\n"),
        ("main.txt", "Id\tPath\nshoe\t1\n"),
    ]));
    let missing = "delta.txt: cannot be read";
    let malformed = "b.ini line 2: SavePath: has a malformed value or one out of range";
    assert_eq!(test.failing(), [malformed, missing]);
    assert_eq!((test.path("a", "shoe").as_deref(), test.library.current().named.len()), (Some("1"), 1));
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged));
    // It has to settle, as attribute files have.
    test.write("delta.txt", "Id\tExpiration\tPath\nhat\t1\t1\nshoe\tsoon\t2\n");
    assert_eq!((test.poll(10), test.poll(4)), (Reload::Settling, Reload::Settling));
    test.touch("delta.txt");
    assert_eq!((test.poll(3), test.poll(4)), (Reload::Settling, Reload::Settling));
    let Reload::Done { files, failures, warnings } = test.poll(1) else { panic!("not read") };
    let record = "delta.txt line 3: Expiration: is not a number";
    assert_eq!((files, failures.len(), warnings.len()), (vec!["a.ini".to_owned()], 1, 1));
    assert_eq!(
        (test.failing(), failures[0].to_string()),
        (vec![malformed.to_owned(), record.to_owned()], record.to_owned())
    );
    assert_eq!((test.path("a", "hat").as_deref(), test.path("a", "shoe").as_deref()), (Some("1"), Some("1")));
    assert_eq!(test.poll(10), Reload::Unchanged);
    // What was sound stays: here the file that was never read as a whole is no reason to lose the other.
    test.write("main.txt", "Path\n1\n");
    test.write("delta.txt", "Id\tPath\nhat\t2\n");
    assert_eq!(test.settled(), failed("main.txt line 1: Id: is missing in the header"));
    assert_eq!((test.path("a", "hat").as_deref(), test.path("a", "shoe").as_deref()), (Some("1"), Some("1")));
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged), "told once");
    test.write("main.txt", "Id\tPath\nshoe\t3\n");
    test.touch("delta.txt");
    assert_eq!(test.settled(), done(&["a.ini"]));
    assert_eq!((test.path("a", "hat").as_deref(), test.path("a", "shoe").as_deref()), (Some("2"), Some("3")));
    // From now on it is a catalog like others.
    test.write("delta.txt", "Id\tPath\nhat\t4\n");
    assert_eq!(test.poll(10), Reload::Unchanged);
    test.remove("delta.txt");
    test.touch("a.ini");
    assert_eq!(test.settled(), failed(missing));
    assert_eq!(test.path("a", "hat").as_deref(), Some("2"));
    test.write("b.ini", "RootId=b\nMaxPix=1,1\n");
    assert_eq!(test.settled(), done(&["b.ini"]));
    assert_eq!((test.max_width("b"), test.failing()), (1, vec![missing.to_owned()]));
}

/// A change that was not taken up is, as soon as the data file that was at fault is mended.
#[test]
fn a_refused_change_waits_for_its_data_files() {
    let mut test = Fixture::new();
    test.remove("main.txt");
    test.touch("a.ini");
    let missing = "main.txt: cannot be read";
    assert_eq!(test.settled(), failed(missing));
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged), "told once");
    // It has to settle, and it may still be at fault.
    test.write("main.txt", "Id\tExpiration\nshoe\tsoon\n");
    let malformed = "main.txt line 2: Expiration: is not a number";
    assert_eq!(test.settled(), failed(malformed));
    assert_eq!((test.path("a", "shoe").as_deref(), test.failing()), (Some("1"), vec![malformed.to_owned()]));
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged));
    test.write("main.txt", "Id\tPath\nshoe\t2\nboot\t3\n");
    assert_eq!((test.poll(10), test.poll(4)), (Reload::Settling, Reload::Settling));
    test.touch("main.txt");
    assert_eq!(test.settled(), done(&["a.ini"]));
    assert_eq!((test.path("a", "shoe").as_deref(), test.path("a", "boot").as_deref()), (Some("2"), Some("3")));
    assert_eq!((test.path("b", "boot"), test.failing()), (None, Vec::new()), "its attribute file was not touched");
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged));
    // From now on a data file alone triggers nothing again.
    test.write("main.txt", "Id\tPath\nshoe\t4\n");
    assert_eq!(test.poll(10), Reload::Unchanged);
    // A change that no longer names the file does not wait for it.
    test.remove("m.txt");
    test.touch("a.ini");
    assert_eq!(test.settled(), failed("m.txt: cannot be read"));
    test.write("a.ini", "RootId=a\nCatalogFile=main.txt\n");
    assert_eq!(test.settled(), done(&["a.ini"]));
    test.write("m.txt", "Name\tDefinition\nview\twid=1\n");
    assert_eq!((test.poll(10), test.path("a", "shoe").as_deref()), (Reload::Unchanged, Some("4")));
}

/// The change is refused for a file that the catalog had, while it does without another.
#[test]
fn a_refused_change_waits_for_all_of_its_data_files() {
    let mut test = Fixture::of(folder(&[
        ("default.ini", "MacroFile=m.txt\n"),
        ("a.ini", "RootId=a\nCatalogFile=main.txt,delta.txt\n"),
        ("main.txt", "Id\tPath\nshoe\t1\n"),
        ("m.txt", "Name\tDefinition\nview\twid=1\n"),
    ]));
    test.remove("main.txt");
    test.remove("m.txt");
    let Reload::Done { files, failures, .. } = test.library.reload_now(late().now) else { panic!("nothing done") };
    let failures: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        (files.len(), failures),
        (
            0,
            vec!["main.txt: cannot be read".into(), "delta.txt: cannot be read".into(), "m.txt: cannot be read".into()]
        )
    );
    assert_eq!(test.poll(10), Reload::Unchanged);
    test.write("delta.txt", "Id\tPath\nhat\t1\n");
    assert_eq!(test.settled(), failed("main.txt: cannot be read"));
    assert_eq!((test.path("a", "hat"), test.poll(10)), (None, Reload::Unchanged));
    test.write("main.txt", "Id\tPath\nshoe\t2\n");
    test.write("m.txt", "Name\tDefinition\nview\twid=2\n");
    assert_eq!(test.settled(), done(&["a.ini", "default.ini"]), "the default catalog too");
    assert_eq!((test.path("a", "shoe").as_deref(), test.path("a", "hat").as_deref()), (Some("2"), Some("1")));
    assert_eq!((test.failing(), test.poll(10)), (Vec::new(), Reload::Unchanged));
}

/// What is new is served without its malformed attributes; what is in use loses none to a change.
#[test]
fn malformed_attributes_are_skipped_where_the_catalog_is_new() {
    let mut test = Fixture::of(folder(&[("default.ini", "MaxPix=x\nDefaultPix=3,3\n")]));
    let malformed = |at: &str| format!("{at}: has a malformed value or one out of range");
    assert_eq!(test.failing(), [malformed("default.ini line 1: MaxPix")]);
    test.write("a.ini", "RootId=a\nMaxPix=5,5\nBkgColor=red\n");
    test.write("b.ini", "RootId=b\nClientAddressFilter=home\n");
    let (color, filter) = (malformed("a.ini line 3: BkgColor"), malformed("b.ini line 2: ClientAddressFilter"));
    assert_eq!(test.settled(), (vec!["a.ini".to_owned()], vec![filter.clone(), color.clone()]));
    assert_eq!((test.max_width("a"), test.library.current().named.len()), (5, 1));
    assert_eq!(test.failing(), [filter, color, malformed("default.ini line 1: MaxPix")]);
    // The same attribute may stay malformed, another may not become so.
    test.write("a.ini", "BkgColor=blue\nRootId=a\nMaxPix=6,6\n");
    assert_eq!(test.settled(), (vec!["a.ini".to_owned()], vec![malformed("a.ini line 1: BkgColor")]));
    test.write("a.ini", "RootId=a\nMaxPix=6\n");
    assert_eq!(test.settled(), failed(&malformed("a.ini line 2: MaxPix")));
    assert_eq!((test.max_width("a"), test.poll(10)), (6, Reload::Unchanged));
    test.write("a.ini", "RootId=a\n");
    test.write("b.ini", "RootId=b\nMaxPix=7,7\n");
    test.write("default.ini", "MaxPix=8,8\n");
    assert_eq!(test.settled(), done(&["a.ini", "b.ini", "default.ini"]));
    assert_eq!((test.max_width("a"), test.max_width("b"), test.failing()), (8, 7, Vec::new()));
    test.write("default.ini", "MaxPix=8\n");
    assert_eq!(test.settled(), failed(&malformed("default.ini line 1: MaxPix")));
    assert_eq!(test.max_width("a"), 8);
}

/// A new catalog is served like one at the start.
#[test]
fn a_new_catalog_does_without_what_is_missing() {
    let mut test = Fixture::new();
    test.write("c.ini", "RootId=c\nMaxPix=3,3\nCatalogFile=main.txt,new.txt\nMacroFile=empty.txt\n");
    test.write("empty.txt", "");
    test.write("._c.ini", "junk");
    let (files, failures) = test.settled();
    assert_eq!(files, ["c.ini"]);
    assert_eq!(failures, ["new.txt: cannot be read", "empty.txt: has no header"]);
    assert_eq!((test.max_width("c"), test.path("c", "shoe").as_deref()), (3, Some("1")));
    assert_eq!(test.failing(), failures);
    // Less than that is not taken up, the same is.
    test.write("c.ini", "RootId=c\nMaxPix=4,4\nCatalogFile=gone.txt\n");
    assert_eq!(test.settled(), failed("gone.txt: cannot be read"));
    assert_eq!(test.max_width("c"), 3);
    test.write("c.ini", "RootId=c\nMaxPix=4,4\nCatalogFile=new.txt\n");
    assert_eq!(test.settled().0, ["c.ini"]);
    assert_eq!((test.max_width("c"), test.failing()), (4, vec!["new.txt: cannot be read".to_owned()]));
    // One that is refused for its RootId waits for nothing.
    test.write("d.ini", "RootId=c\nCatalogFile=none.txt\n");
    assert_eq!(test.settled(), failed("d.ini: RootId of c.ini: is taken; remove one of the two files"));
    assert_eq!((test.poll(10), test.poll(10)), (Reload::Unchanged, Reload::Unchanged));
    test.remove("c.ini");
    assert_eq!(test.settled().0, ["c.ini", "d.ini"]);
}

/// What is odd about a catalog is known for as long as the catalog is in use, whatever is read meanwhile.
#[test]
fn warnings_are_those_of_the_catalogs_in_use() {
    let mut test = Fixture::new();
    let warnings = |test: &Fixture| test.library.current().warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    test.write("main.txt", "Id\tPath\tOdd\nshoe\t2\n");
    test.touch("a.ini");
    test.touch("b.ini");
    let odd = "main.txt line 1: Odd: is not a known column; it is ignored";
    test.settled();
    assert_eq!(warnings(&test), [odd], "both catalogs have the file");
    test.write("b.ini", "RootId=b\nMaxPicks=1,1\n");
    test.settled();
    assert_eq!(warnings(&test), ["b.ini line 2: MaxPicks: is not a known attribute; it is ignored", odd]);
    test.remove("a.ini");
    test.settled();
    assert_eq!(warnings(&test).len(), 1);
}

/// For as long as a file cannot be used the host can ask which, and no longer.
#[test]
fn what_cannot_be_used_is_told_until_it_can() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.failing(), [""; 0]);
    fixture.write("b.ini", "RootId=b\nMaxPix=none\n");
    let (_, failures) = fixture.settled();
    assert_eq!((failures.len(), &failures), (1, &fixture.failing()));
    fixture.write("a.ini", "RootId=a\nCatalogFile=main.txt\nMacroFile=m.txt\n");
    let (files, again) = fixture.settled();
    assert_eq!((files, again.len()), (vec!["a.ini".to_owned()], 0));
    assert_eq!(fixture.failing(), failures, "nothing has been done about it");
    fixture.write("c.ini", "RootId=a\n");
    let (_, taken) = fixture.settled();
    assert_eq!((taken.len(), fixture.failing().len()), (1, 2));
    fixture.write("b.ini", "RootId=b\nCatalogFile=main.txt\n");
    fixture.settled();
    assert_eq!(fixture.failing(), taken);
    fixture.remove("c.ini");
    fixture.settled();
    assert_eq!(fixture.failing(), [""; 0]);
    std::fs::rename(fixture.folder.path(), fixture.folder.path().with_extension("away")).unwrap();
    fixture.poll(10);
    assert_eq!(fixture.failing().len(), 1, "the folder itself");
    std::fs::rename(fixture.folder.path().with_extension("away"), fixture.folder.path()).unwrap();
    fixture.poll(10);
    assert_eq!(fixture.failing(), [""; 0]);
}
