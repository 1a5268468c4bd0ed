//! The scripts by which Jobs touch databases, on real servers: what comes from outside is data
//! to them and nothing else. Each server is a process in a room of its own, for a pod would
//! take longer than the test.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test an unwrap is the assertion"
)]

mod backups;
mod jobs;
mod mariadb;
mod postgresql;
mod rabbitmq;
mod redis;
mod s3;

/// The administrator's password, which a shell, a URL and SQL would all read otherwise.
const ADMIN: &str = r#"a'd"m%in\@:/?#$(id)`"#;

/// Names that break out of whatever they are spliced into.
const NAMES: [&str; 9] = [
    "plain",
    "plain_",
    "quo'te\"s`",
    "per%cent",
    "at@back\\slash",
    "line\nbreak",
    "$(touch /tmp/broken) `touch /tmp/broken`",
    "x'; DROP DATABASE plain; --",
    // With what is added to it, this is as long as a name can be, in letters of two bytes.
    "äöüäöüäöüäöüäöüäöüäöüäöüäöüäö",
];

/// Passwords that do.
const PASSWORDS: [&str; 4] = [
    r#"p'a"s%s\w@o:r/d?#$(touch /tmp/broken)`touch /tmp/broken`"#,
    "y'; DROP DATABASE plain; --",
    r"\' OR 1=1 -- \\",
    "pässwörd 🔑  two  spaces",
];
