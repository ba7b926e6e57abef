//! Engines without a folder, and what replies tell of their pictures.

use std::io;
use std::path::Path;

use bytes::Bytes;
use platemark::{Context, Engine, EngineBuilder, ErrorKind, Reload, SourceProvider, SourceTag};

use crate::support::{demo, path};

/// Has one file under one name.
struct One(&'static str, Bytes);

impl SourceProvider for One {
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
        Ok((path == Path::new(self.0)).then(|| SourceTag::new(1, self.1.len() as u64)))
    }

    fn read(&self, _: &Path) -> io::Result<(SourceTag, Bytes)> {
        Ok((SourceTag::new(1, self.1.len() as u64), self.1.clone()))
    }
}

fn ring() -> Bytes {
    std::fs::read(path("assets/demo/pictures/ring.png")).unwrap().into()
}

fn engine(ini: &str) -> EngineBuilder {
    Engine::in_memory(ini).sources(One("pictures/ring.png", ring()))
}

#[test]
fn an_engine_in_memory_has_the_pictures_of_its_provider() {
    let records = "Id\tPath\tModifier\nsmall\tring.png\twid=90\nbad\tring.png\twid=0\n";
    let engine = engine("RootPath=pictures\nDefaultPix=200,0\n").records(records).build().unwrap();
    assert_eq!(engine.objects(), ["small", "bad"]);
    let size = |target: &str| {
        let reply = engine.serve(target);
        assert_eq!(reply.status, 200, "{target}: {:?}", reply.error);
        (reply.width, reply.height)
    };
    assert_eq!(size("/is/image/ring.png"), (Some(200), Some(200)));
    assert_eq!(size("/is/image/small"), (Some(90), Some(90)));
    assert_eq!(size("/is/image/small?hei=30"), (Some(90), Some(30)));
    assert_eq!(engine.serve("/is/image/bad").error.unwrap().kind(), ErrorKind::Catalog);
    // There is no folder to look at.
    assert_eq!((engine.poll_catalogs(), engine.reload_catalogs()), (Reload::Unchanged, Reload::Unchanged));
    assert_eq!(size("/is/image/small"), (Some(90), Some(90)));
    // The version is the one of a folder with the same texts.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "RootPath=pictures\nDefaultPix=200,0\nCatalogFile=a.txt\n")
        .unwrap();
    std::fs::write(folder.path().join("a.txt"), records).unwrap();
    let on_disk = Engine::builder(folder.path()).root(path("assets/demo")).build().unwrap();
    for target in ["/is/image/ring.png", "/is/image/small"] {
        assert_eq!(engine.serve(target).version, on_disk.serve(target).version);
    }
}

#[test]
fn an_engine_in_memory_reads_no_file() {
    let ini = "DefaultExt=\nStaticContentRootPath=.\n";
    let targets = ["image/assets/demo/pictures/ring.png", "content/Cargo.toml", "content/README.md", "image/none"];
    let closed = engine(ini).build().unwrap();
    for target in targets {
        let reply = closed.serve(&format!("/is/{target}"));
        assert_eq!(reply.error.map(|error| error.kind()), Some(ErrorKind::Missing), "{target}");
    }
    // With a root it does.
    let open = engine(ini).root(path("")).build().unwrap();
    for target in &targets[..3] {
        assert_eq!(open.serve(&format!("/is/{target}")).status, 200, "{target}");
    }
}

#[test]
fn texts_of_an_engine_in_memory_are_read_like_files() {
    let error = |ini: &str| Engine::in_memory(ini).build().unwrap_err().to_string();
    assert_eq!(error("RootId=a\n"), "default.ini: defines a RootId; the default catalog has none");
    assert_eq!(
        error("ClientAddressFilter=x\n"),
        "default.ini line 1: ClientAddressFilter: has a malformed value or one out of range"
    );
    for name in ["CatalogFile", "StaticContentCatalogFile", "MacroFile", "IccProfileMapFile"] {
        let expected = format!("default.ini: {name}: names a file, and a catalog in memory has none");
        assert_eq!(error(&format!("MaxPix=5,5\n{name}=a.txt\n")), expected);
    }
    // What is not decisive is left out and told.
    let engine = Engine::in_memory("MaxPix=x\nNonsense=1\n").records("Id\tResolution\na\tx\nb\t1\n").build().unwrap();
    assert_eq!(engine.objects(), ["b"]);
    let told = engine.catalog_warnings().join("\n");
    for text in ["default.ini line 1: MaxPix", "default.ini line 2: Nonsense", "records line 2: Resolution"] {
        assert!(told.contains(text), "{told}");
    }
    let stray = Engine::builder(path("assets/demo")).records("Id\n").build().unwrap_err();
    assert_eq!(stray.to_string(), "records: are for an engine in memory");
}

#[test]
fn replies_tell_the_size_of_their_pictures() {
    let engine = demo().cache_bytes(1 << 20).build().unwrap();
    let of = |target: &str| {
        let reply = engine.serve(&format!("/is/image/{target}"));
        (reply.status, reply.width.zip(reply.height))
    };
    for _ in 0..2 {
        assert_eq!(of("demo/harbour?wid=90&hei=50&fit=crop"), (200, Some((90, 50))));
    }
    assert_eq!(of("demo/ring?req=mask&wid=30"), (200, Some((30, 30))));
    assert_eq!(of("demo/ring?req=props"), (200, None));
    assert_eq!(of("demo/ring?req=loadcache&wid=30"), (200, None));
    assert_eq!(of("demo/ring?wid=0"), (403, None));
    let prepared = engine.prepare("/is/image/demo/ring?wid=31", &Context::new());
    let tag = prepared.etag().unwrap().to_string();
    let head = prepared.head();
    assert_eq!((head.width, head.height, head.body.len()), (Some(31), Some(31), 0));
    let again = engine.serve_with("/is/image/demo/ring?wid=31", &Context::new().if_none_match(&tag));
    assert_eq!((again.status, again.width), (304, Some(31)));
}
