//! What operators see: a log, `/metrics` and `/health`.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use platemark::Engine;
use platemark::service::ImageService;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

/// Buckets of what stages take, in seconds: from a stored picture to a hundred megapixels.
const SECONDS: [f64; 14] =
    [0.000_01, 0.000_03, 0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// The level of that name.
pub(crate) fn level(name: &str) -> Result<Level, &'static str> {
    name.parse().map_err(|_| "needs error, warn, info, debug or trace")
}

/// Writes what the engine and the layers tell to standard error. The program that started the server may have closed it;
/// it is no reason to stop.
pub(crate) fn log(level: Level) {
    // With debugging, what each stage took, once it is over.
    let spans = if level >= Level::DEBUG { FmtSpan::CLOSE } else { FmtSpan::NONE };
    tracing_subscriber::fmt()
        .with_span_events(spans)
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .with_ansi(false)
        .init();
}

/// Collects the engine's counters and histograms, from before the first of them.
pub(crate) fn metrics() -> Result<PrometheusHandle, String> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("platemark_stage_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| error.to_string())
}

/// Puts what was measured into its buckets now and then, for as long as the server runs: without requests for /metrics it
/// would pile up.
pub(crate) async fn keep(metrics: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}

#[derive(Clone)]
struct Operated {
    engine: Engine,
    images: ImageService,
    metrics: PrometheusHandle,
}

/// `/metrics` and `/health`.
pub(crate) fn routes(engine: Engine, images: ImageService, metrics: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(prometheus)).route("/health", get(health)).with_state(Operated {
        engine,
        images,
        metrics,
    })
}

/// Numbers in Prometheus' text format. What is a state rather than a count is looked up at each request.
async fn prometheus(State(operated): State<Operated>) -> impl IntoResponse {
    let (health, stats) = (operated.engine.health(), operated.images.stats());
    gauge!("platemark_catalogs").set(health.catalogs as f64);
    gauge!("platemark_records").set(health.records as f64);
    gauge!("platemark_catalog_failures").set(health.failures.len() as f64);
    for (what, held) in [
        ("renditions", health.renditions),
        ("facts", health.facts),
        ("requests", health.requests),
        ("sidecars", health.sidecars),
    ] {
        gauge!("platemark_held_items", "what" => what).set(held.items as f64);
        gauge!("platemark_held_bytes", "what" => what).set(held.bytes as f64);
    }
    gauge!("platemark_service_waiting").set(stats.waiting as f64);
    gauge!("platemark_service_running").set(stats.running as f64);
    gauge!("platemark_service_body_bytes").set(stats.body_bytes as f64);
    gauge!("platemark_service_refused_bodies").set(stats.refused_bodies as f64);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], operated.metrics.render())
}

/// `good` if the engine uses every file in the catalogs folder. Otherwise the text names the faulty files. The status
/// stays 200, because the server still serves its sound catalogs. Mounts whose files cost a digest for every request
/// follow; they are no fault.
async fn health(State(operated): State<Operated>) -> impl IntoResponse {
    let health = operated.engine.health();
    let mut text = if health.is_healthy() { "good\n".to_owned() } else { "catalog files with faults:\n".to_owned() };
    text.extend(health.failures.iter().map(|error| format!("{error}\n")));
    if !health.untrusted.is_empty() {
        text.push_str("mounts not trusted (--trust-mount), their files are read for every request:\n");
        let mounts = health.untrusted.iter();
        text.extend(mounts.map(|mount| format!("{} ({})\n", mount.path.display(), mount.file_system)));
    }
    (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], text)
}
