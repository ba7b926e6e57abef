//! The short examples: a thumbnail, a router, uploads, a folder of pictures, a static site.

use super::*;

#[test]
fn thumbnail_writes_a_picture_and_tells_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let run = |arguments: &[&str]| {
        let source = path("assets/demo/pictures/ring.png");
        let arguments = [&[source.to_str().unwrap()], arguments, &[file.to_str().unwrap()]].concat();
        program("thumbnail").args(arguments).output().unwrap()
    };
    for (arguments, expected) in [
        (&["90", "50"][..], "wid=90&hei=50&fit=constrain&fmt=png-alpha"),
        (&["wid=70&op_usm=1,8"], "wid=70&op_usm=1,8"),
    ] {
        let output = run(arguments);
        assert!(output.status.success(), "{output:?}");
        let made = Picture::open(path("assets/demo/pictures/ring.png")).unwrap();
        let made = made.render(&expected.parse().unwrap()).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), made.bytes);
        let told = format!(
            "{} {}×{} {} bytes\nversion {} etag {}\n",
            made.content_type,
            made.width,
            made.height,
            made.bytes.len(),
            made.version,
            made.etag
        );
        assert_eq!(text(&output.stdout), told);
    }
    let refused = run(&["wid=0"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("needs a whole number"), "{refused:?}");
}

/// A folder with a part of the demo pictures.
fn some_pictures(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::copy(path("assets/demo/pictures").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// Names and bytes of the files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read =
        |entry: std::fs::DirEntry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
    std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn axum_serves_pictures_in_a_router() {
    let mut command = program("axum");
    command.arg(path("assets/demo")).arg("127.0.0.1:0");
    let server = Server::of(command);
    let target = "/is/image/demo/ring?wid=80";
    let expected = demo().build().unwrap().serve(target);
    let (head, body) = server.ask("GET", target, "");
    assert!(head.starts_with("http/1.1 200 ") && head.contains("content-type: image/jpeg"), "{head}");
    assert!(head.contains(&format!("etag: {}", expected.etag.unwrap()).to_lowercase()), "{head}");
    assert_eq!(body, expected.body);
    let (head, body) = server.ask("GET", "/", "");
    assert!(head.contains("content-type: text/html") && text(&body).contains("<img src='/is/image/"), "{head}");
    assert!(server.ask("GET", "/elsewhere", "").0.starts_with("http/1.1 404 "));
}

#[test]
fn uploads_puts_thumbnails_beside_uploads() {
    let store = tempfile::tempdir().unwrap();
    let uploaded = some_pictures(&["ring.png", "poster.jpg"]);
    std::fs::write(uploaded.path().join("notes.txt"), "no picture").unwrap();
    let paths: Vec<_> = files(uploaded.path()).into_keys().map(|name| uploaded.path().join(name)).collect();
    let run = |store: &Path| {
        let output = program("uploads").arg(store).args(&paths).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        // A folder has no order.
        let mut told: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
        told.sort_unstable();
        told
    };
    let told = run(store.path());
    assert_eq!(files(&store.path().join("uploads")), files(uploaded.path()));
    let mut lines = vec![];
    let mut expected = BTreeMap::new();
    for (name, bytes) in files(uploaded.path()) {
        match platemark::thumbnail(&bytes, 400, 400) {
            Ok(made) => {
                let key = format!("{}.{}", made.etag.value, &made.content_type["image/".len()..]);
                let (width, height) = pixel_size(&made.bytes).unwrap();
                let len = made.bytes.len();
                lines.push(format!("uploads/{name}: thumbnails/{key}, {width}×{height}, {len} bytes"));
                expected.insert(key, made.bytes.to_vec());
            }
            Err(error) => lines.push(format!("uploads/{name}: {error}")),
        }
    }
    assert_eq!(expected.len(), 2);
    assert_eq!(told, lines);
    assert_eq!(files(&store.path().join("thumbnails")), expected);
    // A store in memory is worked on likewise.
    assert_eq!(run(Path::new("memory")), told);
}

#[test]
fn prewarm_writes_every_picture_in_every_width() {
    let (folder, output) = (some_pictures(&["ring.png", "lighthouse.jpg"]), tempfile::tempdir().unwrap());
    let run = |widths: &[&str]| program("prewarm").arg(folder.path()).arg(output.path()).args(widths).output().unwrap();
    let done = run(&["90", "320"]);
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    let mut lines = vec![];
    let engine = platemark::Engine::in_memory("DefaultExt=\nMaxPix=0,0\n").root(folder.path()).build().unwrap();
    let expected = ["ring.png", "lighthouse.jpg"].into_iter().flat_map(|name| [90, 320].map(|width| (name, width)));
    let expected = expected.map(|(name, width)| {
        let target = format!("/is/image/{name}?wid={width}");
        let reply = engine.serve(&target);
        assert_eq!((reply.status, reply.width), (200, Some(width)));
        let name = format!("{}.jpg", reply.etag.unwrap().value);
        lines.push(format!("{name} {target}"));
        (name, reply.body.to_vec())
    });
    let expected: BTreeMap<_, _> = expected.collect();
    assert!(expected.len() == 4 && files(output.path()) == expected);
    // In the order in which they ended.
    let told = text(&done.stdout);
    let mut told: Vec<&str> = told.lines().collect();
    told.sort_unstable();
    lines.sort_unstable();
    assert_eq!(told, lines);
    // A file that is no picture fails alone.
    std::fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
    let done = run(&["50"]);
    assert!(!done.status.success());
    let errors = text(&done.stderr);
    assert!(errors.contains("/is/image/notes.txt?wid=50: ") && errors.contains("1 of 3 were not made"), "{errors}");
    assert_eq!(files(output.path()).len(), 6);
}

#[test]
fn srcset_offers_true_sizes() {
    let (folder, site) = (some_pictures(&["pebbles.jpg", "ring.png"]), tempfile::tempdir().unwrap());
    std::fs::rename(folder.path().join("ring.png"), folder.path().join("ring & \"bell\".png")).unwrap();
    let run = || program("srcset").arg(folder.path()).arg(site.path()).output().unwrap();
    let output = run();
    assert!(output.status.success(), "{output:?}");
    let mut lines = vec![];
    let mut expected = BTreeMap::new();
    // The ring is 1000 pixels wide: it is made for 1200 and not once more for 1600.
    let pictures = [
        ("pebbles.jpg", "pebbles", "pebbles", &[400, 800, 1200, 1600][..]),
        ("ring & \"bell\".png", "ring & \"bell\"", "ring%20%26%20%22bell%22", &[400, 800, 1200]),
    ];
    for (file, stem, address, widths) in pictures {
        let picture = Picture::open(folder.path().join(file)).unwrap();
        let (mut srcset, mut src) = (vec![], String::new());
        for &width in widths {
            let made = picture.render(&platemark::Edit::new().width(width)).unwrap();
            let width = width.min(picture.size().0);
            assert_eq!((made.width, pixel_size(&made.bytes)), (width, Some((made.width, made.height))));
            let tag = made.etag.value;
            expected.insert(format!("{stem}-{tag}.jpg"), made.bytes.to_vec());
            srcset.push(format!("{address}-{tag}.jpg {width}w"));
            src = format!("{address}-{tag}.jpg");
        }
        let (width, height) = picture.size();
        let srcset = srcset.join(", ");
        lines.push(format!(
            r#"<img src="{src}" srcset="{srcset}" sizes="100vw" width="{width}" height="{height}" alt="">"#
        ));
    }
    let told = text(&output.stdout);
    assert!(told.lines().eq(&lines), "{told}\n{lines:#?}");
    assert!(files(site.path()) == expected);
    // Once more: the same names, so nothing is written beside.
    assert_eq!(run().stdout, output.stdout);
    assert_eq!(files(site.path()).len(), expected.len());
}
