//! What stands in a Lease, what to do about it, and what to write into it. Pure.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;

use super::LeaseSettings;

/// A Lease as it was last seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// The Lease.
    pub lease: Lease,
    /// When its record was first seen as it is, by this process' clock. The record's own
    /// times come from another clock, which may be wrong.
    pub changed_at: Instant,
}

/// What one who does not hold the Lease does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Make it: there is none.
    Create,
    /// Take it: nobody holds it, or who does has not renewed it in time.
    Take,
    /// Go on with it: an earlier request was taken though its answer was lost.
    Resume,
    /// Wait for its holder.
    Wait {
        /// Who holds it.
        holder: String,
        /// How long, if it is not renewed.
        left: Duration,
    },
}

/// Puts a new sight in the place of the last. The clock starts anew only when the record
/// has changed: a label that somebody adds is no renewal.
pub fn look(last: Option<&Sight>, lease: Lease, now: Instant) -> Sight {
    let changed_at = match last {
        Some(last) if last.lease.spec == lease.spec => last.changed_at,
        _ => now,
    };
    Sight { lease, changed_at }
}

/// What to do about what was seen.
pub fn next(seen: Option<&Sight>, settings: &LeaseSettings, now: Instant) -> Next {
    let Some(seen) = seen else {
        return Next::Create;
    };
    match holder(&seen.lease) {
        None => Next::Take,
        Some(holder) if holder == settings.identity => Next::Resume,
        Some(holder) => match left(seen, settings, now) {
            Duration::ZERO => Next::Take,
            left => Next::Wait {
                holder: holder.to_owned(),
                left,
            },
        },
    }
}

/// Who holds the Lease. An empty name is nobody's: so it is released.
pub fn holder(lease: &Lease) -> Option<&str> {
    let identity = lease.spec.as_ref()?.holder_identity.as_deref();
    identity.filter(|identity| !identity.is_empty())
}

/// How long the record is good for from now on. The duration is its holder's, who may
/// have been given another than we.
fn left(seen: &Sight, settings: &LeaseSettings, now: Instant) -> Duration {
    let stated = seen.lease.spec.as_ref();
    let stated = stated.and_then(|spec| u64::try_from(spec.lease_duration_seconds?).ok());
    let duration = stated.map_or(settings.lease_duration, Duration::from_secs);
    (seen.changed_at + duration).saturating_duration_since(now)
}

/// The record of a Lease that is taken from `previous`.
pub fn taken(previous: Option<&LeaseSpec>, settings: &LeaseSettings, now: MicroTime) -> LeaseSpec {
    let transitions = previous.map(|spec| spec.lease_transitions.unwrap_or(0).saturating_add(1));
    LeaseSpec {
        acquire_time: Some(now.clone()),
        holder_identity: Some(settings.identity.clone()),
        lease_duration_seconds: Some(whole_seconds(settings.lease_duration)),
        lease_transitions: Some(transitions.unwrap_or(0)),
        renew_time: Some(now),
        ..previous.cloned().unwrap_or_default()
    }
}

/// The record of a Lease that is renewed.
pub fn renewed(previous: &LeaseSpec, settings: &LeaseSettings, now: MicroTime) -> LeaseSpec {
    LeaseSpec {
        lease_duration_seconds: Some(whole_seconds(settings.lease_duration)),
        renew_time: Some(now),
        ..previous.clone()
    }
}

/// The record of a Lease that is given back. The API server takes no duration below 1 s.
pub fn released(previous: &LeaseSpec, now: MicroTime) -> LeaseSpec {
    LeaseSpec {
        acquire_time: Some(now.clone()),
        holder_identity: Some(String::new()),
        lease_duration_seconds: Some(1),
        renew_time: Some(now),
        ..previous.clone()
    }
}

/// Rounded up: others must not take it for expired too early.
fn whole_seconds(duration: Duration) -> i32 {
    let up = u64::from(duration.subsec_nanos() > 0);
    i32::try_from(duration.as_secs().saturating_add(up)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    fn settings() -> LeaseSettings {
        LeaseSettings {
            identity: "me".to_owned(),
            ..LeaseSettings::new("gravity-system", "gravity").unwrap()
        }
    }

    fn at(seconds: i64) -> MicroTime {
        MicroTime(Timestamp::from_second(seconds).unwrap())
    }

    fn lease(yaml: &str) -> Lease {
        serde_yaml::from_str(&format!("metadata: {{name: gravity}}\nspec: {yaml}")).unwrap()
    }

    #[test]
    fn what_is_done_about_a_record_of_this_age() {
        let theirs = "{holderIdentity: other, leaseDurationSeconds: 15}";
        let longer = "{holderIdentity: other, leaseDurationSeconds: 60}";
        // Its times are years ago by our wall clock, and yet it is not expired.
        let old_times = "{holderIdentity: other, leaseDurationSeconds: 15, renewTime: 2001-01-01T00:00:00.000000Z}";
        let wait = |left| Next::Wait {
            holder: "other".to_owned(),
            left: Duration::from_secs(left),
        };
        let cases = [
            (theirs, 0, wait(15)),
            (theirs, 14, wait(1)),
            (theirs, 15, Next::Take),
            (longer, 15, wait(45)),
            (old_times, 1, wait(14)),
            ("{holderIdentity: other}", 5, wait(10)),
            ("{holderIdentity: other}", 15, Next::Take),
            (
                "{holderIdentity: '', leaseDurationSeconds: 1}",
                0,
                Next::Take,
            ),
            ("{}", 0, Next::Take),
            (
                "{holderIdentity: me, leaseDurationSeconds: 15}",
                0,
                Next::Resume,
            ),
            (
                "{holderIdentity: me, leaseDurationSeconds: 15}",
                99,
                Next::Resume,
            ),
        ];
        let changed_at = Instant::now();
        for (record, age, expected) in cases {
            let seen = Sight {
                lease: lease(record),
                changed_at,
            };
            let now = changed_at + Duration::from_secs(age);
            assert_eq!(
                next(Some(&seen), &settings(), now),
                expected,
                "{record} after {age} s"
            );
        }
        assert_eq!(next(None, &settings(), changed_at), Next::Create);
    }

    #[test]
    fn only_a_change_of_the_record_starts_the_clock_anew() {
        let first = Instant::now();
        let later = first + Duration::from_secs(9);
        let record = "{holderIdentity: other, renewTime: 2026-01-01T00:00:00.000000Z}";
        let seen = look(None, lease(record), first);

        let mut labelled = lease(record);
        labelled.metadata.resource_version = Some("7".to_owned());
        assert_eq!(look(Some(&seen), labelled, later).changed_at, first);
        let renewal = lease("{holderIdentity: other, renewTime: 2026-01-01T00:00:02.000000Z}");
        assert_eq!(look(Some(&seen), renewal, later).changed_at, later);
    }

    #[test]
    fn a_record_from_creation_to_the_next_holder() {
        let mut other = settings();
        other.identity = "other".to_owned();
        other.lease_duration = Duration::from_millis(2500);
        let created = taken(None, &settings(), at(0));
        let renewed = renewed(&created, &settings(), at(2));
        let released = released(&renewed, at(4));
        let next = taken(Some(&released), &other, at(5));
        insta::assert_yaml_snapshot!([created, renewed, released, next], @r#"
        - acquireTime: "1970-01-01T00:00:00.000000Z"
          holderIdentity: me
          leaseDurationSeconds: 15
          leaseTransitions: 0
          renewTime: "1970-01-01T00:00:00.000000Z"
        - acquireTime: "1970-01-01T00:00:00.000000Z"
          holderIdentity: me
          leaseDurationSeconds: 15
          leaseTransitions: 0
          renewTime: "1970-01-01T00:00:02.000000Z"
        - acquireTime: "1970-01-01T00:00:04.000000Z"
          holderIdentity: ""
          leaseDurationSeconds: 1
          leaseTransitions: 0
          renewTime: "1970-01-01T00:00:04.000000Z"
        - acquireTime: "1970-01-01T00:00:05.000000Z"
          holderIdentity: other
          leaseDurationSeconds: 3
          leaseTransitions: 1
          renewTime: "1970-01-01T00:00:05.000000Z"
        "#);
    }
}
