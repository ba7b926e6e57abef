//! The request language: text in, typed commands out (`protocol.md` §1, §2).
//!
//! [`RawRequest`] splits and decodes the text, [`Commands`] types it. What is constructed is legal: nothing
//! downstream checks a range again. Values from catalogs arrive as arguments; nothing here knows a catalog.

#[cfg(test)]
mod canonical_tests;
mod color;
mod command;
mod format;
mod known;
mod layer;
mod lock;
mod misspelt;
mod nested;
mod operation;
mod output;
mod quantize;
mod raw;
mod req;
mod text;
mod unsupported;
mod value;
mod variable;
mod view;

pub(crate) use color::parse_color;
pub(crate) use command::{Commands, CompositeCommands, LayerCommands, RequestCommands};
pub(crate) use known::{is_known, unknown_commands, why_unknown};
pub(crate) use layer::{BoxSize, FillColor, Rotation};
pub(crate) use lock::{UNLOCKED, sealed, unlocked, without_lock};
pub(crate) use misspelt::misspelt;
pub(crate) use operation::{Balance, Hue, Percent, Radius};
pub(crate) use output::{
    Cache, Icc, IccEmbed, JpegSize, NamedProfile, PrintRes, Scans, ServerCache, check_handler, filter_of_res_mode,
};
pub(crate) use raw::{Modifier, ObjectPath, RawRequest, RootContext, parse_modifiers, without_command};
pub(crate) use req::{Kind, LifetimeRule, ReplyFormat, Req, TextEncoding, VersionOf};
pub(crate) use text::{ObjectName, escaped};
pub(crate) use value::{Factor, Flag, Side, Value, flag, whole};
pub(crate) use variable::{Variables, refers};
pub(crate) use view::Dpr;
