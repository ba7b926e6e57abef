//! Headers of responses, and responses that need no reply of the engine.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
#[cfg(feature = "tower")]
use http::header::RETRY_AFTER;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::Body;
use crate::engine::ETag;

pub(super) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The header in which browsers look for what took how long.
pub(super) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The header that tells the version.
pub(super) const PLATEMARK_VERSION: HeaderName = HeaderName::from_static("platemark-version");

/// What stands between cache tags in a header: Fastly and Varnish read spaces, all others commas.
pub(super) fn separator(name: &HeaderName) -> &'static str {
    if matches!(name.as_str(), "surrogate-key" | "xkey") { " " } else { "," }
}

/// Headers of every response.
pub(super) fn general(headers: &mut HeaderMap, cache_policy: &impl Display, etag: Option<ETag>) {
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, CACHE_CONTROL, &cache_policy.to_string());
    if let Some(etag) = etag {
        set(headers, ETAG, &etag.to_string());
    }
}

/// Sets a date, if there is one. Those that HTTP cannot express are moved to the first or last that it can.
pub(super) fn date(headers: &mut HeaderMap, name: HeaderName, date: Option<SystemTime>) {
    let Some(date) = date else { return };
    // The end of the year 9999.
    let latest = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    set(headers, name, &httpdate::fmt_http_date(date.clamp(SystemTime::UNIX_EPOCH, latest)));
}

pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Everything that is set is plain text of this crate.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The response of a server that has too much to do already: 503, which no cache may keep, and when to ask again.
#[cfg(feature = "tower")]
pub(crate) fn overloaded() -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "too much to do; ask again\r\n");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The response to a request that made the host's part of the work panic.
#[cfg(feature = "tower")]
pub(crate) fn failed() -> Response<Body> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error\r\n")
}

pub(super) fn plain(code: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    general(headers, &"no-store", None);
    set(headers, CONTENT_TYPE, "text/plain;charset=UTF-8");
    headers.insert(CONTENT_LENGTH, text.len().into());
    response
}

/// All lines of a header as one; `None` if there are none.
pub(super) fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}
