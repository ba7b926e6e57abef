//! Requests and replies in the types of the [`http`](https://docs.rs/http) crate (`responses.md` §8).
//!
//! [`Exchange`] is one request on its way to a response: methods, conditional requests, ranges and headers are dealt
//! with here, so that a server passes on what comes in and sends what comes out. CORS, compression and tracing are the
//! host's layers.

mod body;

use std::fmt::Display;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, HeaderName,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

#[cfg(feature = "tower")]
use crate::base::observe::Milliseconds;
#[cfg(feature = "tower")]
use crate::base::version::Version;
#[cfg(feature = "tower")]
use crate::engine::Undigested;
use crate::engine::{Context, ETag, Engine, Prepared, Reply};

pub use body::Body;

/// A request in HTTP, prepared: what a server can know before it pays for a picture.
///
/// ```
/// use platemark::{Engine, http::Exchange};
///
/// let engine = Engine::builder("assets/demo").build()?;
/// let request = http::Request::get("/is/image/demo/harbour?wid=90").body(()).unwrap();
/// let response = Exchange::new(&engine, &request, None).respond();
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.headers()["content-type"], "image/jpeg");
/// assert!(response.headers().contains_key("etag"));
///
/// let request = http::Request::get("/is/image/demo/harbour?wid=90")
///     .header("range", "bytes=0-9")
///     .body(())
///     .unwrap();
/// let response = Exchange::new(&engine, &request, None).respond();
/// assert_eq!((response.status().as_u16(), response.body().len()), (206, 10));
/// # Ok::<(), platemark::Error>(())
/// ```
#[must_use]
#[derive(Debug)]
pub struct Exchange {
    engine: Engine,
    state: State,
    target: String,
    /// What `If-None-Match` holds, all of its lines.
    conditions: Option<String>,
    /// What `If-Modified-Since` says.
    since: Option<String>,
    client: Option<IpAddr>,
    head: bool,
    range: Option<(Span, Option<String>)>,
    extra: Extra,
    /// How long it has waited for a thread.
    #[cfg(feature = "tower")]
    pub(crate) waited: Duration,
}

/// Headers that a response has only if the host wants them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extra {
    pub(crate) server_timing: bool,
    pub(crate) version: bool,
    pub(crate) cache_tag: Option<HeaderName>,
}

#[derive(Debug)]
enum State {
    /// The method is neither GET nor HEAD.
    NotAllowed,
    Prepared(Box<Prepared>),
}

impl Exchange {
    /// Prepares a request. `client` is where it comes from, if the host knows: catalogs may refuse addresses.
    ///
    /// The body of the request is not looked at.
    pub fn new<B>(engine: &Engine, request: &Request<B>, client: Option<IpAddr>) -> Self {
        let mut exchange = Self::unprepared(engine, request, client);
        if exchange.head || request.method() == Method::GET {
            exchange.state = State::Prepared(Box::new(exchange.prepared()));
        }
        exchange
    }

    /// The same, if it takes no more than a look at the status of a file or two: the request was answered lately, and
    /// what it asks for is at hand.
    #[cfg(feature = "tower")]
    pub(crate) fn at_once<B>(engine: &Engine, request: &Request<B>, client: Option<IpAddr>) -> Option<Self> {
        if request.method() != Method::GET {
            return None;
        }
        let mut exchange = Self::unprepared(engine, request, client);
        let prepared = engine.prepare_at_once(&exchange.target, &exchange.context())?;
        exchange.state = State::Prepared(Box::new(prepared));
        Some(exchange)
    }

    fn unprepared<B>(engine: &Engine, request: &Request<B>, client: Option<IpAddr>) -> Self {
        let head = request.method() == Method::HEAD;
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let headers = request.headers();
        let conditions = lines(headers, &IF_NONE_MATCH);
        let since = headers.get(IF_MODIFIED_SINCE).and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let range = headers.get(RANGE).and_then(|value| Span::parse(value.to_str().ok()?));
        let if_range = headers.get(IF_RANGE).map(|value| value.to_str().unwrap_or("").to_owned());
        Self {
            engine: engine.clone(),
            state: State::NotAllowed,
            target,
            conditions,
            since,
            client,
            head,
            range: range.filter(|_| !head).map(|range| (range, if_range)),
            extra: Extra::default(),
            #[cfg(feature = "tower")]
            waited: Duration::ZERO,
        }
    }

    /// Whether the response tells in a `Server-Timing` header how long the [stages](crate::Stage) of the request took, for
    /// the tools of a browser. It shows a caller, too, what is stored and what is not. Default: no.
    pub const fn server_timing(mut self, tell: bool) -> Self {
        self.extra.server_timing = tell;
        self
    }

    /// Whether the response tells the [version](Reply::version) of its content in a `Platemark-Version` header, if it has
    /// one: of 200, 206 and 304, and of HEAD. Default: no.
    pub const fn version_header(mut self, tell: bool) -> Self {
        self.extra.version = tell;
        self
    }

    /// The header in which the response tells a CDN the [tags](Reply::cache_tags) that it can be purged by, if a cache may
    /// keep it: `Cache-Tag`, `Edge-Cache-Tag`, `Surrogate-Key`, `xkey` or whatever the CDN reads. Tags are separated by
    /// spaces in `Surrogate-Key` and `xkey`, and by commas elsewhere. Default: none.
    ///
    /// ```
    /// use http::HeaderName;
    /// use platemark::{Engine, http::Exchange};
    ///
    /// let engine = Engine::builder("assets/demo").build()?;
    /// let request = http::Request::get("/is/image/demo/harbour?wid=90").body(()).unwrap();
    /// let exchange = Exchange::new(&engine, &request, None).version_header(true);
    /// let response = exchange.cache_tag_header(HeaderName::from_static("cache-tag")).respond();
    /// assert_eq!(response.headers()["cache-tag"], "demo%2Fharbour,demo%2F");
    /// assert_eq!(response.headers()["platemark-version"].len(), 22);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    pub fn cache_tag_header(mut self, name: HeaderName) -> Self {
        self.extra.cache_tag = Some(name);
        self
    }

    /// All of these at once.
    #[cfg(feature = "tower")]
    pub(crate) fn extra(mut self, extra: Extra) -> Self {
        self.extra = extra;
        self
    }

    fn prepared(&self) -> Prepared {
        self.engine.prepare(&self.target, &self.context())
    }

    /// What the headers say.
    fn context(&self) -> Context<'_> {
        let mut context = Context::new();
        if let Some(conditions) = &self.conditions {
            context = context.if_none_match(conditions);
        }
        if let Some(since) = &self.since {
            context = context.if_modified_since(since);
        }
        if let Some(client) = self.client {
            context = context.client_address(client);
        }
        context
    }

    /// The response takes no more than putting it together: nothing has to be decoded. Servers can answer such requests
    /// at once, however busy they are with pictures.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match &self.state {
            State::NotAllowed => true,
            State::Prepared(prepared) => self.head || prepared.is_ready(),
        }
    }

    /// The tag of the picture, if one is to be made: exchanges with the same one wait for the same work.
    #[must_use]
    pub fn etag(&self) -> Option<ETag> {
        match &self.state {
            State::Prepared(prepared) if !self.is_ready() => prepared.etag(),
            _ => None,
        }
    }

    /// What the picture costs, as in [`Prepared::work`]; 0 if none is to be made.
    #[must_use]
    pub fn work(&self) -> u64 {
        match &self.state {
            State::Prepared(prepared) if !self.is_ready() => prepared.work(),
            _ => 0,
        }
    }

    /// What the picture is stored by, if one is to be made, even if no cache may keep the reply.
    #[cfg(feature = "tower")]
    pub(crate) fn key(&self) -> Option<Version> {
        match &self.state {
            State::Prepared(prepared) if !self.is_ready() => prepared.key(),
            _ => None,
        }
    }

    /// The file that is asked for, if its digest is yet to be made.
    #[cfg(feature = "tower")]
    pub(crate) fn undigested(&self) -> Option<Undigested> {
        match &self.state {
            State::Prepared(prepared) => prepared.undigested(),
            State::NotAllowed => None,
        }
    }

    /// The time it has taken to prepare it.
    #[cfg(feature = "tower")]
    pub(crate) fn took(&self) -> Duration {
        match &self.state {
            State::Prepared(prepared) => prepared.took(),
            State::NotAllowed => Duration::ZERO,
        }
    }

    /// Makes the picture, if there is one to be made, and the response.
    ///
    /// A `HEAD` is answered without making it; its `Content-Length` is there only if it is known. A range is delivered
    /// of a reply that has a strong tag, because equal tags mean equal bytes, and of a long file of `/is/content`. Of a
    /// file that has a weak tag as yet, `If-Range` gets the whole. Several ranges, and those in other units than bytes, are
    /// answered with the whole.
    ///
    /// What went wrong, if anything did, is among the response's extensions as an [`Error`](crate::Error), for the host's
    /// log.
    #[must_use]
    pub fn respond(self) -> Response<Body> {
        self.respond_while(&|| true)
    }

    /// The same for as long as `keep_going` says so, which is asked at every few rows of a picture: the client may have
    /// gone, or the time that a request may take may be over. If it says no, the response is a 503 with `Retry-After`.
    #[must_use]
    pub fn respond_while(mut self, keep_going: &dyn Fn() -> bool) -> Response<Body> {
        let State::Prepared(prepared) = std::mem::replace(&mut self.state, State::NotAllowed) else {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\r\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        };
        if self.head {
            return self.head_of(*prepared);
        }
        let reply = prepared.render_afresh(keep_going, || self.prepared());
        self.response(reply)
    }

    /// The headers of a GET.
    fn head_of(&self, prepared: Prepared) -> Response<Body> {
        let (length, is_file) = (prepared.length(), prepared.is_file());
        let reply = prepared.head();
        let mut response = Response::new(Body::none());
        *response.status_mut() = status(reply.status);
        let headers = response.headers_mut();
        if reply.status != 304 {
            set(headers, CONTENT_TYPE, reply.content_type);
            if let Some(length) = length {
                headers.insert(CONTENT_LENGTH, length.into());
            }
            if is_file || strong(reply.status, reply.etag).is_some() {
                set(headers, ACCEPT_RANGES, "bytes");
            }
        }
        self.general(headers, &reply);
        if let Some(error) = reply.error {
            response.extensions_mut().insert(error);
        }
        response
    }

    /// Headers of every response to a request that may be asked.
    fn general(&self, headers: &mut HeaderMap, reply: &Reply) {
        general(headers, &reply.cache_policy, reply.etag);
        if reply.status == 503 {
            set(headers, RETRY_AFTER, "1");
        }
        date(headers, LAST_MODIFIED, reply.last_modified);
        if let Some(seconds) = reply.cache_policy.seconds() {
            date(headers, EXPIRES, self.engine.now().checked_add(Duration::from_secs(seconds.into())));
        }
        if let Some(version) = reply.version.filter(|_| self.extra.version) {
            set(headers, PLATEMARK_VERSION, &version.to_string());
        }
        if let Some(name) = &self.extra.cache_tag
            && !reply.cache_tags.is_empty()
            && reply.cache_policy.seconds().is_some()
        {
            set(headers, name.clone(), &reply.cache_tags.join(separator(name)));
        }
        if self.extra.server_timing {
            set(headers, SERVER_TIMING, &self.timing(reply));
        }
    }

    /// The value of `Server-Timing`.
    fn timing(&self, reply: &Reply) -> String {
        let stages = reply.timings.to_string();
        #[cfg(feature = "tower")]
        if !self.waited.is_zero() {
            return format!("wait;dur={}, {stages}", Milliseconds(self.waited));
        }
        stages
    }

    fn response(&self, mut reply: Reply) -> Response<Body> {
        let etag = strong(reply.status, reply.etag);
        // The pieces of a file are of one content, even if its tag does not say so.
        let in_ranges = etag.is_some() || reply.file.is_some();
        let (length, mut code) = (reply.length(), status(reply.status));
        let mut content_range = None;
        let mut span = 0..length;
        if let Some((range, if_range)) = self.range.as_ref().filter(|_| in_ranges) {
            // A range of another version than the caller has is the whole of this one; weak tags cannot tell.
            let same = |wanted: &String| etag.is_some_and(|etag| *wanted == etag.to_string());
            if if_range.as_ref().is_none_or(same) {
                match range.of(length) {
                    Some(part) => {
                        content_range = Some(format!("bytes {}-{}/{length}", part.start(), part.end()));
                        code = StatusCode::PARTIAL_CONTENT;
                        span = *part.start()..part.end() + 1;
                    }
                    None => {
                        content_range = Some(format!("bytes */{length}"));
                        code = StatusCode::RANGE_NOT_SATISFIABLE;
                        span = 0..0;
                    }
                }
            }
        }
        let body = match reply.file.take() {
            Some(file) => Body::of_file(&file, span),
            // Both ends lie inside the body.
            None => std::mem::take(&mut reply.body).slice(span.start as usize..span.end as usize).into(),
        };
        let body_length = body.len();
        let mut response = Response::new(body);
        *response.status_mut() = code;
        let headers = response.headers_mut();
        self.general(headers, &reply);
        if code != StatusCode::NOT_MODIFIED {
            headers.insert(CONTENT_LENGTH, body_length.into());
        }
        if !matches!(code, StatusCode::NOT_MODIFIED | StatusCode::RANGE_NOT_SATISFIABLE) {
            set(headers, CONTENT_TYPE, reply.content_type);
        }
        if in_ranges && code != StatusCode::NOT_MODIFIED {
            set(headers, ACCEPT_RANGES, "bytes");
        }
        if let Some(content_range) = content_range {
            set(headers, CONTENT_RANGE, &content_range);
        }
        if let Some(error) = reply.error {
            response.extensions_mut().insert(error);
        }
        response
    }
}

/// The strong tag of a complete reply.
fn strong(status: u16, etag: Option<ETag>) -> Option<ETag> {
    etag.filter(|etag| status == 200 && !etag.weak)
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The header in which browsers look for what took how long.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The header that tells the version.
const PLATEMARK_VERSION: HeaderName = HeaderName::from_static("platemark-version");

/// What stands between cache tags in a header: Fastly and Varnish read spaces, all others commas.
fn separator(name: &HeaderName) -> &'static str {
    if matches!(name.as_str(), "surrogate-key" | "xkey") { " " } else { "," }
}

/// Headers of every response.
fn general(headers: &mut HeaderMap, cache_policy: &impl Display, etag: Option<ETag>) {
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, CACHE_CONTROL, &cache_policy.to_string());
    if let Some(etag) = etag {
        set(headers, ETAG, &etag.to_string());
    }
}

/// Sets a date, if there is one. Those that HTTP cannot express are moved to the first or last that it can.
fn date(headers: &mut HeaderMap, name: HeaderName, date: Option<SystemTime>) {
    let Some(date) = date else { return };
    // The end of the year 9999.
    let latest = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    set(headers, name, &httpdate::fmt_http_date(date.clamp(SystemTime::UNIX_EPOCH, latest)));
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
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

fn plain(code: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    general(headers, &"no-store", None);
    set(headers, CONTENT_TYPE, "text/plain;charset=UTF-8");
    headers.insert(CONTENT_LENGTH, text.len().into());
    response
}

/// All lines of a header as one; `None` if there are none.
fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// A range of bytes as it is asked for (RFC 9110 §14.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    /// From a byte on, perhaps to another, which is included.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl Span {
    /// Reads `bytes=first-last`, `bytes=first-` or `bytes=-count`. `None` for several ranges and whatever else is to be
    /// ignored.
    fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        let number = |digits: &str| -> Option<u64> {
            let plain = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            // More digits than fit stand for more bytes than there are.
            plain.then(|| digits.parse().unwrap_or(u64::MAX))
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first.trim(), last.trim()) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => number(first).map(|first| Self::From(first, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }

    /// The bytes of a body of that length; `None` if there are none.
    fn of(self, length: u64) -> Option<RangeInclusive<u64>> {
        let end = length.checked_sub(1)?;
        match self {
            Self::From(first, last) if first <= end => Some(first..=last.map_or(end, |last| last.min(end))),
            Self::Last(count) if count > 0 => Some(length.saturating_sub(count)..=end),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_one_span_of_bytes() {
        for (text, expected) in [
            ("bytes=0-9", Some(0..=9)),
            ("Bytes = 5 - 99 ", Some(5..=19)),
            ("bytes=5-", Some(5..=19)),
            ("bytes=-5", Some(15..=19)),
            ("bytes=-50", Some(0..=19)),
            ("bytes=19-19", Some(19..=19)),
            ("bytes=0-99999999999999999999999", Some(0..=19)),
            ("bytes=20-", None),
            ("bytes=-0", None),
        ] {
            assert_eq!(Span::parse(text).unwrap().of(20), expected, "{text}");
        }
        for text in
            ["", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=+1-2"]
        {
            assert_eq!(Span::parse(text), None, "{text}");
        }
        assert_eq!(Span::parse("bytes=0-").unwrap().of(0), None);
    }
}
