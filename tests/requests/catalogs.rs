//! The demo catalogs as such, and how an engine keeps up with them (`catalog.md` §10).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use platemark::Reload;

use super::*;

#[test]
fn the_demo_catalogs_are_in_order_and_small() {
    let engine = demo();
    assert_eq!(engine.catalog_warnings(), [""; 0]);
    let objects = engine.objects();
    let one_of_each = ["demo/harbour", "demo/polaroid", "demo/sail", "demo/signal_de", "gallery/mistake", "shop/sun"];
    assert!(one_of_each.iter().all(|object| objects.contains(&(*object).to_owned())), "{objects:?}");
    assert_eq!(objects.iter().filter(|object| *object == "demo/signal_fr").count(), 1, "a record of two files");
    let pictures = std::fs::read_dir(support::path("assets/demo/pictures")).unwrap();
    let bytes: u64 = pictures.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 12 << 20, "{bytes}");
}

/// What the demo's files say of themselves: a change of a data file counts once the attribute file is touched, and only
/// when that has been left alone for five seconds; a catalog that cannot be read stays as it was.
#[test]
fn news_are_read_when_the_attribute_file_says_so() {
    let (folder, builder) = support::demo_with(&[]);
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let start =
        std::fs::metadata(folder.path().join("demo.ini")).unwrap().modified().unwrap() + Duration::from_secs(60);
    let engine = builder.clock(move || start + Duration::from_secs(clock.load(Ordering::Relaxed))).build().unwrap();
    let exists = |object: &str| text(&ok(&engine, &format!("{object}?req=exists"))).contains("exists=1");
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    let touch = |name: &str, seconds: u64| modified(&folder.path().join(name), start + Duration::from_secs(seconds));
    assert_eq!(engine.poll_catalogs(), Reload::Unchanged);

    write("demo-news.txt", "Id\tPath\nbuoy\tring.png\n");
    now.store(10, Ordering::Relaxed);
    assert_eq!(engine.poll_catalogs(), Reload::Unchanged, "data files alone do not count");
    touch("demo.ini", 18);
    now.store(20, Ordering::Relaxed);
    assert_eq!(engine.poll_catalogs(), Reload::Settling);
    assert!(exists("demo/sail") && !exists("demo/buoy"));
    now.store(30, Ordering::Relaxed);
    let Reload::Done { files, warnings, failures, .. } = engine.poll_catalogs() else { panic!("not read") };
    assert_eq!((files, warnings, failures.len()), (vec!["demo.ini".to_owned()], vec![], 0));
    assert!(!exists("demo/sail") && exists("demo/buoy"));
    // The record in the first file shows again.
    assert_eq!(ok(&engine, "demo/signal_fr?wid=9").body, ok(&engine, "demo/signal?wid=9").body);

    write("demo.ini", "RootId=demo\nCatalogFile=gone.txt\n");
    touch("demo.ini", 40);
    now.store(60, Ordering::Relaxed);
    assert_eq!(engine.poll_catalogs(), Reload::Settling);
    now.store(70, Ordering::Relaxed);
    let Reload::Done { failures, .. } = engine.poll_catalogs() else { panic!("not looked at") };
    assert_eq!(failures.len(), 1);
    assert!(failures[0].to_string().contains("gone.txt"), "{}", failures[0]);
    assert!(exists("demo/buoy"));
    assert_eq!(engine.poll_catalogs(), Reload::Unchanged, "told once");
}

/// A folder with a picture, these files, and a default catalog unless it is among them.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=.png\n").unwrap();
    std::fs::copy(support::path("assets/demo/pictures/ring.png"), folder.path().join("ring.png")).unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// A faulty file does not affect sound ones. A request to a catalog that is left out is one to an unknown catalog.
#[test]
fn an_engine_starts_with_what_is_sound() {
    let folder = folder(&[
        ("cat.ini", b"RootId=cat\nCatalogFile=cat.txt,delta.txt\nMacroFile=m.txt\n"),
        ("cat.txt", b"Id\tPath\tModifier\nsmall\tring\twid=20\nsmaller\tring\twid=10&$view$\n"),
        ("empty.ini", b"RootId=empty\nCatalogFile=empty.txt\n"),
        ("empty.txt", b""),
        ("broken.ini", b"RootId=broken\nCatalogFile=cat.txt\nSavePath=..\n"),
        ("._cat.ini", b"\0\x05\x16\x07Mac OS X"),
    ]);
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let engine =
        support::builder(folder.path()).clock(move || start + Duration::from_secs(clock.load(Ordering::Relaxed)));
    let engine = engine.build().unwrap();
    let size = |request: &str| support::pixel_size(&ok(&engine, request).body);
    assert_eq!(size("cat/small"), Some((20, 20)));
    assert_eq!(size("cat/ring?wid=30"), Some((30, 30)), "file paths too");
    assert_eq!(size("empty/ring?wid=30"), Some((30, 30)));
    assert!(serve(&engine, "cat/smaller").error.unwrap().detail().unwrap().contains("$view$: is not a known macro"));
    let unknown = text(&serve(&engine, "unknown/small"));
    assert_eq!(text(&serve(&engine, "broken/small")), unknown.replace("unknown", "broken"));
    let health = engine.health();
    let faults: Vec<_> = health.failures.iter().map(ToString::to_string).collect();
    let broken = "broken.ini line 3: SavePath: has a malformed value or one out of range";
    assert_eq!(faults, [broken, "delta.txt: cannot be read", "m.txt: cannot be read", "empty.txt: has no header"]);
    assert!(!health.is_healthy() && health.failures.iter().all(|fault| fault.detail().is_some()));
    assert_eq!(health.catalogs, 3);
    assert_eq!(engine.catalog_warnings(), faults);
    let before = ok(&engine, "cat/small").version.unwrap();

    // What comes later is taken up, each file by itself, and the catalog as soon as it is mended.
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write("delta.txt", "Id\tPath\nlarge\tring\n");
    write("m.txt", "Name\tDefinition\nview\twid=15\n");
    write("broken.ini", "RootId=broken\nCatalogFile=cat.txt\nBkgColor=ff0000\n");
    now.store(10, Ordering::Relaxed);
    assert_eq!(engine.poll_catalogs(), Reload::Settling);
    now.store(20, Ordering::Relaxed);
    let Reload::Done { files, failures, .. } = engine.poll_catalogs() else { panic!("not read") };
    assert_eq!((files, failures), (vec!["broken.ini".to_owned(), "cat.ini".to_owned()], vec![]));
    assert_eq!(size("cat/large?wid=40"), Some((40, 40)));
    assert_eq!(size("cat/smaller"), Some((15, 15)));
    assert_eq!(size("broken/small"), Some((20, 20)));
    assert_ne!(ok(&engine, "cat/small").version.unwrap(), before, "a macro that it may call has come");
    assert_eq!(engine.catalog_warnings(), ["empty.txt: has no header"]);
    assert_eq!(engine.poll_catalogs(), Reload::Unchanged);
}

/// A malformed attribute counts as if it were not there, unless it decides who may reach what.
#[test]
fn an_engine_starts_without_malformed_attributes() {
    let folder = folder(&[
        ("default.ini", b"DefaultExt=.png\nExpiration=abc\nMaxPix=50,50\n"),
        ("cat.ini", b"RootId=cat\nMaxPix=many\nCatalogFile=cat.txt\n"),
        ("cat.txt", b"Id\tPath\nsmall\tring\n"),
        ("shut.ini", b"RootId=shut\nClientAddressFilter=home\n"),
    ]);
    let engine = support::builder(folder.path()).build().unwrap();
    for object in ["ring", "cat/small"] {
        let reply = ok(&engine, &format!("{object}?wid=20"));
        assert_eq!(reply.cache_policy.seconds(), Some(36_000), "{object}: the built-in lifetime");
    }
    assert!(serve(&engine, "cat/small?wid=51").error.is_some(), "the limit is inherited");
    assert!(serve(&engine, "shut/ring?wid=20").error.is_some());
    // Of files that were not taken up first.
    let faults = ["shut.ini line 2: ClientAddressFilter", "cat.ini line 2: MaxPix", "default.ini line 2: Expiration"]
        .map(|at| format!("{at}: has a malformed value or one out of range"));
    let health = engine.health();
    assert_eq!(health.failures.iter().map(ToString::to_string).collect::<Vec<_>>(), faults);
    assert_eq!((health.catalogs, engine.catalog_warnings()), (2, faults.to_vec()));
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=.png\nAllowDirectAccess=no\n").unwrap();
    let error = support::builder(folder.path()).build().unwrap_err().to_string();
    assert_eq!(error, "default.ini line 2: AllowDirectAccess: has a malformed value or one out of range");
}

#[test]
fn a_folder_without_a_default_catalog_says_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cat.ini"), "RootId=cat").unwrap();
    let error = support::builder(folder.path()).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "default.ini: is missing in the folder of catalogs; write one there, at least with the line RootPath=."
    );
    assert_eq!(error.kind(), platemark::ErrorKind::Catalog);
    std::fs::write(folder.path().join("default.ini"), "RootPath=.").unwrap();
    assert!(support::builder(folder.path()).build().unwrap().health().is_healthy());
}

/// A table as a spreadsheet or an editor writes it: cells behind the last column, UTF-8 without a mark.
#[test]
fn tables_are_read_as_other_programs_write_them() {
    let folder = folder(&[
        ("cat.ini", b"RootId=cat\nCatalogFile=cat.txt,latin.txt,mark.txt\n"),
        (
            "cat.txt",
            "Id\tPath\tModifier\tUserData\t\t\nx1\tring\twid=20\tn=Gr\u{fc}\u{df}e\t\t\t\n\t\t\t\t\n".as_bytes(),
        ),
        ("latin.txt", b"Id\tUserData\nx2\tn=Gr\xfc\xdfe\n"),
        ("mark.txt", "\u{feff}Id\tUserData\nx3\tn=Gr\u{fc}\u{df}e\n".as_bytes()),
    ]);
    let engine = support::builder(folder.path()).build().unwrap();
    for id in ["x1", "x2", "x3"] {
        assert_eq!(text(&ok(&engine, &format!("cat/{id}?req=userdata"))), "n=Grüße\r\n", "{id}");
    }
    assert_eq!(support::pixel_size(&ok(&engine, "cat/x1").body), Some((20, 20)));
    assert_eq!(
        engine.catalog_warnings(),
        [
            "cat.txt line 2: the file is read as UTF-8, first visible in this line; a byte order mark makes this explicit"
        ]
    );
    assert!(engine.health().is_healthy());
}

#[test]
fn misspelt_commands_are_told_and_change_nothing() {
    let folder = folder(&[
        ("cat.ini", b"RootId=cat\nCatalogFile=cat.txt\nMacroFile=m.txt\n"),
        ("m.txt", b"Name\tDefinition\nview\twid = 20\n"),
        (
            "cat.txt",
            b"Id\tPath\tModifier\tPostModifier\nx1\tring\twdth=100&hei=50\t\nx2\tring\t?wid=100\t& hei=9\n\
              x3\tring\twid=20&amp;hei=10\t$view$&.note&viewer=1\n",
        ),
    ]);
    let engine = support::builder(folder.path()).build().unwrap();
    assert_eq!(
        engine.catalog_warnings(),
        [
            "cat.txt line 2: x1: Modifier: wdth: is not a command; did you mean wid?",
            "cat.txt line 3: x2: Modifier: ?wid: starts with a question mark; did you mean wid?",
            "cat.txt line 3: x2: PostModifier:  hei: has blanks around its name; did you mean hei?",
            "cat.txt line 4: x3: Modifier: amp;hei: stands behind &amp; instead of &; did you mean hei?",
            "cat.txt line 4: x3: PostModifier: viewer: is not a command",
            "m.txt line 2: view: Definition: wid : has blanks around its name; did you mean wid?",
        ]
    );
    assert!(engine.health().is_healthy(), "the record is served");
    assert_eq!(support::pixel_size(&ok(&engine, "cat/x1").body), Some((50, 50)));
}

/// `layers.md` §0, correction 19: a question mark in a path or id, however it is written, leads nowhere.
#[test]
fn names_with_a_question_mark_find_nothing() {
    let folder = folder(&[
        ("default.ini", b"DefaultExt=.png\nDefaultImage=\nStaticContentRootPath=.\n"),
        ("cat.ini", b"RootId=cat\nCatalogFile=cat.txt\nStaticContentCatalogFile=cat.txt\n"),
        ("cat.txt", b"Id\tPath\ta\nx?y\tring\t\nx\tring\t\n"),
    ]);
    std::fs::copy(folder.path().join("ring.png"), folder.path().join("a?b.png")).unwrap();
    let engine = support::builder(folder.path()).build().unwrap();
    assert_eq!(engine.objects(), ["cat/x"]);
    for name in ["a%3Fb", "a%3fb.png", "cat/x%3Fy", "cat/a%3Fb", "/a%3Fb", "cat/x%3F", "%3F"] {
        let reply = serve(&engine, &format!("{name}?wid=20"));
        assert_eq!(reply.error.as_ref().map(platemark::Error::kind), Some(platemark::ErrorKind::Missing), "{name}");
        assert!(reply.error.unwrap().to_string().ends_with(": image not found"), "{name}");
        assert!(text(&ok(&engine, &format!("{name}?req=exists"))).contains("exists=0"), "{name}");
        let content = engine.serve(&format!("/is/content/{name}"));
        assert_eq!((content.status, content.error.unwrap().kind()), (403, platemark::ErrorKind::Missing), "{name}");
    }
    for command in ["src=a%3Fb", "src=x?y", "template=x%3Fy", "mask=a%3Fb"] {
        let reply = serve(&engine, &format!("cat/x?{command}&wid=20"));
        assert_eq!(reply.error.map(|error| error.kind()), Some(platemark::ErrorKind::Missing), "{command}");
    }
    // Not encoded it ends the path.
    assert_eq!(support::pixel_size(&ok(&engine, "cat/x?y").body).map(|(width, _)| width > 0), Some(true));
    assert_eq!(
        engine.catalog_warnings(),
        [
            "cat.txt line 1: a: is not a known column; it is ignored",
            "cat.txt line 2: x?y: has a question mark, which no request can name; the record is ignored",
            "cat.txt line 1: a: is not a known column; it is ignored",
            "cat.txt line 2: x?y: has a question mark, which no request can name; the record is ignored",
        ],
        "once as images, once as content"
    );
    // The default image stands in for such a name as for others that are missing.
    let folder = self::folder(&[("default.ini", b"DefaultExt=.png\nDefaultImage=ring\n")]);
    let engine = support::builder(folder.path()).build().unwrap();
    assert_eq!(support::pixel_size(&ok(&engine, "a%3Fb?wid=20").body), Some((20, 20)));
}

fn modified(file: &Path, time: SystemTime) {
    std::fs::File::options().append(true).open(file).unwrap().set_modified(time).unwrap();
}
