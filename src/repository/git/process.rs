//! Git as a process: what it may do, what it is told, and how it is ended.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::interrupt;
use crate::repository::RepositoryError;
use crate::repository::location::{Login, PROTOCOLS, Remote};

/// How often it is looked whether Git has ended.
const LOOK: Duration = Duration::from_millis(5);
/// How long Git has to end when it is told to.
const GRACE: Duration = Duration::from_secs(2);
/// A helper that answers with what its environment has.
const HELPER: &str = r#"!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$GRAVITY_GIT_USERNAME" "$GRAVITY_GIT_PASSWORD"; }; f"#;
/// Lines of Git's that tell nothing beside the others.
const NOTHING: [&str; 3] = [
    "Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
];
/// How much of what Git says on standard error is told.
const TOLD: usize = 600;

/// Git for one repository, and the time that is left to it.
pub(super) struct Process<'a> {
    remote: &'a Remote,
    folder: PathBuf,
    /// How ssh is called, where it is.
    ssh: Option<String>,
    limit: Duration,
    deadline: Instant,
}

impl<'a> Process<'a> {
    /// `folder` is the repository's place in the cache.
    pub(super) fn new(remote: &'a Remote, folder: PathBuf, limit: Duration) -> Self {
        Self {
            ssh: remote.url.starts_with("ssh:").then(ssh),
            remote,
            folder,
            limit,
            deadline: Instant::now() + limit,
        }
    }

    /// Runs Git; gives its standard output.
    pub(super) fn run(
        &self,
        doing: &'static str,
        arguments: &[&str],
        input: Option<&[u8]>,
    ) -> Result<Vec<u8>, RepositoryError> {
        let mut child = self
            .command(arguments)
            .spawn()
            .map_err(|error| RepositoryError::NoGit { error })?;
        let _guard = interrupt::guard(&child);
        feed(&mut child, input.unwrap_or_default().to_vec());
        let answer = all(child.stdout.take());
        let told = all(child.stderr.take());
        let status = self.wait(&mut child);
        // Who outlives Git, and holds its outputs, is not waited for.
        let left = self
            .deadline
            .saturating_duration_since(Instant::now())
            .max(GRACE);
        let answer = answer.recv_timeout(left);
        let told = told.recv_timeout(GRACE).unwrap_or_default();
        match (status, answer) {
            (Ok(Some(true)), Ok(answer)) => Ok(answer),
            (Ok(Some(false)), _) => Err(RepositoryError::Git {
                doing,
                url: self.remote.url.clone(),
                told: self.harmless(&told),
            }),
            (Ok(_), _) => Err(RepositoryError::TooSlow {
                doing,
                url: self.remote.url.clone(),
                limit: self.limit,
            }),
            (Err(error), _) => Err(RepositoryError::NoGit { error }),
        }
    }

    /// Whether it went well; nothing when it had to be ended.
    fn wait(&self, child: &mut Child) -> io::Result<Option<bool>> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status.success()));
            }
            if Instant::now() >= self.deadline {
                end(child)?;
                return Ok(None);
            }
            thread::sleep(LOOK);
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        let settings = [
            "core.askPass=",
            "core.hooksPath=/dev/null",
            "credential.interactive=false",
            "fetch.recurseSubmodules=false",
            "fetch.fsckObjects=true",
            "gc.auto=0",
            "maintenance.auto=false",
        ];
        for setting in settings {
            command.args(["-c", setting]);
        }
        // Should this process end before, what fetches gives up by itself.
        let patience = format!("http.lowSpeedTime={}", self.limit.as_secs());
        command.args(["-c", "http.lowSpeedLimit=1", "-c", &patience]);
        command
            .args(arguments)
            .env("GIT_DIR", &self.folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS_REQUIRE", "never")
            .env("GCM_INTERACTIVE", "never")
            .env("GIT_ALLOW_PROTOCOL", PROTOCOLS.join(":"))
            .envs(self.ssh.iter().map(|command| ("GIT_SSH_COMMAND", command)))
            .env("LC_ALL", "C")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_OBJECT_DIRECTORY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        // Git gives a URL to its helpers as an argument, which everybody on the machine sees. A
        // credential helper is asked by a pipe. No other one is, or Git would store it there.
        if let Some(Login { username, password }) = &self.remote.login {
            command
                .env("GIT_CONFIG_COUNT", "2")
                .env("GIT_CONFIG_KEY_0", "credential.helper")
                .env("GIT_CONFIG_VALUE_0", "")
                .env("GIT_CONFIG_KEY_1", "credential.helper")
                .env("GIT_CONFIG_VALUE_1", HELPER)
                .env("GRAVITY_GIT_USERNAME", username)
                .env("GRAVITY_GIT_PASSWORD", password);
        }
        command
    }

    /// What Git said, in a line and without the password.
    fn harmless(&self, told: &[u8]) -> String {
        let told = String::from_utf8_lossy(told);
        let secrets = self.remote.login.iter();
        let secrets = secrets.flat_map(|login| [&login.password, &login.username]);
        let told = secrets
            .filter(|secret| secret.len() > 3)
            .fold(told.into_owned(), |told, secret| {
                told.replace(secret.as_str(), "***")
            });
        let line = |line: &str| {
            let line = line.trim();
            let bare = ["fatal: ", "error: ", "remote: "]
                .iter()
                .find_map(|it| line.strip_prefix(it));
            bare.unwrap_or(line).trim().to_owned()
        };
        let tells = |line: &String| !line.is_empty() && !NOTHING.contains(&line.as_str());
        let lines: Vec<String> = told.lines().map(line).filter(tells).collect();
        let told: String = lines.join("; ").chars().take(TOLD).collect();
        told.chars()
            .map(|each| if each.is_control() { ' ' } else { each })
            .collect()
    }
}

/// ssh asks nothing, with whatever else a person has set for it.
fn ssh() -> String {
    let own = std::env::var("GIT_SSH_COMMAND")
        .ok()
        .filter(|own| !own.is_empty());
    let own = own.or_else(|| {
        let asked = Command::new("git")
            .args(["config", "--get", "core.sshCommand"])
            .output();
        let text = String::from_utf8(asked.ok()?.stdout).ok()?;
        Some(text.trim().to_owned()).filter(|own| !own.is_empty())
    });
    let own = own.unwrap_or_else(|| "ssh".to_owned());
    format!("{own} -o BatchMode=yes -o ConnectTimeout=15")
}

/// Ends Git with all that it has started: what fetches over HTTP is a process of its own, and
/// outlives it.
fn end(child: &mut Child) -> io::Result<()> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let send = |signal| group.map(|group| kill_process_group(group, signal));
    send(Signal::TERM);
    let until = Instant::now() + GRACE;
    while Instant::now() < until && child.try_wait()?.is_none() {
        thread::sleep(LOOK);
    }
    send(Signal::KILL);
    child.wait().map(drop)
}

fn feed(child: &mut Child, input: Vec<u8>) {
    let stdin = child.stdin.take();
    thread::spawn(move || {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(&input);
        }
    });
}

/// All that comes, once it has ended.
fn all(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}
