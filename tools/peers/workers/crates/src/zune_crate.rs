//! The crates zune-image and zune-imageprocs.

use zune_core::options::{DecoderOptions, EncoderOptions};
use zune_image::codecs::ImageFormat;
use zune_image::image::Image;
use zune_image::traits::OperationsTrait;
use zune_imageprocs::crop::Crop;
use zune_imageprocs::resize::{Resize, ResizeMethod};
use zune_imageprocs::unsharpen::Unsharpen;

use crate::{Failure, Job, centered, height_for};

pub fn work(job: &Job<'_>) -> Result<Vec<u8>, Failure> {
    let options = DecoderOptions::default().set_max_width(1 << 16).set_max_height(1 << 16);
    let mut image = Image::open_with_options(job.file, options).map_err(failure)?;
    let (width, height) = image.dimensions();
    let size = (width as u32, height as u32);
    let resize = |width: u32, height: u32| Resize::new(width as usize, height as usize, ResizeMethod::Lanczos3);
    let crop =
        |[left, top, width, height]: [u32; 4]| Crop::new(width as usize, height as usize, left as usize, top as usize);
    let steps: Vec<Box<dyn OperationsTrait>> = match job.kind {
        "thumbnail" => vec![Box::new(resize(job.width, height_for(job.width, size)))],
        "crop" => vec![
            Box::new(crop(centered(size, (job.width, job.height)))),
            Box::new(resize(job.width, job.height)),
            Box::new(Unsharpen::new(1.0, 0, 100)),
        ],
        "tile" => vec![Box::new(crop([job.left, job.top, job.width, job.height]))],
        _ => vec![],
    };
    for step in steps {
        step.execute(&mut image).map_err(failure)?;
    }
    // It resizes in floating point where there is alpha.
    image.convert_depth(zune_core::bit_depth::BitDepth::Eight).map_err(failure)?;
    let format = if job.png { ImageFormat::PNG } else { ImageFormat::JPEG };
    let mut out = vec![];
    format.encode(&image, EncoderOptions::default().set_quality(job.quality), &mut out).map_err(failure)?;
    Ok(out)
}

fn failure(error: zune_image::errors::ImageErrors) -> Failure {
    format!("{error:?}").into()
}
