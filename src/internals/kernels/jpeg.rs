//! Kernels of the JPEG codecs.

use std::rc::Rc;

use crate::imaging::codec::decode_bench::{enlarge, inverse, to_rgb};
use crate::imaging::codec::{Blocks, Forward};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};

use super::kernel::{Input, Kernel};

/// Samples that are converted at a time, about as many as a row has.
const ROW: usize = 4096;

pub(super) fn kernels(input: &Rc<Input>) -> Vec<Kernel> {
    let size = input.all.size();
    // Of whole blocks, eight side by side.
    let width = size.width as usize / 64 * 64;
    let lines = size.height as usize / 8 * 8;
    let luma: Vec<u8> =
        input.plane(0).chunks_exact(size.width as usize).flat_map(|row| &row[..width]).copied().collect();
    let luma = luma[..lines * width].to_vec();
    let forward = Forward::new(85);
    let coefficients = {
        let mut blocks = Blocks::default();
        forward.run(Cpu::detect(CpuLevel::Scalar), &luma, width, &mut blocks);
        Rc::new(blocks.coefficients())
    };
    let area = (width * lines) as u64;
    let inverted = |name, side: u32| {
        let coefficients = Rc::clone(&coefficients);
        Kernel::new(name, area, move |cpu, answer| {
            let [out] = answer.planes(coefficients.len() * (side * side) as usize);
            inverse(cpu, side, &coefficients, &[5; 64], out);
        })
    };
    let chroma = {
        let input = Rc::clone(input);
        Kernel::new("enlarge chroma", input.area() as u64, move |cpu, answer| {
            let [out] = answer.planes(input.area());
            enlarge(cpu, size, input.plane(1), out);
        })
    };
    let converted = {
        let input = Rc::clone(input);
        Kernel::new("ycbcr to rgb", input.area() as u64, move |cpu, answer| {
            let [y, cb, cr] = answer.planes(input.area());
            let from = [0, 1, 2].map(|i| input.plane(i));
            let parts = y.chunks_mut(ROW).zip(cb.chunks_mut(ROW)).zip(cr.chunks_mut(ROW));
            for (i, ((y, cb), cr)) in parts.enumerate() {
                let mut planes = [y, cb, cr];
                // It works in place.
                for (to, from) in planes.iter_mut().zip(from) {
                    to.copy_from_slice(&from[i * ROW..][..to.len()]);
                }
                to_rgb(cpu, planes);
            }
        })
    };
    vec![
        Kernel::new("forward transform", area, move |cpu, answer| forward.run(cpu, &luma, width, &mut answer.blocks))
            .with_levels(),
        inverted("inverse transform 8x8", 8).with_levels(),
        inverted("inverse transform to 4x4", 4).with_levels(),
        inverted("inverse transform to 2x2", 2),
        inverted("inverse transform to 1x1", 1),
        chroma.with_levels(),
        converted.with_levels(),
    ]
}
