//! The walls around servers, and what services may reach there.

use insta::assert_snapshot;

use super::*;
use crate::api::objects::Kind;
use crate::engines::Engine;
use crate::plan::Address;
use crate::plan::meta::value;
use crate::validate::{Walls, validate_app};

fn walled(policy: &str) -> ValidApp {
    let stated = crate::api::GravityApp::new(
        "shop",
        serde_yaml::from_str("services: [{name: a}]").unwrap(),
    );
    ValidApp {
        walls: validate_app(&stated).unwrap().walls,
        databases: build::policies(policy),
        ..app()
    }
}

fn services(engine: &str) -> [ValidService; 2] {
    ["auth", "user"].map(|name| {
        let database = format!("[{{name: {name}_db, engine: {engine}}}]");
        service(name, &database)
    })
}

/// Each policy with its node, and the rules that the service auth gets for it.
fn shown(plan: &Databases) -> String {
    let mut text = String::new();
    for node in &plan.nodes {
        for object in &node.objects {
            let Body::Apply(body) = &object.body else {
                continue;
            };
            if object.key.kind == Kind::NetworkPolicy {
                let spec = serde_yaml::to_string(&body["spec"]).unwrap();
                text += &format!("# {}: {}\n{spec}", node.id, object.key.name);
            }
        }
    }
    let reaches = value(&plan.services["auth"].reaches);
    text + "# auth reaches\n" + &serde_yaml::to_string(&reaches).unwrap()
}

#[test]
fn a_server_lets_in_its_owners_their_jobs_its_pooler_and_its_backups() {
    let app = walled(
        "postgresql: {pooler: {}, backup: {schedule: '@daily', to: {s3: {endpoint: 'https://10.1.2.3:9000', bucket: b, secretName: s}}}}",
    );
    assert_snapshot!(
        "postgresql-walls",
        shown(&plan(&app, &services("postgresql"), &facts()))
    );
}

#[test]
fn the_members_of_a_set_reach_one_another() {
    assert_snapshot!(
        "mongodb-walls",
        shown(&plan(&walled("{}"), &services("mongodb"), &facts()))
    );
}

#[test]
fn an_operator_asks_its_pods_how_they_are_and_they_ask_the_api_server() {
    let app = walled("postgresql: {mode: CloudNativePG, pooler: {}}");
    assert_snapshot!(
        "cloudnativepg-walls",
        shown(&plan(&app, &services("postgresql"), &facts()))
    );
}

/// What auth, and the Job that provisions for it, may reach of a server of others.
fn outside(host: &str) -> Vec<serde_json::Value> {
    let app = walled("mysql: {mode: External, secretName: rds}");
    let at = Address {
        host: host.to_owned(),
        port: Some(3307),
        ..Address::default()
    };
    let facts = Facts {
        named: build::managed("rds", Ok(at)),
        ..facts()
    };
    let plan = plan(&app, &services("mysql"), &facts);
    let job = node(&plan, "provisioning/auth-shop-mysql-8-4");
    let Body::Apply(wall) = &job.objects[0].body else {
        panic!("a policy is applied");
    };
    assert_eq!(wall["kind"], "NetworkPolicy");
    assert_eq!(job.primary().unwrap().key.kind, Kind::Job);
    let reaches = &plan.services["auth"].reaches;
    assert_eq!(wall["spec"]["egress"][1], value(&reaches[0]));
    reaches.iter().map(value).collect()
}

#[test]
fn a_server_of_others_is_reached_by_its_address_or_else_by_its_port() {
    let line = |host: &str| serde_json::to_string(&outside(host)).unwrap();
    assert_snapshot!(line("10.0.0.7"), @r#"[{"ports":[{"port":3307,"protocol":"TCP"}],"to":[{"ipBlock":{"cidr":"10.0.0.7/32"}}]}]"#);
    assert_snapshot!(line("fd00::1"), @r#"[{"ports":[{"port":3307,"protocol":"TCP"}],"to":[{"ipBlock":{"cidr":"fd00::1/128"}}]}]"#);
    assert_snapshot!(line("db.example.com"), @r#"[{"ports":[{"port":3307,"protocol":"TCP"}]}]"#);
    assert_snapshot!(line("db.data.svc.cluster.local"), @r#"[{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"data"}}}]}]"#);
}

#[test]
fn nothing_is_opened_for_a_server_of_which_nobody_knows_the_address() {
    let app = walled("mysql: {mode: External, secretName: rds}");
    let plan = plan(&app, &services("mysql"), &facts());
    assert_eq!(plan.services["auth"].reaches, []);
}

#[test]
fn without_walls_no_policy_is_made() {
    for policy in ["{}", "postgresql: {mode: CloudNativePG}"] {
        let app = ValidApp {
            walls: None,
            ..walled(policy)
        };
        let plan = plan(&app, &services("postgresql"), &facts());
        let kinds = plan.nodes.iter().flat_map(|node| &node.objects);
        assert!(
            kinds
                .map(|object| object.key.kind)
                .all(|kind| kind != Kind::NetworkPolicy)
        );
        assert_eq!(plan.services["auth"].reaches, []);
    }
}

/// Whatever runs a server, each pod of it and of its Jobs is behind a wall of both directions.
#[test]
fn no_pod_of_any_engine_is_without_a_wall() {
    for engine in Engine::BUILT_IN {
        let mut app = walled(&format!("{engine}: {{}}"));
        app.walls = Some(Walls {
            gateway: Vec::new(),
            metrics: Vec::new(),
        });
        let plan = plan(&app, &services(engine.name()), &facts());
        let all: Vec<_> = applied(&plan);
        assert_eq!(
            crate::plan::tests::walls::open(&all),
            Vec::<String>::new(),
            "{engine}"
        );
    }
}
