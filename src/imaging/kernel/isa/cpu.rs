//! Which instructions kernels may use.

use crate::imaging::kernel::isa::avx2::Avx2;

/// A set of instructions that kernels may use. Levels change speed, never bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum CpuLevel {
    /// Portable code only.
    Scalar,
    /// AVX2 on x86-64.
    #[default]
    Avx2,
}

/// The level that was asked for, as far as this CPU has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu(Option<Avx2>);

impl Cpu {
    /// Detects the CPU's level, at most `highest`.
    pub(crate) fn detect(highest: CpuLevel) -> Self {
        Self(if highest >= CpuLevel::Avx2 { Avx2::detect() } else { None })
    }

    /// The proof that AVX2 may be used.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "kernels for x86-64 ask"))]
    pub(crate) const fn avx2(self) -> Option<Avx2> {
        self.0
    }

    pub(crate) const fn level(self) -> CpuLevel {
        if self.0.is_some() { CpuLevel::Avx2 } else { CpuLevel::Scalar }
    }

    /// Every level that this machine can run, for tests that must hold on each.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::detect(CpuLevel::Scalar)];
        all.extend(Some(Self::detect(CpuLevel::Avx2)).filter(|cpu| cpu.0.is_some()));
        all
    }
}
