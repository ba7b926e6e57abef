//! Which catalogs supply whom: address filters, locks and `AllowDirectAccess` hold for every catalog that an object comes
//! from, however a request names it (`catalog.md` §4.6).

use std::net::IpAddr;

use platemark::{Context, EngineBuilder, ErrorKind, IdPolicy};
use tempfile::TempDir;

use super::*;

const INSIDE: &str = "10.1.2.3";
const OUTSIDE: &str = "192.0.2.1";
const ADDRESS: &str = "request: is not allowed from this address\r\n";
const UNLOCKED: &str = "request: is not locked with the right key\r\n";
const FILTER: &str = "ClientAddressFilter=10.0.0.0/8";
const LOCK: &str = "RequestLock=1";
const RECORDS_ONLY: &str = "AllowDirectAccess=exclude:IS";

/// An open catalog `a` and a catalog `b` with some lines; lines of the default catalog; and their pictures.
fn world(b: &str, a: &str, default: &str) -> (TempDir, EngineBuilder) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir_all(folder.path().join("all/closed")).unwrap();
    let picture = support::path("assets/demo/pictures/ring.png");
    for name in ["all/own.png", "all/closed/pic.png", "all/closed/raw.png"] {
        std::fs::copy(&picture, folder.path().join(name)).unwrap();
    }
    write("default.ini", &format!("RootPath=all\nDefaultExt=.png\nCatalogFile=all.txt\n{default}\n"));
    write("all.txt", "Id\tPath\tUserData\ncommon\town\tof=all\n");
    write("a.ini", &format!("RootId=a\nCatalogFile=a.txt\nMacroFile=macros.txt\n{a}\n"));
    write(
        "a.txt",
        "Id\tPath\tModifier\nown\town\t\nleads\t\tsrc=b/pic\nmasked\town\tmask=b/pic\nplain\town\tsrc=$object$\n",
    );
    write("macros.txt", "Name\tDefinition\nby-src\tsrc=b/pic\nby-mask\tmask=b/pic\nframe\ttemplate=b/pic\n");
    write("b.ini", &format!("RootId=b\nRootPath=all/closed\nCatalogFile=b.txt\n{b}\n"));
    write("b.txt", "Id\tPath\tUserData\npic\tpic\tof=b\n");
    let builder = support::builder(folder.path());
    (folder, builder)
}

fn ask(engine: &Engine, request: &str, address: &str) -> Reply {
    let context = Context::new().client_address(address.parse::<IpAddr>().unwrap());
    engine.serve_with(&format!("/is/{request}"), &context)
}

/// A request with its lock.
fn locked(request: &str) -> String {
    let query = request.split_once('?').map_or("", |(_, query)| query);
    let lock = query.bytes().fold(0u16, |hash, c| hash.wrapping_mul(131).wrapping_add(c.into()));
    format!("{request}{}&{lock:04x}", if request.contains('?') { "" } else { "?" })
}

/// Requests that lead to the record `pic` of `b`, by each command and by each text that can name it.
const TO_RECORD: [&str; 18] = [
    "image/b/pic?wid=9",
    "image/%62/pic?wid=9",
    "image/a/own?src=%62%2Fpic&wid=9",
    "image/a/own?amp;src=b/pic&amp;wid=9",
    "image/a/own?src=b/pic&wid=9",
    "image/a/own?src=/b/pic&wid=9",
    "image/a?layer=0&src=b/pic&wid=9",
    "image/a/own?mask=b/pic&wid=9",
    "image/a/own?src=own&mask=/b/pic&wid=9",
    "image/a/own?template=b/pic&wid=9",
    "image/a/own?$by-src$&wid=9",
    "image/a/own?$by-mask$&wid=9",
    "image/a/own?$frame$&wid=9",
    "image/a/own?$v=b/pic&src=$v$&wid=9",
    "image/a/plain?$object=b/pic&wid=9",
    "image/a/leads?wid=9",
    "image/a/masked?wid=9",
    "image/own?src=b/pic&wid=9",
];

/// Types of requests that answer about an object of the path.
const ABOUT: [&str; 12] = [
    "tmb",
    "mask",
    "props",
    "imageprops",
    "exists",
    "userdata",
    "targets",
    "map",
    "imageset",
    "xmp",
    "loadcache",
    "xlate",
];

/// The first line of an error, whatever form it has.
fn title(reply: &Reply) -> String {
    let text = text(reply).replace("\\:", ":");
    let title = text.lines().find_map(|line| line.strip_prefix("error.title="));
    title.map_or(text.clone(), |title| format!("{title}\r\n"))
}

#[track_caller]
fn is_refused(reply: &Reply, expected: &str, request: &str) {
    assert_eq!((reply.status, title(reply).as_str()), (403, expected), "{request}");
    assert_eq!((reply.cache_policy, reply.etag, reply.version), (CachePolicy::NO_STORE, None, None), "{request}");
    assert_eq!(reply.error.as_ref().unwrap().kind(), ErrorKind::Request, "{request}");
}

#[test]
fn a_filter_holds_however_its_catalog_is_named() {
    let (_folder, builder) = world(FILTER, "", "");
    let engine = builder.build().unwrap();
    let about = ABOUT.map(|kind| format!("image/b/pic?req={kind}"));
    let of_files = ["image/b/raw?wid=9", "image/a/own?src=b/raw&wid=9", "image/a/own?mask=/b/raw&wid=9"];
    let also = ["image/a/own?src=b/pic&req=props,json&handler=", "image/a/own?src=b/pic&req=map", "image/b/pic?wid=0"];
    let all = TO_RECORD.into_iter().chain(of_files).chain(also).chain(about.iter().map(String::as_str));
    for request in all {
        let reply = ask(&engine, request, OUTSIDE);
        assert_eq!((reply.status, reply.cache_policy), (403, CachePolicy::NO_STORE), "{request}");
        assert_eq!(reply.error.unwrap().to_string(), ADDRESS.trim_end(), "{request}");
        if request != "image/b/pic?wid=0" && !request.ends_with("xmp") {
            let reply = ask(&engine, request, INSIDE);
            assert_eq!((reply.status, reply.error), (200, None), "{request}");
            assert_eq!(engine.serve(&format!("/is/{request}")).status, 200, "{request}: of no address");
        }
    }
    for request in TO_RECORD {
        is_refused(&ask(&engine, request, OUTSIDE), ADDRESS, request);
    }
    // Nested requests are not supported yet.
    for request in ["image/a/own?src=is{b/pic?wid=9}&wid=9", "image/a/own?mask=is(b/pic)&wid=9"] {
        assert_eq!(
            (ask(&engine, request, OUTSIDE).status, ask(&engine, request, INSIDE).status),
            (403, 403),
            "{request}"
        );
    }
    // What b does not supply is open.
    for request in ["image/a/own?wid=9", "image/a/own?mask=own&wid=9", "image/common?req=userdata", "image/own?wid=9"] {
        assert_eq!(ask(&engine, request, OUTSIDE).status, 200, "{request}");
    }
}

#[test]
fn a_lock_holds_however_its_catalog_is_named() {
    let (_folder, builder) = world(LOCK, "", "");
    let engine = builder.build().unwrap();
    for request in TO_RECORD.into_iter().chain(["image/b/raw?wid=9", "image/a/own?src=b/raw&wid=9"]) {
        is_refused(&ask(&engine, request, INSIDE), UNLOCKED, request);
        is_refused(&ask(&engine, &format!("{request}&0000"), INSIDE), UNLOCKED, request);
        let reply = ask(&engine, &locked(request), INSIDE);
        assert_eq!((reply.status, reply.error), (200, None), "{request}");
    }
    // A lock that no catalog asks for changes nothing.
    let request = "image/a/own?wid=9";
    assert_eq!(ask(&engine, &locked(request), INSIDE).etag, ask(&engine, request, INSIDE).etag);
    // A lock is no unknown command, and none that presets exclude.
    let (_folder, builder) = world(LOCK, "", "");
    let strict = builder.unknown_commands(platemark::UnknownCommands::Refuse).presets_only(true).build().unwrap();
    assert_eq!(ask(&strict, &locked("image/a/own?$by-src$"), INSIDE).status, 200);
    assert_eq!(ask(&strict, "image/a/own?$by-src$&0000", INSIDE).status, 403);
}

/// What is obfuscated is read first.
#[test]
fn obfuscated_names_are_guarded() {
    use base64::Engine as _;
    let encode = |query: &str| base64::engine::general_purpose::STANDARD.encode(query);
    for (guard, query, allowed, expected) in [
        (FILTER, "src=b/pic&wid=9", "src=b/pic&wid=9".to_owned(), ADDRESS),
        (LOCK, "src=b/pic&wid=9", locked("?src=b/pic&wid=9")[1..].to_owned(), UNLOCKED),
        (
            RECORDS_ONLY,
            "src=b/raw&wid=9",
            "src=b/pic&wid=9".to_owned(),
            "b/raw: is not in the catalog, and files may not be named directly\r\n",
        ),
    ] {
        // The lines of b hold for it alone: it wants nothing obfuscated.
        let (_folder, builder) = world(guard, "RequestObfuscation=1", "");
        let engine = builder.build().unwrap();
        is_refused(&ask(&engine, &format!("image/a/own?{}", encode(query)), OUTSIDE), expected, guard);
        let reply = ask(&engine, &format!("image/a/own?{}", encode(&allowed)), INSIDE);
        assert_eq!((reply.status, reply.error), (200, None), "{guard}");
    }
}

/// Each catalog says for itself whether its files may be named.
#[test]
fn files_without_a_record_are_barred_however_their_catalog_is_named() {
    let (_folder, builder) = world(RECORDS_ONLY, "", "");
    let engine = builder.build().unwrap();
    for request in TO_RECORD {
        let reply = ask(&engine, request, OUTSIDE);
        assert_eq!((reply.status, reply.error), (200, None), "{request}");
    }
    for (request, name) in [
        ("image/b/raw?wid=9", "b/raw"),
        ("image/b/raw.png?wid=9", "b/raw.png"),
        ("image/a/own?src=b/raw&wid=9", "b/raw"),
        ("image/a/own?src=/b/raw&wid=9", "/b/raw"),
        ("image/a/own?mask=b/raw&wid=9", "b/raw"),
        ("image/a/own?template=b/raw&wid=9", "b/raw"),
        ("image/a/own?$v=b/raw&src=$v$&wid=9", "b/raw"),
        ("image/b/raw?req=props", "b/raw"),
        ("image/b/raw?req=exists", "b/raw"),
        ("image/b/raw?req=xmp", "b/raw"),
        // Below the root of b, by way of other catalogs.
        ("image/closed/raw?wid=9", "closed/raw"),
        ("image/a/closed/raw?wid=9", "a/closed/raw"),
        ("image/a/own?src=closed/raw&wid=9", "closed/raw"),
    ] {
        let expected = format!("{name}: is not in the catalog, and files may not be named directly\r\n");
        is_refused(&ask(&engine, request, INSIDE), &expected, request);
    }
    let reply = ask(&engine, "image/a/gone?defaultImage=b/raw&wid=9", INSIDE);
    assert_eq!(reply.error.unwrap().to_string(), "a/gone: image not found");
    // An operator may name a file that callers may not.
    let (_folder, builder) = world(RECORDS_ONLY, "DefaultImage=b/raw", "");
    assert_eq!(ask(&builder.build().unwrap(), "image/a/gone?wid=9", INSIDE).status, 200);
}

/// A file belongs to the catalog below whose root it lies, whichever catalog is named.
#[test]
fn roots_inside_of_others_are_no_way_around() {
    let ways = [
        "image/closed/raw?wid=9",
        "image//closed/raw?wid=9",
        "image/closed%2Fraw?wid=9",
        "image/b%2Fraw?wid=9",
        "image/a/closed/raw?wid=9",
        "image/a/closed%2fraw.png?wid=9",
        "image/a/own?src=closed/raw&wid=9",
        "image/a/own?src=/closed/raw&wid=9",
        "image/a/own?mask=closed/raw&wid=9",
        "image/closed/raw?req=imageprops",
        "content/all/closed/raw.png",
        "content//all/closed/raw.png",
        "content/a/all/closed/raw.png",
        "content/all%2Fclosed%2Fraw.png",
        "content/all/closed/raw.png?req=props",
    ];
    for (guard, expected) in [(FILTER, ADDRESS), (LOCK, UNLOCKED)] {
        let (folder, builder) = world(guard, "", "StaticContentRootPath=.");
        #[cfg(unix)]
        std::os::unix::fs::symlink("closed", folder.path().join("all/link")).unwrap();
        let engine = builder.build().unwrap();
        let links = if cfg!(unix) { &["image/link/raw?wid=9", "content/all/link/raw.png"][..] } else { &[] };
        for request in ways.iter().chain(links).copied() {
            let reply = ask(&engine, request, OUTSIDE);
            if request.contains("b%2F") {
                assert_eq!(title(&reply), "b/raw: image not found\r\n", "below the root of the default catalog");
                continue;
            }
            is_refused(&reply, expected, request);
            let allowed =
                if guard == LOCK { ask(&engine, &locked(request), OUTSIDE) } else { ask(&engine, request, INSIDE) };
            assert_eq!((allowed.status, allowed.error), (200, None), "{request}");
        }
        for open in ["image/own?wid=9", "content/all/own.png"] {
            assert_eq!(ask(&engine, open, OUTSIDE).status, 200, "{open}");
        }
    }
    // Nothing is known of whom a catalog supplies that cannot be used.
    let (_folder, builder) = world("ClientAddressFilter=home", "", "StaticContentRootPath=.");
    let engine = builder.build().unwrap();
    assert!(!engine.health().is_healthy());
    for request in ways {
        let reply = ask(&engine, request, INSIDE);
        assert_eq!((reply.status, reply.error.unwrap().kind()), (403, ErrorKind::Missing), "{request}");
    }
    assert_eq!(ask(&engine, "image/own?wid=9", OUTSIDE).status, 200);
}

/// The default catalog supplies others, which may be more open than it is.
#[test]
fn the_default_catalog_has_guards_too() {
    let open = "ClientAddressFilter=0.0.0.0/0\nRequestLock=0";
    for (guard, expected) in [(FILTER, ADDRESS), (LOCK, UNLOCKED)] {
        let (_folder, builder) = world(open, open, guard);
        let engine = builder.build().unwrap();
        let about = ABOUT.map(|kind| format!("image/a/common?req={kind}"));
        let named = ["image/a/common?wid=9", "image/a/own?src=common&wid=9", "image/a/own?mask=/own&wid=9"];
        for request in named.into_iter().chain(about.iter().map(String::as_str)) {
            is_refused(&ask(&engine, request, OUTSIDE), expected, request);
            if !request.ends_with("xmp") {
                let allowed =
                    if guard == LOCK { ask(&engine, &locked(request), OUTSIDE) } else { ask(&engine, request, INSIDE) };
                assert_eq!((allowed.status, allowed.error), (200, None), "{request}");
            }
        }
        assert_eq!(ask(&engine, "image/a/own?wid=9", OUTSIDE).status, 200);
        assert_eq!(ask(&engine, "image/a/own?req=xlate", OUTSIDE).status, 200);
    }
}

/// A default or error image that the caller may not have is none.
#[test]
fn stand_ins_of_other_catalogs_are_guarded() {
    for guard in [FILTER, LOCK] {
        for (mode, line) in [(0, "DefaultImage=b/pic"), (1, "DefaultImage=/b/pic"), (0, "")] {
            let (_folder, builder) = world(guard, &format!("DefaultImageMode={mode}\n{line}"), "");
            let engine = builder.build().unwrap();
            let suffix = if line.is_empty() { "&defaultImage=b/pic" } else { "" };
            let refused = ask(&engine, &format!("image/a/gone?wid=9{suffix}"), OUTSIDE);
            assert_eq!((refused.status, title(&refused).as_str()), (403, "a/gone: image not found\r\n"), "{line}");
            let request = format!("image/a/gone?wid=9{suffix}");
            let reply =
                if guard == LOCK { ask(&engine, &locked(&request), OUTSIDE) } else { ask(&engine, &request, INSIDE) };
            assert_eq!((reply.status, reply.error), (200, None), "{guard} {line}");
        }
        let (_folder, builder) = world(guard, "ErrorImage=b/pic", "");
        let engine = builder.build().unwrap();
        let refused = ask(&engine, "image/a/own?wid=0", OUTSIDE);
        assert_eq!((refused.status, refused.content_type), (403, TEXT));
        let request = "image/a/own?wid=0";
        let reply = if guard == LOCK { ask(&engine, &locked(request), OUTSIDE) } else { ask(&engine, request, INSIDE) };
        assert_eq!((reply.status, reply.content_type), (200, "image/jpeg"));
    }
    // No error image takes the place of a refusal.
    let (_folder, builder) = world(FILTER, "ErrorImage=own", "");
    let engine = builder.build().unwrap();
    assert_eq!(ask(&engine, "image/a/own?wid=0", OUTSIDE).status, 200);
    is_refused(&ask(&engine, "image/a/own?src=b/pic", OUTSIDE), ADDRESS, "src");
}

/// What was answered to one client is not answered to another from memory, nor confirmed.
#[test]
fn memory_and_conditions_are_no_way_around() {
    for policy in [IdPolicy::Verify, IdPolicy::Ignore] {
        let (_folder, builder) = world(FILTER, "NonImgExpiration=-1\nExpiration=-1", "Expiration=-1");
        let engine = builder.cache_bytes(1 << 20).id_policy(policy).build().unwrap();
        let lists = ["image/a/own?src=b/pic&req=props", "image/a/own?src=b/pic&req=map"];
        for request in TO_RECORD.into_iter().chain(lists) {
            let context = Context::new().client_address(INSIDE.parse().unwrap());
            let reply = engine.serve_with(&format!("/is/{request}"), &context);
            assert_eq!(reply.status, 200, "{request}");
            let tag = reply.etag.unwrap().to_string();
            for _ in 0..2 {
                is_refused(&ask(&engine, request, OUTSIDE), ADDRESS, request);
                let had = Context::new().client_address(OUTSIDE.parse().unwrap()).if_none_match(&tag);
                is_refused(&engine.serve_with(&format!("/is/{request}"), &had), ADDRESS, request);
                let head = engine.prepare(&format!("/is/{request}"), &had).head();
                assert_eq!((head.status, head.etag), (403, None), "{request}");
                let again = engine.serve_with(&format!("/is/{request}"), &context.if_none_match(&tag));
                assert_eq!(again.status, 304, "{request}");
            }
        }
    }
    // Lists that never expire are confirmed unseen, but only to those who may have them.
    let (_folder, builder) =
        world("ClientAddressFilter=0.0.0.0/0", "NonImgExpiration=-1\nClientAddressFilter=0.0.0.0/0", FILTER);
    let engine = builder.id_policy(IdPolicy::Ignore).build().unwrap();
    for kind in ["exists", "imageprops", "imageset", "props"] {
        let request = format!("/is/image/a/common?req={kind}");
        let asked = |address: &str| {
            let context = Context::new().client_address(address.parse().unwrap()).if_none_match("\"x\"");
            engine.serve_with(&request, &context).status
        };
        assert_eq!((asked(INSIDE), asked(OUTSIDE)), (304, 403), "{kind}");
    }
}

/// A cache that many share must not keep what not everybody may have.
#[test]
fn replies_with_objects_of_filtered_catalogs_are_for_one_client() {
    let (_folder, builder) = world(FILTER, "", "StaticContentRootPath=.");
    let engine = builder.build().unwrap();
    let about = ["props", "imageprops", "exists", "userdata", "targets", "map", "imageset", "xlate"];
    let about = about.map(|kind| format!("image/b/pic?req={kind}"));
    let others =
        ["image/a/own?src=b/pic&req=props", "image/a/own?src=b/pic&req=map", "image/a/gone?defaultImage=b/pic"];
    let all = TO_RECORD.into_iter().chain(others).chain(["content/all/closed/raw.png"]);
    for request in all.chain(about.iter().map(String::as_str)) {
        for _ in 0..2 {
            let policy = ask(&engine, request, INSIDE).cache_policy.to_string();
            assert!(policy.starts_with("private, max-age="), "{request}: {policy}");
        }
    }
    assert!(ask(&engine, "image/a/own?wid=9", INSIDE).cache_policy.to_string().starts_with("public, "));
    assert!(ask(&engine, "content/all/own.png", INSIDE).cache_policy.to_string().starts_with("public, "));
}

/// The host may ask for everything, and its links carry the lock that they need.
#[test]
fn links_carry_the_lock_of_every_catalog() {
    let (_folder, builder) = world(&format!("{LOCK}\n{FILTER}"), "", "");
    let engine = builder.build().unwrap();
    assert!(engine.versions("/is/image/a/own?src=b/pic").is_ok());
    for request in TO_RECORD {
        let link = engine.versioned_link(&format!("/is/{request}")).unwrap();
        let reply = ask(&engine, link.strip_prefix("/is/").unwrap(), INSIDE);
        assert_eq!((reply.status, reply.cache_policy.to_string().ends_with(", immutable")), (200, true), "{link}");
    }
    let plain = engine.versioned_link("/is/image/a/own?wid=9").unwrap();
    assert!(plain.rsplit_once('&').unwrap().1.starts_with("id="), "{plain}");
}
