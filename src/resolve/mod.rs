//! From a request and the catalogs to what is in effect (`protocol.md` §1.7).
//!
//! [`resolve`] merges the record's Modifier with the request, fills in the catalog's defaults and yields an
//! immutable [`Resolved`]. Its [closure](Resolved::closure) is everything outside the URL and the source file that
//! the reply depends on.

mod closure;
mod defaults;

use crate::catalog::{Attributes, Catalogs, Object};
use crate::color::Ink;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Filter;
use crate::request::{
    Commands, Fmt, Kind, OutputFormat, PixelType, Qlt, RawRequest, Req, filter_of_res_mode, parse_modifiers,
};

pub(crate) use defaults::{ThumbStyle, ViewDefaults};

/// A request with everything that decides its reply, except the source itself.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) req: Req,
    pub(crate) object: Object,
    /// The commands in effect: the request's over those of the record's Modifier.
    pub(crate) commands: Commands,
    /// The record's Modifier in canonical form.
    pub(crate) modifier: String,
    /// The request's own commands in canonical form, for the picture it describes: `req=props` asks about the picture
    /// that `req=img` delivers, so both have one form.
    pub(crate) canonical: String,
    pub(crate) output: Output,
    pub(crate) view: ViewDefaults,
}

/// How the reply is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Output {
    pub(crate) format: OutputFormat,
    pub(crate) pixels: PixelType,
    pub(crate) qlt: Qlt,
    pub(crate) filter: Filter,
    /// Background of what the picture does not cover; alpha formats leave that transparent.
    pub(crate) background: Ink,
    /// Print resolution in dots per inch.
    pub(crate) dpi: u16,
}

/// Resolves a request.
///
/// # Errors
///
/// A command, in the request or in the record's Modifier, is malformed or not allowed where it stands; or the path
/// names no object.
pub(crate) fn resolve(request: &RawRequest, catalogs: &Catalogs) -> Result<Resolved> {
    let own = Commands::parse(&request.modifiers)?;
    let object = catalogs
        .path_object(&request.object, None)?
        .ok_or_else(|| Error::new(ErrorKind::Request, "names no image").at("path"))?;
    let prefix = modifier(&object)?;
    let modifier = prefix.canonical();
    let picture = Commands { req: own.req.filter(|req| req.kind == Kind::Tmb), ..own.clone() };
    let canonical = picture.canonical();
    let commands = own.over(prefix);
    let req = commands.req.unwrap_or(Req::IMG);
    if !matches!(req.kind, Kind::Img | Kind::Tmb | Kind::Props) {
        return Err(Error::request("req", "this request type is not supported yet"));
    }
    check(req.kind, &commands)?;
    let output = output(req.kind, &commands, &object.main.attributes);
    let view = ViewDefaults::of(&object.main.attributes);
    Ok(Resolved { req, object, commands, modifier, canonical, output, view })
}

/// The commands of the record's Modifier. What is asked for and how it is echoed is the request's own affair.
fn modifier(object: &Object) -> Result<Commands> {
    let Some(record) = &object.record else {
        return Ok(Commands::default());
    };
    let commands = parse_modifiers(&record.modifier).and_then(|modifiers| Commands::parse(&modifiers));
    let commands = commands.map_err(|error| {
        Error::new(ErrorKind::Catalog, "the record's Modifier cannot be used").at(&object.name).with_detail(&error)
    })?;
    Ok(Commands { req: None, id: None, handler: None, ..commands })
}

/// Rules that concern several commands (`protocol.md` §10).
fn check(req: Kind, commands: &Commands) -> Result<()> {
    match (req, commands.fit) {
        (Kind::Tmb, Some(_)) => Err(Error::request("fit", "cannot be used with req=tmb")),
        (_, Some(_)) if commands.wid.is_none() && commands.hei.is_none() => {
            Err(Error::request("fit", "needs wid or hei"))
        }
        _ => Ok(()),
    }
}

fn output(req: Kind, commands: &Commands, attributes: &Attributes) -> Output {
    let fmt = commands.fmt.unwrap_or(Fmt { format: OutputFormat::Jpeg, pixels: None });
    let background = if req == Kind::Tmb { attributes.thumb_bkg_color } else { attributes.bkg_color };
    Output {
        format: fmt.format,
        pixels: fmt.pixels.unwrap_or(PixelType::Rgb),
        qlt: commands.qlt.unwrap_or(attributes.jpeg_quality),
        // The attribute holds only numbers of filters that exist.
        filter: commands.res_mode.or_else(|| filter_of_res_mode(attributes.res_mode.0)).unwrap_or(Filter::Sharp2),
        background: commands.bgc.unwrap_or(background),
        dpi: attributes.print_resolution.0,
    }
}
