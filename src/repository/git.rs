//! Git as a program: what is fetched, and what is read of it.
//!
//! It never asks anything, speaks only the protocols that are allowed, fetches one revision
//! without its history and, where the server can do so, only the files that are read.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::cache::{self, Kept};
use super::location::{Login, PROTOCOLS, Remote};
use super::{Reference, RepositoryError};

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

/// A repository of which something is read.
pub(super) struct Git<'a> {
    remote: &'a Remote,
    kept: Kept,
    limit: Duration,
    deadline: Instant,
}

/// A revision that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(pub String);

/// A file, link or sub-module of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub mode: Mode,
    pub object: String,
    pub path: String,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    File,
    Link,
    /// A repository of its own, which is not looked into.
    Submodule,
}

impl<'a> Git<'a> {
    /// Makes the repository's place in the cache ready; nothing is asked yet.
    pub(super) fn open(remote: &'a Remote, limit: Duration) -> Result<Self, RepositoryError> {
        let git = Self {
            remote,
            kept: cache::folder(&remote.url)?,
            limit,
            deadline: Instant::now() + limit,
        };
        if !git.kept.folder.join("HEAD").is_file() {
            git.run(
                "preparing for",
                &["init", "--quiet", "--bare", "--template="],
                None,
            )?;
        }
        let settings = [
            ("remote.origin.url", remote.url.as_str()),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
        ];
        for (name, value) in settings {
            git.run("preparing for", &["config", name, value], None)?;
        }
        Ok(git)
    }

    /// Fetches what a reference means now; the default branch without one.
    pub(super) fn fetch(&self, reference: Option<&Reference>) -> Result<Revision, RepositoryError> {
        let source = source(reference)?;
        let refspec = format!("+{source}:refs/gravity/wanted");
        self.fetch_all(&[refspec])
            .map_err(|error| self.missing(error, reference))?;
        self.revision("refs/gravity/wanted")
    }

    /// Fetches tags; gives the revision of each.
    pub(super) fn fetch_tags(&self, tags: &[&str]) -> Result<Vec<Revision>, RepositoryError> {
        let refspec = |tag: &&str| format!("+refs/tags/{tag}:refs/gravity/tags/{tag}");
        let refspecs: Vec<String> = tags.iter().map(refspec).collect();
        self.fetch_all(&refspecs)?;
        let revision = |tag: &&str| self.revision(&format!("refs/gravity/tags/{tag}"));
        tags.iter().map(revision).collect()
    }

    /// The names of all tags.
    pub(super) fn tags(&self) -> Result<Vec<String>, RepositoryError> {
        let arguments = ["ls-remote", "--quiet", "--tags", "--refs", "origin"];
        let answer = self.run("listing the tags of", &arguments, None)?;
        let answer = String::from_utf8_lossy(&answer);
        let name = |line: &str| Some(line.split_once("refs/tags/")?.1.to_owned());
        Ok(answer.lines().filter_map(name).collect())
    }

    /// All that a revision has at and below a path, or in all of it.
    pub(super) fn entries(
        &self,
        revision: &Revision,
        path: Option<&str>,
    ) -> Result<Vec<Entry>, RepositoryError> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", &revision.0];
        arguments.extend(path.iter().flat_map(|path| ["--", *path]));
        let answer = self.run("looking into", &arguments, None)?;
        let answer = String::from_utf8_lossy(&answer);
        Ok(answer.split('\0').filter_map(entry).collect())
    }

    /// The contents of files; `None` for one that is longer than `most` bytes.
    pub(super) fn read(
        &self,
        objects: &[&str],
        most: usize,
    ) -> Result<Vec<Option<Vec<u8>>>, RepositoryError> {
        let all = objects.join("\n") + "\n";
        let sizes = self.run(
            "reading",
            &["cat-file", "--batch-check"],
            Some(all.as_bytes()),
        )?;
        let sizes = String::from_utf8_lossy(&sizes);
        let size = |line: &str| line.rsplit(' ').next()?.parse::<usize>().ok();
        let sizes = sizes
            .lines()
            .map(|line| size(line).filter(|size| *size <= most));
        let contents = objects.iter().zip(sizes).map(|(object, size)| {
            let read = || self.run("reading", &["cat-file", "blob", object], None);
            size.map(|_| read()).transpose()
        });
        contents.collect()
    }

    /// Fetches files together that a server has left out. Where that fails, as on a server
    /// that leaves none out, Git itself fetches what is missing when it is read.
    pub(super) fn bring(&self, objects: &[&str]) {
        let all = objects.join("\n") + "\n";
        let arguments = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--filter=blob:none",
            "--stdin",
            "origin",
        ];
        let _ = self.run("reading", &arguments, Some(all.as_bytes()));
    }

    fn fetch_all(&self, refspecs: &[String]) -> Result<(), RepositoryError> {
        let mut arguments = vec![
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--depth=1",
            "--filter=blob:none",
            "--stdin",
            "origin",
        ];
        // An older Git has no --stdin, and a few names fit into a command.
        if refspecs.len() <= 50 {
            arguments.retain(|argument| *argument != "--stdin");
            arguments.extend(refspecs.iter().map(String::as_str));
            return self.run("fetching", &arguments, None).map(drop);
        }
        let all = refspecs.join("\n") + "\n";
        self.run("fetching", &arguments, Some(all.as_bytes()))
            .map(drop)
    }

    fn revision(&self, name: &str) -> Result<Revision, RepositoryError> {
        let name = format!("{name}^{{commit}}");
        let answer = self.run(
            "reading",
            &["rev-parse", "--verify", "--quiet", &name],
            None,
        )?;
        Ok(Revision(String::from_utf8_lossy(&answer).trim().to_owned()))
    }

    fn missing(&self, error: RepositoryError, reference: Option<&Reference>) -> RepositoryError {
        let url = self.remote.url.clone();
        let told = match &error {
            RepositoryError::Git { told, .. } => told.as_str(),
            _ => return error,
        };
        let gone = [
            "couldn't find remote ref",
            "not our ref",
            "unadvertised object",
        ];
        match reference {
            None if told.contains("couldn't find remote ref") => {
                RepositoryError::EmptyRepository { url }
            }
            Some(reference) if gone.iter().any(|words| told.contains(words)) => {
                RepositoryError::NoReference {
                    url,
                    reference: reference.to_string(),
                }
            }
            _ => error,
        }
    }

    /// Runs Git; gives its standard output.
    fn run(
        &self,
        doing: &'static str,
        arguments: &[&str],
        input: Option<&[u8]>,
    ) -> Result<Vec<u8>, RepositoryError> {
        let mut child = self
            .command(arguments)
            .spawn()
            .map_err(|error| RepositoryError::NoGit { error })?;
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
            .env("GIT_DIR", &self.kept.folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS_REQUIRE", "never")
            .env("GCM_INTERACTIVE", "never")
            .env("GIT_ALLOW_PROTOCOL", PROTOCOLS.join(":"))
            .env("GIT_SSH_COMMAND", ssh())
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

/// What is asked of the server.
fn source(reference: Option<&Reference>) -> Result<String, RepositoryError> {
    let (prefix, name) = match reference {
        None => return Ok("HEAD".to_owned()),
        Some(Reference::Branch(name)) => ("refs/heads/", name),
        Some(Reference::Tag(name)) => ("refs/tags/", name),
        Some(Reference::Revision(name)) => ("", name),
    };
    let whole = |name: &str| name.len() == 40 && name.bytes().all(|it| it.is_ascii_hexdigit());
    if prefix.is_empty() && !whole(name) || !is_reference(name) {
        return Err(RepositoryError::Reference { name: name.clone() });
    }
    Ok(format!("{prefix}{name}"))
}

/// What `git check-ref-format` lets pass, but for its rarest rules.
pub(super) fn is_reference(name: &str) -> bool {
    let bad = |each: char| each.is_control() || " ~^:?*[\\".contains(each);
    !name.is_empty()
        && !name.starts_with(['-', '/'])
        && !name.ends_with(['/', '.'])
        && !name.contains("..")
        && !name.contains("//")
        && !name.contains("@{")
        && !name.contains(bad)
}

fn entry(line: &str) -> Option<Entry> {
    let (facts, path) = line.split_once('\t')?;
    let mut facts = facts.split(' ');
    let mode = match facts.next()? {
        "120000" => Mode::Link,
        "160000" => Mode::Submodule,
        _ => Mode::File,
    };
    Some(Entry {
        mode,
        object: facts.nth(1)?.to_owned(),
        path: path.to_owned(),
    })
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
