//! Processes with little memory: what needs more fails, by an error of that one request, and the process lives.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use crate::World;
use crate::support::server::Server;
use crate::support::{example, path};

/// More than the processes below have.
const LENGTH: u64 = 900 << 20;

const REFUSED: &str = "needs more memory than there is";

impl World {
    /// A sparse file that begins with some bytes.
    fn sparse(&self, name: &str, start: impl AsRef<[u8]>) {
        self.write(name, start);
        File::options().write(true).open(self.0.path().join(name)).unwrap().set_len(LENGTH).unwrap();
    }
}

/// The header of a PNG of 20,000 by 19,000 pixels, and where its first pixels begin.
fn drawing() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 20_000, 19_000);
    encoder.set_color(png::ColorType::Rgb);
    drop(encoder.write_header().unwrap());
    let end = file.windows(4).position(|four| four == b"IDAT" || four == b"IEND").unwrap() - 4;
    file.truncate(end);
    file.extend((LENGTH as u32 - 1000).to_be_bytes());
    file.extend(b"IDAT\x78\x01");
    file
}

#[test]
fn a_server_refuses_what_it_has_no_memory_for_and_goes_on() {
    let world = World::new();
    let harbour = std::fs::read(path("assets/demo/pictures/harbour.jpg")).unwrap();
    world.write("harbour.jpg", &harbour);
    world.sparse("photo.jpg", &harbour[..20_000]);
    world.sparse("drawing.png", drawing());
    world.sparse("film.mp4", "film");
    let folder = world.0.path().to_str().unwrap();
    for room in [500_000, 800_000] {
        let server = Server::with_room(room, &["--catalogs", folder, "--threads", "4", "--cache-bytes", "50000000"]);
        let ask = &|target: &str, headers: &str| server.ask("GET", target, headers);
        // In pieces, a film takes no memory.
        let (head, _) = server.ask("HEAD", "/is/content/film.mp4", "");
        assert!(head.starts_with("http/1.1 200 ") && head.contains("\r\ncontent-length: 943718400"), "{head}");
        let (head, body) = ask("/is/content/film.mp4", "Range: bytes=2-99999999\r\n");
        assert!(head.starts_with("http/1.1 206 ") && body.len() == 99_999_998 && body.starts_with(b"lm\0"), "{head}");
        // It cannot be mapped.
        for name in ["photo.jpg", "drawing.png"] {
            for request in ["wid=90", "req=props", "req=xmp"] {
                let (head, body) = ask(&format!("/is/image/{name}?{request}"), "");
                let body = String::from_utf8(body).unwrap();
                assert!(head.starts_with("http/1.1 403 ") && body.contains(REFUSED), "{name} {request}: {head} {body}");
            }
        }
        // Together they need more than there is, whatever each of them needs.
        let targets = (0..4).flat_map(|i| {
            ["png", "jpg", "pjpeg"].map(|format| format!("/is/image/harbour.jpg?wid={}&fmt={format}", 5000 + i))
        });
        let targets: Vec<String> = targets.collect();
        std::thread::scope(|scope| {
            for target in &targets {
                scope.spawn(move || {
                    let (head, body) = ask(target, "");
                    let made = head.starts_with("http/1.1 200 ") && body.len() > 500_000;
                    let refused = head.starts_with("http/1.1 403 ")
                        && String::from_utf8_lossy(&body) == format!("harbour.jpg: {REFUSED}\r\n");
                    assert!(made || refused, "{target}: {head}, {} bytes", body.len());
                });
            }
        });
        // The threads that made the pictures may take a moment to give their memory back.
        let is_answered = |_| {
            std::thread::sleep(Duration::from_millis(50));
            ask("/is/image/harbour.jpg?wid=90", "").0.starts_with("http/1.1 200 ")
        };
        assert!((0..100).any(is_answered), "{room}");
    }
}

/// Wherever the memory ends, an error is printed, and no signal ends the process.
#[test]
fn a_program_prints_an_error_wherever_its_memory_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    // In less than it takes to start, small allocations fail, which end a program.
    let starts = |room: &usize| {
        let script = format!("ulimit -v {room} && exec \"$0\" --help");
        let output = Command::new("sh").args(["-c", &script]).arg(example("render")).output().unwrap();
        output.status.success()
    };
    let least = (10_000..100_000).step_by(1000).find(starts).unwrap() + 4_000;
    for request in [
        "/is/image/demo/harbour?wid=4000&fmt=png&op_usm=2,3",
        "/is/image/demo/pebbles?wid=4000&fmt=pjpeg",
        "/is/image/demo/ring?wid=4000&fmt=png-alpha&rotate=30",
        "/is/image/demo/poster?wid=5000&fmt=jpg&qlt=100",
    ] {
        let mut made = 0;
        for room in (least..300_000).step_by(7_000) {
            let script = format!("ulimit -v {room} && exec \"$0\" \"$@\"");
            let mut command = Command::new("sh");
            command.args(["-c", &script]).arg(example("render")).args([request, "-o"]).arg(&file);
            let output = command.output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => made += 1,
                // The system may not find room for the program itself.
                Some(1) => assert!(error.contains(REFUSED) && error.lines().count() == 1, "{room} {request}: {error}"),
                Some(127) => {}
                code => panic!("{room} {request}: {code:?} {error}"),
            }
            // With more it will not fail.
            if made > 2 {
                break;
            }
        }
        assert!(made > 0, "{request}");
    }
}
