//! An HTTP server around the engine: `cargo run --release --example serve`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

#[path = "../common/mod.rs"]
mod common;
mod keys;
mod layers;
mod memory;
mod operate;
mod page;
mod upkeep;
mod viewer;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderName;
use axum::response::Html;
use axum::routing::get;
use common::CatalogOptions;
use keys::KeyFile;
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;
use page::Page;
use platemark::server::{Server, client_address};
use platemark::service::ImageService;
use platemark::{CpuLevel, Engine, IdPolicy, MissingStatus, UnknownCommands};
use tokio::net::TcpListener;
use tracing::Level;
use upkeep::Kept;

const HELP: &str = "\
Serves image requests over HTTP.

usage: serve [options]

  --catalogs DIR               folder of catalogs; default: the demo catalogs
  --root DIR                   folder that relative RootPaths are relative to; default: the catalogs folder
  --trust-mount DIR            believes the time stamps of files on the mount of DIR, whatever its file system; repeatable
  --listen ADDR:PORT           where to listen, port 0 for any; default: 127.0.0.1:8080
  --cache-bytes N              memory for finished pictures, 0 for none; default: 134217728
  --sidecar-bytes N            memory for what decoders learn of pictures, 0 for none; default: 134217728
  --memo-bytes N               memory for headers of files and for requests, 0 for none; default: 33554432
  --threads N                  pictures made at the same time, of which one is a small one, and threads for a large one
                               while no others are made; never changes bytes; default: one per processor, and two at least
  --cpu LEVEL                  highest CPU level to use, auto, scalar, sse41, avx2 or neon; never changes bytes
  --id-policy verify|ignore    what id= in a request does; default: verify
  --damaged refuse|show        what becomes of damaged files where the catalog does not say; default: refuse
  --missing 403|404            status of a reply to a request for what is not there; default: 403
  --stale-while-revalidate SECONDS
                               for how long after its lifetime caches may deliver a reply while they ask for a new one;
                               default: 0
  --stale-if-error SECONDS     for how long they may if they get an error in place of a new one; default: 0
  --version-header             tells the version of its content in every response, as Platemark-Version
  --cache-tag-header NAME      the header that tells a CDN what it can purge a response by: Cache-Tag, Surrogate-Key, xkey
  --sign-key-file FILE         answers only requests signed with a key of this file, one [id:]base64url a line
  --presets-only               answers requests whose query has only macros, variables, req, id, locale, handler and a
                               signature
  --unknown ignore|warn|refuse what becomes of commands that the protocol does not know; default: ignore
  --queue N                    pictures that may wait for a thread before requests are turned away; default: 64
  --body-bytes N               memory for responses that have been made and not been sent; default: 67108864
  --connections N              connections at the same time, at most half of the descriptors that the process may have
                               less 64; default: 1000
  --idle-timeout SECONDS       how long a connection may stay open without a request; default: 60
  --head-timeout SECONDS       how long the head of a request may take to come in; default: 10
  --write-timeout SECONDS      how long a client may leave its response untouched, taking less than 16 KiB; default: 20
  --log LEVEL                  error, warn, info, debug (stages of requests) or trace, to standard error; default: warn
  --server-timing              tells in every response how long its stages took

Looks every ten seconds whether attribute files have changed, and serves the new ones once they have been left alone for
five; and whether the file of keys has changed. A changed table is read when its attribute file changes. What was read
less than two seconds after it had changed is read once more, and taken up if it differs. Besides requests it answers
/metrics, for Prometheus, and /health.

Stops on SIGTERM and SIGINT, after the requests under way have been answered.";

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Memory for buffers that wait for the next picture: enough for a progressive JPEG of twenty megapixels with halved chroma.
const SCRATCH_BYTES: usize = 64 << 20;

struct Options {
    catalogs: CatalogOptions,
    listen: SocketAddr,
    cache_bytes: u64,
    sidecar_bytes: u64,
    memo_bytes: u64,
    threads: Option<usize>,
    cpu: CpuLevel,
    id_policy: IdPolicy,
    missing: MissingStatus,
    stale_while_revalidate: Duration,
    stale_if_error: Duration,
    version_header: bool,
    cache_tag_header: Option<HeaderName>,
    sign_key_file: Option<PathBuf>,
    presets_only: bool,
    unknown: UnknownCommands,
    queue: usize,
    body_bytes: u64,
    server: Server,
    log: Level,
    server_timing: bool,
}

/// As many threads as there are processors, and two at least.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).max(2)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("serve: {error}; see serve --help");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("serve: {message}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options {
        catalogs: CatalogOptions::default(),
        listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
        cache_bytes: 128 << 20,
        sidecar_bytes: 128 << 20,
        memo_bytes: 32 << 20,
        threads: None,
        cpu: CpuLevel::default(),
        id_policy: IdPolicy::default(),
        missing: MissingStatus::default(),
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        version_header: false,
        cache_tag_header: None,
        sign_key_file: None,
        presets_only: false,
        unknown: UnknownCommands::default(),
        queue: 64,
        body_bytes: 64 << 20,
        server: Server::new(),
        log: Level::WARN,
        server_timing: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("listen") => options.listen = parser.value()?.parse()?,
            Long("cache-bytes") => options.cache_bytes = parser.value()?.parse()?,
            Long("sidecar-bytes") => options.sidecar_bytes = parser.value()?.parse()?,
            Long("memo-bytes") => options.memo_bytes = parser.value()?.parse()?,
            Long("threads") => options.threads = Some(parser.value()?.parse()?),
            Long("queue") => options.queue = parser.value()?.parse()?,
            Long("body-bytes") => options.body_bytes = parser.value()?.parse()?,
            Long("connections") => options.server = options.server.connections(parser.value()?.parse()?),
            Long("idle-timeout") => options.server = options.server.idle_timeout(seconds(&mut parser)?),
            Long("head-timeout") => options.server = options.server.head_timeout(seconds(&mut parser)?),
            Long("write-timeout") => options.server = options.server.write_timeout(seconds(&mut parser)?),
            Long("log") => options.log = parser.value()?.parse_with(operate::level)?,
            Long("server-timing") => options.server_timing = true,
            Long("sign-key-file") => options.sign_key_file = Some(parser.value()?.into()),
            Long("presets-only") => options.presets_only = true,
            Long("unknown") => {
                options.unknown = parser.value()?.parse_with(|name| match name {
                    "ignore" => Ok(UnknownCommands::Ignore),
                    "warn" => Ok(UnknownCommands::Warn),
                    "refuse" => Ok(UnknownCommands::Refuse),
                    _ => Err("needs ignore, warn or refuse"),
                })?;
            }
            Long("cpu") => options.cpu = common::cpu_level(&mut parser)?,
            Long("missing") => {
                options.missing = parser.value()?.parse_with(|status| match status {
                    "403" => Ok(MissingStatus::Forbidden),
                    "404" => Ok(MissingStatus::NotFound),
                    _ => Err("needs 403 or 404"),
                })?;
            }
            Long("stale-while-revalidate") => options.stale_while_revalidate = seconds(&mut parser)?,
            Long("stale-if-error") => options.stale_if_error = seconds(&mut parser)?,
            Long("version-header") => options.version_header = true,
            Long("cache-tag-header") => options.cache_tag_header = Some(parser.value()?.parse()?),
            Long("id-policy") => {
                options.id_policy = parser.value()?.parse_with(|name| match name {
                    "ignore" => Ok(IdPolicy::Ignore),
                    "verify" => Ok(IdPolicy::Verify),
                    _ => Err("needs ignore or verify"),
                })?;
            }
            Long(option) => {
                let option = option.to_owned();
                if !options.catalogs.take(&option, &mut parser)? {
                    return Err(Long(&option).unexpected());
                }
            }
            other => return Err(other.unexpected()),
        }
    }
    if options.threads == Some(0) {
        return Err("--threads needs at least 1".into());
    }
    Ok(Some(options))
}

fn seconds(parser: &mut lexopt::Parser) -> Result<Duration, lexopt::Error> {
    Ok(Duration::from_secs(parser.value()?.parse()?))
}

fn run(options: &Options) -> Result<(), String> {
    memory::give_back();
    operate::log(options.log);
    let metrics = operate::metrics()?;
    let builder = options.catalogs.builder().cpu(options.cpu).id_policy(options.id_policy);
    let builder =
        builder.cache_bytes(options.cache_bytes).sidecar_bytes(options.sidecar_bytes).memo_bytes(options.memo_bytes);
    let mut builder = builder
        .pool(common::pool(options.threads.unwrap_or_else(processors))?)
        .scratch_bytes(SCRATCH_BYTES)
        .missing_status(options.missing)
        .stale_while_revalidate(options.stale_while_revalidate)
        .stale_if_error(options.stale_if_error)
        .presets_only(options.presets_only)
        .unknown_commands(options.unknown);
    let mut key_file = None;
    if let Some(path) = &options.sign_key_file {
        let (file, keys) = KeyFile::open(path)?;
        builder = builder.signing_keys(keys);
        key_file = Some(file);
    }
    let engine = builder.build().map_err(|error| error.to_string())?;
    let service = ImageService::builder(engine.clone());
    let service = match &options.cache_tag_header {
        Some(name) => service.cache_tag_header(name.clone()),
        None => service,
    };
    let images = service
        .version_header(options.version_header)
        .threads(options.threads.unwrap_or_else(processors))
        .queue(options.queue)
        .body_bytes(options.body_bytes)
        .client_address(client_address)
        .server_timing(options.server_timing)
        .respond_inline(true)
        .build()
        .map_err(|error| error.to_string())?;
    let operated = operate::routes(engine.clone(), images.clone(), metrics.clone());
    let page = Page::new(&engine);
    let app = app(page.clone(), &images, options.cache_tag_header.as_ref()).merge(operated);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.spawn(operate::keep(metrics));
    runtime.block_on(serve(options, app, Kept { engine, page, key_file }))
}

/// Everything that is served but what operators look at.
fn app(page: Page, images: &ImageService, cache_tag: Option<&HeaderName>) -> Router {
    let images = ["/is/image", "/is/content"].iter().fold(Router::new(), |router, root| {
        router
            .route_service(root, images.clone())
            .route_service(&format!("{root}/"), images.clone())
            .route_service(&format!("{root}/{{*object}}"), images.clone())
    });
    layers::around(images.route("/", get(index)).merge(viewer::routes()), cache_tag).with_state(page)
}

async fn serve(options: &Options, app: Router, kept: Kept) -> Result<(), String> {
    let listen = options.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    announce(address, &kept.engine);
    tokio::spawn(kept.keep_up());
    let stop = async || {
        stopped().await;
        // The server does not wait for a client that keeps a request open for longer.
        tokio::spawn(async {
            tokio::time::sleep(GRACE).await;
            std::process::exit(0);
        });
    };
    options.server.serve(listener, app, stop()).await.map_err(|error| error.to_string())
}

/// Says where the server is. The program that started it may have closed its output since; that is no reason to stop.
fn announce(address: SocketAddr, engine: &Engine) {
    let mut text = format!("listening on http://{address}\ntry http://{address}/\n");
    for object in &engine.first_objects(3) {
        text.push_str(&format!("    http://{address}/is/image/{}?wid=400\n", page::path(object)));
    }
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}

async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn index(State(page): State<Page>) -> Html<Bytes> {
    Html(page.html())
}
