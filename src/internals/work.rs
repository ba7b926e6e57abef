//! What pictures cost.

use crate::base::work::counted;

/// What the stages went through on this thread, since it was asked last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// In the units of [`Prepared::work`](crate::Prepared::work).
    pub units: u64,
    /// Quantities by kind, with the names of the kinds.
    pub quantities: Vec<(&'static str, u64)>,
}

/// What this thread has counted since it was asked last.
#[must_use]
pub fn counted_work() -> Counted {
    let work = counted();
    Counted { units: work.units(), quantities: work.quantities().collect() }
}

/// What is foretold of a picture, in the same form.
#[must_use]
pub fn foretold_work(prepared: &crate::Prepared) -> Counted {
    let work = prepared.foretold();
    Counted { units: work.units(), quantities: work.quantities().collect() }
}
