//! Backups as the cluster has them: what is made, what outlives the app, what is told.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Space;

const SERVICE: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}, {name: cache, type: redis}]
";
const NAME: &str = "app-postgresql-16-backup";

fn app(policy: &str) -> String {
    let claim = "{schedule: '0 0 1 1 *', to: {claim: {storage: 5Gi}}}";
    let bucket = "{schedule: '@yearly', retention: {days: 30}, to: {s3: {endpoint: 'https://s3.example.com', bucket: backups, prefix: a/b, secretName: backups}}}";
    format!(
        "{{services: [{{name: api}}], deletionPolicy: {policy}, databases: {{postgresql: {{backup: {claim}}}, redis: {{backup: {bucket}}}}}}}"
    )
}

/// `gravity`, as a person runs it.
fn gravity(space: &Space, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gravity"))
        .args(arguments)
        .args(["--namespace", &space.name])
        .env("KUBECONFIG", space.suite.cluster.kubeconfig())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

/// Starts a backup of PostgreSQL, whose pods have these annotations; the name of its Job.
async fn back_up(space: &Space, annotations: Value) -> String {
    let template = json!({"metadata": {"annotations": annotations}});
    let patch = json!({"spec": {"jobTemplate": {"spec": {"template": template}}}});
    space.merge("CronJob", NAME, patch).await;
    // Jobs are named after the second of their start.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (code, said) = gravity(space, &["backup", "--server", "app-postgresql-16"]);
    assert_eq!(code, 0, "{said}");
    let (_, name) = said.split_once("Job ").unwrap();
    name.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_backup_that_fails_is_told_and_harms_nothing() {
    let space = Space::new("backup-fails").await;
    space.services(SERVICE).await;
    space.app("app", &app("Retain")).await;
    space.ready("app").await;
    assert_eq!(
        space.names("CronJob").await,
        ["app-api-redis-7-backup", NAME]
    );

    let job = back_up(&space, json!({})).await;
    space
        .until("the backup is done", async || {
            space.get("Job", &job).await["status"]["succeeded"] == 1
        })
        .await;
    let owner = &space.get("Job", &job).await["metadata"]["ownerReferences"][0];
    assert_eq!(
        (&owner["kind"], &owner["name"]),
        (&"CronJob".into(), &NAME.into())
    );
    insta::assert_snapshot!(space.says("app", "DatabasesReady").await, @"True Ready: every database is ready");

    let fails = json!({
        "local-cluster.gravity.dev/fail": "true",
        "local-cluster.gravity.dev/message": "no space left on device",
    });
    let job = back_up(&space, fails).await;
    let told = space
        .until_says("app", "DatabasesReady", "BackupFailed")
        .await;
    insta::assert_snapshot!(told.replace(&job, "JOB"), @"True BackupFailed: every database is ready; the last backup of app-postgresql-16 has failed: Job backup-fails/JOB: Job has reached the specified backoff limit; its pod says Error: no space left on device; its log says more: kubectl logs job/JOB -n backup-fails");
    let ready = space.until_says("app", "Ready", "the last backup of").await;
    assert!(ready.starts_with("True Ready: "), "{ready}");
    let told = "Warning BackupFailed: ";
    space
        .until("an event tells it", async || {
            let events = space.events("app").await;
            events.iter().any(|event| event.starts_with(told))
        })
        .await;

    let well = json!({"local-cluster.gravity.dev/fail": null});
    back_up(&space, well).await;
    space
        .until_says("app", "DatabasesReady", "True Ready")
        .await;
}

#[tokio::test]
async fn a_claim_of_backups_outlives_the_app_unless_the_data_goes() {
    let space = Space::new("backup-stays").await;
    space.services(SERVICE).await;
    space.app("app", &app("Retain")).await;
    space.ready("app").await;
    let claim = space.get("PersistentVolumeClaim", NAME).await;
    assert_eq!(claim["metadata"]["ownerReferences"], Value::Null);

    // What is no longer asked for is made no more, and what was made stays.
    space.app("app", "{services: [{name: api}]}").await;
    space.until_gone("CronJob", NAME).await;
    assert!(space.exists("PersistentVolumeClaim", NAME).await);
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    assert!(space.exists("PersistentVolumeClaim", NAME).await);

    space.app("app", &app("Delete")).await;
    space.ready("app").await;
    let again = space.get("PersistentVolumeClaim", NAME).await;
    assert_eq!(again["metadata"]["uid"], claim["metadata"]["uid"]);
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    assert!(!space.exists("PersistentVolumeClaim", NAME).await);
}

#[tokio::test]
async fn the_server_refuses_backups_that_cannot_be_right() {
    let space = Space::new("backup-refused").await;
    let refused = async |server: &str| {
        let spec = format!("{{services: [{{name: a}}], databases: {{postgresql: {server}}}}}");
        space.try_app("app", &spec).await.unwrap_err()
    };
    insta::assert_snapshot!(refused("{backup: {to: {claim: {storage: 1Gi}}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: [spec.databases.postgresql.backup.schedule: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#);
    insta::assert_snapshot!(refused("{backup: {schedule: '@daily'}}").await, @r#"GravityApp.gravity.dev "app" is invalid: [spec.databases.postgresql.backup.to: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#);
    insta::assert_snapshot!(refused("{backup: {schedule: '@daily', to: {}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.databases[postgresql].backup.to: Invalid value: write claim or s3, and only one of them"#);
    insta::assert_snapshot!(refused("{backup: {schedule: '@daily', to: {claim: {storage: 1Gi}, s3: {bucket: abc, secretName: a}}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.databases[postgresql].backup.to: Invalid value: write claim or s3, and only one of them"#);
    insta::assert_snapshot!(refused("{backup: {schedule: '@daily', retention: {count: 0}, to: {claim: {storage: 1Gi}}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.databases.postgresql.backup.retention.count: Invalid value: 0: spec.databases.postgresql.backup.retention.count in body should be greater than or equal to 1"#);
    insta::assert_snapshot!(refused("{backup: {schedule: '@daily', retention: {}, to: {claim: {storage: 1Gi}}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.databases[postgresql].backup.retention: Invalid value: write how many backups of each database are kept, as count: 7, or of how many days, as days: 30; or take it out"#);
    insta::assert_snapshot!(refused("{mode: External, secretName: a, backup: {schedule: '@daily', to: {claim: {storage: 1Gi}}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.databases[postgresql]: Invalid value: backup is for servers that Gravity runs itself: take it out, and use the backups of the managed server or of CloudNativePG"#);
    insta::assert_snapshot!(refused("{backup: {schedule: '@daily', to: {s3: {endpoint: store, bucket: abc, secretName: a}}}}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.databases[postgresql].backup.to.s3.endpoint: Invalid value: "store": write a server's address without a path, as https://s3.example.com"#);
}

#[tokio::test]
async fn what_cannot_be_is_told_in_a_condition() {
    let space = Space::new("backup-invalid").await;
    space.services(SERVICE).await;
    space
        .app("app", "{services: [{name: api}], databases: {kafka: {backup: {schedule: '0 25 * * *', to: {claim: {storage: 1Gi}}}}}}")
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @r#"True InvalidSpec: GravityApp backup-invalid/app: spec.databases.kafka.backup: kafka cannot be backed up: its topics are read from the beginning, or mirrored to another cluster by MirrorMaker; take it out (there are backups of postgresql, postgis, mysql, mariadb, redis); GravityApp backup-invalid/app: spec.databases.kafka.backup.schedule: "0 25 * * *": the hour 25: "25" is out of range: write 0 to 23"#);
}

#[tokio::test]
async fn a_person_is_told_what_there_is_to_back_up() {
    let space = Space::new("backup-asked").await;
    let backup = "20261121T020000Z.app-postgresql-16.data";
    insta::assert_snapshot!(gravity(&space, &["backup", "--wait"]).1, @"error: no database server in namespace backup-asked is backed up: write databases.<engine>.backup into the GravityApp, with a schedule and a place; backups that were made stay where they are, and are seen again with it");
    insta::assert_snapshot!(gravity(&space, &["backups", "none"]).1, @"error: there is no GravityApp none in namespace backup-asked: there is none; name another namespace by -n, or apply it by `gravity start`");
    space.services(SERVICE).await;
    space.app("app", &app("Retain")).await;
    space.ready("app").await;
    insta::assert_snapshot!(gravity(&space, &["backups", "--server", "app-mariadb-11-4"]).1, @"error: the server app-mariadb-11-4 in namespace backup-asked is not backed up: there is app-api-redis-7, app-postgresql-16");
    insta::assert_snapshot!(gravity(&space, &["restore", backup, "--to", "data"]).1, @"error: data on app-postgresql-16 would be replaced: say --yes, or restore beside it, to a new name");
    insta::assert_snapshot!(gravity(&space, &["restore", "auth_db", "--to", "data"]).1, @r#"
    error: invalid value 'auth_db' for '<BACKUP>': no backup has this name: write one of those that gravity backups shows, as 20261121T020000Z.shop-postgresql-15.auth_db

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(gravity(&space, &["restore", backup, "--to", "a;b"]).1, @r#"
    error: invalid value 'a;b' for '--to <DATABASE>': no database can have this name: write at most 64 letters, digits, _ and -, as auth_db_restored

    For more information, try '--help'.
    "#);
}

#[tokio::test]
async fn a_restore_waits_for_no_other_and_joins_none() {
    let space = Space::new("restore-once").await;
    space.services(SERVICE).await;
    space.app("app", &app("Retain")).await;
    space.ready("app").await;
    let pods = |annotations: Value| {
        let template = json!({"metadata": {"annotations": annotations}});
        let patch = json!({"spec": {"jobTemplate": {"spec": {"template": template}}}});
        space.merge("CronJob", NAME, patch)
    };
    let backup = "20261121T020000Z.app-postgresql-16.data";
    let restore = ["restore", backup, "--to", "data_again"];
    let job = format!("{NAME}-restore");

    pods(json!({"local-cluster.gravity.dev/ready": "false"})).await;
    let first = space.suite.cluster.kubeconfig();
    let mut first = Command::new(env!("CARGO_BIN_EXE_gravity"))
        .args(restore)
        .args(["--namespace", &space.name])
        .env("KUBECONFIG", first)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    space
        .until("the first restore runs", async || {
            space.exists("Job", &job).await
        })
        .await;
    let (code, said) = gravity(&space, &restore);
    insta::assert_snapshot!(said, @"error: the Job app-postgresql-16-backup-restore runs already, and two at once would spoil each other's work: wait for its end (kubectl logs -f job/app-postgresql-16-backup-restore -n restore-once), and then try again");
    assert_eq!(code, 1);

    // Who takes the Job away ends the restore.
    space.delete("Job", &job).await;
    let told = tokio::task::spawn_blocking(move || {
        let mut told = String::new();
        first
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        (first.wait().unwrap().code(), told)
    });
    let (code, said) = told.await.unwrap();
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(said, @"
    error: the Job app-postgresql-16-backup-restore has failed:
    it was deleted before its end
    ");

    // One that has ended makes room for the next. A simulated pod has no log to be read.
    pods(json!({"local-cluster.gravity.dev/ready": null})).await;
    let mut all = BTreeSet::new();
    for _ in 0..2 {
        let (_, said) = gravity(&space, &restore);
        assert!(said.contains(" cannot be read: "), "{said}");
        let job = space.get("Job", &job).await;
        assert_eq!(job["status"]["succeeded"], 1);
        all.insert(job["metadata"]["uid"].to_string());
    }
    assert_eq!(all.len(), 2);
}
