//! The engine as a [`tower`](https://docs.rs/tower-service) service.
//!
//! [`ImageService`] answers requests on threads of its own, so that an asynchronous runtime never waits for a decoder.
//! Some threads look at all requests. They answer what needs no decoding, that is revalidations, stored pictures and lists,
//! so that it never waits behind pictures. They read no file of more than 64 KiB: a source that is not known, metadata that
//! is not known, a file of `/is/content` that has to be digested and the catalog's error image are work for the threads that
//! make pictures. When
//! more of it waits than should, requests are turned away with 503 and `Retry-After`; the work of clients that have gone
//! away is given up, and so is what takes longer than it may. Files of `/is/content` are read as the client takes them, by
//! the thread that polls the [`Body`]; the digests of very long ones are made in the background. Tracing, compression and
//! CORS are the host's layers; the engine's own spans lie inside the span that is entered when the service is called.

mod budget;
mod digests;
mod pool;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_channel::oneshot;
use http::{Extensions, HeaderName, Request, Response};
use tower_service::Service;

use crate::base::clock::now;
use crate::base::observe::Span;
use crate::engine::Engine;
use crate::http::{Exchange, Extra, overloaded};

pub use crate::http::Body;
pub use pool::Stats;

use budget::{Answer, Budget};
use pool::{Asker, Pool};

/// Finds the client's address among a request's extensions.
type ClientAddress = Arc<dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync>;

/// Settings of an [`ImageService`].
#[must_use]
pub struct ServiceBuilder {
    engine: Engine,
    threads: usize,
    prepare_threads: usize,
    queue: usize,
    time_budget: Option<Duration>,
    body_bytes: u64,
    client_address: ClientAddress,
    extra: Extra,
    at_once: bool,
}

impl ServiceBuilder {
    /// Threads that read sources and make pictures. With two or more, one of them is left to small pictures, however many
    /// sources and large pictures wait; with one, each of these holds up the small ones. For a
    /// [`SourceProvider`](crate::SourceProvider) that asks other machines there should be more: one for each source that is to
    /// be fetched at the same time. Default: one more than there are processors, so that large pictures alone can take all of
    /// these.
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Threads that look at requests and answer those that need no decoding. They read no file of more than 64 KiB, but they
    /// wait for [`SourceProvider::look`](crate::SourceProvider::look): if that asks other machines, there should be 16 or more.
    /// Default: 2.
    pub const fn prepare_threads(mut self, threads: usize) -> Self {
        self.prepare_threads = threads;
        self
    }

    /// Pictures that may wait for a thread; further ones are answered with 503. Large ones, those that take some 50 ms or
    /// more, may be half of them, and take all threads but one. Sources that are not known and files of `/is/content` that have
    /// to be digested take the same threads before them, up to three of these for one large picture, and may fill seven
    /// eighths. Those who ask for the same picture or file wait for one. Default: 64.
    pub const fn queue(mut self, pictures: usize) -> Self {
        self.queue = pictures;
        self
    }

    /// How long a request may take from when it comes in, waiting included; then its work is given up and it is answered
    /// with 503, as soon as a thread comes to it. It is asked at every few rows and steps of the work, so a little more may
    /// be done. Default: 30 s.
    pub const fn time_budget(mut self, time: Duration) -> Self {
        self.time_budget = Some(time);
        self
    }

    /// Bytes of memory that bodies may take between the making of a response and the last byte that the server sends of it:
    /// a client that is slow to read, or does not read at all, keeps its body there. A response whose body does not fit
    /// becomes a 503 with `Retry-After`. Default: 128 MiB.
    ///
    /// * Bodies that share memory, such as those of one stored picture, count once. Part of a body counts as all of it.
    /// * A long file of `/is/content` counts as one piece of it, 256 KiB. Pieces fill three parts of eight at most, and more
    ///   than one part only while all bodies fill no more than five: clients that read films leave room for pictures.
    /// * Bodies above 1 MiB fill half of it at most, and those above 64 KiB seven parts of eight: lists, errors and usual
    ///   pictures go out while clients hold large ones.
    /// * Three parts of eight are for bodies above 64 KiB and up to 1 MiB, one for shorter ones and one for pieces, whatever
    ///   others are in flight. So all bodies may take some parts more than the budget, if it is full of shorter ones.
    /// * A body that is longer than that goes out while no other above 1 MiB is in flight;
    ///   [`Limits::reply_bytes`](crate::Limits::reply_bytes) bounds it.
    pub const fn body_bytes(mut self, bytes: u64) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// How to find the client's address, which catalogs may look at: servers leave it among a request's extensions in a
    /// type of their own. Default: it is not known.
    pub fn client_address(mut self, find: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.client_address = Arc::new(find);
        self
    }

    /// Whether responses tell in a `Server-Timing` header how long the stages of the request took, waiting for a thread
    /// included. It shows a caller, too, what is stored and what is not. Default: no.
    pub const fn server_timing(mut self, tell: bool) -> Self {
        self.extra.server_timing = tell;
        self
    }

    /// Whether responses tell the [version](crate::Reply::version) of their content in a `Platemark-Version` header. Default:
    /// no.
    pub const fn version_header(mut self, tell: bool) -> Self {
        self.extra.version = tell;
        self
    }

    /// The header in which responses tell a CDN the [tags](crate::cache_tag) that they can be purged by, as
    /// [`Exchange::cache_tag_header`] says. Default: none.
    pub fn cache_tag_header(mut self, name: HeaderName) -> Self {
        self.extra.cache_tag = Some(name);
        self
    }

    /// Whether the thread that calls the service answers requests that it takes no more for than a look at the status of a
    /// file or two: those that were answered lately, for pictures that are stored, for a 304 or a property list. It spares
    /// the way to another thread and back, which takes several times as long as the answer. For sources on a local disk;
    /// on a network file system a look at a file can take long, and the runtime's other work would wait for it. Sources of
    /// a [`SourceProvider`](crate::SourceProvider) are always looked at by the service's threads. Default: no.
    pub const fn respond_inline(mut self, at_once: bool) -> Self {
        self.at_once = at_once;
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// The system has no more of them.
    pub fn build(self) -> std::io::Result<ImageService> {
        let pool = Pool::start(self.prepare_threads.max(1), self.threads.max(1), self.queue)?;
        Ok(ImageService {
            engine: self.engine,
            pool: Arc::new(Handle(pool)),
            time_budget: self.time_budget,
            budget: Budget::new(self.body_bytes),
            client_address: self.client_address,
            extra: self.extra,
            at_once: self.at_once,
        })
    }
}

impl std::fmt::Debug for ServiceBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceBuilder")
            .field("threads", &self.threads)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

/// Answers image requests on threads of its own. Clones share them; they end with the last clone.
///
/// The body of a request is not looked at. In axum it goes where a handler does; `server::serve`, of the feature `server`,
/// is for `axum::serve` with limits and timeouts:
///
/// ```no_run
/// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
/// use platemark::{Engine, service::ImageService};
///
/// let engine = Engine::builder("catalogs").cache_bytes(256 << 20).build()?;
/// let images = ImageService::builder(engine).queue(128).build()?;
/// let app: axum::Router = axum::Router::new()
///     .route_service("/is/image/{*object}", images.clone())
///     .route_service("/is/content/{*object}", images);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// platemark::server::serve(listener, app).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ImageService {
    engine: Engine,
    pool: Arc<Handle>,
    time_budget: Option<Duration>,
    budget: Arc<Budget>,
    client_address: ClientAddress,
    extra: Extra,
    at_once: bool,
}

/// Closes the pool with the last service.
struct Handle(Arc<Pool>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl ImageService {
    /// Starts to build a service around an engine.
    pub fn builder(engine: Engine) -> ServiceBuilder {
        ServiceBuilder {
            engine,
            threads: std::thread::available_parallelism().map_or(1, usize::from) + 1,
            prepare_threads: 2,
            queue: 64,
            time_budget: Some(Duration::from_secs(30)),
            body_bytes: 128 << 20,
            client_address: Arc::new(|_| None),
            extra: Extra::default(),
            at_once: false,
        }
    }

    /// How the service is doing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (body_bytes, refused_bodies) = self.budget.stats();
        Stats { body_bytes, refused_bodies, ..self.pool.0.stats() }
    }
}

impl std::fmt::Debug for ImageService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageService")
            .field("engine", &self.engine)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for ImageService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A request that comes when there is too much to do is answered with 503.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let (parts, _) = request.into_parts();
        let client = (self.client_address)(&parts.extensions);
        let request = Request::from_parts(parts, ());
        if self.at_once
            && let Some(exchange) = Exchange::at_once(&self.engine, &request, client)
        {
            let response = self.budget.admit(self.pool.0.quick(exchange.extra(self.extra.clone())));
            return ResponseFuture { way: Way::Ready(Some(response)), _pool: Arc::clone(&self.pool) };
        }
        let (sender, receiver) = oneshot::channel();
        let answer = Answer::new(sender, Arc::clone(&self.budget));
        let deadline = self.time_budget.and_then(|time| now().checked_add(time));
        let (engine, extra) = (self.engine.clone(), self.extra.clone());
        let look = Box::new(move || Exchange::looked_at(&engine, &request, client).extra(extra));
        self.pool.0.ask(look, Asker { answer, deadline, came: now(), span: Span::current() });
        ResponseFuture { way: Way::Coming(receiver), _pool: Arc::clone(&self.pool) }
    }
}

/// A response to come. Dropped, it tells the service that the client waits no more.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture {
    way: Way,
    /// The threads live for as long as a response is waited for.
    _pool: Arc<Handle>,
}

enum Way {
    /// It was answered at once; `None` once it has been handed out.
    Ready(Option<Response<Body>>),
    Coming(oneshot::Receiver<Response<Body>>),
}

impl Future for ResponseFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.way {
            Way::Ready(response) => Poll::Ready(response.take()),
            Way::Coming(receiver) => Pin::new(receiver).poll(context).map(Result::ok),
        };
        // A thread sends each answer before it drops it, unless the thread was killed.
        response.map(|response| Ok(response.unwrap_or_else(overloaded)))
    }
}

impl std::fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
