//! One connection, until it ends by itself, is told to, or its client has taken too much time.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tower_service::Service;

use crate::base::clock::now;

use super::client::{Client, Order};
use super::exchange::Door;
use super::settings::{Peer, Server};
use super::transport::Transport;

/// The longest head of a request, in bytes: a target as long as the engine takes one, and as much for headers. It is also
/// from where a response waits for the client before more of it is put into memory.
const BUFFER: usize = 96 << 10;

/// How long the timer rests while the client owes nothing.
const REST: Duration = Duration::from_secs(3600);

/// Answers the requests that come by a stream.
pub(super) async fn connection<S, B>(server: Server, stream: TcpStream, peer: Peer, client: Arc<Client>, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Responses leave in whole packets, and the last packet does not wait for the one before it.
    let _ = stream.set_nodelay(true);
    let transport = TokioIo::new(Transport { stream, client: Arc::clone(&client) });
    let door = Door { service, peer, client: Arc::clone(&client) };
    let mut builder = http1::Builder::new();
    // The times are kept here, because a connection without a request has another one than half a head.
    builder.max_buf_size(BUFFER).header_read_timeout(None);
    let mut work = pin!(builder.serve_connection(transport, door));
    let mut armed = now() + REST;
    let mut timer = pin!(sleep_until(Instant::from_std(armed)));
    let mut is_finishing = false;
    poll_fn(|context| {
        loop {
            if work.as_mut().poll(context).is_ready() {
                // An error is the client's: it sends what is not HTTP, or it has gone.
                return Poll::Ready(());
            }
            match client.ordered(context.waker()) {
                Order::Close => return Poll::Ready(()),
                Order::Finish if !is_finishing => {
                    is_finishing = true;
                    work.as_mut().graceful_shutdown();
                    continue;
                }
                Order::Finish | Order::GoOn => {}
            }
            let is_over = timer.as_mut().poll(context).is_ready();
            let deadline = client.deadline(&server);
            if deadline.is_some_and(|deadline| deadline <= now()) {
                return Poll::Ready(());
            }
            let next = deadline.unwrap_or_else(|| now() + REST);
            // A deadline that has moved on is looked at when the timer comes to the former one.
            if !is_over && next >= armed {
                return Poll::Pending;
            }
            armed = next;
            timer.as_mut().reset(Instant::from_std(armed));
        }
    })
    .await;
}
