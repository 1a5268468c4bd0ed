//! A pooler between services and their server.

use serde_json::{Value, json};

use crate::support::Space;

const SERVICES: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
migrations: {command: [migrate]}
";
const PLAIN: &str = "{services: [{name: api}]}";
const POOLED: &str = "{services: [{name: api}], databases: {postgresql: {pooler: {}}}}";
const POOLER: &str = "app-postgresql-16-pooler";

/// From which key of its Secret the container of an object has its URL.
fn key(object: &Value) -> String {
    let env = object.pointer("/spec/template/spec/containers/0/env");
    let mut env = env.unwrap().as_array().unwrap().iter();
    let url = env.find(|one| one["name"] == "DATA_URL").unwrap();
    let key = &url["valueFrom"]["secretKeyRef"]["key"];
    key.as_str().unwrap().to_owned()
}

async fn host(space: &Space) -> String {
    let host = &space.get("Secret", "api-data").await["data"]["host"];
    let host: k8s_openapi::ByteString = serde_json::from_value(host.clone()).unwrap();
    String::from_utf8(host.0).unwrap()
}

/// The place of the first of these writes among all.
fn first(space: &Space, what: &str) -> usize {
    let writes = space.writes();
    let at = writes.iter().position(|write| write.contains(what));
    at.unwrap_or_else(|| panic!("{what} is not among {writes:#?}"))
}

#[tokio::test]
async fn a_service_comes_through_it_and_its_migration_past_it() {
    let space = Space::new("pooler").await;
    space.services(SERVICES).await;
    space.app("app", POOLED).await;
    space.ready("app").await;
    assert_eq!(host(&space).await, POOLER);
    assert_eq!(key(&space.get("Deployment", "api").await), "uri");
    let jobs = space.names("Job").await;
    let migration = jobs.iter().find(|job| job.contains("migration")).unwrap();
    assert_eq!(key(&space.get("Job", migration).await), "direct-uri");
    assert_eq!(
        space.get("Deployment", POOLER).await["status"]["readyReplicas"],
        2
    );
    assert!(space.exists("PodDisruptionBudget", POOLER).await);
    // Its own login comes first, then its pods, then those who use it.
    let login = first(&space, "jobs app-postgresql-16-pooler-");
    let pods = first(&space, "deployments app-postgresql-16-pooler");
    assert!(login < pods && pods < first(&space, "deployments api"));
    // The administrator's Secret is in no pod of a service or of the pooler.
    for name in ["api", POOLER] {
        let deployment = space.get("Deployment", name).await.to_string();
        assert!(!deployment.contains("app-postgresql-16-admin"), "{name}");
    }
    space.is_quiet_for(std::time::Duration::from_secs(2)).await;
}

/// Whoever runs is led to it when it answers, and not before; and back again at once.
#[tokio::test]
async fn it_comes_and_goes_under_a_service_that_runs() {
    let space = Space::new("pooler-comes").await;
    space.services(SERVICES).await;
    space.app("app", PLAIN).await;
    space.ready("app").await;
    let set = space.get("StatefulSet", "app-postgresql-16").await;
    let before = space.get("Deployment", "api").await["metadata"]["generation"].clone();

    // It cannot be made: a service that is led there now would have no database.
    let quota = json!({"spec": {"hard": {"count/deployments.apps": "1"}}});
    space.apply("ResourceQuota", "one", quota).await.unwrap();
    space.app("app", POOLED).await;
    space.until_says("app", "Ready", "exceeded quota").await;
    let now = space.get("Deployment", "api").await["metadata"]["generation"].clone();
    assert_eq!(now, before, "it waits for a pooler that answers");
    space.delete("ResourceQuota", "one").await;
    space.ready("app").await;
    assert_eq!(host(&space).await, POOLER);
    let after = space.get("Deployment", "api").await["metadata"]["generation"].clone();
    assert_ne!(after, before);

    space.app("app", PLAIN).await;
    space.ready("app").await;
    space.until_gone("Deployment", POOLER).await;
    assert_eq!(host(&space).await, "app-postgresql-16");
    let secret = space.get("Secret", "api-data").await;
    assert_eq!(secret["data"].get("direct-uri"), None);
    let same = space.get("StatefulSet", "app-postgresql-16").await;
    assert_eq!(
        same["metadata"]["generation"],
        set["metadata"]["generation"]
    );
}

/// Two logins are right in between, so the pooler has nothing to do with it.
#[tokio::test]
async fn a_rotation_restarts_the_service_and_not_the_pooler() {
    let space = Space::new("pooler-rotation").await;
    space.services(SERVICES).await;
    space.app("app", POOLED).await;
    space.ready("app").await;
    let generation = async |name: &str| {
        let deployment = space.get("Deployment", name).await;
        deployment["metadata"]["generation"].as_i64().unwrap()
    };
    let (api, pooler) = (generation("api").await, generation(POOLER).await);
    let asked = json!({"metadata": {"annotations": {"gravity.dev/rotate-credentials": "1"}}});
    space.merge("GravityApp", "app", asked).await;
    space
        .until("the service restarts with the other login", async || {
            generation("api").await > api
        })
        .await;
    space.ready("app").await;
    assert_eq!(generation(POOLER).await, pooler);
}
