//! Rows on their way from the decoder to the stage behind it, which works on another thread if one is idle.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Window;
use crate::imaging::pixel::raster::{Here, Row, RowSink, RowStage};
use crate::imaging::plan::RELAYED;

use super::tools::Tools;

/// Pixels of the window that are worth another thread.
const WORTH: u64 = if cfg!(test) { 1 << 12 } else { 1 << 19 };

/// Decodes by `rows`, and hands the rows of the window to a stage; returns whether that worked on another thread. The number
/// of threads changes no row.
///
/// # Errors
///
/// Those of `rows` or of the stage, the first of them in the order of the rows.
pub(super) fn relayed(
    tools: &mut Tools<'_>,
    window: Window,
    stage: &mut dyn RowStage,
    rows: impl FnOnce(&mut Tools<'_>, &mut dyn RowSink) -> Result<()>,
) -> Result<bool> {
    let (pool, cancel) = (tools.pool, tools.cancel);
    let pixels = u64::from(window.width) * u64::from(window.height);
    if pixels < WORTH || pool.idle() == 0 {
        return rows(tools, &mut Here { stage, cancel }).map(|()| false);
    }
    #[cfg(test)]
    super::bands::count_relayed();
    let take = |piece: &mut Piece, cancel: Cancel<'_>| {
        piece.rows[..piece.len].iter_mut().try_for_each(|row| stage.row(row, cancel))
    };
    // Cut by pixels: the number of threads changes nothing.
    let most = (RELAYED / u64::from(window.width).max(1)).max(1) as usize;
    pool.beside(cancel, take, |hand| {
        let mut relay = Relay { piece: Piece::default(), most, hand };
        rows(tools, &mut relay)?;
        relay.hand()
    })?;
    Ok(true)
}

/// Some rows; memory for more may lie behind them.
#[derive(Default)]
struct Piece {
    rows: Vec<Row>,
    len: usize,
}

/// Collects rows and hands them on.
struct Relay<'a> {
    piece: Piece,
    most: usize,
    hand: &'a mut dyn FnMut(&mut Piece) -> Result<()>,
}

impl Relay<'_> {
    fn hand(&mut self) -> Result<()> {
        (self.hand)(&mut self.piece)?;
        self.piece.len = 0;
        Ok(())
    }
}

impl RowSink for Relay<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        let Piece { rows, len } = &mut self.piece;
        if *len == rows.len() {
            rows.push(Row::new(row.width() as u32, row.layout()));
        }
        // The decoder goes on with the memory of a row that has been taken.
        std::mem::swap(row, &mut rows[*len]);
        *len += 1;
        if *len == self.most { self.hand() } else { Ok(()) }
    }
}
