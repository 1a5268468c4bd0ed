//! The operator is killed, stopped and started again.

use std::collections::BTreeMap;
use std::time::Duration;

use local_cluster::{Options, Readiness};
use serde_json::Value;

use crate::support::{Space, Suite, requests};

/// A chain of services with a database each, so that there is always something under way.
fn chain(length: usize) -> String {
    let service = |index: usize| {
        let before = match index {
            0 => String::new(),
            index => format!("dependencies: [{{name: s{}}}]\n", index - 1),
        };
        format!(
            "name: s{index}\nversion: 1.0.0\nimage: s:1\n{before}migrations: {{command: [m]}}\n\
             databases: [{{name: db{index}, type: postgresql, version: '16'}}]\n\
             scaling: {{minReplicas: 2, maxReplicas: 3}}\n"
        )
    };
    (0..length).map(service).collect::<Vec<_>>().join("---\n")
}

const KINDS: [&str; 11] = [
    "Deployment",
    "StatefulSet",
    "Service",
    "Secret",
    "PersistentVolumeClaim",
    "ServiceAccount",
    "Job",
    "ConfigMap",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "NetworkPolicy",
];

/// The names and specs of all objects: what an end state is.
async fn state(space: &Space) -> BTreeMap<String, Value> {
    let mut state = BTreeMap::new();
    for kind in KINDS {
        for name in space.names(kind).await {
            let mut object = space.get(kind, &name).await;
            let mut spec = object["spec"].take();
            // It names the set of credentials, which is random.
            if let Some(annotations) = spec.pointer_mut("/template/metadata/annotations") {
                annotations["gravity.dev/credentials"] = Value::Null;
            }
            let spec = match kind {
                "Deployment" | "StatefulSet" => spec,
                _ => Value::Null,
            };
            state.insert(format!("{kind} {name}"), spec);
        }
    }
    state
}

async fn passwords(space: &Space) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for name in space.names("Secret").await {
        let data = space.get("Secret", &name).await["data"].clone();
        all.insert(name, data);
    }
    all
}

/// The name of a provisioning Job ends in a digest of the credentials, which are random.
fn without_credentials(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((head, _)) if name.starts_with("Job ") && head.contains("postgresql") => head.into(),
        _ => name.to_owned(),
    }
}

/// Killed again and again while it brings an app up: the end is that of an undisturbed
/// run, and no password that was made is made again.
#[tokio::test]
async fn killed_while_it_works_it_comes_to_the_same_end() {
    let suite = Suite::start(Options {
        readiness: Readiness::After(Duration::from_millis(200)),
        ..Options::default()
    })
    .await;
    let calm = Space::on(suite.clone(), "calm").await;
    calm.services(&chain(4)).await;
    calm.app("app", "{services: [{name: s3}]}").await;
    calm.ready("app").await;

    let killed = Space::on(suite.clone(), "killed").await;
    killed.services(&chain(4)).await;
    killed.app("app", "{services: [{name: s3}]}").await;
    let mut known = BTreeMap::new();
    for round in 0..4_u64 {
        tokio::time::sleep(Duration::from_millis(250 + 350 * round)).await;
        let mut operator = suite.operator.lock().await;
        operator.kill().await.unwrap();
        for (name, data) in passwords(&killed).await {
            assert_eq!(known.entry(name).or_insert_with(|| data.clone()), &data);
        }
        operator.restart().await.unwrap();
        operator.leading().await.unwrap();
    }
    killed.ready("app").await;
    let after = passwords(&killed).await;
    for (name, data) in &known {
        assert_eq!(after.get(name), Some(data), "the Secret {name} was changed");
    }
    let (calm_state, killed_state) = (state(&calm).await, state(&killed).await);
    let names = |state: &BTreeMap<String, Value>| {
        state
            .keys()
            .map(|name| without_credentials(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&killed_state), names(&calm_state));
    for (name, spec) in calm_state.iter().filter(|(_, spec)| !spec.is_null()) {
        assert_eq!(killed_state.get(name), Some(spec), "{name}");
    }
}

#[tokio::test]
async fn a_restart_at_rest_writes_nothing_and_a_stop_is_orderly() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "rest").await;
    space.services(&chain(2)).await;
    space
        .app("app", "{services: [{name: s1}], gateway: {class: Ingress}}")
        .await;
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(1)).await;
    let before = requests(&suite.audit(), "").len();

    let mut operator = suite.operator.lock().await;
    let status = operator.stop().await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", suite.log_tail());
    // Released: the Lease has no holder, and the next one need not wait for it.
    let lease = suite.kubectl(&[
        "-n",
        "gravity-system",
        "get",
        "lease",
        "gravity",
        "-o",
        "json",
    ]);
    let lease: Value = serde_json::from_str(&lease).unwrap();
    let holder = lease["spec"]["holderIdentity"].as_str().unwrap_or_default();
    assert_eq!(holder, "", "{lease:#}");

    operator.restart().await.unwrap();
    operator.leading().await.unwrap();
    drop(operator);
    tokio::time::sleep(Duration::from_secs(6)).await;
    let all = requests(&suite.audit(), "");
    let writes: Vec<_> = all[before..].iter().filter(|one| one.writes()).collect();
    assert!(writes.is_empty(), "a restart at rest writes: {writes:#?}");
    space.ready("app").await;
}

/// A deletion that was under way goes on after a kill.
#[tokio::test]
async fn a_deletion_goes_on_after_a_kill() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "deletion").await;
    space.services(&chain(4)).await;
    space
        .app("app", "{services: [{name: s3}], deletionPolicy: Delete}")
        .await;
    space.ready("app").await;
    let mut operator = suite.operator.lock().await;
    space.delete("GravityApp", "app").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    operator.kill().await.unwrap();
    assert!(
        space.exists("GravityApp", "app").await,
        "the finalizer holds it"
    );
    operator.restart().await.unwrap();
    drop(operator);
    space.until_gone("GravityApp", "app").await;
    for kind in [
        "Deployment",
        "StatefulSet",
        "PersistentVolumeClaim",
        "Secret",
    ] {
        space
            .until(&format!("every {kind} is gone"), async || {
                space.names(kind).await.is_empty()
            })
            .await;
    }
}
