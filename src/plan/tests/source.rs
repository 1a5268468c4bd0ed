//! A service that runs from its source.

use insta::{assert_snapshot, assert_yaml_snapshot};
use serde_json::Value;

use super::builder::{app, bodies, body, plan_in, plan_of, refusal, service, try_plan};
use crate::api::objects::Kind;
use crate::plan::{Facts, NodeId, NodeKind, Plan};

const SOURCE: &str = "runtime: {image: 'python:3.11', command: [python, main.py], folder: services/auth, source: {url: 'https://git.example.com/acme/shop', revision: 8f0c2ab8f0c2ab8f0c2ab8f0c2ab8f0c2ab8f0c2}}";
const NOWHERE: &str =
    "{name: auth, version: 1.0.0, runtime: {image: 'python:3.11', command: [python, main.py]}}";

fn auth(lines: &str) -> String {
    format!("name: auth\nversion: 1.0.0\n{SOURCE}\n{lines}")
}

fn pod(plan: &Plan, kind: Kind) -> Value {
    body(plan, kind)["spec"]["template"]["spec"].clone()
}

#[test]
fn the_pod_fetches_the_revision_and_runs_it() {
    let plan = plan_of(&[&auth("")]);
    assert_yaml_snapshot!(pod(&plan, Kind::Deployment));
}

#[test]
fn whatever_runs_of_it_has_the_source() {
    let keeps = auth("storage: [{name: data, mountPath: /data, size: 1Gi}]");
    let seeded = auth("migrations: {command: [python, migrate.py], seed: [python, seed.py]}");
    let cron = auth("type: cron\nschedule: '@daily'");
    let job = auth("type: job");
    let mut pods = vec![pod(&plan_of(&[&keeps]), Kind::StatefulSet)];
    let tried = "{services: [{name: auth}], environment: test, environments: {test: {}}}";
    let jobs = bodies(&plan_in(tried, &[&seeded]), Kind::Job);
    let jobs = jobs.into_iter().chain(bodies(&plan_of(&[&job]), Kind::Job));
    pods.extend(jobs.map(|job| job["spec"]["template"]["spec"].clone()));
    let cron = body(&plan_of(&[&cron]), Kind::CronJob);
    pods.push(cron["spec"]["jobTemplate"]["spec"]["template"]["spec"].clone());
    assert_eq!(pods.len(), 5);
    for pod in pods {
        assert_eq!(pod["initContainers"][0]["name"], "source", "{pod}");
        assert_eq!(pod["containers"][0]["image"], "python:3.11", "{pod}");
        let folder = &pod["containers"][0]["workingDir"];
        assert_eq!(folder, "/source/services/auth", "{pod}");
    }
}

#[test]
fn another_revision_is_another_job() {
    let next = auth("type: job").replace("8f0c2ab8", "00000000");
    let names = |yaml: &str| {
        let of = |body: Value| body["metadata"]["name"].clone();
        bodies(&plan_of(&[yaml]), Kind::Job)
            .into_iter()
            .map(of)
            .collect::<Vec<_>>()
    };
    assert_ne!(names(&next), names(&auth("type: job")));
    let migrates = "\nmigrations: {command: [python, migrate.py]}";
    assert_ne!(
        names(&auth(migrates)),
        names(&auth(migrates).replace("8f0c2ab8", "00000000"))
    );
}

#[test]
fn one_that_runs_as_root_fetches_without() {
    let plan = plan_of(&[&auth("security: {runAsRoot: true}")]);
    let pod = pod(&plan, Kind::Deployment);
    assert_eq!(pod["securityContext"]["runAsUser"], 0);
    let fetches = &pod["initContainers"][0]["securityContext"];
    assert_eq!(fetches["runAsUser"], 10_001);
    let own = pod_of("security: {runAsUser: 1000}");
    assert_eq!(own["securityContext"]["runAsUser"], 1000);
    assert_eq!(
        own["initContainers"][0]["securityContext"]["runAsUser"],
        1000
    );
}

fn pod_of(lines: &str) -> Value {
    pod(&plan_of(&[&auth(lines)]), Kind::Deployment)
}

#[test]
fn the_image_that_fetches_can_be_another() {
    let patch = "podTemplate: {spec: {initContainers: [{name: source, image: 'mirror.example.com/git:2'}]}}";
    let fetches = &pod_of(patch)["initContainers"];
    assert_eq!(fetches.as_array().unwrap().len(), 1);
    assert_eq!(fetches[0]["image"], "mirror.example.com/git:2");
}

#[test]
fn it_is_told_that_it_is_for_development() {
    let warnings = |lines: &str| plan_of(&[&auth(lines)]).warnings.join("\n");
    assert_snapshot!(warnings(""), @"auth runs from source (runtime): that is for development; build an image for production");
    assert_snapshot!(warnings("egress: deny"), @r"
    auth runs from source (runtime): that is for development; build an image for production
    auth: egress: deny keeps its pods from fetching their source from https://git.example.com/acme/shop, so none will start: take egress out, or let them reach that server by its address
    ");
}

#[test]
fn a_source_that_nobody_has_said_is_told() {
    assert_snapshot!(refusal("services: [{name: auth}]", &[NOWHERE]), @"auth runs from its source, and nothing says where that is: add it from its Git repository (`gravity add URL`), write runtime.source: {url: https://…, revision: <whole hash>} in its manifest, or build an image and write it in the place of runtime");
    let refused = try_plan(
        app("services: [{name: auth}]"),
        vec![service(NOWHERE)],
        &Facts::default(),
    );
    let refused = refused.unwrap_err();
    assert_eq!(refused.place(), Some(("auth", "spec.runtime".to_owned())));
}

#[test]
fn one_with_an_image_has_none_of_it() {
    let plan = plan_of(&["{name: auth, version: 1.0.0, image: 'auth:1'}"]);
    let pod = pod(&plan, Kind::Deployment);
    assert!(pod["initContainers"].is_null());
    assert!(pod["containers"][0]["workingDir"].is_null());
    assert!(
        plan.nodes
            .contains_key(&NodeId::new(NodeKind::Service, "auth"))
    );
}
