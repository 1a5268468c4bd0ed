//! What a service's container runs: its image, or its source by the image of a language.

use serde::Serialize;
use url::Url;

use super::report::Report;
use super::value::image::image;
use crate::api::service::{GravityServiceSpec, Runtime as Stated, RuntimeSource};
use crate::api::{GravityService, names};

/// Where the source is in the pods.
pub(crate) const SOURCE_FOLDER: &str = "/source";
/// The name of the volume that it is in.
pub const SOURCE_VOLUME: &str = "source";
/// A pod has no credentials, so whatever asks for some cannot be had.
const SCHEMES: [&str; 3] = ["https", "http", "file"];

/// How a service runs from its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Runtime {
    /// The folder in the repository; `None` for its root.
    pub folder: Option<String>,
    /// The repository; `None` where nobody has said it. That is for the plan to tell: a manifest
    /// in its own repository is right without.
    pub source: Option<GitSource>,
}

/// One revision of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GitSource {
    /// The URL.
    pub url: String,
    /// The whole hash.
    pub revision: String,
}

/// What the container runs.
pub(super) struct Program {
    pub(super) image: String,
    pub(super) command: Vec<String>,
    pub(super) args: Vec<String>,
    pub(super) runtime: Option<Runtime>,
}

/// The image's program, or the runtime's; exactly one of them is there.
pub(super) fn program(service: &GravityService, report: &mut Report) -> Program {
    let spec = &service.spec;
    if let Some(stated) = &spec.image {
        report.check("spec.image", image(stated));
    }
    match (&spec.image, &spec.runtime) {
        (None, None) => report.add("spec.image", "is missing: write an image as registry.example.com/auth-service:1.4.0, or a runtime that runs the service from its source, as runtime: {image: python:3.11, command: [python, main.py]}"),
        (Some(_), Some(_)) => report.add("spec.image", "stands beside runtime, and only one of the two can run: take image out to run from the source, or runtime to run the image"),
        _ => {}
    }
    match &spec.runtime {
        Some(stated) => from_source(service, stated, report),
        None => Program {
            image: spec.image.clone().unwrap_or_default(),
            command: spec.command.clone(),
            args: spec.args.clone(),
            runtime: None,
        },
    }
}

fn from_source(service: &GravityService, stated: &Stated, report: &mut Report) -> Program {
    let spec = &service.spec;
    report.check("spec.runtime.image", image(&stated.image));
    if stated.command.is_empty() {
        report.add(
            "spec.runtime.command",
            "is empty: write the command and its arguments, as [python, main.py]",
        );
    }
    for (field, words) in [("command", &spec.command), ("args", &spec.args)] {
        if !words.is_empty() {
            report.add(format!("spec.{field}"), "is of an image, and a runtime has a command of its own: write all of it as runtime.command");
        }
    }
    if let Some(stated) = &stated.folder {
        report.check("spec.runtime.folder", folder(stated));
    }
    room(spec, report);
    let source = match &stated.source {
        Some(stated) => of_manifest(stated, report),
        None => of_annotation(service, report),
    };
    Program {
        image: stated.image.clone(),
        command: stated.command.clone(),
        args: Vec::new(),
        runtime: Some(Runtime {
            folder: stated.folder.clone(),
            source,
        }),
    }
}

/// Nothing else may have the folder and the volume of the source.
fn room(spec: &GravityServiceSpec, report: &mut Report) {
    let config = spec.config.iter().map(|each| &each.mount_path).enumerate();
    let config = config.map(|(index, path)| (format!("spec.config[{index}]"), path));
    let storage = spec.storage.iter().map(|each| &each.mount_path).enumerate();
    let storage = storage.map(|(index, path)| (format!("spec.storage[{index}]"), path));
    for (at, path) in config.chain(storage) {
        if path.trim_end_matches('/') == SOURCE_FOLDER {
            report.add(
                format!("{at}.mountPath"),
                format!("{path} is where runtime has the source: write another folder"),
            );
        }
    }
    for (index, each) in spec.storage.iter().enumerate() {
        if each.name == SOURCE_VOLUME {
            report.add(
                format!("spec.storage[{index}].name"),
                format!("{SOURCE_VOLUME} is the volume of runtime's source: write another name"),
            );
        }
    }
}

fn of_manifest(stated: &RuntimeSource, report: &mut Report) -> Option<GitSource> {
    let url = report.check("spec.runtime.source.url", url(&stated.url));
    let revision = revision(&stated.revision);
    let revision = report.check("spec.runtime.source.revision", revision)?;
    Some(GitSource {
        url: url?,
        revision,
    })
}

/// The repository that the manifest was read from, which `gravity add` has noted. A folder of
/// somebody's machine is none that a pod could read.
fn of_annotation(service: &GravityService, report: &mut Report) -> Option<GitSource> {
    let annotations = service.metadata.annotations.as_ref()?;
    let text = annotations.get(names::SOURCE_ANNOTATION)?;
    let (place, hash) = text.strip_prefix("git+")?.rsplit_once('#')?;
    let place = place.split_once('?').map_or(place, |(place, _)| place);
    let at = format!("metadata.annotations[{}]", names::SOURCE_ANNOTATION);
    let url = report.check(&at, url(place));
    let revision = report.check(&at, revision(hash))?;
    Some(GitSource {
        url: url?,
        revision,
    })
}

fn url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| {
        format!("{text:?} is no URL: write one as https://git.example.com/acme/auth-service")
    })?;
    if !SCHEMES.contains(&url.scheme()) {
        return Err(format!(
            "{text:?} cannot be fetched by a pod, which has no key and no password: write a URL by https, http or file in runtime.source, or build an image and write it in the place of runtime"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "has a login in its URL, which everybody could read in the pods: runtime is for repositories that need none, so take it out, or build an image and write it in the place of runtime".to_owned(),
        );
    }
    Ok(text.to_owned())
}

fn revision(text: &str) -> Result<String, String> {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 40 && text.bytes().all(hexadecimal) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text:?} is no revision: write its whole hash, as `git rev-parse HEAD` prints it, for a branch or a tag can move"
    ))
}

fn folder(path: &str) -> Result<(), String> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(fine);
    if path.split('/').all(is_part) {
        return Ok(());
    }
    Err(format!(
        "{path:?} is no folder in the repository: write its path from the root, as services/auth, or take it out for the root itself"
    ))
}
