//! The verbs of catalogues: services that somebody else has written are found, looked at and
//! taken into the project.

mod error;
pub mod index;
pub mod search;
pub mod show;
mod take;

use std::time::Duration;

use clap::{Args, Subcommand};

pub use error::ShelfError;
pub use take::take;

use crate::api::GravityService;
use crate::catalog::Catalog;
use crate::cli::cluster::{self, Connection};
use crate::cli::{Error, duration, namespace, progress};

/// Which catalogues are asked. The one that is built in always is, and is the last.
#[derive(Debug, Args)]
pub struct Catalogs {
    /// A catalogue beside the one that is built in: a folder or a Git repository; may be given
    /// many times
    #[arg(
        long = "catalog",
        value_name = "SOURCE",
        env = "GRAVITY_CATALOG",
        value_delimiter = ',',
        hide_env_values = true
    )]
    catalogs: Vec<String>,
    /// The services of a namespace of the cluster, too
    #[arg(long = "catalog-namespace", value_name = "NAME", value_parser = namespace::parse)]
    catalog_namespace: Option<String>,
    /// How long each catalogue may take
    #[arg(long = "catalog-timeout", value_name = "DURATION", value_parser = duration::parse, default_value = "60s")]
    catalog_limit: Duration,
    #[command(flatten)]
    connection: Connection,
}

impl Catalogs {
    /// Reads the index of each, those that a person names before the one that is built in.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn open(&self) -> Result<Shelves, Error> {
        let mut all = Vec::new();
        for source in &self.catalogs {
            let reading = format!("Reading {source}");
            let catalog = progress::during(&reading, || Catalog::at(source, self.catalog_limit));
            all.push(catalog.map_err(|error| ShelfError::Catalog {
                source_text: source.clone(),
                error,
            })?);
        }
        if let Some(name) = &self.catalog_namespace {
            all.push(cluster::block_on(self.of_namespace(name))?);
        }
        all.push(Catalog::built_in()?);
        Ok(Shelves {
            all,
            limit: self.catalog_limit,
        })
    }

    async fn of_namespace(&self, name: &str) -> Result<Catalog, Error> {
        let cluster = self.connection.connect().await?;
        let services = cluster.custom::<GravityService>(Some(name)).await?;
        Ok(Catalog::of_namespace(name, services))
    }
}

/// Catalogues, the strongest first.
pub struct Shelves {
    all: Vec<Catalog>,
    limit: Duration,
}

impl Shelves {
    /// The first catalogue that has a service.
    fn having(&self, name: &str) -> Option<&Catalog> {
        let mut all = self.all.iter();
        all.find(|catalog| catalog.index.entries.contains_key(name))
    }

    fn known(&self, name: &str) -> Result<&Catalog, ShelfError> {
        self.having(name).ok_or_else(|| {
            let names = self.all.iter().flat_map(|it| it.index.entries.keys());
            ShelfError::unknown(name, names.map(String::as_str))
        })
    }
}

/// The arguments of `gravity marketplace`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The same as `gravity search`, `gravity show` and `gravity install NAME`.

Examples:
  gravity marketplace search auth
  gravity marketplace install grafana"
)]
pub struct Marketplace {
    #[command(subcommand)]
    pub verb: MarketplaceVerb,
}

/// What a marketplace can be asked.
#[derive(Debug, Subcommand)]
pub enum MarketplaceVerb {
    /// Look for services in catalogues
    Search(search::Arguments),
    /// Print what a catalogue says of a service
    Show(show::Arguments),
    /// Take services of catalogues into the application
    Install(super::running::install::Arguments),
}
