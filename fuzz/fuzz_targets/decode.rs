//! Any bytes as a picture are decoded or refused, and every CPU level makes the same of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platemark::CpuLevel;
use platemark::internals::decode_whole;

fuzz_target!(|bytes: &[u8]| {
    const PIXELS: u64 = 1 << 20;
    let scalar = decode_whole(bytes, CpuLevel::Scalar, PIXELS);
    assert!(scalar == decode_whole(bytes, CpuLevel::Avx2, PIXELS));
});
