//! The example server under clients that are silent, slow or rude, as a process.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test program, with a clock")]

mod support;

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use support::server::Server;
use support::{demo_copy, example, path};

const SMALL: &str = "/is/image/demo/pebbles?wid=90";

/// Takes more memory than what the system keeps on its way to a client that does not read.
fn large(width: u32) -> String {
    format!("/is/image/demo/harbour?wid={width}&fmt=png")
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Asks, and does not read the response.
fn ask(server: &Server, target: &str) -> TcpStream {
    let mut stream = connect(server);
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream
}

/// What comes until the connection ends, however it does.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut buffer) = (vec![], vec![0; 1 << 16]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return bytes,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return bytes,
            Err(error) => panic!("{error}: {} bytes so far", bytes.len()),
        }
    }
}

/// The status line and the headers, in lower case; the body is to come.
fn head(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// Waits until something holds, up to twenty seconds.
fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A number of /metrics.
fn metric(server: &Server, name: &str) -> u64 {
    let text = String::from_utf8(server.ask("GET", "/metrics", "").1).unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.unwrap_or_else(|| panic!("{name} is missing in {text}"))
}

/// A folder of catalogs with a film in it that is longer than any buffer.
fn with_film(folder: &Path) {
    std::fs::write(folder.join("default.ini"), "RootPath=.\nStaticContentRootPath=.\n").unwrap();
    File::create(folder.join("film.mp4")).unwrap().set_len(FILM as u64).unwrap();
}

const FILM: usize = 64 << 20;

#[test]
fn clients_that_take_nothing_are_left_and_slow_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    with_film(folder.path());
    let server = Server::start(&["--catalogs", folder.path().to_str().unwrap(), "--write-timeout", "1"]);
    let mut deaf = ask(&server, "/is/content/film.mp4");
    let mut slow = ask(&server, "/is/content/film.mp4");
    let start = Instant::now();
    let (mut taken, mut buffer) = (0, vec![0; 1 << 20]);
    while start.elapsed() < Duration::from_secs(4) {
        taken += slow.read(&mut buffer).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(taken < FILM, "it was not slow");
    assert!(taken + rest_of_film(&mut slow, taken) > FILM);
    let got = rest(&mut deaf).len();
    assert!(got < FILM, "the server has waited for a client that took nothing: {got}");
}

/// Reads to the end of a film of which some bytes, its head among them, have been read.
fn rest_of_film(stream: &mut TcpStream, taken: usize) -> usize {
    let (mut more, mut buffer) = (0, vec![0; 1 << 20]);
    while taken + more <= FILM {
        match stream.read(&mut buffer).unwrap() {
            0 => break,
            count => more += count,
        }
    }
    more
}

#[test]
fn bodies_that_no_client_reads_are_bounded() {
    let server = Server::start(&["--body-bytes", "2097152"]);
    let mut first = ask(&server, &large(3000));
    assert!(head(&mut first).starts_with("http/1.1 200 "), "a body longer than the budget goes out by itself");
    wait("the body is in flight", || metric(&server, "platemark_service_body_bytes") > 1 << 21);
    // There is no room for another one.
    let mut second = ask(&server, &large(2999));
    let refused = head(&mut second);
    for line in ["http/1.1 503 ", "\r\nretry-after: 1\r\n", "\r\ncache-control: no-store\r\n", "nosniff\r\n"] {
        assert!(refused.contains(line), "{refused}");
    }
    // The same picture is the same memory, and small ones have their share.
    assert!(head(&mut ask(&server, &large(3000))).starts_with("http/1.1 200 "));
    let (small, _) = server.ask("GET", SMALL, "");
    assert!(small.starts_with("http/1.1 200 "), "{small}");
    assert!(metric(&server, "platemark_service_refused_bodies") >= 1);
    drop(first);
    wait("there is room again", || metric(&server, "platemark_service_body_bytes") == 0);
    assert!(head(&mut ask(&server, &large(2999))).starts_with("http/1.1 200 "));
}

#[test]
fn silent_clients_keep_no_other_out() {
    let script = "ulimit -n 256 && exec \"$0\" --listen 127.0.0.1:0";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(example("serve"));
    let server = Server::of(command);
    let mut crowd: Vec<TcpStream> = (0..400).map(|_| connect(&server)).collect();
    for stream in crowd.iter_mut().step_by(2) {
        // The server may have left already.
        let _ = stream.write_all(b"GET /is/image/demo/ring HTTP/1.1\r\nHo");
    }
    for width in 50..60 {
        let start = Instant::now();
        let (head, _) = server.ask("GET", &format!("/is/image/demo/pebbles?wid={width}"), "");
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn clients_that_take_no_response_keep_no_other_out() {
    let folder = tempfile::tempdir().unwrap();
    with_film(folder.path());
    let server = Server::start(&["--catalogs", folder.path().to_str().unwrap(), "--connections", "20"]);
    let crowd: Vec<TcpStream> = (0..30).map(|_| ask(&server, "/is/content/film.mp4")).collect();
    for _ in 0..2 {
        let start = Instant::now();
        let (head, _) = server.ask("GET", "/health", "");
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    }
    drop(crowd);
}

#[test]
fn silence_has_an_end() {
    let server = Server::start(&["--idle-timeout", "3", "--head-timeout", "1"]);
    let ended = |stream: &mut TcpStream| {
        let start = Instant::now();
        assert_eq!(rest(stream), b"");
        start.elapsed()
    };
    let mut half = connect(&server);
    half.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    let mut idle = connect(&server);
    let mut kept = connect(&server);
    for _ in 0..2 {
        kept.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert!(head(&mut kept).starts_with("http/1.1 200 "));
        kept.read_exact(&mut [0; 5]).unwrap();
    }
    // A byte now and then is not enough.
    let mut drip = half.try_clone().unwrap();
    let dripping = std::thread::spawn(move || {
        while drip.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let time = ended(&mut half);
    assert!(time < Duration::from_millis(2500), "{time:?}");
    dripping.join().unwrap();
    let time = ended(&mut idle);
    assert!(time > Duration::from_millis(500), "{time:?}");
    ended(&mut kept);
}

#[test]
fn a_request_names_its_host() {
    let server = Server::start(&[]);
    for (request, status) in [
        ("GET /health HTTP/1.1\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200),
        ("GET /health HTTP/1.0\r\n\r\n", 200),
        ("GET /health HTTP/1.0\r\nHost: x\r\n\r\n", 200),
    ] {
        let mut stream = connect(&server);
        stream.write_all(request.as_bytes()).unwrap();
        let answer = String::from_utf8(rest(&mut stream)).unwrap().to_lowercase();
        assert_eq!(answer.split(' ').nth(1), Some(status.to_string().as_str()), "{request}: {answer}");
        assert!(answer.contains("\r\nx-content-type-options: nosniff\r\n"), "{request}: {answer}");
    }
}

#[test]
fn heads_are_bounded() {
    let server = Server::start(&[]);
    let mut stream = connect(&server);
    let line = format!("X-Long: {}\r\n", "a".repeat(8 << 10));
    let mut sent = 0;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n").unwrap();
    while sent < 4 << 20 && stream.write_all(line.as_bytes()).is_ok() {
        sent += line.len();
    }
    let answer = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(server.ask("GET", "/health", "").0.starts_with("http/1.1 200 "));
}

#[test]
fn no_response_is_to_be_sniffed() {
    let server = Server::start(&[]);
    for (method, target, status) in [
        ("GET", "/", 200),
        ("GET", "/elsewhere", 404),
        ("POST", "/", 405),
        ("GET", "/metrics", 200),
        ("DELETE", "/metrics", 405),
        ("GET", "/health", 200),
        ("GET", "/viewer", 308),
        ("GET", "/viewer/", 200),
        ("GET", "/viewer/none.js", 404),
        ("GET", SMALL, 200),
        ("HEAD", SMALL, 200),
        ("POST", SMALL, 405),
        ("OPTIONS", SMALL, 200),
        ("GET", "/is/image/demo/nowhere", 403),
        ("GET", "/is/content/nowhere", 403),
    ] {
        let (head, _) = server.ask(method, target, "");
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{method} {target}: {head}");
        assert_eq!(head.matches("\r\nx-content-type-options: nosniff").count(), 1, "{method} {target}: {head}");
    }
}

/// The page shows a part of a large catalog, and counts the whole.
#[test]
fn the_page_of_a_large_catalog_is_short() {
    let records: String = (0..5000).map(|i| format!("r{i}\tring\n")).collect();
    let folder = demo_copy(|name, text| {
        if name == "shop.txt" {
            *text = format!("Id\tPath\n{records}");
        }
    });
    let catalogs = folder.path().to_str().unwrap();
    let server = Server::start(&["--catalogs", catalogs, "--root", path("assets/demo").to_str().unwrap()]);
    let page = String::from_utf8(server.ask("GET", "/", "").1).unwrap();
    assert_eq!(page.matches("<article>").count(), 200);
    let count: usize = page.split("<p>").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap();
    assert!(count > 5000 && page.contains("<h3>The first objects</h3>"), "{count}");
}
