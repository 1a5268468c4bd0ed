//! A service's rules: which requests come to it, and what all layers together say of them.

use std::time::Duration;

use crate::api::names;
use crate::api::routing::Protocol;
use crate::plan::wanted::{Wanted, address};
use crate::validate::{Access, Gateway, PathRule, Routing, Traffic, ValidService};

/// How long a service may take to begin its answer. Who waits longer has gone or asks again,
/// and the requests that wait would pile up before a service that is stuck.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often a request is sent again. While pods come and go, a gateway may know one that is
/// gone; a second one that is gone too is rare, and a third time would only hide an outage.
const RETRIES: i32 = 2;

/// Whose word is the last on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// The app's, or Gravity's default.
    App,
    /// The service's.
    Service,
    /// The path's.
    Path,
}

/// All rules of a service, with what its weaker layers say.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    /// The port of the service's Kubernetes Service.
    pub port: i32,
    /// What is done with requests to any service.
    pub app: Traffic,
    /// What is done with requests to this service.
    pub service: Traffic,
    /// That of the service itself comes first.
    pub rules: Vec<Rule<'a>>,
}

/// Which requests come to a service, and what is done with them.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    /// Names it among those of its service; empty for that of the service itself.
    pub name: String,
    /// The field of the manifest that states it.
    pub field: String,
    /// The hosts; every host when empty.
    pub hosts: Vec<&'a str>,
    /// The path, with all that is below it.
    pub path: String,
    /// The methods; all when empty.
    pub methods: &'a [String],
    /// The prefix of the service, and what it sees in its place.
    pub rewrite: Option<(&'a str, &'a str)>,
    /// What the service speaks.
    pub protocol: Protocol,
    /// What is done with requests.
    pub traffic: Traffic,
    /// What of it somebody has asked for, and not for the service already.
    pub stated: Traffic,
    /// Who may come in, and who says so.
    pub access: (&'a Access, Layer),
}

/// What is done with requests to any service of the app.
pub(super) fn of_app(gateway: &Gateway) -> Traffic {
    let defaults = Traffic {
        timeout: Some(TIMEOUT),
        retries: Some(RETRIES),
        ..Traffic::default()
    };
    gateway.traffic.over(&defaults)
}

/// The rules of a service; `None` when no request from outside comes to it.
pub(super) fn rules<'a>(wanted: &Wanted<'a>) -> Option<Rules<'a>> {
    let routing = wanted.service.routing.as_ref()?;
    let port = address(wanted.service)?;
    let gateway = &wanted.app.gateway;
    let app = of_app(gateway);
    let service = routing.traffic.over(&app);
    let main = of_service(routing, gateway, &service);
    let paths = routing.paths.iter();
    let paths = paths.map(|path| of_path(path, routing, gateway, &service));
    let rules = std::iter::once(main).chain(paths).collect();
    Some(Rules {
        port,
        app,
        service,
        rules,
    })
}

fn of_service<'a>(routing: &'a Routing, gateway: &'a Gateway, traffic: &Traffic) -> Rule<'a> {
    Rule {
        name: String::new(),
        field: "api".to_owned(),
        hosts: hosts(routing, gateway),
        path: routing.prefix.clone(),
        methods: &routing.methods,
        rewrite: rewrite(routing),
        protocol: routing.protocol,
        traffic: traffic.clone(),
        stated: routing.traffic.over(&gateway.traffic),
        access: access(routing, gateway),
    }
}

fn of_path<'a>(
    path: &'a PathRule,
    routing: &'a Routing,
    gateway: &'a Gateway,
    service: &Traffic,
) -> Rule<'a> {
    let methods = match path.methods.as_slice() {
        [] => &routing.methods,
        stated => stated,
    };
    let access = path.access.as_ref().map(|access| (access, Layer::Path));
    Rule {
        name: word(&path.path),
        field: format!("api.paths[{}]", path.path),
        path: format!("{}{}", routing.prefix.trim_end_matches('/'), path.path),
        methods,
        traffic: path.traffic.over(service),
        // What the service asks for is told of the service.
        stated: path.traffic.clone(),
        access: access.unwrap_or_else(|| self::access(routing, gateway)),
        ..of_service(routing, gateway, service)
    }
}

/// The hosts of a service, or else that of the app.
pub(super) fn hosts<'a>(routing: &'a Routing, gateway: &'a Gateway) -> Vec<&'a str> {
    match routing.hosts.as_slice() {
        [] => gateway.host.iter().map(String::as_str).collect(),
        stated => stated.iter().map(String::as_str).collect(),
    }
}

fn access<'a>(routing: &'a Routing, gateway: &'a Gateway) -> (&'a Access, Layer) {
    match &routing.access {
        Some(access) => (access, Layer::Service),
        None => (&gateway.access, Layer::App),
    }
}

fn rewrite(routing: &Routing) -> Option<(&str, &str)> {
    let rewrite = routing.rewrite.as_deref()?;
    // There is nothing of / to take away.
    let changes = routing.prefix != "/" || !rewrite.is_empty();
    changes.then_some((routing.prefix.as_str(), rewrite))
}

/// A word of a path for the names of objects. Paths that would have one word are told apart.
pub(super) fn word(path: &str) -> String {
    let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let word: String = path[1..]
        .chars()
        .map(|each| each.to_ascii_lowercase())
        .map(|each| if letter(each) { each } else { '-' })
        .collect();
    if path[1..].chars().all(|each| letter(each) || each == '/') {
        return word;
    }
    format!(
        "{}-{}",
        word.trim_matches('-'),
        names::digest8(path.as_bytes())
    )
}

/// All who may come in to a service or one of its paths.
pub(in crate::plan) fn accesses(service: &ValidService) -> impl Iterator<Item = (String, &Access)> {
    let routing = service.routing.iter();
    routing.flat_map(|routing| {
        let service = routing.access.iter();
        let service = service.map(|access| ("api.authentication".to_owned(), access));
        let paths = routing.paths.iter().filter_map(|path| {
            let field = format!("api.paths[{}].authentication", path.path);
            Some((field, path.access.as_ref()?))
        });
        service.chain(paths)
    })
}
