//! Why no manifest came out of a source. No message has a password in it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::location::PROTOCOLS;
use super::{ImageError, MOST};
use crate::manifest::MAX_BYTES;

/// Why no manifest came out of a source.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// What was written names nothing.
    #[error(
        "{source_text:?} is no source: write a Git repository's URL, as https://github.com/acme/auth, an image, as oci://registry.example.com/auth:1.4.0, or a folder, as ../auth"
    )]
    Source {
        /// What was written.
        source_text: String,
    },
    /// A URL lacks its beginning.
    #[error("there is no folder {source_text}; for the Git repository write https://{source_text}")]
    NoScheme {
        /// What was written.
        source_text: String,
    },
    /// A URL says more than a repository.
    #[error(
        "what stands behind ? or # of a URL is not read: write {url}, and name a revision by --branch, --tag or --rev, or a folder by --path"
    )]
    Fragment {
        /// The URL without it, and without a password.
        url: String,
    },
    /// A URL with a password, for a file that others read.
    #[error(
        "the URL of {url} has a login in it, which everybody could read where it is written: take it out, and give it to the tool as a Secret"
    )]
    Login {
        /// The URL without it.
        url: String,
    },
    /// A place that is no Git repository.
    #[error(
        "{source_text} is no Git repository's URL: write one as https://github.com/acme/shop or ssh://git@github.com/acme/shop"
    )]
    NoGitUrl {
        /// What was written.
        source_text: String,
    },
    /// A protocol that is not allowed.
    #[error("repositories are not read by {protocol}: use one of {}", PROTOCOLS.join(", "))]
    Protocol {
        /// The protocol.
        protocol: String,
    },
    /// Flags that are for Git repositories.
    #[error(
        "{flag} is for a Git repository's URL, and {} is a folder of this machine, which is read as it is", folder.display()
    )]
    FolderHasNone {
        /// The flag.
        flag: &'static str,
        /// The folder.
        folder: PathBuf,
    },
    /// There is no such folder.
    #[error("there is no file or folder {}", path.display())]
    NoFolder {
        /// Its path.
        path: PathBuf,
    },
    /// A path that leads out of the repository.
    #[error("--path {path} leads out of the repository: write a folder in it, as services/auth")]
    PathOutside {
        /// The path.
        path: String,
    },
    /// A catalogue's index that leads out of the catalogue.
    #[error("the catalogue's index names {path}, which leads out of the catalogue: it is not read")]
    IndexOutside {
        /// The path.
        path: String,
    },
    /// A name of a branch, tag or revision that Git could take for something else.
    #[error("{name:?} can be no branch, tag or revision: write it as `git log` shows it")]
    Reference {
        /// The name.
        name: String,
    },
    /// Git is not there.
    #[error("git cannot be run ({error}): install it, or add a folder that you have cloned")]
    NoGit {
        /// What the system says.
        error: io::Error,
    },
    /// Git has failed.
    #[error("{doing} {url}: {}{}", told.trim_end_matches('.'), advice(told))]
    Git {
        /// What was being done.
        doing: &'static str,
        /// The repository, without a password.
        url: String,
        /// Git's own words, without a password.
        told: String,
    },
    /// It takes too long.
    #[error(
        "{doing} {url}: gave up after {}s: the server is slow or the repository is huge; give it more time by --timeout, or clone it yourself and add the folder", limit.as_secs()
    )]
    TooSlow {
        /// What was being done.
        doing: &'static str,
        /// The repository.
        url: String,
        /// How long it was given.
        limit: Duration,
    },
    /// The repository has no commit.
    #[error("{url} is empty: push a commit with a gravity-service.yaml first")]
    EmptyRepository {
        /// The repository.
        url: String,
    },
    /// The branch, tag or revision is not there.
    #[error("{url} has no {reference}: `git ls-remote {url}` shows what it has")]
    NoReference {
        /// The repository.
        url: String,
        /// What was asked for.
        reference: String,
    },
    /// No manifest is there.
    #[error(
        "no manifest in {place}: looked for gravity-service.yaml in all folders{}; `gravity init --service` in the repository makes one by looking at its files",
        seen(files)
    )]
    NoManifest {
        /// Where it was looked for.
        place: String,
        /// What is there, as far as it tells something.
        files: Vec<String>,
    },
    /// A manifest is a symbolic link.
    #[error(
        "{place} is a symbolic link, which is not followed: it could lead out of the repository; put the manifest itself there"
    )]
    Link {
        /// The manifest.
        place: String,
    },
    /// A manifest is too large.
    #[error("{place} is larger than {} MiB, the most that is read", MAX_BYTES / 1024 / 1024)]
    TooLarge {
        /// The manifest.
        place: String,
    },
    /// A manifest is no text.
    #[error("{place} is not UTF-8 text: save it as UTF-8")]
    NotText {
        /// The manifest.
        place: String,
    },
    /// There are too many manifests.
    #[error("{place} has {count} manifests, and at most {MOST} are read: name a folder by --path")]
    TooMany {
        /// Where.
        place: String,
        /// How many.
        count: usize,
    },
    /// No tag is a version.
    #[error(
        "{url} has no tag that is a version with a manifest{}: tag a commit as v1.4.0, or add a branch without --versions", if *tags == 0 { "; it has no tags".to_owned() } else { format!(", of {tags} tags") }
    )]
    NoVersions {
        /// The repository.
        url: String,
        /// How many tags it has.
        tags: usize,
    },
    /// The cache cannot be used.
    #[error("the cache {} cannot be used: {error}: set XDG_CACHE_HOME to a folder that can be written", path.display())]
    Cache {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// An image gives no manifest.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A catalogue is no image.
    #[error("oci://{image} is an image, and a catalogue is a folder or a Git repository")]
    NoCatalogue {
        /// The image.
        image: String,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl RepositoryError {
    /// Whether what is wrong is in the repository, and nothing failed on the way to it.
    pub(super) const fn is_of_content(&self) -> bool {
        matches!(
            self,
            Self::Link { .. } | Self::TooLarge { .. } | Self::NotText { .. } | Self::TooMany { .. }
        )
    }
}

/// What Git's words mean, and what to do.
const ADVICE: [(&str, &str); 9] = [
    (
        "could not read Username",
        "it is private, or is not there: log in by a credential helper (`git config credential.helper`), or use its ssh URL",
    ),
    (
        "Authentication failed",
        "log in anew by your credential helper, or use its ssh URL",
    ),
    (
        "Permission denied",
        "your ssh key is not accepted: `ssh-add -l` shows which are offered",
    ),
    (
        "Host key verification failed",
        "the server's key is not known or has changed: connect once by `ssh` and compare it",
    ),
    (
        "Could not resolve host",
        "is the name right, and are you online?",
    ),
    ("Could not connect", "is the server up?"),
    ("Failed to connect", "is the server up?"),
    (
        "not found",
        "is the URL right, and may you read it? A private repository looks as if it were not there",
    ),
    (
        "does not appear to be a git repository",
        "is the URL right, and may you read it?",
    ),
];

fn advice(told: &str) -> String {
    let found = ADVICE.iter().find(|(words, _)| told.contains(words));
    found.map_or(String::new(), |(_, advice)| format!(": {advice}"))
}

fn seen(files: &[String]) -> String {
    if files.is_empty() {
        return String::new();
    }
    format!(" (there is {})", files.join(", "))
}
