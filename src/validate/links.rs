//! What a service has to do with other services: calls and events.

use std::collections::BTreeMap;

use super::report::Report;
use super::service::Dependency;
use super::value::name::{self, NAME_LIMIT};
use super::value::version::range;
use crate::api::service::{Dependency as Stated, Events, Startup};

pub(super) fn dependencies(
    owner: &str,
    stated: &[Stated],
    report: &mut Report,
) -> BTreeMap<String, Dependency> {
    let names = stated.iter().map(|each| each.name.as_str());
    report.unique("spec.dependencies", "name", "one", names);
    let mut dependencies = BTreeMap::new();
    for (index, each) in stated.iter().enumerate() {
        let at = format!("spec.dependencies[{index}]");
        if each.name == owner {
            report.add(
                format!("{at}.name"),
                format!("{owner} depends on itself: take this entry out"),
            );
        }
        report.check(format!("{at}.name"), name::label(&each.name, NAME_LIMIT));
        if let Some(dependency) = dependency(each, &at, report) {
            dependencies.insert(each.name.clone(), dependency);
        }
    }
    dependencies
}

fn dependency(stated: &Stated, at: &str, report: &mut Report) -> Option<Dependency> {
    // Any version: who has no demand should hold nobody back.
    let version = range(stated.version.as_deref().unwrap_or("*"));
    let version = report.check(format!("{at}.version"), version);
    let contract = stated.contract.as_deref().map(range).transpose();
    let contract = report.check(format!("{at}.contract"), contract);
    Some(Dependency {
        version: version?,
        contract: contract?,
        // A call is usually needed; what is not is said.
        optional: stated.optional.unwrap_or(false),
        // Most services fail at their start when what they call is not there.
        ordered: stated.startup != Some(Startup::Unordered),
    })
}

pub(super) fn events(stated: &Events, report: &mut Report) {
    for (index, each) in stated.publishes.iter().enumerate() {
        let at = format!("spec.events.publishes[{index}]");
        report.check(format!("{at}.exchange"), channel(&each.exchange));
        keys(&each.keys, &at, report);
    }
    for (index, each) in stated.subscribes.iter().enumerate() {
        let at = format!("spec.events.subscribes[{index}]");
        report.check(format!("{at}.exchange"), channel(&each.exchange));
        if let Some(queue) = &each.queue {
            report.check(format!("{at}.queue"), channel(queue));
        }
        keys(&each.keys, &at, report);
    }
}

fn keys(keys: &[String], at: &str, report: &mut Report) {
    for (index, key) in keys.iter().enumerate() {
        if key.is_empty() || key.contains(|each: char| each.is_whitespace() || each.is_control()) {
            report.add(format!("{at}.keys[{index}]"), format!("{key:?} is no routing key: write words with dots between them, as order.created"));
        }
    }
}

/// An exchange, topic or queue: what RabbitMQ and Kafka both take.
fn channel(name: &str) -> Result<(), String> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.is_empty() && name.bytes().all(fine) {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no exchange, topic or queue: write letters, digits, dots, hyphens and underscores, as gravity.events"
    ))
}
