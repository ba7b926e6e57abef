use super::*;
#[test]
#[ignore]
fn blacks() {
    for (name, bytes) in profiles::all()
        .into_iter()
        .filter(|(n, _)| n.contains("CMYK") || n.contains("RGB m") || n.contains("gray") || n.contains("type"))
    {
        let p = ColorProfile::read(&bytes).unwrap();
        let l = lcms2::Profile::new_icc(&bytes).unwrap();
        for i in 0..3 {
            let a = l.detect_black_point(oracle::INTENTS[i]).map(|x| [x.X, x.Y, x.Z]);
            let b = l.detect_destination_black_point(oracle::INTENTS[i]).map(|x| [x.X, x.Y, x.Z]);
            println!(
                "{name} {i}: lcms {:.6?} {:.6?} ours {:.6?}",
                a.map(|x| x[1]),
                b.map(|x| x[1]),
                platemark::internals::lab_blacks(&p, i).map(|x| x[1])
            );
        }
    }
}
#[test]
#[ignore]
fn values() {
    let [srgb, ..] = ColorProfile::built_in();
    for (name, intent, bpc) in
        [("gray tables", 1, false), ("gray tables", 1, true), ("RGB mAB XYZ, matrix", 1, true), ("CMYK mft2", 0, true)]
    {
        let (_, bytes) = profiles::all().into_iter().find(|(n, _)| *n == name).unwrap();
        let p = ColorProfile::read(&bytes).unwrap();
        let planes = colors(p.channels(), if p.channels() == 1 { 18 } else { 4 });
        let theirs = oracle::expected(&bytes, srgb.bytes(), oracle::INTENTS[intent], bpc, &planes).unwrap();
        let t = ColorTransform::new(&p, &srgb, intent, bpc).unwrap();
        let ours = oracle::ours(&t, 3, &planes);
        println!("{name} {intent} {bpc}");
        for i in 0..planes[0].len().min(40) {
            println!(
                "{:?} {:?} {:.2?}",
                planes.iter().map(|p| p[i]).collect::<Vec<_>>(),
                ours.iter().map(|p| p[i]).collect::<Vec<_>>(),
                theirs.iter().map(|p| f64::from(p[i]) / 257.0).collect::<Vec<_>>()
            );
        }
    }
}
#[test]
#[ignore]
fn srgbs() {
    let [srgb, ..] = ColorProfile::built_in();
    let mut all = profiles::like_srgb();
    all.push(("lcms2", lcms2::Profile::new_srgb().icc().unwrap(), true));
    for (name, bytes, _) in all {
        let p = ColorProfile::read(&bytes).unwrap();
        let planes = colors(3, 18);
        let t = ColorTransform::new(&p, &srgb, 1, false).unwrap();
        let ours = oracle::ours(&t, 3, &planes);
        let mut most = 0;
        for i in 0..planes[0].len() {
            for c in 0..3 {
                let d = ours[c][i].abs_diff(planes[c][i]);
                if d > most {
                    most = d;
                    println!(
                        "{name} {:?} {:?}",
                        planes.iter().map(|p| p[i]).collect::<Vec<_>>(),
                        ours.iter().map(|p| p[i]).collect::<Vec<_>>()
                    );
                }
            }
        }
    }
}
