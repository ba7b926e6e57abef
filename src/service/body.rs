//! Bodies of responses.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// The body of a response: all there at once.
#[derive(Debug, Default)]
pub struct Body {
    rest: Option<Bytes>,
    /// Of the answer to a HEAD: none is sent, which says nothing of its length.
    headless: bool,
}

impl Body {
    pub(super) fn of(bytes: Bytes, is_head: bool) -> Self {
        Self { rest: Some(bytes).filter(|bytes| !bytes.is_empty()), headless: is_head }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().rest.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && !self.headless
    }

    fn size_hint(&self) -> SizeHint {
        // A length of zero would become the header of an answer to a HEAD.
        if self.headless {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.rest.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
