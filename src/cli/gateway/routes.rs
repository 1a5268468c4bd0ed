//! `gravity gateway routes`: each route in a row.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kube::ResourceExt;
use owo_colors::Style;
use serde::Serialize;

use super::way::{Way, ways};
use super::{Found, Whose};
use crate::api::GravityApp;
use crate::api::app::Phase;
use crate::api::names;
use crate::cli::table::{Cell, Table};
use crate::cli::{Error, cluster, output};

/// The arguments of `gravity gateway routes`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity gateway routes -n shop
  gravity gateway routes shop -n shop --output json")]
pub struct Arguments {
    #[command(flatten)]
    whose: Whose,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A row a route
    Table,
    /// {"routes": [{"app", "host", "path", "service", "middlewares", "state"}], "closed": [text]}
    Json,
    /// The same as YAML
    Yaml,
}

/// All routes, and why there is none where one is asked for.
#[derive(Serialize)]
pub struct View {
    /// The routes.
    pub routes: Vec<Row>,
    /// Why services have no way in, a sentence for each app.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
}

/// A route and how it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The app.
    pub app: String,
    /// What leads where.
    #[serde(flatten)]
    pub way: Way,
    /// The phase of the service behind it.
    pub state: String,
}

/// Prints the routes.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let found = cluster::block_on(arguments.whose.find())?;
    let view = view(&found);
    match arguments.output {
        Format::Table if view.routes.is_empty() && view.closed.is_empty() => {
            output::styled(&format!("No route in namespace {}.\n", found.namespace))?;
        }
        Format::Table => output::styled(&text(&view, output::width()))?,
        Format::Json => output::json(&view)?,
        Format::Yaml => output::yaml(&view)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The routes of the apps, by host and path.
pub(super) fn view(found: &Found) -> View {
    let mut routes: Vec<Row> = Vec::new();
    for (kind, object) in &found.objects {
        let app = object
            .labels()
            .get(names::INSTANCE_LABEL)
            .cloned()
            .unwrap_or_default();
        routes.extend(ways(*kind, object).into_iter().map(|way| Row {
            state: state(found, &app, &way.service),
            app: app.clone(),
            way,
        }));
    }
    routes.sort_by(|one, other| {
        let key = |row: &Row| {
            (
                row.way.host.clone(),
                row.way.path.clone(),
                row.way.methods.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    View {
        routes,
        closed: found.apps.iter().filter_map(closed).collect(),
    }
}

fn state(found: &Found, app: &str, service: &str) -> String {
    let app = found.apps.iter().find(|found| found.name_any() == app);
    let services = app
        .and_then(|app| app.status.as_ref())
        .map(|status| &status.services);
    let service = services
        .into_iter()
        .flatten()
        .find(|found| found.name == service);
    service.map_or_else(
        || "Unknown".to_owned(),
        |service| format!("{:?}", service.phase),
    )
}

/// What an app says where a way in is missing.
fn closed(app: &GravityApp) -> Option<String> {
    let conditions = app.status.iter().flat_map(|status| &status.conditions);
    let mut routes = conditions.filter(|condition| condition.type_ == "RoutesReady");
    let told = routes.find(|condition| condition.status == "False")?;
    Some(format!(
        "{}: {}: {}",
        app.name_any(),
        told.reason,
        told.message
    ))
}

fn text(view: &View, width: Option<usize>) -> String {
    let mut table = Table::new(["HOST", "PATH", "METHODS", "SERVICE", "STATE", "THROUGH"]);
    for Row { app: _, way, state } in &view.routes {
        let scheme = if way.tls { "https" } else { "http" };
        let host = way.host.as_deref().unwrap_or("*");
        let style = match state == &format!("{:?}", Phase::Running) {
            true => Style::new().green(),
            false => Style::new().yellow(),
        };
        table.row([
            Cell::from(format!("{scheme}://{host}")),
            Cell::from(way.path.as_str()),
            Cell::from(way.methods.join(",")),
            Cell::from(way.service.as_str()),
            Cell::styled(state.as_str(), style),
            Cell::from(way.middlewares.join(" ")),
        ]);
    }
    let mut text = match view.routes.is_empty() {
        true => String::new(),
        false => table.text(width),
    };
    for closed in &view.closed {
        text.push_str(&format!("\n{closed}\n"));
    }
    text
}
