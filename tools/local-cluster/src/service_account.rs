//! Kubeconfigs with the rights of a service account.

use std::path::PathBuf;

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use kube::config::Kubeconfig;

use crate::{Error, LocalCluster, credentials};

/// No test or demo runs for longer.
const VALID_FOR_SECONDS: i64 = 24 * 60 * 60;

/// Asks for a token and writes a kubeconfig with it into the cluster's folder.
pub(crate) async fn kubeconfig(
    cluster: &LocalCluster,
    namespace: &str,
    name: &str,
) -> Result<PathBuf, Error> {
    let token = token(cluster, namespace, name).await?;
    let entry = cluster_entry(cluster)?;
    let user = format!("system:serviceaccount:{namespace}:{name}");
    let content = credentials::from_cluster(&entry, &user, &token);
    let file = format!("kubeconfigs/{namespace}-{name}");
    cluster.folder.write(&file, &content)
}

async fn token(cluster: &LocalCluster, namespace: &str, name: &str) -> Result<String, Error> {
    let accounts = Api::<ServiceAccount>::namespaced(cluster.client().await?, namespace);
    let spec = TokenRequestSpec {
        expiration_seconds: Some(VALID_FOR_SECONDS),
        ..TokenRequestSpec::default()
    };
    let request = TokenRequest {
        spec,
        ..TokenRequest::default()
    };
    let answer = accounts
        .create_token_request(name, &PostParams::default(), &request)
        .await;
    let answer = answer.map_err(Error::api(format!(
        "no token was given for the service account {namespace}/{name}"
    )))?;
    Ok(answer.status.map(|status| status.token).unwrap_or_default())
}

/// How the administrator's kubeconfig reaches the API server, without who asks.
fn cluster_entry(cluster: &LocalCluster) -> Result<serde_json::Value, Error> {
    let path = cluster.kubeconfig();
    let bad = |source| Error::Kubeconfig {
        path: path.into(),
        source: Box::new(source),
    };
    let kubeconfig = Kubeconfig::read_from(path).map_err(bad)?;
    let current = kubeconfig.current_context.unwrap_or_default();
    let context = kubeconfig
        .contexts
        .into_iter()
        .find(|context| context.name == current);
    let wanted = context
        .and_then(|context| context.context)
        .map(|context| context.cluster);
    let entry = kubeconfig
        .clusters
        .into_iter()
        .find(|one| Some(&one.name) == wanted.as_ref());
    Ok(serde_json::json!(entry.and_then(|entry| entry.cluster)))
}
