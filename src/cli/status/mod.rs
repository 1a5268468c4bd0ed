//! `gravity status`: how applications and their services are.

mod text;
mod view;
mod watch;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use k8s_openapi::jiff::Timestamp;
use kube::api::DynamicObject;
pub use text::{Detail, text};
pub use view::{AppView, View};

use super::cluster::{self, Cluster, ClusterError, Connection};
use super::progress::{self, ASKING};
use super::{Error, namespace, output, project};
use crate::api::GravityService;
use crate::api::objects::Kind;
use crate::project::Identity;

/// The arguments of `gravity status`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity status
  gravity status shop -n shop
  gravity status --output wide                  types, ports and databases, too
  gravity status --watch
  gravity status -A --output json")]
pub struct Arguments {
    /// The GravityApp; that of the project around this folder, or all of the namespace, when
    /// absent
    #[arg(value_name = "APP")]
    name: Option<String>,
    /// The namespace; that of the project or of the context when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    #[command(flatten)]
    connection: Connection,
    /// Show each change as it comes, until Ctrl-C
    #[arg(short, long, conflicts_with = "output")]
    watch: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A row a service
    Table,
    /// With types, ports and databases
    Wide,
    /// {"apps": [{"name", "namespace", "ready", "services": […], "servers": […], …}]}
    Json,
    /// The same as YAML
    Yaml,
}

/// Prints how the apps are.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    if arguments.watch {
        cluster::block_on(watch::watch(arguments))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (view, place) = cluster::block_on(progress::awaited(ASKING, look(arguments)))?;
    match arguments.output {
        Format::Table | Format::Wide if view.apps.is_empty() => {
            output::styled(&format!("No GravityApp in {place}.\n"))?;
        }
        Format::Table => {
            let text = text(&view, Timestamp::now(), output::width(), Detail::Usual);
            output::styled(&text)?;
        }
        Format::Wide => {
            let text = text(&view, Timestamp::now(), output::width(), Detail::Wide);
            output::styled(&text)?;
        }
        Format::Json => output::json(&view)?,
        Format::Yaml => output::yaml(&view)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Whose status is asked for.
struct Meant {
    name: Option<String>,
    /// All of them when absent.
    namespace: Option<String>,
}

impl Meant {
    fn new(arguments: &Arguments, cluster: &Cluster) -> Self {
        let project = own_project(arguments);
        let (name, home) = match project {
            Some(own) => (Some(own.name), own.namespace),
            None => (arguments.name.clone(), None),
        };
        let own = arguments.namespace.clone().or(home);
        let own = own.unwrap_or_else(|| cluster.namespace.clone());
        Self {
            name,
            namespace: (!arguments.all_namespaces).then_some(own),
        }
    }
}

/// The apps and their database servers.
async fn look(arguments: &Arguments) -> Result<(View, String), Error> {
    let cluster = arguments.connection.connect().await?;
    let meant = Meant::new(arguments, &cluster);
    let namespace = meant.namespace.as_deref();
    let apps = match (&meant.name, namespace) {
        (Some(name), Some(namespace)) => vec![cluster.app(namespace, name).await?],
        (Some(name), None) => view::named(cluster.apps(None).await?, name)?,
        (None, namespace) => cluster.apps(namespace).await?,
    };
    let servers = match apps.as_slice() {
        [] => Vec::new(),
        _ => servers(&cluster, namespace).await?,
    };
    let place = namespace.map_or_else(
        || "any namespace".to_owned(),
        |namespace| format!("namespace {namespace}"),
    );
    let manifests = match (apps.as_slice(), arguments.output) {
        ([], _) | (_, Format::Table) => Vec::new(),
        // Who may not see them is told of the rest.
        _ => match cluster.custom::<GravityService>(None).await {
            Err(ClusterError::Forbidden { .. }) => {
                let own = cluster.custom::<GravityService>(namespace).await;
                own.unwrap_or_default()
            }
            answer => answer?,
        },
    };
    Ok((View::new(apps, &manifests, servers), place))
}

/// The project around this folder, where nothing else is named.
fn own_project(arguments: &Arguments) -> Option<Identity> {
    let Arguments {
        name,
        namespace,
        all_namespaces,
        ..
    } = arguments;
    if name.is_some() || namespace.is_some() || *all_namespaces {
        return None;
    }
    project::here().ok()?.identity().ok()
}

/// What servers run as. Who may not see those of another operator is told of the rest.
async fn servers(
    cluster: &Cluster,
    namespace: Option<&str>,
) -> Result<Vec<(Kind, DynamicObject)>, ClusterError> {
    let mut servers = Vec::new();
    for kind in [Kind::StatefulSet, Kind::Cluster] {
        let objects = match cluster.made(kind, namespace).await {
            Err(ClusterError::Forbidden { .. }) if kind.may_be_missing() => None,
            answer => answer?,
        };
        let objects = objects.unwrap_or_default().into_iter();
        servers.extend(objects.map(|object| (kind, object)));
    }
    Ok(servers)
}
