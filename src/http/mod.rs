//! Requests and replies in the types of the [`http`](https://docs.rs/http) crate (`responses.md` §8).
//!
//! [`Exchange`] is one request on its way to a response: methods, conditional requests, ranges and headers are dealt
//! with here, so that a server passes on what comes in and sends what comes out. CORS, compression and tracing are the
//! host's layers.

mod body;
mod headers;
mod range;

use std::net::IpAddr;
use std::time::Duration;

use http::header::{
    ACCEPT_RANGES, ALLOW, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, EXPIRES, HeaderName, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, RETRY_AFTER,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use crate::base::cancel::Cancel;
#[cfg(feature = "tower")]
use crate::base::observe::Milliseconds;
#[cfg(feature = "tower")]
use crate::base::version::Version;
use crate::engine::{Context, ETag, Engine, Prepared, Reply};
#[cfg(feature = "tower")]
use crate::engine::{Undigested, Unread};
use crate::language::lists::CachePolicy;

pub use body::Body;
#[cfg(feature = "tower")]
pub(crate) use body::Memory;
#[cfg(feature = "tower")]
pub(crate) use headers::{failed, overloaded};

use headers::{PLATEMARK_VERSION, SERVER_TIMING, date, general, lines, plain, separator, set, status};
use range::Span;

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
    /// A source has to be read before the request is prepared.
    #[cfg(feature = "tower")]
    Unread(Unread),
    Prepared(Box<Prepared>),
}

impl Exchange {
    /// Prepares a request. `client` is where it comes from, if the host knows: catalogs may refuse addresses.
    ///
    /// The body of the request is not looked at.
    pub fn new<B>(engine: &Engine, request: &Request<B>, client: Option<IpAddr>) -> Self {
        let mut exchange = Self::unprepared(engine, request, client);
        if exchange.head || request.method() == Method::GET {
            exchange.state = State::Prepared(Box::new(exchange.prepared(Cancel::ALWAYS)));
        }
        exchange
    }

    /// The same, for a thread that must not wait for a disk: if a source has to be read first, the request is not prepared
    /// yet, and its [work](Self::work) is to do that.
    #[cfg(feature = "tower")]
    pub(crate) fn looked_at<B>(engine: &Engine, request: &Request<B>, client: Option<IpAddr>) -> Self {
        let exchange = Self::unprepared(engine, request, client);
        if exchange.head || request.method() == Method::GET { exchange.looked_at_again() } else { exchange }
    }

    /// The same once the source may have been read for another request.
    #[cfg(feature = "tower")]
    pub(crate) fn looked_at_again(mut self) -> Self {
        self.state = match self.engine.prepare_if_read(&self.target, &self.context()) {
            Ok(prepared) => State::Prepared(Box::new(prepared)),
            Err(unread) => State::Unread(unread),
        };
        self
    }

    /// A source has to be read before the request is prepared.
    #[cfg(feature = "tower")]
    pub(crate) const fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread(_))
    }

    /// Prepares the request if that is not done yet, whatever has to be read for it, for as long as `keep_going` returns
    /// true. If it returns false, the response is a 503.
    #[cfg(feature = "tower")]
    pub(crate) fn read(&mut self, keep_going: &dyn Fn() -> bool) {
        if self.is_unread() {
            self.state = State::Prepared(Box::new(self.prepared(Cancel::new(keep_going))));
        }
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

    fn prepared(&self, cancel: Cancel<'_>) -> Prepared {
        self.engine.prepare_while(&self.target, &self.context(), cancel)
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
            #[cfg(feature = "tower")]
            State::Unread(_) => false,
            State::Prepared(prepared) if self.head => prepared.has_headers(),
            State::Prepared(prepared) => prepared.is_ready(),
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
            #[cfg(feature = "tower")]
            State::Unread(unread) => unread.work,
            _ => 0,
        }
    }

    /// The work is to read a source, or to read or digest a file of `/is/content`.
    #[cfg(feature = "tower")]
    pub(crate) fn is_reading(&self) -> bool {
        match &self.state {
            State::Unread(_) => true,
            State::Prepared(prepared) => !self.is_ready() && prepared.is_reading(),
            State::NotAllowed => false,
        }
    }

    /// What stands for the work, if some is to be done: what a picture is stored by, even if no cache may keep the reply.
    #[cfg(feature = "tower")]
    pub(crate) fn key(&self) -> Option<Version> {
        match &self.state {
            State::Prepared(prepared) if !self.is_ready() => prepared.key(),
            State::Unread(unread) => unread.key,
            _ => None,
        }
    }

    /// Drops copies of files, as the picture has to wait.
    #[cfg(feature = "tower")]
    pub(crate) fn drop_copies(&mut self) {
        if let State::Prepared(prepared) = &mut self.state {
            prepared.drop_copies();
        }
    }

    /// The file that is asked for, if its digest is yet to be made.
    #[cfg(feature = "tower")]
    pub(crate) fn undigested(&self) -> Option<Undigested> {
        match &self.state {
            State::Prepared(prepared) => prepared.undigested(),
            State::NotAllowed | State::Unread(_) => None,
        }
    }

    /// The time it has taken to prepare it.
    #[cfg(feature = "tower")]
    pub(crate) fn took(&self) -> Duration {
        match &self.state {
            State::Prepared(prepared) => prepared.took(),
            State::NotAllowed | State::Unread(_) => Duration::ZERO,
        }
    }

    /// Makes the picture, if there is one to be made, and the response.
    ///
    /// A `HEAD` is answered without making it; its `Content-Length` is there only if it is known. A range is delivered
    /// if the reply has a strong tag, or is a long file of `/is/content`. If that file still has a weak tag, `If-Range`
    /// gets the whole file. A request for several ranges, or in another unit, gets the whole reply.
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
        #[cfg(feature = "tower")]
        self.read(keep_going);
        let State::Prepared(prepared) = std::mem::replace(&mut self.state, State::NotAllowed) else {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\r\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        };
        if self.head {
            return self.head_of(prepared.completed(Cancel::new(keep_going)));
        }
        let cancel = Cancel::new(keep_going);
        let reply =
            prepared.render_afresh(keep_going, || self.engine.prepare_again(&self.target, &self.context(), cancel));
        self.response(reply)
    }

    /// The headers of a GET.
    fn head_of(&self, prepared: Prepared) -> Response<Body> {
        let (length, is_file) = (prepared.length(), prepared.is_in_pieces());
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
        if code == StatusCode::RANGE_NOT_SATISFIABLE {
            // Caches keep a reply of any status for as long as its lifetime says.
            reply = Reply { cache_policy: CachePolicy::NO_STORE, last_modified: None, ..reply };
        }
        let body = match reply.file.take() {
            Some(file) => Body::of_file(&file, span),
            // Both ends lie inside the body.
            None => Body::of_bytes(&std::mem::take(&mut reply.body), span.start as usize..span.end as usize),
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
