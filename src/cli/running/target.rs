//! Which application of a cluster is meant: by `--app`, by the project around this folder, or
//! the only one of the namespace.

use clap::Args;
use kube::ResourceExt;

use super::RunningError;
use crate::api::GravityApp;
use crate::api::app::ServiceStatus;
use crate::cli::cluster::{Cluster, Connection};
use crate::cli::progress::{self, ASKING};
use crate::cli::{Error, namespace, project};
use crate::project::Project;

/// The application that is meant.
#[derive(Debug, Args)]
pub struct Target {
    /// The GravityApp; that of the project around this folder, or the only one of the
    /// namespace, when absent
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The namespace; that of the project or of the context when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    #[command(flatten)]
    pub connection: Connection,
}

/// An application, and the cluster that it is in.
pub struct Found {
    pub cluster: Cluster,
    pub namespace: String,
    pub app: GravityApp,
}

impl Target {
    /// Finds the application.
    pub async fn find(&self) -> Result<Found, Error> {
        Found::by(
            self.app.as_deref(),
            self.namespace.as_deref(),
            &self.connection,
        )
        .await
    }
}

impl Found {
    /// Finds the application of that name in that namespace.
    pub async fn by(
        app: Option<&str>,
        namespace: Option<&str>,
        connection: &Connection,
    ) -> Result<Self, Error> {
        let cluster = connection.connect().await?;
        let own = project::here()
            .ok()
            .and_then(|project| project.identity().ok());
        let (name, home) = own.map_or((None, None), |own| (Some(own.name), own.namespace));
        let namespace = namespace.map(str::to_owned).or(home);
        let namespace = namespace.unwrap_or_else(|| cluster.namespace.clone());
        let app = async {
            Ok::<_, Error>(match app.or(name.as_deref()) {
                Some(name) => cluster.app(&namespace, name).await?,
                None => only(cluster.apps(Some(&namespace)).await?, &namespace)?,
            })
        };
        let app = progress::awaited(ASKING, app).await?;
        Ok(Self {
            cluster,
            namespace,
            app,
        })
    }
}

fn only(mut apps: Vec<GravityApp>, namespace: &str) -> Result<GravityApp, RunningError> {
    let namespace = namespace.to_owned();
    match (apps.pop(), apps.is_empty()) {
        (Some(app), true) => Ok(app),
        (Some(app), false) => {
            apps.push(app);
            Err(RunningError::Several {
                namespace,
                names: apps.iter().map(ResourceExt::name_any).collect(),
            })
        }
        (None, _) => Err(RunningError::None { namespace }),
    }
}

impl Found {
    /// Whether it is the application of a project.
    pub fn is_of(&self, project: &Project) -> bool {
        let own = project.identity();
        own.is_ok_and(|own| {
            let home = own.namespace.is_none_or(|home| home == self.namespace);
            own.name == self.app.name_any() && home
        })
    }

    /// The services that are named, or all; by the status, which knows what runs.
    pub fn services(&self, names: &[String]) -> Result<Vec<ServiceStatus>, RunningError> {
        let all = self
            .app
            .status
            .as_ref()
            .map(|status| status.services.clone());
        let all = all.unwrap_or_default();
        let unknown = |name: &&String| !all.iter().any(|service| service.name == **name);
        if let Some(name) = names.iter().find(unknown) {
            return Err(RunningError::NoService {
                app: self.app.name_any(),
                name: name.clone(),
                names: all.into_iter().map(|service| service.name).collect(),
            });
        }
        let wanted = |service: &ServiceStatus| names.is_empty() || names.contains(&service.name);
        Ok(all.into_iter().filter(wanted).collect())
    }
}
