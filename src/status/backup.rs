//! Backups that failed: nothing stands still for them, and somebody should look.

use crate::api::objects::Kind;
use crate::observe::{Health, Live, Observed};
use crate::plan::{NodeId, NodeKind, Plan};
use crate::schedule::{of_job, of_pod};

/// A sentence for each server whose last backup has failed, in its Job's own last words.
pub(super) fn failures(plan: &Plan, observed: &Observed) -> Vec<String> {
    let servers = plan.nodes.keys();
    let servers = servers.filter(|id| id.kind == NodeKind::Backup);
    servers.filter_map(|id| failure(id, observed)).collect()
}

fn failure(id: &NodeId, observed: &Observed) -> Option<String> {
    let last = last(&id.to_string(), observed)?;
    let Health::Failed { message, .. } = &last.health else {
        return None;
    };
    let pods = observed.pods.values();
    let mut pods = pods.filter(|pod| pod.job.as_ref() == Some(&last.key.name));
    let says = pods.find_map(|pod| pod.trouble.as_ref());
    let says = says.map(|says| format!("; its pod says {}", of_pod(id.kind, says.trim())));
    Some(format!(
        "the last backup of {} has failed: {}: {message}{}; {}",
        id.name,
        last.key,
        says.unwrap_or_default(),
        of_job(id.kind, &last.key, message)
    ))
}

/// The last Job that has ended. A Job's name ends in the minute of its start.
fn last<'a>(node: &str, observed: &'a Observed) -> Option<&'a Live> {
    let jobs = observed.live.values().map(AsRef::as_ref);
    let ended = jobs.filter(|live: &&Live| {
        live.key.kind == Kind::Job
            && live.node.as_deref() == Some(node)
            && !matches!(live.health, Health::Progressing(_))
    });
    ended.max_by(|one, other| one.key.cmp(&other.key))
}
