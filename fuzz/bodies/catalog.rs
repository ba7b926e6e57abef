//! Loads arbitrary files as catalogs. The engine serves the sound part, or refuses the folder if `default.ini` is
//! faulty. Each fault has a place. Each listed record can be found. A second load gives the same result.

use std::time::{Duration, SystemTime};

use platemark::internals::CatalogFolder;
use platemark::{Engine, ErrorKind, IdPolicy, RequestTarget};

use super::folder;
use super::rules::{LIMITS, World, assert_same};

/// The most objects that are asked about.
const OBJECTS: usize = 6;

const ASKED: [&str; 12] = [
    "props",
    "props,json",
    "catalogprops",
    "imageprops",
    "exists,xml",
    "imageset,json",
    "map",
    "targets",
    "userdata,javascript",
    "xlate",
    "resolve",
    "img",
];

pub(super) fn run(input: &[u8]) {
    let folder = folder::with(&folder::files(input, ""));
    let report = match CatalogFolder::read(folder.path()) {
        Ok(catalogs) => catalogs.report(),
        Err(error) => {
            // Whatever the other files hold, the default catalog's attributes are all that it takes.
            assert!(error.kind() == ErrorKind::Catalog && error.place().is_some(), "{error:?}");
            assert!(error.place().is_some_and(|place| place.starts_with("default.ini")), "{error:?}");
            let refused = Engine::builder(folder.path()).build();
            assert!(refused.is_err_and(|other| other.to_string() == error.to_string()));
            return;
        }
    };
    assert!(CatalogFolder::read(folder.path()).is_ok_and(|again| again.report() == report));
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    let engine = Engine::builder(folder.path()).limits(LIMITS).clock(clock).build().expect("what has been read");
    let world = World { limits: LIMITS, policy: IdPolicy::Ignore, provisional: true, missing: 403 };
    let objects = engine.objects();
    let targets = objects.iter().take(OBJECTS).flat_map(|object| {
        ASKED
            .map(|asked| RequestTarget::image(object).set("req", asked).set("locale", "de").to_string())
            .into_iter()
            .chain([
                RequestTarget::image(object).set("$name", "5").call("m").to_string(),
                RequestTarget::content(object).set("req", "props").to_string(),
            ])
    });
    let targets: Vec<String> = targets.collect();
    let replies: Vec<_> = targets.iter().map(|target| world.ask(&engine, target)).collect();
    let (warnings, failures) = (engine.catalog_warnings(), engine.health().failures);
    assert!(warnings.iter().all(|warning| warning.lines().count() <= 1), "{warnings:?}");
    assert!(failures.iter().all(|failure| failure.place().is_some() && failure.detail().is_some()), "{failures:?}");
    let _ = engine.reload_catalogs();
    assert_eq!((engine.catalog_warnings(), engine.health().failures), (warnings, failures));
    assert_eq!(engine.objects(), objects);
    for (target, reply) in targets.iter().zip(&replies) {
        assert_same(target, &engine.serve(target), reply, true);
    }
}
