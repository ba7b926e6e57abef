//! Chunks that are JPEG files.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;

/// A picture as a JPEG file.
fn jpeg([width, height]: [usize; 2], color: ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(pixels, width as u16, height as u16, color).unwrap();
    file
}

/// The segments that define tables, as a file of their own, and the file without them.
fn abbreviated(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut tables, mut chunk, mut rest) = (vec![0xff, 0xd8], vec![0xff, 0xd8], &file[2..]);
    while rest[1] != 0xda {
        let (segment, after) = rest.split_at(2 + usize::from(u16::from_be_bytes([rest[2], rest[3]])));
        if matches!(segment[1], 0xc4 | 0xdb) {
            tables.extend(segment);
        } else {
            chunk.extend(segment);
        }
        rest = after;
    }
    chunk.extend(rest);
    tables.extend([0xff, 0xd9]);
    (tables, chunk)
}

/// The picture of tiles or strips of JPEGs beside and below each other, which are decoded by themselves.
fn put_together(chunks: &[Picture], across: usize, width: usize) -> Picture {
    let planes = (0..chunks[0].planes.len()).map(|i| {
        let mut plane = vec![];
        for row in chunks.chunks(across) {
            for y in 0..row[0].planes[0].len() / row[0].width {
                let line: Vec<u8> =
                    row.iter().flat_map(|chunk| chunk.planes[i][y * chunk.width..][..chunk.width].to_vec()).collect();
                plane.extend(&line[..width]);
            }
        }
        plane[..width * H].to_vec()
    });
    Picture { width, planes: planes.collect() }
}

#[test]
fn chunks_are_decoded_by_the_decoder_of_jpeg() {
    for (color, samples_per_pixel, photometric) in
        [(ColorType::Luma, 1, 1), (ColorType::Luma, 1, 0), (ColorType::Rgb, 3, 6), (ColorType::Cmyk, 4, 5)]
    {
        for chunk in [[0, 8], [0, 23], [16, 16], [32, 24]] {
            let is_tiled = chunk[0] > 0;
            let (across, down) = if is_tiled { (chunk[0], chunk[1]) } else { (W, chunk[1]) };
            let mut builder = Builder::new(W as u32, H as u32);
            builder.set(tags::BITS_PER_SAMPLE, SHORT, &vec![8; samples_per_pixel]);
            builder.set(tags::SAMPLES_PER_PIXEL, SHORT, &[samples_per_pixel as u32]);
            builder.set(tags::PHOTOMETRIC, SHORT, &[photometric]).set(tags::COMPRESSION, SHORT, &[7]);
            if is_tiled {
                builder.set(tags::TILE_WIDTH, SHORT, &[across as u32]);
                builder.set(tags::TILE_LENGTH, SHORT, &[down as u32]);
            } else {
                builder.set(tags::ROWS_PER_STRIP, SHORT, &[down as u32]);
            }
            let mut pictures = vec![];
            for top in (0..H).step_by(down) {
                for left in (0..W).step_by(across) {
                    let rows = if is_tiled { down } else { down.min(H - top) };
                    let value = |i: usize| {
                        let (x, y) = (i / samples_per_pixel % across + left, i / samples_per_pixel / across + top);
                        (x * 5 + y * 3 + i % samples_per_pixel * 70) as u8
                    };
                    let pixels: Vec<u8> = (0..across * rows * samples_per_pixel).map(value).collect();
                    let file = jpeg([across, rows], color, &pixels);
                    pictures.push(collect(&file, None));
                    let (tables, chunk) = abbreviated(&file);
                    builder.set_bytes(tags::JPEG_TABLES, &tables);
                    builder.chunks.push(chunk);
                }
            }
            let mut picture = put_together(&pictures, W.div_ceil(across), W);
            if matches!(photometric, 0 | 5) {
                // No segment says here that inks are inverted.
                picture.planes.iter_mut().flatten().for_each(|sample| *sample = 255 - *sample);
            }
            assert_shows(&builder.file(), &picture, &(color, photometric, chunk));
            // Without its tables nothing can be decoded.
            builder.remove(tags::JPEG_TABLES);
            let file = builder.file();
            assert_eq!(try_collect(&file, &read_header(&file).unwrap(), None).unwrap_err().kind(), ErrorKind::Source);
        }
    }
}

#[test]
fn tags_say_whether_components_are_rgb() {
    let pixels: Vec<u8> = (0..W * H * 3).map(|i| (i % 3 * 60 + i / 3 % W * 2 + i / 3 / W) as u8).collect();
    // Gray planes are what they are; a JFIF file of three components is YCbCr unless the tags say otherwise.
    let file = jpeg([W, H], ColorType::Ycbcr, &pixels);
    let mut builder = Builder::new(W as u32, H as u32);
    builder.set(tags::BITS_PER_SAMPLE, SHORT, &[8; 3]).set(tags::SAMPLES_PER_PIXEL, SHORT, &[3]);
    builder.set(tags::COMPRESSION, SHORT, &[7]).set(tags::PHOTOMETRIC, SHORT, &[6]);
    builder.chunks.push(file.clone());
    let ycc = collect(&builder.file(), None);
    assert_eq!(ycc, collect(&file, None));
    // A whole JPEG in a file of the old kind, which need not say how many samples there are.
    let mut old = builder.clone();
    old.set(tags::COMPRESSION, SHORT, &[6]).remove(tags::SAMPLES_PER_PIXEL);
    assert!(is_unsupported(&read_header(&old.file()).unwrap_err()));
    old.set(tags::JPEG_INTERCHANGE, LONG, &[8]).set(tags::ROWS_PER_STRIP, SHORT, &[3]);
    assert_shows(&old.file(), &ycc, &"old");
    builder.set(tags::PHOTOMETRIC, SHORT, &[2]);
    let rgb = collect(&builder.file(), None);
    for i in 0..W * H {
        let [y, cb, cr] = [0, 1, 2].map(|plane| u16::from(rgb.planes[plane][i]));
        assert_eq!([0, 1, 2].map(|plane| ycc.planes[plane][i]), rgb_of([y, cb, cr]), "{i}");
    }
    // A plane for each component.
    builder.set(tags::PLANAR_CONFIGURATION, SHORT, &[2]);
    let gray = |i: usize| pixels.iter().copied().skip(i).step_by(3).collect::<Vec<_>>();
    builder.chunks = (0..3).map(|i| jpeg([W, H], ColorType::Luma, &gray(i))).collect();
    let planes = builder.chunks.iter().flat_map(|file| collect(file, None).planes).collect();
    assert_shows(&builder.file(), &Picture { width: W, planes }, &"planes");
}
