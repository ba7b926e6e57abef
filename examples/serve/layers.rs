//! What the host adds around the service, in layers of tower-http: tracing, a timeout, compression and CORS.

use std::time::Duration;

use axum::Router;
use axum::http::{Extensions, HeaderMap, HeaderName, Method, StatusCode, Version, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::cors::{Any, CorsLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

/// When a response is overdue for good. The service gives work up after its own time budget, well before.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Routes in their layers, the outermost last. `cache_tag` is the header that tells cache tags, if there is one.
pub(crate) fn around<S: Clone + Send + Sync + 'static>(routes: Router<S>, cache_tag: Option<&HeaderName>) -> Router<S> {
    routes
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(may_change)))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(cors(cache_tag))
        // A span for each request, which the spans of the engine's stages lie in. Failures the engine tells itself.
        .layer(TraceLayer::new_for_http().on_failure(()))
}

/// Pictures are for every page, and so are lists and headers to scripts.
fn cors(cache_tag: Option<&HeaderName>) -> CorsLayer {
    let version = HeaderName::from_static("platemark-version");
    let exposed = [header::ETAG, header::CACHE_CONTROL, header::CONTENT_RANGE, version];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(Any)
        .expose_headers(exposed.into_iter().chain(cache_tag.cloned()).collect::<Vec<_>>())
        .max_age(Duration::from_secs(86_400))
}

/// A strong tag stands for bytes, and compressed ones are others: such replies go out as they are. Property lists have weak
/// tags.
///
/// A long file has a weak tag too until it has been digested, and goes out as it is because it is delivered in ranges. The
/// page of pictures would be compressed anew for each request.
fn may_change(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_strong = headers.get(header::ETAG).is_some_and(|tag| !tag.as_bytes().starts_with(b"W/"));
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    !is_strong && !is_page && !headers.contains_key(header::ACCEPT_RANGES)
}
