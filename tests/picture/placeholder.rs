//! Placeholders, beside those of the program that defines them.

use platemark::{Edit, Filter, Fit, Format, Picture, PixelLayout, Pixels};

use crate::support::dice::Dice;
use crate::support::path;
use crate::{picture, sources};

/// The placeholder by the reference.
fn reference(picture: &Picture) -> Vec<u8> {
    let edit = Edit::new().fit(Fit::Inside, 100, 100).filter(Filter::Bilinear).format(Format::PngAlpha);
    let pixels = picture.pixels(&edit).unwrap();
    thumbhash::rgba_to_thumb_hash(pixels.width() as usize, pixels.height() as usize, pixels.bytes())
}

/// The numbers of a placeholder: those of its head, and the steps of each channel.
fn numbers(hash: &[u8]) -> (Vec<u32>, Vec<Vec<u32>>) {
    let three = u32::from(hash[0]) | u32::from(hash[1]) << 8 | u32::from(hash[2]) << 16;
    let two = u32::from(hash[3]) | u32::from(hash[4]) << 8;
    let (alpha, landscape) = (three >> 23 == 1, two >> 15);
    let mut head = vec![three & 63, three >> 6 & 63, three >> 12 & 63, three >> 18 & 31, two >> 3 & 63, two >> 9 & 63];
    let longer = if alpha { 5 } else { 7 };
    let shorter = two & 7;
    let (across, down) = if landscape == 1 { (longer, shorter) } else { (shorter, longer) };
    let count = |across: u32, down: u32| {
        (0..down).map(|y| (0..across).filter(|x| x * down < across * (down - y)).count()).sum::<usize>() - 1
    };
    let mut counts = vec![count(across.max(3), down.max(3)), 5, 5];
    let mut rest = &hash[5..];
    if alpha {
        head.extend([u32::from(rest[0] & 15), u32::from(rest[0] >> 4)]);
        rest = &rest[1..];
        counts.push(14);
    }
    assert_eq!(rest.len(), counts.iter().sum::<usize>().div_ceil(2));
    let mut all = rest.iter().flat_map(|byte| [u32::from(byte & 15), u32::from(byte >> 4)]);
    let steps = counts.into_iter().map(|count| all.by_ref().take(count).collect()).collect();
    head.extend([shorter, landscape, u32::from(alpha)]);
    (head, steps)
}

/// Fails if a number is more than one step away from that of the reference; tells whether all bytes are equal.
fn compare(picture: &Picture, name: &str) -> bool {
    let (ours, theirs) = (picture.placeholder().unwrap(), reference(picture));
    let ((head, steps), (their_head, their_steps)) = (numbers(&ours), numbers(&theirs));
    let near = |a: &[u32], b: &[u32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1);
    let fixed = head.len() - 3;
    assert!(near(&head[..fixed], &their_head[..fixed]) && head[fixed..] == their_head[fixed..], "{name}");
    let scales = [head[3], head[4], head[5], *head.get(7).unwrap_or(&0)];
    for (i, (steps, their_steps)) in steps.iter().zip(&their_steps).enumerate() {
        // Where the scale is 0 the steps are noise of the floats, and a decoder shows none of them.
        assert!(scales[i] == 0 || near(steps, their_steps), "{name}: {steps:?} {their_steps:?}");
    }
    ours == theirs
}

#[test]
fn placeholders_are_those_of_the_reference() {
    let mut equal = [0, 0];
    let mut count = |is_equal: bool| equal[usize::from(is_equal)] += 1;
    for name in ["harbour.jpg", "pebbles.jpg", "ring.png"] {
        count(compare(&Picture::open(path("assets/demo/pictures").join(name)).unwrap(), name));
    }
    for (i, file) in sources::all().into_iter().enumerate() {
        count(compare(&picture(&file), &format!("source {i}")));
    }
    let mut dice = Dice::new(31);
    for round in 0..200 {
        let (width, height) = (1 + dice.below(100) as u32, 1 + dice.below(100) as u32);
        let layout = [PixelLayout::Gray, PixelLayout::Rgb, PixelLayout::Rgba][round % 3];
        // Slopes with noise on them.
        let slopes: Vec<u32> = (0..2 * layout.bytes()).map(|_| dice.below(256) as u32).collect();
        let noise = 1 + dice.below(100) as u32;
        let mut bytes = vec![];
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            for slope in slopes.chunks(2) {
                let value = slope[0] * x / width + slope[1] * y / height + dice.below(noise as usize) as u32;
                bytes.push(value.min(255) as u8);
            }
        }
        let stride = width as usize * layout.bytes();
        let pixels = Pixels::from_raw(bytes, width, height, stride, layout).unwrap();
        count(compare(&Picture::from_pixels(pixels).unwrap(), &format!("{width}×{height} {layout:?}")));
    }
    assert!(equal[1] > 10 * equal[0], "{} differ of {}", equal[0], equal[0] + equal[1]);
}

/// A placeholder never changes on any CPU. If these do, the epoch of `resample` has to rise.
#[test]
fn placeholders_are_known() {
    let placeholder = |name: &str| {
        let picture = Picture::open(path("assets/demo/pictures").join(name)).unwrap();
        let placeholder = picture.placeholder().unwrap();
        assert_eq!(picture.placeholder().unwrap(), placeholder, "what decoders learn changes nothing");
        placeholder.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    assert_eq!(placeholder("harbour.jpg"), "d927061c846778887f78787189718963908806");
    assert_eq!(placeholder("ring.png"), "2169860500287ada9b7886b4f7fa1caccb9047078977749107");
}

#[test]
fn flat_pictures_have_no_contrast() {
    let flat = |pixel: &[u8], layout| {
        let pixels = Pixels::from_raw(pixel.repeat(37 * 11), 37, 11, 37 * pixel.len(), layout).unwrap();
        Picture::from_pixels(pixels).unwrap().placeholder().unwrap()
    };
    let (head, steps) = numbers(&flat(&[255, 255, 0], PixelLayout::Rgb));
    assert_eq!(head, [42, 63, 32, 0, 0, 0, 2, 1, 0]);
    assert!(steps.concat().iter().all(|step| *step == 0));
    let (head, steps) = numbers(&flat(&[9, 9, 9, 0], PixelLayout::Rgba));
    assert_eq!(head, [0, 32, 32, 0, 0, 0, 0, 0, 1, 1, 1], "what is transparent has no colour");
    assert!(steps.concat().iter().all(|step| *step == 0));
}

#[test]
fn a_damaged_file_has_no_placeholder() {
    let mut file = sources::gradient(90, 60);
    file.truncate(file.len() / 2);
    let broken = picture(&file);
    assert_eq!(broken.placeholder().unwrap_err(), broken.render(&Edit::new()).unwrap_err());
}
