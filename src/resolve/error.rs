//! Why there is no resolution, in the words of those who write ranges.

use std::fmt;

use semver::Version;

use crate::api::reason::Reason;

/// The most characters of [`ResolveError::summary`]: it goes into a condition.
const SUMMARY: usize = 300;

/// Why there is no resolution. Nothing that runs is changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", whole(.problems))]
pub struct ResolveError {
    /// Problems that stand by themselves: mending one leaves the others. Never empty.
    pub problems: Vec<Problem>,
}

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub cause: Cause,
    /// What a person needs to know to decide, a line each.
    pub facts: Vec<String>,
    /// What would mend it, each by itself.
    pub mends: Vec<Mend>,
}

/// One way to mend a problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mend {
    /// A service, or a version of it, is put where it is looked for.
    #[error(
        "apply a GravityService of {} in namespace {namespace} or a catalogue namespace", in_range(service, range.as_deref())
    )]
    Provide {
        /// The service.
        service: String,
        /// The range, where one is asked for.
        range: Option<String>,
        /// The app's namespace.
        namespace: String,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

/// A service, with the range that is asked for, as a person says it.
pub fn in_range(service: &str, range: Option<&str>) -> String {
    match range {
        Some(range) => format!("{service} in {range}"),
        None => service.to_owned(),
    }
}

impl From<String> for Mend {
    fn from(words: String) -> Self {
        Self::Other(words)
    }
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// A service that nobody has.
    #[error("{by} {service}, and there is no service of that name")]
    Missing {
        /// Who needs it.
        by: Asker,
        /// Its name.
        service: String,
    },
    /// A range that no version is in.
    #[error("{by} {service} {range}, and {fit}")]
    NoVersion {
        /// Who needs it.
        by: Asker,
        /// The service.
        service: String,
        /// The range.
        range: String,
        /// What would be in it otherwise.
        fit: Fit,
    },
    /// A contract that no version in the range offers.
    #[error("{by} {service} {range}, and no version of it that may be chosen offers that contract")]
    Contract {
        /// Who needs it.
        by: Asker,
        /// The service.
        service: String,
        /// The range of versions and contracts.
        range: String,
    },
    /// Ranges of which each is fine by itself.
    #[error("{}: {}", all_of(.asks, service), none_of(.asks))]
    Conflict {
        /// The service.
        service: String,
        /// Who needs it in which range; two at least.
        asks: Vec<(Asker, String)>,
    },
    /// Ranges that fit each other, but not together with what follows from them.
    #[error("{}: no choice of versions fits all that follows from it", all_of(.asks, service))]
    Entangled {
        /// The service.
        service: String,
        /// Who needs it in which range.
        asks: Vec<(Asker, String)>,
    },
    /// What runs cannot be kept because it was deleted from the catalogue.
    #[error(
        "{service} {version} runs, but its GravityService {loss}, and every range still admits that version"
    )]
    LockedGone {
        /// The service.
        service: String,
        /// The version that runs.
        version: Version,
        /// What became of it.
        loss: Loss,
    },
    /// Services that would wait for each other for ever.
    #[error("{}", circle(.path))]
    Cycle {
        /// From a service back to itself.
        path: Vec<String>,
    },
    /// The search was ended.
    #[error("no fitting choice of versions was found in reasonable time")]
    GaveUp,
}

impl Cause {
    /// The services that it is about; the app may be among them by its name.
    pub(super) fn services(&self) -> Vec<&str> {
        match self {
            Self::Missing { by, service }
            | Self::NoVersion { by, service, .. }
            | Self::Contract { by, service, .. } => vec![&by.name, service],
            Self::Conflict { service, asks } | Self::Entangled { service, asks } => {
                let askers = asks.iter().map(|(by, _)| by.name.as_str());
                askers.chain([service.as_str()]).collect()
            }
            Self::LockedGone { service, .. } => vec![service],
            Self::Cycle { path } => path.iter().map(String::as_str).collect(),
            Self::GaveUp => Vec::new(),
        }
    }
}

/// Who asks, and how that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The name of the service or the app.
    pub name: String,
    /// The service's version; `None` for the app.
    pub version: Option<Version>,
    /// Whether absence is fine too.
    pub optional: bool,
}

impl Asker {
    /// The name, and the version where there is one.
    pub fn named(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match (&self.version, self.optional) {
            (None, _) => "asks for",
            (Some(_), false) => "needs",
            (Some(_), true) => "can use only",
        };
        write!(formatter, "{} {verb}", self.named())
    }
}

/// What became of the GravityService of a version that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// It was deleted, or is in no namespace that is looked at.
    #[error("is gone")]
    Gone,
    /// It was changed and is no longer valid.
    #[error("cannot be used any more")]
    Rejected,
}

/// What would be in a range that nothing is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fit {
    /// Nothing would.
    #[error("no version of it is in that range")]
    Nothing,
    /// Pre-releases, which a range admits only where it names one.
    #[error("only pre-releases of it are near that range")]
    PreReleases,
    /// Versions that are never chosen anew.
    #[error("every version of it in that range is deprecated")]
    Deprecated,
}

impl ResolveError {
    /// The word for a condition's reason.
    pub fn reason(&self) -> Reason {
        match self.problems.first().map(|problem| &problem.cause) {
            Some(Cause::Missing { .. }) => Reason::DependencyMissing,
            Some(Cause::NoVersion { .. }) => Reason::NoMatchingVersion,
            Some(Cause::Contract { .. }) => Reason::ContractMismatch,
            Some(Cause::Conflict { .. } | Cause::Entangled { .. }) => Reason::VersionConflict,
            Some(Cause::LockedGone { .. }) => Reason::LockedVersionGone,
            Some(Cause::Cycle { .. }) => Reason::DependencyCycle,
            Some(Cause::GaveUp) | None => Reason::ResolutionTooHard,
        }
    }

    /// One sentence of at most 300 characters, for a condition's message.
    pub fn summary(&self) -> String {
        let first = self
            .problems
            .first()
            .map(|problem| problem.cause.to_string());
        let more = match self.problems.len() {
            0 | 1 => String::new(),
            2 => " (and 1 more problem)".to_owned(),
            count => format!(" (and {} more problems)", count - 1),
        };
        let room = SUMMARY - more.len() - 1;
        format!("{}{more}.", cut(&first.unwrap_or_default(), room))
    }
}

impl ResolveError {
    /// The summary, and what would mend the problem that it names: the first way only,
    /// for `gravity resolve` tells them all.
    pub fn advice(&self) -> String {
        let summary = self.summary();
        match self
            .problems
            .first()
            .and_then(|problem| problem.mends.first())
        {
            Some(mend) => format!("{summary} To mend it, {mend}."),
            None => summary,
        }
    }
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let head: String = text.chars().take(room - 1).collect();
    format!("{}…", head.trim_end())
}

fn whole(problems: &[Problem]) -> String {
    let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
    texts.join("\n\n")
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.", self.cause)?;
        for fact in &self.facts {
            write!(formatter, "\n  {fact}")?;
        }
        match self.mends.as_slice() {
            [] => Ok(()),
            [mend] => write!(formatter, "\nTo mend it: {mend}."),
            mends => {
                write!(formatter, "\nTo mend it, do one of these:")?;
                mends
                    .iter()
                    .try_for_each(|mend| write!(formatter, "\n  - {mend}"))
            }
        }
    }
}

fn all_of(asks: &[(Asker, String)], service: &str) -> String {
    let texts: Vec<String> = asks
        .iter()
        .map(|(by, range)| format!("{by} {service} {range}"))
        .collect();
    // A range has commas of its own.
    match texts.as_slice() {
        [one, two] => format!("{one}, and {two}"),
        _ => texts.join("; "),
    }
}

fn none_of(asks: &[(Asker, String)]) -> &'static str {
    match asks.len() {
        2 => "no version is both",
        _ => "no version is all of that",
    }
}

/// `a`, `a, and b`, `a, b, and c`.
pub(super) fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{}, and {last}", head.join(", ")),
    }
}

fn circle(path: &[String]) -> String {
    match path {
        [one, _] => format!("{one} waits for itself before it starts"),
        _ => format!(
            "these services wait for one another to start: {}",
            path.join(" → ")
        ),
    }
}
