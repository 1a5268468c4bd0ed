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

/// A duration of at least a millisecond, of which parts of a second count.
pub(crate) fn fine_duration(text: &str) -> Result<Duration, String> {
    let milliseconds = match text.strip_suffix("ms") {
        None => seconds(text).and_then(|seconds| seconds.checked_mul(1_000)),
        Some(rest) => {
            let start = rest.rfind(|letter: char| !letter.is_ascii_digit());
            let (whole, parts) = rest.split_at(start.map_or(0, |at| at + 1));
            let whole = if whole.is_empty() {
                Some(0)
            } else {
                seconds(whole)
            };
            let parts: Option<u64> = parts.parse().ok();
            whole
                .zip(parts)
                .and_then(|(whole, parts)| whole.checked_mul(1_000)?.checked_add(parts))
        }
    };
    let duration = milliseconds.map(Duration::from_millis);
    duration
        .filter(|duration| !duration.is_zero() && *duration <= LIMIT)
        .ok_or_else(|| {
            format!("{text:?} is no duration of 1ms to 24h: write one as 500ms, 2s or 1m")
        })
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
