//! The requests themselves.

use std::collections::BTreeMap;

use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::secret;
use crate::api::names;
use crate::api::objects::ObjectKey;
use crate::observe::resource;
use crate::plan::Generated;
use crate::schedule::{Replicas, secret_with, stated_values};

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

/// Makes a Secret with new values. Where it is there already, what it holds is kept, and
/// only what it lacks is made. `first`: nobody can have used credentials of the Secret.
pub async fn create(
    client: &Client,
    key: &ObjectKey,
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    first: bool,
) -> Result<DynamicObject, kube::Error> {
    let mut values = stated_values(stated);
    let body = filled(stated, generate, &mut values, first)?;
    let object: DynamicObject = serde_json::from_value(body).map_err(kube::Error::SerdeError)?;
    let params = PostParams {
        field_manager: Some(names::FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    match api(client, key).create(&params, &object).await {
        Err(kube::Error::Api(status)) if status.is_already_exists() => {
            complete(client, key, stated, generate).await
        }
        answer => answer,
    }
}

/// Deletes an object in the background, if it still has this uid. One that is gone, or
/// that has another uid by now, is as it should be.
pub async fn delete(client: &Client, key: &ObjectKey, uid: &str) -> Result<(), kube::Error> {
    let preconditions = Preconditions {
        uid: Some(uid.to_owned()),
        resource_version: None,
    };
    let params = DeleteParams::background().preconditions(preconditions);
    match api(client, key).delete(&key.name, &params).await {
        Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Ok(()),
    }
}

async fn complete(
    client: &Client,
    key: &ObjectKey,
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
) -> Result<DynamicObject, kube::Error> {
    let live = api(client, key).get(&key.name).await?;
    let mut values = crate::schedule::live_values(&live.data, generate);
    values.extend(stated_values(stated));
    // It holds other values already, so what is made here replaces what was known of it.
    let body = filled(stated, generate, &mut values, false)?;
    let params = PatchParams::apply(names::FIELD_MANAGER).force();
    api(client, key)
        .patch(&key.name, &params, &Patch::Apply(&body))
        .await
}

/// The whole Secret; what it lacks is made, and then it holds a new set of credentials.
fn filled(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    values: &mut BTreeMap<String, String>,
    first: bool,
) -> Result<Value, kube::Error> {
    let passwords = |(key, generated): (&String, &Generated)| {
        matches!(generated, Generated::Password(_)) && !values.contains_key(key)
    };
    let anew = generate.iter().any(passwords);
    secret::fill(generate, values).map_err(no_random)?;
    let mut body = secret_with(stated, values);
    if anew {
        let id = match first {
            true => names::FIRST_CREDENTIALS.to_owned(),
            false => secret::password(8).map_err(no_random)?,
        };
        body["metadata"]["annotations"][names::CREDENTIALS_ANNOTATION] = json!(id);
    }
    Ok(body)
}

fn no_random(error: getrandom::Error) -> kube::Error {
    kube::Error::Service(Box::new(error))
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
