//! `-f`, or the project around this folder, `--app`, `--environment`, `--namespace` → a valid
//! app and its catalogue.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::overrides::{self, Field, Override, Speaker};
use super::{Error, namespace, output, project};
use crate::api::{GravityApp, GravityService};
use crate::catalog::Catalog;
use crate::manifest::{self, Documents, Source};
use crate::plan::{Facts, Plan, PlanError, plan};
use crate::project::{APP_FILE, Project};
use crate::resolve::{Lock, Mend, Resolution, ResolveError, in_range, resolve};
use crate::validate::{Catalogue, Invalid, ValidApp, catalogue, validate_app};

/// What standard input is called.
const STANDARD_INPUT: &str = "-";
/// The namespace of files that say none, where no cluster is asked.
pub const DEFAULT_NAMESPACE: &str = "default";

/// Which files are read, and what is taken of them.
#[derive(Debug, Args)]
pub struct Input {
    /// A file or folder with manifests and the GravityApp, or - for standard input; may be given
    /// many times; without it the project around this folder
    #[arg(short, long = "file", value_name = "FILE|FOLDER")]
    file: Vec<PathBuf>,
    /// The GravityApp, where the files hold several
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The environment, over the app's own spec.environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The namespace, over that of the files; without either the cluster's current one, or
    /// `default` where no cluster is asked
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    /// What is said over the files, as auth-service.port=8002: port, replicas, image or env.NAME;
    /// may be given many times
    #[arg(long, value_name = "SERVICE.FIELD=VALUE")]
    set: Vec<String>,
    /// The project, where it is not the one around this folder.
    #[arg(skip)]
    project: Option<Project>,
}

/// What was read, ready to be checked.
#[derive(Clone)]
pub struct Application {
    /// The app, with its environment and namespace.
    pub app: GravityApp,
    /// What was read, with the places of all fields.
    pub documents: Documents,
    /// Whether they are a project's files.
    pub in_project: bool,
}

/// What files come to in an empty cluster.
pub struct Planned {
    /// All versions that could be chosen.
    pub catalogue: Catalogue,
    /// Those that are.
    pub resolution: Resolution,
    /// What is made of them.
    pub plan: Plan,
}

impl Input {
    /// All of a project.
    pub fn of(project: &Project) -> Self {
        Self {
            file: Vec::new(),
            app: None,
            environment: None,
            namespace: None,
            set: Vec::new(),
            project: Some(project.clone()),
        }
    }

    /// Whether files were named.
    pub const fn is_given(&self) -> bool {
        !self.file.is_empty()
    }

    /// The namespace that was asked for.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The environment that was asked for.
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// The app that was asked for by `--app`.
    pub fn app(&self) -> Option<&str> {
        self.app.as_deref()
    }

    /// Reads the files and takes the app that is meant. Where neither `--namespace` nor the
    /// files say one, it is in the namespace `otherwise`.
    ///
    /// What variables and flags say over the files is in it, and is told.
    pub fn read(&self, name: Option<&str>, otherwise: &str) -> Result<Application, Error> {
        let mut application = self.raw(name, otherwise)?;
        let said = self.overrides(&application)?;
        overrides::apply(&said, &mut application)?;
        for each in said.iter().filter(|it| it.speaker != Speaker::Flag) {
            // A variable of the service's own may be a password.
            let value = match &each.field {
                Field::Env(_) => String::new(),
                _ => format!(" to {}", each.value),
            };
            output::tell(&format!(
                "{} sets {} of {}{value}.",
                each.speaker, each.field, each.service
            ));
        }
        Ok(application)
    }

    /// What is said over what was read, the weakest first.
    pub fn overrides(&self, application: &Application) -> Result<Vec<Override>, Error> {
        let names = application.documents.services.iter();
        let names: Vec<String> = names.map(|it| it.spec.name.clone()).collect();
        let mut said = Vec::new();
        if application.in_project {
            let project = self.project.clone().map_or_else(project::here, Ok)?;
            said = overrides::variables(&names, project.folder())?;
        }
        for text in &self.set {
            said.push(overrides::flag(text)?);
        }
        Ok(said)
    }

    /// Reads the files, and nothing over them.
    pub fn raw(&self, name: Option<&str>, otherwise: &str) -> Result<Application, Error> {
        let mut documents = manifest::read(&self.sources()?)?;
        let mut app = self.select(&documents, name)?;
        let own = app.metadata.namespace.take();
        let own = own.or_else(|| common_namespace(&documents.services));
        let namespace = self.namespace.clone().or_else(|| own.clone());
        app.metadata.namespace = Some(namespace.unwrap_or_else(|| otherwise.to_owned()));
        move_along(&mut documents.services, own.as_deref(), &app);
        self.choose_environment(&mut app)?;
        Ok(Application {
            app,
            documents,
            in_project: self.file.is_empty(),
        })
    }

    /// Puts `--environment` over what the app says.
    pub fn choose_environment(&self, app: &mut GravityApp) -> Result<(), Error> {
        let Some(name) = &self.environment else {
            return Ok(());
        };
        if !app.spec.environments.contains_key(name) {
            return Err(Error::NoEnvironment {
                name: name.clone(),
                app: app.metadata.name.clone().unwrap_or_default(),
                names: app.spec.environments.keys().cloned().collect(),
            });
        }
        app.spec.environment = Some(name.clone());
        Ok(())
    }

    fn sources(&self) -> Result<Vec<Source>, Error> {
        if self.file.is_empty() {
            let project = self.project.clone().map_or_else(project::here, Ok)?;
            return Ok(project.sources()?);
        }
        sources(&self.file)
    }

    fn select(&self, documents: &Documents, name: Option<&str>) -> Result<GravityApp, Error> {
        let apps = &documents.apps;
        let names = || {
            apps.iter()
                .filter_map(|app| app.metadata.name.clone())
                .collect()
        };
        let found = match name.or(self.app()) {
            Some(name) => apps
                .iter()
                .find(|app| app.metadata.name.as_deref() == Some(name)),
            None if apps.len() > 1 => {
                return Err(Error::SeveralApps {
                    places: self.places(),
                    names: names(),
                });
            }
            None => apps.first(),
        };
        found.cloned().ok_or_else(|| match name.or(self.app()) {
            Some(name) if !apps.is_empty() => Error::AppNotThere {
                name: name.to_owned(),
                places: self.places(),
                names: names(),
            },
            _ => Error::NoApp {
                places: self.places(),
            },
        })
    }

    fn places(&self) -> String {
        if self.file.is_empty() {
            return APP_FILE.to_owned();
        }
        let name = |path: &PathBuf| match path.to_str() {
            Some(STANDARD_INPUT) => "standard input".to_owned(),
            _ => path.display().to_string(),
        };
        self.file.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

impl Application {
    /// Lets versions be chosen that the files do not have.
    pub fn offer<'a>(&mut self, services: impl Iterator<Item = &'a GravityService>) {
        for service in services {
            let mut own = self.documents.services.iter();
            if own.any(|it| it.metadata.name == service.metadata.name) {
                continue;
            }
            let mut service = service.clone();
            service
                .metadata
                .namespace
                .clone_from(&self.app.metadata.namespace);
            self.documents.services.push(service);
        }
    }

    /// Checks everything; in files that a person names, each mistake counts.
    pub fn validate(&self) -> Result<(Arc<ValidApp>, Catalogue), Error> {
        let Self { app, documents, .. } = self;
        let namespace = app.metadata.namespace.clone().unwrap_or_default();
        let checked = validate_app(app);
        let catalogue = catalogue(&documents.services, &namespace);
        let of_app = checked.as_ref().err().into_iter().flatten();
        let of_services = catalogue.rejected.iter().flat_map(|one| &one.problems);
        let problems = texts(of_app.chain(of_services), documents);
        match checked {
            Ok(app) if problems.is_empty() => Ok((Arc::new(app), catalogue)),
            _ => Err(Error::Invalid(problems)),
        }
    }

    /// What an empty cluster would resolve to.
    pub fn resolve(&self) -> Result<(Arc<ValidApp>, Resolution), Error> {
        let (app, catalogue) = self.validate()?;
        let resolution = self.choose(&app, &catalogue)?;
        Ok((app, resolution))
    }

    /// What would be made in an empty cluster.
    pub fn plan(&self) -> Result<Plan, Error> {
        Ok(self.planned()?.plan)
    }

    /// The same, with the versions that it is of.
    pub fn planned(&self) -> Result<Planned, Error> {
        let (app, catalogue) = self.validate()?;
        let resolution = self.choose(&app, &catalogue)?;
        let plan = plan(&app, &resolution, &Facts::default());
        let plan = plan.map_err(|error| placed(error, &resolution, &self.documents))?;
        output::warnings(&plan.warnings);
        Ok(Planned {
            catalogue,
            resolution,
            plan,
        })
    }

    fn choose(&self, app: &ValidApp, catalogue: &Catalogue) -> Result<Resolution, Error> {
        let resolution = resolve(app, catalogue, &Lock::new());
        Ok(resolution.map_err(|error| from_files(error, self.in_project))?)
    }
}

/// The problems, each with its place in the files where it has one.
pub fn texts<'a>(
    problems: impl Iterator<Item = &'a Invalid>,
    documents: &Documents,
) -> Vec<String> {
    let text = |invalid: &Invalid| match documents.locate(invalid) {
        Some(problem) => problem.to_string(),
        None => invalid.to_string(),
    };
    problems.map(text).collect()
}

/// Why there is no plan, with its place in the files where it has one.
pub fn placed(error: PlanError, resolution: &Resolution, documents: &Documents) -> Error {
    let problem = error.place().and_then(|(service, field)| {
        let service = &resolution.services.get(service)?.service;
        let object = format!("GravityService {}/{}", service.namespace, service.object);
        documents.problem(&object, &field, error.to_string())
    });
    match problem {
        Some(problem) => Error::Invalid(vec![problem.to_string()]),
        None => error.into(),
    }
}

/// Where files are all that there is, a manifest is given and not applied.
fn from_files(mut error: ResolveError, in_project: bool) -> ResolveError {
    // Read once, and only where something is missing.
    let catalog = LazyCell::new(|| Catalog::built_in().map(|it| it.index.entries));
    let has = |service: &String| catalog.as_ref().is_ok_and(|it| it.contains_key(service));
    for mend in error.problems.iter_mut().flat_map(|it| &mut it.mends) {
        if let Mend::Provide { service, range, .. } = mend {
            let what = in_range(service, range.as_deref());
            *mend = Mend::Other(match in_project {
                true if has(service) => format!(
                    "add {what} from its repository, by `gravity add SOURCE`, or from the catalogue, by `gravity install {service}`"
                ),
                true => format!("add {what} from its repository, by `gravity add SOURCE`"),
                false => format!("give a manifest of {what} too, by -f"),
            });
        }
    }
    error
}

/// The namespace of all services that say one: an app among them that says none is there, too.
fn common_namespace(services: &[GravityService]) -> Option<String> {
    let stated = services
        .iter()
        .filter_map(|it| it.metadata.namespace.as_ref());
    let all: BTreeSet<&String> = stated.collect();
    let mut all = all.into_iter();
    all.next().filter(|_| all.next().is_none()).cloned()
}

/// The services of the app's namespace go where the app goes; a manifest names none.
fn move_along(services: &mut [GravityService], own: Option<&str>, app: &GravityApp) {
    for service in services {
        let namespace = &mut service.metadata.namespace;
        if namespace.is_none() || namespace.as_deref() == own {
            namespace.clone_from(&app.metadata.namespace);
        }
    }
}

/// The files and folders that are named, and standard input, once.
pub fn sources(paths: &[PathBuf]) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for path in paths {
        let is_text = |source: &Source| matches!(source, Source::Text { .. });
        if path != Path::new(STANDARD_INPUT) {
            sources.push(Source::Path(path.clone()));
        } else if !sources.iter().any(is_text) {
            sources.push(standard_input()?);
        }
    }
    Ok(sources)
}

/// Reads no more than is taken of a file: what is longer is refused by its length.
fn standard_input() -> Result<Source, Error> {
    let limit = u64::try_from(manifest::MAX_BYTES).unwrap_or(u64::MAX);
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(limit.saturating_add(1));
    input
        .read_to_string(&mut text)
        .map_err(Error::StandardInput)?;
    Ok(Source::Text {
        name: "standard input".to_owned(),
        text,
    })
}
