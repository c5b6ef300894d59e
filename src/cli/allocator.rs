//! How many pools the C library keeps for memory that threads gave back.
//!
//! glibc reads that once, when a process starts, and by default keeps up to eight a core: a server that has made a backup and
//! checked everything then holds a fifth more memory than it needs (`benches/README.md`). So the server starts itself again
//! with the variable set, as the same process.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn limit() {
    use std::{env, os::unix::process::CommandExt, process::Command};

    const VARIABLE: &str = "MALLOC_ARENA_MAX";
    /// One makes threads wait for each other: a fifth fewer pages a second on two cores.
    const ARENAS: &str = "2";

    if env::var_os(VARIABLE).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // It comes back only if that failed; then the server runs as it was started.
    let _ = again.args(arguments).env(VARIABLE, ARENAS).exec();
}

/// Other C libraries have no such pools.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn limit() {}
