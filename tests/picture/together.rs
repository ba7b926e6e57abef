//! Several pictures of one source, for one decode of it.

use std::sync::Arc;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use platemark::internals::counted_work;
use platemark::{Edit, Picture, PixelLayout, Pixels};

use crate::equality::command;
use crate::picture;
use crate::sources::{all, gradient, oriented};
use crate::support::cases;
use crate::support::dice::Dice;

/// Noise on slopes, so that blocks differ in the number of their coefficients.
fn photograph(dice: &mut Dice, width: usize, height: usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let noise = if (x / 40 + y / 24) % 3 > 0 { dice.below(120) } else { 0 };
        let tone = 160 * x / width + noise;
        pixels.extend([tone, 300 - tone, 90 * y / height + noise].map(|sample| sample as u8));
    }
    pixels
}

/// A JPEG of 333×241 pixels: progressive, with sampling factors, and restart intervals of `interval` MCUs.
fn jpeg(progressive: bool, factors: SamplingFactor, interval: u16) -> Vec<u8> {
    let pixels = photograph(&mut Dice::new(77), 333, 241);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 98);
    encoder.set_sampling_factor(factors);
    encoder.set_progressive(progressive);
    if interval > 0 {
        encoder.set_restart_interval(interval);
    }
    encoder.encode(&pixels, 333, 241, ColorType::Rgb).unwrap();
    // Long enough that decoders remember something of it.
    assert!(file.len() > 1 << 15);
    file
}

fn pixels() -> Picture {
    let pixels = photograph(&mut Dice::new(78), 120, 90);
    Picture::from_pixels(Pixels::from_raw(pixels, 120, 90, 360, PixelLayout::Rgb).unwrap()).unwrap()
}

/// Pictures that nothing is known of: each call opens them anew.
fn sources() -> Vec<Box<dyn Fn() -> Picture>> {
    let mut files = all();
    for factors in [SamplingFactor::F_1_1, SamplingFactor::F_2_2, SamplingFactor::F_2_1, SamplingFactor::F_4_1] {
        files.extend([jpeg(false, factors, 0), jpeg(true, factors, 0), jpeg(false, factors, 7)]);
    }
    // Cut off, and with damage in the middle and near the end.
    for file in [jpeg(false, SamplingFactor::F_2_2, 0), jpeg(true, SamplingFactor::F_2_2, 0), gradient(90, 60)] {
        let len = file.len();
        files.push(file[..len / 2].to_vec());
        for place in [len / 2, len - len / 10] {
            let mut file = file.clone();
            file[place..place + 9].fill(0x55);
            files.push(file);
        }
    }
    files.push(oriented(7));
    let files = files.into_iter().map(|file| Box::new(move || picture(&file)) as Box<dyn Fn() -> Picture>);
    files.chain([Box::new(pixels) as Box<dyn Fn() -> Picture>]).collect()
}

#[test]
fn all_pictures_are_those_of_each_edit() {
    let sources = sources();
    #[expect(clippy::disallowed_methods, reason = "the host builds pools, and tests are the host")]
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    let (mut made, mut refused) = (0, 0);
    for case in 0..cases(3000, 150) {
        let mut dice = Dice::new(1000 + case);
        let open = &sources[case as usize % sources.len()];
        let mut edits: Vec<Edit> = Vec::new();
        while edits.len() < 2 + case as usize % 4 {
            let commands: Vec<String> = (0..=dice.below(3)).map(|_| command(&mut dice)).collect();
            edits.extend(commands.join("&").parse::<Edit>());
        }
        // One is asked for twice.
        edits.push(edits[dice.below(edits.len())].clone());
        let expected: Vec<_> = edits.iter().map(|edit| open().render(edit)).collect();
        let picture = open();
        for (time, picture) in [("first", &picture), ("second", &picture), ("pooled", &open().pool(Arc::clone(&pool)))]
        {
            let all = picture.render_all(&edits);
            assert_eq!(all.len(), edits.len());
            for ((all, expected), edit) in all.iter().zip(&expected).zip(&edits) {
                assert!(all == expected, "case {case}, {time}: {edit}: {:?}", all.as_ref().map(|made| made.width));
            }
        }
        made += expected.iter().filter(|made| made.is_ok()).count();
        refused += expected.iter().filter(|made| made.is_err()).count();
    }
    assert!(made > 2 * refused && refused > 20, "{made} {refused}");
}

/// What the threads of the tests count is counted for each alone.
fn work(kind: &str, work: impl FnOnce()) -> u64 {
    let _ = counted_work();
    work();
    counted_work().quantities.into_iter().find(|(name, _)| *name == kind).unwrap().1
}

#[test]
fn the_source_is_decoded_once() {
    let edits = |list: &[&str]| -> Vec<Edit> { list.iter().map(|edit| edit.parse().unwrap()).collect() };
    let widths = edits(&["wid=300", "wid=140", "wid=80", "wid=30", "crop=9,9,300,200&wid=290", "wid=300&op_usm=1,2"]);
    // 333×241 pixels with halved colours have 21×16 MCUs of 6 blocks.
    let blocks = 21 * 16 * 6;
    for (progressive, kind) in [(false, "JpegRead"), (true, "JpegGather")] {
        let file = jpeg(progressive, SamplingFactor::F_2_2, 0);
        let one = work(kind, || assert!(picture(&file).render(&widths[0]).is_ok()));
        let all = work(kind, || assert!(picture(&file).render_all(&widths).iter().all(Result::is_ok)));
        let each = work(kind, || widths.iter().for_each(|edit| assert!(picture(&file).render(edit).is_ok())));
        assert!(one >= blocks && each > 3 * one, "{one} {each}");
        assert!(all <= one, "{progressive}: {all} {one}");
    }
    let file = gradient(300, 200);
    let edits = edits(&["wid=100", "wid=30", "crop=5,5,50,50", "crop=100,50,200,150&wid=90"]);
    let one = work("PngByte", || assert!(picture(&file).render(&edits[0]).is_ok()));
    let all = work("PngByte", || assert!(picture(&file).render_all(&edits).iter().all(Result::is_ok)));
    assert_eq!((one, all), (300 * 200 * 3, one));
}
