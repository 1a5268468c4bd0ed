//! The walls around servers and those that serve them: who may reach a server, and whom its
//! Jobs and its pooler may reach.

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::places::{ExternalServer, Server};
use super::{backup, pooler, provisioning};
use crate::api::names;
use crate::engines::Operator;
use crate::plan::graph::PlannedObject;
use crate::plan::wall::{self, Wall, from, here, names_of_hosts, tcp, to};
use crate::validate::ValidApp;

/// The wall of a server that Gravity runs, around the Jobs that make what is on it as well:
/// they are to reach nothing else, and nobody is to reach them.
pub(super) fn own(app: &ValidApp, server: &Server<'_>) -> Option<PlannedObject> {
    let walls = app.walls.as_ref()?;
    let members = || here(wall::pods(app, [server.name.clone()]));
    let mut inside = jobs(server);
    inside.insert(server.name.clone());
    let mut ingress = Vec::new();
    ingress.extend(from(
        vec![here(wall::pods(app, clients(server)))],
        port(server),
    ));
    ingress.extend(server.guests.rules(app, walls, &port(server)));
    // They speak at ports that no client knows.
    if has_members(server) {
        ingress.extend(from(vec![members()], Vec::new()));
    }
    let wall = Wall {
        name: &server.name,
        component: "database",
        pods: wall::pods(app, inside),
        ingress,
        egress: Some(vec![names_of_hosts(), to(vec![members()], Vec::new())]),
    };
    wall.planned(app)
}

/// The walls of a server that an operator runs: around all of its pods, members and poolers,
/// and around the Jobs. Where the pods go is left open: they ask the API server what they
/// should be, and archive to wherever somebody has told them.
pub(super) fn operated(
    app: &ValidApp,
    server: &Server<'_>,
    operator: &Operator,
) -> Vec<PlannedObject> {
    let Some(walls) = &app.walls else {
        return Vec::new();
    };
    let pods = labelled(operator.server_label, &server.name);
    let of_operator = NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector::default()),
        pod_selector: Some(labelled(operator.own_label.0, operator.own_label.1)),
        ..NetworkPolicyPeer::default()
    };
    let asked = operator.asked_at.iter().map(|port| tcp(*port));
    let metrics = operator.metrics_at.iter().map(|port| tcp(*port));
    let ingress = [
        from(vec![here(wall::pods(app, clients(server)))], port(server)),
        from(vec![here(pods.clone())], Vec::new()),
        from(vec![of_operator], asked.collect()),
        from(walls.metrics.clone(), metrics.collect()),
    ];
    let around_pods = Wall {
        name: &server.name,
        component: "database",
        pods,
        ingress: ingress.into_iter().flatten().collect(),
        egress: None,
    };
    let name = names::derived(&[&server.name, "jobs"], names::LABEL_LIMIT);
    let around_jobs = Wall {
        name: &name,
        component: "provisioning",
        pods: wall::pods(app, jobs(server)),
        ingress: Vec::new(),
        egress: Some(vec![names_of_hosts(), reach(app, server)]),
    };
    let walls = [around_pods, around_jobs];
    walls
        .into_iter()
        .filter_map(|wall| wall.planned(app))
        .collect()
}

/// The wall of a Job that makes what is on a server of others.
pub(super) fn external(app: &ValidApp, server: &Server<'_>, job: &str) -> Option<PlannedObject> {
    server.external.as_ref()?;
    let wall = Wall {
        name: job,
        component: "provisioning",
        pods: wall::pods(app, [job.to_owned()]),
        ingress: Vec::new(),
        egress: Some(vec![names_of_hosts(), reach(app, server)]),
    };
    wall.planned(app)
}

/// The wall of a pooler that Gravity runs.
pub(super) fn around_pooler(app: &ValidApp, server: &Server<'_>) -> Option<PlannedObject> {
    let name = server.pooler_name();
    let owners = here(wall::pods(app, owners(server)));
    let wall = Wall {
        name: &name,
        component: "pooler",
        pods: wall::pods(app, [name.clone()]),
        ingress: from(vec![owners], port(server)).into_iter().collect(),
        egress: Some(vec![names_of_hosts(), reach(app, server)]),
    };
    wall.planned(app)
}

/// The wall of the Jobs of backups, which may have a bucket to reach.
pub(super) fn around_backups(
    app: &ValidApp,
    server: &Server<'_>,
    name: &str,
    bucket: Option<(String, i32)>,
) -> Option<PlannedObject> {
    let bucket = bucket.map(|(host, port)| wall::outside(&host, port));
    let egress = [names_of_hosts(), reach(app, server)];
    let wall = Wall {
        name,
        component: "backup",
        pods: wall::pods(app, [name.to_owned()]),
        ingress: Vec::new(),
        egress: Some(egress.into_iter().chain(bucket).collect()),
    };
    wall.planned(app)
}

/// What the services with databases on the server may reach: it, and the pooler in front of
/// it, which their migrations go past.
pub(super) fn reaches(app: &ValidApp, server: &Server<'_>) -> Vec<NetworkPolicyEgressRule> {
    let is_unknown = |external: &ExternalServer| external.address().is_none();
    if app.walls.is_none() {
        return Vec::new();
    }
    if server.external.as_ref().is_some_and(is_unknown) {
        return Vec::new();
    }
    // An operator's pooler has the label of the server, too.
    let own = server.pooler().filter(|_| server.operator.is_none());
    let pooler = own.map(|_| {
        let pods = wall::pods(app, [server.pooler_name()]);
        to(vec![here(pods)], port(server))
    });
    std::iter::once(reach(app, server)).chain(pooler).collect()
}

/// The way to the server.
fn reach(app: &ValidApp, server: &Server<'_>) -> NetworkPolicyEgressRule {
    if server.external.is_some() {
        return wall::outside(&server.host(), server.port());
    }
    let pods = match server.operator {
        Some(operator) => labelled(operator.server_label, &server.name),
        None => wall::pods(app, [server.name.clone()]),
    };
    to(vec![here(pods)], port(server))
}

/// The port of clients.
fn port(server: &Server<'_>) -> Vec<NetworkPolicyPort> {
    vec![tcp(server.port())]
}

/// Whether several members form one server, or may come to.
fn has_members(server: &Server<'_>) -> bool {
    server.profile().replica_set || server.profile().ports.len() > 1
}

/// Who may reach the server at the port of clients, by name.
fn clients(server: &Server<'_>) -> BTreeSet<String> {
    let own = server.pooler().filter(|_| server.operator.is_none());
    let pooler = own.map(|_| server.pooler_name());
    let mut clients = jobs(server);
    clients.extend(owners(server));
    clients.extend(pooler);
    clients.extend(backup::wanted_name(server));
    clients
}

/// The services with databases on it.
fn owners(server: &Server<'_>) -> BTreeSet<String> {
    server.by_service().into_keys().map(str::to_owned).collect()
}

/// The Jobs that make what is on it.
fn jobs(server: &Server<'_>) -> BTreeSet<String> {
    let services = server.by_service();
    let jobs = services
        .keys()
        .map(|service| provisioning::id(service, server));
    jobs.chain(pooler::login_job(server)).collect()
}

fn labelled(label: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some([(label.to_owned(), value.to_owned())].into()),
        ..LabelSelector::default()
    }
}
