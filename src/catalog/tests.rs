//! Loading whole folders and resolving objects against them.

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::request::RawRequest;

/// A folder of catalog files that goes away with the test.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

fn load(folder: &TempDir) -> Result<Catalogs> {
    Catalogs::load(folder.path(), Path::new("/srv"))
}

fn demo() -> Catalogs {
    let folder = folder(&[
        ("default.ini", "RootPath=all\nDefaultExt=.jpg\nCatalogFile=default.txt\nExpiration=2\n"),
        ("default.txt", "Id\tPath\nshared\tcommon/s\nfull/x\tfx\nshoe\tdefault-shoe\nempty\t\n"),
        ("cat.ini", "RootId=cat\nRootPath=cats\nCatalogFile=a.txt, b.txt\n"),
        ("a.txt", "Id\tPath\tExpiration\nshoe\tshoes/1\t24\na/b\tnested.png\n"),
        ("b.txt", "Id\tPath\nhat\t/abs/hat.tif\n"),
        ("full.ini", "RootId=full\nRootPath=unused\nFullMatch=1\n"),
        ("other.INI", "RootId=other\nRootPath=\nDefaultExt=\n"),
    ]);
    load(&folder).unwrap()
}

fn resolve(catalogs: &Catalogs, target: &str) -> Result<Option<Object>> {
    catalogs.object(&RawRequest::parse(target)?.object)
}

#[test]
fn objects_resolve_by_main_catalog_then_default_then_file() {
    let catalogs = demo();
    // target, main catalog, owner, file
    let cases = [
        ("cat/shoe", "cat", "cat", "/srv/cats/shoes/1.jpg"),
        ("cat/a/b", "cat", "cat", "/srv/cats/nested.png"),
        ("cat/a%2Fb", "cat", "cat", "/srv/cats/nested.png"),
        ("cat/hat", "cat", "cat", "/abs/hat.tif"),
        ("cat/shared", "cat", "", "/srv/all/common/s.jpg"),
        ("cat/file.x/y", "cat", "cat", "/srv/cats/file.x/y.jpg"),
        ("cat/y.png", "cat", "cat", "/srv/cats/y.png"),
        ("cat/dot.", "cat", "cat", "/srv/cats/dot..jpg"),
        ("shoe", "", "", "/srv/all/default-shoe.jpg"),
        ("Cat/shoe", "", "", "/srv/all/Cat/shoe.jpg"),
        ("/cat/shoe", "", "", "/srv/all/cat/shoe.jpg"),
        ("/shoe", "", "", "/srv/all/default-shoe.jpg"),
        ("other/p", "other", "other", "/srv/p"),
        ("full/q", "", "", "/srv/all/full/q.jpg"),
        ("full/x", "", "", "/srv/all/fx.jpg"),
        ("full/shared", "full", "", "/srv/all/common/s.jpg"),
    ];
    for (object, main, owner, file) in cases {
        let found = resolve(&catalogs, &format!("/is/image/{object}")).unwrap().unwrap();
        assert_eq!(
            (found.main.root_id.as_str(), found.owner.root_id.as_str(), found.file.as_deref()),
            (main, owner, Some(Path::new(file))),
            "{object}"
        );
    }
}

#[test]
fn a_catalog_alone_is_no_object_and_a_record_may_have_no_file() {
    let catalogs = demo();
    for target in ["/is/image", "/is/image/", "/is/image/cat", "/is/image//"] {
        assert!(resolve(&catalogs, target).unwrap().is_none(), "{target}");
    }
    assert_eq!(catalogs.main(&RawRequest::parse("/is/image/cat").unwrap().object).root_id, "cat");
    assert_eq!(resolve(&catalogs, "/is/image/empty").unwrap().unwrap().file, None);
}

#[test]
fn traversal_is_refused_in_every_encoding() {
    let catalogs = demo();
    for object in [
        "../secret",
        "cat/../../secret",
        "cat/%2e%2e/secret",
        "cat/..%2fsecret",
        "cat/%2E./x",
        "cat/a/./b",
        "cat/a//b",
        "cat/a/",
        "cat/..%5csecret",
        "cat/a%00b",
        "//etc/passwd",
        "cat/%2Fetc%2Fpasswd",
        "cat//etc",
        "/../x",
        "..",
        "full/../x",
        "cat/...",
    ] {
        let error = resolve(&catalogs, &format!("/is/image/{object}")).unwrap_err();
        assert!(error.to_string().ends_with(": is not a path below the catalog's root"), "{object}: {error}");
    }
}

#[test]
fn attributes_inherit_from_the_default_catalog() {
    let catalogs = demo();
    let by_id: Vec<_> = catalogs
        .iter()
        .map(|c| (c.root_id.as_str(), c.attributes.default_ext.as_str(), c.attributes.root_path.as_str()))
        .collect();
    assert_eq!(by_id, [("", ".jpg", "all"), ("cat", ".jpg", "cats"), ("full", ".jpg", "unused"), ("other", "", "")]);
    assert!(catalogs.iter().all(|c| c.attributes.expiration == Hours::new(crate::request::Real::from_int(2)).unwrap()));
}

#[test]
fn broken_folders_say_which_file_and_why() {
    let default = ("default.ini", "");
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], "default.ini: cannot be read"),
        (&[("default.ini", "RootId=x")], "default.ini: defines a RootId; the default catalog has none"),
        (&[default, ("a.ini", "MaxPix=1,1")], "a.ini: needs a RootId without slashes"),
        (&[default, ("a.ini", "RootId=x"), ("b.ini", "RootId=x")], "b.ini: has the RootId of another catalog"),
        (&[default, ("a.ini", "RootId=x\nCatalogFile=gone.txt")], "gone.txt: cannot be read"),
        (&[default, ("a.ini", "\u{feff}RootId=x\nRootId=y"), ("b.ini", "þÿ")], "b.ini: needs a RootId without slashes"),
    ];
    for (files, expected) in cases {
        let folder = folder(files);
        let error = load(&folder).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.detail().unwrap().contains(&*folder.path().to_string_lossy()), "the whole path is in the detail");
    }
}
