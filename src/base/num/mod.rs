//! Numbers that are the same on every machine.

pub(crate) mod decimal;
pub(crate) mod libm_free;
