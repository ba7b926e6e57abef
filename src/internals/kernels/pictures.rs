//! Kernels that take a picture and give one back.

use std::rc::Rc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::affine::{Affine, Angle};
use crate::base::geom::{Filter, Orientation, Rect};
use crate::imaging::kernel::alpha::{divide, flatten, multiply};
use crate::imaging::kernel::color::{from_cmyk, to_cmyk, to_gray};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::operate::histogram::Histogram;
use crate::imaging::kernel::operate::operate;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};
use crate::imaging::kernel::placement::fill::under;
use crate::imaging::kernel::placement::orient::orient;
use crate::imaging::kernel::placement::warp::warp;
use crate::imaging::pixel::operation::{Blur, Colorize, Noise, Operation, SIGMA_STEPS, Unsharp};
use crate::imaging::pixel::raster::{Layout, Raster};

use super::kernel::{Answer, Input, Kernel};

type Work = fn(Cpu, &Input) -> Result<Raster>;

/// Nothing stops the work.
const CANCEL: Cancel<'static> = Cancel::ALWAYS;

/// Those on each pixel alone, and those that move pixels.
const PLAIN: [(&str, Work); 13] = [
    ("copy rgba", |_, input| Ok(input.all.clone())),
    ("rgb to gray", |_, input| to_gray(input.colors.clone(), CANCEL)),
    ("rgb to inks", |_, input| to_cmyk(input.colors.clone(), CANCEL)),
    ("inks to rgb", |_, input| {
        let inks = Raster::from_planes(input.all.clone().into_planes(), Layout::CMYK);
        from_cmyk(inks, false, CANCEL)
    }),
    ("premultiply", |_, input| changed(&input.all, |raster| multiply(raster, CANCEL))),
    ("divide by alpha", |_, input| changed(&input.all, |raster| divide(raster, CANCEL))),
    ("flatten, true colours", |_, input| flatten(input.all.clone(), &[255, 128, 1], false, CANCEL)),
    ("flatten, premultiplied", |_, input| flatten(input.all.clone(), &[255, 128, 1], true, CANCEL)),
    ("colour under rgba", |_, input| changed(&input.all, |raster| under(raster, &[255, 128, 1], 200, None, CANCEL))),
    ("mirror rgba", |_, input| orient(input.all.clone(), Orientation::from_exif(2), CANCEL)),
    ("turn rgba to its side", |_, input| orient(input.all.clone(), Orientation::from_exif(6), CANCEL)),
    ("rotate rgba, bilinear", |_, input| rotated(&input.all, Filter::Bilin)),
    ("rotate rgba, cubic", |_, input| rotated(&input.all, Filter::Sharp2)),
];

/// The operations of requests, and whether they have levels.
fn operations() -> Vec<(&'static str, Operation, bool)> {
    let usm = |sigma: u32, mono| {
        let sigma = sigma * SIGMA_STEPS;
        Operation::Unsharp(Unsharp { amount: 65536, sigma_x: sigma, sigma_y: sigma, threshold: 4, mono })
    };
    let blur = |sigma: u32| Operation::Blur(Blur { sigma_x: sigma * SIGMA_STEPS, sigma_y: sigma * SIGMA_STEPS });
    let noise = |gaussian| Operation::Noise(Noise { amount: 30, gaussian, mono: false });
    vec![
        ("blur rgb by 1", blur(1), true),
        ("blur rgb by 8", blur(8), true),
        ("unsharp mask of rgb by 1", usm(1, false), true),
        ("the same by brightness", usm(1, true), true),
        ("sharpen rgb", Operation::Sharpen, false),
        ("brightness", Operation::Brightness(30), false),
        ("contrast", Operation::Contrast(30), false),
        ("colour balance", Operation::ColorBalance([10, -20, 30]), false),
        ("hue", Operation::Hue(100), false),
        ("saturation", Operation::Saturation(-40), false),
        ("colorize", Operation::Colorize(Colorize { color: [200, 90, 30], tone: None }), false),
        ("invert", Operation::Invert, false),
        ("noise, uniform", noise(false), false),
        ("noise, normal", noise(true), false),
    ]
}

pub(super) fn kernels(input: &Rc<Input>) -> Vec<Kernel> {
    let area = input.area() as u64;
    let plain = PLAIN.map(|(name, work)| {
        let input = Rc::clone(input);
        Kernel::new(name, area, move |cpu, answer| answer.picture = work(cpu, &input).ok())
    });
    let operations = operations().into_iter().map(|(name, operation, has_levels)| {
        let input = Rc::clone(input);
        let work = move |cpu, answer: &mut Answer| {
            let (raster, at) = (input.colors.clone(), Rect::at_origin(input.colors.size()));
            let picture = AnyPicture::Bytes(Picture { raster, at, visible: at, premultiplied: false });
            let done = operate(cpu, picture, Depth::Bytes, &operation, None, CANCEL);
            answer.picture = done.and_then(|picture| picture.rounded(CANCEL)).ok().map(|picture| picture.raster);
        };
        Kernel { has_levels, ..Kernel::new(name, area, work) }
    });
    let counted = Rc::clone(input);
    let histogram = Kernel::new("histogram of rgba", area, move |_, answer| {
        answer.samples.clear();
        let counts = Histogram::of(&counted.all, false).0;
        answer.samples.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
    });
    plain.into_iter().chain(operations).chain([histogram]).collect()
}

fn changed(raster: &Raster, change: impl FnOnce(&mut Raster) -> Result<()>) -> Result<Raster> {
    let mut raster = raster.clone();
    change(&mut raster)?;
    Ok(raster)
}

/// By 30 degrees, all that there is to be seen of it.
fn rotated(raster: &Raster, filter: Filter) -> Result<Raster> {
    let (angle, frame) = (Angle::new(30_000_000_000), raster.size());
    let size = angle.bounding_box(frame);
    warp(raster, (0, 0), frame, &Affine::rotation(angle, frame, size), Rect::at_origin(size), filter, CANCEL)
}
