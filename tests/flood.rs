//! A server under attack: the worst requests that are known, silent clients and clients that do not read, beside the
//! requests that it is there for.
//!
//! `PLATEMARK_FLOOD_SECONDS=60 cargo test --test flood` floods the release build of `serve`, which has to be built, and
//! holds it to its promises. Without the variable a short flood of the debug build looks at statuses alone, because
//! that build is slower than the promises are.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test program, with a clock")]

mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use support::dice::Dice;
use support::server::Server;
use support::{demo_copy, example, path};

/// What the server promises.
const STORED_P99: Duration = Duration::from_millis(20);
const NEW_SMALL: Duration = Duration::from_secs(1);
const MEMORY_MB: u64 = 600;
const STATUSES: [u16; 4] = [200, 304, 403, 503];

/// Requests that cost as much as a request can, or ask for more than that. `tests/worst.txt` may have more, one a line.
const WORST: [&str; 18] = [
    "/is/image/demo/harbour?crop=-16000000,-16000000,16777215,16777215",
    "/is/image/demo/harbour?size=1,16777215",
    "/is/image/demo/harbour?extend=16000000,0,0,0",
    "/is/image/demo/harbour?wid=1&hei=65535&op_usm=5,250",
    "/is/image/demo/harbour?wid=5000&hei=5000&fmt=png",
    "/is/image/demo/harbour?wid=5000&hei=5000&op_blur=250&fmt=png",
    "/is/image/demo/harbour?scl=1&op_usm=5,250,0,0&fmt=png-alpha",
    "/is/image/demo/harbour?scl=1&rotate=33&fmt=png-alpha",
    "/is/image/demo/harbour?wid=4000&fmt=pjpeg&qlt=100,1",
    "/is/image/demo/poster?scl=1&op_colorize=ff0000&fmt=png",
    "/is/image/demo/harbour?req=xmp",
    "/is/image/demo/harbour?req=props&wid=4000",
    "/is/image/gallery/nowhere?wid=2000&hei=2000&fmt=png",
    "/is/image/gallery/nowhere?wid=0",
    "/is/image/gallery/ring?rect=1,2",
    "/is/image/flood/monster?scl=1&fmt=png",
    "/is/image/flood/monster?wid=1500&op_sharpen=1",
    "/is/content/flood/film.mp4",
];

/// What comes back to a client of the flood.
#[derive(Default)]
struct Told {
    statuses: Mutex<BTreeMap<(&'static str, u16), u64>>,
    stored: Mutex<Vec<Duration>>,
    small: Mutex<Vec<Duration>>,
    failed: AtomicU64,
    over: AtomicBool,
}

impl Told {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    fn count(&self, who: &'static str, status: u16) {
        *self.statuses.lock().unwrap().entry((who, status)).or_default() += 1;
    }
}

/// A connection that stays open.
struct Client(BufReader<TcpStream>);

impl Client {
    fn new(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(90)))?;
        Ok(Self(BufReader::with_capacity(1 << 16, stream)))
    }

    fn send(&mut self, target: &str, headers: &str) -> Result<()> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: flood\r\n{headers}\r\n");
        self.0.get_mut().write_all(request.as_bytes())
    }

    /// The status and the length of the body, which is to come.
    fn head(&mut self) -> Result<(u16, u64)> {
        let (mut status, mut length, mut line) = (None, 0, String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end().to_ascii_lowercase();
            match (text.strip_prefix("http/1.1 "), text.strip_prefix("content-length: ")) {
                (Some(rest), _) => status = rest.get(..3).and_then(|code| code.parse().ok()),
                (_, Some(rest)) => length = rest.parse().map_err(|_| ErrorKind::InvalidData)?,
                _ if text.is_empty() => break,
                _ => {}
            }
        }
        Ok((status.ok_or(ErrorKind::InvalidData)?, length))
    }

    fn ask(&mut self, target: &str, headers: &str) -> Result<u16> {
        self.send(target, headers)?;
        let (status, length) = self.head()?;
        let body = std::io::copy(&mut (&mut self.0).take(length), &mut std::io::sink())?;
        if body == length { Ok(status) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

/// The catalogs of the flood: the demo's, and one with a film and a picture that takes long to decode for its size.
fn catalogs() -> tempfile::TempDir {
    let folder = demo_copy(|_, _| {});
    let pictures = folder.path().join("flood");
    std::fs::create_dir(&pictures).unwrap();
    File::create(pictures.join("film.mp4")).unwrap().set_len(1 << 30).unwrap();
    std::fs::write(pictures.join("monster.jpg"), monster()).unwrap();
    let root = pictures.display();
    std::fs::write(
        folder.path().join("flood.ini"),
        format!("RootId=flood\nRootPath={root}\nStaticContentRootPath={root}\nMaxPix=5000,5000\n"),
    )
    .unwrap();
    folder
}

/// A progressive JPEG of sixteen megapixels in twenty scans and more, of the same block everywhere.
fn monster() -> Vec<u8> {
    const SIDE: u16 = 4000;
    let mut dice = Dice::new(7);
    let tile: Vec<u8> = (0..64).map(|_| dice.byte()).collect();
    let side = usize::from(SIDE);
    let samples: Vec<u8> = (0..3 * side * side).map(|at| tile[(at / 3 / side % 8) * 8 + at / 3 % 8]).collect();
    let mut file = vec![];
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 60);
    encoder.set_progressive_scans(20);
    encoder.encode(&samples, SIDE, SIDE, jpeg_encoder::ColorType::Rgb).unwrap();
    file
}

/// The worst requests, those of the list in the tree included.
fn worst() -> Vec<String> {
    let more = std::fs::read_to_string(path("tests/worst.txt")).unwrap_or_default();
    let more = more.lines().map(str::trim).filter(|line| line.starts_with('/'));
    WORST.iter().map(|target| (*target).to_owned()).chain(more.map(str::to_owned)).collect()
}

/// Asks for the worst there is, each time another picture, and reads every other response.
fn attack(address: &str, told: &Told, worst: &[String], seed: u64) {
    let mut dice = Dice::new(seed);
    while told.goes_on() {
        let Ok(mut client) = Client::new(address) else {
            sleep(Duration::from_millis(50));
            continue;
        };
        for _ in 0..4 {
            let target = &worst[dice.below(worst.len())];
            let separator = if target.contains('?') { '&' } else { '?' };
            let target = format!("{target}{separator}bgc={:06x}", dice.below(1 << 24));
            let status = client.send(&target, "").and_then(|()| client.head());
            let Ok((status, length)) = status else {
                told.failed.fetch_add(u64::from(told.goes_on()), Ordering::Relaxed);
                break;
            };
            told.count("worst", status);
            // A client that does not want the rest leaves.
            if length > 1 << 20 && dice.below(2) == 0 {
                break;
            }
            let read = length.min(64 << 20);
            if std::io::copy(&mut (&mut client.0).take(read), &mut std::io::sink()).is_err() || read < length {
                break;
            }
            if status == 503 {
                sleep(Duration::from_millis(50));
            }
        }
    }
}

/// Asks for large replies by many connections and reads none of them.
fn ignore(address: &str, told: &Told) {
    let mut dice = Dice::new(99);
    let mut held = vec![];
    while told.goes_on() {
        if held.len() == 40 {
            held.remove(dice.below(40));
        }
        let target = match dice.below(3) {
            0 => "/is/content/flood/film.mp4".to_owned(),
            // Cheap to make for its length, some 20 MB.
            _ => format!("/is/image/demo/harbour?scl=1&fmt=png&bgc={:06x}", dice.below(1 << 24)),
        };
        if let Ok(mut client) = Client::new(address) {
            let _ = client.send(&target, "");
            held.push(client);
        }
        sleep(Duration::from_millis(100));
    }
}

/// Keeps many connections open: on half of them nothing is asked, on the others half a request.
fn be_silent(address: &str, told: &Told) {
    let mut held: Vec<TcpStream> = vec![];
    while told.goes_on() {
        if held.len() == 600 {
            held.drain(..50);
        }
        if let Ok(mut stream) = TcpStream::connect(address) {
            if held.len().is_multiple_of(2) {
                let _ = stream.write_all(b"GET /is/image/demo/ring HTTP/1.1\r\nHost: x\r\nX-");
            }
            held.push(stream);
        }
        sleep(Duration::from_millis(5));
    }
}

/// Asks again and again for what is stored, and takes the time.
fn ask_for_stored(address: &str, told: &Told, targets: &[String]) {
    let mut client = Client::new(address).unwrap();
    for target in targets.iter().cycle() {
        if !told.goes_on() {
            return;
        }
        let start = Instant::now();
        match client.ask(target, "") {
            Ok(status) => told.count("stored", status),
            Err(_) if !told.goes_on() => return,
            Err(_) => {
                told.failed.fetch_add(1, Ordering::Relaxed);
                client = Client::new(address).unwrap();
            }
        }
        told.stored.lock().unwrap().push(start.elapsed());
        sleep(Duration::from_millis(5));
    }
}

/// Asks for small pictures that are made for the first time, and takes the time.
fn ask_for_small(address: &str, told: &Told) {
    let mut client = Client::new(address).unwrap();
    let targets = (0..).map(|i| format!("/is/image/demo/pebbles?wid={}&hei={}", 60 + i % 100, 60 + i / 100));
    for target in targets {
        if !told.goes_on() {
            return;
        }
        let start = Instant::now();
        match client.ask(&target, "") {
            Ok(status) => told.count("new", status),
            Err(_) if !told.goes_on() => return,
            Err(_) => {
                told.failed.fetch_add(1, Ordering::Relaxed);
                client = Client::new(address).unwrap();
            }
        }
        told.small.lock().unwrap().push(start.elapsed());
        sleep(Duration::from_millis(50));
    }
}

/// Downloads ranges of a film.
fn download(address: &str, told: &Told) {
    let mut dice = Dice::new(5);
    while told.goes_on() {
        let Ok(mut client) = Client::new(address) else { continue };
        let from = dice.below(1 << 30);
        let range = format!("Range: bytes={from}-{}\r\n", from + dice.below(3 << 20));
        match client.ask("/is/content/flood/film.mp4", &range) {
            // Part of a film is the whole of its range.
            Ok(status) => told.count("film", if status == 206 { 200 } else { status }),
            Err(_) => drop(told.failed.fetch_add(u64::from(told.goes_on()), Ordering::Relaxed)),
        }
        sleep(Duration::from_millis(100));
    }
}

/// The highest memory of a process so far, in MB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Median, 99th and 99.9th percentile and the longest of some times.
fn distribution(times: &mut [Duration]) -> [Duration; 4] {
    times.sort_unstable();
    let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)));
    [0.5, 0.99, 0.999, 1.0].map(|share| at(share).copied().unwrap_or_default())
}

/// The release build, if its promises are to be looked at, and the seconds of the flood.
fn told_to() -> Option<(PathBuf, u64)> {
    let seconds = std::env::var("PLATEMARK_FLOOD_SECONDS").ok()?.parse().unwrap();
    let debug = example("serve");
    let built = debug.ancestors().nth(3).unwrap().join("release/examples/serve");
    assert!(built.exists(), "cargo build --release --example serve");
    Some((built, seconds))
}

fn start(program: &Path, catalogs: &Path) -> Server {
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--root", path("assets/demo").to_str().unwrap(), "--catalogs"]);
    command.arg(catalogs);
    Server::of(command)
}

#[test]
fn small_and_stored_pictures_come_during_a_flood() {
    let promised = told_to();
    let (program, seconds) = promised.clone().unwrap_or_else(|| (example("serve"), 3));
    let folder = catalogs();
    let server = start(&program, folder.path());
    let address = server.address.clone();
    let address = address.as_str();
    let stored: Vec<String> = (0..8).map(|i| format!("/is/image/demo/lighthouse?wid={}", 200 + i)).collect();
    let mut client = Client::new(address).unwrap();
    for target in
        stored.iter().map(String::as_str).chain(["/is/image/demo/pebbles?wid=59", "/is/image/flood/monster?wid=59"])
    {
        assert_eq!(client.ask(target, "").unwrap(), 200, "{target}");
    }
    drop(client);
    let (told, worst) = (Told::default(), worst());
    let peak = std::thread::scope(|scope| {
        let (told, worst, stored) = (&told, &worst, &stored);
        for seed in 0..8 {
            scope.spawn(move || attack(address, told, worst, seed));
        }
        scope.spawn(move || ignore(address, told));
        scope.spawn(move || be_silent(address, told));
        scope.spawn(move || download(address, told));
        // The flood comes first.
        sleep(Duration::from_millis(500));
        scope.spawn(move || ask_for_stored(address, told, stored));
        scope.spawn(move || ask_for_small(address, told));
        sleep(Duration::from_secs(seconds));
        // The server goes on as before.
        let health = Client::new(address).and_then(|mut client| client.ask("/health", ""));
        told.over.store(true, Ordering::Relaxed);
        let peak = peak(server.process.id());
        // Those who still wait need not.
        drop(server);
        assert_eq!(health.unwrap(), 200);
        peak
    });
    let (mut stored, mut small) = (told.stored.into_inner().unwrap(), told.small.into_inner().unwrap());
    let (of_stored, of_small) = (distribution(&mut stored), distribution(&mut small));
    let statuses = told.statuses.into_inner().unwrap();
    let failed = told.failed.into_inner();
    let report = format!(
        "after {seconds} s (median, p99, p99.9, longest)\n\
         stored: {} times {of_stored:?}\nnew small: {} times {of_small:?}\n\
         peak memory: {peak} MB\nstatuses: {statuses:?}\nbroken off: {failed}",
        stored.len(),
        small.len()
    );
    println!("{report}");
    assert!(statuses.keys().all(|(_, status)| STATUSES.contains(status)), "other statuses than {STATUSES:?}\n{report}");
    assert!(
        statuses.keys().all(|(who, status)| *who != "stored" || *status == 200),
        "stored pictures refused\n{report}"
    );
    if promised.is_some() {
        assert!(of_stored[1] <= STORED_P99, "stored pictures are late\n{report}");
        assert!(of_small[3] <= NEW_SMALL, "new small pictures are late\n{report}");
        assert!(peak <= MEMORY_MB, "too much memory\n{report}");
    }
}
