//! A small picture of a large one: `thumbnail FILE WIDTH HEIGHT OUTPUT`. It fits into the box and is never enlarged.
//!
//! With commands in place of the box it makes anything: `thumbnail FILE 'wid=960&hei=420&fit=crop&op_usm=1,8' OUTPUT`.
#![allow(clippy::print_stdout, reason = "a program")]

use std::error::Error;

use platemark::{Edit, Picture, Rendition, thumbnail};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (made, output) = match arguments[..] {
        [file, width, height, output] => (boxed(file, width, height)?, output),
        [file, commands, output] => (edited(file, commands)?, output),
        _ => return Err("usage: thumbnail FILE WIDTH HEIGHT OUTPUT, or thumbnail FILE COMMANDS OUTPUT".into()),
    };
    std::fs::write(output, &made.bytes)?;
    println!("{} {}×{} {} bytes", made.content_type, made.width, made.height, made.bytes.len());
    println!("version {} etag {}", made.version, made.etag);
    Ok(())
}

/// From bytes, as an upload has them.
fn boxed(file: &str, width: &str, height: &str) -> Result<Rendition, Box<dyn Error>> {
    Ok(thumbnail(&std::fs::read(file)?, width.parse()?, height.parse()?)?)
}

/// From a file, which is mapped.
fn edited(file: &str, commands: &str) -> Result<Rendition, Box<dyn Error>> {
    let edit: Edit = commands.parse()?;
    Ok(Picture::open(file)?.render(&edit)?)
}
