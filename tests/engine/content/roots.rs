//! Where content lies, and that the files of catalogs are none.

use super::*;

/// The folder of the catalogs is the root of content. Their files are not delivered.
#[test]
fn the_files_of_catalogs_are_no_content() {
    let world = World::new();
    let tables = "CatalogFile=sub/all.txt\nStaticContentCatalogFile=static.txt\nMacroFile=macros.txt\n";
    world.write("default.ini", &format!("{tables}StaticContentRootPath=.\n"));
    std::fs::create_dir(world.0.path().join("sub")).unwrap();
    for (name, text) in [
        ("sub/all.txt", "Id\tPath\nx\ta\n"),
        ("macros.txt", "Name\tDefinition\nm\twid=5\n"),
        ("shop.ini", "RootId=shop\n"),
        (".shop.ini.swp", "left"),
        ("shop.ini~", "left"),
        ("#shop.ini#", "left"),
        ("Copy of shop.INI.bak", "left"),
    ] {
        world.write(name, text);
    }
    let engine = world.engine();
    for name in [
        "default.ini",
        "static.txt",
        "sub/all.txt",
        "macros.txt",
        "shop.ini",
        ".shop.ini.swp",
        "shop.ini~",
        "%23shop.ini%23",
        "Copy%20of%20shop.INI.bak",
        "shop/shop.ini",
    ] {
        let reply = engine.serve(&format!("/is/content/{name}"));
        assert_eq!((reply.status, reply.error.map(|error| error.kind())), (403, Some(ErrorKind::Missing)), "{name}");
    }
    for name in ["secret.txt", "files/notes.txt"] {
        assert_eq!(engine.serve(&format!("/is/content/{name}")).status, 200, "{name}");
    }
}

/// Without a root a catalog has no content, not even what its records name.
#[test]
fn without_a_root_there_is_no_content() {
    let world = World::new();
    let notes = world.0.path().join("files/notes.txt");
    let row = format!("absolute\t{}\t\tpdf\tpages=4\t\n", notes.display());
    let table = std::fs::read_to_string(world.0.path().join("static.txt")).unwrap();
    world.write("static.txt", &(table + &row));
    for lines in ["", "StaticContentRootPath=\n", "StaticContentRootPath=files\nStaticContentRootPath=\n"] {
        world.write("default.ini", &format!("StaticContentCatalogFile=static.txt\n{lines}"));
        world.write("shop.ini", "RootId=shop\nStaticContentRootPath=files\n");
        world.write("shut.ini", "RootId=shut\nStaticContentRootPath=\nStaticContentCatalogFile=static.txt\n");
        let engine = world.engine();
        for name in [
            "secret.txt",
            "files/notes.txt",
            "plain",
            "leaflet",
            "absolute",
            "shut/plain",
            "shut/absolute",
            "shop/plain",
        ] {
            for request in [name.to_owned(), format!("{name}?type=txt"), format!("{name}?req=props")] {
                let reply = get(&engine, &request);
                assert_eq!((reply.status, reply.error.unwrap().kind()), (403, ErrorKind::Missing), "{request}");
            }
            assert!(text(&get(&engine, &format!("{name}?req=exists"))).contains("exists=0"), "{name}");
            assert_eq!(text(&get(&engine, &format!("{name}?req=userdata"))), "\r\n", "{name}");
        }
        assert_eq!(text(&get(&engine, "shop/notes.txt")), "notes");
    }
    for (root, name) in [(".", "files/notes.txt"), ("/", "files/notes.txt"), ("./files", "notes.txt")] {
        world.write("default.ini", &format!("StaticContentRootPath={root}\nStaticContentCatalogFile=static.txt\n"));
        let engine = world.engine();
        assert_eq!(text(&get(&engine, name)), "notes", "{root}");
        assert_eq!(text(&get(&engine, "absolute")), "notes", "{root}");
        assert_eq!(get(&engine, "etc/passwd").status, 403, "{root}: it is not that of the file system");
    }
}

/// Whatever the roots are, whatever leads to the file, and whether the catalog can be used or not.
#[test]
fn no_root_delivers_the_files_of_catalogs() {
    let world = World::new();
    let folder = world.0.path().join("catalogs");
    let tables = "CatalogFile=t/a.txt,t/b.txt\nSvgCatalogFile=t/svg.txt\nMacroFile=t/m.txt\nFontMapFile=t/fonts.txt\n\
        IccProfileMapFile=t/icc.txt\nRuleSetFile=t/rules.xml\nIccProfileRgb=icc/own.icc\nIccProfileSrcGray=named\n";
    std::fs::create_dir_all(folder.join("t")).unwrap();
    std::fs::create_dir_all(folder.join("old")).unwrap();
    for name in ["pictures/icc", "far/icc", "far2"] {
        std::fs::create_dir_all(world.0.path().join(name)).unwrap();
    }
    let row = "own\tcatalogs/default.ini\ntable\tcatalogs/t/../t/static.txt\nopen\tfiles/notes.txt\n";
    for (name, text) in [
        ("catalogs/default.ini", format!("RootPath=pictures\nStaticContentRootPath=/\nStaticContentCatalogFile=t/static.txt\n{tables}")),
        ("catalogs/t/static.txt", format!("Id\tPath\n{row}")),
        ("catalogs/t/a.txt", "Id\tPath\nx\ta\n".into()),
        ("catalogs/t/m.txt", "Name\tDefinition\nm\twid=5\n".into()),
        ("catalogs/t/icc.txt", "Name\tProfilePath\nnamed\ticc/mapped.icc\n".into()),
        // They cannot be used, or not as a whole: no id, an id that is taken, a malformed filter, a table that is none.
        ("catalogs/bad.ini", "CatalogFile=t/bad.txt\n".into()),
        ("catalogs/shop.ini", "RootId=shop\nStaticContentRootPath=/\n".into()),
        ("catalogs/shop2.ini", "RootId=shop\nMacroFile=t/shop2.txt\n".into()),
        ("catalogs/shut.ini", "RootId=shut\nRootPath=far\nClientAddressFilter=home\nCatalogFile=t/shut.txt\nIccProfileCmyk=icc/shut.icc\n".into()),
        ("catalogs/odd.ini", "RootId=odd\nCatalogFile=t/odd.txt\n".into()),
        ("catalogs/gone.ini", "RootId=gone\nCatalogFile=t/gone.txt,../far2/gone.txt\n".into()),
        ("catalogs/old/shop.ini", "RootId=old\n".into()),
        ("catalogs/t/.a.txt.part", "left".into()),
        ("catalogs/t/a.txt.bak", "left".into()),
        ("catalogs/t/note.txt", "note".into()),
    ] {
        world.write(name, &text);
    }
    let own = [
        "default.ini",
        "bad.ini",
        "shop.ini",
        "shop2.ini",
        "shut.ini",
        "odd.ini",
        "gone.ini",
        "old/shop.ini",
        "t/static.txt",
        "t/a.txt",
        "t/b.txt",
        "t/svg.txt",
        "t/m.txt",
        "t/fonts.txt",
        "t/icc.txt",
        "t/rules.xml",
        "t/bad.txt",
        "t/shop2.txt",
        "t/shut.txt",
        "t/odd.txt",
        "t/gone.txt",
        "../pictures/icc/own.icc",
        "../pictures/icc/mapped.icc",
        "../far/icc/shut.icc",
        "../far2/gone.txt",
    ];
    for name in own {
        let path = folder.join(name);
        if !path.exists() {
            std::fs::write(path, "own").unwrap();
        }
    }
    #[cfg(unix)]
    for (to, name) in [("../catalogs/default.ini", "a.txt"), ("../catalogs/t/a.txt", "b.txt"), ("../catalogs", "c")] {
        std::os::unix::fs::symlink(to, world.0.path().join("files").join(name)).unwrap();
    }
    let engine = builder(&folder).root(world.0.path()).catalog_settle(Duration::ZERO).build().unwrap();
    let check = |engine: &Engine| {
        let own = own.iter().map(|name| format!("catalogs/{name}").replace("catalogs/../", ""));
        let links = [
            "files/a.txt",
            "files/b.txt",
            "files/c/default.ini",
            "files/c/t/m.txt",
            "own",
            "table",
            "shop/catalogs/shop.ini",
        ];
        for name in own.chain(links.map(str::to_owned)) {
            for request in [name.clone(), format!("{name}?req=props")] {
                let reply = get(engine, &request);
                assert_eq!((reply.status, reply.error.unwrap().kind()), (403, ErrorKind::Missing), "{request}");
            }
            assert!(text(&get(engine, &format!("{name}?req=exists"))).contains("exists=0"), "{name}");
        }
        for name in ["catalogs/t/.a.txt.part", "catalogs/t/a.txt.bak", "catalogs/t/note.txt", "files/notes.txt"] {
            assert_eq!(get(engine, name).status, 200, "{name}");
        }
    };
    check(&engine);
    // A catalog that is gone, and one that names other tables now.
    std::fs::remove_file(folder.join("gone.ini")).unwrap();
    world.write("catalogs/odd.ini", "RootId=odd\n");
    let _ = engine.reload_catalogs();
    world.write("catalogs/gone.ini", "own");
    check(&engine);
    // What is gone is forgotten.
    std::fs::remove_file(folder.join("t/gone.txt")).unwrap();
    let _ = engine.reload_catalogs();
    world.write("catalogs/t/gone.txt", "new");
    assert_eq!(get(&engine, "catalogs/t/gone.txt").status, 200);
}
