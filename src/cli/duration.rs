//! A duration that an argument says, as 90s or 10m: as manifests have it.

use std::time::Duration;

use crate::validate::duration;

/// Takes a duration of a second to a day.
pub fn parse(text: &str) -> Result<Duration, String> {
    duration(text)
}
