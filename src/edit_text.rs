//! Edits as text: the commands of a request that are about the picture.

use std::fmt;
use std::str::FromStr;

use crate::base::error::{Error, ErrorKind, Result};
use crate::language::request::{
    Balance, BoxSize, Commands, CompositeCommands, Dpr, Factor, FillColor, Flag, Hue, Icc as IccCommand, IccEmbed,
    JpegSize, LayerCommands, Modifier, NamedProfile, ObjectName, Percent, PrintRes, Radius, RequestCommands, Rotation,
    Scans, Side, escaped, is_known, parse_modifiers, why_unknown,
};
use crate::picture::{Edit, Icc, Named, Slots};

/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Commands of requests that name objects, layers or texts, or are about the reply and not about the picture. In lower
/// case.
const OTHERS: [&str; 22] = [
    "cache",
    "defaultimage",
    "effect",
    "exp",
    "handler",
    "id",
    "imageset",
    "kid",
    "labelkey",
    "layer",
    "locale",
    "map",
    "mapa",
    "mask",
    "message",
    "name",
    "req",
    "sig",
    "src",
    "template",
    "timeout",
    "type",
];

const NOT_OF_EDITS: &str = "is not a command of an edit";

impl FromStr for Edit {
    type Err = Error;

    /// Reads the commands of view, source, operations and output of a request, such as `wid=400&op_usm=1,8`, as they stand
    /// behind its question mark.
    ///
    /// ```
    /// use platemark::Edit;
    ///
    /// let edit: Edit = "wid=400&fit=fit,1&qlt=90".parse()?;
    /// assert_eq!(edit, Edit::new().width(400).enlarge(true).quality(90));
    /// let error = "wid=400&src=other".parse::<Edit>().unwrap_err();
    /// assert_eq!(error.to_string(), "src: is not a command of an edit");
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value is malformed or out of range; or a command is not known, not supported yet, or not one of an edit: `src`,
    /// `mask`, `layer`, `template`, `req`, `id`, variables and macros (`$…`) and the like. The error names the command.
    fn from_str(text: &str) -> Result<Self> {
        if text.len() > MAX_TEXT {
            return Err(Error::new(ErrorKind::Limit, "is longer than 65536 bytes").at("edit"));
        }
        let modifiers = parse_modifiers(text)?;
        modifiers.iter().try_for_each(check)?;
        let edit = Self::of(slots_of(&Commands::parse(&modifiers)?)?);
        // Commands that contradict each other are refused where they are read.
        edit.scene()?;
        Ok(edit)
    }
}

/// Checks that a modifier is a command that edits have.
fn check(modifier: &Modifier) -> Result<()> {
    let refused = |name: &str| Err(Error::request(name, NOT_OF_EDITS));
    match modifier {
        Modifier::Command { name, .. } if OTHERS.contains(&name.as_str()) => refused(name),
        Modifier::Command { name, .. } if !is_known(name) => Err(Error::request(name, why_unknown(name))),
        Modifier::Command { .. } => Ok(()),
        Modifier::Nested { name, .. } => refused(name),
        Modifier::Macro(name) => refused(&format!("${name}$")),
        Modifier::Variable { name, .. } => refused(&format!("${name}")),
    }
}

impl fmt::Display for Edit {
    /// The commands in a fixed order, each value in one spelling. A wrong value stands last, as it was given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = commands_of(self.slots()).canonical();
        f.write_str(&text)?;
        match self.wrong() {
            Some(wrong) => {
                let separator = if text.is_empty() { "" } else { "&" };
                write!(f, "{separator}{}={}", wrong.command, escaped(&wrong.value))
            }
            None => Ok(()),
        }
    }
}

/// What an edit says. All commands are named here, so that a new one is not forgotten.
///
/// # Errors
///
/// The edit names a profile of a catalog.
fn slots_of(commands: &Commands) -> Result<Slots> {
    let RequestCommands {
        wid,
        hei,
        fit,
        scl,
        rgn,
        rect,
        align,
        dpr,
        bgc,
        fmt,
        qlt,
        jpeg_size,
        pscan,
        print_res,
        xmp_embed,
        keep_metadata,
        res_mode,
        linear,
        icc_embed,
        ref icc,
        ref quantize,
        req: _,
        template: _,
        default_image: _,
        locale: _,
        message: _,
        name: _,
        timeout: _,
        id: _,
        cache: _,
    } = commands.request;
    let LayerCommands {
        mask_use,
        crop,
        size,
        scale,
        res,
        rotate,
        extend,
        color,
        bg_color,
        anchor,
        origin,
        pos,
        src: _,
        mask: _,
        map: _,
        map_a: _,
        // Behind `layer=` alone.
        flip: _,
    } = commands.layer;
    let CompositeCommands {
        flip,
        op_blur,
        op_brightness,
        op_contrast,
        op_color_balance,
        op_hue,
        op_saturation,
        op_colorize,
        op_invert,
        op_noise,
        op_sharpen,
        op_usm,
        op_usm_r,
    } = commands.composite;
    Ok(Slots {
        width: wid.map(|side| side.0),
        height: hei.map(|side| side.0),
        fit,
        scl: scl.map(|factor| factor.0),
        region: rgn,
        tile: rect,
        align,
        dpr: dpr.map(|dpr| dpr.0.0),
        background: bgc,
        format: fmt,
        qlt,
        jpeg_size: jpeg_size.map(|size| size.0),
        scans: pscan.map(|scans| scans.0),
        quantize: quantize.clone(),
        dpi: print_res.map(|dpi| dpi.0),
        xmp: xmp_embed.map(|flag| flag.0),
        keep: keep_metadata,
        icc: icc.as_ref().and_then(|icc| icc.0.as_ref()).map(icc_of).transpose()?,
        icc_embed: icc_embed.map(|embed| embed.0),
        filter: res_mode,
        linear: linear.map(|flag| flag.0),
        mask_use,
        crop,
        size: size.map(|BoxSize { width, height }| [width, height]),
        scale: scale.map(|factor| factor.0),
        res: res.map(|factor| factor.0),
        rotate: rotate.map(|rotation| rotation.0),
        extend,
        color: color.map(|fill| fill.0),
        bg_color: bg_color.map(|fill| fill.0),
        anchor,
        origin,
        position: pos,
        flip,
        blur: op_blur.map(|radius| radius.0),
        brightness: op_brightness.map(|percent| percent.0),
        contrast: op_contrast.map(|percent| percent.0),
        color_balance: op_color_balance.map(|balance| balance.0),
        hue: op_hue.map(|hue| hue.0),
        saturation: op_saturation.map(|percent| percent.0),
        colorize: op_colorize,
        invert: op_invert.map(|flag| flag.0),
        noise: op_noise,
        sharpen: op_sharpen.map(|flag| flag.0),
        usm: op_usm,
        view_usm: op_usm_r,
    })
}

/// Profiles that an edit may name: they need no catalog.
const PROFILES: [(&str, Named); 4] =
    [("sRGB", Named::Srgb), ("sRGB IEC61966-2.1", Named::Srgb), ("Gray22", Named::Gray22), ("source", Named::Source)];

fn icc_of(icc: &NamedProfile) -> Result<Icc> {
    // Nothing is dithered, so that is no part of an edit.
    let NamedProfile { object, intent, black_point, dither: _ } = icc;
    let named = PROFILES.iter().find(|(name, _)| *name == object.0);
    let (_, space) =
        named.ok_or_else(|| Error::request("icc", "needs sRGB, Gray22 or source: an edit has no catalog"))?;
    Ok(Icc { space: *space, intent: *intent, black_point: *black_point })
}

/// A profile that is given as bytes has no name that reads back.
fn named_profile(icc: &Icc) -> NamedProfile {
    let named = PROFILES.iter().find(|(_, space)| *space == icc.space);
    let name = named.map_or("custom", |(name, _)| name);
    let (intent, black_point) = (icc.intent, icc.black_point);
    NamedProfile { object: ObjectName(name.to_owned()), intent, black_point, dither: None }
}

/// The other way round.
fn commands_of(slots: &Slots) -> Commands {
    let request = RequestCommands {
        wid: slots.width.map(Side),
        hei: slots.height.map(Side),
        fit: slots.fit,
        scl: slots.scl.map(Factor),
        rgn: slots.region,
        rect: slots.tile,
        align: slots.align,
        dpr: slots.dpr.map(|dpr| Dpr(Factor(dpr))),
        bgc: slots.background,
        fmt: slots.format,
        qlt: slots.qlt,
        jpeg_size: slots.jpeg_size.map(JpegSize),
        pscan: slots.scans.map(Scans),
        quantize: slots.quantize.clone(),
        print_res: slots.dpi.map(PrintRes),
        xmp_embed: slots.xmp.map(Flag),
        keep_metadata: slots.keep,
        icc: slots.icc.as_ref().map(|icc| IccCommand(Some(named_profile(icc)))),
        icc_embed: slots.icc_embed.map(IccEmbed),
        res_mode: slots.filter,
        linear: slots.linear.map(Flag),
        ..RequestCommands::default()
    };
    let layer = LayerCommands {
        mask_use: slots.mask_use,
        crop: slots.crop,
        size: slots.size.map(|[width, height]| BoxSize { width, height }),
        scale: slots.scale.map(Factor),
        res: slots.res.map(Factor),
        rotate: slots.rotate.map(Rotation),
        extend: slots.extend,
        color: slots.color.map(FillColor),
        bg_color: slots.bg_color.map(FillColor),
        anchor: slots.anchor,
        origin: slots.origin,
        pos: slots.position,
        ..LayerCommands::default()
    };
    let composite = CompositeCommands {
        flip: slots.flip,
        op_blur: slots.blur.map(Radius),
        op_brightness: slots.brightness.map(Percent),
        op_contrast: slots.contrast.map(Percent),
        op_color_balance: slots.color_balance.map(Balance),
        op_hue: slots.hue.map(Hue),
        op_saturation: slots.saturation.map(Percent),
        op_colorize: slots.colorize,
        op_invert: slots.invert.map(Flag),
        op_noise: slots.noise,
        op_sharpen: slots.sharpen.map(Flag),
        op_usm: slots.usm,
        op_usm_r: slots.view_usm,
    };
    Commands { request, layer, composite }
}
