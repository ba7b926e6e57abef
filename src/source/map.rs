//! A read-only mapping of a file.
#![allow(unsafe_code, reason = "mapping a file that others can write is unsafe by nature")]

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

/// The bytes of a file, mapped.
#[derive(Debug)]
pub(super) struct Map(Mmap);

impl Map {
    /// Maps `len` bytes of a file.
    pub(super) fn new(file: &File, len: u64) -> io::Result<Self> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut options = memmap2::MmapOptions::new();
        options.len(len);
        // SAFETY: the mapping is shared with whoever writes the file, so its bytes may change while they are read. They
        // are only ever read as `u8`, of which every value is valid; decoders are memory-safe on any input and check
        // what they have read rather than reading it twice. That the bytes were the same from digest to decoder is
        // established afterwards by `Source::check`, before anything is kept. A file cut short while it is mapped ends
        // the process with SIGBUS: replace sources by renaming.
        let map = unsafe { options.map(file) }?;
        Ok(Self(map))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
