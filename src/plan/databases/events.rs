//! What the events of a service come to on a message broker: exchanges, queues, bindings,
//! topics, and the rights to them.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::api::events::Subscription;
use crate::validate::ValidService;

/// The objects of a service in a virtual host, as RabbitMQ reads them (its manual,
/// "Definition Export and Import").
#[derive(Serialize)]
pub(super) struct Definitions {
    exchanges: Vec<Exchange>,
    queues: Vec<Queue>,
    bindings: Vec<Binding>,
}

#[derive(Serialize)]
struct Exchange {
    name: String,
    vhost: String,
    #[serde(rename = "type")]
    type_: &'static str,
    durable: bool,
    auto_delete: bool,
    internal: bool,
    arguments: Arguments,
}

#[derive(Serialize)]
struct Queue {
    name: String,
    vhost: String,
    durable: bool,
    auto_delete: bool,
    arguments: Arguments,
}

#[derive(Serialize)]
struct Binding {
    source: String,
    vhost: String,
    destination: String,
    destination_type: &'static str,
    routing_key: String,
    arguments: Arguments,
}

#[derive(Serialize)]
struct Arguments {}

/// What a login may do, as regular expressions over names.
pub(super) struct Rights {
    pub configure: String,
    pub write: String,
    pub read: String,
}

/// The exchanges or topics that a service sends to, takes from, or both, by name.
pub(super) fn exchanges(service: &ValidService) -> BTreeSet<&str> {
    published(service)
        .union(&subscribed(service))
        .copied()
        .collect()
}

/// Those that it sends to.
pub(super) fn published(service: &ValidService) -> BTreeSet<&str> {
    service
        .events
        .publishes
        .iter()
        .map(|it| it.exchange.as_str())
        .collect()
}

/// Those that it takes from.
pub(super) fn subscribed(service: &ValidService) -> BTreeSet<&str> {
    service
        .events
        .subscribes
        .iter()
        .map(|it| it.exchange.as_str())
        .collect()
}

/// What it takes them by: queues, or groups of consumers.
pub(super) fn queues(service: &ValidService) -> BTreeSet<&str> {
    let subscriptions = service.events.subscribes.iter();
    subscriptions.map(|it| queue(service, it)).collect()
}

/// What one subscription takes them by.
pub(super) fn queue<'a>(service: &'a ValidService, subscription: &'a Subscription) -> &'a str {
    subscription.queue.as_deref().unwrap_or(&service.name)
}

/// Exchanges are topic exchanges, for keys have patterns. Queues are durable and classic:
/// a client that declares its queue once more, as most libraries do, states no type, and
/// would be refused if there were another one.
pub(super) fn definitions(service: &ValidService, vhost: &str) -> Definitions {
    let exchange = |name: &str| Exchange {
        name: name.to_owned(),
        vhost: vhost.to_owned(),
        type_: "topic",
        durable: true,
        auto_delete: false,
        internal: false,
        arguments: Arguments {},
    };
    let queue = |name: &str| Queue {
        name: name.to_owned(),
        vhost: vhost.to_owned(),
        durable: true,
        auto_delete: false,
        arguments: Arguments {},
    };
    Definitions {
        exchanges: exchanges(service).into_iter().map(exchange).collect(),
        queues: queues(service).into_iter().map(queue).collect(),
        bindings: bindings(service, vhost),
    }
}

fn bindings(service: &ValidService, vhost: &str) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for subscription in &service.events.subscribes {
        let all = ["#".to_owned()];
        let keys = if subscription.keys.is_empty() {
            &all[..]
        } else {
            &subscription.keys
        };
        bindings.extend(keys.iter().map(|key| Binding {
            source: subscription.exchange.clone(),
            vhost: vhost.to_owned(),
            destination: queue(service, subscription).to_owned(),
            destination_type: "queue",
            routing_key: key.clone(),
            arguments: Arguments {},
        }));
    }
    bindings
}

/// A service may declare and write to what it publishes to, and read its own queues. What it
/// only subscribes to is another's: it may look whether that is there (a passive declaration),
/// for who may declare an exchange may delete it, too. Its own are also those that begin with its name and a dot (for retries and
/// dead letters), and those that the server names for it. To bind a queue takes writing
/// to the queue and reading from the exchange (RabbitMQ manual, "Access Control").
pub(super) fn rights(service: &ValidService) -> Rights {
    let mut own: Vec<_> = queues(service).into_iter().map(escaped).collect();
    own.push(format!("{}(\\..*)?", escaped(&service.name)));
    own.push("amq\\.gen.*".to_owned());
    let with = |names: BTreeSet<&str>| {
        let names = names.into_iter().map(escaped);
        format!(
            "^({})$",
            names
                .chain(own.iter().cloned())
                .collect::<Vec<_>>()
                .join("|")
        )
    };
    Rights {
        configure: with(published(service)),
        write: with(published(service)),
        read: with(subscribed(service)),
    }
}

/// The text as a regular expression that matches it alone.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if letter.is_ascii_punctuation() && !matches!(letter, '_' | '-') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
