//! The request language: text in, typed commands out (`protocol.md` §1, §2).
//!
//! [`RawRequest`] splits and decodes the text, [`Commands`] types it. What is constructed is legal: nothing
//! downstream checks a range again. Values from catalogs arrive as arguments; nothing here knows a catalog.

mod canonical;
mod color;
mod command;
mod later;
mod output;
mod raw;
mod real;
mod req;
mod value;
mod view;

pub(crate) use color::parse_color;
pub(crate) use command::Commands;
pub(crate) use output::{Fmt, OutputFormat, PixelType, Qlt, Usm, filter_of_res_mode};
pub(crate) use raw::{Modifier, ObjectPath, RawRequest, parse_modifiers};
pub(crate) use real::Real;
pub(crate) use req::{Kind, ReplyFormat, Req, TextEncoding};
pub(crate) use value::{Value, flag, whole};
pub(crate) use view::{Align, Crop, FitMode, Flip};
