//! The coefficients of a block: their order, and the steps that they are multiples of.

/// Steps of a component's coefficients, row by row.
pub(super) type Quantization = [u16; 64];

/// From the order of the file, a zigzag (T.81 figure A.6), to rows; what lies beyond the last coefficient is on the last.
pub(super) const NATURAL: [u8; 256] = {
    let mut natural = [63; 256];
    let (mut x, mut y, mut i) = (0u8, 0u8, 0);
    while i < 64 {
        natural[i] = 8 * y + x;
        // Even diagonals go up, odd ones down; both turn at the edges.
        let up = (x + y).is_multiple_of(2);
        if up && x == 7 {
            y += 1;
        } else if up && y == 0 {
            x += 1;
        } else if up {
            (x, y) = (x + 1, y - 1);
        } else if y == 7 {
            x += 1;
        } else if x == 0 {
            y += 1;
        } else {
            (x, y) = (x - 1, y + 1);
        }
        i += 1;
    }
    natural
};

/// The last of the coefficients that two samples across and down are made of, in the order of the file.
pub(super) const LAST_LOW: u32 = 4;
