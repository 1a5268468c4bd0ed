//! What a GravityApp says of its database servers.

use std::collections::BTreeMap;

use super::databases::engine;
use super::report::Report;
use super::value::image::image;
use super::value::name;
use super::{backup, scaling};
use crate::api::app::{DatabaseServer, ServerMode};
use crate::engines::{Engine, Operator};

/// The servers of each engine, under its canonical name.
pub(super) fn servers(
    stated: &BTreeMap<String, DatabaseServer>,
    report: &mut Report,
) -> BTreeMap<Engine, DatabaseServer> {
    let mut databases = BTreeMap::new();
    let mut names: BTreeMap<Engine, &str> = BTreeMap::new();
    for (name, server) in stated {
        let at = format!("spec.databases.{name}");
        let Some(engine) = report.check(&at, engine(name)) else {
            continue;
        };
        check_server(engine, server, &at, report);
        if let Some(first) = names.insert(engine, name) {
            let message = format!(
                "{name} is the same engine as {first}, which is here too: join the two under {engine}"
            );
            report.add(&at, message);
        }
        databases.insert(engine, server.clone());
    }
    databases
}

fn check_server(engine: Engine, server: &DatabaseServer, at: &str, report: &mut Report) {
    let is_external = server.mode == Some(ServerMode::External);
    match (&server.secret_name, is_external) {
        (Some(name), true) => {
            report.check(format!("{at}.secretName"), name::object(name));
        }
        (Some(_), false) => report.add(format!("{at}.secretName"), "is for mode: External: write that mode, or take the line out"),
        (None, true) => report.add(format!("{at}.secretName"), "is missing, and mode: External needs it: name the Secret that holds the managed server's admin uri"),
        (None, false) => {}
    }
    if let Some(storage) = &server.storage {
        report.check(format!("{at}.storage"), scaling::size(storage));
    }
    if let Some(class) = &server.storage_class_name {
        report.check(format!("{at}.storageClassName"), name::object(class));
    }
    if let Some(resources) = &server.resources {
        scaling::resources(resources, &format!("{at}.resources"), report);
    }
    mode(engine, server, at, report);
    let operator = server.mode.and_then(Operator::of);
    pooler(engine, server, at, report);
    let single = !engine.profile().replica_set && operator.is_none();
    if single && server.replicas.is_some_and(|replicas| replicas > 1) {
        let others = replicated(engine);
        let others = others.map(|modes| format!(", or use {modes} for a highly available one"));
        let message = format!(
            "{} runs as one server: take replicas out{}",
            engine.name(),
            others.unwrap_or_default()
        );
        report.add(format!("{at}.replicas"), message);
    }
    scaling::replicas(server.replicas, &format!("{at}.replicas"), report);
    if let Some(stated) = &server.image {
        report.check(format!("{at}.image"), image(stated));
    }
    backup::backup(engine, server, at, report);
}

/// Whether the engine can be run so, and what can only be said in one mode.
fn mode(engine: Engine, server: &DatabaseServer, at: &str, report: &mut Report) {
    let modes = engine.modes();
    if let Some(mode) = server.mode.filter(|mode| !modes.contains(mode)) {
        let title = engine.profile().title;
        let why = match Operator::of(mode) {
            Some(operator) => format!("{} does not run {title}", operator.title),
            None => {
                format!("Gravity can provision nothing yet on a server of {title} that others run")
            }
        };
        let known: Vec<String> = modes.iter().map(|mode| format!("{mode:?}")).collect();
        report.add(
            format!("{at}.mode"),
            format!("{why}: write {}", known.join(" or ")),
        );
    }
    let Some(catalog) = &server.image_catalog else {
        return;
    };
    report.check(format!("{at}.imageCatalog"), name::object(catalog));
    if server.mode.and_then(Operator::of).is_none() {
        report.add(
            format!("{at}.imageCatalog"),
            "is for mode: CloudNativePG: write that mode, or take the line out",
        );
    }
}

/// The modes in which the engine can have replicas; `None` where there are none.
fn replicated(engine: Engine) -> Option<String> {
    let mut modes = engine.modes();
    modes.retain(|mode| *mode == ServerMode::External || Operator::of(*mode).is_some());
    let modes: Vec<String> = modes
        .iter()
        .rev()
        .map(|mode| format!("mode: {mode:?}"))
        .collect();
    (!modes.is_empty()).then(|| modes.join(" or "))
}

fn pooler(engine: Engine, server: &DatabaseServer, at: &str, report: &mut Report) {
    let Some(pooler) = &server.pooler else {
        return;
    };
    let at = format!("{at}.pooler");
    if engine.profile().pooler.is_none() {
        let pooled = Engine::all();
        let pooled = pooled.filter(|engine| engine.profile().pooler.is_some());
        let names: Vec<_> = pooled.map(Engine::name).collect();
        let message = format!(
            "{} has no pooler, they are for {}: take it out",
            engine.name(),
            names.join(", ")
        );
        report.add(&at, message);
    }
    if server.mode == Some(ServerMode::External) {
        report.add(
            &at,
            "is for servers that run in the cluster: take it out, or write another mode",
        );
    }
    scaling::replicas(pooler.replicas, &format!("{at}.replicas"), report);
    if let Some(resources) = &pooler.resources {
        scaling::resources(resources, &format!("{at}.resources"), report);
    }
    if let Some(stated) = &pooler.image {
        report.check(format!("{at}.image"), image(stated));
    }
}
