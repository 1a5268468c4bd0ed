//! What Vault's injector is asked for, by annotations of the pods (developer.hashicorp.com,
//! "Vault Agent Injector annotations"). It writes files, which the service reads.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ProjectedVolumeSource, ServiceAccountTokenProjection, Volume, VolumeProjection,
};
use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPeer};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::wall::{tcp, to};
use super::wanted::Wanted;
use crate::api::names;
use crate::api::secrets::VaultFile;
use crate::validate::VAULT_TOKEN;

/// What all annotations of the injector begin with.
const PREFIX: &str = "vault.hashicorp.com/";

/// The way of the agent to Vault, by the label of its chart's pods and its own port.
pub(super) fn way() -> NetworkPolicyEgressRule {
    let label = (names::NAME_LABEL.to_owned(), "vault".to_owned());
    let peer = NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector::default()),
        pod_selector: Some(LabelSelector {
            match_labels: Some(BTreeMap::from([label])),
            ..LabelSelector::default()
        }),
        ..NetworkPolicyPeer::default()
    };
    to(vec![peer], vec![tcp(8_200)])
}

/// Whether pods run on, and so have files that follow what changes in Vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pods {
    /// They run on.
    Serve,
    /// They end by themselves: an agent beside them would keep them from it.
    End,
}

/// The annotations of the service's pods; none where it takes nothing from Vault.
pub(super) fn annotations(wanted: &Wanted, pods: Pods) -> BTreeMap<String, String> {
    let Some(vault) = &wanted.service.vault else {
        return BTreeMap::new();
    };
    let mut all = BTreeMap::new();
    let mut add = |name: &str, text: String| all.insert(format!("{PREFIX}{name}"), text);
    add("agent-inject", "true".to_owned());
    add("role", vault.role.clone());
    add(
        "agent-service-account-token-volume-name",
        VAULT_TOKEN.to_owned(),
    );
    if let Some(path) = &vault.mount_path {
        add("secret-volume-path", path.clone());
    }
    if pods == Pods::End {
        add("agent-pre-populate-only", "true".to_owned());
    }
    for (name, file) in &vault.files {
        add(&format!("agent-inject-secret-{name}"), file.path.clone());
        if let Some(template) = template(file) {
            add(&format!("agent-inject-template-{name}"), template);
        }
        if !file.env.is_empty() {
            // Or a key that is not there would be a variable with the text <no value>.
            add(&format!("error-on-missing-key-{name}"), "true".to_owned());
        }
    }
    all
}

/// What stands in the file; the injector's own template where nobody says.
fn template(file: &VaultFile) -> Option<String> {
    if file.env.is_empty() {
        return file.template.clone();
    }
    let data = data(&file.path);
    let line = |(variable, key): (&String, &String)| {
        // For a shell all is plain between single quotes, but for such a quote itself.
        format!(
            r#"export {variable}='{{{{ {data}.{key} | printf "%v" | replaceAll "'" "'\\''" }}}}'"#
        )
    };
    let lines: Vec<String> = file.env.iter().map(line).collect();
    Some(format!(
        "{{{{- with secret \"{}\" -}}}}\n{}\n{{{{ end }}}}",
        file.path,
        lines.join("\n")
    ))
}

/// Where an answer of Vault has the keys: one of version 2 of its key-value store, whose paths
/// have `data` after the mount, has them one deeper.
fn data(path: &str) -> &'static str {
    let mut after_mount = path.split('/').skip(1);
    match after_mount.any(|part| part == "data") {
        true => ".Data.data",
        false => ".Data",
    }
}

/// The token by which the agent logs in. The service's own container does not get it: no pod
/// of a service mounts a token by itself.
pub(super) fn volume(wanted: &Wanted) -> Option<Volume> {
    wanted.service.vault.as_ref()?;
    let token = ServiceAccountTokenProjection {
        path: "token".to_owned(),
        ..ServiceAccountTokenProjection::default()
    };
    Some(Volume {
        name: VAULT_TOKEN.to_owned(),
        projected: Some(ProjectedVolumeSource {
            sources: Some(vec![VolumeProjection {
                service_account_token: Some(token),
                ..VolumeProjection::default()
            }]),
            ..ProjectedVolumeSource::default()
        }),
        ..Volume::default()
    })
}
