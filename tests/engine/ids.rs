//! `id=` changes neither status nor body (`responses.md` §6), under every switch of the host.

use std::time::Duration;

use platemark::{
    Context, DamagedImages, Engine, EngineBuilder, IdPolicy, MissingStatus, Reply, SigningKey, UnknownCommands,
};

use crate::World;
use crate::support::builder;
use crate::support::dice::Dice;

const PATHS: [&str; 9] =
    ["rgb.png", "rgba.png", "photo.jpg", "turned.jpg", "record", "empty", "gone.png", "half.jpg", "record%3Fx"];

const COMMANDS: [&str; 47] = [
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
