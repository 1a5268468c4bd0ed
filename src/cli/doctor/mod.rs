//! `gravity doctor`: what a cluster has of what Gravity needs, and the command that mends it.

mod checks;
mod definitions;

use std::process::ExitCode;

use clap::Args;
use owo_colors::Style;
use serde::Serialize;

use super::cluster::{self, Connection};
use super::progress::{self, ASKING};
use super::table::{Cell, Table};
use super::{Error, namespace, output, project};

/// The arguments of `gravity doctor`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Nothing is changed. What may be right without it is a warning.

Exit codes: 0; 1 when something is missing.

Examples:
  gravity doctor
  gravity doctor --context staging -n shop --output json"
)]
pub struct Arguments {
    /// The namespace that the application is to be in; that of the project or of the context
    /// when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    #[command(flatten)]
    connection: Connection,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    checks: Vec<Finding>,
}

/// What a check came to.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Fine,
    Warning,
    Missing,
}

impl Finding {
    fn fine(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Fine,
            message: message.into(),
            mend: None,
        }
    }

    fn warning(check: &'static str, message: impl Into<String>, mend: &str) -> Self {
        Self {
            state: State::Warning,
            mend: Some(mend.to_owned()).filter(|mend| !mend.is_empty()),
            ..Self::fine(check, message)
        }
    }

    fn missing(check: &'static str, message: impl Into<String>, mend: &str) -> Self {
        Self {
            state: State::Missing,
            ..Self::warning(check, message, mend)
        }
    }
}

/// Prints what was found.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let own = project::here()
        .ok()
        .and_then(|project| project.identity().ok());
    let home = arguments.namespace.clone().or_else(|| own?.namespace);
    let checks = async {
        let cluster = arguments.connection.connect().await?;
        let home = home.unwrap_or_else(|| cluster.namespace.clone());
        checks::all(&cluster, &home).await
    };
    let checks = cluster::block_on(progress::awaited(ASKING, checks))?;
    let is_missing = checks.iter().any(|finding| finding.state == State::Missing);
    let view = View { checks };
    output::formatted(arguments.output, &view, || text(&view))?;
    Ok(match is_missing {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn text(view: &View) -> String {
    let mut table = Table::new(["CHECK", "STATE", "SAYS"]);
    for finding in &view.checks {
        let (word, style) = match finding.state {
            State::Fine => ("fine", Style::new().green()),
            State::Warning => ("warning", Style::new().yellow()),
            State::Missing => ("missing", Style::new().red().bold()),
        };
        table.row([
            finding.check.into(),
            Cell::styled(word, style),
            finding.message.as_str().into(),
        ]);
    }
    let mut text = table.text(output::width());
    let mends = view.checks.iter().filter_map(|finding| {
        let mend = finding.mend.as_ref()?;
        Some(format!("\n{}:\n  {mend}\n", finding.check))
    });
    mends.for_each(|mend| text += &mend);
    text
}
