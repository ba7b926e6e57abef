//! Agreement between replicas: servers over copies of the demo catalog, each written down and run in another way, give equal
//! versions, tags and bytes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use support::{golden_requests, path, sha256};
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

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(support::example("serve"));
        command.args(["--listen", "127.0.0.1:0", "--catalogs"]).arg(folder).args(arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { process, address }
    }

    /// Status, tag and lifetime, and a hash of the body: of a property list without what tells of the time and the store.
    fn answer(&self, target: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        let kept = |line: &&str| {
            ["http/", "etag:", "cache-control:", "content-type:"].iter().any(|name| line.starts_with(name))
        };
        let body = &answer[end + 4..];
        let is_text = head.contains("content-type: text/");
        let body = if is_text { properties(body) } else { sha256(body) };
        format!("{}\n{body}", head.lines().filter(kept).collect::<Vec<_>>().join("\n"))
    }
}

fn properties(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let told = |line: &&str| !line.starts_with('#') && !line.starts_with("image.length");
    text.lines().filter(told).collect::<Vec<_>>().join("\n")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn replicas_agree() {
    let folders =
        [copy("one", 1_000_000_007, false), copy("two", 1_200_000_000, true), copy("three", 1_400_000_001, true)];
    let arguments: [&[&str]; 3] = [&[], &["--cpu", "scalar"], &["--threads", "2", "--cache-bytes", "0"]];
    let servers: Vec<Server> =
        folders.iter().zip(arguments).map(|(folder, arguments)| Server::start(folder.path(), arguments)).collect();
    let requests = golden_requests();
    assert!(requests.len() >= 60);
    let answers = |server: &Server| requests.iter().map(|request| server.answer(request)).collect::<Vec<_>>();
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
    assert!(versions > 0 && tags > 50, "{versions} versions, {tags} tags");
}
