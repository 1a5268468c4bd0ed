//! The backups of an engine's servers.

use super::report::Report;
use super::scaling;
use super::value::{cron, duration, image, name};
use crate::api::app::{DatabaseServer, ServerMode};
use crate::api::backup::{Backup, BackupBucket, BackupPlace, Retention};
use crate::engines::{self, Engine};

/// Checks what the app says of an engine's backups.
pub(super) fn backup(engine: Engine, server: &DatabaseServer, at: &str, report: &mut Report) {
    let Some(stated) = &server.backup else {
        return;
    };
    let at = &format!("{at}.backup");
    if let engines::Backup::Never(why) = engine.profile().backup {
        let message = format!(
            "{engine} cannot be backed up: {why}; take it out (there are backups of {})",
            known().join(", ")
        );
        report.add(at, message);
    }
    if let Some(ServerMode::External | ServerMode::CloudNativePG) = server.mode {
        report.add(at, "is for servers that Gravity runs itself: take it out, and use the backups of the managed server or of CloudNativePG");
    }
    let Backup {
        schedule,
        retention,
        to,
        timeout,
    } = stated;
    report.check(format!("{at}.schedule"), cron::schedule(schedule));
    if let Some(retention) = retention {
        self::retention(retention, &format!("{at}.retention"), report);
    }
    place(to, &format!("{at}.to"), report);
    if let Some(timeout) = timeout {
        report.check(format!("{at}.timeout"), duration::duration(timeout));
    }
}

/// The engines that can be backed up.
fn known() -> Vec<&'static str> {
    let dumped = |engine: &Engine| matches!(engine.profile().backup, engines::Backup::Dump(_));
    let all = Engine::all();
    all.filter(dumped).map(Engine::name).collect()
}

fn retention(stated: &Retention, at: &str, report: &mut Report) {
    let Retention { count, days } = stated;
    for (name, number) in [("count", count), ("days", days)] {
        if number.is_some_and(|number| number < 1) {
            let message = "the newest backup is always kept: write 1 or more, or take it out";
            report.add(format!("{at}.{name}"), message);
        }
    }
    if (count, days) == (&None, &None) {
        report.add(
            at,
            "is empty: write how many backups of each database are kept, as count: 7, or of how many days, as days: 30; or take it out",
        );
    }
}

fn place(stated: &BackupPlace, at: &str, report: &mut Report) {
    match (&stated.claim, &stated.s3) {
        (Some(claim), None) => {
            report.check(format!("{at}.claim.storage"), scaling::size(&claim.storage));
            if let Some(class) = &claim.storage_class_name {
                report.check(format!("{at}.claim.storageClassName"), name::object(class));
            }
        }
        (None, Some(bucket)) => self::bucket(bucket, &format!("{at}.s3"), report),
        (None, None) => report.add(
            at,
            "says no place: write claim: {storage: 20Gi}, or s3 with a bucket and a secretName",
        ),
        (Some(_), Some(_)) => report.add(
            at,
            "names two places, claim and s3: write one of them, and copy the backups to the other by yourself",
        ),
    }
}

fn bucket(stated: &BackupBucket, at: &str, report: &mut Report) {
    let BackupBucket {
        endpoint,
        region,
        bucket,
        prefix,
        secret_name,
        image,
    } = stated;
    let letters = |text: &str, also: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    if let Some(endpoint) = endpoint.as_deref().filter(|it| !is_endpoint(it)) {
        report.add(format!("{at}.endpoint"), format!("{endpoint:?} is no server's address: write it without a path, as https://s3.example.com"));
    }
    if let Some(region) = region.as_deref().filter(|it| !letters(it, b"-")) {
        report.add(
            format!("{at}.region"),
            format!("{region:?} is no region: write one as eu-central-1"),
        );
    }
    let lower = !bucket.bytes().any(|byte| byte.is_ascii_uppercase());
    if !lower || !letters(bucket, b"-.") || !(3..=63).contains(&bucket.len()) {
        report.add(format!("{at}.bucket"), format!("{bucket:?} can be no bucket's name: write 3 to 63 lower-case letters, digits, hyphens and dots, as shop-backups"));
    }
    let folder = |part: &str| letters(part, b"-._") && !matches!(part, "." | "..");
    if let Some(prefix) = prefix.as_deref().filter(|it| !it.split('/').all(folder)) {
        report.add(format!("{at}.prefix"), format!("{prefix:?} can be no prefix: write folders of letters, digits, hyphens, dots and underscores without a slash at either end, as team-a/shop"));
    }
    report.check(format!("{at}.secretName"), name::object(secret_name));
    if let Some(stated) = image {
        report.check(format!("{at}.image"), image::image(stated));
    }
}

fn is_endpoint(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        !name.is_empty() && name.bytes().all(fine) && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}
