//! Where sources are read, and who waits for it.

use super::*;

/// A look reads no long source: while the threads that make pictures are busy, what is known is answered, and who asks for a
/// picture of an unknown source is in line. The source is read once.
#[test]
fn sources_are_read_where_pictures_are_made() {
    let gate = Gate::default();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=5000,5000\n").unwrap();
    for name in ["ring.png", "poster.jpg", "missing.png"] {
        std::fs::copy(support::path("assets/demo/pictures").join(name), folder.path().join(name)).unwrap();
    }
    let engine = support::builder(folder.path()).sources(gate.clone()).cache_bytes(1 << 26).build().unwrap();
    for known in ["/is/image/harbour.jpg", "/is/image/ring.png"] {
        engine.digest_ahead(known).unwrap();
    }
    gate.set(true);
    let facts = engine.health().facts.items;
    let service = service(engine.clone()).build().unwrap();
    run(async {
        let busy = ask(&service, "/is/image/harbour.jpg?wid=50");
        wait("the only thread is busy", || service.stats().running == 1);
        let targets: Vec<String> = (10..30)
            .map(|width| format!("/is/image/poster.jpg?wid={width}"))
            .chain(["/is/image/poster.jpg?req=props".to_owned()])
            .collect();
        let unread: Vec<_> = targets.iter().map(|target| ask(&service, target)).collect();
        let head = service.clone().call(Request::head("/is/image/poster.jpg").body(()).unwrap());
        wait("they wait for the source", || service.stats().waiting == 22);
        for known in ["/is/image/ring.png?req=props", "/is/image/missing.png?req=props"] {
            assert_eq!(answer(ask(&service, known)).await.status(), 200, "{known}");
        }
        assert_eq!(engine.health().facts.items, facts + 1, "of the small one");
        gate.set(false);
        for (target, response) in targets.iter().zip(unread) {
            let (response, reply) = (answer(response).await, engine.serve(target));
            assert_eq!((response.status().as_u16(), response.body()), (200, &reply.body), "{target}");
        }
        assert!(head.await.unwrap().headers().contains_key("etag"));
        assert_eq!(answer(busy).await.status(), 200);
        assert_eq!(engine.health().facts.items, facts + 2);
        let stats = service.stats();
        assert_eq!((stats.made, stats.waiting, stats.shed), (21, 0, 0), "{stats:?}");
    });
}

/// Reading takes no thread that looks, and leaves one of those that make pictures, however long a disk or a provider takes.
#[test]
fn a_crowd_of_unknown_sources_holds_up_nothing_else() {
    let gate = Gate::default();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=5000,5000\n").unwrap();
    std::fs::copy(support::path("assets/demo/pictures/ring.png"), folder.path().join("ring.png")).unwrap();
    let engine = support::builder(folder.path()).sources(gate.clone()).build().unwrap();
    engine.digest_ahead("/is/image/ring.png").unwrap();
    let service = service(engine).threads(2).queue(16).time_budget(Duration::from_secs(300)).build().unwrap();
    gate.set(true);
    run(async {
        let far = |at: usize| ask(&service, &format!("/is/image/far-{at}.jpg?wid=9"));
        let first: Vec<_> = (0..14).map(far).collect();
        wait("one is read, the others wait", || service.stats().running == 1 && service.stats().waiting == 13);
        let second = far(14);
        wait("it waits too", || service.stats().waiting == 14);
        assert_eq!(answer(far(15)).await.status(), 503, "two places are left to pictures");
        for width in 20..30 {
            assert_eq!(answer(ask(&service, &format!("/is/image/ring.png?wid={width}"))).await.status(), 200);
        }
        assert_eq!(answer(ask(&service, "/is/image/ring.png?req=props")).await.status(), 200);
        wait("the sources are still to be read", || service.stats().running == 1 && service.stats().waiting == 14);
        gate.set(false);
        for far in first.into_iter().chain([second]) {
            assert_eq!(answer(far).await.status(), 200);
        }
    });
}

/// However many files are to be read, large pictures have their turn.
#[test]
fn a_crowd_of_unknown_sources_puts_no_large_picture_off_to_the_end() {
    let gate = Gate::default();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=5000,5000\n").unwrap();
    let engine = support::builder(folder.path()).sources(gate.clone()).build().unwrap();
    engine.digest_ahead("/is/image/harbour.jpg").unwrap();
    let service = service(engine).build().unwrap();
    gate.set(true);
    let mut targets: Vec<_> = (0..12).map(|at| format!("/is/image/far-{at}.jpg?wid=9")).collect();
    let first = ask(&service, &targets.remove(0));
    wait("it is being read", || service.stats().running == 1);
    targets.push("/is/image/harbour.jpg?wid=2400&fmt=png&op_usm=3,9".to_owned());
    let (sender, receiver) = std::sync::mpsc::channel();
    let futures: Vec<_> = targets.iter().map(|target| (target.clone(), ask(&service, target))).collect();
    wait("all others wait", || service.stats().waiting == 12);
    // One thread makes pictures, and one thread here sees them in the same order.
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let tasks = futures.into_iter().map(|(target, future)| {
            let sender = sender.clone();
            tokio::spawn(async move {
                assert_eq!(answer(future).await.status(), 200, "{target}");
                sender.send(target).unwrap();
            })
        });
        let tasks: Vec<_> = tasks.collect();
        gate.set(false);
        assert_eq!(answer(first).await.status(), 200);
        for task in tasks {
            task.await.unwrap();
        }
    });
    let order: Vec<_> = receiver.try_iter().collect();
    let at = order.iter().position(|target| target.contains("harbour")).unwrap();
    assert!((1..6).contains(&at), "{order:?}");
}

/// What a file says besides its pixels is read where pictures are made, and remembered.
#[test]
fn metadata_of_known_sources_is_read_once_and_where_pictures_are_made() {
    let gate = Gate::default();
    let service = service(known(demo().sources(gate.clone()))).build().unwrap();
    gate.set(true);
    run(async {
        let lists = ["req=imageprops", "req=imageprops,json", "req=props&xmpEmbed=1", "req=imageprops,xml"];
        let targets = lists.map(|list| format!("/is/image/demo/harbour?{list}"));
        let waiting: Vec<_> = targets.iter().map(|target| ask(&service, target)).collect();
        wait("one is read, the others wait", || service.stats().running == 1 && service.stats().waiting == 3);
        assert_eq!(answer(ask(&service, "/is/image/demo/harbour?req=props")).await.status(), 200);
        gate.set(false);
        let mut bodies = vec![];
        for waiting in waiting {
            bodies.push(answer(waiting).await.into_body());
        }
        gate.set(true);
        for (target, body) in targets.iter().zip(bodies) {
            let again = answer(ask(&service, target)).await;
            assert_eq!((again.status().as_u16(), again.body().len()), (200, body.len()), "{target}");
        }
    });
}

/// Those who wait for a source go on once it has been read, while the first picture of it is made; and that picture is made
/// once for all who ask for it.
#[test]
fn a_source_is_held_no_longer_than_it_is_read() {
    let gate = Gate::default();
    let engine = demo().sources(gate.clone()).cache_bytes(1 << 26).build().unwrap();
    let service = service(engine).threads(2).build().unwrap();
    gate.set(true);
    run(async {
        let first = ask(&service, LARGE);
        wait("its source is being read", || service.stats().running == 1);
        let same = ask(&service, LARGE);
        let small =
            ["?wid=50", "?wid=60", "?req=props"].map(|query| ask(&service, &format!("/is/image/demo/harbour{query}")));
        wait("they wait for the source", || service.stats().waiting == 4);
        gate.set(false);
        for small in small {
            assert_eq!(answer(small).await.status(), 200);
        }
        assert_eq!(service.stats().made, 2, "the large picture takes longer than all of these");
        wait("it is made for both", || service.stats().running == 1 && service.stats().waiting == 1);
        assert_eq!(answer(first).await.body(), answer(same).await.body());
        assert_eq!(service.stats().made, 3);
    });
}

/// A source is not read to its end once the last client has gone.
#[cfg(target_os = "linux")]
#[test]
fn reading_ends_with_the_last_client() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\n").unwrap();
    let file = folder.path().join("long.png");
    std::fs::copy(support::path("assets/demo/pictures/ring.png"), &file).unwrap();
    // To digest it takes minutes.
    std::fs::File::options().write(true).open(&file).unwrap().set_len(1 << 38).unwrap();
    let limits = platemark::Limits::default().source_bytes(1 << 40);
    let engine = support::builder(folder.path()).limits(limits).build().unwrap();
    let service = service(engine.clone()).build().unwrap();
    let is_open = || {
        let files = std::fs::read_dir("/proc/self/fd").unwrap();
        files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok()).any(|open| open == file)
    };
    let [first, second] = [8, 9].map(|width| ask(&service, &format!("/is/image/long.png?wid={width}")));
    wait("it is being read for both", || is_open() && service.stats().waiting == 1);
    drop(first);
    std::thread::sleep(Duration::from_millis(20));
    assert!(is_open() && service.stats().running == 1, "the second still waits");
    drop(second);
    wait("it is closed", || !is_open() && service.stats().given_up == 2);
    let stats = service.stats();
    assert_eq!((stats.made, stats.quick, stats.waiting, stats.running), (0, 0, 0, 0));
    assert_eq!(engine.health().facts.items, 0);
}
