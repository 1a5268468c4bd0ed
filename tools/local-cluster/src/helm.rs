//! The chart's way into a cluster, and what it asks the operator's pod to run.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PodSpec};
use kube::Api;
use tokio::process::Command;

use crate::operator::OperatorOptions;
use crate::{Error, LocalCluster, crds};

/// The release's name, from which the chart names its objects.
const RELEASE: &str = "gravity";

/// The group of the chart's own custom resources.
const GROUP: &str = "gravity.dev";

/// The API server takes a second to serve a new custom resource.
const LIMIT: Duration = Duration::from_secs(30);

/// What the chart's Deployment would run.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) service_account: String,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, OsString)>,
}

/// Installs or upgrades the chart, and reads from the live Deployment what it asks for.
pub(crate) async fn install(
    cluster: &LocalCluster,
    options: &OperatorOptions,
) -> Result<Asked, Error> {
    run(cluster, options).await?;
    wait_for_definitions(cluster).await?;
    read(cluster, &options.namespace).await
}

/// No pod is asked for, since the process beside the cluster is the operator.
async fn run(cluster: &LocalCluster, options: &OperatorOptions) -> Result<(), Error> {
    let helm = cluster.helm()?;
    let mut command = Command::new(&helm);
    command
        .args(["upgrade", "--install", RELEASE])
        .arg(&options.chart)
        .args(["--namespace", &options.namespace, "--create-namespace"])
        .args(["--set", "replicas=0"]);
    for value in &options.values {
        command.args(["--set", value]);
    }
    let output = command
        .env("KUBECONFIG", cluster.kubeconfig())
        .envs(own_folders(cluster.folder()))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| Error::NotStarted {
            program: "helm",
            path: helm,
            source,
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::ChartRefused {
        chart: options.chart.clone(),
        status: output.status,
        message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// What a person has set up for helm must neither be used nor be changed.
fn own_folders(folder: &Path) -> Vec<(&'static str, OsString)> {
    ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"]
        .into_iter()
        .map(|name| (name, folder.join("helm").into_os_string()))
        .collect()
}

async fn wait_for_definitions(cluster: &LocalCluster) -> Result<(), Error> {
    let client = cluster.client().await?;
    let started = Instant::now();
    while !crds::group_is_served(&client, GROUP).await? {
        if started.elapsed() > LIMIT {
            return Err(Error::TimedOut {
                what: format!("the serving of the custom resources of {GROUP}"),
                limit: LIMIT,
                logs: cluster.logs(),
                last_answer: None,
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn read(cluster: &LocalCluster, namespace: &str) -> Result<Asked, Error> {
    let deployments = Api::<Deployment>::namespaced(cluster.client().await?, namespace);
    let deployment = deployments.get(RELEASE).await.map_err(Error::api(format!(
        "the chart's Deployment {namespace}/{RELEASE} was not read"
    )))?;
    let missing = |missing| Error::NotRunnable {
        namespace: namespace.to_owned(),
        name: RELEASE.to_owned(),
        missing,
    };
    let pod = deployment.spec.and_then(|spec| spec.template.spec);
    asked(pod.ok_or_else(|| missing("the pod's spec"))?).map_err(missing)
}

fn asked(pod: PodSpec) -> Result<Asked, &'static str> {
    let container = pod.containers.into_iter().next().ok_or("a container")?;
    let service_account = pod.service_account_name.ok_or("a service account")?;
    Ok(Asked {
        service_account,
        environment: environment(&container),
        arguments: container.args.ok_or("the container's arguments")?,
    })
}

/// Only plain values: there is no pod for the others to be taken from.
fn environment(container: &Container) -> Vec<(String, OsString)> {
    let variables = container.env.iter().flatten();
    variables
        .filter_map(|variable| Some((variable.name.clone(), variable.value.clone()?.into())))
        .collect()
}
