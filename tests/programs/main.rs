//! The example programs, run as a user runs them: their options, output and exit codes are a contract.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod pictures;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use platemark::Picture;

use support::server::Server;
use support::{demo, path, pixel_size, sha256};

fn program(name: &str) -> Command {
    Command::new(support::example(name))
}

fn render(arguments: &[&str]) -> Output {
    program("render").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn render_prints_what_it_made_and_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.jpg");
    let request = "/is/image/demo/pebbles?wid=123";
    let output = render(&[request, "-o", file.to_str().unwrap()]);
    let expected = demo().build().unwrap().serve(request);
    assert!(output.status.success());
    assert_eq!(
        text(&output.stdout),
        format!(
            "status: 200\ncontent-type: image/jpeg\nbytes: {}\nversion: {}\netag: {}\nttl: 36000\n",
            expected.body.len(),
            expected.version.unwrap(),
            expected.etag.unwrap()
        )
    );
    assert_eq!(std::fs::read(&file).unwrap(), expected.body);
}

#[test]
fn render_fails_for_anything_but_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let output = render(&["/is/image/demo/pebbles?wid=0", "-o", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout);
    assert_eq!(
        printed,
        "status: 403\ncontent-type: text/plain;charset=UTF-8\nbytes: 46\nversion: -\netag: -\nttl: -\n"
    );
    assert!(!file.exists());
    // A picture that is there already stays.
    std::fs::write(&file, "before").unwrap();
    for (request, error) in [
        ("/is/image/demo/pebbles?wid=0", "render: wid: needs a whole number from 1 to 16777216\n"),
        ("/is/image/demo/none?wid=9", "render: demo/none: image not found\n"),
    ] {
        let output = render(&[request, "-o", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).starts_with(error), "{}", text(&output.stderr));
        assert_eq!(std::fs::read(&file).unwrap(), b"before");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    for (arguments, message) in [
        (&["/is/image"][..], "render: -o FILE is missing; see render --help\n"),
        (&["-o", "x"], "render: a request is missing; see render --help\n"),
        (&["/is/image", "-o", "x", "--cpu", "avx9"], "needs auto, scalar, sse41, avx2 or neon; see render --help\n"),
        (&["--colour", "/is/image", "-o", "x"], "render: invalid option '--colour'; see render --help\n"),
    ] {
        let output = render(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).ends_with(message), "{}", text(&output.stderr));
    }
    let output = render(&["--catalogs", "/nonexistent", "/is/image", "-o", "x"]);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(1), "render: nonexistent: cannot be listed\n".into())
    );
}

/// What cannot be written leaves neither half a picture nor the file of a moment before.
#[test]
fn render_writes_all_of_a_file_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let request = "/is/image/demo/pebbles?wid=50";
    let expected = demo().build().unwrap().serve(request).body;
    let file = folder.path().join("out.jpg");
    std::fs::write(&file, "before").unwrap();
    assert!(render(&[request, "-o", file.to_str().unwrap()]).status.success());
    assert_eq!(std::fs::read(&file).unwrap(), expected);
    let nowhere = folder.path().join("none/out.jpg");
    let output = render(&[request, "-o", nowhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("none/out.jpg: "), "{}", text(&output.stderr));
    #[cfg(unix)]
    {
        let link = folder.path().join("link.jpg");
        std::os::unix::fs::symlink("out.jpg", &link).unwrap();
        std::fs::write(&file, "before").unwrap();
        assert!(render(&[request, "-o", link.to_str().unwrap()]).status.success());
        assert_eq!(std::fs::read(&file).unwrap(), expected);
        assert!(link.is_symlink());
        // What is no file is written to as it is.
        assert!(render(&[request, "-o", "/dev/null"]).status.success());
        std::fs::remove_file(link).unwrap();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A picture for which there is no memory is refused; the process lives on.
#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_is_an_error_of_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.png");
    let large = "/is/image/demo/harbour?wid=4900&fmt=png&op_usm=2,3";
    // In KiB of address space, of which a program takes some for itself.
    for (room, refused) in [(150_000, true), (2_000_000, false)] {
        let script = format!("ulimit -v {room} && exec \"$0\" '{large}' -o \"$1\"");
        let output =
            Command::new("sh").args(["-c", &script]).arg(support::example("render")).arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(refused)), "{room}: {}", text(&output.stderr));
        let error = "render: demo/harbour: needs more memory than there is\n";
        assert_eq!(text(&output.stderr).starts_with(error), refused);
        assert_eq!(file.exists(), !refused);
    }
}

#[test]
fn render_with_threads_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let request = "/is/image/demo/harbour?wid=2000";
    let expected = demo().build().unwrap().serve(request).body;
    for threads in ["1", "3"] {
        let file = folder.path().join(threads);
        assert!(render(&[request, "--threads", threads, "-o", file.to_str().unwrap()]).status.success());
        assert_eq!(sha256(&std::fs::read(&file).unwrap()), sha256(&expected), "{threads}");
    }
}

#[test]
fn serve_answers_as_render_does() {
    let requests = [
        "/is/image/demo/lighthouse?wid=150",
        "/is/image/demo/ring?wid=150&fmt=png-alpha",
        "/is/image/shop/harbour?req=tmb",
        "/is/image/demo/harbour?fit=crop",
    ];
    let engine = demo().build().unwrap();
    for arguments in [
        &[][..],
        &["--cpu", "scalar", "--threads", "1", "--cache-bytes", "0", "--sidecar-bytes", "0", "--memo-bytes", "0"],
    ] {
        let server = Server::start(arguments);
        for request in requests {
            let expected = engine.serve(request);
            // Twice: the second answer may be a stored one.
            for _ in 0..2 {
                let (head, body) = server.ask("GET", request, "");
                assert!(head.starts_with(&format!("http/1.1 {} ", expected.status)), "{head}");
                assert_eq!(sha256(&body), sha256(&expected.body), "{request}");
                let header = |name: &str, value: &str| {
                    let line = format!("\r\n{name}: {}", value.to_lowercase());
                    assert!(format!("{head}\r\n").contains(&format!("{line}\r\n")), "{line:?} in {head:?}");
                };
                header("content-type", expected.content_type);
                header("cache-control", &expected.cache_policy.to_string());
                header("content-length", &expected.body.len().to_string());
                header("x-content-type-options", "nosniff");
                match expected.etag {
                    Some(etag) => header("etag", &etag.to_string()),
                    None => assert!(!head.contains("\r\netag: ")),
                }
            }
        }
    }
}

#[test]
fn serve_tells_shared_caches_what_the_operator_wants() {
    let server = Server::start(&[
        "--missing",
        "404",
        "--stale-while-revalidate",
        "60",
        "--stale-if-error",
        "3600",
        "--version-header",
        "--cache-tag-header",
        "Surrogate-Key",
    ]);
    let (head, _) = server.ask("GET", "/is/image/demo/ring?wid=40", "Origin: http://elsewhere\r\n");
    for line in [
        "cache-control: public, max-age=36000, stale-while-revalidate=60, stale-if-error=3600\r\n",
        "surrogate-key: demo%2fring demo%2f\r\n",
        "access-control-expose-headers: etag,cache-control,content-range,platemark-version,surrogate-key\r\n",
    ] {
        assert!(format!("{head}\r\n").contains(line), "{line:?} in {head:?}");
    }
    assert!(head.contains("\r\nplatemark-version: "), "{head}");
    let (head, body) = server.ask("GET", "/is/image/demo/nowhere", "");
    assert!(head.starts_with("http/1.1 404 ") && head.contains("cache-control: no-store"), "{head}");
    assert_eq!(body, b"demo/nowhere: image not found\r\n");
    assert!(!head.contains("surrogate-key: ") && !head.contains("\r\nplatemark-version: "), "{head}");
    for arguments in [["--missing", "410"], ["--stale-if-error", "-1"], ["--cache-tag-header", "no name"]] {
        let output = program("serve").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn serve_answers_what_it_is_told_to_admit() {
    use platemark::SigningKey;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let text = |name: &str, byte: u8| {
        use base64::Engine as _;
        format!("# a key\n\n{name}:{}\n", base64::engine::general_purpose::STANDARD.encode([byte; 20]))
    };
    let key = |name: &str, byte: u8| SigningKey::new([byte; 20]).unwrap().id(name).unwrap();
    std::fs::write(&file, text("old", 1)).unwrap();
    let server = Server::start(&["--sign-key-file", file.to_str().unwrap(), "--presets-only", "--unknown", "refuse"]);
    let status = |target: &str| server.ask("GET", target, "").0[9..12].to_owned();
    let preset = "/is/image/demo/ring?$card$";
    let (old, new) = (key("old", 1).sign(preset, None), key("new", 2).sign(preset, None));
    assert_eq!([preset, &old, &new].map(status), ["403", "200", "403"]);
    let (head, body) = server.ask("GET", &key("old", 1).sign("/is/image/demo/ring?wid=9", None), "");
    assert!(head.starts_with("http/1.1 403 ") && body == b"wid: only presets are admitted\r\n", "{head}");
    // What cannot be used changes nothing.
    std::fs::write(&file, "new:short\n").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(11));
    assert_eq!([preset, &old, &new].map(status), ["403", "200", "403"]);
    std::fs::write(&file, text("new", 2)).unwrap();
    let is_used = |_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        status(&new) == "200"
    };
    assert!((0..300).any(is_used), "the new key is never used");
    assert_eq!([preset, &old, &new].map(status), ["403", "403", "200"]);
    drop(server);
    for (content, reason) in [("new:short\n", "keys:1: signing key: "), ("\n", "keys: has no key; 1 to 8 are needed")] {
        std::fs::write(&file, content).unwrap();
        let output = program("serve")
            .args(["--listen", "127.0.0.1:0", "--sign-key-file", file.to_str().unwrap()])
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains(reason) && !error.contains("short"), "{error}");
    }
}

#[test]
fn serve_speaks_http() {
    let server = Server::start(&[]);
    let target = "/is/image/demo/ring?wid=80";
    let expected = demo().build().unwrap().serve(target);
    let etag = format!("etag: {}", expected.etag.unwrap()).to_lowercase();
    // HEAD makes no picture, so it knows the length of stored ones only.
    for length in [None, Some(expected.body.len())] {
        let (head, body) = server.ask("HEAD", target, "");
        assert!(head.starts_with("http/1.1 200 ") && head.contains("content-type: image/jpeg") && body.is_empty());
        assert!(head.contains(&etag) && head.contains("cache-control: public, max-age=36000"), "{head}");
        match length {
            Some(length) => assert!(head.contains(&format!("content-length: {length}")), "{head}"),
            None => assert!(!head.contains("content-length"), "{head}"),
        }
        let _ = server.ask("GET", target, "");
    }
    let (head, body) = server.ask("HEAD", "/is/image/demo/ring?req=exists", "");
    assert!(head.contains("content-length: 64") && head.contains("text/plain") && body.is_empty(), "{head}");
    let (head, _) = server.ask("HEAD", target, &format!("If-None-Match: {}\r\n", expected.etag.unwrap()));
    assert!(head.starts_with("http/1.1 304 ") && head.contains(&etag), "{head}");
    let (head, body) = server.ask("GET", target, &format!("If-None-Match: {}\r\n", expected.etag.unwrap()));
    assert!(head.starts_with("http/1.1 304 ") && body.is_empty(), "{head}");
    let (head, _) = server.ask("GET", &format!("{target}&id={}", expected.version.unwrap()), "");
    assert!(head.contains("cache-control: public, max-age=31536000, immutable"), "{head}");
    let (head, _) = server.ask("GET", &format!("{target}&id=0000000000000000000000"), "");
    assert!(head.contains("cache-control: no-store"), "{head}");
    let (head, _) = server.ask("POST", target, "Content-Length: 0\r\n");
    assert!(head.starts_with("http/1.1 405 "), "{head}");
    let (head, body) = server.ask("GET", "/", "");
    assert!(head.contains("content-type: text/html"), "{head}");
    let page = text(&body);
    assert!(page.contains("/is/image/demo/harbour?wid=800") && page.contains("<code>?req=tmb</code>"), "{page}");
    // What the page links to is answered; a template alone, a record without its file and a request that is
    // meant to be wrong are refused.
    let engine = demo().build().unwrap();
    let links: Vec<_> = page.split("=\"/is/image/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 150, "{}", links.len());
    for link in links.iter().map(|link| link.replace("&amp;", "&")) {
        let refused = link.starts_with("demo/polaroid?")
            || ["demo/harbour?req=validate&wid=0", "gallery/lost?req=props"].contains(&link.as_str());
        let status = engine.prepare(&format!("/is/image/{link}"), &platemark::Context::new()).status();
        assert_eq!(status, if refused { 403 } else { 200 }, "{link}");
    }
    assert!(server.ask("GET", "/elsewhere", "").0.starts_with("http/1.1 404 "));
    for (root, status) in [("/is/image", 200), ("/is/image/", 200), ("/is/content", 403), ("/is/content/", 403)] {
        let (head, _) = server.ask("GET", root, "");
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{root}: {head}");
    }
}

/// What operators look at, and what browsers and pages elsewhere need.
#[test]
fn serve_tells_how_it_is_doing() {
    let server = Server::start(&["--server-timing"]);
    let target = "/is/image/demo/ring?wid=80";
    let (head, _) = server.ask("GET", target, "Origin: http://elsewhere.example\r\n");
    assert!(head.contains("access-control-allow-origin: *") && head.contains("server-timing: wait;dur="), "{head}");
    let (head, body) = server.ask("GET", "/health", "");
    assert!(head.starts_with("http/1.1 200 ") && body == b"good\n", "{head}");
    let (head, body) = server.ask("GET", "/metrics", "");
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let metrics = text(&body);
    for line in [
        "platemark_replies_total{req=\"img\",status=\"200\"} 1",
        "platemark_service_requests_total{outcome=\"made\"} 1",
        "platemark_stage_seconds_count{stage=\"wait\"} 1",
        "platemark_held_items{what=\"renditions\"} 1",
        "platemark_catalog_failures 0",
    ] {
        assert!(metrics.lines().any(|is| is == line), "{line}\n{metrics}");
    }
}

/// A folder that is not in order is served as far as it is, and says what is not.
#[test]
fn serve_starts_with_what_is_sound_and_tells_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    write("default.ini", b"DefaultExt=.png\nExpiration=abc\n");
    write("ring.png", &std::fs::read(path("assets/demo/pictures/ring.png")).unwrap());
    write("cat.ini", b"RootId=cat\nCatalogFile=cat.txt,delta.txt\n");
    write("cat.txt", b"Id\tPath\tModifier\t\nring\tring\twid=80&hgt=5\t\t\n");
    write("bad.ini", b"RootId=bad\nSavePath=..\n");
    write("odd.ini", b"RootId=odd\nMaxPix=all\n");
    write("._cat.ini", b"\0\x05\x16\x07");
    let catalogs = folder.path().to_str().unwrap();
    let server = Server::start(&["--catalogs", catalogs]);
    assert!(server.ask("GET", "/is/image/cat/ring", "").0.starts_with("http/1.1 200 "));
    assert!(server.ask("GET", "/is/image/bad/ring", "").0.starts_with("http/1.1 403 "));
    assert!(server.ask("GET", "/is/image/odd/ring", "").0.starts_with("http/1.1 200 "));
    let (head, body) = server.ask("GET", "/health", "");
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert_eq!(
        text(&body),
        "catalog files with faults:\n\
         bad.ini line 2: SavePath: has a malformed value or one out of range\n\
         delta.txt: cannot be read\n\
         default.ini line 2: Expiration: has a malformed value or one out of range\n\
         odd.ini line 2: MaxPix: has a malformed value or one out of range\n"
    );
    let metrics = text(&server.ask("GET", "/metrics", "").1);
    for line in ["platemark_catalog_faults 4", "platemark_catalog_failures 4"] {
        assert!(metrics.lines().any(|is| is == line), "{line}\n{metrics}");
    }
    std::fs::remove_file(folder.path().join("default.ini")).unwrap();
    let output = program("serve").args(["--catalogs", catalogs]).output().unwrap();
    let told = "serve: default.ini: is missing in the folder of catalogs; write one there, at least with the line RootPath=.\n";
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), told.to_owned()));
}

/// Lists are compressed for those who take that. A strong tag stands for bytes: what has one goes out as it is.
#[test]
fn serve_compresses_what_has_no_strong_tag() {
    let server = Server::start(&[]);
    for (target, compressed) in [
        ("/is/image/demo/harbour?req=props", true),
        ("/is/image/demo/harbour?req=targets", false),
        ("/is/image/demo/ring?wid=80&fmt=png", false),
    ] {
        let (head, _) = server.ask("GET", target, "Accept-Encoding: gzip\r\n");
        assert_eq!(head.contains("content-encoding: gzip"), compressed, "{head}");
        assert_eq!(head.contains("vary: accept-encoding"), compressed, "{head}");
        assert_eq!(head.contains("etag: w/"), compressed, "{head}");
    }
}

/// Each store has an option of its own: without memory for headers every request reads its source again, and the memory for
/// what decoders know has nothing to do with it.
#[test]
fn memory_goes_to_the_store_that_its_option_names() {
    let len = std::fs::metadata(path("assets/demo/pictures/ring.png")).unwrap().len();
    for (option, digests) in [("--memo-bytes", 3), ("--sidecar-bytes", 1)] {
        let server = Server::start(&["--cache-bytes", "0", option, "0"]);
        for width in [50, 51, 52] {
            let (head, _) = server.ask("GET", &format!("/is/image/demo/ring?wid={width}"), "");
            assert!(head.starts_with("http/1.1 200 "), "{head}");
        }
        let metrics = text(&server.ask("GET", "/metrics", "").1);
        let line = format!("platemark_digested_bytes_total {}", digests * len);
        assert!(metrics.lines().any(|is| is == line), "{option}: {line}\n{metrics}");
    }
}

/// What a publishing system does: a list before, a list after, and what changed.
#[test]
fn versions_lists_and_compares() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    write("default.ini", b"DefaultExt=\nCatalogFile=all.txt\n");
    write("ring.png", &std::fs::read(path("assets/demo/pictures/ring.png")).unwrap());
    write("chart.png", &std::fs::read(path("assets/demo/pictures/chart.png")).unwrap());
    let catalogs = folder.path().to_str().unwrap();
    let list = |name: &str, records: &str| {
        write("all.txt", format!("Id\tPath\tUserData\n{records}").as_bytes());
        let output = program("versions").args(["--catalogs", catalogs]).output().unwrap();
        write(name, &output.stdout);
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, old, errors) = list("old.csv", "a \"b\"#\tring.png\t1\nb\tring.png\t\nc\tchart.png\t\nd\t\tx\n");
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let lines: Vec<&str> = old.lines().collect();
    let engine = platemark::Engine::builder(folder.path()).build().unwrap();
    let of_c = engine.versions("/is/image/c").unwrap();
    assert_eq!(lines[0], "object,digest,image.version,metadata.version");
    assert!(lines[1].starts_with("\"a \"\"b\"\"#\","), "{old}");
    assert_eq!(lines[3], format!("c,{},{},{}", of_c.digest.unwrap(), of_c.image, of_c.metadata));
    assert!(lines.len() == 5 && lines[4].starts_with("d,,"), "{old}");
    let (code, _, errors) =
        list("new.csv", "a \"b\"#\tring.png\t2\nc\tring.png\t\nd\t\tx\ne\tring.png\t\nf\tnone.png\t\n");
    assert_eq!((code, errors.as_str()), (Some(1), "versions: f: f: image not found\n"));
    let file = |name: &str| folder.path().join(name);
    let compare = |old: &str, new: &str| {
        let output = program("versions").args([file(old), file(new)]).output().unwrap();
        (output.status.code(), text(&output.stdout))
    };
    let changes = "change,object\nmetadata,\"a \"\"b\"\"#\"\nremoved,b\nimage,c\nmetadata,c\nadded,e\n";
    assert_eq!(compare("old.csv", "new.csv"), (Some(1), changes.into()));
    assert_eq!(compare("old.csv", "old.csv"), (Some(0), "change,object\n".into()));
    assert_eq!(compare("old.csv", "ring.png").0, Some(3));
    assert_eq!(compare("old.csv", "").0, Some(3));
    let output = program("versions").arg(file("old.csv")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

/// The pool has as many threads as the option says, or as there are processors, whatever the environment says.
#[cfg(target_os = "linux")]
#[test]
fn serve_ignores_the_variable_of_rayon() {
    let processors = std::thread::available_parallelism().unwrap().get().max(2);
    for (arguments, expected) in [(&["--threads", "3"][..], 3), (&[], processors)] {
        let mut command = program("serve");
        command.args(["--listen", "127.0.0.1:0"]).args(arguments).env("RAYON_NUM_THREADS", "23");
        let server = Server::of(command);
        assert!(server.ask("GET", "/is/image/demo/harbour?wid=2000", "").0.starts_with("http/1.1 200 "));
        let tasks = std::fs::read_dir(format!("/proc/{}/task", server.process.id())).unwrap();
        let names: Vec<String> =
            tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap()).collect();
        assert_eq!(names.iter().filter(|name| name.starts_with("pool-")).count(), expected, "{names:?}");
        assert!(names.len() < 23, "{names:?}");
    }
}

#[cfg(unix)]
#[test]
fn serve_stops_cleanly_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(&[]);
        assert!(server.ask("GET", "/is/image/demo/ring?wid=50", "").0.starts_with("http/1.1 200 "));
        let told = Command::new("kill").args([signal, &server.process.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert_eq!(server.process.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn serve_says_what_is_wrong_with_its_options() {
    for (arguments, code, message) in [
        (&["--port", "1"][..], 2, "serve: invalid option '--port'; see serve --help\n"),
        (&["--threads", "0"], 2, "serve: --threads needs at least 1; see serve --help\n"),
        (&["--catalogs", "/nonexistent"], 1, "serve: nonexistent: cannot be listed\n"),
    ] {
        let output = program("serve").args(arguments).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(code), message.to_owned()));
    }
}

/// The pictures of the demo catalog are what `make_assets` draws.
#[test]
fn assets_are_drawn_by_their_program() {
    let source = std::fs::read_to_string(path("tools/make_assets/main.rs")).unwrap();
    for entry in std::fs::read_dir(path("assets/demo/pictures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(source.contains(&format!("write(\"{name}\"")), "{name} is not drawn");
    }
}
