//! The StatefulSet of a server.
//!
//! Its template must have the same bytes as long as nobody asks for a change: a database
//! restarts for each change of it. What may change with Gravity's version is in files
//! (see `config_map`).

use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
    StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, ContainerPort, EnvVar, EnvVarSource, KeyToPath,
    ObjectFieldSelector, PodSpec, PodTemplateSpec, ProjectedVolumeSource, SecretProjection,
    SecretVolumeSource, TopologySpreadConstraint, Volume, VolumeMount, VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::fill::fill;
use super::places::{Place, Server};
use super::{config_map, credentials, pod, probes, storage};
use crate::api::names;
use crate::api::objects::Kind;
use crate::engines::{Source, Variable};
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::validate::ValidApp;

/// PostgreSQL writes a checkpoint and MySQL its dirty pages before they stop; a kill
/// before that is a recovery at the next start.
const GRACE: i64 = 300;

/// The StatefulSet.
pub(super) fn stateful_set(app: &ValidApp, server: &Server<'_>) -> PlannedObject {
    let mut labels = labels(app, server);
    labels.insert(names::VERSION_LABEL.to_owned(), server.series.clone());
    let set = StatefulSet {
        metadata: meta::owned(app, &server.name, labels),
        spec: Some(spec(app, server)),
        ..StatefulSet::default()
    };
    meta::planned(app, Kind::StatefulSet, &server.name, &set)
}

fn spec(app: &ValidApp, server: &Server<'_>) -> StatefulSetSpec {
    StatefulSetSpec {
        replicas: Some(server.members()),
        service_name: Some(server.headless()),
        selector: LabelSelector {
            match_labels: Some(names::selector(&app.name, &server.name)),
            ..LabelSelector::default()
        },
        template: PodTemplateSpec {
            metadata: Some(ObjectMeta {
                labels: Some(labels(app, server)),
                ..ObjectMeta::default()
            }),
            spec: Some(pod_spec(app, server)),
        },
        volume_claim_templates: (!server.cache).then(|| vec![storage::template(app, server)]),
        // Claims outlive everything that is not an explicit wish to delete data.
        persistent_volume_claim_retention_policy: Some(
            StatefulSetPersistentVolumeClaimRetentionPolicy {
                when_deleted: Some("Retain".to_owned()),
                when_scaled: Some("Retain".to_owned()),
            },
        ),
        // Members of a replica set need one another to become ready: one after another
        // they would wait for ever.
        pod_management_policy: Some(if server.profile().replica_set {
            "Parallel".to_owned()
        } else {
            "OrderedReady".to_owned()
        }),
        update_strategy: Some(StatefulSetUpdateStrategy {
            type_: Some("RollingUpdate".to_owned()),
            ..StatefulSetUpdateStrategy::default()
        }),
        // Ten old revisions are the default, and nobody rolls a database back by them.
        revision_history_limit: Some(3),
        ..StatefulSetSpec::default()
    }
}

fn labels(app: &ValidApp, server: &Server<'_>) -> std::collections::BTreeMap<String, String> {
    let mut labels = names::labels(&app.name, &server.name, "database");
    labels.insert(names::SERIES_LABEL.to_owned(), server.series.clone());
    labels
}

fn pod_spec(app: &ValidApp, server: &Server<'_>) -> PodSpec {
    PodSpec {
        // A database has no business with the API server, and the variables of service
        // links collide with those that images read (as REDIS_PORT).
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE),
        security_context: Some(pod::security(server.profile())),
        topology_spread_constraints: spread(app, server),
        containers: vec![container(app, server)],
        volumes: Some(volumes(server)),
        ..PodSpec::default()
    }
}

/// Members on different nodes and in different zones where there are any: a cluster of
/// one node must still take all of them.
fn spread(app: &ValidApp, server: &Server<'_>) -> Option<Vec<TopologySpreadConstraint>> {
    let constraint = |key: &str| TopologySpreadConstraint {
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(LabelSelector {
            match_labels: Some(names::selector(&app.name, &server.name)),
            ..LabelSelector::default()
        }),
        ..TopologySpreadConstraint::default()
    };
    let keys = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];
    (server.members() > 1).then(|| keys.map(constraint).to_vec())
}

fn container(app: &ValidApp, server: &Server<'_>) -> Container {
    let profile = server.profile();
    let words = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| fill(app, server, word)).collect();
        (!words.is_empty()).then_some(words)
    };
    let port = |port: &crate::engines::Port| ContainerPort {
        name: Some(port.name.to_owned()),
        container_port: port.number,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    };
    Container {
        name: server.engine.name().to_owned(),
        image: Some(server.image.clone()),
        command: words(profile.start.command),
        args: words(profile.start.arguments),
        env: Some(
            profile
                .variables
                .iter()
                .map(|it| variable(app, server, it))
                .collect(),
        ),
        ports: Some(profile.ports.iter().map(port).collect()),
        resources: Some(pod::resources(server)),
        startup_probe: Some(probes::startup(server)),
        readiness_probe: Some(probes::ready(server)),
        liveness_probe: Some(probes::live(server)),
        security_context: Some(pod::container_security(profile.writable_root)),
        // The last words of a server that fails reach the app's condition by this.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(mounts(server)),
        ..Container::default()
    }
}

fn variable(app: &ValidApp, server: &Server<'_>, variable: &Variable) -> EnvVar {
    match variable.value {
        Source::Text(text) => pod::variable(variable.name, fill(app, server, text)),
        Source::Admin(key) => pod::from_secret(variable.name, &server.admin_secret(), key),
        Source::PodName => from_pod(variable.name, "metadata.name"),
        Source::PodAddress => from_pod(variable.name, "status.podIP"),
    }
}

/// A variable from a field of the pod itself.
fn from_pod(name: &str, field: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                field_path: field.to_owned(),
                ..ObjectFieldSelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

fn mounts(server: &Server<'_>) -> Vec<VolumeMount> {
    let profile = server.profile();
    let mut mounts = vec![
        pod::mount("data", profile.storage.mount),
        pod::mount_read_only("admin", "/run/gravity/admin"),
    ];
    if !config_map::files(server).is_empty() {
        mounts.push(pod::mount_read_only("config", "/etc/gravity"));
    }
    if server.cache {
        mounts.push(pod::mount_read_only("logins", "/run/gravity/logins"));
    }
    let scratch = profile.scratch.iter().enumerate();
    mounts.extend(scratch.map(|(index, path)| pod::mount(&format!("scratch-{index}"), path)));
    mounts
}

fn volumes(server: &Server<'_>) -> Vec<Volume> {
    let mut volumes = vec![secret_volume("admin", &server.admin_secret())];
    if !config_map::files(server).is_empty() {
        volumes.push(Volume {
            name: "config".to_owned(),
            config_map: Some(ConfigMapVolumeSource {
                name: server.name.clone(),
                ..ConfigMapVolumeSource::default()
            }),
            ..Volume::default()
        });
    }
    if server.cache {
        volumes.push(pod::scratch("data", server.profile().storage.mount));
        volumes.push(logins(server));
    }
    let scratch = server.profile().scratch.iter().enumerate();
    volumes.extend(scratch.map(|(index, path)| pod::scratch(&format!("scratch-{index}"), path)));
    volumes
}

/// A Secret as files that the server's group can read and nobody else.
pub(super) fn secret_volume(name: &str, secret: &str) -> Volume {
    Volume {
        name: name.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(secret.to_owned()),
            default_mode: Some(0o440),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// The logins of a cache's services, a folder each: it keeps nothing over a restart, so it
/// has to make them at each start.
fn logins(server: &Server<'_>) -> Volume {
    let projection = |place: &Place<'_>| {
        let secret = credentials::login_name(&place.service.name, &place.database.name);
        let item = |key: &str| KeyToPath {
            key: key.to_owned(),
            path: format!("{secret}/{key}"),
            ..KeyToPath::default()
        };
        let items = ["database", "password", "username"].map(item).to_vec();
        VolumeProjection {
            secret: Some(SecretProjection {
                name: secret.clone(),
                items: Some(items),
                ..SecretProjection::default()
            }),
            ..VolumeProjection::default()
        }
    };
    Volume {
        name: "logins".to_owned(),
        projected: Some(ProjectedVolumeSource {
            default_mode: Some(0o440),
            sources: Some(server.places.iter().map(projection).collect()),
        }),
        ..Volume::default()
    }
}
