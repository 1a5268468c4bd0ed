//! `gravity outdated`: which services have newer versions, here or where they came from.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use kube::ResourceExt;
use semver::Version;
use serde::Serialize;

use super::fetched::Asking;
use super::{Addition, here, lock};
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::table::Table;
use crate::cli::{Error, output};
use crate::project::Kept;

/// The arguments of `gravity outdated`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "CHOSEN is the version that is taken now, FITS the newest that goes with all others, and NEWEST the
newest that there is, in the project or where the service came from. `gravity update` moves to it.

Examples:
  gravity outdated
  gravity outdated --offline --output json"
)]
pub struct Arguments {
    #[command(flatten)]
    asking: Asking,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    services: Vec<Outdated>,
}

#[derive(Serialize)]
struct Outdated {
    name: String,
    chosen: String,
    fits: String,
    newest: String,
}

/// Prints the services that are not at their newest.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = here()?;
    let mut application = Input::of(&project).read(None, DEFAULT_NAMESPACE)?;
    let (_, resolution) = application.resolve()?;
    let chosen = lock::versions(&resolution);
    let kept = project.services()?;
    let fetched = arguments.asking.fetched(&project, &kept);
    let found = &fetched.additions;
    // Of what would fit, the manifests that `update` would bring are a part.
    application.app.spec.lock.clear();
    application.offer(found.iter().map(|each| &each.service));
    let fits = lock::versions(&application.resolve()?.1);
    let specs = kept.iter().map(|each| &each.service.spec);
    let specs = specs.chain(found.iter().map(|each| &each.service.spec));
    let mut newest = BTreeMap::<&str, Version>::new();
    for spec in specs {
        if let Ok(version) = Version::parse(&spec.version) {
            let held = newest.entry(&spec.name).or_insert_with(|| version.clone());
            *held = version.max(held.clone());
        }
    }
    let services = chosen.iter().filter_map(|(name, chosen)| {
        let newest = newest.get(name.as_str())?.to_string();
        let fits = fits.get(name).unwrap_or(chosen);
        (newest != *chosen || fits != chosen).then(|| Outdated {
            name: name.clone(),
            chosen: chosen.clone(),
            fits: fits.clone(),
            newest,
        })
    });
    let view = View {
        services: services.collect(),
    };
    output::formatted(arguments.output, &view, || match view.services.is_empty() {
        true if fetched.troubles.is_empty() => {
            "All services are at their newest version.\n".to_owned()
        }
        true => "No newer version was found.\n".to_owned(),
        false => table(&view).text(output::width()),
    })?;
    let mut notes = changed(found, &kept);
    notes.extend(fetched.troubles.iter().cloned());
    output::warnings(&notes);
    Ok(fetched.code())
}

/// The versions that are other than they were where they came from.
fn changed(found: &[Addition], kept: &[Kept]) -> Vec<String> {
    let is_other = |it: &&Addition| {
        let same = |each: &&Kept| each.service.name_any() == it.service.name_any();
        let here = kept.iter().find(same);
        here.is_some_and(|each| each.service.spec != it.service.spec)
    };
    let others = found.iter().filter(is_other).map(|it| &it.service.spec);
    let told = others.map(|spec| {
        let (name, version) = (&spec.name, &spec.version);
        format!("{name} {version} has changed where it came from: `gravity update` takes it as it is now")
    });
    told.collect()
}

fn table(view: &View) -> Table {
    let mut table = Table::new(["SERVICE", "CHOSEN", "FITS", "NEWEST"]);
    for each in &view.services {
        let Outdated {
            name,
            chosen,
            fits,
            newest,
        } = each;
        table.row([name, chosen, fits, newest].map(|text| text.as_str().into()));
    }
    table
}
