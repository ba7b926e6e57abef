//! What `/proc/self/mountinfo` tells of a mount.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Bytes of the table that are read, at most: some 30,000 mounts.
const MOST: u64 = 4 << 20;

/// Layers of an overlay that are looked at, at most; the system allows 500.
const LAYERS: usize = 512;

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MountLine {
    pub(super) mount_point: PathBuf,
    /// The type as it was mounted, such as `fuse.bindfs`.
    pub(super) file_system: String,
    /// The folders that an overlay consists of, as far as the line names them by absolute paths. They are names at the
    /// time of the mount, seen by the process that made it.
    pub(super) layers: Vec<PathBuf>,
}

/// The line of a mount; `None` if this process does not see the mount or the table.
pub(super) fn line_of(number: u64) -> Option<MountLine> {
    let mut table = Vec::new();
    std::fs::File::open("/proc/self/mountinfo").ok()?.take(MOST).read_to_end(&mut table).ok()?;
    find(&table, number)
}

/// The format is in `proc_pid_mountinfo(5)`: number, parent, device, root, mount point, options, optional fields, `-`,
/// type, source, options of the file system.
fn find(table: &[u8], number: u64) -> Option<MountLine> {
    let number = number.to_string();
    let fields = |line: &'_ [u8]| line.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let starts = |line: &&[u8]| line.strip_prefix(number.as_bytes()).is_some_and(|rest| rest.starts_with(b" "));
    let line = fields(table.split(|byte| *byte == b'\n').find(starts)?);
    let dash = line.iter().position(|field| field == b"-")?;
    let [file_system, _, options] = line.get(dash + 1..)?.first_chunk()?;
    Some(MountLine {
        mount_point: path(unescaped(line.get(4)?)),
        file_system: String::from_utf8_lossy(&unescaped(file_system)).into_owned(),
        layers: if file_system == b"overlay" { layers(options) } else { vec![] },
    })
}

fn path(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

/// Replaces `\040` and the like, three octal digits each, by the byte that they stand for.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut rest = field;
    let mut bytes = Vec::with_capacity(field.len());
    while let [first, tail @ ..] = rest {
        let digits =
            tail.first_chunk::<3>().filter(|digits| *first == b'\\' && digits.iter().all(|d| (b'0'..b'8').contains(d)));
        let (byte, tail) = match digits {
            Some(digits) => {
                (digits.iter().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0')) as u8, &tail[3..])
            }
            None => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    bytes
}

/// The folders that the options of an overlay name. A colon or comma inside a name has a backslash before it.
fn layers(options: &[u8]) -> Vec<PathBuf> {
    let mut layers = vec![];
    for option in pieces(&unescaped(options), b',') {
        let Some(at) = option.iter().position(|byte| *byte == b'=') else { continue };
        if matches!(&option[..at], b"lowerdir" | b"lowerdir+" | b"datadir+" | b"upperdir") {
            let names = pieces(&option[at + 1..], b':').into_iter().map(|name| path(plain(&name)));
            layers.extend(names.filter(|name| name.is_absolute()).take(LAYERS - layers.len()));
        }
    }
    layers
}

/// The pieces between separators that no backslash precedes. Backslashes stay.
fn pieces(text: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let mut pieces = vec![vec![]];
    let mut escaped = false;
    for byte in text {
        if *byte == separator && !escaped {
            pieces.push(vec![]);
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(*byte);
        }
        escaped = *byte == b'\\' && !escaped;
    }
    pieces
}

/// Without the backslashes that escape.
fn plain(name: &[u8]) -> Vec<u8> {
    let mut escaped = false;
    let mut keeps = |byte: u8| {
        escaped = byte == b'\\' && !escaped;
        !escaped
    };
    name.iter().copied().filter(|byte| keeps(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = br"21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
121 21 0:44 / /srv/my\040pictures rw,nosuid shared:7 master:2 - fuse.bindfs /data rw,user_id=0
36 21 0:50 / /merged rw - overlay overlay rw,lowerdir=/a\134:b:rel:/c\040d,upperdir=/up,workdir=/work,xino=off
37 21 0:51 / /new ro - overlay overlay ro,lowerdir+=/one,lowerdir+=/two,datadir+=/data
12 21 8:2 / /broken rw - ext4
";

    #[test]
    fn lines_are_found_by_number() {
        let line = |number| find(TABLE, number).unwrap();
        assert_eq!((line(21).mount_point, line(21).file_system.as_str()), (PathBuf::from("/"), "ext4"));
        let bind = line(121);
        assert_eq!((bind.mount_point, bind.file_system.as_str()), ("/srv/my pictures".into(), "fuse.bindfs"));
        assert!(bind.layers.is_empty());
        for number in [1, 2, 3, 12, 213] {
            assert_eq!(find(TABLE, number), None, "{number}");
        }
    }

    #[test]
    fn overlays_name_their_layers() {
        let layers = |number| find(TABLE, number).unwrap().layers;
        assert_eq!(layers(36), ["/a:b", "/c d", "/up"].map(PathBuf::from));
        assert_eq!(layers(37), ["/one", "/two", "/data"].map(PathBuf::from));
    }

    #[test]
    fn escapes_are_octal_digits() {
        assert_eq!(unescaped(br"a\040b\134\011"), b"a b\\\t");
        assert_eq!(unescaped(br"\04\999\"), br"\04\999\");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_mount_of_an_open_file_is_in_the_table() {
        let file = std::fs::File::open("/proc/self/status").unwrap();
        let line = super::super::look::mount_number(&file).and_then(line_of).unwrap();
        assert_eq!((line.mount_point, line.file_system.as_str()), ("/proc".into(), "proc"));
    }
}
