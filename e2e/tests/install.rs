//! The chart runs the operator's image, as it does for people: everywhere else the operator
//! is a process beside the cluster.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, OPERATOR_IMAGE, archives, operator_image, tell};
use local_cluster::{LocalCluster, Node, Options};

const NAMESPACE: &str = "gravity-system";
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/gravity");
const LIMIT: Duration = Duration::from_secs(90);

#[tokio::test]
async fn the_chart_runs_the_image_and_a_second_replica_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut images = archives(&["busybox"]);
    images.push(operator_image(folder.path()));
    let options = Options {
        node: Node::Real { images },
        ..Options::default()
    };
    let cluster = LocalCluster::start(options).await;
    let cluster = cluster.unwrap_or_else(|error| panic!("{error}"));
    let kubectl = |namespace| {
        let program = cluster.kubectl().unwrap();
        Kubectl::new(&program, cluster.environment(), namespace)
    };
    let (system, site) = (kubectl(NAMESPACE), kubectl("site"));
    // Its own pods are no exception from what it asks of all others.
    system.answer(&["create", "namespace", NAMESPACE], "");
    let level = "pod-security.kubernetes.io/enforce=restricted";
    system.answer(&["label", "namespace", NAMESPACE, level], "");
    let started = Instant::now();
    install(&cluster);
    tell("two replicas of the chart ready", started);

    site.answer(&["create", "namespace", "site"], "");
    site.answer(&["apply", "--filename=-"], &Bed::app("page.yaml"));
    site.wait(LIMIT, &READY);
    let service = format!("/api/v1/namespaces/{NAMESPACE}/services");
    let metrics = format!("{service}/gravity-metrics:metrics/proxy/metrics");
    let metrics = system.answer(&["get", "--raw", &metrics], "");
    assert!(metrics.contains("# TYPE gravity_leader gauge"), "{metrics}");

    let leader = leader(&system);
    system.answer(&["delete", "pod", &leader], "");
    let changed = r#"{"spec": {"services": [{"name": "page", "replicas": 2}]}}"#;
    site.answer(
        &["patch", "gapp", "site", "--type=merge", "--patch", changed],
        "",
    );
    let started = Instant::now();
    site.wait(
        LIMIT,
        &[
            "wait",
            "deployment/page",
            "--for=jsonpath={.status.readyReplicas}=2",
            "--timeout=1s",
        ],
    );
    tell("a change done after the leader was lost", started);
    assert_ne!(self::leader(&system), leader);

    site.answer(&["delete", "gapp", "site", "--timeout=60s"], "");
    // Without the pods, which may take their whole grace.
    let left = ["get", "deployments,services", "--output=name"];
    assert_eq!(site.answer(&left, ""), "");
    cluster.stop().await;
}

const READY: [&str; 4] = ["wait", "gapp/site", "--for=condition=Ready", "--timeout=1s"];

fn install(cluster: &LocalCluster) {
    let [repository, tag] = OPERATOR_IMAGE;
    let output = Command::new(cluster.helm().unwrap())
        .args(["install", "gravity", CHART, "--namespace", NAMESPACE])
        .args(["--set", "replicas=2,image.pullPolicy=Never"])
        .args([
            "--set",
            &format!("image.repository={repository},image.tag={tag}"),
        ])
        .args(["--wait", "--timeout=90s"])
        .env("KUBECONFIG", cluster.kubeconfig())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

/// The pod that holds the Lease; its identity begins with the pod's name.
fn leader(system: &Kubectl) -> String {
    let lease = system.get("lease", "gravity");
    let holder = lease["spec"]["holderIdentity"].as_str().unwrap().to_owned();
    let pods = system.answer(&["get", "pods", "--output=name"], "");
    let pods = pods.lines().filter_map(|line| line.strip_prefix("pod/"));
    let mut holders = pods.filter(|pod| holder.starts_with(*pod));
    holders.next().unwrap_or(&holder).to_owned()
}
