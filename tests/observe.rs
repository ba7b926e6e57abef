//! What operators see: spans, events, counters, histograms and `Server-Timing`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]
#![cfg(feature = "http")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use metrics_exporter_prometheus::PrometheusBuilder;
use platemark::{Context, Stage};
use support::demo;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;

const PICTURE: &str = "/is/image/demo/harbour?wid=90&op_usm=1,6";

/// Tests take turns: which spans there are is decided for the whole process when one is met for the first time.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts of what happens in `work`, in Prometheus' text format.
fn counted(work: impl FnOnce()) -> Vec<String> {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, work);
    recorder.handle().render().lines().map(str::to_owned).collect()
}

fn assert_line(lines: &[String], line: &str) {
    assert!(lines.iter().any(|is| is == line), "{line}\n\n{}", lines.join("\n"));
}

#[test]
fn replies_pictures_and_stages_are_counted() {
    let _turn = alone();
    let (mut length, mut list) = (0, 0);
    let lines = counted(|| {
        let engine = demo().cache_bytes(1 << 20).build().unwrap();
        let reply = engine.serve(PICTURE);
        (length, list) = (reply.body.len(), engine.serve("/is/image/demo/harbour?req=props").body.len());
        let _ = engine.serve(PICTURE);
        let _ = engine.prepare(PICTURE, &Context::new()).head();
        let tag = reply.etag.unwrap().to_string();
        assert_eq!(engine.serve_with(PICTURE, &Context::new().if_none_match(&tag)).status, 304);
        assert_eq!(engine.serve("/is/image/demo/nothing?req=tmb").status, 403);
        assert_eq!(engine.serve("/elsewhere").status, 403);
    });
    for line in [
        "platemark_replies_total{req=\"img\",status=\"200\"} 3",
        "platemark_replies_total{req=\"img\",status=\"304\"} 1",
        "platemark_replies_total{req=\"tmb\",status=\"403\"} 1",
        "platemark_replies_total{req=\"none\",status=\"403\"} 1",
        "platemark_replies_total{req=\"props\",status=\"200\"} 1",
        &format!("platemark_reply_bytes_total{{req=\"img\"}} {}", 2 * length),
        &format!("platemark_reply_bytes_total{{req=\"props\"}} {list}"),
        "platemark_pictures_total{from=\"made\"} 1",
        "platemark_pictures_total{from=\"stored\"} 1",
        "platemark_stage_seconds_count{stage=\"prepare\"} 7",
        "platemark_stage_seconds_count{stage=\"decode\"} 1",
        "platemark_stage_seconds_count{stage=\"draw\"} 1",
        "platemark_stage_seconds_count{stage=\"encode\"} 1",
    ] {
        assert_line(&lines, line);
    }
    assert!(lines.iter().any(|line| line.starts_with("# HELP platemark_stage_seconds ")), "{lines:?}");
    let harbour = std::fs::metadata(support::path("assets/demo/pictures/harbour.jpg")).unwrap().len();
    assert_line(&lines, &format!("platemark_digested_bytes_total {harbour}"));
}

/// Spans with their fields, as they were when they ended, and the messages of events.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// Name, fields, and the span around it.
    spans: Vec<(&'static str, BTreeMap<&'static str, String>, Option<usize>)>,
    kinds: Vec<&'static Metadata<'static>>,
    /// By threads.
    entered: HashMap<ThreadId, Vec<usize>>,
    events: Vec<(String, BTreeMap<&'static str, String>)>,
}

impl Entries {
    /// The spans that this thread is in.
    fn here(&mut self) -> &mut Vec<usize> {
        self.entered.entry(std::thread::current().id()).or_default()
    }
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "platemark"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = BTreeMap::new();
        span.record(&mut Fields(&mut fields));
        let mut log = self.0.lock().unwrap();
        let parent = log.here().last().copied();
        log.kinds.push(span.metadata());
        log.spans.push((span.metadata().name(), fields, parent));
        Id::from_u64(log.spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let at = usize::try_from(id.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap().spans[at].1));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        self.0.lock().unwrap().events.push((event.metadata().level().to_string(), fields));
    }

    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().here().push(usize::try_from(id.into_u64()).unwrap() - 1);
    }

    fn current_span(&self) -> Current {
        let mut log = self.0.lock().unwrap();
        let current = log.here().last().copied();
        current.map_or_else(Current::none, |at| Current::new(Id::from_u64(at as u64 + 1), log.kinds[at]))
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().here().pop();
    }
}

#[test]
fn stages_are_spans_with_fields_to_filter_by() {
    let _turn = alone();
    let engine = demo().cache_bytes(1 << 20).build().unwrap();
    let log = Log::default();
    let reply = tracing::subscriber::with_default(log.clone(), || engine.serve(PICTURE));
    let entries = log.0.lock().unwrap();
    let names: Vec<_> = entries
        .spans
        .iter()
        .map(|(name, _, parent)| (*name, parent.map_or("-", |parent| entries.spans[parent].0)))
        .collect();
    assert_eq!(
        names,
        [
            ("prepare", "-"),
            ("digest", "prepare"),
            ("render", "-"),
            ("draw", "render"),
            ("decode", "draw"),
            ("encode", "render")
        ]
    );
    let field = |span: usize, name: &str| entries.spans[span].1.get(name).map_or("-", String::as_str);
    let prepare = ["request", "req", "status", "etag"].map(|name| field(0, name));
    assert_eq!(prepare, [PICTURE, "img", "200", &reply.etag.unwrap().to_string()]);
    let render = ["request", "req", "status", "bytes"].map(|name| field(2, name));
    assert_eq!(render, [PICTURE, "img", "200", &reply.body.len().to_string()]);
    let decode = ["format", "width", "height", "shrink", "pixels"].map(|name| field(4, name));
    assert_eq!(decode, ["jpeg", "4800", "2700", "8", &(600 * 338).to_string()]);
    assert_eq!(["format", "bytes"].map(|name| field(5, name)), ["image/jpeg", &reply.body.len().to_string()]);
    assert!(entries.events.is_empty());
}

/// Long after every file has settled.
fn later() -> std::time::SystemTime {
    std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(4_000_000_000)
}

#[test]
fn refused_signatures_and_unknown_commands_are_told() {
    let _turn = alone();
    let key = platemark::SigningKey::new([3; 16]).unwrap();
    let engine = demo().unknown_commands(platemark::UnknownCommands::Warn).signing_keys([key.clone()]);
    let engine = engine.cache_bytes(1 << 20).build().unwrap();
    let log = Log::default();
    let link = key.sign("/is/image/demo/harbour?wid=90&wdth=5&viewer=x&.note", None);
    tracing::subscriber::with_default(log.clone(), || {
        assert_eq!(engine.serve(&link).status, 200);
        // It is remembered.
        assert_eq!(engine.serve(&link).status, 200);
        assert_eq!(engine.serve(PICTURE).status, 403);
    });
    let entries = log.0.lock().unwrap();
    let told = entries.events.iter().map(|(level, fields)| {
        let field = |name: &str| fields.get(name).map_or("-", String::as_str);
        [level.as_str(), field("request"), field("commands"), field("error"), field("detail")]
    });
    let unsigned = "/is/image/demo/harbour?wid=90&wdth=5&viewer=x&.note";
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ["WARN", unsigned, "wdth,viewer", "-", "-"],
            ["DEBUG", PICTURE, "-", "request: is not signed", "sig is missing"]
        ]
    );
}

#[test]
fn what_an_operator_must_mend_is_told_louder_than_what_a_caller_must() {
    let _turn = alone();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "RootPath=.\n").unwrap();
    std::fs::write(folder.path().join("broken.jpg"), b"\xff\xd8\xff\xe0 is no picture").unwrap();
    let builder = || platemark::Engine::builder(folder.path());
    let (engine, later) = (builder().build().unwrap(), builder().clock(later).build().unwrap());
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let _ = engine.serve("/is/image/missing");
        // The file has just been written: it may not be complete yet.
        assert_eq!(engine.serve("/is/image/broken.jpg").status, 503);
        assert_eq!(later.serve("/is/image/broken.jpg").status, 403);
    });
    let entries = log.0.lock().unwrap();
    let told: Vec<_> =
        entries.events.iter().map(|(level, fields)| (level.as_str(), fields["request"].as_str())).collect();
    let broken = "/is/image/broken.jpg";
    assert_eq!(told, [("DEBUG", "/is/image/missing"), ("DEBUG", broken), ("WARN", broken)]);
    assert!(entries.events.iter().all(|(_, fields)| !fields["error"].is_empty()), "{:?}", entries.events);
    let is_told = |fields: &BTreeMap<&str, String>| fields.get("detail").is_none_or(|detail| !detail.is_empty());
    assert!(entries.events.iter().all(|(_, fields)| is_told(fields)), "an empty detail: {:?}", entries.events);
}

/// What is wrong with the catalogs is told at the start and after each look at the folder.
#[test]
fn faults_of_catalogs_are_told_and_counted() {
    let _turn = alone();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write("default.ini", "CatalogFile=all.txt,gone.txt\n");
    write("all.txt", "Id\tModifier\nx\twdth=5\n");
    write("bad.ini", "MaxPix=1,1\n");
    let log = Log::default();
    let lines = counted(|| {
        tracing::subscriber::with_default(log.clone(), || {
            let engine = support::builder(folder.path()).build().unwrap();
            write("bad.ini", "RootId=mended\n");
            let _ = engine.reload_catalogs();
        });
    });
    assert_line(&lines, "platemark_catalog_faults 1");
    let entries = log.0.lock().unwrap();
    let told: Vec<_> = entries.events.iter().filter(|(level, _)| level == "WARN").map(|(_, fields)| fields).collect();
    assert_eq!(told[0]["message"], "all.txt line 2: x: Modifier: wdth: is not a command; did you mean wid?");
    assert_eq!(told[1]["error"], "bad.ini: needs a RootId that can be an element of a path");
    assert_eq!(
        (told[2]["error"].as_str(), told[2]["message"].as_str()),
        ("gone.txt: cannot be read", "catalog file not used")
    );
    assert!(told[2]["detail"].contains(&*folder.path().to_string_lossy()));
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[3]["error"], "gone.txt: cannot be read", "after the reload");
}

#[test]
fn server_timing_is_told_if_the_host_says_so() {
    let _turn = alone();
    let engine = demo().cache_bytes(1 << 20).build().unwrap();
    let request = http::Request::get(PICTURE).body(()).unwrap();
    let exchange = || platemark::http::Exchange::new(&engine, &request, None);
    assert!(!exchange().respond().headers().contains_key("server-timing"));
    let fresh = http::Request::get("/is/image/demo/harbour?wid=91").body(()).unwrap();
    let response = platemark::http::Exchange::new(&engine, &fresh, None).server_timing(true).respond();
    let names = |response: &http::Response<platemark::http::Body>| -> Vec<String> {
        let value = response.headers()["server-timing"].to_str().unwrap();
        value
            .split(", ")
            .map(|entry| {
                let (name, time) = entry.split_once(";dur=").unwrap();
                assert!(time.parse::<f64>().is_ok_and(|time| time >= 0.0), "{value}");
                name.to_owned()
            })
            .collect()
    };
    assert_eq!(names(&response), Stage::ALL.map(Stage::name));
    assert_eq!(names(&exchange().server_timing(true).respond()), ["prepare"]);
    let head = http::Request::head(PICTURE).body(()).unwrap();
    let response = platemark::http::Exchange::new(&engine, &head, None).server_timing(true).respond();
    assert_eq!(names(&response), ["prepare"]);
}

/// The service's threads know which of the host's requests they work for.
#[test]
#[cfg(feature = "tower")]
fn stages_on_other_threads_lie_in_the_span_of_the_request() {
    use tower_service::Service;

    let _turn = alone();
    const REQUEST: &str = "/is/image/demo/pebbles?wid=77";
    let log = Log::default();
    // For threads that are not this one.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let engine = demo().cache_bytes(1 << 20).build().unwrap();
    let service = platemark::service::ImageService::builder(engine).server_timing(true).build().unwrap();
    let ask = || {
        let span = tracing::info_span!(target: "platemark", "of the host");
        let future = span.in_scope(|| service.clone().call(http::Request::get(REQUEST).body(()).unwrap()));
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future).unwrap()
    };
    let response = ask();
    assert!(response.headers()["server-timing"].to_str().unwrap().starts_with("wait;dur="), "{response:?}");
    assert!(ask().headers()["server-timing"].to_str().unwrap().starts_with("prepare;dur="));
    let entries = log.0.lock().unwrap();
    let parents: Vec<_> = entries
        .spans
        .iter()
        .filter(|(_, fields, _)| fields.get("request").is_some_and(|request| request == REQUEST))
        .map(|(name, _, parent)| (*name, parent.map_or("-", |parent| entries.spans[parent].0)))
        .collect();
    // The thread that looks at requests leaves a source that has to be read to one that makes pictures.
    assert_eq!(parents, ["prepare", "prepare", "render", "prepare", "render"].map(|name| (name, "of the host")));
    drop(entries);
    // Of a request that is looked at, read and made, and then asked for again, unknown commands are told once.
    let engine = demo().unknown_commands(platemark::UnknownCommands::Warn).cache_bytes(1 << 20).build().unwrap();
    let service = platemark::service::ImageService::builder(engine).build().unwrap();
    let target = "/is/image/demo/pebbles?wid=76&wdth=5&viewer=x";
    for _ in 0..2 {
        let future = service.clone().call(http::Request::get(target).body(()).unwrap());
        let response = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future).unwrap();
        assert_eq!(response.status(), 200);
    }
    let told =
        || log.0.lock().unwrap().events.iter().filter_map(|(_, fields)| fields.get("commands").cloned()).collect();
    let told: Vec<String> = told();
    assert_eq!(told, ["wdth,viewer"]);
}
