//! What of an application is stopped in a cluster, as this tool asks for it: fields of a field
//! manager of its own, so that no file has to say it, and nothing is left of it afterwards.

use std::collections::BTreeSet;

use kube::api::{ApiResource, Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};

use crate::api::GravityApp;
use crate::api::names::STOP_MANAGER;
use crate::cli::cluster::{Cluster, ClusterError, Verb};

/// What is stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// The whole application.
    pub app: bool,
    /// Services of it.
    pub services: BTreeSet<String>,
}

impl Rest {
    /// What this tool has stopped of an application.
    pub fn of(app: &GravityApp) -> Self {
        let managed = app.metadata.managed_fields.iter().flatten();
        let mut own = managed.filter(|entry| entry.manager.as_deref() == Some(STOP_MANAGER));
        let fields = own.find_map(|entry| entry.fields_v1.as_ref());
        let spec = fields.map_or(&Value::Null, |fields| &fields.0["f:spec"]);
        let services = spec["f:services"].as_object().into_iter().flatten();
        Self {
            app: spec.get("f:stopped").is_some(),
            services: services.filter_map(|(key, _)| name(key)).collect(),
        }
    }

    /// Whether nothing is.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Makes this all that is stopped.
    ///
    /// # Errors
    /// The API server says no.
    pub async fn apply(
        &self,
        cluster: &Cluster,
        app: &GravityApp,
    ) -> Result<GravityApp, ClusterError> {
        let mut spec = json!({});
        if self.app {
            spec["stopped"] = json!(true);
        }
        if !self.services.is_empty() {
            let services = self.services.iter();
            let services = services.map(|name| json!({"name": name, "stopped": true}));
            spec["services"] = services.collect();
        }
        let of = ApiResource::erase::<GravityApp>(&());
        let (name, namespace) = (app.name_any(), app.namespace().unwrap_or_default());
        let patch = Patch::Apply(json!({
            "apiVersion": of.api_version,
            "kind": of.kind,
            "metadata": {"name": name},
            "spec": spec,
        }));
        let api: Api<GravityApp> = Api::namespaced(cluster.client.clone(), &namespace);
        let params = PatchParams::apply(STOP_MANAGER).force();
        cluster
            .ask(Verb::Patch, &of, || api.patch(&name, &params, &patch))
            .await
    }
}

/// The name in the key of a list's entry, as `k:{"name":"auth-service"}`.
fn name(key: &str) -> Option<String> {
    let key: Value = serde_json::from_str(key.strip_prefix("k:")?).ok()?;
    key["name"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_is_read_from_who_manages_what() {
        let app = |fields: Value| {
            serde_json::from_value::<GravityApp>(json!({
                "apiVersion": "gravity.dev/v1alpha1",
                "kind": "GravityApp",
                "metadata": {"name": "shop", "managedFields": [
                    {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:stopped": {}}}},
                    {"manager": STOP_MANAGER, "fieldsV1": fields},
                ]},
                "spec": {"services": [{"name": "web"}]},
            }))
            .unwrap()
        };
        assert!(Rest::of(&app(json!({}))).is_nothing());
        let all = Rest::of(&app(json!({"f:spec": {"f:stopped": {}}})));
        assert!(all.app && all.services.is_empty());
        let some = Rest::of(&app(json!({"f:spec": {"f:services": {
            "k:{\"name\":\"auth\"}": {".": {}, "f:name": {}, "f:stopped": {}},
        }}})));
        assert_eq!(some.services, BTreeSet::from(["auth".to_owned()]));
    }
}
