//! Sets of instructions: which ones this CPU has, and what kernels written for one of them share.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(in crate::imaging::kernel) mod checked;
pub(crate) mod cpu;
pub(in crate::imaging::kernel) mod extensions;
pub(crate) mod level;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
pub(crate) mod portable;
pub(crate) mod simd;
#[cfg(target_arch = "x86_64")]
pub(crate) mod sse41;
#[cfg(test)]
pub(crate) mod twin;
