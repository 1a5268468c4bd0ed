//! How the node's programs are called.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::configuration::{Configuration, RUNTIME_SOCKET};
use super::store::Store;
use super::{Machine, Network, images};
use crate::Error;
use crate::credentials::path_for;
use crate::folder::Layout;
use crate::process::Process;
use crate::programs::flag;
use crate::tools::Tools;

/// The node's name, as pods show it.
pub(crate) const NAME: &str = "node";

/// What runs containers, and what tells it which.
const RUNTIME: &str = "containerd";
const KUBELET: &str = "kubelet";

/// Where the kubelet listens.
const KUBELET_PORT: u16 = 10250;

/// How long containerd or the kubelet may take to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// How often a wait looks again.
const INTERVAL: Duration = Duration::from_millis(50);
/// A kubelet that has not ended by then goes on.
const SETTLED: Duration = Duration::from_secs(1);

/// A node of this machine, from its namespaces to its programs; all ends when it is dropped.
#[derive(Debug)]
pub(crate) struct RealNode {
    /// In the order of their starts. Ended before what they run in.
    processes: Vec<Process>,
    machine: Machine,
    made_of: MadeOf,
}

/// What a node is made of.
#[derive(Clone, Debug)]
pub(crate) struct MadeOf {
    pub(crate) folder: Layout,
    /// Whether the folder is removed in the end.
    pub(crate) temporary: bool,
    pub(crate) tools: Tools,
    /// Archives of the images that it has.
    pub(crate) images: Vec<PathBuf>,
}

impl RealNode {
    /// A node without programs; its network is known.
    pub(crate) fn begin(made_of: MadeOf) -> Result<Self, Error> {
        let pause = made_of.tools.path("pause")?;
        let machine = Machine::start(&made_of.folder, made_of.temporary, pause)?;
        Ok(Self {
            processes: Vec::new(),
            machine,
            made_of,
        })
    }

    pub(crate) fn network(&self) -> Network {
        self.machine.network()
    }

    /// Starts its programs. The API server must answer.
    pub(crate) fn run(mut self) -> Result<Self, Error> {
        let runtime = self.runtime()?;
        self.processes.push(runtime);
        self.processes.push(self.names()?);
        self.processes.push(self.proxy()?);
        self.processes.push(self.kubelet()?);
        self.processes.push(self.metrics()?);
        Ok(self)
    }

    /// As a machine that loses its power, and gets it back.
    pub(crate) fn restart(self) -> Result<Self, Error> {
        let made_of = self.made_of.clone();
        drop(self);
        Self::begin(made_of)?.run()
    }

    /// Kills what runs containers and the kubelet, without which they go on, and starts both
    /// again.
    pub(crate) fn restart_runtime(&mut self) -> Result<(), Error> {
        self.processes
            .retain(|process| ![RUNTIME, KUBELET].contains(&process.name()));
        self.processes.push(self.start_runtime()?);
        self.processes.push(self.kubelet_again()?);
        Ok(())
    }

    /// Runs a program to its end, which must be a good one.
    pub(crate) fn run_once(&self, program: &str, arguments: &[&str]) -> Result<(), Error> {
        let action = format!("{program} {} failed on the node", arguments.join(" "));
        let words: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        self.machine.do_once(&action, Path::new(program), &words)
    }

    pub(crate) fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// An error with the end of its log, if one of the programs has ended.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.processes.iter_mut().try_for_each(Process::check)
    }

    fn tool(&self, name: &'static str) -> Result<&Path, Error> {
        self.made_of.tools.path(name)
    }

    fn folder(&self) -> &Layout {
        &self.made_of.folder
    }

    fn configuration(&self) -> Configuration<'_> {
        Configuration {
            folder: self.folder(),
            network: self.network(),
        }
    }

    fn start(
        &self,
        program: &'static str,
        path: &Path,
        arguments: &[String],
    ) -> Result<Process, Error> {
        let logs = self.folder().logs();
        self.machine.run(program, path, arguments, &logs)
    }

    /// Starts what runs containers, with the images in it. It needs no API server.
    fn runtime(&self) -> Result<Process, Error> {
        let pause = self.tool("pause")?;
        let archives = &self.made_of.images;
        let sources: Vec<_> = [&[pause.to_path_buf()], &archives[..]].concat();
        let store = Store::new(self.configuration().make_folder("containerd")?, &sources)?;
        if !store.is_filled()? {
            let runtime = self.start_runtime()?;
            self.import(&images::pause_archive(self.folder(), pause)?)?;
            archives
                .iter()
                .try_for_each(|archive| self.import(archive))?;
            drop(runtime);
            store.keep()?;
        }
        self.start_runtime()
    }

    fn start_runtime(&self) -> Result<Process, Error> {
        let arguments = [flag("config", self.configuration().containerd()?)];
        let mut runtime = self.start(RUNTIME, Path::new(RUNTIME), &arguments)?;
        self.wait_for_runtime(&mut runtime)?;
        Ok(runtime)
    }

    fn wait_for_runtime(&self, runtime: &mut Process) -> Result<(), Error> {
        let started = Instant::now();
        while let Err(error) = self.ask_runtime("containerd does not answer", &["version".into()]) {
            runtime.check()?;
            if started.elapsed() > LIMIT {
                return Err(error);
            }
            std::thread::sleep(INTERVAL);
        }
        Ok(())
    }

    /// Brings the images of an archive in.
    fn import(&self, archive: &Path) -> Result<(), Error> {
        let path = archive.display().to_string();
        let action = format!("the images of {path} were not brought into the node");
        let words = ["--namespace", "k8s.io", "images", "import", &path];
        self.ask_runtime(&action, &words.map(str::to_owned))
    }

    fn ask_runtime(&self, action: &str, words: &[String]) -> Result<(), Error> {
        let address = ["--address".to_owned(), RUNTIME_SOCKET.to_owned()];
        let arguments: Vec<_> = address.iter().chain(words).cloned().collect();
        self.machine.do_once(action, Path::new("ctr"), &arguments)
    }

    fn names(&self) -> Result<Process, Error> {
        let file = self.configuration().names()?;
        let arguments = ["-conf".to_owned(), file.display().to_string()];
        self.start("coredns", self.tool("coredns")?, &arguments)
    }

    fn proxy(&self) -> Result<Process, Error> {
        let arguments = [flag("config", self.configuration().proxy()?)];
        self.start("kube-proxy", self.tool("kube-proxy")?, &arguments)
    }

    fn kubelet(&self) -> Result<Process, Error> {
        let configuration = self.configuration();
        let data = configuration.make_folder("kubelet")?;
        let arguments = [
            flag("config", configuration.kubelet()?),
            flag("kubeconfig", path_for(self.folder(), "system:node:node")),
            flag("root-dir", &data),
            flag("cert-dir", data.join("certificates")),
            flag("hostname-override", NAME),
            flag("node-ip", self.machine.network().node().to_string()),
            flag("node-labels", "topology.kubernetes.io/zone=local"),
        ];
        self.start(KUBELET, self.tool(KUBELET)?, &arguments)
    }

    /// Starts the kubelet until it stays. It ends when containerd answers and has not read yet
    /// what it runs, for an init system would start it again.
    fn kubelet_again(&self) -> Result<Process, Error> {
        let address = (self.network().node(), KUBELET_PORT);
        let started = Instant::now();
        let mut kubelet = self.kubelet()?;
        loop {
            let answers = TcpStream::connect(address).is_ok();
            if answers {
                // It may listen before it has asked the runtime, and end by what that says.
                std::thread::sleep(SETTLED);
            }
            let ended = kubelet.check();
            if answers && ended.is_ok() {
                return Ok(kubelet);
            }
            if started.elapsed() > LIMIT {
                return ended.map(|()| kubelet);
            }
            if ended.is_err() {
                kubelet = self.kubelet()?;
            }
            std::thread::sleep(INTERVAL);
        }
    }

    fn metrics(&self) -> Result<Process, Error> {
        let kubeconfig = path_for(self.folder(), "system:metrics-server");
        let folder = self.configuration().make_folder("metrics")?;
        let arguments = [
            flag("kubeconfig", &kubeconfig),
            flag("authentication-kubeconfig", &kubeconfig),
            flag("authorization-kubeconfig", &kubeconfig),
            flag("bind-address", self.machine.network().node().to_string()),
            flag("secure-port", super::metrics::PORT.to_string()),
            flag("cert-dir", folder),
            // The kubelet signs its own certificate.
            "--kubelet-insecure-tls".into(),
            flag("kubelet-preferred-address-types", "InternalIP"),
            // The shortest that it takes, and what has to be below that.
            flag("metric-resolution", "10s"),
            flag("kubelet-request-timeout", "5s"),
        ];
        self.start("metrics-server", self.tool("metrics-server")?, &arguments)
    }
}
