//! Those who know no order: a client that applies all at once, kubectl, and Helm.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use futures::future::try_join_all;
use gravity::api::objects::{Kind, ObjectKey};
use gravity::observe::{Health, Live, api};
use kube::Client;
use kube::runtime::wait::await_condition;
use tokio::process::Command;

use crate::Error;
use crate::bed::{Bed, NAMESPACE, within};
use crate::oracle::send;
use crate::platform::{Sent, with_replicas};

/// Applies all objects at once, in no order, and waits for the workloads.
pub async fn unordered(bed: &Bed, objects: &[Sent]) -> Result<(), Error> {
    try_join_all(objects.iter().map(|object| send(&bed.client, object))).await?;
    wait_for_deployments(&bed.client, objects).await
}

/// `kubectl apply --server-side` of one file, and waits for the workloads.
pub async fn kubectl(bed: &Bed, objects: &[Sent]) -> Result<(), Error> {
    let folder = tempfile::tempdir().map_err(Error::file("a temporary folder"))?;
    let file = folder.path().join("platform.json");
    let text: String = objects
        .iter()
        .map(|object| format!("---\n{}\n", with_replicas(object)))
        .collect();
    fs::write(&file, text).map_err(Error::file(&file))?;
    let mut command = Command::new(bed.cluster.kubectl()?);
    command
        .args([
            "apply",
            "--server-side",
            "--force-conflicts",
            "-n",
            NAMESPACE,
            "-f",
        ])
        .arg(&file);
    run(command.envs(bed.cluster.environment())).await?;
    wait_for_deployments(&bed.client, objects).await
}

/// `helm install --wait` of a chart with the same objects.
pub async fn helm(bed: &Bed, objects: &[Sent]) -> Result<(), Error> {
    let folder = tempfile::tempdir().map_err(Error::file("a temporary folder"))?;
    write_chart(folder.path(), objects)?;
    let mut command = Command::new(bed.cluster.helm()?);
    command.args(["install", "platform"]).arg(folder.path());
    command.args(["--wait", "--timeout", "3m", "-n", NAMESPACE]);
    // What a person has set up for helm must neither be used nor be changed.
    for home in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(home, bed.cluster.folder().join("helm"));
    }
    run(command.envs(bed.cluster.environment())).await
}

/// Writes a chart of these objects, an object a file as people write them.
pub fn write_chart(folder: &Path, objects: &[Sent]) -> Result<(), Error> {
    let templates = folder.join("templates");
    fs::create_dir_all(&templates).map_err(Error::file(&templates))?;
    let chart = folder.join("Chart.yaml");
    let text = "apiVersion: v2\nname: platform\nversion: 1.0.0\n";
    fs::write(&chart, text).map_err(Error::file(&chart))?;
    for object in objects {
        let name = format!("{}-{}.yaml", object.key.kind, object.key.name);
        // What looks like a template in an object is text.
        let text = with_replicas(object)
            .to_string()
            .replace("{{", "{{ \"{{\" }}");
        let file = templates.join(name);
        fs::write(&file, text).map_err(Error::file(&file))?;
    }
    Ok(())
}

async fn wait_for_deployments(client: &Client, objects: &[Sent]) -> Result<(), Error> {
    let deployments = objects
        .iter()
        .filter(|object| object.key.kind == Kind::Deployment);
    let waits = deployments.map(|object| wait_for(client, &object.key));
    within("the last Deployment", try_join_all(waits))
        .await?
        .map(drop)
}

async fn wait_for(client: &Client, key: &ObjectKey) -> Result<(), Error> {
    let ready = |object: Option<&kube::api::DynamicObject>| {
        let live = object.and_then(|object| Live::new(Kind::Deployment, object.clone()));
        live.is_some_and(|live| live.health == Health::Ready)
    };
    let waited = await_condition(api(client, key.kind, Some(NAMESPACE)), &key.name, ready).await;
    waited
        .map(drop)
        .map_err(|error| Error::Unrecorded(error.to_string()))
}

/// Runs a program to its end.
pub async fn run(command: &mut Command) -> Result<(), Error> {
    let program = command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.await.map_err(Error::file(&program))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = said.lines().rev().take(5).collect();
    Err(Error::Program {
        program,
        status: output.status,
        output: last.into_iter().rev().collect::<Vec<_>>().join("\n"),
    })
}
