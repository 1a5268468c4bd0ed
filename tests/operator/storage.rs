//! The claims of data, of a server's and of a service's own: they grow where their class can, and nothing else.

use serde_json::Value;

use crate::support::Space;

const SERVICE: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
";
const CLAIM: &str = "data-app-postgresql-16-0";
const OWN: &str = "files-registry-0";

/// A service that keeps files itself.
fn registry(version: &str, size: &str) -> String {
    format!(
        "name: registry\nversion: {version}\nimage: registry:1\n\
         storage: [{{name: files, mountPath: /files, size: {size}}}]\n"
    )
}

fn app(storage: &str) -> String {
    format!(
        "{{services: [{{name: api}}, {{name: registry}}], updates: Automatic, \
         databases: {{postgresql: {{storage: {storage}}}}}}}"
    )
}

async fn size(space: &Space, claim: &str) -> Value {
    let claim = space.get("PersistentVolumeClaim", claim).await;
    claim["spec"]["resources"]["requests"]["storage"].clone()
}

/// What a volume's driver says when it is done.
fn grown(space: &Space, claim: &str, size: &str) {
    let done = format!("{{\"status\": {{\"capacity\": {{\"storage\": \"{size}\"}}}}}}");
    let patch = ["patch", "pvc", claim, "--subresource=status"];
    space.kubectl(&[&patch[..], &["--type=merge", "-p", &done]].concat());
}

#[tokio::test]
async fn a_claim_grows_when_its_class_can_and_never_shrinks() {
    let space = Space::new("storage").await;
    space.services(SERVICE).await;
    space.services(&registry("1.0.0", "1Gi")).await;
    space.app("app", &app("10Gi")).await;
    space.ready("app").await;
    space
        .until("the claim has its volume", async || {
            let claim = space.get("PersistentVolumeClaim", CLAIM).await;
            claim["status"]["capacity"]["storage"] == "10Gi"
        })
        .await;
    let owners =
        space.get("PersistentVolumeClaim", CLAIM).await["metadata"]["ownerReferences"].clone();
    assert_eq!(owners, Value::Null);
    let server = async || {
        let set = space.get("StatefulSet", "app-postgresql-16").await;
        let pod = space.get("Pod", "app-postgresql-16-0").await;
        (
            set["metadata"]["generation"].clone(),
            pod["metadata"]["uid"].clone(),
        )
    };
    let before = server().await;

    space.app("app", &app("20Gi")).await;
    let told = space.stalled("app").await;
    insta::assert_snapshot!(told, @r#"True StorageRefused: storage/app-postgresql-16: PersistentVolumeClaim storage/data-app-postgresql-16-0 cannot be as wanted: persistentvolumeclaims "data-app-postgresql-16-0" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize; a claim grows if its StorageClass (standard) has allowVolumeExpansion: true"#);
    assert_eq!(size(&space, CLAIM).await, "10Gi");
    let class = |can: bool| {
        let patch = format!("{{\"allowVolumeExpansion\": {can}}}");
        space.kubectl(&[
            "patch",
            "storageclass",
            "standard",
            "--type=merge",
            "-p",
            &patch,
        ]);
    };
    class(true);
    let told = space
        .until_says("app", "DatabasesReady", "grows from")
        .await;
    insta::assert_snapshot!(told, @"False Progressing: storage/app-postgresql-16: PersistentVolumeClaim storage/data-app-postgresql-16-0: grows from 10Gi to 20Gi");
    assert_eq!(size(&space, CLAIM).await, "20Gi");
    grown(&space, CLAIM, "20Gi");
    space.ready("app").await;

    space.services(&registry("1.1.0", "2Gi")).await;
    let told = space.until_says("app", "ServicesReady", "grows from").await;
    insta::assert_snapshot!(told, @"False Progressing: storage/registry: PersistentVolumeClaim storage/files-registry-0: grows from 1Gi to 2Gi");
    assert_eq!(size(&space, OWN).await, "2Gi");
    grown(&space, OWN, "2Gi");
    space.ready("app").await;
    space.services(&registry("1.2.0", "1Gi")).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True StorageRefused: storage/registry: PersistentVolumeClaim storage/files-registry-0 is left as it is: it has 2Gi and cannot shrink to 1Gi: write 2Gi or more as the size of its storage in the service's manifest, or copy what is on it elsewhere, and delete the StatefulSet and then this claim; both are made anew");
    space.services(&registry("1.3.0", "2Gi")).await;
    space.ready("app").await;

    space.app("app", &app("5Gi")).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True StorageRefused: storage/app-postgresql-16: PersistentVolumeClaim storage/data-app-postgresql-16-0 is left as it is: it has 20Gi and cannot shrink to 5Gi: write 20Gi or more as the storage of databases.<engine>, or move the data to a new server");
    assert_eq!(size(&space, CLAIM).await, "20Gi");
    assert_eq!(server().await, before);
    class(false);
    space.app("app", &app("20Gi")).await;
    space.ready("app").await;
}

#[tokio::test]
async fn another_major_version_is_refused_with_the_way_to_it() {
    let space = Space::new("major-version").await;
    space.services(SERVICE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    let next = SERVICE
        .replace("1.0.0", "2.0.0")
        .replace("api:1", "api:2")
        .replace("'16'", "'17'");
    space.services(&next).await;
    space
        .app("app", "{services: [{name: api, version: ^2}]}")
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @"True DatabaseMoves: credentials/api-data: the database data of api is on app-postgresql-16, and would be empty on app-postgresql-17: write the version and the mode that it has now; or add a database of another name, copy the data there, and then take data out; or, to begin empty, delete the Secret api-data");
    assert_eq!(space.names("StatefulSet").await, ["app-postgresql-16"]);
    let api = space.get("Deployment", "api").await;
    let image = &api["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(
        (image, &api["status"]["readyReplicas"]),
        (&"api:1".into(), &1.into())
    );
    // The version that it ran goes on, and is one that can be asked for again.
    space
        .app("app", "{services: [{name: api, version: ^1}]}")
        .await;
    space.ready("app").await;
    let said = space.get("Secret", "api-data").await;
    assert_eq!(said["data"]["host"], "YXBwLXBvc3RncmVzcWwtMTY=");
}
