//! From the cluster to a view of what would change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::try_join_all;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use super::Arguments;
use super::view::View;
use crate::api::objects::ObjectKey;
use crate::api::{GravityApp, GravityService};
use crate::apply;
use crate::cli::Error;
use crate::cli::cluster::{Cluster, ClusterError};
use crate::cli::input::{Application, placed, texts};
use crate::manifest::Documents;
use crate::observe::{AppKey, Observed, read_named, resource};
use crate::plan::{Named, plan};
use crate::resolve::{Cause, Loss, Mend, ResolveError, in_range, resolve};
use crate::schedule::{Action, Begun, Comparisons, Desired, Schedule, outlook, schedule};
use crate::validate::{catalogue, validate_app};

/// Finds what would change.
pub async fn view(arguments: &Arguments) -> Result<View, Error> {
    let cluster = arguments.connection.connect().await?;
    let now = Timestamp::now();
    let Application { app, documents, .. } = application(arguments, &cluster).await?;
    let key = AppKey {
        namespace: app.namespace().unwrap_or_default(),
        name: app.name_any(),
    };
    let services = services(arguments, &cluster, &key, &documents, now).await?;
    let (objects, missing) = cluster.everything(&key.namespace).await?;
    let mut observed = Observed::listed(&key, objects, missing, now);
    let desired = |observed: &Observed| desired(arguments, &app, &documents, &services, observed);
    let named = desired(&observed)?.plan.named.clone();
    observed.named = read_all(&cluster, named).await?;
    let desired = desired(&observed)?;
    let schedule = settle(&cluster, &key, &desired, &mut observed).await?;
    Ok(View::new(
        &desired,
        &schedule,
        &outlook(&desired, &observed),
    ))
}

/// What the objects say that the app names, and that others make.
async fn read_all(
    cluster: &Cluster,
    named: BTreeSet<ObjectKey>,
) -> Result<BTreeMap<ObjectKey, Named>, Error> {
    let answers = named.into_iter().map(async |key| {
        let read = || read_named(&cluster.client, &key);
        let found = cluster.request(&resource(key.kind), read).await?;
        Ok::<_, Error>((key, found))
    });
    Ok(try_join_all(answers).await?.into_iter().collect())
}

/// The app as it would be: that of the files with the uid of the one that is there, or the
/// one that is there.
async fn application(arguments: &Arguments, cluster: &Cluster) -> Result<Application, Error> {
    let Arguments { name, input, .. } = arguments;
    if by_files(arguments) {
        let mut application = input.read(name.as_deref(), &cluster.namespace)?;
        identify(cluster, &mut application.app).await?;
        return Ok(application);
    }
    let namespace = input.namespace().unwrap_or(&cluster.namespace);
    let mut app = cluster
        .app(namespace, name.as_deref().unwrap_or_default())
        .await?;
    input.choose_environment(&mut app)?;
    Ok(Application {
        app,
        documents: Documents::default(),
        in_project: false,
    })
}

/// Whether files say what is wanted: those that are named, or without a name the project's.
const fn by_files(arguments: &Arguments) -> bool {
    arguments.input.is_given() || arguments.name.is_none()
}

/// Where Gravity is not installed yet, everything is made anew.
async fn identify(cluster: &Cluster, app: &mut GravityApp) -> Result<(), Error> {
    let namespace = app.namespace().unwrap_or_default();
    match cluster.app(&namespace, &app.name_any()).await {
        Ok(live) => {
            app.metadata.uid = live.metadata.uid;
            app.metadata.generation = live.metadata.generation;
            Ok(())
        }
        Err(ClusterError::NoApp { .. } | ClusterError::NotInstalled { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The services that are there, and over them those of the files.
async fn services(
    arguments: &Arguments,
    cluster: &Cluster,
    app: &AppKey,
    documents: &Documents,
    now: Timestamp,
) -> Result<Vec<GravityService>, Error> {
    let namespaces = [&app.namespace]
        .into_iter()
        .chain(&arguments.catalog_namespaces);
    let lists = namespaces.map(|namespace| cluster.custom::<GravityService>(Some(namespace)));
    let live = match try_join_all(lists).await {
        Err(ClusterError::NotInstalled { .. }) if by_files(arguments) => Vec::new(),
        lists => lists?.into_iter().flatten().collect(),
    };
    let key = |service: &GravityService| (service.namespace(), service.name_any());
    let mut all: BTreeMap<_, GravityService> = live
        .into_iter()
        .map(|service| (key(&service), service))
        .collect();
    for service in &documents.services {
        let mut service = service.clone();
        let there = all.get(&key(&service));
        // The age decides between duplicates: what is new is the youngest.
        service.metadata.creation_timestamp = there
            .and_then(|there| there.metadata.creation_timestamp.clone())
            .or(Some(Time(now)));
        all.insert(key(&service), service);
    }
    Ok(all.into_values().collect())
}

fn desired(
    arguments: &Arguments,
    app: &GravityApp,
    documents: &Documents,
    services: &[GravityService],
    observed: &Observed,
) -> Result<Desired, Error> {
    let namespace = app.namespace().unwrap_or_default();
    let checked = validate_app(app);
    let catalogue = catalogue(services, &namespace);
    // In files each mistake counts; what is in the cluster harms only those that need it.
    let is_file = |object: &str| {
        let object = format!("GravityService {object}");
        documents.place(&object).is_some()
    };
    let rejected = catalogue.rejected.iter().filter(|one| is_file(&one.object));
    let of_app = checked.as_ref().err().into_iter().flatten();
    let problems = of_app.chain(rejected.flat_map(|one| &one.problems));
    let problems = texts(problems, documents);
    let Some(app) = checked.ok().filter(|_| problems.is_empty()).map(Arc::new) else {
        return Err(Error::Invalid(problems));
    };
    let resolution = resolve(&app, &catalogue, &observed.lock())
        .map_err(|error| with_catalogues(error, &arguments.catalog_namespaces))
        .map_err(|error| with_files(error, by_files(arguments)))?;
    let facts = observed.facts();
    let plan = plan(&app, &resolution, &facts);
    let plan = plan.map_err(|error| placed(error, &resolution, documents))?;
    Ok(Desired::new(Arc::new(plan), facts.credentials))
}

/// What is in none of the namespaces that were looked at may be where only the operator
/// looks: its catalogue namespaces are its own arguments, which this command cannot see.
fn with_catalogues(mut error: ResolveError, looked_at: &[String]) -> ResolveError {
    let flag = match looked_at {
        [] => "give it by --catalog-namespace NAME".to_owned(),
        names => format!(
            "give it by --catalog-namespace NAME as well as {}",
            names.join(" and ")
        ),
    };
    for problem in &mut error.problems {
        let service = match &problem.cause {
            Cause::Missing { service, .. }
            | Cause::LockedGone {
                service,
                loss: Loss::Gone,
                ..
            } => service,
            _ => continue,
        };
        let mend = format!("if the operator takes {service} from a catalogue namespace, {flag}");
        problem.mends.insert(0, Mend::Other(mend));
    }
    error
}

/// What is not in the files may be given by them, and need not be applied first.
fn with_files(mut error: ResolveError, are_given: bool) -> ResolveError {
    let mends = error.problems.iter_mut().flat_map(|it| &mut it.mends);
    for mend in mends.filter(|_| are_given) {
        if let Mend::Provide { service, range, .. } = &*mend {
            let what = in_range(service, range.as_deref());
            *mend = Mend::Other(format!("give a manifest of {what} too, by -f, or {mend}"));
        }
    }
    error
}

/// Schedules, looks up what stands under the names that no list shows, and schedules again.
async fn settle(
    cluster: &Cluster,
    app: &AppKey,
    desired: &Desired,
    observed: &mut Observed,
) -> Result<Schedule, Error> {
    let decide = |observed: &Observed| {
        let (mut comparisons, mut begun) = (Comparisons::default(), Begun::new());
        schedule(desired, observed, &mut comparisons, &mut begun)
    };
    let first = decide(observed);
    let asked = first.actions.into_iter().filter_map(|action| match action {
        Action::LookUp { kind, keys } => Some((kind, keys)),
        _ => None,
    });
    let look_ups = asked.filter(|(kind, _)| !observed.missing_kinds.contains(kind));
    let answers = look_ups.map(async |(kind, keys)| {
        let find = || apply::find(&cluster.client, app, kind, &keys);
        cluster.request(&resource(kind), find).await
    });
    let found = try_join_all(answers).await?;
    observed.found.extend(found.into_iter().flatten());
    Ok(decide(observed))
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::*;
    use crate::resolve::Problem;

    fn told(loss: Loss, looked_at: &[String]) -> String {
        let problem = Problem {
            cause: Cause::LockedGone {
                service: "lib".to_owned(),
                version: Version::new(1, 0, 0),
                loss,
            },
            facts: Vec::new(),
            mends: vec![Mend::Other(
                "apply the GravityService of lib 1.0.0 again".to_owned(),
            )],
        };
        let problems = vec![problem];
        with_catalogues(ResolveError { problems }, looked_at).to_string()
    }

    #[test]
    fn what_may_be_in_a_catalogue_namespace_is_told_to_be_looked_for_there() {
        insta::assert_snapshot!(told(Loss::Gone, &[]), @"
        lib 1.0.0 runs, but its GravityService is gone, and every range still admits that version.
        To mend it, do one of these:
          - if the operator takes lib from a catalogue namespace, give it by --catalog-namespace NAME
          - apply the GravityService of lib 1.0.0 again
        ");
        insta::assert_snapshot!(told(Loss::Gone, &["common".to_owned()]), @"
        lib 1.0.0 runs, but its GravityService is gone, and every range still admits that version.
        To mend it, do one of these:
          - if the operator takes lib from a catalogue namespace, give it by --catalog-namespace NAME as well as common
          - apply the GravityService of lib 1.0.0 again
        ");
        // It was found, so no other namespace has it.
        assert!(!told(Loss::Rejected, &[]).contains("--catalog-namespace"));
    }
}
