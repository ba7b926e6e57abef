//! ICC profiles that tests write.
#![allow(clippy::disallowed_methods, reason = "a profile that differs in its last bit is as good for a test")]

/// Columns of the colours red, green and blue in XYZ under D50, as profiles of version 2 hold them.
pub(crate) type Columns = [[f64; 3]; 3];

pub(crate) const P3: Columns = [[0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407]];
pub(crate) const ADOBE: Columns =
    [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]];
pub(crate) const SRGB: Columns =
    [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]];

const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];

/// A profile of RGB: each component to a power, then the columns.
pub(crate) fn rgb(description: &str, columns: Columns, gamma: f64) -> Vec<u8> {
    let curve = power(gamma);
    let [red, green, blue] = columns.map(xyz);
    let tags: [(&[u8; 4], &[u8]); 6] =
        [(b"rXYZ", &red), (b"gXYZ", &green), (b"bXYZ", &blue), (b"rTRC", &curve), (b"gTRC", &curve), (b"bTRC", &curve)];
    profile(b"RGB ", b"XYZ ", description, &tags)
}

/// A profile of RGB with the curve of sRGB, as a table.
pub(crate) fn rgb_of_srgb(description: &str, columns: Columns) -> Vec<u8> {
    let curve = curve_of_srgb();
    let [red, green, blue] = columns.map(xyz);
    let tags: [(&[u8; 4], &[u8]); 6] =
        [(b"rXYZ", &red), (b"gXYZ", &green), (b"bXYZ", &blue), (b"rTRC", &curve), (b"gTRC", &curve), (b"bTRC", &curve)];
    profile(b"RGB ", b"XYZ ", description, &tags)
}

/// A profile of gray.
pub(crate) fn gray(description: &str, gamma: f64) -> Vec<u8> {
    profile(b"GRAY", b"XYZ ", description, &[(b"kTRC", &power(gamma))])
}

/// A profile of gray with the curve of sRGB, as a table.
pub(crate) fn gray_of_srgb(description: &str) -> Vec<u8> {
    profile(b"GRAY", b"XYZ ", description, &[(b"kTRC", &curve_of_srgb())])
}

/// A profile of inks that multiply the light they let through, both ways: a table of 16-bit numbers between them and Lab.
pub(crate) fn press(description: &str) -> Vec<u8> {
    let to_lab = lut(4, 9, |inks| {
        let light = |ink: f64| (1.0 - 0.9 * ink) * (1.0 - 0.95 * inks[3]);
        let [red, green, blue] = [inks[0], inks[1], inks[2]].map(light);
        lab(std::array::from_fn(|i| SRGB[0][i] * red + SRGB[1][i] * green + SRGB[2][i] * blue))
    });
    let from_lab = lut(3, 17, |lab| {
        // Gray of the lightness, in black alone: enough to tell that it was used.
        vec![0.0, 0.0, 0.0, 1.0 - lab[0]]
    });
    profile(b"CMYK", b"Lab ", description, &[(b"A2B0", &to_lab), (b"B2A0", &from_lab)])
}

/// A tag `mft2`: straight curves around a grid of `points` a side. The function takes and gives numbers from 0 to 1.
fn lut(inputs: u32, points: u32, color: impl Fn(&[f64]) -> Vec<f64>) -> Vec<u8> {
    let mut nodes: Vec<u16> = Vec::new();
    let mut outputs = 0;
    for node in 0..points.pow(inputs) {
        // The first input varies least.
        let at = (0..inputs).map(|input| f64::from(node / points.pow(inputs - 1 - input) % points));
        let values = color(&at.map(|at| at / f64::from(points - 1)).collect::<Vec<_>>());
        outputs = values.len();
        nodes.extend(values.iter().map(|value| (value * 65535.0).round() as u16));
    }
    let mut tag = b"mft2\0\0\0\0".to_vec();
    tag.extend([inputs as u8, outputs as u8, points as u8, 0]);
    for entry in 0..9 {
        tag.extend(fixed(f64::from(u8::from(entry % 4 == 0))));
    }
    tag.extend([0, 2, 0, 2]);
    let straight = |count: usize| [0u8, 0, 255, 255].repeat(count);
    tag.extend(straight(inputs as usize));
    tag.extend(nodes.iter().flat_map(|node| node.to_be_bytes()));
    tag.extend(straight(outputs));
    tag
}

/// Lab as tables of version 2 hold it: from 0 to 1, where 65280 of 65535 stand for 100 and for 127.
fn lab(xyz: [f64; 3]) -> Vec<f64> {
    let root = |value: f64| if value > 216.0 / 24389.0 { value.cbrt() } else { value * 24389.0 / 3132.0 + 4.0 / 29.0 };
    let [x, y, z] = std::array::from_fn(|i| root(xyz[i] / WHITE[i]));
    let scale = 65280.0 / 65535.0;
    let lightness = (116.0 * y - 16.0) / 100.0;
    let part = |value: f64| (value + 128.0) / 255.0;
    vec![lightness * scale, part(500.0 * (x - y)) * scale, part(200.0 * (y - z)) * scale]
}

fn curve_of_srgb() -> Vec<u8> {
    let light = |value: f64| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
    table((0..1024).map(|i| light(f64::from(i) / 1023.0)))
}

fn fixed(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}

fn xyz(color: [f64; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), color.map(fixed).concat()].concat()
}

/// Light is the sample to a power with 8 bits behind the point.
fn power(gamma: f64) -> Vec<u8> {
    [b"curv\0\0\0\0\0\0\0\x01", &((gamma * 256.0).round() as u16).to_be_bytes()[..], &[0, 0]].concat()
}

fn table(values: impl Iterator<Item = f64>) -> Vec<u8> {
    let values: Vec<u8> = values.flat_map(|value| ((value * 65535.0).round() as u16).to_be_bytes()).collect();
    [b"curv\0\0\0\0", &(values.len() as u32 / 2).to_be_bytes()[..], &values].concat()
}

/// A profile of version 2.4 for a monitor or a printer.
fn profile(pixels: &[u8; 4], connection: &[u8; 4], description: &str, tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let text = [b"desc\0\0\0\0", &(description.len() as u32 + 1).to_be_bytes()[..], description.as_bytes(), &[0; 79]];
    let (text, white) = (text.concat(), xyz(WHITE));
    let tags: Vec<(&[u8; 4], &[u8])> =
        [(b"desc", &text[..]), (b"wtpt", &white[..]), (b"cprt", &b"text\0\0\0\0none\0"[..])]
            .into_iter()
            .chain(tags.iter().copied())
            .collect();
    let mut header = vec![0; 128];
    header[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    header[12..16].copy_from_slice(if pixels == b"CMYK" { b"prtr" } else { b"mntr" });
    header[16..20].copy_from_slice(pixels);
    header[20..24].copy_from_slice(connection);
    header[36..40].copy_from_slice(b"acsp");
    header[68..80].copy_from_slice(&WHITE.map(fixed).concat());
    header.extend((tags.len() as u32).to_be_bytes());
    let mut data = Vec::new();
    let start = header.len() + 12 * tags.len();
    for (name, tag) in tags {
        header.extend(*name);
        header.extend(((start + data.len()) as u32).to_be_bytes());
        header.extend((tag.len() as u32).to_be_bytes());
        data.extend(tag);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    header.extend(data);
    let len = (header.len() as u32).to_be_bytes();
    header[..4].copy_from_slice(&len);
    header
}
