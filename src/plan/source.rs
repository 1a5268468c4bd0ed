//! A service that runs from its source: an init container fetches one revision of a
//! repository, and the image of a language runs it.
//!
//! It is for development. Each start of a pod needs the repository's server, what the code
//! needs beside itself is not there, and nobody has tried the two together before.

use k8s_openapi::api::core::v1::{
    Capabilities, Container, EmptyDirVolumeSource, EnvVar, ResourceRequirements, SecurityContext,
    Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Serialize;
use serde_json::Value;

use super::wanted::Wanted;
use super::{PlanError, meta, security};
pub use crate::validate::SOURCE_VOLUME;
use crate::validate::{Egress, GitSource, SOURCE_FOLDER, ValidService};

/// An image with Git, a shell and the certificates of public servers. It says nothing of a
/// user, and Git asks for none.
const IMAGE: &str = "alpine/git:v2.49.0";
/// The init container's name, by which a `podTemplate` finds it.
pub const SOURCE_CONTAINER: &str = "source";
/// The most that a repository's revision may take of the node, so that a mistaken URL fills no
/// disk. What is larger has pictures or models in it, and belongs into an image.
const SIZE: &str = "1Gi";

/// Fetches exactly that revision. It can be run again over what it has left, as it is when a
/// node comes back. The folder belongs to root, which Git would refuse (`safe.directory`), and
/// nothing that a repository brings along may run.
const SCRIPT: &str = r#"set -eu
cd "$SOURCE_FOLDER"
git() { command git -c safe.directory="$SOURCE_FOLDER" -c core.hooksPath=/dev/null "$@"; }
git init --quiet --template=
git fetch --quiet --depth 1 --no-tags --no-recurse-submodules "$SOURCE_URL" "$SOURCE_REVISION"
git checkout --quiet --force --detach FETCH_HEAD
"#;

/// Refuses a service whose source nobody has said.
pub(super) fn check(service: &ValidService) -> Result<(), PlanError> {
    match &service.runtime {
        Some(runtime) if runtime.source.is_none() => Err(PlanError::NoSource {
            service: service.name.clone(),
        }),
        _ => Ok(()),
    }
}

/// What fetches the source before anything of the pod runs.
pub(super) fn init_containers(service: &ValidService) -> Option<Vec<Container>> {
    let source = service.runtime.as_ref()?.source.as_ref()?;
    let command = ["sh", "-c", SCRIPT].map(str::to_owned);
    Some(vec![Container {
        name: SOURCE_CONTAINER.to_owned(),
        image: Some(IMAGE.to_owned()),
        command: Some(command.to_vec()),
        env: Some(variables(source)),
        resources: Some(resources()),
        security_context: Some(security(service)),
        // Git's last words are what a condition tells of a repository that cannot be had.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![mount()]),
        ..Container::default()
    }])
}

/// The first one stands before all that Kubernetes could put into its text.
fn variables(source: &GitSource) -> Vec<EnvVar> {
    let GitSource { url, revision } = source;
    let variables = [
        ("SOURCE_URL", url.as_str()),
        ("SOURCE_REVISION", revision),
        ("SOURCE_FOLDER", SOURCE_FOLDER),
        // Nobody is there to answer.
        ("GIT_TERMINAL_PROMPT", "0"),
        // Wherever a server sends it on to.
        ("GIT_ALLOW_PROTOCOL", "https:http:file"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        // The root file system is read-only.
        ("HOME", SOURCE_FOLDER),
    ];
    let variable = |(name, value): (&str, &str)| EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        value_from: None,
    };
    variables.map(variable).to_vec()
}

/// As those of other short runs of Gravity's.
fn resources() -> ResourceRequirements {
    let quantity = |name: &str, text: &str| (name.to_owned(), Quantity(text.to_owned()));
    ResourceRequirements {
        requests: Some([quantity("cpu", "50m"), quantity("memory", "64Mi")].into()),
        limits: Some([quantity("memory", "512Mi")].into()),
        ..ResourceRequirements::default()
    }
}

/// Git needs no rights, also where the service runs as root.
fn security(service: &ValidService) -> SecurityContext {
    SecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(security::fetches_as(service)),
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".to_owned()]),
            ..Capabilities::default()
        }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

/// The folder that the command runs in.
pub(super) fn working_dir(service: &ValidService) -> Option<String> {
    let runtime = service.runtime.as_ref()?;
    Some(match &runtime.folder {
        Some(folder) => format!("{SOURCE_FOLDER}/{folder}"),
        None => SOURCE_FOLDER.to_owned(),
    })
}

/// Where the source lies, for as long as the pod does.
pub(super) fn volume(service: &ValidService) -> Option<Volume> {
    service.runtime.as_ref().map(|_| Volume {
        name: SOURCE_VOLUME.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource {
            size_limit: Some(Quantity(SIZE.to_owned())),
            ..EmptyDirVolumeSource::default()
        }),
        ..Volume::default()
    })
}

/// Where it is mounted: programs write beside their code, too, as Python does.
pub(super) fn mounted(service: &ValidService) -> Option<VolumeMount> {
    service.runtime.as_ref().map(|_| mount())
}

fn mount() -> VolumeMount {
    VolumeMount {
        name: SOURCE_VOLUME.to_owned(),
        mount_path: SOURCE_FOLDER.to_owned(),
        ..VolumeMount::default()
    }
}

/// What a Job's name is made from: of a service that runs from its source, the revision is of
/// what its image is for others.
pub(super) fn inputs(service: &ValidService, inputs: &impl Serialize) -> Value {
    match &service.runtime {
        Some(runtime) => meta::value(&(inputs, runtime)),
        None => meta::value(inputs),
    }
}

/// What a person should know of it.
pub(super) fn warnings(wanted: &Wanted) -> Vec<String> {
    let (service, name) = (wanted.service, wanted.name());
    let Some(runtime) = &service.runtime else {
        return Vec::new();
    };
    let mut warnings = vec![format!(
        "{name} runs from source (runtime): that is for development; build an image for production"
    )];
    let source = runtime.source.as_ref();
    let far = source.filter(|source| !source.url.starts_with("file:"));
    if let (Some(source), Egress::Deny, Some(_)) = (far, &service.egress, &wanted.app.walls) {
        warnings.push(format!(
            "{name}: egress: deny keeps its pods from fetching their source from {}, so none will start: take egress out, or let them reach that server by its address",
            source.url
        ));
    }
    warnings
}
