//! How the process keeps memory that it has freed.

/// Has glibc give buffers of 1 MiB or more back to the system when they are freed.
///
/// By itself it raises that size to that of the largest buffer that was freed, up to 32 MiB, and then keeps up to 64 MiB for
/// each of its arenas, of which threads have one each: a server of large pictures held 963 MB where it holds 476 MB so.
/// Buffers that are used again and again are kept by the engine.
///
/// Threads share four arenas. By itself glibc gives each of the first threads one, which reserves 64 MiB of addresses or more:
/// then a server with a limit of address space cannot start its last threads.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "glibc has no other way in, and the setting is the process's, not the engine's")]
pub(crate) fn give_back() {
    for (parameter, value) in [(libc::M_MMAP_THRESHOLD, 1 << 20), (libc::M_ARENA_MAX, 4)] {
        // SAFETY: `mallopt` takes two numbers and may be called at any time; this is before there are other threads.
        let _ = unsafe { libc::mallopt(parameter, value) };
    }
}

/// Other allocators have no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) const fn give_back() {}
