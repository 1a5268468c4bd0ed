//! What stands under planned names that no watch shows: a server-side apply would merge
//! into a stranger's object without a word.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use kube::api::{DynamicObject, ListParams, PartialObjectMeta};
use kube::{Api, Client, ResourceExt};

use super::answer;
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::observe::{AppKey, Found, owner, resource};

/// Pages of this size keep a large namespace from filling the memory.
const PAGE: u32 = 500;

/// As [`find`]; where the kind cannot be listed, that is what is told of each key.
pub async fn look_up(
    client: &Client,
    app: &AppKey,
    kind: Kind,
    keys: &[ObjectKey],
) -> BTreeMap<ObjectKey, Found> {
    find(client, app, kind, keys).await.unwrap_or_else(|error| {
        let message = answer::words(&error);
        tracing::warn!(%kind, namespace = app.namespace, error = message, "cannot look up what is there");
        let at = Timestamp::now();
        let hidden = |key: &ObjectKey| {
            let message = message.clone();
            (key.clone(), Found::Hidden { message, at })
        };
        keys.iter().map(hidden).collect()
    })
}

/// Lists a kind in the app's namespace, metadata only, and tells of each key what it found.
///
/// # Errors
/// The API server's.
pub async fn find(
    client: &Client,
    app: &AppKey,
    kind: Kind,
    keys: &[ObjectKey],
) -> Result<BTreeMap<ObjectKey, Found>, kube::Error> {
    let free = |key: &ObjectKey| (key.clone(), Found::Nothing);
    let mut found: BTreeMap<ObjectKey, Found> = keys.iter().map(free).collect();
    list(client, app, kind, &mut found).await?;
    Ok(found)
}

async fn list(
    client: &Client,
    app: &AppKey,
    kind: Kind,
    found: &mut BTreeMap<ObjectKey, Found>,
) -> Result<(), kube::Error> {
    let api: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), &app.namespace, &resource(kind));
    let mut page = ListParams::default().limit(PAGE);
    loop {
        let list = api.list_metadata(&page).await?;
        for object in &list.items {
            let name = object.name_any();
            let key = ObjectKey {
                kind,
                namespace: app.namespace.clone(),
                name,
            };
            if let Some(entry) = found.get_mut(&key) {
                *entry = whose(object, app);
            }
        }
        match list.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => page = page.continue_token(&token),
            None => return Ok(()),
        }
    }
}

fn whose(object: &PartialObjectMeta<DynamicObject>, app: &AppKey) -> Found {
    let at = Timestamp::now();
    match owner(object) {
        Some(owner) if owner.name == app.name => Found::Ours,
        Some(owner) => Found::Stranger {
            whose: format!("belongs to the GravityApp {}/{}", app.namespace, owner.name),
            at,
        },
        None => Found::Stranger {
            whose: manager(object),
            at,
        },
    }
}

fn manager(object: &PartialObjectMeta<DynamicObject>) -> String {
    let label = object.labels().get(names::MANAGED_BY_LABEL).cloned();
    let field = || {
        object
            .managed_fields()
            .first()
            .and_then(|entry| entry.manager.clone())
    };
    match label.or_else(field) {
        Some(manager) => format!("is not Gravity's (it was made by {manager})"),
        None => "is not Gravity's".to_owned(),
    }
}
