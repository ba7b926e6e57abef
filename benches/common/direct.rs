//! What the benches of the direct API share: a mapped photograph, pools, and what a program does without this crate.

use std::path::Path;
use std::sync::Arc;

use fast_image_resize as fir;
use platemark::Picture;
use rayon::{ThreadPool, ThreadPoolBuilder};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A JPEG of 13 megapixels.
pub(crate) const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/pictures/harbour.jpg");

pub(crate) type Size = (u32, u32);

/// The photograph as a program opens it that sees it for the first time: nothing is known of it.
pub(crate) fn opened(pool: Option<&Arc<ThreadPool>>) -> Picture {
    let picture = Picture::open(PHOTO).unwrap();
    match pool {
        Some(pool) => picture.pool(Arc::clone(pool)),
        None => picture,
    }
}

/// Numbers of threads by name, with the pool that there is beside the calling thread.
pub(crate) fn pools() -> [(&'static str, Option<Arc<ThreadPool>>); 2] {
    [("1 thread", None), ("2 threads", Some(Arc::new(ThreadPoolBuilder::new().num_threads(2).build().unwrap())))]
}

/// The size and all RGB pixels of a JPEG file, which is read.
pub(crate) fn zune(path: impl AsRef<Path>) -> (Size, Vec<u8>) {
    decode(&std::fs::read(path).unwrap())
}

/// The size and all RGB pixels of a JPEG.
pub(crate) fn decode(file: &[u8]) -> (Size, Vec<u8>) {
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), DecoderOptions::default());
    let pixels = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    ((width as u32, height as u32), pixels)
}

/// Interleaved RGB in another size, by the filter that is the default of an edit.
pub(crate) fn resized(pixels: &[u8], from: Size, to: Size) -> Vec<u8> {
    let image = fir::images::ImageRef::new(from.0, from.1, pixels, fir::PixelType::U8x3).unwrap();
    let mut out = fir::images::Image::new(to.0, to.1, fir::PixelType::U8x3);
    let options = fir::ResizeOptions::new().resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3));
    fir::Resizer::new().resize(&image, &mut out, &options).unwrap();
    out.into_vec()
}
