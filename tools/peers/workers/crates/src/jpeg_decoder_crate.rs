//! The crates jpeg-decoder, fast_image_resize and jpeg-encoder together: what a thumbnailer in Rust is built of.

use std::fs::File;
use std::io::BufReader;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use jpeg_decoder::{Decoder, PixelFormat};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::{Failure, Job, centered, height_for};

pub fn work(job: &Job<'_>) -> Result<Vec<u8>, Failure> {
    if !job.file.ends_with(".jpg") || job.kind == "crop" {
        return Err("it only knows JPEG, and does not sharpen".into());
    }
    let mut decoder = Decoder::new(BufReader::new(File::open(job.file)?));
    decoder.read_info()?;
    let info = decoder.info().ok_or("no header")?;
    if info.pixel_format != PixelFormat::RGB24 {
        return Err("only RGB is handled here".into());
    }
    let full = (u32::from(info.width), u32::from(info.height));
    if job.kind == "thumbnail" {
        // The next larger size that the transform offers.
        let height = height_for(job.width, full);
        decoder.scale(u16::try_from(job.width)?, u16::try_from(height)?)?;
    }
    let pixels = decoder.decode()?;
    let info = decoder.info().ok_or("no header")?;
    let decoded = (u32::from(info.width), u32::from(info.height));
    let (part, size) = match job.kind {
        "thumbnail" => ([0, 0, decoded.0, decoded.1], (job.width, height_for(job.width, full))),
        "tile" => ([job.left, job.top, job.width, job.height], (job.width, job.height)),
        "recode" => ([0, 0, decoded.0, decoded.1], decoded),
        _ => (centered(decoded, (job.width, job.height)), (job.width, job.height)),
    };
    if part == [0, 0, size.0, size.1] {
        return encoded(&pixels, size, job);
    }
    let source = ImageRef::new(decoded.0, decoded.1, &pixels, PixelType::U8x3)?;
    let mut made = Image::new(size.0, size.1, PixelType::U8x3);
    let [left, top, width, height] = part.map(f64::from);
    let options =
        ResizeOptions::new().crop(left, top, width, height).resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&source, &mut made, &options)?;
    encoded(made.buffer(), size, job)
}

fn encoded(pixels: &[u8], (width, height): (u32, u32), job: &Job<'_>) -> Result<Vec<u8>, Failure> {
    let mut out = vec![];
    let mut encoder = Encoder::new(&mut out, job.quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(pixels, u16::try_from(width)?, u16::try_from(height)?, ColorType::Rgb)?;
    Ok(out)
}
