//! Keys that requests are signed with, from a file that may change while the server runs.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use platemark::{Engine, SigningKey};

/// The longest file of keys that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// A file of keys: one in each line, empty lines and lines that begin with `#` aside.
pub(crate) struct KeyFile {
    path: PathBuf,
    /// What was read last, whether it could be used or not.
    seen: String,
}

impl KeyFile {
    /// Reads the file for the first time.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<SigningKey>), String> {
        let seen = read(path)?;
        let keys = keys(path, &seen)?;
        Ok((Self { path: path.to_owned(), seen }, keys))
    }

    /// Gives the engine the keys of the file, if it has changed. One that cannot be used leaves the former keys in use.
    pub(crate) fn keep_up(&mut self, engine: &Engine) {
        let read = match read(&self.path) {
            Ok(text) if text == self.seen => return,
            Ok(text) => {
                self.seen = text;
                keys(&self.path, &self.seen)
            }
            Err(error) => Err(error),
        };
        let about = |error: platemark::Error| format!("{}: {error}", self.path.display());
        match read.and_then(|keys| engine.set_signing_keys(keys).map_err(about)) {
            Ok(()) => tracing::info!("{}: signing keys read again", self.path.display()),
            Err(error) => tracing::warn!("{error}; the former signing keys stay in use"),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let about = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(|error| about(&error))?;
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| about(&error))?;
    if text.len() as u64 > LONGEST { Err(about(&"is longer than 65536 bytes")) } else { Ok(text) }
}

fn keys(path: &Path, text: &str) -> Result<Vec<SigningKey>, String> {
    let lines = text.lines().map(str::trim).enumerate();
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).peekable();
    if lines.peek().is_none() {
        return Err(format!("{}: has no key; 1 to 8 are needed", path.display()));
    }
    let key = |(number, line): (usize, &str)| {
        line.parse().map_err(|error| format!("{}:{}: {error}", path.display(), number + 1))
    };
    lines.map(key).collect()
}
