//! Work that no client waits for any more ends soon: every stage asks at every row or stride of samples.

use std::cell::Cell;

use platemark::{Context, Reply};

use super::{Engine, ErrorKind, World, jpeg, pixels, png};

/// Renders a request until it has been asked so often.
fn asked(engine: &Engine, request: &str, most: u64) -> (Reply, u64) {
    let asked = Cell::new(0);
    let prepared = engine.prepare(&format!("/is/image/{request}"), &Context::new());
    let reply = prepared.render_while(&|| asked.replace(asked.get() + 1) < most);
    (reply, asked.get())
}

const WIDTH: u32 = 900;
const HEIGHT: u32 = 600;
/// Samples of a plane are more than twice as many as a stage goes through between two questions.
const STRIDES: u64 = 3;

fn world() -> (World, Engine) {
    let world = World::new();
    world.write("large.jpg", jpeg(WIDTH as u16, HEIGHT as u16, &pixels(WIDTH, HEIGHT, 3, 8), None));
    world.write("large.png", png(WIDTH, HEIGHT, png::ColorType::Rgba, &pixels(WIDTH, HEIGHT, 4, 9)));
    world.write("large-mask.png", png(WIDTH, HEIGHT, png::ColorType::Grayscale, &pixels(WIDTH, HEIGHT, 1, 7)));
    let engine = world.engine();
    (world, engine)
}

/// Each stage asks as often as the size of the picture demands, beside what the picture without the stage asks.
#[test]
fn every_stage_asks_by_the_size_of_its_picture() {
    let (_world, engine) = world();
    let count = |request: &str| {
        let (reply, count) = asked(&engine, request, u64::MAX);
        assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
        count
    };
    let (plain, alpha) = (count("large.jpg?scl=1"), count("large.png?scl=1&fmt=png-alpha"));
    // Rows of MCUs of 8 lines, decoded and encoded; rows of pixels, decoded and encoded.
    assert!(plain >= 2 * u64::from(HEIGHT) / 16 && alpha >= 2 * u64::from(HEIGHT), "{plain} {alpha}");
    let rows = u64::from(HEIGHT);
    for (request, base, more) in [
        ("large.jpg?scl=1&op_brightness=9", plain, 3 * STRIDES),
        ("large.jpg?scl=1&op_contrast=9", plain, 3 * STRIDES),
        ("large.jpg?scl=1&op_colorbalance=9,8,7", plain, 3 * STRIDES),
        ("large.jpg?scl=1&op_hue=9", plain, STRIDES),
        ("large.jpg?scl=1&op_saturation=9", plain, STRIDES),
        ("large.jpg?scl=1&op_colorize=ff0000", plain, 7 * STRIDES),
        ("large.jpg?scl=1&op_invert=1", plain, 3 * STRIDES),
        ("large.jpg?scl=1&op_noise=9", plain, 3 * rows),
        ("large.jpg?scl=1&op_sharpen=1", plain, 3 * rows),
        ("large.jpg?scl=1&op_blur=3", plain, 3 * rows),
        ("large.jpg?scl=1&op_usm=1,3,4", plain, 3 * (rows + STRIDES)),
        ("large.jpg?scl=1&flip=lr", plain, 3 * rows),
        ("large.jpg?scl=1&flip=ud", plain, 3 * rows / 2),
        ("large.jpg?scl=1&rotate=90", plain, 3 * rows / 32),
        ("large.jpg?scl=1&rotate=30", plain, rows),
        ("large.jpg?scl=.5", plain, 2 * rows),
        ("large.jpg?scl=1&fmt=jpeg,gray", plain / 2, STRIDES),
        ("large.jpg?scl=1&fmt=jpeg,cmyk", plain, STRIDES),
        ("large.jpg?scl=1&fmt=pjpeg", plain, rows / 8),
        ("large.jpg?scl=1&fmt=png", plain / 2, rows),
        ("large.png?scl=1&fmt=png-alpha&op_blur=3", alpha, 4 * rows),
        ("large.png?scl=1&fmt=png", alpha, 3 * STRIDES),
        ("large.png?scl=1&fmt=png-alpha&color=ff000080", alpha, rows),
        ("large.jpg?wid=2000&hei=2000&scl=1&fmt=png", 0, 2000 + 3 * rows),
    ] {
        let count = count(request);
        assert!(count >= base + more, "{request}: {count} times, not {base} and {more}");
    }
}

/// Wherever the answer is no, the work ends there, without another question.
#[test]
fn every_stage_ends_where_the_answer_is_no() {
    let (_world, engine) = world();
    for request in [
        "large.jpg?scl=1&op_hue=9&op_usm=1,3,4&op_noise=3",
        "large.jpg?rotate=30&scl=1.3&bgc=ff0000",
        "large.png?rotate=90&flip=lr&color=ff000080&wid=300&hei=300",
        "large.png?wid=500&fmt=pjpeg&op_sharpen=1",
        "large.jpg?mask=large-mask.png&wid=500&fmt=png-alpha",
        "large.png?wid=400&fmt=png-alpha",
        "record?fmt=png",
    ] {
        let (whole, count) = asked(&engine, request, u64::MAX);
        assert_eq!(whole.status, 200, "{request}: {:?}", whole.error);
        for part in 0..12 {
            let most = count * part / 12;
            let (stopped, times) = asked(&engine, request, most);
            let kind = stopped.error.as_ref().map(platemark::Error::kind);
            assert_eq!((stopped.status, kind, times), (503, Some(ErrorKind::Stopped), most + 1), "{request}");
        }
        let (again, _) = asked(&engine, request, u64::MAX);
        assert!(again.body == whole.body, "{request}");
    }
}

/// A source of which nothing is known is copied, digested and checked piece by piece, whatever of it is mapped, and nothing
/// is remembered of it before it was read to its end.
#[test]
fn reading_of_a_source_ends_where_the_answer_is_no() {
    let world = World::new();
    let file = png(1300, 900, png::ColorType::Rgba, &pixels(1300, 900, 4, 9));
    let pieces = (file.len() as u64).div_ceil(1 << 20);
    assert!(pieces >= 3);
    world.write("long.png", file);
    let long_ago = || std::time::SystemTime::UNIX_EPOCH;
    let builders: [&dyn Fn() -> platemark::EngineBuilder; 4] = [
        &|| super::builder(world.path()),
        &|| super::builder(world.path()).map_sources(false),
        // No file has settled yet.
        &|| super::builder(world.path()).clock(long_ago),
        &|| super::builder(world.path()).damaged_images(platemark::DamagedImages::Show),
    ];
    for (at, builder) in builders.iter().enumerate() {
        // Each time it is read, compared and digested.
        let least = pieces * [1, 2, 3, 1][at] + [0, 0, 0, 900][at];
        for target in
            ["long.png?wid=9", "long.png?wid=9&req=props", "long.png?req=imageprops", "long.png?src=rgb.png&req=props"]
        {
            if at == 3 && target.contains("props") {
                // A reply without pixels needs no more than headers.
                continue;
            }
            let read = |most: u64| {
                let engine = builder().build().unwrap();
                let asked = Cell::new(0);
                let read = engine
                    .digest_ahead_while(&format!("/is/image/{target}"), &|| asked.replace(asked.get() + 1) < most);
                (read, asked.get(), engine.health().facts.items)
            };
            let (whole, count, _) = read(u64::MAX);
            assert!(whole.is_ok() && count >= least, "{at} {target}: {whole:?}, {count} times, not {least}");
            for part in 0..4 {
                let most = count * part / 4;
                let (stopped, times, known) = read(most);
                assert_eq!((stopped.unwrap_err().kind(), times), (ErrorKind::Stopped, most + 1), "{at} {target}");
                assert!(known <= 1, "{at} {target}");
            }
        }
    }
}
