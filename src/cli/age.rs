//! How long ago something was, as kubectl says it.

use k8s_openapi::jiff::Timestamp;

/// `45s`, `3m`, `5h`, `12d`; nothing for a text that is no time.
pub fn age(since: &str, now: Timestamp) -> String {
    let Ok(since) = since.parse::<Timestamp>() else {
        return String::new();
    };
    match now.duration_since(since).as_secs().max(0) {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds @ 120..7200 => format!("{}m", seconds / 60),
        seconds @ 7200..172_800 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_the_unit_that_tells_most() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let ages = [
            "2026-03-10T12:00:30Z",
            "2026-03-10T11:58:01Z",
            "2026-03-10T11:58:00Z",
            "2026-03-10T10:00:00Z",
            "2026-03-08T12:00:00Z",
            "yesterday",
        ];
        assert_eq!(
            ages.map(|since| age(since, now)),
            ["0s", "119s", "2m", "2h", "2d", ""]
        );
    }
}
