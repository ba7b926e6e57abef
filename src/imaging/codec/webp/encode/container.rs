//! The container of a WebP file: RIFF chunks (RFC 9649 §2).

use crate::base::geom::Size;

/// The chunks of a file, in the order in which they are added.
pub(super) struct Chunks {
    size: Size,
    /// Features that the file states in its first chunk; without any it has no such chunk.
    features: u8,
    /// The picture has alpha that its frame does not hold, or notes beside its frame: the file states its features.
    is_extended: bool,
    body: Vec<u8>,
}

const ALPHA: u8 = 0x10;

impl Chunks {
    pub(super) const fn new(size: Size, alpha: bool) -> Self {
        Self { size, features: if alpha { ALPHA } else { 0 }, is_extended: false, body: Vec::new() }
    }

    /// Adds the frame.
    pub(super) fn add(&mut self, name: [u8; 4], data: &[u8]) {
        // A chunk is no longer than the file, whose length is checked at the end.
        let len = data.len() as u32;
        self.body.reserve(data.len() + 9);
        self.body.extend_from_slice(&name);
        self.body.extend_from_slice(&len.to_le_bytes());
        self.body.extend_from_slice(data);
        if data.len() % 2 == 1 {
            self.body.push(0);
        }
    }

    /// Adds what describes the frame: a profile, alpha, a packet of XMP.
    pub(super) fn describe(&mut self, name: [u8; 4], data: &[u8]) {
        self.features |= match &name {
            b"ICCP" => 0x20,
            b"XMP " => 0x04,
            _ => 0,
        };
        self.is_extended = true;
        self.add(name, data);
    }

    /// The file; `None`: longer than the limit, or than such a file can be.
    pub(super) fn file(mut self, limit: usize) -> Option<Vec<u8>> {
        let mut head = b"RIFF\0\0\0\0WEBP".to_vec();
        if self.is_extended {
            let [width, height] = [self.size.width, self.size.height].map(|side| (side - 1).to_le_bytes());
            head.extend_from_slice(b"VP8X\x0a\0\0\0");
            head.extend_from_slice(&[self.features, 0, 0, 0]);
            head.extend_from_slice(&width[..3]);
            head.extend_from_slice(&height[..3]);
        }
        let len = head.len() + self.body.len();
        let noted = u32::try_from(len - 8).ok().filter(|_| len <= limit)?;
        head[4..8].copy_from_slice(&noted.to_le_bytes());
        self.body.splice(..0, head);
        Some(self.body)
    }
}
