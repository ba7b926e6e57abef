//! Agreement between replicas: servers over copies of the demo catalog, each written down and run in another way, give equal
//! versions, tags and bytes.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::server::Server;
use crate::support::{cases, golden_requests, path, sha256, some};
use tempfile::TempDir;

/// A copy of the demo catalog: another folder of pictures, other times, and, if asked for, the records in reverse.
fn copy(name: &str, time: u64, reversed: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join(name);
    std::fs::create_dir(&pictures).unwrap();
    let aged = |path: &Path| {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time);
        std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    };
    for entry in std::fs::read_dir(path("assets/demo/pictures")).unwrap() {
        let from = entry.unwrap().path();
        let to = pictures.join(from.file_name().unwrap());
        std::fs::copy(&from, &to).unwrap();
        aged(&to);
    }
    for entry in std::fs::read_dir(path("assets/demo")).unwrap() {
        let from = entry.unwrap().path();
        let suffix = from.extension().unwrap_or_default().to_os_string();
        if from.is_dir() {
            continue;
        }
        let to = folder.path().join(from.file_name().unwrap());
        let mut text = std::fs::read_to_string(&from).unwrap();
        text = text.replace("RootPath=pictures", &format!("RootPath={name}"));
        let is_records = suffix == "txt" && text.starts_with("Id\t") && !text.contains('"');
        if reversed && is_records {
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            text = lines.join("\n") + "\n";
        }
        std::fs::write(&to, text).unwrap();
        aged(&to);
    }
    folder
}

/// Status, tag and lifetime, and a hash of the body: of a property list without what tells of the time and the store.
fn answer(server: &Server, target: &str) -> String {
    let (head, body) = server.ask("GET", target, "");
    let kept =
        |line: &&str| ["http/", "etag:", "cache-control:", "content-type:"].iter().any(|name| line.starts_with(name));
    let is_text = head.contains("content-type: text/");
    let body = if is_text { properties(&body) } else { sha256(&body) };
    format!("{}\n{body}", head.lines().filter(kept).collect::<Vec<_>>().join("\n"))
}

fn properties(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let told = |line: &&str| !line.starts_with('#') && !line.starts_with("image.length");
    text.lines().filter(told).collect::<Vec<_>>().join("\n")
}

#[test]
fn replicas_agree() {
    let folders =
        [copy("one", 1_000_000_007, false), copy("two", 1_200_000_000, true), copy("three", 1_400_000_001, true)];
    // Until files have settled, replies made of them have a shorter lifetime.
    std::thread::sleep(Duration::from_millis(2100));
    let arguments: [&[&str]; 3] = [&[], &["--cpu", "scalar"], &["--threads", "2", "--cache-bytes", "0"]];
    let start = |(folder, arguments): (&TempDir, &[&str])| {
        Server::start(&[&["--catalogs", folder.path().to_str().unwrap()], arguments].concat())
    };
    let servers: Vec<Server> = folders.iter().zip(arguments).map(start).collect();
    let requests = golden_requests();
    assert!(requests.len() >= 60);
    let requests = some(5, requests);
    let answers = |server: &Server| requests.iter().map(|request| answer(server, request)).collect::<Vec<_>>();
    let all: Vec<Vec<String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = servers.iter().map(|server| scope.spawn(|| answers(server))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    for other in &all[1..] {
        for ((request, one), other) in requests.iter().zip(&all[0]).zip(other) {
            assert_eq!(one, other, "{request}");
        }
    }
    let versions = all[0].iter().filter(|answer| answer.contains("image.version")).count();
    let tags = all[0].iter().filter(|answer| answer.contains("etag: \"")).count();
    assert!(versions > 0 && tags > cases(50, 10), "{versions} versions, {tags} tags");
}
