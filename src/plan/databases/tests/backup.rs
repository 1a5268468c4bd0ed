//! Backups: whole objects, and what no engine may get wrong.

use serde_json::Value;

use super::*;
use crate::api::objects::Kind;
use crate::engines::{Backup, Engine};
use crate::plan::graph::PlannedObject;

const ON_CLAIM: &str =
    "{schedule: '0 2 * * *', to: {claim: {storage: 20Gi, storageClassName: slow}}}";
const IN_BUCKET: &str = "{schedule: '@daily', timeout: 90m, retention: {days: 30}, to: {s3: {endpoint: 'https://s3.example.com', region: eu, bucket: shop-backups, prefix: nightly, secretName: backups}}}";

/// What an app plans whose engine is backed up like that.
fn backed_up(engine: Engine, backup: &str, services: &[ValidService]) -> Databases {
    let mut app = app();
    app.databases = build::policies(&format!("{engine}: {{backup: {backup}}}"));
    plan(&app, services, &facts())
}

fn one(engine: Engine) -> [ValidService; 1] {
    [service(
        "order",
        &format!("[{{name: order_db, engine: {engine}}}]"),
    )]
}

fn objects(plan: &Databases) -> Vec<&PlannedObject> {
    let nodes = plan.nodes.iter();
    let backups = nodes.filter(|node| node.id.kind == NodeKind::Backup);
    backups.flat_map(|node| &node.objects).collect()
}

fn body(object: &PlannedObject) -> &Value {
    match &object.body {
        Body::Apply(body) => body,
        Body::Create { .. } => panic!("{} is applied", object.key),
    }
}

fn pod(cron_job: &Value) -> &Value {
    &cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
}

/// The objects with a word for the script, which has tests of its own.
fn shown(plan: &Databases) -> String {
    let text = |object: &&PlannedObject| {
        let mut body = body(object).clone();
        let pod = "/spec/jobTemplate/spec/template/spec/containers/0/command/2";
        if let Some(script) = body.pointer_mut(pod) {
            assert!(script.as_str().unwrap().ends_with("esac\n"));
            *script = "the script".into();
        }
        serde_yaml::to_string(&body).unwrap()
    };
    objects(plan)
        .iter()
        .map(text)
        .collect::<Vec<_>>()
        .join("---\n")
}

fn dumped() -> impl Iterator<Item = Engine> {
    let dumped = |engine: &Engine| matches!(engine.profile().backup, Backup::Dump(_));
    Engine::BUILT_IN.into_iter().filter(dumped)
}

#[test]
fn a_backup_to_a_claim() {
    let services = [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql, series: '15'}]",
        ),
        service(
            "user",
            "[{name: user_db, engine: postgresql, series: '15'}]",
        ),
    ];
    let engine = services[0].databases[0].engine;
    let plan = backed_up(engine, ON_CLAIM, &services);
    insta::assert_snapshot!("backup-claim", shown(&plan));
    let needs = &node(&plan, "backup/shop-postgresql-15").needs;
    let needs: Vec<_> = needs.iter().map(ToString::to_string).collect();
    assert_eq!(
        needs,
        [
            "credentials/shop-postgresql-15",
            "server/shop-postgresql-15"
        ]
    );
}

#[test]
fn a_backup_to_a_bucket() {
    let services = [service("order", "[{name: sessions, engine: redis}]")];
    let plan = backed_up(services[0].databases[0].engine, IN_BUCKET, &services);
    insta::assert_snapshot!("backup-bucket", shown(&plan));
}

/// A claim of backups is a person's data: nothing that goes takes it along.
#[test]
fn a_claim_of_backups_is_data() {
    for engine in dumped() {
        let plan = backed_up(engine, ON_CLAIM, &one(engine));
        let claims = objects(&plan).into_iter();
        let claims = claims.filter(|it| it.key.kind == Kind::PersistentVolumeClaim);
        let claims: Vec<_> = claims.collect();
        assert_eq!(claims.len(), 1, "{engine}");
        let metadata = &body(claims[0])["metadata"];
        assert!(claims[0].data);
        assert_eq!(metadata["ownerReferences"], Value::Null);
        assert_eq!(metadata["annotations"][names::APP_ANNOTATION], "shop");
    }
}

#[test]
fn every_pod_is_admitted_under_restricted() {
    for engine in dumped() {
        for backup in [ON_CLAIM, IN_BUCKET] {
            let plan = backed_up(engine, backup, &one(engine));
            let cron_job = objects(&plan).into_iter().next_back().unwrap();
            let pod = pod(body(cron_job));
            assert_eq!(
                restricted::violations(pod),
                Vec::<String>::new(),
                "{engine}"
            );
        }
    }
}

/// The Service of a server selects by name and app; a pod of its backups is none of it.
#[test]
fn no_service_leads_to_a_backup() {
    for engine in dumped() {
        let plan = backed_up(engine, ON_CLAIM, &one(engine));
        let all = applied(&plan).into_iter();
        let selectors: Vec<_> = all.filter_map(|it| it.pointer("/spec/selector")).collect();
        let cron_job = body(objects(&plan)[1]);
        let labels = &cron_job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"];
        for selector in selectors {
            assert_ne!(selector[names::NAME_LABEL], labels[names::NAME_LABEL]);
        }
    }
}

#[test]
fn only_servers_of_our_own_that_keep_something_are_backed_up() {
    let services = [service(
        "auth",
        "[{name: cache, engine: redis, mode: cache}]",
    )];
    let engine = services[0].databases[0].engine;
    let plan = backed_up(engine, ON_CLAIM, &services);
    assert!(objects(&plan).is_empty());
    insta::assert_yaml_snapshot!(plan.warnings, @r#"- "shop-auth-redis-7-cache is a cache and keeps nothing, so databases.redis.backup does not apply to it""#);
    for engine in Engine::BUILT_IN {
        let plan = backed_up(engine, ON_CLAIM, &one(engine));
        let is_dumped = dumped().any(|each| each == engine);
        assert_eq!(!objects(&plan).is_empty(), is_dumped, "{engine}");
    }
}

/// Each engine's script has every function that the backup's own script calls.
#[test]
fn every_engine_has_all_functions() {
    for engine in dumped() {
        let Backup::Dump(dump) = &engine.profile().backup else {
            continue;
        };
        for function in [
            "shape", "present", "dump", "create", "fill", "remove", "replace",
        ] {
            let begins = format!("\n{function}() {{");
            assert!(dump.script.contains(&begins), "{engine} lacks {function}");
        }
    }
}

/// Names are cut at their limit and still differ, and the claim's own name is the CronJob's.
#[test]
fn long_names_keep_their_limits() {
    let mut app = app();
    app.name = "a".repeat(40);
    app.databases = build::policies(&format!(
        "postgresql: {{mode: Dedicated, backup: {ON_CLAIM}}}"
    ));
    let name = "s".repeat(40);
    let service = service(&name, "[{name: order_db, engine: postgresql}]");
    let plan = plan(&app, &[service], &facts());
    let names: Vec<_> = objects(&plan)
        .iter()
        .map(|it| it.key.name.clone())
        .collect();
    assert_eq!(names[0], names[1]);
    assert!(names[0].len() <= names::WORKLOAD_LIMIT, "{names:?}");
}
