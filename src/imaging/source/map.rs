//! A read-only mapping of a file.
#![allow(unsafe_code, reason = "mapping a file that others can write is unsafe by nature")]

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

use super::guard::Watch;

/// The bytes of a file, mapped and guarded.
#[derive(Debug)]
pub(super) struct Map {
    // Fields are dropped in this order: the guard must have let go of the range before something else can be there.
    watch: Watch,
    bytes: Mmap,
}

impl Map {
    /// Maps `len` bytes of a file. `None`: there are more mappings than can be guarded, so the file has to be read.
    pub(super) fn new(file: &File, len: u64) -> io::Result<Option<Self>> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut options = memmap2::MmapOptions::new();
        options.len(len);
        // SAFETY: the mapping is shared with the programs that write the file, so its bytes may change while they are read. They
        // are only ever read as `u8`, of which every value is valid; decoders are memory-safe on any input and check
        // what they have read rather than reading it twice. That the bytes were the same from digest to decoder is
        // established afterwards by `Source::check`, before anything is kept. If the file is cut short they turn to
        // zeros, which is the guard's work.
        let bytes = unsafe { options.map(file) }?;
        let start = bytes.as_ptr().expose_provenance();
        // SAFETY: the mapping begins at a page because it begins at the file's start. It is only read, as said above,
        // and unmapped after the watch has ended. Nothing was read of it yet.
        let watch = unsafe { Watch::new(&(start..start + len)) };
        Ok(watch.map(|watch| Self { watch, bytes }))
    }

    /// The file was cut short: bytes that have been read may be zeros that it never held.
    pub(super) fn lost(&self) -> bool {
        self.watch.lost()
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}
