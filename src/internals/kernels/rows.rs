//! Kernels that work on rows and planes.

use std::rc::Rc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Shrink, Window};
use crate::imaging::kernel::alpha_wide::rounded;
use crate::imaging::kernel::color::{halve, rgb_to_ycbcr};
use crate::imaging::kernel::interleave::{join, split};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::resample::alpha::AlphaResampler;
use crate::imaging::kernel::resample::{Pass, Resampler};
use crate::imaging::kernel::sink::mask::{MaskCollector, Masked};
use crate::imaging::kernel::sink::shrink::Shrinker;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{AnyRaster, Here, Layout, Raster, Row, RowSink};

use super::kernel::{Answer, Input, Kernel};

pub(super) fn kernels(input: &Rc<Input>) -> Vec<Kernel> {
    [interleaving(input), resampling(input), colors(input), on_the_way(input)].into_iter().flatten().collect()
}

fn interleaving(input: &Rc<Input>) -> Vec<Kernel> {
    let area = input.area();
    let pixels = |count: usize| {
        let (mut pixels, planes) = (Vec::new(), [0, 1, 2, 3].map(|i| input.plane(i)));
        join(&planes[..count], &mut pixels);
        pixels
    };
    let (rgb, rgba) = (pixels(3), pixels(4));
    let join_of = |name, count: usize| {
        let input = Rc::clone(input);
        Kernel::new(name, area as u64, move |_, answer| {
            answer.samples.clear();
            join(&[0, 1, 2, 3].map(|i| input.plane(i))[..count], &mut answer.samples);
        })
    };
    vec![
        Kernel::new("split rgb", area as u64, move |cpu, answer| split(cpu, &rgb, &mut answer.planes::<3>(area)))
            .with_levels(),
        Kernel::new("split rgba", area as u64, move |cpu, answer| split(cpu, &rgba, &mut answer.planes::<4>(area)))
            .with_levels(),
        join_of("join rgb", 3),
        join_of("join rgba", 4),
    ]
}

/// An axis of `from` pixels sampled at `to` places.
fn axis(from: u32, to: u32) -> Axis {
    let pixels = i64::from(from);
    let (first, step, den) = (pixels, 2 * pixels, 2 * i64::from(to));
    Axis { len: to, first, step, den, bounds: 0..pixels, exists: 0..pixels }
}

/// Each row of a picture.
fn rows(raster: &Raster) -> Vec<Row> {
    (0..raster.size().height as usize)
        .map(|y| {
            let mut row = Row::new(raster.size().width, raster.layout());
            row.planes_mut().into_iter().zip(raster.planes()).for_each(|(to, from)| to.copy_from_slice(from.row(y)));
            row
        })
        .collect()
}

/// Both passes alone, and the whole, at two fifths and at eight fifths of the size.
fn resampling(input: &Rc<Input>) -> Vec<Kernel> {
    let size = input.colors.size();
    let one = |names: [&'static str; 4], share: u32| {
        let (width, height) = (size.width * share / 5, size.height * share / 5);
        let (x, y) = (axis(size.width, width), axis(size.height, height));
        let across = {
            let (rows, pass) = (rows(&input.colors), Pass::new(&x, Filter::Sharp2));
            Kernel::new(names[0], u64::from(width * size.height), move |cpu, answer| {
                let [red, green, blue] = answer.planes(pass.len() * rows.len());
                let lines = red.chunks_exact_mut(pass.len()).zip(green.chunks_exact_mut(pass.len()));
                for ((row, (red, green)), blue) in rows.iter().zip(lines).zip(blue.chunks_exact_mut(pass.len())) {
                    pass.across(cpu, row, [red, green, blue]);
                }
            })
        };
        let down = {
            let (rows, pass) = (rows(&input.colors), Pass::new(&y, Filter::Sharp2));
            Kernel::new(names[1], u64::from(size.width * height), move |cpu, answer| {
                let [plane] = answer.planes(pass.len() * size.width as usize);
                for (t, out) in plane.chunks_exact_mut(size.width as usize).enumerate() {
                    pass.down(cpu, &rows, t, out);
                }
            })
        };
        let window = Window { x: 0, y: 0, width: size.width, height: size.height };
        let without = {
            let (x, y, input) = (x.clone(), y.clone(), Rc::clone(input));
            Kernel::new(names[2], u64::from(width * height), move |cpu, answer| {
                let (raster, axes) = (&input.colors, (&x, &y));
                let mut resampler =
                    Resampler::new(cpu, axes, Filter::Sharp2, window, raster.layout(), false, Cancel::ALWAYS);
                // A resampler takes any row.
                let _ = pour(raster, &mut resampler);
                answer.picture = Some(resampler.finish());
            })
        };
        let with_alpha = {
            let input = Rc::clone(input);
            Kernel::new(names[3], u64::from(width * height), move |cpu, answer| {
                let (raster, axes) = (&input.all, (&x, &y));
                let mut resampler = AlphaResampler::new(cpu, axes, Filter::Sharp2, window, raster.layout());
                let _ = pour(raster, &mut Here { stage: &mut resampler, cancel: Cancel::ALWAYS });
                answer.picture = resampler.finish(Cancel::ALWAYS).ok().and_then(|raster| match raster {
                    AnyRaster::Bytes(raster) => Some(raster),
                    AnyRaster::Wide(raster) => rounded(&raster, Cancel::ALWAYS).ok(),
                });
            })
        };
        let whole = [without, with_alpha];
        [across, down].into_iter().chain(whole).map(Kernel::with_levels)
    };
    let smaller = ["reduce rgb across", "reduce gray down", "reduce rgb", "reduce rgba"];
    let larger = ["enlarge rgb across", "enlarge gray down", "enlarge rgb", "enlarge rgba"];
    one(smaller, 2).chain(one(larger, 8)).collect()
}

/// Hands a picture to a sink as a decoder does.
fn pour(raster: &Raster, sink: &mut dyn RowSink) -> Result<()> {
    let mut row = Row::new(raster.size().width, raster.layout());
    for y in 0..raster.size().height as usize {
        row.planes_mut().into_iter().zip(raster.planes()).for_each(|(to, from)| to.copy_from_slice(from.row(y)));
        sink.row(&mut row)?;
    }
    Ok(())
}

fn colors(input: &Rc<Input>) -> Vec<Kernel> {
    let area = input.area();
    let of = |name, work: fn(&Input, Cpu, &mut Answer)| {
        let input = Rc::clone(input);
        Kernel::new(name, area as u64, move |cpu, answer| work(&input, cpu, answer))
    };
    vec![
        of("rgb to ycbcr", |input, cpu, answer| {
            rgb_to_ycbcr(cpu, [0, 1, 2].map(|i| input.plane(i)), answer.planes(input.area()));
        })
        .with_levels(),
        of("halve chroma", |input, cpu, answer| {
            // The halves of the plane stand for the rows of pairs.
            let (above, below) = input.plane(0).split_at(input.area() / 2);
            let [out] = answer.planes(input.area() / 4);
            halve(cpu, [above, &below[..above.len()]], out);
        })
        .with_levels(),
    ]
}

/// Collects rows.
struct Kept<'a>(&'a mut Vec<u8>);

impl RowSink for Kept<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        (0..row.layout().planes()).for_each(|plane| self.0.extend_from_slice(row.plane(plane)));
        Ok(())
    }
}

/// Rows on their way from a decoder.
fn on_the_way(input: &Rc<Input>) -> Vec<Kernel> {
    let (area, size) = (input.area() as u64, input.all.size());
    let shrinking = |name, shrink: Shrink| {
        let input = Rc::clone(input);
        Kernel::new(name, area, move |_, answer| {
            answer.samples.clear();
            let mut kept = Kept(&mut answer.samples);
            let mut shrinker = Shrinker::new(&mut kept, shrink, size.width, input.colors.layout());
            // What collects rows takes any.
            let _ = pour(&input.colors, &mut shrinker).and_then(|()| shrinker.finish());
        })
    };
    let [masked, luma] = [(); 2].map(|()| Rc::clone(input));
    vec![
        shrinking("shrink rgb 1/2", Shrink::Half),
        shrinking("shrink rgb 1/4", Shrink::Quarter),
        shrinking("shrink rgb 1/8", Shrink::Eighth),
        Kernel::new("mask rgb", area, move |_, answer| {
            answer.samples.clear();
            let mut kept = Kept(&mut answer.samples);
            let (mask, layout) = (masked.all.planes()[3].clone(), masked.colors.layout());
            let mut sink = Masked::new(&mut kept, Some(mask), MaskUse::Normal, size.width, layout);
            let _ = pour(&masked.colors, &mut sink);
        }),
        Kernel::new("mask of rgb", area, move |_, answer| {
            let mut mask = MaskCollector::new(size);
            let _ = pour(&luma.colors, &mut mask);
            answer.picture = Some(Raster::from_planes(vec![mask.finish()], Layout::GRAY));
        }),
    ]
}
