//! The vectors that kernels are written for: one text of a kernel serves every set of instructions.
//!
//! A type that implements [`Simd`] is a token: a value of it proves that this CPU has the instructions, so that its methods
//! are safe. A kernel is an `#[inline(always)]` function over `S: Simd`, which `at_level!` calls where
//! the instructions are enabled.
//!
//! Types have a fixed number of lanes, whatever the registers: [`Simd::Words`] are sixteen words in one register of AVX2 or
//! in two of SSE4.1 and NEON. Lanes are in their natural order, but for [`Simd::Pairs`], [`Simd::Sums`], [`Simd::Partial`]
//! and [`Simd::Columns`], whose order is the implementation's own, and undone when words or bytes are made of them.
#![allow(unsafe_code, reason = "the macro that writes the methods of sets of instructions")]

/// Vectors of one set of instructions. Arithmetic wraps unless a method says that it saturates.
///
/// Neither kernels nor methods put instructions into closures: a closure is compiled without the instructions' features, so
/// that each would be a call unless the compiler happens to inline the closure.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(crate) trait Simd: Copy {
    /// Sixteen words of 16 bits.
    type Words: Copy;
    /// The words of two values, side by side.
    type Pairs: Copy;
    /// Sixteen sums of 32 bits.
    type Sums: Copy;
    /// Eight words of 16 bits.
    type Row: Copy;
    /// Eight sums of 32 bits, in their natural order.
    type RowSums: Copy;
    /// Parts of one sum of 32 bits.
    type Partial: Copy;
    /// [`COLUMNS`](Self::COLUMNS) bytes.
    type Bytes: Copy;
    /// As many sums of 32 bits.
    type Columns: Copy;
    /// A pair of weights for every column.
    type Weights: Copy;

    /// The columns of a vector, at most 32.
    const COLUMNS: usize;

    /// Calls a kernel where the instructions are enabled. The kernel has to be `#[inline(always)]`.
    fn run<R>(self, kernel: impl FnOnce() -> R) -> R;

    fn splat(self, word: i16) -> Self::Words;
    /// Two words in turn.
    fn alternate(self, even: i16, odd: i16) -> Self::Words;
    /// The same eight words twice.
    fn twice(self, words: &[u16; 8]) -> Self::Words;
    fn widen(self, bytes: &[u8; 16]) -> Self::Words;
    fn load_words(self, words: &[u16; 16]) -> Self::Words;
    fn add(self, a: Self::Words, b: Self::Words) -> Self::Words;
    fn sub(self, a: Self::Words, b: Self::Words) -> Self::Words;
    fn or(self, a: Self::Words, b: Self::Words) -> Self::Words;
    fn abs(self, a: Self::Words) -> Self::Words;
    /// `a` where `sign` is positive, −`a` where it is negative, 0 where it is 0.
    fn with_sign(self, a: Self::Words, sign: Self::Words) -> Self::Words;
    /// The upper half of each product of words without sign.
    fn mul_high(self, a: Self::Words, b: Self::Words) -> Self::Words;
    fn shl<const N: i32>(self, a: Self::Words) -> Self::Words;
    /// To the right, zeros come in.
    fn shr<const N: i32>(self, a: Self::Words) -> Self::Words;
    /// To the right, the sign comes in.
    fn sra<const N: i32>(self, a: Self::Words) -> Self::Words;
    /// The sums of neighbouring bytes.
    fn sums_of_two(self, bytes: &[u8; 32]) -> Self::Words;
    /// Saturates words to bytes without sign.
    fn store_bytes(self, words: Self::Words, to: &mut [u8; 16]);
    /// The words as they lie in memory, the low byte first.
    fn store_words(self, words: Self::Words, to: &mut [u8; 32]);
    /// The first eight words and the last eight.
    fn store_rows(self, words: Self::Words, first: &mut [i16; 8], last: &mut [i16; 8]);
    /// Both halves as 8×8 words, transposed.
    fn transpose_halves(self, rows: [Self::Words; 8]) -> [Self::Words; 8];
    /// For each half: which of the eight words of `a`, in the low byte, and of `b` differ from 0.
    fn nonzero(self, a: Self::Words, b: Self::Words) -> [u16; 2];

    fn pair(self, even: Self::Words, odd: Self::Words) -> Self::Pairs;
    /// `even` · by + `odd` · and, of each pair.
    fn products(self, pairs: Self::Pairs, by: i16, and: i16) -> Self::Sums;
    fn splat_sums(self, sum: i32) -> Self::Sums;
    fn add_sums(self, a: Self::Sums, b: Self::Sums) -> Self::Sums;
    fn sub_sums(self, a: Self::Sums, b: Self::Sums) -> Self::Sums;
    fn sra_sums<const N: i32>(self, a: Self::Sums) -> Self::Sums;
    /// Saturates sums to words.
    fn narrow(self, sums: Self::Sums) -> Self::Words;

    fn zero_row(self) -> Self::Row;
    fn load_row(self, words: &[i16; 8]) -> Self::Row;
    fn add_rows(self, a: Self::Row, b: Self::Row) -> Self::Row;
    fn sub_rows(self, a: Self::Row, b: Self::Row) -> Self::Row;
    /// The lower half of each product.
    fn mul_rows(self, a: Self::Row, b: Self::Row) -> Self::Row;
    /// a · ka + b · kb.
    fn row_products(self, a: Self::Row, ka: i16, b: Self::Row, kb: i16) -> Self::RowSums;
    /// The words times 2^`N`.
    fn widen_row<const N: i32>(self, row: Self::Row) -> Self::RowSums;
    fn splat_row_sums(self, sum: i32) -> Self::RowSums;
    fn add_row_sums(self, a: Self::RowSums, b: Self::RowSums) -> Self::RowSums;
    fn sub_row_sums(self, a: Self::RowSums, b: Self::RowSums) -> Self::RowSums;
    /// Divides two rows of sums by 2^`N`, rounding down, and saturates them to words.
    fn narrow_rows<const N: i32>(self, a: Self::RowSums, b: Self::RowSums) -> [Self::Row; 2];
    /// 8×8 words, transposed.
    fn transpose(self, rows: [Self::Row; 8]) -> [Self::Row; 8];
    /// The first four words of four columns as rows of four, as [`samples`](Self::samples).
    fn square(self, columns: [Self::Row; 4]) -> [u8; 16];
    /// Saturates words to −128…127 and moves them to 0…255.
    fn samples(self, a: Self::Row, b: Self::Row) -> [u8; 16];

    fn zero_partial(self) -> Self::Partial;
    /// Adds the products of sixteen bytes and sixteen coefficients.
    fn dot(self, sum: Self::Partial, bytes: &[u8; 16], coefs: &[i16; 16]) -> Self::Partial;
    /// The totals of four sums, divided by 2^bits, halves up, and clamped to bytes. Bits are 1 to 21.
    fn totals(self, sums: [Self::Partial; 4], bits: &[u32; 4]) -> [u8; 4];

    /// The first [`COLUMNS`](Self::COLUMNS) bytes; zeros if there are fewer. Where the compiler knows that there are as many,
    /// the check costs nothing.
    fn load_columns(self, bytes: &[u8]) -> Self::Bytes;
    /// Asks for bytes ahead of their use, where the set has an instruction for it. Any place will do.
    fn prefetch(self, row: &[u8], at: usize);
    fn weights(self, pair: [i16; 2]) -> Self::Weights;
    fn splat_columns(self, sum: i32) -> Self::Columns;
    /// Adds a · the first weight + b · the second one.
    fn weigh(self, sums: Self::Columns, a: Self::Bytes, b: Self::Bytes, weights: Self::Weights) -> Self::Columns;
    /// Divides by 2^`bits`, rounding down, and clamps to bytes; what is behind [`COLUMNS`](Self::COLUMNS) is 0.
    fn round_columns(self, sums: Self::Columns, bits: u32) -> [u8; 32];

    /// Splits sixteen pixels of three components.
    fn split_rgb(self, pixels: &[u8; 48]) -> [[u8; 16]; 3];
    /// Splits sixteen pixels of four components.
    fn split_rgba(self, pixels: &[u8; 64]) -> [[u8; 16]; 4];
}

/// Writes methods whose instructions the token proves.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
macro_rules! proven {
    ($(fn $name:ident($($arg:ident: $type:ty),*) $(-> $out:ty)? = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name(self, $($arg: $type),*) $(-> $out)? {
            // SAFETY: the token proves the instructions. References are readable and writable for their size, and loads and
            // stores need no alignment.
            unsafe { $body }
        }
    )*};
    ($(fn $name:ident<const $n:ident: i32>($($arg:ident: $type:ty),*) -> $out:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name<const $n: i32>(self, $($arg: $type),*) -> $out {
            // SAFETY: the token proves the instructions.
            unsafe { $body }
        }
    )*};
}
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(super) use proven;
