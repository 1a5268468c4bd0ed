//! A cluster starts, behaves like one, and leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod objects;

use std::path::Path;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod};
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, Client};
use local_cluster::{FAIL, LocalCluster, MESSAGE, Options, READY, Readiness};
use objects::{annotated, deployment, eventually, job, stateful_set, typed};
use serde_json::Value;

async fn start(readiness: Readiness) -> LocalCluster {
    LocalCluster::start(Options {
        readiness,
        ..Options::default()
    })
    .await
    .unwrap()
}

async fn create<K>(client: &Client, object: Value)
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>
        + Clone
        + serde::de::DeserializeOwned
        + serde::Serialize
        + std::fmt::Debug,
{
    let api = Api::<K>::namespaced(client.clone(), "default");
    api.create(&PostParams::default(), &typed(object))
        .await
        .unwrap();
}

async fn ready_replicas(client: &Client, name: &str) -> i32 {
    let api = Api::<Deployment>::namespaced(client.clone(), "default");
    api.get(name)
        .await
        .unwrap()
        .status
        .and_then(|status| status.ready_replicas)
        .unwrap_or(0)
}

/// The status of the first pod with that label, as text; empty while there is none.
async fn pod_status(client: &Client, app: &str) -> String {
    let pods = Api::<Pod>::namespaced(client.clone(), "default");
    let list = pods
        .list(&ListParams::default().labels(&format!("app={app}")))
        .await
        .unwrap();
    list.items
        .first()
        .map(|pod| serde_json::to_string(&pod.status).unwrap())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_deployment_becomes_available() {
    let cluster = start(Readiness::Instant).await;
    let client = cluster.client().await.unwrap();
    let request = http::Request::get("/readyz").body(Vec::new()).unwrap();
    assert_eq!(client.request_text(request).await.unwrap(), "ok");

    create::<Deployment>(&client, deployment("web", 2)).await;
    eventually("both pods are ready", async || {
        ready_replicas(&client, "web").await == 2
    })
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_claim_gets_a_volume_and_loses_it_again() {
    let cluster = start(Readiness::Instant).await;
    let client = cluster.client().await.unwrap();
    create::<StatefulSet>(&client, stateful_set("store")).await;
    let sets = Api::<StatefulSet>::namespaced(client.clone(), "default");
    eventually("the StatefulSet is ready", async || {
        let status = sets.get("store").await.unwrap().status.unwrap();
        status.ready_replicas == Some(1)
    })
    .await;

    sets.delete("store", &DeleteParams::background())
        .await
        .unwrap();
    let claims = Api::<PersistentVolumeClaim>::namespaced(client.clone(), "default");
    claims
        .delete("data-store-0", &DeleteParams::default())
        .await
        .unwrap();
    let volumes = Api::<PersistentVolume>::all(client.clone());
    eventually("the volume is gone", async || {
        volumes
            .list(&ListParams::default())
            .await
            .unwrap()
            .items
            .is_empty()
    })
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn annotated_pods_hang_and_crash() {
    let cluster = start(Readiness::Instant).await;
    let client = cluster.client().await.unwrap();
    let failing = annotated(
        deployment("failing", 1),
        &[(FAIL, "true"), (MESSAGE, "no disk")],
    );
    create::<Deployment>(
        &client,
        annotated(deployment("hanging", 1), &[(READY, "false")]),
    )
    .await;
    create::<Deployment>(&client, failing).await;

    eventually("the pod crashes with its message", async || {
        let status = pod_status(&client, "failing").await;
        status.contains("CrashLoopBackOff") && status.contains("no disk")
    })
    .await;
    eventually("the other one runs", async || {
        pod_status(&client, "hanging").await.contains("Running")
    })
    .await;
    assert_eq!(ready_replicas(&client, "hanging").await, 0);
    cluster.stop().await;
}

#[tokio::test]
async fn jobs_complete_and_fail() {
    let cluster = start(Readiness::Instant).await;
    let client = cluster.client().await.unwrap();
    create::<Job>(&client, job("migration")).await;
    create::<Job>(&client, annotated(job("broken"), &[(FAIL, "true")])).await;

    let jobs = Api::<Job>::namespaced(client.clone(), "default");
    let status = async |name| jobs.get(name).await.unwrap().status.unwrap_or_default();
    eventually("the Job completes", async || {
        status("migration").await.succeeded == Some(1)
    })
    .await;
    eventually("the broken Job fails", async || {
        status("broken").await.failed == Some(1)
    })
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn readiness_takes_its_time_and_can_be_changed() {
    let cluster = start(Readiness::After(Duration::from_secs(600))).await;
    let client = cluster.client().await.unwrap();
    create::<Deployment>(&client, deployment("slow", 1)).await;
    let pods = Api::<Pod>::namespaced(client.clone(), "default");
    eventually("the pod runs", async || {
        let list = pods.list(&ListParams::default()).await.unwrap();
        list.items
            .iter()
            .any(|pod| pod.status.clone().unwrap().phase.as_deref() == Some("Running"))
    })
    .await;
    assert_eq!(ready_replicas(&client, "slow").await, 0);

    cluster.set_readiness(Readiness::Instant).await.unwrap();
    eventually("the pod is ready", async || {
        ready_replicas(&client, "slow").await == 1
    })
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_service_account_has_its_own_rights_only() {
    let cluster = start(Readiness::Instant).await;
    let path = cluster
        .kubeconfig_for_service_account("default", "default")
        .await
        .unwrap();
    let kubeconfig = kube::config::Kubeconfig::read_from(path).unwrap();
    let options = Default::default();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    let maps = Api::<ConfigMap>::namespaced(Client::try_from(config).unwrap(), "default");
    let refusal = maps
        .list(&ListParams::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("system:serviceaccount:default:default"),
        "{refusal}"
    );

    let log = std::fs::read_to_string(cluster.audit_log().unwrap()).unwrap();
    assert!(log.lines().any(|line| {
        line.contains("system:serviceaccount:default:default") && line.contains("ResponseComplete")
    }));
    assert!(log.lines().any(|line| line.contains(r#""verb":"watch""#)));
    cluster.stop().await;
}

#[tokio::test]
async fn two_clusters_stand_side_by_side_and_leave_no_process() {
    let (first, second) = tokio::join!(start(Readiness::Instant), start(Readiness::Instant));
    assert_ne!(first.server(), second.server());
    let ids: Vec<u32> = first.processes().into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), 5);
    let folder = first.folder().to_owned();

    first.stop().await;
    assert!(
        ids.iter().all(|id| !objects::runs(*id)),
        "a process was left of {ids:?}"
    );
    assert!(!folder.exists());
    second.check().unwrap();
    second
        .client()
        .await
        .unwrap()
        .apiserver_version()
        .await
        .unwrap();

    let ids: Vec<u32> = second.processes().into_iter().map(|(_, id)| id).collect();
    drop(second);
    assert!(
        ids.iter().all(|id| !objects::runs(*id)),
        "a process was left of {ids:?}"
    );
}

#[tokio::test]
async fn a_given_folder_is_kept_and_taken_up_again() {
    let parent = tempfile::tempdir().unwrap();
    let options = || Options {
        folder: Some(parent.path().join("kept")),
        ..Options::default()
    };
    let cluster = LocalCluster::start(options()).await.unwrap();
    let in_use = LocalCluster::start(options()).await.unwrap_err();
    assert!(
        in_use
            .to_string()
            .contains("in use by another local cluster"),
        "{in_use}"
    );
    create::<Deployment>(&cluster.client().await.unwrap(), deployment("web", 1)).await;
    cluster.stop().await;

    assert!(Path::new(&parent.path().join("kept/logs/kube-apiserver.log")).exists());
    let cluster = LocalCluster::start(options()).await.unwrap();
    let client = cluster.client().await.unwrap();
    eventually("the pod is ready", async || {
        ready_replicas(&client, "web").await == 1
    })
    .await;
    cluster.stop().await;
}
