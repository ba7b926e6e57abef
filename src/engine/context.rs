//! What only the host knows about a request.

use std::net::IpAddr;

/// What only the host knows about a request.
///
/// ```
/// let engine = platemark::Engine::builder("assets/demo").build()?;
/// let first = engine.serve("/is/image/demo/harbour?wid=90");
/// let etag = first.etag.unwrap().to_string();
/// let again = engine.prepare("/is/image/demo/harbour?wid=90", &platemark::Context::new().if_none_match(&etag));
/// assert_eq!(again.status(), 304);
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    pub(super) if_none_match: Option<&'a str>,
    pub(super) if_modified_since: Option<&'a str>,
    pub(super) client_address: Option<IpAddr>,
}

impl<'a> Context<'a> {
    /// A request of which nothing more is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { if_none_match: None, if_modified_since: None, client_address: None }
    }

    /// The request's `If-None-Match` header; several are joined by commas. A matching tag is answered with 304; `*` matches
    /// a picture that is stored.
    #[must_use]
    pub const fn if_none_match(mut self, tags: &'a str) -> Self {
        self.if_none_match = Some(tags);
        self
    }

    /// The request's `If-Modified-Since` header. It counts only beside no `If-None-Match`, where the reply has a
    /// [`last_modified`](super::Reply::last_modified), and under [`IdPolicy::Ignore`](super::IdPolicy::Ignore): a time stamp is
    /// what an operator wrote, and proves nothing about bytes. It never counts for a file of `/is/content`, which may be
    /// replaced under its time stamp. A text that is no date is ignored.
    ///
    /// What never expires (`Expiration=-1`) is, under that policy, answered 304 whatever the two headers say, and without
    /// a look at the source.
    #[must_use]
    pub const fn if_modified_since(mut self, date: &'a str) -> Self {
        self.if_modified_since = Some(date);
        self
    }

    /// The caller has something already.
    pub(super) fn is_conditional(&self) -> bool {
        let is_date = |date| httpdate::parse_http_date(date).is_ok();
        self.if_none_match.is_some_and(|tags| !tags.trim().is_empty()) || self.if_modified_since.is_some_and(is_date)
    }

    /// Where the request comes from. Every catalog that supplies an object of the request and has a `ClientAddressFilter`
    /// refuses other addresses; without this the filter is not looked at.
    #[must_use]
    pub const fn client_address(mut self, address: IpAddr) -> Self {
        self.client_address = Some(address);
        self
    }
}
