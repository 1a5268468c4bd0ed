//! At rest: what the operator asks and uses when there is nothing to do.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use local_cluster::Readiness;

use crate::audit::Request;
use crate::bed::{Bed, NAMESPACE};
use crate::bring_up::started;
use crate::operator;
use crate::platform::Platform;
use crate::table::{Line, time};
use crate::{Error, say};

/// A client of ours asks for a watch of this length, so after it each was renewed.
const RENEWAL: Duration = Duration::from_secs(295);
/// The rest of the bring-up: autoscalers and the catalogue's status.
const SETTLING: Duration = Duration::from_secs(10);

/// Brings the platform up, and looks at the operator for so long.
pub async fn measure(length: Duration) -> Result<Vec<Line>, Error> {
    say(&format!("at rest for {} s", length.as_secs()));
    let bed = Bed::start(Readiness::Instant).await?;
    let platform = Platform::read(NAMESPACE)?;
    let operator = started(&bed, &platform).await?;
    let app = bed.apply(&platform).await?;
    bed.wait_until_ready(&app.metadata.name.unwrap_or_default())
        .await?;
    tokio::time::sleep(SETTLING).await;
    let (begun, before, reconciles) = (
        Timestamp::now(),
        operator.used()?,
        operator.reconciles().await?.1,
    );
    tokio::time::sleep(length).await;
    let (ended, after) = (Timestamp::now(), operator.used()?);
    let reconciles = operator.reconciles().await?.1 - reconciles;
    let requests = bed.requests().await?;
    let within = |request: &&Request| {
        operator::asked(request) && request.received >= begun && request.received <= ended
    };
    let own: Vec<&Request> = requests.iter().filter(within).collect();
    operator.stop().await?;
    bed.cluster.stop().await;
    let span = format!("{} s at rest", length.as_secs());
    Ok(vec![
        asked(&own, length),
        Line::new(
            format!("processor time in {span}"),
            time(after.cpu - before.cpu),
            format!("{reconciles:.0} reconciles"),
        ),
        Line::new(
            "memory at rest",
            format!("{:.1} MiB", after.memory),
            format!("peak {:.1} MiB", after.peak),
        ),
    ])
}

fn asked(own: &[&Request], length: Duration) -> Line {
    let watches = own.iter().filter(|request| request.verb == "watch");
    let watches = watches
        .filter(|request| request.stage == "ResponseStarted")
        .count();
    let lease = |request: &Request| request.is_on("coordination.k8s.io", "leases", "");
    let leases = own.iter().filter(|request| lease(request)).count();
    let others: Vec<String> = own
        .iter()
        .filter(|request| request.verb != "watch" && !lease(request))
        .map(|request| {
            let resource = request
                .object_ref
                .as_ref()
                .map(|object| object.resource.clone());
            format!("{} {}", request.verb, resource.unwrap_or_default())
        })
        .collect();
    let past = if length > RENEWAL { "past" } else { "before" };
    let mut measured = others.len().to_string();
    if let Some(first) = others.first() {
        measured += &format!(" ({first} …)");
    }
    Line::new(
        format!(
            "requests in {} s at rest, {past} a renewal of the watches",
            length.as_secs()
        ),
        measured,
        format!("{watches} watches, {leases} of the Lease"),
    )
    .goal("0", others.is_empty())
}
