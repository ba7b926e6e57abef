//! The parts of the lossless bitstream.

use super::bits::Bits;
use super::prefix::Code;

#[test]
fn bits_begin_with_the_lowest() {
    let mut bits = Bits::default();
    bits.put(0b1, 1);
    bits.put(0b01, 2);
    bits.put(0xdead_beef, 32);
    bits.put(0x3ff, 10);
    let value = 0b1 | 0b01 << 1 | 0xdead_beefu64 << 3 | 0x3ff << 35;
    assert_eq!(bits.finish(), value.to_le_bytes()[..6]);
    assert!(Bits::default().finish().is_empty());
}

#[test]
fn codes_are_prefix_free_and_full_however_often_symbols_occur() {
    let fibonacci = std::iter::successors(Some((1u32, 1u32)), |&(one, two)| Some((two, one + two)));
    let steep: Vec<u32> = fibonacci.map(|(count, _)| count).take(40).collect();
    for counts in [vec![1, 1], vec![5, 0, 1, 1, 0, 9], steep, vec![u32::MAX; 280], (0..256).collect()] {
        let code = Code::of(&counts);
        let mut kraft = 0;
        for (symbol, &count) in counts.iter().enumerate() {
            let mut bits = Bits::default();
            let before = bits.len();
            code.put(&mut bits, symbol);
            let length = bits.len() - before;
            assert_eq!(length > 0, count > 0, "{symbol}");
            assert!(length <= 15);
            kraft += if length > 0 { 1 << (15 - length) } else { 0 };
        }
        assert_eq!(kraft, 1 << 15, "{counts:?}");
    }
}
