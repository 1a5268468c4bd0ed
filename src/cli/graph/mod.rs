//! `gravity graph`: what waits for what, as a picture.

mod picture;
mod svg;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use picture::Picture;

use super::input::{DEFAULT_NAMESPACE, Input};
use super::{Error, output};

/// The arguments of `gravity graph`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "An arrow leads from a service to what it needs. A dotted one is of an optional dependency, or of one
that sets no order.

Examples:
  gravity graph
  gravity graph --output mermaid >> README.md
  gravity graph --output svg > graph.svg"
)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Without the database servers
    #[arg(long)]
    services_only: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Tree)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A tree, from what nobody needs; (*) where it was shown above
    Tree,
    /// Mermaid, as GitHub and GitLab draw it
    Mermaid,
    /// Graphviz
    Dot,
    /// A drawing, for a page
    Svg,
    /// {"nodes": [{"name", "kind", "version", "wave"}], "edges": [{"from", "to", "ordered"}]}
    Json,
}

/// Prints the graph.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let application = arguments.input.read(None, DEFAULT_NAMESPACE)?;
    let planned = application.planned()?;
    let picture = Picture::new(&planned.resolution, &planned.plan, arguments.services_only);
    match arguments.output {
        Format::Tree => output::styled(&picture.tree())?,
        Format::Mermaid => output::plain(&picture.mermaid())?,
        Format::Dot => output::plain(&picture.dot())?,
        Format::Svg => output::plain(&svg::svg(&picture.dot()).unwrap_or_default())?,
        Format::Json => output::json(&picture)?,
    }
    Ok(ExitCode::SUCCESS)
}
