//! `gravity gateway`: the routes of applications, what the gateway gets, and what comes back
//! through it.

mod check;
mod config;
mod routes;
mod way;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::cluster::{Cluster, ClusterError, Connection};
use super::{Error, namespace};
use crate::api::GravityApp;
use crate::api::names;
use crate::api::objects::Kind;

/// The arguments of `gravity gateway`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity gateway routes -n shop
  gravity gateway config shop -n shop
  gravity gateway check shop -n shop --address 10.0.0.7:80")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print each route: host, path, service, middlewares and state
    Routes(routes::Arguments),
    /// Print the objects that the gateway gets
    Config(config::Arguments),
    /// Ask each route through the gateway, and print what comes back
    Check(check::Arguments),
}

/// Runs the verb.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    match &arguments.verb {
        Verb::Routes(arguments) => routes::run(arguments),
        Verb::Config(arguments) => config::run(arguments),
        Verb::Check(arguments) => check::run(arguments),
    }
}

/// Whose routes are meant.
#[derive(Debug, Args)]
struct Whose {
    /// The GravityApp; all of the namespace when absent
    #[arg(value_name = "APP")]
    name: Option<String>,
    /// The namespace; that of the context when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// The kinds of what a gateway gets, in the order in which they are read.
const KINDS: [Kind; 9] = [
    Kind::Gateway,
    Kind::Certificate,
    Kind::Middleware,
    Kind::ServersTransport,
    Kind::TraefikService,
    Kind::IngressRoute,
    Kind::Ingress,
    Kind::HTTPRoute,
    Kind::GRPCRoute,
];

/// Applications, and what their gateways get.
struct Found {
    namespace: String,
    apps: Vec<GravityApp>,
    objects: Vec<(Kind, DynamicObject)>,
}

impl Whose {
    /// Reads them from the cluster.
    async fn find(&self) -> Result<Found, Error> {
        let cluster = self.connection.connect().await?;
        let namespace = self
            .namespace
            .as_ref()
            .unwrap_or(&cluster.namespace)
            .clone();
        let apps = match &self.name {
            Some(name) => vec![cluster.app(&namespace, name).await?],
            None => cluster.apps(Some(&namespace)).await?,
        };
        let names: Vec<String> = apps.iter().map(ResourceExt::name_any).collect();
        let mut objects = Vec::new();
        for kind in KINDS {
            objects.extend(of(&cluster, kind, &namespace, &names).await?);
        }
        Ok(Found {
            namespace,
            apps,
            objects,
        })
    }
}

async fn of(
    cluster: &Cluster,
    kind: Kind,
    namespace: &str,
    apps: &[String],
) -> Result<Vec<(Kind, DynamicObject)>, ClusterError> {
    let objects = match cluster.made(kind, Some(namespace)).await {
        // Who may not see the kinds of one gateway is told of the others.
        Err(ClusterError::Forbidden { .. }) if kind.may_be_missing() => None,
        answer => answer?,
    };
    let mut objects = objects.unwrap_or_default();
    objects.retain(|object| {
        let app = object.labels().get(names::INSTANCE_LABEL);
        app.is_some_and(|app| apps.contains(app))
    });
    objects.sort_by_key(ResourceExt::name_any);
    Ok(objects.into_iter().map(|object| (kind, object)).collect())
}
