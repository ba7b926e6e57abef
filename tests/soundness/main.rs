//! Versions, proved by search (`responses.md` §6): small worlds, a request, and one change.
//!
//! A world is two catalogs with attributes, records and macros over a few pictures with texture. Each case asks for all that
//! has a version of one object, of two cold engines, before and after a random change, and holds them to the promise:
//!
//! * **Soundness**: replies that differ in a byte have different versions, and so different tags.
//! * **Precision**: a change that is not part of a version leaves it, and the tag, as they were. So does everything about
//!   how a world is written down: names and times of files, order of records and columns, comments, spelling.
//!
//! A case that fails is shrunk to the smallest world that still fails. The seeds are fixed, so that a run can be repeated;
//! `PLATEMARK_SEED` chooses others, and `PROPTEST_CASES` another number of cases: a thousand by default, with
//! `PLATEMARK_LONG` twenty thousand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod fields;
mod listing;
mod pool;
mod stages;
#[path = "../support/mod.rs"]
mod support;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use platemark::Reply;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use fields::{ATTRIBUTES, BODIES, CLOSURE, FIELDS, FILES, MACROS, PATHS, PROFILES, Part, TYPES, VIEW};
use pool::{Content, Pool, VARIANTS};
use world::{Looks, RECORDS, Side, World};

/// Cases of a run in continuous integration and elsewhere, unless `PROPTEST_CASES` names another number.
const CASES: u32 = 20_000;
const FEW_CASES: u32 = 1_000;

/// Parts that the cases are cut into; fixed, so that the cases do not depend on the number of processors.
const SHARDS: u32 = 16;

/// What happens to a world.
#[derive(Clone)]
enum Change {
    Attribute(Side, usize, usize),
    Field(usize, usize, usize),
    Macro(Side, usize, usize),
    /// The content of a file, which may be there or not.
    File(usize, Option<Content>),
    /// The content of a profile.
    Profile(usize, usize),
    Remove(usize),
    /// Nothing that counts.
    Looks(Looks),
    /// A release that makes other bytes in a stage, and raises the stage's epoch.
    Stage(usize),
}

/// What a change may do to the two versions: whether it may touch `image.version`, and `metadata.version`.
#[derive(Debug, Clone, Copy)]
struct May {
    image: bool,
    metadata: bool,
}

impl Change {
    fn apply(&self, world: &World) -> World {
        let mut world = world.clone();
        match self {
            Self::Attribute(side, attribute, value) => world.attributes.push((*side, *attribute, *value)),
            Self::Field(record, field, value) => world.fields.push((*record, *field, *value)),
            Self::Macro(side, name, body) => world.macros.push((*side, *name, *body)),
            Self::File(file, content) => world.files[*file] = *content,
            Self::Profile(place, variant) => world.profiles[*place] = *variant,
            Self::Remove(record) => world.removed.push(*record),
            Self::Looks(looks) => world.looks = looks.clone(),
            Self::Stage(_) => {}
        }
        world
    }

    fn may(&self, world: &World) -> May {
        let part = match self {
            Self::Attribute(_, attribute, _) => ATTRIBUTES[attribute % ATTRIBUTES.len()].1,
            Self::Field(_, field, _) => FIELDS[field % FIELDS.len()].1,
            Self::Macro(..) => Part::Both,
            Self::File(file, content) => match (world.files[*file], content) {
                // Other pixels of the same size.
                (Some(before), Some(after)) if before.upright() == after.upright() => Part::Image,
                _ => Part::Selects,
            },
            Self::Remove(_) => Part::Selects,
            Self::Looks(_) => Part::Neither,
            Self::Profile(..) | Self::Stage(_) => Part::Image,
        };
        match part {
            Part::Neither => May { image: false, metadata: false },
            Part::Image => May { image: true, metadata: false },
            Part::Metadata => May { image: false, metadata: true },
            Part::Both | Part::Selects => May { image: true, metadata: true },
        }
    }

    /// What the tally calls it.
    fn name(&self) -> String {
        match self {
            Self::Attribute(_, attribute, _) => format!("attribute {}", ATTRIBUTES[attribute % ATTRIBUTES.len()].0),
            Self::Field(_, field, _) => format!("field {}", FIELDS[field % FIELDS.len()].0),
            Self::Macro(..) => "macro".into(),
            Self::File(..) => "file".into(),
            Self::Profile(..) => "profile".into(),
            Self::Remove(_) => "removal".into(),
            Self::Looks(_) => "looks".into(),
            Self::Stage(_) => "stage".into(),
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |choices: &[&str], value: usize| choices.get(value % (choices.len() + 1)).map(ToString::to_string);
        match self {
            Self::Attribute(side, attribute, at) => {
                let (name, _, choices) = ATTRIBUTES[*attribute];
                write!(f, "{side:?}: {name} = {:?}", value(choices, *at))
            }
            Self::Field(record, field, at) => {
                let (name, _, choices) = FIELDS[*field];
                write!(f, "record {record}: {name} = {:?}", value(choices, *at))
            }
            Self::Macro(side, name, body) => write!(f, "{side:?}: macro {} = {}", MACROS[*name], BODIES[*body]),
            Self::File(file, content) => write!(f, "{} = {content:?}", FILES[*file]),
            Self::Profile(place, variant) => write!(f, "{} = variant {variant}", PROFILES[*place]),
            Self::Remove(record) => write!(f, "record {record} is removed"),
            Self::Looks(looks) => looks.fmt(f),
            Self::Stage(stage) => write!(f, "other bytes of {}", stages::name(*stage)),
        }
    }
}

/// What is asked, besides the type.
#[derive(Clone)]
struct Request {
    path: usize,
    closure: Vec<usize>,
    view: Vec<usize>,
    /// The query is in base64.
    obfuscated: bool,
}

impl Request {
    /// The request for a type. Its commands stand last: `wid=` of a type gives way to one of the request.
    fn target(&self, kind: &'static str) -> String {
        let closure = self.closure.iter().map(|command| CLOSURE[*command]);
        let view = self.view.iter().map(|command| VIEW[*command]);
        let parts: Vec<&str> = [kind].into_iter().chain(closure).chain(view).filter(|part| !part.is_empty()).collect();
        let query = parts.join("&");
        // Catalogs that ask for a lock find it; for others it is a command that they do not know.
        let lock = query.bytes().fold(0u16, |hash, byte| hash.wrapping_mul(131).wrapping_add(byte.into()));
        let query = format!("{query}&{lock:04x}");
        let query = if self.obfuscated {
            base64::engine::general_purpose::STANDARD.encode(query)
        } else {
            query.replace(' ', "%20").replace('<', "%3C").replace('>', "%3E").replace('\'', "%27")
        };
        format!("/is/image/{}?{query}", PATHS[self.path])
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.target(""))
    }
}

/// Mostly contents of one size, so that masks fit.
fn content(size: usize) -> impl Strategy<Value = Content> {
    let size = prop_oneof![5 => Just(size), 1 => 0..Content::SIZES];
    (size, 0..Content::KINDS).prop_map(|(size, kind)| Content { size, kind })
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Own), Just(Side::Default)]
}

/// A record; mostly the one that most requests are about.
fn record() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0usize), 2 => 0..RECORDS]
}

fn attribute() -> impl Strategy<Value = (Side, usize, usize)> {
    (side(), 0..ATTRIBUTES.len(), 0..12usize)
}

fn field() -> impl Strategy<Value = (usize, usize, usize)> {
    (record(), 0..FIELDS.len(), 0..60usize)
}

fn one_macro() -> impl Strategy<Value = (Side, usize, usize)> {
    (side(), 0..MACROS.len(), 0..BODIES.len())
}

fn world(size: usize) -> impl Strategy<Value = World> {
    let file = prop_oneof![9 => content(size).prop_map(Some), 1 => Just(None)];
    let files = prop::collection::vec(file, FILES.len());
    let attributes = prop::collection::vec(attribute(), 0..6);
    let fields = prop::collection::vec(field(), 0..8);
    let macros = prop::collection::vec(one_macro(), 0..4);
    let removed = prop::collection::vec(1..RECORDS, 0..2);
    let profiles = prop::array::uniform3(0..VARIANTS);
    let all = (files, profiles, attributes, fields, macros, removed);
    all.prop_map(|(files, profiles, attributes, fields, macros, removed)| World {
        files,
        profiles,
        attributes,
        fields,
        macros,
        removed,
        looks: Looks::default(),
    })
}

fn looks() -> impl Strategy<Value = Looks> {
    any::<[bool; 8]>().prop_map(
        |[touched, renamed, comments, records_reversed, columns_reversed, other_catalog_names, capitals, strangers]| {
            Looks {
                touched,
                renamed,
                comments,
                records_reversed,
                columns_reversed,
                other_catalog_names,
                capitals,
                strangers,
            }
        },
    )
}

fn change(size: usize) -> impl Strategy<Value = Change> {
    let file = prop_oneof![6 => content(size).prop_map(Some), 1 => Just(None)];
    prop_oneof![
        12 => attribute().prop_map(|(side, attribute, value)| Change::Attribute(side, attribute, value)),
        9 => field().prop_map(|(record, field, value)| Change::Field(record, field, value)),
        6 => one_macro().prop_map(|(side, name, body)| Change::Macro(side, name, body)),
        6 => (prop_oneof![Just(0), 0..FILES.len()], file).prop_map(|(file, content)| Change::File(file, content)),
        3 => (0..PROFILES.len(), 0..VARIANTS).prop_map(|(place, variant)| Change::Profile(place, variant)),
        1 => (0..RECORDS).prop_map(Change::Remove),
        4 => looks().prop_map(Change::Looks),
        3 => any::<usize>().prop_map(Change::Stage),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let path = prop_oneof![6 => Just(0), 4 => 0..PATHS.len()];
    let closure = prop::collection::vec(0..CLOSURE.len(), 0..3);
    let view = prop::collection::vec(0..VIEW.len(), 0..3);
    (path, closure, view, prop::bool::weighted(0.04)).prop_map(|(path, closure, view, obfuscated)| Request {
        path,
        closure,
        view,
        obfuscated,
    })
}

fn case() -> impl Strategy<Value = (World, Change, Request)> {
    (0..Content::SIZES).prop_flat_map(|size| (world(size), change(size), request()))
}

/// What came of the cases of one change.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// Both replies had a version.
    compared: usize,
    /// They differed.
    differed: usize,
    /// The version was bound to stay, and stayed.
    kept: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.differed += other.differed;
        self.kept += other.kept;
    }
}

/// Serves all types of a request before and after a change.
fn check(
    pool: &Pool,
    world: &World,
    change: &Change,
    request: &Request,
    tallies: &Mutex<BTreeMap<String, Tally>>,
) -> Result<(), TestCaseError> {
    let targets = TYPES.map(|(kind, _)| request.target(kind));
    let replies = |world: &World, stage: Option<&str>| -> Result<Vec<Reply>, TestCaseError> {
        let folder = world.write(pool);
        let mut builder = World::builder(folder.path());
        assert!(stage.is_none_or(|stage| builder.alter(stage, true)));
        let engine = builder.build().map_err(|error| TestCaseError::fail(error.to_string()))?;
        Ok(targets.iter().map(|target| engine.serve(target)).collect())
    };
    let stage = if let Change::Stage(stage) = change { Some(stages::name(*stage)) } else { None };
    let (before, after) = (replies(world, None)?, replies(&change.apply(world), stage)?);
    let may = change.may(world);
    let mut tally = Tally::default();
    for (((before, after), target), (_, is_metadata)) in before.iter().zip(&after).zip(&targets).zip(TYPES) {
        let bound = !match is_metadata {
            // Whether the catalog reads such a query decides what it asks for.
            _ if request.obfuscated => may.image || may.metadata,
            true => may.metadata,
            false => may.image,
        };
        compare(target, before, after, bound, &mut tally)?;
    }
    tallies.lock().unwrap().entry(change.name()).or_default().add(tally);
    Ok(())
}

/// Holds two replies to the promise; `bound`: the version may not change.
fn compare(target: &str, before: &Reply, after: &Reply, bound: bool, tally: &mut Tally) -> Result<(), TestCaseError> {
    for reply in [before, after] {
        let fault = reply.error.as_ref().filter(|_| reply.status != 403 && reply.status != 200);
        prop_assert!(fault.is_none(), "{target}: {fault:?}");
    }
    let same = before.body == after.body;
    if let (Some(one), Some(other)) = (before.etag, after.etag) {
        prop_assert!(same || one != other, "{target}: other bytes under the tag {one}");
    }
    let (Some(one), Some(other)) = (before.version, after.version) else { return Ok(()) };
    prop_assert!(same || one != other, "{target}: other bytes under the version {one}");
    if bound {
        prop_assert_eq!(one, other, "{}: the version changed for no reason", target);
        prop_assert_eq!(before.etag, after.etag, "{}: the tag changed for no reason", target);
    }
    tally.add(Tally { compared: 1, differed: usize::from(!same), kept: usize::from(bound) });
    Ok(())
}

#[test]
fn other_bytes_have_other_versions_and_nothing_else_does() {
    let cases = setting("PROPTEST_CASES").unwrap_or_else(|| support::cases(CASES, FEW_CASES));
    let seed = setting("PLATEMARK_SEED").unwrap_or(0);
    let tallies = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    let run = || -> Result<(), String> {
        let pool = Pool::new();
        loop {
            let shard = next.fetch_add(1, Ordering::Relaxed) as u32;
            if shard >= SHARDS {
                return Ok(());
            }
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&seed.to_le_bytes());
            bytes[4..8].copy_from_slice(&shard.to_le_bytes());
            let config = Config { cases: cases.div_ceil(SHARDS), failure_persistence: None, ..Config::default() };
            let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
            runner
                .run(&case(), |(world, change, request)| check(&pool, &world, &change, &request, &tallies))
                .map_err(|failure| failure.to_string())?;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap().err()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    if cases >= CASES {
        judge(&tallies.into_inner().unwrap());
    }
}

/// The search has looked where it should: every attribute and field took part, and what is known to shape replies did.
fn judge(tallies: &BTreeMap<String, Tally>) {
    let of = |name: &str| tallies.get(name).copied().unwrap_or_default();
    let mut all = Tally::default();
    tallies.values().for_each(|tally| all.add(*tally));
    assert!(all.compared > 100_000 && all.differed > 3_000 && all.kept > 30_000, "{all:?}");
    for (kind, rows) in [("attribute", ATTRIBUTES), ("field", FIELDS)] {
        for (name, part, _) in rows {
            let tally = of(&format!("{kind} {name}"));
            assert!(tally.compared >= 20, "{kind} {name} hardly took part: {tally:?}");
            let is_bound = !matches!(part, Part::Both | Part::Selects);
            assert!(!is_bound || tally.kept >= 5, "{kind} {name} was hardly ever bound to stay: {tally:?}");
        }
    }
    let shaping = [
        "attribute RootPath",
        "attribute DefaultPix",
        "attribute BkgColor",
        "attribute JpegQuality",
        "attribute ResMode",
        "attribute LinearLight",
        "attribute PrintResolution",
        "field Path",
        "field MaskPath",
        "field Modifier",
        "field PostModifier",
        "field Map",
        "field Targets",
        "field UserData",
        "macro",
        "file",
        "profile",
        "attribute ColorManagement",
        "attribute KeepMetadata",
        "stage",
    ];
    for name in shaping {
        assert!(of(name).differed > 0, "{name} never changed a byte: {:?}", of(name));
    }
}

#[expect(clippy::disallowed_methods, reason = "the switches of a test program")]
fn setting(name: &str) -> Option<u32> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
