//! `gravity logs`: what the services say, merged, each in a colour of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use futures::channel::mpsc;
use futures::stream::FuturesUnordered;
use futures::{AsyncBufReadExt, AsyncReadExt, StreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ApiResource, ListParams, LogParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use owo_colors::{AnsiColors, OwoColorize};
use regex::Regex;

use super::RunningError;
use super::target::Target;
use crate::api::names;
use crate::cli::cluster::{self, ClusterError, Verb};
use crate::cli::table::printable;
use crate::cli::{Error, duration, output};

/// The colours of services, one after another.
const COLOURS: [AnsiColors; 6] = [
    AnsiColors::Cyan,
    AnsiColors::Green,
    AnsiColors::Magenta,
    AnsiColors::Yellow,
    AnsiColors::Blue,
    AnsiColors::Red,
];

/// The arguments of `gravity logs`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Lines are in the order of their time. With -f pods that come later are followed too; Ctrl-C ends it.

Examples:
  gravity logs
  gravity logs order-service payment-service --since 10m
  gravity logs -f --grep 'ERROR|WARN'"
)]
pub struct Arguments {
    /// The services; all when absent
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// Go on with what comes
    #[arg(short, long)]
    follow: bool,
    /// Only what is no older
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    since: Option<Duration>,
    /// The last lines of each pod
    #[arg(long, value_name = "LINES", default_value_t = 100)]
    tail: i64,
    /// Only lines that this regular expression fits
    #[arg(long, value_name = "PATTERN")]
    grep: Option<String>,
    /// With the time of each line
    #[arg(long)]
    timestamps: bool,
}

/// A line that a container has said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// As the kubelet wrote it (RFC 3339, in UTC).
    time: String,
    service: String,
    pod: String,
    text: String,
}

/// A container whose lines are read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Container {
    service: String,
    pod: String,
    name: String,
}

/// Prints the lines.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let pattern = arguments.grep.as_deref().map(pattern).transpose()?;
    cluster::block_on(async {
        let found = arguments.target.find().await?;
        let services = found.services(&arguments.services)?;
        let names: Vec<String> = services.into_iter().map(|service| service.name).collect();
        let printer = Printer::new(&names, pattern, arguments.timestamps);
        // A service may be silent for longer than an answer may take.
        let cluster = arguments.target.connection.patient().await?;
        let api: Api<Pod> = Api::namespaced(cluster.client.clone(), &found.namespace);
        let app = found.app.name_any();
        let reader = Reader {
            api,
            params: params(arguments),
            names: names.into_iter().collect(),
            selector: format!("{}={app}", names::INSTANCE_LABEL),
        };
        if arguments.follow {
            return reader.follow(&printer).await;
        }
        let of = ApiResource::erase::<Pod>(&());
        let list = ListParams::default().labels(&reader.selector);
        let pods = found
            .cluster
            .request(&of, || reader.api.list(&list))
            .await?;
        let mut lines = Vec::new();
        for container in pods.items.iter().flat_map(|pod| reader.containers(pod)) {
            let params = reader.of(&container);
            let read = || async {
                let mut log = reader.api.log_stream(&container.pod, &params).await?;
                let mut bytes = Vec::new();
                // What came before it broke off is worth to be seen.
                let _ = log.read_to_end(&mut bytes).await;
                Ok(bytes)
            };
            match found.cluster.ask(Verb::Get, &of, read).await {
                Ok(bytes) => {
                    let text = String::from_utf8_lossy(&bytes);
                    lines.extend(text.lines().map(|line| parse(line, &container)));
                }
                // A pod that has not begun has nothing to say, and one may have gone.
                Err(ClusterError::Other { .. } | ClusterError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        lines.sort();
        for line in &lines {
            if !printer.print(line)? {
                break;
            }
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn pattern(text: &str) -> Result<Regex, RunningError> {
    Regex::new(text).map_err(|error| RunningError::Pattern {
        pattern: text.to_owned(),
        message: error
            .to_string()
            .lines()
            .last()
            .unwrap_or_default()
            .trim()
            .to_owned(),
    })
}

fn params(arguments: &Arguments) -> LogParams {
    LogParams {
        follow: arguments.follow,
        since_seconds: arguments
            .since
            .and_then(|since| i64::try_from(since.as_secs()).ok()),
        tail_lines: Some(arguments.tail),
        timestamps: true,
        ..LogParams::default()
    }
}

/// Reads pods' logs.
struct Reader {
    api: Api<Pod>,
    params: LogParams,
    names: BTreeSet<String>,
    selector: String,
}

impl Reader {
    fn of(&self, container: &Container) -> LogParams {
        LogParams {
            container: Some(container.name.clone()),
            ..self.params.clone()
        }
    }

    /// The containers of a pod of one of the services.
    fn containers(&self, pod: &Pod) -> Vec<Container> {
        let service = pod.labels().get(names::NAME_LABEL);
        let Some(service) = service.filter(|service| self.names.contains(*service)) else {
            return Vec::new();
        };
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        let container = |name: &str| Container {
            service: service.clone(),
            pod: pod.name_any(),
            name: name.to_owned(),
        };
        containers.map(|each| container(&each.name)).collect()
    }

    /// Prints lines as they come, of pods that come later too.
    async fn follow(&self, printer: &Printer) -> Result<(), Error> {
        let config = watcher::Config::default().labels(&self.selector);
        let pods = watcher(self.api.clone(), config)
            .default_backoff()
            .applied_objects();
        let mut pods = pin!(pods);
        let mut followed: BTreeMap<Container, bool> = BTreeMap::new();
        let mut streams = FuturesUnordered::new();
        let (sender, mut lines) = mpsc::channel::<Line>(256);
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        loop {
            tokio::select! {
                _ = &mut interrupt => return Ok(()),
                pod = pods.next() => {
                    let Some(Ok(pod)) = pod else { continue };
                    for container in self.containers(&pod).into_iter().filter(|it| runs(&pod, it)) {
                        let before = followed.insert(container.clone(), true);
                        if before == Some(true) {
                            continue;
                        }
                        let mut params = self.of(&container);
                        if before.is_some() {
                            // A new run of the container: all of it is news.
                            params.tail_lines = None;
                        }
                        streams.push(forward(self.api.clone(), params, container, sender.clone()));
                    }
                }
                // It may be begun again: a container restarts under its name.
                Some(ended) = streams.next() => drop(followed.insert(ended, false)),
                Some(line) = lines.next() => if !printer.print(&line)? {
                    return Ok(());
                },
            }
        }
    }
}

/// Whether a container has begun.
fn runs(pod: &Pod, container: &Container) -> bool {
    let statuses = pod
        .status
        .iter()
        .flat_map(|status| status.container_statuses.iter().flatten());
    let mut own = statuses.filter(|status| status.name == container.name);
    own.any(|status| {
        status
            .state
            .as_ref()
            .is_some_and(|state| state.running.is_some())
    })
}

/// Sends a container's lines until it ends; gives the container.
async fn forward(
    api: Api<Pod>,
    params: LogParams,
    container: Container,
    mut sender: mpsc::Sender<Line>,
) -> Container {
    use futures::SinkExt;
    let Ok(mut log) = api.log_stream(&container.pod, &params).await else {
        return container;
    };
    let mut bytes = Vec::new();
    while log
        .read_until(b'\n', &mut bytes)
        .await
        .is_ok_and(|count| count > 0)
    {
        let line = String::from_utf8_lossy(&bytes);
        if sender
            .send(parse(line.trim_end_matches('\n'), &container))
            .await
            .is_err()
        {
            break;
        }
        bytes.clear();
    }
    container
}

/// The kubelet puts the time before each line, and a space.
fn parse(line: &str, container: &Container) -> Line {
    let (time, text) = line.split_once(' ').unwrap_or(("", line));
    Line {
        time: time.to_owned(),
        service: container.service.clone(),
        pod: container.pod.clone(),
        text: text.to_owned(),
    }
}

/// How lines are printed.
struct Printer {
    colours: BTreeMap<String, AnsiColors>,
    width: usize,
    pattern: Option<Regex>,
    timestamps: bool,
}

impl Printer {
    fn new(names: &[String], pattern: Option<Regex>, timestamps: bool) -> Self {
        let colours = names.iter().cloned().zip(COLOURS.into_iter().cycle());
        Self {
            colours: colours.collect(),
            width: names.iter().map(String::len).max().unwrap_or_default(),
            pattern,
            timestamps,
        }
    }

    /// Whether there is still somebody who reads.
    fn print(&self, line: &Line) -> Result<bool, Error> {
        let Line {
            time,
            service,
            pod,
            text,
        } = line;
        if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.is_match(text))
        {
            return Ok(true);
        }
        // The end of a pod's name tells it from its siblings.
        let end = pod
            .strip_prefix(service.as_str())
            .unwrap_or(pod)
            .rsplit('-')
            .next();
        let width = self.width;
        let colour = self
            .colours
            .get(service)
            .copied()
            .unwrap_or(AnsiColors::Default);
        let name = format!("{service:width$} {:5}", end.unwrap_or_default());
        let time = if self.timestamps {
            format!("{time} ")
        } else {
            String::new()
        };
        // Colours of its own would run into those of the next line, and more than colours
        // has no business on a person's terminal.
        let text = anstream::adapter::strip_str(text).to_string();
        let text = printable(&text.replace('\t', "    "));
        output::line(&format!("{} {}{text}\n", name.color(colour), time.dimmed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_in_the_order_of_their_time() {
        let container = |service: &str| Container {
            service: service.to_owned(),
            pod: format!("{service}-1"),
            name: service.to_owned(),
        };
        let mut lines = [
            parse("2026-01-01T00:00:02.5Z web: later", &container("web")),
            parse("2026-01-01T00:00:02.1Z auth: sooner", &container("auth")),
        ];
        lines.sort();
        let texts = lines.map(|line| line.text);
        assert_eq!(texts, ["auth: sooner", "web: later"]);
    }
}
