//! `/is/content`: files delivered as they are, and what their records say.

mod long;
mod roots;

use crate::support::builder;
use std::path::PathBuf;
use std::time::Duration;

use platemark::{CachePolicy, Context, Engine, EngineBuilder, Error, ErrorKind, FileBody, IdPolicy, Reply};
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
