//! The request language: text in, typed commands out (`protocol.md` §1, §2).
//!
//! [`RawRequest`] splits and decodes the text, [`Commands`] types it. What is constructed is legal: nothing
//! downstream checks a range again. Values from catalogs arrive as arguments; nothing here knows a catalog.

mod canonical;
mod color;
mod command;
mod format;
mod later;
mod layer;
mod lock;
mod nested;
mod operation;
mod output;
mod raw;
mod real;
mod req;
mod text;
mod value;
mod variable;
mod view;

pub(crate) use color::parse_color;
pub(crate) use command::Commands;
pub(crate) use format::{Fmt, OutputFormat, PixelType};
pub(crate) use layer::{BoxSize, Extend, MaskUse};
pub(crate) use lock::{sealed, unlocked};
pub(crate) use operation::{Noise, Usm};
pub(crate) use output::{Cache, Handler, Qlt, ServerCache, filter_of_res_mode};
pub(crate) use raw::{Context, Modifier, ObjectPath, RawRequest, parse_modifiers, without_command};
pub(crate) use real::Real;
pub(crate) use req::{Kind, ReplyFormat, Req, TextEncoding};
pub(crate) use text::escaped;
pub(crate) use value::{Value, flag, whole};
pub(crate) use variable::{Variables, refers};
pub(crate) use view::{Align, Crop, FitMode, Flip};
