//! The oracle: a client that holds the finished plan, and sends each node the instant its
//! own watches show that what the node needs is ready. Nobody who keeps the order can be
//! faster, so what the operator takes longer is what it costs.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, pin_mut};
use gravity::api::names::{FIELD_MANAGER, REPLICAS_MANAGER};
use gravity::api::objects::{Kind, ObjectKey};
use gravity::observe::{Health, Live, api, label};
use gravity::plan::NodeId;
use kube::Client;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::runtime::watcher;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::Error;
use crate::bed::{NAMESPACE, replicas_patch, within};
use crate::platform::{Objects, Sent};

/// The kinds whose objects are not ready by being there.
const WATCHED: [Kind; 3] = [Kind::Deployment, Kind::StatefulSet, Kind::Job];

/// What the oracle hears.
enum News {
    /// A watch shows an object.
    Seen(Box<Live>),
    /// A watch has shown its first list.
    Listed,
    /// An object was sent, and stands in this resource version.
    Answered(ObjectKey, u64),
    /// An object was refused.
    Refused(Error),
}

/// Brings the plan up and returns when every node is ready.
pub async fn bring_up(client: &Client, objects: &Objects) -> Result<(), Error> {
    let (news, mut heard) = unbounded_channel();
    let mut watches = JoinSet::new();
    for kind in WATCHED {
        watches.spawn(watch(client.clone(), kind, news.clone()));
    }
    within("the oracle's watches", listed(&mut heard)).await?;
    let mut oracle = Oracle::new(client, objects, news);
    within("the oracle's last node", oracle.run(&mut heard)).await?
}

async fn watch(client: Client, kind: Kind, news: UnboundedSender<News>) {
    let config = watcher::Config::default().labels(&label());
    let events = watcher(api(&client, kind, Some(NAMESPACE)), config);
    pin_mut!(events);
    while let Some(event) = events.next().await {
        let told = match event {
            Ok(watcher::Event::Apply(object)) => {
                Live::new(kind, object).map(|live| News::Seen(Box::new(live)))
            }
            Ok(watcher::Event::InitDone) => Some(News::Listed),
            _ => None,
        };
        // Nobody listens any more once all is ready.
        let _ = told.map(|told| news.send(told));
    }
}

async fn listed(heard: &mut UnboundedReceiver<News>) {
    let mut left = WATCHED.len();
    while left > 0 {
        if matches!(heard.recv().await, Some(News::Listed)) {
            left -= 1;
        }
    }
}

/// What is left to do.
struct Oracle {
    client: Client,
    news: UnboundedSender<News>,
    /// The objects of the nodes that were not sent yet.
    unsent: BTreeMap<NodeId, Vec<Sent>>,
    /// What each of those still waits for.
    waits: BTreeMap<NodeId, BTreeSet<NodeId>>,
    /// The objects that are not ready, of all nodes.
    unready: BTreeMap<NodeId, BTreeSet<ObjectKey>>,
    homes: BTreeMap<ObjectKey, NodeId>,
    answered: BTreeMap<ObjectKey, u64>,
    seen: BTreeMap<ObjectKey, Live>,
}

impl Oracle {
    fn new(client: &Client, objects: &Objects, news: UnboundedSender<News>) -> Self {
        let plan = &objects.plan;
        let nodes = || plan.nodes.values();
        let keys = |node: &gravity::plan::Node| {
            node.objects
                .iter()
                .map(|object| object.key.clone())
                .collect::<BTreeSet<_>>()
        };
        // A need that is no node is no need, as the schedule has it.
        let needs = |node: &gravity::plan::Node| {
            let known = node
                .needs
                .iter()
                .filter(|need| plan.nodes.contains_key(*need));
            known.cloned().collect::<BTreeSet<_>>()
        };
        let homes =
            nodes().flat_map(|node| keys(node).into_iter().map(|key| (key, node.id.clone())));
        Self {
            client: client.clone(),
            news,
            unsent: objects.sent.iter().cloned().collect(),
            waits: nodes().map(|node| (node.id.clone(), needs(node))).collect(),
            unready: nodes().map(|node| (node.id.clone(), keys(node))).collect(),
            homes: homes.collect(),
            answered: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    async fn run(&mut self, heard: &mut UnboundedReceiver<News>) -> Result<(), Error> {
        self.send_free();
        while !self.unready.is_empty() {
            let key = match heard.recv().await {
                Some(News::Seen(live)) => {
                    let key = live.key.clone();
                    self.seen.insert(key.clone(), *live);
                    key
                }
                Some(News::Answered(key, version)) => {
                    self.answered.insert(key.clone(), version);
                    key
                }
                Some(News::Refused(error)) => return Err(error),
                Some(News::Listed) | None => continue,
            };
            self.take(&key);
        }
        Ok(())
    }

    /// Something is known anew of the object: its node may be ready, and others free.
    fn take(&mut self, key: &ObjectKey) {
        let (true, Some(node)) = (self.is_ready(key), self.homes.get(key).cloned()) else {
            return;
        };
        let Some(left) = self.unready.get_mut(&node) else {
            return;
        };
        left.remove(key);
        if left.is_empty() {
            self.unready.remove(&node);
            for needs in self.waits.values_mut() {
                needs.remove(&node);
            }
            self.send_free();
        }
    }

    fn is_ready(&self, key: &ObjectKey) -> bool {
        let Some(version) = self.answered.get(key) else {
            return false;
        };
        let shown = |live: &Live| live.resource_version >= *version && live.health == Health::Ready;
        !WATCHED.contains(&key.kind) || self.seen.get(key).is_some_and(shown)
    }

    fn send_free(&mut self) {
        let free = |(id, needs): (&NodeId, &BTreeSet<NodeId>)| needs.is_empty().then(|| id.clone());
        let free: Vec<NodeId> = self.waits.iter().filter_map(free).collect();
        for id in free {
            self.waits.remove(&id);
            for object in self.unsent.remove(&id).unwrap_or_default() {
                tokio::spawn(answer(self.client.clone(), object, self.news.clone()));
            }
        }
    }
}

async fn answer(client: Client, object: Sent, news: UnboundedSender<News>) {
    let told = match send(&client, &object).await {
        Ok(version) => News::Answered(object.key, version),
        Err(error) => News::Refused(error.into()),
    };
    let _ = news.send(told);
}

/// Sends an object as the operator does: the replicas that an autoscaler will own are
/// stated by a manager of their own.
pub async fn send(client: &Client, object: &Sent) -> Result<u64, kube::Error> {
    let api = api(client, object.key.kind, Some(NAMESPACE));
    let params = PatchParams::apply(FIELD_MANAGER).force();
    let mut answer = api
        .patch(&object.key.name, &params, &Patch::Apply(&object.body))
        .await?;
    if let Some(number) = object.replicas {
        let params = PatchParams::apply(REPLICAS_MANAGER).force();
        let body = replicas_patch(object, number);
        answer = api
            .patch(&object.key.name, &params, &Patch::Apply(&body))
            .await?;
    }
    Ok(version(&answer))
}

fn version(object: &DynamicObject) -> u64 {
    let text = object
        .metadata
        .resource_version
        .as_deref()
        .unwrap_or_default();
    text.parse().unwrap_or_default()
}
