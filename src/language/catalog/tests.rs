//! Loading whole folders.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::base::error::Result;

/// After the last change of each file.
pub(super) fn late() -> Moment {
    Moment { now: SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000), granule: Duration::from_secs(2) }
}

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

/// What is wrong with the files of a folder that is served nevertheless; the whole paths are in the details.
fn failing(folder: &TempDir) -> Vec<String> {
    let library = Library::open(folder.path(), Path::new("/srv"), late()).unwrap();
    let failing = library.failing();
    assert!(failing.iter().all(|error| error.detail().unwrap().contains(&*folder.path().to_string_lossy())));
    failing.iter().map(ToString::to_string).collect()
}

#[test]
fn folders_without_a_default_catalog_say_why() {
    let missing =
        "default.ini: is missing in the folder of catalogs; write one there, at least with the line RootPath=.";
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], missing),
        (&[("a.ini", "RootId=a"), (".default.ini", "")], missing),
        (&[("default.ini", "RootId=x")], "default.ini: defines a RootId; the default catalog has none"),
        (
            &[("default.ini", "MaxPix=many\nSavePath=..")],
            "default.ini line 2: SavePath: has a malformed value or one out of range",
        ),
        (
            &[("default.ini", "\u{feff}"), ("default.ini", "þÿ\nSavePath=/")],
            "default.ini line 2: SavePath: has a malformed value or one out of range",
        ),
    ];
    for (files, expected) in cases {
        let folder = folder(files);
        let error = load(&folder).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.detail().unwrap().contains(&*folder.path().to_string_lossy()), "the whole path is in the detail");
    }
    let folder = folder(&[]);
    std::fs::create_dir(folder.path().join("default.ini")).unwrap();
    assert_eq!(load(&folder).unwrap_err().to_string(), "default.ini: is not a regular file");
    let nowhere = folder.path().join("nowhere");
    assert_eq!(Catalogs::load(&nowhere, &nowhere).unwrap_err().to_string(), "nowhere: cannot be listed");
}

/// One bad catalog takes nothing from the others, and what is at fault is told.
#[test]
fn a_catalog_that_cannot_be_used_is_left_out() {
    let id = "a.ini: needs a RootId that can be an element of a path";
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("a.ini", "MaxPix=1,1")], id),
        (&[("a.ini", "RootId=..")], id),
        (&[("a.ini", "RootId=a\nSavePath=..")], "a.ini line 2: SavePath: has a malformed value or one out of range"),
        (&[("a.ini", "RootId=a\nRequestLock=1\nBkgColor=")], ""),
        (&[("b.ini", "RootId=good")], "good.ini: RootId of b.ini: is taken; remove one of the two files"),
    ];
    for (files, expected) in cases {
        let both = [("default.ini", "MaxPix=7,7"), ("good.ini", "RootId=good")];
        let folder = folder(&[&both[..], files].concat());
        let catalogs = load(&folder).unwrap();
        assert_eq!(catalogs.named["good"].attributes.max_pix.width, 7);
        assert_eq!(catalogs.named.len(), if expected.is_empty() { 2 } else { 1 }, "{files:?}");
        let failing = failing(&folder);
        assert_eq!(failing.first().map_or("", String::as_str), expected);
        assert_eq!(failing.len(), usize::from(!expected.is_empty()));
    }
}

/// A malformed attribute takes nothing but itself away, in the default catalog as in others.
#[test]
fn a_catalog_does_without_malformed_attributes() {
    let folder = folder(&[
        ("default.ini", "Expiration=abc\nMaxPix=7,7\nDefaultExt=.png\nCatalogFile=none.txt\nJpegQuality=0\n"),
        ("a.ini", "RootId=a\nMaxPix=1\nDefaultPix=3,3\nCatalogFile=a.txt\nExpiration=\n"),
        ("a.txt", "Id\nshoe\n"),
    ]);
    let catalogs = load(&folder).unwrap();
    let a = &catalogs.named["a"];
    assert!(a.records.contains("shoe"));
    for attributes in [&catalogs.default.attributes, &a.attributes] {
        assert_eq!(attributes.expiration.0, crate::base::num::decimal::Decimal::from_int(10), "built in");
        assert_eq!((attributes.max_pix.width, attributes.default_ext.as_str()), (7, ".png"), "inherited");
        assert_eq!(attributes.jpeg_quality.quality, 80);
    }
    assert_eq!((a.attributes.default_pix.width, catalogs.warnings.len()), (3, 0));
    let malformed = |at: &str| format!("{at}: has a malformed value or one out of range");
    assert_eq!(
        failing(&folder),
        [
            malformed("a.ini line 2: MaxPix"),
            malformed("default.ini line 1: Expiration"),
            malformed("default.ini line 5: JpegQuality"),
            "none.txt: cannot be read".to_owned()
        ]
    );
}

/// A data file that is missing, empty or malformed takes only its own records away.
#[test]
fn a_catalog_does_without_what_cannot_be_used() {
    let ini = "RootId=a\nMaxPix=5,5\nCatalogFile=main.txt,delta.txt\nMacroFile=m.txt\nIccProfileMapFile=p.txt\n\
               StaticContentCatalogFile=s.txt\n";
    let sound = [
        ("default.ini", "CatalogFile=main.txt\nMacroFile=none.txt"),
        ("a.ini", ini),
        ("main.txt", "Id\tPath\nshoe\t1\n"),
        ("m.txt", "Name\tDefinition\nview\twid=1\n"),
        ("p.txt", "Name\tProfilePath\nsRGB\ts.icc\n"),
        ("s.txt", "Id\tPath\nfilm\tf.mp4\n"),
    ];
    for (delta, expected) in [
        (None, "delta.txt: cannot be read"),
        (Some(""), "delta.txt: has no header"),
        (Some(" \t \n\t\n"), "delta.txt: has no header"),
        (Some("Path\nx\n"), "delta.txt line 1: Id: is missing in the header"),
        (
            Some("Id\tSize\nhat\t5,5\ncap\tlarge\n"),
            "delta.txt line 3: Size: needs two whole numbers from 1 to 16777216",
        ),
        (Some("Id\n"), ""),
    ] {
        let folder = folder(&sound);
        if let Some(delta) = delta {
            std::fs::write(folder.path().join("delta.txt"), delta).unwrap();
        }
        let catalogs = load(&folder).unwrap();
        let catalog = &catalogs.named["a"];
        assert_eq!(catalog.records.find("shoe").unwrap().path, "1", "{delta:?}");
        assert_eq!(catalog.records.contains("hat"), delta.is_some_and(|delta| delta.contains("hat")), "{delta:?}");
        assert!(!catalog.records.contains("cap") && catalog.statics.contains("film"));
        assert_eq!(catalog.attributes.max_pix.width, 5);
        assert_eq!(catalog.profiles.find("sRGB"), Some("s.icc"));
        assert!(catalog.macros.find("view", None).is_some());
        assert!(
            catalogs.default.macros.find("glow", None).is_some(),
            "the built-in macros stay without a file of macros"
        );
        let mut all = vec!["none.txt: cannot be read"];
        all.extend(Some(expected).filter(|text| !text.is_empty()));
        all.sort_unstable();
        let mut found = failing(&folder);
        found.sort_unstable();
        assert_eq!(found, all);
    }
    let folder = folder(&[("default.ini", ""), ("a.ini", ini)]);
    assert_eq!(load(&folder).unwrap().named["a"].records.count(), 0);
    assert_eq!(failing(&folder).len(), 5, "each of its files");
    let folder = self::folder(&[("default.ini", "CatalogFile=x"), ("a.ini", "RootId=a\nCatalogFile=x")]);
    assert_eq!(failing(&folder), ["x: cannot be read"], "a file that two catalogs have is told once");
}

#[test]
fn files_that_editors_and_systems_leave_are_no_catalogs() {
    let folder = folder(&[
        ("default.ini", ""),
        ("cat.ini", "RootId=cat"),
        ("._cat.ini", "\0\u{5}\u{16}\u{7}Mac OS X"),
        (".cat.ini", "RootId=hidden"),
        (".cat.ini.swp", "b0VIM"),
        ("#cat.ini", "RootId=saved"),
        ("#cat.ini#", "RootId=saved"),
        (".#cat.ini", "RootId=locked"),
        ("cat.ini~", "RootId=former"),
        ("~$cat.ini", "RootId=owner"),
        ("cat.ini.bak", "RootId=bak"),
    ]);
    let catalogs = load(&folder).unwrap();
    assert_eq!(catalogs.named.keys().collect::<Vec<_>>(), ["cat"]);
    assert_eq!((failing(&folder), catalogs.warnings.len()), (vec![], 0));
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
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
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
            if let Ok((text, _)) = text::decode(text.to_vec()) {
                let entries = attribute_file::entries(&text);
                if let Ok(declared) = attributes::Declared::read(Path::new("default.ini"), &entries) {
                    declared.over(&declared).each(&mut |_, _, _, _| {});
                }
            }
        }
    }
}

#[test]
fn unknown_attributes_are_told() {
    let folder = folder(&[
        ("default.ini", "RootPaht=pictures\nMaxPix=10,10\nMACROFILE=\n"),
        ("a.ini", "RootId=a\nCatalogFile=\nIccProfileMapFile=\nmaxpix=9,9\nColour=red\n"),
    ]);
    let warnings = load(&folder).unwrap().warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        warnings,
        [
            "a.ini line 5: Colour: is not a known attribute; it is ignored",
            "default.ini line 1: RootPaht: is not a known attribute; it is ignored"
        ]
    );
}
