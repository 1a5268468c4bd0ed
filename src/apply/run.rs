//! Jobs that a person asks for by the command line: they are of no plan, and no operator
//! sends them.

use k8s_openapi::api::batch::v1::Job;
use kube::api::{DeleteParams, PostParams, Preconditions};
use kube::{Api, Client, ResourceExt};

/// Starts a Job; as the API server has it then.
///
/// # Errors
/// What the API server says.
pub async fn start(client: &Client, namespace: &str, job: &Job) -> Result<Job, kube::Error> {
    let api: Api<Job> = Api::namespaced(client.clone(), namespace);
    api.create(&PostParams::default(), job).await
}

/// Takes this very Job away, and its pods, but none that has its name now.
///
/// # Errors
/// What the API server says.
pub async fn take_away(client: &Client, namespace: &str, job: &Job) -> Result<(), kube::Error> {
    let api: Api<Job> = Api::namespaced(client.clone(), namespace);
    let only = DeleteParams::background().preconditions(Preconditions {
        uid: job.uid(),
        resource_version: None,
    });
    api.delete(&job.name_any(), &only).await.map(|_| ())
}
