//! Reading a file that another program may be writing.

use std::fs::File;
use std::io::{self, Read, Seek};

use crate::base::cancel::Cancel;
use crate::base::error::Result;

/// Bytes that are read before the reader asks again whether the work is to go on: less than a millisecond of memory, some
/// ten of a slow disk.
const PIECE: usize = 1 << 20;

/// The bytes of a file of `len` bytes, read from its start. `None`: they changed meanwhile.
///
/// A copy taken while the file is overwritten can hold old bytes that were read before the writer came by and new ones
/// from ahead of the reader: a content that the file never had. Time stamps are too coarse to tell of it. So the file is
/// read twice. If all bytes are equal, each was the same at the moment between the two; only a writer who put something
/// else there and back could have passed unseen. A file that is `settled` needs no second look: for that its time stamps
/// suffice.
///
/// The inner error is [`ErrorKind::Stopped`](crate::base::error::ErrorKind::Stopped): the work is to be given up.
pub(super) fn copied(
    file: &mut File,
    len: u64,
    settled: bool,
    cancel: Cancel<'_>,
) -> io::Result<Result<Option<Vec<u8>>>> {
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut bytes = Vec::new();
    // One byte more shows that the file has grown.
    let room = len.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
    bytes.try_reserve_exact(room).map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.rewind()?;
    loop {
        if let Err(stopped) = cancel.check() {
            return Ok(Err(stopped));
        }
        let piece = PIECE.min(room - bytes.len());
        if (&*file).take(piece as u64).read_to_end(&mut bytes)? < piece || piece == 0 {
            break;
        }
    }
    let same = if settled || bytes.len() != len { Ok(bytes.len() == len) } else { holds(file, &bytes, cancel)? };
    Ok(same.map(|same| same.then_some(bytes)))
}

/// The file begins with these bytes.
fn holds(file: &mut File, bytes: &[u8], cancel: Cancel<'_>) -> io::Result<Result<bool>> {
    let mut again = [0; 1 << 14];
    file.rewind()?;
    for expected in bytes.chunks(again.len()) {
        if let Err(stopped) = cancel.check() {
            return Ok(Err(stopped));
        }
        let again = &mut again[..expected.len()];
        match file.read_exact(again) {
            Ok(()) if again == expected => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => return Ok(Ok(false)),
        }
    }
    Ok(Ok(true))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    const ALWAYS: Cancel<'static> = Cancel::ALWAYS;

    #[test]
    fn a_copy_is_the_whole_file_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for len in [0, 1, 16_384, 16_385, 100_000] {
            let content: Vec<u8> = (0..len).map(|at| (at / 7) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let mut file = File::open(&path).unwrap();
            for settled in [false, true] {
                assert_eq!(copied(&mut file, len, settled, ALWAYS).unwrap().unwrap().as_deref(), Some(&content[..]));
                assert_eq!(
                    copied(&mut file, len + 1, settled, ALWAYS).unwrap().unwrap(),
                    None,
                    "it has become shorter"
                );
                if len > 0 {
                    assert_eq!(
                        copied(&mut file, len - 1, settled, ALWAYS).unwrap().unwrap(),
                        None,
                        "it has become longer"
                    );
                }
            }
        }
    }

    #[test]
    fn a_second_look_sees_any_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let content = vec![7; 40_000];
        for at in [0, 16_383, 16_384, 39_999] {
            let mut other = content.clone();
            other[at] = 8;
            std::fs::write(&path, &other).unwrap();
            assert!(!holds(&mut File::open(&path).unwrap(), &content, ALWAYS).unwrap().unwrap());
        }
        std::fs::write(&path, &content[1..]).unwrap();
        assert!(!holds(&mut File::open(&path).unwrap(), &content, ALWAYS).unwrap().unwrap(), "cut short");
    }

    /// A writer who fills the file with ever greater numbers leaves greater ones before smaller ones at every moment. A
    /// copy that he has overtaken would have them the other way round.
    #[test]
    fn a_copy_is_of_one_moment() {
        const PAGE: usize = 4096;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let len = 200 * PAGE;
        file.write_all(&vec![0; len]).unwrap();
        let mut reader = File::open(file.path()).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 1u32.. {
                    file.rewind().unwrap();
                    for _ in 0..200 {
                        if done.load(Ordering::Relaxed) {
                            return;
                        }
                        file.write_all(&number.to_be_bytes().repeat(PAGE / 4)).unwrap();
                    }
                    // Now and then a reader has to be able to take a copy.
                    std::thread::sleep(Duration::from_millis(u64::from(number % 3)));
                }
            });
            let copies: Vec<bool> = (0..1000)
                .filter_map(|_| copied(&mut reader, len as u64, false, ALWAYS).unwrap().unwrap())
                .map(|bytes| {
                    let greatest = bytes.chunks_exact(PAGE).map(|page| page.chunks_exact(4).max().unwrap());
                    greatest.is_sorted_by(|before, after| before >= after)
                })
                .collect();
            done.store(true, Ordering::Relaxed);
            assert!(!copies.is_empty() && copies.iter().all(|of_one_moment| *of_one_moment));
        });
    }

    #[test]
    fn lengths_beyond_memory_are_errors() {
        let mut file = tempfile::tempfile().unwrap();
        for len in [u64::MAX, u64::MAX / 4] {
            copied(&mut file, len, true, ALWAYS).unwrap_err();
        }
    }
}
