//! Runs the program in the folder of the fixtures.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The program, with nothing of this machine's in its environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gravity"));
    command
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/fixtures"))
        .env_remove("CLICOLOR_FORCE")
        .env_remove("GRAVITY_ENGINES")
        .env("KUBECONFIG", "no-such-file.yaml")
        .stdin(Stdio::null());
    command
}

/// Runs the program.
pub fn gravity(arguments: &[&str]) -> Outcome {
    outcome(program(arguments).output().unwrap())
}

/// Runs the program with a text on its standard input.
pub fn gravity_with(arguments: &[&str], input: &str) -> Outcome {
    feed(program(arguments), input)
}

/// Runs a command with a text on its standard input.
pub fn feed(mut command: Command, input: &str) -> Outcome {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    outcome(child.wait_with_output().unwrap())
}

pub fn outcome(output: Output) -> Outcome {
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Outcome {
    /// The answer of a run that must have gone well and said nothing else.
    pub fn answer(self) -> String {
        assert_eq!(
            (self.code, self.stderr.as_str()),
            (0, ""),
            "{}",
            self.stdout
        );
        self.stdout
    }

    /// The message of a run that must have failed and answered nothing.
    pub fn failure(self) -> String {
        assert_eq!(
            (self.code, self.stdout.as_str()),
            (1, ""),
            "{}",
            self.stderr
        );
        self.stderr
    }
}
