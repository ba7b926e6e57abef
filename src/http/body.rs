//! Bodies of responses.

use std::ops::Range;

use bytes::Bytes;

use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::{FileBody, Pieces};

/// The body of a response: bytes, or a range of a long file that is read piece by piece as the server takes it.
///
/// With the feature `tower` it is an `http_body::Body`. A poll for the next frame reads at most 256 KiB of the file and the
/// polling thread waits for the disk, if they are not in memory. If the file is not what it was when the response began,
/// the next frame is an error: the server then breaks the transfer off, and the client never gets other bytes.
///
/// Other hosts take the pieces with [`next_piece`](Self::next_piece), or all at once with [`into_bytes`](Self::into_bytes).
///
/// ```
/// use platemark::{Engine, http::Exchange};
///
/// let engine = Engine::builder("assets/demo").build()?;
/// let request = http::Request::get("/is/image/demo/harbour?wid=90").body(()).unwrap();
/// let mut body = Exchange::new(&engine, &request, None).respond().into_body();
/// let (length, mut sent) = (body.len(), 0);
/// while let Some(piece) = body.next_piece() {
///     sent += piece?.len() as u64;
/// }
/// assert!(sent == length && body.is_empty());
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Body {
    rest: Rest,
    /// The body of a HEAD response. It is empty; `Content-Length` tells the length of the GET response.
    #[cfg(feature = "tower")]
    headless: bool,
}

#[derive(Debug, Clone)]
enum Rest {
    Bytes(Bytes),
    File(Pieces),
}

impl Body {
    const fn of(rest: Rest) -> Self {
        Self {
            rest,
            #[cfg(feature = "tower")]
            headless: false,
        }
    }

    pub(super) const fn empty() -> Self {
        Self::of(Rest::Bytes(Bytes::new()))
    }

    /// Of the answer to a HEAD.
    pub(super) const fn none() -> Self {
        Self {
            rest: Rest::Bytes(Bytes::new()),
            #[cfg(feature = "tower")]
            headless: true,
        }
    }

    /// A range, which lies inside the file.
    pub(super) fn of_file(file: &FileBody, range: Range<u64>) -> Self {
        Self::of(Rest::File(file.pieces(range)))
    }

    /// Bytes that are still to come.
    #[must_use]
    pub const fn len(&self) -> u64 {
        match &self.rest {
            Rest::Bytes(bytes) => bytes.len() as u64,
            Rest::File(pieces) => pieces.left(),
        }
    }

    /// Nothing is to come, or nothing more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next bytes: all of them if they are in memory, else at most 256 KiB of the file. `None`: there are no more.
    ///
    /// # Errors
    ///
    /// The file is not what it was, or cannot be read: the transfer has to be broken off. There are no more pieces then.
    pub fn next_piece(&mut self) -> Option<Result<Bytes>> {
        match &mut self.rest {
            Rest::Bytes(bytes) if bytes.is_empty() => None,
            Rest::Bytes(bytes) => Some(Ok(std::mem::take(bytes))),
            Rest::File(pieces) => pieces.next(),
        }
    }

    /// All bytes that are still to come. A long file is read into memory as a whole.
    ///
    /// # Errors
    ///
    /// As for [`next_piece`](Self::next_piece), or there is not enough memory: [`ErrorKind::Limit`].
    pub fn into_bytes(self) -> Result<Bytes> {
        let pieces = match self.rest {
            Rest::Bytes(bytes) => return Ok(bytes),
            Rest::File(pieces) => pieces,
        };
        let refused = || Error::new(ErrorKind::Limit, "needs more memory than there is");
        let length = usize::try_from(pieces.left()).map_err(|_| refused())?;
        let mut all = Vec::new();
        all.try_reserve_exact(length).map_err(|_| refused())?;
        for piece in pieces {
            all.extend_from_slice(&piece?);
        }
        Ok(all.into())
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::of(Rest::Bytes(bytes))
    }
}

#[cfg(feature = "tower")]
impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>>>> {
        let piece = self.get_mut().next_piece();
        std::task::Poll::Ready(piece.map(|piece| piece.map(http_body::Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty() && !self.headless
    }

    fn size_hint(&self) -> http_body::SizeHint {
        // A length of zero would become the header of an answer to a HEAD.
        if self.headless { http_body::SizeHint::default() } else { http_body::SizeHint::with_exact(self.len()) }
    }
}
