//! Git as a program: what is fetched, and what is read of it.
//!
//! It never asks anything, speaks only the protocols that are allowed, fetches one revision
//! without its history and, where the server can do so, only the files that are read.

mod interrupt;
mod process;

use std::time::Duration;

use process::Process;

use super::cache::{self, Kept};
use super::location::Remote;
use super::{Reference, RepositoryError};

/// A repository of which something is read.
pub(super) struct Git<'a> {
    remote: &'a Remote,
    process: Process<'a>,
    /// Nobody else uses the place in the cache meanwhile.
    kept: Kept,
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
        let kept = cache::folder(&remote.url)?;
        kept.unlock();
        let is_there = kept.folder.join("HEAD").is_file();
        let git = Self {
            process: Process::new(remote, kept.folder.clone(), limit),
            remote,
            kept,
        };
        if is_there && git.prepare().is_ok() {
            return Ok(git);
        }
        // There is nothing in it that cannot be fetched again.
        git.kept.empty()?;
        git.run(
            "preparing for",
            &["init", "--quiet", "--bare", "--template="],
            None,
        )?;
        git.prepare()?;
        Ok(git)
    }

    fn prepare(&self) -> Result<(), RepositoryError> {
        let settings = [
            ("remote.origin.url", self.remote.url.as_str()),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
        ];
        for (name, value) in settings {
            self.run("preparing for", &["config", name, value], None)?;
        }
        Ok(())
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

    fn run(
        &self,
        doing: &'static str,
        arguments: &[&str],
        input: Option<&[u8]>,
    ) -> Result<Vec<u8>, RepositoryError> {
        self.process.run(doing, arguments, input)
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
