//! `req=saveToFile`: off unless the host names a folder, and never outside it (`protocol.md` §5.1).

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::*;

/// A folder to save below, with that of the demo catalog in it, and an engine that may.
fn saving() -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("saved/sub")).unwrap();
    let engine = support::demo().save_root(folder.path()).build().unwrap();
    (folder, engine)
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path()).iter().map(|inner| format!("{name}/{inner}"))),
            false => found.push(name),
        }
    }
    found.sort();
    found
}

fn error(title: &str) -> String {
    format!("#S7Z ERROR\r\n{STAMP}\r\nerror.title={title}\r\nerror.message=\r\n")
}

#[test]
fn nothing_is_saved_unless_host_and_catalog_agree() {
    refused(&demo(), "demo/ring?req=saveToFile&name=a.jpg", &error("req\\: saveToFile is switched off"));
    let (folder, engine) = saving();
    let title = "req\\: saveToFile is switched off for this catalog";
    refused(&engine, "shop/ring?req=saveToFile&name=a.jpg", &error(title));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn the_file_is_the_picture() {
    let (folder, engine) = saving();
    for (query, name, pixels) in [
        ("ring?wid=90&hei=60", "a.jpg", 5400),
        ("ring?wid=90&fmt=png-alpha&$n=b", "sub/$n$.png", 8100),
        ("lighthouse?template=polaroid&timeout=5000", "c%20d.jpg", 117_760),
        ("lighthouse?wid=30&xmpEmbed=1", "a.jpg", 1200),
    ] {
        let reply = ok(&engine, &format!("demo/{query}&req=saveToFile&name={name}"));
        let expected =
            format!("#S7Z OK\r\n{STAMP}\r\nlastUpdated=4000000000000\r\npixelsTotal={pixels}\r\nstatus=done\r\n");
        assert_eq!((text(&reply), reply.content_type), (expected, TEXT), "{query}");
        assert_eq!((reply.cache_policy, reply.etag, reply.version), (CachePolicy::NO_STORE, None, None));
        let file = name.replace("$n$", "b").replace("%20", " ");
        let saved = std::fs::read(folder.path().join("saved").join(file)).unwrap();
        assert_eq!(saved, ok(&engine, &format!("demo/{query}")).body, "{query}");
    }
    assert_eq!(files(folder.path()), ["saved/a.jpg", "saved/c d.jpg", "saved/sub/b.png"]);
}

#[test]
fn names_stay_below_the_folder() {
    let (folder, engine) = saving();
    for name in [
        "",
        "../a.jpg",
        "sub/../../a.jpg",
        "/tmp/a.jpg",
        "..",
        ".",
        "sub/",
        "/",
        "a//b",
        "%2e%2e/a.jpg",
        "..%2fa",
        "a%00b",
        "..%5ca",
    ] {
        let request = format!("demo/ring?wid=9&req=saveToFile&name={name}");
        refused(&engine, &request, &error("name\\: needs a path below SavePath"));
    }
    refused(&engine, "demo/ring?wid=9&req=saveToFile", &error("name\\: needs a path below SavePath"));
    let missing = error("name\\: cannot be written there");
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=gone/a.jpg", &missing);
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=sub", &missing);
    assert_eq!(files(folder.path()), [""; 0], "not even an unfinished file is left");
    // A picture that cannot be made leaves nothing, either.
    refused(
        &engine,
        "demo/ring?wid=0&req=saveToFile&name=a.jpg",
        &error("wid\\: needs a whole number from 1 to 16777216"),
    );
    refused(&engine, "demo/gone?req=saveToFile&name=a.jpg", &error("demo/gone\\: image not found"));
    assert_eq!(files(folder.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let (folder, engine) = saving();
    let (saved, outside) = (folder.path().join("saved"), tempfile::tempdir().unwrap());
    std::fs::write(outside.path().join("kept"), "kept").unwrap();
    symlink(outside.path(), saved.join("away")).unwrap();
    symlink(outside.path().join("kept"), saved.join("link.jpg")).unwrap();
    symlink("sub", saved.join("inside")).unwrap();
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=away/a.jpg", &error("name\\: needs a path below SavePath"));
    // A link in the file's own place is replaced, not followed.
    ok(&engine, "demo/ring?wid=9&req=saveToFile&name=link.jpg");
    ok(&engine, "demo/ring?wid=9&req=saveToFile&name=inside/a.jpg");
    assert_eq!(files(outside.path()), ["kept"]);
    assert_eq!(std::fs::read_to_string(outside.path().join("kept")).unwrap(), "kept");
    assert!(std::fs::symlink_metadata(saved.join("link.jpg")).unwrap().is_file());
    assert!(saved.join("sub/a.jpg").is_file());
}

/// A folder that is not there yet is not made.
#[test]
fn folders_are_the_hosts_affair() {
    let folder = tempfile::tempdir().unwrap();
    let engine = support::demo().save_root(folder.path()).build().unwrap();
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=a.jpg", &error("name\\: cannot be written there"));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn what_takes_too_long_is_not_saved() {
    let (folder, engine) = saving();
    for timeout in ["0", "-1", "soon", "1.5", ""] {
        let reply = serve(&engine, &format!("demo/ring?wid=9&req=saveToFile&name=a.jpg&timeout={timeout}"));
        assert_eq!(reply.status, 403, "{timeout}");
        assert!(text(&reply).contains("error.title=timeout\\: needs "), "{timeout}: {}", text(&reply));
    }
    // Every look at this clock takes ten seconds.
    let now = AtomicU64::new(4_000_000_000);
    let clock = move || SystemTime::UNIX_EPOCH + Duration::from_secs(now.fetch_add(10, Ordering::Relaxed));
    let slow = support::demo().save_root(folder.path()).clock(clock).build().unwrap();
    let reply = serve(&slow, "demo/ring?wid=9&req=saveToFile&name=a.jpg&timeout=5000");
    assert!(
        text(&reply).contains("error.title=timeout\\: was exceeded before the picture was saved"),
        "{}",
        text(&reply)
    );
    assert_eq!((reply.status, files(folder.path()).len()), (403, 0));
    ok(&slow, "demo/ring?wid=9&req=saveToFile&name=a.jpg");
    assert_eq!(files(folder.path()), ["saved/a.jpg"]);
}

/// A request of which only the head is wanted is prepared and not rendered: nothing is written.
#[test]
fn preparing_writes_nothing() {
    let (folder, engine) = saving();
    let prepared = engine.prepare("/is/image/demo/ring?wid=9&req=saveToFile&name=a.jpg", &platemark::Context::new());
    assert_eq!((prepared.status(), prepared.cache_policy(), prepared.etag()), (200, CachePolicy::NO_STORE, None));
    assert_eq!((prepared.content_type(), prepared.length()), (TEXT, None));
    assert_eq!(files(folder.path()), [""; 0]);
}
