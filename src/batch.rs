//! Many pictures on the threads of a rayon pool.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use crate::base::error::Error;
use crate::base::pool::Ahead;
use crate::picture::{Edit, Picture, Rendition};

type Jobs<'a> = Box<dyn Iterator<Item = (Picture, Edit)> + 'a>;

/// Makes many pictures on the threads of a rayon pool. What comes of each is taken from the iterator that is returned, in
/// the order in which they end.
///
/// * Two jobs for each thread of the pool at most are begun and not yet taken. So the iterator of jobs may be endless, and
///   may open the pictures one by one; `batch` and [`Batch::next`](Iterator::next) call it, on the calling thread. A caller
///   who takes no results stops the batch, and leaves the threads of the pool to others.
/// * An error of one job does not lose the others, and neither does a panic, which is an error of that job
///   ([`ErrorKind::Internal`](crate::ErrorKind::Internal)).
/// * Dropping the batch gives it up: it does not wait, pictures that are being made are given up soon after, and others are
///   not begun.
/// * A thread of this or another rayon pool must not wait for other threads. If one calls `batch`, it makes the pictures
///   itself, each when `next` is called, in their order.
///
/// Each picture is made on one thread, whatever its own [pool](Picture::pool). The bytes are those of [`Picture::render`].
///
/// ```
/// use std::sync::Arc;
///
/// use platemark::{Edit, Picture, batch};
///
/// let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?);
/// let pictures = ["harbour.jpg", "ring.png"].map(|name| Picture::open(format!("assets/demo/pictures/{name}")));
/// let pictures = pictures.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let widths = [90, 180, 360];
/// let jobs = pictures.iter().flat_map(|picture| widths.map(|width| (picture.clone(), Edit::new().width(width))));
///
/// for done in batch(&pool, jobs) {
///     let made = done.result?;
///     assert_eq!(made.width, widths[done.index % 3]);
///     println!("{} of 6: {} bytes", done.finished, made.bytes.len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn batch<'a>(
    pool: &Arc<rayon::ThreadPool>,
    jobs: impl IntoIterator<Item = (Picture, Edit), IntoIter: 'a>,
) -> Batch<'a> {
    // A pool that ends while one of its threads drops it is not dropped by a job.
    let jobs: Jobs<'a> = Box::new(jobs.into_iter().map(|(picture, edit)| (picture.without_pool(), edit)));
    Batch { ahead: Ahead::new(pool, jobs, |(picture, edit), cancel| picture.render_while(&edit, cancel)), finished: 0 }
}

/// The pictures of a [`batch`], as they are made. `'a` is how long its iterator of jobs lives.
#[must_use = "dropping it gives the batch up"]
pub struct Batch<'a> {
    ahead: Ahead<Jobs<'a>, Rendition>,
    finished: usize,
}

/// What came of one job of a [`batch`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Done {
    /// Its place among the jobs.
    pub index: usize,
    /// The picture, or why there is none.
    pub result: Result<Rendition, Error>,
    /// Jobs that the batch has returned, this one included: 1 for the first that ends, and the number of jobs for the last.
    pub finished: usize,
}

impl Iterator for Batch<'_> {
    type Item = Done;

    /// Waits for the next job to end, unless one has.
    fn next(&mut self) -> Option<Done> {
        let (index, result) = self.ahead.next()?;
        self.finished += 1;
        Some(Done { index, result, finished: self.finished })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ahead.size_hint()
    }
}

impl FusedIterator for Batch<'_> {}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("finished", &self.finished).finish_non_exhaustive()
    }
}
