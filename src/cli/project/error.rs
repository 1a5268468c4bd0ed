//! Why a verb of a project's folder did nothing.

/// Why a verb of a project's folder did nothing.
#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    /// There are several manifests, and none was chosen.
    #[error(
        "{place} has {} manifests: choose one by --path, or take all by --all:\n{}", paths.len(), lines(paths)
    )]
    Several {
        /// Where they are.
        place: String,
        /// Their paths.
        paths: Vec<String>,
    },
    /// An environment was asked for where only files are told of.
    #[error(
        "Argo CD and Flux apply the project's files as they are, and --environment changes none of them: set spec.environment in gravity.yaml, in the branch or folder that this cluster is to have"
    )]
    FilesOnly,
    /// A person chose nothing.
    #[error("nothing was chosen, and nothing was changed")]
    NothingChosen,
    /// The service is there from elsewhere.
    #[error(
        "{name} is here from {here} already, and {there} has one too: keep it, or take the other by --replace"
    )]
    AnotherSource {
        /// The service.
        name: String,
        /// Where the one that is here came from.
        here: String,
        /// Where the other one is.
        there: String,
    },
    /// Two manifests are of one service and version.
    #[error(
        "{one} and {other} are both of {name} {version}: choose one of them by --path, or give one another version"
    )]
    Twice {
        /// The service.
        name: String,
        /// The version.
        version: String,
        /// One manifest.
        one: String,
        /// The other.
        other: String,
    },
    /// No tag could be taken.
    #[error("no version of {place} can be taken:\n{}", lines(notes))]
    NoVersion {
        /// The repository.
        place: String,
        /// What stands against each.
        notes: Vec<String>,
    },
    /// The project has no such service.
    #[error("there is no service {name} in this project: {}", there_is(names))]
    NoService {
        /// The name that was asked for.
        name: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// The service is there, and nobody asks for it.
    #[error(
        "nobody asks for {name}: it is in the catalogue only; `gravity list` shows all, and a line under spec.services asks for it"
    )]
    Unasked {
        /// The service.
        name: String,
    },
    /// Others need what is to be removed.
    #[error(
        "{name} is needed by {}: remove {} too, or only stop asking for it by --keep-manifest", needed_by.join(", "), if needed_by.len() == 1 { "it" } else { "these" }
    )]
    Needed {
        /// The service.
        name: String,
        /// Who needs it.
        needed_by: Vec<String>,
    },
    /// There is a manifest already.
    #[error("{file} is there already: edit it, or move it away to have another made")]
    ManifestThere {
        /// Its name.
        file: String,
    },
    /// The lock is not as it should be.
    #[error(
        "the versions are not locked as they are chosen: `gravity lock` writes them:\n{}",
        lines(changes)
    )]
    NotLocked {
        /// The service, the version that is locked, and the one that is chosen.
        changes: Vec<String>,
    },
    /// Versions that move by themselves are not locked.
    #[error(
        "updates: Automatic in gravity.yaml moves the versions, so there is nothing to lock: write Locked, or take the line out"
    )]
    Automatic,
    /// A folder holds somebody else's files.
    #[error(
        "{folder} holds files that gravity did not make: name a new folder, or write there even so by --force"
    )]
    FolderTaken {
        /// The folder.
        folder: String,
    },
    /// A file stands where a folder is meant.
    #[error("{file} is a file: name a folder, which is made where there is none")]
    NoFolder {
        /// The file.
        file: String,
    },
    /// There are no passwords.
    #[error("{0}")]
    Passwords(String),
    /// Passwords that were made before cannot be read.
    #[error(
        "{file} cannot be read ({message}), and the databases have the passwords in it: mend the file, or bring it back"
    )]
    Secrets {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// A name that no application can have.
    #[error("{0}")]
    Name(String),
}

fn lines(texts: &[String]) -> String {
    let lines: Vec<String> = texts.iter().map(|text| format!("  {text}")).collect();
    lines.join("\n")
}

fn there_is(names: &[String]) -> String {
    match names {
        [] => "it has none".to_owned(),
        names => format!("there is {}", names.join(", ")),
    }
}
