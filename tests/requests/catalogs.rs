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

fn modified(file: &Path, time: SystemTime) {
    std::fs::File::options().append(true).open(file).unwrap().set_modified(time).unwrap();
}
