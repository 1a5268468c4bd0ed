//! What tells Argo CD or Flux to bring a project to a cluster.

use serde_json::{Value, json};

use crate::manifest::yaml;
use crate::repository::is_version_tag;

/// Where the project's folder is.
#[derive(Clone, Debug)]
pub struct Home<'a> {
    /// The application's name.
    pub app: &'a str,
    /// The namespace that it is in.
    pub namespace: &'a str,
    /// The URL of the Git repository.
    pub repository: &'a str,
    /// The branch, tag or revision.
    pub revision: &'a str,
    /// The folder in the repository.
    pub path: &'a str,
}

/// An Application of Argo CD.
pub fn argocd(home: &Home) -> String {
    let application = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": home.app, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": home.repository,
                "targetRevision": home.revision,
                "path": home.path,
                "directory": {"recurse": true, "include": "{gravity.yaml,services/*.yaml}"},
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": home.namespace},
            "syncPolicy": {
                "automated": {"prune": true, "selfHeal": true},
                "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
            },
        },
    });
    yaml::documents(&[application])
}

/// A Namespace, a GitRepository and a Kustomization of Flux.
pub fn flux(home: &Home) -> String {
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home.namespace}});
    let repository = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": home.app, "namespace": "flux-system"},
        "spec": {"url": home.repository, "ref": reference(home.revision), "interval": "1m"},
    });
    let kustomization = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": home.app, "namespace": "flux-system"},
        "spec": {
            "sourceRef": {"kind": "GitRepository", "name": home.app},
            "path": format!("./{}", home.path.trim_start_matches("./")),
            "interval": "10m",
            "prune": true,
            "wait": true,
        },
    });
    yaml::documents(&[namespace, repository, kustomization])
}

/// Flux has a field for each sort of a revision. Without one of its own it takes `master`.
fn reference(revision: &str) -> Value {
    let is_hash = revision.len() == 40 && revision.bytes().all(|it| it.is_ascii_hexdigit());
    match revision {
        "HEAD" => json!({"branch": "main"}),
        hash if is_hash => json!({"commit": hash}),
        tag if is_version_tag(tag) => json!({"tag": tag}),
        branch => json!({"branch": branch}),
    }
}
