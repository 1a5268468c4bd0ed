//! observe: cluster → [`Observed`].
//!
//! Watches fill a [`Store`]; each change wakes the app it belongs to. What the later
//! steps get is a snapshot: plain data, with the writes that are under way in it.
//!
//! ```text
//!  watch of a kind ──▶ Live ──┐
//!  watch of pods ──▶ PodFacts ┼──▶ Store ──▶ Observed ──▶ schedule
//!  answers to our writes ─────┘       └────▶ wake(app)
//! ```

mod address;
mod app_state;
mod certificate;
mod health;
mod listed;
mod live;
mod named;
mod places;
mod pods;
mod resync;
mod services;
mod shared;
mod store;
mod watches;
mod writes;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use health::Health;
use k8s_openapi::jiff::Timestamp;
pub use live::{Live, Owner, credentials, owner};
pub use named::{NamedObjects, read_named};
pub use pods::{PodFacts, PodUse};
pub use resync::resynced;
pub use services::{Services, watch_services};
pub use shared::Shared;
pub use store::{AppKey, Store};
pub use watches::{Scope, api, label, resource, watch_all};
pub use writes::{Answer, Changed, Failure, FailureKind, Found, Write};

use semver::Version;

use crate::api::objects::{Kind, ObjectKey};
use crate::plan::{Facts, Named};
use crate::resolve::Lock;

/// What is known of one app's objects at one moment.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Its objects.
    pub live: Shared<ObjectKey, Arc<Live>>,
    /// Its pods that are in trouble, by name: only what messages need.
    pub pods: Shared<String, PodFacts>,
    /// Its pods that run with credentials, by name: an old login stays while one has it.
    pub users: Shared<String, PodUse>,
    /// Whether a pod of it was told to end, and runs on until it has.
    pub leaving: bool,
    /// Whether a pod is there, if only one that is about to end.
    pub running: bool,
    /// Whether one of a service is.
    pub serving: bool,
    /// Our own writes that are under way or were refused.
    pub writes: Shared<ObjectKey, Write>,
    /// What was found under planned names that the watches do not show.
    pub found: Shared<ObjectKey, Found>,
    /// What a webhook made of what we sent: told, and not repeated.
    pub changed_by_webhook: Shared<ObjectKey, Changed>,
    /// What the objects say that the app names and does not make.
    pub named: BTreeMap<ObjectKey, Named>,
    /// The kinds that are being looked up now.
    pub looking: Vec<Kind>,
    /// The kinds that the cluster does not have.
    pub missing_kinds: Vec<Kind>,
    /// The namespace is going away, and takes no new objects.
    pub terminating: bool,
    /// The moment of the snapshot.
    pub now: Timestamp,
}

impl Observed {
    /// What of the cluster a plan depends on.
    pub fn facts(&self) -> Facts {
        let live = || self.live.values();
        // This is asked at every change, so a name is copied only where there is a fact.
        let servers = live().filter_map(|live| Some((live, live.server.clone()?)));
        let credentials = live().filter_map(|live| Some((live, live.credentials.clone()?)));
        let homes = live().filter_map(|live| Some((live, live.host.clone()?)));
        let pods =
            live().filter(|live| live.key.kind == Kind::StatefulSet && live.server.is_none());
        let pods = pods.filter_map(|live| Some((live, live.replicas?.1)));
        let seeded = live().filter_map(|live| live.seeded.clone());
        let seeds = live().filter(|live| live.is_seed() && live.health == Health::Ready);
        let rotations = live().filter_map(|live| Some((live, live.rotation.clone()?)));
        Facts {
            servers: servers
                .map(|(live, server)| (live.key.name.clone(), server))
                .collect(),
            credentials: credentials
                .map(|(live, id)| (live.key.name.clone(), id))
                .collect(),
            homes: homes
                .map(|(live, host)| (live.key.name.clone(), host))
                .collect(),
            rotations: rotations
                .map(|(live, rotation)| (live.key.name.clone(), rotation))
                .collect(),
            pods: pods
                .map(|(live, wanted)| (live.key.name.clone(), wanted))
                .collect(),
            seeded: seeded.collect(),
            seeds: seeds.map(|live| live.key.name.clone()).collect(),
            // It matters where the app is stopped only, and is news there only.
            serving: false,
            // Who runs the operator knows its image, and only the store knows of other apps.
            image: None,
            taken: BTreeMap::new(),
            named: self.named.clone(),
            missing_kinds: self.missing_kinds.clone(),
        }
    }

    /// The versions that run: those of the live workloads of services.
    pub fn lock(&self) -> Lock {
        let service = |live: &Arc<Live>| {
            let name = live.node.as_deref()?.strip_prefix("service/")?.to_owned();
            let version = Version::parse(live.version.as_deref()?).ok()?;
            Some((name, version))
        };
        let workloads = self
            .live
            .values()
            .filter(|live| live.key.kind.is_workload());
        workloads.filter_map(service).collect()
    }

    /// An app of which nothing is in the cluster, at that moment.
    pub fn nothing(now: Timestamp) -> Self {
        Self {
            live: Shared::default(),
            pods: Shared::default(),
            users: Shared::default(),
            leaving: false,
            running: false,
            serving: false,
            writes: Shared::default(),
            found: Shared::default(),
            changed_by_webhook: Shared::default(),
            named: BTreeMap::new(),
            looking: Vec::new(),
            missing_kinds: Vec::new(),
            terminating: false,
            now,
        }
    }
}
