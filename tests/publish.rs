//! A rolling publish behind real caches: two engines, one of which has new pictures already, behind nginx and Varnish.
//!
//! Clients read a version from one engine and ask for the picture through the cache, which asks whichever engine is next.
//! With `IdPolicy::Verify` no entry of the cache ever holds other bytes than those that its `id` stands for. With `Ignore`,
//! the reference's behaviour, some do: the same test shows it.
//!
//! Needs `nginx` and `varnishd` on the path. Where one is missing, its test says so and passes; with the environment
//! variable `PLATEMARK_REQUIRE_CACHES` it fails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test program")]
#![cfg(unix)]

mod support;

use std::collections::HashMap;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use platemark::Engine;
use support::dice::Dice;
use support::server::{Server, ask};
use tempfile::TempDir;

const OBJECTS: usize = 6;
const CLIENTS: usize = 4;
const ROUNDS: usize = 40;

/// Noise: no two pictures share a rendition.
fn picture(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed | 1);
    let data: Vec<u8> = (0..64 * 48 * 3).map(|_| dice.byte()).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 64, 48);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    file
}

fn name(object: usize) -> String {
    format!("p{object}.png")
}

/// One replica: its folder, and for every object the version and bytes of the rendition that is asked for.
struct Replica {
    folder: TempDir,
    renditions: Vec<(String, Vec<u8>)>,
}

impl Replica {
    fn new(generation: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nExpiration=24\n").unwrap();
        for object in 0..OBJECTS {
            std::fs::write(folder.path().join(name(object)), picture(generation * 1000 + object as u64)).unwrap();
        }
        let engine = Engine::builder(folder.path()).build().unwrap();
        let rendition = |object: usize| {
            let reply = engine.serve(&format!("/is/image/{}?wid=32", name(object)));
            assert_eq!(reply.status, 200);
            (reply.version.unwrap().to_string(), reply.body.to_vec())
        };
        let renditions = (0..OBJECTS).map(rendition).collect();
        Self { folder, renditions }
    }

    fn serve(&self, policy: &str) -> Server {
        Server::start(&["--catalogs", self.folder.path().to_str().unwrap(), "--id-policy", policy])
    }
}

/// A cache in front of two engines, stopped when it goes out of scope.
struct Proxy {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The cache answers, or why there is none.
fn started(mut process: Child, address: String, folder: TempDir) -> Proxy {
    // Twenty seconds.
    let mut looks = 400;
    while TcpStream::connect(&address).is_err() {
        looks -= 1;
        assert!(looks > 0, "the cache does not answer");
        assert!(process.try_wait().unwrap().is_none(), "the cache ended at once");
        std::thread::sleep(Duration::from_millis(50));
    }
    Proxy { process, address, _folder: folder }
}

fn nginx(engines: [&str; 2]) -> Proxy {
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
    let at = folder.path().display();
    let config = format!(
        "daemon off; pid {at}/pid; error_log {at}/error.log; worker_processes 1;
         events {{ worker_connections 256; }}
         http {{
             access_log off;
             client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
             uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
             proxy_cache_path {at}/cache keys_zone=renditions:1m;
             upstream engines {{ server {}; server {}; }}
             server {{
                 listen {address};
                 location / {{
                     proxy_pass http://engines;
                     proxy_cache renditions;
                     proxy_cache_key $request_uri;
                     add_header X-Cache $upstream_cache_status always;
                 }}
             }}
         }}",
        engines[0], engines[1]
    );
    // Workers of a server that root starts run as nobody, who may not look into the folder.
    let user = if is_root() { "user root;\n" } else { "" };
    std::fs::write(folder.path().join("nginx.conf"), format!("{user}{config}")).unwrap();
    let process = command("nginx")
        .arg("-p")
        .arg(folder.path())
        .arg("-c")
        .arg(folder.path().join("nginx.conf"))
        .args(["-e", "stderr"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    started(process, address, folder)
}

fn varnish(engines: [&str; 2]) -> Proxy {
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
    let backend = |name: &str, address: &str| {
        let (host, port) = address.split_once(':').unwrap();
        format!("backend {name} {{ .host = \"{host}\"; .port = \"{port}\"; }}\n")
    };
    let config = format!(
        "vcl 4.1;\nimport directors;\n{}{}\
         sub vcl_init {{ new engines = directors.round_robin(); engines.add_backend(a); engines.add_backend(b); }}\n\
         sub vcl_recv {{ set req.backend_hint = engines.backend(); }}\n\
         sub vcl_deliver {{ if (obj.hits > 0) {{ set resp.http.X-Cache = \"HIT\"; }} else {{ set resp.http.X-Cache = \"MISS\"; }} }}\n",
        backend("a", engines[0]),
        backend("b", engines[1])
    );
    std::fs::write(folder.path().join("default.vcl"), config).unwrap();
    let process = command("varnishd")
        .args(["-F", "-j", "none", "-a", &address, "-s", "malloc,64m", "-n"])
        .arg(folder.path().join("state"))
        .arg("-f")
        .arg(folder.path().join("default.vcl"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    started(process, address, folder)
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// The programs of servers are not on everybody's path.
const SERVER_PROGRAMS: &str = "/usr/sbin";

/// A program on the path or among those of servers.
fn command(program: &str) -> Command {
    let server_program = Path::new(SERVER_PROGRAMS).join(program);
    if server_program.exists() { Command::new(server_program) } else { Command::new(program) }
}

#[expect(clippy::disallowed_methods, reason = "a test program")]
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed =
        std::env::split_paths(&path).chain([Path::new(SERVER_PROGRAMS).to_owned()]).any(|f| f.join(program).exists());
    assert!(installed || std::env::var_os("PLATEMARK_REQUIRE_CACHES").is_none(), "{program} is not installed");
    if !installed {
        eprintln!("SKIPPED: {program} is not installed, so nothing was shown about publishing behind it");
    }
    installed
}

/// What the entries of a cache hold after a rolling publish: how many hold what their `id` stands for, how many do not.
struct Entries {
    right: usize,
    wrong: usize,
}

fn publish(policy: &str, start: fn([&str; 2]) -> Proxy) -> Entries {
    let (old, new) = (Replica::new(1), Replica::new(2));
    // Of files that have not settled caches keep replies for 10 s only, and this test may take longer.
    std::thread::sleep(Duration::from_millis(2100));
    let servers = [old.serve(policy), new.serve(policy)];
    let proxy = start([&servers[0].address, &servers[1].address]);

    let version_of = |server: &Server, object: usize| {
        let (_, body) = server.ask("GET", &format!("/is/image/{}?req=props", name(object)), "");
        let body = String::from_utf8(body).unwrap();
        body.lines().find_map(|line| line.strip_prefix("image.version=").map(str::to_owned)).unwrap()
    };
    // What clients learn, from either engine.
    let versions: Vec<[String; 2]> =
        (0..OBJECTS).map(|object| [version_of(&servers[0], object), version_of(&servers[1], object)]).collect();
    let expected: HashMap<&str, &[u8]> = [&old, &new]
        .into_iter()
        .flat_map(|replica| replica.renditions.iter().map(|(version, bytes)| (version.as_str(), bytes.as_slice())))
        .collect();
    let target = |object: usize, version: &str| format!("/is/image/{}?wid=32&id={version}", name(object));

    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (versions, proxy) = (&versions, &proxy);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let object = (client + round) % OBJECTS;
                    let version = &versions[object][(client + round / OBJECTS) % 2];
                    let (head, _) = ask(&proxy.address, "GET", &target(object, version), "");
                    assert!(head.starts_with("http/1.1 200"), "{head}");
                }
            });
        }
    });

    let mut entries = Entries { right: 0, wrong: 0 };
    for (object, versions) in versions.iter().enumerate() {
        for version in versions {
            let (head, body) = ask(&proxy.address, "GET", &target(object, version), "");
            if head.contains("x-cache: hit") {
                let right = expected[version.as_str()] == body.as_slice();
                *(if right { &mut entries.right } else { &mut entries.wrong }) += 1;
            }
        }
    }
    entries
}

fn shows(program: &str, start: fn([&str; 2]) -> Proxy) {
    if !is_installed(program) {
        return;
    }
    let verified = publish("verify", start);
    assert_eq!(
        (verified.right, verified.wrong),
        (2 * OBJECTS, 0),
        "every version is stored under its id, and nothing else"
    );
    // Proxies take engines in turn: by chance each request of a run may find the right one.
    let spoiled = (0..5).any(|_| publish("ignore", start).wrong > 0);
    assert!(spoiled, "without verification a lagging engine fills the cache with other pictures");
}

#[test]
fn behind_nginx() {
    shows("nginx", nginx);
}

#[test]
fn behind_varnish() {
    shows("varnishd", varnish);
}
