//! The pod template of a service: of pods that serve, and of pods that run once.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, Lifecycle, LifecycleHandler, PodSpec, PodTemplateSpec,
    SleepAction, TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::config_map::restart_digest;
use super::probes::{PORT_NAME, probed};
use super::vault::{self, Pods};
use super::wanted::{SERVICE, Wanted};
use super::{environment, mesh, security, source, volumes};
use crate::api::names;

/// The digest of the files that restart the service.
pub(super) const CONFIG_ANNOTATION: &str = "gravity.dev/config";

/// How long a pod still answers after it was told to go, in seconds: the time that its
/// removal from the Service takes to reach every node and gateway.
pub(super) const DRAIN: i64 = 5;
/// How long a service has to finish what it began; Kubernetes' own default.
const GRACE: i64 = 30;

/// What runs in a pod that ends by itself.
pub(super) struct Once<'a> {
    /// The value of the component label.
    pub component: &'a str,
    pub command: &'a [String],
    pub args: &'a [String],
}

impl Once<'_> {
    /// Its variables. What changes a database reaches it past a pooler: a service that runs
    /// once is like any other.
    fn variables(&self, wanted: &Wanted) -> Vec<EnvVar> {
        let direct = |variable: &EnvVar| {
            let mut all = wanted.bindings.direct.iter();
            let found = all.find(|direct| direct.name == variable.name);
            // One that a layer has replaced stays as it is.
            let is_given = wanted.bindings.variables.contains(variable);
            let found = found.filter(|_| self.component != SERVICE && is_given);
            found.unwrap_or(variable).clone()
        };
        wanted.variables.iter().map(direct).collect()
    }
}

/// The template of pods that serve: they have a track, probes, and are spread.
pub(super) fn serving(wanted: &Wanted) -> PodTemplateSpec {
    let service = wanted.service;
    let container = Container {
        ports: service.port.map(|port| vec![container_port(port)]),
        lifecycle: service.port.map(|_| drain()),
        ..container(wanted, &service.command, &service.args)
    };
    let grace = service.port.map_or(GRACE, |_| GRACE + DRAIN);
    let mut labels = labels(wanted, SERVICE);
    labels.extend(wanted.selector_labels());
    let mut template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels),
            annotations: annotations(read_once(wanted), vault::annotations(wanted, Pods::Serve)),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            termination_grace_period_seconds: Some(grace),
            topology_spread_constraints: Some(spread(
                &wanted.selector(),
                wanted.service.storage.is_empty(),
            )),
            ..pod(wanted, probed(service, container))
        }),
    };
    mesh::join(wanted.app, &mut template, &wanted.past_mesh());
    template
}

/// The template of pods that run once: no track, so that no Service or budget selects
/// them, and no restart in place, so that the log of a failure stays beside the next try.
pub(super) fn once(wanted: &Wanted, once: &Once) -> PodTemplateSpec {
    let container = Container {
        env: Some(once.variables(wanted)).filter(|variables| !variables.is_empty()),
        ..container(wanted, once.command, once.args)
    };
    let mut template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels(wanted, once.component)),
            annotations: annotations([credentials(wanted)], vault::annotations(wanted, Pods::End)),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            restart_policy: Some("Never".to_owned()),
            ..pod(wanted, container)
        }),
    };
    if once.component == SERVICE {
        mesh::join(wanted.app, &mut template, &wanted.past_mesh());
    }
    template
}

fn labels(wanted: &Wanted, component: &str) -> BTreeMap<String, String> {
    let mut labels = wanted.labels(component);
    labels.insert(names::VERSION_LABEL.to_owned(), wanted.version());
    labels
}

/// The pods roll when and only when the template changes, so what they read once at their
/// start stands here: files, credentials, and values that others make.
fn read_once(wanted: &Wanted) -> [(&'static str, Option<String>); 3] {
    [
        (CONFIG_ANNOTATION, restart_digest(wanted)),
        credentials(wanted),
        (names::POD_VALUES_ANNOTATION, wanted.values.clone()),
    ]
}

fn annotations(
    own: impl IntoIterator<Item = (&'static str, Option<String>)>,
    mut all: BTreeMap<String, String>,
) -> Option<BTreeMap<String, String>> {
    let own = own.into_iter();
    all.extend(own.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    (!all.is_empty()).then_some(all)
}

/// Which credentials a pod was started with: an old login is kept until the last has gone.
fn credentials(wanted: &Wanted) -> (&'static str, Option<String>) {
    let credentials = wanted.bindings.credentials.clone();
    (names::POD_CREDENTIALS_ANNOTATION, credentials)
}

/// `enableServiceLinks: false`, or Kubernetes would inject a variable for every Service of
/// the namespace, and `USER_SERVICE_PORT` of a service that is none of its business.
fn pod(wanted: &Wanted, container: Container) -> PodSpec {
    PodSpec {
        service_account_name: Some(wanted.name().to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        security_context: Some(security::of_pod(wanted.service)),
        init_containers: source::init_containers(wanted.service),
        containers: vec![container],
        volumes: volumes::volumes(wanted),
        ..PodSpec::default()
    }
}

/// The service's container has the service's name in every pod, by which a `podTemplate`
/// finds it. When to pull is left to Kubernetes: always for a tag that moves, else once. The
/// end of its log is its last word when it fails, which a condition then tells; hardly a
/// program writes the file that Kubernetes would read otherwise.
fn container(wanted: &Wanted, command: &[String], args: &[String]) -> Container {
    Container {
        name: wanted.name().to_owned(),
        image: Some(wanted.service.image.clone()),
        working_dir: source::working_dir(wanted.service),
        command: words(command),
        args: words(args),
        env: Some(wanted.variables.clone()).filter(|variables| !variables.is_empty()),
        env_from: environment::sources(wanted.service),
        resources: Some(wanted.settings.resources.clone()),
        security_context: Some(security::of_container(wanted.service)),
        // The last lines of its log are what a condition tells of a pod that fails.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: volumes::mounts(wanted),
        ..Container::default()
    }
}

fn words(words: &[String]) -> Option<Vec<String>> {
    (!words.is_empty()).then(|| words.to_vec())
}

fn container_port(port: i32) -> ContainerPort {
    ContainerPort {
        name: Some(PORT_NAME.to_owned()),
        container_port: port,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

/// A pod that is told to go is taken out of its Service at the same time, not before;
/// without a pause it would refuse what is still sent to it. The kubelet itself sleeps
/// (on by default since Kubernetes 1.30), so the image needs no `sleep`.
fn drain() -> Lifecycle {
    Lifecycle {
        pre_stop: Some(LifecycleHandler {
            sleep: Some(SleepAction { seconds: DRAIN }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    }
}

/// Over nodes and over zones, so that the loss of one takes the fewest pods; where that
/// cannot be, they run all the same. Each revision is counted by itself, or the old pods of
/// a roll-out would push the new ones aside; a StatefulSet, whose pods keep their places,
/// has no such label.
pub(super) fn spread(selector: &LabelSelector, by_revision: bool) -> Vec<TopologySpreadConstraint> {
    let constraint = |key: &str| TopologySpreadConstraint {
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(selector.clone()),
        match_label_keys: by_revision.then(|| vec!["pod-template-hash".to_owned()]),
        ..TopologySpreadConstraint::default()
    };
    ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
        .map(constraint)
        .to_vec()
}
