//! What a service's variables are taken from: Secrets and ConfigMaps that somebody else makes.
//! Pods wait until all of it is there, and roll when a value that they use changes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::external_secret;
use super::graph::{Held, Node, NodeId, NodeKind};
use super::ownership::Ownership;
use super::wanted::Wanted;
use super::{Contents, Facts, Named, meta};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::api::service::EnvFrom;
use crate::validate::{Key, ValueSource, nearest};

/// It is there as soon as it was read; what is missing is told at once.
const AT_ONCE: Duration = Duration::from_secs(60);

/// One use of an object.
#[derive(Debug)]
struct Use {
    /// What is made of it: a variable, or the field that takes all of it.
    what: String,
    /// The key; all of them when absent.
    key: Option<String>,
    /// Absent is fine.
    optional: bool,
    /// Who writes the object, where that is no person.
    operator: bool,
}

/// What the service uses of the objects that others make.
#[derive(Debug, Default)]
pub(super) struct Values {
    uses: Vec<(ObjectKey, Use)>,
}

impl Values {
    /// What the service uses. Its own login is none of it: its credentials have a node of
    /// their own, and an annotation.
    pub fn of(wanted: &Wanted, ownership: &Ownership) -> Self {
        let mut uses = stated(wanted);
        uses.extend(whole(wanted));
        uses.retain(|(key, _)| key.kind != Kind::Secret || !ownership.is_planned(&key.name));
        Self { uses }
    }

    /// The objects.
    pub fn objects(&self) -> BTreeSet<ObjectKey> {
        self.uses.iter().map(|(key, _)| key.clone()).collect()
    }

    /// The node that is ready when all is there; `None` where nothing is used.
    pub fn node(&self, wanted: &Wanted) -> Option<Node> {
        (!self.uses.is_empty()).then(|| Node {
            id: id(wanted),
            service: Some(wanted.name().to_owned()),
            version: None,
            needs: self.operator(wanted),
            objects: Vec::new(),
            deadline: AT_ONCE,
        })
    }

    /// What writes of it what no person does.
    fn operator(&self, wanted: &Wanted) -> BTreeSet<NodeId> {
        let remote = self.uses.iter().any(|(_, of)| of.operator);
        remote
            .then(|| external_secret::id(wanted))
            .into_iter()
            .collect()
    }

    /// What is missing; the first of it.
    pub fn held(&self, facts: &Facts) -> Option<Held> {
        self.uses
            .iter()
            .find_map(|(object, of)| missing(object, of, facts.named.get(object)))
    }

    /// Changes when a value does that is used. `None` while nothing of it is there.
    pub fn digest(&self, facts: &Facts) -> Option<String> {
        let words = |(object, of): &(ObjectKey, Use)| {
            let Named::There(contents) = facts.named.get(object)? else {
                return None;
            };
            let keys = used(contents, of);
            (!keys.is_empty()).then(|| (object.to_string(), keys))
        };
        let words: BTreeSet<_> = self.uses.iter().filter_map(words).collect();
        (!words.is_empty()).then(|| names::digest8(meta::value(&words).to_string().as_bytes()))
    }
}

/// The id of the node.
pub(super) fn id(wanted: &Wanted) -> NodeId {
    NodeId::new(NodeKind::Values, wanted.name())
}

/// The variables of which each is one value.
fn stated(wanted: &Wanted) -> Vec<(ObjectKey, Use)> {
    let of_key = |variable: &str, kind, key: &Key| {
        let object = meta::key(wanted.app, kind, &key.name);
        (object, Use::of_key(variable, &key.key, key.optional))
    };
    let sources = wanted.settings.sources();
    sources
        .map(|(variable, source)| match source {
            ValueSource::Secret(key) => of_key(variable, Kind::Secret, key),
            ValueSource::ConfigMap(key) => of_key(variable, Kind::ConfigMap, key),
            ValueSource::Remote(_) => {
                let of = Use {
                    operator: true,
                    ..Use::of_key(variable, variable, false)
                };
                (external_secret::target(wanted), of)
            }
        })
        .collect()
}

/// Objects of which each key is a variable.
fn whole(wanted: &Wanted) -> Vec<(ObjectKey, Use)> {
    let all = wanted.service.env_from.iter();
    let object = |from: &EnvFrom| {
        let secret = from.secret.as_ref().map(|name| (Kind::Secret, name));
        let map = from.config_map.as_ref().map(|name| (Kind::ConfigMap, name));
        let (kind, name) = secret.or(map)?;
        let of = Use {
            what: "envFrom".to_owned(),
            key: None,
            optional: from.optional == Some(true),
            operator: false,
        };
        Some((meta::key(wanted.app, kind, name), of))
    };
    all.filter_map(object).collect()
}

impl Use {
    fn of_key(variable: &str, key: &str, optional: bool) -> Self {
        Self {
            what: variable.to_owned(),
            key: Some(key.to_owned()),
            optional,
            operator: false,
        }
    }
}

/// The words of the keys that are used.
fn used<'a>(contents: &'a Contents, of: &Use) -> BTreeMap<&'a String, &'a String> {
    let is_used = |key: &String| of.key.as_ref().is_none_or(|used| used == key);
    let keys = contents.keys.iter();
    keys.filter(|(key, _)| is_used(key)).collect()
}

/// Why the pods must wait for the object.
fn missing(object: &ObjectKey, of: &Use, found: Option<&Named>) -> Option<Held> {
    let waits = |message: String| {
        Some(Held {
            reason: None,
            message,
        })
    };
    let absent = match found {
        None => return waits(format!("{object} is being read")),
        Some(Named::Missing) => "which is not there",
        Some(Named::There(contents)) => match &of.key {
            Some(key) if !contents.keys.contains_key(key) => "which has no such key",
            _ => return None,
        },
    };
    if of.optional {
        return None;
    }
    if of.operator {
        let variable = &of.what;
        return waits(format!(
            "the External Secrets Operator has not written {variable} into {object} yet"
        ));
    }
    Some(Held {
        reason: Some(Reason::ValueMissing),
        message: format!("{}, {absent}: {}", taken(object, of), way_out(of, found)),
    })
}

/// What is taken from where.
fn taken(object: &ObjectKey, of: &Use) -> String {
    match &of.key {
        Some(key) => format!("{} is the key {key} of {object}", of.what),
        None => format!("{} takes all keys of {object}", of.what),
    }
}

/// What to do: keys are known by their names, and nothing else of the object is told.
fn way_out(of: &Use, found: Option<&Named>) -> String {
    const OR: &str = "or set optional: true where the service can do without";
    let (Some(key), Some(Named::There(contents))) = (&of.key, found) else {
        let with = of.key.as_ref().map(|key| format!(" with the key {key}"));
        return format!("make it{}, {OR}", with.unwrap_or_default());
    };
    match nearest(key, contents.keys.keys().map(String::as_str)) {
        Some(near) => format!("add it, or write {near} if that was meant, {OR}"),
        None => format!("add it, {OR}"),
    }
}
