//! A program that gets something on its standard input.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread;

/// Runs the command to its end, with this on its standard input. Answers with what it says.
pub(crate) fn feed(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_owned();
    // Beside the reading, or each could wait for the other. Who reads nothing closes it.
    let writes = thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writes.join().unwrap();
    output
}
