use insta::assert_snapshot;

use super::*;
use crate::api::backup::Retention;

fn refused(backup: &str) -> String {
    of_engine("postgresql", backup)
}

fn of_engine(engine: &str, backup: &str) -> String {
    let lines = format!("databases: {{{engine}: {{backup: {backup}}}}}\n");
    told(validate_app(&super::app(&lines)))
}

#[test]
fn what_is_right_is_taken() {
    for to in [
        "{claim: {storage: 20Gi, storageClassName: slow}}",
        "{s3: {bucket: shop-backups, secretName: backups}}",
        "{s3: {endpoint: 'http://store:7070', region: eu-central-1, bucket: shop-backups, prefix: team-a/shop, secretName: backups, image: 'mirror.example.com/rclone:1'}}",
    ] {
        let lines = format!(
            "databases: {{postgresql: {{backup: {{schedule: '@daily', timeout: 90m, retention: {{count: 3, days: 30}}, to: {to}}}}}}}\n"
        );
        assert!(validate_app(&super::app(&lines)).is_ok(), "{to}");
    }
}

#[test]
fn schedules_and_times() {
    assert_snapshot!(refused("{schedule: nightly, timeout: 2d, to: {claim: {storage: 1Gi}}}"), @r#"
    GravityApp shop/shop: spec.databases.postgresql.backup.schedule: "nightly" has 1 fields, and a schedule has five: minute, hour, day of the month, month, day of the week, as "*/5 * * * *"
    GravityApp shop/shop: spec.databases.postgresql.backup.timeout: "2d" is no duration: write hours, minutes and seconds in this order, as 90s, 10m or 1h30m
    "#);
    assert_snapshot!(refused("{schedule: '0 25 * * *', to: {claim: {storage: 1Gi}}}"), @r#"GravityApp shop/shop: spec.databases.postgresql.backup.schedule: "0 25 * * *": the hour 25: "25" is out of range: write 0 to 23"#);
}

#[test]
fn what_is_kept() {
    assert_snapshot!(refused("{schedule: '@daily', retention: {}, to: {claim: {storage: 1Gi}}}"), @"GravityApp shop/shop: spec.databases.postgresql.backup.retention: is empty: write how many backups of each database are kept, as count: 7, or of how many days, as days: 30; or take it out");
    // A file's number is refused where it stands; this is for what came by another way.
    let mut app = super::app(
        "databases: {postgresql: {backup: {schedule: '@daily', retention: {count: 1}, to: {claim: {storage: 1Gi}}}}}\n",
    );
    let backup = app
        .spec
        .databases
        .get_mut("postgresql")
        .unwrap()
        .backup
        .as_mut()
        .unwrap();
    backup.retention = Some(Retention {
        count: Some(0),
        days: Some(-1),
    });
    assert_snapshot!(told(validate_app(&app)), @r#"
    GravityApp shop/shop: spec.databases.postgresql.backup.retention.count: the newest backup is always kept: write 1 or more, or take it out
    GravityApp shop/shop: spec.databases.postgresql.backup.retention.days: the newest backup is always kept: write 1 or more, or take it out
    "#);
}

#[test]
fn places() {
    assert_snapshot!(refused("{schedule: '@daily', to: {}}"), @"GravityApp shop/shop: spec.databases.postgresql.backup.to: says no place: write claim: {storage: 20Gi}, or s3 with a bucket and a secretName");
    assert_snapshot!(refused("{schedule: '@daily', to: {claim: {storage: 1Gi}, s3: {bucket: abc, secretName: a}}}"), @"GravityApp shop/shop: spec.databases.postgresql.backup.to: names two places, claim and s3: write one of them, and copy the backups to the other by yourself");
    assert_snapshot!(refused("{schedule: '@daily', to: {claim: {storage: 1GB, storageClassName: A}}}"), @r#"
    GravityApp shop/shop: spec.databases.postgresql.backup.to.claim.storage: "1GB" is no quantity: write 1Gi
    GravityApp shop/shop: spec.databases.postgresql.backup.to.claim.storageClassName: "A" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    "#);
    assert_snapshot!(refused("{schedule: '@daily', to: {s3: {endpoint: 'https://store/path', region: 'eu central', bucket: Shop_Backups, prefix: /shop/../, secretName: A, image: 'A:1'}}}"), @r#"
    GravityApp shop/shop: spec.databases.postgresql.backup.to.s3.endpoint: "https://store/path" is no server's address: write it without a path, as https://s3.example.com
    GravityApp shop/shop: spec.databases.postgresql.backup.to.s3.region: "eu central" is no region: write one as eu-central-1
    GravityApp shop/shop: spec.databases.postgresql.backup.to.s3.bucket: "Shop_Backups" can be no bucket's name: write 3 to 63 lower-case letters, digits, hyphens and dots, as shop-backups
    GravityApp shop/shop: spec.databases.postgresql.backup.to.s3.prefix: "/shop/../" can be no prefix: write folders of letters, digits, hyphens, dots and underscores without a slash at either end, as team-a/shop
    GravityApp shop/shop: spec.databases.postgresql.backup.to.s3.secretName: "A" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityApp shop/shop: spec.databases.postgresql.backup.to.s3.image: "A:1" has upper case in its path: write a:1
    "#);
}

#[test]
fn an_engine_without_backups_says_why() {
    let backup = "{schedule: '@daily', to: {claim: {storage: 1Gi}}}";
    assert_snapshot!(of_engine("rabbitmq", backup), @"GravityApp shop/shop: spec.databases.rabbitmq.backup: rabbitmq cannot be backed up: its users, exchanges and queues are provisioned anew, and messages are on their way and not kept; take it out (there are backups of postgresql, postgis, mysql, mariadb, redis)");
    assert_snapshot!(of_engine("mongo", backup), @"GravityApp shop/shop: spec.databases.mongo.backup: mongodb cannot be backed up: Gravity does not run mongodump yet: run it by hand, with the admin Secret; take it out (there are backups of postgresql, postgis, mysql, mariadb, redis)");
}

#[test]
fn a_managed_server_has_its_own_backups() {
    let lines = "databases: {postgresql: {mode: External, secretName: managed, backup: {schedule: '@daily', to: {claim: {storage: 1Gi}}}}}\n";
    assert_snapshot!(told(validate_app(&super::app(lines))), @"GravityApp shop/shop: spec.databases.postgresql.backup: is for servers that Gravity runs itself: take it out, and use the backups of the managed server or of CloudNativePG");
}
