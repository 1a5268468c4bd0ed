//! `gravity open`: where a service answers.

use std::io::{self, IsTerminal};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;

use super::RunningError;
use super::target::Target;
use crate::cli::{Error, cluster, output};

/// What opens a page, by system.
const OPENERS: [&str; 2] = ["xdg-open", "open"];

/// The arguments of `gravity open`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "On a terminal the page is opened in the browser; elsewhere, or with --print, its URL is printed.

Examples:
  gravity open
  gravity open auth-service --print"
)]
pub struct Arguments {
    /// The service; the one with the shortest path when absent
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    #[command(flatten)]
    target: Target,
    /// Only print the URL
    #[arg(long)]
    print: bool,
}

/// Opens or prints the URL.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let url = cluster::block_on(async {
        let found = arguments.target.find().await?;
        let names: Vec<String> = arguments.service.iter().cloned().collect();
        let urls = found
            .services(&names)?
            .into_iter()
            .filter_map(|service| service.url);
        let url = urls.min_by_key(String::len);
        Ok(url.ok_or_else(|| RunningError::NoUrl {
            what: arguments
                .service
                .clone()
                .unwrap_or_else(|| "the application".to_owned()),
        })?)
    })?;
    if !arguments.print && io::stdout().is_terminal() && opened(&url) {
        output::tell(&format!("Opened {url}"));
    } else {
        output::plain(&format!("{url}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn opened(url: &str) -> bool {
    OPENERS.iter().any(|program| {
        let mut command = Command::new(program);
        command.arg(url).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}
