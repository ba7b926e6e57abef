//! Records of static content (`catalog.md` §7.2): what `/is/content` delivers as it is.

use crate::base::geom::Size;
use crate::language::request::whole;

use super::attributes::{CatalogValue, Hours, Touches};
use super::data_table::{FromRow, Malformed, Row, columns};
use super::record::{PropertyText, SIZE, Stamp, field, hours, id, property_text, size, size_text, stamp, unreachable};

/// One file of static content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StaticRecord {
    pub(crate) id: String,
    /// The file, below the catalog's `StaticContentRootPath` unless absolute.
    pub(crate) path: String,
    /// Lifetime of replies; `None`: the attribute's.
    pub(crate) expiration: Option<Hours>,
    pub(crate) time_stamp: Stamp,
    /// What `type=` is compared with, in its case.
    pub(crate) user_type: String,
    pub(crate) user_data: PropertyText,
    /// Bits per second, as the other rates.
    pub(crate) video_bit_rate: Option<u32>,
    pub(crate) audio_bit_rate: Option<u32>,
    pub(crate) total_stream_bit_rate: Option<u32>,
    /// Pixels of a video.
    pub(crate) video_size: Option<Size>,
}

columns! {
    Id, Path, Expiration, TimeStamp, UserType, UserData, VideoBitRate, AudioBitRate, TotalStreamBitRate, VideoSize,
}

impl FromRow for StaticRecord {
    const COLUMNS: &'static [&'static str] = COLUMNS;

    fn from_row(row: &Row<'_>) -> Result<Self, Malformed> {
        let rate = |column: Column| {
            field(row, column as usize, "needs a whole number, 0 or more", |text| {
                whole(text).and_then(|rate| u32::try_from(rate).ok()).map(|rate| (rate > 0).then_some(rate))
            })
        };
        Ok(Self {
            id: id(row)?,
            path: row.text(Column::Path as usize).into_owned(),
            expiration: field(row, Column::Expiration as usize, "is not a number", hours)?,
            time_stamp: stamp(&row.text(Column::TimeStamp as usize)),
            user_type: row.text(Column::UserType as usize).into_owned(),
            user_data: property_text(row, Column::UserData as usize),
            video_bit_rate: rate(Column::VideoBitRate)?,
            audio_bit_rate: rate(Column::AudioBitRate)?,
            total_stream_bit_rate: rate(Column::TotalStreamBitRate)?,
            video_size: field(row, Column::VideoSize as usize, SIZE, size)?,
        })
    }

    fn unreachable(id: &str) -> Option<&'static str> {
        unreachable(id)
    }
}

impl StaticRecord {
    /// Every field: name, versions it is part of, canonical value; what is not given is empty. What is said about a
    /// video reaches no reply that has a version.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "static content has no version yet; the list keeps its fields reviewed")
    )]
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&'static str, Touches, &str)) {
        // Naming every field makes the compiler ask about a new one.
        let Self {
            id,
            path,
            expiration,
            time_stamp,
            user_type,
            user_data,
            video_bit_rate,
            audio_bit_rate,
            total_stream_bit_rate,
            video_size,
        } = self;
        let rate = |rate: &Option<u32>| rate.map(|rate| rate.to_string()).unwrap_or_default();
        visit("Id", Touches::Nothing, id);
        visit("Path", Touches::Nothing, path);
        visit("Expiration", Touches::Nothing, &expiration.map(|hours| hours.canonical()).unwrap_or_default());
        visit("TimeStamp", Touches::Nothing, &time_stamp.text());
        visit("UserType", Touches::Metadata, user_type);
        user_data.each("UserData", "UserData quoted", visit);
        visit("VideoBitRate", Touches::Nothing, &rate(video_bit_rate));
        visit("AudioBitRate", Touches::Nothing, &rate(audio_bit_rate));
        visit("TotalStreamBitRate", Touches::Nothing, &rate(total_stream_bit_rate));
        visit("VideoSize", Touches::Nothing, &size_text(*video_size));
    }
}
