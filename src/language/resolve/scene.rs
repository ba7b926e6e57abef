//! The end of the language wing: from the commands in effect and the catalog's attributes to a [`Scene`].

use crate::base::geom::{Filter, Size};
use crate::base::num::decimal::Decimal;
use crate::imaging::scene::{
    Adjustment, Align, ColorRules, Compression, Content, FileFormat, Fit, Frame, Layer, LayerSize, Output,
    OutputFormat, Point, ProfileRef, RadiusUnit, Scene, SizeCap, ThumbStyle, View,
};
use crate::language::catalog::{Attributes, Object, PngCompression, Third, ThumbType};
use crate::language::request::{BoxSize, Commands, Kind, filter_of_res_mode};

/// What the scene of a single image takes from outside its commands.
pub(super) struct Setting<'a> {
    pub(super) kind: Kind,
    /// Of the main catalog.
    pub(super) attributes: &'a Attributes,
    /// The source of the layer.
    pub(super) source: &'a Object,
    pub(super) content: Content,
    pub(super) mask: Option<Content>,
    pub(super) thumbs: Thumbs,
    pub(super) colors: ColorRules,
    /// Of a source that has none.
    pub(super) profiles: Vec<ProfileRef>,
}

/// How thumbnails are made of an object: what its record says, or else the attributes of a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thumbs {
    pub(super) kind: ThumbType,
    pub(super) resolution: Decimal,
}

impl Thumbs {
    pub(super) fn of(object: &Object, attributes: &Attributes) -> Self {
        let record = object.record.as_deref();
        Self {
            kind: record.and_then(|record| record.thumb_type).unwrap_or(attributes.thumb_type),
            resolution: record.and_then(|record| record.thumb_res).unwrap_or(attributes.thumb_res).0,
        }
    }

    fn style(self, source: &Object) -> ThumbStyle {
        match self.kind {
            ThumbType::Crop => ThumbStyle::Crop,
            ThumbType::Fit => ThumbStyle::Fit,
            ThumbType::Texture => ThumbStyle::Texture { wanted: self.resolution, of_content: resolution(source) },
        }
    }
}

/// The object resolution of a source, which `res=` is relative to (`protocol.md` §3.2).
pub(super) fn resolution(source: &Object) -> Decimal {
    let own = source.record.as_deref().and_then(|record| record.resolution);
    own.unwrap_or(source.owner.attributes.resolution).0
}

/// The scene of a single image.
pub(super) fn scene(commands: &Commands, setting: Setting<'_>) -> Scene {
    let Setting { kind, attributes, source, content, mask, thumbs, colors, profiles } = setting;
    let layer = Layer {
        profiles,
        mask,
        mask_use: commands.layer.mask_use.unwrap_or_default(),
        crop: commands.layer.crop,
        size: layer_size(kind, commands, resolution(source)),
        color: commands.layer.color.map(|fill| fill.0),
        flip: commands.layer.flip.unwrap_or_default(),
        rotate: commands.layer.rotate.map_or(Decimal::ZERO, |rotation| rotation.0),
        extend: commands.layer.extend,
        bg_color: commands.layer.bg_color.map(|fill| fill.0),
        origin: commands.layer.origin,
        position: commands.layer.pos.unwrap_or(Point::Pixels([0, 0])),
        ..Layer::of(content)
    };
    Scene {
        layers: vec![layer],
        operations: operations(commands),
        flip: commands.composite.flip.unwrap_or_default(),
        view: view(kind, commands, attributes, thumbs.style(source)),
        colors,
        output: output(kind, commands, attributes, source),
    }
}

/// `size`, else `scale`, else `res` (`protocol.md` §3.2, step 2). Thumbnails ignore `scale` (§3.6).
fn layer_size(kind: Kind, commands: &Commands, resolution: Decimal) -> LayerSize {
    match commands.layer.size {
        Some(BoxSize { width: 0, height: 0 }) | None => {}
        Some(BoxSize { width, height: 0 }) => return LayerSize::Width(width),
        Some(BoxSize { width: 0, height }) => return LayerSize::Height(height),
        Some(BoxSize { width, height }) => return LayerSize::Box(Size::new(width, height)),
    }
    match (commands.layer.scale.filter(|_| kind != Kind::Tmb), commands.layer.res) {
        (Some(scale), _) => LayerSize::Scale(scale.0),
        (None, Some(res)) => LayerSize::Resolution { wanted: res.0, of_content: resolution },
        (None, None) => LayerSize::Natural,
    }
}

/// The operations that change anything, in the order of `protocol.md` §8.
fn operations(commands: &Commands) -> Vec<Adjustment> {
    let list = [
        commands.composite.op_blur.map(|radius| Adjustment::Blur(radius.0)),
        commands.composite.op_brightness.filter(|value| value.0 != 0).map(|value| Adjustment::Brightness(value.0)),
        commands.composite.op_contrast.filter(|value| value.0 != 0).map(|value| Adjustment::Contrast(value.0)),
        commands
            .composite
            .op_color_balance
            .filter(|value| value.0 != [0; 3])
            .map(|value| Adjustment::ColorBalance(value.0)),
        commands.composite.op_hue.filter(|value| value.0 != 0).map(|value| Adjustment::Hue(value.0)),
        commands.composite.op_saturation.filter(|value| value.0 != 0).map(|value| Adjustment::Saturation(value.0)),
        commands.composite.op_colorize.map(Adjustment::Colorize),
        commands.composite.op_invert.filter(|flag| flag.0).map(|_| Adjustment::Invert),
        commands.composite.op_noise.filter(|noise| noise.amount > 0).map(Adjustment::Noise),
        commands.composite.op_sharpen.filter(|flag| flag.0).map(|_| Adjustment::Sharpen),
        commands.composite.op_usm.map(|usm| Adjustment::Unsharp(usm, RadiusUnit::Full)),
        commands.composite.op_usm_r.map(|usm| Adjustment::Unsharp(usm, RadiusUnit::View)),
    ];
    list.into_iter().flatten().collect()
}

fn view(kind: Kind, commands: &Commands, attributes: &Attributes, thumbs: ThumbStyle) -> View {
    let thumbnail = kind == Kind::Tmb;
    let frame = if thumbnail {
        Frame::Thumbnail { size: attributes.default_thumb_pix, style: thumbs }
    } else {
        Frame::Image(attributes.default_pix)
    };
    let thumb_align =
        Align { horizontal: position(attributes.thumb_horiz_align), vertical: position(attributes.thumb_vert_align) };
    View {
        region: commands.request.rgn,
        frame,
        width: commands.request.wid.map(|side| side.0),
        height: commands.request.hei.map(|side| side.0),
        fit: commands.request.fit.unwrap_or(Fit::DEFAULT),
        scl: commands.request.scl.map(|factor| factor.0),
        align: commands.request.align.unwrap_or(if thumbnail { thumb_align } else { Align::CENTER }),
        tile: commands.request.rect,
        dpr: commands.request.dpr.map(|dpr| dpr.0.0),
        max: SizeCap { size: attributes.max_pix, exceeded: "is larger than MaxPix of this catalog" },
        // The attribute holds only numbers of filters that exist.
        filter: commands
            .request
            .res_mode
            .or_else(|| filter_of_res_mode(attributes.res_mode.0))
            .unwrap_or(Filter::Sharp2),
        linear: commands.request.linear.map_or(attributes.linear_light, |flag| flag.0),
    }
}

const fn position(third: Third) -> Decimal {
    Decimal::from_int(match third {
        Third::Start => -1,
        Third::Middle => 0,
        Third::End => 1,
    })
}

fn output(kind: Kind, commands: &Commands, attributes: &Attributes, source: &Object) -> Output {
    let fmt = commands.request.fmt.unwrap_or(FileFormat::DEFAULT);
    let mask = kind == Kind::Mask;
    let background = if kind == Kind::Tmb { attributes.thumb_bkg_color } else { attributes.bkg_color };
    let jpeg = fmt.format.is_jpeg();
    let keep = commands.request.keep_metadata.unwrap_or(attributes.keep_metadata);
    let own_dpi = source.record.as_ref().and_then(|record| record.print_resolution);
    Output {
        format: fmt.format,
        compression: compression(fmt, attributes.png_compression),
        pixels: fmt.pixels(mask),
        mask,
        background: commands.request.bgc.unwrap_or(background),
        quantize: commands.request.quantize.clone().unwrap_or_default(),
        qlt: commands.request.qlt.unwrap_or(attributes.jpeg_quality),
        max_bytes: commands.request.jpeg_size.filter(|size| jpeg && size.0 > 0).map(|size| u64::from(size.0) * 1024),
        scans: commands.request.pscan.filter(|_| fmt.format == OutputFormat::ProgressiveJpeg).and_then(|scans| scans.0),
        dpi: commands.request.print_res.map_or_else(|| own_dpi.unwrap_or(attributes.print_resolution).0, |dpi| dpi.0),
        keep: fmt.format.keeping(keep, commands.request.xmp_embed.map(|flag| flag.0)),
        profile: fmt.format.holds_profile() && commands.request.icc_embed.is_some_and(|embed| embed.0),
    }
}

/// What is said of the format, or else what the catalog says of PNG.
fn compression(fmt: FileFormat, of_png: PngCompression) -> Option<Compression> {
    let is_png = matches!(fmt.format, OutputFormat::Png | OutputFormat::PngAlpha);
    fmt.compression.or_else(|| (is_png && of_png == PngCompression::Zip).then_some(Compression::Zip))
}
