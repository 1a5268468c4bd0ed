//! Logs, to standard error: JSON for machines, text for people.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, fmt};

/// What is logged if nobody asks for anything else: kube's own words are many.
const DEFAULT: &str = "gravity=info,kube=warn";

/// Where the filter is read from; the first that is set and not empty.
const VARIABLES: [&str; 2] = ["GRAVITY_LOG", "RUST_LOG"];

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// A JSON object a line.
    Json,
    /// For reading; coloured on a terminal, unless `NO_COLOR` is set.
    #[default]
    Text,
}

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error(
        "{variable}={value:?} is no log filter: {source}; write levels by target, as {DEFAULT:?}"
    )]
    Filter {
        /// The environment variable.
        variable: &'static str,
        /// What stands in it.
        value: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Logs go somewhere already.
    #[error("logs were set up twice")]
    Twice(#[from] TryInitError),
}

/// Sends the process' logs to standard error from now on.
///
/// # Errors
/// The filter in the environment cannot be read, or logs were set up already.
pub fn init(format: LogFormat) -> Result<(), LogError> {
    let filter = filter(|variable| std::env::var(variable).ok())?;
    let terminal = std::io::stderr().is_terminal();
    let coloured = coloured(terminal, std::env::var_os("NO_COLOR"));
    subscriber(format, filter, coloured, std::io::stderr).try_init()?;
    Ok(())
}

fn filter(read: impl Fn(&str) -> Option<String>) -> Result<EnvFilter, LogError> {
    let stated = VARIABLES
        .into_iter()
        .filter_map(|variable| Some((variable, read(variable)?)))
        .find(|(_, value)| !value.trim().is_empty());
    match stated {
        None => Ok(EnvFilter::new(DEFAULT)),
        Some((_, value)) if is_level(&value) => Ok(EnvFilter::new(format!(
            "gravity={},kube=warn",
            value.trim()
        ))),
        Some((variable, value)) => EnvFilter::try_new(&value).map_err(|source| LogError::Filter {
            variable,
            value,
            source,
        }),
    }
}

/// A level alone is Gravity's: at info the resolver's library alone writes twenty lines for
/// each plan. Whoever wants all of them writes filters.
fn is_level(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty() && value.parse::<tracing::level_filters::LevelFilter>().is_ok()
}

/// An empty `NO_COLOR` asks for nothing (https://no-color.org).
fn coloured(terminal: bool, no_color: Option<OsString>) -> bool {
    terminal && no_color.is_none_or(|value| value.is_empty())
}

fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    coloured: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let builder = fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Json => Box::new(builder.json().flatten_event(true).finish()),
        LogFormat::Text => Box::new(builder.with_ansi(coloured).finish()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, coloured: bool) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(format, filter(|_| None).unwrap(), coloured, move || {
            writer.clone()
        });
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "gravity::apply", app = "shop", "taken");
            tracing::debug!(target: "gravity::apply", "not asked for");
            tracing::info!(target: "kube::client", "not asked for");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_line_of_json_can_be_searched_by_field() {
        let line: serde_json::Value = serde_json::from_str(&logged(LogFormat::Json, true)).unwrap();
        let fields = ["level", "target", "message", "app"].map(|field| line[field].clone());
        assert_eq!(fields, ["INFO", "gravity::apply", "taken", "shop"]);
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn text_has_colours_only_where_they_are_wanted() {
        let plain = logged(LogFormat::Text, false);
        let (_time, rest) = plain.split_once(' ').unwrap();
        insta::assert_snapshot!(rest.trim(), @r#"INFO gravity::apply: taken app="shop""#);
        assert!(logged(LogFormat::Text, true).contains('\u{1b}'));

        let variable = |value: &str| Some(OsString::from(value));
        assert!(coloured(true, None));
        assert!(coloured(true, variable("")));
        assert!(!coloured(true, variable("1")));
        assert!(!coloured(false, None));
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let with = |own: &'static str, rust: &'static str| {
            let read = move |variable: &str| match variable {
                "GRAVITY_LOG" => Some(own.to_owned()),
                _ => Some(rust.to_owned()),
            };
            filter(read).map(|filter| filter.to_string())
        };
        assert_eq!(with("debug", "trace").unwrap(), "gravity=debug,kube=warn");
        assert_eq!(with("", "trace").unwrap(), "gravity=trace,kube=warn");
        assert_eq!(with("", "warn,kube=trace").unwrap(), "kube=trace,warn");
        assert_eq!(filter(|_| None).unwrap().to_string(), DEFAULT);
        insta::assert_snapshot!(with("gravity=loud", "").unwrap_err(), @r#"GRAVITY_LOG="gravity=loud" is no log filter: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5; write levels by target, as "gravity=info,kube=warn""#);
    }
}
