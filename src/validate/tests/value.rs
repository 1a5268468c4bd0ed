use proptest::prelude::*;

use crate::validate::value::quantity::{Quantity, amount};
use crate::validate::value::{cron, duration::duration, image::image, name, version};

#[test]
fn images_that_a_registry_takes() {
    let digest = "a".repeat(64);
    let pinned = format!("postgres@sha256:{digest}");
    let both = format!("team/postgres:16@sha256:{digest}");
    for good in [
        "postgres",
        "postgres:16",
        "team/auth_service:1.4.0-rc.1",
        "registry.example.com/auth:1",
        "registry.example.com:5000/team/auth",
        "localhost/auth",
        "localhost:5000/auth:V1",
        "a/b/c--d__e.f",
        &pinned,
        &both,
    ] {
        assert_eq!(image(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "a b",
        "https://example.com/a",
        "A",
        "a:",
        "a:b:c",
        "a@sha256:1",
        "/a",
        "a/",
        "a//b",
        "-a",
        "a___b",
        "a..b",
        "example.com:99999/a",
        "example.com:/a",
        "ex_ample.com/a",
    ] {
        assert!(image(bad).is_err(), "{bad}");
    }
}

#[test]
fn schedules_that_kubernetes_takes() {
    for good in [
        "* * * * *",
        "*/5 * * * *",
        "0 22 * * 1-5",
        "0,30 8-18/2 1 jan,JUL sun-fri",
        "5/10 * ? * ?",
        "@daily",
        "@every 1h30m",
    ] {
        assert_eq!(cron::schedule(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "* * * * * *",
        "-1 * * * *",
        "1- * * * *",
        "a * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "1,,2 * * * *",
        "@every",
        "@every 0s",
        "+5 * * * *",
    ] {
        assert!(cron::schedule(bad).is_err(), "{bad}");
    }
}

#[test]
fn durations_that_are_read() {
    let seconds = |text: &str| duration(text).map(|duration| duration.as_secs()).ok();
    assert_eq!(seconds("90s"), Some(90));
    assert_eq!(seconds("1h30m"), Some(5_400));
    assert_eq!(seconds("24h"), Some(86_400));
    for bad in [
        "",
        "10",
        "1.5h",
        "30m1h",
        "-1s",
        "99999999999999999999s",
        "9999999999999999h",
        "1h 30m",
        "s",
    ] {
        assert_eq!(seconds(bad), None, "{bad}");
    }
}

#[test]
fn quantities_compare_by_their_worth() {
    let order = [
        "0", "1m", "0.25", "1", "1.5", "1k", "1Ki", "1M", "1Mi", "0.5Gi", "1G", "1Gi", "1Ti", "1Ei",
    ];
    let read: Vec<_> = order
        .iter()
        .map(|text| Quantity::parse(text).unwrap())
        .collect();
    assert!(read.is_sorted());
    assert_eq!(Quantity::parse("1000m"), Quantity::parse("1"));
    assert_eq!(Quantity::parse("1024Mi"), Quantity::parse("1Gi"));
    for bad in [
        "",
        "m",
        "1.",
        ".5",
        "1 Gi",
        "-1",
        "1GB",
        "1e3",
        "1..5",
        "9999999999999999999",
    ] {
        assert_eq!(Quantity::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn whole_quantities_order_as_their_numbers(one in 0_u64..1_000_000, two in 0_u64..1_000_000, unit in prop::sample::select(vec!["", "m", "k", "Ki", "Mi", "Gi", "Ti"])) {
        let read = |number: u64| Quantity::parse(&format!("{number}{unit}")).unwrap();
        prop_assert_eq!(one.cmp(&two), read(one).cmp(&read(two)));
    }

    #[test]
    fn every_version_of_three_numbers_is_read(major in 0..u32::MAX, minor in 0..99_u32, patch in 0..99_u32) {
        let text = format!("{major}.{minor}.{patch}");
        prop_assert_eq!(version::version(&text).unwrap().to_string(), text);
    }

    /// What is proposed instead is itself right.
    #[test]
    fn a_proposed_name_is_a_name(text in "[A-Za-z_. ][A-Za-z0-9_. -]{0,20}") {
        if let Err(message) = name::label(&text, 40)
            && let Some((_, better)) = message.rsplit_once("): write ")
            && !better.contains(' ')
        {
            prop_assert_eq!(name::label(better, 40), Ok(()), "{}", message);
        }
    }

    #[test]
    fn a_proposed_range_is_a_range(text in "[<>=~^v]{0,2}[0-9]\\.[0-9]( - | |, )[<>=]{0,2}[0-9]\\.[0-9]") {
        if let Err(message) = version::range(&text)
            && let Some((_, better)) = message.rsplit_once("): write \"")
            && !better.contains(" or ")
        {
            prop_assert!(version::range(better.trim_end_matches('"')).is_ok(), "{}", message);
        }
    }

    #[test]
    fn amounts_never_stop_the_checks(resource in "(cpu|memory|storage)", text in ".{0,12}") {
        drop(amount(&resource, &text));
    }
}
