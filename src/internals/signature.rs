//! Signatures of request targets.

use std::time::SystemTime;

use crate::base::signature::{self, SigningKey, SigningKeys};

/// A target is signed by one of these keys, of which there are 1 to 8.
#[must_use]
pub fn is_signed(keys: &[SigningKey], target: &str, now: SystemTime) -> bool {
    SigningKeys::new(keys.to_vec()).is_ok_and(|keys| keys.check(target, now).is_ok())
}

/// What the signature of a target is computed over.
#[must_use]
pub fn signed_part(target: &str) -> String {
    signature::signed_part(target)
}

/// A target without its signature.
#[must_use]
pub fn unsigned(target: &str) -> String {
    signature::unsigned(target)
}
