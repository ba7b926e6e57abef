//! What pictures cost: what the stages go through, by kind, and the time that each kind takes.
//!
//! The plan foretells it from numbers alone. In tests and benches the stages count what they really go through, so that a
//! test can compare the two.

/// Declares the kinds, with the picoseconds that one of each takes: measured in a release build, on one core with AVX2.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $picoseconds:literal;)+) => {
        /// A kind of thing that stages go through.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($(#[$doc])* $kind,)+
        }

        /// Picoseconds by kind.
        const PICOSECONDS: [u64; KINDS] = [$($picoseconds),+];

        /// Names by kind.
        #[cfg(feature = "internals")]
        const NAMES: [&str; KINDS] = [$(stringify!($kind)),+];

        const KINDS: usize = [$(Kind::$kind),+].len();
    };
}

kinds! {
    /// A picture: files are found and opened, tables are made, a reply is put together.
    Picture = 100_000_000;
    /// A byte of a JPEG file, read from its scans.
    JpegByte = 2300;
    /// A block of a JPEG file of which nothing or its mean is wanted.
    JpegWalk = 7500;
    /// A block of a JPEG file that is read.
    JpegRead = 20_000;
    /// A block whose coefficients are gathered before any is transformed.
    JpegGather = 24_000;
    /// A sample that comes out of a transform.
    JpegSample = 230;
    /// A sample of a pixel that is enlarged and gets its colour.
    JpegPixel = 260;
    /// A byte of a PNG file that is unpacked.
    PngPacked = 3300;
    /// A byte of the pixels of a PNG file.
    PngByte = 600;
    /// A byte of an interlaced PNG file.
    PngInterlaced = 3000;
    /// A pixel of a BMP file.
    BmpPixel = 2000;
    /// A byte of the pixels of a GIF file.
    GifByte = 9000;
    /// A pixel of the frame of a GIF file.
    GifPixel = 4000;
    /// A byte of the pixels of a WebP file.
    WebpByte = 30_000;
    /// A pixel of the frame of a WebP file.
    WebpPixel = 12_000;
    /// A byte of a TIFF file that is unpacked.
    TiffPacked = 4000;
    /// A byte of the pixels of a TIFF file.
    TiffByte = 700;
    /// A row on its way.
    Row = 90_000;
    /// A sample that is copied or added to another one.
    Copy = 65;
    /// A weight that is computed.
    Weight = 10_000;
    /// A row that is weighed.
    Tap = 4500;
    /// A sample of such a row.
    Down = 25;
    /// A sample that is made of those beside it.
    Across = 900;
    /// One of those.
    AcrossTap = 27;
    /// A pixel of 16 bits that is made of others.
    WidePixel = 4000;
    /// One of those.
    WideTap = 450;
    /// A sample that is multiplied by alpha.
    Multiply = 190;
    /// A sample that is divided by alpha.
    Divide = 850;
    /// A sample that is changed by itself.
    Point = 600;
    /// A pixel whose components are changed together.
    Mix = 5500;
    /// A pixel whose colour is converted between profiles.
    Convert = 6000;
    /// A sample that gets noise.
    Noise = 2600;
    /// A sample that is made of its neighbors.
    Sharpen = 3400;
    /// A sample of which a difference is amplified.
    Amplify = 800;
    /// A point between pixels that is sampled.
    Place = 3900;
    /// A sample there, for each of its taps.
    PlaceTap = 490;
    /// A pixel under which a colour is laid.
    Fill = 6000;
    /// A pixel of a JPEG reply.
    EncodeJpeg = 1450;
    /// A pixel of a progressive JPEG reply, or of one in four inks.
    EncodeScans = 13_000;
    /// A byte of the pixels of a TIFF reply.
    EncodeTif = 30_000;
    /// A byte of the pixels of a PNG reply.
    EncodePng = 2150;
    /// A pixel that gets a colour of a palette.
    Quantize = 60_000;
    /// A byte of the pixels of a PNG reply that is to be short.
    EncodePngZip = 300_000;
    /// A pixel of a PNG reply with a palette.
    EncodePng8 = 40_000;
    /// A pixel of a GIF reply.
    EncodeGif = 15_000;
    /// A pixel of a lossy WebP reply.
    EncodeWebP = 90_000;
    /// A pixel of a lossless WebP reply, or of the alpha of a lossy one.
    EncodeLossless = 60_000;
    /// A pixel of an AVIF reply.
    EncodeAvif = 1_800_000;
}

/// Quantities by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work([u64; KINDS]);

impl Default for Work {
    fn default() -> Self {
        Self([0; KINDS])
    }
}

/// A unit of work in picoseconds.
const UNIT: u64 = 2000;

impl Work {
    /// Adds a quantity of a kind.
    pub(crate) const fn add(&mut self, kind: Kind, quantity: u64) {
        self.0[kind as usize] = self.0[kind as usize].saturating_add(quantity);
    }

    /// In units of about two nanoseconds.
    pub(crate) fn units(&self) -> u64 {
        let each = self.0.iter().zip(PICOSECONDS).map(|(&quantity, each)| u128::from(quantity) * u128::from(each));
        u64::try_from(each.sum::<u128>() / u128::from(UNIT)).unwrap_or(u64::MAX)
    }

    /// The quantities of all kinds, with their names.
    #[cfg(feature = "internals")]
    pub(crate) fn quantities(&self) -> impl Iterator<Item = (&'static str, u64)> {
        NAMES.into_iter().zip(self.0)
    }
}

#[cfg(any(test, feature = "internals"))]
thread_local! {
    static COUNTED: [std::cell::Cell<u64>; KINDS] = const { [const { std::cell::Cell::new(0) }; KINDS] };
}

/// Counts what a stage goes through, in tests and benches: on this thread alone.
#[cfg(any(test, feature = "internals"))]
#[inline]
pub(crate) fn count(kind: Kind, quantity: usize) {
    COUNTED.with(|counted| {
        let counted = &counted[kind as usize];
        counted.set(counted.get().saturating_add(quantity as u64));
    });
}

/// Counts nothing.
#[cfg(not(any(test, feature = "internals")))]
#[inline(always)]
pub(crate) const fn count(_: Kind, _: usize) {}

/// What this thread has counted since it was asked last.
#[cfg(feature = "internals")]
pub(crate) fn counted() -> Work {
    COUNTED.with(|counted| Work(counted.each_ref().map(std::cell::Cell::take)))
}
