//! A catalogue in a few lines:
//!
//! ```text
//! order 2.1.0: user ^3, stock? >=2, pay~ *, mail ^1 @^2   needs, optional, unordered, contract ^2
//! user 3.0.1 @1.4.0                                       offers contract 1.4.0
//! user 3.1.0!                                             deprecated
//! ```

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::seeded::{add, app, service};
use crate::api::app::Updates;
use crate::resolve::{Lock, Resolution, ResolveError, resolve};
use crate::validate::{Catalogue, Dependency, Invalid, Rejected, ValidApp, ValidService};

/// Everything that goes into a resolution.
#[derive(Clone)]
pub struct Given {
    pub app: ValidApp,
    pub catalogue: Catalogue,
    pub lock: Lock,
    /// The notation, for the message of a test that fails.
    pub text: String,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}\nrunning {:?}", self.text, self.lock)
    }
}

/// The roots, as `order ^2, cart *`, and the catalogue.
pub fn given(roots_text: &str, catalogue: &str) -> Given {
    let mut services = Catalogue::default();
    for line in lines(catalogue) {
        add(&mut services, parse(line));
    }
    let roots = pairs(roots_text).map(|(name, range)| (name.to_owned(), requirement(range)));
    Given {
        app: app(roots.collect()),
        catalogue: services,
        lock: Lock::new(),
        text: format!("{roots_text}\n{catalogue}"),
    }
}

impl Given {
    /// The versions that run, as `order 2.1.0, cart 1.0.0`.
    pub fn running(mut self, lock: &str) -> Self {
        self.lock = pairs(lock)
            .map(|(name, version)| (name.to_owned(), Version::parse(version).unwrap()))
            .collect();
        self
    }

    /// The versions that the app itself asks to be taken.
    pub fn locked(mut self, lock: &str) -> Self {
        self.app.lock = pairs(lock)
            .map(|(name, version)| (name.to_owned(), Version::parse(version).unwrap()))
            .collect();
        self
    }

    /// Takes the newest that fits.
    pub fn automatic(mut self) -> Self {
        self.app.updates = Updates::Automatic;
        self
    }

    /// A GravityService that cannot be used.
    pub fn rejected(mut self, name: &str, version: &str, message: &str) -> Self {
        let object = format!("{name}-{version}");
        self.catalogue.rejected.push(Rejected {
            namespace: "shop".to_owned(),
            object: object.clone(),
            name: name.to_owned(),
            version: version.to_owned(),
            problems: vec![Invalid {
                object: format!("GravityService shop/{object}"),
                field: "spec.image".to_owned(),
                message: message.to_owned(),
            }],
        });
        self
    }

    pub fn resolve(&self) -> Result<Resolution, ResolveError> {
        resolve(&self.app, &self.catalogue, &self.lock)
    }

    /// The choice, as `cart 1.0.0, order 2.1.0`.
    pub fn chosen(&self) -> String {
        match self.resolve() {
            Ok(resolution) => {
                let texts = resolution.services.iter();
                let texts =
                    texts.map(|(name, resolved)| format!("{name} {}", resolved.service.version));
                texts.collect::<Vec<_>>().join(", ")
            }
            Err(error) => panic!("it should have been resolved:\n{error}"),
        }
    }

    /// The reason, the summary and the whole message, as a person gets them.
    pub fn told(&self) -> String {
        match self.resolve() {
            Ok(_) => panic!("it should not have been resolved: {}", self.chosen()),
            Err(error) => {
                let summary = error.summary();
                assert!(summary.chars().count() <= 300, "{summary}");
                format!("{}\n{summary}\n---\n{error}", error.reason())
            }
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// `a ^1, b *` as pairs; a range with a comma in it is written with a semicolon.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once(' ').unwrap_or((part, "*")))
}

pub fn requirement(range: &str) -> VersionReq {
    VersionReq::parse(&range.replace(';', ",")).unwrap()
}

/// One line of a catalogue.
pub fn parse(line: &str) -> ValidService {
    let (head, needs) = line.split_once(':').unwrap_or((line, ""));
    let mut words = head.split_whitespace();
    let name = words.next().unwrap();
    let version = words.next().unwrap();
    let mut made = service(name, Version::parse(version.trim_end_matches('!')).unwrap());
    made.deprecated = version.ends_with('!');
    made.contract = words
        .next()
        .map(|contract| Version::parse(contract.trim_start_matches('@')).unwrap());
    made.dependencies = pairs(needs).map(dependency).collect::<BTreeMap<_, _>>();
    made
}

fn dependency((name, range): (&str, &str)) -> (String, Dependency) {
    let (version, contract) = match range.split_once('@') {
        Some((version, contract)) => (version.trim(), Some(requirement(contract))),
        None => (range, None),
    };
    let dependency = Dependency {
        version: requirement(if version.is_empty() { "*" } else { version }),
        contract,
        optional: name.contains('?'),
        ordered: !name.contains('~'),
    };
    (name.trim_end_matches(['?', '~']).to_owned(), dependency)
}
