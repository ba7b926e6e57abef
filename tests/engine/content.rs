//! `/is/content`: files delivered as they are, and what their records say.

use crate::support::builder;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use platemark::{CachePolicy, Context, Engine, EngineBuilder, Error, ErrorKind, FileBody, IdPolicy, Limits, Reply};
use tempfile::TempDir;

struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.write("default.ini", "StaticContentRootPath=files\nStaticContentCatalogFile=static.txt\nExpiration=2\n");
        let records = "Id\tPath\tExpiration\tUserType\tUserData\tTimeStamp\n\
            leaflet\tdocs/leaflet.pdf\t5\tpdf\tpages=4??lang=en\t1000\n\
            plain\tnotes.txt\t\t\t\t\n\
            gone\tgone.css\t\t\t\t\n\
            nothing\t\t\t\t\t\n";
        world.write("static.txt", records);
        std::fs::create_dir_all(world.0.path().join("files/docs")).unwrap();
        world.write("files/docs/leaflet.pdf", "%PDF-1.4 leaflet");
        world.write("files/notes.txt", "notes");
        world.write("secret.txt", "secret");
        world
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    fn builder(&self) -> EngineBuilder {
        builder(self.0.path())
    }

    fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }

    /// Of a film as if it were too long to be digested at once.
    fn hasty(&self) -> Engine {
        self.builder().content_digest_bytes(2 << 20).build().unwrap()
    }

    /// Where the film is, once it has been written.
    fn film(&self, seed: usize) -> PathBuf {
        let path = self.0.path().join("files/film.mp4");
        std::fs::write(&path, film(seed)).unwrap();
        path
    }
}

/// A file that is not short.
const LONG: usize = (3 << 20) + 5;

fn film(seed: usize) -> Vec<u8> {
    (0..LONG).map(|at| (at / 253 + at * seed) as u8).collect()
}

/// All pieces of a long reply.
fn pieces(reply: &Reply) -> Result<Vec<u8>, Error> {
    let film = reply.file.as_ref().unwrap();
    assert!(reply.body.is_empty() && reply.length() == film.len());
    let pieces = film.pieces(0..film.len()).collect::<Result<Vec<_>, _>>()?;
    assert!(pieces.iter().all(|piece| piece.len() <= FileBody::PIECE));
    Ok(pieces.concat())
}

fn get(engine: &Engine, target: &str) -> Reply {
    engine.serve(&format!("/is/content/{target}"))
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.to_vec()).unwrap()
}

/// The folder of the catalogs is the root of content. Their files are not delivered.
#[test]
fn the_files_of_catalogs_are_no_content() {
    let world = World::new();
    let tables = "CatalogFile=sub/all.txt\nStaticContentCatalogFile=static.txt\nMacroFile=macros.txt\n";
    world.write("default.ini", &format!("{tables}StaticContentRootPath=.\n"));
    std::fs::create_dir(world.0.path().join("sub")).unwrap();
    for (name, text) in [
        ("sub/all.txt", "Id\tPath\nx\ta\n"),
        ("macros.txt", "Name\tDefinition\nm\twid=5\n"),
        ("shop.ini", "RootId=shop\n"),
        (".shop.ini.swp", "left"),
        ("shop.ini~", "left"),
        ("#shop.ini#", "left"),
        ("Copy of shop.INI.bak", "left"),
    ] {
        world.write(name, text);
    }
    let engine = world.engine();
    for name in [
        "default.ini",
        "static.txt",
        "sub/all.txt",
        "macros.txt",
        "shop.ini",
        ".shop.ini.swp",
        "shop.ini~",
        "%23shop.ini%23",
        "Copy%20of%20shop.INI.bak",
        "shop/shop.ini",
    ] {
        let reply = engine.serve(&format!("/is/content/{name}"));
        assert_eq!((reply.status, reply.error.map(|error| error.kind())), (403, Some(ErrorKind::Missing)), "{name}");
    }
    for name in ["secret.txt", "files/notes.txt"] {
        assert_eq!(engine.serve(&format!("/is/content/{name}")).status, 200, "{name}");
    }
}

/// Without a root a catalog has no content, not even what its records name.
#[test]
fn without_a_root_there_is_no_content() {
    let world = World::new();
    let notes = world.0.path().join("files/notes.txt");
    let row = format!("absolute\t{}\t\tpdf\tpages=4\t\n", notes.display());
    let table = std::fs::read_to_string(world.0.path().join("static.txt")).unwrap();
    world.write("static.txt", &(table + &row));
    for lines in ["", "StaticContentRootPath=\n", "StaticContentRootPath=files\nStaticContentRootPath=\n"] {
        world.write("default.ini", &format!("StaticContentCatalogFile=static.txt\n{lines}"));
        world.write("shop.ini", "RootId=shop\nStaticContentRootPath=files\n");
        world.write("shut.ini", "RootId=shut\nStaticContentRootPath=\nStaticContentCatalogFile=static.txt\n");
        let engine = world.engine();
        for name in [
            "secret.txt",
            "files/notes.txt",
            "plain",
            "leaflet",
            "absolute",
            "shut/plain",
            "shut/absolute",
            "shop/plain",
        ] {
            for request in [name.to_owned(), format!("{name}?type=txt"), format!("{name}?req=props")] {
                let reply = get(&engine, &request);
                assert_eq!((reply.status, reply.error.unwrap().kind()), (403, ErrorKind::Missing), "{request}");
            }
            assert!(text(&get(&engine, &format!("{name}?req=exists"))).contains("exists=0"), "{name}");
            assert_eq!(text(&get(&engine, &format!("{name}?req=userdata"))), "\r\n", "{name}");
        }
        assert_eq!(text(&get(&engine, "shop/notes.txt")), "notes");
    }
    for (root, name) in [(".", "files/notes.txt"), ("/", "files/notes.txt"), ("./files", "notes.txt")] {
        world.write("default.ini", &format!("StaticContentRootPath={root}\nStaticContentCatalogFile=static.txt\n"));
        let engine = world.engine();
        assert_eq!(text(&get(&engine, name)), "notes", "{root}");
        assert_eq!(text(&get(&engine, "absolute")), "notes", "{root}");
        assert_eq!(get(&engine, "etc/passwd").status, 403, "{root}: it is not that of the file system");
    }
}

/// Whatever the roots are, whatever leads to the file, and whether the catalog can be used or not.
#[test]
fn no_root_delivers_the_files_of_catalogs() {
    let world = World::new();
    let folder = world.0.path().join("catalogs");
    let tables = "CatalogFile=t/a.txt,t/b.txt\nSvgCatalogFile=t/svg.txt\nMacroFile=t/m.txt\nFontMapFile=t/fonts.txt\n\
        IccProfileMapFile=t/icc.txt\nRuleSetFile=t/rules.xml\nIccProfileRgb=icc/own.icc\nIccProfileSrcGray=named\n";
    std::fs::create_dir_all(folder.join("t")).unwrap();
    std::fs::create_dir_all(folder.join("old")).unwrap();
    for name in ["pictures/icc", "far/icc", "far2"] {
        std::fs::create_dir_all(world.0.path().join(name)).unwrap();
    }
    let row = "own\tcatalogs/default.ini\ntable\tcatalogs/t/../t/static.txt\nopen\tfiles/notes.txt\n";
    for (name, text) in [
        ("catalogs/default.ini", format!("RootPath=pictures\nStaticContentRootPath=/\nStaticContentCatalogFile=t/static.txt\n{tables}")),
        ("catalogs/t/static.txt", format!("Id\tPath\n{row}")),
        ("catalogs/t/a.txt", "Id\tPath\nx\ta\n".into()),
        ("catalogs/t/m.txt", "Name\tDefinition\nm\twid=5\n".into()),
        ("catalogs/t/icc.txt", "Name\tProfilePath\nnamed\ticc/mapped.icc\n".into()),
        // They cannot be used, or not as a whole: no id, an id that is taken, a malformed filter, a table that is none.
        ("catalogs/bad.ini", "CatalogFile=t/bad.txt\n".into()),
        ("catalogs/shop.ini", "RootId=shop\nStaticContentRootPath=/\n".into()),
        ("catalogs/shop2.ini", "RootId=shop\nMacroFile=t/shop2.txt\n".into()),
        ("catalogs/shut.ini", "RootId=shut\nRootPath=far\nClientAddressFilter=home\nCatalogFile=t/shut.txt\nIccProfileCmyk=icc/shut.icc\n".into()),
        ("catalogs/odd.ini", "RootId=odd\nCatalogFile=t/odd.txt\n".into()),
        ("catalogs/gone.ini", "RootId=gone\nCatalogFile=t/gone.txt,../far2/gone.txt\n".into()),
        ("catalogs/old/shop.ini", "RootId=old\n".into()),
        ("catalogs/t/.a.txt.part", "left".into()),
        ("catalogs/t/a.txt.bak", "left".into()),
        ("catalogs/t/note.txt", "note".into()),
    ] {
        world.write(name, &text);
    }
    let own = [
        "default.ini",
        "bad.ini",
        "shop.ini",
        "shop2.ini",
        "shut.ini",
        "odd.ini",
        "gone.ini",
        "old/shop.ini",
        "t/static.txt",
        "t/a.txt",
        "t/b.txt",
        "t/svg.txt",
        "t/m.txt",
        "t/fonts.txt",
        "t/icc.txt",
        "t/rules.xml",
        "t/bad.txt",
        "t/shop2.txt",
        "t/shut.txt",
        "t/odd.txt",
        "t/gone.txt",
        "../pictures/icc/own.icc",
        "../pictures/icc/mapped.icc",
        "../far/icc/shut.icc",
        "../far2/gone.txt",
    ];
    for name in own {
        let path = folder.join(name);
        if !path.exists() {
            std::fs::write(path, "own").unwrap();
        }
    }
    #[cfg(unix)]
    for (to, name) in [("../catalogs/default.ini", "a.txt"), ("../catalogs/t/a.txt", "b.txt"), ("../catalogs", "c")] {
        std::os::unix::fs::symlink(to, world.0.path().join("files").join(name)).unwrap();
    }
    let engine = builder(&folder).root(world.0.path()).catalog_settle(Duration::ZERO).build().unwrap();
    let check = |engine: &Engine| {
        let own = own.iter().map(|name| format!("catalogs/{name}").replace("catalogs/../", ""));
        let links = [
            "files/a.txt",
            "files/b.txt",
            "files/c/default.ini",
            "files/c/t/m.txt",
            "own",
            "table",
            "shop/catalogs/shop.ini",
        ];
        for name in own.chain(links.map(str::to_owned)) {
            for request in [name.clone(), format!("{name}?req=props")] {
                let reply = get(engine, &request);
                assert_eq!((reply.status, reply.error.unwrap().kind()), (403, ErrorKind::Missing), "{request}");
            }
            assert!(text(&get(engine, &format!("{name}?req=exists"))).contains("exists=0"), "{name}");
        }
        for name in ["catalogs/t/.a.txt.part", "catalogs/t/a.txt.bak", "catalogs/t/note.txt", "files/notes.txt"] {
            assert_eq!(get(engine, name).status, 200, "{name}");
        }
    };
    check(&engine);
    // A catalog that is gone, and one that names other tables now.
    std::fs::remove_file(folder.join("gone.ini")).unwrap();
    world.write("catalogs/odd.ini", "RootId=odd\n");
    let _ = engine.reload_catalogs();
    world.write("catalogs/gone.ini", "own");
    check(&engine);
    // What is gone is forgotten.
    std::fs::remove_file(folder.join("t/gone.txt")).unwrap();
    let _ = engine.reload_catalogs();
    world.write("catalogs/t/gone.txt", "new");
    assert_eq!(get(&engine, "catalogs/t/gone.txt").status, 200);
}

#[test]
fn files_come_as_they_are() {
    let engine = World::new();
    let engine = engine.engine();
    let leaflet = get(&engine, "leaflet");
    assert_eq!((leaflet.status, leaflet.content_type), (200, "application/pdf"));
    assert_eq!(&leaflet.body[..], b"%PDF-1.4 leaflet");
    assert_eq!(leaflet.cache_policy.to_string(), "public, max-age=18000");
    let by_path = get(&engine, "docs/leaflet.pdf");
    assert_eq!((by_path.etag, by_path.cache_policy.to_string()), (leaflet.etag, "public, max-age=7200".to_owned()));
    assert_eq!(get(&engine, "plain").content_type, "text/plain");
    assert_ne!(get(&engine, "plain").etag, leaflet.etag);

    let etag = leaflet.etag.unwrap().to_string();
    let again = engine.serve_with("/is/content/leaflet", &Context::new().if_none_match(&etag));
    assert_eq!((again.status, again.body.len()), (304, 0));
    let uncached = get(&engine, "leaflet?cache=off");
    assert_eq!((uncached.etag, uncached.cache_policy), (None, CachePolicy::NO_STORE));
}

#[test]
fn tags_follow_the_bytes() {
    let world = World::new();
    let engine = world.engine();
    let before = get(&engine, "plain").etag;
    // The clock of the tests says that the file has settled, so the change must not hide behind its time stamps.
    std::thread::sleep(Duration::from_millis(20));
    world.write("files/notes.txt", "other");
    assert_ne!(get(&engine, "plain").etag, before);
    std::thread::sleep(Duration::from_millis(20));
    world.write("files/notes.txt", "notes");
    assert_eq!(get(&engine, "plain").etag, before);
}

#[test]
fn records_say_what_they_are() {
    let world = World::new();
    let engine = world.engine();
    assert_eq!(text(&get(&engine, "leaflet?req=userdata")), "pages=4\r\nlang=en\r\n");
    assert_eq!(text(&get(&engine, "nowhere?req=userdata")), "\r\n");
    let exists = |target: &str| text(&get(&engine, &format!("{target}?req=exists,javascript")));
    assert_eq!(exists("leaflet"), "catalogRecord.exists='1'\r\n");
    assert_eq!(exists("docs/leaflet.pdf"), "catalogRecord.exists='0'\r\n");
    let props = text(&get(&engine, "leaflet?req=props,javascript"));
    assert_eq!(
        props,
        "path='docs/leaflet.pdf'\r\nlength='16'\r\nexpiration='5'\r\nlastModified='01/01/1970 00:00:01 GMT'\r\nuserType='pdf'\r\n"
    );
    assert_eq!(get(&engine, "leaflet?type=pdf").status, 200);
    assert_eq!(get(&engine, "plain?type=pdf").status, 200, "it has no type");
}

#[test]
fn refusals_are_short_and_never_kept() {
    let world = World::new();
    let engine = world.engine();
    for (target, kind, expected) in [
        ("leaflet?type=PDF", ErrorKind::Request, "type: is not the type of this content\r\n"),
        ("gone", ErrorKind::Missing, "gone: content not found\r\n"),
        ("nothing", ErrorKind::Missing, "nothing: content not found\r\n"),
        ("nowhere.js", ErrorKind::Missing, "nowhere.js: content not found\r\n"),
        ("", ErrorKind::Missing, "path: content not found\r\n"),
        ("../secret.txt", ErrorKind::Request, "../secret.txt: is not a path below the catalog's root\r\n"),
        ("%2e%2e/secret.txt", ErrorKind::Request, "../secret.txt: is not a path below the catalog's root\r\n"),
        ("leaflet?req=tmb", ErrorKind::Request, "req: needs userdata, props or exists for content\r\n"),
    ] {
        let reply = get(&engine, target);
        assert_eq!((reply.status, reply.cache_policy, reply.etag), (403, CachePolicy::NO_STORE, None), "{target}");
        assert_eq!(text(&reply), expected, "{target}");
        assert_eq!(reply.error.unwrap().kind(), kind, "{target}");
    }
}

/// An error image stands in for pictures (`responses.md` §5.5), not for files.
#[test]
fn no_error_image_is_delivered_as_content() {
    let world = World::new();
    std::fs::copy(crate::support::path("assets/demo/pictures/missing.png"), world.0.path().join("error.png")).unwrap();
    let ini = "StaticContentRootPath=files\nStaticContentCatalogFile=static.txt\nErrorImage=error.png\n";
    world.write("default.ini", ini);
    let engine = world.engine();
    for (target, expected) in [("gone", "gone: content not found\r\n"), ("a/../../b", "is not a path below")] {
        let reply = get(&engine, target);
        assert!(reply.status == 403 && text(&reply).contains(expected), "{target}: {}", text(&reply));
    }
    let picture = engine.serve("/is/image/gone");
    assert!(picture.status == 200 && picture.content_type.starts_with("image/") && picture.error.is_some());
}

#[test]
fn long_files_come_in_pieces() {
    let world = World::new();
    world.film(3);
    let engine = world.engine();
    for _ in 0..2 {
        let reply = get(&engine, "film.mp4");
        assert_eq!((reply.status, reply.content_type), (200, "video/mp4"));
        assert_eq!(reply.cache_policy.to_string(), "public, max-age=7200");
        assert!(pieces(&reply).unwrap() == film(3));
        let etag = reply.etag.unwrap();
        assert!(!etag.weak);
        let again = engine.serve_with("/is/content/film.mp4", &Context::new().if_none_match(&etag.to_string()));
        assert_eq!((again.status, again.length(), again.etag), (304, 0, reply.etag));
    }
    let prepared = engine.prepare("/is/content/film.mp4", &Context::new());
    assert_eq!((prepared.length(), prepared.is_ready()), (Some(LONG as u64), true));
    let head = prepared.head();
    assert!(head.status == 200 && head.file.is_none() && head.etag.is_some());
    let uncached = get(&engine, "film.mp4?cache=off");
    assert_eq!((uncached.etag, uncached.cache_policy), (None, CachePolicy::NO_STORE));
    assert!(pieces(&uncached).unwrap() == film(3));
}

#[test]
fn a_tag_is_weak_until_the_file_is_digested() {
    let world = World::new();
    world.film(3);
    let (engine, thorough) = (world.hasty(), world.engine());
    let weak = get(&engine, "film.mp4");
    assert!(weak.etag.unwrap().weak && pieces(&weak).unwrap() == film(3));
    assert_eq!(
        (weak.etag, weak.cache_policy),
        (get(&engine, "film.mp4").etag, get(&thorough, "film.mp4").cache_policy)
    );
    let known = |etag: &str| engine.serve_with("/is/content/film.mp4", &Context::new().if_none_match(etag));
    let weak_tag = weak.etag.unwrap().to_string();
    assert_eq!((known(&weak_tag).status, known(&weak_tag).etag), (304, weak.etag));

    let stopped = engine.prewarm_while("/is/content/film.mp4", &|| false).unwrap_err();
    assert_eq!((stopped.kind(), stopped.place()), (ErrorKind::Stopped, Some("film.mp4")));
    assert_eq!(get(&engine, "film.mp4").etag, weak.etag, "it was not read to its end");
    let strong = engine.prewarm("/is/content/film.mp4").unwrap();
    assert_eq!(engine.prewarm("/is/content/film.mp4").unwrap(), strong);
    let reply = get(&engine, "film.mp4");
    assert_eq!((reply.etag, reply.etag), (strong, get(&thorough, "film.mp4").etag));
    assert!(pieces(&reply).unwrap() == film(3));
    let strong_tag = strong.unwrap().to_string();
    assert_eq!((known(&strong_tag).status, known(&strong_tag).etag), (304, strong));
    // A client that holds the old weak tag gets 304.
    assert_eq!((known(&weak_tag).status, known(&weak_tag).etag), (304, weak.etag));

    std::thread::sleep(Duration::from_millis(20));
    world.film(5);
    let other = get(&engine, "film.mp4");
    assert!(other.etag.unwrap().weak && other.etag != weak.etag && pieces(&other).unwrap() == film(5));
    assert_eq!((known(&weak_tag).status, known(&strong_tag).status), (200, 200));
}

/// To prepare a request reads no file of more than 64 KiB. What it says before the file is digested is true afterwards.
#[test]
#[cfg(unix)]
fn what_has_to_be_digested_is_digested_when_it_is_delivered() {
    let world = World::new();
    world.film(3);
    let bytes = film(3)[..100_000].to_vec();
    std::fs::write(world.0.path().join("files/guide.pdf"), &bytes).unwrap();
    for (name, length) in [("guide.pdf", 100_000), ("film.mp4", LONG)] {
        let target = format!("/is/content/{name}");
        let strong = get(&world.engine(), name).etag.unwrap();
        assert!(!strong.weak);
        let fresh = world.engine();
        let prepared = fresh.prepare(&target, &Context::new());
        assert_eq!((prepared.status(), prepared.etag(), prepared.length()), (200, None, Some(length as u64)), "{name}");
        assert_eq!((prepared.is_ready(), prepared.work()), (false, length as u64), "{name}");
        assert_eq!(prepared.cache_policy().to_string(), "public, max-age=7200");
        let reply = prepared.render();
        assert_eq!((reply.etag, pieces(&reply).unwrap()), (Some(strong), film(3)[..length].to_vec()));
        assert!(fresh.prepare(&target, &Context::new()).is_ready());

        // The caller has it: that is known once the file has been digested.
        let tag = strong.to_string();
        let fresh = world.engine();
        let known = fresh.prepare(&target, &Context::new().if_none_match(&tag));
        assert_eq!((known.status(), known.is_ready()), (200, false), "{name}");
        let reply = known.render();
        assert_eq!((reply.status, reply.length(), reply.etag), (304, 0, Some(strong)), "{name}");
        assert_eq!(reply.cache_policy.to_string(), "public, max-age=7200");
        let other = world.engine().serve_with(&target, &Context::new().if_none_match("\"other\""));
        assert_eq!((other.status, other.etag), (200, Some(strong)), "{name}");
        let head = world.engine().prepare(&target, &Context::new()).head();
        assert_eq!((head.status, head.etag, head.length()), (200, Some(strong), 0), "{name}");

        // It is given up like a picture, and leaves nothing behind.
        let fresh = world.engine();
        let stopped = fresh.prepare(&target, &Context::new()).render_while(&|| false);
        assert_eq!((stopped.status, stopped.cache_policy, stopped.etag), (503, CachePolicy::NO_STORE, None), "{name}");
        assert!(!fresh.prepare(&target, &Context::new()).is_ready(), "{name}");
    }
    // A client that has the weak tag of a film need not wait for the strong one.
    let weak = get(&world.hasty(), "film.mp4").etag.unwrap();
    let fresh = world.engine();
    let known = fresh.prepare("/is/content/film.mp4", &Context::new().if_none_match(&weak.to_string()));
    assert_eq!((known.status(), known.is_ready(), known.etag()), (304, true, Some(weak)));
    // Without a lifetime there is no tag, and nothing to compare.
    let uncached = fresh.serve_with("/is/content/film.mp4?cache=off", &Context::new().if_none_match(&weak.to_string()));
    assert_eq!((uncached.status, uncached.etag), (200, None));
}

/// Its digest is made from the bytes that are delivered, whatever its length is.
#[test]
fn a_fresh_file_of_up_to_a_mebibyte_is_read_whole() {
    let world = World::new();
    for length in [60_000, 100_000, 1 << 20] {
        std::fs::write(world.0.path().join("files/guide.pdf"), &film(3)[..length]).unwrap();
        let fresh = world.builder().settle(Duration::from_secs(8_000_000_000)).build().unwrap();
        for _ in 0..2 {
            let prepared = fresh.prepare("/is/content/guide.pdf", &Context::new());
            assert_eq!(prepared.is_ready(), length == 60_000, "{length}");
            let reply = prepared.render();
            assert!(reply.file.is_none() && reply.body == film(3)[..length], "{length}");
            assert_eq!(reply.etag, get(&world.engine(), "guide.pdf").etag);
            assert_eq!(reply.cache_policy.to_string(), "public, max-age=10");
        }
        assert_eq!(fresh.prewarm("/is/content/guide.pdf").unwrap(), get(&fresh, "guide.pdf").etag, "{length}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A request that waits for another request's digest gets it, even if the other request is stopped.
#[test]
fn a_digest_that_is_given_up_is_made_by_the_next_who_wants_it() {
    let world = World::new();
    world.film(3);
    let engine = world.hasty();
    let (begun, waiting) = std::sync::mpsc::channel();
    let other = engine.clone();
    let first = std::thread::spawn(move || {
        let keep_going = || {
            begun.send(()).unwrap();
            std::thread::sleep(Duration::from_millis(50));
            false
        };
        other.prewarm_while("/is/content/film.mp4", &keep_going)
    });
    waiting.recv().unwrap();
    let second = engine.prewarm("/is/content/film.mp4").unwrap();
    assert_eq!(first.join().unwrap().unwrap_err().kind(), ErrorKind::Stopped);
    assert_eq!((second, second.unwrap().weak), (get(&world.engine(), "film.mp4").etag, false));
}

#[test]
fn prewarming_says_what_went_wrong_and_works_for_pictures() {
    let world = World::new();
    world.film(3);
    let engine = world.engine();
    let gone = engine.prewarm("/is/content/gone").unwrap_err();
    assert_eq!((gone.kind(), gone.to_string().as_str()), (ErrorKind::Missing, "gone: content not found"));
    assert_eq!(engine.prewarm("/is/content/leaflet").unwrap(), get(&engine, "leaflet").etag);
    let forgetful = world.builder().content_digest_bytes(0).memo_bytes(0).build().unwrap();
    assert_eq!(forgetful.prewarm("/is/content/film.mp4").unwrap(), get(&forgetful, "film.mp4").etag);
    assert!(get(&forgetful, "film.mp4").etag.unwrap().weak, "there is no memory for a digest");
    let demo = crate::support::demo().build().unwrap();
    let picture = "/is/image/demo/pebbles?wid=90";
    assert_eq!(demo.prewarm(picture).unwrap(), demo.serve(picture).etag);
}

/// Time stamps of a file that was changed a moment ago may not show the next change, and it may be half written.
#[test]
fn of_a_fresh_file_only_what_was_read_as_a_whole_may_be_kept() {
    let world = World::new();
    world.film(3);
    let engine = world.builder().settle(Duration::from_secs(8_000_000_000)).build().unwrap();
    let leaflet = get(&engine, "leaflet");
    assert_eq!(
        (leaflet.etag, leaflet.cache_policy.to_string()),
        (get(&world.engine(), "leaflet").etag, "public, max-age=10".into())
    );
    let reply = get(&engine, "film.mp4");
    assert!(pieces(&reply).unwrap() == film(3));
    let etag = reply.etag.unwrap();
    assert_eq!((etag.weak, reply.cache_policy, reply.last_modified), (true, CachePolicy::NO_STORE, None));
    assert_ne!(reply.etag, get(&world.hasty(), "film.mp4").etag, "the tag ends when the file has settled");
    let again = engine.serve_with("/is/content/film.mp4", &Context::new().if_none_match(&etag.to_string()));
    assert_eq!(again.status, 200);
    assert_eq!(engine.prewarm("/is/content/film.mp4").unwrap_err().kind(), ErrorKind::Changed);
}

#[test]
fn lengths_are_looked_at_before_files_are_read() {
    let world = World::new();
    world.film(3);
    let with = |limits| world.builder().limits(limits).build().unwrap();
    // Neither limit of pictures is one of files.
    let engine = with(Limits::new().reply_bytes(3).source_bytes(3));
    assert_eq!((get(&engine, "leaflet").status, get(&engine, "film.mp4").status), (200, 200));
    let engine = with(Limits::new().content_bytes(16));
    assert_eq!(get(&engine, "leaflet").status, 200);
    let engine = with(Limits::new().content_bytes(15));
    for name in ["leaflet", "film.mp4"] {
        let reply = get(&engine, name);
        assert_eq!((reply.status, reply.cache_policy, reply.etag), (403, CachePolicy::NO_STORE, None));
        assert_eq!(text(&reply), format!("{name}: exceeds the limit of content bytes\r\n"));
        assert_eq!(reply.error.unwrap().kind(), ErrorKind::Limit);
    }
}

/// A sparse file, so it takes no room.
#[test]
fn five_gibibytes_are_no_more_work_than_five_bytes() {
    let world = World::new();
    let len = 5 << 30;
    let mut file = File::create(world.0.path().join("files/long.mp4")).unwrap();
    file.set_len(len).unwrap();
    file.seek(SeekFrom::Start(len - 7)).unwrap();
    file.write_all(b"the end").unwrap();
    drop(file);
    let engine = world.engine();
    let reply = get(&engine, "long.mp4");
    assert_eq!((reply.status, reply.length(), reply.etag.unwrap().weak), (200, len, true));
    let end: Vec<_> = reply.file.unwrap().pieces(len - 9..len).map(Result::unwrap).collect();
    assert_eq!(end.concat(), b"\0\0the end");
    assert!(text(&get(&engine, "long.mp4?req=props,javascript")).contains("length='5368709120'"));
}

#[test]
fn files_without_bytes_are_replies_without_bytes() {
    let world = World::new();
    world.write("files/empty.txt", "");
    let reply = get(&world.engine(), "empty.txt");
    assert_eq!((reply.status, reply.length(), reply.etag.unwrap().weak), (200, 0, false));
    std::fs::create_dir(world.0.path().join("files/folder")).unwrap();
    assert_eq!(text(&get(&world.engine(), "folder")), "folder: content not found\r\n");
}

/// Half of the file is out; the rest is the old content or an error, and the next request gets what is there.
#[test]
#[cfg(unix)]
fn a_transfer_ends_when_the_file_changes() {
    let overwrite = |path: &Path, content: &[u8]| {
        std::os::unix::fs::FileExt::write_all_at(&File::options().write(true).open(path).unwrap(), content, 0).unwrap();
    };
    let cut = |path: &Path, len| File::options().write(true).open(path).unwrap().set_len(len).unwrap();
    // What is done, and what is there afterwards.
    type Change<'a> = (&'a str, &'a dyn Fn(&Path), Option<Vec<u8>>);
    let changes: [Change<'_>; 5] = [
        ("overwritten", &|path| overwrite(path, &film(5)), Some(film(5))),
        ("its last byte", &|path| overwrite(path, &[&film(3)[..LONG - 1], b"x"].concat()), None),
        ("cut short", &|path| cut(path, 2 << 20), Some(film(3)[..2 << 20].to_vec())),
        (
            "replaced",
            &|path| {
                std::fs::write(path.with_extension("new"), film(5)).unwrap();
                std::fs::rename(path.with_extension("new"), path).unwrap();
            },
            Some(film(5)),
        ),
        ("deleted", &|path| std::fs::remove_file(path).unwrap(), None),
    ];
    for (what, change, after) in changes {
        for digests in [0, 64 << 20] {
            let world = World::new();
            let path = world.film(3);
            let engine = world.builder().content_digest_bytes(digests).build().unwrap();
            let reply = get(&engine, "film.mp4");
            let film_body = reply.file.clone().unwrap();
            let mut transfer = film_body.pieces(0..film_body.len());
            for piece in 0..6 {
                let start = piece * FileBody::PIECE;
                assert!(transfer.next().unwrap().unwrap() == film(3)[start..start + FileBody::PIECE], "{what}");
            }
            // Further than time stamps can blur.
            std::thread::sleep(Duration::from_millis(20));
            change(&path);
            assert_eq!(transfer.next().unwrap().unwrap_err().kind(), ErrorKind::Changed, "{what}");
            assert!(transfer.next().is_none(), "{what}: it goes on");
            let Some(after) = after.as_ref() else { continue };
            let new = get(&engine, "film.mp4");
            assert!(pieces(&new).unwrap() == *after && new.etag != reply.etag, "{what}");
        }
    }
}

/// What is prepared and then changed is not delivered under the tag that was told.
#[test]
fn a_file_that_changes_before_its_body_is_asked_for_starts_over() {
    for name in ["notes.txt", "film.mp4"] {
        let world = World::new();
        world.film(3);
        let engine = world.engine();
        let target = format!("/is/content/{name}");
        let first = engine.serve(&target);
        let prepared = engine.prepare(&target, &Context::new());
        assert_eq!(prepared.etag(), first.etag);
        std::thread::sleep(Duration::from_millis(20));
        std::fs::write(world.0.path().join("files").join(name), film(5)).unwrap();
        let reply = prepared.render();
        assert_eq!((reply.status, reply.etag, reply.cache_policy), (503, None, CachePolicy::NO_STORE), "{name}");
        assert_eq!(reply.error.unwrap().kind(), ErrorKind::Changed);
        assert!(pieces(&engine.serve(&target)).unwrap() == film(5));
    }
}

/// What an operator wrote says nothing of the file, and a link can lead to an older one.
#[test]
fn a_date_alone_never_says_that_a_file_is_the_same() {
    let world = World::new();
    for policy in [IdPolicy::Ignore, IdPolicy::Verify] {
        let engine = world.builder().id_policy(policy).build().unwrap();
        for (name, content) in [("leaflet", "%PDF-1.4 another"), ("notes.txt", "other notes")] {
            let target = format!("/is/content/{name}");
            let before = engine.serve(&target);
            let told = httpdate::fmt_http_date(before.last_modified.unwrap());
            let late = "Fri, 01 Jan 2090 00:00:00 GMT";
            let file = if name == "leaflet" { "files/docs/leaflet.pdf" } else { "files/notes.txt" };
            world.write(file, content);
            for date in [told.as_str(), late] {
                let reply = engine.serve_with(&target, &Context::new().if_modified_since(date));
                assert_eq!((reply.status, &reply.body[..]), (200, content.as_bytes()), "{name} since {date}");
                assert_eq!(reply.last_modified, before.last_modified, "it is told all the same");
            }
            let tag = engine.serve(&target).etag.unwrap().to_string();
            let known = engine.serve_with(&target, &Context::new().if_none_match(&tag).if_modified_since(&told));
            assert_eq!(known.status, 304);
            world.write(file, "as before");
        }
    }
}
