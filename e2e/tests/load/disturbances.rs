//! What happens to the app while it is written to.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::application::{Application, condition};
use crate::keepers::{self, APP, FIRST, KEEPERS};
use crate::run::{Refusals, Run};
use crate::{Stand, keepers::Keeper};

/// How long nothing happens.
const CALM: Duration = Duration::from_secs(5);

/// Long enough that the operator has begun to work.
const BETWEEN_KILLS: Duration = Duration::from_secs(3);

/// Versions of which one cannot be reached, and the other can.
const BAD: &str = "1.1.0";
const GOOD: &str = "1.2.0";

/// One after the other. The first leaves a configuration behind that all others go on with.
pub(crate) async fn all(stand: &mut Stand, run: &mut Run) {
    use Refusals::{Allowed, Forbidden};
    run.phase("nothing happens", Forbidden, stand, nothing)
        .await;
    run.phase("operator killed", Forbidden, stand, operator_is_killed)
        .await;
    run.phase(
        "service pods deleted",
        Forbidden,
        stand,
        services_are_deleted,
    )
    .await;
    run.phase("server pods deleted", Allowed, stand, servers_are_deleted)
        .await;
    if stand.bed.own_cluster().is_some() {
        run.phase("runtime restarted", Allowed, stand, runtime_restarts)
            .await;
    }
    run.phase("passwords rotated", Forbidden, stand, passwords_rotate)
        .await;
    run.phase("migration fails", Forbidden, stand, migrations_fail)
        .await;
    run.phase("version upgraded", Forbidden, stand, versions_go_up)
        .await;
    run.phase("version rolled back", Forbidden, stand, versions_go_down)
        .await;
}

async fn nothing(_: &mut Stand) {
    sleep(CALM).await;
}

/// With work to do: all services get another configuration.
async fn operator_is_killed(stand: &mut Stand) {
    killing_the_operator(stand, |app| app.become_app(&wanted(|_| FIRST))).await;
}

/// The app from its second configuration on.
fn wanted(version: impl Fn(&Keeper) -> &'static str) -> Value {
    let mut app = keepers::app(version);
    for service in app["spec"]["services"].as_array_mut().unwrap() {
        service["env"] = json!({"NOTE": "changed while the operator was killed"});
    }
    app
}

/// One pod of each service, and then the other.
async fn services_are_deleted(stand: &mut Stand) {
    blocking(stand, |app| {
        let pods = app.pods();
        for number in 0..2 {
            delete(app, &of_each_service(&pods, number));
        }
    })
    .await;
}

/// The names and uids of the pods that are the first, or the second, of their services.
fn of_each_service(pods: &[Value], number: usize) -> BTreeMap<String, String> {
    let service = |pod: &Value| pod["metadata"]["labels"]["app.kubernetes.io/name"].clone();
    let of = |keeper: &Keeper| {
        let mut pods = pods.iter().filter(|pod| service(pod) == keeper.service);
        identity(pods.nth(number).unwrap())
    };
    KEEPERS.iter().map(of).collect()
}

/// The pod's name and uid.
fn identity(pod: &Value) -> (String, String) {
    let field = |name: &str| pod["metadata"][name].as_str().unwrap().to_owned();
    (field("name"), field("uid"))
}

/// All at once, and what would heal them is killed again and again.
async fn servers_are_deleted(stand: &mut Stand) {
    killing_the_operator(stand, |app| {
        let is_server = |name: &str| KEEPERS.iter().any(|keeper| keeper.server == name);
        let mut servers: BTreeMap<_, _> = app.pods().iter().map(identity).collect();
        servers.retain(|name, _| is_server(name));
        assert_eq!(servers.len(), KEEPERS.len());
        delete(app, &servers);
    })
    .await;
}

/// Deletes pods, and waits until others stand in their places.
fn delete(app: &Application, pods: &BTreeMap<String, String>) {
    let mut command = vec!["delete", "pod"];
    command.extend(pods.keys().map(String::as_str));
    app.kubectl.answer(&command, "");
    app.recovers(pods);
}

/// Whatever the kubelet makes of its own restart, it does before it has new pods running.
async fn runtime_restarts(stand: &mut Stand) {
    let cluster = stand.bed.own_cluster().unwrap();
    cluster.restart_runtime().await.unwrap();
    blocking(stand, |app| delete(app, &of_each_service(&app.pods(), 0))).await;
}

/// Until the old logins let nobody in any more.
async fn passwords_rotate(stand: &mut Stand) {
    blocking(stand, |app| {
        let ask = [
            "annotate",
            "gravityapp",
            APP,
            "gravity.dev/rotate-credentials=load",
        ];
        app.kubectl.answer(&ask, "");
        let rotating: Vec<_> = KEEPERS.iter().filter(|keeper| keeper.rotates).collect();
        app.wait("all logins are other ones", || {
            rotating.iter().all(|keeper| has_rotated(app, keeper))
        });
        app.ready();
    })
    .await;
}

fn has_rotated(app: &Application, keeper: &Keeper) -> bool {
    let secret = app.kubectl.get("secret", &keeper.secret());
    let annotations = &secret["metadata"]["annotations"];
    let under_way = ["next-credential-id", "previous-credential-id"];
    let has = |name: &str| annotations[format!("gravity.dev/{name}")].is_string();
    has("rotated") && !under_way.into_iter().any(has)
}

/// The old version goes on, and the app says what the migration said.
async fn migrations_fail(stand: &mut Stand) {
    blocking(stand, |app| {
        let fails = [("SCHEMA", "3"), ("MIGRATION", "fail")];
        app.release(BAD, |keeper| keeper.has_schema, &fails);
        app.apply(&wanted(
            |keeper| if keeper.has_schema { BAD } else { FIRST },
        ));
        app.wait("the app tells of the migration", || {
            let stalled = condition(&app.get(), "Stalled");
            let told = stalled["message"].as_str().unwrap_or_default();
            stalled["status"] == "True" && told.contains("version 3 failed, as it was asked to")
        });
        app.become_app(&wanted(|_| FIRST));
    })
    .await;
}

async fn versions_go_up(stand: &mut Stand) {
    blocking(stand, |app| {
        app.release(GOOD, |_| true, &[("SCHEMA", "3")]);
        app.become_app(&wanted(|_| GOOD));
    })
    .await;
}

async fn versions_go_down(stand: &mut Stand) {
    blocking(stand, |app| app.become_app(&wanted(|_| FIRST))).await;
}

/// Does what waits for other programs, beside those who write.
async fn blocking(stand: &Stand, work: impl FnOnce(&Application) + Send + 'static) {
    let app = stand.app.clone();
    tokio::task::spawn_blocking(move || work(&app))
        .await
        .unwrap();
}

/// The same, while the operator is killed every few seconds.
async fn killing_the_operator(stand: &mut Stand, work: impl FnOnce(&Application) + Send + 'static) {
    let app = stand.app.clone();
    let mut work = tokio::task::spawn_blocking(move || work(&app));
    loop {
        tokio::select! {
            done = &mut work => return done.unwrap(),
            () = sleep(BETWEEN_KILLS) => {
                let operator = stand.bed.operator();
                operator.kill().await.unwrap();
                operator.restart().await.unwrap();
            }
        }
    }
}
