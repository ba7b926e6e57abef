//! Chunks: length, type, data, check sum (PNG, third edition, section 5.3).

/// A chunk, as far as the file has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    /// The check sum; `None` if the file ends before the end of the chunk.
    pub(super) sum: Option<u32>,
    /// All bytes of the chunk that the file has.
    pub(super) whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The chunk that begins at this byte; `None` if the file ends before the type of the chunk.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let rest = bytes.get(at..)?;
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (&kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let Some((data, behind)) = after.split_at_checked(length) else {
            return Some(Self { kind, data: after, sum: None, whole: rest });
        };
        let sum = behind.first_chunk::<4>().map(|&sum| u32::from_be_bytes(sum));
        let whole = if sum.is_some() { &rest[..8 + length + 4] } else { rest };
        Some(Self { kind, data, sum, whole })
    }

    /// The check sum is there and is that of type and data.
    pub(super) fn is_sound(&self) -> bool {
        self.sum == Some(check_sum(self.kind, self.data))
    }
}

/// A chunk of this type and data, with its check sum. The data have less than 2^31 bytes.
pub(super) fn made(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32).to_be_bytes()[..], &kind, data, &check_sum(kind, data).to_be_bytes()].concat()
}

/// CRC-32 of type and data (PNG, third edition, section 5.5).
///
/// The `png` crate computes the sums of whole files. This one is for chunks that a decoder makes, and for damaged files.
pub(super) fn check_sum(kind: [u8; 4], data: &[u8]) -> u32 {
    !kind.iter().chain(data).fold(!0, |crc, &byte| crc >> 8 ^ TABLE[usize::from(crc as u8 ^ byte)])
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_read_as_far_as_the_file_has_them() {
        // The last chunk of every PNG.
        let end = b"\0\0\0\0IEND\xae\x42\x60\x82";
        assert_eq!(made(*b"IEND", &[]), end);
        let made = made(*b"tEXt", b"words");
        let file = [&made[..], end].concat();
        let chunk = Chunk::at(&file, 0).unwrap();
        assert_eq!((&chunk.kind, chunk.data, chunk.whole), (b"tEXt", &b"words"[..], &made[..]));
        assert!(chunk.is_sound());
        assert_eq!(Chunk::at(&file, made.len()).unwrap().kind, *b"IEND");
        assert!(Chunk::at(&file, file.len()).is_none());
        for (len, data) in [(8, &b""[..]), (10, b"wo"), (13, b"words"), (16, b"words")] {
            let chunk = Chunk::at(&file[..len], 0).unwrap();
            assert_eq!((chunk.data, chunk.sum, chunk.whole.len()), (data, None, len));
            assert!(!chunk.is_sound());
        }
        assert!(Chunk::at(&file[..7], 0).is_none());
        let long = [&u32::MAX.to_be_bytes()[..], b"IDATxyz"].concat();
        assert_eq!(Chunk::at(&long, 0).unwrap().data, b"xyz");
    }
}
