//! What the operator asked of the API server, by the audit log.

use std::collections::BTreeSet;

use serde_json::Value;

/// The user that the operator is.
pub const OPERATOR: &str = "system:serviceaccount:gravity-system:gravity";

/// One request that was answered.
#[derive(Clone, Debug)]
pub struct Request {
    pub verb: String,
    pub group: String,
    /// With the subresource, as `gravityapps/status`.
    pub resource: String,
    pub namespace: String,
    pub name: String,
    pub code: u64,
    /// Refused for want of a right, and not by admission.
    pub forbidden: bool,
    /// When it was answered, with microseconds; as text it sorts by time.
    pub at: String,
}

impl Request {
    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        !["get", "list", "watch"].contains(&self.verb.as_str())
    }
}

/// The operator's requests in the order of their answers, without its Lease and watches.
pub fn requests(log: &str, namespace: &str) -> Vec<Request> {
    all(log)
        .filter(|request| namespace.is_empty() || request.namespace == namespace)
        .filter(|request| request.resource != "leases" && request.verb != "watch")
        .collect()
}

/// Every (group, resource, verb) that was used, and allowed. A patch that makes an object
/// needs the right to create it as well.
pub fn used_rights(log: &str) -> BTreeSet<(String, String, String)> {
    let mut rights = BTreeSet::new();
    for request in all(log).filter(|request| !request.forbidden) {
        if request.verb == "patch" && request.code == 201 {
            let create = "create".to_owned();
            rights.insert((request.group.clone(), request.resource.clone(), create));
        }
        rights.insert((request.group, request.resource, request.verb));
    }
    rights
}

/// What was refused for want of a right.
pub fn forbidden(log: &str) -> Vec<Request> {
    // Most lines tell of what was allowed, and reading all of them takes seconds.
    let refusing = log.lines().filter(|line| line.contains("\"forbid\""));
    let requests = refusing.filter_map(read).filter(|one| one.forbidden);
    requests.collect()
}

fn all(log: &str) -> impl Iterator<Item = Request> {
    log.lines().filter_map(read)
}

fn read(line: &str) -> Option<Request> {
    let ours = line.contains(OPERATOR).then_some(line)?;
    request(&serde_json::from_str(ours).ok()?)
}

fn request(event: &Value) -> Option<Request> {
    if event["user"]["username"] != OPERATOR || event["stage"] == "RequestReceived" {
        return None;
    }
    let object = event.get("objectRef")?;
    let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
    let resource = match object["subresource"].as_str() {
        Some(part) => format!("{}/{part}", text("resource")),
        None => text("resource"),
    };
    Some(Request {
        verb: event["verb"].as_str()?.to_owned(),
        group: text("apiGroup"),
        resource,
        namespace: text("namespace"),
        name: text("name"),
        code: event["responseStatus"]["code"].as_u64().unwrap_or(0),
        forbidden: event["annotations"]["authorization.k8s.io/decision"] == "forbid",
        at: event["stageTimestamp"].as_str()?.to_owned(),
    })
}
