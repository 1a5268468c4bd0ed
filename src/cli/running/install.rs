//! `gravity install`: the versions are chosen, all is checked, and what would be made is told.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Args;
use dialoguer::Confirm;
use owo_colors::OwoColorize;
use serde::Serialize;

use crate::cli::catalog::{Catalogs, ShelfError, take};
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::{Error, output, project, resolve};
use crate::plan::{Plan, PlannedService};
use crate::resolve::{Resolution, ResolutionView};

/// The arguments of `gravity install`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "No cluster is asked and nothing is written: `gravity start` applies it. With names, services of
catalogues come into the project with all that they need, after it was shown what that is; on a
terminal it is asked first.

Examples:
  gravity install
  gravity install grafana
  gravity install keycloak@^26 mailpit --yes
  gravity install -f examples/shop --output json"
)]
pub struct Arguments {
    /// Services of catalogues that are taken into the project, as grafana or grafana@^11
    #[arg(value_name = "NAME", conflicts_with_all = ["file", "app", "environment", "namespace", "set"])]
    names: Vec<String>,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    catalogs: Catalogs,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// What an application comes to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    app: String,
    namespace: String,
    #[serde(flatten)]
    resolution: ResolutionView,
    /// The database servers, as `shop-postgresql-15`.
    servers: Vec<String>,
    /// How many databases, caches and queues the services have.
    databases: usize,
    /// Where requests come in.
    urls: BTreeMap<String, String>,
    /// How many objects are made.
    objects: usize,
}

/// Prints what would be made.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    if !arguments.names.is_empty() {
        return from_catalogues(arguments);
    }
    let application = arguments.input.read(None, DEFAULT_NAMESPACE)?;
    let planned = application.planned()?;
    output::warnings(&unheld(&application.app.spec.lock, &planned.resolution));
    let view = view(&planned.plan, ResolutionView::from(&planned.resolution));
    output::formatted(arguments.output, &view, || text(&view))?;
    if arguments.output == output::Format::Table {
        output::hint("Next: gravity start");
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes services of catalogues into the project.
fn from_catalogues(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = project::here()?;
    let shelves = arguments.catalogs.open()?;
    let taken = take(&project, &arguments.names, &shelves)?;
    let view = view(&taken.plan, ResolutionView::from(&taken.resolution));
    let coming: Vec<String> = taken
        .additions
        .iter()
        .map(|it| format!("{} {}", it.service.spec.name, it.service.spec.version))
        .collect();
    output::formatted(arguments.output, &view, || {
        let coming = match coming.as_slice() {
            [] => "Nothing that the project does not have already".to_owned(),
            coming => coming.join(", "),
        };
        format!("{}\n{} {coming}\n", text(&view), "Comes in:".bold())
    })?;
    if !arguments.yes && io::stdin().is_terminal() && io::stderr().is_terminal() {
        let asked = Confirm::new()
            .with_prompt("Take them into the project?")
            .default(true)
            .wait_for_newline(true);
        let answer = asked.interact_opt();
        let answer = answer.map_err(|dialoguer::Error::IO(error)| Error::StandardInput(error))?;
        if answer != Some(true) {
            return Err(ShelfError::Declined.into());
        }
    }
    taken.write(&project)?;
    output::warnings(&taken.missing_secrets());
    if arguments.output == output::Format::Table {
        output::hint("Next: gravity start");
    }
    Ok(ExitCode::SUCCESS)
}

/// What is locked and not taken.
fn unheld(lock: &BTreeMap<String, String>, resolution: &Resolution) -> Vec<String> {
    let told = |(name, locked): (&String, &String)| {
        let taken = resolution
            .services
            .get(name)
            .map(|it| it.service.version.to_string());
        match taken {
            Some(taken) if taken == *locked => None,
            Some(taken) => Some(format!(
                "{name} is locked to {locked}, which is not there or does not fit: {taken} is taken; `gravity lock` writes what is chosen"
            )),
            None => Some(format!(
                "{name} is locked, and nobody asks for it: `gravity lock` takes it out"
            )),
        }
    };
    lock.iter().filter_map(told).collect()
}

fn view(plan: &Plan, resolution: ResolutionView) -> View {
    let url =
        |(name, service): (&String, &PlannedService)| Some((name.clone(), service.url.clone()?));
    View {
        app: plan.app.name.clone(),
        namespace: plan.app.namespace.clone(),
        resolution,
        servers: plan.servers(),
        databases: plan
            .services
            .values()
            .map(|service| service.databases.len())
            .sum(),
        urls: plan.services.iter().filter_map(url).collect(),
        objects: plan.nodes.values().map(|node| node.objects.len()).sum(),
    }
}

fn text(view: &View) -> String {
    let mut text = resolve::table(&view.resolution).text(output::width());
    text += &format!(
        "\n{} in namespace {}: {}, {}",
        view.app.bold(),
        view.namespace,
        output::count(view.resolution.services.len(), "service", "services"),
        output::count(view.databases, "database", "databases"),
    );
    if !view.servers.is_empty() {
        text += &format!(" on {}", view.servers.join(", "));
    }
    text += &format!(", {}\n", output::count(view.objects, "object", "objects"));
    let width = view.urls.keys().map(String::len).max().unwrap_or_default();
    for (name, url) in &view.urls {
        text += &format!("  {name:width$}  {url}\n");
    }
    text
}
