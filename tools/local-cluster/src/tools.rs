//! Where the programs and schemas are: `tools/build` knows, and makes what is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// The script lies beside this crate, and the crate is only ever run from its clone.
const BUILD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../build");

/// The paths of programs and schemas by name.
#[derive(Clone, Debug)]
pub(crate) struct Tools(BTreeMap<String, PathBuf>);

impl Tools {
    /// Finds the groups, building what is missing: minutes on the first run, which
    /// is told on standard error, and some 50 ms from then on.
    pub(crate) fn find(groups: &[&str]) -> Result<Self, Error> {
        let output = Command::new(BUILD)
            .args(groups)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| Error::BuildNotRun {
                path: BUILD.into(),
                source,
            })?;
        if !output.status.success() {
            let groups = groups.join(" ");
            return Err(Error::BuildFailed {
                path: BUILD.into(),
                groups,
                status: output.status,
            });
        }
        Ok(Self(parse(&String::from_utf8_lossy(&output.stdout))))
    }

    pub(crate) fn path(&self, name: &'static str) -> Result<&Path, Error> {
        self.0
            .get(name)
            .map(PathBuf::as_path)
            .ok_or(Error::ProgramUnknown { name })
    }

    /// The folders of the programs named, each once, for a PATH.
    pub(crate) fn folders(&self, names: &[&'static str]) -> Result<Vec<PathBuf>, Error> {
        let mut folders = Vec::new();
        for name in names {
            if let Some(folder) = self.path(name)?.parent().map(Path::to_path_buf)
                && !folders.contains(&folder)
            {
                folders.push(folder);
            }
        }
        Ok(folders)
    }
}

/// Where `helm` is, for work that needs no cluster; builds it if it is missing.
pub fn helm_program() -> Result<PathBuf, Error> {
    Tools::find(&["helm"])?.path("helm").map(Path::to_path_buf)
}

/// Where `cyclonus` is, which judges network policies; builds it if it is missing.
pub fn cyclonus_program() -> Result<PathBuf, Error> {
    let tools = Tools::find(&["cyclonus"])?;
    tools.path("cyclonus").map(Path::to_path_buf)
}

/// Where `compose` is, which judges Compose files; builds it if it is missing.
pub fn compose_program() -> Result<PathBuf, Error> {
    let tools = Tools::find(&["compose"])?;
    tools.path("compose").map(Path::to_path_buf)
}

/// Where `registry` is, which holds images; builds it if it is missing.
pub fn registry_program() -> Result<PathBuf, Error> {
    let tools = Tools::find(&["registry"])?;
    tools.path("registry").map(Path::to_path_buf)
}

fn parse(lines: &str) -> BTreeMap<String, PathBuf> {
    let pairs = lines.lines().filter_map(|line| line.split_once('\t'));
    pairs
        .map(|(name, path)| (name.to_owned(), PathBuf::from(path)))
        .collect()
}
