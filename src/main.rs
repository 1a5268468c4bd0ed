//! The `gravity` binary.

fn main() {}
