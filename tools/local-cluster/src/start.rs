//! The way from nothing to a cluster that takes pods.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, Client, Config};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::cluster::{LocalCluster, Own, client, config};
use crate::credentials::{self, path_for};
use crate::folder::Folder;
use crate::ports::Ports;
use crate::process::Process;
use crate::programs::Starter;
use crate::real::{self, MadeOf, Network, RealNode};
use crate::tools::Tools;
use crate::volumes::{self, Provisioner};
use crate::{Error, Node, Options, certificates, crds, node, programs, stages};

/// Four seconds is usual; a busy machine takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a wait looks again.
const INTERVAL: Duration = Duration::from_millis(50);

/// How often a port is lost to another process before we think that it is no accident.
const ATTEMPTS: u32 = 3;

/// Starts a cluster of our own.
pub(crate) async fn start(options: &Options) -> Result<LocalCluster, Error> {
    if is_real(options) {
        real::check_requirements()?;
    }
    let groups = groups(options);
    let tools = blocking(move || Tools::find(&groups)).await?;
    let mut attempt = 1;
    loop {
        match attempt_start(options, &tools).await {
            Err(error) if error.is_taken_port() && attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

async fn attempt_start(options: &Options, tools: &Tools) -> Result<LocalCluster, Error> {
    let folder = Folder::open(options.folder.as_deref())?;
    let definitions = read_definitions(options, tools);
    let node = begin_node(options, &folder, tools).await?;
    let network = node.as_ref().map(RealNode::network);
    let ports = Ports::choose()?;
    let ports = network.map_or(ports, |network| ports.with_server_at(network.host()));
    prepare(&folder, options, ports, network)?;

    let starter = Starter {
        folder: &folder,
        tools,
        network,
    };
    let mut starting = Starting {
        folder: &folder,
        node: None,
        processes: Vec::new(),
    };
    let config = starting.control_plane(&starter, ports).await?;
    let client = client(config.clone())?;
    let definitions = joined(definitions).await?;
    furnish(&client, &definitions, options, network).await?;
    if options.node == Node::Simulated {
        starting.processes.push(starter.kwok()?);
    }
    starting.node = run_node(node).await?;
    let provisioner = Provisioner::start(config, storage(options, &folder))?;
    starting
        .wait_until_settled(&client, &definitions, options)
        .await?;

    let processes = Mutex::new(starting.processes);
    let own = Own {
        _provisioner: provisioner,
        node: Mutex::new(starting.node),
        processes,
        tools: tools.clone(),
    };
    let kubeconfig = path_for(&folder, "admin");
    Ok(LocalCluster {
        own: Some(own),
        kubeconfig,
        server: ports.server_url(),
        folder,
    })
}

/// Writes all the files that the programs read.
fn prepare(
    folder: &Folder,
    options: &Options,
    ports: Ports,
    network: Option<Network>,
) -> Result<(), Error> {
    let addresses = network.map(|network| vec![network.host(), network.kubernetes_service()]);
    certificates::make(folder, &addresses.unwrap_or_default())?;
    credentials::write(folder, &ports.server_url())?;
    programs::write_audit_policy(folder, options.audit_status)?;
    stages::write(folder, options.readiness)
}

/// Makes what a cluster has before anybody uses it.
async fn furnish(
    client: &Client,
    definitions: &[CustomResourceDefinition],
    options: &Options,
    network: Option<Network>,
) -> Result<(), Error> {
    let registered = async {
        match (&options.node, network) {
            (Node::Simulated, _) => node::register(client).await,
            (Node::Real { .. }, Some(network)) => real::register_metrics(client, network).await,
            _ => Ok(()),
        }
    };
    tokio::try_join!(
        crds::install(client, definitions),
        volumes::make_class(client, is_real(options)),
        registered
    )?;
    Ok(())
}

fn is_real(options: &Options) -> bool {
    matches!(options.node, Node::Real { .. })
}

/// The groups of programs that the cluster is made of.
fn groups(options: &Options) -> Vec<&'static str> {
    let mut groups = vec!["kubernetes", "etcd", "kwok", "crds"];
    if is_real(options) {
        groups.extend(real::GROUPS);
    }
    groups
}

/// Where a real node's volumes are. A simulated one's are nowhere.
fn storage(options: &Options, folder: &Folder) -> Option<PathBuf> {
    is_real(options).then(|| folder.path().join("volumes"))
}

/// The namespaces of a real node, and with them the cluster's network.
async fn begin_node(
    options: &Options,
    folder: &Folder,
    tools: &Tools,
) -> Result<Option<RealNode>, Error> {
    let Node::Real { images } = &options.node else {
        return Ok(None);
    };
    let made_of = MadeOf {
        folder: (**folder).clone(),
        temporary: folder.is_temporary(),
        tools: tools.clone(),
        images: images.clone(),
    };
    blocking(|| RealNode::begin(made_of)).await.map(Some)
}

async fn run_node(node: Option<RealNode>) -> Result<Option<RealNode>, Error> {
    match node {
        Some(node) => blocking(|| node.run()).await.map(Some),
        None => Ok(None),
    }
}

/// Programs of a cluster that is not usable yet; dropping it ends them.
struct Starting<'a> {
    folder: &'a Folder,
    node: Option<RealNode>,
    processes: Vec<Process>,
}

impl Starting<'_> {
    /// Starts all but the node. The controllers come last, for they give up on an API
    /// server that does not answer.
    async fn control_plane(
        &mut self,
        starter: &Starter<'_>,
        ports: Ports,
    ) -> Result<Config, Error> {
        self.processes.push(starter.etcd(ports)?);
        self.processes.push(starter.server(ports)?);
        let config = config(&path_for(self.folder, "system:local-cluster")).await?;
        self.wait_for_server(&config).await?;
        self.processes.push(starter.controllers()?);
        self.processes.push(starter.scheduler()?);
        Ok(config)
    }

    async fn wait_for_server(&mut self, config: &Config) -> Result<(), Error> {
        let mut config = config.clone();
        // Its refusals while it starts would be retried with growing pauses.
        config.default_retry = false;
        let client = client(config)?;
        self.wait("the API server's /readyz", async || {
            let request = http::Request::get("/readyz").body(Vec::new());
            let request = request.map_err(|error| kube::Error::Service(error.into()));
            let answer = match request {
                Ok(request) => client.request_text(request).await,
                Err(error) => Err(error),
            };
            answer.map(drop).map_err(|error| error.to_string())
        })
        .await
    }

    /// Waits until a test's first Deployment would not have to wait for anything.
    async fn wait_until_settled(
        &mut self,
        client: &Client,
        definitions: &[CustomResourceDefinition],
        options: &Options,
    ) -> Result<(), Error> {
        self.wait(
            "the controllers' first work (service account, node, custom resources)",
            async || {
                let node = async {
                    match options.node {
                        Node::Absent => Ok(true),
                        Node::Simulated => node::takes_pods(client, node::NAME).await,
                        Node::Real { .. } => node::takes_pods(client, real::NAME).await,
                    }
                };
                let served = crds::are_served(client, definitions);
                let (node, account, served) =
                    tokio::try_join!(node, has_default_account(client), served)
                        .map_err(|error| error.to_string())?;
                match node && account && served {
                    true => Ok(()),
                    false => Err(format!(
                        "the node takes pods: {node}, the default service account is there: \
                     {account}, the custom resources are served: {served}"
                    )),
                }
            },
        )
        .await
    }

    fn check(&mut self) -> Result<(), Error> {
        self.processes.iter_mut().try_for_each(Process::check)?;
        self.node.as_mut().map_or(Ok(()), RealNode::check)
    }

    /// Asks again and again; ends early when a program does.
    async fn wait(
        &mut self,
        what: &str,
        ask: impl AsyncFn() -> Result<(), String>,
    ) -> Result<(), Error> {
        let started = Instant::now();
        loop {
            let Err(answer) = ask().await else {
                return Ok(());
            };
            self.check()?;
            if started.elapsed() > LIMIT {
                let logs = self.folder.logs();
                let last_answer = Some(answer);
                return Err(Error::TimedOut {
                    what: what.into(),
                    limit: LIMIT,
                    logs,
                    last_answer,
                });
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

/// Pods of a namespace without it are refused.
async fn has_default_account(client: &Client) -> Result<bool, Error> {
    let accounts = Api::<ServiceAccount>::namespaced(client.clone(), "default");
    let account = accounts.get_opt("default").await;
    Ok(account
        .map_err(Error::api("the default service account was not read"))?
        .is_some())
}

type Definitions = Result<Vec<CustomResourceDefinition>, Error>;

/// Megabytes of YAML, read while etcd and the API server start.
fn read_definitions(options: &Options, tools: &Tools) -> JoinHandle<Definitions> {
    let (options, tools) = (options.clone(), tools.clone());
    spawn_blocking(move || crds::read(&tools, &options))
}

/// Runs work that takes long, where nobody else waits for its thread.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    joined(spawn_blocking(work)).await
}

/// A panic of the work goes on here: it is a bug, and no error of the cluster.
pub(crate) async fn joined<T>(work: JoinHandle<Result<T, Error>>) -> Result<T, Error> {
    match work.await {
        Ok(result) => result,
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}
