//! How many, how much, and how large.

use super::{told, under};

/// One thousand millicores are one core, however they are written.
#[tokio::test]
async fn ceilings_are_compared_by_value() {
    let space = under("strict", "ceilings").await;
    let manifest = |line: &str| format!("name: api\nversion: 1.0.0\nimage: postgres:16\n{line}\n");
    for cpu in ["1", "'1'", "1000m", "'0.001k'"] {
        let line = format!("resources: {{limits: {{cpu: {cpu}}}}}");
        assert_eq!(
            told(space.service(&manifest(&line)).await),
            "taken",
            "{cpu}"
        );
    }
    let above = [
        "resources: {limits: {cpu: 1001m}}",
        "resources: {limits: {cpu: 2}}",
        "resources: {requests: {cpu: '1.5'}}",
        "resources: {limits: {memory: 1073741825}}",
        "resources: {limits: {memory: 1100M}}",
        "scaling: {minReplicas: 4, maxReplicas: 9}",
        "storage: [{name: data, mountPath: /data, size: 11Gi}]",
        "podTemplate: {spec: {containers: [{name: api, resources: {limits: {cpu: 2}}}]}}",
        "podTemplate: {spec: {containers: [{name: api, resources: {limits: {cpu: 1.5}}}]}}",
        "podTemplate: {spec: {resources: {limits: {memory: 2Gi}}}}",
        "podTemplate: {spec: {volumes: [{name: big, ephemeral: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Ti}}}}}}]}}",
    ];
    let mut lines = Vec::new();
    for line in above {
        lines.push(told(space.service(&manifest(line)).await));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    spec.resources.limits.cpu: 1001m is more than the rule strict allows: write at most 1
    spec.resources.limits.cpu: 2 is more than the rule strict allows: write at most 1
    spec.resources.requests.cpu: 1.5 is more than the rule strict allows: write at most 1
    spec.resources.limits.memory: 1073741825 is more than the rule strict allows: write at most 1Gi
    spec.resources.limits.memory: 1100M is more than the rule strict allows: write at most 1Gi
    spec.scaling.minReplicas: 4 is more than the rule strict allows; spec.scaling.maxReplicas: 9 is more than the rule strict allows: write at most 3
    spec.storage[data].size: 11Gi is more than the rule strict allows: write at most 10Gi
    spec.podTemplate.spec.containers[api].resources.limits.cpu: 2 is more than the rule strict allows: write at most 1
    spec.podTemplate.spec.containers[api].resources.limits.cpu: 1.5 is more than the rule strict allows: write at most 1
    spec.podTemplate.spec.resources.limits.memory: 2Gi is more than the rule strict allows: write at most 1Gi
    spec.podTemplate.spec.volumes[big].ephemeral.volumeClaimTemplate.spec.resources.requests.storage: 1Ti is more than the rule strict allows: write at most 10Gi
    ");
    let apps = [
        "{services: [{name: api, replicas: 4}]}",
        "{services: [{name: api, resources: {limits: {cpu: 2}}}]}",
        "{services: [{name: api}], environments: {production: {replicas: 4}}}",
        "{services: [{name: api}], environments: {production: {resources: {requests: {memory: 2Gi}}}}}",
        "{services: [{name: api}], databases: {mongodb: {replicas: 5}, postgresql: {pooler: {replicas: 4}}}}",
        "{services: [{name: api}], databases: {postgresql: {resources: {limits: {memory: 2Gi}}, pooler: {resources: {limits: {cpu: 2}}}}}}",
        "{services: [{name: api}], databases: {postgresql: {storage: 20Gi, backup: {schedule: '0 3 * * *', to: {claim: {storage: 1Ti}}}}}}",
    ];
    let mut lines = Vec::new();
    for app in apps {
        lines.push(told(space.try_app("app", app).await));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    spec.services[api].replicas: 4 is more than the rule strict allows: write at most 3
    spec.services[api].resources.limits.cpu: 2 is more than the rule strict allows: write at most 1
    spec.environments.production.replicas: 4 is more than the rule strict allows: write at most 3
    spec.environments.production.resources.requests.memory: 2Gi is more than the rule strict allows: write at most 1Gi
    spec.databases.mongodb.replicas: 5 is more than the rule strict allows; spec.databases.postgresql.pooler.replicas: 4 is more than the rule strict allows: write at most 3
    spec.databases.postgresql.pooler.resources.limits.cpu: 2 is more than the rule strict allows: write at most 1
    spec.databases.postgresql.storage: 20Gi is more than the rule strict allows; spec.databases.postgresql.backup.to.claim.storage: 1Ti is more than the rule strict allows: write at most 10Gi
    ");
}
