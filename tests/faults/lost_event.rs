//! An event that never arrives: what it would have told is noticed by the next list.

use local_cluster::Options;

use crate::proxy::Proxy;
use crate::support::{Space, Suite};

const ONE: &str = "name: api\nversion: 1.0.0\nimage: api:1\n";

/// Somebody deletes a Deployment, and the watch says nothing of it. Nothing else tells the
/// operator: it would take the Deployment for there for as long as the watch lasts.
#[tokio::test]
async fn a_deletion_whose_event_was_lost_is_noticed_by_the_next_list() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "lost-event").await;
    let proxy = Proxy::start(&suite.cluster.config().await.unwrap()).await;
    let mut installed = suite.operator.lock().await;
    installed.stop().await.unwrap();
    let kubeconfig = tempfile::NamedTempFile::new().unwrap();
    proxy.lead(installed.kubeconfig(), kubeconfig.path());
    let arguments = ["--leader-elect=false".into(), "--resync-period=20s".into()];
    let beside = installed.start_beside("behind-a-proxy", kubeconfig.path().into(), &arguments);
    let mut operator = beside.unwrap();
    operator.ready().await.unwrap();
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
