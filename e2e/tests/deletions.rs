//! Deletions in every order, of pods and claims that are real: each ends within a minute, and
//! an app that comes back finds the data that nobody asked to delete.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, tell};
use serde_json::{Value, json};

/// Six apps start at once, on a machine of two cores.
const START: Duration = Duration::from_secs(240);

/// Within this a deletion ends.
const END: Duration = Duration::from_secs(60);

const READY: [&str; 4] = [
    "wait",
    "gravityapp/pad",
    "--for=condition=Ready",
    "--timeout=1s",
];

/// Whether the operator sees a deletion when it is asked for, or comes later.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Runs,
    ComesLate,
}

/// What is deleted, one after the other.
struct Order {
    namespace: &'static str,
    deleted: &'static [&'static str],
    operator: Operator,
}

const ORDERS: [Order; 6] = [
    Order {
        namespace: "services-first",
        deleted: &["gravityservices --all", "gravityapp pad"],
        operator: Operator::Runs,
    },
    Order {
        namespace: "server-first",
        deleted: &["statefulset --all", "gravityapp pad"],
        operator: Operator::Runs,
    },
    Order {
        namespace: "all-at-once",
        deleted: &["gravityapps,gravityservices,deployments,statefulsets,jobs,services --all"],
        operator: Operator::Runs,
    },
    Order {
        namespace: "whole-namespace",
        deleted: &["namespace whole-namespace"],
        operator: Operator::Runs,
    },
    Order {
        namespace: "late-operator",
        deleted: &["gravityapp pad"],
        operator: Operator::ComesLate,
    },
    Order {
        namespace: "late-in-a-namespace",
        deleted: &["namespace late-in-a-namespace"],
        operator: Operator::ComesLate,
    },
];

impl Order {
    fn ask(&self, kubectl: &Kubectl) {
        for deleted in self.deleted {
            let words: Vec<&str> = deleted.split(' ').collect();
            kubectl.answer(&[&["delete", "--wait=false"], &words[..]].concat(), "");
        }
    }

    fn ends(&self, kubectl: &Kubectl) {
        let gone: &[&str] = if self.takes_the_namespace() {
            &["namespace", self.namespace]
        } else {
            &["gravityapps,pods", "--all"]
        };
        let gone = [&["wait", "--for=delete", "--timeout=1s"], gone].concat();
        kubectl.wait(END, &gone);
    }

    fn takes_the_namespace(&self) -> bool {
        self.deleted[0].starts_with("namespace ")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_of_deletion_ends_within_a_minute_and_keeps_the_data() {
    let mut bed = Bed::start().await;
    let spaces = ORDERS.map(|order| (bed.namespace(order.namespace), order));
    let started = Instant::now();
    for (kubectl, _) in &spaces {
        apply(kubectl);
    }
    for (kubectl, order) in &spaces {
        kubectl.wait(START, &READY);
        let body = json!({"id": order.namespace});
        let way = bed.way(kubectl);
        let written = way.send("POST", "notes", "/writes", &body);
        assert_eq!(written.unwrap().status, 201);
    }
    tell("six apps, each with a database of its own", started);

    for operator in [Operator::Runs, Operator::ComesLate] {
        let of_it = || {
            spaces
                .iter()
                .filter(|(_, order)| order.operator == operator)
        };
        if operator == Operator::ComesLate {
            bed.operator().stop().await.unwrap();
        }
        of_it().for_each(|(kubectl, order)| order.ask(kubectl));
        let started = Instant::now();
        if operator == Operator::ComesLate {
            bed.operator().restart().await.unwrap();
        }
        of_it().for_each(|(kubectl, order)| order.ends(kubectl));
        assert!(started.elapsed() < END, "{:?}", started.elapsed());
        tell("deleted", started);
    }

    let started = Instant::now();
    let kept = || {
        let all = spaces.iter();
        all.filter(|(_, order)| !order.takes_the_namespace())
    };
    kept().for_each(|(kubectl, _)| apply(kubectl));
    for (kubectl, order) in kept() {
        kubectl.wait(START, &READY);
        let has = |found: &Value| found.to_string().contains(order.namespace);
        bed.way(kubectl).wait(START, "notes", "/writes", has);
    }
    tell("back, with what was written", started);
    bed.stop().await;
}

/// A service that writes to PostgreSQL, without the pooler.
fn apply(kubectl: &Kubectl) {
    let app = Bed::app("pooled.yaml");
    let lines = app.lines().filter(|line| !line.contains(" pooler: "));
    let app: Vec<&str> = lines.collect();
    kubectl.answer(&["apply", "--filename=-"], &app.join("\n"));
}
