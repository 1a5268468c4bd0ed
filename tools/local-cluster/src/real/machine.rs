//! The node's namespaces and its link, and the supervisor that takes them down.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::network::{NUMBERS, Network};
use super::require::{SEARCH_PATH, find_program};
use crate::Error;
use crate::folder::Layout;
use crate::process::{Process, open_log, tail};

/// The scripts lie beside the sources, and the crate is only ever run from its clone.
const SUPERVISE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/supervise.sh");

const SUPERVISOR: &str = "the node's supervisor";

/// The file with the number of the folder's network.
const NUMBER: &str = "network";

/// An empty node, in which programs can be started; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Machine {
    supervisor: Child,
    /// The pipe by whose end the supervisor learns of ours.
    pipe: Option<ChildStdin>,
    network: Network,
    /// The first process of the namespaces.
    first: String,
}

impl Machine {
    /// Makes the namespaces and the link. A folder that is taken up again keeps its network,
    /// for the addresses are in its certificates and objects.
    ///
    /// A folder that is temporary is removed when we end without dropping this.
    pub(crate) fn start(folder: &Layout, temporary: bool, pause: &Path) -> Result<Self, Error> {
        let log = folder.logs().join("supervisor.log");
        let output = open_log(&log).map_err(Error::file(&log, "written"))?;
        let mut supervisor = Command::new("sh")
            .arg(SUPERVISE)
            .args([folder.path(), pause])
            .args(numbers(folder))
            .env("PATH", SEARCH_PATH)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output)
            // A terminal's Ctrl-C is for us alone.
            .process_group(0)
            .spawn()
            .map_err(|source| Error::NotStarted {
                program: SUPERVISOR,
                path: SUPERVISE.into(),
                source,
            })?;
        let pipe = supervisor.stdin.take();
        let answer = read_line(&mut supervisor).map_err(Error::file(&log, "read"))?;
        let told = answer
            .trim()
            .split_once(' ')
            .and_then(|(number, first)| Some((number.parse().ok()?, first.to_owned())));
        let Some((number, first)) = told else {
            drop(pipe);
            let status = supervisor.wait().map_err(Error::file(&log, "ended"))?;
            let tail = tail(&log);
            let program = SUPERVISOR;
            return Err(Error::Ended {
                program,
                status,
                log,
                tail,
            });
        };
        let mut machine = Self {
            supervisor,
            pipe,
            network: Network::new(number),
            first,
        };
        folder.write(NUMBER, &number.to_string())?;
        if !temporary {
            machine.keep_folder();
        }
        Ok(machine)
    }

    pub(crate) fn network(&self) -> Network {
        self.network
    }

    /// From now on the supervisor leaves the folder where it is.
    fn keep_folder(&mut self) {
        if let Some(pipe) = &mut self.pipe {
            // It fails only when the supervisor is gone, and with it what could be told.
            let _ = pipe.write_all(b"keep\n");
        }
    }

    /// Starts a program in the node. It dies with the process that entered the node for it.
    pub(crate) fn run(
        &self,
        program: &'static str,
        path: &Path,
        arguments: &[String],
        logs: &Path,
    ) -> Result<Process, Error> {
        let entry = self.entry(path, arguments);
        let environment = [("PATH".to_owned(), SEARCH_PATH.into())];
        let log = logs.join(format!("{program}.log"));
        Process::start_with(program, &entry.0, &entry.1, &environment, log)
    }

    /// Runs a program in the node to its end, which must be a good one.
    pub(crate) fn do_once(
        &self,
        action: &str,
        path: &Path,
        arguments: &[String],
    ) -> Result<(), Error> {
        let (program, words) = self.entry(path, arguments);
        let output = Command::new(&program)
            .args(words)
            .env("PATH", SEARCH_PATH)
            .stdin(Stdio::null())
            .output()
            .map_err(Error::file(program, "run"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::NodeCommand {
            action: action.to_owned(),
            status: output.status,
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// The command that runs a program in the node.
    fn entry(&self, path: &Path, arguments: &[String]) -> (PathBuf, Vec<String>) {
        let nsenter = find_program("nsenter").unwrap_or_else(|| "nsenter".into());
        let target = format!("--target={}", self.first);
        let fixed = [
            &target,
            "--all",
            "--",
            "setpriv",
            "--pdeathsig",
            "KILL",
            "--",
        ];
        let words = fixed.into_iter().map(str::to_owned);
        let path = path.display().to_string();
        let all = words.chain([path]).chain(arguments.iter().cloned());
        (nsenter, all.collect())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.keep_folder();
        drop(self.pipe.take());
        let _ = self.supervisor.wait();
    }
}

/// The numbers that may be tried: those of the range, or the one that the folder has.
fn numbers(folder: &Layout) -> Vec<String> {
    match std::fs::read_to_string(folder.path().join(NUMBER)) {
        Ok(number) => vec![number],
        Err(_) => NUMBERS.map(|number| number.to_string()).collect(),
    }
}

fn read_line(supervisor: &mut Child) -> std::io::Result<String> {
    let mut line = String::new();
    if let Some(output) = supervisor.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    Ok(line)
}
