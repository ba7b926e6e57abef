//! Names of paths in Photoshop's image resources.

/// Resources that hold a path each.
const PATHS: std::ops::RangeInclusive<u16> = 2000..=2997;

/// The names of the paths, in the order of the file, as far as the resources are sound.
///
/// A resource is `8BIM`, a 16-bit number, a name with its length before it, a 32-bit length and so much data; name and
/// data are padded to an even length.
pub(in crate::imaging::codec) fn path_names(resources: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = resources;
    while let Some((number, name, after)) = next(rest) {
        if PATHS.contains(&number) {
            names.push(text(name));
        }
        rest = after;
    }
    names
}

/// Number and name of the first resource, and what follows it.
fn next(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let bytes = bytes.strip_prefix(b"8BIM")?;
    let number = u16::from_be_bytes(*bytes.first_chunk::<2>()?);
    let len = usize::from(*bytes.get(2)?);
    let name = bytes.get(3..3 + len)?;
    // The length byte counts: 3 characters fill two pairs, 4 need a byte of padding.
    let bytes = bytes.get(3 + len + (len + 1) % 2..)?;
    let size = usize::try_from(u32::from_be_bytes(*bytes.first_chunk::<4>()?)).ok()?;
    let data = bytes.get(4..)?;
    data.get(..size)?;
    // The last resource may lack its padding.
    let after = data.get(size + size % 2..).unwrap_or(&[]);
    Some((number, name, after))
}

/// Old names are in the encoding of the computer that they were given on; only ASCII is the same in all.
fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
