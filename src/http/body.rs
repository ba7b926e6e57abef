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
    #[cfg(feature = "tower")]
    memory: Memory,
    /// What each piece of a file holds until it has been sent.
    #[cfg(feature = "tower")]
    permit: Option<Permit>,
}

/// The memory that a body keeps from being freed.
#[cfg(feature = "tower")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Memory {
    /// The address of bytes that other bodies may share; `None` if no other body can have them.
    pub(crate) shared: Option<usize>,
    /// Bytes.
    pub(crate) length: u64,
}

#[cfg(feature = "tower")]
impl Memory {
    const NONE: Self = Self { shared: None, length: 0 };

    fn of(bytes: &Bytes) -> Self {
        Self { shared: Some(bytes.as_ptr() as usize), length: bytes.len() as u64 }
    }
}

/// What a body holds for as long as any of its bytes is in memory.
#[cfg(feature = "tower")]
pub(crate) type Permit = std::sync::Arc<dyn std::any::Any + Send + Sync>;

/// Bytes with the permit for them.
#[cfg(feature = "tower")]
struct Held {
    /// Goes first: the permit names the memory by its address, which is free for others after it.
    _permit: Permit,
    bytes: Bytes,
}

#[cfg(feature = "tower")]
impl Held {
    /// The same bytes. The permit goes with the last clone and the last slice of them.
    fn of(bytes: Bytes, permit: Permit) -> Bytes {
        Bytes::from_owner(Self { _permit: permit, bytes })
    }
}

#[cfg(feature = "tower")]
impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
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
            #[cfg(feature = "tower")]
            memory: Memory::NONE,
            #[cfg(feature = "tower")]
            permit: None,
        }
    }

    pub(super) fn empty() -> Self {
        Self::of(Rest::Bytes(Bytes::new()))
    }

    /// Of the answer to a HEAD.
    pub(super) fn none() -> Self {
        Self {
            #[cfg(feature = "tower")]
            headless: true,
            ..Self::empty()
        }
    }

    /// A range, which lies inside the file.
    pub(super) fn of_file(file: &FileBody, range: Range<u64>) -> Self {
        Self {
            #[cfg(feature = "tower")]
            memory: Memory { shared: None, length: (range.end - range.start).min(FileBody::PIECE as u64) },
            ..Self::of(Rest::File(file.pieces(range)))
        }
    }

    /// A range of bytes, which lies inside them.
    pub(super) fn of_bytes(bytes: &Bytes, range: Range<usize>) -> Self {
        let part = bytes.slice(range);
        Self {
            // Any part of them keeps all of them. No byte keeps none.
            #[cfg(feature = "tower")]
            memory: if part.is_empty() { Memory::NONE } else { Memory::of(bytes) },
            ..Self::of(Rest::Bytes(part))
        }
    }

    /// The memory that the body keeps: all bytes that it is a part of, or a piece of a file.
    #[cfg(feature = "tower")]
    pub(crate) const fn memory(&self) -> Memory {
        self.memory
    }

    /// The same body, which holds a permit until its last byte has been sent or dropped.
    #[cfg(feature = "tower")]
    pub(crate) fn holding(self, permit: Permit) -> Self {
        match self.rest {
            Rest::Bytes(bytes) => Self { rest: Rest::Bytes(Held::of(bytes, permit)), ..self },
            rest @ Rest::File(_) => Self { rest, permit: Some(permit), ..self },
        }
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
            Rest::File(pieces) => {
                let piece = pieces.next();
                #[cfg(feature = "tower")]
                if let Some(permit) = &self.permit {
                    return piece.map(|piece| piece.map(|bytes| Held::of(bytes, permit.clone())));
                }
                piece
            }
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
        Self::of_bytes(&bytes, 0..bytes.len())
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
