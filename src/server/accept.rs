//! Taking connections in, as many as there may be.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_service::Service;

use super::client::{Client, Order};
use super::connection::connection;
use super::descriptors::bounded;
use super::settings::{Peer, Server};

/// How long the server waits for room before it looks again which connection it can close.
const AGAIN: Duration = Duration::from_millis(100);

impl Server {
    /// Serves requests until `stop` is ready. Then it accepts no more connections, closes those on which nothing is asked,
    /// and returns when the others have got their responses.
    ///
    /// # Errors
    ///
    /// The listener fails for good. A connection that fails is no error, nor is a lack of descriptors or memory.
    pub async fn serve<S, B>(
        self,
        listener: TcpListener,
        service: S,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<()>
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let room = Room::new(bounded(self.connections));
        let accepting = async {
            loop {
                let (stream, address) = room.next(&listener).await?;
                let entry = room.enter().await;
                let client = Arc::clone(&entry.client);
                let work = connection(self, stream, Peer(address), client, service.clone());
                tokio::spawn(async move {
                    work.await;
                    drop(entry);
                });
            }
        };
        let stopped = first(accepting, stop).await;
        drop(listener);
        if let Some(failed) = stopped {
            return failed;
        }
        room.empty().await;
        Ok(())
    }
}

/// The result of some work; `None` if `stop` is ready before it.
async fn first<T>(work: impl Future<Output = T>, stop: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut stop) = (pin!(work), pin!(stop));
    let either = |context: &mut Context<'_>| match stop.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => work.as_mut().poll(context).map(Some),
    };
    poll_fn(either).await
}

/// The connections there are.
struct Room {
    most: usize,
    places: Arc<Semaphore>,
    clients: Arc<Mutex<Clients>>,
}

#[derive(Default)]
struct Clients {
    all: HashMap<u64, Arc<Client>>,
    serial: u64,
}

/// The place of one connection, free again when it is dropped.
struct Entry {
    client: Arc<Client>,
    number: u64,
    clients: Arc<Mutex<Clients>>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.clients).all.remove(&self.number);
    }
}

fn lock(clients: &Mutex<Clients>) -> MutexGuard<'_, Clients> {
    // No code panics while it holds this lock, so the map is always whole.
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Room {
    fn new(most: usize) -> Self {
        Self { most, places: Arc::new(Semaphore::new(most)), clients: Arc::default() }
    }

    /// The next connection.
    ///
    /// # Errors
    ///
    /// The listener fails for good.
    async fn next(&self, listener: &TcpListener) -> Result<(TcpStream, SocketAddr)> {
        loop {
            match listener.accept().await {
                Ok(accepted) => return Ok(accepted),
                Err(error) if is_for_good(&error) => return Err(error),
                Err(error) if is_of_the_client(&error) => {}
                // There are not enough descriptors, or not enough memory: a connection less may help.
                Err(_) => {
                    self.close_one();
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Waits for a place, and makes room if there is none.
    async fn enter(&self) -> Entry {
        let place = loop {
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                break place;
            }
            self.close_one();
            // A closed connection frees its place. If none was closed, another client may have stalled by then.
            if let Ok(Ok(place)) = tokio::time::timeout(AGAIN, Arc::clone(&self.places).acquire_owned()).await {
                break place;
            }
        };
        let client = Client::new();
        let number = {
            let mut clients = lock(&self.clients);
            clients.serial += 1;
            let number = clients.serial;
            clients.all.insert(number, Arc::clone(&client));
            number
        };
        Entry { client, number, clients: Arc::clone(&self.clients), _place: place }
    }

    /// Closes the connection whose client has kept the server waiting the longest, if there is one.
    fn close_one(&self) {
        let clients = lock(&self.clients);
        let worst = clients.all.values().filter_map(|client| Some((client.nuisance()?, client)));
        if let Some((_, client)) = worst.max_by_key(|(nuisance, _)| *nuisance) {
            client.order(Order::Close);
        }
    }

    /// Tells all connections to come to their end, and waits for it.
    async fn empty(&self) {
        lock(&self.clients).all.values().for_each(|client| client.order(Order::Finish));
        // Every place is free when the last has ended.
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let _ = self.places.acquire_many(all).await;
    }
}

/// The listener is none, or no more.
fn is_for_good(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported)
}

/// The connection was gone before it was accepted.
fn is_of_the_client(error: &Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
