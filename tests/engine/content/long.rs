//! Files that are read piece by piece, and the digests that their tags need.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use platemark::Limits;

use super::*;

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

    let stopped = engine.digest_ahead_while("/is/content/film.mp4", &|| false).unwrap_err();
    assert_eq!((stopped.kind(), stopped.place()), (ErrorKind::Stopped, Some("film.mp4")));
    assert_eq!(get(&engine, "film.mp4").etag, weak.etag, "it was not read to its end");
    let strong = engine.digest_ahead("/is/content/film.mp4").unwrap();
    assert_eq!(engine.digest_ahead("/is/content/film.mp4").unwrap(), strong);
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
        assert_eq!(fresh.digest_ahead("/is/content/guide.pdf").unwrap(), get(&fresh, "guide.pdf").etag, "{length}");
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
        other.digest_ahead_while("/is/content/film.mp4", &keep_going)
    });
    waiting.recv().unwrap();
    let second = engine.digest_ahead("/is/content/film.mp4").unwrap();
    assert_eq!(first.join().unwrap().unwrap_err().kind(), ErrorKind::Stopped);
    assert_eq!((second, second.unwrap().weak), (get(&world.engine(), "film.mp4").etag, false));
}

#[test]
fn prewarming_says_what_went_wrong_and_works_for_pictures() {
    let world = World::new();
    world.film(3);
    let engine = world.engine();
    let gone = engine.digest_ahead("/is/content/gone").unwrap_err();
    assert_eq!((gone.kind(), gone.to_string().as_str()), (ErrorKind::Missing, "gone: content not found"));
    assert_eq!(engine.digest_ahead("/is/content/leaflet").unwrap(), get(&engine, "leaflet").etag);
    let forgetful = world.builder().content_digest_bytes(0).memo_bytes(0).build().unwrap();
    assert_eq!(forgetful.digest_ahead("/is/content/film.mp4").unwrap(), get(&forgetful, "film.mp4").etag);
    assert!(get(&forgetful, "film.mp4").etag.unwrap().weak, "there is no memory for a digest");
    let demo = crate::support::demo().build().unwrap();
    let picture = "/is/image/demo/pebbles?wid=90";
    assert_eq!(demo.digest_ahead(picture).unwrap(), demo.serve(picture).etag);
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
    assert_eq!(engine.digest_ahead("/is/content/film.mp4").unwrap_err().kind(), ErrorKind::Changed);
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
