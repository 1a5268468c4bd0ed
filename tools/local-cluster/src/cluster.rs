//! A running cluster, as tests, demo and benchmark hold it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::folder::Folder;
use crate::process::Process;
use crate::programs::Starter;
use crate::real::RealNode;
use crate::start::blocking;
use crate::tools::{Tools, helm_program};
use crate::volumes::Provisioner;
use crate::{Error, GIVEN_KUBECONFIG, Options, Readiness, attach, service_account, stages, start};

/// A cluster that runs until it is stopped or dropped, or the process ends in any way.
#[derive(Debug)]
pub struct LocalCluster {
    // The order of the fields is the order of the end: programs first, their files last.
    pub(crate) own: Option<Own>,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) server: String,
    pub(crate) folder: Folder,
}

/// What only a cluster of our own has.
#[derive(Debug)]
pub(crate) struct Own {
    /// Ended first, or it would complain about the API server's end.
    pub(crate) _provisioner: Provisioner,
    /// Absent, but for a moment, only where the node is no real one.
    pub(crate) node: Mutex<Option<RealNode>>,
    /// In the order of their starts.
    pub(crate) processes: Mutex<Vec<Process>>,
    pub(crate) tools: Tools,
}

impl LocalCluster {
    /// Starts a cluster and returns once pods can be scheduled and all custom resources
    /// that were asked for are served. Takes minutes the first time, for the programs
    /// are then built.
    ///
    /// With [`GIVEN_KUBECONFIG`] set it only connects to that cluster, and installs the
    /// custom resources there if they are missing.
    pub async fn start(options: Options) -> Result<Self, Error> {
        match std::env::var_os(GIVEN_KUBECONFIG).filter(|path| !path.is_empty()) {
            Some(given) => attach::attach(Path::new(&given), &options).await,
            None => start::start(&options).await,
        }
    }

    /// Only connects to the cluster of this kubeconfig, as with [`GIVEN_KUBECONFIG`].
    pub async fn attach(kubeconfig: &Path, options: &Options) -> Result<Self, Error> {
        attach::attach(kubeconfig, options).await
    }

    /// Ends the cluster's programs and removes its folder, unless the folder was given.
    pub async fn stop(self) {
        // Dropping waits for processes to end and removes files: a blocking matter.
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }

    /// The kubeconfig of an administrator (`system:masters`).
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// What `kubectl`, `helm` and `gravity` find the cluster by. What `kubectl` keeps of an
    /// API server goes with the cluster, not to the user's own folder.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("KUBECONFIG", self.kubeconfig.clone()),
            ("KUBECACHEDIR", self.folder.path().join("kubectl-cache")),
        ]
    }

    /// The API server's URL.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The folder with everything of the cluster.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder with a log of each program.
    pub fn logs(&self) -> PathBuf {
        self.folder.logs()
    }

    /// The audit log: a JSON object a line, for each request when it is answered, and
    /// for each watch when it begins and when it ends. Only own clusters have one.
    pub fn audit_log(&self) -> Result<PathBuf, Error> {
        self.own("the audit log")
            .map(|_| self.folder.path().join("audit.log"))
    }

    /// The client configuration of an administrator.
    pub async fn config(&self) -> Result<Config, Error> {
        config(&self.kubeconfig).await
    }

    /// A new client of an administrator. A client belongs to the runtime it was made on,
    /// so tests that share a cluster each make their own.
    pub async fn client(&self) -> Result<Client, Error> {
        client(self.config().await?)
    }

    /// Where `kubectl` is; builds it if it is missing.
    pub fn kubectl(&self) -> Result<PathBuf, Error> {
        Tools::find(&["kubernetes"])?
            .path("kubectl")
            .map(Path::to_path_buf)
    }

    /// Where `helm` is; builds it if it is missing.
    pub fn helm(&self) -> Result<PathBuf, Error> {
        helm_program()
    }

    /// The folders of `kubectl` and `helm`, for a PATH; builds them if they are missing.
    pub fn program_folders(&self) -> Result<Vec<PathBuf>, Error> {
        Tools::find(&["kubernetes", "helm"])?.folders(&["kubectl", "helm"])
    }

    /// Writes a kubeconfig with a token for a service account (valid for a day), so that
    /// a program can run with exactly the rights that its RBAC gives it.
    pub async fn kubeconfig_for_service_account(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<PathBuf, Error> {
        service_account::kubeconfig(self, namespace, name).await
    }

    /// Changes when pods become ready, from now on. Delays that are under way begin anew.
    pub async fn set_readiness(&self, readiness: Readiness) -> Result<(), Error> {
        let own = self.own("changing the readiness of pods")?;
        let mut processes = lock(&own.processes);
        // KWOK reads its stages only at its start, and keeps nothing between two.
        processes.retain(|process| process.name() != "kwok");
        stages::write(&self.folder, readiness)?;
        let starter = Starter {
            folder: &self.folder,
            tools: &own.tools,
            network: None,
        };
        processes.push(starter.kwok()?);
        Ok(())
    }

    /// Kills all that runs on the real node and starts it again, as when a machine loses its
    /// power: the disk is all that is left. Returns before its pods run.
    pub async fn restart_node(&self) -> Result<(), Error> {
        let node = self.real_node()?;
        let restarted = blocking(|| node.restart()).await?;
        self.put_back(restarted)
    }

    /// Kills what runs the real node's containers and the kubelet, without which they go on,
    /// and starts both again.
    pub async fn restart_runtime(&self) -> Result<(), Error> {
        let mut node = self.real_node()?;
        let restarted = blocking(|| node.restart_runtime().map(|()| node)).await?;
        self.put_back(restarted)
    }

    /// Runs a program of this machine in the real node's namespaces, to its end: what it
    /// mounts there goes with the node.
    pub fn run_on_node(&self, program: &str, arguments: &[&str]) -> Result<(), Error> {
        let node = lock(&self.own("a program on the node")?.node);
        node.as_ref()
            .ok_or(Error::NoNode)?
            .run_once(program, arguments)
    }

    fn real_node(&self) -> Result<RealNode, Error> {
        let own = self.own("a restart of the node")?;
        lock(&own.node).take().ok_or(Error::NoNode)
    }

    fn put_back(&self, node: RealNode) -> Result<(), Error> {
        *lock(&self.own("a restart of the node")?.node) = Some(node);
        Ok(())
    }

    /// An error with the end of its log, if a program of the cluster has ended.
    pub fn check(&self) -> Result<(), Error> {
        let Some(own) = &self.own else { return Ok(()) };
        lock(&own.processes)
            .iter_mut()
            .try_for_each(Process::check)?;
        lock(&own.node).as_mut().map_or(Ok(()), RealNode::check)
    }

    /// The names and process ids of the programs that were started; none for a given cluster.
    pub fn processes(&self) -> Vec<(&'static str, u32)> {
        let Some(own) = &self.own else {
            return Vec::new();
        };
        let (processes, node) = (lock(&own.processes), lock(&own.node));
        let of_node = node.iter().flat_map(RealNode::processes);
        processes
            .iter()
            .chain(of_node)
            .map(|process| (process.name(), process.id()))
            .collect()
    }

    fn own(&self, what: &'static str) -> Result<&Own, Error> {
        self.own.as_ref().ok_or(Error::NotOurs { what })
    }
}

/// A panic of another test leaves the list as good as it was.
fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The client configuration of a kubeconfig's current context.
pub(crate) async fn config(path: &Path) -> Result<Config, Error> {
    let bad = |source| Error::Kubeconfig {
        path: path.into(),
        source: Box::new(source),
    };
    let kubeconfig = Kubeconfig::read_from(path).map_err(bad)?;
    Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .map_err(bad)
}

pub(crate) fn client(config: Config) -> Result<Client, Error> {
    Client::try_from(config).map_err(Error::api("no client could be made"))
}
