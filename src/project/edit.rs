//! Changes of the application's file, text to text. A person's comments and layout stay.
//!
//! What the library has written is read again and compared with what was meant: a file that
//! it does not understand is left alone and never spoiled.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Value, json};
use yaml_edit::{Document, Mapping, Sequence, YamlFile};

/// A service that the application asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its name.
    pub name: String,
    /// The versions that will do; any when absent.
    pub version: Option<String>,
}

/// How many pods a service has, over what its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// The service.
    pub service: String,
    /// How many; as the manifest says when absent.
    pub number: Option<i32>,
}

/// Which application a text is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// Its namespace, if the text says one.
    pub namespace: Option<String>,
}

/// Why a text is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is no YAML.
    #[error("this is no YAML: {0}")]
    Syntax(String),
    /// There is no application in it.
    #[error(
        "there is no GravityApp in it: write one, or make a new project by `gravity init NAME`"
    )]
    NoApp,
    /// It has a form that cannot be edited.
    #[error("its form cannot be edited by a program: {0} by hand")]
    Form(String),
}

/// The names of the services that the application asks for, in the order of the text.
pub(super) fn roots(text: &str) -> Result<Vec<String>, EditError> {
    let app = app_of(text)?;
    let names = app["spec"]["services"].as_array().into_iter().flatten();
    Ok(names
        .filter_map(|each| each["name"].as_str().map(str::to_owned))
        .collect())
}

/// Which application it is.
pub(super) fn identity(text: &str) -> Result<Identity, EditError> {
    let app = app_of(text)?;
    let field = |name: &str| app["metadata"][name].as_str().map(str::to_owned);
    Ok(Identity {
        name: field("name").ok_or(EditError::NoApp)?,
        namespace: field("namespace"),
    })
}

/// Says how many pods a service has, or no longer.
pub(super) fn set_replicas(text: &str, replicas: &Replicas) -> Result<String, EditError> {
    let Replicas { service, number } = replicas;
    let root = Root {
        name: service.clone(),
        version: None,
    };
    let text = match number {
        Some(_) => ask_for(text, &root)?,
        None => text.to_owned(),
    };
    let Some(place) = roots(&text)?.iter().position(|each| each == service) else {
        return Ok(text);
    };
    let wanted = |app: &mut Value| {
        let entry = &mut app["spec"]["services"][place];
        match (number, entry.as_object_mut()) {
            (Some(number), _) => entry["replicas"] = json!(number),
            (None, Some(entry)) => drop(entry.remove("replicas")),
            (None, None) => {}
        }
    };
    let by_hand = || match number {
        Some(number) => format!("write replicas: {number} beside name: {service}"),
        None => format!("take replicas out beside name: {service}"),
    };
    change(&text, wanted, by_hand, |document| {
        let services = document.get_mapping("spec")?.get_sequence("services")?;
        let entry = services.get(place)?;
        let entry = entry.as_mapping()?;
        match number {
            Some(number) => entry.set("replicas", *number),
            None => drop(entry.remove("replicas")),
        }
        Some(())
    })
}

/// The versions that are locked, by the service's name.
pub(super) fn lock(text: &str) -> Result<BTreeMap<String, String>, EditError> {
    let app = app_of(text)?;
    let entries = app["spec"]["lock"].as_object().into_iter().flatten();
    let version =
        |(name, version): (&String, &Value)| Some((name.clone(), version.as_str()?.to_owned()));
    Ok(entries.filter_map(version).collect())
}

/// Locks these versions and no others.
pub(super) fn set_lock(text: &str, lock: &BTreeMap<String, String>) -> Result<String, EditError> {
    let wanted = |app: &mut Value| match app["spec"].as_object_mut() {
        Some(spec) if lock.is_empty() => drop(spec.remove("lock")),
        _ => app["spec"]["lock"] = json!(lock),
    };
    let by_hand = || "write the versions of `gravity resolve` under spec.lock".to_owned();
    change(text, wanted, by_hand, |document| {
        let spec = document.get_mapping("spec")?;
        if lock.is_empty() {
            spec.remove("lock");
            return Some(());
        }
        let versions = Mapping::new();
        for (name, version) in lock {
            versions.set(name.as_str(), version.as_str());
        }
        spec.set("lock", versions);
        Some(())
    })
}

/// Asks for a service: adds it, or changes the versions of the one that is there.
pub(super) fn ask_for(text: &str, root: &Root) -> Result<String, EditError> {
    let Root { name, version } = root;
    let place = roots(text)?.iter().position(|each| each == name);
    let by_hand = || {
        let version = version
            .as_ref()
            .map_or(String::new(), |version| format!(", version: {version:?}"));
        format!("write `- {{name: {name}{version}}}` under spec.services")
    };
    let wanted = |app: &mut Value| {
        let services = &mut app["spec"]["services"];
        match (place, services.as_array_mut(), version) {
            (Some(place), _, Some(version)) => services[place]["version"] = json!(version),
            (Some(_), _, None) => {}
            (None, Some(list), _) => list.push(entry(root)),
            (None, None, _) => *services = json!([entry(root)]),
        }
    };
    change(text, wanted, by_hand, |document| {
        let spec = document.get_mapping("spec")?;
        let services = spec.get_sequence("services");
        match (place, services, version) {
            (Some(place), Some(list), Some(version)) => {
                list.get(place)?
                    .as_mapping()?
                    .set("version", version.as_str());
            }
            (Some(_), ..) => {}
            (None, Some(list), _) if !list.is_empty() => list.push(mapping(root)),
            // What is written by hand is a list with a line for each.
            (None, ..) => {
                let list = Sequence::new();
                list.push(mapping(root));
                spec.set("services", list);
            }
        }
        Some(())
    })
}

/// Asks for a service no more.
pub(super) fn drop_root(text: &str, name: &str) -> Result<String, EditError> {
    let Some(place) = roots(text)?.iter().position(|each| each == name) else {
        return Ok(text.to_owned());
    };
    let wanted = |app: &mut Value| {
        if let Some(list) = app["spec"]["services"].as_array_mut() {
            list.remove(place);
        }
    };
    let by_hand = || format!("take {name} out of spec.services");
    change(text, wanted, by_hand, |document| {
        let list = document.get_mapping("spec")?.get_sequence("services")?;
        list.remove(place).map(drop)
    })
}

fn entry(root: &Root) -> Value {
    let Root { name, version } = root;
    match version {
        Some(version) => json!({"name": name, "version": version}),
        None => json!({"name": name}),
    }
}

fn mapping(root: &Root) -> Mapping {
    let mapping = Mapping::new();
    mapping.set("name", root.name.as_str());
    if let Some(version) = &root.version {
        mapping.set("version", version.as_str());
    }
    mapping
}

/// Changes the text of the application, and refuses what does not come to what is meant.
fn change(
    text: &str,
    wanted: impl FnOnce(&mut Value),
    by_hand: impl Fn() -> String,
    edit: impl FnOnce(&Document) -> Option<()>,
) -> Result<String, EditError> {
    let form = || EditError::Form(by_hand());
    let mut app = app_of(text)?;
    wanted(&mut app);
    let file = YamlFile::from_str(text).map_err(|_| form())?;
    let document = file.documents().find(is_app).ok_or_else(form)?;
    edit(&document).ok_or_else(form)?;
    let changed = file.to_string();
    if app_of(&changed).as_ref() != Ok(&app) {
        return Err(form());
    }
    Ok(changed)
}

fn is_app(document: &Document) -> bool {
    document.get_string("kind").as_deref() == Some("GravityApp")
}

/// The application as data, by the reader that manifests are read with.
fn app_of(text: &str) -> Result<Value, EditError> {
    let documents: Vec<Value> = serde_yaml::from_multiple(text).map_err(|error| {
        let told = error.without_snippet().to_string();
        EditError::Syntax(told.lines().next().unwrap_or_default().to_owned())
    })?;
    let mut documents = documents.into_iter();
    documents
        .find(|each| each["kind"] == "GravityApp")
        .ok_or(EditError::NoApp)
}
