use serde_json::json;

use super::profile::profile as made;
use super::*;
use crate::api::app::ServerMode;
use crate::engines::profile;

/// What a file would say of an engine that is built in.
fn written(profile: &Profile) -> Stated {
    let one = serde_json::from_value::<Stated>(json!({
        "name": profile.name,
        "title": profile.title,
        "aliases": profile.aliases,
        "image": profile.image,
        "series": each(profile.series, |it| json!({"name": it.name, "tag": it.tag, "default": it.default})),
        "ports": each(profile.ports, |it| json!({"name": it.name, "number": it.number})),
        "user": profile.user,
        "group": profile.group,
        "writableRoot": profile.writable_root,
        "storage": {"mount": profile.storage.mount, "size": profile.storage.size},
        "scratch": profile.scratch,
        "admin": {
            "username": profile.admin.username,
            "generated": each(profile.admin.generated, |(key, length)| json!({"key": key, "length": length})),
        },
        "variables": each(profile.variables, variable),
        "files": each(profile.files, file),
        "start": {"command": profile.start.command, "arguments": profile.start.arguments},
        "probes": {
            "ready": profile.probes.ready,
            "period": profile.probes.period,
            "timeout": profile.probes.timeout,
        },
        "requests": {"cpu": profile.requests.0, "memory": profile.requests.1},
        "memoryLimit": profile.memory_limit,
        "connections": profile.connections,
        "url": {
            "schemes": profile.url.schemes,
            "template": profile.url.template,
            "srv": profile.url.srv,
            "external": profile.url.external,
            "inherits": inherits(&profile.url.inherits),
        },
        "provisioning": provisioning(&profile.provisioning),
        "mode": match profile.mode {
            ServerMode::Dedicated => "Dedicated",
            _ => "Shared",
        },
        "external": profile.external,
        "replicaSet": profile.replica_set,
        "tenancy": format!("{:?}", profile.tenancy),
        "dnsNames": profile.dns_names,
        "events": profile.events.map(|it| format!("{it:?}")),
        "sharedByPrefix": profile.shared_by_prefix,
        "loginLimit": profile.login_limit,
        "identifierLimit": profile.identifier_limit,
        "reserved": profile.reserved,
        "extensions": profile.extensions,
        "cache": profile.cache.as_ref().map(|it| json!({"files": each(it.files, file)})),
        "backup": backup(&profile.backup),
    }));
    one.unwrap()
}

fn each<T>(all: &[T], one: impl Fn(&T) -> serde_json::Value) -> Vec<serde_json::Value> {
    all.iter().map(one).collect()
}

fn variable(variable: &profile::Variable) -> serde_json::Value {
    let name = variable.name;
    match variable.value {
        profile::Source::Text(value) => json!({"name": name, "value": value}),
        profile::Source::Admin(admin) => json!({"name": name, "admin": admin}),
        profile::Source::PodName => json!({"name": name, "pod": "Name"}),
        profile::Source::PodAddress => json!({"name": name, "pod": "Address"}),
    }
}

fn file(file: &profile::File) -> serde_json::Value {
    json!({"name": file.name, "text": file.text})
}

fn inherits(inherits: &profile::Inherits) -> serde_json::Value {
    match inherits {
        profile::Inherits::Scheme(plain, encrypted) => {
            json!({"scheme": {"plain": plain, "encrypted": encrypted}})
        }
        profile::Inherits::Parameters(all) => {
            let parameter =
                |(name, spellings): &(&str, &[&str])| json!({"name": name, "spellings": spellings});
            json!({"parameters": each(all, parameter)})
        }
        profile::Inherits::Nothing => json!({}),
    }
}

fn provisioning(provisioning: &profile::Provisioning) -> serde_json::Value {
    let given = |(name, value): &(&str, &str)| match value.strip_prefix("admin:") {
        Some(key) => json!({"name": name, "admin": key}),
        None => json!({"name": name, "value": value}),
    };
    json!({
        "command": provisioning.command,
        "script": provisioning.script,
        "variables": each(provisioning.variables, given),
        "revision": provisioning.revision,
        "neverRotates": match provisioning.rotation {
            profile::Rotation::Never(why) => Some(why),
            profile::Rotation::TwoLogins => None,
        },
    })
}

fn backup(backup: &profile::Backup) -> serde_json::Value {
    match backup {
        profile::Backup::Never(why) => json!({"never": why}),
        profile::Backup::Dump(dump) => json!({"dump": {
            "script": dump.script, "extension": dump.extension, "whole": dump.whole,
        }}),
    }
}

/// The facts as one text, without what only Rust can state.
fn facts(profile: &Profile) -> String {
    let text = format!("{profile:#?}");
    let (before, after) = text.split_once("\n    pooler: ").unwrap();
    let (_, after) = after.split_once("\n    url: ").unwrap();
    format!("{before}\n    url: {after}")
}

#[test]
fn a_file_can_say_all_that_is_known_of_a_built_in_engine() {
    for engine in Engine::BUILT_IN {
        let stated = written(engine.profile());
        let yaml = serde_yaml::to_string(&stated).unwrap();
        let read: Stated = serde_yaml::from_str(&yaml).unwrap();
        let own_name = |wrong: &Wrong| wrong.message.contains("Gravity's own");
        let wrong = read.check();
        assert!(wrong.iter().all(own_name), "{engine}: {wrong:#?}");
        assert_eq!(facts(made(read)), facts(engine.profile()));
    }
}

#[test]
fn what_may_be_left_out_is_what_most_engines_have() {
    let text = include_str!("../../../tests/cli/fixtures/valkey/engine.yaml");
    let stated: Stated = serde_yaml::from_str(text).unwrap();
    assert_eq!(stated.check(), []);
    let profile = made(stated);
    assert_eq!(profile.scratch, ["/tmp"]);
    assert_eq!((profile.probes.period, profile.probes.timeout), (5, 5));
    assert_eq!((profile.login_limit, profile.identifier_limit), (63, 63));
    assert_eq!(profile.provisioning.revision, 1);
    assert_eq!(profile.provisioning.rotation, profile::Rotation::TwoLogins);
}

#[test]
fn added_engines_are_told_apart_by_their_names() {
    let added = |name: &str| {
        let mut stated = written(Engine::Consul.profile());
        stated.name = name.to_owned();
        Engine::Added(Added(made(stated)))
    };
    assert_eq!(added("a"), added("a"));
    assert!(added("a") < added("b"));
    assert!(Engine::S3 < added("a"));
    assert_eq!(added("a").to_string(), "a");
}
