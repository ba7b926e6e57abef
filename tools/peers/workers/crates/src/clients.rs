//! Clients of a server: each asks for one path after the other over a connection of its own.
//!
//! A line is {"address": "127.0.0.1:8080", "paths": [...], "clients": 16, "seconds": 2}. After so many seconds nobody asks
//! any more, but all wait for their answers: nothing that was begun is left out, and no work is left to the server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Failure;

/// An answer that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(120);

pub fn serve_lines() -> Result<(), Failure> {
    println!("{}", json!({ "version": "" }));
    for line in std::io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        println!("{}", run(&line).unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Ok(())
}

fn run(line: &Value) -> Result<Value, Failure> {
    let address = line["address"].as_str().ok_or("no address")?;
    let paths: Vec<&str> = line["paths"].as_array().ok_or("no paths")?.iter().filter_map(Value::as_str).collect();
    let clients = line["clients"].as_u64().ok_or("no clients")?;
    let until = Duration::from_secs_f64(line["seconds"].as_f64().ok_or("no seconds")?);
    let (next, start) = (AtomicUsize::new(0), Instant::now());
    let client = || -> Result<Vec<Duration>, Failure> {
        let (mut connection, mut latencies) = (None, vec![]);
        while start.elapsed() < until {
            let path = paths[next.fetch_add(1, Ordering::Relaxed) % paths.len()];
            let asked = Instant::now();
            let open = match connection.take() {
                Some(open) => open,
                None => connect(address)?,
            };
            connection = ask(open, path)?;
            latencies.push(asked.elapsed());
        }
        Ok(latencies)
    };
    let answers: Result<Vec<Vec<Duration>>, Failure> = std::thread::scope(|scope| {
        let working: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        working.into_iter().map(|thread| thread.join().map_err(|_| "a client panicked")?).collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let mut latencies = answers?.concat();
    latencies.sort_unstable();
    let at = |share: f64| {
        let place = ((latencies.len() - 1) as f64 * share).round() as usize;
        latencies[place].as_secs_f64() * 1e3
    };
    let per_second = latencies.len() as f64 / seconds;
    Ok(json!({ "requests": latencies.len(), "per_second": per_second, "p50": at(0.5), "p99": at(0.99) }))
}

fn connect(address: &str) -> Result<BufReader<TcpStream>, Failure> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::with_capacity(1 << 16, stream))
}

/// Asks for a path and reads the answer; returns the connection if it can be used again.
fn ask(mut connection: BufReader<TcpStream>, path: &str) -> Result<Option<BufReader<TcpStream>>, Failure> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    connection.get_mut().write_all(request.as_bytes())?;
    let mut line = String::new();
    connection.read_line(&mut line)?;
    if line.split(' ').nth(1) != Some("200") {
        return Err(format!("{path}: {}", line.trim()).into());
    }
    let (mut length, mut chunked, mut close) = (None, false, false);
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        let value = value.trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse::<u64>()?),
            "transfer-encoding" => chunked = value == "chunked",
            "connection" => close = value == "close",
            _ => {}
        }
    }
    match length {
        _ if chunked => loop {
            line.clear();
            connection.read_line(&mut line)?;
            let chunk = u64::from_str_radix(line.trim(), 16)?;
            skip(&mut connection, chunk + 2)?;
            if chunk == 0 {
                break;
            }
        },
        Some(length) => skip(&mut connection, length)?,
        None => {
            std::io::copy(&mut connection, &mut std::io::sink())?;
            close = true;
        }
    }
    Ok((!close).then_some(connection))
}

fn skip(connection: &mut BufReader<TcpStream>, length: u64) -> Result<(), Failure> {
    let read = std::io::copy(&mut connection.take(length), &mut std::io::sink())?;
    if read == length { Ok(()) } else { Err("the answer was cut short".into()) }
}
