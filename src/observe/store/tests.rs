//! What becomes of our own writes.

use tokio::sync::mpsc::unbounded_channel;

use super::*;
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
