//! Where images come from, and whether they are named by their digest.

use super::{DIGEST, told, under};
use crate::support::Space;

/// Each image, and what is said of it.
async fn of_images(space: &Space, images: &[String]) -> String {
    let mut lines = Vec::new();
    for image in images {
        let manifest = format!("name: api\nversion: 1.0.0\nimage: {image}\n");
        lines.push(format!(
            "{image} → {}",
            told(space.service(&manifest).await)
        ));
    }
    lines.join("\n")
}

/// A name is judged as a container runtime reads it.
#[tokio::test]
async fn only_the_registries_that_a_rule_names() {
    let space = under("strict", "registries").await;
    let images = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut fine = images(&[
        "registry.example.com/shop/api:1",
        "registry.example.com/shop/team/api",
        "registry.example.com/shop:1",
        // Docker Hub's own, however they are written.
        "postgres:16",
        "docker.io/postgres:16",
        "index.docker.io/library/postgres",
        "docker.io/library/other.example.com/x",
    ]);
    fine.push(format!("registry.example.com/shop/api{DIGEST}"));
    fine.push(format!("registry.example.com/shop{DIGEST}"));
    let told = of_images(&space, &fine).await;
    assert!(told.lines().all(|line| line.ends_with("→ taken")), "{told}");
    let around = images(&[
        "api/api:1",
        "evil.example.com/shop/api:1",
        "registry.example.com.evil.example.com/shop/api:1",
        "registry.example.com/shopper/api:1",
        "registry.example.com:5000/shop/api:1",
        "REGISTRY.EXAMPLE.COM/shop/api:1",
        // A host, for it has an upper-case letter, and no folder of Docker Hub.
        "Library/postgres",
        "localhost/library/postgres",
        "docker.io/evil/postgres",
        "docker.io/libraryx/postgres",
    ]);
    insta::assert_snapshot!(of_images(&space, &around).await, @"
    api/api:1 → spec.image: api/api:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    evil.example.com/shop/api:1 → spec.image: evil.example.com/shop/api:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    registry.example.com.evil.example.com/shop/api:1 → spec.image: registry.example.com.evil.example.com/shop/api:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    registry.example.com/shopper/api:1 → spec.image: registry.example.com/shopper/api:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    registry.example.com:5000/shop/api:1 → spec.image: registry.example.com:5000/shop/api:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    REGISTRY.EXAMPLE.COM/shop/api:1 → spec.image: REGISTRY.EXAMPLE.COM/shop/api:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    Library/postgres → spec.image: Library/postgres comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    localhost/library/postgres → spec.image: localhost/library/postgres comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    docker.io/evil/postgres → spec.image: docker.io/evil/postgres comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    docker.io/libraryx/postgres → spec.image: docker.io/libraryx/postgres comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    ");
    let manifest = |spec: &str| {
        format!(
            "{{name: api, version: 1.0.0, image: 'registry.example.com/shop/api:1', podTemplate: {{spec: {spec}}}}}"
        )
    };
    let inside = [
        "{containers: [{name: sidecar, image: 'evil.example.com/x:1'}]}",
        "{containers: [{name: api, image: 'evil.example.com/x:1'}]}",
        "{initContainers: [{name: first, image: 'registry.example.com/shop/../evil/x:1'}]}",
        "{volumes: [{name: files, image: {reference: 'evil/files:1'}}]}",
    ];
    let mut lines = Vec::new();
    for spec in inside {
        lines.push(super::told(space.service(&manifest(spec)).await));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    spec.podTemplate.spec.containers[sidecar].image: evil.example.com/x:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    spec.podTemplate.spec.containers[api].image: evil.example.com/x:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    spec.podTemplate.spec.initContainers[first].image: registry.example.com/shop/../evil/x:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    spec.podTemplate.spec.volumes[files].image.reference: evil/files:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host
    ");
    let runtime = "{name: api, version: 1.0.0, runtime: {image: 'evil/python:3', command: [python, main.py]}}";
    insta::assert_snapshot!(super::told(space.service(runtime).await), @"spec.runtime.image: evil/python:3 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host");
    let runtime = runtime.replace("evil/python:3", "python:3.11");
    assert_eq!(super::told(space.service(&runtime).await), "taken");
    let databases = "{services: [{name: api}], databases: {postgresql: {image: 'evil/pg:16', pooler: {image: 'evil/bouncer:1'}, backup: {schedule: '0 3 * * *', to: {s3: {bucket: backups, secretName: key, image: 'evil/rclone:1'}}}}}}";
    insta::assert_snapshot!(super::told(space.try_app("app", databases).await), @"spec.databases.postgresql.image: evil/pg:16 comes from no registry that the rule strict allows; spec.databases.postgresql.pooler.image: evil/bouncer:1 comes from no registry that the rule strict allows; spec.databases.postgresql.backup.to.s3.image: evil/rclone:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host");
}

#[tokio::test]
async fn digests_and_fields_that_a_rule_forbids() {
    let space = under("pinned", "digests").await;
    let tag = "name: api\nversion: 1.0.0\nimage: registry.example.com/api:1\n";
    insta::assert_snapshot!(told(space.service(tag).await), @"spec.image: registry.example.com/api:1 has no digest, and the rule pinned asks for one: write it as registry.example.com/api:1@sha256:, and the 64 digits that the registry tells");
    let pinned = format!("name: api\nversion: 1.0.0\nimage: registry.example.com/api{DIGEST}\n");
    let all = "service: {type: NodePort}\nenvFrom: [{secret: any}]\npodTemplate: {}\n";
    insta::assert_snapshot!(told(space.service(&format!("{pinned}{all}")).await), @"spec.podTemplate and spec.envFrom and spec.service.type: the rule pinned does not allow that: take it out");
    let fine = format!("{pinned}service: {{port: 80, type: ClusterIP}}\n");
    assert_eq!(told(space.service(&fine).await), "taken");
}
