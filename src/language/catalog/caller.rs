//! Who asks, and which catalogs supply that caller (`catalog.md` §4.6).

use std::net::IpAddr;

use crate::base::error::{Error, Result};
use crate::language::request::UNLOCKED;

use super::catalogs::Catalog;

/// Text of the error where a filter refuses the caller's address.
const ADDRESS: &str = "is not allowed from this address";

/// What catalogs look at before they supply an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// `None`: the host has told no address, and filters are not looked at.
    pub(crate) address: Option<IpAddr>,
    /// The request carries a valid lock.
    pub(crate) locked: bool,
}

impl Caller {
    /// The host itself, which every catalog supplies.
    pub(crate) const HOST: Self = Self { address: None, locked: true };

    /// Checks the address filter of a catalog.
    ///
    /// # Errors
    ///
    /// The filter refuses the address.
    pub(crate) fn check_address(self, catalog: &Catalog) -> Result<()> {
        let refuses = |address| !catalog.attributes.client_address_filter.allows(address);
        if self.address.is_some_and(refuses) { Err(Error::request("request", ADDRESS)) } else { Ok(()) }
    }

    /// Checks everything that a catalog demands of those whom it supplies with an object.
    ///
    /// # Errors
    ///
    /// The filter refuses the address, or the catalog demands a lock that the request does not carry.
    pub(crate) fn check(self, catalog: &Catalog) -> Result<()> {
        self.check_address(catalog)?;
        if catalog.attributes.request_lock && !self.locked {
            return Err(Error::request("request", UNLOCKED));
        }
        Ok(())
    }

    /// An error says that a catalog refuses the caller. No error image takes its place.
    pub(crate) fn is_refusal(error: &Error) -> bool {
        [ADDRESS, UNLOCKED].contains(&error.what())
    }
}
