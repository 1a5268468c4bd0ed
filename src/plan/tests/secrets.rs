//! Secrets that no service may have but its own.

use std::sync::Arc;

use insta::assert_snapshot;

use super::builder::{app, resolution, service};
use crate::plan::{Facts, Plan, PlanError, plan};

const OWNER: &str = "{name: api, version: 1.0.0, image: a, databases: [{name: main, type: postgres, version: '16'}]}";
const APP: &str = "{services: [{name: api}], databases: {postgresql: {pooler: {}, backup: {schedule: '0 3 * * *', to: {s3: {bucket: backups, secretName: bucket-key}}}}}}";

fn try_with(app_yaml: &str, extra: &str) -> Result<Plan, PlanError> {
    let thief = format!("{{name: web, version: 1.0.0, image: w, {extra}}}");
    let services = vec![service(OWNER), service(&thief)];
    let app = Arc::new(app(app_yaml));
    plan(&app, &resolution(services), &Facts::default())
}

fn refused(extra: &str) -> String {
    try_with(APP, extra).unwrap_err().to_string()
}

#[test]
fn the_administrators() {
    assert_snapshot!(refused("envFrom: [{configMap: mine}, {secret: shop-postgresql-16-admin}]"), @"web: envFrom[1].secret names the Secret shop-postgresql-16-admin, the login of the administrator of shop-postgresql-16, which is not for web to have: take it out, and declare in databases what the service needs, and it gets a login of its own");
}

#[test]
fn another_services_login() {
    assert_snapshot!(refused("envFrom: [{secret: api-main}]"), @"web: envFrom[0].secret names the Secret api-main, the login of api to its database main, which is not for web to have: take it out, and declare a database of its own in databases, or call api for what is there");
}

#[test]
fn the_poolers_and_that_of_backups() {
    assert_snapshot!(refused("envFrom: [{secret: shop-postgresql-16-pooler}]"), @"web: envFrom[0].secret names the Secret shop-postgresql-16-pooler, the login of the pooler of shop-postgresql-16, which is not for web to have: take it out, and declare in databases what the service needs, and it gets a login of its own");
    assert_snapshot!(refused("envFrom: [{secret: bucket-key}]"), @"web: envFrom[0].secret names the Secret bucket-key, the key to the backups of shop-postgresql-16, which is not for web to have: take it out, and make another Secret for the service, with a key that reaches no backups");
}

#[test]
fn a_managed_servers_administrator() {
    let app =
        "{services: [{name: api}], databases: {postgresql: {mode: External, secretName: rds}}}";
    let refused = try_with(app, "envFrom: [{secret: rds}]").unwrap_err();
    assert_snapshot!(refused.to_string(), @"web: envFrom[0].secret names the Secret rds, the login of the administrator of shop-postgresql-16, which is not for web to have: take it out, and declare in databases what the service needs, and it gets a login of its own");
}

/// Every field of a pod that names a Secret, as the Kubernetes API has them.
#[test]
fn in_every_place_of_a_pod_template() {
    let places = [
        "{containers: [{name: web, env: [{name: X, valueFrom: {secretKeyRef: {name: SECRET, key: password}}}]}]}",
        "{containers: [{name: proxy, image: p, envFrom: [{secretRef: {name: SECRET}}]}]}",
        "{initContainers: [{name: first, image: f, envFrom: [{secretRef: {name: SECRET}}]}]}",
        "{volumes: [{name: v, secret: {secretName: SECRET}}]}",
        "{volumes: [{name: v, projected: {sources: [{configMap: {name: c}}, {secret: {name: SECRET}}]}}]}",
        "{volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {name: SECRET}}}]}",
        "{volumes: [{name: v, azureFile: {shareName: s, secretName: SECRET}}]}",
        "{imagePullSecrets: [{name: SECRET}]}",
    ];
    let fields = places.map(|place| {
        let place = place.replace("SECRET", "shop-postgresql-16-admin");
        let refused = refused(&format!("podTemplate: {{spec: {place}}}"));
        let (field, _) = refused.split_once(" names ").unwrap();
        field.to_owned()
    });
    assert_snapshot!(fields.join("\n"), @"
    web: podTemplate.spec.containers[web].env[X].valueFrom.secretKeyRef.name
    web: podTemplate.spec.containers[proxy].envFrom[0].secretRef.name
    web: podTemplate.spec.initContainers[first].envFrom[0].secretRef.name
    web: podTemplate.spec.volumes[v].secret.secretName
    web: podTemplate.spec.volumes[v].projected.sources[1].secret.name
    web: podTemplate.spec.volumes[v].csi.nodePublishSecretRef.name
    web: podTemplate.spec.volumes[v].azureFile.secretName
    web: podTemplate.spec.imagePullSecrets[shop-postgresql-16-admin].name
    ");
}

#[test]
fn its_own_login_and_any_other_secret_are_its_own_business() {
    let own = "databases: [{name: files, type: postgres, version: '16'}], podTemplate: {spec: {containers: [{name: web, env: [{name: PGPASSWORD, valueFrom: {secretKeyRef: {name: web-files, key: password}}}]}]}}";
    try_with(APP, own).unwrap();
    try_with(APP, "envFrom: [{secret: stripe}, {configMap: api-main}]").unwrap();
}
