//! `req=saveToFile`: a picture written below the catalog's `SavePath`, if the host allows it (`protocol.md` §5.1).

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::base::error::{Error, ErrorKind, Result};

use super::inflight::InFlight;
use super::state::Engine;

/// How long a picture may take that is to be saved, unless `timeout=` says otherwise (`catalog.md` §11.8).
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where a picture goes, and until when.
#[derive(Debug, Clone)]
pub(super) struct SaveTarget {
    /// The folder that the file may not leave.
    root: PathBuf,
    file: PathBuf,
    deadline: SystemTime,
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
        Ok(SaveTarget { file: root.join(name), root, deadline: (self.engine.inner.clock)() + timeout })
    }
}

impl SaveTarget {
    /// Writes the file in one step: nobody sees half of it. Returns the time of the write in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// It took too long, the folder does not exist or lies elsewhere, or the system refuses.
    pub(super) fn write(&self, engine: &Engine, bytes: &[u8]) -> Result<u64> {
        let now = (engine.inner.clock)();
        if now > self.deadline {
            return Err(Error::new(ErrorKind::Limit, "was exceeded before the picture was saved").at("timeout"));
        }
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
        let write = || -> std::io::Result<()> {
            let mut file = File::create_new(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, &finished)
        };
        write().map_err(|error| {
            // Whatever is left of it is of no use to anybody.
            let _ = std::fs::remove_file(&unfinished);
            refused(error)
        })?;
        Ok(u64::try_from(stamp.as_millis()).unwrap_or(u64::MAX))
    }
}
