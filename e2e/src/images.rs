//! The images that are built on the spot.

use std::path::PathBuf;
use std::process::{Command, Stdio};

const BUILD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/images/build");

/// What applications run on, the same for all tests: the second node begins with what the
/// first one had.
pub const IMAGES: [&str; 13] = [
    "postgres",
    "postgis",
    "mariadb",
    "redis",
    "rabbitmq",
    "kafka",
    "s3",
    "busybox",
    "pgbouncer",
    "sample-service",
    "rclone",
    "git",
    "traefik",
];

/// The archives of these images (folders of `e2e/images`); builds those that are missing.
pub fn archives(images: &[&str]) -> Vec<PathBuf> {
    let output = Command::new(BUILD)
        .args(images)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "the images were not built; e2e/images/build says why above"
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    let path = |line: &str| line.split_once('\t').map(|(_, path)| PathBuf::from(path));
    lines.lines().filter_map(path).collect()
}
