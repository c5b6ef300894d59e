//! Keeps the memory of glibc's allocator small.
//!
//! glibc keeps the pages of freed memory if anything above them is still in use, and has eight arenas a core. After a backup
//! and a check of 100 000 events that is half of the resident memory (`benches/README.md`). A server therefore has two
//! arenas, and returns free pages to the system while it works. Other allocators were compared there as well.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::{env, ffi::c_int, fs, thread, time::Duration};

    /// With one arena threads wait for each other: a fifth fewer pages a second on two cores.
    const ARENAS: c_int = 2;
    /// Set by operators who want another number of arenas.
    const ARENAS_VARIABLE: &str = "MALLOC_ARENA_MAX";
    /// Interval between returns of free pages, in milliseconds.
    const RELEASE_MS: u64 = 500;
    /// CPU time after which there may be some, in clock ticks (10 ms each). An idle server is left alone.
    const WORK_TICKS: u64 = 5;
    /// The parameter of `mallopt` for the number of arenas.
    const M_ARENA_MAX: c_int = -8;

    #[expect(unsafe_code, reason = "declares two functions of glibc that take any numbers")]
    unsafe extern "C" {
        safe fn mallopt(parameter: c_int, value: c_int) -> c_int;
        safe fn malloc_trim(pad: usize) -> c_int;
    }

    /// Begins, in a thread that ends with the process. Call it before other threads allocate.
    pub fn keep_small() {
        if env::var_os(ARENAS_VARIABLE).is_none() {
            mallopt(M_ARENA_MAX, ARENAS);
        }
        let watch = thread::Builder::new().name("memory".to_owned()).spawn(|| {
            let mut released_at = 0;
            while let Some(now) = cpu_ticks() {
                if now - released_at >= WORK_TICKS {
                    release();
                    released_at = now;
                }
                thread::sleep(Duration::from_millis(RELEASE_MS));
            }
        });
        // Without the thread the server only takes more memory.
        drop(watch);
    }

    /// Returns free pages to the system.
    pub fn release() {
        malloc_trim(0);
    }

    /// CPU time of this process, user and system, in clock ticks.
    pub fn cpu_ticks() -> Option<u64> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program may contain anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let times = rest.split_ascii_whitespace().skip(11).take(2);
        times.map(|ticks| ticks.parse::<u64>().ok()).sum()
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use glibc::keep_small;

/// Other C libraries return pages themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_small() {}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::glibc::{cpu_ticks, release};

    /// Resident memory of this process, in KiB.
    fn resident_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
    }

    #[test]
    fn the_cpu_time_of_the_process_grows() {
        let before = cpu_ticks().unwrap_or_default();
        while cpu_ticks().unwrap_or_default() < before + 2 {
            std::hint::black_box(resident_kib());
        }
    }

    #[test]
    fn free_pages_between_used_ones_are_returned() {
        const BLOCKS: usize = 64 * 1024;
        let mut blocks: Vec<Option<Box<[u8]>>> =
            (0..BLOCKS).map(|number| Some(vec![number.to_le_bytes()[0]; 1024].into_boxed_slice())).collect();
        for (number, block) in blocks.iter_mut().enumerate() {
            if number % 64 != 0 {
                *block = None;
            }
        }
        let before = resident_kib();

        release();

        let after = resident_kib();
        assert!(after + 32 * 1024 < before, "{before} KiB before, {after} KiB after");
        assert_eq!(blocks.iter().flatten().count(), BLOCKS / 64);
    }
}
