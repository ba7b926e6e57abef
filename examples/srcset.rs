//! The pictures of a static site: `srcset FOLDER SITE` writes four sizes of each picture of a folder, and prints the `<img>`
//! that offers them to a browser.
//!
//! Names have the tag of the content in them, so the site's files may be kept for ever.
#![allow(clippy::print_stdout, reason = "a program")]

use std::error::Error;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use platemark::{Edit, Picture};

const WIDTHS: [u32; 4] = [400, 800, 1200, 1600];

/// What an address in HTML cannot say for itself.
const SPECIAL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, site] = &arguments[..] else { return Err("usage: srcset FOLDER SITE".into()) };
    let files: Result<Vec<_>, _> = std::fs::read_dir(folder)?.map(|file| file.map(|file| file.path())).collect();
    let mut files = files?;
    files.sort();
    for file in files {
        println!("{}", img(&file, site)?);
    }
    Ok(())
}

/// Writes the sizes of a picture into the site's folder, and offers them.
fn img(file: &Path, site: &Path) -> Result<String, Box<dyn Error>> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut srcset = Vec::new();
    let mut largest = (0, 0, String::new());
    // One decode for all. Nothing is enlarged, so a small picture has fewer sizes than there are widths.
    for made in Picture::open(file)?.render_all(&WIDTHS.map(|width| Edit::new().width(width))) {
        let made = made?;
        if made.width == largest.0 {
            continue;
        }
        let name = format!("{stem}-{}.jpg", made.etag.value);
        std::fs::write(site.join(&name), &made.bytes)?;
        let address = utf8_percent_encode(&name, SPECIAL).to_string();
        srcset.push(format!("{address} {}w", made.width));
        largest = (made.width, made.height, address);
    }
    let (width, height, address) = largest;
    let srcset = srcset.join(", ");
    Ok(format!(r#"<img src="{address}" srcset="{srcset}" sizes="100vw" width="{width}" height="{height}" alt="">"#))
}
