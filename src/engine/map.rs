//! Image maps (stub until the reply room has them).

use crate::error::Result;
use crate::reply::Style;

use super::reply::Reply;
use super::serve::Asked;

impl Asked {
    pub(super) fn composite_map(&self) -> Result<Reply> {
        Err(crate::error::Error::request("req", "soon"))
    }
}

pub(super) fn body(text: &str, _style: &Style) -> Vec<u8> {
    text.as_bytes().to_vec()
}
