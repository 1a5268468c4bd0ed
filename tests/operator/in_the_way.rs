//! What stands in the operator's way: strangers, other apps, quotas, Pod Security.

use serde_json::json;

use crate::support::Space;

const ONE: &str = "name: api\nversion: 1.0.0\nimage: api:1\n";

/// An object whose name was taken before is told, left alone, and replaced by ours once
/// it is gone.
#[tokio::test]
async fn a_strangers_object_is_left_as_it_is() {
    let space = Space::new("stranger").await;
    space.kubectl(&["create", "service", "clusterip", "api", "--tcp=80:80"]);
    let before = space.get("Service", "api").await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    insta::assert_snapshot!(space.stalled("app").await, @"True OwnershipConflict: wiring/api: Service stranger/api is not Gravity's (it was made by kubectl-create) and is left as it is; rename the service or the app, or delete that object");
    assert_eq!(space.get("Service", "api").await, before);
    space.kubectl(&["delete", "service", "api"]);
    space.ready("app").await;
}

#[tokio::test]
async fn of_two_apps_that_want_one_name_the_second_is_refused_until_the_first_goes() {
    let space = Space::new("two-apps").await;
    space.services(ONE).await;
    space.app("first", "{services: [{name: api}]}").await;
    space.ready("first").await;
    let uid = space.get("Deployment", "api").await["metadata"]["uid"].clone();
    space.app("second", "{services: [{name: api}]}").await;
    insta::assert_snapshot!(space.stalled("second").await, @"True OwnershipConflict: wiring/api: ServiceAccount two-apps/api belongs to the GravityApp two-apps/first and is left as it is; a namespace holds one app: make this one in another namespace, or delete that one");
    space.ready("first").await;
    assert_eq!(space.get("Deployment", "api").await["metadata"]["uid"], uid);

    space.delete("GravityApp", "first").await;
    space.ready("second").await;
    let owner = &space.get("Deployment", "api").await["metadata"]["ownerReferences"][0];
    assert_eq!(owner["name"], "second");
}

/// The second app's deletion harms nothing of the first's.
#[tokio::test]
async fn the_refused_app_can_be_deleted() {
    let space = Space::new("second-deleted").await;
    space.services(ONE).await;
    space.app("first", "{services: [{name: api}]}").await;
    space.ready("first").await;
    space.app("second", "{services: [{name: api}]}").await;
    space.stalled("second").await;
    space.delete("GravityApp", "second").await;
    space.until_gone("GravityApp", "second").await;
    assert!(space.exists("Deployment", "api").await && space.exists("Service", "api").await);
}

#[tokio::test]
async fn a_quota_that_refuses_pods_is_told_in_its_own_words() {
    let space = Space::new("quota-pods").await;
    let quota = json!({"spec": {"hard": {"pods": "0"}}});
    space.apply("ResourceQuota", "none", quota).await.unwrap();
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    let told = space.until_says("app", "Ready", "exceeded quota").await;
    insta::assert_snapshot!(without_hash(&told), @r#"False RolloutFailed: service/api: Deployment quota-pods/api: pods "api-HASH" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0; raise the quota, or ask for less"#);
    space.delete("ResourceQuota", "none").await;
    space.ready("app").await;
}

#[tokio::test]
async fn a_quota_that_refuses_an_object_stops_that_one_only() {
    let space = Space::new("quota-objects").await;
    let quota = json!({"spec": {"hard": {"count/services": "0"}}});
    space.apply("ResourceQuota", "none", quota).await.unwrap();
    space
        .services(&format!(
            "{ONE}---\nname: worker\nversion: 1.0.0\ntype: worker\nimage: w:1"
        ))
        .await;
    space
        .app("app", "{services: [{name: api}, {name: worker}]}")
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @r#"True Refused: wiring/api: the API server refuses Service quota-objects/api: services "api" is forbidden: exceeded quota: none, requested: count/services=1, used: count/services=0, limited: count/services=0; raise the quota, or ask for less"#);
    let app = space.get("GravityApp", "app").await;
    let services = app["status"]["services"].as_array().unwrap();
    let worker = services.iter().find(|one| one["name"] == "worker").unwrap();
    assert_eq!(worker["phase"], "Running");
    space.delete("ResourceQuota", "none").await;
    space.ready("app").await;
}

/// Under Pod Security's restricted level, as all these namespaces are.
#[tokio::test]
async fn an_image_that_must_run_as_root_is_told() {
    let space = Space::new("as-root").await;
    space
        .services(&format!("{ONE}security: {{runAsRoot: true}}"))
        .await;
    space.app("app", "{services: [{name: api}]}").await;
    let told = space
        .until_says("app", "Ready", "violates PodSecurity")
        .await;
    insta::assert_snapshot!(without_hash(&told), @r#"False RolloutFailed: service/api: Deployment as-root/api: pods "api-HASH" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities (container "api" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "api" must set securityContext.runAsNonRoot=true), runAsUser=0 (pod must not set runAsUser=0); change what it names, or let the namespace admit it by its label pod-security.kubernetes.io/enforce"#);
}

/// A ReplicaSet's hash is another for each change of a template.
fn without_hash(text: &str) -> String {
    let words = text
        .split_inclusive(' ')
        .map(|word| match word.find("api-") {
            Some(at) => {
                let end = word[at..].find('"').map_or("", |end| &word[at + end..]);
                format!("{}api-HASH{end}", &word[..at])
            }
            None => word.to_owned(),
        });
    words.collect()
}
