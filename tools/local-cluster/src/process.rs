//! A program of the cluster while it runs.
//!
//! Nothing may outlive the process that started it, however that ends:
//!
//! - by `stop` or by being dropped: [`Process`] kills and collects its program;
//! - by Ctrl-C: the programs are in process groups of their own, so the terminal's
//!   signal reaches only us, and we decide the order of the end;
//! - by `kill -9`: on Linux each program is started through `setpriv --pdeathsig
//!   KILL`, and the kernel kills it when its parent dies. "Parent" means the thread
//!   that started it, not the process. So all are started by one thread that ends
//!   with the process: a test's own thread ends with the test, and would take a
//!   cluster with it that other tests share. Where `setpriv` is missing (macOS) this
//!   one case is not covered.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, OnceLock};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;

/// How many lines of a log an error shows: enough for a Go program's last words.
const TAIL: usize = 15;

/// A program that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    program: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `path` with its output in `LOGS/PROGRAM.log`.
    pub(crate) fn start(
        program: &'static str,
        path: &Path,
        arguments: &[String],
        logs: &Path,
    ) -> Result<Self, Error> {
        let log = logs.join(format!("{program}.log"));
        Self::start_with(program, path, arguments, &[], log)
    }

    /// Starts `path` with these environment variables beside ours, and its output at the
    /// end of `log`.
    pub(crate) fn start_with(
        program: &'static str,
        path: &Path,
        arguments: &[String],
        environment: &[(String, OsString)],
        log: PathBuf,
    ) -> Result<Self, Error> {
        let output = open_log(&log).map_err(Error::file(&log, "written"))?;
        let errors = output.try_clone().map_err(Error::file(&log, "written"))?;
        let mut command = command_that_dies_with_us(path);
        command
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let child = start_from_lasting_thread(command).map_err(|source| Error::NotStarted {
            program,
            path: path.into(),
            source,
        })?;
        Ok(Self {
            program,
            child,
            log,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.program
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// How the program ended; `None` while it runs.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal. A program that has ended gets none, for its id may be another's.
    pub(crate) fn signal(&mut self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (None, Some(id)) = (self.status(), id) {
            // It is our child and not collected yet, so the only error is a race with its end.
            let _ = kill_process(id, signal);
        }
    }

    /// An error with the end of the log, if the program has ended.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        match self.status() {
            Some(status) => Err(self.ended(status)),
            None => Ok(()),
        }
    }

    fn ended(&self, status: ExitStatus) -> Error {
        Error::Ended {
            program: self.program,
            status,
            log: self.log.clone(),
            tail: tail(&self.log),
        }
    }
}

impl Drop for Process {
    /// Kills rather than asks: a killed process loses nothing that it has written
    /// (only a power cut would), and the API server takes seconds to say goodbye.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A log to write at its end.
pub(crate) fn open_log(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let content = fs::read(log).unwrap_or_default();
    let content = String::from_utf8_lossy(&content);
    let lines: Vec<&str> = content.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

/// `setpriv` replaces itself by the program, so the process id is the program's.
fn command_that_dies_with_us(path: &Path) -> Command {
    let mut command = match setpriv() {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", "--"]).arg(path);
            command
        }
        None => Command::new(path),
    };
    command.process_group(0);
    command
}

/// Not every `setpriv` knows the option (BusyBox' does not), so it is tried once.
fn setpriv() -> Option<&'static str> {
    static KNOWN: LazyLock<bool> = LazyLock::new(|| {
        let trial = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "true"])
            .stdin(Stdio::null())
            .output();
        trial.is_ok_and(|output| output.status.success())
    });
    KNOWN.then_some("setpriv")
}

type Request = (Command, Sender<io::Result<Child>>);

/// Has the one lasting thread start the command.
fn start_from_lasting_thread(command: Command) -> io::Result<Child> {
    static STARTER: OnceLock<Sender<Request>> = OnceLock::new();
    let (answer, answers) = channel();
    let gone = |_| io::Error::other("the thread that starts programs is gone");
    STARTER
        .get_or_init(lasting_thread)
        .send((command, answer))
        .map_err(|_| gone(()))?;
    answers.recv().map_err(|_| gone(()))?
}

/// Ends only with the process, for its sender is never dropped.
fn lasting_thread() -> Sender<Request> {
    let (sender, requests) = channel::<Request>();
    thread::spawn(move || {
        for (mut command, answer) in requests {
            let _ = answer.send(command.spawn());
        }
    });
    sender
}
