//! `gravity list`: what the project is made of.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use kube::ResourceExt;
use owo_colors::Style;
use serde::Serialize;

use super::here;
use crate::api::names::SOURCE_ANNOTATION;
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::table::{Cell, Table};
use crate::cli::{Error, output};
use crate::project::{Kept, Project, ProjectError};
use crate::repository::Origin;

/// The arguments of `gravity list`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "STATUS is what becomes of the version: chosen; passed over, for another one is chosen; unused,
for nobody asks for the service; or ?, while the versions do not fit. `gravity status` shows what
runs.

Examples:
  gravity list
  gravity list --output json"
)]
pub struct Arguments {
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    services: Vec<ServiceView>,
}

#[derive(Serialize)]
struct ServiceView {
    name: String,
    version: String,
    r#type: String,
    status: Status,
    source: String,
}

/// What becomes of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Status {
    #[serde(rename = "chosen")]
    Chosen,
    #[serde(rename = "passed over")]
    PassedOver,
    #[serde(rename = "unused")]
    Unused,
    #[serde(rename = "?")]
    Unknown,
}

impl Status {
    const fn word(self) -> (&'static str, Style) {
        match self {
            Self::Chosen => ("chosen", Style::new().green()),
            Self::PassedOver => ("passed over", Style::new().dimmed()),
            Self::Unused => ("unused", Style::new().yellow()),
            Self::Unknown => ("?", Style::new().yellow()),
        }
    }
}

/// Prints the services.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = here()?;
    let kept = project.services()?;
    let chosen = chosen(&project);
    let view = View {
        services: kept
            .iter()
            .map(|each| view(each, chosen.as_ref()))
            .collect(),
    };
    output::formatted(arguments.output, &view, || match view.services.is_empty() {
        true => "No services yet: `gravity add SOURCE` adds one.\n".to_owned(),
        false => table(&view).text(output::width()),
    })?;
    if chosen.is_none() {
        output::warnings(&[
            "which versions are chosen is not known: `gravity resolve` says why".to_owned(),
        ]);
    }
    Ok(ExitCode::SUCCESS)
}

/// The version that is chosen of each service; nothing while they do not fit.
fn chosen(project: &Project) -> Option<BTreeMap<String, String>> {
    let application = match Input::of(project).read(None, DEFAULT_NAMESPACE) {
        // Nobody asks for anything, so all of them are unused.
        Err(Error::Project(ProjectError::Empty { .. })) => return Some(BTreeMap::new()),
        answer => answer.ok()?,
    };
    let (_, resolution) = application.resolve().ok()?;
    let version = |(name, resolved): (String, crate::resolve::Resolved)| {
        (name, resolved.service.version.to_string())
    };
    Some(resolution.services.into_iter().map(version).collect())
}

fn view(kept: &Kept, chosen: Option<&BTreeMap<String, String>>) -> ServiceView {
    let spec = &kept.service.spec;
    let status = match chosen.map(|chosen| chosen.get(&spec.name)) {
        None => Status::Unknown,
        Some(None) => Status::Unused,
        Some(Some(version)) if *version == spec.version => Status::Chosen,
        Some(Some(_)) => Status::PassedOver,
    };
    let source = kept.service.annotations().get(SOURCE_ANNOTATION);
    let source = source.and_then(|text| text.parse::<Origin>().ok());
    let kind = serde_json::to_value(spec.type_).unwrap_or_default();
    ServiceView {
        name: spec.name.clone(),
        version: spec.version.clone(),
        r#type: kind.as_str().unwrap_or("api").to_owned(),
        status,
        source: source.map_or_else(String::new, |origin| origin.short()),
    }
}

fn table(view: &View) -> Table {
    let mut table = Table::new(["NAME", "VERSION", "TYPE", "STATUS", "SOURCE"]);
    for service in &view.services {
        let ServiceView {
            name,
            version,
            r#type,
            status,
            source,
        } = service;
        let (word, style) = status.word();
        table.row([
            name.as_str().into(),
            version.as_str().into(),
            r#type.as_str().into(),
            Cell::styled(word, style),
            source.as_str().into(),
        ]);
    }
    table
}
