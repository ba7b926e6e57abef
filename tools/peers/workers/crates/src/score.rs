//! SSIMULACRA2 of pairs of PNG files.

use std::io::BufRead;

use serde_json::{Value, json};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

use crate::Failure;

pub fn compare_lines() -> Result<(), Failure> {
    println!("{}", json!({ "version": "" }));
    for line in std::io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let answer = score(&line).map_or_else(|error| json!({ "error": error.to_string() }), |v| json!({ "score": v }));
        println!("{answer}");
    }
    Ok(())
}

fn score(line: &Value) -> Result<f64, Failure> {
    let frame = |key: &str| -> Result<Rgb, Failure> {
        let image = image::open(line[key].as_str().ok_or("no file")?)?.to_rgb8();
        let pixels = image.pixels().map(|pixel| pixel.0.map(|v| f32::from(v) / 255.0)).collect();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
        Rgb::new(pixels, width, height, transfer, primaries).map_err(|error| format!("{error:?}").into())
    };
    compute_frame_ssimulacra2(frame("reference")?, frame("picture")?).map_err(|error| format!("{error:?}").into())
}
