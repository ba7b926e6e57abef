//! Sets of instructions: which ones this CPU has, and what kernels written for one of them share.

pub(crate) mod avx2;
pub(crate) mod cpu;
pub(in crate::imaging::kernel) mod extensions;
