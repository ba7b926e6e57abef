//! Draws the demo catalog's pictures: `cargo run --release --example make_assets [-- DIR]`.
//!
//! Every picture is computed from nothing, the same on every machine. Without DIR they go to `assets/demo/pictures`.
//! With numbers of megapixels after it, DIR gets the harbour at these sizes instead, baseline and progressive, to measure
//! with: `make_assets -- DIR 18 50`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

mod formats;
mod harbour;
mod paint;
mod signs;
mod still;
mod tif;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use paint::{byte, render};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let default = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/pictures"));
    let mut args = std::env::args_os().skip(1);
    let folder = args.next().map_or_else(default, PathBuf::from);
    let sizes: Option<Vec<u32>> = args.map(|size| size.to_str()?.parse().ok()).collect();
    let drawn = match sizes {
        None => Err("sizes are whole numbers of megapixels".into()),
        Some(sizes) if sizes.is_empty() => draw_all(&folder),
        Some(sizes) => sizes.into_iter().try_for_each(|megapixels| draw_photograph(&folder, megapixels)),
    };
    match drawn {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("make_assets: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn draw_all(folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let write = |name: &str, bytes: Vec<u8>| -> Outcome<()> {
        println!("{name}: {} bytes", bytes.len());
        Ok(std::fs::write(folder.join(name), bytes)?)
    };
    write("harbour.jpg", harbour_jpg()?)?;
    write("lighthouse.jpg", lighthouse_jpg()?)?;
    write("pebbles.jpg", pebbles_jpg()?)?;
    write("ring.png", ring_png()?)?;
    write("chart.png", chart_png()?)?;
    write("poster.jpg", poster_jpg()?)?;
    write("signals.png", signals_png()?)?;
    write("arch.png", gray_png(1500, 2000, signs::arch)?)?;
    write("lighthouse.tif", tif::tif(120, 160, &bytes_of(&render(120, 160, still::lighthouse)))?)?;
    write("missing.png", gray_png(640, 480, signs::missing)?)?;
    let small = bytes_of(&render(360, 120, signs::signals));
    write("signals.gif", formats::gif(360, 120, &small)?)?;
    write("ring.webp", formats::webp(200, 200, &ring_pixels(200))?)?;
    write("arch.bmp", formats::bmp(150, 200, &bytes_of(&render(150, 200, signs::arch))))
}

fn bytes_of<const N: usize>(pixels: &[[f64; N]]) -> Vec<u8> {
    pixels.iter().flat_map(|pixel| pixel.map(byte)).collect()
}

/// 13 megapixels, baseline with halved chroma, as cameras write them.
fn harbour_jpg() -> Outcome<Vec<u8>> {
    let (width, height) = (4800u16, 2700u16);
    photograph(width, height, &harbour_pixels(width, height), false)
}

fn harbour_pixels(width: u16, height: u16) -> Vec<u8> {
    bytes_of(&render(usize::from(width), usize::from(height), harbour::paint))
}

fn photograph(width: u16, height: u16, pixels: &[u8], progressive: bool) -> Outcome<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.set_progressive(progressive);
    encoder.encode(pixels, width, height, ColorType::Rgb)?;
    Ok(file)
}

/// The harbour at another size, of 16 : 9.
fn draw_photograph(folder: &Path, megapixels: u32) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let height = (f64::from(megapixels) * 1e6 * 9.0 / 16.0).sqrt();
    let (width, height) = ((height * 16.0 / 9.0) as u32, height as u32);
    let (width, height) = (u16::try_from(width)?, u16::try_from(height)?);
    let pixels = harbour_pixels(width, height);
    for (kind, progressive) in [("baseline", false), ("progressive", true)] {
        let file = photograph(width, height, &pixels, progressive)?;
        std::fs::write(folder.join(format!("harbour-{width}x{height}-{kind}-420.jpg")), file)?;
    }
    Ok(())
}

/// What is known of the lighthouse, in the form that photographers' programs write.
const LIGHTHOUSE_XMP: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" dc:format="image/jpeg">
      <dc:title>
        <rdf:Alt>
          <rdf:li xml:lang="x-default">Lighthouse</rdf:li>
          <rdf:li xml:lang="de">Leuchtturm</rdf:li>
        </rdf:Alt>
      </dc:title>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"#;

/// A portrait that lies on its side in the file, with the EXIF tag that says so, and an XMP packet that does too.
fn lighthouse_jpg() -> Outcome<Vec<u8>> {
    let (width, height) = (1500usize, 2000usize);
    let upright = render(width, height, still::lighthouse);
    // Orientation 6: the picture is to be turned clockwise, so what is stored was turned the other way.
    let stored: Vec<[f64; 3]> = (0..width)
        .flat_map(|row| (0..height).map(move |column| (row, column)))
        .map(|(row, column)| upright[column * width + width - 1 - row])
        .collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.add_exif_metadata(&orientation_exif(6))?;
    encoder.add_app_segment(1, [b"http://ns.adobe.com/xap/1.0/\0", LIGHTHOUSE_XMP.as_bytes()].concat())?;
    encoder.encode(&bytes_of(&stored), height as u16, width as u16, ColorType::Rgb)?;
    Ok(file)
}

/// EXIF metadata with nothing but an orientation: a TIFF header and a directory of one entry.
fn orientation_exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff
}

/// Gray and progressive.
fn pebbles_jpg() -> Outcome<Vec<u8>> {
    let (width, height) = (1600u16, 1200u16);
    let pixels = bytes_of(&render(usize::from(width), usize::from(height), still::pebbles));
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&pixels, width, height, ColorType::Luma)?;
    Ok(file)
}

/// With transparency.
fn ring_png() -> Outcome<Vec<u8>> {
    let side = 1000u32;
    png_file(side, side, png::ColorType::Rgba, &ring_pixels(side as usize), None)
}

/// RGB and alpha.
fn ring_pixels(side: usize) -> Vec<u8> {
    // Colours are weighed by alpha at the edges, where samples of a pixel differ in it.
    let weighed = render(side, side, |x, y| {
        let [r, g, b, a] = still::ring(x, y);
        [r * a, g * a, b * a, a]
    });
    weighed
        .iter()
        .flat_map(|&[r, g, b, a]| {
            let divide = |color: f64| if a > 0.0 { byte(color / a) } else { 0 };
            [divide(r), divide(g), divide(b), byte(a)]
        })
        .collect()
}

/// With a palette.
fn chart_png() -> Outcome<Vec<u8>> {
    let (width, height) = (1400u32, 1000u32);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| still::chart((f64::from(x) + 0.5) / f64::from(height), (f64::from(y) + 0.5) / f64::from(height)))
        .collect();
    png_file(width, height, png::ColorType::Indexed, &pixels, Some(still::chart_palette()))
}

/// Three flags in one picture; the catalog cuts them out.
fn signals_png() -> Outcome<Vec<u8>> {
    let (width, height) = (1200u32, 400u32);
    let pixels = bytes_of(&render(width as usize, height as usize, signs::signals));
    png_file(width, height, png::ColorType::Rgb, &pixels, None)
}

fn gray_png(width: u32, height: u32, paint: fn(f64, f64) -> [f64; 1]) -> Outcome<Vec<u8>> {
    let pixels = bytes_of(&render(width as usize, height as usize, paint));
    png_file(width, height, png::ColorType::Grayscale, &pixels, None)
}

fn png_file(
    width: u32,
    height: u32,
    color: png::ColorType,
    pixels: &[u8],
    palette: Option<Vec<u8>>,
) -> Outcome<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_compression(png::Compression::High);
    if let Some(palette) = palette {
        encoder.set_palette(palette);
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

/// In four inks.
fn poster_jpg() -> Outcome<Vec<u8>> {
    let (width, height) = (900u16, 1200u16);
    let pixels = bytes_of(&render(usize::from(width), usize::from(height), still::poster));
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 82);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.encode(&pixels, width, height, ColorType::CmykAsYcck)?;
    Ok(file)
}
