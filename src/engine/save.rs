//! `req=saveToFile`: a picture written below the catalog's `SavePath`, if the host allows it (`protocol.md` §5.1).

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::scene::OutputFormat;

use super::inflight::InFlight;
use super::state::Engine;

/// How long a picture may take that is to be saved, unless `timeout=` says otherwise (`catalog.md` §11.8).
const TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes that are written at a time.
const PIECE: usize = 1 << 20;

/// Where a picture goes, and until when.
#[derive(Debug, Clone)]
pub(super) struct SaveTarget {
    /// The folder that the file may not leave.
    root: PathBuf,
    file: PathBuf,
    deadline: SystemTime,
    /// It replaces a file that is there.
    overwrites: bool,
}

impl InFlight {
    /// The target of this request.
    ///
    /// # Errors
    ///
    /// The host or the catalog does not allow saving, or the name or timeout is malformed.
    pub(super) fn save_target(&self) -> Result<SaveTarget> {
        let refused = |what| Error::request("req", what);
        let root =
            self.engine.inner.switches.save_root.as_ref().ok_or_else(|| refused("saveToFile is switched off"))?;
        let folder = &self.call.main.attributes.save_path.0;
        if folder.is_empty() {
            return Err(refused("saveToFile is switched off for this catalog"));
        }
        let name = self.call.value("name")?.unwrap_or_default();
        let is_plain =
            |part: &str| !part.is_empty() && !part.bytes().all(|c| c == b'.') && !part.contains(['\\', '\0']);
        if !name.split('/').all(is_plain) || Path::new(&name).is_absolute() {
            return Err(Error::request("name", "needs a path below SavePath"));
        }
        if !name.split('/').all(is_harmless) {
            return Err(Error::request("name", "has a part or a character that names of files should not have"));
        }
        let timeout = match self.call.value("timeout")? {
            Some(text) => {
                let milliseconds = crate::language::request::whole(&text).and_then(|value| u64::try_from(value).ok());
                Duration::from_millis(
                    milliseconds.ok_or_else(|| Error::request("timeout", "needs a number of milliseconds"))?,
                )
            }
            None => TIMEOUT,
        };
        let root = root.join(folder);
        let overwrites = self.engine.inner.switches.save_overwrite;
        Ok(SaveTarget { file: root.join(name), root, deadline: (self.engine.inner.clock)() + timeout, overwrites })
    }
}

/// An element of a path is no hidden file, no stream or drive of Windows, means the same on every system, and shows as it
/// is: no control character, and none that turns or hides the text.
fn is_harmless(part: &str) -> bool {
    let misleads = |c: char| {
        c.is_control()
            || c == ':'
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !part.starts_with(['.', ' ']) && !part.ends_with(['.', ' ']) && !part.contains(misleads)
}

/// Creates a file that its owner may write and all may read, as far as the umask permits.
fn created(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)
}

impl SaveTarget {
    /// Checks that the name says what the file is.
    ///
    /// # Errors
    ///
    /// It has not the suffix of the format.
    pub(super) fn check_suffix(&self, format: OutputFormat) -> Result<()> {
        let (suffixes, what): (&[&str], _) = match format {
            OutputFormat::Jpeg | OutputFormat::ProgressiveJpeg => (&["jpg", "jpeg"], "needs the suffix .jpg or .jpeg"),
            OutputFormat::Png | OutputFormat::PngAlpha | OutputFormat::Png8 | OutputFormat::Png8Alpha => {
                (&["png"], "needs the suffix .png")
            }
            OutputFormat::WebP | OutputFormat::WebPAlpha => (&["webp"], "needs the suffix .webp"),
            OutputFormat::Avif | OutputFormat::AvifAlpha => (&["avif"], "needs the suffix .avif"),
            OutputFormat::Gif | OutputFormat::GifAlpha => (&["gif"], "needs the suffix .gif"),
            OutputFormat::Tif | OutputFormat::TifAlpha => (&["tif", "tiff"], "needs the suffix .tif or .tiff"),
        };
        let own = self.file.extension().unwrap_or_default();
        let fits = suffixes.iter().any(|suffix| own.eq_ignore_ascii_case(suffix));
        if fits { Ok(()) } else { Err(Error::request("name", what)) }
    }

    /// Writes the file in one step: no reader sees half of it. Returns the time of the write in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// It took too long, the work is to be given up, the folder does not exist or lies elsewhere, there is a file of that
    /// name that may not be replaced, or the system refuses. Then there is no new file.
    pub(super) fn write(&self, engine: &Engine, bytes: &[u8], cancel: Cancel<'_>) -> Result<u64> {
        let in_time = || {
            let now = (engine.inner.clock)();
            let late = || Error::new(ErrorKind::Limit, "was exceeded before the picture was saved").at("timeout");
            if now > self.deadline { Err(late()) } else { Ok(now) }
        };
        let now = in_time()?;
        let refused = |error: std::io::Error| {
            let detail = format!("{}: {error}", self.file.display());
            Error::new(ErrorKind::Missing, "cannot be written there").at("name").with_detail(&detail)
        };
        let folder = self.file.parent().unwrap_or(&self.root).canonicalize().map_err(refused)?;
        if !folder.starts_with(self.root.canonicalize().map_err(refused)?) {
            return Err(Error::request("name", "needs a path below SavePath"));
        }
        let name = self.file.file_name().unwrap_or_default();
        let stamp = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let serial = engine.inner.serial.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let unfinished = format!(".{}-{}-{serial}.part", std::process::id(), stamp.as_nanos());
        let (unfinished, finished) = (folder.join(unfinished), folder.join(name));
        // If the name of the unfinished file is taken, that file is another process's: it stays.
        let mut file = created(&unfinished).map_err(refused)?;
        let mut write = || -> Result<()> {
            for piece in bytes.chunks(PIECE) {
                cancel.check()?;
                in_time()?;
                file.write_all(piece).map_err(refused)?;
            }
            file.sync_all().map_err(refused)?;
            self.publish(&unfinished, &finished).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    Error::request("name", "is the name of a file that is there already")
                }
                _ => refused(error),
            })
        };
        write().inspect_err(|_| {
            // No reader can use what is left of it.
            let _ = std::fs::remove_file(&unfinished);
        })?;
        Ok(u64::try_from(stamp.as_millis()).unwrap_or(u64::MAX))
    }

    /// Gives a finished file its name.
    fn publish(&self, unfinished: &Path, finished: &Path) -> std::io::Result<()> {
        if self.overwrites {
            return std::fs::rename(unfinished, finished);
        }
        // A link fails if there is a file of that name, of any kind; a rename would replace it.
        match std::fs::hard_link(unfinished, finished) {
            Ok(()) => {
                let _ = std::fs::remove_file(unfinished);
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(error),
            Err(_) => {
                // The file system has no such links. The empty file keeps the name for the one that replaces it.
                created(finished)?;
                std::fs::rename(unfinished, finished).inspect_err(|_| _ = std::fs::remove_file(finished))
            }
        }
    }
}
