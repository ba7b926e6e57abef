//! A picture whose format does not shrink, in several ways.

use platemark::CpuLevel;
use platemark::internals::{Shown, decode_checked, decode_shrunk, heading, metadata};

/// The most pixels of a picture that is looked at.
const PIXELS: u64 = 1 << 16;

/// The whole picture, if it can be decoded. The first four bytes of the input are a window, which is a part of the whole.
/// Damaged pictures are shown in part.
pub(super) fn run(input: &[u8]) -> Option<(&[u8], [u32; 2], Vec<u8>)> {
    let (&[left, top, width, height], bytes) = input.split_first_chunk()?;
    let window = [left, top, width, height].map(u32::from);
    let _ = metadata(bytes, 1 << 16);
    let whole = decode_shrunk(bytes, CpuLevel::default(), 1, None, PIXELS);
    assert!(whole == decode_shrunk(bytes, CpuLevel::Scalar, 1, None, PIXELS));
    let part = decode_shrunk(bytes, CpuLevel::default(), 1, Some(window), PIXELS);
    assert!(part == decode_shrunk(bytes, CpuLevel::Scalar, 1, Some(window), PIXELS));
    let shown = decode_checked(bytes, CpuLevel::default(), 1, None, PIXELS);
    assert!(shown == decode_checked(bytes, CpuLevel::Scalar, 1, None, PIXELS));
    if let Some(Shown { damaged, size, planes }) = &shown {
        let part =
            decode_checked(bytes, CpuLevel::default(), 1, Some(window), PIXELS).expect("a part of what is shown");
        assert_eq!(part.damaged, *damaged);
        assert_part(window, (*size, planes), (part.size, &part.planes));
        // Rows that did not come are transparent.
        let heading = heading(bytes).expect("a header");
        let count = usize::from(heading.colors) + usize::from(heading.alpha || *damaged);
        assert_eq!(planes.len(), (size[0] * size[1]) as usize * count);
        assert_eq!(*damaged, whole.is_none());
    }
    let (size, planes) = whole?;
    assert!(shown.is_some_and(|shown| shown.size == size && shown.planes == planes));
    let part = part.expect("a part of a whole");
    assert_part(window, (size, &planes), (part.0, &part.1));
    Some((bytes, size, planes))
}

/// The part is what the window shows of the whole.
pub(super) fn assert_part(
    window: [u32; 4],
    ([stride, lines], planes): ([u32; 2], &[u8]),
    ([columns, rows], part): ([u32; 2], &[u8]),
) {
    let (left, top) = (window[0].min(stride - 1) as usize, window[1].min(lines - 1) as usize);
    let area = (stride * lines) as usize;
    let (stride, columns, rows) = (stride as usize, columns as usize, rows as usize);
    for (part, plane) in part.chunks_exact(columns * rows).zip(planes.chunks_exact(area)) {
        for y in 0..rows {
            let from = (top + y) * stride + left;
            assert_eq!(part[y * columns..][..columns], plane[from..][..columns]);
        }
    }
}
