//! A namespace for one test, and what is done and seen in it.

use std::sync::Arc;
use std::time::Duration;

use gravity::api::objects::Kind;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{
    ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams,
    PropagationPolicy, ValidationDirective,
};
use kube::core::GroupVersionKind;
use kube::{Api, Client, ResourceExt};
use serde_json::{Value, json};

use super::audit::{Request, forbidden, requests};
use super::suite::{Suite, shared};
use super::wait::eventually;

/// The namespace of one test, under Pod Security's *restricted* level, so that nothing is
/// ever made that it does not admit.
pub struct Space {
    pub suite: Arc<Suite>,
    pub client: Client,
    pub name: String,
}

impl Space {
    /// A namespace of the shared cluster.
    pub async fn new(name: &str) -> Self {
        Self::on(shared().await, name).await
    }

    /// A namespace of a given cluster.
    pub async fn on(suite: Arc<Suite>, name: &str) -> Self {
        let client = suite.cluster.client().await.unwrap();
        make_namespace(&client, name).await;
        Self::of(suite, name).await
    }

    /// A namespace that its suite started with.
    pub async fn of(suite: Arc<Suite>, name: &str) -> Self {
        let client = suite.cluster.client().await.unwrap();
        let space = Self {
            suite,
            client,
            name: name.to_owned(),
        };
        // Pods of a namespace without it are refused.
        space.until_there("ServiceAccount", "default").await;
        space
    }

    /// Applies bare manifests, as services' repositories have them.
    pub async fn services(&self, manifests: &str) {
        for manifest in manifests.split("\n---\n") {
            self.service(manifest).await.unwrap();
        }
    }

    /// Applies one bare manifest; what the API server says when it refuses.
    pub async fn service(&self, manifest: &str) -> Result<DynamicObject, String> {
        let spec: Value = serde_yaml::from_str(manifest).unwrap();
        let (name, version) = (spec["name"].as_str(), spec["version"].as_str());
        let name = format!("{}-{}", name.unwrap_or("x"), version.unwrap_or("1.0.0"));
        self.apply("GravityService", &name, json!({"spec": spec}))
            .await
    }

    /// Applies an app; the text is its spec.
    pub async fn app(&self, name: &str, spec: &str) {
        self.try_app(name, spec).await.unwrap();
    }

    /// The same; what the API server says when it refuses.
    pub async fn try_app(&self, name: &str, spec: &str) -> Result<DynamicObject, String> {
        let spec: Value = serde_yaml::from_str(spec).unwrap();
        self.apply("GravityApp", name, json!({"spec": spec})).await
    }

    /// Applies an object as kubectl does: server-side, with strict validation.
    pub async fn apply(
        &self,
        kind: &str,
        name: &str,
        mut body: Value,
    ) -> Result<DynamicObject, String> {
        let resource = resource(kind);
        body["apiVersion"] = json!(resource.api_version);
        body["kind"] = json!(kind);
        body["metadata"]["name"] = json!(name);
        let mut params = PatchParams::apply("a-person").force();
        params.field_validation = Some(ValidationDirective::Strict);
        let answer = self
            .api(kind)
            .patch(name, &params, &Patch::Apply(&body))
            .await;
        answer.map_err(|error| match error {
            kube::Error::Api(status) => status.message.clone(),
            other => other.to_string(),
        })
    }

    /// Applies every document of a file, as it is.
    pub async fn documents(&self, yaml: &str) {
        let documents: Vec<Value> = serde_yaml::from_multiple(yaml).unwrap();
        for document in documents {
            let kind = document["kind"].as_str().unwrap().to_owned();
            let name = document["metadata"]["name"].as_str().unwrap().to_owned();
            self.apply(&kind, &name, document).await.unwrap();
        }
    }

    /// Merges a patch into an object, as somebody else than the operator.
    pub async fn merge(&self, kind: &str, name: &str, patch: Value) -> Value {
        let params = PatchParams::default();
        let answer = self
            .api(kind)
            .patch(name, &params, &Patch::Merge(patch))
            .await;
        serde_json::to_value(answer.unwrap()).unwrap()
    }

    /// Merges a status into an object, as the operator whose kind it is writes it.
    pub async fn status(&self, kind: &str, name: &str, status: Value) {
        let (params, patch) = (
            PatchParams::default(),
            Patch::Merge(json!({"status": status})),
        );
        let answer = self.api(kind).patch_status(name, &params, &patch).await;
        answer.unwrap();
    }

    pub fn api(&self, kind: &str) -> Api<DynamicObject> {
        let resource = resource(kind);
        if kind == "Namespace"
            || kind == "CustomResourceDefinition"
            || kind.ends_with("AdmissionPolicy")
            || kind.starts_with("ClusterRole")
            || kind.ends_with("PolicyBinding")
            || kind.ends_with("WebhookConfiguration")
        {
            return Api::all_with(self.client.clone(), &resource);
        }
        Api::namespaced_with(self.client.clone(), &self.name, &resource)
    }

    /// The object; null while it is not there.
    pub async fn get(&self, kind: &str, name: &str) -> Value {
        let found = self.api(kind).get_opt(name).await.unwrap();
        found.map_or(Value::Null, |object| serde_json::to_value(object).unwrap())
    }

    pub async fn exists(&self, kind: &str, name: &str) -> bool {
        !self.get(kind, name).await.is_null()
    }

    /// The names of all objects of a kind, sorted.
    pub async fn names(&self, kind: &str) -> Vec<String> {
        let list = self.api(kind).list(&ListParams::default()).await.unwrap();
        let mut names: Vec<String> = list.iter().map(ResourceExt::name_any).collect();
        names.sort();
        names
    }

    /// Deletes in the background, as kubectl does.
    pub async fn delete(&self, kind: &str, name: &str) {
        self.delete_by(kind, name, PropagationPolicy::Background)
            .await;
    }

    pub async fn delete_by(&self, kind: &str, name: &str, policy: PropagationPolicy) {
        let params = DeleteParams {
            propagation_policy: Some(policy),
            ..DeleteParams::default()
        };
        self.api(kind).delete(name, &params).await.unwrap();
    }

    pub async fn until_there(&self, kind: &str, name: &str) {
        self.until(&format!("{kind} {name} is there"), async || {
            self.exists(kind, name).await
        })
        .await;
    }

    pub async fn until_gone(&self, kind: &str, name: &str) {
        self.until(&format!("{kind} {name} is gone"), async || {
            !self.exists(kind, name).await
        })
        .await;
    }

    /// Waits, and tells on failure how all apps of the namespace stand.
    pub async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        eventually(what, is_so, async || self.told().await).await;
    }

    /// Waits until the app is Ready in its newest generation.
    pub async fn ready(&self, app: &str) -> Value {
        self.until(&format!("{app} is Ready"), async || {
            let app = self.get("GravityApp", app).await;
            current(&app) && condition(&app, "Ready")["status"] == "True"
        })
        .await;
        self.get("GravityApp", app).await
    }

    /// Waits until the app is Stalled in its newest generation; the reason and message.
    pub async fn stalled(&self, app: &str) -> String {
        self.until(&format!("{app} is Stalled"), async || {
            let app = self.get("GravityApp", app).await;
            current(&app) && condition(&app, "Stalled")["status"] == "True"
        })
        .await;
        self.says(app, "Stalled").await
    }

    /// The status, reason and message of a condition, as one text.
    pub async fn says(&self, app: &str, kind: &str) -> String {
        let app = self.get("GravityApp", app).await;
        let condition = condition(&app, kind);
        let word = |field: &str| condition[field].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", word("status"), word("reason"), word("message"))
    }

    /// Waits until a condition says something with this in it; the whole.
    pub async fn until_says(&self, app: &str, kind: &str, part: &str) -> String {
        self.until(&format!("{kind} of {app} says {part}"), async || {
            self.says(app, kind).await.contains(part)
        })
        .await;
        self.says(app, kind).await
    }

    /// The operator's answered requests in this namespace, without watches.
    pub fn requests(&self) -> Vec<Request> {
        requests(&self.suite.audit(), &self.name)
    }

    /// The operator's writes in this namespace.
    pub fn writes(&self) -> Vec<String> {
        let writes = self.requests().into_iter().filter(Request::writes);
        writes
            .map(|write| {
                format!(
                    "{} {} {} {}",
                    write.verb, write.resource, write.name, write.code
                )
            })
            .collect()
    }

    /// Fails if the operator asks anything of this namespace within that time. The status
    /// of GravityServices is no part of it: it waits while any app of the cluster is on its
    /// way, as those of other tests are.
    pub async fn is_quiet_for(&self, time: Duration) {
        let requests = || {
            let all = self.requests().into_iter();
            all.filter(|one| one.resource != "gravityservices/status")
                .collect::<Vec<_>>()
        };
        // Events and the last status come after the moment that was waited for, and late on
        // a busy machine. What never ends is seen all the same.
        let mut before = requests().len();
        for _ in 0..15 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let now = requests().len();
            if now == before {
                break;
            }
            before = now;
        }
        tokio::time::sleep(time).await;
        let after = requests();
        assert!(
            after.len() == before,
            "at rest it asks nothing, but: {:#?}\n{}",
            &after[before..],
            self.told().await
        );
    }

    /// The reasons and notes of the events about an app, in their order, each once.
    pub async fn events(&self, app: &str) -> Vec<String> {
        let list = self
            .api("Event")
            .list(&ListParams::default())
            .await
            .unwrap();
        let mut events: Vec<Value> = list
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .filter(|event| event["regarding"]["name"] == app)
            .collect();
        events.sort_by_key(|event| event["eventTime"].as_str().unwrap_or_default().to_owned());
        let text =
            |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
        events
            .iter()
            .map(|event| {
                let kind = text(event, "type");
                format!("{kind} {}: {}", text(event, "reason"), text(event, "note"))
            })
            .collect()
    }

    /// What kubectl prints in this namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        self.suite
            .kubectl(&[&["--namespace", &self.name], arguments].concat())
    }

    /// How everything stands, for a test that fails.
    async fn told(&self) -> String {
        let mut told = String::new();
        for app in self.names("GravityApp").await {
            let app = self.get("GravityApp", &app).await;
            told += &format!(
                "{} {:#}\n{}\n",
                app["metadata"]["name"], app["status"], app["metadata"]["finalizers"]
            );
        }
        format!("{told}\nThe operator's log:\n{}", self.suite.log_tail())
    }
}

impl Drop for Space {
    /// No test may need a right that the chart does not give, in its namespace or for what
    /// is asked of the whole cluster. Those that take rights away say so in their name.
    fn drop(&mut self) {
        if std::thread::panicking() || self.name.contains("without-rights") {
            return;
        }
        let mut refused = forbidden(&self.suite.audit());
        refused.retain(|one| one.namespace.is_empty() || one.namespace == self.name);
        assert!(refused.is_empty(), "refused by RBAC: {refused:#?}");
    }
}

/// Makes a namespace for a test; one of that name must not be there.
pub async fn make_namespace(client: &Client, name: &str) {
    let namespace: Namespace = typed(json!({"metadata": {
        "name": name,
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
    }}));
    let api = Api::<Namespace>::all(client.clone());
    api.create(&PostParams::default(), &namespace)
        .await
        .unwrap();
}

/// Whether the status is of the newest spec.
fn current(app: &Value) -> bool {
    app["status"]["observedGeneration"] == app["metadata"]["generation"]
}

/// A condition of an app; null while it has none.
pub fn condition(app: &Value, kind: &str) -> Value {
    let conditions = app["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    conditions
        .find(|one| one["type"] == kind)
        .cloned()
        .unwrap_or_default()
}

fn typed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// How the API server names a kind: one that Gravity makes, or another that a test needs.
fn resource(kind: &str) -> ApiResource {
    let mut made = Kind::ALL.into_iter().map(Kind::facts);
    if let Some(facts) = made.find(|facts| facts.kind == kind) {
        let of = GroupVersionKind::gvk(facts.group, facts.version, kind);
        return ApiResource::from_gvk_with_plural(&of, facts.plural);
    }
    let (group, version) = match kind {
        "GravityApp" | "GravityService" => ("gravity.dev", "v1alpha1"),
        "Event" => ("events.k8s.io", "v1"),
        "Lease" => ("coordination.k8s.io", "v1"),
        "ClusterRole" | "ClusterRoleBinding" => ("rbac.authorization.k8s.io", "v1"),
        "CustomResourceDefinition" => ("apiextensions.k8s.io", "v1"),
        kind if kind.contains("Admission") || kind.contains("Webhook") => {
            ("admissionregistration.k8s.io", "v1")
        }
        _ => ("", "v1"),
    };
    let mut resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    match kind {
        "ValidatingAdmissionPolicy" => resource.plural = "validatingadmissionpolicies".into(),
        "MutatingAdmissionPolicy" => resource.plural = "mutatingadmissionpolicies".into(),
        _ => {}
    }
    resource
}
