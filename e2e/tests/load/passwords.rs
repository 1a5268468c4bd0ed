//! Whether anybody was turned away for the password, as all logs tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{AsyncBufReadExt as _, StreamExt as _};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::api::{ListParams, LogParams};
use kube::{Api, Client, ResourceExt as _};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Stand;
use crate::application::Application;
use crate::keepers::{KEEPERS, Keeper};

/// How often it is looked for containers that are new.
const INTERVAL: Duration = Duration::from_millis(500);

/// The words of servers, and of their clients, of which one is in each line that tells of a
/// login that was turned away.
const WORDS: [&str; 12] = [
    // PostgreSQL
    "password authentication failed",
    "is not permitted to log in",
    // MariaDB
    "Access denied for user",
    // Redis
    "WRONGPASS",
    "NOAUTH",
    "NOPERM",
    // RabbitMQ: the server's words, and its clients'
    "invalid credentials",
    "user can only log in via localhost",
    "username or password not allowed",
    // S3
    "access key ID you provided does not exist",
    "signature we calculated does not match",
    "Access Denied",
];

/// Whether a line tells of a login that was turned away.
pub(crate) fn tells_of_one(line: &str) -> bool {
    let line = line.to_lowercase();
    WORDS
        .iter()
        .any(|words| line.contains(&words.to_lowercase()))
}

/// Follows the logs of all containers of a namespace, of those too whose pods end.
pub(crate) struct Logs {
    found: Found,
    _tasks: JoinSet<()>,
}

/// The lines that tell of a wrong password, as they came, and how many each container has.
#[derive(Clone, Default)]
struct Found(Arc<Mutex<(Vec<String>, BTreeMap<String, usize>)>>);

impl Found {
    fn lines(&self) -> Vec<String> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.0.clone()
    }

    /// Adds the container's line of that number, unless it is known: a log is read from its
    /// beginning once more when the way to it was interrupted.
    fn add(&self, container: &str, number: usize, line: String) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (lines, counts) = &mut *found;
        let known = counts.entry(container.to_owned()).or_default();
        if *known < number {
            *known = number;
            lines.push(line);
        }
    }
}

impl Logs {
    pub(crate) fn follow(client: Client, namespace: &str) -> Self {
        let found = Found::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(follow_all(
            Api::namespaced(client, namespace),
            found.clone(),
        ));
        Self {
            found,
            _tasks: tasks,
        }
    }

    /// All such lines so far.
    pub(crate) fn found(&self) -> Vec<String> {
        self.found.lines()
    }
}

async fn follow_all(pods: Api<Pod>, found: Found) {
    let mut readers = JoinSet::new();
    let mut followed = BTreeSet::new();
    let mut interrupted = BTreeSet::new();
    loop {
        // The API server of a given cluster may be away for a moment.
        let list = pods.list(&ListParams::default()).await;
        for pod in list.iter().flat_map(|list| &list.items) {
            for container in containers(pod) {
                let again = !container.ended && interrupted.remove(&container.id);
                if followed.insert(container.id.clone()) || again {
                    readers.spawn(follow(pods.clone(), container, found.clone()));
                }
            }
        }
        while let Some(Ok(id)) = readers.try_join_next() {
            interrupted.insert(id);
        }
        sleep(INTERVAL).await;
    }
}

/// A container that has begun.
struct Container {
    pod: String,
    name: String,
    id: String,
    ended: bool,
}

fn containers(pod: &Pod) -> Vec<Container> {
    let status = pod.status.iter();
    let lists =
        status.flat_map(|status| [&status.init_container_statuses, &status.container_statuses]);
    let begun = |status: &ContainerStatus| {
        let state = status.state.as_ref();
        Some(Container {
            pod: pod.name_any(),
            name: status.name.clone(),
            id: status.container_id.clone()?,
            ended: state.is_some_and(|state| state.terminated.is_some()),
        })
    };
    lists.flatten().flatten().filter_map(begun).collect()
}

/// Reads a container's log until it ends, or the way to it; tells which it was.
async fn follow(pods: Api<Pod>, container: Container, found: Found) -> String {
    let Container { pod, name, id, .. } = container;
    let asked = LogParams {
        container: Some(name.clone()),
        follow: true,
        ..LogParams::default()
    };
    let mut told = 0;
    if let Ok(log) = pods.log_stream(&pod, &asked).await {
        let mut lines = log.lines();
        while let Some(Ok(line)) = lines.next().await {
            if tells_of_one(&line) {
                told += 1;
                found.add(&id, told, format!("{pod}/{name}: {line}"));
            }
        }
    }
    id
}

/// A count of 0 says something only where a wrong password would be counted: one is tried on
/// each engine. Its client must tell of it, and so must those servers that write it down.
pub(crate) fn wrong_ones_are_noticed(stand: &Stand) {
    for keeper in &KEEPERS {
        let secret = |key: &str| stand.app.kubectl.secret(&keeper.secret(), key);
        let uri = secret("uri").replace(&secret("password"), "wrong");
        is_refused(&stand.app, keeper, &uri);
    }
    let tells = |keeper: &Keeper| {
        let lines = stand.logs.found();
        lines.iter().any(|line| line.starts_with(keeper.server))
    };
    for keeper in KEEPERS.iter().filter(|keeper| keeper.server_tells) {
        let what = format!("the log of {} has the wrong password", keeper.server);
        stand.app.wait(&what, || tells(keeper));
    }
}

/// The logins of before a rotation.
pub(crate) struct Old(Vec<(Keeper, String)>);

impl Old {
    pub(crate) fn of(app: &Application) -> Self {
        let rotating = KEEPERS.into_iter().filter(|keeper| keeper.rotates);
        let uri = |keeper: Keeper| (keeper, app.kubectl.secret(&keeper.secret(), "uri"));
        Self(rotating.map(uri).collect())
    }

    /// Sees that nobody is let in by them any more.
    pub(crate) fn open_nothing(&self, app: &Application) {
        for (keeper, uri) in &self.0 {
            is_refused(app, keeper, uri);
        }
    }
}

/// Sees that the sample service is turned away when it uses a database by this address.
fn is_refused(app: &Application, keeper: &Keeper, uri: &str) {
    let pod = format!("deployment/{}", keeper.service);
    let variable = format!("{}={uri}", keeper.variable());
    let command = [
        "exec",
        &pod,
        "--",
        "env",
        &variable,
        "sample-service",
        "seed",
    ];
    let told = app.kubectl.try_answer(&command, "");
    let refused = told.as_ref().is_err_and(|told| tells_of_one(told));
    assert!(refused, "{}: {told:?}", keeper.service);
}
