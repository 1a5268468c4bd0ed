//! Events on Kafka: what was acknowledged stays, and a service reaches its own topics only.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, kill_containers, tell};

const LIMIT: Duration = Duration::from_secs(240);

const READY: [&str; 4] = [
    "wait",
    "gravityapp/bus",
    "--for=condition=Ready",
    "--timeout=1s",
];

const SERVER: &str = "bus-kafka-4-0";

/// The Secrets of the service that publishes entries, and of the one that takes them.
const LEDGER: &str = "ledger-facts";
const AUDIT: &str = "audit-facts";

/// With letters of more than one byte.
const VALUE: &str = "an entry – ✓";

/// What Kafka's own clients need to log in, and to be small beside their server.
const CLIENT: &str = r#"
export HOME=/tmp LOG_DIR=/tmp/logs KAFKA_HEAP_OPTS=-Xmx64m KAFKA_JVM_PERFORMANCE_OPTS='-XX:+UseSerialGC -XX:TieredStopAtLevel=1'
settings=$(mktemp)
cat > "$settings" <<END
security.protocol=SASL_PLAINTEXT
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="$USERNAME" password="$PASSWORD";
END
"#;

/// Succeeds when all replicas have it.
const WRITE: &str = r#"/opt/kafka/bin/kafka-console-producer.sh --bootstrap-server "$HOST:9092" --producer.config "$settings" --topic "$TOPIC" --producer-property acks=all --sync <<< "$VALUE""#;

/// Prints the first that was ever written, to a group that has not read anything yet.
const READ: &str = r#"/opt/kafka/bin/kafka-console-consumer.sh --bootstrap-server "$HOST:9092" --consumer.config "$settings" --topic "$TOPIC" --group "${USERNAME%-facts_*}.$RANDOM$RANDOM" --from-beginning --max-messages 1 --timeout-ms 30000"#;

/// Says whether it is let in.
const LOG_IN: &str = r#"/opt/kafka/bin/kafka-topics.sh --bootstrap-server "$HOST:9092" --command-config "$settings" --list"#;

/// A service's login, as variables of a shell.
fn login(kubectl: &Kubectl, secret: &str) -> String {
    let variable = |key: &str| {
        let value = kubectl.secret(secret, key);
        format!("export {}='{value}'\n", key.to_uppercase())
    };
    ["host", "username", "password"].map(variable).concat()
}

/// Runs a script in the server's pod, by the address that services have.
fn run(kubectl: &Kubectl, login: &str, topic: &str, script: &str) -> Result<String, String> {
    let text = format!("{login}TOPIC={topic}\nVALUE='{VALUE}'\n{CLIENT}{script}\n");
    let exec = ["exec", "--stdin", SERVER, "--", "bash", "-eu", "-s"];
    let told = kubectl.try_answer(&exec, &text)?;
    Ok(told.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broker_has_acknowledged_outlives_it() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("bus");
    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &Bed::app("stream.yaml"));
    kubectl.wait(LIMIT, &READY);
    tell("Kafka, provisioned, and its two services", started);

    let started = Instant::now();
    run(&kubectl, &login(&kubectl, LEDGER), "bus.entries", WRITE).unwrap();
    it_is_there(&kubectl);
    walls_hold(&kubectl);
    tell("written, read, and refused to others", started);

    let started = Instant::now();
    let old = login(&kubectl, AUDIT);
    let ask = "gravity.dev/rotate-credentials=1";
    kubectl.answer(&["annotate", "secret", AUDIT, ask], "");
    if bed.own_cluster().is_some() {
        let pod = kubectl.get("pod", SERVER);
        kill_containers(pod["metadata"]["uid"].as_str().unwrap());
        it_is_there(&kubectl);
        tell("the broker killed and back", started);
    }
    login_is_replaced(&kubectl, &old);
    tell("a login replaced at the same time", started);

    let started = Instant::now();
    kubectl.answer(&["delete", "pod", SERVER], "");
    it_is_there(&kubectl);
    tell("its pod deleted and back", started);

    let started = Instant::now();
    kubectl.answer(&["delete", "gravityapp", "bus", "--timeout=60s"], "");
    let gone = ["wait", "pods", "--all", "--for=delete", "--timeout=1s"];
    kubectl.wait(LIMIT, &gone);
    tell("the app deleted", started);

    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &Bed::app("stream.yaml"));
    kubectl.wait(LIMIT, &READY);
    it_is_there(&kubectl);
    tell("the app once more, with what was written", started);
    bed.stop().await;
}

/// Waits until the subscriber reads what the publisher wrote.
fn it_is_there(kubectl: &Kubectl) {
    let started = Instant::now();
    loop {
        let read = run(kubectl, &login(kubectl, AUDIT), "bus.entries", READ);
        if read.as_deref() == Ok(VALUE) {
            return;
        }
        assert!(started.elapsed() < LIMIT, "{read:?}\n{}", kubectl.story());
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Who takes may not send, who sends may not take, and neither reaches the other's topics.
/// Kafka's clients do not fail when that is so: they say it.
fn walls_hold(kubectl: &Kubectl) {
    let (ledger, audit) = (login(kubectl, LEDGER), login(kubectl, AUDIT));
    for (login, topic, script) in [
        (&audit, "bus.entries", WRITE),
        (&ledger, "bus.entries", READ),
        (&ledger, "bus.findings", READ),
        (&ledger, "bus.findings", WRITE),
    ] {
        let told = run(kubectl, login, topic, &format!("{script} 2>&1 || true")).unwrap();
        let refused = format!("Not authorized to access topics: [{topic}]");
        assert!(told.contains(&refused), "{told}");
    }
}

/// By the new login all is there, and by the old one nobody comes in.
fn login_is_replaced(kubectl: &Kubectl, old: &str) {
    let started = Instant::now();
    let left = "--output=jsonpath={.metadata.annotations.gravity\\.dev/rotated}:{.metadata.annotations.gravity\\.dev/next-credential-id}{.metadata.annotations.gravity\\.dev/previous-credential-id}";
    let is_done = || {
        let told = kubectl.answer(&["get", "secret", AUDIT, left], "");
        told.len() > 1 && told.ends_with(':')
    };
    while !is_done() {
        assert!(started.elapsed() < LIMIT, "{}", kubectl.story());
        std::thread::sleep(Duration::from_millis(500));
    }
    kubectl.wait(LIMIT, &READY);
    it_is_there(kubectl);
    assert_ne!(old, login(kubectl, AUDIT));
    let read = run(kubectl, old, "bus.entries", LOG_IN);
    assert!(read.is_err_and(|told| told.contains("invalid credentials")));
}
