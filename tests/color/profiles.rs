//! The profiles that are made for tests: of every type of tag, version and space between profiles.
#![allow(clippy::disallowed_methods, reason = "what a test is made of may differ between platforms")]

use super::models::{
    ADOBE, P3, PROPHOTO, REC2020, SRGB, decoded, decoded2, encoded, encoded_xyz, encoded2, press, press_back, printer,
    printer_back, srgb_curve, xyz,
};
use super::writer::{Several, Writer, curv, fixed, mft1, mft2, para, sampled, several, table};

/// A profile by name.
pub(crate) type Named = (&'static str, Vec<u8>);

const SRGB_PARAMETERS: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045];

fn same(curve: Vec<u8>) -> [Vec<u8>; 3] {
    [curve.clone(), curve.clone(), curve]
}

fn rgb(version: u8) -> Writer {
    Writer::new(version, b"mntr", b"RGB ", b"XYZ ")
}

fn straight(components: usize, points: usize) -> Vec<Vec<u16>> {
    vec![table(points, |x| x); components]
}

fn bent(components: usize, points: usize) -> Vec<Vec<u16>> {
    (0..components).map(|i| table(points, |x| x.powf(1.0 + 0.15 * i as f64))).collect()
}

/// Matrices with curves of each kind.
fn matrices() -> Vec<Named> {
    let two = |kind: u8, parameters: &[f64]| para(kind, parameters);
    vec![
        ("sRGB v2, 1024 points", rgb(2).matrix(SRGB, same(sampled(1024, srgb_curve))).bytes()),
        ("sRGB v4, type 3", rgb(4).matrix(SRGB, same(para(3, &SRGB_PARAMETERS))).bytes()),
        ("Display P3 v4", rgb(4).matrix(P3, same(para(3, &SRGB_PARAMETERS))).bytes()),
        ("Display P3 v2, 4096 points", rgb(2).matrix(P3, same(sampled(4096, srgb_curve))).bytes()),
        ("Adobe RGB v2", rgb(2).matrix(ADOBE, same(curv(&[0x0233]))).bytes()),
        ("Adobe RGB v4, type 0", rgb(4).matrix(ADOBE, same(para(0, &[2.199_218_75]))).bytes()),
        ("ProPhoto v2, 1.8", rgb(2).matrix(PROPHOTO, same(curv(&[0x01cd]))).bytes()),
        ("ProPhoto v4, type 3", rgb(4).matrix(PROPHOTO, same(two(3, &[1.8, 1.0, 0.0, 0.0625, 0.03125]))).bytes()),
        ("Rec. 2020 v4", rgb(4).matrix(REC2020, same(two(3, &[1.0 / 0.45, 0.90967, 0.09033, 0.22222, 0.081]))).bytes()),
        ("linear v2", rgb(2).matrix(SRGB, same(curv(&[]))).bytes()),
        ("linear v4", rgb(4).matrix(REC2020, same(curv(&[0x0100]))).bytes()),
        ("type 1", rgb(4).matrix(SRGB, same(two(1, &[2.2, 0.95, 0.05]))).bytes()),
        ("type 2", rgb(4).matrix(ADOBE, same(two(2, &[2.0, 0.95, 0.03, 0.02]))).bytes()),
        ("type 4", rgb(4).matrix(P3, same(two(4, &[2.4, 0.94, 0.05, 0.08, 0.05, 0.005, 0.00473]))).bytes()),
        (
            "three curves",
            rgb(2).matrix(SRGB, [curv(&[0x01cd]), curv(&[0x0233]), sampled(256, |x| 0.2 * x + 0.8 * x * x)]).bytes(),
        ),
        ("26 points", rgb(2).matrix(SRGB, same(sampled(26, srgb_curve))).bytes()),
        ("scanner v2", {
            let scanner = Writer::new(2, b"scnr", b"RGB ", b"XYZ ").xyz(b"wtpt", [0.9, 0.93, 0.75]);
            scanner.matrix(SRGB, same(curv(&[0x0233]))).bytes()
        }),
        ("Lab between, v4", Writer::new(4, b"mntr", b"RGB ", b"Lab ").matrix(P3, same(para(0, &[2.2]))).bytes()),
    ]
}

fn grays() -> Vec<Named> {
    let gray = |version, pcs, curve| Writer::new(version, b"mntr", b"GRAY", pcs).tag(b"kTRC", curve).bytes();
    let scanner = Writer::new(2, b"scnr", b"GRAY", b"Lab ");
    let to = mft2(&straight(1, 256), 33, &straight(3, 2), &|gray| {
        encoded2([100.0 * gray[0].powf(0.9), 2.0 * gray[0], -3.0 * gray[0]])
    });
    vec![
        ("gray 2.2 v2", gray(2, b"XYZ ", curv(&[0x0233]))),
        ("gray 1.8 v4", gray(4, b"XYZ ", para(0, &[1.8]))),
        ("gray linear", gray(2, b"XYZ ", curv(&[]))),
        ("gray sRGB, 1024 points", gray(2, b"XYZ ", sampled(1024, srgb_curve))),
        ("gray dot gain, 64 points", gray(2, b"XYZ ", sampled(64, |x| x.powf(1.5)))),
        ("gray L*", gray(2, b"Lab ", curv(&[]))),
        ("gray tables", scanner.tag(b"A2B0", to).tag(b"kTRC", curv(&[0x0233])).bytes()),
    ]
}

/// Tables of RGB.
fn tables() -> Vec<Named> {
    let printer2 = |rgb: &[f64]| encoded2(printer(rgb));
    let printer4 = |rgb: &[f64]| encoded(printer(rgb));
    let printer_xyz = |rgb: &[f64]| encoded_xyz(xyz(printer(rgb)));
    let back2 = |lab: &[f64]| printer_back(decoded2(lab));
    let back4 = |lab: &[f64]| printer_back(decoded(lab));
    let output = |version, pcs| Writer::new(version, b"prtr", b"RGB ", pcs).xyz(b"wtpt", [0.85, 0.88, 0.72]);
    let identity = vec![curv(&[]); 3];
    let linear = |rgb: &[f64]| rgb.iter().map(|x| x * 0.9).collect::<Vec<f64>>();
    let half = 0.5;
    let matrix = [
        half * SRGB[0][0],
        half * SRGB[1][0],
        half * SRGB[2][0],
        half * SRGB[0][1],
        half * SRGB[1][1],
        half * SRGB[2][1],
        half * SRGB[0][2],
        half * SRGB[1][2],
        half * SRGB[2][2],
        0.00096,
        0.001,
        0.00082,
    ];
    vec![
        ("RGB mft1 Lab", {
            let to = mft1(&bent(3, 256), 17, &straight(3, 256), &printer4);
            let from = mft1(&straight(3, 256), 17, &bent(3, 256), &back4);
            output(2, b"Lab ").tag(b"A2B0", to).tag(b"B2A0", from).bytes()
        }),
        ("RGB mft2 Lab", {
            let to = mft2(&bent(3, 256), 17, &straight(3, 2), &printer2);
            let from = mft2(&straight(3, 2), 21, &bent(3, 1024), &back2);
            let perceptual = mft2(&straight(3, 2), 9, &straight(3, 2), &|lab| {
                let [l, a, b] = decoded2(lab);
                printer_back([20.0 + 0.8 * l, a, b])
            });
            let to_perceptual = mft2(&straight(3, 2), 9, &straight(3, 2), &|rgb| {
                let [l, a, b] = printer(rgb);
                encoded2([(l - 8.0).max(0.0) * 1.08, a, b])
            });
            let all = output(2, b"Lab ").tag(b"A2B1", to).tag(b"B2A1", from);
            all.tag(b"A2B0", to_perceptual).tag(b"B2A0", perceptual).bytes()
        }),
        ("RGB mft2 XYZ", {
            let to = mft2(&bent(3, 64), 15, &straight(3, 2), &printer_xyz);
            let from = mft2(&straight(3, 4096), 33, &straight(3, 2), &|encoded| {
                printer_back(super::models::lab([0, 1, 2].map(|i| encoded[i] * 65535.0 / 32768.0)))
            });
            Writer::new(2, b"scnr", b"RGB ", b"XYZ ").tag(b"A2B0", to).tag(b"B2A0", from).bytes()
        }),
        ("RGB mAB Lab", {
            let a = vec![para(0, &[1.2]), curv(&[]), sampled(33, |x| x.powf(0.9))];
            let parts = |grid| Several {
                b: identity.clone(),
                matrix: None,
                m: vec![],
                grid: Some(grid),
                wide: true,
                a: a.clone(),
            };
            let to = several(b"mAB ", 3, 3, &parts((vec![11, 13, 17], &printer4)));
            let from = several(b"mBA ", 3, 3, &parts((vec![21, 17, 19], &back4)));
            output(4, b"Lab ").tag(b"A2B0", to).tag(b"B2A0", from).bytes()
        }),
        ("RGB mAB XYZ, matrix", {
            let parts = Several {
                b: identity.clone(),
                matrix: Some(matrix),
                m: vec![para(3, &SRGB_PARAMETERS); 3],
                grid: Some((vec![9, 9, 9], &linear)),
                wide: true,
                a: vec![curv(&[]), curv(&[0x0120]), curv(&[])],
            };
            rgb(4).tag(b"A2B0", several(b"mAB ", 3, 3, &parts)).matrix(SRGB, same(para(3, &SRGB_PARAMETERS))).bytes()
        }),
        ("RGB mAB without grid", {
            let parts = Several {
                b: identity.clone(),
                matrix: Some(matrix),
                m: vec![curv(&[]), curv(&[0x0233]), sampled(500, |x| x * x)],
                grid: None,
                wide: true,
                a: vec![],
            };
            rgb(4).tag(b"A2B0", several(b"mAB ", 3, 3, &parts)).matrix(SRGB, same(para(3, &SRGB_PARAMETERS))).bytes()
        }),
    ]
}

/// Presses.
fn presses() -> Vec<Named> {
    let press2 = |cmyk: &[f64]| encoded2(press(cmyk));
    let press4 = |cmyk: &[f64]| encoded(press(cmyk));
    let back2 = |lab: &[f64]| press_back(decoded2(lab));
    let back4 = |lab: &[f64]| press_back(decoded(lab));
    let lighter = |lab: &[f64]| {
        let [l, a, b] = decoded2(lab);
        press_back([14.0 + 0.86 * l, 0.9 * a, 0.9 * b])
    };
    let output = |version| Writer::new(version, b"prtr", b"CMYK", b"Lab ").xyz(b"wtpt", [0.84, 0.87, 0.74]);
    let identity = vec![curv(&[]); 3];
    vec![
        ("CMYK mft1", {
            let to = mft1(&straight(4, 256), 9, &straight(3, 256), &press4);
            let from = mft1(&bent(3, 256), 17, &straight(4, 256), &back4);
            output(2).tag(b"A2B0", to).tag(b"B2A0", from).bytes()
        }),
        ("CMYK mft2", {
            let to = mft2(&bent(4, 256), 9, &straight(3, 2), &press2);
            let from = mft2(&straight(3, 2), 17, &bent(4, 256), &back2);
            let perceptual = mft2(&straight(3, 2), 17, &straight(4, 2), &lighter);
            let all = output(2).tag(b"A2B0", to.clone()).tag(b"A2B1", to.clone()).tag(b"A2B2", to);
            all.tag(b"B2A0", perceptual.clone()).tag(b"B2A1", from).tag(b"B2A2", perceptual).bytes()
        }),
        ("CMYK mAB", {
            let a = vec![para(0, &[0.9]), curv(&[]), curv(&[]), sampled(64, |x| x.powf(1.1))];
            let parts = |grid| Several {
                b: identity.clone(),
                matrix: None,
                m: vec![],
                grid: Some(grid),
                wide: true,
                a: a.clone(),
            };
            let to = several(b"mAB ", 4, 3, &parts((vec![7, 6, 5, 9], &press4)));
            let from = several(b"mBA ", 3, 4, &parts((vec![17, 15, 13], &back4)));
            let all = output(4).tag(b"A2B0", to.clone()).tag(b"A2B1", to);
            all.tag(b"B2A0", from.clone()).tag(b"B2A1", from).bytes()
        }),
        ("CMYK mAB, 8 bits", {
            let parts = |grid| Several {
                b: identity.clone(),
                matrix: None,
                m: vec![],
                grid: Some(grid),
                wide: false,
                a: vec![curv(&[]); 4],
            };
            let to = several(b"mAB ", 4, 3, &parts((vec![9; 4], &press4)));
            let from = several(b"mBA ", 3, 4, &parts((vec![17; 3], &back4)));
            output(4).tag(b"A2B0", to).tag(b"B2A0", from).bytes()
        }),
    ]
}

#[allow(dead_code, reason = "for seeds")]
/// Small ones of every type of tag.
pub(crate) fn small() -> Vec<Named> {
    let printer2 = |rgb: &[f64]| encoded2(printer(rgb));
    let press2 = |cmyk: &[f64]| encoded2(press(cmyk));
    let back4 = |lab: &[f64]| press_back(decoded(lab));
    let back2 = |lab: &[f64]| printer_back(decoded2(lab));
    let press4 = |cmyk: &[f64]| encoded(press(cmyk));
    let output = |version, space| Writer::new(version, b"prtr", space, b"Lab ");
    let parts = |grid| Several {
        b: vec![curv(&[]); 3],
        matrix: None,
        m: vec![],
        grid: Some(grid),
        wide: true,
        a: vec![curv(&[]), para(0, &[1.1]), curv(&[0, 65535]), curv(&[])],
    };
    let mut small = [matrices(), grays()].concat();
    small.retain(|(_, bytes)| bytes.len() < 8000);
    small.extend([
        ("small mft1", {
            let to = mft1(&bent(3, 256), 3, &straight(3, 256), &printer2);
            output(2, b"RGB ").tag(b"A2B0", to).tag(b"B2A0", mft1(&straight(3, 256), 4, &bent(3, 256), &back2)).bytes()
        }),
        ("small mft2", {
            let to = mft2(&straight(4, 2), 3, &straight(3, 2), &press2);
            output(2, b"CMYK").tag(b"A2B0", to).tag(b"B2A0", mft2(&bent(3, 9), 5, &straight(4, 3), &back4)).bytes()
        }),
        ("small mAB", {
            let to = several(b"mAB ", 4, 3, &parts((vec![3, 2, 4, 3], &press4)));
            output(4, b"CMYK")
                .tag(b"A2B0", to)
                .tag(b"B2A0", several(b"mBA ", 3, 4, &parts((vec![5, 4, 6], &back4))))
                .bytes()
        }),
    ]);
    small.extend(
        tables().into_iter().filter(|(name, _)| ["RGB mAB XYZ, matrix", "RGB mAB without grid"].contains(name)),
    );
    small
}

/// All of them.
pub(crate) fn all() -> Vec<Named> {
    [matrices(), grays(), tables(), presses()].concat()
}

/// Profiles of sRGB as several vendors write it, by how they differ: colorants that are rounded otherwise, tables of few
/// points, other tags beside. The last ones are not sRGB.
pub(crate) fn like_srgb() -> Vec<(&'static str, Vec<u8>, bool)> {
    let rounded = [[0.4361, 0.2225, 0.0139], [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7141]];
    let marti = [[0.43585, 0.22238, 0.01392], [0.38533, 0.71704, 0.09714], [0.14302, 0.06059, 0.71384]];
    let gamma = |matrix| rgb(2).matrix(matrix, same(curv(&[0x0233]))).bytes();
    let measured = [
        b"sf32\0\0\0\0".to_vec(),
        fixed(&[1.04788, 0.02292, -0.0502, 0.02959, 0.99048, -0.01706, -0.00923, 0.01508, 0.75168]),
    ];
    vec![
        (
            "1024 points, as HP",
            rgb(2).xyz(b"bkpt", [0.0; 3]).matrix(SRGB, same(sampled(1024, srgb_curve))).bytes(),
            true,
        ),
        ("26 points, as the smallest ones", rgb(2).matrix(SRGB, same(sampled(26, srgb_curve))).bytes(), true),
        (
            "type 3, as lcms2",
            rgb(4).tag(b"chad", measured.concat()).matrix(marti, same(para(3, &SRGB_PARAMETERS))).bytes(),
            true,
        ),
        ("four digits", rgb(2).matrix(rounded, same(sampled(4096, srgb_curve))).bytes(), true),
        ("an exponent", gamma(SRGB), false),
        ("Adobe RGB", gamma(ADOBE), false),
        ("Display P3", rgb(4).matrix(P3, same(para(3, &SRGB_PARAMETERS))).bytes(), false),
    ]
}
