//! Photoshop's image resources: names of paths, and the metadata of the IPTC.

/// Resources that hold a path each.
const PATHS: std::ops::RangeInclusive<u16> = 2000..=2997;
/// The resource that holds the records of the IPTC.
const IPTC: u16 = 0x0404;

/// The names of the paths, in the order of the file, as far as the resources are sound.
pub(in crate::imaging::codec) fn path_names(resources: &[u8]) -> Vec<String> {
    let paths = all(resources).filter(|resource| PATHS.contains(&resource.number));
    paths.map(|resource| text(resource.name)).collect()
}

/// The records of the IPTC.
pub(in crate::imaging::codec) fn iptc(resources: &[u8]) -> Option<&[u8]> {
    all(resources).find(|resource| resource.number == IPTC).map(|resource| resource.data)
}

struct Resource<'a> {
    number: u16,
    name: &'a [u8],
    data: &'a [u8],
}

/// All resources, as far as they are sound.
///
/// A resource is `8BIM`, a 16-bit number, a name with its length before it, a 32-bit length and so much data; name and
/// data are padded to an even length.
fn all(resources: &[u8]) -> impl Iterator<Item = Resource<'_>> {
    let mut rest = resources;
    std::iter::from_fn(move || {
        let (resource, after) = next(rest)?;
        rest = after;
        Some(resource)
    })
}

/// The first resource, and what follows it.
fn next(bytes: &[u8]) -> Option<(Resource<'_>, &[u8])> {
    let bytes = bytes.strip_prefix(b"8BIM")?;
    let number = u16::from_be_bytes(*bytes.first_chunk::<2>()?);
    let len = usize::from(*bytes.get(2)?);
    let name = bytes.get(3..3 + len)?;
    // The length byte counts: 3 characters fill two pairs, 4 need a byte of padding.
    let bytes = bytes.get(3 + len + (len + 1) % 2..)?;
    let size = usize::try_from(u32::from_be_bytes(*bytes.first_chunk::<4>()?)).ok()?;
    let data = bytes.get(4..)?;
    // The last resource may lack its padding.
    let after = data.get(size.checked_add(size % 2)?..).unwrap_or(&[]);
    Some((Resource { number, name, data: data.get(..size)? }, after))
}

/// Old names are in the encoding of the computer that they were given on; only ASCII is the same in all.
fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
