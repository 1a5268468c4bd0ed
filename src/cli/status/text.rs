//! The view as text: a heading and two tables an app.

use k8s_openapi::jiff::Timestamp;
use owo_colors::{OwoColorize, Style};

use super::view::{AppView, ServerView, View};
use crate::api::app::{Phase, ServiceStatus};
use crate::cli::age::age;
use crate::cli::table::{Cell, Table};

/// The whole text.
pub fn text(view: &View, now: Timestamp, width: Option<usize>) -> String {
    let paragraphs: Vec<String> = view
        .apps
        .iter()
        .map(|app| paragraph(app, now, width))
        .collect();
    paragraphs.join("\n")
}

fn paragraph(app: &AppView, now: Timestamp, width: Option<usize>) -> String {
    let mut text = heading(app);
    if !app.services.is_empty() {
        text += &format!("\n{}", services(&app.services, now).text(width));
    }
    if !app.servers.is_empty() {
        text += &format!("\n{}", servers(&app.servers).text(width));
    }
    text
}

fn heading(app: &AppView) -> String {
    let name = format!("{}/{}", app.namespace, app.name);
    let (word, style) = state(app);
    let mut text = format!("{}  {}", name.bold(), word.style(style));
    if let Some(ready) = &app.services_ready {
        text += &format!("  {ready} services ready");
    }
    if let Some(revision) = &app.revision {
        text += &format!("  revision {revision}");
    }
    text.push('\n');
    if app.ready != "True" && !app.message.is_empty() {
        text += &format!("{}: {}\n", app.reason, app.message);
    }
    if app.outdated {
        text += "The operator has not seen the newest spec yet.\n";
    }
    text
}

fn state(app: &AppView) -> (&'static str, Style) {
    match app.ready.as_str() {
        "True" => ("Ready", Style::new().green()),
        _ if app.stalled => ("Stalled", Style::new().red().bold()),
        _ if app.reconciling => ("Reconciling", Style::new().yellow()),
        "False" => ("Not ready", Style::new().red()),
        _ => ("Unknown: is the operator running?", Style::new().yellow()),
    }
}

fn services(services: &[ServiceStatus], now: Timestamp) -> Table {
    let mut table = Table::new([
        "SERVICE",
        "VERSION",
        "PHASE",
        "REPLICAS",
        "SINCE",
        "WAITS FOR / URL",
    ]);
    for service in services {
        let ServiceStatus {
            name,
            version,
            phase,
            since,
            replicas,
            waits_for,
            url,
            databases: _,
        } = service;
        let since = since.as_deref().unwrap_or_default();
        table.row([
            name.as_str().into(),
            version.as_str().into(),
            Cell::styled(format!("{phase:?}"), colour(*phase)),
            replicas.as_deref().unwrap_or_default().into(),
            age(since, now).into(),
            waits_for
                .as_ref()
                .or(url.as_ref())
                .map_or("", String::as_str)
                .into(),
        ]);
    }
    table
}

const fn colour(phase: Phase) -> Style {
    match phase {
        Phase::Running => Style::new().green(),
        Phase::Failed => Style::new().red().bold(),
        Phase::Degraded => Style::new().red(),
        Phase::Pending => Style::new().dimmed(),
        Phase::Provisioning | Phase::Migrating | Phase::Starting | Phase::Updating => {
            Style::new().yellow()
        }
    }
}

fn servers(servers: &[ServerView]) -> Table {
    let mut table = Table::new(["DATABASE SERVER", "VERSION", "READY", "IMAGE"]);
    for server in servers {
        let ServerView {
            name,
            version,
            ready,
            image,
        } = server;
        table.row([name, version, ready, image].map(|text| Cell::from(text.as_str())));
    }
    table
}
