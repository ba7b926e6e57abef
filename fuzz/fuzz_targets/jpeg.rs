//! A JPEG in several ways: every CPU level gives the same at every shrink, and a window is a part of the whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platemark::CpuLevel;
use platemark::internals::decode_shrunk;

const PIXELS: u64 = 1 << 18;

fuzz_target!(|input: (u32, u8, u8, Vec<u8>)| {
    let (at, width, height, body) = input;
    let bytes = [&[0xff, 0xd8, 0xff][..], &body].concat();
    for factor in [1, 2, 4, 8] {
        let whole = decode_shrunk(&bytes, CpuLevel::Avx2, factor, None, PIXELS);
        assert!(whole == decode_shrunk(&bytes, CpuLevel::Scalar, factor, None, PIXELS));
        let Some(([stride, lines], planes)) = whole else { continue };
        let window = [at & 0xff, at >> 8 & 0xff, u32::from(width), u32::from(height)];
        // Less is read for a window, so that it cannot be refused.
        let ([columns, rows], part) = decode_shrunk(&bytes, CpuLevel::Avx2, factor, Some(window), PIXELS).unwrap();
        let (left, top) = (window[0].min(stride - 1) as usize, window[1].min(lines - 1) as usize);
        let (stride, columns, rows) = (stride as usize, columns as usize, rows as usize);
        for y in 0..rows {
            let from = (top + y) * stride + left;
            assert_eq!(part[y * columns..][..columns], planes[from..][..columns]);
        }
    }
});
