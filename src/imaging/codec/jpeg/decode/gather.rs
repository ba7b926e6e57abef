//! Pictures whose scans are gathered: the decoder reads all wanted scans before it transforms a block.
//!
//! Progressive files, arithmetic-coded files and damaged files that are shown are decoded so.
//!
//! Every coefficient may be given once, then refined bit by bit, as the standard demands. The decoder refuses a scan
//! that gives or refines a coefficient out of turn, and scans that visit blocks [too often](super::passes).

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::error::{ErrorKind, Result};
use crate::base::work::{Kind, count};

use super::arithmetic::ArithmeticScan;
use super::band::Band;
use super::coefficients::Quantization;
use super::course::{Course, CoursePart, Reader, Saved};
use super::frame::Frame;
use super::inverse::mean;
use super::passes::refuse_visits;
use super::plane::{Plane, UNKNOWN};
use super::progressive::Pass;
use super::scan::{Scan, Scans, cut_off};
use super::sidecar::Walked;
use super::tables::Tables;
use crate::imaging::codec::fault::damaged;

/// The part of a picture that a caller wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The first rows of MCUs.
    pub(super) mcu_rows: u32,
    /// The DC coefficients alone. Then no other progressive scan is read, and nothing after the one that completes them.
    pub(super) only_dc: bool,
    /// The file is damaged and is read as far as it goes: of each scan the MCUs before the first damage in it. A scan that
    /// cannot be read, or that is out of turn, is left out; coefficients that no scan gives are zero.
    pub(super) damaged: bool,
}

/// The coefficients of a picture, as far down as they are wanted.
#[derive(Debug)]
pub(super) struct Gathered<'c> {
    planes: Vec<Plane<'c>>,
    /// Blocks of all scans so far, each as often as scans visit it.
    visits: u64,
    /// There is an MCU whose DC coefficients could be read.
    some: bool,
}

impl<'c> Gathered<'c> {
    /// Reads coefficients into `memory`, which is zero and as long as [`bytes`](super::plane::bytes) says.
    ///
    /// # Errors
    ///
    /// The file is damaged; or, if it is known to be, not even its first MCU can be read.
    pub(super) fn read(
        file: &[u8],
        frame: &Frame,
        wanted: Wanted,
        memory: &'c mut [u8],
        cancel: Cancel<'_>,
    ) -> Result<(Self, Vec<Quantization>)> {
        let (mut memory, mut planes) = (memory.as_chunks_mut().0, Vec::new());
        for component in &frame.components {
            let (plane, rest) = Plane::new(frame, component, wanted.mcu_rows, wanted.only_dc, memory);
            memory = rest;
            planes.push(plane);
        }
        let mut gathered = Self { planes, visits: 0, some: false };
        if wanted.damaged {
            gathered.sound_parts(file, frame, wanted, cancel)?;
            if !gathered.some {
                return Err(cut_off("not one MCU can be read"));
            }
            if let [.., black] = &mut gathered.planes[..]
                && frame.components.len() == 4
                && black.steps.is_none()
            {
                black.brighten(cancel)?;
            }
            // A component without a scan has no steps; its coefficients are zero, so any step does.
            for plane in &mut gathered.planes {
                plane.steps = plane.steps.or(Some([1; 64]));
            }
        } else {
            gathered.scans(file, frame, wanted, cancel)?;
        }
        let steps: Vec<_> = gathered.planes.iter_mut().filter_map(|plane| plane.steps.take()).collect();
        if steps.len() < frame.components.len() {
            return Err(cut_off("a component has no scan"));
        }
        Ok((gathered, steps))
    }

    fn scans(&mut self, file: &[u8], frame: &Frame, wanted: Wanted, cancel: Cancel<'_>) -> Result<()> {
        let mut scans = Scans::new(file, frame, cancel);
        // A file that is complete need not say that it ends.
        while !self.is_complete(wanted) {
            let Some(scan) = scans.next()? else { break };
            self.take_turn(&scan, &scans.tables, frame)?;
            let mut wanted_part = (0, 1);
            if is_wanted(&scan, frame, wanted) {
                let course = Course::new(&scan, frame, wanted.mcu_rows);
                self.limit(&course, frame)?;
                let [part, all] = [course.blocks(), Course::new(&scan, frame, frame.mcus().1).blocks()];
                count(Kind::JpegGather, usize::try_from(part).unwrap_or(usize::MAX));
                wanted_part = (part, all.max(1));
                if frame.arithmetic {
                    let mut reader = ArithmeticScan::new(&scan, &scans.tables, frame);
                    for row in 0..course.rows {
                        cancel.check()?;
                        (0..course.across).try_for_each(|mcu| reader.mcu(&mut self.planes, (row, mcu)))?;
                    }
                } else {
                    Pass::new(&scan, &scans.tables, frame, cancel)?.run(&mut self.planes, wanted.mcu_rows)?;
                }
            }
            let before = scans.left();
            scans.pass_data();
            // The rest of a scan is passed over.
            let passed = (before - scans.left()) as u64;
            count(Kind::JpegByte, (passed.saturating_mul(wanted_part.0) / wanted_part.1) as usize);
        }
        Ok(())
    }

    /// The same as far as the file goes.
    fn sound_parts(&mut self, file: &[u8], frame: &Frame, wanted: Wanted, cancel: Cancel<'_>) -> Result<()> {
        let mut scans = Scans::new(file, frame, cancel);
        while !self.is_complete(wanted) {
            let before = scans.left();
            match scans.next() {
                Ok(Some(scan)) => {
                    let turn = self.take_turn(&scan, &scans.tables, frame);
                    if turn.is_ok() && is_wanted(&scan, frame, wanted) {
                        let blocks = Course::new(&scan, frame, wanted.mcu_rows).blocks();
                        count(Kind::JpegGather, usize::try_from(blocks).unwrap_or(usize::MAX));
                        self.sound_part(&scan, &scans.tables, frame, wanted, cancel)?;
                    }
                    scans.pass_data();
                }
                Err(error) if error.kind() == ErrorKind::Stopped => return Err(error),
                // A segment that says nothing sensible is passed over.
                Err(_) if scans.left() < before => {}
                Ok(None) | Err(_) => break,
            }
        }
        Ok(())
    }

    /// Reads a scan up to the first damage in it.
    fn sound_part(
        &mut self,
        scan: &Scan<'_>,
        tables: &Tables,
        frame: &Frame,
        wanted: Wanted,
        cancel: Cancel<'_>,
    ) -> Result<()> {
        let course = Course::new(scan, frame, wanted.mcu_rows);
        self.limit(&course, frame)?;
        let refines = frame.progressive && scan.high > 0;
        let band = if frame.progressive { scan.first as usize..=scan.last as usize } else { 0..=63 };
        if frame.components.len() == 4 && band.contains(&0) && !refines {
            // The decoder sets missing blocks of inks to no black, which makes the same middle gray as in other
            // pictures.
            course.parts.iter().filter(|part| part.component == 3).try_for_each(|_| self.planes[3].brighten(cancel))?;
        }
        // Coefficients that an earlier scan has not given cannot be refined.
        let reach = |part: &CoursePart| {
            let sound = &self.planes[part.component].sound[band.clone()];
            sound.iter().min().map_or(u32::MAX, |&rows| rows / part.v)
        };
        let end = if refines { course.parts.iter().map(reach).min().unwrap_or(0) } else { u32::MAX };
        let mut reader = Reader::new(scan, tables, frame, cancel);
        let mut saved = Saved::default();
        for row in 0..course.rows.min(end) {
            cancel.check()?;
            for mcu in 0..course.across {
                saved.save(&course, &self.planes, (row, mcu));
                let read = reader.as_mut().map_err(|error| error.clone());
                if read.and_then(|reader| reader.mcu(&mut self.planes, (row, mcu))).is_ok() {
                    self.some |= band.contains(&0);
                    continue;
                }
                saved.restore(&course, &mut self.planes, (row, mcu));
                for part in &course.parts {
                    let sound = &mut self.planes[part.component].sound[band.clone()];
                    sound.iter_mut().for_each(|rows| *rows = (*rows).min(row * part.v));
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// Bounds the work of all scans, which the bytes of the file do not bound.
    fn limit(&mut self, course: &Course, frame: &Frame) -> Result<()> {
        self.visits += course.blocks();
        refuse_visits(frame, self.visits)
    }

    /// Nothing that is wanted is undecided.
    fn is_complete(&self, wanted: Wanted) -> bool {
        let count = if wanted.only_dc { 1 } else { 64 };
        self.planes.iter().all(|plane| plane.low[..count].iter().all(|&low| low == 0))
    }

    /// Notes what a scan gives; it is refused if that is not its turn.
    fn take_turn(&mut self, scan: &Scan<'_>, tables: &Tables, frame: &Frame) -> Result<()> {
        let steps = |component: usize| tables.quantization[frame.components[component].table];
        let has_steps = |component: usize| self.planes[component].steps.or(steps(component)).is_some();
        if frame.progressive {
            self.refuse_out_of_turn(scan)?;
        } else if scan.parts.iter().any(|part| self.planes[part.component].steps.is_some()) {
            return Err(damaged("is a damaged JPEG", &"a component has two scans"));
        }
        if !scan.parts.iter().all(|part| has_steps(part.component)) {
            return Err(damaged("is a damaged JPEG", &"steps are not defined"));
        }
        for part in &scan.parts {
            let plane = &mut self.planes[part.component];
            if frame.progressive {
                plane.low[scan.first as usize..=scan.last as usize].fill(scan.low as u8);
            } else {
                plane.low.fill(0);
            }
            plane.steps = plane.steps.or(steps(part.component));
        }
        Ok(())
    }

    fn refuse_out_of_turn(&self, scan: &Scan<'_>) -> Result<()> {
        let band = if scan.first == 0 { scan.last == 0 } else { scan.last < 64 && scan.parts.len() == 1 };
        let sound = band && scan.first <= scan.last && scan.low < 14 && (scan.high == 0 || scan.high == scan.low + 1);
        if !sound {
            return Err(damaged("is a damaged JPEG", &"malformed progressive scan"));
        }
        for part in &scan.parts {
            let plane = &self.planes[part.component];
            // AC coefficients come after the DC coefficient.
            let early = scan.first > 0 && plane.low[0] == UNKNOWN;
            let expected = if scan.high == 0 { UNKNOWN } else { scan.high as u8 };
            let lows = &plane.low[scan.first as usize..=scan.last as usize];
            if early || lows.iter().any(|&low| low != expected) {
                return Err(damaged("is a damaged JPEG", &"a progressive scan out of turn"));
            }
        }
        Ok(())
    }

    /// Puts the blocks of a row of MCUs that `bands` need.
    pub(super) fn mcu_row(&self, row: u32, bands: &mut [Band]) {
        self.planes.iter().zip(bands).for_each(|(plane, band)| plane.mcu_row(row, band));
    }

    /// What is known of a picture that has been gathered down to its end: the means of all blocks.
    pub(super) fn walked(&self, frame: &Frame, steps: &[Quantization]) -> Walked {
        let mut walked = Walked::new(frame, 0);
        let means = Arc::make_mut(&mut walked.means);
        for (component, (plane, steps)) in self.planes.iter().zip(steps).enumerate() {
            let (samples, _) = means.rows_mut(component, 0);
            for (sample, dc) in samples.iter_mut().zip(plane.dcs()) {
                *sample = mean(dc, steps[0]);
            }
        }
        walked.rows = frame.mcus().1;
        walked
    }
}

/// A scan gives something that is wanted. In a sequential one the DC coefficients stand among the others.
fn is_wanted(scan: &Scan<'_>, frame: &Frame, wanted: Wanted) -> bool {
    !wanted.only_dc || !frame.progressive || scan.first == 0
}
