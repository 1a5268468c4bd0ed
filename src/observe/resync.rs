//! A watch that lists anew now and then, as informers do: whatever was lost on the way is
//! noticed by it.

use std::fmt::Debug;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use kube::Api;
use kube::runtime::{WatchStreamExt, watcher};
use serde::de::DeserializeOwned;

/// The events of a watch without an end. After each `resync` it begins anew, with a list of
/// all that is there.
pub fn resynced<K>(
    api: Api<K>,
    config: watcher::Config,
    resync: Duration,
) -> impl Stream<Item = watcher::Result<watcher::Event<K>>> + Send
where
    K: kube::Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let watch = move || {
        let events = watcher(api.clone(), config.clone()).default_backoff();
        events.take_until(tokio::time::sleep(resync))
    };
    stream::repeat_with(watch).flatten()
}
