//! A snapshot of one app from lists instead of watches: for a command that looks once.

use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;
use kube::api::DynamicObject;

use super::watches::app as home;
use super::{AppKey, Live, Observed, PodFacts};
use crate::api::objects::Kind;

impl Observed {
    /// What is known of an app from lists of all kinds; objects of other apps are passed over.
    pub fn listed(
        app: &AppKey,
        objects: impl IntoIterator<Item = (Kind, DynamicObject)>,
        missing_kinds: Vec<Kind>,
        now: Timestamp,
    ) -> Self {
        let mut observed = Self {
            missing_kinds,
            ..Self::nothing(now)
        };
        let live = &mut observed.live;
        let (pods, users) = (&mut observed.pods, &mut observed.users);
        for (kind, object) in objects {
            if home(&object).as_ref() != Some(app) {
                continue;
            }
            if kind == Kind::Pod {
                let name = object.metadata.name.clone().unwrap_or_default();
                let Some(pod) = PodFacts::new(&object) else {
                    continue;
                };
                users.extend(pod.uses.clone().map(|uses| (name.clone(), uses)));
                observed.running |= pod.runs;
                observed.serving |= pod.serves;
                observed.leaving |= pod.leaving;
                if pod.trouble.is_some() {
                    pods.insert(name, pod);
                }
            } else if let Some(object) = Live::new(kind, object) {
                live.insert(object.key.clone(), Arc::new(object));
            }
        }
        observed
    }
}
