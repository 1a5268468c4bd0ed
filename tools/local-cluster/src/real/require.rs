//! What a machine must have to run a node.

use std::path::{Path, PathBuf};

use crate::Error;

/// The programs, and the Debian packages that have them.
const PROGRAMS: [(&str, &str); 12] = [
    ("containerd", "containerd"),
    ("containerd-shim-runc-v2", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("nft", "nftables"),
    ("mount", "mount"),
    ("nsenter", "util-linux"),
    ("setpriv", "util-linux"),
    ("unshare", "util-linux"),
    ("hostname", "hostname"),
];

/// The network plugins that the node uses.
const PLUGINS: [&str; 3] = ["host-local", "portmap", "ptp"];

/// The package that has the plugins.
const PLUGIN_PACKAGE: &str = "containernetworking-plugins";

/// Where distributions put network plugins.
const PLUGIN_FOLDERS: [&str; 3] = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];

/// Where programs are; a user's PATH often lacks the administrator's folders.
pub(crate) const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An error that says what is missing and how to get it.
pub(crate) fn check() -> Result<(), Error> {
    let root = rustix::process::geteuid().is_root();
    let has_program = |program: &str| find_program(program).is_some();
    match missing(
        cfg!(target_os = "linux"),
        root,
        has_program,
        plugin_folder().is_some(),
    ) {
        None => Ok(()),
        Some(missing) => Err(Error::NoRealNode { missing }),
    }
}

/// Where a program is.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    let folders = SEARCH_PATH.split(':').map(Path::new);
    folders
        .map(|folder| folder.join(program))
        .find(|path| path.exists())
}

/// The folder with the network plugins.
pub(crate) fn plugin_folder() -> Option<&'static Path> {
    let has_all = |folder: &&Path| PLUGINS.iter().all(|name| folder.join(name).exists());
    PLUGIN_FOLDERS.iter().map(Path::new).find(has_all)
}

fn missing(
    linux: bool,
    root: bool,
    has_program: impl Fn(&str) -> bool,
    has_plugins: bool,
) -> Option<String> {
    if !linux {
        return Some("it takes Linux".into());
    }
    let lacks: Vec<_> = PROGRAMS
        .iter()
        .filter(|(program, _)| !has_program(program))
        .copied()
        .chain((!has_plugins).then_some(("network plugins", PLUGIN_PACKAGE)))
        .collect();
    let rights = (!root).then(|| "it takes root: run it by sudo".to_owned());
    let software = (!lacks.is_empty()).then(|| software(&lacks));
    let parts: Vec<_> = rights.into_iter().chain(software).collect();
    (!parts.is_empty()).then(|| parts.join("; and "))
}

fn software(lacks: &[(&str, &str)]) -> String {
    let names: Vec<_> = lacks.iter().map(|(name, _)| *name).collect();
    let mut packages: Vec<_> = lacks.iter().map(|(_, package)| *package).collect();
    packages.dedup();
    format!(
        "it takes {}, which this machine lacks: on Debian, apt-get install {}",
        names.join(", "),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_has_all_lacks_nothing() {
        assert_eq!(missing(true, true, |_| true, true), None);
    }

    #[test]
    fn all_that_is_missing_is_told_at_once_with_its_packages() {
        let has = |program: &str| !matches!(program, "containerd" | "ctr" | "nft");
        assert_eq!(
            missing(true, false, has, false).as_deref(),
            Some(
                "it takes root: run it by sudo; and it takes containerd, ctr, nft, network \
                 plugins, which this machine lacks: on Debian, apt-get install containerd \
                 nftables containernetworking-plugins"
            )
        );
    }

    #[test]
    fn other_systems_are_told_so_and_nothing_else() {
        let told = missing(false, false, |_| false, false);
        assert_eq!(told.as_deref(), Some("it takes Linux"));
    }
}
