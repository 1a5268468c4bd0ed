//! No service reads another's queue, or deletes it.

use insta::assert_snapshot;

use super::*;
use crate::engines::Engine;

/// A service on a broker with these events.
fn with(engine: Engine, name: &str, events: &str) -> ValidService {
    ValidService {
        events: build::events(events),
        ..service(name, &format!("[{{name: bus, engine: {engine}}}]"))
    }
}

fn refused(engine: Engine, audit: &str, payment: &str) -> Option<String> {
    let services = [
        with(engine, "audit", audit),
        with(engine, "payment", payment),
    ];
    let refused = databases(&app(), &build::all(&services), &facts()).err()?;
    Some(refused.to_string())
}

fn on_both(audit: &str, payment: &str) -> String {
    let [one, other] = [Engine::RabbitMQ, Engine::Kafka].map(|it| refused(it, audit, payment));
    assert_eq!(one, other);
    one.unwrap()
}

const PAYMENT: &str = "{subscribes: [{exchange: orders}]}";

#[test]
fn a_queue_of_another_services_name() {
    let audit =
        |queue: &str| format!("{{subscribes: [{{exchange: a}}, {{exchange: b, queue: {queue}}}]}}");
    assert_snapshot!(on_both(&audit("payment"), PAYMENT), @"audit: events.subscribes[1].queue: the queue payment is payment's by its name, as is all that begins with that and a dot: give it another name, as audit.payment");
    assert_snapshot!(on_both(&audit("payment.retry"), "{}"), @"audit: events.subscribes[1].queue: the queue payment.retry is payment's by its name, as is all that begins with that and a dot: give it another name, as audit.payment.retry");
    // By the name of whom it comes second, too.
    assert_snapshot!(on_both(PAYMENT, "{subscribes: [{exchange: orders, queue: audit}]}"), @"payment: events.subscribes[0].queue: the queue audit is audit's by its name, as is all that begins with that and a dot: give it another name, as payment.audit");
}

#[test]
fn one_queue_of_two_services() {
    let events = "{subscribes: [{exchange: orders, queue: work}]}";
    assert_snapshot!(on_both(events, events), @"payment: events.subscribes[0].queue: the queue work is audit's, too, and each message would come to one of the two only: give it another name, as payment.work");
    let elsewhere = "{subscribes: [{exchange: refunds, queue: work}]}";
    assert_eq!(on_both(events, elsewhere), on_both(events, events));
}

/// In Kafka a topic and a group are two things.
#[test]
fn a_queue_of_the_name_of_anothers_exchange() {
    let audit = "{subscribes: [{exchange: payment}]}";
    assert_snapshot!(refused(Engine::RabbitMQ, audit, PAYMENT).unwrap(), @"payment: events.subscribes[0].queue: the queue payment has the name of an exchange of audit, and to the broker a right to the one is a right to the other: give it another name, as payment.queue");
    assert_eq!(refused(Engine::Kafka, audit, PAYMENT), None);
    let publisher = "{publishes: [{exchange: mail}]}";
    let reader = "{subscribes: [{exchange: orders, queue: mail}]}";
    assert_snapshot!(refused(Engine::RabbitMQ, publisher, reader).unwrap(), @"payment: events.subscribes[0].queue: the queue mail has the name of an exchange of audit, and to the broker a right to the one is a right to the other: give it another name, as payment.mail");
}

#[test]
fn what_is_a_services_own() {
    let cases = [
        (
            "{subscribes: [{exchange: a, queue: audit.work}, {exchange: b, queue: audit.work}]}",
            PAYMENT,
        ),
        (
            "{subscribes: [{exchange: orders, queue: payments}]}",
            PAYMENT,
        ),
        (
            "{subscribes: [{exchange: payment.events}]}",
            "{publishes: [{exchange: payment.events}]}",
        ),
    ];
    for (audit, payment) in cases {
        for engine in [Engine::RabbitMQ, Engine::Kafka] {
            assert_eq!(refused(engine, audit, payment), None, "{audit}");
        }
    }
}

/// Each on a broker of its own, nobody is in the other's way.
#[test]
fn on_two_brokers() {
    let events = "{subscribes: [{exchange: orders, queue: work}]}";
    let services = [
        with(Engine::RabbitMQ, "audit", events),
        with(Engine::Kafka, "payment", events),
    ];
    plan(&app(), &services, &facts());
}

/// A subscription names a group, and no transaction.
#[test]
fn the_rights_of_kafka() {
    let events = "{subscribes: [{exchange: orders, queue: work}]}";
    let plan = plan(&app(), &[with(Engine::Kafka, "audit", events)], &facts());
    let job = applied(&plan).into_iter().find(|it| it["kind"] == "Job");
    let env = &job.unwrap()["spec"]["template"]["spec"]["containers"][0]["env"];
    let value = |name: &str| {
        let mut all = env.as_array().unwrap().iter();
        all.find(|it| it["name"] == name)
            .map(|it| it["value"].clone())
    };
    assert_eq!(value("EVENTS_GROUPS"), Some("audit\nwork".into()));
    assert_eq!(value("SERVICE_NAME"), Some("audit".into()));
    let script = Engine::Kafka.profile().provisioning.script;
    let transactions: Vec<_> = script
        .lines()
        .filter(|line| line.starts_with("allow") && line.contains("transactional-id"))
        .collect();
    assert_snapshot!(transactions.join("\n"), @r#"
    allow all transactional-id literal "$SERVICE_NAME"
    allow all "group transactional-id" prefixed "$SERVICE_NAME."
    "#);
}
