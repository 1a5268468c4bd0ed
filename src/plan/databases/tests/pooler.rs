//! Poolers in front of servers.

use super::objects::rendered_of;
use super::*;

fn with(policy: &str) -> ValidApp {
    ValidApp {
        databases: build::policies(policy),
        ..app()
    }
}

fn services() -> [ValidService; 2] {
    [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql, series: '16'}]",
        ),
        service(
            "user",
            "[{name: user_db, engine: postgresql, series: '16'}]",
        ),
    ]
}

/// The objects of the nodes whose id has this in it.
fn part(plan: &Databases, of: &str) -> String {
    let nodes = plan.nodes.iter();
    let nodes = nodes.filter(|node| node.id.to_string().contains(of));
    rendered_of(&Databases {
        nodes: nodes.cloned().collect(),
        ..Databases::default()
    })
}

#[test]
fn a_pooler_as_a_whole() {
    let plan = plan(&with("postgresql: {pooler: {}}"), &services(), &facts());
    insta::assert_snapshot!("pooler", part(&plan, "shop-postgresql-16-pooler"));
    let needs = |id: &str| {
        let needs = node(&plan, id).needs.iter().map(ToString::to_string);
        needs.collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(needs("provisioning/shop-postgresql-16-pooler"), @"credentials/shop-postgresql-16 credentials/shop-postgresql-16-pooler server/shop-postgresql-16");
    insta::assert_snapshot!(needs("pooler/shop-postgresql-16-pooler"), @"credentials/shop-postgresql-16-pooler provisioning/shop-postgresql-16-pooler");
}

#[test]
fn a_pooler_of_the_operator_is_its_object() {
    let app = with(
        "postgresql: {mode: CloudNativePG, pooler: {mode: Session, replicas: 3, poolSize: 5, resources: {limits: {memory: 128Mi}}}}",
    );
    let plan = plan(&app, &services(), &facts());
    insta::assert_snapshot!(
        "cloudnativepg-pooler",
        part(&plan, "shop-postgresql-16-cnpg-pooler")
    );
}

/// Services come through it, and what changes their databases does not.
#[test]
fn a_login_leads_to_the_pooler_and_has_a_way_past_it() {
    for (policy, pooler, server) in [
        (
            "postgresql: {pooler: {}}",
            "shop-postgresql-16-pooler",
            "shop-postgresql-16",
        ),
        (
            "postgresql: {mode: CloudNativePG, replicas: 2, pooler: {}}",
            "shop-postgresql-16-cnpg-pooler",
            "shop-postgresql-16-cnpg-rw",
        ),
    ] {
        let plan = plan(&with(policy), &services(), &facts());
        let login = node(&plan, "credentials/auth-auth-db");
        let Body::Create { stated, generate } = &login.objects[0].body else {
            panic!("credentials are created")
        };
        assert_eq!(stated["stringData"]["host"], pooler);
        let uri = |key: &str| format!("{:?}", generate[key]);
        assert!(uri("uri").contains(&format!("@{pooler}:5432/auth_db")));
        assert!(uri("direct-uri").contains(&format!("@{server}:5432/auth_db")));
        let bindings = &plan.services["auth"];
        assert!(
            bindings
                .needs
                .iter()
                .any(|id| id.to_string() == format!("pooler/{pooler}"))
        );
        assert_eq!(bindings.direct[0].name, "AUTH_DB_URL");
        let job = node(
            &plan,
            &format!("provisioning/auth-{}", server.trim_end_matches("-rw")),
        );
        let Body::Apply(job) = &job.objects[0].body else {
            panic!("Jobs are applied")
        };
        let env = job.pointer("/spec/template/spec/containers/0/env").unwrap();
        let mut env = env.as_array().unwrap().iter();
        let host = env.find(|variable| variable["name"] == "SERVER_HOST");
        assert_eq!(
            host.unwrap()["value"],
            server,
            "the Job works on the server itself"
        );
    }
}

/// Its pods restart with a pooler that comes or goes, and their data is where it was.
#[test]
fn a_pooler_that_comes_is_another_address_and_no_move() {
    let digest = |policy: &str| {
        let plan = plan(&with(policy), &services(), &facts());
        plan.services["auth"].credentials.clone()
    };
    assert_ne!(digest("{}"), digest("postgresql: {pooler: {}}"));
    for home in ["shop-postgresql-16", "shop-postgresql-16-pooler"] {
        let facts = Facts {
            homes: BTreeMap::from([("auth-auth-db".to_owned(), home.to_owned())]),
            ..facts()
        };
        for policy in ["{}", "postgresql: {pooler: {}}"] {
            let held = plan(&with(policy), &services(), &facts).held;
            assert_eq!(held, BTreeMap::new(), "{home} {policy}");
        }
    }
}

#[test]
fn its_pods_restart_for_what_is_asked_and_for_its_password() {
    let digest = |pooler: &str, id: Option<&str>| {
        let mut facts = facts();
        let secret = "shop-postgresql-16-pooler".to_owned();
        facts
            .credentials
            .extend(id.map(|id| (secret, id.to_owned())));
        let app = with(&format!("postgresql: {{pooler: {pooler}}}"));
        let plan = plan(&app, &services(), &facts);
        let objects = &node(&plan, "pooler/shop-postgresql-16-pooler").objects;
        let Body::Apply(deployment) = &objects.last().unwrap().body else {
            panic!("Deployments are applied")
        };
        let template = &deployment["spec"]["template"];
        template["metadata"]["annotations"].to_string()
    };
    let before = digest("{}", None);
    assert_eq!(digest("{replicas: 5}", None), before);
    for other in ["{mode: Session}", "{poolSize: 5}", "{maxClients: 50}"] {
        assert_ne!(digest(other, None), before, "{other}");
    }
    assert_ne!(digest("{}", Some("4711")), before);
}

#[test]
fn the_connections_are_the_poolers_and_not_those_of_services() {
    let many = ValidService {
        scaling: Scaling {
            min: 1,
            max: 300,
            metrics: Vec::new(),
        },
        ..service("auth", "[{name: auth_db, engine: postgresql}]")
    };
    let warnings = |pooler: &str| {
        let app = with(&format!("postgresql: {{pooler: {pooler}}}"));
        plan(&app, std::slice::from_ref(&many), &facts()).warnings
    };
    assert_eq!(warnings("{}"), Vec::<String>::new());
    insta::assert_yaml_snapshot!(warnings("{replicas: 3, poolSize: 50, mode: Session}"), @r#"- "shop-postgresql-17: its pooler may open 300 connections (300 for each of 1 databases), and the server takes 200: lower the pooler's poolSize or replicas""#);
    assert_eq!(
        warnings("{replicas: 3, poolSize: 50}"),
        Vec::<String>::new()
    );
}

#[test]
fn every_engine_that_has_a_pooler_makes_its_pods_restricted() {
    for engine in crate::engines::Engine::BUILT_IN {
        if engine.profile().pooler.is_none() {
            continue;
        }
        let app = with(&format!("{engine}: {{pooler: {{}}}}"));
        let service = service("order", &format!("[{{name: order_db, engine: {engine}}}]"));
        let plan = plan(&app, &[service], &facts());
        let specs = applied(&plan)
            .into_iter()
            .filter_map(|value| value.pointer("/spec/template/spec"));
        for spec in specs {
            let violations = super::restricted::violations(spec);
            assert_eq!(violations, Vec::<String>::new(), "{engine}");
        }
    }
}
