//! Services of catalogues → files of a project: those that were asked for, and what they need.
//! Which versions, the resolver says, beside all that the project has already.

use std::collections::BTreeSet;
use std::fs;

use kube::ResourceExt;

use super::{ShelfError, Shelves};
use crate::api::GravityApp;
use crate::api::app::{AppService, GravityAppSpec};
use crate::api::objects::Kind;
use crate::api::service::GravityServiceSpec;
use crate::cli::Error;
use crate::cli::input::{Application, DEFAULT_NAMESPACE, Input};
use crate::cli::project::{Addition, read, write};
use crate::manifest::Documents;
use crate::plan::Plan;
use crate::project::{Project, ProjectError, Root};
use crate::resolve::Resolution;
use crate::validate::version_range;

/// What is to come into a project, before anything is written.
pub struct Taken {
    /// The services that come.
    pub additions: Vec<Addition>,
    /// The application with them.
    pub plan: Plan,
    /// The versions that it has then.
    pub resolution: Resolution,
    roots: Vec<Root>,
}

/// Finds what a project needs to have those services beside its own, and what its own lack.
/// `asked` are names, with a range behind an `@` where one is meant.
///
/// # Errors
/// A service is in no catalogue, or no versions fit together.
pub fn take(project: &Project, asked: &[String], shelves: &Shelves) -> Result<Taken, Error> {
    let roots = asked
        .iter()
        .map(|text| root(text))
        .collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    if let Some(twice) = roots.iter().find(|root| !names.insert(&root.name)) {
        let name = twice.name.clone();
        return Err(ShelfError::Twice { name }.into());
    }
    let mut application = with(project, &roots)?;
    let offered = offered(&application, &roots, shelves)?;
    application.offer(offered.iter().map(|it| &it.service));
    let planned = application.planned()?;
    let chosen = |addition: &Addition| {
        let spec = &addition.service.spec;
        let found = planned.resolution.services.get(&spec.name);
        found.is_some_and(|it| it.service.version.to_string() == spec.version)
    };
    let own: BTreeSet<String> = project
        .services()?
        .iter()
        .map(|kept| kept.service.name_any())
        .collect();
    let is_new = |addition: &Addition| !own.contains(&addition.service.name_any());
    Ok(Taken {
        additions: offered
            .into_iter()
            .filter(|it| chosen(it) && is_new(it))
            .collect(),
        plan: planned.plan,
        resolution: planned.resolution,
        roots,
    })
}

impl Taken {
    /// Writes the files, and asks for the services in `gravity.yaml`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, project: &Project) -> Result<(), Error> {
        for addition in &self.additions {
            write(project, addition)?;
        }
        for root in &self.roots {
            project.ask_for(root)?;
        }
        Ok(())
    }

    /// The Secrets that the services wait for until somebody makes them.
    pub fn missing_secrets(&self) -> Vec<String> {
        let mut all = BTreeSet::new();
        for addition in &self.additions {
            let spec = &addition.service.spec;
            let secrets = spec
                .env_value_from
                .values()
                .filter_map(|from| from.secret_key_ref.as_ref());
            for secret in secrets.filter(|secret| secret.optional != Some(true)) {
                all.insert((&spec.name, &secret.name));
            }
        }
        let own = |name: &str| {
            let mut objects = self.plan.nodes.values().flat_map(|node| &node.objects);
            objects.any(|object| object.key.kind == Kind::Secret && object.key.name == name)
        };
        let namespace = &self.plan.app.namespace;
        all.into_iter()
            .filter(|(_, secret)| !own(secret))
            .map(|(service, secret)| {
                format!("{service} waits for a Secret {secret} in namespace {namespace}: `gravity show {service}` has the line that makes it")
            })
            .collect()
    }
}

fn root(text: &str) -> Result<Root, ShelfError> {
    let Some((name, version)) = text.split_once('@') else {
        return Ok(Root {
            name: text.to_owned(),
            version: None,
        });
    };
    if name.is_empty() {
        return Err(ShelfError::Range {
            text: text.to_owned(),
            problem: "there is no name before the @".to_owned(),
        });
    }
    version_range(version).map_err(|problem| ShelfError::Range {
        text: text.to_owned(),
        problem,
    })?;
    Ok(Root {
        name: name.to_owned(),
        version: Some(version.to_owned()),
    })
}

/// The project's application, as it is when it asks for those, too.
fn with(project: &Project, roots: &[Root]) -> Result<Application, Error> {
    let mut application = match Input::of(project).read(None, DEFAULT_NAMESPACE) {
        Err(Error::Project(ProjectError::Empty { .. })) => empty(project)?,
        answer => answer?,
    };
    for root in roots {
        let services = &mut application.app.spec.services;
        services.retain(|each| each.name != root.name || root.version.is_none());
        if !services.iter().any(|each| each.name == root.name) {
            services.push(AppService {
                name: root.name.clone(),
                version: root.version.clone(),
                ..AppService::default()
            });
        }
    }
    // What is locked are versions of before.
    let free = |name: &String| !roots.iter().any(|root| root.name == *name);
    application.app.spec.lock.retain(|name, _| free(name));
    Ok(application)
}

/// An application that asks for nothing yet, which no file may hold.
fn empty(project: &Project) -> Result<Application, Error> {
    let identity = project.identity()?;
    let own = fs::read_to_string(project.app_file()).ok();
    let own = own.and_then(|text| serde_yaml::from_str::<GravityApp>(&text).ok());
    let mut app = own.unwrap_or_else(|| GravityApp::new(&identity.name, GravityAppSpec::default()));
    let namespace = identity
        .namespace
        .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    app.metadata.namespace = Some(namespace.clone());
    let mut documents = Documents::default();
    for mut kept in project.services()? {
        kept.service.metadata.namespace = Some(namespace.clone());
        documents.services.push(kept.service);
    }
    Ok(Application {
        app,
        documents,
        in_project: true,
    })
}

/// All versions of all that the services may need, of catalogues. What the project has itself
/// is the project's to bring up to date.
fn offered(
    application: &Application,
    roots: &[Root],
    shelves: &Shelves,
) -> Result<Vec<Addition>, Error> {
    let own: BTreeSet<&str> = application
        .documents
        .services
        .iter()
        .map(|service| service.spec.name.as_str())
        .collect();
    for root in roots
        .iter()
        .filter(|root| !own.contains(root.name.as_str()))
    {
        shelves.known(&root.name)?;
    }
    let asked = application.app.spec.services.iter();
    let mut open: Vec<String> = asked.map(|each| each.name.clone()).collect();
    let of_own = application.documents.services.iter();
    open.extend(of_own.flat_map(|service| needs(&service.spec)));
    let mut seen = BTreeSet::new();
    let mut offered = Vec::new();
    while !open.is_empty() {
        let names: BTreeSet<String> = open
            .drain(..)
            .filter(|name| seen.insert(name.clone()))
            .collect();
        for catalog in &shelves.all {
            let here = |name: &&String| {
                let first = shelves.having(name).map(|it| &it.name);
                first == Some(&catalog.name)
            };
            let names: BTreeSet<String> = names.iter().filter(here).cloned().collect();
            if names.is_empty() {
                continue;
            }
            for found in catalog.manifests(&names, shelves.limit)? {
                for addition in read(&found)? {
                    open.extend(needs(&addition.service.spec));
                    offered.push(addition);
                }
            }
        }
    }
    offered.retain(|addition| {
        let name = addition.service.spec.name.as_str();
        !own.contains(name) || roots.iter().any(|root| root.name == name)
    });
    Ok(offered)
}

/// The services that one cannot do without.
fn needs(spec: &GravityServiceSpec) -> Vec<String> {
    let needed = spec
        .dependencies
        .iter()
        .filter(|it| it.optional != Some(true));
    needed.map(|it| it.name.clone()).collect()
}
