//! Bits, the lowest of a byte first.

#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// Fewer than 32 bits that are not in the bytes yet.
    held: u64,
    count: u32,
}

impl Bits {
    /// Adds the lowest `count` bits of a value that has no others; at most 32.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        debug_assert!(count >= 32 || value >> count == 0);
        self.held |= u64::from(value) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> u32 {
        8 * self.bytes.len() as u32 + self.count
    }

    /// All bytes; the last one is filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let rest = self.count.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.held.to_le_bytes()[..rest]);
        self.bytes
    }
}
