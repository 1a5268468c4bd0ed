//! The view as text: a heading and two tables an app.

use k8s_openapi::jiff::Timestamp;
use owo_colors::{OwoColorize, Style};

use super::view::{AppView, ServerView, ServiceView, View};
use crate::api::app::{Phase, ServiceStatus};
use crate::cli::age::age;
use crate::cli::table::{Cell, Table};

/// How much of a service is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What fits a terminal of 80 columns.
    Usual,
    /// Its type, its port and its databases, too.
    Wide,
}

/// The whole text.
pub fn text(view: &View, now: Timestamp, width: Option<usize>, detail: Detail) -> String {
    let paragraphs: Vec<String> = view
        .apps
        .iter()
        .map(|app| paragraph(app, now, width, detail))
        .collect();
    paragraphs.join("\n")
}

fn paragraph(app: &AppView, now: Timestamp, width: Option<usize>, detail: Detail) -> String {
    let origin = origin(&app.services);
    let mut text = heading(app, origin);
    if !app.services.is_empty() {
        let table = services(&app.services, origin, now, detail);
        text += &format!("\n{}", table.text(width));
    }
    if !app.servers.is_empty() {
        text += &format!("\n{}", servers(&app.servers).text(width));
    }
    text
}

/// What all URLs begin with, as `https://shop.example.com`: told once, it leaves room for
/// the paths.
fn origin(services: &[ServiceView]) -> &str {
    let mut urls = services
        .iter()
        .filter_map(|service| service.status.url.as_deref());
    let first = urls.next().unwrap_or_default();
    let host = first.find("://").map_or(0, |scheme| scheme + 3);
    let end = first[host..]
        .find('/')
        .map_or(first.len(), |path| host + path);
    let origin = &first[..end];
    let same = urls.all(|url| {
        url.strip_prefix(origin)
            .is_some_and(|path| path.starts_with('/'))
    });
    if same && end < first.len() {
        origin
    } else {
        ""
    }
}

fn heading(app: &AppView, origin: &str) -> String {
    let name = format!("{}/{}", app.namespace, app.name);
    let (word, style) = state(app);
    let mut text = format!("{}  {}", name.bold(), word.style(style));
    if let Some(ready) = &app.services_ready {
        text += &format!("  {ready} services ready");
        let services = app.services.iter();
        let stopped = services
            .filter(|it| it.status.phase == Phase::Stopped)
            .count();
        if stopped > 0 {
            text += &format!(", {stopped} stopped");
        }
    }
    if let Some(revision) = &app.revision {
        text += &format!("  revision {revision}");
    }
    text.push('\n');
    if app.ready != "True" && !app.message.is_empty() {
        text += &format!("{}: {}\n", app.reason, app.message);
    }
    if !origin.is_empty() {
        text += &format!("{origin}\n");
    }
    if app.suspended {
        text += "Suspended: nothing is changed until spec.suspend is taken out.\n";
    }
    if app.ready == "True" {
        for note in app.message.split("; note: ").skip(1) {
            text += &format!("Note: {note}\n");
        }
    }
    if app.outdated {
        text += "The operator has not seen the newest spec yet.\n";
    }
    text
}

fn state(app: &AppView) -> (&'static str, Style) {
    match app.ready.as_str() {
        "True" if app.reason == "Stopped" => ("Stopped", Style::new().dimmed()),
        "True" => ("Ready", Style::new().green()),
        _ if app.stalled => ("Stalled", Style::new().red().bold()),
        _ if app.reconciling => ("Reconciling", Style::new().yellow()),
        "False" => ("Not ready", Style::new().red()),
        _ => ("Unknown: is the operator running?", Style::new().yellow()),
    }
}

/// A row a service. Of a column in which nothing stands nothing is seen.
fn services(services: &[ServiceView], origin: &str, now: Timestamp, detail: Detail) -> Table {
    let mut table = Table::new([
        "SERVICE",
        "VERSION",
        "TYPE",
        "PHASE",
        "REPLICAS",
        "PORT",
        "SINCE",
        "DATABASES",
        "WAITS FOR / URL",
    ]);
    for service in services {
        let ServiceView {
            status:
                ServiceStatus {
                    name,
                    version,
                    current_version,
                    phase,
                    since,
                    replicas,
                    waits_for,
                    url,
                    databases,
                },
            type_,
            port,
        } = service;
        let version = match current_version {
            Some(current) => format!("{current} → {version}"),
            None => version.clone(),
        };
        let since = since.as_deref().unwrap_or_default();
        let url = url.as_deref().unwrap_or_default();
        let path = url.strip_prefix(origin).unwrap_or(url);
        let more = |text: String| match detail {
            Detail::Usual => String::new(),
            Detail::Wide => text,
        };
        let kind = type_.map(|kind| format!("{kind:?}").to_lowercase());
        let port = port.map(|port| port.to_string());
        table.row([
            name.as_str().into(),
            version.as_str().into(),
            more(kind.unwrap_or_default()).into(),
            Cell::styled(format!("{phase:?}"), colour(*phase)),
            replicas.as_deref().unwrap_or_default().into(),
            more(port.unwrap_or_default()).into(),
            age(since, now).into(),
            more(databases.join(",")).into(),
            waits_for.as_deref().unwrap_or(path).into(),
        ]);
    }
    table
}

const fn colour(phase: Phase) -> Style {
    match phase {
        Phase::Running => Style::new().green(),
        Phase::Failed => Style::new().red().bold(),
        Phase::Degraded => Style::new().red(),
        Phase::Pending | Phase::Stopped => Style::new().dimmed(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn with_urls(urls: &[&str]) -> Vec<ServiceView> {
        let service = |url: &&str| ServiceStatus {
            name: "a".to_owned(),
            version: "1.0.0".to_owned(),
            current_version: None,
            phase: Phase::Running,
            since: None,
            replicas: None,
            waits_for: None,
            databases: Vec::new(),
            url: Some((*url).to_owned()),
        };
        urls.iter().map(service).map(ServiceView::from).collect()
    }

    #[test]
    fn the_origin_is_what_all_urls_share() {
        let shared = [
            "https://shop.example.com/api/auth",
            "https://shop.example.com/",
        ];
        assert_eq!(origin(&with_urls(&shared)), "https://shop.example.com");
        let apart = [
            "https://shop.example.com/api",
            "https://shop.example.com.evil.org/",
        ];
        assert_eq!(origin(&with_urls(&apart)), "");
        assert_eq!(origin(&with_urls(&["/api/auth", "/api/orders"])), "");
        assert_eq!(origin(&[]), "");
    }
}
