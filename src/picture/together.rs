//! Several pictures of one source, for one decode.

use std::sync::{Mutex, PoisonError};

use crate::base::cancel::{Cancel, given_up};
use crate::base::error::Result;
use crate::imaging::plan::Plan;
use crate::imaging::render::Sampled;

use super::edit::Edit;
use super::making::{LIMITS, planned};
use super::rendition::Rendition;
use super::{Picture, named};

impl Picture {
    /// Makes several pictures, in the order of the edits. An error of one does not lose the others.
    ///
    /// The source is decoded once for all of them, if drawing them takes no more memory together than
    /// [`Limits::decoded_bytes`](crate::Limits::decoded_bytes); else once for as many as that allows. Each picture has the bytes,
    /// or the error, that [`render`](Self::render) gives.
    ///
    /// With a [pool](Self::pool) of its own the picture has its threads draw and encode as many of them at the same time; a
    /// caller that is itself a thread of a rayon pool does one after the other.
    ///
    /// ```
    /// use platemark::{Edit, Picture};
    ///
    /// let ring = Picture::open("assets/demo/pictures/ring.png")?;
    /// let many = ring.render_all(&[Edit::new().width(320), Edit::new().width(0), "wid=90&op_usm=1,8".parse()?]);
    /// assert!(many[0].is_ok() && many[1].is_err());
    /// assert_eq!(many[2].as_ref().map(|made| made.width), Ok(90));
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn render_all(&self, edits: &[Edit]) -> Vec<Result<Rendition>> {
        let mut all: Vec<_> = edits.iter().map(|_| Err(given_up())).collect();
        let mut plans: Vec<(usize, Plan)> = Vec::new();
        for (number, edit) in edits.iter().enumerate() {
            match planned(edit, &self.inner.facts) {
                Ok(plan) => plans.push((number, plan)),
                Err(error) => all[number] = Err(named(error, self.inner.name.as_deref())),
            }
        }
        for group in groups(&plans, LIMITS.decoded_bytes) {
            self.render_group(edits, group, &mut all);
        }
        all
    }

    /// Makes those pictures whose samples fit into memory at the same time.
    fn render_group(&self, edits: &[Edit], group: &[(usize, Plan)], all: &mut [Result<Rendition>]) {
        if let [(number, _)] = group {
            // Threads share the work of a picture.
            all[*number] = self.render(&edits[*number]);
            return;
        }
        let plans: Vec<&Plan> = group.iter().map(|(_, plan)| plan).collect();
        // What is wrong with one of them, or with a part of the file that only some need, is found by each for itself.
        let sampled = self.made(Cancel::ALWAYS, |subject| subject.sampled(&plans)).unwrap_or_default();
        let mut sampled = sampled.into_iter();
        let sampled: Vec<_> = group.iter().map(|_| Mutex::new(sampled.next().unwrap_or_default())).collect();
        let job = |place: usize, cancel: Cancel<'_>| {
            let (number, plan) = &group[place];
            let sampled: Sampled<'_> =
                std::mem::take(&mut *sampled[place].lock().unwrap_or_else(PoisonError::into_inner));
            self.made(cancel, |subject| subject.rendered_with(&edits[*number], plan, sampled))
        };
        // Nothing gives it up.
        let _ = self.pool.stream(group.len(), Cancel::ALWAYS, &job, |place, made| all[group[place].0] = made);
    }
}

/// Cuts a list of plans into parts, each of plans that hold at most `limit` bytes together, or of one.
fn groups(mut plans: &[(usize, Plan)], limit: u64) -> impl Iterator<Item = &[(usize, Plan)]> {
    std::iter::from_fn(move || {
        let mut bytes = 0u64;
        let fits = |(_, plan): &&(usize, Plan)| {
            bytes = bytes.saturating_add(plan.bytes());
            bytes <= limit
        };
        let count = plans.iter().take_while(fits).count().max(1);
        let (group, rest) = plans.split_at_checked(count)?;
        plans = rest;
        Some(group)
    })
}
