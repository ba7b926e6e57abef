//! Loading whole folders.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::base::error::Result;

/// A folder of catalog files that goes away with the test.
pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

pub(super) fn load(folder: &TempDir) -> Result<Catalogs> {
    Catalogs::load(folder.path(), Path::new("/srv"))
}

pub(super) fn demo() -> Catalogs {
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

#[test]
fn attributes_inherit_from_the_default_catalog() {
    let catalogs = demo();
    let by_id: Vec<_> = catalogs
        .iter()
        .map(|c| (c.root_id.as_str(), c.attributes.default_ext.as_str(), c.attributes.root_path.as_str()))
        .collect();
    assert_eq!(by_id, [("", ".jpg", "all"), ("cat", ".jpg", "cats"), ("full", ".jpg", "unused"), ("other", "", "")]);
    assert!(
        catalogs
            .iter()
            .all(|c| c.attributes.expiration == Hours::new(crate::base::num::decimal::Decimal::from_int(2)).unwrap())
    );
}

#[test]
fn broken_folders_say_which_file_and_why() {
    let default = ("default.ini", "");
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], "default.ini: cannot be read"),
        (&[("default.ini", "RootId=x")], "default.ini: defines a RootId; the default catalog has none"),
        (&[default, ("a.ini", "MaxPix=1,1")], "a.ini: needs a RootId that can be an element of a path"),
        (&[default, ("a.ini", "RootId=..")], "a.ini: needs a RootId that can be an element of a path"),
        (
            &[default, ("a.ini", "RootId=x\nMacroFile=m"), ("m", "Name\tName")],
            "m line 1: Name: stands twice in the header",
        ),
        (&[default, ("a.ini", "RootId=x"), ("b.ini", "RootId=x")], "b.ini: has the RootId of another catalog"),
        (&[default, ("a.ini", "RootId=x\nCatalogFile=gone.txt")], "gone.txt: cannot be read"),
        (
            &[default, ("a.ini", "\u{feff}RootId=x\nRootId=y"), ("b.ini", "þÿ")],
            "b.ini: needs a RootId that can be an element of a path",
        ),
    ];
    for (files, expected) in cases {
        let folder = folder(files);
        let error = load(&folder).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.detail().unwrap().contains(&*folder.path().to_string_lossy()), "the whole path is in the detail");
    }
}

#[test]
fn later_files_win_and_files_are_shared() {
    let folder = folder(&[
        ("default.ini", "CatalogFile=a.txt"),
        ("cat.ini", "RootId=cat\nCatalogFile=a.txt,b.txt\nStaticContentCatalogFile=s.txt"),
        ("a.txt", "Id\tPath\nshoe\tshoes/1\nhat\thats/1\n"),
        ("b.txt", "Path\tId\tSku\nshoes/2\tshoe\t1\nnew\tnew\n"),
        ("s.txt", "Id\tPath\tUserType\nshoe\tshoe.pdf\tPdf\n"),
    ]);
    let catalogs = load(&folder).unwrap();
    let cat = catalogs.named.get("cat").unwrap();
    let path = |id: &str| cat.records.find(id).map(|record| record.path.clone());
    assert_eq!((path("shoe"), path("hat"), path("Hat")), (Some("shoes/2".into()), Some("hats/1".into()), None));
    assert_eq!(cat.records.ids().collect::<Vec<_>>(), ["shoe", "hat", "new"]);
    assert_eq!(cat.statics.find("shoe").unwrap().path, "shoe.pdf", "ids of static content are apart");
    assert!(Arc::ptr_eq(&catalogs.default.records.0[0], &cat.records.0[0]));
    assert_eq!(catalogs.warnings.len(), 1);
    assert_eq!(catalogs.warnings[0].to_string(), "b.txt line 1: Sku: is not a known column; it is ignored");
}

#[test]
fn stamps_are_the_records_then_the_catalogs_then_the_files() {
    let folder = folder(&[
        ("default.ini", "TimeStamp=3000"),
        ("set.ini", "RootId=set\nTimeStamp=5000\nCatalogFile=a.txt"),
        ("unset.ini", "RootId=unset\nTimeStamp=odd\nCatalogFile=a.txt"),
        ("a.txt", "Id\tTimeStamp\nown\t7000\nnone\t\nodd\tx\n"),
    ]);
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    for file in ["set.ini", "unset.ini"] {
        std::fs::File::options().write(true).open(folder.path().join(file)).unwrap().set_modified(time).unwrap();
    }
    let catalogs = load(&folder).unwrap();
    let stamps = |root_id: &str| {
        let catalog = catalogs.named.get(root_id).unwrap();
        ["own", "none", "odd"].map(|id| catalog.time_stamp_of(catalog.records.find(id).unwrap().time_stamp).millis())
    };
    assert_eq!(stamps("set"), [7000, 5000, 1_000_000_000]);
    assert_eq!(stamps("unset"), [7000, 1_000_000_000, 1_000_000_000], "stamps are not inherited");
}

proptest! {
    /// Whatever an attribute file holds, the folder is loaded or refused.
    #[test]
    fn any_bytes_are_loaded_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
        lines in "((MaxPix|LocaleMap|LocaleStrMap|AllowDirectAccess|ClientAddressFilter|TimeStamp|BkgColor|SavePath|é)=[-0-9a-c,|^:/.\"'\\\\]{0,12}\n){0,4}",
    ) {
        for text in [bytes.as_slice(), lines.as_bytes()] {
            if let Ok(text) = text::decode(text.to_vec()) {
                let entries = attribute_file::entries(&text);
                if let Ok(declared) = attributes::Declared::read(Path::new("default.ini"), &entries) {
                    declared.over(&declared).each(&mut |_, _, _, _| {});
                }
            }
        }
    }
}

#[test]
fn attributes_that_nobody_knows_are_told() {
    let folder = folder(&[
        ("default.ini", "RootPaht=pictures\nMaxPix=10,10\nMACROFILE=\n"),
        ("a.ini", "RootId=a\nCatalogFile=\nIccProfileMapFile=\nmaxpix=9,9\nColour=red\n"),
    ]);
    let warnings = load(&folder).unwrap().warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        warnings,
        [
            "a.ini line 5: colour: is not a known attribute; it is ignored",
            "default.ini line 1: rootpaht: is not a known attribute; it is ignored"
        ]
    );
}
