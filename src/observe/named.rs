//! What people's Secrets, ConfigMaps and Middlewares say that apps name, each by a watch of that one object.
//! No value goes anywhere: what is kept is a word for each key, which changes when the value
//! does, and where a server answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, pin_mut};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::runtime::watcher;
use kube::{Api, Client, CustomResource, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::address;
use super::certificate::certificate;
use super::resync::resynced;
use super::store::{AppKey, Store};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::plan::{Contents, Named};

/// The watches of objects that apps name.
pub struct NamedObjects {
    client: Client,
    store: Arc<Store>,
    resync: Duration,
    followed: Mutex<BTreeMap<AppKey, BTreeMap<ObjectKey, DropGuard>>>,
}

impl NamedObjects {
    /// Nothing is watched yet.
    pub fn new(client: Client, store: Arc<Store>, resync: Duration) -> Self {
        Self {
            client,
            store,
            resync,
            followed: Mutex::default(),
        }
    }

    /// Watches these objects for an app, and no others.
    pub fn follow(&self, app: &AppKey, objects: &BTreeSet<ObjectKey>) {
        // A panic while the lock was held cannot leave the map half changed.
        let mut all = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if objects.is_empty() && !all.contains_key(app) {
            return;
        }
        let followed = all.entry(app.clone()).or_default();
        for gone in followed.keys().filter(|key| !objects.contains(*key)) {
            self.store.forget_named(app, gone);
        }
        followed.retain(|key, _| objects.contains(key));
        for key in objects {
            let start = || self.start(app, key);
            followed.entry(key.clone()).or_insert_with(start);
        }
        if followed.is_empty() {
            all.remove(app);
        }
    }

    /// Starts a watch, which ends when the guard is dropped.
    fn start(&self, app: &AppKey, key: &ObjectKey) -> DropGuard {
        let stop = CancellationToken::new();
        let watch = watch_kind(
            self.client.clone(),
            self.store.clone(),
            app.clone(),
            key.clone(),
            self.resync,
        );
        tokio::spawn(stop.clone().run_until_cancelled_owned(watch));
        stop.drop_guard()
    }
}

/// What an object says that an app names, for a command that looks once.
///
/// # Errors
/// What the API server says.
pub async fn read_named(client: &Client, key: &ObjectKey) -> Result<Named, kube::Error> {
    match key.kind {
        Kind::ConfigMap => read::<ConfigMap>(client, key).await,
        Kind::Middleware => read::<Middleware>(client, key).await,
        _ => read::<Secret>(client, key).await,
    }
}

async fn read<K: Readable>(client: &Client, key: &ObjectKey) -> Result<Named, kube::Error> {
    let api: Api<K> = Api::namespaced(client.clone(), &key.namespace);
    let found = api.get_opt(&key.name).await?;
    Ok(found.map_or(Named::Missing, |object| Named::There(object.contents())))
}

async fn watch_kind(
    client: Client,
    store: Arc<Store>,
    app: AppKey,
    key: ObjectKey,
    resync: Duration,
) {
    match key.kind {
        Kind::ConfigMap => watch::<ConfigMap>(client, store, app, key, resync).await,
        Kind::Middleware => watch::<Middleware>(client, store, app, key, resync).await,
        _ => watch::<Secret>(client, store, app, key, resync).await,
    }
}

async fn watch<K: Readable>(
    client: Client,
    store: Arc<Store>,
    app: AppKey,
    key: ObjectKey,
    resync: Duration,
) {
    let api: Api<K> = Api::namespaced(client, &key.namespace);
    let config = watcher::Config::default().fields(&format!("metadata.name={}", key.name));
    let events = resynced(api, config, resync);
    pin_mut!(events);
    let there = |object: &K| Named::There(object.contents());
    let mut listed = None;
    while let Some(event) = events.next().await {
        match event {
            Ok(watcher::Event::Init) => listed = None,
            Ok(watcher::Event::InitApply(object)) => listed = Some(there(&object)),
            Ok(watcher::Event::InitDone) => {
                store.named(&app, &key, listed.take().unwrap_or(Named::Missing));
            }
            Ok(watcher::Event::Apply(object)) => store.named(&app, &key, there(&object)),
            Ok(watcher::Event::Delete(_)) => store.named(&app, &key, Named::Missing),
            Err(error) => {
                tracing::warn!(object = %key, %error, "what an app names cannot be watched");
            }
        }
    }
}

/// A kind whose objects apps name.
trait Readable:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + 'static
{
    /// What is kept of it.
    fn contents(&self) -> Contents;
}

impl Readable for Secret {
    fn contents(&self) -> Contents {
        // Who may not read Secrets does not know the uid of one, which is a random number.
        let salt = self.uid().unwrap_or_default();
        let word = |value: &[u8]| names::digest8(&[salt.as_bytes(), b"\n", value].concat());
        let data = self.data.iter().flatten();
        Contents {
            keys: data
                .map(|(key, value)| (key.clone(), word(&value.0)))
                .collect(),
            controller: controller(self),
            server: address::server(self),
            certificate: certificate(self),
        }
    }
}

impl Readable for ConfigMap {
    fn contents(&self) -> Contents {
        let data = self.data.iter().flatten();
        let word = |value: &String| names::digest8(value.as_bytes());
        Contents {
            keys: data
                .map(|(key, value)| (key.clone(), word(value)))
                .collect(),
            controller: controller(self),
            server: Err("it is no Secret".to_owned()),
            certificate: Err("it is no Secret".to_owned()),
        }
    }
}

/// Traefik's, of which it matters only whether it is there.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug)]
#[kube(
    group = "traefik.io",
    version = "v1alpha1",
    kind = "Middleware",
    namespaced,
    schema = "disabled"
)]
struct MiddlewareSpec {}

impl Readable for Middleware {
    fn contents(&self) -> Contents {
        Contents {
            keys: BTreeMap::new(),
            controller: controller(self),
            server: Err("it is no Secret".to_owned()),
            certificate: Err("it is no Secret".to_owned()),
        }
    }
}

/// Who makes the object, as `ExternalSecret web-remote`.
fn controller(object: &impl ResourceExt) -> Option<String> {
    let owners = object.owner_references().iter();
    let mut owners = owners.filter(|owner| owner.controller == Some(true));
    owners
        .next()
        .map(|owner| format!("{} {}", owner.kind, owner.name))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn keys<K: Readable>(object: Value) -> BTreeMap<String, String> {
        let object: K = serde_json::from_value(object).unwrap();
        object.contents().keys
    }

    #[test]
    fn a_word_changes_with_its_value_alone() {
        let secret = |uid: &str, labels: Value, key: &str| {
            keys::<Secret>(json!({
                "metadata": {"name": "stripe", "uid": uid, "labels": labels},
                "data": {"api-key": key, "other": "eA=="},
            }))
        };
        let before = secret("1", json!({}), "c2VjcmV0");
        assert_eq!(before, secret("1", json!({"a": "b"}), "c2VjcmV0"));
        let after = secret("1", json!({}), "b3RoZXI=");
        assert_ne!(before["api-key"], after["api-key"]);
        assert_eq!(before["other"], after["other"]);
    }

    /// The password `secret` of two Secrets: who knows one word cannot look others up by it.
    #[test]
    fn a_secrets_words_have_its_uid_as_their_salt() {
        let word = |uid: &str| {
            let secret = json!({"metadata": {"name": "a", "uid": uid}, "data": {"k": "c2VjcmV0"}});
            keys::<Secret>(secret)["k"].clone()
        };
        assert_ne!(word("1"), word("2"));
        assert_ne!(word("1"), names::digest8(b"secret"));
        let map = json!({"metadata": {"name": "a", "uid": "1"}, "data": {"k": "secret"}});
        assert_eq!(keys::<ConfigMap>(map)["k"], names::digest8(b"secret"));
    }

    #[test]
    fn who_makes_it_is_its_controller() {
        let secret: Secret = serde_json::from_value(json!({"metadata": {"name": "a", "ownerReferences": [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": "b", "uid": "1"},
            {"apiVersion": "e/v1", "kind": "ExternalSecret", "name": "a", "uid": "2", "controller": true},
        ]}}))
        .unwrap();
        assert_eq!(controller(&secret).unwrap(), "ExternalSecret a");
    }
}
