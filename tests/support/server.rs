//! A `serve` process and what it answers.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "each test program uses a part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::example;

/// A running server, stopped when it goes out of scope.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(example("serve"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        Self::of(command)
    }

    /// A server with no more than that many KiB of address space.
    pub(crate) fn with_room(kibibytes: u32, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {kibibytes} && exec \"$0\" \"$@\"")]).arg(example("serve"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        Self::of(command)
    }

    /// One that a command starts.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { process, address }
    }

    /// Status line and headers in lower case, and the body.
    pub(crate) fn ask(&self, method: &str, target: &str, headers: &str) -> (String, Vec<u8>) {
        ask(&self.address, method, target, headers)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks a server: status line and headers in lower case, and the body.
pub(crate) fn ask(address: &str, method: &str, target: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
}
