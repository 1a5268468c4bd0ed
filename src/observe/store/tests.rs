//! What becomes of our own writes.

use tokio::sync::mpsc::unbounded_channel;

use super::*;
use kube::api::DynamicObject;
use serde_json::json;

use crate::observe::FailureKind;

fn deployment() -> (AppKey, ObjectKey) {
    let app = AppKey {
        namespace: "shop".to_owned(),
        name: "shop".to_owned(),
    };
    let key = ObjectKey {
        kind: Kind::Deployment,
        namespace: "shop".to_owned(),
        name: "users".to_owned(),
    };
    (app, key)
}

/// A write that fails as often as the one under way has failed before, and once more.
fn fail(store: &Store, digest: &str) -> u32 {
    let (app, key) = deployment();
    assert!(store.begin_write(&app, &key));
    let attempts = store.failures(&app, &key, digest) + 1;
    let failure = Failure {
        digest: digest.to_owned(),
        kind: FailureKind::Transient,
        attempts,
        retry_at: Timestamp::UNIX_EPOCH,
        message: "away".to_owned(),
    };
    store.fail(&app, &key, failure);
    attempts
}

#[test]
fn failures_are_counted_in_a_row_until_something_else_is_wanted_or_one_is_taken() {
    let (wakes, _woken) = unbounded_channel();
    let store = Store::new(wakes);
    let (app, key) = deployment();
    assert_eq!([1, 2, 3], [(); 3].map(|()| fail(&store, "old")));
    assert_eq!(fail(&store, "new"), 1);
    assert_eq!(fail(&store, "new"), 2);
    store.begin_write(&app, &key);
    let answer = Answer {
        resource_version: 7,
        changed: None,
        at: Timestamp::UNIX_EPOCH,
    };
    store.acknowledge(&app, &key, answer);
    assert_eq!(fail(&store, "new"), 1);
}

/// The deletion's answer comes before the watch shows it.
#[test]
fn what_was_deleted_is_known_to_go_and_a_new_object_of_its_name_is_not() {
    let (wakes, _woken) = unbounded_channel();
    let store = Store::new(wakes);
    let (app, key) = deployment();
    let show = |uid: &str, version: &str| {
        let object: DynamicObject = serde_json::from_value(json!({
            "metadata": {"name": "users", "namespace": "shop", "uid": uid, "resourceVersion": version},
        }))
        .unwrap();
        let live = Live::new(Kind::Deployment, object).unwrap();
        let watch = (Kind::Deployment, None);
        store.seen(
            &watch,
            key.clone(),
            app.clone(),
            Seen::Object(Box::new(live)),
        );
    };
    let goes = || store.lock().apps[&app].live[&key].deleting;
    show("old", "7");
    store.begin_write(&app, &key);
    store.acknowledge_deletion(&app, &key, Some("old"));
    assert!(goes());
    show("new", "9");
    assert!(!goes());
    store.begin_write(&app, &key);
    store.acknowledge_deletion(&app, &key, Some("old"));
    assert!(!goes());
}
