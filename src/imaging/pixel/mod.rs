//! Pixels as values: rasters, colours, parameters of operations, headers of files.

pub(crate) mod color;
pub(crate) mod header;
pub(crate) mod operation;
pub(crate) mod palette;
pub(crate) mod raster;
pub(crate) mod space;
