//! An HTTP server around the engine: `cargo run --release --example serve`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

#[path = "../common/mod.rs"]
mod common;
mod page;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPIRES, HeaderMap, HeaderName, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, Response, StatusCode, Uri};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use common::CatalogOptions;
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;
use platemark::{Context, CpuLevel, Engine, IdPolicy, Reply};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

const HELP: &str = "\
Serves image requests over HTTP.

usage: serve [options]

  --catalogs DIR               folder of catalogs; default: the demo catalogs
  --root DIR                   folder that relative RootPaths are relative to; default: the catalogs folder
  --listen ADDR:PORT           where to listen, port 0 for any; default: 127.0.0.1:8080
  --cache-bytes N              memory for finished pictures, 0 for none; default: 268435456
  --memo-bytes N               memory for what is remembered of sources, 0 for none; default: 67108864
  --threads N                  pictures made at the same time; default: one per processor
  --cpu auto|scalar|avx2       highest CPU level to use; never changes bytes
  --id-policy ignore|verify    what id= in a request does; default: ignore

Stops on SIGTERM and SIGINT, after the requests under way have been answered.";

/// The last moment that a date of HTTP can express, since 1970.
const LATEST: Duration = Duration::from_secs(253_402_300_799);

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

struct Options {
    catalogs: CatalogOptions,
    listen: SocketAddr,
    cache_bytes: u64,
    memo_bytes: u64,
    threads: usize,
    cpu: CpuLevel,
    id_policy: IdPolicy,
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
        cache_bytes: 256 << 20,
        memo_bytes: 64 << 20,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        cpu: CpuLevel::default(),
        id_policy: IdPolicy::default(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("listen") => options.listen = parser.value()?.parse()?,
            Long("cache-bytes") => options.cache_bytes = parser.value()?.parse()?,
            Long("memo-bytes") => options.memo_bytes = parser.value()?.parse()?,
            Long("threads") => options.threads = parser.value()?.parse()?,
            Long("cpu") => options.cpu = common::cpu_level(&mut parser)?,
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
    if options.threads == 0 {
        return Err("--threads needs at least 1".into());
    }
    Ok(Some(options))
}

/// What every request needs.
#[derive(Clone)]
struct Server {
    engine: Engine,
    /// One permit for each picture that may be made at the same time.
    permits: Arc<Semaphore>,
}

fn run(options: &Options) -> Result<(), String> {
    let builder = options.catalogs.builder().cpu(options.cpu).id_policy(options.id_policy);
    let builder = builder.cache_bytes(options.cache_bytes).memo_bytes(options.memo_bytes);
    let engine = builder.build().map_err(|error| error.to_string())?;
    let server = Server { engine, permits: Arc::new(Semaphore::new(options.threads)) };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(options.threads + 1)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(serve(server, options.listen))
}

async fn serve(server: Server, listen: SocketAddr) -> Result<(), String> {
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    announce(address, &server.engine);
    let app = Router::new()
        .route("/", get(index))
        .route("/is/image", get(image))
        .route("/is/image/{*object}", get(image))
        .with_state(server);
    let stop = async || {
        stopped().await;
        // Whoever keeps a request open for longer is not waited for.
        tokio::spawn(async {
            tokio::time::sleep(GRACE).await;
            std::process::exit(0);
        });
    };
    axum::serve(listener, app).with_graceful_shutdown(stop()).await.map_err(|error| error.to_string())
}

/// Says where the server is. Whoever started it may have closed its output since; that is no reason to stop.
fn announce(address: SocketAddr, engine: &Engine) {
    let mut text = format!("listening on http://{address}\ntry http://{address}/\n");
    for object in engine.objects().iter().take(3) {
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

async fn index(State(server): State<Server>) -> Html<String> {
    Html(page::html(&server.engine.objects()))
}

/// A request of the protocol. HEAD has the same headers; no picture is made for it, so the length is told where it is known.
async fn image(State(server): State<Server>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let conditions: Vec<&str> = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).collect();
    let conditions = conditions.join(",");
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // The semaphore is never closed.
    let permit = server.permits.clone().acquire_owned().await;
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut context = Context::new();
        if !conditions.is_empty() {
            context = context.if_none_match(&conditions);
        }
        if let Some(since) = &since {
            context = context.if_modified_since(since);
        }
        if method == Method::HEAD {
            let prepared = server.engine.prepare(&target, &context);
            let length = prepared.length();
            return (prepared.head(), Some(length));
        }
        (server.engine.serve_with(&target, &context), None)
    });
    match work.await {
        Ok((reply, None)) => response(reply),
        Ok((reply, Some(length))) => head(reply, length),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Headers alone.
fn head(reply: Reply, length: Option<usize>) -> Response<Body> {
    let has_body = reply.status != 304;
    let mut response = response(reply);
    // A body of unknown length, so that nobody takes the missing one for an empty one.
    *response.body_mut() = Body::from_stream(Body::empty().into_data_stream());
    if let Some(length) = length.filter(|_| has_body) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

fn response(reply: Reply) -> Response<Body> {
    if let Some(error) = reply.error.as_ref().filter(|_| reply.status >= 500) {
        let _ = writeln!(std::io::stderr(), "serve: {error}: {}", error.detail().unwrap_or("-"));
    }
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = value.try_into() {
            response.headers_mut().insert(name, value);
        }
    };
    set(X_CONTENT_TYPE_OPTIONS, "nosniff".into());
    set(CACHE_CONTROL, reply.lifetime.to_string());
    if reply.status != 304 {
        set(CONTENT_TYPE, reply.content_type.into());
    }
    if let Some(etag) = reply.etag {
        set(ETAG, etag.to_string());
    }
    if let Some(moment) = reply.last_modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()) {
        set(LAST_MODIFIED, httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + moment.min(LATEST)));
    }
    if let Some(seconds) = reply.lifetime.seconds() {
        set(EXPIRES, expires(seconds));
    }
    response
}

#[expect(clippy::disallowed_methods, reason = "a program may ask the time")]
fn expires(seconds: u32) -> String {
    httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds.into()))
}
