//! `gravity resolve`: which version of each service is chosen, and who asks for it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::input::{DEFAULT_NAMESPACE, Input};
use super::table::{Cell, Table};
use super::{Error, output};
use crate::resolve::{RequirementView, ResolutionView, ResolvedView};

/// The arguments of `gravity resolve`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "A service of wave 0 waits for no other; one of wave 1 only for those of wave 0, and so on.

Examples:
  gravity resolve -f app.yaml -f services/
  gravity resolve -f examples/shop --output json"
)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A row a service
    Table,
    /// {"services": [{"name", "version", "wave", "requiredBy": [{"name", "range"}]}]};
    /// "contract" stands beside "range" where one is asked for
    Json,
    /// The same as YAML
    Yaml,
}

/// Prints the versions.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let (_, resolution) = arguments.input.read(None, DEFAULT_NAMESPACE)?.resolve()?;
    let view = ResolutionView::from(&resolution);
    match arguments.output {
        Format::Table => output::styled(&table(&view).text(output::width()))?,
        Format::Json => output::json(&view)?,
        Format::Yaml => output::yaml(&view)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A row a service.
pub fn table(view: &ResolutionView) -> Table {
    let mut table = Table::new(["NAME", "VERSION", "WAVE", "REQUIRED BY"]);
    for service in &view.services {
        let ResolvedView {
            name,
            version,
            wave,
            required_by,
        } = service;
        let required: Vec<String> = required_by.iter().map(requirement).collect();
        table.row([
            Cell::from(name.as_str()),
            Cell::from(version.as_str()),
            Cell::from(wave.to_string()),
            Cell::from(required.join("; ")),
        ]);
    }
    table
}

fn requirement(requirement: &RequirementView) -> String {
    let RequirementView {
        name,
        range,
        contract,
    } = requirement;
    match (range.as_str(), contract) {
        ("*", None) => name.clone(),
        (range, None) => format!("{name} {range}"),
        (range, Some(contract)) => format!("{name} {range} with contract {contract}"),
    }
}
