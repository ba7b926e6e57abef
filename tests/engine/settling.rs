//! Replies made of files that were changed a moment ago, and may be half written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use platemark::{Context, Engine, EngineBuilder, IdPolicy};

use crate::support::builder;
use crate::{World, jpeg, ok, pixels};

/// A world with content, and an engine whose clock is set by the second value: in seconds after all of it was written.
fn world() -> (World, Arc<AtomicU64>, EngineBuilder) {
    let world = World::new();
    world.write(
        "default.ini",
        "DefaultExt=\nMaxPix=3000,3000\nCatalogFile=default.txt\nStaticContentRootPath=.\nExpiration=-1\n\
         NonImgExpiration=5\nDefaultImage=gray.png\nDefaultExpiration=7\n",
    );
    world.write(
        "default.txt",
        "Id\tPath\tModifier\tMaskPath\tUserData\tMap\nrecord\trgb.png\twid=40\t\tx=1\t<area coords=\"1,1,2,2\"/>\n\
         masked\tphoto.jpg\t\tmask.png\t\t\nother\trgba.png\tsrc=gray.png\t\t\t\nframe\t\tsrc=masked&wid=60\t\t\t\n",
    );
    world.write("notes.txt", "notes");
    let newest = std::fs::metadata(world.path().join("notes.txt")).unwrap().modified().unwrap();
    let clock = Arc::new(AtomicU64::new(0));
    let seconds = Arc::clone(&clock);
    let builder = builder(world.path())
        .clock(move || newest + Duration::from_secs(seconds.load(Ordering::Relaxed)))
        .stale_while_revalidate(Duration::from_secs(60))
        .stale_if_error(Duration::from_secs(60));
    (world, clock, builder)
}

/// Requests whose replies depend on files, by their objects. `gone.png` has the default image.
const REQUESTS: [&str; 17] = [
    "rgb.png?wid=20",
    "photo.jpg?req=tmb",
    "rgba.png?req=mask&wid=20",
    "masked?wid=20&fmt=png-alpha",
    "other?wid=20",
    "gray.png?template=frame",
    "rgb.png?wid=30&mask=mask2.png",
    "gone.png?wid=20",
    "record?req=props",
    "record?req=props,json&handler=",
    "record?req=imageprops",
    "photo.jpg?req=xmp",
    "record?req=userdata",
    "record?req=targets",
    "record?req=map",
    "record?req=map&wid=20",
    "masked?req=props",
];

/// Tells whether a lifetime is that of a file that has settled.
fn is_short(cache_policy: &str) -> bool {
    cache_policy == "public, max-age=10"
}

#[test]
fn what_is_made_of_a_file_that_may_be_half_written_is_kept_for_ten_seconds() {
    let (world, clock, builder) = world();
    world.write("mask2.png", std::fs::read(world.path().join("rgb.png")).unwrap());
    let engine = builder.cache_bytes(1 << 20).build().unwrap();
    let policy = |target: &str| {
        let reply = engine.serve(target);
        assert_eq!(reply.status, 200, "{target}: {:?}", reply.error);
        let tag = reply.etag.unwrap().to_string();
        let prepared = engine.prepare(target, &Context::new());
        assert_eq!((prepared.cache_policy(), prepared.head().cache_policy), (reply.cache_policy, reply.cache_policy));
        let known = engine.serve_with(target, &Context::new().if_none_match(&tag));
        assert_eq!((known.status, known.cache_policy), (304, reply.cache_policy), "{target}");
        (reply.cache_policy.to_string(), reply.version)
    };
    for request in REQUESTS {
        // All but the object's own file have settled, and then it has too. The second round finds what was remembered of
        // the first one; the clock goes back to when the new file was written.
        let target = format!("/is/image/{request}");
        clock.store(1000, Ordering::Relaxed);
        let (settled, version) = policy(&target);
        assert!(!is_short(&settled), "{request}: {settled}");
        let with_id = version.map(|version| {
            let target = format!("{target}{}id={version}", if target.contains('?') { "&" } else { "?" });
            let immutable = policy(&target).0;
            (target, immutable)
        });
        for file in ["rgb.png", "photo.jpg", "rgba.png", "gray.png", "mask.png", "mask2.png"] {
            let content = std::fs::read(world.path().join(file)).unwrap();
            world.write(file, content);
        }
        for (seconds, short) in [(0, true), (1, true), (1000, false), (1001, false)] {
            clock.store(seconds, Ordering::Relaxed);
            let all =
                std::iter::once((&target, &settled)).chain(with_id.as_ref().map(|(target, policy)| (target, policy)));
            for (target, settled) in all {
                let now = policy(target).0;
                assert!(if short { is_short(&now) } else { now == *settled }, "{target} after {seconds} s: {now}");
            }
        }
    }
}

#[test]
fn each_file_of_a_picture_counts() {
    let (world, clock, builder) = world();
    // Nanoseconds in place of seconds, so that the other files settle while the test waits.
    let (nanos, settle) = (Arc::clone(&clock), Duration::from_millis(40));
    let time = move || SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos.load(Ordering::Relaxed));
    let engine = builder.clock(time).settle(settle).build().unwrap();
    let set = |file: &str, later: Duration| {
        let changed = std::fs::metadata(world.path().join(file)).unwrap().modified().unwrap() + later;
        let nanos = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
        clock.store(u64::try_from(nanos).unwrap(), Ordering::Relaxed);
    };
    for (request, files) in [
        ("masked?wid=20", &["photo.jpg", "mask.png"][..]),
        ("other?wid=20", &["gray.png"]),
        ("gray.png?template=frame", &["photo.jpg", "mask.png"]),
        ("gone.png?wid=20", &["gray.png"]),
        ("masked?req=userdata", &["photo.jpg", "mask.png"]),
        ("masked?req=map&wid=20", &["photo.jpg", "mask.png"]),
    ] {
        for file in files {
            std::thread::sleep(2 * settle);
            world.write(file, std::fs::read(world.path().join(file)).unwrap());
            set(file, settle);
            let reply = ok(&engine, request);
            assert!(!is_short(&reply.cache_policy.to_string()), "{request}: {}", reply.cache_policy);
            std::thread::sleep(2 * settle);
            world.write(file, std::fs::read(world.path().join(file)).unwrap());
            set(file, Duration::ZERO);
            let now = ok(&engine, request);
            assert!(is_short(&now.cache_policy.to_string()), "{request} with {file}: {}", now.cache_policy);
            assert_eq!((now.version, now.etag, &now.body), (reply.version, reply.etag, &reply.body), "{request}");
        }
    }
}

/// What does not depend on a file is kept as long as ever.
#[test]
fn what_looks_at_no_file_is_kept_as_long_as_the_catalog_says() {
    let (_world, _, builder) = world();
    let engine = builder.build().unwrap();
    for kind in ["exists", "imageset", "catalogprops"] {
        let policy = ok(&engine, &format!("record?req={kind}")).cache_policy;
        assert_eq!(policy.seconds(), Some(18_000), "{kind}");
    }
    assert_eq!(ok(&engine, "record?req=xlate").cache_policy.seconds(), Some(31_536_000));
}

#[test]
fn files_of_content_are_kept_for_ten_seconds_too() {
    let (_world, clock, builder) = world();
    let engine = builder.build().unwrap();
    for target in ["/is/content/notes.txt", "/is/content/notes.txt?req=props"] {
        for (seconds, short) in [(0, true), (1, true), (1000, false)] {
            clock.store(seconds, Ordering::Relaxed);
            let reply = engine.serve(target);
            assert_eq!((reply.status, is_short(&reply.cache_policy.to_string())), (200, short), "{target}");
        }
    }
}

/// The policy of the reference knows no settling either.
#[test]
fn the_policy_for_ids_makes_no_difference() {
    let (_world, clock, builder) = world();
    let engine = builder.id_policy(IdPolicy::Ignore).build().unwrap();
    for (seconds, expected) in [(0, 10), (1000, 31_536_000)] {
        clock.store(seconds, Ordering::Relaxed);
        let reply = ok(&engine, "rgb.png?wid=20&id=0000000000000000000000");
        assert_eq!(reply.cache_policy.seconds(), Some(expected));
    }
}

/// Under the policy of the reference a reply that never expires is confirmed without a look at its files. That would prolong
/// one that was made of a half-written file, so such a reply has nothing that a client could ask to be confirmed.
#[test]
fn what_may_be_half_written_is_never_confirmed_unseen() {
    let (world, clock, _) = world();
    let path = world.path().join("default.ini");
    let ini = std::fs::read_to_string(&path).unwrap().replace("NonImgExpiration=5", "NonImgExpiration=-1");
    world.write("default.ini", ini.clone() + "UseLastModified=1\nTimeStamp=1000000000000\n");
    world.write("mask2.png", std::fs::read(world.path().join("rgb.png")).unwrap());
    let newest = std::fs::metadata(world.path().join("mask2.png")).unwrap().modified().unwrap();
    let engine = |policy: IdPolicy| {
        let seconds = Arc::clone(&clock);
        let clock = move || newest + Duration::from_secs(seconds.load(Ordering::Relaxed));
        let builder = builder(world.path()).clock(clock).settle(Duration::from_secs(500));
        builder.id_policy(policy).cache_bytes(1 << 20).build().unwrap()
    };
    let (ignores, verifies) = (engine(IdPolicy::Ignore), engine(IdPolicy::Verify));
    let told = REQUESTS.map(|request| {
        let target = format!("/is/image/{request}");
        let fresh = ignores.serve(&target);
        assert_eq!((fresh.status, fresh.cache_policy.seconds()), (200, Some(10)), "{request}");
        assert_eq!((fresh.etag, fresh.last_modified), (None, None), "{request}");
        // It is remembered now.
        let prepared = ignores.prepare(&target, &Context::new());
        assert_eq!((prepared.etag(), prepared.last_modified()), (None, None), "{request}");
        let told = verifies.serve(&target);
        assert!(told.etag.is_some() && told.last_modified.is_some(), "{request}: it is looked at");
        (target, told)
    });
    clock.store(1000, Ordering::Relaxed);
    for (target, told) in told {
        let settled = ignores.serve(&target);
        assert_eq!(
            (settled.status, settled.etag, settled.last_modified),
            (200, told.etag, told.last_modified),
            "{target}"
        );
        let tag = settled.etag.unwrap().to_string();
        let unseen = ignores.serve_with(&target, &Context::new().if_none_match(&tag));
        assert_eq!((unseen.status, unseen.cache_policy.seconds()), (304, Some(31_536_000)), "{target}");
    }
    // Of a reply that expires the tag is compared, so it is told. A date proves nothing.
    world.write("default.ini", ini.replace("Expiration=-1", "Expiration=5") + "UseLastModified=1\n");
    clock.store(0, Ordering::Relaxed);
    let fresh = ok(&engine(IdPolicy::Ignore), "rgb.png?wid=20");
    assert_eq!((fresh.cache_policy.seconds(), fresh.last_modified), (Some(10), None));
    assert!(fresh.etag.is_some());
}

/// A table of a catalog that is written twice within the granule of its stamps: the clock says that it has not settled.
#[cfg(unix)]
#[test]
fn catalog_files_are_read_again_once_they_have_settled() {
    let (world, clock, builder) = world();
    let engine = builder.build().unwrap();
    assert_eq!(crate::decoded(&ok(&engine, "record?fmt=png")).0, 40);
    let records = "Id\tPath\tModifier\nrecord\trgb.png\twid=50\n";
    world.write("default.txt", records);
    clock.store(1, Ordering::Relaxed);
    assert_eq!(engine.poll_catalogs(), platemark::Reload::Unchanged, "it has not settled");
    clock.store(1000, Ordering::Relaxed);
    assert!(matches!(engine.poll_catalogs(), platemark::Reload::Done { files, .. } if files == ["default.ini"]));
    assert_eq!(crate::decoded(&ok(&engine, "record?fmt=png")).0, 50);
    // It counts as known now, so a change of the table alone has no effect.
    world.write("default.txt", records.replace("50", "60"));
    assert_eq!(engine.poll_catalogs(), platemark::Reload::Unchanged);
    assert_eq!(crate::decoded(&ok(&engine, "record?fmt=png")).0, 50);
}

/// A JPEG file whose XMP packet has `packet` bytes; `None`: it has no packet.
fn described(packet: Option<usize>) -> Vec<u8> {
    let file = jpeg(60, 40, &pixels(60, 40, 3, 8), None);
    let Some(length) = packet else { return file };
    let (head, tail) = ("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">", "</x:xmpmeta>");
    let packet = format!("{head}{}{tail}", " ".repeat(length - head.len() - tail.len()));
    let segment = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
    let length = u16::try_from(segment.len() + 2).unwrap();
    [&file[..2], &[0xff, 0xe1], &length.to_be_bytes(), &segment, &file[2..]].concat()
}

/// `image.xmpEmbed` says what the picture has in it.
#[test]
fn props_tell_whether_a_packet_is_embedded() {
    let world = World::new();
    world.write("none.jpg", described(None));
    world.write("some.jpg", described(Some(300)));
    world.write("most.jpg", described(Some(65_502)));
    let mut long = Vec::new();
    let mut encoder = png::Encoder::new(&mut long, 60, 40);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_itxt_chunk("XML:com.adobe.xmp".into(), "x".repeat(65_503)).unwrap();
    encoder.write_header().unwrap().write_image_data(&pixels(60, 40, 3, 8)).unwrap();
    world.write("long.png", long);
    world.write(
        "default.txt",
        "Id\tPath\tModifier\tPostModifier\nasks\tsome.jpg\txmpEmbed=1\t\nrefuses\tsome.jpg\t\txmpEmbed=0\n",
    );
    let engine: Engine = builder(world.path()).build().unwrap();
    let name: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
    for (request, expected) in [
        ("some.jpg?wid=20", "0"),
        ("some.jpg?wid=20&xmpEmbed=1", "1"),
        ("some.jpg?wid=20&xmpEmbed=1&fmt=pjpeg,gray", "1"),
        ("some.jpg?wid=20&xmpEmbed=1&fmt=png", "0"),
        ("none.jpg?wid=20&xmpEmbed=1", "0"),
        ("rgb.png?wid=20&xmpEmbed=1", "0"),
        ("none.jpg?wid=20&xmpEmbed=1&src=some.jpg", "1"),
        ("some.jpg?wid=20&xmpEmbed=1&src=none.jpg", "0"),
        ("most.jpg?wid=20&xmpEmbed=1", "1"),
        ("long.png?wid=20&xmpEmbed=1", "0"),
        ("asks?wid=20", "1"),
        ("refuses?wid=20&xmpEmbed=1", "0"),
    ] {
        let (path, query) = request.split_once('?').unwrap();
        for _ in 0..2 {
            let props = String::from_utf8(ok(&engine, &format!("{path}?req=props&{query}")).body.to_vec()).unwrap();
            let told = props.lines().find_map(|line| line.strip_prefix("image.xmpEmbed=")).unwrap();
            assert_eq!(told, expected, "{request}");
        }
        let reply = engine.serve(&format!("/is/image/{request}"));
        let embedded = reply.status == 200 && reply.body.windows(name.len()).any(|window| window == name);
        assert_eq!(if embedded { "1" } else { "0" }, expected, "{request}: {:?}", reply.error);
    }
    // A file that has not settled is not opened a second time for its packet.
    let fresh = builder(world.path()).settle(Duration::from_secs(8_000_000_000)).build().unwrap();
    let props = String::from_utf8(ok(&fresh, "some.jpg?req=props&xmpEmbed=1").body.to_vec()).unwrap();
    assert!(props.contains("image.xmpEmbed=1\r\n"), "{props}");
}
