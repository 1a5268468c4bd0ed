//! What becomes of apps under a rule: what it stops, what fits, and what was there before.

use serde_json::{Value, json};

use super::{suite, under};
use crate::support::Space;

/// What its own rule lets pass is stopped where it would run, and so is what Gravity chooses.
#[tokio::test]
async fn what_comes_from_elsewhere_is_stopped_at_the_pods() {
    let catalogue = Space::of(suite().await, "catalogue").await;
    catalogue
        .services("name: mail\nversion: 1.0.0\nimage: evil.example.com/mail:1\nresources: {limits: {memory: 64Mi}}")
        .await;
    let space = under("strict", "stopped").await;
    let limit = "resources: {limits: {memory: 64Mi}}";
    space
        .services(&format!(
            "name: api\nversion: 1.0.0\nimage: postgres:16\n---\nname: web\nversion: 1.0.0\nimage: postgres:16\n{limit}\npodTemplate: {{spec: {{containers: [{{name: side, image: 'postgres:16', resources: {{limits: {{memory: 1000Mi}}}}}}]}}}}\n---\nname: places\nversion: 1.0.0\nimage: postgres:16\n{limit}\ndatabases: [{{name: places, type: postgis, version: '16'}}]"
        ))
        .await;
    let mut told = Vec::new();
    for service in ["mail", "api", "web", "places"] {
        let app = format!("{{services: [{{name: {service}}}]}}");
        space.app(service, &app).await;
        told.push(space.stalled(service).await);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    True Refused: service/mail: the API server refuses Deployment stopped/mail: deployments.apps "mail" is forbidden: ValidatingAdmissionPolicy 'gravity-workloads' with binding 'gravity-rule-strict-workloads' denied request: containers[mail].image: evil.example.com/mail:1 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host; change what the policy names, or the policy
    True Refused: service/api: the API server refuses Deployment stopped/api: deployments.apps "api" is forbidden: ValidatingAdmissionPolicy 'gravity-workloads' with binding 'gravity-rule-strict-workloads' denied request: containers[api]: there is no memory limit, and the rule strict asks for one: write resources.limits.memory in the manifest or in the app, at most 1Gi; change what the policy names, or the policy
    True Refused: service/web: the API server refuses Deployment stopped/web: deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'gravity-workloads' with binding 'gravity-rule-strict-workloads' denied request: all containers of a pod together have 1064Mi memory, which is more than the rule strict allows: write at most 1Gi in all; change what the policy names, or the policy
    True Refused: server/places-postgis-16: the API server refuses StatefulSet stopped/places-postgis-16: statefulsets.apps "places-postgis-16" is forbidden: ValidatingAdmissionPolicy 'gravity-workloads' with binding 'gravity-rule-strict-workloads' denied request: containers[postgis].image: postgis/postgis:16-3.5 comes from no registry that the rule strict allows: write an image of registry.example.com/shop or docker.io/library, with its host; change what the policy names, or the policy
    "#);
    assert_eq!(space.names("Deployment").await, Vec::<String>::new());
}

/// All that Gravity makes itself fits under a rule that leaves room for it.
#[tokio::test]
async fn what_fits_comes_to_ready() {
    let space = under("strict", "fits").await;
    let limit = "resources: {limits: {memory: 64Mi}}";
    space
        .services(&format!(
            "name: api\nversion: 1.0.0\nimage: registry.example.com/shop/api:1\n{limit}\ndatabases: [{{name: main, type: postgresql, version: '16'}}]\nmigrations: {{command: [migrate]}}\nscaling: {{minReplicas: 1, maxReplicas: 3}}\n---\nname: nightly\nversion: 1.0.0\ntype: cron\nschedule: '0 0 1 1 *'\nimage: registry.example.com/shop/nightly:1\n{limit}"
        ))
        .await;
    let backup = "{schedule: '0 3 * * *', to: {claim: {storage: 10Gi}}}";
    let app = format!(
        "{{services: [{{name: api}}, {{name: nightly}}], databases: {{postgresql: {{storage: 10Gi, backup: {backup}}}}}}}"
    );
    space.app("app", &app).await;
    space.ready("app").await;
}

/// What was there before its rule can be labelled, and can go.
#[tokio::test]
async fn what_was_there_before_can_be_deleted() {
    let space = Space::on(suite().await, "before").await;
    space
        .services("name: api\nversion: 1.0.0\nimage: evil.example.com/api:1")
        .await;
    space
        .app("app", "{services: [{name: api, replicas: 9}]}")
        .await;
    space.ready("app").await;
    space
        .suite
        .kubectl(&["label", "namespace", "before", "walls=strict"]);
    let more = json!({"spec": {"services": [{"name": "api", "replicas": 10}]}});
    let changed = async || {
        let answer = space.apply("GravityApp", "trial", more.clone()).await;
        let refused = answer.is_err();
        if !refused {
            space.delete("GravityApp", "trial").await;
        }
        refused
    };
    space.until("the rule acts", changed).await;
    let labelled = space
        .merge(
            "GravityApp",
            "app",
            json!({"metadata": {"labels": {"seen": "yes"}}}),
        )
        .await;
    assert_eq!(labelled["metadata"]["labels"]["seen"], "yes");
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    assert_eq!(space.get("Deployment", "api").await, Value::Null);
}
