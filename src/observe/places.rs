//! Which host and path is whose, over all apps: as the routes say that are live.
//!
//! Of two that want one place, who has had a route there for longer has it, as Gateway API
//! decides it, too ("Conflicts"). What a route says of its places is an annotation of it, so a
//! restart finds the same.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;

use super::{AppKey, Live};
use crate::api::objects::ObjectKey;

/// A live route: since when it is there, and which it is.
type Route = (Option<Timestamp>, ObjectKey);

/// Which place is whose.
#[derive(Default)]
pub(super) struct Places {
    /// By place, the live routes there, the oldest first.
    held: BTreeMap<String, BTreeMap<Route, Holder>>,
    /// The places of each live route.
    of: BTreeMap<ObjectKey, (Route, Vec<String>)>,
    /// The places that each app asked about: it is woken when one of them changes.
    asked: BTreeMap<AppKey, BTreeSet<String>>,
}

/// Who has a place.
struct Holder {
    app: AppKey,
    service: String,
}

impl Places {
    /// Takes what a watch shows of an object; the apps that it matters to come back.
    pub fn show(&mut self, app: &AppKey, live: &Live) -> Vec<AppKey> {
        let known = self.of.get(&live.key).map(|(_, places)| places.as_slice());
        if known.unwrap_or_default() == live.places.as_slice() {
            return Vec::new();
        }
        let mut woken = self.gone(&live.key);
        let route = (live.created, live.key.clone());
        let service = live.node.as_deref().and_then(|node| node.split_once('/'));
        for place in &live.places {
            let holder = Holder {
                app: app.clone(),
                service: service.map_or("", |(_, name)| name).to_owned(),
            };
            let held = self.held.entry(place.clone()).or_default();
            held.insert(route.clone(), holder);
            woken.extend(self.who_asked(place));
        }
        if !live.places.is_empty() {
            let places = (route, live.places.clone());
            self.of.insert(live.key.clone(), places);
        }
        woken.retain(|other| other != app);
        woken
    }

    /// Takes note that an object is gone; the apps that it matters to come back.
    pub fn gone(&mut self, key: &ObjectKey) -> Vec<AppKey> {
        let Some((route, places)) = self.of.remove(key) else {
            return Vec::new();
        };
        let mut woken = Vec::new();
        for place in places {
            if let Some(held) = self.held.get_mut(&place) {
                held.remove(&route);
                if held.is_empty() {
                    self.held.remove(&place);
                }
            }
            woken.extend(self.who_asked(&place));
        }
        woken
    }

    /// Those of the places that are another app's, with who has them.
    pub fn taken(&mut self, app: &AppKey, places: &BTreeSet<String>) -> BTreeMap<String, String> {
        if self.asked.get(app) != Some(places) {
            self.asked.insert(app.clone(), places.clone());
        }
        let other = |place: &String| {
            let holder = self.held.get(place)?.values().next()?;
            let Holder {
                app: AppKey { namespace, name },
                service,
            } = holder;
            (holder.app != *app).then(|| format!("{service} of the app {namespace}/{name}"))
        };
        let taken = places
            .iter()
            .filter_map(|place| Some((place.clone(), other(place)?)));
        taken.collect()
    }

    /// The app is gone, and asks about nothing.
    pub fn forget(&mut self, app: &AppKey) {
        self.asked.remove(app);
    }

    fn who_asked(&self, place: &str) -> Vec<AppKey> {
        let asked = self
            .asked
            .iter()
            .filter(|(_, places)| places.contains(place));
        asked.map(|(app, _)| app.clone()).collect()
    }
}
