//! Which instructions `fast_image_resize` may use: those of the level that kernels have.
#![allow(unsafe_code, reason = "the crate marks every choice of instructions unsafe")]

use fast_image_resize::{CpuExtensions, Resizer};

use super::cpu::{Cpu, Vectors};

/// A resizer that uses the instructions of a level and no others.
pub(in crate::imaging::kernel) fn resizer(cpu: Cpu) -> Resizer {
    limited(match cpu.vectors() {
        Vectors::None => CpuExtensions::None,
        #[cfg(target_arch = "x86_64")]
        Vectors::Sse41(_) => CpuExtensions::Sse4_1,
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx2(_) => CpuExtensions::Avx2,
        #[cfg(target_arch = "aarch64")]
        Vectors::Neon(_) => CpuExtensions::Neon,
    })
}

/// A resizer that uses the instructions of one set, or none if this CPU does not have them.
pub(in crate::imaging::kernel) fn limited(extensions: CpuExtensions) -> Resizer {
    let extensions = if extensions.is_supported() { extensions } else { CpuExtensions::None };
    let mut resizer = Resizer::new();
    // SAFETY: the CPU has the instructions, as just asked.
    unsafe { resizer.set_cpu_extensions(extensions) }
    resizer
}

/// Every set that `fast_image_resize` has code for and this machine can run.
#[cfg(test)]
pub(in crate::imaging::kernel) fn all() -> Vec<CpuExtensions> {
    let mut all = vec![CpuExtensions::None];
    #[cfg(target_arch = "x86_64")]
    all.extend([CpuExtensions::Sse4_1, CpuExtensions::Avx2]);
    #[cfg(target_arch = "aarch64")]
    all.push(CpuExtensions::Neon);
    all.retain(CpuExtensions::is_supported);
    all
}
