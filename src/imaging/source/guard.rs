//! The guard against files that are cut short while they are mapped.
//!
//! Reading a mapped page that the file no longer has raises SIGBUS, which ends the process unless a handler makes the
//! page readable. This one knows our mappings: it puts zero pages in the place of the one that lost a page and marks it
//! lost, so that the read goes on, and [`Watch::lost`] makes an error of this one request of it. Every other SIGBUS goes
//! to the handler that was there before.
//!
//! A host that installs a handler of its own later has to pass on to this one what is not its own, as this one does.
#![allow(unsafe_code, reason = "signal handlers are installed and called by address")]

use std::fmt;
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};

use libc::{c_int, c_void, sigaction, siginfo_t};

use super::table::{Slot, Table};

/// At most 4,096 mappings at a time; a request that comes then reads the file instead.
static TABLE: Table = Table::new(64);

/// What was done about SIGBUS before, never freed; null until the handler is about to be installed.
static PREVIOUS: AtomicPtr<sigaction> = AtomicPtr::new(ptr::null_mut());

/// Keeps a mapping under guard.
pub(super) struct Watch(&'static Slot);

impl Watch {
    /// Guards the mapping at `range`. `None`: it cannot be guarded, and so must not be read.
    ///
    /// # Safety
    ///
    /// Until this value is dropped, `range` is a mapping that starts at the start of a page and is only read, and only
    /// by code that takes any bytes, zeros at any moment included.
    pub(super) unsafe fn new(range: &Range<usize>) -> Option<Self> {
        if !installed() {
            return None;
        }
        TABLE.claim(range).map(Self)
    }

    /// The mapping has lost pages: what has been read of it may be zeros that no file ever held.
    pub(super) fn lost(&self) -> bool {
        self.0.lost()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("lost", &self.lost()).finish()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Installs the handler, once in a process. Whether it is there.
fn installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        let Some(before) = exchange(None) else { return false };
        // The mask and the way of returning that the other handler asked for still hold when it is called from this one.
        let kept = before.sa_flags & (libc::SA_NODEFER | libc::SA_RESTART);
        let ours = sigaction {
            sa_sigaction: on_sigbus as *const () as usize,
            // With the fault's address, and on the thread's signal stack if it has one.
            sa_flags: libc::SA_SIGINFO | libc::SA_ONSTACK | kept,
            ..before
        };
        // Before the handler can be called, and again because another thread may have changed it in between.
        PREVIOUS.store(Box::leak(Box::new(before)), SeqCst);
        let Some(replaced) = exchange(Some(&ours)) else { return false };
        PREVIOUS.store(Box::leak(Box::new(replaced)), SeqCst);
        true
    })
}

/// Sets what is done about SIGBUS, if anything is given, and tells what was done before.
fn exchange(new: Option<&sigaction>) -> Option<sigaction> {
    let mut old = std::mem::MaybeUninit::uninit();
    let new = new.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: both pointers are valid or null, which the call allows. The handlers passed are `on_sigbus`, which is fit
    // to be one, SIG_DFL, and in tests functions that are.
    let done = unsafe { sigaction(libc::SIGBUS, new, old.as_mut_ptr()) } == 0;
    // SAFETY: the call has succeeded, so it has written the old action.
    done.then(|| unsafe { old.assume_init() })
}

/// The handler. Only what is safe in one: atomic loads and stores, `mmap`, `sigaction`, `raise`; no memory is taken and
/// nothing panics. `errno` is left alone: a call that succeeds does not touch it, and if one fails the process ends.
extern "C" fn on_sigbus(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: SA_SIGINFO is set, so the kernel passes a record that is valid until the handler returns.
    let record = unsafe { &*info };
    if !(is_access(record.si_code) && replaced(address(record))) {
        pass_on(signal, info, context);
    }
}

/// The signal says that the thread it came to touched memory that is not there, and where. Others are sent by programs,
/// with a code of 0 or less, or tell of a broken memory module while the thread was elsewhere.
const fn is_access(code: c_int) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if code == libc::BUS_MCEERR_AO {
        return false;
    }
    code > 0
}

fn address(record: &siginfo_t) -> usize {
    // SAFETY: for a fault the record holds an address; for all else it is other plain data, of which nothing comes.
    unsafe { record.si_addr() }.addr()
}

/// Puts zero pages in the place of the mapping that holds `address`. Whether there is one, and it worked.
///
/// All of it and not only what is lost: that needs no more entries in the kernel's list of mappings, so no limit on them
/// can refuse it, and the request is lost anyway.
fn replaced(address: usize) -> bool {
    let Some((slot, range)) = TABLE.find(address) else { return false };
    // Before there is a zero to be read.
    slot.lose();
    let flags = libc::MAP_FIXED | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let start = ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: the thread was reading inside the range, so the `Watch` is alive whose contract `range` fulfils: it is a
    // mapping of ours, as long as this and page-aligned, and may turn to zeros. It stays mapped throughout, so that
    // other threads can go on reading it, and is unmapped by its owner as before.
    let at = unsafe { libc::mmap(start, range.len(), libc::PROT_READ, flags, -1, 0) };
    at != libc::MAP_FAILED
}

/// Does what would have been done without this handler.
fn pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the pointer leads to is never freed nor changed.
    let previous = unsafe { PREVIOUS.load(SeqCst).as_ref() };
    // SAFETY: as in the handler.
    let is_access = is_access(unsafe { (*info).si_code });
    let handler = previous.map_or(libc::SIG_DFL, |previous| previous.sa_sigaction);
    let with_info = previous.is_some_and(|previous| previous.sa_flags & libc::SA_SIGINFO != 0);
    match handler {
        // A fault cannot be ignored: the read would fail for ever. The kernel does not ignore it either.
        libc::SIG_IGN if !is_access => {}
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: of all fields zero is a valid value; it is the default action with an empty mask.
            let mut default: sigaction = unsafe { std::mem::zeroed() };
            default.sa_sigaction = libc::SIG_DFL;
            exchange(Some(&default));
            // A fault comes again when the handler returns. A signal that was sent has to be sent again.
            if !is_access {
                // SAFETY: it has no preconditions.
                unsafe { libc::raise(signal) };
            }
        }
        handler if with_info => {
            type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
            #[expect(clippy::disallowed_methods, reason = "an address becomes a function in no other way")]
            // SAFETY: the code that installed it with SA_SIGINFO said that it is a function of this type.
            let handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
            handler(signal, info, context);
        }
        handler => {
            #[expect(clippy::disallowed_methods, reason = "an address becomes a function in no other way")]
            // SAFETY: the code that installed it without SA_SIGINFO said that it is a function of this type.
            let handler = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(handler) };
            handler(signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;
    use std::sync::atomic::AtomicUsize;
    use std::time::{Duration, SystemTime};

    use super::super::map::Map;
    use super::super::{Content, Mounts, Rules, Source};
    use super::*;

    const LEN: usize = 300_000;

    fn file(byte: u8) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![byte; LEN]).unwrap();
        file
    }

    fn mapped(file: &File) -> Map {
        Map::new(file, LEN as u64).unwrap().unwrap()
    }

    #[test]
    fn lost_pages_are_zeros_and_only_their_mapping_is_lost() {
        let (cut, halved, whole) = (file(1), file(2), file(3));
        let maps = [&cut, &halved, &halved, &whole].map(mapped);
        cut.set_len(0).unwrap();
        halved.set_len(LEN as u64 / 2).unwrap();
        assert!(maps.iter().all(|map| !map.lost()), "no thread has looked yet");
        assert!(maps[0].iter().all(|&byte| byte == 0));
        assert_eq!(maps[1][LEN / 2 - 1], 2, "what is left can be read");
        assert!(!maps[1].lost());
        assert_eq!(maps[1][LEN - 1], 0);
        assert!(maps[3].iter().all(|&byte| byte == 3));
        assert_eq!([0, 1, 2, 3].map(|at: usize| maps[at].lost()), [true, true, false, false]);
        // The file is whole again, but not what was mapped of it; a new mapping of it is.
        halved.set_len(LEN as u64).unwrap();
        assert!(maps[1].lost() && mapped(&halved)[..LEN / 2].iter().all(|&byte| byte == 2));
    }

    /// One loss is everybody's who reads the mapping, and threads that meet it at once do not disturb each other.
    #[test]
    fn threads_lose_many_mappings_at_once() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let files: Vec<File> = (1..=9).map(file).collect();
                        let maps: Vec<Map> = files.iter().map(mapped).collect();
                        files.iter().step_by(2).for_each(|file| file.set_len(0).unwrap());
                        std::thread::scope(|readers| {
                            for start in [0, 100_000] {
                                let maps = &maps;
                                readers.spawn(move || {
                                    for (at, map) in maps.iter().enumerate() {
                                        let expected = if at % 2 == 0 { 0 } else { at as u8 + 1 };
                                        assert!(map[start..].iter().all(|&byte| byte == expected), "{at}");
                                    }
                                });
                            }
                        });
                        assert!(maps.iter().enumerate().all(|(at, map)| map.lost() == (at % 2 == 0)));
                    }
                });
            }
        });
    }

    /// What a test process does that its parent looks at from outside.
    const SCENARIO: &str = "PLATEMARK_TEST_SCENARIO";

    /// Runs a scenario in a process of its own; tells the signal that ended it, or 0 if all went well.
    fn outcome(scenario: &str) -> c_int {
        let test = "imaging::source::guard::tests::scenario";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let output = child.args([test, "--exact", "--ignored"]).env(SCENARIO, scenario).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.signal().unwrap_or_else(|| {
            assert!(output.status.success() && text.contains("1 passed"), "{scenario}: {text}");
            0
        })
    }

    #[test]
    fn all_else_goes_to_the_handler_that_was_there_before() {
        let killed = libc::SIGBUS;
        for (before, sent, fault) in [
            ("runtime", killed, killed),
            ("default", killed, killed),
            ("ignore", 0, killed),
            ("with info", 0, 0),
            ("without info", 0, 0),
        ] {
            assert_eq!(outcome(&format!("{before}, sent")), sent, "{before}");
            assert_eq!(outcome(&format!("{before}, fault")), fault, "{before}");
        }
    }

    #[test]
    fn beyond_the_table_files_are_read() {
        assert_eq!(outcome("overflow"), 0);
    }

    #[test]
    #[ignore = "started by the tests above, in a process of its own"]
    fn scenario() {
        #[expect(clippy::disallowed_methods, reason = "how a parent tells its child what to do")]
        let Ok(scenario) = std::env::var(SCENARIO) else { return };
        match scenario.split_once(", ") {
            Some((before, what)) => foreign(before, what == "fault"),
            None => overflow(),
        }
    }

    /// What the handlers below have seen: how often they were called, and where the last fault was.
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    static FAULT: AtomicUsize = AtomicUsize::new(0);
    /// Where the foreign mapping is.
    static FOREIGN: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn with_info(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
        // SAFETY: it is installed with SA_SIGINFO.
        FAULT.store(address(unsafe { &*info }), SeqCst);
        without_info(libc::SIGBUS);
    }

    extern "C" fn without_info(_: c_int) {
        CALLS.fetch_add(1, SeqCst);
        let start = ptr::with_exposed_provenance_mut(FOREIGN.load(SeqCst));
        let flags = libc::MAP_FIXED | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: there is the test's own mapping, of this length.
        unsafe { libc::mmap(start, LEN, libc::PROT_READ, flags, -1, 0) };
    }

    /// A SIGBUS that is none of ours, after one that is.
    fn foreign(before: &str, fault: bool) {
        let (handler, flags) = match before {
            "default" => (libc::SIG_DFL, 0),
            "ignore" => (libc::SIG_IGN, 0),
            "with info" => (with_info as *const () as usize, libc::SA_SIGINFO),
            "without info" => (without_info as *const () as usize, 0),
            // What the standard library has installed, which looks for overflowing stacks.
            _ => (0, -1),
        };
        if flags >= 0 {
            let action = sigaction { sa_sigaction: handler, sa_flags: flags, ..exchange(None).unwrap() };
            exchange(Some(&action)).unwrap();
        }
        let (ours, theirs) = (file(1), file(2));
        let map = mapped(&ours);
        // SAFETY: it is only read, by this function.
        let foreign = unsafe { memmap2::MmapOptions::new().len(LEN).map(&theirs) }.unwrap();
        FOREIGN.store(foreign.as_ptr().expose_provenance(), SeqCst);
        ours.set_len(0).unwrap();
        theirs.set_len(0).unwrap();
        assert_eq!((map[LEN - 1], map.lost(), CALLS.load(SeqCst)), (0, true, 0));
        if fault {
            assert_eq!(std::hint::black_box(&foreign)[LEN - 1], 0);
            let seen = if before == "with info" { FOREIGN.load(SeqCst) + LEN - 1 } else { 0 };
            assert_eq!(FAULT.load(SeqCst), seen);
        } else {
            // SAFETY: it has no preconditions.
            unsafe { libc::raise(libc::SIGBUS) };
        }
        assert_eq!(CALLS.load(SeqCst), usize::from(flags >= 0 && handler > 1));
        // The guard still is there.
        let again = file(3);
        let map = mapped(&again);
        again.set_len(0).unwrap();
        assert_eq!((map[0], map.lost()), (0, true));
    }

    fn overflow() {
        let named = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(named.path(), b"content").unwrap();
        let open = || {
            let rules = Rules { settle: Duration::ZERO, max_bytes: 1000, map: true };
            let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 35);
            let source = Source::open(named.path(), later, rules, &Mounts::default());
            let source = source.unwrap();
            assert_eq!((source.bytes(), source.is_settled()), (&b"content"[..], true));
            matches!(source.content, Content::Mapped { .. })
        };
        let file = file(1);
        let mut maps = vec![];
        while let Some(map) = Map::new(&file, LEN as u64).unwrap() {
            maps.push(map);
        }
        assert_eq!(maps.len(), 4096);
        assert!(!open());
        drop(maps.swap_remove(2000));
        assert!(open() && open(), "the slot is used again");
        file.set_len(0).unwrap();
        assert!(maps.iter().all(|map| map[0] == 0 && map.lost()));
    }
}
