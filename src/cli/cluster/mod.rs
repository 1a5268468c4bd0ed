//! The way to a cluster: the client, and what is told when there is no way.

mod error;

use std::future::Future;
use std::time::Duration;

use clap::Args;
pub use error::{ClusterError, Verb};
use futures::future::try_join_all;
use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::core::Status;
use kube::{Api, Client, Config, Resource, ResourceExt};
use serde::de::DeserializeOwned;

use crate::api::GravityApp;
use crate::api::objects::Kind;
use crate::observe::{label, resource};

/// After this time a request is given up: a person is waiting.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long an API server may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The pauses between tries, in milliseconds: three seconds in all.
const PAUSES: [u64; 5] = [100, 200, 400, 800, 1500];

/// Which cluster is asked.
#[derive(Debug, Args)]
pub struct Connection {
    /// The context of the kubeconfig; its current one when absent
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
}

/// A cluster that can be asked.
pub struct Cluster {
    /// The client.
    pub client: Client,
    /// The namespace that the context means.
    pub namespace: String,
    server: String,
}

/// Runs what asks a cluster; the verbs that ask none have no runtime.
pub fn block_on<T>(work: impl Future<Output = Result<T, super::Error>>) -> Result<T, super::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(super::Error::Output)?.block_on(work)
}

impl Connection {
    /// Makes the client; nothing is asked yet.
    pub async fn connect(&self) -> Result<Cluster, ClusterError> {
        self.within(Some(TIME_LIMIT)).await
    }

    /// The same for what goes on until a person ends it.
    pub async fn patient(&self) -> Result<Cluster, ClusterError> {
        self.within(None).await
    }

    async fn within(&self, limit: Option<Duration>) -> Result<Cluster, ClusterError> {
        let mut config = self.config().await?;
        // A person would rather see the failure than wait for it to pass.
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT_LIMIT);
        config.read_timeout = limit;
        let server = config
            .cluster_url
            .to_string()
            .trim_end_matches('/')
            .to_owned();
        let namespace = config.default_namespace.clone();
        let client = Client::try_from(config).map_err(|error| ClusterError::NoCluster {
            cause: root(&error),
        })?;
        Ok(Cluster {
            client,
            namespace,
            server,
        })
    }

    async fn config(&self) -> Result<Config, ClusterError> {
        let Some(context) = &self.context else {
            let config = Config::from_kubeconfig(&KubeConfigOptions::default()).await;
            // In a pod there is no kubeconfig. Elsewhere what that lacks is what is of interest.
            return config.or_else(|error| {
                Config::incluster().map_err(|_| ClusterError::NoCluster {
                    cause: cause(&error),
                })
            });
        };
        let options = KubeConfigOptions {
            context: Some(context.clone()),
            ..KubeConfigOptions::default()
        };
        let config = Config::from_kubeconfig(&options).await;
        config.map_err(|error| match error {
            KubeconfigError::LoadContext(_) => no_context(context),
            error => ClusterError::NoCluster {
                cause: cause(&error),
            },
        })
    }
}

/// What a kubeconfig lacks, in one line.
fn cause(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::ReadConfig(error, path) => {
            let error = error.to_string();
            let says = error.split(" (os error").next().unwrap_or_default();
            format!("the kubeconfig {} cannot be read: {says}", path.display())
        }
        KubeconfigError::Parse(error) => {
            let told = error.without_snippet().to_string();
            format!(
                "the kubeconfig is no YAML: {}",
                told.lines().next().unwrap_or_default()
            )
        }
        KubeconfigError::CurrentContextNotSet => {
            "there is no current context in the kubeconfig".to_owned()
        }
        KubeconfigError::LoadContext(name) => {
            format!("the kubeconfig's current context is {name}, and it has none of that name")
        }
        KubeconfigError::LoadClusterOfContext(name) => {
            format!(
                "the kubeconfig's context leads to the cluster {name}, and it has none of that name"
            )
        }
        error => root(error).replace("'\"", "").replace("\"'", ""),
    }
}

fn no_context(name: &str) -> ClusterError {
    let contexts = Kubeconfig::read()
        .map(|config| config.contexts)
        .unwrap_or_default();
    ClusterError::NoContext {
        name: name.to_owned(),
        known: contexts.into_iter().map(|context| context.name).collect(),
    }
}

impl Cluster {
    /// The apps of a namespace, or of all of them, by namespace and name.
    pub async fn apps(&self, namespace: Option<&str>) -> Result<Vec<GravityApp>, ClusterError> {
        self.custom::<GravityApp>(namespace).await
    }

    /// The app of that name.
    pub async fn app(&self, namespace: &str, name: &str) -> Result<GravityApp, ClusterError> {
        let apps = self.apps(Some(namespace)).await?;
        let names = apps.iter().map(ResourceExt::name_any).collect();
        let found = apps.into_iter().find(|app| app.name_any() == name);
        found.ok_or_else(|| ClusterError::NoApp {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            names,
        })
    }

    /// The objects of one of Gravity's own kinds.
    pub async fn custom<K>(&self, namespace: Option<&str>) -> Result<Vec<K>, ClusterError>
    where
        K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned,
    {
        let api: Api<K> = match namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        };
        let of = ApiResource::erase::<K>(&());
        let all = ListParams::default();
        Ok(self.request(&of, || api.list(&all)).await?.items)
    }

    /// What Gravity has made of a kind in a namespace, or in all of them; `None` when the
    /// cluster does not have the kind.
    pub async fn made(
        &self,
        kind: Kind,
        namespace: Option<&str>,
    ) -> Result<Option<Vec<DynamicObject>>, ClusterError> {
        let api = crate::observe::api(&self.client, kind, namespace);
        let params = ListParams::default().labels(&label());
        match self.request(&resource(kind), || api.list(&params)).await {
            Ok(list) => Ok(Some(list.items)),
            Err(ClusterError::NotInstalled { .. }) if kind.may_be_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What Gravity has made of all kinds in a namespace, and the kinds that are missing.
    pub async fn everything(
        &self,
        namespace: &str,
    ) -> Result<(Vec<(Kind, DynamicObject)>, Vec<Kind>), ClusterError> {
        let lists = Kind::ALL.map(|kind| self.made(kind, Some(namespace)));
        let (mut objects, mut missing) = (Vec::new(), Vec::new());
        for (kind, list) in Kind::ALL.into_iter().zip(try_join_all(lists).await?) {
            match list {
                Some(list) => objects.extend(list.into_iter().map(|object| (kind, object))),
                None => missing.push(kind),
            }
        }
        Ok((objects, missing))
    }

    /// Lists, as [`Self::ask`] does.
    pub async fn request<T, Answer>(
        &self,
        of: &ApiResource,
        request: impl Fn() -> Answer,
    ) -> Result<T, ClusterError>
    where
        Answer: Future<Output = Result<T, kube::Error>>,
    {
        self.ask(Verb::List, of, request).await
    }

    /// Asks, and tells what a failure means. What passes by itself in a moment, as while
    /// a definition is being taken up, is asked again.
    pub async fn ask<T, Answer>(
        &self,
        verb: Verb,
        of: &ApiResource,
        request: impl Fn() -> Answer,
    ) -> Result<T, ClusterError>
    where
        Answer: Future<Output = Result<T, kube::Error>>,
    {
        let mut pauses = PAUSES.iter();
        let asked = async {
            loop {
                match (request().await, pauses.next()) {
                    (Err(error), Some(pause)) if passes(&error) => {
                        tokio::time::sleep(Duration::from_millis(*pause)).await;
                    }
                    (answer, _) => return answer,
                }
            }
        };
        match tokio::time::timeout(TIME_LIMIT, asked).await {
            Ok(answer) => answer.map_err(|error| self.failure(verb, of, &error)),
            Err(_) => Err(ClusterError::Silent {
                server: self.server.clone(),
            }),
        }
    }

    fn failure(&self, verb: Verb, of: &ApiResource, error: &kube::Error) -> ClusterError {
        let server = self.server.clone();
        match error {
            kube::Error::Api(status) => self.refusal(verb, of, status),
            kube::Error::Service(_) | kube::Error::HyperError(_) => ClusterError::Unreachable {
                server,
                cause: root(error),
            },
            kube::Error::Auth(_) => ClusterError::Unauthorized {
                server,
                message: root(error),
            },
            error => ClusterError::Other {
                verb,
                plural: of.plural.clone(),
                message: root(error),
            },
        }
    }

    fn refusal(&self, verb: Verb, of: &ApiResource, status: &Status) -> ClusterError {
        let (server, plural) = (self.server.clone(), of.plural.clone());
        let message = status.message.trim().to_owned();
        match status.code {
            401 => ClusterError::Unauthorized { server, message },
            403 => ClusterError::Forbidden {
                verb,
                group: of.group.clone(),
                plural,
                message,
            },
            // Of a kind that it does not have the API server names no object.
            404 => match status.details.as_ref().map(|details| details.name.clone()) {
                Some(name) if !name.is_empty() => ClusterError::NotFound { plural, name },
                _ => ClusterError::NotInstalled { server, plural },
            },
            409 if verb == Verb::Patch => ClusterError::Conflict {
                name: plural,
                message,
                managers: managers(status),
            },
            _ => ClusterError::Other {
                verb,
                plural,
                message,
            },
        }
    }
}

/// Whose fields stand in the way of an apply: each cause names its manager in quotes
/// (kubernetes.io, "Server-Side Apply", Conflicts).
fn managers(status: &Status) -> Vec<String> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let manager = |message: &str| Some(message.split('"').nth(1)?.to_owned());
    causes.filter_map(|cause| manager(&cause.message)).collect()
}

/// Too many requests, or not ready to serve.
fn passes(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 429 | 503))
}

/// The last two causes: the outer ones are the client's own words for its layers.
fn root(error: &dyn std::error::Error) -> String {
    let chain: Vec<String> = std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect();
    match chain.as_slice() {
        [.., before, last] if before.contains(last.as_str()) => before.clone(),
        [.., before, last] => format!("{before}: {last}"),
        [only] => only.clone(),
        [] => String::new(),
    }
}
