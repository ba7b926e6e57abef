//! A request on its way to the service, and the response on its way back.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{CACHE_CONTROL, CONNECTION, HOST, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tower_service::Service;

use super::client::Client;
use super::settings::Peer;

/// The service as one connection uses it.
pub(super) struct Door<S> {
    pub(super) service: S,
    pub(super) peer: Peer,
    pub(super) client: Arc<Client>,
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Door<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body + Send + 'static,
{
    type Response = Response<Reply<B>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.client.has_asked();
        let answered = Answered(Arc::clone(&self.client));
        if !names_its_host(request.version(), request.headers()) {
            return Box::pin(std::future::ready(Ok(refused(answered))));
        }
        request.extensions_mut().insert(self.peer);
        let mut service = self.service.clone();
        Box::pin(async move {
            poll_fn(|context| service.poll_ready(context)).await?;
            let mut response = service.call(request).await?;
            let headers = response.headers_mut();
            headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
            Ok(response.map(|body| Reply { body: Some(Box::pin(body)), _answered: answered }))
        })
    }
}

/// RFC 9112 §3.2: one `Host`, which before HTTP/1.1 need not be there.
fn names_its_host(version: Version, headers: &HeaderMap) -> bool {
    match headers.get_all(HOST).iter().count() {
        0 => version < Version::HTTP_11,
        count => count == 1,
    }
}

/// A response without a body, after which the connection ends.
fn refused<B>(answered: Answered) -> Response<Reply<B>> {
    let mut response = Response::new(Reply { body: None, _answered: answered });
    *response.status_mut() = StatusCode::BAD_REQUEST;
    for (name, value) in [(CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CONNECTION, "close")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Tells, when it is dropped, that a request has been answered, or given up.
struct Answered(Arc<Client>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.is_answered();
    }
}

/// The body of a response.
pub(super) struct Reply<B> {
    /// That of the service's response; `None` where the service was not asked.
    body: Option<Pin<Box<B>>>,
    _answered: Answered,
}

impl<B: http_body::Body> http_body::Body for Reply<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.body.as_mut().map_or(Poll::Ready(None), |body| body.as_mut().poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_one_host() {
        for (version, hosts, expected) in [
            (Version::HTTP_11, &[][..], false),
            (Version::HTTP_11, &["a"], true),
            (Version::HTTP_11, &["a", "a"], false),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_10, &["a"], true),
            (Version::HTTP_10, &["a", "b"], false),
        ] {
            let headers = hosts.iter().map(|host| (HOST, HeaderValue::from_static(host))).collect();
            assert_eq!(names_its_host(version, &headers), expected, "{version:?} {hosts:?}");
        }
    }
}
