//! The catalogue as the solver sees it: services and versions by number, and what each
//! version asks of others as a set of numbers.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use pubgrub::VersionSet as _;
use semver::{Version, VersionReq};

use super::Lock;
use super::versions::{ABSENT, Versions};
use crate::api::app::Updates;
use crate::validate::{Catalogue, Rejected, ValidApp, ValidService};

/// A service's number; the app itself is [`APP`].
pub(super) type Id = u32;
/// The number of the app, which asks for the roots.
pub(super) const APP: Id = 0;
/// The app's only version.
pub(super) const APP_VERSION: u32 = 1;

/// One who asks, and whom it asks for, whatever the version.
pub(super) type Edge = (Id, Id);

/// Everything that can be chosen.
pub(super) struct Candidates<'a> {
    /// The app.
    pub app: &'a ValidApp,
    /// What is there and cannot be used.
    pub rejected: &'a [Rejected],
    /// By number less one, in the order of the names.
    services: Vec<Service<'a>>,
    /// The numbers by name. Never listed, so it needs no order.
    numbers: HashMap<&'a str, Id>,
    /// The names that somebody asks for and that nothing has, numbered as they are met.
    unknown: RefCell<Vec<&'a str>>,
    /// A range is compared with each version once. Never listed, so it needs no order.
    admitted: RefCell<HashMap<Ask<'a>, Versions>>,
}

/// A service with its versions.
#[derive(Default)]
struct Service<'a> {
    name: &'a str,
    /// By number less one, oldest first.
    versions: Vec<Candidate<'a>>,
    /// Those that may be chosen: a deprecated one only where it runs.
    usable: Versions,
    locked: Option<u32>,
}

/// A version that can be chosen.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    version: &'a Version,
    /// Absent where the version runs but its GravityService is gone.
    service: Option<&'a Arc<ValidService>>,
}

/// What somebody asks of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ask<'a> {
    /// The service asked for.
    pub target: Id,
    /// The versions that will do.
    pub version: &'a VersionReq,
    /// The versions of its contract that will do.
    pub contract: Option<&'a VersionReq>,
    /// Whether it may be absent.
    pub optional: bool,
}

impl Ask<'_> {
    /// The range as a person writes it.
    pub fn range(&self) -> String {
        range_text(self.version, self.contract)
    }
}

/// A range of versions, of contracts, or of both, as a person writes it.
fn range_text(version: &VersionReq, contract: Option<&VersionReq>) -> String {
    match contract {
        None => version.to_string(),
        Some(contract) if version.comparators.is_empty() => format!("* with contract {contract}"),
        Some(contract) => format!("{version} with contract {contract}"),
    }
}

impl<'a> Candidates<'a> {
    /// Numbers the catalogue, and with it the versions that run but are gone.
    pub fn new(app: &'a ValidApp, catalogue: &'a Catalogue, lock: &'a Lock) -> Self {
        let names: BTreeSet<&str> = catalogue
            .services
            .keys()
            .chain(lock.keys())
            .map(String::as_str)
            .collect();
        let services = names
            .iter()
            .map(|name| Service::new(name, catalogue, lock.get(*name)))
            .collect();
        Self {
            app,
            rejected: &catalogue.rejected,
            services,
            numbers: names.into_iter().zip(1..).collect(),
            unknown: RefCell::default(),
            admitted: RefCell::default(),
        }
    }

    /// Whether what runs is kept while it fits.
    pub fn keeps_lock(&self) -> bool {
        self.app.updates == Updates::Locked
            && self.services.iter().any(|service| service.locked.is_some())
    }

    /// The service's name, or the app's.
    pub fn name(&self, id: Id) -> &'a str {
        if id == APP {
            return &self.app.name;
        }
        match self.services.get(id as usize - 1) {
            Some(service) => service.name,
            None => {
                let position = id as usize - 1 - self.services.len();
                self.unknown.borrow().get(position).copied().unwrap_or("")
            }
        }
    }

    /// All names of the catalogue that have a version.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.services
            .iter()
            .filter(|service| {
                service
                    .versions
                    .iter()
                    .any(|version| version.service.is_some())
            })
            .map(|service| service.name)
    }

    fn id(&self, name: &'a str) -> Id {
        match self.numbers.get(name) {
            Some(id) => *id,
            None => {
                let mut unknown = self.unknown.borrow_mut();
                let position = unknown.iter().position(|known| *known == name);
                let position = position.unwrap_or_else(|| {
                    unknown.push(name);
                    unknown.len() - 1
                });
                (self.services.len() + position) as Id + 1
            }
        }
    }

    fn service(&self, id: Id) -> Option<&Service<'a>> {
        self.services.get((id as usize).checked_sub(1)?)
    }

    fn candidate(&self, id: Id, number: u32) -> Option<Candidate<'a>> {
        let versions = &self.service(id)?.versions;
        versions.get((number as usize).checked_sub(1)?).copied()
    }

    /// The version with that number; `None` for the app and for what is absent.
    pub fn version(&self, id: Id, number: u32) -> Option<&'a Version> {
        Some(self.candidate(id, number)?.version)
    }

    /// The service in the version with that number; `None` where it is gone.
    pub fn valid(&self, id: Id, number: u32) -> Option<&'a Arc<ValidService>> {
        self.candidate(id, number)?.service
    }

    /// The numbers of all versions that are in the catalogue, newest first.
    pub fn existing(&self, id: Id) -> impl Iterator<Item = u32> + '_ {
        let count = self
            .service(id)
            .map_or(0, |service| service.versions.len() as u32);
        (1..=count)
            .rev()
            .filter(move |number| self.valid(id, *number).is_some())
    }

    /// One past the highest number.
    pub fn end(&self, id: Id) -> u32 {
        self.service(id)
            .map_or(1, |service| service.versions.len() as u32 + 1)
    }

    /// The versions that may be chosen.
    pub fn usable(&self, id: Id) -> Versions {
        if id == APP {
            return Versions::of([APP_VERSION]);
        }
        self.service(id)
            .map(|service| service.usable.clone())
            .unwrap_or_default()
    }

    /// The versions that are no pre-releases.
    pub fn releases(&self, id: Id) -> Versions {
        let release = |number: &u32| {
            self.version(id, *number)
                .is_some_and(|version| version.pre.is_empty())
        };
        Versions::of((1..self.end(id)).filter(release))
    }

    /// The version that runs.
    pub fn locked(&self, id: Id) -> Option<u32> {
        self.service(id)?.locked
    }

    /// What the version asks of others. What a service asks of itself is left out: it has
    /// itself in any version, and the order of starting tells the cycle.
    pub fn asks(&self, id: Id, number: u32) -> Vec<Ask<'a>> {
        if id == APP {
            return self.roots().collect();
        }
        let Some(service) = self.valid(id, number) else {
            return Vec::new();
        };
        service
            .dependencies
            .iter()
            .map(|(name, dependency)| Ask {
                target: self.id(name),
                version: &dependency.version,
                contract: dependency.contract.as_ref(),
                optional: dependency.optional,
            })
            .filter(|ask| ask.target != id)
            .collect()
    }

    fn roots(&self) -> impl Iterator<Item = Ask<'a>> + '_ {
        self.app.roots.iter().map(|(name, version)| Ask {
            target: self.id(name),
            version,
            contract: None,
            optional: false,
        })
    }

    /// The versions that will do and may be chosen, and [`ABSENT`] where absence is fine.
    pub fn admitted(&self, ask: Ask<'a>) -> Versions {
        if let Some(versions) = self.admitted.borrow().get(&ask) {
            return versions.clone();
        }
        let mut versions = self.matching(ask).intersection(&self.usable(ask.target));
        if ask.optional {
            versions.insert(ABSENT);
        }
        self.admitted.borrow_mut().insert(ask, versions.clone());
        versions
    }

    /// The versions that will do, whether or not they may be chosen.
    pub fn matching(&self, ask: Ask<'_>) -> Versions {
        let Some(service) = self.service(ask.target) else {
            return Versions::default();
        };
        Versions::of(
            (1..)
                .zip(&service.versions)
                .filter(|(_, candidate)| candidate.fits(ask))
                .map(|(number, _)| number),
        )
    }

    /// The rejected GravityServices that claim to be this service.
    pub fn rejected_of(&self, id: Id) -> impl Iterator<Item = &'a Rejected> + '_ {
        let name = self.name(id);
        self.rejected
            .iter()
            .filter(move |rejected| rejected.name == name)
    }
}

impl Candidate<'_> {
    fn fits(&self, ask: Ask<'_>) -> bool {
        ask.version.matches(self.version) && self.offers(ask.contract)
    }

    /// The contract of what is gone is not known; it ran, so it is taken to fit.
    fn offers(&self, wanted: Option<&VersionReq>) -> bool {
        let (Some(wanted), Some(service)) = (wanted, self.service) else {
            return true;
        };
        service
            .contract
            .as_ref()
            .is_some_and(|contract| wanted.matches(contract))
    }
}

impl<'a> Service<'a> {
    fn new(name: &'a str, catalogue: &'a Catalogue, locked: Option<&'a Version>) -> Self {
        let mut versions: BTreeMap<&Version, Option<&Arc<ValidService>>> = catalogue
            .services
            .get(name)
            .into_iter()
            .flatten()
            .map(|(version, service)| (version, Some(service)))
            .collect();
        if let Some(locked) = locked {
            versions.entry(locked).or_insert(None);
        }
        let numbered = || (1..).zip(&versions);
        let runs = |version: &Version| locked == Some(version);
        Self {
            name,
            usable: Versions::of(
                numbered()
                    .filter(|(_, (version, service))| {
                        runs(version) || service.is_some_and(|service| !service.deprecated)
                    })
                    .map(|(number, _)| number),
            ),
            locked: numbered()
                .find(|(_, (version, _))| runs(version))
                .map(|(number, _)| number),
            versions: versions
                .iter()
                .map(|(version, service)| Candidate {
                    version,
                    service: *service,
                })
                .collect(),
        }
    }
}
