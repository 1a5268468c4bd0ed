//! Which apps use which GravityService, as its status says; and why one cannot be used.
//! It is written while no app is on its way, one after the other, for nobody waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use tokio::sync::Notify;

use super::context::{Context, lock};
use crate::api::names::STATUS_MANAGER;
use crate::api::reason::Reason;
use crate::api::{GravityApp, GravityService, GravityServiceStatus};
use crate::apply::backoff;
use crate::observe::AppKey;
use crate::plan::Plan;
use crate::telemetry::metrics::Outcome;
use crate::validate::validate_service;

/// What changes within this time is one write; and who applies services applies their app.
const TOGETHER: Duration = Duration::from_secs(1);
/// How long to leave the API server to apps that are on their way: where there are many, one
/// always is.
const LONGEST_WAIT_FOR_APPS: Duration = Duration::from_secs(30);
/// How long to wait after a status was not taken, in milliseconds.
const FIRST_WAIT: u64 = 1_000;
/// How long to wait at the most, in milliseconds.
const LONGEST_WAIT: u64 = 60_000;

/// Names a GravityService by its namespace and name.
type ServiceKey = (String, String);

/// Which GravityServices each app uses.
#[derive(Default)]
pub(super) struct Usage {
    apps: Mutex<BTreeMap<AppKey, BTreeSet<ServiceKey>>>,
    changed: Notify,
    /// The apps that are on their way to what they ask for.
    on_their_way: Mutex<BTreeSet<AppKey>>,
    arrived: Notify,
}

impl Usage {
    /// Takes note of what an app uses.
    pub fn uses(&self, app: &GravityApp, plan: &Plan) {
        let key = AppKey::of(app);
        let services = plan.services.values();
        let services = services.map(|service| service.source.clone()).collect();
        let mut apps = lock(&self.apps);
        if apps.get(&key) != Some(&services) {
            apps.insert(key, services);
            self.changed.notify_one();
        }
    }

    /// Takes note of how a reconcile left an app.
    pub fn reconciled(&self, app: &AppKey, outcome: Outcome) {
        let mut on_their_way = lock(&self.on_their_way);
        if outcome == Outcome::Progressing {
            on_their_way.insert(app.clone());
        } else {
            on_their_way.remove(app);
            self.arrived.notify_one();
        }
    }

    /// Ends when no app is on its way, or has been for long.
    async fn quiet(&self) {
        tokio::time::sleep(TOGETHER).await;
        let all_arrive = async {
            while !lock(&self.on_their_way).is_empty() {
                self.arrived.notified().await;
            }
        };
        // What takes longer is written meanwhile.
        let _ = tokio::time::timeout(LONGEST_WAIT_FOR_APPS, all_arrive).await;
    }

    /// The app is gone.
    pub fn forget(&self, app: &AppKey) {
        lock(&self.apps).remove(app);
        lock(&self.on_their_way).remove(app);
        self.arrived.notify_one();
        self.changed.notify_one();
    }

    fn users(&self, namespace: &str, name: &str) -> Vec<String> {
        let service = (namespace.to_owned(), name.to_owned());
        let apps = lock(&self.apps);
        let using = apps
            .iter()
            .filter(|(_, services)| services.contains(&service));
        let named = using.map(|(app, _)| {
            if app.namespace == namespace {
                app.name.clone()
            } else {
                format!("{}/{}", app.namespace, app.name)
            }
        });
        named.collect()
    }

    fn knows(&self, apps: &[Arc<GravityApp>]) -> bool {
        let known = lock(&self.apps);
        apps.iter().all(|app| {
            let key = AppKey::of(app);
            known.contains_key(&key) || is_stopped(app)
        })
    }
}

/// An app that cannot be resolved has no plan to tell what it uses.
fn is_stopped(app: &GravityApp) -> bool {
    let conditions = app.status.iter().flat_map(|status| &status.conditions);
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Resolved" && condition.status == "False")
}

/// Writes the status of GravityServices whenever something has changed, for as long as it
/// is polled. Until every app has told what it uses nothing is written: a restart would
/// otherwise write half of the truth first.
pub(super) async fn keep(context: Context) {
    let mut failures = 0;
    loop {
        tokio::select! {
            () = context.usage.changed.notified() => {}
            () = context.services.changed() => {}
            () = tokio::time::sleep(backoff(failures, FIRST_WAIT, LONGEST_WAIT)), if failures > 0 => {}
        }
        context.usage.quiet().await;
        if !context.usage.knows(&context.apps()) {
            continue;
        }
        let mut all_written = true;
        for service in context.services.all() {
            all_written &= write(&service, &context).await;
        }
        failures = if all_written { 0 } else { failures + 1 };
    }
}

/// Writes the status of a service where it has changed; false if it was not taken.
async fn write(service: &GravityService, context: &Context) -> bool {
    let wanted = wanted(service, context);
    let now = service.status.clone().unwrap_or_default();
    if now == wanted || !context.may_write() {
        return true;
    }
    let namespace = service.namespace().unwrap_or_default();
    let api: Api<GravityService> = Api::namespaced(context.client.clone(), &namespace);
    let body = json!({"status": {
        "observedGeneration": wanted.observed_generation,
        "type": wanted.type_,
        "usedBy": wanted.used_by,
        "conditions": wanted.conditions,
    }});
    let params = PatchParams {
        field_manager: Some(STATUS_MANAGER.to_owned()),
        ..Default::default()
    };
    match api
        .patch_status(&service.name_any(), &params, &Patch::Merge(body))
        .await
    {
        Ok(_) => true,
        // One that is gone has no status.
        Err(kube::Error::Api(status)) if status.is_not_found() => true,
        Err(error) => {
            tracing::debug!(service = %service.name_any(), %error, "the status was not written");
            false
        }
    }
}

/// What a GravityService is to say of itself.
fn wanted(service: &GravityService, context: &Context) -> GravityServiceStatus {
    let now = service.status.clone().unwrap_or_default();
    let users = context.usage.users(
        &service.namespace().unwrap_or_default(),
        &service.name_any(),
    );
    let valid = validate_service(service);
    let type_ = valid.as_ref().ok().map(|valid| valid.type_);
    let problems = valid.err().unwrap_or_default();
    let told = !problems.is_empty() || !now.conditions.is_empty();
    let conditions = told.then(|| {
        let problems = problems.iter().map(ToString::to_string).collect();
        accepted(service, &now, problems)
    });
    GravityServiceStatus {
        observed_generation: service.metadata.generation,
        type_: type_.or(service.spec.type_),
        used_by: (!users.is_empty()).then(|| users.join(", ").chars().take(1_000).collect()),
        conditions: conditions.into_iter().collect(),
    }
}

fn accepted(
    service: &GravityService,
    now: &GravityServiceStatus,
    problems: Vec<String>,
) -> Condition {
    let good = problems.is_empty();
    let status = if good { "True" } else { "False" };
    let before = now
        .conditions
        .iter()
        .find(|condition| condition.status == status);
    let time = before.map_or(Time(Timestamp::now()), |found| {
        found.last_transition_time.clone()
    });
    Condition {
        type_: "Accepted".to_owned(),
        status: status.to_owned(),
        reason: if good {
            Reason::Ready
        } else {
            Reason::InvalidSpec
        }
        .to_string(),
        message: problems.join("; ").chars().take(1_000).collect(),
        observed_generation: service.metadata.generation,
        last_transition_time: time,
    }
}
