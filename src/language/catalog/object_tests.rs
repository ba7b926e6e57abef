//! From names to records and files: paths, sources, static content, locales, and what is refused.

use std::path::{Component, Path};

use proptest::prelude::*;

use super::super::tests::{demo, folder, load};
use super::*;
use crate::language::request::RawRequest;

fn resolve(catalogs: &Catalogs, target: &str) -> Result<Option<Object>> {
    catalogs.path_object(&RawRequest::parse(target)?.object, None, Caller::HOST)
}

#[test]
fn only_plain_names_pass() {
    for name in ["a", "a.b", ".hidden", "..a", "a..", "ä b", "~", "-x", "%2e%2e"] {
        assert!(is_plain_name(name), "{name:?}");
    }
    for name in ["", ".", "..", "...", "a\\b", "..\\x", "\0", "a\0b", "/", "a/b", "/etc"] {
        assert!(!is_plain_name(name), "{name:?}");
    }
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
    for target in ["/is/image", "/is/image/", "/is/image/cat", "/is/image/cat/", "/is/image//"] {
        assert!(resolve(&catalogs, target).unwrap().is_none(), "{target}");
    }
    assert_eq!(catalogs.main(&RawRequest::parse("/is/image/cat").unwrap().object).root_id, "cat");
    let template = resolve(&catalogs, "/is/image/empty").unwrap().unwrap();
    assert_eq!((template.file, template.mask_file, template.id.as_deref()), (None, None, Some("empty")));
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

/// A folder in which variants, access and FullMatch differ from catalog to catalog.
fn variants() -> Catalogs {
    let files = [
        ("default.ini", "RootPath=all\nDefaultExt=.jpg\nCatalogFile=default.txt\nStaticContentRootPath=docs"),
        ("default.txt", "Id\tPath\tMaskPath\nshared_F\tsf\t\nmasked\ti.png\tm\nlogo\tl\t\n"),
        (
            "cat.ini",
            "RootId=cat\nRootPath=cats\nCatalogFile=cat.txt\nStaticContentCatalogFile=static.txt\n\
             LocaleMap=fr,_F,|de,_D,_X|en,\nDefaultLocale=en\nAllowDirectAccess=exclude:STATIC",
        ),
        (
            "cat.txt",
            "Id\tPath\tMaskPath\nx\tx0\t\nx_F\txf\t\nx_X\txx\t\ny\ty0\t\nmask\tbase\t/abs/mask.tif\nlogo\town\t\n",
        ),
        ("static.txt", "Id\tPath\nbook\ta.pdf\nbook_F\tsub/b.pdf\nvoid\t\n"),
        ("closed.ini", "RootId=closed\nCatalogFile=cat.txt\nAllowDirectAccess="),
        ("full.ini", "RootId=full\nRootPath=unused\nFullMatch=1\nCatalogFile=cat.txt"),
    ];
    load(&folder(&files)).unwrap()
}

fn in_locale(catalogs: &Catalogs, object: &str, locale: &str) -> String {
    let path = RawRequest::parse(&format!("/is/image/{object}")).unwrap().object;
    match catalogs.path_object(&path, Some(locale), Caller::HOST) {
        Ok(Some(found)) => format!("{} {}", found.id.unwrap_or("-".into()), found.file.unwrap().display()),
        Ok(None) => "nothing".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn ids_are_translated_in_the_main_catalog_then_in_the_default_one() {
    let catalogs = variants();
    for (object, locale, expected) in [
        ("cat/x", "fr", "x_F /srv/cats/xf.jpg"),
        ("cat/x", "FR", "x_F /srv/cats/xf.jpg"),
        ("cat/x", "de", "x_X /srv/cats/xx.jpg"),
        ("cat/x", "", "x /srv/cats/x0.jpg"),
        ("cat/y", "fr", "y /srv/cats/y0.jpg"),
        ("cat/y", "de", "- /srv/cats/y.jpg"),
        ("cat/shared", "fr", "shared_F /srv/all/sf.jpg"),
        ("cat/x", "ja", "locale: is not known to the catalog"),
        ("cat/no/file", "fr", "- /srv/cats/no/file.jpg"),
        ("cat", "ja", "nothing"),
        // The default catalog has no map, so it looks at no locale.
        ("shared", "fr", "- /srv/all/shared.jpg"),
        ("shared_F", "ja", "shared_F /srv/all/sf.jpg"),
        ("full/x", "fr", "x /srv/unused/x0.jpg"),
    ] {
        assert_eq!(in_locale(&catalogs, object, locale), expected, "{object} {locale}");
    }
    let cat = catalogs.named.get("cat").unwrap();
    assert_eq!(catalogs.translations(cat, "x", Caller::HOST).unwrap(), ["x", "x_F", "x_X"]);
    assert_eq!(catalogs.translations(cat, "shared", Caller::HOST).unwrap(), ["shared_F"]);
    assert_eq!(catalogs.translations(cat, "gone", Caller::HOST).unwrap(), [""; 0]);
}

/// `catalog.md` §4.2.
#[test]
fn names_resolve_in_the_main_catalog_the_default_one_and_any_that_they_name() {
    let catalogs = variants();
    let named = |main: &str, text: &str, by: NamedBy| {
        let main = catalogs.named.get(main).unwrap_or(&catalogs.default);
        match catalogs.named_object(main, text, Some("fr"), by, Caller::HOST) {
            Ok(found) => {
                assert!(Arc::ptr_eq(&found.main, main) && found.name == text);
                let file = found.file.unwrap();
                format!("{}:{} {}", found.owner.root_id, found.id.unwrap_or("-".into()), file.display())
            }
            Err(error) => error.to_string(),
        }
    };
    for (main, text, expected) in [
        ("cat", "x", "cat:x_F /srv/cats/xf.jpg"),
        ("cat", "shared", ":shared_F /srv/all/sf.jpg"),
        ("cat", "logo", "cat:logo /srv/cats/own.jpg"),
        ("cat", "/logo", ":logo /srv/all/l.jpg"),
        ("cat", "full/y", "full:y /srv/unused/y0.jpg"),
        ("cat", "full/nothing", "cat:- /srv/cats/full/nothing.jpg"),
        ("", "cat/x", "cat:x /srv/cats/x0.jpg"),
        ("", "cat/file.png", "cat:- /srv/cats/file.png"),
        ("", "cat", ":- /srv/all/cat.jpg"),
        ("", "a/b", ":- /srv/all/a/b.jpg"),
        ("cat", "a/b", "cat:- /srv/cats/a/b.jpg"),
        ("cat", "/a/b", ":- /srv/all/a/b.jpg"),
        ("full", "a/b", ":- /srv/all/a/b.jpg"),
        ("full", "x", "full:x /srv/unused/x0.jpg"),
        ("closed", "x", "closed:x /srv/all/x0.jpg"),
        ("closed", "a", "a: is not in the catalog, and files may not be named directly"),
        ("closed", "/a", ":- /srv/all/a.jpg"),
        ("", "", ": is not a path below the catalog's root"),
        ("cat", "//etc/passwd", "//etc/passwd: is not a path below the catalog's root"),
        ("cat", "a/../b", "a/../b: is not a path below the catalog's root"),
        ("cat", "cat/../b", "cat/../b: is not a path below the catalog's root"),
        ("cat", "cat/", "cat/: is not a path below the catalog's root"),
        ("cat", "..\\b", "..\\b: is not a path below the catalog's root"),
        ("cat", "a\0", "a\u{fffd}: is not a path below the catalog's root"),
    ] {
        assert_eq!(named(main, text, NamedBy::Request), expected, "{main} {text:?}");
    }
    assert_eq!(named("closed", "a", NamedBy::Operator), "closed:- /srv/all/a.jpg");
}

#[test]
fn masks_lie_below_the_root_of_their_record() {
    let catalogs = variants();
    let mask = |object: &str| resolve(&catalogs, &format!("/is/image/{object}")).unwrap().unwrap().mask_file;
    assert_eq!(mask("cat/masked"), Some("/srv/all/m.jpg".into()));
    assert_eq!(mask("cat/mask"), Some("/abs/mask.tif".into()));
    assert_eq!(mask("logo"), None);
}

#[test]
fn files_may_be_barred() {
    let catalogs = variants();
    let error = resolve(&catalogs, "/is/image/closed/file").unwrap_err().to_string();
    assert_eq!(error, "closed/file: is not in the catalog, and files may not be named directly");
    assert!(resolve(&catalogs, "/is/image/closed/x").is_ok());
}

#[test]
fn static_content_has_a_table_and_a_root_of_its_own() {
    let catalogs = variants();
    let found = |object: &str, locale| {
        let path = RawRequest::parse(&format!("/is/image/{object}")).unwrap().object;
        match catalogs.static_object(&path, locale, Caller::HOST) {
            Ok(Some(found)) => {
                let file = found.file.map_or("-".into(), |file| file.display().to_string());
                format!("{} {} {file}", found.owner.root_id, found.id.unwrap_or("-".into()))
            }
            Ok(None) => "nothing".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    for (object, locale, expected) in [
        ("cat/book", None, "cat book /srv/docs/a.pdf"),
        ("cat/book", Some("fr"), "cat book_F /srv/docs/sub/b.pdf"),
        ("cat/void", None, "cat void -"),
        ("cat", None, "nothing"),
        ("book.pdf", None, " - /srv/docs/book.pdf"),
        ("sub/book", None, " - /srv/docs/sub/book"),
        ("cat/other.pdf", None, "cat/other.pdf: is not in the catalog, and files may not be named directly"),
        ("cat/../x", None, "cat/../x: is not a path below the catalog's root"),
    ] {
        assert_eq!(found(object, locale), expected, "{object}");
    }
}

#[test]
fn profiles_have_names_or_paths() {
    let files = [
        ("default.ini", "RootPath=all\nIccProfileMapFile=p.txt"),
        ("p.txt", "Name\tProfilePath\nsRGB\ticc/s.icc\nGray\t/abs/g.icc\n"),
        ("cat.ini", "RootId=cat\nRootPath=cats\nIccProfileMapFile=q.txt"),
        ("q.txt", "Name\tProfilePath\nsRGB\town.icc\n"),
    ];
    let catalogs = load(&folder(&files)).unwrap();
    let cat = catalogs.named.get("cat").unwrap();
    for (text, expected) in [
        ("sRGB", "/srv/cats/own.icc"),
        ("/sRGB", "/srv/all/icc/s.icc"),
        ("Gray", "/abs/g.icc"),
        ("icc/other.icc", "/srv/cats/icc/other.icc"),
        ("/other.icc", "/srv/all/other.icc"),
    ] {
        let found = catalogs.profile(cat, text, NamedBy::Operator, Caller::HOST);
        assert_eq!(found.unwrap().profile, NamedProfile::File(PathBuf::from(expected)), "{text}");
    }
    for wrong in ["../x.icc", ""] {
        assert!(catalogs.profile(cat, wrong, NamedBy::Operator, Caller::HOST).is_err());
    }
}

proptest! {
    /// Whatever a request names, it leads to a record or to a file below the root of some catalog, or nowhere.
    #[test]
    fn no_name_leaves_the_roots(text in "(cat|full|all|a|/|\\.|%2e|\\\\|\u{0}|é| )*", locale in "(fr|xx)?") {
        let catalogs = variants();
        let below = |file: Option<PathBuf>| {
            let file = file.expect("a file");
            let roots = ["/srv/all/", "/srv/cats/", "/srv/unused/"];
            let text = file.to_str().expect("text").to_owned();
            roots.iter().any(|root| text.starts_with(root))
                && file.components().all(|part| matches!(part, Component::Normal(_) | Component::RootDir))
        };
        for main in catalogs.named.values().chain([&catalogs.default]) {
            if let Ok(found) = catalogs.named_object(main, &text, Some(&locale), NamedBy::Request, Caller::HOST) {
                prop_assert!(found.record.is_some() || below(found.file), "{}", text);
            }
        }
        let target = RawRequest::parse(&format!("/is/image/{text}"));
        if let Ok(Ok(Some(found))) = target.map(|request| catalogs.path_object(&request.object, Some(&locale), Caller::HOST)) {
            prop_assert!(found.record.is_some() || below(found.file), "{}", text);
        }
    }
}
