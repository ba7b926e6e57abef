//! What the host decides about a server, and what a request is told about its connection.

use std::net::SocketAddr;
use std::time::Duration;

/// Address and port of the other end of the connection that a request came by, among the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(pub SocketAddr);

/// Settings of a server.
///
/// ```
/// use std::time::Duration;
///
/// let server = platemark::server::Server::new().connections(200).write_timeout(Duration::from_secs(60));
/// ```
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    pub(super) connections: usize,
    pub(super) idle_timeout: Duration,
    pub(super) head_timeout: Duration,
    pub(super) write_timeout: Duration,
}

impl Server {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            connections: 1000,
            idle_timeout: Duration::from_secs(60),
            head_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(20),
        }
    }

    /// The most connections at the same time. There are never more than half of the descriptors that the process may have
    /// (`ulimit -n`), less 64, because a response may need one for its file. Default: 1000; at least 1.
    ///
    /// One connection more makes the server close another: the one whose client has been silent the longest while no
    /// request of it was being answered; if there is none, the one whose client has left its response untouched the
    /// longest, for five seconds or more. If there is none either, the new connection waits.
    pub const fn connections(mut self, most: usize) -> Self {
        self.connections = most;
        self
    }

    /// How long a connection may stay open without a request. Default: 60 s.
    pub const fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// How long the head of a request may take from its first byte to its last. Default: 10 s.
    pub const fn head_timeout(mut self, time: Duration) -> Self {
        self.head_timeout = time;
        self
    }

    /// How long a client may leave its response untouched: when the server has to wait for the client, at least 16 KiB, or
    /// all that is left, have to go out in each such span of time. Default: 20 s.
    pub const fn write_timeout(mut self, time: Duration) -> Self {
        self.write_timeout = time;
        self
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}
