//! The tenure and the settings; what needs an API server is in `tests/lease.rs`.

use super::*;

fn settings() -> LeaseSettings {
    LeaseSettings::new("gravity-system", "gravity").unwrap()
}

#[test]
fn a_tenure_ends_by_itself_and_is_not_prolonged_afterwards() {
    let deadline = Duration::from_millis(200);
    let fresh = Tenure::new(Instant::now(), deadline);
    assert!(fresh.lasts());

    // As after SIGSTOP: the clock went on, and nobody has noticed.
    let stale = Tenure::new(Instant::now() - deadline, deadline);
    assert!(!stale.lasts());
    stale.prolong(Instant::now());
    assert!(!stale.lasts(), "what is over stays over");
}

#[test]
fn a_tenure_counts_from_the_start_of_the_renewal() {
    let deadline = Duration::from_secs(10);
    let tenure = Tenure::new(Instant::now(), deadline);
    tenure.prolong(Instant::now() - Duration::from_secs(4));
    assert!(tenure.left() <= Duration::from_secs(6));
}

#[tokio::test]
async fn the_end_is_told_though_nobody_renews() {
    let tenure = Tenure::new(Instant::now(), Duration::from_millis(50));
    timeout(Duration::from_secs(5), tenure.ended())
        .await
        .unwrap();
    assert!(!tenure.lasts());
}

#[tokio::test]
async fn without_election_it_is_always_held() {
    let leadership = Leadership::always();
    leadership.release().await;
    assert!(leadership.may_write());
    let lost = timeout(Duration::from_millis(20), leadership.lost()).await;
    assert!(lost.is_err(), "it cannot be lost");
}

#[test]
fn no_two_identities_are_the_same() {
    assert_ne!(settings().identity, settings().identity);
}

#[test]
fn durations_that_would_let_two_write_are_refused() {
    assert!(settings().check().is_ok());
    let seconds = Duration::from_secs;
    for (lease, deadline, retry) in [(10, 10, 2), (15, 2, 2), (15, 10, 0)] {
        let settings = LeaseSettings {
            lease_duration: seconds(lease),
            renew_deadline: seconds(deadline),
            retry_period: seconds(retry),
            ..settings()
        };
        assert!(settings.check().is_err(), "{lease}, {deadline}, {retry}");
    }
    let equal = LeaseSettings {
        lease_duration: seconds(10),
        ..settings()
    };
    insta::assert_snapshot!(equal.check().unwrap_err(), @"the durations of the Lease gravity-system/gravity do not fit: its duration (10s) must be longer than the renew deadline (10s), and that longer than the retry period (2s), which must not be zero");
}
