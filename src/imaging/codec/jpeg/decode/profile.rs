//! The colour profile in the segments of a JPEG file (ICC.1:2022, annex B.4).

use crate::imaging::codec::metadata::icc::MAX_PROFILE;

use super::marker::segments;

/// What such a segment begins with.
const NAME: &[u8] = b"ICC_PROFILE\0";

/// The parts of the profile, one after the other. `None`: there is no profile, a part is missing or there twice, or the whole
/// is longer than [`MAX_PROFILE`].
///
/// Each part states its number, from 1, and how many there are; they come in any order.
pub(in super::super) fn parts(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts: Vec<Option<&[u8]>> = Vec::new();
    for (_, payload) in segments(bytes).filter(|(marker, _)| *marker == 0xe2) {
        let Some([number, count, part @ ..]) = payload.strip_prefix(NAME) else { continue };
        if parts.is_empty() {
            parts.resize(usize::from(*count), None);
        }
        let place = parts.get_mut(usize::from(*number).checked_sub(1)?)?;
        if place.replace(part).is_some() || parts.len() != usize::from(*count) {
            return None;
        }
    }
    let parts: Vec<&[u8]> = parts.into_iter().collect::<Option<_>>()?;
    let length: usize = parts.iter().map(|part| part.len()).sum();
    (1..=MAX_PROFILE).contains(&length).then_some(parts)
}

/// The profile, if it has at most `limit` bytes.
pub(in super::super) fn read(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    parts(bytes).map(|parts| parts.concat()).filter(|profile| profile.len() <= limit)
}

#[cfg(test)]
mod tests {
    use super::super::read_header;
    use super::*;
    use crate::base::digest::Digest;
    use crate::imaging::codec::{read_metadata, read_profile};
    use crate::imaging::pixel::space::{Curve, Primaries, Space, Stated};

    fn segment(marker: u8, payload: &[&[u8]]) -> Vec<u8> {
        let payload = payload.concat();
        [&[0xff, marker], &(payload.len() as u16 + 2).to_be_bytes()[..], &payload].concat()
    }

    fn part(number: u8, count: u8, bytes: &[u8]) -> Vec<u8> {
        segment(0xe2, &[NAME, &[number, count], bytes])
    }

    /// A header that states this number of components, behind these segments.
    fn file(segments: &[Vec<u8>], components: u8) -> Vec<u8> {
        let specs: Vec<u8> = (1..=components).flat_map(|id| [id, 0x11, 0]).collect();
        let frame = segment(0xc0, &[&[8, 0, 20, 0, 30, components], &specs]);
        [vec![0xff, 0xd8], segments.concat(), frame, segment(0xda, &[&[1, 1, 0, 0, 63, 0]])].concat()
    }

    /// The colour space; the profile that it means, if any, is the one that other readers find.
    fn space(segments: &[Vec<u8>], components: u8) -> Space {
        let file = file(segments, components);
        let space = read_header(&file).unwrap().space;
        let profile = read_profile(&file, usize::MAX);
        assert_eq!(
            profile.as_deref().map(Digest::of),
            if let Space::Icc(digest) = space { Some(digest) } else { None }
        );
        assert_eq!(read_metadata(&file, 16 << 20).icc.is_some(), profile.is_some());
        space
    }

    #[test]
    fn parts_come_in_any_order() {
        let is_whole = Space::Icc(Digest::of(b"a profile"));
        for components in [1, 3, 4] {
            assert_eq!(space(&[part(1, 1, b"a profile")], components), is_whole);
            let parts = [part(3, 3, b"file"), part(1, 3, b"a"), part(2, 3, b" pro")];
            assert_eq!(space(&parts, components), is_whole);
        }
        // Segments of other programs may stand among them.
        let others = [segment(0xe2, &[b"MPF\0"]), segment(0xe2, &[NAME]), segment(0xe1, &[NAME, &[1, 1], b"x"])];
        assert_eq!(space(&[&others[..], &[part(1, 1, b"a profile")], &others].concat(), 3), is_whole);
        assert_eq!(space(&[], 3), Space::Unsaid);
    }

    #[test]
    fn what_is_not_complete_counts_as_absent() {
        for parts in [
            vec![part(1, 2, b"a")],
            vec![part(2, 2, b"a")],
            vec![part(1, 2, b"a"), part(1, 2, b"b")],
            vec![part(1, 2, b"a"), part(2, 2, b"b"), part(2, 2, b"b")],
            vec![part(1, 2, b"a"), part(2, 3, b"b")],
            vec![part(1, 1, b"a"), part(2, 1, b"b")],
            vec![part(0, 1, b"a")],
            vec![part(1, 0, b"a")],
            vec![part(1, 1, b"")],
        ] {
            assert_eq!(space(&parts, 3), Space::Unsaid, "{parts:?}");
        }
    }

    #[test]
    fn profiles_have_a_longest() {
        const LEN: usize = 1 << 15;
        let count = (MAX_PROFILE / LEN) as u8;
        let mut parts: Vec<_> = (1..=count).map(|number| part(number, count, &[number; LEN])).collect();
        let bytes = file(&parts, 3);
        let profile = read_profile(&bytes, MAX_PROFILE).unwrap();
        assert_eq!(read_header(&bytes).unwrap().space, Space::Icc(Digest::of(&profile)));
        assert_eq!((profile.len(), profile[LEN]), (MAX_PROFILE, 2));
        assert_eq!(read_profile(&bytes, MAX_PROFILE - 1), None);
        parts[7] = part(8, count, &[0; LEN + 1]);
        assert_eq!(space(&parts, 3), Space::Unsaid);
    }

    #[test]
    fn cameras_name_a_space_that_a_profile_overrules() {
        // Big endian: directories of one entry, of two, and of one.
        let exif = |color_space: &[u8; 2], index: &[u8]| {
            segment(
                0xe1,
                &[
                    b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0",
                    b"\0\x02\xa0\x01\0\x03\0\0\0\x01",
                    color_space,
                    b"\0\0\xa0\x05\0\x04\0\0\0\x01\0\0\0\x38\0\0\0\0",
                    b"\0\x01\0\x01\0\x02\0\0\0\x04",
                    index,
                    b"\0\0\0\0",
                ],
            )
        };
        let (srgb, adobe) = (exif(&[0, 1], b"R98\0"), exif(&[0xff, 0xff], b"R03\0"));
        let is_adobe = Space::Stated(Stated { primaries: Primaries::ADOBE, curve: Curve::Power(219_922) });
        for components in [1, 3] {
            assert_eq!(space(std::slice::from_ref(&srgb), components), Space::Srgb);
            assert_eq!(space(std::slice::from_ref(&adobe), components), is_adobe);
            assert_eq!(space(&[exif(&[0xff, 0xff], b"THM\0")], components), Space::Unsaid);
            let with_profile = [srgb.clone(), part(1, 1, b"a profile")];
            assert_eq!(space(&with_profile, components), Space::Icc(Digest::of(b"a profile")));
            assert_eq!(space(&[adobe.clone(), part(1, 2, b"a profile")], components), is_adobe);
        }
        // Inks lie in neither.
        assert_eq!(space(&[srgb], 4), Space::Unsaid);
    }
}
