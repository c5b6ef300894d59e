//! The binary. It calls `cli` of the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tandem::cli::run()
}
