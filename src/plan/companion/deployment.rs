//! The pods of a companion.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment,
};
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapVolumeSource, Container, ContainerPort, HTTPGetAction, Lifecycle,
    LifecycleHandler, PodSecurityContext, PodSpec, PodTemplateSpec, Probe, ResourceRequirements,
    SeccompProfile, SecurityContext, SleepAction, Volume, VolumeMount,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Companion, FILE, FOLDER, PORT, PORT_NAME};
use crate::api::names;
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;
use crate::plan::pod::{CONFIG_ANNOTATION, DRAIN, spread};
use crate::plan::{mesh, meta};

/// The user of Gravity's own image.
const USER: i64 = 65_532;

pub(super) fn deployment(companion: &Companion<'_>) -> PlannedObject {
    let name = companion.name();
    let mut template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(companion.labels()),
            annotations: Some(annotations(companion)),
            ..ObjectMeta::default()
        }),
        spec: Some(pod(companion)),
    };
    mesh::join(companion.app, &mut template, &companion.past_mesh);
    let object = Deployment {
        metadata: meta::owned(companion.app, &name, companion.labels()),
        spec: Some(DeploymentSpec {
            replicas: Some(companion.replicas),
            selector: selector(companion),
            // Never one pod less: without it nobody comes in.
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::Int(1)),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            }),
            template,
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    };
    meta::planned(companion.app, Kind::Deployment, &name, &object)
}

/// One pod at a time may be drained, where there are several.
pub(super) fn disruption_budget(companion: &Companion<'_>) -> Option<PlannedObject> {
    if companion.replicas < 2 {
        return None;
    }
    let name = companion.name();
    let object = PodDisruptionBudget {
        metadata: meta::owned(companion.app, &name, companion.labels()),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(selector(companion)),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    let kind = Kind::PodDisruptionBudget;
    Some(meta::planned(companion.app, kind, &name, &object))
}

fn selector(companion: &Companion<'_>) -> LabelSelector {
    LabelSelector {
        match_labels: Some(names::selector(&companion.app.name, &companion.name())),
        ..LabelSelector::default()
    }
}

/// It reads its settings at its start only.
fn annotations(companion: &Companion<'_>) -> BTreeMap<String, String> {
    let inputs = (&companion.settings, &companion.follows);
    let digest = names::digest8(meta::value(&inputs).to_string().as_bytes());
    BTreeMap::from([(CONFIG_ANNOTATION.to_owned(), digest)])
}

fn pod(companion: &Companion<'_>) -> PodSpec {
    let config = Volume {
        name: "settings".to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: companion.name(),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    };
    let others = companion.volumes.iter().map(|(volume, _)| volume.clone());
    PodSpec {
        service_account_name: Some(companion.name()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(USER),
            run_as_group: Some(USER),
            fs_group: Some(USER),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        topology_spread_constraints: Some(spread(&selector(companion), true)),
        containers: vec![container(companion)],
        volumes: Some(std::iter::once(config).chain(others).collect()),
        ..PodSpec::default()
    }
}

fn container(companion: &Companion<'_>) -> Container {
    let settings = mount("settings", FOLDER);
    let others = companion.volumes.iter().map(|(_, mount)| mount.clone());
    let quantity = |text: &str| Quantity(text.to_owned());
    let requests = [("cpu", "10m"), ("memory", "32Mi")];
    let requests = requests.map(|(name, text)| (name.to_owned(), quantity(text)));
    Container {
        name: companion.role.to_owned(),
        image: Some(companion.image.to_owned()),
        args: Some(vec![
            companion.role.to_owned(),
            format!("--config={FOLDER}/{FILE}"),
        ]),
        env: Some(companion.variables.clone()).filter(|variables| !variables.is_empty()),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: PORT,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        resources: Some(ResourceRequirements {
            requests: Some(requests.into()),
            limits: Some([("memory".to_owned(), quantity("128Mi"))].into()),
            ..ResourceRequirements::default()
        }),
        readiness_probe: Some(lives(5, 2)),
        liveness_probe: Some(lives(10, 6)),
        // The time that its removal takes to reach every gateway.
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                sleep: Some(SleepAction { seconds: DRAIN }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                ..Capabilities::default()
            }),
            ..SecurityContext::default()
        }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(std::iter::once(settings).chain(others).collect()),
        ..Container::default()
    }
}

/// A volume that is only read.
pub(super) fn mount(volume: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: volume.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    }
}

fn lives(period: i32, failures: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some("/healthz".to_owned()),
            port: IntOrString::String(PORT_NAME.to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period),
        timeout_seconds: Some(3),
        failure_threshold: Some(failures),
        ..Probe::default()
    }
}
