//! Files of `/is/content` and bodies in flight.

use super::*;

/// A folder with one file of content, and what is in it.
fn film(len: usize) -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "StaticContentRootPath=.").unwrap();
    let film: Vec<u8> = (0..len).map(|at| (at / 253 + at) as u8).collect();
    std::fs::write(folder.path().join("film.mp4"), &film).unwrap();
    (folder, film)
}

const FILM: &str = "/is/content/film.mp4";

/// In a real server, with a client that takes its time: what it gets of a film that changes is the start of the old one.
#[test]
fn films_are_streamed_and_broken_off_if_they_change() {
    use std::io::{Read, Write};
    // More than the buffers of a connection hold.
    let (folder, film) = film(32 << 20);
    let path = folder.path().join("film.mp4");
    let images = service(support::builder(folder.path()).build().unwrap()).build().unwrap();
    run(async {
        let app: axum::Router = axum::Router::new().route_service("/is/content/{*object}", images);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async { axum::serve(listener, app).await });
        let talk = move |headers: &str, midway: &dyn Fn()| {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            write!(stream, "GET {FILM} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").unwrap();
            let mut all = vec![0; 1 << 16];
            stream.read_exact(&mut all).unwrap();
            midway();
            // A server that breaks off may reset the connection.
            let _ = stream.read_to_end(&mut all);
            let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            (String::from_utf8(all[..end].to_vec()).unwrap().to_lowercase(), all[end..].to_vec())
        };
        let check = move || {
            let (head, body) = talk("", &|| ());
            assert!(head.starts_with("http/1.1 200 ") && head.contains("content-length: 33554432\r\n"), "{head}");
            assert!(body == film);
            let (head, body) = talk("Range: bytes=1000000-9999999\r\n", &|| ());
            assert!(head.starts_with("http/1.1 206 ") && head.contains("content-length: 9000000\r\n"), "{head}");
            assert!(body == film[1_000_000..10_000_000]);
            let changes: [&dyn Fn(); 3] = [
                &|| std::fs::File::options().write(true).open(&path).unwrap().set_len(20 << 20).unwrap(),
                &|| std::fs::write(&path, vec![9; 32 << 20]).unwrap(),
                &|| {
                    std::fs::write(path.with_extension("new"), vec![9; 32 << 20]).unwrap();
                    std::fs::rename(path.with_extension("new"), &path).unwrap();
                },
            ];
            for (at, change) in changes.iter().enumerate() {
                std::fs::write(&path, &film).unwrap();
                let (head, body) = talk("", &|| {
                    std::thread::sleep(Duration::from_millis(50));
                    change();
                });
                assert!(head.contains("content-length: 33554432\r\n"), "{at}: {head}");
                assert!(body.len() < film.len() && body == film[..body.len()], "{at}: {} bytes", body.len());
            }
        };
        tokio::task::spawn_blocking(check).await.unwrap();
        server.abort();
    });
}

#[test]
fn long_files_are_digested_in_the_background() {
    let (folder, film) = film(3 << 20);
    let builder = || support::builder(folder.path());
    let strong = builder().build().unwrap().serve(FILM).etag.unwrap().to_string();
    let service = service(builder().content_digest_bytes(2 << 20).build().unwrap()).build().unwrap();
    let get = || run(answer(ask(&service, FILM)));
    let first = get();
    assert!(first.body() == &film[..] && first.headers()["etag"].as_bytes().starts_with(b"W/"));
    wait("the film is digested", || get().headers()["etag"] == strong.as_str());
    let weak = Request::get(FILM).header("if-none-match", &first.headers()["etag"]).body(()).unwrap();
    assert_eq!(run(answer(service.clone().call(weak))).status(), 304, "it need not be fetched again");
    std::fs::write(folder.path().join("film.mp4"), &film[1..]).unwrap();
    assert!(get().headers()["etag"].as_bytes().starts_with(b"W/"));
    wait("the other film is digested", || !get().headers()["etag"].as_bytes().starts_with(b"W/"));
}

/// It is given up with the service, however long the file is.
#[cfg(target_os = "linux")]
#[test]
fn digesting_ends_with_the_service() {
    let (folder, _) = film(3 << 20);
    std::fs::File::create(folder.path().join("long.mp4")).unwrap().set_len(1 << 39).unwrap();
    let service = service(support::builder(folder.path()).build().unwrap()).build().unwrap();
    let head = Request::head("/is/content/long.mp4").body(()).unwrap();
    let response = run(answer(service.clone().call(head)));
    assert_eq!(response.headers()["content-length"], "549755813888");
    let opened = || {
        let files = std::fs::read_dir("/proc/self/fd").unwrap();
        let files = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
        files.filter(|file| file.starts_with(folder.path())).count()
    };
    wait("the file is being read", || opened() == 1);
    drop(service);
    wait("the file is closed", || opened() == 0);
}

/// Bodies that have been made and not been sent have a budget, on every way to a response.
#[test]
fn bodies_in_flight_are_bounded() {
    let [first, second] = ["/is/image/demo/harbour?wid=500&fmt=png", "/is/image/demo/harbour?wid=501&fmt=png"];
    for inline in [false, true] {
        let engine = demo().cache_bytes(1 << 26).build().unwrap();
        let length = engine.serve(first).body.len() as u64;
        assert!(length > 64 << 10, "{length}");
        let service = service(engine).respond_inline(inline).body_bytes(length).build().unwrap();
        run(async {
            let held = ask(&service, first).await.unwrap();
            assert_eq!((held.status().as_u16(), service.stats().body_bytes), (200, length));
            // It was not stored before, and it is now.
            for _ in 0..2 {
                let refused = answer(ask(&service, second)).await;
                assert_eq!(refused.status(), 503);
                assert_eq!(refused.headers()["retry-after"], "1");
                assert_eq!(refused.headers()["cache-control"], "no-store");
            }
            assert_eq!(service.stats().refused_bodies, 2);
            // The same picture takes no memory of its own, a small one has its share, and a HEAD takes none.
            for target in [first, SMALL, "/is/image/demo/harbour?req=props"] {
                assert_eq!(answer(ask(&service, target)).await.status(), 200, "{target}");
            }
            let head = service.clone().call(Request::head(second).body(()).unwrap());
            assert_eq!(answer(head).await.status(), 200);
            // A part keeps the memory of the whole.
            let part = Request::get(first).header("range", "bytes=0-9").body(()).unwrap();
            let part = service.clone().call(part).await.unwrap();
            drop(held);
            assert_eq!((part.status().as_u16(), service.stats().body_bytes), (206, length));
            drop(part);
            assert_eq!(service.stats().body_bytes, 0);
            assert_eq!(answer(ask(&service, second)).await.status(), 200);
            // A response that no client fetches takes no memory.
            let future = ask(&service, first);
            wait("it is answered", || service.stats().body_bytes == length);
            drop(future);
            assert_eq!(service.stats().body_bytes, 0);
        });
    }
}

/// A long file counts for the piece of it that is in memory.
#[test]
fn a_long_file_counts_for_a_piece() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "StaticContentRootPath=.\n").unwrap();
    std::fs::File::create(folder.path().join("film.mp4")).unwrap().set_len(1 << 30).unwrap();
    let service = service(support::builder(folder.path()).build().unwrap()).body_bytes(2 << 20).build().unwrap();
    run(async {
        let mut held = vec![];
        for _ in 0..3 {
            held.push(ask(&service, "/is/content/film.mp4").await.unwrap());
        }
        assert!(held.iter().all(|response| response.status() == 200));
        assert_eq!(service.stats().body_bytes, 3 << 18);
        assert_eq!(ask(&service, "/is/content/film.mp4").await.unwrap().status(), 503);
        let piece = held[0].body_mut().next_piece().unwrap().unwrap();
        drop(held);
        assert_eq!(service.stats().body_bytes, 1 << 18, "the piece is in memory");
        drop(piece);
        assert_eq!(service.stats().body_bytes, 0);
    });
}

/// Digested once, and no client gets the reply to another one's question.
#[test]
fn askers_of_a_file_of_content_wait_for_one_digest() {
    let (folder, film) = film(3 << 20);
    let builder = || support::builder(folder.path());
    let strong = builder().build().unwrap().serve(FILM).etag.unwrap().to_string();
    let service = service(builder().build().unwrap()).build().unwrap();
    run(async {
        let get =
            |name: &str, value: &str| service.clone().call(Request::get(FILM).header(name, value).body(()).unwrap());
        let askers: Vec<_> = (0..30)
            .map(|at| match at % 3 {
                0 => get("accept", "*/*"),
                1 => get("range", "bytes=5-6"),
                _ => get("if-none-match", &strong),
            })
            .collect();
        let head = service.clone().call(Request::head(FILM).body(()).unwrap());
        for (at, asker) in askers.into_iter().enumerate() {
            let response = answer(asker).await;
            assert_eq!(response.headers()["etag"], strong);
            let expected = [(200, &film[..]), (206, &film[5..7]), (304, &[])][at % 3];
            assert!((response.status().as_u16(), &response.body()[..]) == expected, "{at}");
        }
        let head = head.await.unwrap();
        assert!(head.headers()["etag"] == strong && head.headers()["accept-ranges"] == "bytes");
        assert_eq!(head.headers()["content-length"], film.len().to_string());
        let stats = service.stats();
        assert_eq!((stats.made, stats.shared + stats.quick, stats.waiting), (1, 30, 0), "{stats:?}");
    });
}
