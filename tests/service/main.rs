//! The service on threads of its own: who is answered when, and who is not.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test program, with a clock")]
#![cfg(feature = "tower")]

mod files;
mod reading;
#[path = "../support/mod.rs"]
mod support;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use platemark::service::{Body, ImageService, ResponseFuture, ServiceBuilder};
use platemark::{Engine, EngineBuilder, SourceProvider, SourceTag};
use support::demo;
use tower_service::Service;

/// Takes a while to make.
const LARGE: &str = "/is/image/demo/harbour?wid=4000&fmt=png&op_usm=3,9";
const SMALL: &str = "/is/image/demo/pebbles?wid=90";

fn ask(service: &ImageService, target: &str) -> ResponseFuture {
    service.clone().call(Request::get(target).body(()).unwrap())
}

/// Waits for a response.
async fn answer(future: ResponseFuture) -> Response<Bytes> {
    answer_of(future.await.unwrap()).await
}

async fn answer_of(response: Response<Body>) -> Response<Bytes> {
    let (parts, mut body) = response.into_parts();
    let mut frames = vec![];
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    Response::from_parts(parts, frames.concat().into())
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// Waits until something holds, up to ten seconds.
fn wait(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn service(engine: Engine) -> ServiceBuilder {
    ImageService::builder(engine).threads(1)
}

/// An engine that has read the sources, so that what waits in line is pictures alone.
fn known(builder: EngineBuilder) -> Engine {
    let engine = builder.build().unwrap();
    for object in ["harbour", "ring", "pebbles"] {
        engine.digest_ahead(&format!("/is/image/demo/{object}")).unwrap();
    }
    engine
}

#[test]
fn a_service_answers_as_the_engine_does() {
    let engine = demo().cache_bytes(1 << 24).build().unwrap();
    let service = service(engine.clone()).build().unwrap();
    run(async {
        for target in
            [SMALL, "/is/image/demo/harbour?req=props", "/is/image/demo/none?wid=3", "/is/image/demo/ring?wid=0"]
        {
            let (response, reply) = (answer(ask(&service, target)).await, engine.serve(target));
            assert_eq!((response.status().as_u16(), response.body()), (reply.status, &reply.body), "{target}");
            assert_eq!(response.headers()["content-type"], reply.content_type);
        }
        let post = service.clone().call(Request::post(SMALL).body("anything").unwrap());
        assert_eq!(answer(post).await.status(), 405);
        let tag = engine.serve(SMALL).etag.unwrap().to_string();
        let again = service.clone().call(Request::get(SMALL).header("if-none-match", tag).body(()).unwrap());
        let again = answer(again).await;
        assert_eq!((again.status().as_u16(), again.body().len()), (304, 0));
    });
    assert_eq!(service.stats().made, 1);
}

/// Headers that the host asks for are there however the request is answered.
#[test]
fn extra_headers_are_told_on_every_way() {
    let engine = demo().cache_bytes(1 << 24).build().unwrap();
    let version = engine.serve(SMALL).version.unwrap().to_string();
    for inline in [false, true] {
        let tag = http::HeaderName::from_static("xkey");
        let service = service(engine.clone()).respond_inline(inline).version_header(true).cache_tag_header(tag);
        let service = service.build().unwrap();
        let etag = engine.serve(SMALL).etag.unwrap().to_string();
        let known = || Request::get(SMALL).header("if-none-match", &etag).body(()).unwrap();
        for request in [Request::get(SMALL).body(()).unwrap(), known(), Request::head(SMALL).body(()).unwrap()] {
            let response = run(answer(service.clone().call(request)));
            assert_eq!(response.headers()["platemark-version"], version, "{inline}");
            assert!(response.headers()["xkey"].to_str().unwrap().ends_with(" demo%2F"), "{inline}");
        }
        // The picture is stored by now.
        let mut future = Box::pin(service.clone().call(Request::get(SMALL).body(()).unwrap()));
        let at_once = future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()));
        assert!(at_once.is_ready() || !inline);
    }
}

#[test]
fn a_head_has_the_length_of_a_get_if_it_is_known() {
    let service = service(demo().cache_bytes(1 << 24).build().unwrap()).build().unwrap();
    run(async {
        let head = || service.clone().call(Request::head(SMALL).body(()).unwrap());
        let unknown = head().await.unwrap();
        assert!(!unknown.headers().contains_key("content-length"));
        assert_eq!(unknown.body().size_hint().exact(), None, "a server must not make a header of it");
        let length = answer(ask(&service, SMALL)).await.body().len();
        let known = head().await.unwrap();
        assert_eq!(known.headers()["content-length"], length.to_string());
        assert_eq!(service.stats().made, 1);
    });
}

#[test]
fn many_askers_of_one_picture_share_it() {
    let service = service(demo().cache_bytes(1 << 26).build().unwrap()).threads(2).queue(4).build().unwrap();
    let bodies = run(async {
        let askers: Vec<_> = (0..64).map(|_| tokio::spawn(answer(ask(&service, LARGE)))).collect();
        let mut bodies = vec![];
        for asker in askers {
            let response = asker.await.unwrap();
            assert_eq!(response.status(), 200);
            bodies.push(response.into_body());
        }
        bodies
    });
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    let stats = service.stats();
    assert_eq!((stats.made, stats.shed, stats.waiting, stats.running), (1, 0, 0, 0));
    // Some may have come when it was stored already.
    assert_eq!(stats.shared + stats.quick, 63);
}

/// Without a cache as well, though each is made then.
#[test]
fn askers_of_one_picture_are_answered_without_a_cache() {
    let service = service(demo().build().unwrap()).queue(8).build().unwrap();
    run(async {
        let askers: Vec<_> = (0..6).map(|_| ask(&service, SMALL)).collect();
        for asker in askers {
            assert_eq!(answer(asker).await.status(), 200);
        }
    });
    assert_eq!(service.stats().made, 6);
}

#[test]
fn what_is_ready_does_not_wait_behind_pictures() {
    let engine = demo().cache_bytes(1 << 24).build().unwrap();
    let stored = engine.serve(SMALL);
    let service = service(engine).build().unwrap();
    run(async {
        let large = tokio::spawn(answer(ask(&service, LARGE)));
        wait("the large picture is begun", || service.stats().running == 1);
        for _ in 0..100 {
            assert_eq!(answer(ask(&service, SMALL)).await.body(), &stored.body);
            assert_eq!(answer(ask(&service, "/is/image/demo/harbour?req=props")).await.status(), 200);
        }
        assert_eq!(service.stats().running, 1, "the large picture takes longer than all of these");
        assert_eq!(large.await.unwrap().status(), 200);
    });
}

#[test]
fn too_many_pictures_are_turned_away_and_the_others_made() {
    let service = service(known(demo())).queue(3).build().unwrap();
    run(async {
        let large = tokio::spawn(answer(ask(&service, LARGE)));
        wait("the large picture is begun", || service.stats().running == 1);
        let small: Vec<_> = (10..30).map(|width| ask(&service, &format!("/is/image/demo/ring?wid={width}"))).collect();
        let mut statuses = vec![];
        for small in small {
            let response = answer(small).await;
            if response.status() == 503 {
                assert_eq!(response.headers()["retry-after"], "1");
                assert_eq!(response.headers()["cache-control"], "no-store");
                assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            }
            statuses.push(response.status().as_u16());
        }
        assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 3, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|&&status| status == 503).count(), 17);
        assert_eq!(service.stats().shed, 17);
        assert_eq!(large.await.unwrap().status(), 200);
        assert_eq!(answer(ask(&service, SMALL)).await.status(), 200, "it recovers at once");
    });
}

/// However many large pictures are asked for, small ones are made soon.
#[test]
fn large_pictures_leave_room_and_a_thread_to_small_ones() {
    let service = service(known(demo())).threads(2).queue(8).build().unwrap();
    run(async {
        let first = ask(&service, LARGE);
        wait("the first is begun", || service.stats().running == 1);
        let large: Vec<_> = (0..20)
            .map(|i| ask(&service, &format!("/is/image/demo/harbour?wid={}&fmt=png&op_usm=3,9", 2400 + i)))
            .collect();
        wait("all of them were looked at", || service.stats().shed >= 16);
        let stats = service.stats();
        assert_eq!((stats.running, stats.waiting, stats.shed), (1, 4, 16), "one thread and half of the queue are left");
        for width in 20..30 {
            assert_eq!(answer(ask(&service, &format!("/is/image/demo/ring?wid={width}"))).await.status(), 200);
        }
        assert!(service.stats().waiting >= 3, "none of them waited for many of the large ones");
        let mut made = 0;
        for large in large.into_iter().chain([first]) {
            made += usize::from(answer(large).await.status() == 200);
        }
        assert_eq!(made, 5);
    });
}

/// The demo pictures. One of them, and any number of files of its bytes named `far-…`, cannot be read while a gate is shut.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn set(&self, shut: bool) {
        *self.0.0.lock().unwrap() = shut;
        self.0.1.notify_all();
    }
}

impl SourceProvider for Gate {
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
        let is_far = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("far-"));
        Ok((is_far || path.ends_with("harbour.jpg")).then(|| SourceTag::new(1, 1_913_854)))
    }

    fn read(&self, _: &Path) -> io::Result<(SourceTag, Bytes)> {
        let (shut, opened) = (&self.0.0, &self.0.1);
        drop(opened.wait_while(shut.lock().unwrap(), |shut| *shut).unwrap());
        let bytes = std::fs::read(support::path("assets/demo/pictures/harbour.jpg"))?;
        Ok((SourceTag::new(1, bytes.len() as u64), bytes.into()))
    }
}

/// While as many large pictures are being made as can be, all else goes on that need not wait for them: what is known,
/// small pictures, requests that fail, and files of content that have been digested.
#[test]
fn a_crowd_of_large_pictures_holds_up_nothing_else() {
    let gate = Gate::default();
    let engine = known(demo().sources(gate.clone()).cache_bytes(1 << 26));
    let service = service(engine.clone()).threads(2).time_budget(Duration::from_secs(300)).build().unwrap();
    // Which kinds of threads read what is not known shows in what can be answered now.
    let film = "/is/content/pictures/lighthouse.jpg";
    assert_eq!(run(answer(ask(&service, film))).status(), 200);
    gate.set(true);
    run(async {
        let large: Vec<_> = (0..3)
            .map(|i| ask(&service, &format!("/is/image/demo/harbour?wid={}&fmt=png&op_usm=3,9", 2400 + i)))
            .collect();
        wait("one is begun, the others wait", || service.stats().running == 1 && service.stats().waiting == 2);
        let unread = ask(&service, "/is/content/pictures/poster.jpg");
        wait("it is in line", || service.stats().waiting == 3);
        let made = service.stats().made;
        for width in 20..30 {
            assert_eq!(answer(ask(&service, &format!("/is/image/demo/ring?wid={width}"))).await.status(), 200);
        }
        assert_eq!(service.stats().made, made + 10);
        let stored = engine.health().renditions.items;
        // However many requests fail, one error image is made.
        let mut failing = vec![];
        for width in 0..200 {
            failing.push(ask(&service, &format!("/is/image/gallery/harbour?wid=-{width}")));
        }
        for failing in failing {
            let failed = answer(failing).await;
            assert!(failed.status() == 200 && failed.headers()["content-type"] == "image/jpeg");
            assert_eq!(failed.headers()["cache-control"], "no-store");
            assert!(!failed.headers().contains_key("etag") && failed.extensions().get::<platemark::Error>().is_some());
        }
        assert_eq!(engine.health().renditions.items, stored + 1);
        let known = answer(ask(&service, film)).await;
        assert_eq!((known.status().as_u16(), known.body().len()), (200, 222_367));
        let head = service.clone().call(Request::head(film).body(()).unwrap()).await.unwrap();
        assert_eq!(head.headers()["etag"], known.headers()["etag"]);
        assert_eq!(answer(ask(&service, "/is/content/pictures/arch.png")).await.status(), 200, "it is small");
        let range = Request::get(film).header("range", "bytes=0-1").body(()).unwrap();
        assert_eq!(answer(service.clone().call(range)).await.body()[..], [0xff, 0xd8]);
        assert_eq!(answer(ask(&service, "/is/image/demo/harbour?req=props")).await.status(), 200);
        assert_eq!((service.stats().running, service.stats().waiting), (1, 3), "the large ones still wait");
        gate.set(false);
        assert_eq!(answer(unread).await.status(), 200);
        assert!(service.stats().waiting > 0, "a file comes before the pictures of its line");
        for large in large {
            assert_eq!(answer(large).await.status(), 200);
        }
    });
}

#[test]
fn pictures_without_a_client_are_given_up() {
    let service = service(known(demo())).build().unwrap();
    let mut context = Context::from_waker(std::task::Waker::noop());
    let mut large = Box::pin(ask(&service, LARGE));
    assert!(matches!(large.as_mut().poll(&mut context), Poll::Pending));
    let waiting: Vec<_> = (10..20).map(|width| ask(&service, &format!("/is/image/demo/harbour?wid={width}"))).collect();
    wait("the others are in line", || service.stats().waiting == 10 && service.stats().running == 1);
    drop((large, waiting));
    // Far less than the large one alone would take.
    wait("all are given up", || service.stats().given_up == 11);
    let stats = service.stats();
    assert_eq!((stats.made, stats.waiting, stats.running), (0, 0, 0));
    assert_eq!(run(answer(ask(&service, SMALL))).status(), 200);
}

/// Who has come for the same picture still gets it when the first has gone.
#[test]
fn the_last_asker_counts() {
    let service = service(known(demo().cache_bytes(1 << 26))).build().unwrap();
    let first = ask(&service, LARGE);
    wait("the first is begun", || service.stats().running == 1);
    let second = ask(&service, LARGE);
    wait("the second waits", || service.stats().waiting == 1);
    drop(first);
    assert_eq!(run(answer(second)).status(), 200);
    let stats = service.stats();
    assert_eq!((stats.given_up, stats.shared), (1, 1));
}

#[test]
fn time_is_limited() {
    let service = service(demo().build().unwrap()).time_budget(Duration::from_millis(30)).build().unwrap();
    run(async {
        let start = Instant::now();
        let response = answer(ask(&service, LARGE)).await;
        assert_eq!(response.status(), 503, "{:?}", start.elapsed());
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(service.stats().given_up, 1);
    });
}

#[test]
fn catalogs_see_the_address_that_the_host_finds() {
    let (_folder, engine) = support::demo_with(&[("demo.ini", "ClientAddressFilter=10.0.0.0/8")]);
    let find = |extensions: &http::Extensions| extensions.get::<SocketAddr>().map(|address| -> IpAddr { address.ip() });
    let service = service(engine.build().unwrap()).client_address(find).build().unwrap();
    run(async {
        for (address, status) in [("10.1.2.3:5", 200), ("11.1.2.3:5", 403)] {
            let mut request = Request::get(SMALL).body(()).unwrap();
            request.extensions_mut().insert(address.parse::<SocketAddr>().unwrap());
            assert_eq!(answer(service.clone().call(request)).await.status(), status, "{address}");
        }
    });
}

/// Work that several share, pictures that are stored and requests that are remembered are for those who may have them.
#[test]
fn shared_work_is_for_those_who_may_have_it() {
    let find = |extensions: &http::Extensions| extensions.get::<SocketAddr>().map(|address| -> IpAddr { address.ip() });
    let targets =
        [SMALL, "/is/image/shop/harbour?src=demo/pebbles&wid=90", "/is/image/shop/harbour?template=demo/ring&wid=90"];
    for inline in [false, true] {
        let (_folder, engine) = support::demo_with(&[("demo.ini", "ClientAddressFilter=10.0.0.0/8")]);
        let engine = engine.cache_bytes(1 << 24).build().unwrap();
        let service = service(engine).client_address(find).respond_inline(inline).build().unwrap();
        let asked = |target: &str, address: &str| {
            let mut request = Request::get(target).body(()).unwrap();
            request.extensions_mut().insert(address.parse::<SocketAddr>().unwrap());
            service.clone().call(request)
        };
        run(async {
            for target in targets {
                for _ in 0..3 {
                    // All are in line at the same time.
                    let futures =
                        ["10.1.2.3:5", "11.1.2.3:5", "10.1.2.4:5", "11.1.2.4:5"].map(|from| asked(target, from));
                    let mut statuses = Vec::new();
                    for future in futures {
                        let response = answer(future).await;
                        statuses.push((response.status().as_u16(), response.headers().contains_key("etag")));
                    }
                    assert_eq!(statuses, [(200, true), (403, false), (200, true), (403, false)], "{target}");
                }
            }
        });
    }
}

/// The threads end with the last service, and not before the last answer.
#[cfg(target_os = "linux")]
#[test]
fn threads_end_with_the_service() {
    let threads = |name: &str| {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
        names.filter(|comm| comm.starts_with(name)).count()
    };
    // Other tests have threads of the same name, but not so many.
    let service = service(demo().build().unwrap()).threads(40).build().unwrap();
    wait("forty threads have begun", || threads("platemark-make") >= 40);
    let last = ask(&service, SMALL);
    drop(service);
    assert_eq!(run(answer(last)).status(), 200);
    wait("forty threads have ended", || threads("platemark-make") < 40);
}

/// With no thread but the caller's: as long as nothing has changed, and not a moment longer.
#[test]
fn what_is_at_hand_is_answered_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\n").unwrap();
    let (file, demo) = (folder.path().join("a.jpg"), support::path("assets/demo/pictures"));
    std::fs::copy(demo.join("pebbles.jpg"), &file).unwrap();
    let engine = support::builder(folder.path()).cache_bytes(1 << 24).build().unwrap();
    let service = service(engine).respond_inline(true).build().unwrap();
    let at_once = |request: Request<()>| {
        let mut future = Box::pin(service.clone().call(request));
        let ready = future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()));
        match ready {
            Poll::Ready(response) => Some(run(answer_of(response.unwrap()))),
            Poll::Pending => None,
        }
    };
    let get = |target: &str| Request::get(target).body(()).unwrap();
    let (list, picture) = ("/is/image/a.jpg?req=props", "/is/image/a.jpg?wid=90");
    let (made, told) = (run(answer(ask(&service, picture))), run(answer(ask(&service, list))));
    let quick = service.stats().quick;
    assert_eq!(at_once(get(picture)).unwrap().body(), made.body());
    assert_eq!(at_once(get(list)).unwrap().headers()["etag"], told.headers()["etag"]);
    let known = Request::get(picture).header("if-none-match", &made.headers()["etag"]).body(()).unwrap();
    assert_eq!(at_once(known).unwrap().status(), 304);
    let part = Request::get(picture).header("range", "bytes=0-1").body(()).unwrap();
    assert_eq!(at_once(part).unwrap().body()[..], [0xff, 0xd8]);
    assert_eq!(service.stats().quick, quick + 4);
    std::fs::copy(demo.join("lighthouse.jpg"), &file).unwrap();
    // Another thread may have answered before this one looks.
    assert!(at_once(get(picture)).is_none_or(|new| new.headers()["etag"] != made.headers()["etag"]), "it has changed");
    assert_ne!(run(answer(ask(&service, picture))).headers()["etag"], made.headers()["etag"]);
    std::fs::remove_file(file).unwrap();
    assert!(at_once(get(picture)).is_none_or(|gone| gone.status() == 403), "it is gone");
    assert_eq!(run(answer(ask(&service, picture))).status(), 403);
}

/// In a real server.
#[test]
fn axum_takes_it_as_a_route() {
    let images = service(demo().cache_bytes(1 << 24).build().unwrap()).build().unwrap();
    run(async {
        let app: axum::Router = axum::Router::new().route_service("/is/image/{*object}", images);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async { axum::serve(listener, app).await });
        let talk = move |method: &'static str| {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            write!(stream, "{method} {SMALL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
            let mut all = vec![];
            stream.read_to_end(&mut all).unwrap();
            let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            (String::from_utf8(all[..end].to_vec()).unwrap().to_lowercase(), all[end..].to_vec())
        };
        let (head, body) = tokio::task::spawn_blocking(move || talk("HEAD")).await.unwrap();
        assert!(head.starts_with("http/1.1 200 ") && body.is_empty(), "{head}");
        assert!(!head.contains("content-length"), "{head}");
        let (get, body) = tokio::task::spawn_blocking(move || talk("GET")).await.unwrap();
        assert!(get.contains(&format!("content-length: {}\r\n", body.len())), "{get}");
        assert!(body.starts_with(&[0xff, 0xd8, 0xff]));
        server.abort();
    });
}
