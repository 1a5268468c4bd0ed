//! Jobs that a person asks for by the command line: they are of no plan, and no operator
//! sends them.

use k8s_openapi::api::batch::v1::Job;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};

/// Starts a Job.
///
/// # Errors
/// What the API server says.
pub async fn start(client: &Client, namespace: &str, job: &Job) -> Result<(), kube::Error> {
    let api: Api<Job> = Api::namespaced(client.clone(), namespace);
    api.create(&PostParams::default(), job).await.map(|_| ())
}

/// Takes a Job away, and its pods.
///
/// # Errors
/// What the API server says.
pub async fn take_away(client: &Client, namespace: &str, name: &str) -> Result<(), kube::Error> {
    let api: Api<Job> = Api::namespaced(client.clone(), namespace);
    api.delete(name, &DeleteParams::background())
        .await
        .map(|_| ())
}
