//! Migrations of a service run one after the other.

use super::NodeState;
use crate::api::objects::Kind;
use crate::observe::{Health, Live, Observed};
use crate::plan::{Node, NodeKind};

/// Where a migration stands whose turn has come while that of another version still runs: two
/// at once would change the same tables, and one that is interrupted may leave them half
/// changed. The older one ends by its own deadline.
pub(super) fn after_older(node: &Node, observed: &Observed) -> Option<NodeState> {
    let job = &node.primary()?.key;
    if node.id.kind != NodeKind::Migration || observed.live.contains_key(job) {
        return None;
    }
    let id = node.id.to_string();
    let runs = |live: &Live| {
        live.key.kind == Kind::Job
            && live.node.as_deref() == Some(&id)
            && matches!(live.health, Health::Progressing(_))
    };
    let older = observed.live.values().find(|live| runs(live))?;
    Some(NodeState::Progressing(format!(
        "waits for {} of another version to end, which is not interrupted; where it cannot end \
         well, delete it",
        older.key
    )))
}
