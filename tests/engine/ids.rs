//! `id=` changes neither status nor body (`responses.md` §6), under every switch of the host.

use std::time::Duration;

use platemark::{
    CachePolicy, Context, DamagedImages, Engine, EngineBuilder, IdPolicy, MissingStatus, Reply, SigningKey,
    UnknownCommands,
};

use crate::support::builder;
use crate::support::dice::Dice;
use crate::{World, metadata_version, ok};

const PATHS: [&str; 9] =
    ["rgb.png", "rgba.png", "photo.jpg", "turned.jpg", "record", "empty", "gone.png", "half.jpg", "record%3Fx"];

const COMMANDS: [&str; 48] = [
    "wid=40",
    "hei=33",
    "wid=20&hei=20&fit=crop",
    "scl=3",
    "scl=2&rect=5,5,20,20",
    "rgn=10,10,50,40",
    "crop=-5,5,60,60&color=ff0000",
    "fmt=png",
    "fmt=png-alpha",
    "fmt=jpeg,gray",
    "fmt=gif",
    "qlt=40,1",
    "bgc=204060",
    "rotate=20",
    "flip=lr",
    "mask=rgba.png",
    "op_blur=2",
    "op_usm=1,2",
    "op_colorize=00ff00",
    "op_noise=5",
    "xmpEmbed=1",
    "keepMetadata=copyright",
    "iccEmbed=1",
    "printRes=150",
    "cache=off",
    "cache=update",
    "defaultImage=rgb.png",
    "$v=30&wid=$v$",
    "$v=rgba.png&src=$v$",
    "$unknown$",
    "$m$",
    "wdth=40",
    "wid=none",
    "amp;wid=25",
    ".comment",
    "req=tmb",
    "req=tile",
    "req=mask",
    "req=props",
    "req=imageprops",
    "req=userdata",
    "req=map",
    "req=targets,xml",
    "req=xmp",
    "req=exists",
    "req=userdata,json&handler=",
    "req=resolve",
    "req=validate",
];

/// A query of a few commands.
fn query(dice: &mut Dice) -> String {
    let count = dice.below(4);
    (0..count).map(|_| COMMANDS[dice.below(COMMANDS.len())]).collect::<Vec<_>>().join("&")
}

fn engines(world: &World) -> Vec<(&'static str, Engine)> {
    let engine = |setting: fn(EngineBuilder) -> EngineBuilder| {
        setting(builder(world.path()).cache_bytes(64 << 20)).build().unwrap()
    };
    vec![
        ("default", engine(|builder| builder)),
        ("ignore", engine(|builder| builder.id_policy(IdPolicy::Ignore))),
        ("versioned lifetime", engine(|builder| builder.versioned_lifetime(Duration::from_secs(60)))),
        ("damaged", engine(|builder| builder.damaged_images(DamagedImages::Show))),
        ("missing", engine(|builder| builder.missing_status(MissingStatus::NotFound))),
        ("stale", engine(|builder| builder.stale_while_revalidate(Duration::from_secs(9)))),
        ("presets", engine(|builder| builder.presets_only(true))),
        ("warn", engine(|builder| builder.unknown_commands(UnknownCommands::Warn))),
        ("refuse", engine(|builder| builder.unknown_commands(UnknownCommands::Refuse))),
        ("signed", engine(|builder| builder.signing_keys([key()]))),
    ]
}

fn key() -> SigningKey {
    SigningKey::new([7; 32]).unwrap()
}

fn served(engine: &Engine, target: &str) -> Reply {
    let reply = engine.serve(target);
    let prepared = engine.prepare(target, &Context::new());
    assert!(prepared.status() == reply.status || prepared.status() == 200, "{target}");
    reply
}

#[test]
fn no_id_changes_status_or_body() {
    let world = World::new();
    let photo = std::fs::read(world.path().join("photo.jpg")).unwrap();
    world.write("half.jpg", &photo[..photo.len() / 2]);
    world.write("default.ini", "DefaultExt=\nMaxPix=3000,3000\nCatalogFile=default.txt\nMacroFile=macros.txt\n");
    world.write("macros.txt", "Name\tDefinition\nm\twid=35&id=0000000000000000000000\n");
    let engines = engines(&world);
    let long = "x".repeat(80_000);
    let mut dice = Dice::new(17);
    let (mut succeeded, mut asked) = (0, 0);
    for _ in 0..crate::cases(1000, 150) {
        let query = query(&mut dice);
        let target = format!("/is/image/{}", PATHS[dice.below(PATHS.len())]);
        let target = if query.is_empty() { target } else { format!("{target}?{query}") };
        for (switch, engine) in &engines {
            let target = if *switch == "signed" { key().sign(&target, None) } else { target.clone() };
            let plain = served(engine, &target);
            let current = plain.version.map_or_else(String::new, |version| version.to_string());
            for id in [&current, "0000000000000000000000", "mal,for med", &long, "$v$", "$m$%24v%24", "%zz"] {
                let id = id.replace(' ', "%20");
                let with_id = format!("{target}{}id={id}", if target.contains('?') { "&" } else { "?" });
                let reply = served(engine, &with_id);
                let at = || format!("{switch}: {}", &with_id[..with_id.len().min(300)]);
                assert_eq!(reply.status, plain.status, "{}: {:?}", at(), reply.error);
                // `req=resolve` tells the commands themselves.
                assert!(reply.body == plain.body || query.contains("req=resolve"), "{}", at());
                assert_eq!((reply.etag, reply.version), (plain.etag, plain.version), "{}", at());
                asked += 1;
            }
            succeeded += usize::from(plain.status == 200);
        }
    }
    assert!(succeeded * 16 > asked / 7 * 4, "{succeeded} of {} requests succeed", asked / 7);
}

/// A well-formed version that is nothing's.
const FOREIGN: &str = "0000000000000000000001";

/// Texts that are no versions.
const NO_VERSIONS: [&str; 4] = ["", "nonsense", "000000000000000000000", "7n42DGM5Tflk9n8mt7Fhc8"];

/// Which of the current versions of its object a type compares `id=` with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Compares {
    /// Equal to this version: immutable.
    Image,
    Metadata,
    /// The type has no version of its own: either of the two keeps the lifetime.
    Either,
    /// No version is that of what it tells.
    Neither,
}

/// What `id=` does, by type (`docs/versions.md`).
const TYPES: [(&str, Compares); 21] = [
    ("/is/image/record?req=img", Compares::Image),
    ("/is/image/record?req=tile&rect=0,0,9,9", Compares::Image),
    ("/is/image/record?req=tmb", Compares::Image),
    ("/is/image/record?req=mask", Compares::Image),
    ("/is/image/record?req=xmp", Compares::Image),
    ("/is/image/record?req=map", Compares::Metadata),
    ("/is/image/record?req=map&wid=9", Compares::Metadata),
    ("/is/image/record?req=targets", Compares::Metadata),
    ("/is/image/record?req=userdata,xml", Compares::Metadata),
    ("/is/image/record?req=userdata,json&handler=", Compares::Metadata),
    ("/is/image/record?req=props", Compares::Either),
    ("/is/image/record?req=props,json&handler=", Compares::Either),
    ("/is/image/record?req=imageprops", Compares::Either),
    ("/is/image/record?req=imageset", Compares::Either),
    ("/is/image/record?req=exists", Compares::Either),
    ("/is/image/record?req=xlate", Compares::Either),
    ("/is/image/record?req=catalogprops", Compares::Neither),
    ("/is/content/rgb.png", Compares::Neither),
    ("/is/content/rgb.png?req=props", Compares::Neither),
    ("/is/content/rgb.png?req=exists", Compares::Neither),
    ("/is/content/rgb.png?req=userdata", Compares::Neither),
];

#[test]
fn every_type_treats_a_foreign_id_alike() {
    let world = World::new();
    world.write(
        "default.ini",
        "DefaultExt=\nMaxPix=3000,3000\nCatalogFile=default.txt\nStaticContentRootPath=.\nNonImgExpiration=3\n",
    );
    world
        .write("default.txt", "Id\tPath\tUserData\tImageSet\tMap\nrecord\trgb.png\tx=1\ta,b\t<area coords=\"1,2\"/>\n");
    let engine = builder(world.path()).build().unwrap();
    let ignoring = builder(world.path()).id_policy(IdPolicy::Ignore).build().unwrap();
    let image = ok(&engine, "record?wid=9").version.unwrap().to_string();
    let metadata = metadata_version(&engine, "record");
    let immutable = "public, max-age=31536000, immutable";
    for (target, compares) in TYPES {
        let plain = engine.serve(target);
        assert_eq!(plain.status, 200, "{target}: {:?}", plain.error);
        let kept = plain.cache_policy.to_string();
        assert!(kept == "public, max-age=36000" || kept == "public, max-age=10800", "{target}: {kept}");
        let with = |engine: &Engine, id: &str| {
            let target = format!("{target}{}id={id}", if target.contains('?') { "&" } else { "?" });
            let reply = engine.serve(&target);
            assert_eq!((reply.status, reply.etag, reply.version), (200, plain.etag, plain.version), "{target}");
            assert!(reply.last_modified.is_none() || reply.cache_policy != CachePolicy::NO_STORE, "{target}");
            // Nor does it change whether a condition holds.
            let tag = plain.etag.unwrap().to_string();
            let known = engine.serve_with(&target, &Context::new().if_none_match(&tag));
            assert_eq!((known.status, known.cache_policy), (304, reply.cache_policy), "{target}");
            reply.cache_policy.to_string()
        };
        for id in NO_VERSIONS {
            assert_eq!(with(&engine, id), kept, "{target}: {id}");
        }
        assert_eq!(with(&engine, FOREIGN), "no-store", "{target}");
        let (of_image, of_metadata) = match compares {
            Compares::Image => (immutable, "no-store"),
            Compares::Metadata => ("no-store", immutable),
            Compares::Either => (&*kept, &*kept),
            Compares::Neither => ("no-store", "no-store"),
        };
        assert_eq!(
            (with(&engine, &image).as_str(), with(&engine, &metadata).as_str()),
            (of_image, of_metadata),
            "{target}"
        );
        for id in [FOREIGN, &image, &metadata] {
            assert_eq!(with(&ignoring, id), kept, "{target}: the policy does not look at it");
        }
    }
}

/// There `id` is the name of the request, whatever it looks like.
#[test]
fn in_json_replies_an_id_is_no_version() {
    let world = World::new();
    let engine = builder(world.path()).build().unwrap();
    let image = ok(&engine, "record?wid=9").version.unwrap().to_string();
    let metadata = metadata_version(&engine, "record");
    for kind in ["props", "imageprops", "catalogprops", "exists", "xlate", "imageset", "map", "targets", "userdata"] {
        let target = format!("/is/image/record?req={kind},json");
        let plain = engine.serve(&target);
        for id in [FOREIGN, &image, &metadata] {
            let reply = engine.serve(&format!("{target}&id={id}"));
            assert_eq!((reply.status, reply.cache_policy), (200, plain.cache_policy), "{kind}");
            assert!(String::from_utf8_lossy(&reply.body).ends_with(&format!(",\"{id}\");")), "{kind}");
        }
    }
}

/// A version of an object that has changed meanwhile, or of another one, is a foreign one.
#[test]
fn an_id_of_another_state_is_foreign_to_types_without_a_version_too() {
    let world = World::new();
    let engine = builder(world.path()).build().unwrap();
    let old = ok(&engine, "record?wid=9").version.unwrap();
    let other = ok(&engine, "rgba.png?wid=9").version.unwrap();
    let kinds = ["props", "imageprops", "exists", "xlate", "imageset"];
    let policy = |kind: &str, id| ok(&engine, &format!("record?req={kind}&id={id}")).cache_policy;
    for kind in kinds {
        assert!(policy(kind, old).seconds().is_some(), "{kind}");
        assert_eq!(policy(kind, other), CachePolicy::NO_STORE, "{kind}");
    }
    world.write("rgb.png", std::fs::read(world.path().join("rgba.png")).unwrap());
    for kind in kinds {
        assert_eq!(policy(kind, old), CachePolicy::NO_STORE, "{kind}");
        assert!(policy(kind, ok(&engine, "record?wid=9").version.unwrap()).seconds().is_some(), "{kind}");
    }
    // Of what is not there no version is current.
    for kind in ["exists", "xlate", "imageset", "userdata"] {
        assert_eq!(ok(&engine, &format!("gone?req={kind}&id={old}")).cache_policy, CachePolicy::NO_STORE, "{kind}");
    }
}
