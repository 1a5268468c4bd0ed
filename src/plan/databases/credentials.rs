//! Secrets that are made once: a server's administrator, a service's login to a database.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::places::{Place, Server, dns};
use super::{credentials_id, fill};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::engines::Rotation;
use crate::plan::graph::{Body, Generated, Node, PlannedObject};
use crate::plan::{Facts, meta, migration};
use crate::validate::{ValidApp, ValidService};

/// The key of a login's URL.
pub(super) const URI: &str = "uri";
/// The key of its URL past the pooler.
pub(super) const DIRECT_URI: &str = "direct-uri";
/// The key of its URL at the members that only read.
pub(super) const REPLICA_URI: &str = "replica-uri";

/// Letters and digits of a password: 190 bits.
const PASSWORD: usize = 32;
/// 95 bits: more than anybody can try.
const SALT: usize = 16;
/// Nothing has to start; more than this and the API server is away.
const DEADLINE: Duration = Duration::from_secs(60);

/// The administrator of a server. A managed server's is not Gravity's to make.
pub(super) fn admin(app: &ValidApp, server: &Server<'_>) -> Option<Node> {
    if server.external.is_some() {
        return None;
    }
    let profile = server.profile();
    let name = server.admin_secret();
    let mut labels = names::labels(&app.name, &server.name, "credentials");
    let shape = server.operator.map(|operator| &operator.admin);
    for (name, value) in shape.iter().flat_map(|shape| shape.labels) {
        labels.insert((*name).to_owned(), (*value).to_owned());
    }
    let secret = Secret {
        metadata: meta::data(app, &name, labels),
        type_: Some(shape.map_or("Opaque", |shape| shape.type_).to_owned()),
        ..Secret::default()
    };
    let mut generate = made(vec![profile.admin.username.to_owned()]);
    for (key, length) in profile.admin.generated {
        generate.insert((*key).to_owned(), Generated::Password(*length));
    }
    Some(node(
        app,
        &server.name,
        server.owner.clone(),
        &name,
        &secret,
        generate,
    ))
}

/// A service's login to one of its databases, as the Service Binding specification has it
/// (servicebinding.io, "Well-known Secret Entries").
pub(super) fn login(app: &ValidApp, server: &Server<'_>, place: &Place<'_>, facts: &Facts) -> Node {
    let Place { service, database } = place;
    let name = login_name(&service.name, &database.name);
    let on_server = place.name_on_server(app);
    let labels = names::labels(&app.name, &service.name, "credentials");
    let secret = Secret {
        metadata: with_seed(meta::data(app, &name, labels), service, facts),
        type_: Some(format!("servicebinding.io/{}", server.engine)),
        string_data: Some(texts(&[
            ("type", server.engine.name()),
            ("provider", names::FIELD_MANAGER),
            ("host", &server.service_host()),
            ("port", &server.port().to_string()),
            ("database", &on_server),
        ])),
        ..Secret::default()
    };
    let uri = |host: &str| fill::url(app, server, host, &database.url_scheme, &on_server);
    let owner = place.owner();
    let mut logins = vec![format!("{owner}_a"), format!("{owner}_b")];
    if server.profile().provisioning.rotation != Rotation::TwoLogins {
        logins.truncate(1);
    }
    let mut generate = made(logins);
    generate.insert(
        URI.to_owned(),
        Generated::Composed(uri(&server.service_host())),
    );
    if server.pooler().is_some() {
        let direct = Generated::Composed(uri(&server.host()));
        generate.insert(DIRECT_URI.to_owned(), direct);
    }
    if let Some(host) = server.replica_host() {
        generate.insert(REPLICA_URI.to_owned(), Generated::Composed(uri(&host)));
    }
    node(
        app,
        &name,
        Some(service.name.clone()),
        &name,
        &secret,
        generate,
    )
}

/// The metadata, with the seed of the service once that has run: a login outlives the Job,
/// as its database does.
fn with_seed(mut metadata: ObjectMeta, service: &ValidService, facts: &Facts) -> ObjectMeta {
    let seed = migration::seeded_by(service, facts);
    if let (Some(annotations), Some(seed)) = (&mut metadata.annotations, seed) {
        annotations.insert(names::SEEDED_ANNOTATION.to_owned(), seed.clone());
    }
    metadata
}

/// The name of the Secret of a service's login.
pub(super) fn login_name(service: &str, database: &str) -> String {
    names::derived(&[service, &dns(database)], names::LABEL_LIMIT)
}

/// What is made of every login, of which the name can be one of these.
pub(super) fn made(usernames: Vec<String>) -> BTreeMap<String, Generated> {
    BTreeMap::from([
        ("username".to_owned(), Generated::OneOf(usernames)),
        ("password".to_owned(), Generated::Password(PASSWORD)),
        (names::SALT_KEY.to_owned(), Generated::Password(SALT)),
    ])
}

/// The node of a Secret.
pub(super) fn node(
    app: &ValidApp,
    id: &str,
    service: Option<String>,
    name: &str,
    secret: &Secret,
    generate: BTreeMap<String, Generated>,
) -> Node {
    let key = ObjectKey {
        kind: Kind::Secret,
        namespace: app.namespace.clone(),
        name: name.to_owned(),
    };
    let stated = meta::value(secret);
    Node {
        id: credentials_id(id),
        service,
        version: None,
        needs: BTreeSet::new(),
        objects: vec![PlannedObject {
            key,
            body: Body::Create { stated, generate },
            data: true,
            initial_replicas: None,
        }],
        deadline: DEADLINE,
    }
}

fn texts(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}
