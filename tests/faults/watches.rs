//! Events that come late, or never: no write is repeated for want of the first, and what the
//! others would have told is noticed by the next list.

use std::sync::Arc;
use std::time::Duration;

use local_cluster::{Operator, Options};
use tempfile::NamedTempFile;

use crate::proxy::Proxy;
use crate::support::{Space, Suite};

const ONE: &str = "name: api\nversion: 1.0.0\nimage: api:1\n";

/// An operator that is led through the proxy, instead of the one that is installed.
async fn behind(
    proxy: &Proxy,
    suite: &Arc<Suite>,
    arguments: &[String],
) -> (Operator, NamedTempFile) {
    let mut installed = suite.operator.lock().await;
    installed.stop().await.unwrap();
    let kubeconfig = NamedTempFile::new().unwrap();
    proxy.lead(installed.kubeconfig(), kubeconfig.path());
    let arguments = [&["--leader-elect=false".to_owned()], arguments].concat();
    let beside = installed.start_beside("behind-a-proxy", kubeconfig.path().into(), &arguments);
    let mut operator = beside.unwrap();
    operator.ready().await.unwrap();
    (operator, kubeconfig)
}

/// Somebody deletes a Deployment, and the watch says nothing of it. Nothing else tells the
/// operator: it would take the Deployment for there for as long as the watch lasts.
#[tokio::test]
async fn a_deletion_whose_event_was_lost_is_noticed_by_the_next_list() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "lost-event").await;
    let proxy = Proxy::start(&suite.cluster.config().await.unwrap()).await;
    let _operator = behind(&proxy, &suite, &["--resync-period=20s".into()]).await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;

    let before = space.get("Deployment", "api").await;
    proxy.lose("deployments", "DELETED");
    space.delete("Deployment", "api").await;
    space
        .until("the event is lost", async || proxy.has_lost())
        .await;
    space.until_there("Deployment", "api").await;
    let after = space.get("Deployment", "api").await;
    assert_ne!(before["metadata"]["uid"], after["metadata"]["uid"]);
    space.ready("app").await;
}

/// The operator writes an app's status, and the watch shows it the app as it was before that:
/// a finalizer that is worked out from such an app is refused, again and again.
#[tokio::test]
async fn a_watch_that_is_behind_costs_no_write() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "late-events").await;
    let proxy = Proxy::start(&suite.cluster.config().await.unwrap()).await;
    let _operator = behind(&proxy, &suite, &[]).await;
    proxy.delay("gravityapps", Duration::from_secs(2));
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;

    let writes = proxy.writes();
    let held = |write: &&crate::proxy::Write| write.what == "PATCH gravityapps/app";
    assert_eq!(writes.iter().filter(held).count(), 2, "{writes:#?}");
}
