//! Durations, as 90s, 10m or 1h30m.

use std::time::Duration;

/// The longest: what takes more than a day is not started, it is stuck.
const LIMIT: Duration = Duration::from_hours(24);

/// A duration of at least a second.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let Some(seconds) = seconds(text) else {
        return Err(format!(
            "{text:?} is no duration: write hours, minutes and seconds in this order, as 90s, 10m or 1h30m"
        ));
    };
    let duration = Duration::from_secs(seconds);
    if duration.is_zero() || duration > LIMIT {
        return Err(format!(
            "{text} is out of range: write a duration from 1s to 24h"
        ));
    }
    Ok(duration)
}

fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut rest = text;
    for (unit, factor) in [('h', 3_600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u64 = number.parse().ok().filter(|_| digits)?;
            total = total.checked_add(number.checked_mul(factor)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}
