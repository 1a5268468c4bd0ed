//! docs/getting-started/installation.md: its commands are run as they stand there, on a cluster of
//! their own.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use local_cluster::{LocalCluster, Options};
use tempfile::TempDir;

const DOCUMENT: &str = include_str!("../docs/getting-started/installation.md");

/// The sections in the order in which one person could follow all of them: what Helm has
/// installed goes before kubectl installs the same.
const SECTIONS: [&str; 7] = [
    "The command",
    "The operator's image",
    "By Helm",
    "Whether all is there",
    "Upgrade",
    "Uninstall",
    "By kubectl",
];

/// What cannot be run here: the program that is tested is built already, and nothing builds
/// images.
const NOT_HERE: [&str; 3] = ["cargo build --release", "podman build", "podman push"];

/// What ends with 1 on this cluster: pods are only said to run, so no operator leads.
const FAILS: &str = "gravity doctor";

/// The commands of a section's blocks.
fn commands(section: &str) -> Vec<String> {
    let text = DOCUMENT.split(&format!("\n## {section}\n")).nth(1).unwrap();
    let text = text.split("\n## ").next().unwrap();
    let blocks = text.split("```sh\n").skip(1);
    let lines = blocks.map(|block| block.split("```").next().unwrap().replace("\\\n", ""));
    let lines: Vec<String> = lines.collect();
    let lines = lines.iter().flat_map(|block| block.lines());
    lines.map(str::to_owned).collect()
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_section_with_commands_is_run() {
    let with = DOCUMENT.split("\n## ").skip(1);
    let with = with.filter(|section| section.contains("```sh"));
    let with: Vec<&str> = with
        .map(|section| section.lines().next().unwrap())
        .collect();
    let mut run = SECTIONS.to_vec();
    run.sort_by_key(|section| with.iter().position(|it| it == section));
    assert_eq!(run, with);
}

#[tokio::test(flavor = "multi_thread")]
async fn gravity_is_installed_upgraded_and_gone_as_it_is_told() {
    let cluster = LocalCluster::start(Options::default()).await.unwrap();
    let folder = TempDir::new().unwrap();
    let root = folder.path().display().to_string();
    for inner in [
        "bin",
        "bash_completion.d",
        ".zfunc",
        ".config/fish/completions",
    ] {
        fs::create_dir_all(folder.path().join(inner)).unwrap();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for inner in ["charts", "config", "crds"] {
        let mut copy = Command::new("cp");
        let copied = copy.arg("-r").arg(here.join(inner)).arg(&root).status();
        assert!(copied.unwrap().success());
    }
    fs::create_dir_all(folder.path().join("target/release")).unwrap();
    let built = folder.path().join("target/release/gravity");
    symlink(env!("CARGO_BIN_EXE_gravity"), built).unwrap();
    script(&folder.path().join("bin/sudo"), "exec \"$@\"");
    // A page, and no program to show it in.
    script(&folder.path().join("bin/man"), "grep -q '^.TH'");
    let mut path = vec![folder.path().join("bin")];
    path.extend(cluster.program_folders().unwrap());
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let path = std::env::join_paths(path).unwrap();
    let mut left_out = Vec::new();
    for command in SECTIONS.into_iter().flat_map(commands) {
        if let Some(known) = NOT_HERE.iter().find(|it| command.starts_with(**it)) {
            left_out.push(*known);
            continue;
        }
        let moved = command
            .replace("/usr/local/bin/", &format!("{root}/bin/"))
            .replace(
                "/etc/bash_completion.d/",
                &format!("{root}/bash_completion.d/"),
            );
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &moved])
            .current_dir(&root)
            .env("PATH", &path)
            .env("HOME", &root)
            .env("KUBECONFIG", cluster.kubeconfig())
            .output()
            .unwrap();
        let wanted = i32::from(command == FAILS);
        assert_eq!(output.status.code(), Some(wanted), "{command}: {output:?}");
    }
    assert_eq!(left_out, NOT_HERE);
    for file in ["bin/gravity", "service.jsonschema", ".zfunc/_gravity"] {
        assert!(
            folder.path().join(file).metadata().unwrap().len() > 100,
            "{file}"
        );
    }
    cluster.stop().await;
}
