//! Other projects' custom resources, from the pinned modules.

use std::fs;
use std::path::{Path, PathBuf};

use futures::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::{Api, Client, ResourceExt as _};

use crate::tools::Tools;
use crate::{Error, Options};

/// Which sets of schemas there are, and whether they are asked for.
fn sets(options: &Options) -> [(bool, &'static str); 7] {
    [
        (options.traefik_crds, "traefik-crds"),
        (options.gateway_api_crds, "gateway-api-crds"),
        (options.service_monitor_crd, "service-monitor-crd"),
        (options.cloudnativepg_crds, "cloudnativepg-crds"),
        (options.cert_manager_crds, "cert-manager-crds"),
        (options.istio_crds, "istio-crds"),
        (options.external_secrets_crd, "external-secrets-crd"),
    ]
}

/// Whether the options ask for any.
pub(crate) fn are_wanted(options: &Options) -> bool {
    sets(options).iter().any(|(wanted, _)| *wanted)
}

/// Reads the definitions that the options ask for.
pub(crate) fn read(
    tools: &Tools,
    options: &Options,
) -> Result<Vec<CustomResourceDefinition>, Error> {
    let mut definitions = Vec::new();
    for (_, name) in sets(options).into_iter().filter(|(wanted, _)| *wanted) {
        for file in files(tools.path(name)?)? {
            definitions.extend(read_file(&file)?);
        }
    }
    Ok(definitions)
}

/// A set of schemas is a file, or a folder of files, in a fixed order.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if path.is_file() {
        return Ok(vec![path.into()]);
    }
    let entries = fs::read_dir(path).map_err(Error::file(path, "listed"))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// Beside definitions the files hold other kinds (a ValidatingAdmissionPolicy, a
/// kustomization), which are left out.
fn read_file(path: &Path) -> Result<Vec<CustomResourceDefinition>, Error> {
    let schemas = |message| Error::Schemas {
        path: path.into(),
        message,
    };
    let text = fs::read_to_string(path).map_err(Error::file(path, "read"))?;
    let mut definitions = Vec::new();
    for document in text
        .split("\n---")
        .filter(|document| document.contains("\nkind: CustomResourceDefinition"))
    {
        // What follows the dashes on their own line is a comment at most.
        let document = document.trim_start_matches('-');
        let definition =
            serde_yaml::from_str(document).map_err(|error| schemas(error.to_string()))?;
        definitions.push(definition);
    }
    Ok(definitions)
}

/// Installs them and returns before they are served; see [`are_served`].
pub(crate) async fn install(
    client: &Client,
    definitions: &[CustomResourceDefinition],
) -> Result<(), Error> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let creations = definitions.iter().map(async |definition| {
        match api.create(&PostParams::default(), definition).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
            result => result.map(drop).map_err(Error::api(format!(
                "the custom resource {} was not installed",
                definition.name_any()
            ))),
        }
    });
    try_join_all(creations).await.map(drop)
}

/// Whether the API server takes objects of all of them.
pub(crate) async fn are_served(
    client: &Client,
    definitions: &[CustomResourceDefinition],
) -> Result<bool, Error> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let answer = api.list(&Default::default()).await;
    let live = answer.map_err(Error::api("the custom resources were not listed"))?;
    let served: Vec<String> = live
        .iter()
        .filter(|one| is_established(one))
        .map(|one| one.name_any())
        .collect();
    Ok(definitions
        .iter()
        .all(|definition| served.contains(&definition.name_any())))
}

/// Whether the API server takes objects of all the resources of an API group, of which
/// there is at least one.
pub(crate) async fn group_is_served(client: &Client, group: &str) -> Result<bool, Error> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let answer = api.list(&Default::default()).await;
    let live = answer.map_err(Error::api("the custom resources were not listed"))?;
    let mut ours = live.iter().filter(|one| one.spec.group == group).peekable();
    Ok(ours.peek().is_some() && ours.all(is_established))
}

fn is_established(definition: &CustomResourceDefinition) -> bool {
    let conditions = definition
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|conditions| {
        conditions
            .iter()
            .any(|one| one.type_ == "Established" && one.status == "True")
    })
}
