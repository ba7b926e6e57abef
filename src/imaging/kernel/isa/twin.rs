//! What the tests of kernels share: a kernel at every level of this machine, beside its naive twin.

use std::fmt::Debug;

use super::cpu::{Cpu, CpuLevel};

/// Runs a kernel at each level of this machine. What it makes must equal `twin`, which the test has made of the same input in
/// the simplest words. Each kernel that has levels has a test that calls this function: `tests/layers/kernels.rs` looks for
/// the call.
///
/// # Panics
///
/// A level makes something else.
#[track_caller]
pub(crate) fn each_level_equals<T: PartialEq + Debug>(twin: &T, kernel: impl Fn(Cpu) -> T) {
    for cpu in Cpu::all() {
        let made = kernel(cpu);
        assert!(made == *twin, "{:?} makes {}, the twin makes {}", cpu.level(), start(&made), start(twin));
    }
}

/// The start of a value's text: a picture has millions of samples.
fn start(value: &impl Debug) -> String {
    format!("{value:?}").chars().take(2000).collect()
}

#[test]
fn levels_are_those_that_this_machine_has() {
    let levels: Vec<CpuLevel> = Cpu::all().into_iter().map(Cpu::level).collect();
    assert_eq!(levels[0], CpuLevel::Scalar);
    assert!(levels.is_sorted_by(|lower, higher| lower < higher), "{levels:?}");
    assert!(levels.iter().all(|&level| Cpu::detect(level).level() == level), "{levels:?}");
    assert_eq!(levels.last(), Some(&Cpu::detect(CpuLevel::default()).level()));
}

#[test]
#[should_panic(expected = "Scalar makes 2, the twin makes 1")]
fn a_kernel_that_differs_is_found() {
    each_level_equals(&1, |_| 2);
}
