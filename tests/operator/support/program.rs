//! The command line, as a person calls it.

use std::process::Command;

use serde_json::Value;

use super::space::Space;

/// What `gravity` prints about a namespace's cluster; a failure fails the test.
pub fn gravity(space: &Space, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gravity"))
        .args(arguments)
        .env("KUBECONFIG", space.suite.cluster.kubeconfig())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "gravity {arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `gravity render` says of an app, given its spec and bare manifests.
pub fn rendered(space: &Space, app: &str, services: &str) -> Vec<Value> {
    let folder = folder(space, app, services);
    let path = folder.path().to_str().unwrap();
    serde_yaml::from_multiple(&gravity(space, &["render", "-f", path])).unwrap()
}

/// A folder with the app and its services, as files.
pub fn folder(space: &Space, app: &str, services: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let app = format!(
        "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {{name: app, namespace: {}}}\nspec: {app}\n---",
        space.name
    );
    std::fs::write(folder.path().join("app.yaml"), app + services).unwrap();
    folder
}
