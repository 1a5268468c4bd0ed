//! `gravity show`: what a catalogue says of a service.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;
use owo_colors::OwoColorize;
use serde::Serialize;

use super::{Catalogs, Shelves};
use crate::api::service::{GravityServiceSpec, Startup};
use crate::catalog::Catalog;
use crate::cli::project::read;
use crate::cli::{Error, output};

/// The arguments of `gravity show`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "What it is, its versions, what the newest one needs, who needs it, and its README.

Examples:
  gravity show keycloak
  gravity show keycloak --output json"
)]
pub struct Arguments {
    /// The service
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    catalogs: Catalogs,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    name: String,
    summary: String,
    category: String,
    /// The catalogue that provides it.
    catalog: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stars: Option<u32>,
    versions: Vec<String>,
    image: String,
    needs: Vec<Need>,
    databases: Vec<String>,
    /// Those of the catalogue that need it.
    needed_by: Vec<String>,
    readme: String,
}

#[derive(Serialize)]
struct Need {
    name: String,
    version: String,
    optional: bool,
}

/// Prints it.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let shelves = arguments.catalogs.open()?;
    let view = view(&shelves, &arguments.name)?;
    output::formatted(arguments.output, &view, || text(&view))?;
    Ok(ExitCode::SUCCESS)
}

fn view(shelves: &Shelves, name: &str) -> Result<View, Error> {
    let catalog = shelves.known(name)?;
    let entry = catalog.index.entries[name].clone();
    let specs = specs(catalog, [name.to_owned()].into(), shelves)?;
    let newest = entry
        .versions
        .first()
        .map(|it| it.version.clone())
        .unwrap_or_default();
    let spec = specs.iter().find(|spec| spec.version == newest);
    let all: BTreeSet<String> = catalog.index.entries.keys().cloned().collect();
    let dependents = self::specs(catalog, all, shelves)?;
    let needs = |other: &&GravityServiceSpec| other.dependencies.iter().any(|it| it.name == name);
    let needed_by: BTreeSet<String> = dependents
        .iter()
        .filter(needs)
        .map(|it| it.name.clone())
        .collect();
    Ok(View {
        name: name.to_owned(),
        catalog: catalog.name.clone(),
        readme: catalog.readme(&entry, shelves.limit)?,
        versions: entry.versions.iter().map(|it| it.version.clone()).collect(),
        summary: entry.summary,
        category: entry.category,
        stars: entry.stars,
        image: spec.and_then(|spec| spec.image.clone()).unwrap_or_default(),
        needs: spec.into_iter().flat_map(needs_of).collect(),
        databases: spec.into_iter().flat_map(databases).collect(),
        needed_by: needed_by.into_iter().collect(),
    })
}

fn specs(
    catalog: &Catalog,
    names: BTreeSet<String>,
    shelves: &Shelves,
) -> Result<Vec<GravityServiceSpec>, Error> {
    let mut specs = Vec::new();
    for found in catalog.manifests(&names, shelves.limit)? {
        specs.extend(read(&found)?.into_iter().map(|it| it.service.spec));
    }
    Ok(specs)
}

fn needs_of(spec: &GravityServiceSpec) -> impl Iterator<Item = Need> {
    spec.dependencies.iter().map(|dependency| Need {
        name: dependency.name.clone(),
        version: dependency.version.clone().unwrap_or_else(|| "*".to_owned()),
        optional: dependency.optional == Some(true)
            || dependency.startup == Some(Startup::Unordered),
    })
}

fn databases(spec: &GravityServiceSpec) -> impl Iterator<Item = String> {
    spec.databases
        .iter()
        .map(|database| match &database.version {
            Some(version) => format!("{} {version} ({})", database.type_, database.name),
            None => format!("{} ({})", database.type_, database.name),
        })
}

fn text(view: &View) -> String {
    let mut text = format!("{}  {}\n", view.name.bold(), view.summary);
    let mut line = |title: &str, value: String| {
        if !value.is_empty() {
            text += &format!("{title:11}{value}\n");
        }
    };
    line("versions", view.versions.join(", "));
    line("image", view.image.clone());
    line("category", view.category.clone());
    line(
        "stars",
        view.stars.map(|it| it.to_string()).unwrap_or_default(),
    );
    line("databases", view.databases.join(", "));
    let need = |need: &Need| match need.optional {
        true => format!("{} {} (can do without)", need.name, need.version),
        false => format!("{} {}", need.name, need.version),
    };
    line(
        "needs",
        view.needs.iter().map(need).collect::<Vec<_>>().join(", "),
    );
    line("needed by", view.needed_by.join(", "));
    line("catalogue", view.catalog.clone());
    if !view.readme.is_empty() {
        text += &format!("\n{}", view.readme);
    }
    text
}
