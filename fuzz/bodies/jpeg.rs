//! A JPEG decoded in several ways. Every CPU level gives what the decoder gives without fast paths, at every shrink. A window
//! is a part of the whole. Neither what was learned of the file before nor several threads change a pixel. A shrunk picture
//! has the size it should have and is nearly the whole made small. Another decoder sees nearly the same picture. A damaged
//! file is one whose whole is refused; shown as far as it goes, it has its sound parts as they are, and its windows join too.

use platemark::CpuLevel;
use platemark::internals::{
    Known, Shown, decode_checked, decode_known, decode_pooled, decode_reference, decode_shrunk, heading,
};
use zune_jpeg::zune_core::bytestream::ZCursor;

const PIXELS: u64 = 1 << 16;

pub(super) fn run(input: &[u8]) {
    // Which window, then the file.
    let Some((&[left, top, width, height, order], bytes)) = input.split_first_chunk() else { return };
    if !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return;
    }
    let window = [left, top, width, height].map(u32::from);
    let mut known = Known::default();
    let mut full = None;
    // The whole and one shrink; which of them comes first decides what is known of the file when the other one comes.
    let mut factors = [1, [2, 4, 8, 2][usize::from(order) % 4]];
    if order & 8 > 0 {
        factors.reverse();
    }
    let is_sound = decode_reference(bytes, 1, None, PIXELS).is_some();
    for factor in factors {
        let whole = decode_reference(bytes, factor, None, PIXELS);
        let part = decode_reference(bytes, factor, Some(window), PIXELS);
        for level in [CpuLevel::default(), CpuLevel::Sse41, CpuLevel::Scalar] {
            assert!(whole == decode_shrunk(bytes, level, factor, None, PIXELS));
            assert!(part == decode_shrunk(bytes, level, factor, Some(window), PIXELS));
        }
        for level in [CpuLevel::default(), CpuLevel::Sse41, CpuLevel::Scalar] {
            assert!(part == decode_known(bytes, level, factor, Some(window), PIXELS, Some(&mut known)));
        }
        if order & 4 > 0 {
            assert!(whole == decode_known(bytes, CpuLevel::default(), factor, None, PIXELS, Some(&mut known)));
        }
        if order & 16 > 0 {
            assert!(whole == decode_pooled(bytes, CpuLevel::default(), factor, PIXELS, super::pool()));
        }
        assert_shown(bytes, factor, window, (is_sound, &whole, &part));
        let Some(([stride, lines], planes)) = whole else { continue };
        let heading = heading(bytes).unwrap();
        let [stored_width, stored_height] = heading.size;
        assert_eq!([stride, lines], [stored_width.div_ceil(factor), stored_height.div_ceil(factor)]);
        // Less is read for a window, so that it cannot be refused.
        assert_part(([stride, lines], &planes), &part.unwrap(), window);
        let area = (stride * lines) as usize;
        assert_eq!(planes.len(), area * usize::from(heading.colors));
        let stride = stride as usize;
        if factor == 1 {
            // Everybody has inks of their own.
            if heading.colors < 4 {
                assert_alike(bytes, &planes, area);
            }
            full = Some((stride, planes));
        } else if let Some((wide, full)) = &full {
            assert_shrunk(full, *wide, &planes, stride, factor as usize);
        }
    }
}

/// A size and planes.
type Decoded = ([u32; 2], Vec<u8>);

fn shown(Shown { size, planes, .. }: Shown) -> Decoded {
    (size, planes)
}

/// A window is a part of the whole.
fn assert_part(([stride, lines], planes): ([u32; 2], &[u8]), ([columns, rows], part): &Decoded, window: [u32; 4]) {
    let (left, top) = (window[0].min(stride - 1) as usize, window[1].min(lines - 1) as usize);
    let area = (stride * lines) as usize;
    let (stride, columns, rows) = (stride as usize, *columns as usize, *rows as usize);
    for (part, plane) in part.chunks_exact(columns * rows).zip(planes.chunks_exact(area)) {
        for y in 0..rows {
            let from = (top + y) * stride + left;
            assert_eq!(part[y * columns..][..columns], plane[from..][..columns]);
        }
    }
}

/// A file that may be damaged is shown with its sound parts as they are: the whole, or of a damaged one some windows.
fn assert_shown(
    bytes: &[u8],
    factor: u32,
    window: [u32; 4],
    (is_sound, whole, part): (bool, &Option<Decoded>, &Option<Decoded>),
) {
    let [found, lower, reference] = [CpuLevel::default(), CpuLevel::Sse41, CpuLevel::Scalar]
        .map(|level| decode_checked(bytes, level, factor, None, PIXELS));
    assert!(found == reference && lower == reference);
    // A file that is not shown at all is not sound, or exceeds a limit.
    let Some(Shown { damaged: is_damaged, size, planes }) = found else {
        assert!(!is_sound);
        return;
    };
    assert!(!(is_damaged && is_sound));
    let found_part = decode_checked(bytes, CpuLevel::default(), factor, Some(window), PIXELS).map(shown);
    if let (Some(found), Some(part)) = (&found_part, part) {
        assert!(found == part);
    }
    if is_damaged {
        // Less is read for a window, so that it cannot exceed a limit.
        assert_part((size, &planes), &found_part.unwrap(), window);
    } else {
        assert!(whole.as_ref().is_some_and(|whole| *whole == (size, planes)) && found_part == *part);
    }
}

/// A shrunk picture is about as bright as the whole. Where much is cut off at black and white that need not be so.
fn assert_shrunk(full: &[u8], wide: usize, planes: &[u8], stride: usize, factor: usize) {
    if is_cut_off(full)
        || is_cut_off(planes)
        || !wide.is_multiple_of(factor)
        || full.len() != planes.len() * factor * factor
    {
        return;
    }
    assert_eq!(wide, stride * factor);
    let mean = |samples: &[u8]| samples.iter().map(|&sample| u64::from(sample)).sum::<u64>() / samples.len() as u64;
    let (whole, shrunk) = (mean(full), mean(planes));
    assert!(whole.abs_diff(shrunk) < 24, "{whole} {shrunk} at {factor}");
}

/// A part of the samples is as dark or bright as can be: not what an encoder makes of a photograph.
fn is_cut_off(samples: &[u8]) -> bool {
    samples.iter().filter(|&&sample| sample == 0 || sample == 255).count() * 20 > samples.len()
}

/// Another decoder sees nearly the same, if the picture is one that an encoder could have made: coefficients without
/// measure are cut off here and there in other ways, and it reads separate sequential scans wrongly.
fn assert_alike(bytes: &[u8], planes: &[u8], area: usize) {
    let scans = bytes.windows(2).filter(|pair| *pair == [0xff, 0xda]).count();
    if scans != 1 || is_cut_off(planes) {
        return;
    }
    let mut decoder = zune_jpeg::JpegDecoder::new(ZCursor::new(bytes));
    let Ok(other) = decoder.decode() else { return };
    // Ours wraps where the other one cuts off.
    if other.len() != planes.len() || is_cut_off(&other) {
        return;
    }
    let count = planes.len() / area;
    let difference = |i: usize| u64::from(planes[i % count * area + i / count].abs_diff(other[i]));
    let mean = (0..planes.len()).map(difference).sum::<u64>() / planes.len() as u64;
    assert!(mean < 24, "{mean}");
}
