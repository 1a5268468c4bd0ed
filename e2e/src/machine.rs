//! What a node could leave on the machine, as it can be seen.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One of our programs: it lies beside the program that runs, or beside a test's folder.
pub fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folders = own.ancestors().skip(1).take(2);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("{name} is missing: make e2e builds it, or cargo build --workspace")
    })
}

/// The machine at one moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    mounts: BTreeSet<String>,
    links: BTreeSet<String>,
    routes: String,
    /// Rules of nftables, and of iptables where it is implemented by it.
    rules: String,
    control_groups: BTreeSet<PathBuf>,
    /// Settings that a kubelet would change.
    settings: Vec<String>,
    /// What Kubernetes and its programs write to by custom.
    folders: Vec<bool>,
}

impl Machine {
    /// As it is now.
    pub fn now() -> Self {
        let lines = |text: String| text.lines().map(str::to_owned).collect();
        let settings = [
            "vm/overcommit_memory",
            "kernel/panic",
            "net/ipv4/ip_forward",
        ];
        let folders = [
            "/run/containerd",
            "/run/netns",
            "/var/lib/cni",
            "/var/lib/kubelet",
            "/var/log/pods",
        ];
        Self {
            mounts: lines(fs::read_to_string("/proc/self/mounts").unwrap()),
            links: names("/sys/class/net"),
            routes: printed("ip", &["route"]),
            rules: printed("nft", &["list", "ruleset"]),
            control_groups: control_groups(),
            settings: settings
                .iter()
                .map(|name| fs::read_to_string(Path::new("/proc/sys").join(name)).unwrap())
                .collect(),
            folders: folders
                .iter()
                .map(|path| Path::new(path).exists())
                .collect(),
        }
    }

    /// Whether a link of a node is there.
    pub fn has_node(&self) -> bool {
        self.links.iter().any(|link| link.starts_with("gravity"))
    }
}

/// The processes that this one has started, and those that they have, as far as they run:
/// a node's own are among them, for its first process is.
pub fn descendants(root: u32) -> BTreeSet<u32> {
    let parents: Vec<(u32, u32)> = names("/proc")
        .iter()
        .filter_map(|id| id.parse().ok())
        .filter_map(|id| Some((id, parent(id)?)))
        .collect();
    let mut found = BTreeSet::from([root]);
    loop {
        let known = found.len();
        let children = parents.iter().filter(|(_, parent)| found.contains(parent));
        let children: Vec<u32> = children.map(|(id, _)| *id).collect();
        found.extend(children);
        if found.len() == known {
            return found;
        }
    }
}

/// None for a process that has ended; one that was not collected has, too.
fn parent(id: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
    let ended = field("State:").is_some_and(|state| state.trim().starts_with('Z'));
    field("PPid:").filter(|_| !ended)?.trim().parse().ok()
}

/// Whether the process has not ended.
pub fn runs(id: u32) -> bool {
    parent(id).is_some()
}

/// Kills (SIGKILL) all that runs in the containers of a pod, by the pod's uid. Only what we
/// have started ourselves is looked at.
pub fn kill_containers(uid: &str) {
    let group = format!("pod{uid}/");
    let file = |id: u32, name: &str| fs::read_to_string(format!("/proc/{id}/{name}"));
    let in_pod = |id: &u32| file(*id, "cgroup").is_ok_and(|groups| groups.contains(&group));
    // The pod's own network and its like are not the server's.
    let is_pause = |id: &u32| file(*id, "comm").is_ok_and(|name| name.trim() == "pause");
    let ours = descendants(std::process::id());
    let ids = ours.into_iter().filter(in_pod).filter(|id| !is_pause(id));
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    assert!(!ids.is_empty(), "nothing runs in the pod {uid}");
    // Some of them end with the first.
    let _ = Command::new("kill").args(["-s", "KILL"]).args(ids).output();
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn printed(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes control groups as a node that is gone may leave them, in each hierarchy.
pub fn abandon_control_groups() {
    let root = Path::new("/sys/fs/cgroup");
    let version_two = root.join("cgroup.controllers").exists();
    let hierarchies = fs::read_dir(root)
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let roots: Vec<PathBuf> = match version_two {
        true => vec![root.into()],
        false => hierarchies
            .filter(|path| path.join("tasks").exists())
            .collect(),
    };
    for root in roots {
        fs::create_dir_all(root.join("gravity-local-cluster-239/kubepods/pod")).unwrap();
    }
}

/// Those of any node, in each hierarchy.
fn control_groups() -> BTreeSet<PathBuf> {
    let root = Path::new("/sys/fs/cgroup");
    let hierarchies = fs::read_dir(root)
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let folders = hierarchies.chain([root.to_path_buf()]);
    let entries = folders.filter_map(|folder| fs::read_dir(folder).ok());
    entries
        .flat_map(|entries| entries.flatten())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("gravity-"))
        .map(|entry| entry.path())
        .collect()
}
