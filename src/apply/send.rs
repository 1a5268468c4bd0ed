//! The requests themselves.

use std::collections::BTreeMap;

use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::secret;
use crate::api::names;
use crate::api::objects::ObjectKey;
use crate::observe::{AppKey, owner, resource};
use crate::plan::Generated;
use crate::schedule::Replicas;
use crate::schedule::secrets::{self, Step};

/// Applies an object server-side. With force, for what Gravity has made is its own: a
/// stranger's object was refused before it came to this.
pub async fn apply(
    client: &Client,
    key: &ObjectKey,
    body: &Value,
    replicas: Replicas,
) -> Result<DynamicObject, kube::Error> {
    if let Replicas::Before(number) = replicas {
        state_replicas(client, key, number).await?;
    }
    let params = PatchParams::apply(names::FIELD_MANAGER).force();
    let applied = api(client, key)
        .patch(&key.name, &params, &Patch::Apply(body))
        .await?;
    match replicas {
        Replicas::After(number) => state_replicas(client, key, number).await,
        _ => Ok(applied),
    }
}

/// Makes a Secret with new values. One that is there already and is given to the app is
/// marked as ours, and its values are kept. `first`: nobody can have used credentials of it.
pub async fn create(
    client: &Client,
    key: &ObjectKey,
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    first: bool,
) -> Result<DynamicObject, kube::Error> {
    let body = secrets::anew(stated, generate, first, &mut password)?;
    let object: DynamicObject = serde_json::from_value(body).map_err(kube::Error::SerdeError)?;
    let params = PostParams {
        field_manager: Some(names::FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    match api(client, key).create(&params, &object).await {
        Err(kube::Error::Api(status)) if status.is_already_exists() => {
            let live = live(client, key).await?;
            let app = &stated["metadata"]["annotations"][names::APP_ANNOTATION];
            if live["metadata"]["annotations"][names::APP_ANNOTATION] != *app {
                return Err(kube::Error::Api(status));
            }
            patch(client, key, secrets::adopted(stated, &live), &live).await
        }
        answer => answer,
    }
}

/// Makes what a live Secret lacks, and keeps what it holds.
pub async fn fill(
    client: &Client,
    key: &ObjectKey,
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
) -> Result<DynamicObject, kube::Error> {
    let live = live(client, key).await?;
    // What cannot be used is told by the schedule, and never replaced.
    let filled = secrets::filled(stated, generate, &live, &mut password)?;
    let body = filled.unwrap_or_else(|| secrets::adopted(stated, &live));
    patch(client, key, body, &live).await
}

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The object is gone, or goes.
    Taken,
    /// It is another one by now, or no longer the app's, and is left as it is.
    Spared,
}

/// Deletes an object in the background, if it still has this uid. Data does not come back, so
/// the live object is looked at first: what somebody has taken out of the app stays, and what
/// changes after the look is looked at again.
pub async fn delete(
    client: &Client,
    app: &AppKey,
    key: &ObjectKey,
    uid: &str,
) -> Result<Deletion, kube::Error> {
    let mut preconditions = Preconditions {
        uid: Some(uid.to_owned()),
        resource_version: None,
    };
    let data = key.kind.can_hold_data();
    if data {
        let Some(live) = api(client, key).get_opt(&key.name).await? else {
            return Ok(Deletion::Taken);
        };
        if owner(&live).is_none_or(|owner| owner.name != app.name) {
            return Ok(Deletion::Spared);
        }
        preconditions.resource_version = live.metadata.resource_version;
    }
    let params = DeleteParams::background().preconditions(preconditions);
    match api(client, key).delete(&key.name, &params).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(Deletion::Taken),
        Err(kube::Error::Api(status)) if status.is_conflict() && !data => Ok(Deletion::Spared),
        Err(error) => Err(error),
        Ok(_) => Ok(Deletion::Taken),
    }
}

/// Takes a live Secret one step further in its rotation; one that does not stand at that
/// step stays as it is.
pub async fn rotate(
    client: &Client,
    key: &ObjectKey,
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    step: &Step,
) -> Result<DynamicObject, kube::Error> {
    let live = live(client, key).await?;
    match secrets::rotated(stated, generate, &live, step, &mut password)? {
        Some(body) => patch(client, key, body, &live).await,
        None => serde_json::from_value(live).map_err(kube::Error::SerdeError),
    }
}

async fn live(client: &Client, key: &ObjectKey) -> Result<Value, kube::Error> {
    let live = api(client, key).get(&key.name).await?;
    serde_json::to_value(live).map_err(kube::Error::SerdeError)
}

/// Applies what was worked out from a live object, unless that has changed since.
async fn patch(
    client: &Client,
    key: &ObjectKey,
    mut body: Value,
    live: &Value,
) -> Result<DynamicObject, kube::Error> {
    body["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"].clone();
    let params = PatchParams::apply(names::FIELD_MANAGER).force();
    api(client, key)
        .patch(&key.name, &params, &Patch::Apply(&body))
        .await
}

fn password(length: usize) -> Result<String, kube::Error> {
    secret::password(length).map_err(|error| kube::Error::Service(Box::new(error)))
}

/// States the number of replicas as a manager of its own, which the autoscaler overrides:
/// were it `gravity`, each apply without it would set it back to one.
async fn state_replicas(
    client: &Client,
    key: &ObjectKey,
    number: i32,
) -> Result<DynamicObject, kube::Error> {
    let body = json!({
        "apiVersion": key.kind.api_version(),
        "kind": key.kind.facts().kind,
        "metadata": {"name": key.name, "namespace": key.namespace},
        "spec": {"replicas": number},
    });
    let params = PatchParams::apply(names::REPLICAS_MANAGER).force();
    api(client, key)
        .patch(&key.name, &params, &Patch::Apply(&body))
        .await
}

fn api(client: &Client, key: &ObjectKey) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), &key.namespace, &resource(key.kind))
}
