//! Several pictures for one decode, in bands on the threads of a pool.

use std::cell::Cell;
use std::sync::Arc;

use crate::test_support::pool;
use crate::{Edit, Picture};

thread_local! {
    /// Lists of plans that this thread has sampled in bands.
    static BANDED: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn count() {
    BANDED.set(BANDED.get() + 1);
}

#[test]
fn bands_of_several_pictures_are_those_of_each() {
    let lists = [
        &["wid=900", "wid=500&op_usm=1,8", "wid=300&fmt=png", "wid=100"][..],
        &[
            "wid=700&rotate=90",
            "crop=300,200,700,500&wid=333",
            "wid=450&op_colorize=c08040",
            "scl=2&rect=90,80,400,300",
        ],
        &["crop=-9,-9,900,700&wid=800&fmt=png-alpha", "wid=800&flip=lr", "wid=800&resMode=bilin", "fmt=png,gray"],
        &["crop=10,10,90,600", "crop=600,10,80,600", "rgn=5,300,700,90"],
    ];
    // A progressive picture is not cut into bands.
    for (name, bands, some) in [("lighthouse.jpg", 1, 4), ("poster.jpg", 1, 2), ("pebbles.jpg", 0, 1)] {
        let path = format!("{}/assets/demo/pictures/{name}", env!("CARGO_MANIFEST_DIR"));
        for edits in &lists[..some] {
            let edits: Vec<Edit> = edits.iter().map(|edit| edit.parse().unwrap()).collect();
            let open = || Picture::open(&path).unwrap();
            let expected: Vec<_> = edits.iter().map(|edit| open().render(edit)).collect();
            assert!(expected.iter().all(Result::is_ok));
            assert!(open().render_all(&edits) == expected, "{name} {edits:?}: without a pool");
            let known = open();
            for threads in [2, 4] {
                let pooled = |picture: Picture| picture.pool(Arc::clone(&pool(threads)));
                let before = BANDED.get();
                assert!(pooled(open()).render_all(&edits) == expected, "{name} {edits:?}: {threads} threads");
                assert_eq!(BANDED.get(), before + bands, "{name} {edits:?}");
                for time in ["first", "second"] {
                    let all = pooled(known.clone()).render_all(&edits);
                    assert!(all == expected, "{name} {edits:?}: {threads} threads, the {time} time");
                }
            }
        }
    }
}
