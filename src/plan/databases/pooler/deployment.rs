//! The pods of a pooler.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment,
};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, ContainerPort, ExecAction, Lifecycle, LifecycleHandler,
    PodSecurityContext, PodSpec, PodTemplateSpec, Probe, TCPSocketAction, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::super::{credential, pod, stateful_set};
use super::{COMPONENT, Pool};
use crate::api::names;
use crate::plan::pod::{CONFIG_ANNOTATION, spread};
use crate::plan::{Facts, meta};

/// Ten seconds in which nobody new comes, and then what is left for a transaction to end.
const GRACE: i64 = 70;

pub(super) fn deployment(pool: Pool<'_>, facts: &Facts) -> Deployment {
    let name = pool.server.pooler_name();
    let labels = names::labels(&pool.app.name, &name, COMPONENT);
    Deployment {
        metadata: meta::owned(pool.app, &name, labels.clone()),
        spec: Some(DeploymentSpec {
            replicas: Some(pool.wanted.pods()),
            selector: selector(pool),
            // Never one pod less: each of them holds clients.
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::Int(1)),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            }),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    annotations: Some(annotations(pool, facts)),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod_spec(pool)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

fn selector(pool: Pool<'_>) -> LabelSelector {
    let name = pool.server.pooler_name();
    LabelSelector {
        match_labels: Some(names::selector(&pool.app.name, &name)),
        ..LabelSelector::default()
    }
}

/// It reads its files and its password at its start only. What it follows from is named, so
/// that a newer Gravity, which writes its files otherwise, takes no connection away.
fn annotations(pool: Pool<'_>, facts: &Facts) -> BTreeMap<String, String> {
    let wanted = pool.wanted;
    let inputs = (
        format!("{:?}", wanted.mode()),
        wanted.pool_size(),
        wanted.max_clients(),
        credential(facts, &pool.server.pooler_name()),
    );
    let digest = names::digest8(meta::value(&inputs).to_string().as_bytes());
    BTreeMap::from([(CONFIG_ANNOTATION.to_owned(), digest)])
}

fn pod_spec(pool: Pool<'_>) -> PodSpec {
    let name = pool.server.pooler_name();
    let program = pool.program;
    PodSpec {
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE),
        security_context: Some(PodSecurityContext {
            run_as_user: Some(program.user),
            run_as_group: Some(program.group),
            fs_group: Some(program.group),
            ..pod::security(pool.server.profile())
        }),
        topology_spread_constraints: Some(spread(&selector(pool), true)),
        containers: vec![container(pool)],
        volumes: Some(vec![
            Volume {
                name: "config".to_owned(),
                config_map: Some(ConfigMapVolumeSource {
                    name: name.clone(),
                    ..ConfigMapVolumeSource::default()
                }),
                ..Volume::default()
            },
            stateful_set::secret_volume("login", &name),
            pod::scratch("tmp", "/tmp"),
        ]),
        ..PodSpec::default()
    }
}

fn container(pool: Pool<'_>) -> Container {
    let Pool {
        wanted, program, ..
    } = pool;
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let image = wanted.image.clone();
    let port = pool.server.profile().ports.first();
    Container {
        name: COMPONENT.to_owned(),
        image: Some(image.unwrap_or_else(|| program.image.to_owned())),
        command: Some(words(program.start)),
        ports: port.map(|port| {
            vec![ContainerPort {
                name: Some(port.name.to_owned()),
                container_port: port.number,
                protocol: Some("TCP".to_owned()),
                ..ContainerPort::default()
            }]
        }),
        resources: Some(pod::resources_over(
            program.requests,
            program.memory_limit,
            wanted.resources.as_ref(),
        )),
        // A pooler is ready when it answers: whether the server does is the server's to say,
        // and clients wait in a pooler for one that is away for a moment.
        readiness_probe: Some(answers(pool, 5, 3)),
        liveness_probe: Some(answers(pool, 10, 6)),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                exec: Some(ExecAction {
                    command: Some(words(program.stop)),
                }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        security_context: Some(pod::container_security(false)),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![
            pod::mount_read_only("config", "/etc/gravity"),
            pod::mount_read_only("login", "/run/gravity/pooler"),
            pod::mount("tmp", "/tmp"),
        ]),
        ..Container::default()
    }
}

fn answers(pool: Pool<'_>, period: i32, failures: i32) -> Probe {
    let port = pool.server.profile().ports.first();
    Probe {
        tcp_socket: port.map(|port| TCPSocketAction {
            port: IntOrString::String(port.name.to_owned()),
            ..TCPSocketAction::default()
        }),
        period_seconds: Some(period),
        timeout_seconds: Some(5),
        failure_threshold: Some(failures),
        ..Probe::default()
    }
}
