//! Secrets and claims that no service may have but its own.

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

#[test]
fn those_of_an_operator() {
    let app =
        "{services: [{name: api}], databases: {postgresql: {mode: CloudNativePG, pooler: {}}}}";
    let refused = |secret: &str| {
        let extra = format!("envFrom: [{{secret: shop-postgresql-16-cnpg-{secret}}}]");
        try_with(app, &extra).unwrap_err().to_string()
    };
    assert_snapshot!(refused("ca"), @"web: envFrom[0].secret names the Secret shop-postgresql-16-cnpg-ca, CloudNativePG's own for shop-postgresql-16-cnpg, which is not for web to have: take it out, and declare in databases what the service needs, and it gets a login of its own");
    for secret in ["server", "replication", "superuser", "app", "pooler"] {
        let told = refused(secret);
        assert!(told.contains("CloudNativePG's own"), "{secret}: {told}");
    }
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

/// A pod with a volume of that claim.
fn mounting(claim: &str) -> String {
    format!(
        "podTemplate: {{spec: {{volumes: [{{name: v, persistentVolumeClaim: {{claimName: {claim}}}}}]}}}}"
    )
}

const ON_CLAIM: &str = "{services: [{name: api}], databases: {postgresql: {backup: {schedule: '0 3 * * *', to: {claim: {storage: 1Gi}}}}}}";

#[test]
fn the_data_of_a_server() {
    assert_snapshot!(refused(&mounting("data-shop-postgresql-16-0")), @"web: podTemplate.spec.volumes[v].persistentVolumeClaim.claimName names the PersistentVolumeClaim data-shop-postgresql-16-0, the data of shop-postgresql-16, which is not for web to have: take it out, and declare in databases what the service needs, and it gets a login of its own");
    // A claim outlives its pod, and an operator counts its own.
    for (mode, claim) in [
        ("Dedicated", "data-shop-api-postgresql-16-12"),
        ("CloudNativePG", "shop-postgresql-16-cnpg-3"),
    ] {
        let app =
            format!("{{services: [{{name: api}}], databases: {{postgresql: {{mode: {mode}}}}}}}");
        let told = try_with(&app, &mounting(claim)).unwrap_err().to_string();
        assert!(told.contains(", the data of shop-"), "{claim}: {told}");
    }
}

#[test]
fn the_backups_of_a_server() {
    let told = try_with(ON_CLAIM, &mounting("shop-postgresql-16-backup")).unwrap_err();
    assert_snapshot!(told.to_string(), @"web: podTemplate.spec.volumes[v].persistentVolumeClaim.claimName names the PersistentVolumeClaim shop-postgresql-16-backup, the backups of shop-postgresql-16, which is not for web to have: take it out, and bring a backup into its database by gravity restore, or copy it elsewhere");
}

#[test]
fn another_services_files() {
    let owner = "{name: files, version: 1.0.0, image: f, storage: [{name: data, mountPath: /data, size: 1Gi}]}";
    let thief = format!(
        "{{name: web, version: 1.0.0, image: w, {}}}",
        mounting("data-files-0")
    );
    let services = vec![service(owner), service(&thief)];
    let app = Arc::new(app("{services: [{name: web}]}"));
    let told = plan(&app, &resolution(services), &Facts::default()).unwrap_err();
    assert_snapshot!(told.to_string(), @"web: podTemplate.spec.volumes[v].persistentVolumeClaim.claimName names the PersistentVolumeClaim data-files-0, the files of files, which is not for web to have: take it out, and declare a claim of its own in storage, or call files for what is there");
}

/// A new claim can be a copy of one that is there.
#[test]
fn a_copy_of_a_claim() {
    for field in ["dataSource", "dataSourceRef"] {
        let volume = format!(
            "{{name: v, ephemeral: {{volumeClaimTemplate: {{spec: {{{field}: {{kind: PersistentVolumeClaim, name: data-shop-postgresql-16-0}}}}}}}}}}"
        );
        let told = refused(&format!("podTemplate: {{spec: {{volumes: [{volume}]}}}}"));
        let path = format!(
            "web: podTemplate.spec.volumes[v].ephemeral.volumeClaimTemplate.spec.{field}.name names the PersistentVolumeClaim data-shop-postgresql-16-0"
        );
        assert!(told.starts_with(&path), "{told}");
    }
}

#[test]
fn its_own_claims_and_any_other_are_its_own_business() {
    let storage = "storage: [{name: data, mountPath: /data, size: 1Gi}]";
    for claim in ["data-web-0", "shared", "data-shop-postgresql-16-old"] {
        try_with(APP, &format!("{storage}, {}", mounting(claim))).unwrap();
    }
}
