//! Pods: only what a message needs, for the pods outnumber everything else.

use kube::ResourceExt;
use kube::api::DynamicObject;
use serde_json::Value;

use crate::api::names;

/// So many characters of a container's last words are kept.
const LONGEST: usize = 500;

/// What a pod tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodFacts {
    /// The name label: the service's or the server's name.
    pub name: String,
    /// The Job that made it, where one did.
    pub job: Option<String>,
    /// With which credentials it was started, while it runs.
    pub uses: Option<PodUse>,
    /// What keeps it from being ready, in its own or its container's words.
    pub trouble: Option<String>,
    /// Whether it was told to end, and runs on until it has.
    pub leaving: bool,
    /// Whether it has not ended.
    pub runs: bool,
    /// Whether it is of a service, or a run of one, and has not ended.
    pub serves: bool,
}

/// With which credentials a pod was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodUse {
    /// The service's name.
    pub service: String,
    /// The word that its template had for them.
    pub credentials: String,
}

impl PodFacts {
    /// What the pod tells; `None` for one without our labels.
    pub fn new(pod: &DynamicObject) -> Option<Self> {
        let label = |name: &str| pod.labels().get(name).cloned();
        Some(Self {
            name: label(names::NAME_LABEL)?,
            uses: uses(pod),
            leaving: pod.metadata.deletion_timestamp.is_some() && !has_ended(pod),
            runs: !has_ended(pod),
            serves: label(names::COMPONENT_LABEL).as_deref() == Some(names::SERVICE_COMPONENT)
                && !has_ended(pod),
            job: label("batch.kubernetes.io/job-name"),
            trouble: unschedulable(&pod.data).or_else(|| container_trouble(&pod.data)),
        })
    }
}

/// A pod that has ended uses nothing any more.
fn uses(pod: &DynamicObject) -> Option<PodUse> {
    let credentials = pod.annotations().get(names::POD_CREDENTIALS_ANNOTATION)?;
    (!has_ended(pod)).then_some(PodUse {
        service: pod.labels().get(names::NAME_LABEL)?.clone(),
        credentials: credentials.clone(),
    })
}

fn has_ended(pod: &DynamicObject) -> bool {
    let phase = pod.data["status"]["phase"].as_str();
    matches!(phase, Some("Succeeded" | "Failed"))
}

fn unschedulable(pod: &Value) -> Option<String> {
    let conditions = pod.pointer("/status/conditions")?.as_array()?;
    let scheduled = conditions
        .iter()
        .find(|condition| condition["type"] == "PodScheduled")?;
    let refused = scheduled["status"] == "False";
    refused.then(|| {
        format!(
            "{}: {}",
            word(scheduled, "reason"),
            word(scheduled, "message")
        )
    })
}

fn container_trouble(pod: &Value) -> Option<String> {
    ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .filter_map(|field| pod["status"][field].as_array())
        .flatten()
        .find_map(state_trouble)
}

/// A container that waits for more than its start, or that has ended badly. What it last
/// said (its termination message) is worth more than the kubelet's back-off.
fn state_trouble(container: &Value) -> Option<String> {
    let last = container
        .pointer("/lastState/terminated")
        .filter(|ended| failed(ended));
    let waiting = container.pointer("/state/waiting").filter(|waiting| {
        !matches!(
            word(waiting, "reason"),
            "" | "ContainerCreating" | "PodInitializing"
        )
    });
    let ended = container
        .pointer("/state/terminated")
        .filter(|ended| failed(ended));
    let said = last
        .or(ended)
        .map(|ended| last_words(word(ended, "message").trim()))
        .unwrap_or_default();
    let state = ended.or(waiting)?;
    let detail = if said.is_empty() {
        word(state, "message").to_owned()
    } else {
        said
    };
    let reason = word(state, "reason");
    Some(if detail.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}: {detail}")
    })
}

/// The end of what a container said, by whole lines where that is possible: the cause of a
/// failure stands there, and a condition has room for so much beside what to do.
fn last_words(said: &str) -> String {
    let Some((start, _)) = said.char_indices().rev().nth(LONGEST) else {
        return said.to_owned();
    };
    let end = &said[start..];
    let lines = end.split_once('\n').map(|(_, lines)| lines.trim_start());
    format!(
        "… {}",
        lines.filter(|lines| !lines.is_empty()).unwrap_or(end)
    )
}

fn failed(ended: &Value) -> bool {
    ended["exitCode"].as_i64().is_some_and(|code| code != 0)
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_last_words_the_last_lines_are_kept() {
        assert_eq!(last_words("one\ntwo"), "one\ntwo");
        let long = format!("{}\nat column 3\ncolumn exists", "x".repeat(490));
        assert_eq!(last_words(&long), "… at column 3\ncolumn exists");
        assert_eq!(
            last_words(&"ü".repeat(600)),
            format!("… {}", "ü".repeat(501))
        );
    }
}
