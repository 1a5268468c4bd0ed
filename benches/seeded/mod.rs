//! Services made for the resolver's tests and benchmark: from nothing but a seed, so that
//! every run has the same ones.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gravity::api::app::{DeletionPolicy, Updates};
use gravity::api::mesh::Mesh;
use gravity::api::service::{Events, Resources, Security, ServiceType};
use gravity::validate::{
    Catalogue, Dependency, Egress, Gateway, Layer, Scaling, ValidApp, ValidService,
};
use semver::{Version, VersionReq};

/// A service that asks for nothing.
pub fn service(name: &str, version: Version) -> ValidService {
    ValidService {
        name: name.to_owned(),
        namespace: "shop".to_owned(),
        object: format!("{name}-{version}"),
        image: format!("{name}:{version}"),
        runtime: None,
        version,
        type_: ServiceType::Api,
        command: Vec::new(),
        args: Vec::new(),
        port: Some(8000),
        service_port: Some(8000),
        service_type: "ClusterIP".to_owned(),
        dependencies: BTreeMap::new(),
        databases: Vec::new(),
        routing: None,
        contract: None,
        liveness: None,
        readiness: None,
        startup: None,
        migration: Vec::new(),
        seed: Vec::new(),
        migration_timeout: Duration::from_secs(600),
        migration_retries: 3,
        scaling: Scaling {
            min: 1,
            max: 1,
            metrics: Vec::new(),
        },
        resources: Resources::default(),
        env: BTreeMap::new(),
        env_value_from: BTreeMap::new(),
        env_from: Vec::new(),
        vault: None,
        config: Vec::new(),
        storage: Vec::new(),
        events: Events::default(),
        egress: Egress::Internet,
        schedule: None,
        startup_timeout: Duration::from_secs(300),
        deprecated: false,
        security: Security::default(),
        pod_template: None,
    }
}

/// The app `shop/shop` with these roots.
pub fn app(roots: BTreeMap<String, VersionReq>) -> ValidApp {
    ValidApp {
        again: None,
        rotation: None,
        name: "shop".to_owned(),
        namespace: "shop".to_owned(),
        uid: String::new(),
        generation: 1,
        roots,
        services: BTreeMap::new(),
        environment: None,
        overlay: Layer::default(),
        gateway: Gateway::none(),
        secret_store: None,
        walls: None,
        mesh: Mesh::None,
        databases: BTreeMap::new(),
        updates: Updates::Locked,
        lock: BTreeMap::new(),
        deletion_policy: DeletionPolicy::Retain,
        stopped: false,
        suspend: false,
    }
}

/// Puts the service into the catalogue.
pub fn add(catalogue: &mut Catalogue, service: ValidService) {
    catalogue
        .services
        .entry(service.name.clone())
        .or_default()
        .insert(service.version.clone(), Arc::new(service));
}

/// Numbers that look random and are the same each time (SplitMix64, Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014).
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Whether the versions of a made catalogue get into each other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflicts {
    /// Every range admits every version.
    None,
    /// The newest versions ask for what does not go together; older ones do go together.
    Many,
}

/// An app and a catalogue of so many services with so many versions each. A choice is
/// hidden in it that fits, so it can always be resolved.
pub fn made(
    services: u64,
    versions: u64,
    seed: u64,
    conflicts: Conflicts,
) -> (ValidApp, Catalogue) {
    let mut numbers = Numbers(seed);
    let hidden: Vec<u64> = (0..services).map(|_| numbers.below(versions)).collect();
    let mut catalogue = Catalogue::default();
    for index in 0..services {
        for minor in 0..versions {
            let mut made = service(&name(index), Version::new(1, minor, 0));
            for target in targets(index, services, &mut numbers) {
                let range = match conflicts {
                    Conflicts::None => VersionReq::STAR,
                    Conflicts::Many => {
                        let keep =
                            (minor == hidden[index as usize]).then(|| hidden[target as usize]);
                        window(versions, keep, &mut numbers)
                    }
                };
                made.dependencies.insert(name(target), ordered(range));
            }
            add(&mut catalogue, made);
        }
    }
    let roots = (0..services.min(20)).map(|index| (name(index), VersionReq::STAR));
    (app(roots.collect()), catalogue)
}

/// A dependency that must be ready first.
pub fn ordered(version: VersionReq) -> Dependency {
    Dependency {
        version,
        contract: None,
        optional: false,
        ordered: true,
    }
}

fn name(index: u64) -> String {
    format!("service-{index:04}")
}

/// How many services are closely bound to each other; applications are woven so, and one
/// web of a thousand would make the effort a matter of luck.
const GROUP: u64 = 20;

/// The next service, so that all are reached, and others of the same group.
fn targets(index: u64, services: u64, numbers: &mut Numbers) -> Vec<u64> {
    let end = services.min((index / GROUP + 1) * GROUP);
    let after = end - index - 1;
    let mut targets: Vec<u64> = (0..4)
        .filter(|_| after > 0)
        .map(|_| index + 1 + numbers.below(after))
        .collect();
    targets.extend((index + 1 < services).then_some(index + 1));
    targets
}

/// A range of half of the versions, in which `keep` is.
fn window(versions: u64, keep: Option<u64>, numbers: &mut Numbers) -> VersionReq {
    let width = versions / 2;
    let low = match keep {
        Some(keep) => (keep + 1).saturating_sub(1 + numbers.below(width)),
        None => numbers.below(versions - width + 1),
    };
    let high = low + width;
    VersionReq::parse(&format!(">=1.{low}.0, <1.{high}.0")).unwrap_or(VersionReq::STAR)
}
