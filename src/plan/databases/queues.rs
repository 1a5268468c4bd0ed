//! Whose queue is whose on a broker: no service may read another's, or delete it.

use super::events;
use super::places::Server;
use crate::engines::Events;
use crate::plan::PlanError;
use crate::validate::ValidService;

/// Checks two places' services, of which each may be either.
pub(super) fn check(
    server: &Server<'_>,
    one: &ValidService,
    other: &ValidService,
) -> Result<(), PlanError> {
    let Some(by) = server.profile().events else {
        return Ok(());
    };
    if one.name == other.name {
        return Ok(());
    }
    none_by_name(one, other)?;
    none_by_name(other, one)?;
    none_of_both(one, other)?;
    match by {
        Events::Queues => {
            none_is_an_exchange(one, other)?;
            none_is_an_exchange(other, one)
        }
        Events::Groups => Ok(()),
    }
}

/// What a service calls its own without a word in its manifest is its name, and all that
/// begins with that and a dot.
fn none_by_name(service: &ValidService, other: &ValidService) -> Result<(), PlanError> {
    let rest = |queue: &str| queue.strip_prefix(&other.name).map(str::to_owned);
    let is_others =
        |queue: &str| rest(queue).is_some_and(|it| it.is_empty() || it.starts_with('.'));
    none(service, is_others, || {
        format!(
            "is {}'s by its name, as is all that begins with that and a dot",
            other.name
        )
    })
}

fn none_of_both(one: &ValidService, other: &ValidService) -> Result<(), PlanError> {
    let has = events::queues(one);
    none(
        other,
        |queue| has.contains(queue),
        || {
            format!(
                "is {}'s, too, and each message would come to one of the two only",
                one.name
            )
        },
    )
}

/// Who may read from an exchange, or declare one, may do so with the queue of its name.
fn none_is_an_exchange(service: &ValidService, other: &ValidService) -> Result<(), PlanError> {
    let exchanges = events::exchanges(other);
    none(
        service,
        |queue| exchanges.contains(queue),
        || {
            format!(
                "has the name of an exchange of {}, and to the broker a right to the one is a right to the other",
                other.name
            )
        },
    )
}

/// Refuses the first queue of a service of which that is true.
fn none(
    service: &ValidService,
    is_so: impl Fn(&str) -> bool,
    why: impl Fn() -> String,
) -> Result<(), PlanError> {
    for (index, subscription) in service.events.subscribes.iter().enumerate() {
        let queue = events::queue(service, subscription);
        if !is_so(queue) {
            continue;
        }
        let own = if queue == service.name {
            "queue"
        } else {
            queue
        };
        return Err(PlanError::QueueOfAnother {
            service: service.name.clone(),
            field: format!("events.subscribes[{index}].queue"),
            queue: queue.to_owned(),
            why_not: format!("{}: give it another name, as {}.{own}", why(), service.name),
        });
    }
    Ok(())
}
