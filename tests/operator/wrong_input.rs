//! Wrong input of databases and migrations: each is told with its way out, which is taken,
//! and nothing else is harmed. What takes a real server is told by `e2e/tests/wrong/`.

use crate::support::{Space, condition};

const WEB: &str = "name: web\nversion: 1.0.0\nimage: web:1\n";

/// A namespace in which `web` of the app runs beside a service that does not.
async fn beside_web(name: &str, service: &str, app: &str) -> Space {
    let space = Space::new(name).await;
    space.services(&format!("{WEB}---\n{service}")).await;
    space
        .app(
            "app",
            &format!("{{services: [{{name: web}}, {{name: api}}]{app}}}"),
        )
        .await;
    space
}

async fn phase(space: &Space, service: &str) -> String {
    let app = space.get("GravityApp", "app").await;
    let services = app["status"]["services"].as_array().unwrap().clone();
    let found = services.iter().find(|one| one["name"] == service);
    found.unwrap()["phase"].as_str().unwrap().to_owned()
}

/// The GravityService cannot be used, and what mends it is the next one.
#[tokio::test]
async fn an_engine_or_version_that_is_none_is_told_with_those_that_are() {
    let space = Space::new("no-engine").await;
    let api = |database: &str, version: &str| {
        format!(
            "name: api\nversion: {version}\nimage: api:1\ndatabases: [{{name: data, {database}}}]\n"
        )
    };
    let wrong = ["type: oracle", "type: postgresql, version: '9.6'"];
    let mut told = Vec::new();
    for (index, database) in wrong.into_iter().enumerate() {
        let version = format!("1.0.{index}");
        space.services(&api(database, &version)).await;
        let name = format!("api-{version}");
        let accepted = async || {
            let service = space.get("GravityService", &name).await;
            condition(&service, "Accepted")
        };
        space
            .until("it is told to be wrong", async || {
                accepted().await["status"] == "False"
            })
            .await;
        told.push(accepted().await["message"].as_str().unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    GravityService no-engine/api-1.0.0: spec.databases[0].type: "oracle" is no engine that is known (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)
    GravityService no-engine/api-1.0.1: spec.databases[0].version: "9.6" is no version of postgresql that is known: write one of "14", "15", "16", "17", "18"
    "#);
    space.services(WEB).await;
    space
        .app("app", "{services: [{name: web}, {name: api}]}")
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @"True DependencyMissing: app asks for api, and there is no service of that name. To mend it, correct the GravityService no-engine/api-1.0.0.");
    space
        .services(&api("type: postgresql, version: '16'", "1.0.2"))
        .await;
    space.ready("app").await;
}

#[tokio::test]
async fn a_database_that_two_services_claim_and_a_variable_that_two_make_are_told() {
    let space = Space::new("claimed-twice").await;
    let service = |name: &str, version: &str, databases: &str| {
        format!("name: {name}\nversion: {version}\nimage: {name}:1\ndatabases: [{databases}]\n")
    };
    let orders = "{name: orders, type: postgresql, version: '16'}";
    let two =
        "{name: a_b, type: postgresql, version: '16'}, {name: cache, type: redis, env: A_B_URL}";
    let all = [
        service("api", "1.0.0", orders),
        service("shop", "1.0.0", orders),
        WEB.into(),
    ];
    space.services(&all.join("---\n")).await;
    space
        .app(
            "app",
            "{services: [{name: web}, {name: api}], updates: Automatic}",
        )
        .await;
    space.ready("app").await;
    space
        .app(
            "app",
            "{services: [{name: web}, {name: api}, {name: shop}], updates: Automatic}",
        )
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @"True PlanFailed: api and shop both claim the database orders on app-postgresql-16: give one of them another name, or make one service its owner and let the other call it");
    space.services(&service("shop", "1.0.1", two)).await;
    let told = space.until_says("app", "Stalled", "variable").await;
    insta::assert_snapshot!(told, @"True PlanFailed: shop: the variable A_B_URL comes from the database a_b and from the database cache: rename one of them, or set databases[].env");
    // What ran goes on, and the next version is taken.
    assert_eq!(space.names("Deployment").await, ["api", "web"]);
    space
        .services(&service(
            "shop",
            "1.0.2",
            &two.replace(", env: A_B_URL", ""),
        ))
        .await;
    space.ready("app").await;
}

/// A migration that never ends is ended by its own limit. The old version serves on.
#[tokio::test]
async fn a_migration_that_never_ends_is_ended_and_told() {
    let space = beside_web(
        "endless",
        "name: api\nversion: 1.0.0\nimage: api:1\n",
        ", updates: Automatic",
    )
    .await;
    space.ready("app").await;
    let next = |version: &str, ready: bool| {
        format!(
            "name: api\nversion: {version}\nimage: api:{version}\n\
             migrations: {{command: [migrate], timeout: 3s, retries: 0}}\n\
             podTemplate: {{metadata: {{annotations: {{local-cluster.gravity.dev/ready: '{ready}'}}}}}}\n"
        )
    };
    space.services(&next("2.0.0", false)).await;
    let told = space.until_says("app", "Ready", "JobFailed").await;
    let jobs = space.names("Job").await;
    let suffix = jobs[0].rsplit_once('-').unwrap().1;
    insta::assert_snapshot!(told.replace(suffix, "HASH"), @"False JobFailed: migration/api: Job endless/api-migration-2-0-0-HASH: Job was active longer than specified deadline; it was ended with what it was doing: mend what it waits for, or give it longer by migrations.timeout");
    let api = space.get("Deployment", "api").await;
    let image = &api["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(
        (image, &api["status"]["readyReplicas"]),
        (&"api:1".into(), &1.into())
    );
    assert_eq!(phase(&space, "web").await, "Running");
    space.services(&next("2.0.1", true)).await;
    space.ready("app").await;
}

/// Gravity may not read StorageClasses: the claim says which it waits for.
#[tokio::test]
async fn a_storage_class_that_is_missing_is_named_with_its_claim() {
    let api = "name: api\nversion: 1.0.0\nimage: api:1\ndatabases: [{name: data, type: postgresql, version: '16'}]\n";
    let app = |class: &str| format!(", databases: {{postgresql: {{storageClassName: {class}}}}}");
    let space = beside_web("no-class", api, &app("fast")).await;
    let told = space
        .until_says("app", "DatabasesReady", "StorageClass")
        .await;
    insta::assert_snapshot!(told, @"False Progressing: server/app-postgresql-16: StatefulSet no-class/app-postgresql-16: 0 of 1 pods are ready; PersistentVolumeClaim no-class/data-app-postgresql-16-0 waits for a volume of the StorageClass fast, which is not there or gives none: make it (kubectl get storageclass tells which there are), or write another as the storageClassName of databases.<engine>");
    space
        .until("web runs", async || phase(&space, "web").await == "Running")
        .await;
    let services = "services: [{name: web}, {name: api}]";
    space
        .app("app", &format!("{{{services}{}}}", app("standard")))
        .await;
    let told = space
        .until_says("app", "DatabasesReady", "StorageRefused")
        .await;
    insta::assert_snapshot!(told, @"False StorageRefused: storage/app-postgresql-16: PersistentVolumeClaim no-class/data-app-postgresql-16-0 is left as it is: it is of the StorageClass fast, has no volume yet and cannot move to standard: delete its StatefulSet, and then this claim; both are made anew, and nothing is on them");
    space.delete("StatefulSet", "app-postgresql-16").await;
    space
        .delete("PersistentVolumeClaim", "data-app-postgresql-16-0")
        .await;
    space.ready("app").await;
}

/// Databases, logins and migrations are made again when somebody asks, and nothing else is.
#[tokio::test]
async fn what_is_asked_for_again_runs_again_and_rolls_nobody() {
    let api = "name: api\nversion: 1.0.0\nimage: api:1\nmigrations: {command: [m]}\ndatabases: [{name: data, type: postgresql, version: '16'}]\n";
    let space = beside_web("asked-again", api, "").await;
    space.ready("app").await;
    let uids = async |kind: &str| {
        let mut uids = Vec::new();
        for name in space.names(kind).await {
            uids.push(space.get(kind, &name).await["metadata"]["uid"].clone());
        }
        uids
    };
    let generation =
        async || space.get("Deployment", "api").await["metadata"]["generation"].clone();
    let (jobs, secrets, before) = (uids("Job").await, uids("Secret").await, generation().await);
    let ask =
        serde_json::json!({"metadata": {"annotations": {"gravity.dev/provision-again": "1"}}});
    for _ in 0..2 {
        space.merge("GravityApp", "app", ask.clone()).await;
        space
            .until("both Jobs are others", async || {
                let now = uids("Job").await;
                now.len() == jobs.len() && now.iter().all(|uid| !jobs.contains(uid))
            })
            .await;
        space.ready("app").await;
    }
    assert_eq!(jobs.len(), 2);
    assert_eq!(
        (uids("Secret").await, generation().await),
        (secrets, before)
    );
    space.is_quiet_for(std::time::Duration::from_secs(1)).await;
}
