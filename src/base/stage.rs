//! The stages that decide the bytes of a picture, each with its epoch (`responses.md` §6).
//!
//! A stage's epoch is raised by hand when any input that succeeded before may now give other bytes. This changes the
//! versions of the pictures, and the tags of the replies, that pass the stage. Two ways to the same bytes, such as the fast
//! and the plain code of a decoder, are one stage.

/// Declares the stages. A line reads `Variant = "name", epoch;`.
macro_rules! stages {
    ($($(#[$doc:meta])* $stage:ident = $name:literal, $epoch:literal;)+) => {
        /// A stage that decides the bytes of a picture.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ByteStage {
            $($(#[$doc])* $stage,)+
        }

        impl ByteStage {
            /// All stages, in the order in which versions cover them.
            pub(crate) const ALL: &[Self] = &[$(Self::$stage),+];

            /// The name in the fingerprint.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$stage => $name,)+
                }
            }

            /// The stage decodes one format of sources.
            pub(crate) const fn is_decoder(self) -> bool {
                matches!(
                    self,
                    Self::DecodeBmp
                        | Self::DecodeGif
                        | Self::DecodeJpeg
                        | Self::DecodePng
                        | Self::DecodeTiff
                        | Self::DecodeWebp
                )
            }

            /// Raised when any input that succeeded before may now give other bytes.
            pub(crate) const fn epoch(self) -> u32 {
                match self {
                    $(Self::$stage => $epoch,)+
                }
            }
        }
    };
}

stages! {
    /// Reading a request and catalogs, and what they resolve to. Every reply passes it.
    Request = "request", 2;
    /// The numbers of a plan. Every picture passes it.
    Plan = "plan", 1;
    /// Decoding BMP.
    DecodeBmp = "decode.bmp", 1;
    /// Decoding the first frame of a GIF.
    DecodeGif = "decode.gif", 1;
    /// Decoding JPEG, at every shrink.
    DecodeJpeg = "decode.jpeg", 3;
    /// Decoding PNG.
    DecodePng = "decode.png", 3;
    /// Decoding the first frame of a WebP.
    DecodeWebp = "decode.webp", 1;
    /// Decoding TIFF.
    DecodeTiff = "decode.tiff", 1;
    /// Reading the XMP packet of a file and making it upright, and reading and writing the rights in its picture.
    Xmp = "xmp", 2;
    /// The alpha that a mask gives.
    Mask = "mask", 1;
    /// Filter taps and resampling.
    Resample = "resample", 3;
    /// From samples to light before resampling, and back behind it.
    Linear = "linear", 1;
    /// Turning by quarters and mirroring.
    Orient = "orient", 1;
    /// `op_blur`.
    Blur = "op.blur", 2;
    /// `op_brightness`.
    Brightness = "op.brightness", 1;
    /// `op_contrast`.
    Contrast = "op.contrast", 1;
    /// `op_colorbalance`.
    ColorBalance = "op.colorbalance", 1;
    /// `op_hue`.
    Hue = "op.hue", 1;
    /// `op_saturation`.
    Saturation = "op.saturation", 1;
    /// `op_colorize`, with the tones of the whole view.
    Colorize = "op.colorize", 1;
    /// `op_invert`.
    Invert = "op.invert", 1;
    /// `op_noise`.
    Noise = "op.noise", 1;
    /// `op_sharpen`.
    Sharpen = "op.sharpen", 2;
    /// `op_usm`, `op_usmR`.
    Unsharp = "op.usm", 2;
    /// The colours under a layer: `color`, `bgColor`.
    Fill = "fill", 3;
    /// Rotation by an angle that is no multiple of 90°.
    Warp = "warp", 2;
    /// Laying one layer over another.
    Blend = "blend", 1;
    /// From the composite to the reply's rectangle: background, alpha, place.
    Flatten = "flatten", 2;
    /// Conversion to the pixel type of the reply.
    Color = "color", 2;
    /// Encoding JPEG.
    EncodeJpeg = "encode.jpeg", 1;
    /// Encoding PNG.
    EncodePng = "encode.png", 1;
    /// Encoding PNG in fewer bytes, for more time.
    EncodePngZip = "encode.png.zip", 1;
    /// Encoding WebP, with loss and without.
    EncodeWebP = "encode.webp", 1;
    /// Encoding AVIF.
    EncodeAvif = "encode.avif", 1;
    /// Choosing the colours of a palette, and mapping the reply to them.
    Quantize = "quantize", 1;
    /// Encoding PNG with a palette.
    EncodePng8 = "encode.png8", 1;
    /// Encoding GIF.
    EncodeGif = "encode.gif", 1;
    /// Encoding TIFF.
    EncodeTif = "encode.tif", 1;
}

/// Some of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ByteStages(u64);

impl ByteStages {
    const fn bit(stage: ByteStage) -> u64 {
        1 << stage as u32
    }

    /// Adds a stage.
    pub(crate) const fn insert(&mut self, stage: ByteStage) {
        self.0 |= Self::bit(stage);
    }

    /// The stage is among them.
    pub(crate) const fn contains(self, stage: ByteStage) -> bool {
        self.0 & Self::bit(stage) != 0
    }

    /// The stages, in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = ByteStage> {
        ByteStage::ALL.iter().copied().filter(move |stage| self.contains(*stage))
    }
}

impl FromIterator<ByteStage> for ByteStages {
    fn from_iter<T: IntoIterator<Item = ByteStage>>(stages: T) -> Self {
        let mut all = Self::default();
        stages.into_iter().for_each(|stage| all.insert(stage));
        all
    }
}

/// A stage whose bytes are changed on purpose, for the tests of versions: the tests show that a raised epoch changes every
/// tag that it has to change, and that a change without a raised epoch is noticed. An engine of a host changes none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Altered {
    pub(crate) stage: Option<ByteStage>,
    /// The epoch is raised with the bytes.
    pub(crate) raises: bool,
}

impl Altered {
    /// The stage whose epoch is raised.
    pub(crate) fn raised(self) -> Option<ByteStage> {
        self.stage.filter(|_| self.raises)
    }

    /// The bytes of the stage are changed.
    pub(crate) fn is(self, stage: ByteStage) -> bool {
        self.stage == Some(stage)
    }

    /// Changes samples if they are of the stage that is changed: each loses an eighth of its value.
    pub(crate) fn change<S: Eighth>(self, stage: ByteStage, samples: &mut [S]) {
        if self.is(stage) {
            samples.iter_mut().for_each(|sample| *sample = sample.without_eighth());
        }
    }
}

/// A sample of any number of bits.
pub(crate) trait Eighth: Copy {
    /// What is left of it without an eighth.
    fn without_eighth(self) -> Self;
}

impl Eighth for u8 {
    fn without_eighth(self) -> Self {
        self - self / 8
    }
}

impl Eighth for u16 {
    fn without_eighth(self) -> Self {
        self - self / 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_have_names_of_their_own_and_fit_into_a_set() {
        let names: std::collections::BTreeSet<_> = ByteStage::ALL.iter().map(|stage| stage.name()).collect();
        assert_eq!(names.len(), ByteStage::ALL.len());
        assert!(ByteStage::ALL.len() <= 64 && ByteStage::ALL.iter().all(|stage| stage.epoch() > 0));
        let some: ByteStages = [ByteStage::Warp, ByteStage::Request].into_iter().collect();
        assert_eq!(some.iter().collect::<Vec<_>>(), [ByteStage::Request, ByteStage::Warp]);
        assert!(!some.contains(ByteStage::Plan));
    }
}
