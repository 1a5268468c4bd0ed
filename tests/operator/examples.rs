//! Every example comes to Ready on the simulated node, and is then left alone.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures::future::join_all;

use crate::support::Space;

/// One after the other, for the machine's sake; what is at rest is watched together.
#[tokio::test]
async fn every_example_comes_to_ready_and_rests() {
    let mut spaces = Vec::new();
    for example in ["hello", "shop", "saas", "bank", "platform-14", "platform"] {
        let space = Space::new(&format!("example-{example}")).await;
        space.documents(&objects(example)).await;
        let apps = space.names("GravityApp").await;
        assert_eq!(apps.len(), 1, "{example} is one app");
        space.ready(&apps[0]).await;
        spaces.push(space);
    }
    join_all(
        spaces
            .iter()
            .map(|space| space.is_quiet_for(Duration::from_secs(10))),
    )
    .await;
}

fn objects(example: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/as-objects");
    let output = Command::new(script).arg(example).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
