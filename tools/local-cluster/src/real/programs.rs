//! How the node's programs are called.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::configuration::{Configuration, RUNTIME_SOCKET};
use super::store::Store;
use super::{Machine, images};
use crate::Error;
use crate::credentials::path_for;
use crate::folder::Folder;
use crate::process::Process;
use crate::programs::flag;
use crate::tools::Tools;

/// The node's name, as pods show it.
pub(crate) const NAME: &str = "node";

/// How long containerd may take to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// Starts the programs of one node.
pub(crate) struct RealNode<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) tools: &'a Tools,
    pub(crate) machine: &'a Machine,
}

impl RealNode<'_> {
    fn configuration(&self) -> Configuration<'_> {
        Configuration {
            folder: self.folder,
            network: self.machine.network(),
        }
    }

    fn start(
        &self,
        program: &'static str,
        path: &Path,
        arguments: &[String],
    ) -> Result<Process, Error> {
        let logs = self.folder.logs();
        self.machine.run(program, path, arguments, &logs)
    }

    /// Starts what runs containers, with the images in it. It needs no API server.
    pub(crate) fn runtime(&self, archives: &[PathBuf]) -> Result<Process, Error> {
        let pause = self.tools.path("pause")?;
        let sources: Vec<_> = [&[pause.to_path_buf()], archives].concat();
        let store = Store::new(self.configuration().make_folder("containerd")?, &sources)?;
        if !store.is_filled()? {
            let runtime = self.start_runtime()?;
            self.import(&images::pause_archive(self.folder, pause)?)?;
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
        let mut runtime = self.start("containerd", Path::new("containerd"), &arguments)?;
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
            std::thread::sleep(Duration::from_millis(50));
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

    /// Starts what needs the API server.
    pub(crate) fn others(&self) -> Result<Vec<Process>, Error> {
        Ok(vec![
            self.names()?,
            self.proxy()?,
            self.kubelet()?,
            self.metrics()?,
        ])
    }

    fn names(&self) -> Result<Process, Error> {
        let file = self.configuration().names()?;
        let arguments = ["-conf".to_owned(), file.display().to_string()];
        self.start("coredns", self.tools.path("coredns")?, &arguments)
    }

    fn proxy(&self) -> Result<Process, Error> {
        let arguments = [flag("config", self.configuration().proxy()?)];
        self.start("kube-proxy", self.tools.path("kube-proxy")?, &arguments)
    }

    fn kubelet(&self) -> Result<Process, Error> {
        let configuration = self.configuration();
        let data = configuration.make_folder("kubelet")?;
        let arguments = [
            flag("config", configuration.kubelet()?),
            flag("kubeconfig", path_for(self.folder, "system:node:node")),
            flag("root-dir", &data),
            flag("cert-dir", data.join("certificates")),
            flag("hostname-override", NAME),
            flag("node-ip", self.machine.network().node().to_string()),
            flag("node-labels", "topology.kubernetes.io/zone=local"),
        ];
        self.start("kubelet", self.tools.path("kubelet")?, &arguments)
    }

    fn metrics(&self) -> Result<Process, Error> {
        let kubeconfig = path_for(self.folder, "system:metrics-server");
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
        self.start(
            "metrics-server",
            self.tools.path("metrics-server")?,
            &arguments,
        )
    }
}
