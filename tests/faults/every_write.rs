//! The operator is killed before and after every single write of a service's life.
//!
//! A calm life tells which writes there are, and how things stand after each phase. Then
//! many lives are lived side by side, each in a namespace and with an operator of its own:
//! in each phase the operator is killed at one of these writes, by a proxy that stops the
//! world there, and started again. Each phase must end as it did in the calm life.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::api::ListParams;
use local_cluster::{Operator, Options};
use serde_json::Value;

use crate::proxy::{Moment, Point, Proxy, Write};
use crate::support::{Space, Suite, condition};
use crate::world::{World, differences, passwords, world};

/// So many lives at once keep a small machine busy and no wait near its limit.
const AT_ONCE: usize = 12;

/// Longer than the operator puts off what it tells of GravityServices.
const CALM: Duration = Duration::from_secs(5);

/// Within this a phase ends, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(90);

const FIRST: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
scaling: {minReplicas: 2, maxReplicas: 3}
";

/// Another version: other pods, another provisioning, a migration, no autoscaler.
const SECOND: &str = "
name: api
version: 1.1.0
image: api:2
databases: [{name: data, type: postgresql, version: '16', extensions: [pgcrypto]}]
migrations: {command: [migrate]}
scaling: {minReplicas: 2}
";

/// What is done to the app, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Create,
    Update,
    /// It is deleted, and its data is kept.
    Retire,
    /// It is made again, and takes its data up.
    Return,
    /// It is deleted with its data.
    Delete,
}

impl Phase {
    const ALL: [Self; 5] = [
        Self::Create,
        Self::Update,
        Self::Retire,
        Self::Return,
        Self::Delete,
    ];

    async fn begin(self, space: &Space) {
        let app = |more: &str| format!("{{services: [{{name: api}}], {more}}}");
        match self {
            Self::Create => space.app("app", &app("updates: Automatic")).await,
            Self::Update => space.services(SECOND).await,
            Self::Return => space.app("app", &app("deletionPolicy: Delete")).await,
            Self::Retire | Self::Delete => space.delete("GravityApp", "app").await,
        }
    }

    /// Whether the app is there at the end.
    fn leaves_an_app(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Return)
    }
}

/// What is known of a phase from the calm life.
struct Known {
    phase: Phase,
    writes: Vec<Write>,
    end: World,
}

/// A namespace, and an operator of its own behind a proxy.
struct Life {
    space: Space,
    proxy: Proxy,
    operator: Operator,
    _kubeconfig: tempfile::NamedTempFile,
}

impl Life {
    async fn begin(suite: &Arc<Suite>, name: &str) -> Self {
        let space = Space::on(suite.clone(), name).await;
        space.services(FIRST).await;
        let proxy = Proxy::start(&suite.cluster.config().await.unwrap()).await;
        let installed = suite.operator.lock().await;
        let kubeconfig = tempfile::NamedTempFile::new().unwrap();
        proxy.lead(installed.kubeconfig(), kubeconfig.path());
        let arguments = ["--leader-elect=false".into(), format!("--namespace={name}")];
        let operator = installed.start_beside(name, kubeconfig.path().into(), &arguments);
        Self {
            operator: operator.unwrap(),
            space,
            proxy,
            _kubeconfig: kubeconfig,
        }
    }

    /// Lives through a phase without a fault.
    async fn calmly(&self, phase: Phase) -> Known {
        self.proxy.stop_at(None);
        phase.begin(&self.space).await;
        if phase.leaves_an_app() {
            self.space.ready("app").await;
        } else {
            self.space.until_gone("GravityApp", "app").await;
        }
        self.use_is_told(phase).await;
        tokio::time::sleep(CALM).await;
        Known {
            phase,
            writes: self.proxy.writes().into_iter().filter(is_tried).collect(),
            end: world(&self.space.client, &self.space.name).await,
        }
    }

    /// Waits until each GravityService says truly who uses it, the last of all that is told.
    async fn use_is_told(&self, phase: Phase) {
        let space = &self.space;
        space
            .until("the use of the services is told", async || {
                let app = space.get("GravityApp", "app").await;
                let used = app["status"]["services"][0]["version"].clone();
                let api = space.api("GravityService");
                let services = api.list(&ListParams::default()).await.unwrap();
                services.into_iter().all(|service| {
                    let is_used = phase.leaves_an_app() && service.data["spec"]["version"] == used;
                    service.data["status"]["type"].is_string()
                        && service.data["status"]["usedBy"].is_string() == is_used
                })
            })
            .await;
    }

    /// Lives through a phase in which the operator is killed at that write; whether the
    /// write came.
    async fn killed(&mut self, known: &Known, write: &Write, moment: Moment) -> bool {
        self.proxy.stop_at(Some((Point::At(write.clone()), moment)));
        known.phase.begin(&self.space).await;
        let came = tokio::select! {
            () = self.proxy.stopped() => true,
            () = self.comes_to(known), if !write.is_certain() => false,
            () = tokio::time::sleep(LIMIT) => false,
        };
        let made = passwords(&self.space.client, &self.space.name).await;
        self.operator.kill().await.unwrap();
        self.proxy.stop_at(None);
        self.operator.restart().await.unwrap();
        self.comes_to(known).await;
        let now = passwords(&self.space.client, &self.space.name).await;
        let kept =
            |(secret, value): (&String, &Value)| now.get(secret).is_none_or(|it| it == value);
        assert!(
            made.iter().all(kept),
            "a password was made anew: {}",
            self.space.name
        );
        came
    }

    /// Waits until all stands as it did in the calm life.
    async fn comes_to(&self, known: &Known) {
        let started = std::time::Instant::now();
        loop {
            let differences = self.differences(known).await;
            if differences.is_empty() {
                return;
            }
            if started.elapsed() > LIMIT {
                let log = std::fs::read_to_string(self.operator.log()).unwrap();
                let name = &self.space.name;
                panic!("{name} after {:?}: {differences:#?}\n{log}", known.phase);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// What is other than in the calm life: looked at only once the app is ready or gone.
    async fn differences(&self, known: &Known) -> Vec<String> {
        let app = self.space.get("GravityApp", "app").await;
        let ready = condition(&app, "Ready")["status"] == "True";
        if known.phase.leaves_an_app() != ready || ready == app.is_null() {
            return vec![format!("{:#}", app["status"])];
        }
        differences(
            &known.end,
            &world(&self.space.client, &self.space.name).await,
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_and_after_every_single_write_it_comes_to_the_same_end() {
    let suite = Suite::start(Options {
        traefik_crds: false,
        ..Options::default()
    })
    .await;
    suite.operator.lock().await.stop().await.unwrap();
    let calm = Life::begin(&suite, "life-calm").await;
    let mut known = Vec::new();
    for phase in Phase::ALL {
        known.push(calm.calmly(phase).await);
    }
    nothing_is_sent_twice(&known);
    what_is_left_is_data_only(&known);

    let most = known.iter().map(|known| known.writes.len()).max().unwrap();
    let each = |moment| (0..most).map(move |number| (number, moment));
    let lives = each(Moment::Before).chain(each(Moment::After));
    let lived = futures::stream::iter(lives)
        .map(|(number, moment)| live(&suite, &known, number, moment))
        .buffer_unordered(AT_ONCE);
    let came: BTreeSet<_> = lived
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .flatten()
        .collect();
    for known in &known {
        let certain = known.writes.iter().filter(|write| write.is_certain());
        for write in certain {
            for moment in [Moment::Before, Moment::After] {
                let at = (known.phase, write.clone(), moment);
                assert!(came.contains(&at), "{at:?} never came");
            }
        }
    }
}

/// Lives through all phases, killed at the write of that number in each that has so many.
async fn live(
    suite: &Arc<Suite>,
    known: &[Known],
    number: usize,
    moment: Moment,
) -> Vec<(Phase, Write, Moment)> {
    let name = format!("life-{moment:?}-{number:02}").to_lowercase();
    let mut life = Life::begin(suite, &name).await;
    let mut came = Vec::new();
    for known in known {
        let write = known.writes.get(number);
        let write = write.unwrap_or_else(|| &known.writes[number % known.writes.len()]);
        if life.killed(known, write, moment).await {
            came.push((known.phase, write.clone(), moment));
        }
    }
    came
}

/// How often something is told in a phase, a status or an event, is a matter of chance; what
/// was told once is told again in the same way.
fn is_tried(write: &Write) -> bool {
    write.is_certain() || write.earlier < 2
}

/// An autoscaled Deployment has two field managers; everything else has one, and is sent once.
fn nothing_is_sent_twice(known: &[Known]) {
    let writes = known.iter().flat_map(|known| &known.writes);
    let again = writes.filter(|write| write.is_certain() && write.earlier > 0);
    let again: Vec<&str> = again.map(|write| write.what.as_str()).collect();
    assert_eq!(again, ["PATCH deployments/api"]);
}

/// What the other lives are compared with is itself as it should be.
fn what_is_left_is_data_only(known: &[Known]) {
    let kinds_of = |phase: Phase| -> Vec<&str> {
        let end = &known.iter().find(|known| known.phase == phase).unwrap().end;
        let ours = end.keys().filter(|key| !key.starts_with("GravityService "));
        ours.map(String::as_str).collect()
    };
    let kept = [
        "PersistentVolumeClaim data-app-postgresql-16-0",
        "Secret api-data",
        "Secret app-postgresql-16-admin",
    ];
    assert_eq!(kinds_of(Phase::Retire), kept);
    assert_eq!(kinds_of(Phase::Delete), Vec::<&str>::new());
}
