//! PackBits (TIFF 6.0, section 9): a byte says how many bytes follow as they are, or how often the next one is repeated.

/// What is left of the piece that was begun.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PackBits {
    /// Bytes that still come as they are.
    literal: usize,
    /// A byte, and how often it still comes.
    run: (u8, usize),
}

impl PackBits {
    /// Fills `out` from the bytes that are left of the packed ones. `None`: they end before.
    pub(super) fn read(&mut self, rest: &mut &[u8], mut out: &mut [u8]) -> Option<()> {
        while !out.is_empty() {
            if self.literal > 0 {
                let len = self.literal.min(out.len());
                let (bytes, after) = rest.split_at_checked(len)?;
                let (now, later) = out.split_at_mut(len);
                now.copy_from_slice(bytes);
                (*rest, out, self.literal) = (after, later, self.literal - len);
            } else if self.run.1 > 0 {
                let (now, later) = out.split_at_mut(self.run.1.min(out.len()));
                now.fill(self.run.0);
                self.run.1 -= now.len();
                out = later;
            } else {
                let (&head, after) = rest.split_first()?;
                *rest = after;
                match head {
                    0..=127 => self.literal = usize::from(head) + 1,
                    // No operation.
                    128 => {}
                    129.. => {
                        let (&byte, after) = rest.split_first()?;
                        *rest = after;
                        self.run = (byte, 257 - usize::from(head));
                    }
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of section 9, read in pieces of every length.
    #[test]
    fn runs_and_literals_go_on_from_one_row_to_the_next() {
        let packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0x80, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        let unpacked = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        for piece in 1..=24 {
            let (mut state, mut rest, mut out) = (PackBits::default(), &packed[..], [0; 24]);
            for out in out.chunks_mut(piece) {
                state.read(&mut rest, out).unwrap();
            }
            assert_eq!((out, rest.len()), (unpacked, 0));
            assert!(state.read(&mut rest, &mut [0]).is_none());
        }
        assert!(PackBits::default().read(&mut &[5, 1, 2][..], &mut [0; 4]).is_none());
        assert!(PackBits::default().read(&mut &[0xf0][..], &mut [0; 4]).is_none());
    }
}
