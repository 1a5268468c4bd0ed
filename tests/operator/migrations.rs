//! Migrations and seeds: when they run, and how often.

use serde_json::json;

use crate::support::Space;

fn version(version: &str, more: &str) -> String {
    format!(
        "name: api\nversion: {version}\nimage: api:{version}\n\
         databases: [{{name: data, type: postgresql, version: '16'}}]\n{more}\n"
    )
}

/// The Jobs of a kind of work, by their label.
async fn jobs(space: &Space, component: &str) -> Vec<String> {
    let mut jobs = Vec::new();
    for name in space.names("Job").await {
        let job = space.get("Job", &name).await;
        if job["metadata"]["labels"]["app.kubernetes.io/component"] == component {
            jobs.push(name);
        }
    }
    jobs
}

#[tokio::test]
async fn it_runs_after_the_databases_before_the_pods_and_never_beside_another() {
    let space = Space::new("migrations").await;
    let migrating = |number: &str, ready: &str| {
        version(
            number,
            &format!(
                "migrations: {{command: [migrate]}}\n\
                 podTemplate: {{metadata: {{annotations: {{local-cluster.gravity.dev/ready: '{ready}'}}}}}}"
            ),
        )
    };
    space.services(&migrating("1.0.0", "true")).await;
    space
        .app("app", "{services: [{name: api}], updates: Automatic}")
        .await;
    space.ready("app").await;
    let provisioning = jobs(&space, "provisioning").await.remove(0);
    let migration = jobs(&space, "migration").await.remove(0);
    let requests = space.requests();
    let place = |resource: &str, name: &str| {
        let made = |one: &&crate::support::Request| {
            one.resource == resource && one.name == name && one.code == 201
        };
        requests.iter().find(made).unwrap().at.clone()
    };
    let order = [
        place("jobs", &provisioning),
        place("jobs", &migration),
        place("deployments", "api"),
    ];
    assert!(order.is_sorted(), "{order:?}");

    // The second version's never ends by itself, and the third's waits for it.
    space.services(&migrating("2.0.0", "false")).await;
    space
        .until("the second version migrates", async || {
            jobs(&space, "migration").await.len() == 2
        })
        .await;
    space.services(&migrating("3.0.0", "true")).await;
    space
        .until_says("app", "ServicesReady", "of another version to end")
        .await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let now = jobs(&space, "migration").await;
    assert!(!now.iter().any(|name| name.contains("3-0-0")), "{now:?}");
    let pods = space.names("Pod").await;
    let pod = pods.iter().find(|name| name.contains("migration-2-0-0"));
    let ready = json!({"metadata": {"annotations": {"local-cluster.gravity.dev/ready": "true"}}});
    space.merge("Pod", pod.unwrap(), ready).await;
    space.ready("app").await;
    // What is older goes once that is there.
    space
        .until("the newest migration is the only one", async || {
            let now = jobs(&space, "migration").await;
            now.len() == 1 && now[0].contains("3-0-0")
        })
        .await;
    // The pods went from the first version to the third.
    let api = space.get("Deployment", "api").await;
    assert_eq!(api["metadata"]["generation"], 2);
}

/// Data to try things with: once for a database, and never where production is.
#[tokio::test]
async fn a_seed_runs_once_and_not_in_production() {
    let space = Space::new("seeds").await;
    let seeded = "migrations: {command: [migrate], seed: [fill]}";
    space.services(&version("1.0.0", seeded)).await;
    let app = |environment: &str| {
        format!(
            "{{services: [{{name: api}}], updates: Automatic, environment: {environment}, \
             environments: {{staging: {{}}, production: {{}}}}}}"
        )
    };
    space.app("app", &app("production")).await;
    space.ready("app").await;
    assert_eq!(jobs(&space, "seed").await, Vec::<String>::new());
    space.app("app", &app("staging")).await;
    space
        .until("it is seeded", async || {
            jobs(&space, "seed").await.len() == 1
        })
        .await;
    space.ready("app").await;
    let seed = space.get("Job", &jobs(&space, "seed").await[0]).await;
    let container = &seed["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["command"], json!(["fill"]));
    assert_eq!(container["env"][0]["name"], "DATA_URL");

    space.services(&version("1.1.0", seeded)).await;
    space
        .until("the next version runs", async || {
            let api = space.get("Deployment", "api").await;
            api["spec"]["template"]["spec"]["containers"][0]["image"] == "api:1.1.0"
        })
        .await;
    space.ready("app").await;
    let now = jobs(&space, "seed").await;
    let uid = &space.get("Job", &now[0]).await["metadata"]["uid"];
    assert!(now.len() == 1 && *uid == seed["metadata"]["uid"]);
}

/// What ran is noted where the data's login is, and that stays when an app goes.
#[tokio::test]
async fn a_seed_does_not_run_again_for_an_app_that_comes_back_to_its_data() {
    let space = Space::new("seeds-again").await;
    let seeded = "migrations: {command: [migrate], seed: [fill]}";
    space.services(&version("1.0.0", seeded)).await;
    let app = "{services: [{name: api}], environment: staging, environments: {staging: {}}}";
    space.app("app", app).await;
    space.ready("app").await;
    let seed = jobs(&space, "seed").await.remove(0);
    let noted = async || {
        let login = space.get("Secret", "api-data").await;
        login["metadata"]["annotations"]["gravity.dev/seeded"] == json!(seed)
    };
    space.until("it is noted that it ran", noted).await;

    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    space
        .until("its Jobs are gone", async || {
            space.names("Job").await.is_empty()
        })
        .await;
    space.app("app", app).await;
    space.ready("app").await;
    assert_eq!(jobs(&space, "migration").await.len(), 1);
    assert_eq!(jobs(&space, "seed").await, Vec::<String>::new());
    assert!(noted().await);

    // What is there was filled, whatever else the service keeps now, and by whatever command.
    let more = version("1.1.0", &seeded.replace("fill", "fill-better"));
    let more = more.replace(
        "databases: [",
        "databases: [{name: sessions, type: redis}, ",
    );
    space.services(&more).await;
    let update = json!({"spec": {"updates": "Automatic"}});
    space.merge("GravityApp", "app", update).await;
    space.until_there("Secret", "api-sessions").await;
    space.ready("app").await;
    assert_eq!(jobs(&space, "seed").await, Vec::<String>::new());
    assert!(noted().await);
}
