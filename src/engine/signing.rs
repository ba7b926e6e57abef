//! Requests that have to be signed: the check precedes everything else, also what is remembered of earlier requests.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::signature::{SigningKey, SigningKeys, is_signed, unsigned};

use super::state::Engine;

/// A target that may be answered.
pub(super) struct Admitted<'a> {
    /// The target without its signature.
    pub(super) target: Cow<'a, str>,
    /// Seconds until the signature ends: no cache may keep the reply for longer.
    pub(super) ends_in: Option<u64>,
}

impl Engine {
    /// Exchanges the keys that requests have to be signed with, 1 to 8, while requests go on; from now on unsigned
    /// requests get a 403 in any case. Give both while links of an old and a new key are in use.
    ///
    /// # Errors
    ///
    /// There are no keys or more than 8; the former ones stay.
    pub fn set_signing_keys(&self, keys: impl IntoIterator<Item = SigningKey>) -> std::result::Result<(), Error> {
        let keys = SigningKeys::new(keys.into_iter().collect())?;
        self.inner.signing.store(Some(Arc::new(keys)));
        Ok(())
    }

    /// Checks the signature if the engine has keys. Returns the target without `sig`, `exp` and `kid`; a lock does not
    /// cover them.
    ///
    /// # Errors
    ///
    /// The request is not signed.
    pub(super) fn admitted<'a>(&self, target: &'a str) -> Result<Admitted<'a>> {
        let keys = self.inner.signing.load();
        let Some(keys) = &*keys else { return Ok(Admitted { target: Cow::Borrowed(target), ends_in: None }) };
        let ends_in = keys.check(target, (self.inner.clock)())?;
        Ok(Admitted { target: Cow::Owned(unsigned(target)), ends_in })
    }

    /// Whether the target has a `sig=` and the engine has keys; the value is not checked.
    pub(in crate::engine) fn is_signed(&self, target: &str) -> bool {
        self.inner.signing.load().is_some() && is_signed(target)
    }

    /// Removes the signature without checking it, for requests of the host itself.
    pub(in crate::engine) fn as_read<'a>(&self, target: &'a str) -> Cow<'a, str> {
        if self.inner.signing.load().is_some() { Cow::Owned(unsigned(target)) } else { Cow::Borrowed(target) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::engine::context::Context;

    /// The shortcut of a server for what it answered lately checks signatures too.
    #[cfg(feature = "tower")]
    #[test]
    fn what_is_at_hand_has_to_be_signed() {
        let time = Arc::new(AtomicU64::new(4_000_000_000));
        let clock = Arc::clone(&time);
        let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(seconds);
        let engine = Engine::builder("assets/demo").cache_bytes(1 << 20);
        let engine = engine.clock(move || at(clock.load(Ordering::SeqCst))).build().unwrap();
        let target = "/is/image/demo/ring?wid=40";
        assert_eq!(engine.serve(target).status, 200);
        let status = |target: &str| Some(engine.prepare_at_once(target, &Context::new())?.status());
        assert_eq!(status(target), Some(200));
        let key = SigningKey::new([5; 16]).unwrap();
        engine.set_signing_keys([key.clone()]).unwrap();
        let link = key.sign(target, Some(at(4_000_000_010)));
        assert_eq!((status(target), status(&link)), (None, Some(200)));
        time.store(4_000_000_010, Ordering::SeqCst);
        assert_eq!(status(&link), None);
    }
}
