//! A GIF in several ways: see `framed.rs`; and what the `gif` crate makes of its first frame.

use gif::{ColorOutput, DecodeOptions};

use super::framed;

pub(super) fn run(input: &[u8]) {
    if input.get(4..7) != Some(b"GIF") {
        return;
    }
    let Some((bytes, [width, height], planes)) = framed::run(input) else { return };
    let Some((at, size, pixels)) = decoded(bytes, u64::from(width * height)) else { return };
    let area = (width * height) as usize;
    for (i, pixel) in pixels.as_chunks::<4>().0.iter().enumerate() {
        let (x, y) = (at[0] + i % size[0], at[1] + i / size[0]);
        let place = y * width as usize + x;
        // The crate leaves out colours that the palette does not have.
        if pixel[3] == 255 {
            let ours: Vec<u8> = planes.chunks_exact(area).map(|plane| plane[place]).collect();
            assert_eq!(ours[..3], pixel[..3], "{x},{y}");
            assert_eq!(ours.get(3).unwrap_or(&255), &255, "{x},{y}");
        }
    }
}

/// Where the first frame is, its size and its pixels; `None` if the crate refuses it.
fn decoded(bytes: &[u8], most: u64) -> Option<([usize; 2], [usize; 2], Vec<u8>)> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).ok()?;
    let frame = decoder.next_frame_info().ok()??;
    let (at, size) = ([frame.left, frame.top].map(usize::from), [frame.width, frame.height].map(usize::from));
    if (size[0] * size[1]) as u64 > most {
        return None;
    }
    let mut pixels = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut pixels).ok()?;
    Some((at, size, pixels))
}
