//! The operator is killed at ten points of a shop's life, which a seed chooses.
//!
//! Two shops live side by side, each in a namespace and with an operator of its own. The
//! first is left in peace, and tells how many writes a phase of its life has and how all
//! stands at its end. The operator of the second is killed at some of these writes, and
//! each phase must end as it did for the first.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use e2e::{Bed, Kubectl, tell};
use fastrand::Rng;
use kube::Client;
use local_cluster::Operator;
use proxy::{Moment, Point, Proxy, Write};
use serde_json::Value;
use world::{World, differences, passwords, world};

#[path = "../../tests/faults/proxy.rs"]
mod proxy;
#[path = "../../tests/faults/world.rs"]
mod world;

/// The environment variable with the seed of a run that is to be repeated.
const SEED: &str = "GRAVITY_E2E_SEED";

/// Two shops start at once, on a machine of two cores.
const LIMIT: Duration = Duration::from_secs(300);

/// Longer than the operator puts off what it tells of GravityServices.
const CALM: Duration = Duration::from_secs(5);

const INTERVAL: Duration = Duration::from_millis(500);

/// What is done to the shop, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Create,
    /// A new version of a service, with a migration, and another configuration of all.
    Update,
    /// It is deleted, and its data is kept.
    Retire,
    /// It is made again, and takes its data up.
    Return,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Retire, Self::Return];

    /// How often the operator is killed in it.
    fn kills(self) -> usize {
        match self {
            Self::Create => 4,
            Self::Update | Self::Retire | Self::Return => 2,
        }
    }

    fn begin(self, kubectl: &Kubectl) {
        match self {
            Self::Create | Self::Return => apply(kubectl, &Bed::app_of_folder("shop")),
            Self::Update => apply(kubectl, &update()),
            Self::Retire => {
                let delete = ["delete", "gravityapp", "shop", "--wait=false"];
                kubectl.answer(&delete, "");
            }
        }
    }

    /// Whether the shop is there at the end.
    fn leaves_a_shop(self) -> bool {
        self != Self::Retire
    }
}

fn apply(kubectl: &Kubectl, objects: &str) {
    kubectl.answer(&["apply", "--filename=-"], objects);
}

fn update() -> String {
    let objects = Bed::app_of_folder("shop");
    let mut documents = objects.split("---\n");
    let service = documents.find(|text| text.contains("name: user-service-1.0.0"));
    let service = service.unwrap().replace("1.0.0", "1.1.0");
    let service = service.replace("env: {", "env: {SCHEMA: \"3\", ");
    let app = documents.last().unwrap();
    let app = app.replace("test: {}", "test: {env: {NOTE: changed}}");
    let app = app.replace("spec:\n", "spec:\n  updates: Automatic\n");
    let is_whole = app.contains("NOTE") && app.contains("Automatic");
    assert!(is_whole && service.contains("SCHEMA"));
    format!("{service}---\n{app}")
}

/// What is known of a phase from the shop that is left in peace.
struct Known {
    phase: Phase,
    writes: usize,
    end: World,
}

/// A shop, and an operator of its own behind a proxy.
struct Life {
    client: Client,
    kubectl: Kubectl,
    proxy: Proxy,
    operator: Operator,
}

impl Life {
    async fn begin(bed: &mut Bed, name: &str) -> Self {
        let kubectl = bed.namespace(name);
        let proxy = Proxy::start(&bed.cluster().config().await.unwrap()).await;
        let kubeconfig = kubeconfig_of(bed, name, &proxy);
        let arguments = ["--leader-elect=false".into(), format!("--namespace={name}")];
        let operator = bed.operator().start_beside(name, kubeconfig, &arguments);
        Self {
            client: bed.cluster().client().await.unwrap(),
            kubectl,
            proxy,
            operator: operator.unwrap(),
        }
    }

    /// Lives through a phase without a fault.
    async fn calmly(&self, phase: Phase) -> Known {
        let started = Instant::now();
        self.proxy.stop_at(None);
        phase.begin(&self.kubectl);
        while !self.has_ended(phase).await {
            assert!(started.elapsed() < LIMIT, "{}", self.kubectl.story());
            tokio::time::sleep(INTERVAL).await;
        }
        tokio::time::sleep(CALM).await;
        let writes = self.proxy.writes().into_iter();
        Known {
            phase,
            writes: writes.filter(Write::is_certain).count(),
            end: world(&self.client, self.kubectl.namespace()).await,
        }
    }

    /// Lives through a phase in which the operator is killed again and again.
    async fn killed(&mut self, known: &Known, chance: &mut Rng) {
        let kills = known.phase.kills();
        for kill in 0..kills {
            // So far apart that all of them come: what was written is not written again.
            let number = chance.usize(0..(known.writes / (kills + 1)).max(1));
            let moment = *chance.choice(&[Moment::Before, Moment::After]).unwrap();
            self.proxy.stop_at(Some((Point::Number(number), moment)));
            match kill {
                0 => known.phase.begin(&self.kubectl),
                _ => self.operator.restart().await.unwrap(),
            }
            self.is_killed(known.phase, number, moment).await;
        }
        let made = passwords(&self.client, self.kubectl.namespace()).await;
        self.proxy.stop_at(None);
        self.operator.restart().await.unwrap();
        self.comes_to(known).await;
        self.kept(&made).await;
    }

    /// Kills the operator at that write; or at rest, where writes that were on their way
    /// when it was killed before have left none for this life of it.
    async fn is_killed(&mut self, phase: Phase, number: usize, moment: Moment) {
        let started = Instant::now();
        let stopped = loop {
            if tokio::time::timeout(CALM, self.proxy.stopped())
                .await
                .is_ok()
            {
                break true;
            }
            if self.has_ended(phase).await {
                break false;
            }
            if started.elapsed() > LIMIT {
                let log = std::fs::read_to_string(self.operator.log()).unwrap();
                let story = self.kubectl.story();
                panic!("{number} of {phase:?} never came\n{story}\n{log}");
            }
        };
        self.operator.kill().await.unwrap();
        let writes = self.proxy.writes().into_iter();
        let write = writes.filter(Write::is_certain).nth(number);
        say(&match write.filter(|_| stopped) {
            Some(write) => format!("{phase:?}: killed {moment:?} {}", write.what),
            None => format!("{phase:?}: killed at rest"),
        });
    }

    /// No password that was made is made again.
    async fn kept(&self, made: &BTreeMap<String, Value>) {
        let now = passwords(&self.client, self.kubectl.namespace()).await;
        for (secret, password) in made {
            assert_eq!(now.get(secret), Some(password), "the password of {secret}");
        }
    }

    /// Waits until all stands as it does in the other shop.
    async fn comes_to(&self, known: &Known) {
        let started = Instant::now();
        loop {
            let ended = self.has_ended(known.phase).await;
            let now = world(&self.client, self.kubectl.namespace()).await;
            let differences = differences(&known.end, &now);
            if ended && differences.is_empty() {
                return;
            }
            if started.elapsed() > LIMIT {
                let log = std::fs::read_to_string(self.operator.log()).unwrap();
                let story = self.kubectl.story();
                panic!("after {:?}: {differences:#?}\n{story}\n{log}", known.phase);
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    async fn has_ended(&self, phase: Phase) -> bool {
        let get = ["get", "gravityapp", "shop", "--output=json"];
        let app = self.kubectl.try_answer(&get, "").ok();
        let app: Option<Value> = app.and_then(|text| serde_json::from_str(&text).ok());
        match app {
            None => !phase.leaves_a_shop(),
            Some(app) => phase.leaves_a_shop() && is_ready(&app),
        }
    }
}

/// Whether the app says so of what is asked for now.
fn is_ready(app: &Value) -> bool {
    let conditions = app["status"]["conditions"].as_array().into_iter().flatten();
    let ready = |it: &Value| it["type"] == "Ready" && it["status"] == "True";
    let current = app["status"]["observedGeneration"] == app["metadata"]["generation"];
    current && conditions.into_iter().any(ready)
}

/// The operator's kubeconfig, but for the way, which leads through the proxy.
fn kubeconfig_of(bed: &mut Bed, name: &str, proxy: &Proxy) -> PathBuf {
    let from = bed.operator().kubeconfig().to_path_buf();
    let to = from.with_file_name(format!("{name}-{}", from.file_name().unwrap().display()));
    proxy.lead(&from, &to);
    to
}

#[allow(clippy::print_stderr, reason = "a run can be repeated by what it says")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn seed() -> u64 {
    let given = std::env::var(SEED).ok();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    given.map_or(now.as_secs(), |given| given.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_ten_seeded_points_it_comes_to_the_same_end() {
    let seed = seed();
    say(&format!("{SEED}={seed}"));
    let mut chance = Rng::with_seed(seed);
    let mut bed = Bed::start().await;
    bed.operator().stop().await.unwrap();
    let calm = Life::begin(&mut bed, "calm-shop").await;
    let mut killed = Life::begin(&mut bed, "hard-shop").await;
    let started = Instant::now();
    let mut known = calm.calmly(Phase::Create).await;
    for next in Phase::ALL.into_iter().skip(1).map(Some).chain([None]) {
        // One is a phase ahead of the other.
        let (following, ()) = tokio::join!(
            async {
                match next {
                    Some(phase) => Some(calm.calmly(phase).await),
                    None => None,
                }
            },
            killed.killed(&known, &mut chance)
        );
        if let Some(following) = following {
            known = following;
        }
    }
    assert_eq!(Phase::ALL.map(Phase::kills).iter().sum::<usize>(), 10);
    tell(
        "a shop made, changed, deleted and made again, with ten kills",
        started,
    );
    drop((calm, killed));
    bed.stop().await;
}
