//! `gravity status --watch`: each change, as it comes.

use std::collections::BTreeMap;
use std::pin::pin;

use futures::StreamExt;
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use tokio::time::{Duration, interval};

use super::{Arguments, Meant};
use crate::api::GravityApp;
use crate::cli::screen::Screen;
use crate::cli::{Error, output};

/// Shows the applications until Ctrl-C.
pub async fn watch(arguments: &Arguments) -> Result<(), Error> {
    let cluster = arguments.connection.connect().await?;
    let meant = Meant::new(arguments, &cluster);
    // What a watch would never tell, as that there is no such kind, a list does.
    if let (Some(name), Some(namespace)) = (&meant.name, &meant.namespace) {
        cluster.app(namespace, name).await?;
    } else {
        cluster.apps(meant.namespace.as_deref()).await?;
    }
    let api: Api<GravityApp> = match &meant.namespace {
        Some(namespace) => Api::namespaced(cluster.client.clone(), namespace),
        None => Api::all(cluster.client.clone()),
    };
    let config = match &meant.name {
        Some(name) => watcher::Config::default().fields(&format!("metadata.name={name}")),
        None => watcher::Config::default(),
    };
    let mut events = pin!(watcher(api, config).default_backoff());
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut second = interval(Duration::from_secs(1));
    let (mut apps, mut listed) = (BTreeMap::new(), BTreeMap::new());
    let mut screen = Screen::new(output::Format::Table);
    let key = |app: &GravityApp| (app.namespace(), app.name_any());
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(Ok(Event::Apply(app))) => drop(apps.insert(key(&app), app)),
                Some(Ok(Event::Delete(app))) => drop(apps.remove(&key(&app))),
                Some(Ok(Event::Init)) => listed.clear(),
                Some(Ok(Event::InitApply(app))) => drop(listed.insert(key(&app), app)),
                Some(Ok(Event::InitDone)) => apps = std::mem::take(&mut listed),
                Some(Err(_)) => {}
                None => return Ok(()),
            },
            // Ages go on though nothing else does.
            _ = second.tick() => {}
            _ = &mut interrupt => return screen.last(),
        }
        screen.show(apps.values());
    }
}
