//! The commands of a person, from an empty folder to an application that runs, and back.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::json;

use crate::person::{API, Person, STUCK, WEB};
use crate::support::{Space, ageless};

/// What `status --watch` tells until it is ended by Ctrl-C.
fn watched(person: &Person) -> String {
    let mut command = person.program(&["status", "--watch"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("web 1.0.0") {
        assert!(told.read_line(&mut text).unwrap() > 0, "{text}");
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    text
}

fn interrupt(child: &std::process::Child) {
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_folder_to_an_application_and_back() {
    let space = Space::new("person").await;
    let person = Person::new(&space, &[API, WEB]);
    insta::assert_snapshot!(person.gravity(&["install"]).answer(), @r"
    NAME  VERSION  WAVE  REQUIRED BY
    api   1.0.0    0     person; web ^1
    web   1.0.0    1     person

    person in namespace person: 2 services, 1 database on person-postgresql-16, 21 objects
      api  http://person.example.com/api
    ");
    let started = person.gravity(&["start"]);
    assert_eq!(started.code, 0, "{}{}", started.stdout, started.stderr);
    insta::assert_snapshot!(ageless(&started.stdout), @r"
    person/person Ready 2/2 services ready revision 7ce8637d
    http://person.example.com

    SERVICE VERSION PHASE REPLICAS SINCE WAITS FOR / URL
    api 1.0.0 Running 1/1 AGE /api
    web 1.0.0 Running 2/2 AGE
    ");
    let first = started.stderr.lines().next().unwrap();
    insta::assert_snapshot!(first, @"Applied 2 versions of services and the application person to namespace person.");
    let last = started.stderr.lines().last().unwrap();
    insta::assert_snapshot!(last, @"web 1.0.0: Running");

    // Without a name each verb means the application of this folder.
    let status = person.gravity(&["status"]).answer();
    assert!(status.contains("person/person  Ready"), "{status}");
    let url = person.gravity(&["open"]).answer();
    assert_eq!(url, "http://person.example.com/api\n");
    let none = person.gravity(&["open", "web"]);
    insta::assert_snapshot!(none.stderr, @"error: web has no URL: its manifest needs api.prefix and the application a gateway; `gravity port-forward SERVICE` reaches it without");
    let unready = person.gravity(&["port-forward", "api", "0"]);
    assert_eq!(unready.code, 2, "{}", unready.stderr);
    let watched = watched(&person);
    assert!(watched.contains("api 1.0.0: Running"), "{watched}");
    let events = person.gravity(&["events", "api"]).answer();
    assert!(events.contains("LAST SEEN"), "{events}");
    insta::assert_snapshot!(person.gravity(&["restart", "web"]).answer(), @"web restarts.");
    let web = space.get("Deployment", "web").await;
    let template = &web["spec"]["template"]["metadata"]["annotations"];
    assert!(template["kubectl.kubernetes.io/restartedAt"].is_string());
    let unknown = person.gravity(&["restart", "wob"]);
    insta::assert_snapshot!(unknown.stderr, @"error: person has no service wob: there is api, web");

    let changed = |arguments: &[&str]| {
        let text = person
            .gravity(&[arguments, &["-o", "json"]].concat())
            .answer();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    insta::assert_snapshot!(changed(&["restart"]), @r#"{"app":"person","change":"restarted","namespace":"person","services":["api","web"]}"#);

    // What `scale` changes stays by the next `start`, and goes by --auto.
    insta::assert_snapshot!(person.gravity(&["scale", "web", "--replicas", "3"]).answer(), @"web has 3 pods now: a fixed number takes the place of its autoscaler (2 to 4); `gravity scale web --auto` gives that back.");
    let text = fs::read_to_string(person.path("gravity.yaml")).unwrap();
    assert!(text.contains("replicas: 3"), "{text}");
    person.gravity(&["start"]).answer();
    space
        .until("web has three pods", async || {
            space.get("Deployment", "web").await["status"]["readyReplicas"] == 3
        })
        .await;
    insta::assert_snapshot!(changed(&["scale", "web", "--replicas", "3"]), @r#"{"app":"person","namespace":"person","replicas":3,"service":"web"}"#);
    insta::assert_snapshot!(person.gravity(&["scale", "web", "--auto"]).answer(), @"web has as many pods as its manifest says.");
    person.gravity(&["start"]).answer();
    space.until_there("HorizontalPodAutoscaler", "web").await;

    // What is no longer in the files is no longer in the catalogue.
    person.gravity(&["remove", "web"]).answer();
    let again = person.gravity(&["start"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(
        again.stderr.contains("Took web-1.0.0 out of the catalogue"),
        "{}",
        again.stderr
    );
    assert_eq!(space.names("GravityService").await, ["api-1.0.0"]);
    space.until_gone("Deployment", "web").await;

    let unasked = person.gravity(&["delete"]);
    assert_eq!(unasked.code, 1);
    insta::assert_snapshot!(unasked.stderr, @r"
    person/person goes, with its services api.
    Its data stays, with the Secrets to it: data-person-postgresql-16-0.
    error: nothing was deleted: say --yes where nobody can be asked
    ");
    insta::assert_snapshot!(person.gravity(&["delete", "--yes"]).answer(), @"person is gone.");
    assert!(!space.exists("GravityApp", "person").await);
    assert_eq!(space.names("GravityService").await, Vec::<String>::new());
    assert_eq!(space.names("PersistentVolumeClaim").await.len(), 1);
    let gone = person.gravity(&["status"]);
    assert_eq!(gone.code, 1);
    insta::assert_snapshot!(gone.stderr, @"error: there is no GravityApp person in namespace person: there is none; name another namespace by -n, or apply it by `gravity start`");
}

/// What `install` shows is what runs, whatever ran before.
#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_folder_is_started_and_runs() {
    let space = Space::new("renewed").await;
    let person = Person::new(&space, &[API]);
    person.gravity(&["start"]).answer();
    let newer = API.replace("1.0.0", "1.1.0").replace("api:1", "api:2");
    fs::write(person.folder.path().join("0.yaml"), newer).unwrap();
    let updated = person.gravity(&["update"]).answer();
    assert!(
        updated.contains("1.1.0") && updated.contains("gone"),
        "{updated}"
    );
    let started = person.gravity(&["start"]).answer();
    assert!(started.contains("1.1.0"), "{started}");
    let live = space.get("Deployment", "api").await;
    let image = &live["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "api:2");
    // The same version with another image is another generation of nothing but the service.
    let other = API.replace("1.0.0", "1.1.0").replace("api:1", "api:3");
    fs::write(person.folder.path().join("0.yaml"), other).unwrap();
    person.gravity(&["update"]).answer();
    person.gravity(&["start"]).answer();
    let live = space.get("Deployment", "api").await;
    let image = &live["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "api:3");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_or_no_more_is_told_that_the_cluster_goes_on() {
    let space = Space::new("patience").await;
    let person = Person::new(&space, &[STUCK]);
    let late = person.gravity(&["start", "--timeout", "4s"]);
    assert_eq!(late.code, 1);
    insta::assert_snapshot!(late.stderr.lines().last().unwrap(), @"error: patience is not ready after 4s: stuck is Starting: the cluster goes on, and `gravity status patience -n patience` shows how far it is; --timeout gives it more time");

    let mut command = person.program(&["start"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("stuck 1.0.0") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended before");
    }
    interrupt(&child);
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    insta::assert_snapshot!(rest, @"Nobody waits any more; the cluster goes on: `gravity status patience` shows how far it is.");
    assert!(space.exists("GravityApp", "patience").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_still_ends_the_waiting() {
    let space = Space::new("standing").await;
    let labels = json!({"app": "stranger"});
    let pod = json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}});
    let body = json!({"spec": {"selector": {"matchLabels": labels}, "template": pod}});
    space.apply("Deployment", "stuck", body).await.unwrap();
    let person = Person::new(&space, &[STUCK]);
    let told = person.gravity(&["start"]);
    assert_eq!(told.code, 1);
    insta::assert_snapshot!(told.stderr.lines().last().unwrap(), @"error: standing cannot go on by itself: service/stuck: Deployment standing/stuck is not Gravity's (it was made by a-person) and is left as it is; rename the service or the app, or delete that object");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_has_set_is_not_taken_over_unasked() {
    let space = Space::new("taken-over").await;
    let person = Person::new(&space, &[STUCK]);
    let spec = "{services: [{name: stuck}], gateway: {host: theirs.example.com}}";
    space.app("taken-over", spec).await;
    let told = person.gravity(&["start", "--no-wait"]);
    assert_eq!(told.code, 1);
    insta::assert_snapshot!(told.stderr, @r#"error: GravityApp taken-over is managed by somebody else too: Apply failed with 1 conflict: conflict with "a-person": .spec.gateway.host: change it where it is managed, or take it over by --force-conflicts"#);
    person
        .gravity(&["start", "--no-wait", "--force-conflicts"])
        .answer();
    let app = space.get("GravityApp", "taken-over").await;
    assert_eq!(app["spec"]["gateway"]["host"], "taken-over.example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_finds_nothing_amiss() {
    let space = Space::new("doctor").await;
    let person = Person::new(&space, &[]);
    let told = person.gravity(&["doctor", "--output", "json"]);
    let view: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let missing = |check: &&serde_json::Value| check["state"] == "missing";
    let checks = view["checks"].as_array().unwrap();
    assert_eq!(checks.iter().filter(missing).count(), 0, "{view:#}");
    assert_eq!(told.code, 0);
}

/// Another application of the namespace asks for what this one's files have.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_application_asks_for_stays() {
    let space = Space::new("neighbours").await;
    let lone = "{name: lone, version: 1.0.0, image: lone:1}";
    let more = "{name: more, version: 1.0.0, image: more:1}";
    let person = Person::new(&space, &[lone, more]);
    person.gravity(&["start"]).answer();
    space.app("other", "services: [{name: lone}]").await;
    person.gravity(&["remove", "more"]).answer();
    let started = person.gravity(&["start", "--no-wait"]);
    insta::assert_snapshot!(started.stderr, @r"
    Took more-1.0.0 out of the catalogue, for the files do not have it.
    Applied 1 version of a service and the application neighbours to namespace neighbours.
    ");
    let deleted = person.gravity(&["delete", "--yes", "--output", "yaml"]);
    insta::assert_snapshot!(deleted.stdout, @r"
    app: neighbours
    change: deleted
    namespace: neighbours
    services:
    - lone
    ");
    assert_eq!(space.names("GravityService").await, ["lone-1.0.0"]);
    // Now the other one runs it, and a namespace has one service of a name.
    space.ready("other").await;
    let refused = person.gravity(&["start", "--no-wait"]);
    assert_eq!(refused.code, 1);
    insta::assert_snapshot!(refused.stderr, @"error: lone runs in namespace neighbours for the application other, and a namespace holds one service of a name: name another namespace by -n, or delete other");
    assert_eq!(space.names("GravityApp").await, ["other"]);
}
