//! Who may talk to the API server by a static token, and the kubeconfigs for it.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::Error;
use crate::folder::{Folder, Layout};

/// Each program has a name of its own, so that the audit log tells who did what.
/// All are in `system:masters`, which exempts them from flow control as well.
pub(crate) const USERS: [&str; 9] = [
    "admin",
    "system:kube-controller-manager",
    "system:kube-scheduler",
    "system:simulated-node",
    "system:node:node",
    "system:kube-proxy",
    "system:names",
    "system:metrics-server",
    "system:local-cluster",
];

/// Writes the API server's token file and a kubeconfig for each user.
pub(crate) fn write(folder: &Folder, server: &str) -> Result<(), Error> {
    let mut tokens = String::new();
    for user in USERS {
        let token = random_token()?;
        tokens.push_str(&format!("{token},{user},{user},system:masters\n"));
        write_kubeconfig(folder, user, &kubeconfig(folder, server, user, &token))?;
    }
    folder.write("tokens.csv", &tokens)?;
    Ok(())
}

/// The kubeconfig of a user of [`USERS`].
pub(crate) fn path_for(folder: &Layout, user: &str) -> PathBuf {
    match user {
        "admin" => folder.path().join("kubeconfig"),
        other => folder
            .path()
            .join("kubeconfigs")
            .join(other.replace(':', "-")),
    }
}

/// A kubeconfig for any token, as the text of its file (JSON is YAML).
pub(crate) fn kubeconfig(folder: &Folder, server: &str, user: &str, token: &str) -> String {
    let authority = folder.certificate("ca.crt");
    let cluster = json!({"server": server, "certificate-authority": authority});
    from_cluster(&cluster, user, token)
}

/// The same for a cluster's entry that is already there, as in a given kubeconfig.
pub(crate) fn from_cluster(cluster: &serde_json::Value, user: &str, token: &str) -> String {
    let name = "local-cluster";
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
    });
    format!("{config:#}\n")
}

fn write_kubeconfig(folder: &Folder, user: &str, content: &str) -> Result<(), Error> {
    let path = path_for(folder, user);
    fs::write(&path, content).map_err(Error::file(&path, "written"))?;
    restrict(&path)
}

/// Other users of the machine must not become the cluster's administrator.
fn restrict(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path, permissions).map_err(Error::file(path, "restricted to its owner"))
}

fn random_token() -> Result<String, Error> {
    let mut bytes = [0; 24];
    let source = "/dev/urandom";
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(Error::file(source, "read"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
