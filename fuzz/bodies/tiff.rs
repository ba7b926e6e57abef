//! A TIFF in several ways: every CPU level gives the same, a window is a part of the whole, and a file is damaged if, and only
//! if, it is refused. A first byte says how its tags are changed beforehand, so that a seed leads to more kinds of files.

use platemark::CpuLevel;
use platemark::internals::{decode_checked, decode_shrunk, heading};

const PIXELS: u64 = 1 << 16;

pub(super) fn run(input: &[u8]) {
    let Some((&[left, top, width, height, mend], bytes)) = input.split_first_chunk() else { return };
    let is_tiff = [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(magic));
    if !is_tiff {
        return;
    }
    let changed = if mend & 1 > 0 { with_other_tag(bytes, mend) } else { None };
    let bytes = changed.as_deref().unwrap_or(bytes);
    let window = [left, top, width, height].map(u32::from);
    let whole = decode_shrunk(bytes, CpuLevel::default(), 1, None, PIXELS);
    assert!(whole == decode_shrunk(bytes, CpuLevel::Scalar, 1, None, PIXELS));
    let part = decode_shrunk(bytes, CpuLevel::default(), 1, Some(window), PIXELS);
    assert!(part == decode_shrunk(bytes, CpuLevel::Scalar, 1, Some(window), PIXELS));
    let shown = decode_checked(bytes, CpuLevel::default(), 1, None, PIXELS);
    assert!(
        shown.as_ref().map(|shown| (shown.size, &shown.planes)) == whole.as_ref().map(|(size, planes)| (*size, planes))
    );
    let Some(([stride, lines], planes)) = whole else { return };
    let heading = heading(bytes).unwrap();
    assert_eq!([stride, lines], heading.size);
    let area = (stride * lines) as usize;
    assert_eq!(planes.len(), area * (usize::from(heading.colors) + usize::from(heading.alpha)));
    let ([columns, rows], part) = part.unwrap();
    let (left, top) = (window[0].min(stride - 1) as usize, window[1].min(lines - 1) as usize);
    let (stride, columns, rows) = (stride as usize, columns as usize, rows as usize);
    for (part, plane) in part.chunks_exact(columns * rows).zip(planes.chunks_exact(area)) {
        for y in 0..rows {
            assert_eq!(part[y * columns..][..columns], plane[(top + y) * stride + left..][..columns]);
        }
    }
}

/// The file with another number in an entry of its first directory, if that is one of a classic file.
fn with_other_tag(bytes: &[u8], choice: u8) -> Option<Vec<u8>> {
    let little = bytes.starts_with(b"II*");
    let long = |at: usize| {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) } as usize)
    };
    let short = |at: usize| {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(usize::from(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }))
    };
    let directory = long(4)?;
    let count = short(directory)?.max(1);
    let entry = directory + 2 + 12 * (usize::from(choice) / 2 % count);
    let mut file = bytes.to_vec();
    let value = file.get_mut(entry + 8..entry + 10)?;
    let other = u16::from(choice) % 9;
    value.copy_from_slice(&if little { other.to_le_bytes() } else { other.to_be_bytes() });
    Some(file)
}
