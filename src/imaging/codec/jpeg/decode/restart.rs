//! Restart intervals: how many MCUs are left to the next marker (T.81 E.2.4).

use crate::base::error::Result;

use super::bits::{Bits, Reader};
use super::scan::broken;

/// Counts MCUs to the next restart marker.
#[derive(Debug)]
pub(super) struct Restart {
    pub(super) interval: u32,
    left: u32,
    number: u8,
}

impl Restart {
    pub(super) const fn new(interval: u32) -> Self {
        Self { interval, left: interval, number: 0 }
    }

    /// Goes on before an MCU, of which it does not matter whether a marker comes before it: that has been passed.
    pub(super) const fn seek(&mut self, mcu: u32) {
        if self.interval > 0 {
            self.left = self.interval - mcu % self.interval;
            self.number = (mcu / self.interval % 8) as u8;
        }
    }

    /// Before each MCU: true at a restart marker, where predictors are reset; `bits` go on behind it.
    #[inline]
    pub(super) fn due(&mut self, bits: &mut Bits<'_>) -> Result<bool> {
        self.due_by(|number| bits.restart(number))
    }

    /// The same where `pass` passes the marker of a number, or says that it is not there.
    #[inline]
    pub(super) fn due_by(&mut self, pass: impl FnOnce(u8) -> bool) -> Result<bool> {
        if self.interval == 0 {
            return Ok(false);
        }
        if self.left > 0 {
            self.left -= 1;
            return Ok(false);
        }
        self.left = self.interval - 1;
        let number = self.number;
        self.number = (number + 1) % 8;
        if pass(number) { Ok(true) } else { Err(broken()) }
    }

    /// Between MCUs: counts the next one if no restart marker comes first.
    #[inline]
    pub(super) const fn pass(&mut self) -> bool {
        if self.interval == 0 {
            return true;
        }
        let more = self.left > 0;
        self.left -= more as u32;
        more
    }

    /// Reads `count` MCUs, each by `read`, which learns whether the MCU comes first behind a restart marker.
    ///
    /// # Errors
    ///
    /// `read` says that the data is damaged, or a marker is missing.
    #[inline(always)]
    pub(super) fn run(
        &mut self,
        bits: &mut Bits<'_>,
        count: u32,
        mut read: impl FnMut(&mut Reader<'_>, bool) -> Option<()>,
    ) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let mut anew = self.due(bits)?;
            let (mut reader, until) = bits.readers();
            loop {
                read(&mut reader, anew).ok_or_else(broken)?;
                (anew, left) = (false, left - 1);
                if reader.position() > until || left == 0 || !self.pass() {
                    break;
                }
            }
            let position = reader.position();
            if !bits.advance(position) {
                return Err(broken());
            }
        }
        Ok(())
    }
}
