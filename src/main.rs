//! The `gravity` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    gravity::cli::main()
}
