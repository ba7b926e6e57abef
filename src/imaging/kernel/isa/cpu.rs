//! Which instructions kernels may use.

#[cfg(target_arch = "aarch64")]
use super::neon::Neon;
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, sse41::Sse41};

/// A set of instructions that kernels may use. Levels change speed, never bytes.
///
/// A level that this CPU does not have stands for the next lower one that it has: [`Neon`](Self::Neon) on x86-64, and
/// [`Avx2`](Self::Avx2) and [`Sse41`](Self::Sse41) on other processors, for [`Scalar`](Self::Scalar). The default is the
/// highest one of the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum CpuLevel {
    /// Portable code only.
    Scalar,
    /// SSE4.1 and SSSE3 on x86-64.
    Sse41,
    /// AVX2, BMI1 and BMI2 on x86-64.
    Avx2,
    /// NEON on 64-bit ARM.
    Neon,
}

impl Default for CpuLevel {
    fn default() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Neon } else { Self::Avx2 }
    }
}

/// The level that was asked for, as far as this CPU has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu(Vectors);

/// The tokens of a level.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Vectors {
    None,
    #[cfg(target_arch = "x86_64")]
    Sse41(Sse41),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

impl Cpu {
    /// Detects the CPU's level, at most `highest`.
    pub(crate) fn detect(highest: CpuLevel) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = if highest == CpuLevel::Avx2 { Avx2::detect() } else { None };
            let sse41 = if matches!(highest, CpuLevel::Sse41 | CpuLevel::Avx2) { Sse41::detect() } else { None };
            let vectors = avx2.map(Vectors::Avx2).or(sse41.map(Vectors::Sse41));
            Self(vectors.unwrap_or(Vectors::None))
        }
        #[cfg(target_arch = "aarch64")]
        {
            let neon = if highest == CpuLevel::Neon { Neon::detect() } else { None };
            Self(neon.map_or(Vectors::None, Vectors::Neon))
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        {
            let _ = highest;
            Self(Vectors::None)
        }
    }

    /// The proof of the level's instructions.
    #[inline]
    pub(crate) const fn vectors(self) -> Vectors {
        self.0
    }

    pub(crate) const fn level(self) -> CpuLevel {
        match self.0 {
            Vectors::None => CpuLevel::Scalar,
            #[cfg(target_arch = "x86_64")]
            Vectors::Sse41(_) => CpuLevel::Sse41,
            #[cfg(target_arch = "x86_64")]
            Vectors::Avx2(_) => CpuLevel::Avx2,
            #[cfg(target_arch = "aarch64")]
            Vectors::Neon(_) => CpuLevel::Neon,
        }
    }

    /// Every level that this machine can run, the lowest first.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn all() -> Vec<Self> {
        let all = [CpuLevel::Scalar, CpuLevel::Sse41, CpuLevel::Avx2, CpuLevel::Neon];
        all.into_iter()
            .map(|level| (level, Self::detect(level)))
            .filter(|(level, cpu)| cpu.level() == *level)
            .map(|(_, cpu)| cpu)
            .collect()
    }
}
