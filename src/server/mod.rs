//! A server for HTTP/1 that stands up to its clients (feature `server`).
//!
//! [`serve`] takes the place of `axum::serve`, and of any other loop that accepts connections: one line, for an
//! [`ImageService`](crate::service::ImageService) by itself or for a router that holds one. What it adds:
//!
//! * **Connections** are bounded, by a number and by the descriptors that the process may have. If there are too many, the
//!   server closes the one whose client it has waited for the longest: clients that are silent never keep others out.
//! * **Timeouts**: for a connection on which nothing is asked, for a request whose head does not come to its end, for a
//!   client that does not take its response. A head is at most 96 KiB long.
//! * **Requests** with HTTP/1.1 and no `Host`, and any with several, are answered with 400.
//! * **Responses** have `X-Content-Type-Options: nosniff`, whatever service made them. Those that hyper itself gives to what
//!   is not HTTP or too long (400, 414, 431) have neither the header nor a body.
//! * A lack of descriptors or memory stops nothing: the server makes room and goes on.
//!
//! ```no_run
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! use platemark::{Engine, server, service::ImageService};
//!
//! let engine = Engine::builder("catalogs").cache_bytes(256 << 20).build()?;
//! let images = ImageService::builder(engine).client_address(server::client_address).build()?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! server::serve(listener, images).await?;
//! # Ok(())
//! # }
//! ```
//!
//! It speaks neither TLS nor HTTP/2, which are left to the proxy or the CDN in front, and upgrades no connection. What a
//! request may take once its head is there is up to the service: `ImageService` has its time budget, and a router its layers.

mod accept;
mod client;
mod connection;
mod descriptors;
mod exchange;
mod settings;
mod transport;

use std::convert::Infallible;
use std::net::IpAddr;

use http::{Extensions, Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tower_service::Service;

pub use settings::{Peer, Server};

/// Serves requests with the defaults of [`Server`], for ever.
///
/// # Errors
///
/// The listener fails for good. A connection that fails is no error, nor is a lack of descriptors or memory.
pub async fn serve<S, B>(listener: TcpListener, service: S) -> std::io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Server::new().serve(listener, service, std::future::pending()).await
}

/// The client's address, which [`Server`] leaves among a request's extensions as a [`Peer`]. It is what
/// [`ServiceBuilder::client_address`](crate::service::ServiceBuilder::client_address) asks for. Behind a proxy it is the
/// address of the proxy.
#[must_use]
pub fn client_address(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<Peer>().map(|peer| peer.0.ip())
}
