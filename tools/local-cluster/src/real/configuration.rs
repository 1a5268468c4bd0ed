//! The files that the node's programs read.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::network::Network;
use super::require::plugin_folder;
use crate::Error;
use crate::credentials::path_for;
use crate::folder::Layout;

/// Where containerd answers: a place in the node, whose own /run it is.
pub(crate) const RUNTIME_SOCKET: &str = "/run/containerd/containerd.sock";

/// The image of a pod's first process.
pub(crate) const PAUSE_IMAGE: &str = "local-cluster.gravity.dev/pause:1";

/// Throttled by default to what is right for a cluster of thousands of nodes.
const REQUESTS_PER_SECOND: u32 = 200;

/// Writes files of one node.
pub(crate) struct Configuration<'a> {
    pub(crate) folder: &'a Layout,
    pub(crate) network: Network,
}

impl Configuration<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("node").join(name)
    }

    /// A folder of the node; made if it is missing.
    pub(crate) fn make_folder(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.path(name);
        std::fs::create_dir_all(&path).map_err(Error::file(&path, "made"))?;
        Ok(path)
    }

    fn write(&self, name: &str, content: &str) -> Result<PathBuf, Error> {
        self.folder.write(&format!("node/{name}"), content)
    }

    /// Who runs containers. Where the machine's root may not raise a process' priority in
    /// a shortage of memory, containers must not ask for it, or none would start.
    pub(crate) fn containerd(&self) -> Result<PathBuf, Error> {
        let plugins = self.make_folder("network-plugins")?;
        self.write("network-plugins/10-node.conflist", &self.plugins())?;
        let text = |path: &Path| json!(path).to_string();
        let content = format!(
            r#"version = 2
root = {root}
state = "/run/containerd"
[grpc]
address = "{RUNTIME_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = {programs}
conf_dir = {plugins}
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"#,
            root = text(&self.make_folder("containerd")?),
            programs = text(plugin_folder().unwrap_or(Path::new("/opt/cni/bin"))),
            plugins = text(&plugins),
        );
        self.write("containerd.toml", &content)
    }

    /// Each pod has a link of its own to the node, and all that it sends is routed. On a
    /// bridge, the answer of a pod behind a Service would take the short way back, past
    /// the translation of addresses, where the machine lacks a kernel module.
    fn plugins(&self) -> String {
        let addresses = json!({
            "type": "host-local",
            // In the node's memory: after its end nobody holds an address.
            "dataDir": "/run/cni/networks",
            "ranges": [[{"subnet": self.network.pods()}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        });
        json!({
            "cniVersion": "0.4.0",
            "name": "node",
            "plugins": [
                {"type": "ptp", "ipMasq": false, "ipam": addresses},
                {"type": "portmap", "capabilities": {"portMappings": true}},
            ],
        })
        .to_string()
    }

    pub(crate) fn kubelet(&self) -> Result<PathBuf, Error> {
        let node = self.network.node().to_string();
        let resolver = self.write("resolv.conf", &format!("nameserver {node}\n"))?;
        let configuration = json!({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": node,
            "authentication": {
                "anonymous": {"enabled": false},
                "webhook": {"enabled": true},
                "x509": {"clientCAFile": self.folder.certificate("ca.crt")},
            },
            "authorization": {"mode": "Webhook"},
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": self.network.control_group(),
            "clusterDNS": [node],
            "clusterDomain": "cluster.local",
            "containerRuntimeEndpoint": format!("unix://{RUNTIME_SOCKET}"),
            // The machine is not the node's alone, so its disk and memory are no sign of
            // what pods use; images that were brought in are never collected.
            "evictionHard": {"memory.available": "100Mi"},
            "imageGCHighThresholdPercent": 100,
            "failCgroupV1": false,
            "failSwapOn": false,
            "healthzPort": 0,
            "kubeAPIBurst": 2 * REQUESTS_PER_SECOND,
            "kubeAPIQPS": REQUESTS_PER_SECOND,
            "maxPods": 200,
            "podLogsDir": self.make_folder("logs")?,
            "resolvConf": resolver,
            "serializeImagePulls": false,
            "volumePluginDir": self.make_folder("volume-plugins")?,
        });
        self.write("kubelet.json", &configuration.to_string())
    }

    /// Connections are counted for the whole machine, so nothing is set there.
    pub(crate) fn proxy(&self) -> Result<PathBuf, Error> {
        let untouched = json!({
            "maxPerCore": 0, "min": 0,
            "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s",
        });
        let configuration = json!({
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": path_for(self.folder, "system:kube-proxy")},
            "clusterCIDR": self.network.pods(),
            "conntrack": untouched,
            "hostnameOverride": super::NAME,
            "mode": "nftables",
            // A pod that is ready is reached at once, as tests expect of a small cluster.
            "nftables": {"minSyncPeriod": "50ms"},
        });
        self.write("proxy.json", &configuration.to_string())
    }

    /// The cluster's names, and no others: what it does not know does not exist, at once.
    pub(crate) fn names(&self) -> Result<PathBuf, Error> {
        let content = format!(
            "cluster.local:53 in-addr.arpa:53 {{
    bind {node}
    errors
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig \"{kubeconfig}\"
    }}
}}
.:53 {{
    bind {node}
    template ANY ANY {{
        rcode NXDOMAIN
    }}
}}
",
            node = self.network.node(),
            kubeconfig = path_for(self.folder, "system:names").display(),
        );
        self.write("Corefile", &content)
    }
}
