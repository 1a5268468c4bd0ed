//! `gravity search`: services of catalogues, by what they are for.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::Catalogs;
use crate::catalog::Entry;
use crate::cli::table::Table;
use crate::cli::{Error, output};

/// The arguments of `gravity search`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Every word must stand in the name, the summary, the category or an engine of the service. Without
words all are printed. GRAVITY_CATALOG names catalogues that are always asked, with commas between.

Examples:
  gravity search auth
  gravity search logs elasticsearch
  gravity search --catalog https://github.com/acme/catalog
  gravity show grafana && gravity install grafana"
)]
pub struct Arguments {
    /// What to look for
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    #[command(flatten)]
    catalogs: Catalogs,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    entries: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    name: String,
    catalog: String,
    #[serde(flatten)]
    entry: Entry,
}

/// Prints the entries that fit, by name.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let shelves = arguments.catalogs.open()?;
    let words: Vec<String> = arguments
        .words
        .iter()
        .map(|word| word.to_lowercase())
        .collect();
    let mut entries = Vec::new();
    for catalog in &shelves.all {
        let fitting = catalog
            .index
            .entries
            .iter()
            .filter(|(name, entry)| fits(name, entry, &words));
        entries.extend(fitting.map(|(name, entry)| Found {
            name: name.clone(),
            catalog: catalog.name.clone(),
            entry: entry.clone(),
        }));
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let view = View { entries };
    output::formatted(arguments.output, &view, || match view.entries.is_empty() {
        true => String::new(),
        false => table(&view).text(output::width()),
    })?;
    if view.entries.is_empty() {
        output::tell("No service fits; `gravity search` prints all of them.");
    } else if arguments.output == output::Format::Table {
        output::hint("Next: gravity show NAME, gravity install NAME");
    }
    Ok(ExitCode::SUCCESS)
}

fn fits(name: &str, entry: &Entry, words: &[String]) -> bool {
    let text = [
        name,
        &entry.summary,
        &entry.category,
        &entry.engines.join(" "),
    ]
    .join(" ");
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// Where all are of one catalogue, its column is empty and so is not there.
fn table(view: &View) -> Table {
    let first = view.entries.first().map(|each| &each.catalog);
    let several = view.entries.iter().any(|it| Some(&it.catalog) != first);
    let mut table = Table::new(["NAME", "VERSION", "CATALOGUE", "CATEGORY", "SUMMARY"]);
    for Found {
        name,
        catalog,
        entry,
    } in &view.entries
    {
        let newest = entry.versions.first().map_or("", |it| it.version.as_str());
        let catalog = if several { catalog } else { "" };
        let (category, summary) = (entry.category.as_str(), entry.summary.as_str());
        table.row([name, newest, catalog, category, summary].map(Into::into));
    }
    table
}
