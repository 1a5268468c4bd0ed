//! A pod template → a service of Compose.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::values::{Values, expanded, said};
use super::{Compose, KEEPS_RUNNING, NETWORK, source};
use crate::api::objects::Kind;
use crate::api::quantity::{ONE, nanos};
use crate::plan::{Body, Node, NodeKind, Plan};

/// The pods of a workload.
pub(super) struct Pods<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub body: &'a Value,
    pub template: &'a Value,
    pub node: &'a Node,
}

/// What the pods come to.
#[derive(Default)]
pub(super) struct Made {
    pub service: Map<String, Value>,
    pub configs: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, Value>,
    pub volumes: BTreeSet<String>,
    /// What fetches its source before it starts.
    pub source: Option<Map<String, Value>>,
    pub notes: Vec<String>,
}

/// Makes the service. A pod's first container is it; the others share its network.
pub(super) fn service(pods: &Pods, plan: &Plan, values: &mut Values) -> Made {
    let spec = &pods.template["spec"];
    let containers = spec["containers"].as_array();
    let container = containers
        .and_then(|all| all.first())
        .unwrap_or(&Value::Null);
    let mut made = Made::default();
    if containers.is_some_and(|all| all.len() > 1) || source::has_others(spec) {
        made.notes.push(format!(
            "of the pods of {} only the first container is in the Compose file",
            pods.name
        ));
    }
    let variables = variables(container, pods, values, plan);
    // A migration has what its service has.
    let mut notes = match pods.kind {
        Kind::Job => Vec::new(),
        _ => foreign(container, pods, values, plan),
    };
    let mut put = |name: &str, value: Value| drop(made.service.insert(name.to_owned(), value));
    put("image", container["image"].clone());
    if !container["workingDir"].is_null() {
        put("working_dir", container["workingDir"].clone());
    }
    for (field, of) in [("entrypoint", "command"), ("command", "args")] {
        if let Some(words) = container[of].as_array() {
            let words = words.iter().map(|word| expanded(said(word), &variables));
            put(field, words.map(|word| values.text(&word)).collect());
        }
    }
    if !variables.is_empty() {
        let environment: Map<String, Value> = variables
            .iter()
            .map(|(name, text)| (name.clone(), json!(values.text(text))))
            .collect();
        put("environment", Value::Object(environment));
    }
    if let Some(check) = healthcheck(container) {
        put("healthcheck", check);
    }
    put(
        "networks",
        json!({NETWORK: {"aliases": aliases(pods, plan)}}),
    );
    put("restart", json!(restart(pods.kind)));
    if pods.kind == Kind::StatefulSet {
        put("hostname", json!(format!("{}-0", pods.name)));
    }
    if pods.kind == Kind::CronJob {
        notes.push(format!(
            "{0} runs on a schedule in a cluster: here `docker compose run --rm {0}` runs it once",
            pods.name
        ));
        // Compose has no schedule: a person or the machine's cron runs it.
        put("profiles", json!(["cron"]));
    }
    made.notes.append(&mut notes);
    made.source = source::fetched(pods, plan, values);
    limits(container, &mut made.service);
    who(spec, pods, &mut made.service);
    mounts(pods, container, plan, values, &mut made);
    made
}

pub(super) fn restart(kind: Kind) -> &'static str {
    match kind {
        Kind::CronJob => "no",
        // What a Job needs may be ready a moment later than it says.
        Kind::Job => "on-failure:5",
        _ => KEEPS_RUNNING,
    }
}

/// The variables, with what the cluster would put into them.
pub(super) fn variables(
    container: &Value,
    pods: &Pods,
    values: &mut Values,
    plan: &Plan,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for from in container["envFrom"].as_array().into_iter().flatten() {
        let prefix = said(&from["prefix"]);
        let secret = said(&from["secretRef"]["name"]);
        for key in values.keys(secret) {
            let text = values.secret(secret, &key);
            all.insert(format!("{prefix}{key}"), text);
        }
        for (key, text) in config_map(said(&from["configMapRef"]["name"]), plan) {
            all.insert(format!("{prefix}{key}"), text);
        }
    }
    for each in container["env"].as_array().into_iter().flatten() {
        let from = &each["valueFrom"];
        let (secret, config) = (&from["secretKeyRef"], &from["configMapKeyRef"]);
        let text = if let Some(text) = each["value"].as_str() {
            expanded(text, &all)
        } else if !secret.is_null() {
            values.secret(said(&secret["name"]), said(&secret["key"]))
        } else if !config.is_null() {
            let (name, key) = (said(&config["name"]), said(&config["key"]));
            let own = config_map(name, plan).remove(key);
            own.unwrap_or_else(|| values.secret(name, key))
        } else {
            of_pod(said(&from["fieldRef"]["fieldPath"]), pods)
        };
        all.insert(said(&each["name"]).to_owned(), text);
    }
    let answers = ports_of(plan);
    for text in all.values_mut() {
        *text = at_container_port(text, &answers);
    }
    all
}

/// The Secrets and ConfigMaps of somebody else whose every key is a variable: nobody here knows
/// which these are.
fn foreign(container: &Value, pods: &Pods, values: &Values, plan: &Plan) -> Vec<String> {
    let from = container["envFrom"].as_array().into_iter().flatten();
    let names = from.filter_map(|from| {
        let secret = from["secretRef"]["name"].as_str();
        let secret = secret.filter(|name| values.keys(name).is_empty());
        let config = from["configMapRef"]["name"].as_str();
        secret.or_else(|| config.filter(|name| config_map(name, plan).is_empty()))
    });
    names
        .map(|name| {
            format!(
                "{} takes its variables from {name}, which is somebody else's: give them by a compose.override.yaml",
                pods.name
            )
        })
        .collect()
}

/// What a pod would say of itself. Compose knows no addresses before it runs, and names do.
fn of_pod(field: &str, pods: &Pods) -> String {
    match (field, pods.kind) {
        ("metadata.namespace", _) => said(&pods.body["metadata"]["namespace"]).to_owned(),
        (_, Kind::StatefulSet) => format!("{}-0", pods.name),
        _ => pods.name.to_owned(),
    }
}

/// The texts of a ConfigMap of the application.
fn config_map(name: &str, plan: &Plan) -> BTreeMap<String, String> {
    let objects = plan.nodes.values().flat_map(|node| &node.objects);
    let mut found = objects.filter(|it| it.key.kind == Kind::ConfigMap && it.key.name == name);
    let Some(Body::Apply(body)) = found.next().map(|it| &it.body) else {
        return BTreeMap::new();
    };
    let data = body["data"].as_object().into_iter().flatten();
    data.map(|(key, text)| (key.clone(), said(text).to_owned()))
        .collect()
}

/// The Services whose port is another one than their container's: `name:80` and the container's.
pub(super) fn ports_of(plan: &Plan) -> BTreeMap<String, (i64, i64)> {
    let mut all = BTreeMap::new();
    for node in plan
        .nodes
        .values()
        .filter(|node| node.id.kind == NodeKind::Wiring)
    {
        for object in node
            .objects
            .iter()
            .filter(|it| it.key.kind == Kind::Service)
        {
            let Body::Apply(body) = &object.body else {
                continue;
            };
            let port = body["spec"]["ports"][0]["port"].as_i64();
            let inner = container_port(&node.id.name, plan);
            if let (Some(port), Some(inner)) = (port, inner) {
                all.insert(object.key.name.clone(), (port, inner));
            }
        }
    }
    all
}

fn container_port(service: &str, plan: &Plan) -> Option<i64> {
    let mut nodes = plan.nodes.values();
    let node = nodes.find(|node| node.id.kind == NodeKind::Service && node.id.name == service)?;
    let Body::Apply(body) = &node.primary()?.body else {
        return None;
    };
    body.pointer("/spec/template/spec/containers/0/ports/0/containerPort")?
        .as_i64()
}

/// There is no Service in front of a container in Compose.
fn at_container_port(text: &str, answers: &BTreeMap<String, (i64, i64)>) -> String {
    let mut text = text.to_owned();
    for (name, (port, inner)) in answers.iter().filter(|(_, (port, inner))| port != inner) {
        let address = format!("://{name}");
        let moved = format!("://{name}:{inner}");
        let stated = format!("{address}:{port}");
        if text.contains(&stated) {
            text = text.replace(&stated, &moved);
        } else if *port == 80 && text == format!("http{address}") {
            text = format!("http{moved}");
        }
    }
    text
}

/// The names by which the cluster knows it.
fn aliases(pods: &Pods, plan: &Plan) -> Vec<String> {
    let namespace = &plan.app.namespace;
    let labels = &pods.template["metadata"]["labels"];
    let mut names = BTreeSet::new();
    for object in plan.nodes.values().flat_map(|node| &node.objects) {
        let Body::Apply(body) = &object.body else {
            continue;
        };
        if object.key.kind != Kind::Service {
            continue;
        }
        let selector = body["spec"]["selector"].as_object();
        let selects =
            selector.is_some_and(|all| all.iter().all(|(key, value)| labels[key] == *value));
        if selects {
            names.insert(object.key.name.clone());
            if body["spec"]["clusterIP"] == "None" {
                names.insert(format!("{}-0.{}", pods.name, object.key.name));
            }
        }
    }
    let whole = |name: &String| {
        let short = [name.clone(), format!("{name}.{namespace}")];
        let long = [
            format!("{name}.{namespace}.svc"),
            format!("{name}.{namespace}.svc.cluster.local"),
        ];
        short.into_iter().chain(long)
    };
    names.iter().flat_map(whole).collect()
}

/// How Compose finds out what the kubelet would. An image may have one of several programs to
/// ask by; one without a shell has none, and is never healthy.
fn healthcheck(container: &Value) -> Option<Value> {
    let probe = [
        &container["readinessProbe"],
        &container["startupProbe"],
        &container["livenessProbe"],
    ];
    let probe = probe.into_iter().find(|probe| !probe.is_null())?;
    let test = if let Some(words) = probe["exec"]["command"].as_array() {
        let words = words.iter().map(|word| said(word).replace('$', "$$"));
        let words: Vec<String> = std::iter::once("CMD".to_owned()).chain(words).collect();
        json!(words)
    } else {
        let kind = if probe["httpGet"].is_null() {
            "tcpSocket"
        } else {
            "httpGet"
        };
        let port = port(container, &probe[kind]["port"])?;
        let script = match kind {
            "httpGet" => {
                let url = format!(
                    "http://127.0.0.1:{port}{}",
                    probe[kind]["path"].as_str().unwrap_or("/")
                );
                format!(
                    "wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url} || python3 -c \"import urllib.request as r; r.urlopen('{url}')\" || node -e \"fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))\""
                )
            }
            _ => format!("nc -z 127.0.0.1 {port} || bash -c '</dev/tcp/127.0.0.1/{port}'"),
        };
        json!(["CMD-SHELL", script])
    };
    let seconds =
        |field: &str, otherwise: i64| format!("{}s", probe[field].as_i64().unwrap_or(otherwise));
    let patience = container["startupProbe"]["failureThreshold"]
        .as_i64()
        .unwrap_or(30);
    let every = container["startupProbe"]["periodSeconds"]
        .as_i64()
        .unwrap_or(1);
    Some(json!({
        "test": test,
        "interval": seconds("periodSeconds", 10),
        "timeout": seconds("timeoutSeconds", 1),
        "retries": probe["failureThreshold"].as_i64().unwrap_or(3),
        "start_period": format!("{}s", patience.saturating_mul(every).min(600)),
        "start_interval": "1s",
    }))
}

fn port(container: &Value, port: &Value) -> Option<i64> {
    if let Some(number) = port.as_i64() {
        return Some(number);
    }
    let mut ports = container["ports"].as_array()?.iter();
    ports.find(|it| it["name"] == *port)?["containerPort"].as_i64()
}

fn limits(container: &Value, service: &mut Map<String, Value>) {
    let limits = &container["resources"]["limits"];
    if let Some(memory) = limits["memory"].as_str().and_then(nanos) {
        service.insert("mem_limit".to_owned(), json!(format!("{}b", memory / ONE)));
    }
    if let Some(cpu) = limits["cpu"].as_str().and_then(nanos) {
        let thousandths = cpu / (ONE / 1_000);
        let cpus = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        service.insert("cpus".to_owned(), json!(cpus));
    }
}

/// Who it runs as. What has a volume runs as its image says, for Compose gives a volume to nobody
/// but to whom the image has given the folder.
fn who(spec: &Value, pods: &Pods, service: &mut Map<String, Value>) {
    let context = &spec["securityContext"];
    let keeps = pods.kind == Kind::StatefulSet;
    if let (Some(user), false) = (context["runAsUser"].as_i64(), keeps) {
        let group = context["runAsGroup"].as_i64().unwrap_or(user);
        service.insert("user".to_owned(), json!(format!("{user}:{group}")));
    }
    if !keeps {
        service.insert("cap_drop".to_owned(), json!(["ALL"]));
        service.insert("security_opt".to_owned(), json!(["no-new-privileges:true"]));
    }
}

fn mounts(pods: &Pods, container: &Value, plan: &Plan, values: &mut Values, made: &mut Made) {
    let volumes = pods.template["spec"]["volumes"].as_array();
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for mount in container["volumeMounts"].as_array().into_iter().flatten() {
        let (name, path) = (said(&mount["name"]), said(&mount["mountPath"]));
        let mut all = volumes.into_iter().flatten();
        let volume = all.find(|volume| volume["name"] == *name);
        let Some(volume) = volume else {
            let volume = format!("{}-{name}", pods.name);
            lists
                .entry("volumes")
                .or_default()
                .push(json!(format!("{volume}:{path}")));
            made.volumes.insert(volume);
            continue;
        };
        if let Some(volume) = source::volume(pods, name) {
            let all = lists.entry("volumes").or_default();
            all.push(json!(format!("{volume}:{path}")));
            made.volumes.insert(volume);
        } else if !volume["emptyDir"].is_null() {
            lists.entry("tmpfs").or_default().push(json!(path));
        }
        let (config, secret) = (&volume["configMap"], &volume["secret"]);
        let texts: BTreeMap<String, String> = if !config.is_null() {
            config_map(said(&config["name"]), plan)
        } else {
            let name = said(&secret["secretName"]);
            let keys = values.keys(name).into_iter();
            keys.map(|key| (key.clone(), values.secret(name, &key)))
                .collect()
        };
        let of = said(&config["name"]);
        let of = if of.is_empty() {
            said(&secret["secretName"])
        } else {
            of
        };
        if texts.is_empty() && !of.is_empty() {
            made.notes.push(format!(
                "{} mounts {of} at {path}, which is somebody else's: mount it by a compose.override.yaml",
                pods.name
            ));
        }
        for (key, text) in texts {
            let target = match said(&mount["subPath"]) {
                "" => format!("{path}/{key}"),
                inner if inner == key => path.to_owned(),
                _ => continue,
            };
            let id = format!(
                "{of}-{}",
                key.replace(|each: char| !each.is_ascii_alphanumeric(), "-")
            );
            let (kind, what) = match values.variable(&text) {
                Some(variable) => ("secrets", json!({"environment": variable})),
                None => ("configs", json!({"content": values.text(&text)})),
            };
            lists
                .entry(kind)
                .or_default()
                .push(json!({"source": id, "target": target}));
            match kind {
                "secrets" => made.secrets.insert(id, what),
                _ => made.configs.insert(id, what),
            };
        }
    }
    for (name, list) in lists {
        made.service.insert(name.to_owned(), Value::Array(list));
    }
}

impl Compose {
    /// Whether a service takes requests.
    pub(super) fn has(&self, name: &str) -> bool {
        self.services.contains_key(name)
    }
}
