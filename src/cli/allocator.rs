//! Limits the memory arenas of glibc.
//!
//! glibc reads the limit once, when a process starts. Its default of eight arenas a core leaves a server with a fifth more
//! memory than it needs after a backup and a check (`benches/README.md`). The server therefore executes itself again, as the
//! same process, with the variable set.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn limit() {
    use std::{env, os::unix::process::CommandExt, process::Command};

    const VARIABLE: &str = "MALLOC_ARENA_MAX";
    /// With one arena threads wait for each other: a fifth fewer pages a second on two cores.
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
    // Returns only on failure; then the server runs without the limit.
    let _ = again.args(arguments).env(VARIABLE, ARENAS).exec();
}

/// Other C libraries have no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn limit() {}
