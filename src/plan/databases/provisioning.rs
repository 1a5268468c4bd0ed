//! The Job that makes a service's databases and logins on one server.
//!
//! Each database is a container of its own, in the server's image, that runs the engine's
//! script. All it works with comes by environment variables: names and passwords are
//! data, and nothing is spliced into the script.

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{
    Container, EnvVar, PodSpec, PodTemplateSpec, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::places::{Place, Server, dns};
use super::{credential, credentials, credentials_id, events, fill, operated, pod, server, walls};
use crate::api::names;
use crate::api::objects::Kind;
use crate::engines::{Provisioning, Rotation};
use crate::plan::graph::{Node, NodeId, NodeKind};
use crate::plan::meta;
use crate::plan::{Beside, Facts};
use crate::validate::ValidApp;

/// The script is done in seconds; a server that is just restarting takes minutes.
pub(super) const DEADLINE: Duration = Duration::from_secs(600);
/// With Kubernetes' back-off of 10, 20, 40 … seconds these fill the deadline.
const RETRIES: i32 = 5;

/// What a Job's name is made from. A new name is a new run, so an upgrade of Gravity that
/// changes the look of the Job must change nothing here.
#[derive(Serialize)]
struct Inputs<'a> {
    service: &'a str,
    server: &'a str,
    series: &'a str,
    revision: u32,
    databases: Vec<Database<'a>>,
    credentials: Vec<(String, String)>,
    /// How many members a set has, where it is more than one: the Job adds those that it lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<&'a str>,
}

#[derive(Serialize)]
struct Database<'a> {
    name: String,
    owner: String,
    extensions: BTreeSet<&'a str>,
    charset: Option<&'a str>,
    collation: Option<&'a str>,
    events: Option<events::Definitions>,
    /// What it sends to as well as takes from: the definitions show only that it takes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    both: BTreeSet<&'a str>,
}

/// The node of a service's provisioning on a server.
pub(super) fn node(
    app: &ValidApp,
    server: &Server<'_>,
    service: &str,
    places: &[Place<'_>],
    facts: &Facts,
) -> Node {
    let mut needs: BTreeSet<_> = places
        .iter()
        .map(|place| credentials_id(secret(place)))
        .collect();
    if server.external.is_none() {
        needs.extend([credentials_id(&server.name), server::id(server)]);
    }
    let databases = places.iter();
    needs.extend(databases.filter_map(|place| operated::database_id(server, place)));
    let id = id(service, server);
    let name = job_name(app, server, service, places, facts);
    let runs = places.iter().map(|place| run(app, server, place, facts));
    let job = job(app, server, &id, &name, runs.collect());
    let job = meta::planned(app, Kind::Job, &name, &job);
    let wall = walls::external(app, server, &id);
    Node {
        id: NodeId::new(NodeKind::Provisioning, id),
        service: Some(service.to_owned()),
        version: None,
        needs,
        objects: wall.into_iter().chain([job]).collect(),
        deadline: DEADLINE,
    }
}

/// What the node is called, and the Job's pods.
pub(super) fn id(service: &str, server: &Server<'_>) -> String {
    names::derived(&[service, &server.name], names::LABEL_LIMIT)
}

fn secret(place: &Place<'_>) -> String {
    credentials::login_name(&place.service.name, &place.database.name)
}

fn job_name(
    app: &ValidApp,
    server: &Server<'_>,
    service: &str,
    places: &[Place<'_>],
    facts: &Facts,
) -> String {
    let mut secrets: BTreeSet<_> = places.iter().map(secret).collect();
    secrets.insert(server.admin_secret());
    let with_id = |secret: String| {
        let external = server.external.as_ref().filter(|it| it.secret == secret);
        let revision = external.and_then(|external| external.address());
        let valid = match revision {
            Some(address) => address.revision.clone(),
            None => valid(facts, &secret),
        };
        (secret, valid)
    };
    let inputs = Inputs {
        service,
        server: &server.name,
        series: &server.series,
        revision: server.profile().provisioning.revision,
        databases: places.iter().map(|place| inputs_of(app, place)).collect(),
        credentials: secrets.into_iter().map(with_id).collect(),
        members: server.grown_members(),
        again: app.again.as_deref(),
    };
    let digest = names::digest8(meta::value(&inputs).to_string().as_bytes());
    names::derived(&[service, &server.name, &digest], names::LABEL_LIMIT)
}

/// The credentials that are valid once the Job is done. A rotation changes which of two is
/// in use between two Jobs: that asks for no third one.
fn valid(facts: &Facts, secret: &str) -> String {
    let current = credential(facts, secret);
    let rotation = facts.rotations.get(secret);
    match rotation.and_then(|rotation| rotation.beside.as_ref()) {
        None => current.to_owned(),
        Some(Beside::Next(other) | Beside::Previous(other)) => {
            let valid: BTreeSet<&str> = [current, other].into();
            valid.into_iter().collect::<Vec<_>>().join("+")
        }
    }
}

fn inputs_of<'a>(app: &ValidApp, place: &Place<'a>) -> Database<'a> {
    let Place { service, database } = place;
    let has_events = database.engine.profile().events.is_some();
    let published = events::published(service).into_iter();
    let taken = events::subscribed(service);
    Database {
        name: place.name_on_server(app),
        owner: place.owner(),
        extensions: database.extensions.iter().map(String::as_str).collect(),
        charset: database.charset.as_deref(),
        collation: database.collation.as_deref(),
        events: has_events.then(|| events::definitions(service, &app.name)),
        both: published
            .filter(|name| has_events && taken.contains(name))
            .collect(),
    }
}

/// A script that runs in a container of its own.
pub(super) struct Run<'a> {
    /// The container's name.
    pub name: String,
    /// The script, and what it takes to run it.
    pub provisioning: &'a Provisioning,
    /// What it works with.
    pub variables: Vec<EnvVar>,
}

/// A Job that runs these scripts, each with the server's own client.
pub(super) fn job(
    app: &ValidApp,
    server: &Server<'_>,
    id: &str,
    name: &str,
    runs: Vec<Run<'_>>,
) -> Job {
    // The label of the name is the node's: with the service's own, its Service would lead
    // requests to these pods.
    let labels = names::labels(&app.name, id, "provisioning");
    Job {
        metadata: meta::owned(app, name, labels.clone()),
        spec: Some(JobSpec {
            active_deadline_seconds: i64::try_from(DEADLINE.as_secs()).ok(),
            backoff_limit: Some(RETRIES),
            // No time to live: the newest finished Job is the record that this was done,
            // and one that vanished would be run again.
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod_spec(server, runs)),
            },
            ..JobSpec::default()
        }),
        ..Job::default()
    }
}

fn pod_spec(server: &Server<'_>, runs: Vec<Run<'_>>) -> PodSpec {
    PodSpec {
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        // A failed pod stays, with the script's own words.
        restart_policy: Some("Never".to_owned()),
        security_context: Some(pod::security(server.profile())),
        containers: runs.into_iter().map(|run| container(server, run)).collect(),
        volumes: Some(vec![pod::scratch("tmp", "/tmp")]),
        ..PodSpec::default()
    }
}

/// What makes one database.
fn run(app: &ValidApp, server: &Server<'_>, place: &Place<'_>, facts: &Facts) -> Run<'static> {
    Run {
        name: names::derived(&[&dns(&place.database.name)], names::LABEL_LIMIT),
        provisioning: &server.profile().provisioning,
        variables: variables(app, server, place, facts),
    }
}

fn container(server: &Server<'_>, run: Run<'_>) -> Container {
    let Run {
        name,
        provisioning,
        variables,
    } = run;
    let mut command: Vec<_> = provisioning
        .command
        .iter()
        .map(|&word| word.to_owned())
        .collect();
    command.push(literal(provisioning.script));
    Container {
        name,
        image: Some(server.image.clone()),
        command: Some(command),
        env: Some(variables),
        resources: Some(ResourceRequirements {
            requests: Some(pod::quantities(&[("cpu", "50m"), ("memory", "64Mi")])),
            // Clients that are machines of their own (Java, Erlang, Node) need this much.
            limits: Some(pod::quantities(&[("memory", "512Mi")])),
            ..ResourceRequirements::default()
        }),
        security_context: Some(pod::container_security(false)),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![pod::mount("tmp", "/tmp")]),
        ..Container::default()
    }
}

/// What the script works with. Values are data to it.
fn variables(app: &ValidApp, server: &Server<'_>, place: &Place<'_>, facts: &Facts) -> Vec<EnvVar> {
    let Place { database, .. } = place;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut variables = vec![
        pod::variable("HOME", "/tmp"),
        pod::variable("SERVER_NAME", &server.name),
        pod::variable("SERVER_HOST", server.host()),
        pod::variable("SERVER_PORT", server.port().to_string()),
        pod::variable("SERVER_MEMBERS", fill::members(app, server)),
        pod::variable("DATABASE_NAME", place.name_on_server(app)),
        pod::variable("DATABASE_OWNER", place.owner()),
        pod::variable("DATABASE_EXTENSIONS", database.extensions.join("\n")),
        pod::variable("DATABASE_CHARSET", text(&database.charset)),
        pod::variable("DATABASE_COLLATION", text(&database.collation)),
        pod::from_secret("DATABASE_USERNAME", &secret(place), "username"),
        pod::from_secret("DATABASE_PASSWORD", &secret(place), "password"),
    ];
    if server.profile().provisioning.rotation == Rotation::TwoLogins {
        variables.extend(other_login(&secret(place), facts));
    }
    variables.extend(admin_variables(app, server));
    if let Some(operator) = server.operator {
        variables.push(pod::variable("SERVER_OPERATOR", operator.title));
    }
    if server.external.is_some() {
        // By this the server tells two apps apart that name one database there.
        let whose = format!("{}/{}", app.namespace, app.name);
        variables.push(pod::variable("DATABASE_APP", whose));
    }
    if server.profile().events.is_some() {
        variables.extend(event_variables(app, place));
    }
    for variable in &mut variables {
        variable.value = variable.value.as_deref().map(literal);
    }
    variables
}

/// What becomes of the login that is not in use.
fn other_login(secret: &str, facts: &Facts) -> Vec<EnvVar> {
    let what = |what: &str| pod::variable("OTHER_LOGIN", what);
    let rotation = facts.rotations.get(secret);
    match rotation.and_then(|rotation| rotation.beside.as_ref()) {
        None => vec![what("cut")],
        Some(Beside::Previous(_)) => vec![what("keep")],
        Some(Beside::Next(_)) => {
            let key = names::NEXT_PASSWORD_KEY;
            let password = pod::from_secret("OTHER_PASSWORD", secret, key);
            vec![what("set"), password]
        }
    }
}

/// The text as a command or a variable's value must have it to stay as it is: Kubernetes
/// puts variables in the place of `$(NAME)`, and makes `$` of `$$`.
pub(super) fn literal(text: &str) -> String {
    let mut literal = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        literal.push(letter);
        if letter == '$' && matches!(letters.peek(), Some('$' | '(')) {
            literal.push('$');
        }
    }
    literal
}

/// The administrator: `ADMIN_URI` for a managed server, or else `ADMIN_USERNAME`,
/// `ADMIN_PASSWORD` and what else the engine's administrator has.
pub(super) fn admin_variables(app: &ValidApp, server: &Server<'_>) -> Vec<EnvVar> {
    let secret = server.admin_secret();
    if server.external.is_some() {
        return vec![pod::from_secret("ADMIN_URI", &secret, "uri")];
    }
    let profile = server.profile();
    let mut variables = vec![
        pod::from_secret("ADMIN_USERNAME", &secret, "username"),
        pod::from_secret("ADMIN_PASSWORD", &secret, "password"),
    ];
    for (name, source) in profile.provisioning.variables {
        let text = fill::fill(app, server, source);
        variables.push(match text.strip_prefix("admin:") {
            Some(key) => pod::from_secret(name, &secret, key),
            None => pod::variable(name, text),
        });
    }
    variables
}

fn event_variables(app: &ValidApp, place: &Place<'_>) -> Vec<EnvVar> {
    let service = place.service;
    let rights = events::rights(service);
    let definitions = meta::value(&events::definitions(service, &app.name));
    let lines = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join("\n");
    let mut groups = events::queues(service);
    groups.insert(&service.name);
    vec![
        pod::variable("SERVICE_NAME", &service.name),
        pod::variable("EVENTS_DEFINITIONS", definitions.to_string()),
        pod::variable("EVENTS_TOPICS", lines(events::exchanges(service))),
        pod::variable("EVENTS_PUBLISHES", lines(events::published(service))),
        pod::variable("EVENTS_SUBSCRIBES", lines(events::subscribed(service))),
        pod::variable("EVENTS_GROUPS", lines(groups)),
        pod::variable("EVENTS_CONFIGURE", rights.configure),
        pod::variable("EVENTS_WRITE", rights.write),
        pod::variable("EVENTS_READ", rights.read),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_leaves_a_literal_text_as_it_is() {
        let cases = [
            ("$NAME and ${NAME}", "$NAME and ${NAME}"),
            ("$(id)", "$$(id)"),
            ("$$", "$$$"),
            ("$$(id)", "$$$$(id)"),
        ];
        for (text, expected) in cases {
            assert_eq!(literal(text), expected);
        }
    }
}
