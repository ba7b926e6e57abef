//! From a CPU's level to the code that is written for it.

/// Calls a kernel with the token of a CPU's level, or portable code if the level has no vectors.
///
/// `at_level!(cpu, |simd| kernel(simd, …), else portable(…))`
macro_rules! at_level {
    ($cpu:expr, |$simd:ident| $vectors:expr, else $portable:expr) => {
        match $cpu.vectors() {
            #[cfg(target_arch = "x86_64")]
            $crate::imaging::kernel::isa::cpu::Vectors::Avx2($simd) => $crate::imaging::kernel::isa::simd::Simd::run(
                $simd,
                #[inline(always)]
                || $vectors,
            ),
            #[cfg(target_arch = "x86_64")]
            $crate::imaging::kernel::isa::cpu::Vectors::Sse41($simd) => $crate::imaging::kernel::isa::simd::Simd::run(
                $simd,
                #[inline(always)]
                || $vectors,
            ),
            #[cfg(target_arch = "aarch64")]
            $crate::imaging::kernel::isa::cpu::Vectors::Neon($simd) => $crate::imaging::kernel::isa::simd::Simd::run(
                $simd,
                #[inline(always)]
                || $vectors,
            ),
            $crate::imaging::kernel::isa::cpu::Vectors::None => $portable,
        }
    };
}
pub(crate) use at_level;
