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

/// The same that may replace files.
fn overwriting(folder: &tempfile::TempDir) -> Engine {
    support::demo().save_root(folder.path()).allow_save_overwrite(true).build().unwrap()
}

/// The title of the error where a file may not be replaced.
const TAKEN: &str = "name\\: is the name of a file that is there already";

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
        ("lighthouse?wid=30&xmpEmbed=1", "x.JPEG", 1200),
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
    assert_eq!(files(folder.path()), ["saved/a.jpg", "saved/c d.jpg", "saved/sub/b.png", "saved/x.JPEG"]);
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
    std::fs::create_dir(folder.path().join("saved/folder.jpg")).unwrap();
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=folder.jpg", &error(TAKEN));
    refused(&overwriting(&folder), "demo/ring?wid=9&req=saveToFile&name=folder.jpg", &missing);
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
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=link.jpg", &error(TAKEN));
    assert!(std::fs::symlink_metadata(saved.join("link.jpg")).unwrap().is_symlink());
    ok(&overwriting(&folder), "demo/ring?wid=9&req=saveToFile&name=link.jpg");
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

#[test]
fn the_suffix_says_what_the_file_is() {
    let (folder, engine) = saving();
    let jpeg = error("name\\: needs the suffix .jpg or .jpeg");
    let png = error("name\\: needs the suffix .png");
    let webp = error("name\\: needs the suffix .webp");
    for (query, names, expected) in [
        ("wid=9", ["a", "a.png", "a.html", "a.jpg.svg", "jpg", "sub/a.txt", "a.jpgx"], &jpeg),
        ("wid=9&fmt=pjpeg", ["a", "a.php", "a.png", "a.jpg.png", "jpeg", "sub/jpg", "a.jpe"], &jpeg),
        ("wid=9&fmt=png", ["a", "a.jpg", "a.jpeg", "a.html", "png", "sub/a.ini", "a.png.js"], &png),
        ("wid=9&fmt=png-alpha", ["a", "a.jpg", "a.jpeg", "a.svg", "png", "sub/a.htm", "a.apng"], &png),
        ("wid=9&fmt=webp", ["a", "a.jpg", "a.png", "a.svg", "webp", "sub/a.web", "a.webp.js"], &webp),
    ] {
        for name in names {
            refused(&engine, &format!("demo/ring?{query}&req=saveToFile&name={name}"), expected);
        }
    }
    for (query, name) in [
        ("", "a.jpg"),
        ("&fmt=pjpeg", "b.JPG"),
        ("&fmt=png", "c.png"),
        ("&fmt=png-alpha", "d.x.PNG"),
        ("&fmt=webp", "e.webp"),
    ] {
        ok(&engine, &format!("demo/ring?wid=9{query}&req=saveToFile&name={name}"));
    }
    assert_eq!(files(folder.path()), ["saved/a.jpg", "saved/b.JPG", "saved/c.png", "saved/d.x.PNG", "saved/e.webp"]);
}

/// Names that hide a file, mean another one on some system, or show as another one.
#[test]
fn names_that_hide_or_mislead_are_refused() {
    let (folder, engine) = saving();
    let odd = error("name\\: has a part or a character that names of files should not have");
    for name in [
        ".htaccess.jpg",
        ".a.jpg",
        "..a.jpg",
        ".git/a.jpg",
        "sub/.a.jpg",
        "a%0ab.jpg",
        "a%0d%0ab.jpg",
        "a%09b.jpg",
        "a%01.jpg",
        "a%7f.jpg",
        "a%1b[2J.jpg",
        "a%C2%85b.jpg",
        "a%9b.jpg",
        "a%E2%80%AEgpj.jpg",
        "a%E2%81%A6b.jpg",
        "a%E2%80%8Bb.jpg",
        "a%EF%BB%BF.jpg",
        "a%E2%80%A8b.jpg",
        "c:a.jpg",
        "a.jpg:b.jpg",
        "sub%20/a.jpg",
        "sub./a.jpg",
        "+a.jpg",
    ] {
        refused(&engine, &format!("demo/ring?wid=9&req=saveToFile&name={name}"), &odd);
    }
    for name in ["%E7%8E%AB%E7%91%B0.jpg", "gr%C3%B6%C3%9Fe%20(2).jpg", "a..b.jpg", "-a.jpg", "a%26b=%25.jpg"] {
        ok(&engine, &format!("demo/ring?wid=9&req=saveToFile&name={name}"));
    }
    assert_eq!(files(folder.path()).len(), 5);
}

#[test]
fn a_file_is_replaced_only_if_the_host_says_so() {
    let (folder, engine) = saving();
    let file = folder.path().join("saved/a.jpg");
    ok(&engine, "demo/ring?wid=9&req=saveToFile&name=a.jpg");
    let first = std::fs::read(&file).unwrap();
    refused(&engine, "demo/ring?wid=20&req=saveToFile&name=a.jpg", &error(TAKEN));
    assert_eq!((std::fs::read(&file).unwrap(), files(folder.path())), (first.clone(), vec!["saved/a.jpg".to_owned()]));
    ok(&overwriting(&folder), "demo/ring?wid=20&req=saveToFile&name=a.jpg");
    assert_ne!(std::fs::read(&file).unwrap(), first);
    assert_eq!(files(folder.path()), ["saved/a.jpg"]);
}

/// Of those who save under one name at the same time one succeeds, and its file is whole.
#[test]
fn one_of_many_gets_the_name() {
    let (folder, engine) = saving();
    let engine = &engine;
    for round in 0..8 {
        let request = &|wid: usize| format!("demo/ring?wid={wid}&req=saveToFile&name={round}.jpg");
        let saved: Vec<usize> = std::thread::scope(|scope| {
            let ask = |wid| scope.spawn(move || (serve(engine, &request(wid)).status, wid));
            let threads: Vec<_> = (20..26).map(ask).collect();
            let ended = threads.into_iter().map(|thread| thread.join().unwrap());
            ended.filter(|(status, _)| *status == 200).map(|(_, wid)| wid).collect()
        });
        let [wid] = saved[..] else { panic!("{saved:?}") };
        let bytes = std::fs::read(folder.path().join(format!("saved/{round}.jpg"))).unwrap();
        assert_eq!(bytes, ok(engine, &format!("demo/ring?wid={wid}")).body);
    }
    assert_eq!(files(folder.path()).len(), 8);
}

/// The owner may write, all may read, and no one may run it.
#[cfg(unix)]
#[test]
fn saved_files_can_be_read_by_all() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, engine) = saving();
    for (engine, name) in [(&engine, "a.jpg"), (&overwriting(&folder), "b.jpg")] {
        ok(engine, &format!("demo/ring?wid=9&req=saveToFile&name={name}"));
        let mode = std::fs::metadata(folder.path().join("saved").join(name)).unwrap().permissions().mode() & 0o7777;
        // A umask may take more away.
        assert_eq!((mode & !0o644, mode & 0o600), (0, 0o600), "{mode:o}");
    }
}

/// A file that another process is writing is not this one's to remove.
#[cfg(unix)]
#[test]
fn unfinished_files_of_others_stay() {
    let (folder, engine) = saving();
    let clock = 4_000_000_000u64 * 1_000_000_000;
    let theirs: Vec<_> = (0..4).map(|serial| format!("saved/.{}-{clock}-{serial}.part", std::process::id())).collect();
    for name in &theirs {
        std::fs::write(folder.path().join(name), "theirs").unwrap();
    }
    refused(&engine, "demo/ring?wid=9&req=saveToFile&name=a.jpg", &error("name\\: cannot be written there"));
    for name in &theirs {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), "theirs");
    }
}
