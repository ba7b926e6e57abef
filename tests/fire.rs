//! Pictures that are replaced, overwritten, cut short and deleted while threads ask for renditions of them.
//!
//! A client that gets a picture gets that of a content which the file had at some moment, under that content's own tag. It may
//! be the content of a file half written; what it must not be is a mixture that no file ever held, or the picture of one
//! content under the tag of another.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod support;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytes::Bytes;
use platemark::{CachePolicy, Context, Engine, ErrorKind};
use support::dice::Dice;
use tempfile::TempDir;

const REQUESTS: [&str; 8] = [
    "photo.jpg?wid=90",
    "photo.jpg?scl=1&fmt=png",
    "photo.jpg?req=tmb&wid=60&fmt=png",
    "photo.jpg?mask=mask.png&wid=140&fmt=png-alpha",
    "photo.jpg?scl=1&rect=0,0,80,40&fmt=png",
    "drawing.png?wid=80&fmt=png",
    "drawing.png?rotate=30&wid=150",
    "drawing.png?op_usm=1,3&scl=1&fmt=png-alpha",
];

/// A file and the contents that it has in turn. They are of the same picture size, so that a mixture may be decodable.
struct Victim {
    name: &'static str,
    contents: Vec<Vec<u8>>,
}

fn victims() -> [Victim; 3] {
    let samples = |seed: u64, count: usize| -> Vec<u8> {
        let mut dice = Dice::new(seed);
        (0..count).map(|at| (dice.below(40) + at / 9 % 200) as u8).collect()
    };
    let photo = |seed| {
        let mut file = vec![];
        let encoder = jpeg_encoder::Encoder::new(&mut file, 80);
        encoder.encode(&samples(seed, 420 * 300 * 3), 420, 300, jpeg_encoder::ColorType::Rgb).unwrap();
        file
    };
    let drawing = |seed, color, channels: usize| {
        let mut file = vec![];
        let mut encoder = png::Encoder::new(&mut file, 420, 300);
        encoder.set_color(color);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&samples(seed, 420 * 300 * channels)).unwrap();
        writer.finish().unwrap();
        file
    };
    [
        Victim { name: "photo.jpg", contents: (1..4).map(photo).collect() },
        Victim { name: "drawing.png", contents: (4..7).map(|seed| drawing(seed, png::ColorType::Rgba, 4)).collect() },
        Victim { name: "mask.png", contents: (7..9).map(|seed| drawing(seed, png::ColorType::Grayscale, 1)).collect() },
    ]
}

impl Victim {
    fn used_by(&self, request: &str) -> bool {
        request.contains(self.name)
    }

    /// Every content that the file has between two whole ones, as [`overwrite`] and [`Writer::strike`] leave it after each
    /// `step` bytes: the start of one content, then what is left of another.
    fn moments(&self, step: usize) -> impl Iterator<Item = Vec<u8>> {
        let before = std::iter::once(&[][..]).chain(self.contents.iter().map(Vec::as_slice));
        before.flat_map(move |old| {
            self.contents.iter().flat_map(move |new| {
                let ends = (0..new.len()).step_by(step).chain([new.len() / 2, new.len()]);
                ends.map(move |end| [&new[..end], old.get(end..).unwrap_or_default()].concat())
            })
        })
    }
}

fn world(victims: &[Victim]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=3000,3000\nStaticContentRootPath=.\n")
        .unwrap();
    for victim in victims {
        std::fs::write(folder.path().join(victim.name), &victim.contents[0]).unwrap();
    }
    folder
}

/// Writes in place, a page at a time, without cutting the file short before.
fn overwrite(path: &Path, content: &[u8], dice: &mut Dice) {
    let mut file = File::options().create(true).truncate(false).write(true).open(path).unwrap();
    for page in content.chunks(4096) {
        file.write_all(page).unwrap();
        if dice.below(8) == 0 {
            sleep(Duration::from_micros(dice.below(2000) as u64));
        }
    }
    file.set_len(content.len() as u64).unwrap();
}

fn cut(path: &Path, len: usize) {
    File::options().write(true).open(path).unwrap().set_len(len as u64).unwrap();
}

/// Changes one file after another.
struct Writer<'a> {
    folder: &'a Path,
    victims: &'a [Victim],
    /// The content that each file has.
    current: Vec<usize>,
    dice: Dice,
}

impl Writer<'_> {
    /// Sometimes long enough for the file to settle, so that it is mapped when the next change comes.
    fn pause(&mut self) {
        let millis = [0, 0, 0, 1, 2, 5, 30, 160, 220][self.dice.below(9)];
        sleep(Duration::from_millis(millis));
    }

    fn replace(&self, path: &Path, content: &[u8]) {
        let new = self.folder.join("new");
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, path).unwrap();
    }

    fn strike(&mut self) {
        let victims = self.victims;
        let at = self.dice.below(victims.len());
        let Victim { name, contents } = &victims[at];
        let path = self.folder.join(name);
        let old = &contents[self.current[at]];
        let next = (self.current[at] + 1 + self.dice.below(contents.len() - 1)) % contents.len();
        let new = &contents[next];
        self.current[at] = next;
        match self.dice.below(5) {
            0 => self.replace(&path, new),
            1 => overwrite(&path, new, &mut self.dice),
            2 => {
                cut(&path, 0);
                self.pause();
                overwrite(&path, new, &mut self.dice);
            }
            3 => {
                cut(&path, old.len() / 2);
                self.pause();
                overwrite(&path, old, &mut self.dice);
                self.replace(&path, new);
            }
            _ => {
                std::fs::remove_file(&path).unwrap();
                self.pause();
                self.replace(&path, new);
            }
        }
        self.pause();
    }
}

/// One engine that is asked all the while.
struct Target {
    name: &'static str,
    engine: Engine,
    /// It keeps its promises: files settle no sooner than time stamps can tell.
    sound: bool,
    pictures: AtomicUsize,
}

fn targets(folder: &Path) -> Vec<Target> {
    let brief = || Engine::builder(folder).settle(Duration::from_millis(150));
    [
        ("mapped", brief(), true),
        ("stored", brief().cache_bytes(64 << 20), true),
        ("read", brief().map_sources(false), true),
        ("copied", Engine::builder(folder), true),
        ("hasty", Engine::builder(folder).settle(Duration::ZERO), false),
    ]
    .map(|(name, builder, sound)| Target {
        name,
        engine: builder.build().unwrap(),
        sound,
        pictures: AtomicUsize::new(0),
    })
    .into()
}

/// The picture that was given under each request and tag.
type Seen = HashMap<(&'static str, String), Bytes>;

/// Tells the askers to stop, also when the writer has failed.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks for pictures at random until told to stop.
fn ask(targets: &[Target], seen: &Mutex<Seen>, done: &AtomicBool, mut dice: Dice) {
    while !done.load(Ordering::Relaxed) {
        let target = &targets[dice.below(targets.len())];
        let request = REQUESTS[dice.below(REQUESTS.len())];
        let reply = target.engine.serve(&format!("/is/image/{request}"));
        let at = format!("{request} by {}: {} {:?}", target.name, reply.status, reply.error);
        match reply.status {
            200 => {
                target.pictures.fetch_add(1, Ordering::Relaxed);
                let etag = reply.etag.unwrap();
                assert!(!etag.weak && reply.version.is_some(), "{at}");
                if target.sound {
                    let mut seen = seen.lock().unwrap();
                    let first = seen.entry((request, etag.to_string())).or_insert_with(|| reply.body.clone());
                    assert!(*first == reply.body, "{at}: two pictures under one tag");
                }
            }
            // Away, or cut short.
            403 => {
                let kind = reply.error.unwrap().kind();
                assert!(matches!(kind, ErrorKind::Missing | ErrorKind::Source), "{at}");
                assert_eq!(reply.cache_policy, CachePolicy::NO_STORE);
            }
            503 => {
                let kind = reply.error.unwrap().kind();
                assert!(matches!(kind, ErrorKind::Changed | ErrorKind::Unfinished), "{at}: {kind:?}");
                assert_eq!((reply.cache_policy, reply.etag, reply.version), (CachePolicy::NO_STORE, None, None));
            }
            _ => panic!("{at}"),
        }
    }
}

/// Draws pictures of contents that are known, with an engine that remembers nothing.
struct Judge<'a> {
    victims: &'a [Victim],
    folder: TempDir,
    engine: Engine,
}

impl<'a> Judge<'a> {
    fn new(victims: &'a [Victim]) -> Self {
        let folder = world(victims);
        let engine = support::builder(folder.path()).memo_bytes(0).map_sources(false).build().unwrap();
        Self { victims, folder, engine }
    }

    fn put(&self, victim: &Victim, content: &[u8]) {
        std::fs::write(self.folder.path().join(victim.name), content).unwrap();
    }

    /// The picture of the files as they are, if that is its tag.
    fn picture(&self, request: &str, etag: &str) -> Option<Bytes> {
        let prepared = self.engine.prepare(&format!("/is/image/{request}"), &Context::new());
        let tagged = prepared.etag().is_some_and(|tag| tag.to_string() == etag);
        tagged.then(|| prepared.render()).filter(|reply| reply.status == 200).map(|reply| reply.body)
    }

    /// The picture with that tag, of whatever contents the files had at any moment. The writer changes one at a time, so
    /// the others are whole.
    fn find(&self, request: &str, etag: &str) -> Option<Bytes> {
        // A page is nearly always written at one go, but nothing says that it has to be.
        for step in [usize::MAX, 4096, 1] {
            for victim in self.victims.iter().filter(|victim| victim.used_by(request)) {
                let other = self.victims.iter().find(|other| other.used_by(request) && other.name != victim.name);
                let places = other.into_iter().flat_map(|other| other.contents.iter().map(move |whole| (other, whole)));
                let places: Vec<_> = places.map(Some).chain(other.is_none().then_some(None)).collect();
                for place in places {
                    if let Some((other, whole)) = place {
                        self.put(other, whole);
                    }
                    for content in victim.moments(step) {
                        self.put(victim, &content);
                        if let Some(body) = self.picture(request, etag) {
                            return Some(body);
                        }
                    }
                }
            }
        }
        None
    }
}

#[expect(clippy::disallowed_methods, reason = "the switch of a test program")]
fn duration() -> Duration {
    let seconds = std::env::var("PLATEMARK_FIRE_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

#[test]
fn pictures_are_those_of_contents_that_were_there() {
    let victims = victims();
    let folder = world(&victims);
    let targets = targets(folder.path());
    let (seen, done) = (Mutex::new(Seen::new()), AtomicBool::new(false));
    let strikes = std::thread::scope(|scope| {
        for seed in 0..4 {
            let (targets, seen, done) = (&targets, &seen, &done);
            scope.spawn(move || ask(targets, seen, done, Dice::new(seed)));
        }
        let _stop = Stop(&done);
        let mut writer = Writer { folder: folder.path(), victims: &victims, current: vec![0; 3], dice: Dice::new(99) };
        let (start, mut strikes) = (now(), 0);
        while now().duration_since(start) < duration() {
            writer.strike();
            strikes += 1;
        }
        strikes
    });
    for Target { name, pictures, .. } in &targets {
        assert!(pictures.load(Ordering::Relaxed) > 0, "{name}: no picture in {strikes} changes");
    }
    let seen = seen.into_inner().unwrap();
    assert!(strikes > 4 && seen.len() > REQUESTS.len(), "{strikes} changes, {} pictures", seen.len());
    let judge = Judge::new(&victims);
    for ((request, etag), body) in &seen {
        let expected = judge.find(request, etag);
        let expected = expected.unwrap_or_else(|| panic!("{request} {etag}: of a content that no file ever had"));
        assert!(expected == *body, "{request} {etag}: not the picture of that content");
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a test runs")]
fn now() -> Instant {
    Instant::now()
}

/// A film whose pages each hold the number of their generation.
fn films() -> [Victim; 1] {
    let film = |generation: u32| generation.to_be_bytes().repeat(700 * 4096 / 4);
    [Victim { name: "film.mp4", contents: (1..4).map(film).collect() }]
}

/// The generation of each page; a page is of one alone.
fn generations(film: &[u8]) -> Vec<u32> {
    film.chunks(4096)
        .map(|page| {
            let generation: [u8; 4] = page[..4].try_into().unwrap();
            assert!(page.chunks(4).all(|number| generation.starts_with(number)), "half a page of {generation:?}");
            u32::from_be_bytes(generation)
        })
        .collect()
}

/// Asks for a film and takes its pieces slowly. Returns what was seen under each tag, and how many transfers were
/// broken off.
fn watch(engine: &Engine, done: &AtomicBool, mut dice: Dice) -> (HashMap<String, Vec<u32>>, usize) {
    let (mut seen, mut broken) = (HashMap::new(), 0);
    while !done.load(Ordering::Relaxed) {
        let reply = engine.serve("/is/content/film.mp4");
        if reply.status != 200 {
            let kind = reply.error.as_ref().unwrap().kind();
            assert!(matches!((reply.status, kind), (403, ErrorKind::Missing) | (503, ErrorKind::Changed)), "{reply:?}");
            assert_eq!((reply.cache_policy, reply.etag), (CachePolicy::NO_STORE, None));
            continue;
        }
        let mut body = reply.body.to_vec();
        let mut whole = true;
        for piece in reply.file.iter().flat_map(|film| film.pieces(0..film.len())) {
            match piece {
                Ok(piece) => body.extend_from_slice(&piece),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Changed);
                    whole = false;
                }
            }
            sleep(Duration::from_micros(dice.below(3000) as u64));
        }
        broken += usize::from(!whole);
        let etag = reply.etag.unwrap();
        if etag.weak && reply.cache_policy == CachePolicy::NO_STORE {
            // The file was changed a moment before: its time stamps tell nothing yet, and no cache keeps the reply.
            continue;
        }
        // The writer overwrites one generation after another, so at any moment there are at most two, the newer one first.
        let pages = generations(&body);
        let changes = pages.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 1, "{changes} changes under {etag}: no content that the file had");
        if whole {
            assert_eq!(body.len() as u64, reply.length());
            let first = seen.entry(etag.to_string()).or_insert_with(|| pages.clone());
            assert!(*first == pages, "two films under {etag}");
        }
    }
    (seen, broken)
}

#[test]
fn films_are_of_one_content_or_broken_off() {
    let films = films();
    let folder = world(&films);
    let brief = || Engine::builder(folder.path()).settle(Duration::from_millis(150));
    let engines = [brief(), brief().content_digest_bytes(0), Engine::builder(folder.path())];
    let engines = engines.map(|builder| builder.build().unwrap());
    let done = AtomicBool::new(false);
    let outcomes = std::thread::scope(|scope| {
        let watchers: Vec<_> = engines
            .iter()
            .zip(0..)
            .map(|(engine, seed)| {
                let done = &done;
                scope.spawn(move || watch(engine, done, Dice::new(seed)))
            })
            .collect();
        let _stop = Stop(&done);
        let mut writer = Writer { folder: folder.path(), victims: &films, current: vec![0], dice: Dice::new(7) };
        let start = now();
        while now().duration_since(start) < duration() {
            writer.strike();
        }
        done.store(true, Ordering::Relaxed);
        watchers.into_iter().map(|watcher| watcher.join().unwrap()).collect::<Vec<_>>()
    });
    let (seen, broken) = outcomes.iter().fold((0, 0), |sum, (seen, broken)| (sum.0 + seen.len(), sum.1 + broken));
    assert!(seen > 2 && broken > 2, "{seen} films, {broken} broken off");
}

/// The file is mapped while it is changed: what was known of it before is not said of what is there now.
#[test]
fn a_change_between_the_two_steps_is_noticed() {
    let victims = victims();
    let changes: [fn(&Path, &[u8]); 6] = [
        |path, _| cut(path, 0),
        |path, _| cut(path, 20_000),
        |path, new| std::fs::write(path, new).unwrap(),
        |path, new| overwrite(path, new, &mut Dice::new(1)),
        |path, _| std::fs::remove_file(path).unwrap(),
        |path, new| {
            std::fs::write(path.with_extension("new"), new).unwrap();
            std::fs::rename(path.with_extension("new"), path).unwrap();
        },
    ];
    for request in REQUESTS {
        for victim in victims.iter().filter(|victim| victim.used_by(request)) {
            for (at, change) in changes.iter().enumerate() {
                // With facts that were remembered the file is opened by the second step, otherwise by the first.
                for remembered in [false, true] {
                    let folder = world(&victims);
                    let engine = support::builder(folder.path()).cache_bytes(1 << 20).build().unwrap();
                    let target = format!("/is/image/{request}");
                    if remembered {
                        assert_eq!(engine.serve(&format!("{target}&qlt=3")).status, 200);
                    }
                    let prepared = engine.prepare(&target, &Context::new());
                    assert_eq!(prepared.status(), 200);
                    change(&folder.path().join(victim.name), &victim.contents[1]);
                    let reply = prepared.render();
                    // A file that is gone when it is to be opened is missing.
                    let status = if remembered && at == 4 { 403 } else { 503 };
                    assert_eq!((reply.status, reply.etag), (status, None), "{request}, {at}: {:?}", reply.error);
                    let again = engine.serve(&target);
                    match at {
                        // Of a file that was cut short, a part above the cut is as it was.
                        1 if request.contains("rect=") => {
                            assert!(matches!(again.status, 200 | 403), "{request}, {at}: {:?}", again.error);
                        }
                        0 | 1 | 4 => assert_eq!(again.status, 403, "{request}, {at}"),
                        _ => assert_eq!(again.status, 200, "{request}, {at}"),
                    }
                }
            }
        }
    }
}
