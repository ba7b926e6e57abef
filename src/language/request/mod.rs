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
mod raw;
mod req;
mod text;
mod unsupported;
mod value;
mod variable;
mod view;

pub(crate) use color::parse_color;
pub(crate) use command::{Commands, RequestCommands};
pub(crate) use format::Fmt;
pub(crate) use known::{is_known, unknown_commands, why_unknown};
pub(crate) use layer::BoxSize;
pub(crate) use lock::{UNLOCKED, sealed, unlocked, without_lock};
pub(crate) use misspelt::misspelt;
pub(crate) use output::{Cache, ServerCache, check_handler, filter_of_res_mode};
pub(crate) use raw::{Modifier, ObjectPath, RawRequest, RootContext, parse_modifiers, without_command};
pub(crate) use req::{Kind, LifetimeRule, ReplyFormat, Req, TextEncoding, VersionOf};
pub(crate) use text::escaped;
pub(crate) use value::{Value, flag, whole};
pub(crate) use variable::{Variables, refers};
