//! Pixels from and to the pictures of the `image` crate.

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};

use crate::base::error::{Error, ErrorKind, Result};

use super::pixels::{PixelLayout, Pixels};

/// Takes the pixels without copying them, but for gray with alpha, which becomes RGB with alpha. Samples count as sRGB.
///
/// ```
/// use image::DynamicImage;
/// use platemark::{Edit, Picture, Pixels};
///
/// let decoded = DynamicImage::new_rgb8(640, 480);
/// let made = Picture::from_pixels(Pixels::try_from(decoded)?)?.render(&Edit::new().width(96))?;
/// assert_eq!((made.width, made.height), (96, 72));
///
/// // Samples of 16 bits, and floats, are refused: the program says how they are reduced.
/// let deep = DynamicImage::new_rgb16(640, 480);
/// assert!(Pixels::try_from(&deep).is_err());
/// let pixels = Pixels::try_from(DynamicImage::from(deep.to_rgb8()))?;
/// assert_eq!(pixels.width(), 640);
/// # Ok::<(), platemark::Error>(())
/// ```
impl TryFrom<DynamicImage> for Pixels {
    type Error = Error;

    /// # Errors
    ///
    /// Samples do not have 8 bits, a side is 0, or a limit of [`Pixels::from_raw`] is exceeded.
    fn try_from(image: DynamicImage) -> Result<Self> {
        let (width, height) = (image.width(), image.height());
        let (bytes, layout) = match image {
            DynamicImage::ImageLuma8(image) => (image.into_raw(), PixelLayout::Gray),
            DynamicImage::ImageRgb8(image) => (image.into_raw(), PixelLayout::Rgb),
            DynamicImage::ImageRgba8(image) => (image.into_raw(), PixelLayout::Rgba),
            image => return Self::try_from(&image),
        };
        Self::from_raw(bytes, width, height, width as usize * layout.bytes(), layout)
    }
}

/// Copies the pixels. Gray with alpha becomes RGB with alpha. Samples count as sRGB.
impl TryFrom<&DynamicImage> for Pixels {
    type Error = Error;

    /// # Errors
    ///
    /// As for the pixels themselves.
    fn try_from(image: &DynamicImage) -> Result<Self> {
        let (bytes, layout) = match image {
            DynamicImage::ImageLuma8(image) => (image.as_raw().clone(), PixelLayout::Gray),
            DynamicImage::ImageLumaA8(image) => {
                let pixels = image.as_raw().as_chunks::<2>().0.iter();
                (pixels.flat_map(|&[gray, alpha]| [gray, gray, gray, alpha]).collect(), PixelLayout::Rgba)
            }
            DynamicImage::ImageRgb8(image) => (image.as_raw().clone(), PixelLayout::Rgb),
            DynamicImage::ImageRgba8(image) => (image.as_raw().clone(), PixelLayout::Rgba),
            _ => {
                let what = "has samples that are not 8 bits long; convert it, such as by `to_rgba8`";
                return Err(Error::new(ErrorKind::Request, what).at("image"));
            }
        };
        let stride = image.width() as usize * layout.bytes();
        Self::from_raw(bytes, image.width(), image.height(), stride, layout)
    }
}

/// Copies the pixels, without what lies between rows.
///
/// ```
/// use image::DynamicImage;
/// use platemark::{Edit, Picture};
///
/// let pixels = Picture::open("assets/demo/pictures/ring.png")?.pixels(&Edit::new().width(90))?;
/// let image = DynamicImage::from(&pixels);
/// assert_eq!(image.to_rgb8().get_pixel(45, 2).0[..], pixels.row(2).unwrap()[3 * 45..][..3]);
/// # Ok::<(), platemark::Error>(())
/// ```
impl From<&Pixels> for DynamicImage {
    fn from(pixels: &Pixels) -> Self {
        let (width, height) = (pixels.width(), pixels.height());
        let fill = |samples: &mut [u8]| {
            let row = width as usize * pixels.layout().bytes();
            samples.chunks_exact_mut(row).zip(pixels.rows()).for_each(|(to, from)| to.copy_from_slice(from));
        };
        match pixels.layout() {
            PixelLayout::Gray => {
                let mut image = GrayImage::new(width, height);
                fill(&mut image);
                image.into()
            }
            PixelLayout::Rgb => {
                let mut image = RgbImage::new(width, height);
                fill(&mut image);
                image.into()
            }
            PixelLayout::Rgba => {
                let mut image = RgbaImage::new(width, height);
                fill(&mut image);
                image.into()
            }
        }
    }
}
