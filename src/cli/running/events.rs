//! `gravity events`: what has happened to the application and all that it is made of.

use std::process::ExitCode;

use clap::Args;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::{ApiResource, ListParams};
use owo_colors::Style;
use serde::Serialize;

use super::target::Target;
use crate::cli::age::age;
use crate::cli::table::{Cell, Table};
use crate::cli::{Error, cluster, output};

/// The arguments of `gravity events`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "An API server forgets events after an hour, unless it was told otherwise.

Examples:
  gravity events
  gravity events order-service --warnings
  gravity events --output json"
)]
pub struct Arguments {
    /// The services whose events are of interest; all when absent
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// Only what is a warning
    #[arg(long)]
    warnings: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    events: Vec<EventView>,
}

#[derive(Serialize)]
struct EventView {
    time: String,
    r#type: String,
    reason: String,
    object: String,
    count: i32,
    message: String,
}

/// Prints the events, the oldest first.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let view = cluster::block_on(look(arguments))?;
    output::formatted(arguments.output, &view, || match view.events.is_empty() {
        true => "No events.\n".to_owned(),
        false => table(&view, Timestamp::now()).text(output::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn look(arguments: &Arguments) -> Result<View, Error> {
    let found = arguments.target.find().await?;
    found.services(&arguments.services)?;
    let api: Api<Event> = Api::namespaced(found.cluster.client.clone(), &found.namespace);
    let of = ApiResource::erase::<Event>(&());
    let params = ListParams::default();
    let list = found.cluster.request(&of, || api.list(&params)).await?;
    let mut events: Vec<EventView> = list.items.iter().map(view).collect();
    events.retain(|event| {
        let of = |name: &String| is_of(&event.object, name);
        let wanted = arguments.services.is_empty() || arguments.services.iter().any(of);
        wanted && (!arguments.warnings || event.r#type == "Warning")
    });
    events.sort_by(|one, other| one.time.cmp(&other.time));
    Ok(View { events })
}

/// Whether an object is a service's: it has its name, alone or at the beginning.
fn is_of(object: &str, service: &str) -> bool {
    let name = object.split('/').next_back().unwrap_or(object);
    let rest = name.strip_prefix(service);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn view(event: &Event) -> EventView {
    let series = event.series.as_ref();
    let last = series.map(|series| series.last_observed_time.0);
    let time = last
        .or_else(|| event.event_time.as_ref().map(|time| time.0))
        .or_else(|| event.deprecated_last_timestamp.as_ref().map(|time| time.0))
        .or_else(|| {
            event
                .metadata
                .creation_timestamp
                .as_ref()
                .map(|time| time.0)
        });
    let regarding = event.regarding.as_ref();
    let kind = regarding.and_then(|object| object.kind.clone());
    let name = regarding.and_then(|object| object.name.clone());
    EventView {
        time: time.map(|time| time.to_string()).unwrap_or_default(),
        r#type: event.type_.clone().unwrap_or_default(),
        reason: event.reason.clone().unwrap_or_default(),
        object: format!("{}/{}", kind.unwrap_or_default(), name.unwrap_or_default()),
        count: series
            .map(|series| series.count)
            .or(event.deprecated_count)
            .unwrap_or(1),
        message: event.note.clone().unwrap_or_default(),
    }
}

fn table(view: &View, now: Timestamp) -> Table {
    let mut table = Table::new(["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
    for event in &view.events {
        let style = match event.r#type.as_str() {
            "Warning" => Style::new().yellow(),
            _ => Style::new(),
        };
        let times = match event.count {
            0 | 1 => String::new(),
            count => format!(" (x{count})"),
        };
        table.row([
            age(&event.time, now).into(),
            Cell::styled(event.r#type.as_str(), style),
            event.reason.as_str().into(),
            event.object.as_str().into(),
            format!("{}{times}", event.message.trim()).into(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_the_services_name_is_its_own() {
        assert!(is_of("Deployment/web", "web"));
        assert!(is_of("Pod/web-7d9c-x2", "web"));
        assert!(!is_of("Pod/website-1", "web"));
        assert!(!is_of("Pod/my-web", "web"));
    }
}
