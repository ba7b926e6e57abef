//! Answers to many requests, made beforehand.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, Result};
use crate::base::version::Version;

use super::prepared::Outcome;
use super::reply::{ETag, Reply};
use super::state::Engine;

/// What came of one of the targets of [`Engine::prewarm`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Prewarmed<'a> {
    /// Its place among the targets.
    pub index: usize,
    /// The target.
    pub target: &'a str,
    /// The tag of the reply, if it has one; or the error that the reply tells.
    pub result: std::result::Result<Option<ETag>, Error>,
    /// Targets that are done, this one included.
    pub finished: usize,
    /// All targets.
    pub count: usize,
}

/// What a job has done.
enum Ended {
    /// It has made the picture that is kept by this.
    Made(Version, Result<Option<ETag>>),
    /// Another job makes that picture.
    Same(Version),
    /// There was no picture to be made.
    Looked(Result<Option<ETag>>),
}

impl Engine {
    /// Does beforehand what requests for these targets would have to do: it digests their files and makes their pictures, if
    /// the engine has memory to keep them in ([`cache_bytes`](crate::EngineBuilder::cache_bytes)) and they may be kept there.
    /// A picture that several targets name is made once. Nothing is saved or logged, whatever `req` asks for.
    ///
    /// With a [pool](crate::EngineBuilder::pool) as many targets are worked on at the same time as it has threads. A caller
    /// that is itself a thread of a rayon pool works on them one by one, and so does any without a pool.
    /// `progress` is called on the calling thread, once for each target, in the order in which they end.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").cache_bytes(64 << 20).build()?;
    /// let sizes = [100, 200, 400].map(|width| format!("/is/image/demo/pebbles?wid={width}"));
    /// engine.prewarm(&sizes, |done| {
    ///     assert!(done.result.is_ok());
    ///     println!("{} of {}", done.finished, done.count);
    /// });
    /// assert_eq!(engine.health().renditions.items, 3);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    pub fn prewarm(&self, targets: &[impl AsRef<str> + Sync], progress: impl FnMut(Prewarmed<'_>)) {
        // Nothing gives it up.
        let _ = self.prewarm_while(targets, &|| true, progress);
    }

    /// The same for as long as `keep_going` returns true. It is called on the calling thread, some dozen times a second.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`](crate::ErrorKind::Stopped): it has returned false. Targets that were not begun are not told of.
    pub fn prewarm_while(
        &self,
        targets: &[impl AsRef<str> + Sync],
        keep_going: &dyn Fn() -> bool,
        mut progress: impl FnMut(Prewarmed<'_>),
    ) -> std::result::Result<(), Error> {
        let mut finished = 0;
        // Each text once, with its places.
        let mut texts: Vec<(&str, Vec<usize>)> = Vec::new();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for (index, target) in targets.iter().enumerate() {
            let text = target.as_ref();
            let number = *numbers.entry(text).or_insert(texts.len());
            if number == texts.len() {
                texts.push((text, Vec::new()));
            }
            texts[number].1.push(index);
        }
        let begun = Mutex::new(HashSet::new());
        let job = |number: usize, cancel: Cancel<'_>| self.made_ahead(texts[number].0, &begun, cancel);
        let mut tell = |number: usize, result: &Result<Option<ETag>>| {
            let (target, places) = &texts[number];
            for &index in places {
                finished += 1;
                progress(Prewarmed { index, target, result: result.clone(), finished, count: targets.len() });
            }
        };
        let mut made: HashMap<Version, Result<Option<ETag>>> = HashMap::new();
        let mut waiting: HashMap<Version, Vec<usize>> = HashMap::new();
        self.inner.pool.stream(texts.len(), Cancel::new(keep_going), &job, |number, ended| match ended {
            Ended::Looked(result) => tell(number, &result),
            Ended::Made(key, result) => {
                tell(number, &result);
                waiting.remove(&key).unwrap_or_default().into_iter().for_each(|number| tell(number, &result));
                made.insert(key, result);
            }
            Ended::Same(key) => match made.get(&key) {
                Some(result) => tell(number, result),
                None => waiting.entry(key).or_default().push(number),
            },
        })
    }

    /// Answers a target, unless its picture is among those that others have `begun`.
    fn made_ahead(&self, target: &str, begun: &Mutex<HashSet<Version>>, cancel: Cancel<'_>) -> Ended {
        let keep_going = || cancel.check().is_ok();
        let prepared = self.prepare_for_host(target, cancel).completed(cancel);
        let Outcome::Picture(job) = &prepared.outcome else {
            return Ended::Looked(prepared.looked_ahead(&keep_going));
        };
        let Some(key) = job.kept_by() else { return Ended::Looked(prepared.looked_ahead(&keep_going)) };
        if !begun.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            return Ended::Same(key);
        }
        let Reply { error, etag, .. } = prepared.render_afresh(&keep_going, || self.prepare_for_host(target, cancel));
        Ended::Made(key, error.map_or(Ok(etag), Err))
    }
}
