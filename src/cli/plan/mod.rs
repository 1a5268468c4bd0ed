//! `gravity plan`: what would change in the cluster, and who waits for whom. It runs the
//! operator's own way up to schedule, and only lists.

mod diff;
mod live;
mod text;
mod view;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use view::View;

use super::cluster::{self, Connection};
use super::input::Input;
use super::progress::{self, ASKING};
use super::{Error, namespace, output};

/// The arguments of `gravity plan`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "With -f, or in a project, it shows what applying those files would lead to; with a name alone,
what the operator has left to do for the GravityApp that is in the cluster. Nothing is written.
Values of Secrets are never shown.

  +  is made        ~  is changed     -  is deleted
  =  is as wanted   !  cannot be, for somebody else's object has the name

Exit codes: 0; 1 for a failure, or when something is in the way; with --exit-code 2 when there is
something to change (2 is wrong usage as well, told on standard error with nothing on standard output).

Examples:
  gravity plan -f app.yaml -f services/
  gravity plan shop -n shop
  gravity plan -f examples/shop -n shop --exit-code || echo 'not as wanted'"
)]
pub struct Arguments {
    /// The GravityApp, in the files or in the cluster
    #[arg(value_name = "APP")]
    name: Option<String>,
    #[command(flatten)]
    input: Input,
    /// A namespace whose services every app may use, as the operator was told; may be given many
    /// times
    #[arg(long = "catalog-namespace", value_name = "NAME", value_parser = namespace::parse)]
    catalog_namespaces: Vec<String>,
    #[command(flatten)]
    connection: Connection,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// End with 2 when there is something to change
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line an object, with the differences
    Text,
    /// {"app", "namespace", "nodes": […], "objects": […], "summary": {…}}
    Json,
}

/// Prints what would change.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let view = cluster::block_on(progress::awaited(ASKING, live::view(arguments)))?;
    output::warnings(&view.warnings);
    match arguments.output {
        Format::Text => output::styled(&text::text(&view))?,
        Format::Json => output::json(&view)?,
    }
    match view.summary.blocked {
        0 => Ok(exit_code(arguments, &view)),
        count => Err(Error::InTheWay { count }),
    }
}

fn exit_code(arguments: &Arguments, view: &View) -> ExitCode {
    if arguments.exit_code && view.summary.changes() > 0 {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}
