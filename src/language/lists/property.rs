//! Property lists: named values, in order.

use std::borrow::Cow;
use std::fmt;

/// Named values, in order. A name is `object.property`, where the object's name may hold dots itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Properties(Vec<(Cow<'static, str>, String)>);

impl Properties {
    pub(crate) fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> &mut Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// A list of one property.
    pub(crate) fn one(name: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Self {
        Self(vec![(name.into(), value.to_string())])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }
}
