//! What the operator may not make: whatever a manifest says, it ends in one of these kinds.

use serde_json::{Value, json};

use super::under;
use crate::support::Space;

/// What the API server says to the operator that would make an object.
fn to_the_operator(space: &Space, kind: &str, spec: &str) -> String {
    let (version, kind) = kind.rsplit_once('/').unwrap();
    let spec: Value = serde_yaml::from_str(spec).unwrap();
    let object =
        json!({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": spec});
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), object.to_string()).unwrap();
    let arguments = [
        "-n",
        &space.name,
        "--as=system:serviceaccount:gravity-system:gravity",
    ];
    let create = [
        "create",
        "--dry-run=server",
        "--filename",
        file.path().to_str().unwrap(),
    ];
    let (code, _, told) = space
        .suite
        .kubectl_told(&[arguments.as_slice(), &create].concat());
    let words = told.split_once(" denied request: ");
    match (code, words) {
        (0, _) => "taken".to_owned(),
        (_, Some((_, words))) => words.trim().to_owned(),
        _ => told,
    }
}

/// A Deployment's pods: containers by name, image, and what they are limited to.
fn pods(containers: &[(&str, &str, &str)], rest: &str) -> String {
    let container = |(name, image, limits): &(&str, &str, &str)| {
        format!("{{name: {name}, image: '{image}', resources: {{limits: {{{limits}}}}}}}")
    };
    let containers: Vec<String> = containers.iter().map(container).collect();
    let containers = containers.join(", ");
    format!(
        "{{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{containers}]{rest}}}}}}}"
    )
}

/// Whatever it is that pods, or claims, are made of.
#[tokio::test]
async fn every_kind_that_pods_come_from_is_judged() {
    let space = under("strict", "kinds").await;
    let small = |name| (name, "postgres:16", "memory: 100Mi, cpu: 100m");
    let told = |kind: &str, spec: &str| to_the_operator(&space, kind, spec);
    let deployment = |containers: &[(&str, &str, &str)], rest: &str| {
        told("apps/v1/Deployment", &pods(containers, rest))
    };
    // Tenths have no exact sum in binary: these are one core, and no more.
    let tenths = ["100m", "0.2", "0.7"].map(|cpu| format!("memory: 1Mi, cpu: '{cpu}'"));
    let names = ["a", "b", "c"];
    let just: Vec<_> = names
        .iter()
        .zip(&tenths)
        .map(|(name, cpu)| (*name, "postgres:16", cpu.as_str()))
        .collect();
    assert_eq!(deployment(&just, ""), "taken");
    let first = |rest: &str| {
        format!(
            ", initContainers: [{{name: first, image: 'postgres:16', resources: {{limits: {{memory: 1000Mi}}}}{rest}}}]"
        )
    };
    assert_eq!(deployment(&[small("a")], &first("")), "taken");
    let job = "template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'evil/a'}]}}";
    let cluster = |rest: &str| format!("{{instances: 2, storage: {{size: 1Gi}}, {rest}}}");
    assert_eq!(told("postgresql.cnpg.io/v1/Cluster", &cluster("")), "taken");
    let answers = [
        deployment(&[small("a"), ("side", "evil/side", "memory: 1Mi")], ""),
        deployment(
            &[small("a")],
            ", initContainers: [{name: first, image: 'evil/first'}]",
        ),
        deployment(
            &[small("a")],
            ", volumes: [{name: files, image: {reference: 'evil/files'}}]",
        ),
        deployment(&[("a", "postgres:16", "cpu: 100m")], ""),
        deployment(
            &[small("a"), ("b", "postgres:16", "memory: 1Mi, cpu: 950m")],
            "",
        ),
        deployment(&[small("a"), ("b", "postgres:16", "memory: 1Gi")], ""),
        deployment(&[small("a")], &first(", restartPolicy: Always")),
        told("batch/v1/Job", &format!("{{{job}}}")),
        told(
            "batch/v1/CronJob",
            &format!("{{schedule: '0 3 * * *', jobTemplate: {{spec: {{{job}}}}}}}"),
        ),
        told(
            "autoscaling/v2/HorizontalPodAutoscaler",
            "{maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}",
        ),
        told(
            "v1/PersistentVolumeClaim",
            "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 11Gi}}}",
        ),
        told(
            "postgresql.cnpg.io/v1/Cluster",
            &cluster("imageName: 'evil/pg:16'"),
        ),
        told(
            "postgresql.cnpg.io/v1/Cluster",
            &cluster("resources: {limits: {cpu: 2}}"),
        ),
        told(
            "postgresql.cnpg.io/v1/Cluster",
            "{instances: 4, storage: {size: 1Gi}}",
        ),
        told(
            "postgresql.cnpg.io/v1/Cluster",
            "{instances: 2, storage: {size: 11Gi}}",
        ),
        told(
            "postgresql.cnpg.io/v1/Pooler",
            "{instances: 4, cluster: {name: c}, type: rw, pgbouncer: {poolMode: session}}",
        ),
    ];
    insta::assert_snapshot!(answers.join("\n"), @"
    containers[side].image: evil/side comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    initContainers[first].image: evil/first comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    volumes[files].image.reference: evil/files comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    containers[a]: there is no memory limit, and the rule strict asks for one: write resources.limits.memory in the manifest or in the app, at most 1Gi
    all containers of a pod together have 1050m cpu, which is more than the rule strict allows: write at most 1 in all
    all containers of a pod together have 1124Mi memory, which is more than the rule strict allows: write at most 1Gi in all
    all containers of a pod together have 1100Mi memory, which is more than the rule strict allows: write at most 1Gi in all
    containers[a].image: evil/a comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    containers[a].image: evil/a comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    spec.maxReplicas: 4 is more than the rule strict allows: write at most 3
    spec.resources.requests.storage: 11Gi is more than the rule strict allows: write at most 10Gi
    spec.imageName: evil/pg:16 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    spec.resources.limits.cpu: 2 is more than the rule strict allows: write at most 1
    spec.instances: 4 is more than the rule strict allows: write at most 3
    spec.storage.size: 11Gi is more than the rule strict allows: write at most 10Gi
    spec.instances: 4 is more than the rule strict allows: write at most 3
    ");
}
