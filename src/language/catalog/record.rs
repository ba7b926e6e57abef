//! Records of image data files (`catalog.md` §7.1).

use crate::base::geom::{MAX_SIDE, Size};
use crate::base::num::decimal::Decimal;
use crate::language::request::whole;

use super::attributes::{CatalogValue, Dpi, Hours, Positive, ThumbType, Touches};
use super::data_table::{FromRow, Malformed, Row, columns};
use super::time_stamp::TimeStamp;

/// One image of a catalog. What is `None` is the attribute's of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Record {
    pub(crate) id: String,
    /// Source file; empty for templates.
    pub(crate) path: String,
    /// File of the mask; empty if there is none.
    pub(crate) mask_path: String,
    /// Commands that precede those of a request.
    pub(crate) modifier: String,
    /// Commands that follow those of a request.
    pub(crate) post_modifier: String,
    /// Origin and centre of rotation, in pixels from the top left of the whole image; `None`: its centre.
    pub(crate) anchor: Option<(i32, i32)>,
    /// Size of the whole image as the operator declares it; `None`: the file's.
    pub(crate) size: Option<Size>,
    pub(crate) resolution: Option<Positive>,
    pub(crate) print_resolution: Option<Dpi>,
    pub(crate) thumb_type: Option<ThumbType>,
    pub(crate) thumb_res: Option<Positive>,
    /// Lifetime of replies.
    pub(crate) expiration: Option<Hours>,
    pub(crate) time_stamp: Stamp,
    /// `AREA` elements, front to back.
    pub(crate) map: String,
    pub(crate) targets: PropertyText,
    pub(crate) user_data: PropertyText,
    /// Brackets in it are balanced.
    pub(crate) image_set: String,
    pub(crate) asset_type: Option<AssetType>,
    pub(crate) user_type: String,
    /// Name of a profile map; empty: embedded or the attribute's.
    pub(crate) icc_profile: String,
    /// Type, flags and two values of an invisible watermark; read, and not used.
    pub(crate) digimarc_info: Option<[i32; 4]>,
}

/// When an entry was last changed, as its record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stamp {
    /// The attribute's.
    #[default]
    Absent,
    /// Ignored: the time of the attribute file.
    Malformed,
    At(TimeStamp),
}

/// A text that may hold properties (`catalog.md` §5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PropertyText {
    pub(crate) text: String,
    /// It stood in quotation marks as a whole: `??` in it is text, not a line end.
    pub(crate) quoted: bool,
}

/// What kind of set a record stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssetType {
    MediaSet,
    SpinSet,
    SpinSet2d,
    VideoSet,
    ImageSet,
    ECatalog,
}

columns! {
    Id, Path, MaskPath, Modifier, PostModifier, Anchor, Size, Resolution, PrintResolution, ThumbType, ThumbRes,
    Expiration, TimeStamp, Map, Targets, UserData, ImageSet, AssetType, UserType, IccProfile, DigimarcInfo,
}

impl FromRow for Record {
    const COLUMNS: &'static [&'static str] = COLUMNS;

    fn from_row(row: &Row<'_>) -> Result<Self, Malformed> {
        let text = |column: Column| row.text(column as usize).into_owned();
        let image_set = text(Column::ImageSet);
        check_brackets(&image_set).map_err(|what| Malformed(Column::ImageSet as usize, what))?;
        Ok(Self {
            id: id(row)?,
            path: text(Column::Path),
            mask_path: text(Column::MaskPath),
            modifier: text(Column::Modifier),
            post_modifier: text(Column::PostModifier),
            anchor: field(row, Column::Anchor as usize, "needs two whole numbers", |text| {
                ints(text).map(|[x, y]| Some((x, y)))
            })?,
            size: field(row, Column::Size as usize, SIZE, size)?,
            resolution: field(row, Column::Resolution as usize, "needs a number greater than 0", positive)?,
            print_resolution: field(
                row,
                Column::PrintResolution as usize,
                "needs a whole number from 1 to 65535",
                dpi,
            )?,
            thumb_type: field(row, Column::ThumbType as usize, "needs 1, 2 or 3", |text| {
                if whole(text)? == 0 { Some(None) } else { ThumbType::read(text).map(Some) }
            })?,
            thumb_res: field(row, Column::ThumbRes as usize, "needs a number greater than 0", positive)?,
            expiration: field(row, Column::Expiration as usize, "is not a number", hours)?,
            time_stamp: stamp(&row.text(Column::TimeStamp as usize)),
            map: text(Column::Map),
            targets: property_text(row, Column::Targets as usize),
            user_data: property_text(row, Column::UserData as usize),
            image_set,
            asset_type: field(row, Column::AssetType as usize, "is not a known type", |text| {
                AssetType::read(text).map(Some)
            })?,
            user_type: text(Column::UserType),
            icc_profile: text(Column::IccProfile),
            digimarc_info: field(row, Column::DigimarcInfo as usize, "needs four whole numbers", |text| {
                ints(text).map(Some)
            })?,
        })
    }

    fn unreachable(id: &str) -> Option<&'static str> {
        unreachable(id)
    }

    fn commands(&self) -> [(&'static str, &str); 2] {
        [("Modifier", &self.modifier), ("PostModifier", &self.post_modifier)]
    }
}

impl Record {
    /// Every field: name, versions it is part of, canonical value; those of the attribute are empty.
    ///
    /// Modifier and PostModifier are not among them: they count in the form that the resolver gives them.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&'static str, Touches, &str)) {
        // Naming every field makes the compiler ask about a new one.
        let Self {
            id,
            path,
            mask_path,
            modifier: _,
            post_modifier: _,
            anchor,
            size,
            resolution,
            print_resolution,
            thumb_type,
            thumb_res,
            expiration,
            time_stamp,
            map,
            targets,
            user_data,
            image_set,
            asset_type,
            user_type,
            icc_profile,
            digimarc_info,
        } = self;
        use Touches::{Image, ImageAndMetadata, Metadata, Nothing};
        visit("Id", Nothing, id);
        visit("Path", Nothing, path);
        visit("MaskPath", Nothing, mask_path);
        visit("Anchor", ImageAndMetadata, &anchor.map(|(x, y)| format!("{x},{y}")).unwrap_or_default());
        visit("Size", ImageAndMetadata, &size_text(*size));
        visit("Resolution", ImageAndMetadata, &canonical(resolution));
        visit("PrintResolution", Image, &canonical(print_resolution));
        visit("ThumbType", ImageAndMetadata, &canonical(thumb_type));
        visit("ThumbRes", ImageAndMetadata, &canonical(thumb_res));
        visit("Expiration", Nothing, &canonical(expiration));
        visit("TimeStamp", Nothing, &time_stamp.text());
        visit("Map", Metadata, map);
        targets.each("Targets", "Targets quoted", visit);
        user_data.each("UserData", "UserData quoted", visit);
        visit("ImageSet", Metadata, image_set);
        visit("AssetType", Metadata, asset_type.map_or("", AssetType::name));
        visit("UserType", Metadata, user_type);
        visit("IccProfile", Image, icc_profile);
        let digimarc = digimarc_info.map(|numbers| numbers.map(|number| number.to_string()).join(","));
        visit("DigimarcInfo", Image, &digimarc.unwrap_or_default());
    }
}

impl AssetType {
    const ALL: [Self; 6] =
        [Self::MediaSet, Self::SpinSet, Self::SpinSet2d, Self::VideoSet, Self::ImageSet, Self::ECatalog];

    /// As it is written in catalogs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MediaSet => "MEDIASET",
            Self::SpinSet => "SPINSET",
            Self::SpinSet2d => "SPINSET2D",
            Self::VideoSet => "VIDEOSET",
            Self::ImageSet => "IMAGESET",
            Self::ECatalog => "ECATALOG",
        }
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text))
    }
}

impl PropertyText {
    pub(super) fn each(
        &self,
        name: &'static str,
        quoted: &'static str,
        visit: &mut dyn FnMut(&'static str, Touches, &str),
    ) {
        visit(name, Touches::Metadata, &self.text);
        visit(quoted, Touches::Metadata, if self.quoted { "1" } else { "" });
    }
}

impl Stamp {
    pub(super) fn text(self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Malformed => "malformed".to_owned(),
            Self::At(stamp) => stamp.millis().to_string(),
        }
    }
}

fn canonical<T: CatalogValue>(value: &Option<T>) -> String {
    value.as_ref().map(CatalogValue::canonical).unwrap_or_default()
}

pub(super) fn size_text(size: Option<Size>) -> String {
    size.map(|Size { width, height }| format!("{width},{height}")).unwrap_or_default()
}

pub(super) const SIZE: &str = "needs two whole numbers from 1 to 16777216";

/// A key: the row has one.
pub(super) fn id(row: &Row<'_>) -> Result<String, Malformed> {
    let id = row.text(0);
    if id.contains(',') { Err(Malformed(0, "has a comma")) } else { Ok(id.into_owned()) }
}

/// Why no request finds a record of that id (`layers.md` §0, correction 19).
pub(super) fn unreachable(id: &str) -> Option<&'static str> {
    id.contains('?').then_some("has a question mark, which no request can name")
}

/// The value of a field; `None` where it is empty or says that it is not given.
pub(super) fn field<T>(
    row: &Row<'_>,
    column: usize,
    what: &'static str,
    read: impl Fn(&str) -> Option<Option<T>>,
) -> Result<Option<T>, Malformed> {
    let text = row.text(column);
    if text.trim_matches(' ').is_empty() {
        return Ok(None);
    }
    read(&text).ok_or(Malformed(column, what))
}

pub(super) fn property_text(row: &Row<'_>, column: usize) -> PropertyText {
    let field = row.field(column);
    PropertyText { text: field.text().into_owned(), quoted: field.quoted && !field.is_empty() }
}

pub(super) fn stamp(text: &str) -> Stamp {
    match TimeStamp::parse(text) {
        Some(stamp) => Stamp::At(stamp),
        None if text.trim_matches(' ').is_empty() => Stamp::Absent,
        None => Stamp::Malformed,
    }
}

/// Negative lifetimes other than −1 count as not given (`catalog.md` §9).
pub(super) fn hours(text: &str) -> Option<Option<Hours>> {
    Decimal::parse_with_exponent(text).map(Hours::new)
}

/// Both sides 0: not given.
pub(super) fn size(text: &str) -> Option<Option<Size>> {
    let [width, height] = ints(text)?;
    if (width, height) == (0, 0) {
        return Some(None);
    }
    let side = |side| u32::try_from(side).ok().filter(|side| (1..=MAX_SIDE).contains(side));
    Some(Some(Size { width: side(width)?, height: side(height)? }))
}

/// 0: not given.
fn positive(text: &str) -> Option<Option<Positive>> {
    match Decimal::parse_with_exponent(text)?.billionths() {
        0 => Some(None),
        _ => Positive::read(text).map(Some),
    }
}

/// 0: not given.
fn dpi(text: &str) -> Option<Option<Dpi>> {
    if whole(text)? == 0 { Some(None) } else { Dpi::read(text).map(Some) }
}

fn ints<const N: usize>(text: &str) -> Option<[i32; N]> {
    text.split(',').map(whole).collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// Brackets of a set nest and match (`catalog.md` §7.4).
fn check_brackets(text: &str) -> Result<(), &'static str> {
    let mut open = Vec::new();
    for byte in text.bytes() {
        match byte {
            b'{' => open.push(b'}'),
            b'(' => open.push(b')'),
            b'}' | b')' if open.pop() != Some(byte) => return Err("has brackets that do not match"),
            _ => {}
        }
    }
    if open.is_empty() { Ok(()) } else { Err("has a bracket that is never closed") }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
