//! `gravity why`: why a service is there, in this version; what it waits for, and who needs it.

use std::process::ExitCode;

use clap::Args;
use owo_colors::OwoColorize;
use semver::{Version, VersionReq};
use serde::Serialize;

use super::input::{DEFAULT_NAMESPACE, Input, Planned};
use super::project::VerbError;
use super::{Error, output};
use crate::plan::{NodeId, NodeKind};
use crate::resolve::{RequirementView, Resolution, ResolutionView};
use crate::validate::Catalogue;

/// The arguments of `gravity why`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity why user-service
  gravity why user-service -f examples/shop --output json")]
pub struct Arguments {
    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,
    #[command(flatten)]
    input: Input,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// Why a service is as it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    name: String,
    version: String,
    required_by: Vec<RequirementView>,
    /// The other versions, the newest first.
    other_versions: Vec<Other>,
    waits_for: Vec<String>,
    /// The services that cannot be without it.
    needed_by: Vec<String>,
}

/// A version that was not chosen.
#[derive(Serialize)]
struct Other {
    version: String,
    because: String,
}

/// Prints why.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let application = arguments.input.read(None, DEFAULT_NAMESPACE)?;
    let view = view(&arguments.service, &application.planned()?)?;
    output::formatted(arguments.output, &view, || text(&view))?;
    Ok(ExitCode::SUCCESS)
}

fn view(name: &str, planned: &Planned) -> Result<View, VerbError> {
    let Planned {
        catalogue,
        resolution,
        plan,
    } = planned;
    let views = ResolutionView::from(resolution).services;
    let Some(own) = views.into_iter().find(|service| service.name == name) else {
        return Err(not_there(name, resolution, catalogue));
    };
    let versions = catalogue.services.get(name).into_iter().flatten();
    let others = versions
        .rev()
        .filter(|(version, _)| version.to_string() != own.version);
    let other =
        |(version, service): (&Version, &std::sync::Arc<crate::validate::ValidService>)| Other {
            version: version.to_string(),
            because: because(version, &own.version, service.deprecated, &own.required_by),
        };
    let node = plan.nodes.get(&NodeId::new(NodeKind::Service, name));
    // What a service's own pods need to be there is never waited for.
    let waits = node.into_iter().flat_map(|node| &node.needs);
    let waits = waits.filter(|id| id.kind != NodeKind::Wiring);
    let needs = resolution.services.iter().filter(|(_, resolved)| {
        let dependency = resolved.service.dependencies.get(name);
        dependency.is_some_and(|dependency| !dependency.optional)
    });
    Ok(View {
        other_versions: others.map(other).collect(),
        waits_for: waits.map(ToString::to_string).collect(),
        needed_by: needs.map(|(name, _)| name.clone()).collect(),
        name: own.name,
        version: own.version,
        required_by: own.required_by,
    })
}

/// Why a version was not chosen.
fn because(version: &Version, chosen: &str, deprecated: bool, asked: &[RequirementView]) -> String {
    let refuses = |requirement: &&RequirementView| {
        let range = VersionReq::parse(&requirement.range);
        range.is_ok_and(|range| !range.matches(version))
    };
    let refusing: Vec<String> = asked
        .iter()
        .filter(refuses)
        .map(|requirement| format!("{} asks for {}", requirement.name, requirement.range))
        .collect();
    if !refusing.is_empty() {
        return refusing.join(", ");
    }
    if deprecated {
        return "it is deprecated".to_owned();
    }
    if Version::parse(chosen).is_ok_and(|chosen| *version < chosen) {
        return "a newer one fits".to_owned();
    }
    "what it needs itself, or the contract that is asked for, does not fit".to_owned()
}

fn not_there(name: &str, resolution: &Resolution, catalogue: &Catalogue) -> VerbError {
    if catalogue.services.contains_key(name) {
        return VerbError::Unasked {
            name: name.to_owned(),
        };
    }
    VerbError::NoService {
        name: name.to_owned(),
        names: resolution.services.keys().cloned().collect(),
    }
}

fn text(view: &View) -> String {
    let View {
        name,
        version,
        required_by,
        other_versions,
        waits_for,
        needed_by,
    } = view;
    let mut text = format!("{} {version}\n", name.bold());
    let mut part = |title: &str, lines: Vec<String>| {
        for (index, line) in lines.iter().enumerate() {
            let title = if index == 0 { title } else { "" };
            text += &format!("  {title:11}{line}\n");
        }
    };
    let asked = required_by.iter().map(|requirement| {
        let contract = requirement.contract.as_ref();
        let contract = contract.map_or(String::new(), |it| format!(" with contract {it}"));
        format!("{} {}{contract}", requirement.name, requirement.range)
    });
    part("asked by", asked.collect());
    let other = |other: &Other| format!("{}: {}", other.version, other.because);
    part("not chosen", other_versions.iter().map(other).collect());
    part("waits for", waits_for.clone());
    part("needed by", needed_by.clone());
    if !needed_by.is_empty() {
        part(
            "",
            vec![format!(
                "so it cannot be removed without {}",
                match needed_by.len() {
                    1 => "that",
                    _ => "these",
                }
            )],
        );
    }
    text
}
