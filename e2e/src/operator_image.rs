//! The image of the operator, made of the binary that the tests run as a person's builder
//! makes it of the `Containerfile`: both take what is in it from `tools/image-root`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::program;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/image-root");

/// The image's name, as the values of the chart have it.
pub const OPERATOR_IMAGE: [&str; 2] = ["local-cluster.gravity.dev/gravity", "tested"];

/// Writes the image into a folder, and returns its archive.
pub fn operator_image(folder: &Path) -> PathBuf {
    let root = folder.join("root");
    run(Command::new(ROOT).arg(program("gravity")).arg(&root));
    // As the Containerfile does: an image whose binary misses a library is not made at all.
    run(Command::new("chroot")
        .arg(&root)
        .args(["/usr/bin/gravity", "version"]));
    let tar = || {
        let mut tar = Command::new("tar");
        tar.current_dir(folder)
            .args(["--owner=0", "--group=0", "--numeric-owner"]);
        tar
    };
    run(tar().args(["-cf", "layer.tar", "-C", "root", "."]));
    let digest = run(Command::new("sha256sum").arg(folder.join("layer.tar")));
    let digest = digest.split_whitespace().next().unwrap();
    let config = json!({
        "architecture": match std::env::consts::ARCH { "aarch64" => "arm64", _ => "amd64" },
        "os": "linux",
        "config": {"User": "65532:65532", "Entrypoint": ["/usr/bin/gravity"], "Cmd": ["--help"]},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{digest}")]},
    });
    let manifest = json!([{
        "Config": "config.json",
        "RepoTags": [OPERATOR_IMAGE.join(":")],
        "Layers": ["layer.tar"],
    }]);
    for (name, content) in [("config.json", config), ("manifest.json", manifest)] {
        std::fs::write(folder.join(name), content.to_string()).unwrap();
    }
    run(tar().args([
        "-cf",
        "image.tar",
        "config.json",
        "manifest.json",
        "layer.tar",
    ]));
    folder.join("image.tar")
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
