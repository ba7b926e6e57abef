//! The crate image.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, GenericImageView, ImageReader};

use crate::{Failure, Job, height_for};

pub fn work(job: &Job<'_>) -> Result<Vec<u8>, Failure> {
    let mut reader = ImageReader::open(job.file)?;
    reader.no_limits();
    let image = reader.decode()?;
    let made = match job.kind {
        "thumbnail" => image.resize_exact(job.width, height_for(job.width, image.dimensions()), FilterType::Lanczos3),
        "crop" => image.resize_to_fill(job.width, job.height, FilterType::Lanczos3).unsharpen(1.0, 0),
        "tile" => image.crop_imm(job.left, job.top, job.width, job.height),
        _ => image,
    };
    encoded(&made, job)
}

fn encoded(image: &DynamicImage, job: &Job<'_>) -> Result<Vec<u8>, Failure> {
    let mut out = vec![];
    if job.png {
        image.write_with_encoder(PngEncoder::new(&mut out))?;
    } else {
        image.write_with_encoder(JpegEncoder::new_with_quality(&mut out, job.quality))?;
    }
    Ok(out)
}
