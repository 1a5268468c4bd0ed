//! The image of a pod's first process: one program, and nothing else.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tar::{Builder, Header};

use super::configuration::PAUSE_IMAGE;
use crate::Error;
use crate::folder::Layout;

/// The kernel's word for the architecture of programs that are built here.
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    "amd64"
};

/// Writes the archive that containerd takes, and returns where it is.
pub(crate) fn pause_archive(folder: &Layout, program: &Path) -> Result<PathBuf, Error> {
    let content = fs::read(program).map_err(Error::file(program, "read"))?;
    let path = folder.path().join("node").join("pause.tar");
    write_archive(&path, &content).map_err(Error::file(&path, "written"))?;
    Ok(path)
}

/// As the image specification of Docker, version 1.2, has it.
fn write_archive(path: &Path, program: &[u8]) -> std::io::Result<()> {
    let mut layer = Builder::new(Vec::new());
    append(&mut layer, "pause", program)?;
    let layer = layer.into_inner()?;
    let digest: String = Sha256::digest(&layer)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let configuration = json!({
        "architecture": ARCHITECTURE,
        "os": "linux",
        "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{digest}")]},
    });
    let manifest = json!([
        {"Config": "config.json", "RepoTags": [PAUSE_IMAGE], "Layers": ["layer.tar"]},
    ]);
    let mut archive = Builder::new(File::create(path)?);
    append(
        &mut archive,
        "config.json",
        configuration.to_string().as_bytes(),
    )?;
    append(&mut archive, "layer.tar", &layer)?;
    append(
        &mut archive,
        "manifest.json",
        manifest.to_string().as_bytes(),
    )?;
    archive.finish()
}

fn append<W: std::io::Write>(
    archive: &mut Builder<W>,
    name: &str,
    content: &[u8],
) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o755);
    header.set_mtime(0);
    archive.append_data(&mut header, name, content)
}
