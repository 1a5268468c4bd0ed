//! A fresh cluster for each measurement: what ran before leaves nothing behind.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use gravity::api::GravityApp;
use gravity::api::crds::crds;
use gravity::observe::{api, credentials};
use k8s_openapi::api::core::v1::{Namespace, Secret, ServiceAccount};
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Api, Client, ResourceExt};
use local_cluster::{LocalCluster, Options, Readiness};
use serde_json::json;

use crate::Error;
use crate::audit::{self, Request};
use crate::platform::{Credentials, Platform, Sent};

/// The namespace of the platform.
pub const NAMESPACE: &str = "platform";
/// Everything here takes seconds; what takes longer than this has gone wrong.
pub const LIMIT: Duration = Duration::from_secs(180);
/// How many requests of the preparation are under way at once.
const AT_ONCE: usize = 16;

/// A fresh cluster.
pub struct Bed {
    /// The cluster.
    pub cluster: LocalCluster,
    /// An administrator's client of it.
    pub client: Client,
}

impl Bed {
    /// Starts the cluster, with the platform's namespace and without Gravity.
    pub async fn start(readiness: Readiness) -> Result<Self, Error> {
        let options = Options {
            readiness,
            audit_status: true,
            ..Options::default()
        };
        let cluster = LocalCluster::start(options).await?;
        let client = cluster.client().await?;
        let bed = Self { cluster, client };
        bed.make_namespace().await?;
        Ok(bed)
    }

    /// Installs Gravity's custom resources, as its chart does for the operator.
    pub async fn install(&self) -> Result<(), Error> {
        let definitions = Api::all(self.client.clone());
        for definition in crds() {
            definitions
                .create(&PostParams::default(), &definition)
                .await?;
            let name = definition.name_any();
            let established =
                await_condition(definitions.clone(), &name, conditions::is_crd_established());
            within("a custom resource", established).await?.ok();
        }
        Ok(())
    }

    async fn make_namespace(&self) -> Result<(), Error> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(NAMESPACE.to_owned());
        namespaces
            .create(&PostParams::default(), &namespace)
            .await?;
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), NAMESPACE);
        let there = |account: Option<&ServiceAccount>| account.is_some();
        let made = await_condition(accounts, "default", there);
        within("the default service account", made).await?.ok();
        Ok(())
    }

    /// Applies the catalogue.
    pub async fn fill(&self, platform: &Platform) -> Result<(), Error> {
        let services = Api::namespaced(self.client.clone(), NAMESPACE);
        let params = PostParams::default();
        stream::iter(&platform.services)
            .map(|service| services.create(&params, service))
            .buffer_unordered(AT_ONCE)
            .try_for_each(async |_| Ok(()))
            .await?;
        Ok(())
    }

    /// Applies the app; what comes back has its uid.
    pub async fn apply(&self, platform: &Platform) -> Result<GravityApp, Error> {
        let apps: Api<GravityApp> = Api::namespaced(self.client.clone(), NAMESPACE);
        Ok(apps.create(&PostParams::default(), &platform.app).await?)
    }

    /// Has the API server do everything once without effect, so that nobody who is
    /// measured pays for what it makes on first use.
    pub async fn warm(&self, objects: &[Sent]) -> Result<(), Error> {
        let params = PatchParams {
            dry_run: true,
            ..PatchParams::apply("warm-up").force()
        };
        stream::iter(objects)
            .map(async |object| {
                let api = api(&self.client, object.key.kind, Some(NAMESPACE));
                api.patch(&object.key.name, &params, &Patch::Apply(&object.body))
                    .await
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(async |_| Ok(()))
            .await?;
        Ok(())
    }

    /// Waits until the app's status says so.
    pub async fn wait_until_ready(&self, app: &str) -> Result<(), Error> {
        let apps: Api<GravityApp> = Api::namespaced(self.client.clone(), NAMESPACE);
        let ready = |app: Option<&GravityApp>| {
            let status = app.and_then(|app| app.status.as_ref());
            let mut conditions = status.into_iter().flat_map(|status| &status.conditions);
            conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
        };
        let waited = within("the app's Ready", await_condition(apps, app, ready)).await?;
        waited
            .map(drop)
            .map_err(|error| Error::Unrecorded(error.to_string()))
    }

    /// Which set of credentials each of the operator's Secrets holds.
    pub async fn credentials(&self) -> Result<Credentials, Error> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), NAMESPACE);
        let list = secrets.list_metadata(&ListParams::default()).await?;
        let credentials = list
            .items
            .into_iter()
            .filter_map(|secret| Some((secret.name_any(), credentials(&secret)?)));
        Ok(credentials.collect())
    }

    /// All requests until now. The API server writes them a moment after its answers.
    pub async fn requests(&self) -> Result<Vec<Request>, Error> {
        tokio::time::sleep(Duration::from_millis(500)).await;
        audit::read(&self.cluster.audit_log()?)
    }
}

/// Waits no longer than [`LIMIT`].
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> Result<T, Error> {
    let ended = tokio::time::timeout(LIMIT, work).await;
    ended.map_err(|_| Error::TimedOut {
        what: what.to_owned(),
        limit: LIMIT,
    })
}

/// The patch that states a workload's replicas, as the operator does.
pub fn replicas_patch(object: &Sent, number: i32) -> serde_json::Value {
    json!({
        "apiVersion": object.key.kind.api_version(),
        "kind": object.key.kind.facts().kind,
        "metadata": {"name": object.key.name, "namespace": object.key.namespace},
        "spec": {"replicas": number},
    })
}
