//! Waits that end.

use std::time::{Duration, Instant};

/// A busy machine takes its time; whoever waits for longer waits for ever.
pub const LIMIT: Duration = Duration::from_secs(180);

/// Asks until it is so. `told` says on failure what is the case instead.
pub async fn eventually(
    what: &str,
    is_so: impl AsyncFn() -> bool,
    told: impl AsyncFnOnce() -> String,
) {
    let started = Instant::now();
    while !is_so().await {
        if started.elapsed() > LIMIT {
            panic!("not within {LIMIT:?}: {what}\n{}", told().await);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
