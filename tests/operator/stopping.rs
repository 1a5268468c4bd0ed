//! What is stopped and starts again, and how a person sees it.

use std::fs;

use crate::person::{API, Person, STUCK, WEB};
use crate::support::{Space, ageless};
use crate::terminal::Terminal;

/// Nothing runs, and nothing is lost: claims, passwords and Jobs that are done stay.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_starts_again_with_its_data() {
    let space = Space::new("stopping").await;
    let person = Person::new(&space, &[API, WEB]);
    let file = person.path("gravity.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let root = text.split("- name: ").find(|part| part.starts_with("api"));
    let root = format!("- name: {}", root.unwrap().trim_end_matches(' '));
    fs::write(&file, text.replacen(root.trim_end(), "", 1)).unwrap();
    person.gravity(&["start"]).answer();
    let kept = ["PersistentVolumeClaim", "Secret", "Job", "Service"];
    let names = async || {
        let mut names = Vec::new();
        for kind in kept {
            names.extend(space.names(kind).await);
        }
        names
    };
    let before = names().await;
    let pods = async |kind: &str, name: &str| {
        space.get(kind, name).await["spec"]["replicas"]
            .as_i64()
            .unwrap()
    };

    insta::assert_snapshot!(ageless(&person.gravity(&["stop", "web"]).answer()), @r"
    stopping/stopping Ready 1/1 services ready, 1 stopped revision 7ce8637d
    http://stopping.example.com

    SERVICE VERSION PHASE REPLICAS SINCE WAITS FOR / URL
    api 1.0.0 Running 1/1 AGE /api
    web 1.0.0 Stopped 0/0 AGE
    ");
    assert_eq!(pods("Deployment", "web").await, 0);
    assert_eq!(pods("Deployment", "api").await, 1);
    space.until_gone("HorizontalPodAutoscaler", "web").await;
    insta::assert_snapshot!(person.gravity(&["stop", "wob"]).stderr, @"error: stopping has no service wob: there is api, web");

    let stopped = person.gravity(&["stop"]);
    insta::assert_snapshot!(stopped.stderr.lines().next().unwrap(), @"Stopping stopping; all data stays, and `gravity start` starts it again.");
    insta::assert_snapshot!(ageless(&stopped.answer()), @r"
    stopping/stopping Stopped 0/0 services ready, 2 stopped revision 7ce8637d
    http://stopping.example.com

    SERVICE VERSION PHASE REPLICAS SINCE WAITS FOR / URL
    api 1.0.0 Stopped 0/0 AGE /api
    web 1.0.0 Stopped 0/0 AGE
    ");
    assert_eq!(pods("StatefulSet", "stopping-postgresql-16").await, 0);
    insta::assert_snapshot!(person.gravity(&["start", "web"]).stderr, @"error: the whole of stopping is stopped: `gravity start`, in its project or with --app stopping, starts it");
    assert_eq!(names().await, before);

    // The first start after it starts all of it, and nothing of the tool's wish is left.
    person.gravity(&["start"]).answer();
    assert_eq!(pods("Deployment", "web").await, 2);
    assert_eq!(pods("StatefulSet", "stopping-postgresql-16").await, 1);
    assert_eq!(names().await, before);
    let spec = &space.get("GravityApp", "stopping").await["spec"];
    assert_eq!(spec.get("stopped"), None);
    assert!(!spec["services"].to_string().contains("stopped"), "{spec}");

    // A service that no file names itself is no root when it runs again.
    let roots = async || {
        let app = space.get("GravityApp", "stopping").await;
        app["spec"]["services"].as_array().unwrap().len()
    };
    assert_eq!(roots().await, 1);
    let stopped = person.gravity(&["stop", "api", "--no-wait"]);
    insta::assert_snapshot!(stopped.stderr, @r"
    warning: web needs api and runs on: `gravity stop web` stops it too
    Stopping api; all data stays, and `gravity start api` starts it again.
    ");
    assert_eq!(roots().await, 2);
    let started = person.gravity(&["start", "api", "-o", "json"]).answer();
    let view: serde_json::Value = serde_json::from_str(&started).unwrap();
    assert_eq!(
        view["apps"][0]["services"][0]["phase"], "Running",
        "{view:#}"
    );
    assert_eq!(roots().await, 1);
    let stopping = person
        .gravity(&["stop", "--no-wait", "-o", "yaml"])
        .answer();
    assert!(stopping.starts_with("apps:\n"), "{stopping}");
}

/// On a terminal there is one table, which is drawn anew, and Ctrl-C ends the waiting only.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_a_start_and_can_leave_it() {
    let space = Space::new("seeing").await;
    let person = Person::new(&space, &[STUCK, API]);
    let mut terminal = Terminal::run(&person.program(&["start"]));
    terminal
        .wait_for("api      1.0.0    Running")
        .wait_for("stuck    1.0.0    Starting");
    let seen = terminal.seen();
    let rows = seen
        .lines()
        .filter(|line| line.starts_with("stuck "))
        .count();
    assert_eq!(rows, 1, "{seen}");
    assert!(
        !terminal.has_broken_lines() && terminal.has_colours(),
        "{seen}"
    );
    terminal.press("\x03");
    assert_eq!(terminal.ended(), 130, "{}", terminal.seen());
    let seen = terminal.seen();
    assert!(seen.contains("the cluster goes on"), "{seen}");
    let mut terminal = Terminal::run(&person.program(&["status", "--watch"]));
    terminal
        .wait_for("stuck    1.0.0    Starting")
        .press("\x03");
    assert_eq!(terminal.ended(), 0, "{}", terminal.seen());
}
